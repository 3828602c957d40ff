"""Dependencies of subexpressions on each other: their order, cycles, and how large they get.

In: the variables of a model. Out: orders, and errors, each at the name of the equation at fault.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpybrain.errors import ModelError, NumpyBrainError
from numpybrain.language import unit_hints, unit_table
from numpybrain.language.definition import NOTHING, SPECIAL, Definition, ModelVariable, OuterScope, is_noise
from numpybrain.language.function_table import draws
from numpybrain.language.nodes import Binary, Call, Equation, Expr, Name, name_read
from numpybrain.source import Span
from numpybrain.utils import naming
from numpybrain.utils.purity import is_stateless

OF_EACH = ("i", "N", "lastspike", "not_refractory")  # special names that each group has of its own
MAX_CHAINED = 60  # subexpressions that use one another in a row
MAX_SIZE = 20_000  # nodes of one expression after all subexpressions in it are written out
MAX_NESTED = 200  # operands within operands, the same


def name_span(equation: Equation) -> Span:
    """The place of the name that an equation defines."""
    start = equation.span.start + (equation.kind == "differential")
    return equation.span.source.span(start, start + len(equation.name))


def reserved(
    variables: Mapping[str, ModelVariable], taken: Container[str], where: str
) -> list[NumpyBrainError]:
    """An error for each variable whose name means something else where it would live."""
    return [
        naming.reserved(v.name, where, name_span(v.equation))
        for v in variables.values()
        if v.equation is not None and v.name in taken
    ]


def check(variables: Mapping[str, ModelVariable]) -> list[NumpyBrainError]:
    """An error for a cycle of subexpressions, or for one that becomes too large."""
    cycle = _order(_calculated(variables))[1]
    if cycle:
        message = "subexpressions use each other in a cycle: " + " -> ".join(cycle)
        is_unit = len(cycle) == 2 and unit_table.named(cycle[0]) is not None
        mend = unit_hints.unhide(cycle[:1]) if is_unit else "make one of them a dx/dt or a parameter"
        return [_error(message, variables[cycle[0]], mend)]
    uses = {n: _uses(v, variables, ("definition",)) for n, v in variables.items() if v.expr is not None}
    definitions = {n: u for n, u in uses.items() if variables[n].kind == "definition"}
    order, _ = _order(definitions)
    sizes: dict[str, tuple[int, int, int]] = {}  # name -> (nodes, subexpressions in a row, depth)
    for name in (*order, *(n for n in uses if n not in definitions)):
        below = [sizes[used] for used in uses[name]]
        expr = variables[name].expr
        assert expr is not None  # asked before
        nodes = len(list(expr.walk())) + sum(n for n, _, _ in below)
        chained = 1 + max((c for _, c, _ in below), default=0)
        depth = _depth(expr, {used: sizes[used][2] for used in uses[name]})
        sizes[name] = nodes, chained, depth
        if nodes > MAX_SIZE or chained > MAX_CHAINED or depth > MAX_NESTED:
            message = f"'{name}' becomes too large when its subexpressions are written out"
            return [_error(message, variables[name], "store a part of it in a variable of its own")]
    return []


def _depth(expr: Expr, depths: Mapping[str, int]) -> int:
    """Give the depth of operands within operands, with names as deep as `depths` says.

    The terms of a sum and the factors of a product stand side by side.
    """
    if isinstance(expr, Name):
        return depths.get(expr.id, 0)
    first = expr.left if isinstance(expr, Binary) and expr.op != "**" else None
    below = ((child, _depth(child, depths)) for child in expr.children())
    return max((depth + (child is not first) for child, depth in below), default=0)


def in_order(variables: Mapping[str, ModelVariable]) -> list[str]:
    """Names of all subexpressions, each after those that it uses."""
    return _order(_calculated(variables))[0]


@dataclass(slots=True)
class Inputs:
    """Inputs that a value depends on: names, and whether something random is among them."""

    names: set[str] = field(default_factory=set)
    random: bool = False

    def add(self, other: Inputs) -> None:
        """Depend on this as well."""
        self.names |= other.names
        self.random |= other.random


def inputs(expr: Expr, definition: Definition, around: OuterScope = NOTHING) -> Inputs:
    """Give the inputs of an expression: subexpressions, of neurons on both sides too, are written out."""
    found = Inputs()
    waiting: list[tuple[Expr, str]] = [(expr, "")]
    seen: set[str] = set()
    while waiting:
        inner, suffix = waiting.pop()
        home = around.sides[suffix] if suffix else definition
        for node in inner.walk():
            if isinstance(node, Call):
                function = home.functions.get(node.function)
                stateful = function is not None and is_stateless(function) is False
                stateful = stateful and not getattr(function, "is_repeatable", False)  # a function of time
                found.random |= draws(node.function) or stateful
            read = name_read(node)
            if read is None or (isinstance(node, Call) and read not in home.variables):
                continue
            own = suffix and (read in home.variables or read in OF_EACH)
            name = naming.of_neurons(read, suffix) if own else around.aliases.get(read, read)
            if name in seen:
                continue
            seen.add(name)
            written_out = _written_out(name, definition, around)
            if written_out is not None:
                waiting.append(written_out)
            elif is_noise(name):
                found.random = True
            else:
                found.names.add(name)
    return found


def _written_out(name: str, definition: Definition, around: OuterScope) -> tuple[Expr, str] | None:
    """The right-hand side in the place of a subexpression, and on which side it stands; None for others."""
    variable, suffix = definition.variables.get(name), ""
    if variable is None:
        bare, _, side = name.rpartition("_")
        suffix = f"_{side}"
        home = around.sides.get(suffix)
        variable = None if home is None else home.variables.get(bare)
    if variable is None or variable.kind != "definition" or variable.expr is None:
        return None
    return variable.expr, suffix


def initial_order(initial: Mapping[str, Any], variables: Mapping[str, ModelVariable]) -> list[str]:
    """Names of the start values, each after those that its expression uses; in a cycle, as written."""
    uses: dict[str, list[str]] = {}
    for name, value in initial.items():
        waiting, seen = [value] if isinstance(value, Expr) else [], {name}
        uses[name] = []
        while waiting:
            for used in (n.id for n in waiting.pop().walk() if isinstance(n, Name)):
                variable = variables.get(used)
                if used in seen or variable is None:
                    continue
                seen.add(used)
                if used in initial:
                    uses[name].append(used)
                elif variable.kind != "differential" and variable.expr is not None:
                    waiting.append(variable.expr)
    order, cycle = _order(uses)
    return list(initial) if cycle else order


def noisy(variables: Mapping[str, ModelVariable]) -> set[str]:
    """Names of the subexpressions that contain white noise, themselves or through others."""
    found: set[str] = set()
    for name in in_order(variables):
        expr = variables[name].expr
        assert expr is not None  # a subexpression has a right-hand side
        names = [n.id for n in expr.walk() if isinstance(n, Name)]
        if any(is_noise(n) or n in found for n in names):
            found.add(name)
    return found


def beyond_parameters(name: str, variables: Mapping[str, ModelVariable]) -> str | None:
    """Find what a subexpression depends on beside parameters, in words; None if on these alone.

    Names that are not defined are values from outside.
    """
    waiting, seen = [name], {name}
    while waiting:
        expr = variables[waiting.pop()].expr
        for node in () if expr is None else expr.walk():
            if isinstance(node, Call) and draws(node.function):
                return f"{node.function}()"
            used = node.id if isinstance(node, Name) else None
            if used is None or used in seen:
                continue
            seen.add(used)
            if used in variables and variables[used].kind == "definition":
                waiting.append(used)
            elif variables[used].kind != "parameter" if used in variables else _is_moving(used):
                return f"'{used}'"
    return None


def _is_moving(name: str) -> bool:
    """Whether an undefined name means something that differs from neuron to neuron or in time."""
    return name in SPECIAL or is_noise(name)


def _calculated(variables: Mapping[str, ModelVariable]) -> dict[str, list[str]]:
    """Give for every subexpression, written out or stored, the subexpressions that it uses."""
    kinds = ("definition", "sampled", "summed")
    return {n: _uses(v, variables, kinds) for n, v in variables.items() if v.kind in kinds}


def _uses(
    variable: ModelVariable, variables: Mapping[str, ModelVariable], kinds: tuple[str, ...]
) -> list[str]:
    """Names of the subexpressions in an equation, as often as they occur."""
    assert variable.expr is not None  # asked before
    names = [n.id for n in variable.expr.walk() if isinstance(n, Name) and n.id in variables]
    return [n for n in names if variables[n].kind in kinds]


def _order(uses: Mapping[str, list[str]]) -> tuple[list[str], list[str]]:
    """Names so that each comes after those it uses; and a cycle, if there is one."""
    order: list[str] = []
    done: set[str] = set()
    for first in uses:
        if first in done:
            continue
        path = {first: iter(uses[first])}  # depth first, without recursion: text decides how deep
        while path:
            name = next(reversed(path))
            following = next((n for n in path[name] if n not in done), None)
            if following is None:
                del path[name]
                done.add(name)
                order.append(name)
            elif following in path:
                names = list(path)
                return order, [*names[names.index(following) :], following]
            else:
                path[following] = iter(uses[following])
    return order, []


def _error(message: str, variable: ModelVariable, advice: str) -> ModelError:
    place = name_span(variable.equation) if variable.equation is not None else None
    return ModelError(message, place, help=advice)
