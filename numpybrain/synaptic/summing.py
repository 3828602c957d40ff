"""Sums over synapses, taken apart where they can be: sum of a(synapse) f(source) g(target) = g * (A f).

In: a summed variable. Out: `Sum`: products whose factors are programs of their own, so that f and g are
calculated once per neuron and A is a matrix that may stay the same for a whole run; or, where a factor
mixes both sides, as a rectifying junction does, one program for each synapse.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.language.definition import Around, Definition, Variable
from numpybrain.symbolic.lower import Lowering
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.readable import FACTOR, readable
from numpybrain.symbolic.system import symbol_names

MOST_TERMS = 8  # a sum that falls apart into more products is calculated synapse by synapse

SYNAPSE, PRE, POST, ONE = "synapse", "pre", "post", "one"  # what values differ in


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its factors per neuron that gives, per synapse, per neuron that gets; None is 1."""

    far: Program | None
    synapse: Program | None
    near: Program | None


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum into the variable `target` on the side `side` ("pre" or "post").

    `products` is empty if it is calculated synapse by synapse, by `program`. `formula` is for the reader.
    """

    name: str
    target: str
    side: str
    program: Program
    products: tuple[Product, ...]
    formula: str


def read_sum(
    definition: Definition, around: Around, variable: Variable, label: str, kind: Callable[[str], str]
) -> Sum:
    """A summed variable as programs; `kind` says of a name what its values differ in."""
    assert variable.expr is not None  # a sum has a right-hand side
    target, _, side = variable.name.rpartition("_")
    lowering = Lowering(definition, around)
    expr = lowering.lower(variable.expr, around.names[variable.name].type)
    names = symbol_names(definition, around.names)
    functions = tuple(definition.functions)

    def program(result: Any, what: str) -> Program:
        return Program(
            f"{what} of {label}", names, result=result, draws=lowering.draws, functions=functions
        )

    found = None if lowering.draws else products(expr, lambda s: kind(names[s]) if s in names else ONE)
    far_side = PRE if side == "post" else POST
    parts, lines = [], []
    for product in found or ():
        factors = {place: product[place] for place in (far_side, SYNAPSE, side)}
        made = [
            None if value == 1 else program(value, f"factor per {place}")
            for place, value in factors.items()
        ]
        parts.append(Product(*made))
        inner = readable(sp.Mul(factors[far_side], factors[SYNAPSE]), names)
        outer = factors[side]
        lines.append(f"sum({inner})" if outer == 1 else f"{readable(outer, names, FACTOR)} * sum({inner})")
    formula = " + ".join(lines) if parts else f"sum({readable(expr, names)})"
    whole = program(expr, "each term")
    return Sum(variable.name, target, side, whole, tuple(parts), formula)


def products(expr: Any, kind: Callable[[sp.Symbol], str]) -> list[dict[str, Any]] | None:
    """An expression as a sum of products, each with one factor per place; None if that cannot be."""
    found: list[dict[str, Any]] = []
    waiting = [expr]
    while waiting:
        term = waiting.pop()
        if term.is_Add:
            waiting.extend(reversed(term.args))
            continue
        parts = {place: sp.Integer(1) for place in (SYNAPSE, PRE, POST)}
        mixed = None
        for factor in sp.Mul.make_args(term):
            places = {kind(s) for s in factor.free_symbols} - {ONE}
            if len(places) > 1:
                mixed = factor
                break
            place = places.pop() if places else SYNAPSE
            parts[place] *= factor
        if mixed is None:
            found.append(parts)
        elif mixed.is_Add:  # multiply out that one factor
            rest = sp.Mul(*(f for f in sp.Mul.make_args(term) if f is not mixed))
            waiting.extend(rest * part for part in reversed(mixed.args))
        else:
            return None
        if len(found) + len(waiting) > MOST_TERMS:
            return None
    return found
