"""Exponential methods: every equation dx/dt = b - d*x is solved exactly with d and b held for the step.

    x(t + dt) = x + (b - d x) r(d),    r(d) = (1 - exp(-d dt))/d,  r(0) = dt

Exponential Euler holds b and d of the old values: Rush & Larsen (1978), doi:10.1109/TBME.1978.326270. The
midpoint method takes them from a first half step: Boergers & Nectow (2013), doi:10.1137/120883657.
Unlike the form with b/d, this one is right for d = 0. With noise g, held as well, a step adds a normal
number with the variance g**2 (1 - exp(-2 d dt))/(2 d): exact for an Ornstein-Uhlenbeck process. The
midpoint method goes to the middle with the noise of the first half, which decays over the second half: for
additive noise its weak order is 2, as without noise.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis, noise
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.methods import stochastic
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.noise import POWER
from numpybrain.symbolic.program import Program, RandomCall
from numpybrain.symbolic.special_functions import approach, exp, relax
from numpybrain.symbolic.system import DT, System, T

NAME = "exponential_euler"


def _not_linear(system: System, rates: Mapping[sp.Symbol, Any]) -> str | None:
    for x, rate in rates.items():
        part = analysis.linear_in(rate, [x])
        if isinstance(part, analysis.NotLinear):
            name = system.names[x]
            return f"'d{name}/dt' is not linear in '{name}' because of {system.show(part.term)}"
    return None


def _refuses(system: System) -> str | None:
    return refuses_noise(system) or _not_linear(system, system.rates)


def _refuses_stochastic(system: System) -> str | None:
    answer = stochastic.refuses(system)
    if answer is None:
        answer = _not_linear(system, noise.read_as(system, "ito").drift)
    return answer


def _parts(rates: Mapping[sp.Symbol, Any]) -> dict[sp.Symbol, tuple[Any, Any]]:
    """B and d of every equation dx/dt = b - d*x."""
    found = {}
    for x, rate in rates.items():
        part = analysis.linear_in(rate, [x])
        assert isinstance(part, analysis.Linear)  # asked before
        found[x] = part.rest, _negative(part.coefficients.get(x, sp.Integer(0)))
    return found


def _step(x: sp.Symbol, b: Any, d: Any, dt: Any, variables: tuple[sp.Symbol, ...]) -> Any:
    """X after dt."""
    if d == 0:
        return x + dt * b
    if d.free_symbols.isdisjoint(variables) or b == 0:
        # the decay does not change from step to step, or there is nothing but decay
        return x * exp(-d * dt) + (b and b * relax(d, dt))
    return _approach(x, b, d, dt)


def _euler(system: System) -> Program:
    parts = _parts(system.rates)
    return update(system, NAME, [], [_step(x, b, d, DT, system.variables) for x, (b, d) in parts.items()])


def _midpoint(system: System) -> Program:
    """Half a step for the coefficients in the middle, then a whole one with these."""
    parts = _parts(system.rates)
    half = DT / 2
    middle: dict[Any, Any] = {T: T + half}
    steps = []
    for x, (b, d) in parts.items():
        middle[x] = made_up(f"{x.name}_at2")
        steps.append((middle[x], _step(x, b, d, half, system.variables)))
    moving = (*system.variables, *(middle[x] for x in system.variables))
    new = [_step(x, b.xreplace(middle), d.xreplace(middle), DT, moving) for x, (b, d) in parts.items()]
    return update(system, "exponential_midpoint", steps, new)


def _maruyama(system: System) -> Program:
    noisy = noise.read_as(system, "ito")
    draws = {noise.normal(name): RandomCall("randn") for name in system.noise}
    normal = {symbol(name): noise.normal(name) for name in system.noise}
    new = []
    for x, (b, d) in _parts(noisy.drift).items():
        kicks = [g * normal[xi] for xi, g in noisy.diffusion[x].items()]
        spread = sp.sqrt(POWER * (relax(2 * d, DT) if d != 0 else DT))
        new.append(_step(x, b, d, DT, system.variables) + sp.Add(*kicks) * spread)
    return update(system, "exponential_euler_maruyama", [], new, draws)


def _midpoint_maruyama(system: System) -> Program:
    """The midpoint method with noise: the normal numbers of both halves of the step."""
    noisy = noise.read_as(system, "ito")
    half, variables = DT / 2, system.variables
    draws: dict[sp.Symbol, RandomCall] = {}
    halves: list[dict[sp.Symbol, sp.Symbol]] = [{}, {}]
    for half_normals, letter in zip(halves, "zu", strict=True):
        for name in system.noise:
            half_normals[symbol(name)] = noise.normal(name, letter)
            draws[half_normals[symbol(name)]] = RandomCall("randn")

    def kick(x: sp.Symbol, k: int, d: Any) -> Any:
        """Give what the noise of a half adds to a variable by its end."""
        kicks = (g.xreplace({T: T + half}) * halves[k][xi] for xi, g in noisy.diffusion[x].items())
        return sp.Add(*kicks) * sp.sqrt(POWER * (relax(2 * d, half) if d != 0 else half))

    parts = _parts(noisy.drift)
    middle: dict[Any, Any] = {T: T + half}
    steps, new = [], []
    for x, (b, d) in parts.items():
        middle[x] = made_up(f"{x.name}_at2")
        steps.append((middle[x], _step(x, b, d, half, variables) + kick(x, 0, d)))
    moving = (*variables, *(middle[x] for x in variables))
    there = {x: middle[x] for x in variables}
    for x, (b, d) in parts.items():
        later = d.xreplace(middle)
        decayed = kick(x, 0, later) * (exp(-later * half) if d != 0 else 1)
        whole = _step(x, b.xreplace(middle), later, DT, moving)
        new.append(whole + decayed + kick(x, 1, later).xreplace(there))
    return update(system, "exponential_midpoint_maruyama", steps, new, draws)


def _negative(a: Any) -> Any:
    """-a, with the sign taken into a sum where that makes its terms positive."""
    for factor in a.args if a.is_Mul else ():
        if factor.is_Add and factor.could_extract_minus_sign():
            return sp.Mul(*(f for f in a.args if f is not factor), -factor)
    return -a


def _approach(x: sp.Symbol, b: Any, d: Any, dt: Any) -> Any:
    """X after the step. Factors that b and d share only change the pace, so they go to the time."""
    pace = sp.Mul(*(f for f in sp.Mul.make_args(d) if f in sp.Mul.make_args(b)))
    return approach(x, b / pace, d / pace, pace * dt)


SUITS = "every equation is linear in its own variable"
EXPONENTIAL_EULER = Method(NAME, 1, SUITS, _refuses, _euler)
EXPONENTIAL_MIDPOINT = Method("exponential_midpoint", 2, SUITS, _refuses, _midpoint)
EXPONENTIAL_EULER_MARUYAMA = Method(
    "exponential_euler_maruyama", 1, f"{SUITS}, with noise", _refuses_stochastic, _maruyama,
    strong=(Fraction(1), Fraction(1, 2)),
)  # fmt: skip
EXPONENTIAL_MIDPOINT_MARUYAMA = Method(
    "exponential_midpoint_maruyama", 2, f"{SUITS}, with noise", _refuses_stochastic, _midpoint_maruyama,
    strong=(Fraction(1), Fraction(1, 2)),
)  # fmt: skip
