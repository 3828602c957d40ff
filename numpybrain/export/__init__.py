"""What is in a network, in the data structures of other packages, which are imported when they are asked for."""
