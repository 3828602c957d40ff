"""Reading, setting and adding to the elements of a part in the array of a whole group, step by step."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.refractory import Refractoriness
from numpybrain.kernel.subgroup import Where

Array = np.ndarray[Any, Any]


def reader(array: Array, where: Where) -> Callable[[], Array]:
    """Give a callable of the present values: a view if they follow one another, else a copy."""
    if isinstance(where, slice):
        view = array[where]
        return lambda: view
    return lambda: array.take(where)


def setter(array: Array, where: Where) -> Callable[[Any], Any]:
    """Give a callable that sets the elements, to one value or one for each."""
    if isinstance(where, slice):
        view, where = array[where], slice(None)
        array = view

    def put(values: Any) -> None:
        array[where] = values

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


def shielded_adder(
    array: Array, where: Where, refractoriness: Refractoriness
) -> Callable[[Array], Any]:
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
