"""The network that users make: the loop of the kernel, with checks, interrupts and progress."""
