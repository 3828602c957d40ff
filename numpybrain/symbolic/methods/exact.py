"""Exact integration of linear systems dx/dt = A x + b with A and b constant over the step.

    x(t + dt) = E x + P b,    E = exp(A dt),    P = integral of exp(A s) for s from 0 to dt

E and P are computed numerically (`numeric.propagator`), once per run where A does not change. That is
right for equal time constants, singular and defective matrices and complex eigenvalues alike, where
a symbolic exponential divides by zero. Rotter & Diesmann (1999), doi:10.1007/s004220050570.
Additive noise adds a normal vector with the exact covariance of its integral over the step, so the
statistics are exact at any dt: Gillespie (1996), doi:10.1103/PhysRevE.54.2084, for one variable.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis, noise, past
from numpybrain.symbolic.analysis import Linear, NotLinear
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.methods import stochastic
from numpybrain.symbolic.methods.base import Method, update
from numpybrain.symbolic.noise import POWER, Noisy
from numpybrain.symbolic.program import Program, RandomCall
from numpybrain.symbolic.special_functions import entry, exp, noise_root, propagator, relax
from numpybrain.symbolic.system import DT, System

NAME = "exact"


def _refuses(system: System) -> str | None:
    if system.couples:
        shown = ", ".join(sorted(map(system.show, system.aggregates)))
        return f"the equations couple the neurons of the group: {shown}"
    if system.past:
        return f"the past is no constant over a step: {past.shown(system)}"
    answer = stochastic.refuses_multiplicative(system)
    noisy = noise.split(system)
    if answer is not None or not isinstance(noisy, Noisy):
        return answer
    if noise.depends_on_time(noisy):
        return "the strength of the noise depends on t"
    found = analysis.whole_system(noisy.drift, system.variables)
    if isinstance(found, NotLinear):
        return (
            f"the equations are not linear with constant coefficients because of {system.show(found.term)}"
        )
    return _changing_coupling(system, found)


def _changing_coupling(system: System, parts: list[Linear]) -> str | None:
    """Coupled equations need the exponential of a matrix: not anew for every step."""
    for x, part in zip(system.variables, parts, strict=True):
        for y, coefficient in part.coefficients.items():
            moving = coefficient.free_symbols & system.changing
            if y != x and moving:
                names = system.names[x], system.names[y], system.show(min(moving, key=str))
                return "'{}' depends on '{}' with a factor that changes, '{}'".format(*names)
    return None


def _make(system: System) -> Program:
    noisy = noise.split(system)
    assert isinstance(noisy, Noisy)  # asked before
    parts = analysis.whole_system(noisy.drift, system.variables)
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
    powers = made_up("powers")
    if needed:
        flat = [matrix[i][j] for i in needed for j in needed]
        steps.append((powers, propagator(*flat, DT)))
    for i, x in enumerate(variables):
        a = matrix[i][i]
        if i not in coupled:  # alone: dx/dt = a*x + b
            if a == 0:
                new.append(x + DT * rests[i])
            else:
                new.append(x * exp(a * DT) + (rests[i] and rests[i] * relax(-a, DT)))
            continue
        terms = []
        for j in sorted(reach[i]):
            e, p = (entry(powers, part, where[i], where[j]) for part in (0, 1))
            terms.append(e * variables[j])
            if rests[j] != 0:
                terms.append(p * rests[j])
        new.append(sp.Add(*terms))
    kicks, more, draws = _kicks(system, noisy, matrix, reach)
    new = [value + kicks.get(i, 0) for i, value in enumerate(new)]
    return update(system, NAME, [*steps, *more], new, draws)


def _kicks(
    system: System, noisy: Noisy, matrix: list[list[Any]], reach: list[set[int]]
) -> tuple[dict[int, Any], list[tuple[sp.Symbol, Any]], dict[sp.Symbol, RandomCall]]:
    """Give the noise that is added to each variable in a step: normal numbers, exact covariance.

    The covariance is the integral of exp(A s) G G' exp(A' s) over the step; its root is calculated
    once per run (`numeric.noise_root`). A variable with noise of its own, alone, needs no matrix.
    """
    variables = system.variables
    direct = [i for i, x in enumerate(variables) if noisy.diffusion[x]]
    reached = [i for i in range(len(variables)) if reach[i] & set(direct)]
    users = [xi for i in direct for xi in noisy.diffusion[variables[i]]]
    alone = reached == direct and len(users) == len(set(users)) and all(reach[i] == {i} for i in direct)
    if alone:
        normals = {symbol(name): noise.normal(name) for name in system.noise}
        kicks = {}
        for i in direct:
            spread = sp.sqrt(POWER * (relax(-2 * matrix[i][i], DT) if matrix[i][i] != 0 else DT))
            terms = (g * normals[xi] for xi, g in noisy.diffusion[variables[i]].items())
            kicks[i] = sp.Add(*terms) * spread
        return kicks, [], {z: RandomCall("randn") for z in normals.values()}
    names = [symbol(name) for name in system.noise]
    flat = [matrix[i][j] for i in reached for j in reached]
    strengths = [noisy[variables[i], xi] for i in reached for xi in names]
    root = made_up("root")
    step = (root, noise_root(sp.Integer(len(reached)), *flat, *strengths, DT))
    normal = [noise.normal(f"xi_{variables[i].name}") for i in reached]
    kicks = {
        i: sp.sqrt(POWER) * sp.Add(*(entry(root, k, m) * z for m, z in enumerate(normal)))
        for k, i in enumerate(reached)
    }
    return kicks, [step], {z: RandomCall("randn") for z in normal}


def _reachable(matrix: list[list[Any]]) -> list[set[int]]:
    """Find for each variable those (itself included) on which its future depends."""
    n = len(matrix)
    reach = [{i} | {j for j in range(n) if matrix[i][j] != 0} for i in range(n)]
    for k in range(n):
        for i in range(n):
            if k in reach[i]:
                reach[i] |= reach[k]
    return reach


EXACT = Method(
    NAME, None, "the equations are linear with constant coefficients", _refuses, _make,
    strong=(None, None),
)  # fmt: skip
