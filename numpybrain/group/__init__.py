"""Common base of neurons and synapses: named values as attributes, and stages."""
