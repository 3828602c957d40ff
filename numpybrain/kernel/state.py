"""State, as objects declare it: what snapshots keep, what that must be to be put back, and how it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Values = Mapping[str, Any]

KINDS: Mapping[str, type] = {"f": float, "i": int, "u": int, "b": bool}  # of NumPy's letters of types
LONG = 2**62  # whole numbers that nothing else bounds are below that


@dataclass(frozen=True, slots=True)
class Form:
    """What a value must be to be put back.

    Attributes:
        kind: float, int, bool or str; or object: anything.
        shape: of an array: None is any size, equal words are equal sizes. A single value has none.
        limit: whole numbers are from 0 to limit - 1; a text is such a number in hexadecimal.
        optional: whether it may be missing; it is None then.
        others: forms that will do as well.
    """

    kind: type
    shape: tuple[int | str | None, ...] = ()
    limit: int | None = None
    optional: bool = False
    others: tuple[Form, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Values that are taken together, and put back together.

    Attributes:
        forms: name of a value -> what it must be.
        get: gives the values; those that are None are left out, and those without a form.
        put: puts values of these forms back.
        check: gives the name of a value and what is wrong, if it does not fit other values.
        then: gives the further state that there is with these values: the present one without `names`, else
            that for a snapshot which has these names.
        prefix: what the names begin with in a snapshot.
        in_place: whether `put` only reads the arrays that it gets; else they are its own.
        is_loose: whether values of further names are of no use, and no fault.
    """

    forms: Mapping[str, Form]
    get: Callable[[], Values] = dict
    put: Callable[[Values], Any] = dict
    check: Callable[[Values], tuple[str, str] | None] = lambda _: None
    then: Callable[[Values, Collection[str] | None], Iterable[State]] | None = None
    prefix: str = ""
    in_place: bool = False
    is_loose: bool = False

    def put_back(self, values: Values) -> None:
        """Put checked values back; arrays may be in a smaller type, and read-only."""
        self.put(values if self.in_place else {name: _own(value) for name, value in values.items()})


def _own(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return value.astype(np.intp if value.dtype.kind in "iu" else value.dtype)


def in_place(arrays: Mapping[str, Array]) -> State:
    """State of arrays that stay where they are."""

    def put(values: Values) -> None:
        for name, array in arrays.items():
            array[...] = values[name]

    forms = {name: Form(KINDS[array.dtype.kind], array.shape) for name, array in arrays.items()}
    return State(forms, lambda: arrays, put, in_place=True)


def under(prefix: str, states: Iterable[State]) -> list[State]:
    """The state of a part of an object: "v" becomes "state/v" with the prefix "state/"."""
    return [State({}, then=lambda *_: states, prefix=prefix)]


def values_of(states: Iterable[State], prefix: str = "") -> dict[str, Any]:
    """The present values, by their names in a snapshot."""
    found: dict[str, Any] = {}
    for state in states:
        values, start = state.get(), prefix + state.prefix
        found |= {start + name: values[name] for name in state.forms if values.get(name) is not None}
        if state.then is not None:
            found |= values_of(state.then(values, None), start)
    return found


def matched(
    states: Iterable[State], read: Callable[[State, str], Values], names: Collection[str], prefix: str = ""
) -> Iterator[tuple[State, Values]]:
    """Give each state with the values that `read` gives of it, under a prefix; then what follows."""
    for state in states:
        start = prefix + state.prefix
        own = read(state, start)
        yield state, own
        if state.then is not None:
            below = [name.removeprefix(start) for name in names if name.startswith(start)]
            yield from matched(state.then(own, below), read, names, start)


def put_back(states: Iterable[State], values: Values) -> None:
    """Put back what `values_of` gave, unchecked."""
    read = lambda state, start: {name: values.get(start + name) for name in state.forms}  # noqa: E731
    for state, own in list(matched(states, read, values)):
        state.put_back(own)
