"""Currents, and other values that follow the time: steps, ramps, sines, pulses, chirps, noise and sums.

Each is given in place of a parameter, `nb.Neurons(3, "lif", I=nb.current.steps({20: "2 nA", 80: 0}))`, or
assigned to one, `cells.I = ...`; it holds for each time step. They need not be currents: the unit is that
of what they are made of.
"""

from __future__ import annotations

from numpybrain.current.course import Course
from numpybrain.current.ornstein_uhlenbeck import ou
from numpybrain.current.waveforms import chirp, pulses, ramp, sine, steps

__all__ = ["Course", "chirp", "ou", "pulses", "ramp", "sine", "steps"]
