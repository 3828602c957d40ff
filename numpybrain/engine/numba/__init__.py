"""The engine of numba: programs as loops over the elements, compiled in memory."""
