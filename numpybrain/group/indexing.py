"""Elements of a group as users specify them, and the selection that a monitor is to record."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError
from numpybrain.kernel.subgroup import Where, in_whole
from numpybrain.kernel.variables import Array
from numpybrain.utils.arrays import plain


def indices_among(key: Any, n: int, whose: str, what: str = "elements") -> Array:
    """Indices among n elements, in the order in which they are given.

    Raises:
        IndexRangeError: if one is out of range.
        ShapeError: if booleans are not n.
    """
    if isinstance(key, slice):
        return np.arange(n)[key]
    index = plain(key, f"the index of {whose}")
    if index.dtype == bool:
        if index.shape != (n,):
            raise ShapeError(f"{whose} has {n} {what}, and needs as many booleans (got {index.size})")
        return index.nonzero()[0]
    if not index.size:
        return np.empty(0, dtype=np.intp)
    if index.dtype.kind not in "iu" or index.ndim > 1:
        message = f"{what} of {whose} are chosen by indices, a slice or booleans"
        raise ArgumentError(message, detail=f"got {index.dtype} of shape {index.shape}")
    index = np.atleast_1d(index)
    wrong = index[(index < -n) | (index >= n)]
    if wrong.size:
        raise IndexRangeError(f"index {wrong[0]} is out of range: {whose} has {n} {what} (0..{n - 1})")
    return np.where(index < 0, index + n, index).astype(np.intp)


def names_of(variables: tuple[Any, ...]) -> list[str]:
    """The names of variables in the arguments of a monitor."""
    names: list[str] = []
    for item in variables:
        for part in item if isinstance(item, (list, tuple)) else [item]:
            if not isinstance(part, str):
                message = f"a monitor takes names of variables (got {type(part).__name__})"
                raise ArgumentError(message)
            names += [word.strip() for word in part.split(",")]
    return list(dict.fromkeys(names))


def selection(of: Any, source: Any, where: Where) -> Where:
    """Give the elements of a group to record, as indices of the whole group."""
    n = source.size
    if hasattr(source, "select"):
        if isinstance(of, (str, tuple)):
            found: Array = source.select(of)  # synapses, by a condition or by their neurons
            return found
    elif of is not None:
        of = (
            source.inspect.find_elements(of) if hasattr(source, "inspect") else of
        )  # a condition, or a part of the group
    if of is None:
        return where
    if isinstance(of, slice) and isinstance(where, slice):
        first, stop, step = of.indices(n)
        if step == 1:
            return slice(where.start + first, where.start + stop)
    return in_whole(indices_among(of, n, f"'{source.name}'"), where)
