"""The values of variables in a snapshot: what is kept of them, and how they are put back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import numpy as np

from numpybrain.kernel.state import Form, State, Values
from numpybrain.kernel.variables import Array, Link, Variable, VariableStore


def fingerprint(store: VariableStore) -> dict[str, list[Any]]:
    """The variables that are stored: kind, unit, type, and whether it is shared."""
    return {
        slot.name: [slot.kind, slot.unit_text, slot.dtype.__name__, slot.shared]
        for slot in store.slots.values()
        if slot.kind != "special"
    }


def state_of_variables(
    store: VariableStore, n: int, make: Callable[[str], Any], elsewhere: Collection[str] = ()
) -> Iterator[State]:
    """State of the variables of a store; arrays stay where they are unless the number of elements changes.

    Of a linked variable it is which values are read.

    Args:
        store: the variables.
        n: the number of elements then.
        make: called with the names of special variables that were there and are not here yet.
        elsewhere: variables whose values other parts of a snapshot have.
    """

    def declare(_: Values, names: Collection[str] | None) -> Iterator[State]:
        absent = [name for name in names or () if name not in store.slots and name not in elsewhere]
        for name in absent:
            make(name)  # as if somebody read it, which changes no state
        unknown = [x for x in absent if x not in store.slots or store.slots[x].fresh is None]
        slots = [slot for slot in store.slots.values() if slot.name not in elsewhere]
        yield _values(store, n, [s for s in slots if s.kind != "special" or s.fresh is not None], unknown)

    def expose(values: Values) -> None:
        aliased = values["exposed"].split()
        for slot in store.slots.values():
            slot.aliased = slot.aliased or slot.name in aliased

    yield State({}, then=declare, prefix="values/")
    get = lambda: {"exposed": " ".join(s.name for s in store.slots.values() if s.aliased)}  # noqa: E731
    yield State({"exposed": Form(str)}, get, expose)


def _values(store: VariableStore, n: int, slots: Iterable[Variable], unknown: list[str]) -> State:
    """State of the values of some variables; none may have one of the `unknown` names."""
    links = {slot.name: store.linked(slot) for slot in slots if slot.kind == "linked"}
    stored = [slot for slot in slots if slot.name not in links]
    before = store.n
    forms = {name: Form(int, (None,), link.state.n, optional=True) for name, link in links.items()}
    forms |= {slot.name: form_of(slot, n, optional=slot.fresh is not None) for slot in stored}

    def get() -> Values:
        indices = {name: store.linked(store.slots[name]).index for name in links}
        return {**{slot.name: slot.value for slot in stored}, **indices}

    def check(values: Values) -> tuple[str, str] | None:
        if unknown:
            return unknown[0], "is no variable of these"
        wrong = [name for name, link in links.items() if _linked(link, values[name], n, before) is None]
        return (wrong[0], "was linked to other neurons") if wrong else None

    def put(values: Values) -> None:
        for name, link in links.items():
            store.slots[name].value = _linked(link, values[name], n, before)
        for slot in stored:
            put_variable(slot, values[slot.name], n, moves=n != before)
        store.n = n

    return State(forms, get, put, check, in_place=True)


def form_of(slot: Variable, n: int, *, optional: bool = False) -> Form:
    """Form of the values of a variable: one for all of n elements, or one for each."""
    return Form(slot.dtype, (1 if slot.shared else n,), optional=optional, others=(Form(slot.dtype),))


def put_variable(slot: Variable, value: Any, n: int, *, moves: bool) -> None:
    """Put back a variable of n elements; if it `moves`, there were more or fewer.

    A number may have become an array since, or vice versa; nobody may have asked for it (None).
    """
    moves = moves and not slot.shared  # only synapses can become more or fewer
    if value is None and not moves:
        slot.array(n).fill(slot.fresh)
    elif value is None:
        slot.value = np.full(n, slot.fresh)
    elif slot.is_array and not moves:
        np.copyto(slot.value, value)
    else:
        slot.value = value.astype(slot.dtype) if isinstance(value, np.ndarray) else value


def _linked(link: Link, index: Array | None, n: int, before: int) -> Link | None:
    """The link of n elements that read these values; None if it cannot read them. There were `before`."""
    if n != before and index is not None and index.size == n:  # only new synapses can read other values
        return Link(link.group, link.state, link.slot, index.astype(np.intp), link.label)
    same = index is link.index or (index is not None and np.array_equal(index, link.index))  # type: ignore[arg-type]
    return link if same and (n == before or link.slot.shared) else None
