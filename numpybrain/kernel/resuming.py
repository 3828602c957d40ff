"""Checkpoints of synapses: pairs, variables in their places, and what is under way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.kernel.part import INDEX
from numpybrain.kernel.saved import Saved, Value, under
from numpybrain.kernel.state import Array
from numpybrain.kernel.subgroup import whole
from numpybrain.stage import Call

if TYPE_CHECKING:
    from numpybrain.kernel.synapses import Synapses


def structure(synapses: Synapses, place: Callable[[Any], int]) -> dict[str, Any]:
    """What must be the same where a snapshot is restored: ends, pathways and all variables."""
    ends = {}
    for what in ("source", "target"):
        neurons, start, stop = whole(getattr(synapses, what))
        ends[what] = [place(getattr(neurons, "synapses", neurons)), start, stop]
    variables = synapses.state.structure()
    for side in sorted(INDEX.keys() & synapses.parts.keys()):
        variables |= synapses.parts[side].state.structure()
    return {"kind": "synapses", **ends, "pathways": list(synapses.pathways), "variables": variables}


def capture(synapses: Synapses) -> dict[str, Value]:
    """Pairs, variables of the sides and where they live, what methods have learnt, what is under way."""
    values: dict[str, Value] = {"i": synapses.i, "j": synapses.j}
    values["blocked"] = " ".join(sorted(synapses.blocked))
    for side in INDEX:
        if side in synapses.parts:
            values |= under(f"sides/{side}", synapses.parts[side].state.capture())
    for place, update in synapses.updates.items():
        values |= under(f"updates/{place}", update.capture())
    for name, pathway in synapses.pathways.items():
        values |= under(f"pathways/{name}", pathway.capture())
    return values


def restorer(synapses: Synapses, saved: Saved, variables: Callable[[Saved, int], list[Call]]) -> list[Call]:
    """Read a snapshot of some synapses and check it; other pairs take the place of those there are.

    `variables` does the same for what all groups have, for a number of synapses.
    """
    i = saved.indices("i", synapses.source.size)
    j = saved.indices("j", synapses.target.size, i.size)
    blocked = set(saved.text("blocked").split())
    _settle_places(synapses, saved)
    acts = variables(_moved(synapses, saved, i, j), i.size)
    for side in INDEX.keys() & synapses.parts.keys():
        state = synapses.parts[side].state
        acts += state.restorer(_of_side(synapses, saved, side), state.n, lambda _: None)
    for place, update in synapses.updates.items():
        acts += update.restorer(saved.part(f"updates/{place}"))
    for place in [p for p in ("synapse", "shared", *INDEX) if p not in synapses.updates]:
        for key in saved.part(f"updates/{place}"):
            saved.value(f"updates/{place}/{key}")  # of variables that live elsewhere by now
    for name, pathway in synapses.pathways.items():
        acts += pathway.restorer(saved.part(f"pathways/{name}"), i.size)
    acts.append(lambda: synapses.blocked.update(blocked))
    if np.array_equal(i, synapses.i) and np.array_equal(j, synapses.j):
        return acts
    pairs = i.astype(np.intp), j.astype(np.intp)
    return [lambda: synapses.reconnect(*pairs), *acts, synapses.settle_layout]


def _names(saved: Saved, side: str) -> list[str]:
    """The variables that had one value per neuron of a side."""
    return list(saved.part(f"sides/{side}/values"))


def _settle_places(synapses: Synapses, saved: Saved) -> None:
    """Give up places for variables that had a value per synapse; that changes no value."""
    there = {name for side in INDEX for name in _names(saved, side)}
    for name in [n for n in synapses.placed_unasked if n not in there]:
        synapses.scatter(name)


def _moved(synapses: Synapses, saved: Saved, i: Array, j: Array) -> Saved:
    """The snapshot with values per synapse, where the synapses have such by now."""
    found = {}
    for side, index in (("pre", i), ("post", j)):
        for name in _names(saved, side):
            if name in synapses.sides_of:
                continue
            value = saved.value(f"sides/{side}/values/{name}")
            is_array = isinstance(value, np.ndarray)
            if is_array and (value.ndim != 1 or index.max(initial=-1) >= value.size):
                saved.refuse(f"sides/{side}/values/{name}", "has another size than the group")
            found[f"state/values/{name}"] = value.take(index) if is_array else value
    return saved.with_values(found)


def _of_side(synapses: Synapses, saved: Saved, side: str) -> Saved:
    """What a snapshot says of the variables of a side."""
    part = saved.part(f"sides/{side}")
    if "exposed" not in part:
        part = part.with_values({"exposed": ""})
    return part
