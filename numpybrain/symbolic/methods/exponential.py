"""Exponential Euler: every equation dx/dt = a*x + b is solved exactly with a and b held for the step.

    x(t + dt) = x + dt (a x + b) phi(a dt),    phi(z) = (exp(z) - 1)/z,  phi(0) = 1

All variables are updated from the old values. Rush & Larsen (1978), doi:10.1109/TBME.1978.326270.
Unlike the form with b/a, this one is right for a = 0.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.nodes import exprel
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
        a, b = part.coefficients.get(x, sp.Integer(0)), part.rest
        if a == 0:
            new.append(x + DT * b)
        elif a.free_symbols.isdisjoint(system.variables) or b == 0:
            # the propagators do not change from step to step, or there is only decay
            new.append(x * sp.exp(a * DT) + b * DT * exprel(a * DT))
        else:
            new.append(x + _slope(a, x, b) * DT * exprel(a * DT))
    return update(system, NAME, [], new)


def _slope(a: Any, x: sp.Symbol, b: Any) -> Any:
    """a*x + b with the factors that a and b share in front, which saves passes over arrays."""
    shared = sp.Mul(*(f for f in sp.Mul.make_args(a) if f in sp.Mul.make_args(b)))
    return shared * (b / shared + a / shared * x)


EXPONENTIAL_EULER = Method(
    NAME, 1, "every equation is linear in its own variable", _refuses, _make
)
