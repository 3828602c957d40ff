"""Event-driven variables: stored as of their last event, and exact at any later time.

dx/dt = A x + b with constant A and b, between events. In: the definition. Out: for each variable the
expression of its value at t, from what is stored and since when.
"""

from __future__ import annotations

from numpybrain.errors import MethodError
from numpybrain.language.definition import MS, Definition, OuterScope
from numpybrain.language.dependencies import inputs
from numpybrain.language.nodes import Expr
from numpybrain.language.scope import Symbol
from numpybrain.symbolic import analysis
from numpybrain.symbolic.lower import Scaled, symbol
from numpybrain.symbolic.methods.exact import EXACT
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.statement_programs import EventDrivenGroup
from numpybrain.symbolic.system import DT, System, T, lower_system, symbol_names
from numpybrain.synapse_model.variable_placement import coupled

HELP = "make it clock-driven, or let it depend on synaptic parameters only"


def components(definition: Definition) -> list[EventDrivenGroup]:
    """The groups of event-driven variables that are solved together, in definition order."""
    found: dict[str, EventDrivenGroup] = {}
    for name, others in coupled(definition).items():
        if any(name in c.names for c in found.values()):
            continue
        names = tuple(n for n in definition.variables if n in others)
        used: set[str] = set()
        for n in names:
            expr = definition.variables[n].expr
            assert isinstance(expr, Expr)  # a differential equation has a right-hand side
            used |= inputs(expr, definition).names - others
        found[name] = EventDrivenGroup(names, f"_since_{names[0]}", frozenset(used))
    return list(found.values())


def times(parts: list[EventDrivenGroup]) -> dict[str, Symbol]:
    """Give the symbols that the names of the times stand for."""
    return {part.since: Symbol(MS, "special", "ms") for part in parts}


def values_now(
    definition: Definition, around: OuterScope, parts: list[EventDrivenGroup]
) -> dict[str, Scaled]:
    """Variable -> its value at t.

    Raises:
        MethodError: if an equation is not linear, or depends on what changes between events.
    """
    found: dict[str, Scaled] = {}
    for part in parts:
        system = lower_system(definition, around=around, only=part.names)
        _check(definition, around, system, part)
        program = EXACT.make(system)
        steps = dict(program.steps)
        elapsed = T - symbol(part.since)
        stored = {s.name: s.value for s in program.stores}
        for name in part.names:
            value = stored.get(name, symbol(name))  # one that stands still is not stored
            for step, made in reversed(list(steps.items())):
                value = value.xreplace({step: made})
            found[name] = Scaled(value.xreplace({DT: elapsed}), definition.variables[name].unit)
    return found


def settling_program(
    definition: Definition, around: OuterScope, groups: list[EventDrivenGroup], label: str
) -> Program:
    """A program that stores the present values of event-driven variables."""
    names = [name for group in groups for name in group.names]
    stores = [Store(name, "=", around.standing[name].expr) for name in names]
    stores += [Store(group.since, "=", T) for group in groups]
    return Program(label, symbol_names(definition, around.names), stores=tuple(stores))


def _check(definition: Definition, around: OuterScope, system: System, part: EventDrivenGroup) -> None:
    """Raise the error for equations that have no exact solution between events."""
    linear = analysis.whole_system(system.rates, system.variables)
    equation = definition.variables[part.names[0]].equation
    place = equation.span if equation is not None else None
    message = f"'{part.names[0]}' cannot be event-driven: "
    if system.noise or system.draws:
        raise MethodError(f"{message}its equation is random", place, help="make it clock-driven")
    for name in sorted(part.inputs):
        variable = definition.variables.get(name)
        full = around.aliases.get(name, name)
        if variable is None:
            moves = name in ("t", "dt") or (full in around.names and full.endswith(("_pre", "_post")))
        else:
            moves = variable.kind not in ("parameter", "definition")
        if moves:
            raise MethodError(f"{message}'{name}' may change between events", place, help=HELP)
    if isinstance(linear, analysis.NotLinear):
        why = f"the equations are not linear because of {system.show(linear.term)}"
        raise MethodError(message + why, place, help="make it clock-driven")
