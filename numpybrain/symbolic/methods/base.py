"""Numerical methods: their common type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.symbolic.expression_bounds import is_differentiable
from numpybrain.symbolic.program import Program, RandomCall, Store
from numpybrain.symbolic.system import System
from numpybrain.symbolic.tableaus import Tableau


@dataclass(frozen=True, slots=True)
class Method:
    """A numerical method.

    Attributes:
        order: order of convergence without noise; None if the method is exact.
        suits: the kind of system it is chosen for.
        refuses: why it cannot do a system, or None if it can.
        make: the program that takes a system from t to t + dt; of a method that is a loop, the program
            that gives the rates.
        strong: order of strong convergence with additive and with multiplicative noise; None where it
            cannot do such noise.
        stable: dx/dt = -d*x stays bounded up to this d*dt; None if there is no limit.
        loop: name of the loop in the kernel that carries out the steps, and in `options` its settings.
        tableau: its coefficients, if it is a Runge-Kutta method.
    """

    name: str
    order: int | None
    suits: str
    refuses: Callable[[System], str | None] = field(compare=False)
    make: Callable[[System], Program] = field(compare=False)
    strong: tuple[Fraction | None, Fraction | None] = (None, None)
    stable: float | None = None
    loop: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tableau: Tableau | None = None


def update(
    system: System,
    method: str,
    steps: list[tuple[sp.Symbol, Any]],
    new: Iterable[Any],
    draws: Mapping[sp.Symbol, RandomCall] | None = None,
) -> Program:
    """The program that ends by writing the values `new` to the variables of a system."""
    stores = tuple(
        Store(system.names[x], "=", value)
        for x, value in zip(system.variables, new, strict=True)
        if value != x  # a variable that stands still is not written
    )
    return Program(
        f"state update, {method}", system.names, (*system.once, *steps), stores,
        draws={**system.draws, **(draws or {})}, functions=system.functions,
        origins={system.names[x]: f"d{system.names[x]}/dt" for x in system.variables},
    )  # fmt: skip


def refuses_noise(system: System) -> str | None:
    """The answer of every deterministic method to white noise."""
    if system.noise:
        return f"the equations contain noise ({system.noise[0]}), and this method is deterministic"
    return None


def too_long(expressions: Iterable[Any], system: System) -> str | None:
    """Give the reason not to calculate derivatives by the variables, if one is too long; else None."""
    for expr in expressions:
        if not all(is_differentiable(expr, x) for x in system.variables):
            return "the equations are too long to be differentiated"
    return None


def has_derivatives(expressions: Iterable[Any]) -> str | None:
    """Give the reason why derivatives cannot be had, if an expression still holds one; else None."""
    for expr in expressions:
        left = [*expr.atoms(sp.Derivative), *expr.atoms(sp.Subs)] if isinstance(expr, sp.Basic) else []
        if left:
            inner = left[0].expr if isinstance(left[0], sp.Derivative) else left[0].expr.expr
            return f"{inner} cannot be differentiated"
    return None
