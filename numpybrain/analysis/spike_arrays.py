"""Spikes as pairs of arrays: checked, ordered, and counted in bins of time."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, TimeStepError

Array = np.ndarray[Any, Any]

TOLERANCE = 1e-6  # of a bin: times that are k*dt but for rounding lie on the grid


def checked(i: Any, t: Any, n: int) -> tuple[Array, Array]:
    """Neurons and times of spikes, as arrays of one length.

    Raises:
        ShapeError: if they are not two vectors of one length.
        IndexRangeError: if a neuron is not in 0..n-1.
    """
    i, t = np.asarray(i), np.asarray(t, dtype=float)
    if i.shape != t.shape or i.ndim != 1:
        raise ShapeError(f"spikes need as many neurons as times (got i {i.shape} and t {t.shape})")
    if i.size and i.dtype.kind not in "iu":
        raise ArgumentError(f"the neurons of spikes are whole numbers (got {i.dtype})")
    if i.size and not 0 <= i.min() <= i.max() < n:
        raise IndexRangeError(f"the neurons of spikes go from 0 to {n - 1} (got {i.min()}..{i.max()})")
    return i.astype(np.intp, copy=False), t


def by_neuron(i: Array, t: Array) -> tuple[Array, Array]:
    """The same spikes, neuron after neuron, those of one neuron in the order of time."""
    in_time = t.size < 2 or bool((t[1:] >= t[:-1]).all())
    if in_time and i.size and i.max() < 1 << 16:
        i = i.astype(np.uint16)  # NumPy sorts short integers by counting: a sixth of the time
    order = i.argsort(kind="stable") if in_time else np.lexsort((t, i))
    return i.take(order).astype(np.intp, copy=False), t.take(order)


def number_of_bins(start: float, stop: float, width: float) -> int:
    """Number of whole bins in [start, stop).

    Raises:
        TimeStepError: if bins are not wider than 0 ms.
    """
    if not width > 0:
        raise TimeStepError(f"bins must be wider than 0 ms (got {width:g} ms)")
    return max(0, int(np.floor((stop - start) / width + TOLERANCE)))


def bins_of(t: Array, start: float, width: float) -> Array:
    """The bin of each time; the first is 0 and begins at `start`."""
    return np.floor((t - start) / width + TOLERANCE).astype(np.intp)


def in_bins(i: Array, t: Array, start: float, stop: float, width: float) -> tuple[Array, Array, int]:
    """Neuron and bin of each spike that lies in a whole bin of [start, stop), and the number of bins."""
    total = number_of_bins(start, stop, width)
    bins = bins_of(t, start, width)
    inside = ((bins >= 0) & (bins < total)).nonzero()[0]
    return i.take(inside), bins.take(inside), total


def occupied(i: Array, bins: Array, total: int) -> tuple[Array, Array, Array]:
    """Neuron, bin and number of spikes, wherever a neuron has spikes in a bin."""
    key, counts = np.unique(i * total + bins, return_counts=True)
    return key // max(total, 1), key % max(total, 1), counts


def ratio(above: Any, below: Any, defined: Any = np.True_) -> Array:
    """`above/below`, and NaN where that is not defined."""
    above, below = np.broadcast_arrays(np.asarray(above, dtype=float), np.asarray(below, dtype=float))
    out = np.full(above.shape, np.nan)
    np.divide(above, below, out=out, where=(below != 0) & defined)
    return out
