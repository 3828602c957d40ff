"""White noise in a system: dx = f dt + sum_k g_k dW_k, the two readings of it, and its increments.

In: a `System` whose rates contain noise symbols xi. Out: drift and diffusion, SymPy expressions.

The symbol xi has the unit 1/sqrt(second), time is in ms: over a step dt its integral W has the variance
1000*dt. Kloeden & Platen, Numerical Solution of Stochastic Differential Equations, chapters 4 and 10.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.symbolic import analysis
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.program import RandomCall
from numpybrain.symbolic.system import DT, System, T

POWER = sp.Integer(1000)  # variance of the integral of xi per ms
HALF = sp.Rational(1, 2)


@dataclass(frozen=True, slots=True)
class Noisy:
    """`drift[x]` and `diffusion[x][xi]`, for the variables of a system and its noise symbols."""

    drift: Mapping[sp.Symbol, Any]
    diffusion: Mapping[sp.Symbol, Mapping[sp.Symbol, Any]]

    def __getitem__(self, key: tuple[sp.Symbol, sp.Symbol]) -> Any:
        return self.diffusion[key[0]].get(key[1], sp.Integer(0))


def split(system: System) -> Noisy | str:
    """Drift and diffusion of a system; or what is in the way: noise that is not just multiplied."""
    symbols = [symbol(name) for name in system.noise]
    drift, diffusion = {}, {}
    for x, rate in system.rates.items():
        part = analysis.linear_in(rate, symbols)
        if isinstance(part, analysis.NotLinear):
            return f"'d{system.names[x]}/dt' is not linear in the noise because of {system.show(part.term)}"
        drift[x], diffusion[x] = part.rest, part.coefficients
    return Noisy(drift, diffusion)


def multiplied_by(system: System) -> str | None:
    """Name of a variable on which the strength of the noise depends; None if noise is additive."""
    found = split(system)
    if isinstance(found, str):
        return None
    for terms in found.diffusion.values():
        for g in terms.values():
            read = g.free_symbols
            for x in system.variables:
                if x in read:
                    return system.names[x]
    return None


def drift_correction(noisy: Noisy, noise: list[sp.Symbol]) -> dict[sp.Symbol, Any]:
    """Give what the drift of the Ito reading has beyond that of the Stratonovich one, per ms.

    1/2 sum_k sum_j g_jk dg_ik/dx_j (Kloeden & Platen, equation 4.9.11).
    """
    place = {x: n for n, x in enumerate(noisy.drift)}

    def terms(x: sp.Symbol) -> Iterator[Any]:
        for k in noise:
            if k in noisy.diffusion[x]:
                read = noisy[x, k].free_symbols & place.keys()
                yield from (
                    noisy[y, k] * sp.diff(noisy[x, k], y) for y in sorted(read, key=place.__getitem__)
                )

    return {x: POWER * HALF * sp.Add(*terms(x)) for x in place}


def read_as(system: System, reading: str) -> Noisy:
    """Drift and diffusion such that a method that reads noise as `reading` does what the user meant."""
    found = split(system)
    assert isinstance(found, Noisy)  # methods have asked before
    if reading == system.interpretation or multiplied_by(system) is None:
        return found
    sign = 1 if reading == "ito" else -1
    correction = drift_correction(found, [symbol(name) for name in system.noise])
    drift = {x: f + sign * correction[x] for x, f in found.drift.items()}
    return Noisy(drift, found.diffusion)


def increments(
    system: System,
) -> tuple[dict[sp.Symbol, sp.Symbol], list[tuple[sp.Symbol, Any]], dict[sp.Symbol, RandomCall]]:
    """Give for every noise symbol the symbol of its integral W over the step; their steps and draws.

    Draws follow the order in which the noises occur in the equations.
    """
    found, steps, draws = {}, [], {}
    for name in system.noise:
        z, w = normal(name), made_up(f"w_{name}")
        draws[z] = RandomCall("randn")
        steps.append((w, sp.sqrt(POWER * DT) * z))
        found[symbol(name)] = w
    return found, steps, draws


def normal(name: str, letter: str = "z") -> sp.Symbol:
    """The symbol of a standard normal number for a noise."""
    return made_up(f"{letter}_{name}")


def depends_on_time(noisy: Noisy) -> bool:
    """Whether the strength of a noise depends on t."""
    return any(T in g.free_symbols for terms in noisy.diffusion.values() for g in terms.values())
