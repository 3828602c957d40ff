"""The numerical methods: one visible table, and the choice among them.

A method is a name, an order, a question ("can you do this system?", answered with a reason) and a
function from a system to a program.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpybrain.errors import MethodError, suggestion
from numpybrain.symbolic import noise, past
from numpybrain.symbolic.methods.base import Method
from numpybrain.symbolic.methods.custom import own
from numpybrain.symbolic.methods.exact import EXACT
from numpybrain.symbolic.methods.exponential import (
    EXPONENTIAL_EULER,
    EXPONENTIAL_EULER_MARUYAMA,
    EXPONENTIAL_MIDPOINT,
    EXPONENTIAL_MIDPOINT_MARUYAMA,
)
from numpybrain.symbolic.methods.looped import LOOPS, adaptive
from numpybrain.symbolic.methods.runge_kutta import FIXED, explicit
from numpybrain.symbolic.methods.stochastic import EULER_MARUYAMA, HEUN, MILSTEIN, SRA1
from numpybrain.symbolic.system import System
from numpybrain.symbolic.tableaus import Tableau

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        EXACT,
        EXPONENTIAL_EULER,
        EXPONENTIAL_MIDPOINT,
        *FIXED,
        *LOOPS,
        EXPONENTIAL_EULER_MARUYAMA,
        EXPONENTIAL_MIDPOINT_MARUYAMA,
        EULER_MARUYAMA,
        MILSTEIN,
        HEUN,
        SRA1,
    )
}
ELSEWHERE = {  # what others call methods
    "linear": "exact", "independent": "exact", "exp_euler": "exponential_euler",
    "exponential": "exponential_euler", "cnexp": "exponential_euler", "gsl": "rk45", "gsl_rkf45": "rk45",
    "gsl_rkck": "rk45", "gsl_rk8pd": "rk45", "rkf45": "rk45", "dopri5": "rk45", "ode45": "rk45",
    "ode23": "rk23", "bs23": "rk23", "gsl_rk2": "rk2", "gsl_rk4": "rk4", "runge_kutta": "rk4",
    "runge-kutta": "rk4", "explicit": "euler", "forward_euler": "euler", "implicit": "backward_euler",
    "derivimplicit": "backward_euler", "crank_nicolson": "trapezoidal", "euler-maruyama": "euler_maruyama",
}  # fmt: skip
SHOWN = 4  # methods that an error proposes
# Of these the first that can is chosen. All are of second order or better without noise: of first order, a
# conductance with a time constant of 0.3 ms would make a potential 17 % too large at dt = 0.1 ms.
SMOOTH = ("exact", "exponential_midpoint", "rk4")
NOISY = ("exact", "exponential_midpoint_maruyama", "heun", "euler_maruyama")


def choose(system: System, method: Any) -> tuple[Method, str]:
    """The method to use, and why.

    `method` is a name, a `Method`, a tableau, a function that writes the update, or None.

    Raises:
        MethodError: if `method` is unknown or cannot do the system.
    """
    chosen, why = _best(system) if method is None else _asked(system, method)
    if noise.multiplied_by(system) is not None:
        why += f"; products with noise are read as {system.interpretation.capitalize()}'s"
    if system.past:
        why += f"; {past.shown(system)} linear between steps, of order {past.ORDER} at most"
    return chosen, why


def refuses(method: Method, system: System) -> str | None:
    """Why a method cannot do a system; None if it can."""
    return _refuses_at_stages(method, system) or method.refuses(system)


def _refuses_at_stages(method: Method, system: System) -> str | None:
    """The answer of loops to what is known at the stages of a step only: the group, and the past."""
    if method.loop is None:
        return None
    if system.couples:
        return "the equations couple the neurons of the group, and each takes steps of its own here"
    if system.past:
        return f"{past.shown(system)} is known at stages of a step, and each neuron takes its own here"
    return None


def _asked(system: System, method: Any) -> tuple[Method, str]:
    """The method that the user asked for."""
    chosen = as_method(method)
    refusal = refuses(chosen, system)
    if refusal is not None:
        others = [f"'{name}'" for name in able(system)[:SHOWN]]
        message = f"method '{chosen.name}' cannot do this: {refusal}"
        raise MethodError(message, help=f"use method={' or '.join(others)}" if others else None)
    return chosen, "asked for"


def able(system: System, among: Iterable[Method] = METHODS.values()) -> list[str]:
    """Names of the methods that can do a system, the preferred ones first."""
    first = NOISY if system.noise else SMOOTH
    asked = {method.name for method in among}
    names = [name for name in dict.fromkeys((*first, *METHODS)) if name in asked]
    return [name for name in names if refuses(METHODS[name], system) is None]


def as_method(value: Any) -> Method:
    """Give the method that a user means."""
    if isinstance(value, Method):
        return value
    if isinstance(value, Tableau):
        return explicit(value) if value.error is None else adaptive(value)
    if callable(value):
        return own(value)
    found = METHODS.get(value) if isinstance(value, str) else None
    if found is None:
        here, near = ELSEWHERE.get(str(value).lower()), suggestion(str(value), METHODS)
        message = f"unknown method '{value}'" + (f": it is called '{here}' here" if here else near)
        raise MethodError(message, help=f"methods are {', '.join(METHODS)}")
    return found


def _best(system: System) -> tuple[Method, str]:
    """The first of the preferred methods that can do a system."""
    reasons: list[str] = []
    for name in NOISY if system.noise else SMOOTH:
        candidate = METHODS[name]
        refusal = refuses(candidate, system)
        if refusal is None:
            order = () if candidate.order is None else (f"of order {candidate.order}",)
            return candidate, "; ".join((candidate.suits, *order, *reasons))
        reasons.append(f"not {candidate.name}: {refusal}")
    message = "no method can integrate these equations"
    raise MethodError(message, detail="; ".join(reasons))
