"""Statistics of the intervals between the spikes of a neuron, and of its first spike."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.spike_arrays import TOLERANCE, Array, by_neuron, checked, ratio


def trains(i: Any, t: Any, n: int) -> list[Array]:
    """Spike times of each neuron.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.

    Returns:
        n arrays of times in ms, in ascending order; empty for neurons without a spike.
    """
    neurons, times = by_neuron(*checked(i, t, n))
    return np.split(times, np.searchsorted(neurons, np.arange(1, n))) if n else []


def isi(i: Any, t: Any, n: int) -> tuple[Array, Array]:
    """Intervals between successive spikes of the same neuron.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.

    Returns:
        The neuron of each interval and its length in ms, both of shape (n_intervals,), neuron after
        neuron, those of one neuron in the order of time. A neuron with k spikes has k - 1 intervals.
    """
    neurons, times = by_neuron(*checked(i, t, n))
    same = (neurons[1:] == neurons[:-1]).nonzero()[0]
    return neurons.take(same), np.diff(times).take(same)


def cv(i: Any, t: Any, n: int) -> Array:
    """Coefficient of variation of the intervals of each neuron: standard deviation divided by mean.

    0 for periodic firing, 1 for a Poisson process, 1/sqrt(k) for a Gamma process of order k. The standard
    deviation is that of the intervals that there are (divided by their number, as `np.std` does).

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.

    Returns:
        Shape (n,), no unit; NaN for neurons with fewer than two intervals, that is three spikes.
    """
    neurons, intervals = isi(i, t, n)
    count = np.bincount(neurons, minlength=n)
    mean = ratio(np.bincount(neurons, intervals, n), count)
    deviation = intervals - mean.take(neurons)
    variance = ratio(np.bincount(neurons, deviation**2, n), count, count > 1)
    return ratio(np.sqrt(variance), mean)


def cv2(i: Any, t: Any, n: int) -> Array:
    """Local variation CV2 of the intervals of each neuron, which slow changes of the rate do not raise.

    The mean of 2 |I_(k+1) - I_k| / (I_(k+1) + I_k) over successive intervals: 0 for periodic firing, 1
    for a Poisson process (Holt et al. 1996, doi:10.1152/jn.1996.75.5.1806).

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.

    Returns:
        Shape (n,), no unit; NaN for neurons with fewer than two intervals.
    """
    neurons, contrast = _contrasts(i, t, n)
    return ratio(2 * np.bincount(neurons, np.abs(contrast), n), np.bincount(neurons, minlength=n))


def lv(i: Any, t: Any, n: int) -> Array:
    """Local variation LV of the intervals of each neuron, which slow changes of the rate do not raise.

    Three times the mean of ((I_(k+1) - I_k) / (I_(k+1) + I_k))**2 over successive intervals: 0 for
    periodic firing, 1 for a Poisson process, 3/(2 k + 1) for a Gamma process of order k (Shinomoto et al.
    2003, doi:10.1162/089976603322518759).

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.

    Returns:
        Shape (n,), no unit; NaN for neurons with fewer than two intervals.
    """
    neurons, contrast = _contrasts(i, t, n)
    return ratio(3 * np.bincount(neurons, contrast**2, n), np.bincount(neurons, minlength=n))


def _contrasts(i: Any, t: Any, n: int) -> tuple[Array, Array]:
    """Neuron and (I_(k+1) - I_k) / (I_(k+1) + I_k) of each pair of successive intervals."""
    neurons, intervals = isi(i, t, n)
    same = (neurons[1:] == neurons[:-1]).nonzero()[0]
    change, total = np.diff(intervals), intervals[1:] + intervals[:-1]
    return neurons.take(same), ratio(change, total).take(same)


def latency(i: Any, t: Any, n: int, after: float = 0.0) -> Array:
    """Time from `after`, such as the onset of a stimulus, to the first spike of each neuron.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        after: from when on spikes count, in ms; a spike at `after` has the latency 0.

    Returns:
        Shape (n,), in ms; NaN for neurons without a spike from `after` on.
    """
    i, t = checked(i, t, n)
    first = np.full(n, np.inf)
    late = (t >= after - TOLERANCE).nonzero()[0]
    np.minimum.at(first, i.take(late), np.maximum(t.take(late) - after, 0.0))
    first[np.isinf(first)] = np.nan
    return first
