"""Exponential Euler: every equation dx/dt = b - d*x is solved exactly with d and b held for the step.

    x(t + dt) = x + (b - d x) r(d),    r(d) = (1 - exp(-d dt))/d,  r(0) = dt

All variables are updated from the old values. Rush & Larsen (1978), doi:10.1109/TBME.1978.326270.
Unlike the form with b/d, this one is right for d = 0.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.nodes import approach, relax
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System

NAME = "exponential_euler"


def _refuses(system: System) -> str | None:
    found = analysis.one_by_one(system)
    if isinstance(found, tuple):
        x, term = found
        name = system.names[x]
        return f"'d{name}/dt' is not linear in '{name}' because of {term}"
    return refuses_noise(system)


def _make(system: System) -> Program:
    parts = analysis.one_by_one(system)
    assert isinstance(parts, list)  # asked before
    new = []
    for x, part in zip(system.variables, parts, strict=True):
        d, b = _negative(part.coefficients.get(x, sp.Integer(0))), part.rest
        if d == 0:
            new.append(x + DT * b)
        elif d.free_symbols.isdisjoint(system.variables) or b == 0:
            # the decay does not change from step to step, or there is nothing but decay
            new.append(x * sp.exp(-d * DT) + b * relax(d, DT))
        else:
            new.append(_approach(x, b, d))
    return update(system, NAME, [], new)


def _negative(a: Any) -> Any:
    """-a, with the sign taken into a sum where that makes its terms positive."""
    for factor in a.args if a.is_Mul else ():
        if factor.is_Add and factor.could_extract_minus_sign():
            return sp.Mul(*(f for f in a.args if f is not factor), -factor)
    return -a


def _approach(x: sp.Symbol, b: Any, d: Any) -> Any:
    """X after the step. Factors that b and d share only change the pace, so they go to the time."""
    pace = sp.Mul(*(f for f in sp.Mul.make_args(d) if f in sp.Mul.make_args(b)))
    return approach(x, b / pace, d / pace, pace * DT)


EXPONENTIAL_EULER = Method(NAME, 1, "every equation is linear in its own variable", _refuses, _make)
