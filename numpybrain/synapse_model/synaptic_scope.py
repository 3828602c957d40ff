"""Scope of names in the texts of synapses: their own variables, and those of the neurons on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.language.definition import SPECIAL, Definition, OuterScope
from numpybrain.language.dependencies import OF_EACH
from numpybrain.language.scope import Scope, Symbol, stored
from numpybrain.language.unit_table import PLAIN
from numpybrain.utils.naming import of_neurons, of_side

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection

COUNTS = ("i", "j", "N", "N_pre", "N_post", "N_incoming", "N_outgoing")
TIMES = ("t", "dt", "t_in_timesteps")


def synaptic_scope(projection: Projection, definition: Definition, where: str) -> Scope:
    """Own variables, `x_pre`, `x_post`, bare target variables and the special names of synapses."""
    around = _neighbours(projection)
    names = {
        **{short: around[full] for short, full in aliases(around, definition).items()},
        **around,
        **dict.fromkeys(COUNTS, Symbol(PLAIN, "special", "1")),
        **{name: SPECIAL[name] for name in TIMES},
        "lastupdate": SPECIAL["lastspike"],
        "delay": SPECIAL["dt"],
        **{n: v.symbol for n, v in definition.variables.items() if v.kind != "summed"},
    }
    return Scope(names, definition.functions, where=where, given=definition.given)


def surroundings(projection: Projection, definition: Definition) -> OuterScope:
    """Give the scope of names that texts of synapses with these variables may use beside them."""
    sides = {}
    for group, suffix in zip(projection.spaces, ("_pre", "_post"), strict=True):
        if group.definition is not None:
            sides[suffix] = group.definition
            functions = {of_side(n, suffix): f for n, f in group.definition.functions.items()}
            if functions:
                projection.own.environment.add_functions(functions)
    names = synaptic_scope(projection, definition, "").names
    own = {n for n, v in definition.variables.items() if v.kind != "summed"}
    others = {n: s for n, s in names.items() if n not in own}
    return OuterScope(others, aliases(names, definition), sides)


def standing(around: OuterScope, values: dict[str, Any]) -> OuterScope:
    """The same surroundings, with what stands for some names in every expression."""
    return replace(around, standing=values)


def aliases(names: Any, definition: Definition) -> dict[str, str]:
    """Bare names of target variables -> `x_post`."""
    own = {*definition.variables, *COUNTS, *TIMES, "lastupdate", "delay"}
    full = [name for name in names if name.endswith("_post")]
    return {n.removesuffix("_post"): n for n in full if n.removesuffix("_post") not in own}


# What each neuron has in any case, as synapses know it.
_OF_EACH = {
    suffix: {of_neurons(name, suffix): SPECIAL[name] for name in OF_EACH} for suffix in ("_pre", "_post")
}


def _neighbours(projection: Projection) -> dict[str, Symbol]:
    """The variables of source and target as `x_pre` and `x_post`; found once, until there are others."""
    key = [(tuple(space.state.slots), space.definition) for space in projection.spaces]
    if projection.neighbours is None or projection.neighbours[0] != key:
        projection.neighbours = key, _find_neighbours(projection)
    found: dict[str, Symbol] = projection.neighbours[1]
    return found


def _find_neighbours(projection: Projection) -> dict[str, Symbol]:
    found: dict[str, Symbol] = {}
    for group, suffix in zip(projection.spaces, ("_pre", "_post"), strict=True):
        for slot in group.state.slots.values():
            if slot.name in ("N", "dt"):
                continue
            found[slot.name + suffix] = stored(slot.kind, slot.unit_text)
        for variable in group.definition.variables.values() if group.definition else ():
            if variable.kind == "definition":
                found[variable.name + suffix] = variable.symbol
        found |= _OF_EACH[suffix]
    return found
