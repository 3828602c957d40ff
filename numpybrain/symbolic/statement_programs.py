"""Statements to a program: each sees what those before it did; branches are chosen value by value.

In: checked statements. Out: a `Program` whose stores all happen at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from numpybrain.errors import ModelError
from numpybrain.language.definition import NOTHING, Definition, OuterScope
from numpybrain.language.dependencies import in_order, inputs
from numpybrain.language.function_table import FUNCTIONS
from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    If,
    Name,
    Number,
    Signed,
    Statement,
    Statements,
    assignments,
    expressions,
)
from numpybrain.language.scope import Symbol, Type
from numpybrain.language.unit_table import PLAIN
from numpybrain.symbolic.expression_bounds import power
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import Lowering, Scaled, symbol
from numpybrain.symbolic.past import with_past
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.special_functions import OPAQUE
from numpybrain.symbolic.system import T, symbol_names
from numpybrain.utils.memory import remembered

WAYS = {"+=": "add", "-=": "add", "*=": "multiply"}
LOGICAL = ("not", "and", "or")
ACCUMULATING = ({"add"}, {"multiply"})  # ways of writing that leave the order of events open


def statements_program(
    definition: Definition,
    statements: Statements,
    label: str,
    around: OuterScope = NOTHING,
    accumulating: frozenset[str] = frozenset(),
    shields: Mapping[str, str] | None = None,
    tied: Iterable[EventDrivenGroup] = (),
    twins: Mapping[str, str] | None = None,
) -> Program:
    """A program that carries out statements in order; each sees what the earlier ones did.

    `shields`: target -> the condition without which it keeps its old value.

    Targets in `accumulating` are only ever added to (or only multiplied) and never read: they are
    stored with their operator, so that several events at one target add up.

    `twins`: names of one variable, seen from both sides (`x_pre`, `x_post`): at a synapse of a neuron with
    itself they are the same.
    """
    program = _statements_program(
        definition.equations, statements, around, accumulating, shields or {}, tuple(tied), twins or {}
    )
    return program.labelled(label)


@remembered
def _statements_program(
    definition: Definition,
    statements: Statements,
    around: OuterScope,
    accumulating: frozenset[str],
    shields: Mapping[str, str],
    tied: tuple[EventDrivenGroup, ...],
    twins: Mapping[str, str],
) -> Program:
    lowering = Lowering(definition, around)
    known = {**{n: v.symbol for n, v in definition.variables.items()}, **around.names}
    made = _Statements(lowering, known, accumulating, shields, twins)
    made.run(statements)
    for group in tied:
        made.tie(group)
    program = Program(
        "",
        symbol_names(definition, around.names),
        tuple(made.steps),
        (*made.stores.values(), *made.adding.values()),
        draws=lowering.draws,
        functions=tuple(definition.functions),
        aggregates=bool(lowering.aggregates),
    )
    return with_past(program) if lowering.past else program


def sampled_program(definition: Definition, label: str, *, shared: bool) -> Program | None:
    """A program that calculates what is constant over a step: what is shared by the group, or the rest."""
    found = [definition.variables[name] for name in in_order(definition.variables)]
    chosen = [v for v in found if v.kind == "sampled" and ("shared" in v.flags) == shared]
    if not chosen:
        return None
    statements = [Statement(v.expr.span, v.name, "=", v.expr) for v in chosen if v.expr is not None]
    return statements_program(definition, tuple(statements), label)


@dataclass(frozen=True, slots=True)
class Accesses:
    """What statements read and write.

    Attributes:
        reads: full names of all that is read, through subexpressions as well.
        ways: target -> how it is written: "add", "multiply" or "other", or several of these.
        accumulating: targets that are only added to, or only multiplied, and never read.
    """

    reads: frozenset[str]
    ways: Mapping[str, set[str]]
    accumulating: frozenset[str]


def accesses(statements: Statements, definition: Definition, around: OuterScope) -> Accesses:
    """Find out what statements read and write."""
    found = [inputs(e, definition, around).names for e in expressions(statements)]
    reads: frozenset[str] = frozenset().union(*found)
    ways: dict[str, set[str]] = {}
    partial = set()  # parts of whole numbers do not add up: each event drops its own
    for s in assignments(statements):
        name = around.aliases.get(s.name, s.name)
        ways.setdefault(name, set()).add(WAYS.get(s.op, "other"))
        if _is_integer(name, definition, around) and not _is_whole(s.expr, definition, around):
            partial.add(name)
    once = {name for name, way in ways.items() if way in ACCUMULATING}
    return Accesses(reads, ways, frozenset(once - partial - reads))


def _is_integer(name: str, definition: Definition, around: OuterScope) -> bool:
    """Whether a variable holds whole numbers."""
    variable = definition.variables.get(name)
    known = around.names.get(name) if variable is None else variable.symbol
    return known is not None and known.unit_text == "integer"


def _is_whole(expr: Expr, definition: Definition, around: OuterScope) -> bool:
    """Whether the value of an expression is a whole number, whatever the state."""
    if isinstance(expr, Number):
        return expr.value.denominator == 1
    if isinstance(expr, Name):
        return _is_integer(around.aliases.get(expr.id, expr.id), definition, around)
    if isinstance(expr, Compare) or (isinstance(expr, (Signed, Binary)) and expr.op in LOGICAL):
        return True  # a condition, which counts as 0 or 1
    if isinstance(expr, Signed):
        parts: tuple[Expr, ...] = (expr.operand,)
    elif isinstance(expr, Conditional):
        parts = (expr.yes, expr.no)
    elif isinstance(expr, Binary) and expr.op in ("+", "-", "*"):
        parts = (expr.left, expr.right)
    else:
        function = FUNCTIONS.get(expr.function) if isinstance(expr, Call) else None
        return function is not None and function.is_whole
    return all(_is_whole(part, definition, around) for part in parts)


@dataclass(frozen=True, slots=True)
class EventDrivenGroup:
    """Variables stored as of one time: when one of them, or an input, is assigned, all are stored."""

    names: tuple[str, ...]
    since: str
    inputs: frozenset[str]


@dataclass(slots=True)
class _Statements:
    """Runs through statements; `lowering.current` is what names stand for at each point."""

    lowering: Lowering
    known: Mapping[str, Symbol]
    accumulating: frozenset[str]
    shields: Mapping[str, str]
    twins: Mapping[str, str]
    steps: list[tuple[sp.Symbol, Any]] = field(default_factory=list)
    stores: dict[str, Store] = field(default_factory=dict)
    adding: dict[str, Store] = field(default_factory=dict)

    def run(self, statements: Statements, condition: Any = None) -> None:
        """Carry out statements; where `condition` is false, nothing is added to anything."""
        for item in statements:
            if isinstance(item, If):
                self._choose(item, condition)
            else:
                self._assign(item, condition)

    def _name(self, name: str, value: Any) -> sp.Symbol:
        """A new name for a value."""
        made = made_up(f"{name}_{len(self.steps) + 1}")
        self.steps.append((made, value))
        return made

    def _assign(self, item: Statement, condition: Any) -> None:
        lowering = self.lowering
        name = lowering.around.aliases.get(item.name, item.name)
        own = lowering.definition.variables.get(name)
        value = lowering.scaled_for(item.expr, shared=own is not None and "shared" in own.flags)
        target = self.known.get(name)
        unit = target.type if target is not None else value.unit
        if name in self.accumulating:
            change = lowering.bounds.checked(value.in_unit(PLAIN if item.op == "*=" else unit), item.span)
            self._accumulate(name, item.op, self._fitting(name, change), condition)
            return
        old = lowering.current.get(name) or Scaled(symbol(name), unit)
        new = lowering.bounds.checked(_assigned(item, old, value, old.unit), item.span)
        new = self._fitting(name, new)
        if name in self.shields:
            new = OPAQUE["where"](symbol(self.shields[name]), new, old.expr)
        self._set(name, Scaled(self._name(name, new), old.unit))

    def _fitting(self, name: str, value: Any) -> Any:
        """A value as a variable holds it: whole numbers are rounded towards zero."""
        known = self.known.get(name)
        whole = known is not None and known.unit_text == "integer"
        return OPAQUE["to_int"](value) if whole else value

    def _accumulate(self, name: str, op: str, change: Any, condition: Any) -> None:
        """Add to, or multiply, what is stored anyway: each target is stored once."""
        before = self.adding.get(name)
        if op == "*=":
            change = change if condition is None else OPAQUE["where"](condition, change, sp.Integer(1))
            self.adding[name] = Store(name, op, change if before is None else before.value * change)
            return
        change = change if condition is None else OPAQUE["where"](condition, change, sp.Integer(0))
        if before is None:
            self.adding[name] = Store(name, op, change)
        else:
            change = change if op == before.op else -change
            self.adding[name] = Store(name, before.op, before.value + change)

    def _set(self, name: str, value: Scaled) -> None:
        self._keep(name, value)
        twin = self.twins.get(name)
        if twin is not None:
            other = self.lowering.current.get(twin) or Scaled(symbol(twin), value.unit)
            same = OPAQUE["equal"](symbol("i_pre"), symbol("i_post"))
            self._keep(
                twin, Scaled(OPAQUE["where"](same, value.expr, other.in_unit(value.unit)), value.unit)
            )

    def _keep(self, name: str, value: Scaled) -> None:
        self.lowering.assign(name, value)
        if name in self.known:
            self.stores[name] = Store(name, "=", value.expr)

    def tie(self, group: EventDrivenGroup) -> None:
        """Store the values of all variables of a group now, if need be."""
        if {*self.stores, *self.adding}.isdisjoint({*group.names, *group.inputs}):
            return
        for name in group.names:
            if name not in self.stores:
                self.stores[name] = Store(name, "=", self.lowering.current[name].expr)
        self.stores[group.since] = Store(group.since, "=", T)

    def _choose(self, item: If, condition: Any) -> None:
        """Both branches from the same start; then each name has the value of the branch that holds."""
        holds = self._name("if", self.lowering.scaled(item.condition).expr)
        fails = OPAQUE["logical_not"](holds)
        before = self.lowering.current
        branches = []
        for block, here in ((item.yes, holds), (item.no, fails)):
            self.lowering.go_back(before)
            self.run(block, here if condition is None else OPAQUE["logical_and"](condition, here))
            branches.append(self.lowering.current)
        self.lowering.go_back(before)
        yes, no = branches
        for name in dict.fromkeys((*yes, *no)):
            a, b = (branch.get(name) or self._old(name) for branch in branches)
            if a is None or b is None or a == b:  # a temporary of one branch, or nothing new
                continue
            unit = a.unit if name in self.known else (before.get(name) or a).unit
            value = OPAQUE["where"](holds, a.in_unit(unit), b.in_unit(unit))
            self._set(name, Scaled(self._name(name, value), unit))

    def _old(self, name: str) -> Scaled | None:
        """Give the value of a variable of the model where no statement has assigned it; None for others."""
        found = self.known.get(name)
        return None if found is None else Scaled(symbol(name), found.type)


def _assigned(item: Statement, old: Scaled, value: Scaled, unit: Type) -> Any:
    """The new value of a target of an (augmented) assignment, in the target's unit."""
    op = item.op
    if op == "=":
        return value.in_unit(unit)
    if op in ("+=", "-="):
        change = value.in_unit(unit)
        return old.expr + change if op == "+=" else old.expr - change
    factor = value.in_unit(PLAIN)
    if op == "*=":
        return old.expr * factor
    if factor == 0 and op in ("/=", "//=", "%="):
        raise ModelError("division by zero", item.expr.span)
    if op == "/=":
        return old.expr / factor
    if op == "**=":
        return power(old.expr, factor, item.expr.span)
    return OPAQUE["floor_divide" if op == "//=" else "mod"](old.expr, factor)
