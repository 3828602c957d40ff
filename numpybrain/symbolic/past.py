"""Values of earlier times, `x(t - d)`: variables, one for each time in a step at which a method looks.

In: a program with nodes `Past`. Out: the same with names in their place, and what these stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from numpybrain.symbolic.formula_printer import readable
from numpybrain.symbolic.identifiers import bare, made_up
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.special_functions import Past
from numpybrain.symbolic.system import DT, System, T

ORDER = 2  # of what is linear between steps


@dataclass(frozen=True, slots=True)
class PastValue:
    """What the name of a past value stands for.

    Attributes:
        variable: the name of the variable that is read.
        delay: program that gives how long ago, in ms, for each neuron or for all.
        offset: the time that this is before, from the start of the step, in steps.
        shown: what the text says.
    """

    variable: str
    delay: Program
    offset: float
    shown: str


def with_past(program: Program) -> Program:
    """The program in which past values have names; `Program.past` tells what they stand for."""
    found = _nodes(program.expressions)
    names, past = dict(program.names), {}
    moved: dict[Any, sp.Symbol] = {}
    for node in found:
        variable, delay, time = bare(node.args[0].name), node.args[1], node.args[2]
        offset = sp.expand(time - T).coeff(DT)
        assert sp.expand(time - T - offset * DT) == 0  # methods that look elsewhere refuse
        shown = readable(Past(node.args[0], delay, T), program.names)
        about = Program(f"delay of {shown}", program.names, result=delay)
        key = readable(node, program.names)
        moved[node] = made_up(f"{variable}_past{len(moved) + 1}")
        names[moved[node]] = key
        past[key] = PastValue(variable, about, float(offset), shown)
    if not found:
        return program

    def put(value: Any) -> Any:
        return value.xreplace(moved) if isinstance(value, sp.Basic) else value

    return replace(
        program,
        names=names,
        steps=tuple((s, put(value)) for s, value in program.steps),
        stores=tuple(replace(store, value=put(store.value)) for store in program.stores),
        result=put(program.result),
        draws={s: replace(d, arguments=tuple(map(put, d.arguments))) for s, d in program.draws.items()},
        past=past,
    )


def shown(system: System) -> str:
    """The past values that the rates of a system read, as they are written."""
    found = (Past(node.args[0], node.args[1], T) for node in _nodes(system.rates.values()))
    return ", ".join(dict.fromkeys(system.show(node) for node in found))


def _nodes(expressions: Iterable[Any]) -> list[Any]:
    found = {node for e in expressions if isinstance(e, sp.Basic) for node in e.atoms(Past)}
    return sorted(found, key=sp.default_sort_key)
