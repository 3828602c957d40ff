"""What is in a network, in the data structures of other packages; these are imported when asked for."""
