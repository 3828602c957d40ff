"""The programs of a model: state update, conditions, statements, values. What the kernel asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.language.definition import Definition
from numpybrain.language.nodes import Expr, Name, Quantity, Statement
from numpybrain.language.scope import Symbol, Type
from numpybrain.language.units import PLAIN
from numpybrain.symbolic import methods
from numpybrain.symbolic.lower import Lowering, Scaled, symbol
from numpybrain.symbolic.methods.base import Method
from numpybrain.symbolic.nodes import OPAQUE
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.system import System, lower_system, symbol_names


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """The state update of a model: its system, the method and why it was chosen.

    `held` is the program of refractory neurons, needed only where a variable that goes on depends on
    one that stands still.
    """

    system: System
    method: Method
    why: str
    program: Program
    held: Program | None


def update_plan(definition: Definition, method: Any) -> UpdatePlan | None:
    """How to integrate a model; None if it has no differential equations."""
    system = lower_system(definition)
    if not system.rates:
        return None
    chosen, why = methods.choose(system, method)
    held = None
    if system.held and system.depends_on_held:
        still = system.held_still()
        held = chosen.make(still) if chosen.refuses(still) is None else methods.METHODS["rk4"].make(still)
    return UpdatePlan(system, chosen, why, chosen.make(system), held)


def value_program(
    definition: Definition,
    node: Expr | Quantity,
    unit: Type | None,
    label: str,
    names: Mapping[str, Symbol] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Program:
    """A program that returns the value of an expression, in `unit`; a condition if None."""
    lowering = Lowering(definition, names or {}, aliases=aliases or {})
    result = lowering.lower(node, unit)
    return Program(
        label, _names(definition, names), result=result, draws=dict(lowering.draws),
        functions=tuple(definition.functions),
    )  # fmt: skip


def subexpression_program(
    definition: Definition,
    name: str,
    names: Mapping[str, Symbol] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Program:
    """A program that returns the values of a subexpression of the model."""
    lowering = Lowering(definition, names or {}, aliases=aliases or {})
    result = lowering.subexpression(definition.variables[name]).expr
    return Program(
        f"'{name}'", _names(definition, names), result=result, draws=dict(lowering.draws),
        functions=tuple(definition.functions),
    )  # fmt: skip


def statements_program(
    definition: Definition,
    statements: Iterable[Statement],
    label: str,
    names: Mapping[str, Symbol] | None = None,
    aliases: Mapping[str, str] | None = None,
    accumulating: frozenset[str] = frozenset(),
    shields: Mapping[str, str] | None = None,
) -> Program:
    """A program that carries out statements in order; each sees what the earlier ones did.

    `shields`: target -> the condition without which it keeps its old value.

    Targets in `accumulating` are only ever added to (or only multiplied) and never read: they are
    stored with their operator, so that several events at one target add up.
    """
    lowering = Lowering(definition, names or {}, aliases=aliases or {})
    known = {**{n: v.symbol for n, v in definition.variables.items()}, **(names or {})}
    steps: list[tuple[sp.Symbol, Any]] = []
    stores: dict[str, Store] = {}
    adding: list[Store] = []
    for count, statement in enumerate(statements):
        name = lowering.aliases.get(statement.name, statement.name)
        scaled = lowering.scaled(statement.expr)
        target = known.get(name)
        unit = target.type if target is not None else scaled.unit
        if name in accumulating:
            assert target is not None  # only variables accumulate
            value = scaled.in_unit(unit) if statement.op in ("+=", "-=") else scaled.expr
            adding.append(Store(name, statement.op, value))
            continue
        old = lowering.current.get(name) or Scaled(symbol(name), unit)
        value = _assigned(statement.op, old, scaled, unit)
        if name in (shields or {}):
            value = OPAQUE["where"](symbol((shields or {})[name]), value, old.expr)
        made = sp.Symbol(f"{symbol(name).name}_{count + 1}", real=True)
        steps.append((made, value))
        lowering.current[name] = Scaled(made, unit)
        if target is not None:
            stores[name] = Store(name, "=", made)
    return Program(
        label, _names(definition, names), tuple(steps), (*stores.values(), *adding),
        draws=dict(lowering.draws), functions=tuple(definition.functions),
    )  # fmt: skip


def accumulating_targets(
    statements: Iterable[Statement], aliases: Mapping[str, str], gathered: Iterable[str]
) -> frozenset[str]:
    """Targets among `gathered` that statements only add to, or only multiply, and never read."""
    statements = tuple(statements)
    read = {aliases.get(n.id, n.id) for s in statements for n in s.expr.walk() if isinstance(n, Name)}
    kinds: dict[str, set[str]] = {}
    for s in statements:
        kind = {"+=": "add", "-=": "add", "*=": "multiply"}.get(s.op, "other")
        kinds.setdefault(aliases.get(s.name, s.name), set()).add(kind)
    wanted = set(gathered)
    return frozenset(
        name for name, k in kinds.items()
        if name in wanted and name not in read and k in ({"add"}, {"multiply"})
    )  # fmt: skip


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


def _names(definition: Definition, names: Mapping[str, Symbol] | None) -> dict[sp.Symbol, str]:
    return {**symbol_names(definition), **{symbol(n): n for n in names or {}}}
