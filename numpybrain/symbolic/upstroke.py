"""Exponential upstrokes: v is bounded where dv/dt grows as exp(v), as it is in NEST's AdEx neurons.

The solution of such an equation runs to infinity at a spike, within less than a time step. What a method
calculates far beyond the threshold has nothing to do with it: it may be 1e90, and every variable that
depends on v follows. Where a spike is `v > level` and its reset sets v below the level, what v would do
there cannot matter. So a step ends at most just above the level, and rates take v at most as far above the
level as the reset is below: steps that overshoot by less stay what the method gives, with the spikes of
Brian2. Methods that are loops follow v no farther than the level itself. Never for another kind of reset:
`v -= x` would hide that v never came down.

In: a definition and its system. Out: a bounded system and program, or the reason why v is not bounded.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from numpybrain.language.definition import Definition
from numpybrain.symbolic.analysis import NotLinear, linear_in
from numpybrain.symbolic.expression_bounds import written_out
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import Lowering, symbol
from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.special_functions import OPAQUE, exprel
from numpybrain.symbolic.statement_programs import statements_program
from numpybrain.symbolic.system import DT, System

LARGEST = 300  # what an exponent grows to: products of a few such exponentials are finite numbers
ABOVE = sp.Rational(1, 2**20)  # part of the way from the reset to the level: clearly above, to rounding
RISES, BOUND, TOP = (made_up(name) for name in ("rises", "bound", "top"))

GREATER = {"greater": 1, "greater_equal": 1, "less": -1, "less_equal": -1}


@dataclass(frozen=True, slots=True)
class Growth:
    """A term of a rate that grows as `factor*exp(rate*x + rest)`."""

    factor: Any
    rate: Any
    rest: Any


@dataclass(frozen=True, slots=True)
class Upstroke:
    """A variable that runs to infinity at a spike, where it can be bounded.

    Attributes:
        level: the threshold.
        reset: what the reset sets it to.
        rises: whether it rises exponentially from a reset below the threshold, which signs of parameters
            decide in a run.
        largest: what it may be if its exponentials are to stay numbers, where that is not known yet.
    """

    variable: sp.Symbol
    level: Any
    reset: Any
    rises: Any
    largest: tuple[Any, ...]
    is_reset: bool = True


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A variable that runs to infinity and is not bounded.

    Attributes:
        why: the reason.
        advice: what to write instead.
        is_reset: whether something resets it.
    """

    variable: sp.Symbol
    why: str
    advice: str
    is_reset: bool = True


def find(definition: Definition, system: System) -> Upstroke | Unbounded | None:
    """The exponential upstroke of a system; None if there is none."""
    growing = {x: found for x, rate in system.rates.items() if (found := growth(rate, x, system))}
    if not growing:
        return None
    first = next(iter(growing))
    texts = {"threshold": definition.threshold, "reset": definition.reset}
    for what, text in texts.items():
        if text is None:
            return Unbounded(first, f"there is no {what}", _absolute(system, first), is_reset=False)
        if callable(text):
            return Unbounded(first, f"the {what} is a Python function", _absolute(system, first))
    condition = Lowering(definition).lower(texts["threshold"])  # type: ignore[arg-type]  # no function
    known = {symbol(v.name) for v in definition.of_kind("parameter")} | {symbol("i"), symbol("N"), DT}
    levels = {x: level for x in growing if (level := _level(condition, x)) is not None}
    levels = {x: level for x, level in levels.items() if level.free_symbols <= known}
    if not levels:
        why = f"the threshold does not compare '{system.names[first]}' with a number or parameter"
        return Unbounded(first, why, _absolute(system, first))
    x, level = next(iter(levels.items()))
    reset = _reset(definition, system, x)
    if isinstance(reset, Unbounded):
        return reset
    return _bounded_at(system, x, level, reset, growing[x], known)


def growth(rate: Any, x: sp.Symbol, system: System) -> list[Growth]:
    """The terms of a rate that grow exponentially with x, as far as that can be seen."""
    found = []
    for factor, exponent in _exponentials(rate, x, sp.Integer(1)):
        part = linear_in(exponent, [x])
        if isinstance(part, NotLinear) or x not in part.coefficients:
            continue
        k = part.coefficients[x]
        is_known = (factor.free_symbols | k.free_symbols) <= {*system.names, DT}
        if is_known and factor != 0 and not k.is_nonpositive:
            found.append(Growth(factor, k, part.rest))
    return found if any(not g.factor.is_nonpositive for g in found) else []


