"""Explicit Runge-Kutta methods: a Butcher tableau each, and one function for all.

    k_i = f(t + c_i dt, x + dt sum_j a_ij k_j),    x(t + dt) = x + dt sum_i b_i k_i

Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, section II.1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System, T


@dataclass(frozen=True, slots=True)
class Tableau:
    """Coefficients of an explicit method; `a` is the strictly lower triangle, row by row."""

    a: tuple[tuple[Fraction, ...], ...]
    b: tuple[Fraction, ...]

    def __post_init__(self) -> None:
        if sum(self.b) != 1:
            raise ValueError("the weights b of a tableau must add up to 1")
        if [len(row) for row in self.a] != list(range(len(self.b))):
            raise ValueError("row i of an explicit tableau has i entries")

    @property
    def c(self) -> tuple[Fraction, ...]:
        """Where in the step each stage is evaluated: the row sums of `a`."""
        return tuple(sum(row, Fraction(0)) for row in self.a)

    @property
    def stable(self) -> float:
        """Up to which z = d*dt the factor R(-z) of a step of dx/dt = -d*x is between -1 and 1.

        R(-z) = 1 - z b.(1 - z A 1 + z**2 A**2 1 - ...); at the limit it is 1 or -1.
        """
        coefficients, powers = [Fraction(1)], [Fraction(1)] * len(self.b)
        for k in range(len(self.b)):
            coefficients.append((-1) ** (k + 1) * _dot(self.b, powers))
            powers = [_dot(row, powers) for row in self.a]
        change = [float(c) for c in reversed(coefficients[1:])]
        roots = [*np.roots(change), *np.roots([*change, 2.0])]  # R = 1 (but for z = 0) and R = -1
        return float(min(r.real for r in roots if abs(r.imag) < 1e-6 * abs(r) and r.real > 0))


def explicit(name: str, order: int, suits: str, a: list[list[str]], b: list[str]) -> Method:
    """A method from a tableau of numbers such as "1/6"."""
    tableau = Tableau(tuple(tuple(map(Fraction, row)) for row in a), tuple(map(Fraction, b)))
    return Method(
        name, order, suits, refuses_noise, lambda system: _make(system, name, tableau), tableau.stable
    )


def _dot(row: Iterable[Fraction], values: Iterable[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(row, values, strict=False)), Fraction(0))


def _make(system: System, name: str, tableau: Tableau) -> Program:
    steps: list[tuple[sp.Symbol, Any]] = []
    slopes: list[list[sp.Symbol]] = []
    for stage, row in enumerate(tableau.a):
        moved: dict[Any, Any] = {}
        if stage:
            moved[T] = T + _rational(tableau.c[stage]) * DT
            for j, x in enumerate(system.variables):
                at = sp.Symbol(f"{x.name}_at{stage + 1}", real=True)
                moved[x] = at
                steps.append((at, x + DT * _weighted(row, slopes, j)))
        slopes.append([])
        for x, rate in system.rates.items():
            k = sp.Symbol(f"k{stage + 1}_{x.name}", real=True)
            steps.append((k, rate.xreplace(moved)))
            slopes[-1].append(k)
    new = [x + DT * _weighted(tableau.b, slopes, j) for j, x in enumerate(system.variables)]
    return update(system, name, steps, new)


def _weighted(weights: tuple[Fraction, ...], slopes: list[list[sp.Symbol]], j: int) -> Any:
    terms = [_rational(w) * k[j] for w, k in zip(weights, slopes, strict=False) if w]
    return sp.Add(*terms)


def _rational(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)


EULER = explicit("euler", 1, "a first look", [[]], ["1"])
RK2 = explicit("rk2", 2, "smooth equations", [[], ["1/2"]], ["0", "1"])  # the midpoint rule
RK4 = explicit(
    "rk4", 4, "smooth equations",
    [[], ["1/2"], ["0", "1/2"], ["0", "0", "1"]],
    ["1/6", "1/3", "1/3", "1/6"],
)  # fmt: skip
