"""Aggregates over a group: one number of all elements, in as many places as there are elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def mean_of(x: Any) -> Any:
    """The mean over a group, for each of its elements."""
    return _of_all(x, np.mean)


def min_of(x: Any) -> Any:
    """The smallest value in a group, for each of its elements."""
    return _of_all(x, np.min)


def max_of(x: Any) -> Any:
    """The largest value in a group, for each of its elements."""
    return _of_all(x, np.max)


def sum_of(x: Any, n: Any) -> Any:
    """The sum over a group of n, for each of its elements; what all share counts n times."""
    return np.multiply(x, n, dtype=float) if np.size(x) == 1 else _of_all(x, np.sum)


def _of_all(x: Any, reduce: Callable[[Any], Any]) -> Any:
    """An array of its own, since generated code may go on calculating in it."""
    x = np.asarray(x, dtype=float)
    if x.ndim == 0:
        return x[()]
    return np.full(x.shape, reduce(x)) if x.size else np.empty(0)
