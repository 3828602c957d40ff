"""Parts of groups: their neurons among those of the group, and their elements of its arrays in steps."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.refractory import Refractoriness
from numpybrain.kernel.subgroup import Where

Array = np.ndarray[Any, Any]


def span_of(where: Where) -> tuple[int, int]:
    """The first of some neurons in the whole source, and the one behind the last."""
    if isinstance(where, slice):
        return where.start, where.stop
    return (int(where.min()), int(where.max()) + 1) if where.size else (0, 0)


def counting(where: Where, n: int) -> Callable[[Array], Array]:
    """Give a callable that counts neurons of a source of `n` in a part; others are none of its indices."""
    if isinstance(where, slice):
        start = where.start
        return (lambda neurons: neurons - start) if start else (lambda neurons: neurons)
    places = np.full(n, -1)
    places[where] = np.arange(where.size)
    return places.take


def reader(array: Array, where: Where) -> Callable[[], Array]:
    """Give a callable of the present values: a view if they follow one another, else a copy."""
    if isinstance(where, slice):
        view = array[where]
        return lambda: view
    return lambda: array.take(where)


def setter(array: Array, where: Where) -> Callable[[Any], Any]:
    """Give a callable that sets the elements, to one value or one for each."""
    whole, index = (array[where], slice(None)) if isinstance(where, slice) else (array, where)

    def put(values: Any) -> None:
        whole[index] = values

    return put


def adder(array: Array, where: Where) -> Callable[[Array], Any]:
    """Give a callable that adds a value to each; what is added to whole numbers is whole."""
    if not isinstance(where, slice):

        def add(values: Array) -> None:
            array[where] = array.take(where) + values

        return add
    view = array[where]
    made = functools.partial(np.add, view, out=view)
    return functools.partial(made, casting="unsafe") if array.dtype.kind == "i" else made


def shielded_adder(array: Array, where: Where, refractoriness: Refractoriness) -> Callable[[Array], Any]:
    """The same, except that refractory neurons get nothing."""
    add, read, free = adder(array, where), reader(array, where), reader(refractoriness.free, where)

    def write(values: Array) -> None:
        if not refractoriness.any():
            add(values)
            return
        found = read()
        np.add(found, values, out=found, where=free())
        if isinstance(where, np.ndarray):  # what was read is a copy
            array[where] = found

    return write
