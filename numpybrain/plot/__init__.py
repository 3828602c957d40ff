"""Plots: rasters and traces of monitors, the connectivity of synapses. Matplotlib is imported late."""

from numpybrain.plot.figures import COLOURS, check_path, pretty_unit
from numpybrain.plot.monitors import monitor
from numpybrain.plot.synapse_maps import synapses

__all__ = ["COLOURS", "check_path", "monitor", "pretty_unit", "synapses"]
