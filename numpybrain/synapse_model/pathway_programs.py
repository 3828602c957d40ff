"""The statements of a pathway as programs: one for each synapse that a spike reaches, one for each spike.

What is the same for all synapses of the neuron that spiked is calculated once for the spike: variables
with one value per neuron of that side, and what is made of them. The program of spikes runs first and
hands its results, one for each spike, to the program of synapses, as arguments `_passed_0`, `_passed_1` ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from numpybrain.language.definition import OuterScope
from numpybrain.language.nodes import Statements
from numpybrain.symbolic import optimise
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.statement_programs import (
    ACCUMULATING,
    Accesses,
    EventDrivenGroup,
    accesses,
    statements_program,
)
from numpybrain.symbolic.system import T

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection

ONE, NEAR, FAR = "one", "near", "far"  # what a value differs in: nothing, the spikes, the synapses


@dataclass(frozen=True, slots=True)
class PathwayPrograms:
    """Programs of a pathway: `spikes` for each spike, or None; `synapses` for each synapse, or None.

    `passed`: names of the arguments that the one hands to the other.
    """

    synapses: Program | None
    spikes: Program | None
    passed: tuple[str, ...]


def pathway_programs(
    projection: Projection,
    around: OuterScope,
    statements: Statements,
    which: str,
    tied: tuple[EventDrivenGroup, ...],
    kind: Callable[[str], str],
    sides_of: Mapping[str, str],
    shields: Iterable[str],
    *,
    late: bool,
) -> PathwayPrograms:
    """The programs of a pathway.

    `kind` says of a name what its values differ in, for a spike there; `sides_of` on which side variables
    live that have one value for each of its neurons. Refractory neurons keep `shields`. `late` is whether
    what coincides with a spike of the neuron acts after its reset.
    """
    definition = projection.own.definition
    assert definition is not None  # texts come with a definition
    accessed = accesses(statements, definition, around)
    both = entwined(accessed) if projection.is_recurrent else {}
    guards = {name: f"not_refractory_{name.rpartition('_')[2]}" for name in shields}
    solved = {name for group in tied for name in group.names}
    gathered = {n for n in around.names if n.endswith(("_pre", "_post"))} | (sides_of.keys() - solved)
    adding = accessed.accumulating & (gathered - both.keys())
    label = f"{which} of {projection.name}"
    program = statements_program(definition, statements, label, around, adding, guards, tied, both)
    if "lastupdate" in projection.own.state.slots and "lastupdate" not in definition.variables:
        program = replace(program, stores=(*program.stores, Store("lastupdate", "=", T)))
    near = {s.name for s in program.stores if kind(s.name) == NEAR and s.name in sides_of}

    def at_spikes(name: str) -> str:
        return FAR if name in both else kind(name)

    def at_synapses(name: str) -> str:
        """Classify where kept events act: after the reset, where they see the neuron that spiked."""
        seen = kind(name) == NEAR and name not in sides_of
        return FAR if seen else at_spikes(name)

    found = _split(program, near, at_spikes, at_synapses if late else at_spikes)
    if found.synapses is None:
        return found
    rounds = frozenset(("pre", "post")) if both else _written_sides(found.synapses, sides_of)
    return replace(found, synapses=replace(found.synapses, rounds=rounds))


def _split(
    program: Program,
    near: set[str],
    at_spikes: Callable[[str], str],
    at_synapses: Callable[[str], str],
) -> PathwayPrograms:
    """Take the program apart; `near` are the names that are stored for each spike.

    The functions say what the values of names differ in, for what is done at spikes and at synapses. What
    is stored for a spike is calculated at the spike, and handed on.
    """
    spiking = _kinds(program, near, at_spikes)
    kinds = spiking if at_spikes is at_synapses else _kinds(program, near, at_synapses, spiking)

    def is_far(s: sp.Symbol) -> bool:
        return kinds.get(s, ONE) == FAR

    def is_near(expr: Any) -> bool:
        return any(kinds.get(s) == NEAR for s in getattr(expr, "free_symbols", ()))

    far_steps = [(s, v) for s, v in program.steps if kinds[s] == FAR]
    far_stores = [s for s in program.stores if s.name not in near]
    values = [v for _, v in far_steps] + [s.value for s in far_stores]
    parts, left = optimise.hoist(values, is_far)
    back = {s: v for s, v in parts if not is_near(v)}
    handed: dict[Any, Any] = {s: v for s, v in parts if is_near(v)}
    for expr in left:  # also what is a bare name
        for s in sorted(getattr(expr, "free_symbols", ()), key=lambda s: s.name):
            if kinds.get(s) == NEAR:
                handed.setdefault(s, s)
    worth = near or any(v.has(sp.Function) for v in handed.values())
    if not worth:
        return PathwayPrograms(program, None, ())
    made = {s: made_up(f"_passed_{k}") for k, s in enumerate(handed)}
    left = [e.xreplace(back).xreplace(made) if isinstance(e, sp.Basic) else e for e in left]
    steps = tuple((s, v) for (s, _), v in zip(far_steps, left, strict=False))
    stores = tuple(Store(s.name, s.op, v) for s, v in zip(far_stores, left[len(steps) :], strict=True))
    draws = {s: d for s, d in program.draws.items() if kinds[s] == FAR}
    one = tuple((s, v) for s, v in program.steps if kinds[s] == ONE)
    names = {**program.names, **{s: s.name for s in made.values()}}
    far = (
        replace(program, names=names, steps=(*one, *steps), stores=stores, draws=draws) if stores else None
    )
    result = sp.Tuple(*handed.values()) if handed and far is not None else None
    spikes = replace(
        program,
        label=f"{program.label}, for each spike",
        steps=tuple((s, v) for s, v in program.steps if spiking[s] != FAR),
        stores=tuple(s for s in program.stores if s.name in near),
        result=result,
        draws={s: d for s, d in program.draws.items() if spiking[s] != FAR},
    )
    passed = tuple(s.name for s in made.values()) if far is not None else ()
    return PathwayPrograms(far, spikes, passed)


def _kinds(
    program: Program,
    near: set[str],
    kind: Callable[[str], str],
    spiking: Mapping[sp.Symbol, str] | None = None,
) -> Mapping[sp.Symbol, str]:
    """Classify each symbol by what its values differ in; `spiking`: those of what is stored for spikes."""
    assigned = {
        s.name for s in program.stores if s.op == "="
    } - near  # one after the other, synapse by synapse
    found: dict[sp.Symbol, str] = {}
    used = {s for e in program.expressions for s in getattr(e, "free_symbols", ())}
    for s, name in program.names.items():
        if s not in used:
            continue
        found[s] = FAR if name in assigned and kind(name) != ONE else kind(name)
    stored = [s.value for s in program.stores if s.name in near]
    needed = _needed(program, stored)
    for s, draw in program.draws.items():
        found[s] = NEAR if s in needed else FAR
        if any(found.get(x, ONE) == FAR for a in draw.arguments for x in a.free_symbols):
            found[s] = FAR
    for s, value in program.steps:
        if spiking is not None and s in needed:
            found[s] = spiking[s]
            continue
        below = {found.get(x, ONE) for x in value.free_symbols}
        found[s] = FAR if FAR in below else NEAR if NEAR in below else ONE
    return found


def _needed(program: Program, values: list[Any]) -> set[sp.Symbol]:
    """All symbols that some values are made of."""
    steps = dict(program.steps)
    found: set[sp.Symbol] = set()
    waiting = list(values)
    while waiting:
        for s in getattr(waiting.pop(), "free_symbols", ()):
            if s not in found:
                found.add(s)
                if s in steps:
                    waiting.append(steps[s])
                elif s in program.draws:
                    waiting.extend(program.draws[s].arguments)
    return found


def _written_sides(program: Program, sides_of: Mapping[str, str]) -> frozenset[str]:
    """On which sides no neuron must occur twice among the synapses of one call, since it is assigned."""
    assigned = [s.name for s in program.stores if s.op == "="]
    sides = [sides_of.get(name, name.rpartition("_")[2]) for name in assigned]
    return frozenset(s for s in sides if s in ("pre", "post"))


def entwined(accessed: Accesses) -> dict[str, str]:
    """Variables that statements use as `x_pre` and as `x_post`, where both are of one group.

    What one synapse does to the one changes what another finds in the other. Gives name -> the other name.
    """
    read, ways = accessed.reads, accessed.ways
    found: dict[str, str] = {}
    for name, own in ways.items():
        bare, _, side = name.rpartition("_")
        twin = f"{bare}_{'pre' if side == 'post' else 'post'}"
        if side in ("pre", "post") and twin in read | ways.keys():
            together = own | ways.get(twin, set())
            if read & {name, twin} or together not in ACCUMULATING:
                found |= {name: twin, twin: name}
    return found


def redirected(program: Program, names: Mapping[str, str]) -> Program:
    """A program that writes to other names than it says."""
    stores = tuple(replace(s, name=names.get(s.name, s.name)) for s in program.stores)
    return replace(
        program, stores=stores, names={**program.names, **{symbol(n): n for n in names.values()}}
    )


def result_of(program: Program, store: Store) -> Program:
    """The program that gives the value of one store."""
    return replace(program, label=f"what {program.label} adds", stores=(), result=store.value)
