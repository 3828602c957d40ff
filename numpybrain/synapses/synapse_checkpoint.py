"""Checkpoints of synapses: pairs, variables in their places, and what is under way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.group import stored_values
from numpybrain.kernel.contracts import Call
from numpybrain.kernel.variables import Array
from numpybrain.synapses.domain import INDEX, PLACES
from numpybrain.utils.state_reader import StateReader, Value, under

if TYPE_CHECKING:
    from numpybrain.synapses.dynamics import SynapseDynamics
    from numpybrain.synapses.pathway import Pathway
    from numpybrain.synapses.structure import Structure
    from numpybrain.synapses.synapse_space import SynapseSpace


def fingerprint(
    space: SynapseSpace, pathways: Mapping[str, Pathway], ends: Mapping[str, int], ways: list[Any]
) -> dict[str, Any]:
    """Give the structure, the same where a snapshot is restored: ends, pathways and all variables.

    `ends` are the numbers of source and target in the network; `ways` the ways of instant delivery.
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


def get_state(
    space: SynapseSpace, pathways: Mapping[str, Pathway], dynamics: SynapseDynamics | None
) -> dict[str, Value]:
    """Pairs, variables of the sides and where they live, what methods have learnt, what is under way."""
    values: dict[str, Value] = {"i": space.connectivity.i, "j": space.connectivity.j}
    values["blocked"] = " ".join(sorted(space.blocked))
    for side in INDEX:
        values |= under(f"sides/{side}", stored_values.get_state(space.domain(side).state))
    for place, update in _updates(dynamics).items():
        values |= under(f"updates/{place}", update.get_state())
    for k, each in enumerate(() if dynamics is None else dynamics.sums):
        values |= under(f"sums/{k}", each.late.get_state())
    for name, pathway in pathways.items():
        values |= under(f"pathways/{name}", pathway.get_state())
    return values


def _updates(dynamics: SynapseDynamics | None) -> Mapping[str, Any]:
    return {} if dynamics is None else dynamics.present_updates()


def plan_restore(
    space: SynapseSpace,
    pathways: Mapping[str, Pathway],
    dynamics: SynapseDynamics | None,
    structure: Structure,
    saved: StateReader,
    variables: Callable[[StateReader, int], list[Call]],
) -> list[Call]:
    """Read a snapshot of some synapses and check it; other pairs take the place of those there are.

    `variables` does the same for what all groups have, for a number of synapses.
    """
    ends = space.connectivity
    i = saved.indices("i", ends.source.size)
    j = saved.indices("j", ends.target.size, i.size)
    blocked = set(saved.text("blocked").split())
    _settle_places(space, saved)
    moved = _moved(space, saved, {"pre": i, "post": j})
    acts = variables(saved.with_values(moved), i.size)
    elsewhere = [name.removeprefix("state/") for name in moved]
    for side in INDEX:
        state = space.domain(side).state
        acts += stored_values.plan_restore(
            state, saved.part(f"sides/{side}").without(elsewhere), state.n, lambda _: None
        )
    updates = _updates(dynamics)
    for place in PLACES:
        part = saved.part(f"updates/{place}")
        if place in updates:
            acts += updates[place].plan_restore(part)
        for key in part:
            part.value(key)  # what was learnt about variables that live elsewhere by now is of no use
    for k, each in enumerate(() if dynamics is None else dynamics.sums):
        acts += each.late.plan_restore(saved.part(f"sums/{k}"))
    for name, pathway in pathways.items():
        acts += pathway.plan_restore(saved.part(f"pathways/{name}"), i.size)
    acts.append(lambda: space.blocked.update(blocked))
    if np.array_equal(i, ends.i) and np.array_equal(j, ends.j):
        return acts
    pairs = i.astype(np.intp), j.astype(np.intp)
    return [lambda: structure.reconnect(*pairs), *acts, structure.settle_layout]


def _names(saved: StateReader, side: str) -> list[str]:
    """The variables that had one value per neuron of a side."""
    return list(saved.part(f"sides/{side}/values"))


def _settle_places(space: SynapseSpace, saved: StateReader) -> None:
    """Give up places for variables that had a value per synapse; that changes no value."""
    there = {name for side in INDEX for name in _names(saved, side)}
    for name in [n for n in space.placed_unasked if n not in there]:
        space.scatter(name)


def _moved(space: SynapseSpace, saved: StateReader, ends: Mapping[str, Array]) -> dict[str, Value]:
    """Values per synapse, where there was one per neuron of a side, and is one per synapse by now."""
    found = {}
    for side, index in ends.items():
        for name in _names(saved, side):
            slot, key = space.state.slots.get(name), f"sides/{side}/values/{name}"
            if slot is None or slot.kind == "linked":
                continue
            value = saved.value(key)
            if isinstance(value, np.ndarray):
                value = saved.array(key, slot.dtype, space.domain(side).count()).take(index)
            found[f"state/values/{name}"] = value
    return found
