"""Explicit Runge-Kutta methods for equations: a tableau each, and one function for all."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.methods import stochastic
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System, T
from numpybrain.symbolic.tableaus import TABLEAUS, Tableau


def explicit(tableau: Tableau) -> Method:
    """The method of a tableau."""
    return Method(
        tableau.name,
        tableau.order,
        "smooth equations",
        refuses_noise,
        functools.partial(_make, tableau=tableau),
        stable=tableau.stable,
        tableau=tableau,
    )


def _make(system: System, tableau: Tableau) -> Program:
    steps: list[tuple[sp.Symbol, Any]] = []
    slopes: list[list[sp.Symbol]] = []
    for stage, row in enumerate(tableau.a):
        moved: dict[Any, Any] = {}
        if stage:
            moved[T] = T + _rational(tableau.c[stage]) * DT
            for j, x in enumerate(system.variables):
                at = made_up(f"{x.name}_at{stage + 1}")
                moved[x] = at
                steps.append((at, x + DT * _weighted(row, slopes, j)))
        slopes.append([])
        for x, rate in system.rates.items():
            k = made_up(f"k{stage + 1}_{x.name}")
            steps.append((k, rate.xreplace(moved)))
            slopes[-1].append(k)
    new = [x + DT * _weighted(tableau.b, slopes, j) for j, x in enumerate(system.variables)]
    return update(system, tableau.name, steps, new)


def _weighted(weights: tuple[Fraction, ...], slopes: list[list[sp.Symbol]], j: int) -> Any:
    terms = [_rational(w) * k[j] for w, k in zip(weights, slopes, strict=False) if w]
    return sp.Add(*terms)


def _rational(value: Fraction) -> Any:
    return sp.Rational(value.numerator, value.denominator)


def _euler(system: System) -> Program:
    """Euler's method; with additive noise it is that of Maruyama, as in Brian2."""
    if system.noise:
        return stochastic.EULER_MARUYAMA.make(system)
    return _make(system, TABLEAUS["euler"])


EULER = Method(
    "euler", 1, "a first look", stochastic.refuses_multiplicative, _euler,
    strong=(Fraction(1), None), stable=2.0, tableau=TABLEAUS["euler"],
)  # fmt: skip
FIXED = [EULER, *(explicit(t) for t in TABLEAUS.values() if t.error is None and t.name != "euler")]
