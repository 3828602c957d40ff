"""Statements to a program: each sees what those before it did; branches are chosen value by value.

In: checked statements. Out: a `Program` whose stores all happen at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from numpybrain.language.definition import NOTHING, Around, Definition
from numpybrain.language.dependencies import in_order
from numpybrain.language.nodes import If, Name, Statement, Statements, assignments, expressions
from numpybrain.language.scope import Symbol, Type
from numpybrain.language.units import PLAIN
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import Lowering, Scaled, symbol
from numpybrain.symbolic.nodes import OPAQUE
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.system import T, symbol_names

NEUTRAL = {"+=": 0, "-=": 0, "*=": 1}  # what changes nothing


def statements_program(
    definition: Definition,
    statements: Statements,
    label: str,
    around: Around = NOTHING,
    accumulating: frozenset[str] = frozenset(),
    shields: Mapping[str, str] | None = None,
    tied: Iterable[Tied] = (),
    twins: Mapping[str, str] | None = None,
) -> Program:
    """A program that carries out statements in order; each sees what the earlier ones did.

    `shields`: target -> the condition without which it keeps its old value.

    Targets in `accumulating` are only ever added to (or only multiplied) and never read: they are
    stored with their operator, so that several events at one target add up.

    `twins`: names of one variable, seen from both sides (`x_pre`, `x_post`): at a synapse of a neuron with
    itself they are the same.
    """
    lowering = Lowering(definition, around)
    known = {**{n: v.symbol for n, v in definition.variables.items()}, **around.names}
    made = _Statements(lowering, known, accumulating, shields or {}, twins or {})
    made.run(statements)
    for group in tied:
        made.tie(group)
    return Program(
        label,
        symbol_names(definition, around.names),
        tuple(made.steps),
        (*made.stores.values(), *made.adding),
        draws=lowering.draws,
        functions=tuple(definition.functions),
    )


def sampled_program(definition: Definition, label: str, *, shared: bool) -> Program | None:
    """A program that calculates what is constant over a step: what is shared by the group, or the rest."""
    found = [definition.variables[name] for name in in_order(definition.variables)]
    chosen = [v for v in found if v.kind == "sampled" and ("shared" in v.flags) == shared]
    if not chosen:
        return None
    statements = [Statement(v.expr.span, v.name, "=", v.expr) for v in chosen if v.expr is not None]
    return statements_program(definition, tuple(statements), label)


def accumulating_targets(
    statements: Statements, aliases: Mapping[str, str], gathered: Iterable[str]
) -> frozenset[str]:
    """Targets among `gathered` that statements only add to, or only multiply, and never read."""
    nodes = (node for e in expressions(statements) for node in e.walk())
    read = {aliases.get(n.id, n.id) for n in nodes if isinstance(n, Name)}
    kinds: dict[str, set[str]] = {}
    for s in assignments(statements):
        kind = {"+=": "add", "-=": "add", "*=": "multiply"}.get(s.op, "other")
        kinds.setdefault(aliases.get(s.name, s.name), set()).add(kind)
    wanted = set(gathered)
    return frozenset(
        name for name, k in kinds.items()
        if name in wanted and name not in read and k in ({"add"}, {"multiply"})
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tied:
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
    adding: list[Store] = field(default_factory=list)

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
        value = lowering.scaled(item.expr)
        target = self.known.get(name)
        unit = target.type if target is not None else value.unit
        if name in self.accumulating:
            change = value.in_unit(unit if item.op in ("+=", "-=") else PLAIN)
            if condition is not None:
                change = OPAQUE["where"](condition, change, sp.Integer(NEUTRAL[item.op]))
            self.adding.append(Store(name, item.op, change))
            return
        old = lowering.current.get(name) or Scaled(symbol(name), unit)
        new = _assigned(item.op, old, value, old.unit)
        if name in self.shields:
            new = OPAQUE["where"](symbol(self.shields[name]), new, old.expr)
        self._set(name, Scaled(self._name(name, new), old.unit))

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
        self.lowering.current[name] = value
        if name in self.known:
            self.stores[name] = Store(name, "=", value.expr)

    def tie(self, group: Tied) -> None:
        """Store the values of all variables of a group now, if need be."""
        if self.stores.keys().isdisjoint({*group.names, *group.inputs}):
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
            self.lowering.current = dict(before)
            self.run(block, here if condition is None else OPAQUE["logical_and"](condition, here))
            branches.append(self.lowering.current)
        self.lowering.current = before
        yes, no = branches
        for name in dict.fromkeys((*yes, *no)):
            a, b = (branch.get(name) or self._old(name) for branch in branches)
            if a is None or b is None or a == b:  # a temporary of one branch, or nothing new
                continue
            unit = a.unit if name in self.known else (before.get(name) or a).unit
            value = OPAQUE["where"](holds, a.in_unit(unit), b.in_unit(unit))
            self._set(name, Scaled(self._name(name, value), unit))

    def _old(self, name: str) -> Scaled | None:
        """What a variable of the model stands for where nobody has assigned it; None for others."""
        found = self.known.get(name)
        return None if found is None else Scaled(symbol(name), found.type)


def _assigned(op: str, old: Scaled, value: Scaled, unit: Type) -> Any:
    """The new value of a target of an (augmented) assignment, in the target's unit."""
    if op == "=":
        return value.in_unit(unit)
    if op in ("+=", "-="):
        change = value.in_unit(unit)
        return old.expr + change if op == "+=" else old.expr - change
    factor = value.in_unit(PLAIN)
    if op == "*=":
        return old.expr * factor
    if op == "/=":
        return old.expr / factor
    if op == "**=":
        return old.expr**factor
    return OPAQUE["floor_divide" if op == "//=" else "mod"](old.expr, factor)