def _exponentials(e: Any, x: sp.Symbol, factor: Any) -> Iterator[tuple[Any, Any]]:
    """Pairs (f, u) for the terms f*exp(u) of which `factor*e` is a sum, with an x in u.

    What saturates, such as exp(x)/(1 + exp(x)), is none of these.
    """
    exponent = _exponent(e)
    if x not in e.free_symbols:
        return
    if exponent is not None:
        yield factor, exponent
    elif e.is_Mul:
        moving = [a for a in e.args if x in a.free_symbols]
        exponents = [u for a in moving if (u := _exponent(a)) is not None]
        others = [a for a in moving if _exponent(a) is None]
        fixed = sp.Mul(factor, *(a for a in e.args if a not in moving))
        if exponents and all(a.is_polynomial(x) for a in others):
            yield fixed * sp.Mul(*others), sp.Add(*exponents)
        elif len(moving) == 1:
            yield from _exponentials(moving[0], x, fixed)
    elif e.is_Add or isinstance(e, OPAQUE["maximum"]):
        for part in e.args:
            yield from _exponentials(part, x, factor)
    elif isinstance(e, OPAQUE["where"]):
        for part in e.args[1:]:
            yield from _exponentials(part, x, factor)


def _exponent(e: Any) -> Any | None:
    """The u of something that grows as exp(u); None for other things."""
    if isinstance(e, (sp.exp, exprel, OPAQUE["expm1"])):
        return e.args[0]
    if e.is_Pow and e.args[0].is_Number and e.args[0] > 0:
        return e.args[1] * sp.log(e.args[0])
    return None


def _level(condition: Any, x: sp.Symbol) -> Any | None:
    """The level of a threshold `x > level`, or of one that says that among other things; else None."""
    if isinstance(condition, OPAQUE["logical_and"]):
        found = (_level(part, x) for part in condition.args)
        return next((level for level in found if level is not None), None)
    sign = GREATER.get(type(condition).__name__)
    if sign is None:
        return None
    part = linear_in(sign * (condition.args[0] - condition.args[1]), [x])
    if isinstance(part, NotLinear) or x not in part.coefficients:
        return None
    coefficient = part.coefficients[x]
    return -part.rest / coefficient if coefficient.is_positive else None


def _reset(definition: Definition, system: System, x: sp.Symbol) -> Any | Unbounded:
    """Give the value that the reset sets a variable to."""
    assert isinstance(definition.reset, tuple)  # asked before
    program = statements_program(definition, definition.reset, "reset")
    name = system.names[x]
    value = next((s.value for s in program.stores if s.name == name), None)
    if value is None:
        return Unbounded(x, f"the reset does not set '{name}'", _absolute(system, x))
    value = written_out(value, program.steps)
    if value is None:
        return Unbounded(
            x, f"what the reset sets '{name}' to is too long to look into", _absolute(system, x)
        )
    if x in value.free_symbols:
        return Unbounded(x, f"the reset sets '{name}' relative to what it was", _absolute(system, x))
    if not value.free_symbols.isdisjoint(program.draws):
        advice = f"write min({name}, {name}_peak) for '{name}' on the right of the equations"
        advice += f", and threshold='{name} > {name}_peak'"
        return Unbounded(x, f"the reset sets '{name}' at random", advice)
    return value


def advice(found: Upstroke | Unbounded, system: System, name: str) -> str | None:
    """Advise on a variable that has exploded; None if the upstroke has nothing to do with it."""
    x = found.variable
    is_concerned = system.names[x] == name or x in system.rates[symbol(name)].free_symbols
    if not is_concerned:
        return None
    grows = f"d{system.names[x]}/dt grows as exp({system.names[x]})"
    if isinstance(found, Unbounded):
        return f"{grows} and {found.why}: {found.advice}"
    if found.rises == sp.true:
        return None
    return f"{grows}, and '{system.names[x]}' is bounded at the threshold only if {_words(found, system)}"


def described(found: Upstroke | Unbounded, system: System) -> str:
    """Describe in words what becomes of an exponential upstroke."""
    name = system.names[found.variable]
    if isinstance(found, Unbounded):
        return (
            f"d{name}/dt grows as exp({name}), and {found.why}, so '{name}' is not bounded. A run stops"
            f" where it explodes within a step: {found.advice}."
        )
    level = system.show(found.level)
    text = (
        f"d{name}/dt grows as exp({name}), and a reset follows at {name} = {level}: '{name}' is bounded."
        f" A step ends just above {level} at most, and rates take '{name}' at most as far above as the"
        " reset is below."
    )
    return text if found.rises == sp.true else f"{text} That is so if {_words(found, system)}."


def _words(found: Upstroke, system: System) -> str:
    """The conditions of an upstroke."""
    parts, left = [], [found.rises]
    while left:
        part = left.pop(0)
        if isinstance(part, OPAQUE["logical_and"]):
            left = [*part.args, *left]
        elif isinstance(part, OPAQUE["less"]):
            parts.append(" < ".join(map(system.show, part.args)))
        else:
            parts.append(system.show(part))
    return " and ".join(parts)


