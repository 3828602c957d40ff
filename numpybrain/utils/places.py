"""Positions of elements in a selection of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.utils.sampling import ranges

Array = np.ndarray[Any, Any]


class Places:
    """Positions of neurons in a selection, in which they may come in any order, and several times.

    Args:
        index: the neurons of the selection.
        n: size of their group.
    """

    def __init__(self, index: Array, n: int) -> None:
        counts = np.bincount(index, minlength=n)
        self._place = np.full(n, -1)
        self._place[index] = np.arange(index.size)
        self._counts = (
            counts if (counts > 1).any() else None
        )  # of those who come several times, all places:
        self._order, self._first = index.argsort(kind="stable"), np.cumsum(counts) - counts

    def of(self, neurons: Array) -> tuple[Array, Array]:
        """Give those of some neurons in the selection, by position here, and their places in it."""
        if self._counts is None:
            places = self._place.take(neurons)
            found = (places >= 0).nonzero()[0]
            return found, places.take(found)
        found, k = ranges(self._counts.take(neurons))
        return found, self._order.take(self._first.take(neurons.take(found)) + k)
