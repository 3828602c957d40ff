"""Programs for a part of a step: a method over any length from any time, and how far the threshold is.

In: the plan of an update, and the program of a threshold or of statements. Out: programs in which length
and time are arguments, one value for each neuron that they are about.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from numpybrain.errors import MethodError, ModelError
from numpybrain.symbolic import methods, upstroke
from numpybrain.symbolic.analysis import Linear, linear_in
from numpybrain.symbolic.expression_bounds import is_differentiable
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.methods.base import Method, has_derivatives
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.programs import UpdatePlan, for_held
from numpybrain.symbolic.special_functions import OPAQUE
from numpybrain.symbolic.system import DT, System, T
from numpybrain.utils.naming import MARK

LENGTH, TIME = (
    f"dt_at{MARK}",
    f"t_at{MARK}",
)  # arguments: how long a part is, and the time at which it begins
_LENGTH, _TIME = (made_up(name) for name in (LENGTH, TIME))
_WHOLE = made_up("dt_now")  # `dt` in equations: the whole step, whatever part is taken

UPWARD = {"greater": "less_equal", "greater_equal": "less"}  # comparison -> its opposite
DOWNWARD = {"less": "greater_equal", "less_equal": "greater"}


@dataclass(frozen=True, slots=True)
class Substeps:
    """A method for parts of a step: for neurons that are free, and for refractory ones."""

    free: Program
    still: Program


@dataclass(frozen=True, slots=True)
class Level:
    """Distance of neurons above the threshold.

    The program returns that difference and, with `slope`, its rate along the solution. `inclusive`: a
    neuron at a difference of 0 is above. `steep` is a variable in an exponential upstroke, so fast that the
    time does not tell its value; `at` is the program that gives this at the threshold.
    """

    program: Program
    slope: bool
    inclusive: bool
    steep: str | None = None
    at: Program | None = None


def substeps(plan: UpdatePlan) -> Substeps:
    """The method of a plan for parts of a step.

    Raises:
        MethodError: if it is no method that takes one step of any length.
    """
    refusal = _refusal(plan)
    if refusal is not None:
        message = f"spikes cannot be located between steps: {refusal}"
        able = [f"'{name}'" for name in methods.SMOOTH if _is_able(methods.METHODS[name], plan.system)]
        raise MethodError(message, help=f"use method={' or '.join(able)}" if able else None)
    still = plan.system.held_still()
    return Substeps(_part(plan.method, plan.system), _part(for_held(plan.method, still), still))


def _refusal(plan: UpdatePlan) -> str | None:
    system = plan.system
    if system.noise:
        return f"the equations contain noise ({system.noise[0]})"
    if system.draws:
        return f"the equations call {next(iter(system.draws.values())).function}() in every step"
    if system.past:
        return "the equations read values of earlier times, which are known at the steps"
    if plan.method.loop is not None:
        return f"method '{plan.method.name}' does not take one step of any length"
    return None


def _is_able(method: Method, system: System) -> bool:
    return not system.noise and not system.draws and method.refuses(system) is None


def _part(method: Method, system: System) -> Program:
    """The program of a method for a part of a step; what holds for the step keeps its value."""
    rates = {x: f.xreplace({DT: _WHOLE}) for x, f in system.rates.items()}
    program = method.make(replace(system, rates=rates, names={**system.names, _WHOLE: "dt"}))
    once = {s for s, _ in system.once}
    moved = {DT: _LENGTH, T: _TIME}
    return replace(
        program,
        names={**program.names, _LENGTH: LENGTH, _TIME: TIME},
        steps=tuple((s, v if s in once else v.xreplace(moved)) for s, v in program.steps),
        stores=tuple(Store(s.name, s.op, s.value.xreplace(moved)) for s in program.stores),
    )


def level(condition: Program, plan: UpdatePlan | None) -> Level:
    """Give how far neurons are above the threshold, from the program of the threshold's condition.

    Raises:
        ModelError: if the threshold is no single comparison.
    """
    found = condition.result
    kind = found.func.__name__
    sign = 1 if kind in UPWARD else -1 if kind in DOWNWARD else 0
    if not sign or condition.draws:
        why = "draws random numbers" if condition.draws else "is not one comparison"
        message = f"spikes cannot be located between steps: the {condition.label} {why}"
        raise ModelError(
            message, help="write a threshold such as 'v > v_th', where v_th may be an expression"
        )
    above, below = found.args[::sign]
    g = above - below
    rates = plan.system.rates if plan is not None else {}
    once = plan.system.once if plan is not None else ()
    results = [g]
    if all(is_differentiable(g, x) for x in (*rates, T)):
        slope = sp.Add(*(sp.diff(g, x) * rate for x, rate in rates.items()), sp.diff(g, T))
        results += [slope] if has_derivatives([slope]) is None else []
    moved = {T: _TIME}
    program = replace(
        condition,
        label=f"distance from the {condition.label}",
        names={**condition.names, _TIME: TIME},
        steps=once,
        result=sp.Tuple(*(e.xreplace(moved) for e in results)),
    )
    steep = _steep(g, plan)
    if steep is None:
        return Level(program, len(results) > 1, kind.endswith("equal"))
    x, value = steep
    at = replace(program, label=f"value at the {condition.label}", result=value.xreplace(moved))
    return Level(program, len(results) > 1, kind.endswith("equal"), x, at)


def _steep(g: Any, plan: UpdatePlan | None) -> tuple[str, Any] | None:
    """A variable that crosses `g` = 0 in an exponential upstroke, and its value there."""
    if plan is None:
        return None
    system = plan.system
    for x, rate in system.rates.items():
        part = linear_in(g, [x])
        if isinstance(part, Linear) and x in part.coefficients and upstroke.growth(rate, x, system):
            return system.names[x], -part.rest / part.coefficients[x]
    return None


def at_time(program: Program) -> Program:
    """A program that runs at times of its own, one for each neuron."""

    def move(value: Any) -> Any:
        return value.xreplace({T: _TIME}) if isinstance(value, sp.Basic) else value

    return replace(
        program,
        names={**program.names, _TIME: TIME},
        steps=tuple((s, move(v)) for s, v in program.steps),
        stores=tuple(Store(s.name, s.op, move(s.value)) for s in program.stores),
        result=None if program.result is None else move(program.result),
        draws={s: replace(d, arguments=tuple(map(move, d.arguments))) for s, d in program.draws.items()},
    )


def at_end(condition: Program) -> Program:
    """The threshold's condition (see `level`) at the end of the step, not its start; true for NaN.

    A solution that overflows within a step, as that of a neuron with an exponential upstroke may, has
    crossed the threshold on its way.
    """
    found = condition.result.xreplace({T: T + DT})
    opposite = {**UPWARD, **DOWNWARD}[found.func.__name__]
    return replace(condition, result=OPAQUE["logical_not"](OPAQUE[opposite](*found.args)))
