"""Monitors and what they have recorded."""
