"""Sums over synapses, taken apart where they can be: sum of a(synapse) f(source) g(target) = g * (A f).

In: a summed variable. Out: `Sum`: products whose factors are programs of their own, so that f and g are
calculated once per neuron and A is a matrix that may stay the same for a whole run; or, where a factor
mixes both sides, as a rectifying junction does, one program for each synapse.

Sines and cosines of differences of phases fall apart by the addition theorem. Their factors are at most 1,
so that the rounding error stays near 1e-16 of the sum of |a|, whatever the phases. Exponentials of
differences do not: exp(x) overflows where exp(x - y) is 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.language.definition import Definition, ModelVariable, OuterScope
from numpybrain.symbolic.formula_printer import FACTOR, readable
from numpybrain.symbolic.lower import Lowering
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import symbol_names

MOST_POWER = 4  # of a sine or cosine that is taken apart
MOST_TERMS = 8  # a sum that falls apart into more products is calculated synapse by synapse

SYNAPSE, PRE, POST, ONE = "synapse", "pre", "post", "one"  # what values differ in


@dataclass(frozen=True, slots=True)
class Product:
    """One product: its factors per neuron that gives, per synapse, per neuron that gets; None is 1.

    `near_place` is where the last one is calculated: on the far side where both sides are the same neurons,
    so that what both need is calculated once. With `minus` it is subtracted and has the matrix of others.
    """

    far: Program | None
    synapse: Program | None
    near: Program | None
    near_place: str
    minus: bool


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
    definition: Definition,
    around: OuterScope,
    variable: ModelVariable,
    label: str,
    kind: Callable[[str], str],
    *,
    angles: bool,
    one_group: bool,
) -> Sum:
    """A summed variable as programs.

    Args:
        definition: of the synapses.
        around: what texts may use beside.
        variable: that is summed.
        label: for the headings of programs.
        kind: says of a name what its values differ in.
        angles: whether to take sines and cosines of differences apart.
        one_group: whether both sides are the same neurons.
    """
    assert variable.expr is not None  # a sum has a right-hand side
    target, _, side = variable.name.rpartition("_")
    lowering = Lowering(definition, around)
    expr = lowering.lower(variable.expr, around.names[variable.name].type)
    names = symbol_names(definition, around.names)
    functions = tuple(definition.functions)
    known: dict[tuple[Any, str], Program] = {}

    def program(result: Any, what: str) -> Program:
        if (result, what) not in known:
            known[result, what] = Program(
                f"{what} of {label}", names, result=result, draws=lowering.draws, functions=functions
            )
        return known[result, what]

    def kind_of(s: sp.Symbol) -> str:
        return kind(names[s]) if s in names else ONE

    found = None if lowering.draws else products(expr, kind_of, angles=angles)
    far_side = PRE if side == "post" else POST
    twins = _twins(names, side, far_side) if one_group else {}
    matrices = {product[SYNAPSE] for product in found or ()}
    parts, lines = [], []
    for product in found or ():
        far, synapse, near = (product[place] for place in (far_side, SYNAPSE, side))
        # what is just a variable costs nothing
        alike = bool(near.args) and all(s in twins or kind_of(s) == ONE for s in near.free_symbols)
        place = far_side if alike and not near.free_symbols.isdisjoint(twins) else side
        minus = synapse.could_extract_minus_sign() and -synapse in matrices
        matrix = -synapse if minus else synapse
        factors = (
            (far, far_side),
            (matrix, SYNAPSE),
            (near.xreplace(twins if place != side else {}), place),
        )
        one, other, last = (None if f == 1 else program(f, f"factor per {where}") for f, where in factors)
        parts.append(Product(one, other, last, place, minus))
        inner = readable(sp.Mul(far, synapse), names)
        lines.append(f"sum({inner})" if near == 1 else f"{readable(near, names, FACTOR)} * sum({inner})")
    formula = " + ".join(lines) if parts else f"sum({readable(expr, names)})"
    whole = program(expr, "each term")
    parts.sort(key=lambda product: product.minus)  # there is one to subtract from
    return Sum(variable.name, target, side, whole, tuple(parts), formula)


def _twins(names: Mapping[sp.Symbol, str], side: str, far_side: str) -> dict[sp.Symbol, sp.Symbol]:
    """The variables of neurons on one side -> the same variables seen from the other side."""
    symbols = {name: s for s, name in names.items()}
    ends = {s: name.removesuffix(f"_{side}") for s, name in names.items() if name.endswith(f"_{side}")}
    return {s: symbols[f"{bare}_{far_side}"] for s, bare in ends.items() if f"{bare}_{far_side}" in symbols}


def products(
    expr: Any, kind: Callable[[sp.Symbol], str], *, angles: bool = True
) -> list[dict[str, Any]] | None:
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
            places = _places(factor, kind)
            if len(places) > 1:
                mixed = factor
                break
            place = places.pop() if places else SYNAPSE
            parts[place] *= factor
        if mixed is None:
            found.append(parts)
        else:  # multiply out that one factor
            terms = _terms(mixed, kind, angles=angles)
            if terms is None:
                return None
            rest = sp.Mul(*(f for f in sp.Mul.make_args(term) if f is not mixed))
            waiting.extend(rest * part for part in reversed(terms))
        if len(found) + len(waiting) > MOST_TERMS:
            return None
    return found


def _places(expr: Any, kind: Callable[[sp.Symbol], str]) -> set[str]:
    """Classify an expression by what its values differ in."""
    return {kind(s) for s in expr.free_symbols} - {ONE}


def _terms(factor: Any, kind: Callable[[sp.Symbol], str], *, angles: bool) -> tuple[Any, ...] | None:
    """A factor that mixes places as a sum; None if it is none, and if it should stay together."""
    if factor.is_Add:
        return tuple(factor.args)
    power = 1
    if factor.is_Pow and factor.exp in range(2, MOST_POWER + 1):
        factor, power = factor.base, int(factor.exp)
    if not (angles and isinstance(factor, (sp.sin, sp.cos))):
        return None
    both = _by_addition(factor.args[0], kind)
    if both is None:
        return None
    one = both[isinstance(factor, sp.cos)]
    total = one
    for _ in range(power - 1):
        total = sp.Add(*(a * b for a in sp.Add.make_args(total) for b in sp.Add.make_args(one)))
    return tuple(sp.Add.make_args(total))


def _by_addition(angle: Any, kind: Callable[[sp.Symbol], str]) -> tuple[Any, Any] | None:
    """Sine and cosine of an angle as sums of products of those of its parts, one for each place."""
    sums: dict[str, Any] = {}
    for term in sp.Add.make_args(sp.expand_mul(angle)):
        places = _places(term, kind)
        if len(places) > 1:
            return None
        place = places.pop() if places else ONE
        sums[place] = sums.get(place, 0) + term
    if ONE in sums and len(sums) > 1:  # what is the same for all goes with something else
        alike = sums.pop(ONE)
        first = next(iter(sums))
        sums[first] += alike
    sine, cosine = sp.Integer(0), sp.Integer(1)
    for part in sums.values():
        s, c = sp.sin(part), sp.cos(part)
        sine, cosine = sp.expand_mul(sine * c + cosine * s), sp.expand_mul(cosine * c - sine * s)
    return sine, cosine
