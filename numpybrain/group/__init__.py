"""What neurons and synapses have in common: named values as attributes, and stages."""
