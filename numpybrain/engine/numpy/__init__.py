"""The engine of NumPy: programs printed as Python, compiled in memory."""
