"""What a monitor is asked to record: names of variables, and which elements of a group."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError
from numpybrain.kernel.state import Array


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


def selection(of: Any, source: Any, start: int) -> slice | Array:
    """What to record of a group, in indices of the whole group."""
    n = source.size
    if of is None:
        return slice(start, start + n)
    if isinstance(of, slice):
        first, stop, step = of.indices(n)
        return slice(start + first, start + stop) if step == 1 else np.arange(n)[of] + start
    index = np.atleast_1d(np.asarray(of))
    if not index.size:
        index = index.astype(np.intp)
    if index.dtype == bool:
        if index.shape != (n,):
            raise ShapeError(f"'of' needs {n} booleans for '{source.name}' (got {index.size})")
        index = index.nonzero()[0]
    if index.dtype.kind not in "iu" or index.ndim != 1:
        raise ArgumentError("'of' takes indices, a slice or booleans")
    wrong = index[(index < 0) | (index >= n)]
    if wrong.size:
        message = f"index {wrong[0]} is out of range: '{source.name}' has {n} (0..{n - 1})"
        raise IndexRangeError(message)
    return index.astype(np.intp) + start
