"""Statistics of spike trains and traces: functions of arrays, which know no network and no monitor.

Spikes are two arrays, the neuron `i` (0..n-1) and the time `t` in ms of each, in any order, and the
number n of neurons, as neurons without a spike count as well. Where it matters when the spikes were
observed, `start` and `stop` say it: in [start, stop). All spikes are handled at once. What is not
defined, such as the CV of a neuron that fired once, is NaN.

What the equations of a model tell, `equilibria`, `bifurcation` and so on, is in `numpybrain.dynamics`;
these names are here too, and are loaded when they are first asked for.
"""

from __future__ import annotations

from typing import Any

from numpybrain.analysis.binned import fano, population_rate, rates, spike_counts
from numpybrain.analysis.correlations import correlation_matrix, cross_correlation
from numpybrain.analysis.f_i_curve import lif_rate, steady_rates
from numpybrain.analysis.intervals import cv, cv2, isi, latency, lv, trains
from numpybrain.analysis.smoothing import smooth
from numpybrain.analysis.spectra import ou_spectrum, spectrum
from numpybrain.analysis.spike_triggered import sta
from numpybrain.analysis.synchrony import chi, fluctuation, kappa
from numpybrain.analysis.vector_fields import FixedPoint, fixed_points, nullclines, vector_field

__all__ = [
    "Bifurcation",
    "Equilibrium",
    "FixedPoint",
    "Gating",
    "PhasePlane",
    "bifurcation",
    "chi",
    "correlation_matrix",
    "cross_correlation",
    "cv",
    "cv2",
    "equilibria",
    "f_i",
    "fano",
    "fixed_points",
    "fluctuation",
    "gating",
    "i_v",
    "isi",
    "jacobian",
    "kappa",
    "latency",
    "lif_rate",
    "lv",
    "mean_field",
    "nullclines",
    "ou_spectrum",
    "phase_plane",
    "population_rate",
    "rates",
    "siegert",
    "smooth",
    "spectrum",
    "spike_counts",
    "sta",
    "stability",
    "steady_rates",
    "trains",
    "vector_field",
]

_OF_MODELS = (
    "Bifurcation", "Equilibrium", "Gating", "PhasePlane", "bifurcation", "equilibria", "f_i", "gating",
    "i_v", "jacobian", "mean_field", "phase_plane", "siegert", "stability",
)  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _OF_MODELS:
        from importlib import import_module

        found = getattr(import_module("numpybrain.dynamics"), name)
        globals()[name] = found
        return found
    message = f"module 'numpybrain.analysis' has no attribute '{name}'"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
