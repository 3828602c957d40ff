"""Inputs: spike sources that are drawn or given, and take part in a network as neurons do."""

from __future__ import annotations

from numpybrain.inputs.poisson import Poisson
from numpybrain.inputs.spike_times import SpikeTimes, spike_trains

__all__ = ["Poisson", "SpikeTimes", "spike_trains"]
