"""Synapses between groups: structure, variables in their places, pathways, what is under way, sums."""
