"""The values of variables in a snapshot: what is kept of them, and how they are taken back."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.variables import Array, Link, Variable, VariableStore
from numpybrain.utils.state_reader import StateReader, Value, under


def fingerprint(store: VariableStore) -> dict[str, list[Any]]:
    """The variables that are stored: kind, unit, type, and whether it is shared."""
    return {
        slot.name: [slot.kind, slot.unit_text, slot.dtype.__name__, slot.shared]
        for slot in store.slots.values()
        if slot.kind != "special"
    }


def get_state(store: VariableStore) -> dict[str, Value]:
    """All values, as they are stored; of a linked variable, which values are read."""
    values: dict[str, Value] = {}
    for slot in store.slots.values():
        if slot.kind == "linked":
            index = store.linked(slot).index
            if index is not None:
                values[slot.name] = index
        elif slot.kind != "special" or slot.fresh is not None:
            values[slot.name] = slot.value
    aliased = " ".join(slot.name for slot in store.slots.values() if slot.aliased)
    return {**under("values", values), "exposed": aliased}


def plan_restore(
    store: VariableStore, saved: StateReader, n: int, make: Callable[[str], Any]
) -> list[Callable[[], Any]]:
    """Take values back, for `n` elements; arrays stay where they are unless n changes.

    `make` is called with the names of special variables that were there and are not here yet.
    """
    values = saved.part("values")
    for name in [name for name in values if name not in store.slots]:
        make(name)  # as if somebody read it, which changes no state
        if name not in store.slots or store.slots[name].fresh is None:
            values.refuse(name, "is no variable of these")
    acts: list[Callable[[], Any]] = []
    for slot in store.slots.values():
        if slot.kind == "linked":
            acts.append(_link_restorer(store, slot, values, n))
        elif slot.kind != "special" or slot.fresh is not None:
            acts.append(_slot_restorer(store, slot, values, n))
    aliased = set(saved.text("exposed").split())

    def finish() -> None:
        store.n = n
        for slot in store.slots.values():
            slot.aliased = slot.aliased or slot.name in aliased

    return [*acts, finish]


def _slot_restorer(store: VariableStore, slot: Variable, values: StateReader, n: int) -> Callable[[], Any]:
    """Give a callable that writes one variable: a number may have become an array since, or vice versa."""
    moves = n != store.n and not slot.shared  # only synapses can become more or fewer
    if slot.name not in values and slot.fresh is not None:  # nobody had asked for it yet
        if moves:
            return functools.partial(setattr, slot, "value", np.full(n, slot.fresh))
        return functools.partial(slot.array(n).fill, slot.fresh)
    if not isinstance(values.value(slot.name), np.ndarray):
        number = values.number(slot.name, slot.dtype)
        if slot.is_array and not moves:
            return functools.partial(np.copyto, slot.value, number)
        return functools.partial(setattr, slot, "value", number)
    array = values.array(slot.name, slot.dtype, 1 if slot.shared else n)
    if slot.is_array and not moves:
        return functools.partial(np.copyto, slot.value, array)
    return functools.partial(setattr, slot, "value", array.astype(slot.dtype))


def _link_restorer(store: VariableStore, slot: Variable, values: StateReader, n: int) -> Callable[[], Any]:
    """Give a callable that links a variable as it was; only new synapses can read other values."""
    link = store.linked(slot)
    index = values.indices(slot.name, link.state.n) if slot.name in values else None
    if n != store.n and index is not None and index.size == n:
        link = Link(link.group, link.state, link.slot, index.astype(np.intp), link.label)
    elif (n != store.n and not link.slot.shared) or not _equal(index, link.index):
        values.refuse(slot.name, "was linked to other neurons")
    return functools.partial(setattr, slot, "value", link)


def _equal(one: Array | None, other: Array | None) -> bool:
    """Whether two arrays are the same, or there are none."""
    return one is other or (one is not None and other is not None and np.array_equal(one, other))
