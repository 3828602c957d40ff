"""Checkpoints of synapses: pairs, variables in their places, and what is under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.group import stored_values
from numpybrain.kernel.contracts import Call
from numpybrain.kernel.subgroup import parent_range
from numpybrain.kernel.variables import Array
from numpybrain.synapses.domain import INDEX, PLACES
from numpybrain.synapses.modulation_target import member_of
from numpybrain.utils.state_reader import StateReader, Value, under

if TYPE_CHECKING:
    from numpybrain.synapses.synapses import Synapses


def fingerprint(synapses: Synapses, place: Callable[[Any], int]) -> dict[str, Any]:
    """What must be the same where a snapshot is restored: ends, pathways and all variables."""
    ends = {}
    for what in ("source", "target"):
        neurons, start, stop = parent_range(getattr(synapses, what))
        ends[what] = [place(member_of(neurons)), start, stop]
    variables = stored_values.fingerprint(synapses.state)
    for side in sorted(INDEX.keys() & synapses.parts.keys()):
        variables |= stored_values.fingerprint(synapses.parts[side].state)
    declared = () if synapses.definition is None else synapses.definition.variables.values()
    pathways = synapses.pathways.values()
    return {
        "kind": "synapses",
        **ends,
        "pathways": [pathway.name for pathway in pathways],
        "events": [f"{pathway.side} {pathway.event}" for pathway in pathways],
        "delivery": [synapses.delivery, synapses.coincident],
        "places": {v.name: side for v in declared for side in INDEX if side in v.flags},
        "variables": variables,
    }


def get_state(synapses: Synapses) -> dict[str, Value]:
    """Pairs, variables of the sides and where they live, what methods have learnt, what is under way."""
    values: dict[str, Value] = {"i": synapses.i, "j": synapses.j}
    values["blocked"] = " ".join(sorted(synapses.blocked))
    for side in INDEX:
        values |= under(f"sides/{side}", stored_values.get_state(synapses.part(side).state))
    for place, update in synapses.present_updates().items():
        values |= under(f"updates/{place}", update.get_state())
    for name, pathway in synapses.pathways.items():
        values |= under(f"pathways/{name}", pathway.get_state())
    return values


def plan_restore(
    synapses: Synapses, saved: StateReader, variables: Callable[[StateReader, int], list[Call]]
) -> list[Call]:
    """Read a snapshot of some synapses and check it; other pairs take the place of those there are.

    `variables` does the same for what all groups have, for a number of synapses.
    """
    i = saved.indices("i", synapses.source.size)
    j = saved.indices("j", synapses.target.size, i.size)
    blocked = set(saved.text("blocked").split())
    _settle_places(synapses, saved)
    moved = _moved(synapses, saved, {"pre": i, "post": j})
    acts = variables(saved.with_values(moved), i.size)
    elsewhere = [name.removeprefix("state/") for name in moved]
    for side in INDEX:
        state = synapses.part(side).state
        acts += stored_values.plan_restore(
            state, saved.part(f"sides/{side}").without(elsewhere), state.n, lambda _: None
        )
    updates = synapses.present_updates()
    for place in PLACES:
        part = saved.part(f"updates/{place}")
        if place in updates:
            acts += updates[place].plan_restore(part)
        for key in part:
            part.value(key)  # what was learnt about variables that live elsewhere by now is of no use
    for name, pathway in synapses.pathways.items():
        acts += pathway.plan_restore(saved.part(f"pathways/{name}"), i.size)
    acts.append(lambda: synapses.blocked.update(blocked))
    if np.array_equal(i, synapses.i) and np.array_equal(j, synapses.j):
        return acts
    pairs = i.astype(np.intp), j.astype(np.intp)
    return [lambda: synapses.reconnect(*pairs), *acts, synapses.settle_layout]


def _names(saved: StateReader, side: str) -> list[str]:
    """The variables that had one value per neuron of a side."""
    return list(saved.part(f"sides/{side}/values"))


def _settle_places(synapses: Synapses, saved: StateReader) -> None:
    """Give up places for variables that had a value per synapse; that changes no value."""
    there = {name for side in INDEX for name in _names(saved, side)}
    for name in [n for n in synapses.placed_unasked if n not in there]:
        synapses.scatter(name)


def _moved(synapses: Synapses, saved: StateReader, ends: Mapping[str, Array]) -> dict[str, Value]:
    """Values per synapse, where there was one per neuron of a side, and is one per synapse by now."""
    found = {}
    for side, index in ends.items():
        for name in _names(saved, side):
            slot, key = synapses.state.slots.get(name), f"sides/{side}/values/{name}"
            if slot is None or slot.kind == "linked":
                continue
            value = saved.value(key)
            if isinstance(value, np.ndarray):
                value = saved.array(key, slot.dtype, synapses.part(side).count()).take(index)
            found[f"state/values/{name}"] = value
    return found
