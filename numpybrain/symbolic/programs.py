"""The programs of a model, as the kernel needs them: state update, conditions, statements, values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from numpybrain.language.definition import NOTHING, Definition, OuterScope
from numpybrain.language.nodes import Expr, Name, Quantity
from numpybrain.language.number_bounds import unnested
from numpybrain.language.scope import Type
from numpybrain.source import Source
from numpybrain.symbolic import methods
from numpybrain.symbolic import upstroke as upstrokes
from numpybrain.symbolic.analysis import NotLinear, linear_in
from numpybrain.symbolic.lower import Lowering, symbol
from numpybrain.symbolic.methods.base import Method
from numpybrain.symbolic.methods.looped import TIME, argument
from numpybrain.symbolic.past import with_past
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.special_functions import OPAQUE
from numpybrain.symbolic.system import System, lower_system, symbol_names
from numpybrain.symbolic.upstroke import Unbounded, Upstroke
from numpybrain.utils.memory import remembered


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """The state update of a model: its system, the method and why it was chosen.

    `held` is the program of refractory neurons, needed only where a variable that goes on depends on
    one that stands still. `upstroke` is the variable that runs to infinity at a spike, bounded in the
    programs or not; `limits` the program that gives its bounds to loops.
    """

    system: System
    method: Method
    why: str
    program: Program
    held: Program | None
    upstroke: Upstroke | Unbounded | None = None
    limits: Program | None = None
    _nonlinear: tuple[str, ...] | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def nonlinear(self) -> tuple[str, ...]:
        """The variables that are not linear in themselves: only these can explode within a step."""
        if self._nonlinear is None:
            rates, names = self.system.rates.items(), self.system.names
            found = tuple(names[x] for x, f in rates if isinstance(linear_in(f, [x]), NotLinear))
            object.__setattr__(self, "_nonlinear", found)
        return self._nonlinear  # type: ignore[return-value]  # it is known by now

    @property
    def arguments(self) -> tuple[str, ...]:
        """Arguments of the program of a method that is a loop: the variables, and the time."""
        return (*(argument(self.system.names[x]) for x in self.system.variables), TIME)


def update_plan(
    definition: Definition,
    method: Any,
    interpretation: str = "stratonovich",
    around: OuterScope = NOTHING,
    only: Collection[str] | None = None,
    *,
    located: bool = False,
) -> UpdatePlan | None:
    """Give the plan to integrate a model, or `only` some of its variables; None if nothing is integrated.

    With `located`, spikes are located within the step, so nothing happens above the threshold.
    """
    return _update_plan(definition.spiking, method, interpretation, around, only, located=located)


@remembered
def _update_plan(
    definition: Definition,
    method: Any,
    interpretation: str,
    around: OuterScope,
    only: Collection[str] | None,
    *,
    located: bool,
) -> UpdatePlan | None:
    system = lower_system(definition, interpretation, around, only)
    if not system.rates:
        return None
    if system.held and system.couples:
        system = _standing_still(system)
    chosen, why = methods.choose(system, method)
    found = None if located or only is not None else upstrokes.find(definition, system)
    if not isinstance(found, Upstroke):
        program, held = chosen.make(system), _held(chosen, system)
        if system.past:
            program, held = with_past(program), held and with_past(held)
        return UpdatePlan(system, chosen, why, program, held, found)
    bounded = upstrokes.bounded(system, found, strictly=chosen.loop is not None)
    program, held = chosen.make(bounded), _held(chosen, bounded)
    if chosen.loop is not None:
        return UpdatePlan(system, chosen, why, program, None, found, upstrokes.limits(system, found))
    program = upstrokes.topped(program, system, found)
    held = held and upstrokes.topped(held, system, found)
    if system.past:
        program, held = with_past(program), held and with_past(held)
    return UpdatePlan(system, chosen, why, program, held, found)


def _held(method: Method, system: System) -> Program | None:
    """The program of refractory neurons, where they need one; loops stop rates themselves."""
    if not (system.held and system.depends_on_held) or method.loop is not None:
        return None
    still = system.held_still()
    return for_held(method, still).make(still)


def _standing_still(system: System) -> System:
    """The same system, in which held variables have no rate while an element is refractory.

    So other elements see it as it is, at every stage of a step.
    """
    free, sources = symbol("not_refractory"), [symbol(name) for name in system.noise]

    def held(rate: Any) -> Any:
        parts = linear_in(rate, sources)  # what is multiplied by noise is held as well
        if isinstance(parts, NotLinear):
            return OPAQUE["where"](free, rate, sp.Integer(0))
        terms = {sp.Integer(1): parts.rest, **parts.coefficients}
        return sp.Add(*(OPAQUE["where"](free, part, sp.Integer(0)) * x for x, part in terms.items()))

    rates = {x: held(f) if x in system.held else f for x, f in system.rates.items()}
    return replace(system, rates=rates, held=frozenset())


def for_held(method: Method, still: System) -> Method:
    """The method for refractory neurons: the chosen one if it can do their system."""
    able = method.loop is None and method.refuses(still) is None
    return method if able else methods.METHODS["rk4"]


def value_program(
    definition: Definition,
    node: Expr | Quantity,
    unit: Type | None,
    label: str,
    around: OuterScope = NOTHING,
) -> Program:
    """A program that returns the value of an expression, in `unit`; a condition if None."""
    return _value_program(definition.equations, node, unit, around).labelled(label)


@remembered
def _value_program(
    definition: Definition, node: Expr | Quantity, unit: Type | None, around: OuterScope
) -> Program:
    lowering = Lowering(definition, around)
    result = lowering.lower(node, unit)
    made = Program(
        "", symbol_names(definition, around.names), result=result, draws=lowering.draws,
        functions=tuple(definition.functions), aggregates=bool(lowering.aggregates),
    )  # fmt: skip
    return with_past(made) if lowering.past else made


@unnested
def subexpression_program(
    definition: Definition,
    name: str,
    around: OuterScope = NOTHING,
) -> Program:
    """A program that gives the values of a name now; of a subexpression, whatever is stored of it."""
    lowering = Lowering(definition, around, written_out=("definition", "sampled"))
    result = lowering.scaled(Name(Source(name, "name").span(), name)).expr
    made = Program(
        f"'{name}'", symbol_names(definition, around.names), result=result, draws=lowering.draws,
        functions=tuple(definition.functions), aggregates=bool(lowering.aggregates),
    )  # fmt: skip
    return with_past(made) if lowering.past else made
