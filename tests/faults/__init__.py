"""Faults that users met: each with the right value, and its neighbours."""