def _absolute(system: System, x: sp.Symbol) -> str:
    """Advise what to write to have a variable bounded."""
    name = system.names[x]
    return (
        f"write threshold='{name} > {name}_peak' and reset='{name} = {name}_reset; ...' with numbers or"
        f" parameters for {name}_peak and {name}_reset, so that '{name}' can be bounded at the threshold"
    )


def _bounded_at(
    system: System, x: sp.Symbol, level: Any, reset: Any, terms: list[Growth], known: set[sp.Symbol]
) -> Upstroke | Unbounded | None:
    """The upstroke of a variable with this level and reset."""
    name = system.names[x]
    below = _less(reset, level)
    if below == sp.false:
        why = f"the reset does not set '{name}' below the threshold"
        return Unbounded(x, why, _absolute(system, x))
    zero = sp.Integer(0)
    pairs = [(g.rate, g.factor.xreplace({x: level})) for g in terms]
    rises = [_both(_less(zero, k), _less(zero, c)) for k, c in pairs]
    if len(terms) > 1:  # some may fall with x, but none may pull it down exponentially
        tame = [_not(_both(_less(zero, k), _less(c, zero))) for k, c in pairs]
        grows = functools.reduce(_both, tame, _not(functools.reduce(_both, map(_not, rises))))
    else:
        grows = rises[0]
    condition = _both(below, grows)
    if condition == sp.false:
        return None
    largest = []
    for term in terms:
        end = (LARGEST - term.rest) / term.rate
        if not (end - 2 * level + reset).is_positive and end.free_symbols <= known:
            largest.append(end if len(terms) == 1 else _choose(_less(zero, term.rate), end))
    return Upstroke(x, level, reset, condition, tuple(largest))


def _less(a: Any, b: Any) -> Any:
    """The condition a < b; true or false if that is known."""
    difference = b - a
    if difference.is_positive:
        return sp.true
    return sp.false if difference.is_nonpositive else OPAQUE["less"](a, b)


def _both(a: Any, b: Any) -> Any:
    if sp.false in (a, b):
        return sp.false
    return b if a == sp.true else a if b == sp.true else OPAQUE["logical_and"](a, b)


def _not(a: Any) -> Any:
    return sp.Not(a) if a in (sp.true, sp.false) else OPAQUE["logical_not"](a)


def _choose(condition: Any, value: Any) -> Any:
    """A value where a condition holds, else infinity."""
    return value if condition == sp.true else OPAQUE["where"](condition, value, sp.oo)


# ---- bounding --------------------------------------------------------------------------------------


def bounded(system: System, upstroke: Upstroke, *, strictly: bool) -> System:
    """The system in which rates take the variable at no more than its bound; `strictly`, its threshold."""
    x = upstroke.variable
    steps, (bound, _) = _limits(upstroke, strictly=strictly)
    taken = {x: OPAQUE["minimum"](x, bound)}
    rates = {y: rate.xreplace(taken) for y, rate in system.rates.items()}
    return replace(system, rates=rates, once=(*system.once, *steps))


def topped(program: Program, system: System, upstroke: Upstroke) -> Program:
    """The program that ends a step no higher than just above the threshold."""
    name, (_, (_, top)) = system.names[upstroke.variable], _limits(upstroke, strictly=False)
    stores = tuple(
        Store(s.name, s.op, OPAQUE["minimum"](s.value, top)) if s.name == name else s
        for s in program.stores
    )
    return replace(program, stores=stores)


def limits(system: System, upstroke: Upstroke) -> Program:
    """The program that gives loops the threshold, and where a step ends at most."""
    steps, values = _limits(upstroke, strictly=True)
    label = f"bounds of '{system.names[upstroke.variable]}'"
    return Program(label, system.names, steps, result=sp.Tuple(*values), functions=system.functions)


def _limits(
    upstroke: Upstroke, *, strictly: bool
) -> tuple[tuple[tuple[sp.Symbol, Any], ...], tuple[Any, Any]]:
    """The bounds as numbers or symbols, and the steps that calculate these: once per run as a rule."""
    steps: list[tuple[sp.Symbol, Any]] = []

    def named(name: sp.Symbol, value: Any) -> Any:
        if value.is_number or value == sp.true:
            return value
        steps.append((name, value))
        return name

    rises = named(RISES, upstroke.rises)
    level, height = upstroke.level, upstroke.level - upstroke.reset
    end = functools.reduce(OPAQUE["minimum"], upstroke.largest, level if strictly else level + height)
    bound = named(BOUND, _choose(rises, end))
    top = named(TOP, _choose(rises, level + ABOVE * height))
    return tuple(steps), (bound, top)
