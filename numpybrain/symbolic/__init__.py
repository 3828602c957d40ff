"""From checked syntax trees to NumPy functions, through SymPy."""
