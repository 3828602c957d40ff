"""Methods for white noise.

Kloeden & Platen, Numerical Solution of Stochastic Differential Equations (1992): Euler-Maruyama (10.2.4),
Milstein with commutative noise (10.3.16). Heun: the predictor-corrector that converges to the
Stratonovich solution, Ruemelin (1982), doi:10.1137/0719041. SRA1: Roessler (2010), doi:10.1137/09076636X,
table 6.3, for additive noise.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.symbolic import noise
from numpybrain.symbolic.expression_bounds import is_zero
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.methods.base import Method, has_derivatives, too_long, update
from numpybrain.symbolic.noise import HALF, POWER, Noisy
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System, T

HALF_ORDER = Fraction(1, 2)


def refuses(system: System, reading: str = "ito") -> str | None:
    """Give the reason why a stochastic method with this reading cannot do a system; None if it can."""
    found = noise.split(system)
    if isinstance(found, str):
        return found
    if noise.multiplied_by(system) is not None and reading != system.interpretation:
        answer = too_long(strengths(found), system)
        return answer or has_derivatives(noise.read_as(system, reading).drift.values())
    return None


def strengths(noisy: Noisy) -> list[Any]:
    """Give the factors of the noises, in all equations."""
    return [g for terms in noisy.diffusion.values() for g in terms.values()]


def refuses_multiplicative(system: System) -> str | None:
    """The answer of methods for additive noise."""
    name = noise.multiplied_by(system)
    if name is not None:
        return f"the strength of the noise depends on '{name}', and this method is for additive noise"
    return refuses(system)


def _weighted(noisy: Noisy, x: sp.Symbol, increments: dict[sp.Symbol, Any]) -> Any:
    """The sum of g_k W_k."""
    return sp.Add(*(g * increments[xi] for xi, g in noisy.diffusion[x].items()))


def _euler_maruyama(system: System) -> Program:
    noisy = noise.read_as(system, "ito")
    w, steps, draws = noise.increments(system)
    new = [x + DT * f + _weighted(noisy, x, w) for x, f in noisy.drift.items()]
    return update(system, "euler_maruyama", steps, new, draws)


def _heun(system: System) -> Program:
    noisy = noise.read_as(system, "stratonovich")
    w, steps, draws = noise.increments(system)
    moved: dict[Any, Any] = {T: T + DT}
    for x, f in noisy.drift.items():
        moved[x] = made_up(f"{x.name}_at2")
        steps.append((moved[x], x + DT * f + _weighted(noisy, x, w)))
    new = []
    for x, f in noisy.drift.items():
        end = [g.xreplace(moved) * w[xi] for xi, g in noisy.diffusion[x].items()]
        both = _weighted(noisy, x, w) + sp.Add(*end)
        new.append(x + HALF * DT * (f + f.xreplace(moved)) + HALF * both)
    return update(system, "heun", steps, new, draws)


def _lie(noisy: Noisy, x: sp.Symbol, k: sp.Symbol, m: sp.Symbol) -> Any:
    """L^k g_m: how the strength of noise m changes along noise k."""
    return sp.Add(*(noisy[y, k] * sp.diff(noisy[x, m], y) for y in noisy.drift))


def _refuses_milstein(system: System) -> str | None:
    answer = refuses(system)
    if answer is not None:
        return answer
    noisy = noise.split(system)
    assert isinstance(noisy, Noisy)  # asked before
    answer = too_long(strengths(noisy), system)
    if answer is not None:
        return answer
    shown = {symbol(name): name for name in system.noise}
    names = list(shown)
    for x in noisy.drift:
        terms = [_lie(noisy, x, k, m) for k in names for m in names]
        answer = has_derivatives(terms)
        if answer is not None:
            return answer
        for a, k in enumerate(names):
            for m in names[:a]:
                if not is_zero(_lie(noisy, x, k, m) - _lie(noisy, x, m, k)):
                    return (
                        f"the noises '{shown[k]}' and '{shown[m]}' do not commute in"
                        f" 'd{system.names[x]}/dt', and this method has no double integrals"
                    )
    return None


def _milstein(system: System) -> Program:
    noisy = noise.read_as(system, "ito")
    w, steps, draws = noise.increments(system)
    new = []
    for x, f in noisy.drift.items():
        second = [
            _lie(noisy, x, k, m) * (w[k] * w[m] - (POWER * DT if k == m else 0)) for k in w for m in w
        ]
        new.append(x + DT * f + _weighted(noisy, x, w) + HALF * sp.Add(*second))
    return update(system, "milstein", steps, new, draws)


def _sra1(system: System) -> Program:
    noisy = noise.read_as(system, "ito")
    w, steps, draws = noise.increments(system)
    chi: dict[sp.Symbol, Any] = {}
    for name in system.noise:
        u = noise.normal(name, "u")
        draws[u] = draws[noise.normal(name)]
        chi[symbol(name)] = made_up(f"v_{name}")
        steps.append(
            (chi[symbol(name)], HALF * sp.sqrt(POWER * DT) * (noise.normal(name) + u / sp.sqrt(3)))
        )
    part = sp.Rational(3, 4)
    moved: dict[Any, Any] = {T: T + part * DT}
    end = {T: T + DT}
    for x, f in noisy.drift.items():
        moved[x] = made_up(f"{x.name}_at2")
        kick = sp.Add(*(g.xreplace(end) * chi[xi] for xi, g in noisy.diffusion[x].items()))
        steps.append((moved[x], x + part * DT * f + sp.Rational(3, 2) * kick))
    new = []
    for x, f in noisy.drift.items():
        terms = [
            g.xreplace(end) * (w[xi] - chi[xi]) + g * chi[xi] if T in g.free_symbols else g * w[xi]
            for xi, g in noisy.diffusion[x].items()
        ]
        slope = (f + 2 * f.xreplace(moved)) / 3
        new.append(x + DT * slope + sp.Add(*terms))
    return update(system, "sra1", steps, new, draws)


EULER_MARUYAMA = Method(
    "euler_maruyama", 1, "noise", refuses, _euler_maruyama,
    strong=(Fraction(1), HALF_ORDER), stable=2.0,
)  # fmt: skip
HEUN = Method(
    "heun", 2, "smooth equations with noise", functools.partial(refuses, reading="stratonovich"), _heun,
    strong=(Fraction(1), Fraction(1)), stable=2.0,
)  # fmt: skip
MILSTEIN = Method(
    "milstein", 1, "noise that commutes", _refuses_milstein, _milstein,
    strong=(Fraction(1), Fraction(1)), stable=2.0,
)  # fmt: skip
SRA1 = Method(
    "sra1", 2, "additive noise", refuses_multiplicative, _sra1,
    strong=(Fraction(3, 2), None), stable=2.0,
)  # fmt: skip
