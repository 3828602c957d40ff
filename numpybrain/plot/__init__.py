"""Plots: figures of what is recorded, connected and computed. Matplotlib is imported late.

Every function takes `ax=`, axes of matplotlib to draw in, and returns the axes; without, it makes a new
figure. `title=` is that of the axes, on their left; `t=(from, to)` the part of the time, in ms if bare;
`unit=` the unit of the time axis; `colours=` those of what is drawn. `monitor.plot(path)` and
`synapses.plot(path)` make whole figures of the same, and write them to files.
"""

from numpybrain.plot.connections import matrix, weights
from numpybrain.plot.curves import f_i, phase_plane, spectrum, sta
from numpybrain.plot.diagrams import network, schedule
from numpybrain.plot.figures import COLOURS, STYLE, check_path, pretty_unit, style
from numpybrain.plot.monitors import monitor
from numpybrain.plot.spikes import isi, raster, rate
from numpybrain.plot.synapse_maps import synapses
from numpybrain.plot.variable_traces import traces

__all__ = [
    "COLOURS",
    "STYLE",
    "check_path",
    "f_i",
    "isi",
    "matrix",
    "monitor",
    "network",
    "phase_plane",
    "pretty_unit",
    "raster",
    "rate",
    "schedule",
    "spectrum",
    "sta",
    "style",
    "synapses",
    "traces",
    "weights",
]
