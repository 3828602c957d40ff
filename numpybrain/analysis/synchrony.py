"""Measures of synchrony: of spikes by coincidences, of traces by what remains in their mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.spike_arrays import Array, checked, in_bins, occupied
from numpybrain.errors import ShapeError


def kappa(i: Any, t: Any, n: int, *, start: float, stop: float, width: float) -> float:
    """Coherence of the spikes of a population: coincidences of two neurons, averaged over all pairs.

    With X(l) = 1 where a neuron has spikes in bin l, else 0, the coherence of two neurons is
    sum X(l) Y(l) / sqrt(sum X(l) * sum Y(l)) (Wang and Buzsaki 1996,
    doi:10.1523/JNEUROSCI.16-20-06402.1996): 1 if all fire together; for independent neurons of rate r
    about r times the width. Neurons without a spike are in no pair. The sum over pairs is taken at once,
    and needs time in proportion to the number of spikes.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        start: when the first bin begins, in ms.
        stop: when the observation ends, in ms.
        width: width of the bins in ms; Wang and Buzsaki take a tenth of the period, or scan it.

    Returns:
        A number in [0, 1]; NaN if fewer than two neurons fired.
    """
    neurons, bins, total = in_bins(*checked(i, t, n), start, stop, width)
    neurons, bins, _ = occupied(neurons, bins, total)
    filled = np.bincount(neurons, minlength=n)
    active = np.count_nonzero(filled)
    if active < 2:
        return float("nan")
    summed = np.bincount(bins, 1 / np.sqrt(filled.take(neurons)))
    found = ((summed**2).sum() - active) / (active * (active - 1))  # each neuron with itself is 1
    return float(min(max(found, 0.0), 1.0))


def chi(values: Any) -> float:
    """Synchrony of traces: standard deviation of their mean over that of the single traces.

    The square root of var(mean over neurons) / mean over neurons of var, with variances over time: 1 if
    all traces are equal, about 1/sqrt(n) for n independent ones (Golomb and Rinzel 1994,
    doi:10.1016/0167-2789(94)90214-3; Golomb 2007, doi:10.4249/scholarpedia.1347).

    Args:
        values: shape (n_times, n).

    Returns:
        A number in [0, 1]; NaN if no trace changes, or there are none.

    Raises:
        ShapeError: if there is one trace alone, without a second axis.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 2:
        raise ShapeError(f"synchrony is of several traces, shape (n_times, n) (got {values.shape})")
    if not values.size or not (values != values[0]).any():
        return float("nan")
    single = values.var(axis=0).mean()
    return float(min(np.sqrt(values.mean(axis=1).var() / single), 1.0))


def fluctuation(values: Any) -> Array:
    """Standard deviation over time of each trace, in its unit; NaN if there is no record.

    Args:
        values: shape (n_times,) or (n_times, n).

    Returns:
        Shape () or (n,).
    """
    values = np.asarray(values, dtype=float)
    if not values.shape[0]:
        return np.full(values.shape[1:], np.nan)
    return np.asarray(values.std(axis=0))
