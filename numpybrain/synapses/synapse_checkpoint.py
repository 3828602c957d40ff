"""Checkpoints of synapses: pairs, variables in their places, and what is under way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.group import stored_values
from numpybrain.kernel.state import Form, State, Values, under
from numpybrain.kernel.variables import Array
from numpybrain.synapses.domain import INDEX

if TYPE_CHECKING:
    from numpybrain.synapses.dynamics import SynapseDynamics
    from numpybrain.synapses.pathway import Pathway
    from numpybrain.synapses.structure import Structure
    from numpybrain.synapses.synapse_space import SynapseSpace


def fingerprint(
    space: SynapseSpace, pathways: Mapping[str, Pathway], ends: Mapping[str, Any], ways: list[Any]
) -> dict[str, Any]:
    """Give the structure, the same where a snapshot is put back: ends, pathways and all variables.

    `ends` are the groups of source and target; `ways` the ways of instant delivery.
    """
    connectivity = space.connectivity
    found = {}
    for what, side in (("source", "pre"), ("target", "post")):
        where = connectivity.where(side)
        which = [where.start, where.stop] if isinstance(where, slice) else [where.tolist()]
        found[what] = [ends[what], *which]
    variables = stored_values.fingerprint(space.state)
    for side in sorted(space.sides_in_use()):
        variables |= stored_values.fingerprint(space.domain(side).state)
    declared = () if space.definition is None else space.definition.variables.values()
    return {
        "kind": "synapses",
        **found,
        "pathways": list(pathways),
        "events": [f"{pathway.side} {pathway.event}" for pathway in pathways.values()],
        "delivery": ways,
        "places": {v.name: side for v in declared for side in INDEX if side in v.flags},
        "variables": variables,
    }


def declare_state(
    space: SynapseSpace,
    pathways: Mapping[str, Pathway],
    dynamics: SynapseDynamics | None,
    structure: Structure,
    variables: Callable[[int, Collection[str]], Iterable[State]],
) -> Iterator[State]:
    """Pairs, variables of the sides and where they live, what methods have learnt, what is under way.

    Other pairs take the place of those there are. `variables` gives the state that all groups have, for a
    number of synapses, without variables that have their values elsewhere.
    """
    ends = space.connectivity
    changed = False

    def get() -> Values:
        return {"i": ends.i, "j": ends.j, "blocked": " ".join(sorted(space.blocked))}

    def connect(values: Values) -> None:
        nonlocal changed
        i, j = values["i"], values["j"]
        changed = not (np.array_equal(i, ends.i) and np.array_equal(j, ends.j))
        if changed:
            structure.reconnect(i.astype(np.intp), j.astype(np.intp))

    def follow(values: Values, names: Collection[str] | None) -> Iterator[State]:
        i, j = values["i"], values["j"]
        moved = _settle_places(space, names or ())
        yield from variables(i.size, [name for there in moved.values() for name in there])
        for (side, there), index in zip(moved.items(), (i, j), strict=True):
            yield from under(f"sides/{side}/values/", [_moved(space, side, there, index)])
            state = space.domain(side).state
            stored = stored_values.state_of_variables(state, state.n, lambda _: None, there)
            yield from under(f"sides/{side}/", stored)
        for place, update in ({} if dynamics is None else dynamics.present_updates()).items():
            yield from under(f"updates/{place}/", update.declare_state())
        yield State({}, prefix="updates/", is_loose=True)  # of variables that live elsewhere by now
        for k, each in enumerate(() if dynamics is None else dynamics.sums):
            yield from under(f"sums/{k}/", each.late.declare_state())
        for name, pathway in pathways.items():
            yield from under(f"pathways/{name}/", pathway.declare_state(i.size))
        blocked = values["blocked"].split()
        yield State({}, put=lambda _: space.blocked.update(blocked))
        yield State({}, put=lambda _: structure.settle_layout() if changed else None)

    i, j = (Form(int, ("synapses",), end.size) for end in (ends.source, ends.target))
    yield State({"i": i, "j": j, "blocked": Form(str)}, get, connect, then=follow, in_place=True)


def _settle_places(space: SynapseSpace, names: Collection[str]) -> dict[str, list[str]]:
    """Give up places for variables that had a value per synapse; that changes no value.

    Gives the variables that had a value per neuron of a side, and have one per synapse by now.
    """
    there = {side: _under(f"sides/{side}/values/", names) for side in INDEX}
    for name in [n for n in space.placed_unasked if names and all(n not in t for t in there.values())]:
        space.scatter(name)
    slots = space.state.slots
    return {
        side: [name for name in found if name in slots and slots[name].kind != "linked"]
        for side, found in there.items()
    }


def _under(prefix: str, names: Collection[str]) -> list[str]:
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def _moved(space: SynapseSpace, side: str, names: list[str], index: Array) -> State:
    """Values per neuron of a side, which become those of each synapse; `index` is its neuron there."""
    slots = [space.state.slots[name] for name in names]
    count, before = space.domain(side).count(), space.state.n
    forms = {slot.name: stored_values.form_of(slot, count) for slot in slots}

    def put(values: Values) -> None:
        for slot in slots:
            value = values[slot.name]
            value = value.take(index) if isinstance(value, np.ndarray) else value
            stored_values.put_variable(slot, value, index.size, moves=index.size != before)

    return State(forms, put=put, in_place=True)
