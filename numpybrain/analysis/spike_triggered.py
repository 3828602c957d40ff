"""Averages of a signal around spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.spike_arrays import Array, bins_of, checked
from numpybrain.errors import ShapeError, TimeStepError


def sta(
    i: Any, t: Any, n: int, signal: Any, *, start: float, step: float, before: float, after: float = 0.0
) -> tuple[Array, Array, int]:
    """Spike-triggered average: the mean of a signal around the spikes.

    A spike belongs to the last sample at or before it. Spikes whose surroundings are not wholly in the
    signal are left out (de Boer and Kuyper 1968, doi:10.1109/TBME.1968.4502561).

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        signal: shape (n_times,), the same for all neurons, or (n_times, n), one column for each.
        start: time of the first sample in ms.
        step: distance of the samples in ms.
        before: how far to look back from a spike, in ms.
        after: how far to look ahead, in ms.

    Returns:
        Lags in ms, shape (n_lags,), negative before the spike; the average at each, in the unit of the
        signal; and how many spikes it is of. NaN if it is of none.

    Raises:
        ShapeError: if the signal has another number of columns than there are neurons.
        TimeStepError: if there is no lag to look at.
    """
    i, t = checked(i, t, n)
    signal = np.asarray(signal, dtype=float)
    if signal.ndim not in (1, 2) or (signal.ndim == 2 and signal.shape[1] != n):
        message = f"a signal has one column, or one for each of the {n} neurons (got shape {signal.shape})"
        raise ShapeError(message)
    low, high = round(before / step), round(after / step)
    if low + high < 0:
        raise TimeStepError(f"there is nothing between {-before:g} and {after:g} ms")
    at = bins_of(t, start, step)
    whole = ((at >= low) & (at + high < signal.shape[0])).nonzero()[0]
    at, column = at.take(whole), i.take(whole)
    lags = np.arange(-low, high + 1)
    if not at.size:
        return lags * step, np.full(lags.size, np.nan), 0
    if signal.ndim == 2:
        at, signal = at * n + column, np.ascontiguousarray(signal).ravel()
        found = [signal.take(at + k * n).mean() for k in lags.tolist()]
    else:
        found = [signal.take(at + k).mean() for k in lags.tolist()]
    return lags * step, np.array(found), at.size
