"""Spike counts and firing rates in bins of time."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.smoothing import smooth
from numpybrain.analysis.spike_arrays import Array, checked, in_bins, number_of_bins, occupied, ratio

MS_PER_S = 1000.0


def spike_counts(i: Any, t: Any, n: int, *, start: float, stop: float, width: float) -> Array:
    """Number of spikes of each neuron in each bin.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        start: when the first bin begins, in ms.
        stop: when the observation ends, in ms; what remains after the last whole bin is left out.
        width: width of the bins in ms.

    Returns:
        Shape (n_bins, n), whole numbers. Bin k is [start + k width, start + (k + 1) width); times that
        differ from an edge by rounding alone lie on it.
    """
    neurons, bins, total = in_bins(*checked(i, t, n), start, stop, width)
    return np.bincount(bins * n + neurons, minlength=total * n).reshape(total, n)


def rates(i: Any, t: Any, n: int, *, start: float, stop: float, width: float) -> Array:
    """Firing rate of each neuron in each bin, in Hz, shape (n_bins, n). Arguments as of `spike_counts`."""
    counts: Array = spike_counts(i, t, n, start=start, stop=stop, width=width)
    return counts * (MS_PER_S / width)


def population_rate(
    t: Any,
    n: int,
    *,
    start: float,
    stop: float,
    width: float,
    smoothing: float | None = None,
    kernel: str = "gaussian",
) -> Array:
    """Spikes per neuron and second in each bin, over all neurons together.

    Args:
        t: times of the spikes of all neurons in ms, shape (n_spikes,).
        n: number of neurons.
        start: when the first bin begins, in ms.
        stop: when the observation ends, in ms.
        width: width of the bins in ms.
        smoothing: width of the kernel that the rate is smoothed with, in ms; None to leave it as it is.
        kernel: "gaussian", "exponential" or "rectangular", see `smooth`.

    Returns:
        Shape (n_bins,), in Hz; NaN if there are no neurons.
    """
    t = np.asarray(t, dtype=float)
    _, bins, total = in_bins(np.zeros(t.size, dtype=np.intp), t, start, stop, width)
    rate = ratio(np.bincount(bins, minlength=total) * (MS_PER_S / width), n)
    return rate if smoothing is None else smooth(rate, width, smoothing, kernel)


def fano(i: Any, t: Any, n: int, *, start: float, stop: float, window: float) -> Array:
    """Fano factor of each neuron: variance of its spike counts in windows, divided by their mean.

    1 for a Poisson process; in long windows cv**2 for a renewal process. Windows follow upon one another
    from `start` on; a remainder at the end is left out. The variance is that of the windows that there
    are (divided by their number m), so that the expectation for a Poisson process is 1 - 1/m.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        start: when the first window begins, in ms.
        stop: when the observation ends, in ms.
        window: length of a window in ms.

    Returns:
        Shape (n,), no unit; NaN for neurons without a spike in the windows, and if there are fewer than
        two windows.
    """
    neurons, bins, total = in_bins(*checked(i, t, n), start, stop, window)
    neurons, _, counts = occupied(neurons, bins, total)
    mean = ratio(np.bincount(neurons, counts, n), total)
    square = ratio(np.bincount(neurons, counts**2, n), total)
    return ratio(square - mean**2, mean, total > 1)


def bin_centres(start: float, stop: float, width: float) -> Array:
    """Middle of each bin in ms, shape (n_bins,)."""
    return start + width * (np.arange(number_of_bins(start, stop, width)) + 0.5)
