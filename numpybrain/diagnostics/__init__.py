"""Checks of a run: values that are no finite numbers, and steps that are too large."""
