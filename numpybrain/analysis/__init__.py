"""Statistics of spike trains and traces: functions of arrays, which know no network and no monitor.

Spikes are two arrays, the neuron `i` (0..n-1) and the time `t` in ms of each, in any order, and the
number n of neurons, as neurons without a spike count as well. Where it matters when the spikes were
observed, `start` and `stop` say it: in [start, stop). All spikes are handled at once. What is not
defined, such as the CV of a neuron that fired once, is NaN.
"""

from __future__ import annotations

from numpybrain.analysis.binned import fano, population_rate, rates, spike_counts
from numpybrain.analysis.correlations import correlation_matrix, cross_correlation
from numpybrain.analysis.f_i_curve import lif_rate, steady_rates
from numpybrain.analysis.intervals import cv, cv2, isi, latency, lv, trains
from numpybrain.analysis.phase_plane import FixedPoint, fixed_points, nullclines, vector_field
from numpybrain.analysis.smoothing import smooth
from numpybrain.analysis.spectra import ou_spectrum, spectrum
from numpybrain.analysis.spike_triggered import sta
from numpybrain.analysis.synchrony import chi, fluctuation, kappa

__all__ = [
    "FixedPoint",
    "chi",
    "correlation_matrix",
    "cross_correlation",
    "cv",
    "cv2",
    "fano",
    "fixed_points",
    "fluctuation",
    "isi",
    "kappa",
    "latency",
    "lif_rate",
    "lv",
    "nullclines",
    "ou_spectrum",
    "population_rate",
    "rates",
    "smooth",
    "spectrum",
    "spike_counts",
    "sta",
    "steady_rates",
    "trains",
    "vector_field",
]
