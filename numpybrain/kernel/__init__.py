"""The micro-kernel: neurons, synapses, monitors, and the loop that runs them. Knows no language."""
