"""Exact integration of linear systems dx/dt = A x + b with A and b constant over the step.

    x(t + dt) = E x + P b,    E = exp(A dt),    P = integral of exp(A s) for s from 0 to dt

E and P are computed numerically (`numeric.propagator`), once per run where A does not change. That is
right for equal time constants, singular and defective matrices and complex eigenvalues alike, where
a symbolic exponential divides by zero. Rotter & Diesmann (1999), doi:10.1007/s004220050570.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis
from numpybrain.symbolic.analysis import NotLinear
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.nodes import entry, propagator, relax
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System

NAME = "exact"


def _refuses(system: System) -> str | None:
    if not system.rates:
        return None
    found = analysis.whole_system(system)
    if isinstance(found, NotLinear):
        return f"the equations are not linear with constant coefficients because of {found.term}"
    return refuses_noise(system)


def _make(system: System) -> Program:
    parts = analysis.whole_system(system)
    assert isinstance(parts, list)  # asked before
    variables = system.variables
    matrix = [[p.coefficients.get(x, sp.Integer(0)) for x in variables] for p in parts]
    rests = [p.rest for p in parts]
    reach = _reachable(matrix)
    steps: list[tuple[sp.Symbol, Any]] = []
    new: list[Any] = []
    coupled = [i for i in range(len(parts)) if reach[i] - {i}]
    needed = sorted(set(coupled).union(*(reach[i] for i in coupled))) if coupled else []
    where = {i: k for k, i in enumerate(needed)}
    powers = sp.Symbol("powers", real=True)
    if needed:
        flat = [matrix[i][j] for i in needed for j in needed]
        steps.append((powers, propagator(*flat, DT)))
    for i, x in enumerate(variables):
        a = matrix[i][i]
        if i not in coupled:  # alone: dx/dt = a*x + b
            if a == 0:
                new.append(x + DT * rests[i])
            else:
                new.append(x * sp.exp(a * DT) + rests[i] * relax(-a, DT))
            continue
        terms = []
        for j in sorted(reach[i]):
            e, p = (entry(powers, part, where[i], where[j]) for part in (0, 1))
            terms.append(e * variables[j])
            if rests[j] != 0:
                terms.append(p * rests[j])
        new.append(sp.Add(*terms))
    return update(system, NAME, steps, new)


def _reachable(matrix: list[list[Any]]) -> list[set[int]]:
    """For each variable, those (itself included) on which its future depends."""
    n = len(matrix)
    reach = [{i} | {j for j in range(n) if matrix[i][j] != 0} for i in range(n)]
    for k in range(n):
        for i in range(n):
            if k in reach[i]:
                reach[i] |= reach[k]
    return reach


EXACT = Method(NAME, None, "the equations are linear with constant coefficients", _refuses, _make)
