"""Correlations of spike trains."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.binned import MS_PER_S, spike_counts
from numpybrain.analysis.spike_arrays import Array, in_bins, ratio
from numpybrain.errors import ArgumentError, TimeStepError, suggestion

NORMS = ("coefficient", "covariance", "rate", "count")


def correlation_matrix(i: Any, t: Any, n: int, *, start: float, stop: float, width: float) -> Array:
    """Pearson's correlation coefficient of the spike counts of each pair of neurons.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        start: when the first bin begins, in ms.
        stop: when the observation ends, in ms.
        width: width of the bins in ms.

    Returns:
        Shape (n, n), symmetric, in [-1, 1]; NaN for pairs of which a neuron has the same count in all
        bins.
    """
    counts = spike_counts(i, t, n, start=start, stop=stop, width=width).astype(float)
    if not counts.shape[0]:
        return np.full((n, n), np.nan)
    varies = (counts != counts[0]).any(axis=0)
    counts -= counts.mean(axis=0)
    covariance = counts.T @ counts
    deviation = np.sqrt(np.diagonal(covariance))
    found = ratio(covariance, np.outer(deviation, deviation), np.outer(varies, varies))
    return np.clip(found, -1.0, 1.0)


def cross_correlation(
    a: Any,
    b: Any,
    *,
    start: float,
    stop: float,
    width: float,
    max_lag: float,
    norm: str = "coefficient",
    shared: Any = (),
) -> tuple[Array, Array]:
    """Cross-correlation of two spike trains, or of two pools of trains.

    With counts x(m) and y(m) in N bins, at lag k: `count` is the number of pairs, the sum of x(m) y(m +
    k). `rate` is that divided by the number of spikes in those x(m) for which m + k lies in the
    recording, and by the width: the firing rate of b at that lag after a spike of a. `covariance` is the
    sum of (x(m) - mean)(y(m + k) - mean), divided by N, and `coefficient` that divided by the standard
    deviations of x and y (Perkel, Gerstein and Moore 1967, doi:10.1016/S0006-3495(67)86597-4).

    Args:
        a: spike times of the one train in ms.
        b: spike times of the other in ms.
        start: when the first bin begins, in ms.
        stop: when the observation ends, in ms.
        width: width of the bins, and of the steps of the lag, in ms.
        max_lag: the largest lag in ms.
        norm: "coefficient", "covariance", "rate" or "count".
        shared: times of the spikes that are in both trains; as pairs with themselves they count in no
            rate and no count.

    Returns:
        Lags in ms, shape (2 L + 1,), and the correlation at each. At a positive lag b fires after a. NaN
        where there is nothing to divide by.

    Raises:
        ArgumentError: if there is no such norm.
        TimeStepError: if the largest lag is negative, or not shorter than the recording.
    """
    if norm not in NORMS:
        raise ArgumentError(
            f"no norm '{norm}'{suggestion(str(norm), NORMS)}", help=f"one of {', '.join(NORMS)}"
        )
    (x, y, own) = (_counts(train, start, stop, width) for train in (a, b, shared))
    n, reach = x.size, round(max_lag / width)
    if not 0 <= reach < n:
        message = f"the largest lag must be shorter than the recording (got {max_lag:g} ms)"
        raise TimeStepError(message, detail=f"the recording has {n} bins of {width:g} ms")
    k = np.arange(-reach, reach + 1)
    lags = k * width
    if norm in ("count", "rate"):
        pairs = np.rint(_products(x, y, reach)) + 0.0  # no -0
        pairs[reach] -= own.sum()
        if norm == "count":
            return lags, pairs
        before = np.concatenate([[0.0], np.cumsum(x)])
        reached = before[np.minimum(n, n - k)] - before[np.maximum(0, -k)]
        return lags, ratio(pairs * (MS_PER_S / width), reached)
    covariance = _products(x - x.mean(), y - y.mean(), reach) / n
    if norm == "covariance":
        return lags, covariance
    return lags, ratio(covariance, x.std() * y.std())


def _counts(t: Any, start: float, stop: float, width: float) -> Array:
    """Number of spikes in each bin."""
    t = np.asarray(t, dtype=float)
    _, bins, total = in_bins(np.zeros(t.size, dtype=np.intp), t, start, stop, width)
    return np.bincount(bins, minlength=total).astype(float)


def _products(x: Array, y: Array, reach: int) -> Array:
    """The sum of x(m) y(m + k) for k = -reach..reach, by Fourier transforms."""
    size = 1 << (x.size + reach).bit_length()
    found = np.fft.irfft(np.conj(np.fft.rfft(x, size)) * np.fft.rfft(y, size), size)
    return np.concatenate([found[size - reach :], found[: reach + 1]])
