"""Inputs: spike sources that are drawn or given, and take part in a network as neurons do."""

from __future__ import annotations

from numpybrain.inputs.correlated import MIP, CommonInput, cox
from numpybrain.inputs.poisson import Poisson
from numpybrain.inputs.pulse_packets import pulse_packets
from numpybrain.inputs.renewal import Gamma, Regular, Renewal
from numpybrain.inputs.spike_times import SpikeTimes, spike_trains

__all__ = [
    "MIP",
    "CommonInput",
    "Gamma",
    "Poisson",
    "Regular",
    "Renewal",
    "SpikeTimes",
    "cox",
    "pulse_packets",
    "spike_trains",
]
