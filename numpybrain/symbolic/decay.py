"""Is dt small enough for a method? What each equation's own decay says, and what to use instead.

On dx/dt = -d*x an explicit method multiplies x in every step by a polynomial in d*dt. Beyond the
method's `stable` that factor is larger than 1 and x grows where it should decay. Hairer & Wanner, Solving
Ordinary Differential Equations II, section IV.2.
"""

from __future__ import annotations

import functools
from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sympy as sp

from numpybrain.language.definition import Definition
from numpybrain.symbolic import methods, upstroke
from numpybrain.symbolic.analysis import NotLinear, linear_in
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.programs import UpdatePlan
from numpybrain.symbolic.special_functions import OPAQUE
from numpybrain.symbolic.system import System
from numpybrain.utils.memory import remembered, uncollected

LOGARITHMS = (sp.log, OPAQUE["log10"], OPAQUE["log2"], OPAQUE["log1p"])


def decays(definition: Definition, system: System) -> dict[str, Any]:
    """Variable -> d, for every dx/dt = b - d*x with a d that is known before the first step."""
    return _decays(frozenset(v.name for v in definition.of_kind("sampled", "summed")), system)


@remembered
def _decays(changing: frozenset[str], system: System) -> dict[str, Any]:
    later = {symbol(name) for name in changing}
    known, once = set(system.names) - later, dict(system.once)
    found = {}
    for x, rate in system.rates.items():
        part = linear_in(rate, [x])
        if isinstance(part, NotLinear) or x not in part.coefficients:
            continue
        d = -part.coefficients[x].xreplace(once)
        if d.free_symbols <= known and not d.is_nonpositive:
            found[system.names[x]] = d
    return found


@uncollected
def decay_program(definition: Definition, system: System, names: Collection[str]) -> Program:
    """A program that gives the fastest decay of these variables, in 1/ms."""
    rates = [d for name, d in decays(definition, system).items() if name in names]
    fastest = functools.reduce(OPAQUE["maximum"], dict.fromkeys(rates))
    label = f"decay of {', '.join(names)}"
    return Program(label, system.names, result=fastest, functions=tuple(definition.functions))


def decay_of(program: Program, name: str) -> Program | None:
    """A program that gives d, if a program gives b - d*x with the variable x of that name; else None."""
    if program.draws or name not in program.names.values():
        return None
    x = symbol(name)
    part = linear_in(program.result, [x])
    if isinstance(part, NotLinear) or x not in part.coefficients:
        return None
    return replace(program, label=f"decay of {name} in {program.label}", result=-part.coefficients[x])


@uncollected
def sensitivity_programs(system: System, inputs: frozenset[str]) -> list[tuple[str, str, Program]]:
    """Give the effect on dx/dt of inputs that stand still in a step: (x, input, factor of the input)."""
    once = dict(system.once)
    symbols = {symbol(name): name for name in sorted(inputs)}
    found = []
    for x, rate in system.rates.items():
        for s, name in symbols.items():
            part = linear_in(rate, [s])
            if isinstance(part, NotLinear) or s not in part.coefficients:
                continue
            factor = part.coefficients[s].xreplace(once)
            if factor.free_symbols <= set(system.names) - set(symbols):
                variable, functions = system.names[x], system.functions
                label = f"effect of {name} on {variable}"
                program = Program(label, system.names, result=factor, functions=functions)
                found.append((variable, name, program))
    return found


def unconditionally_stable(system: System) -> str | None:
    """A method for these equations that any dt leaves stable."""
    found = [m for m in methods.METHODS.values() if m.stable is None and m.loop is None]
    return next(iter(methods.able(system, found)), None)


def first_diverging(system: System, names: list[str]) -> str:
    """Find the variable that spoiled the others: one that depends on none of them, if there is one."""
    bad = {x for x, name in system.names.items() if name in names}
    for x, rate in system.rates.items():
        if x in bad and rate.free_symbols.isdisjoint(bad - {x}):
            return system.names[x]
    known = [name for name in names if symbol(name) in system.rates]
    return next((name for name in known if _traps(system.rates[symbol(name)], system)), names[0])


def suggest_fix(plan: UpdatePlan, name: str, dt: float) -> str:
    """Advise on a variable that has become infinite or no number at all."""
    system, method = plan.system, plan.method
    if plan.upstroke is not None:
        found = upstroke.advice(plan.upstroke, system, name)
        if found:
            return found
    traps = _traps(system.rates[symbol(name)], system)
    look = f"look for {' or '.join(traps) or 'values that grow without limit'} in this equation"
    if method.stable is None:
        return f"{look}, and in what else changes '{name}'"
    finer = f"try dt='{dt / 2:g} ms'"
    instead = unconditionally_stable(system) or (
        "rk4" if method.order is None or method.order < 4 else None
    )
    if instead:
        finer += f" or method='{instead}'"
    large = f"too large for method '{method.name}': {finer}"
    return f"{look}; or dt is {large}" if traps else f"dt is probably {large}"


def _traps(rate: Any, system: System) -> list[str]:
    """List the parts of an expression that can give a value that is no finite number, in words."""
    moving = set(system.rates)
    powers = [p for p in rate.atoms(sp.Pow) if not moving.isdisjoint(p.base.free_symbols)]
    found = []
    if any(p.exp.could_extract_minus_sign() for p in powers):
        found.append("a division by zero")
    if any(not moving.isdisjoint(f.free_symbols) for f in rate.atoms(*LOGARITHMS)):
        found.append("the logarithm of 0 or a negative number")
    if any(abs(p.exp) == sp.S.Half for p in powers):
        found.append("the square root of a negative number")
    elif any(not p.exp.is_integer for p in powers):
        found.append("a fractional power of a negative number")
    return found
