"""Reads and checks the language of equations: text to checked syntax trees. Knows no SymPy."""
