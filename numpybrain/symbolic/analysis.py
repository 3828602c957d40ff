"""Kind of a system of equations: linear, linear one by one, or neither, and the term in the way.

Works on the expressions as they are; nothing is expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.symbolic.system import T


@dataclass(frozen=True, slots=True)
class Linear:
    """`expr = sum(coefficients[x] * x) + rest`."""

    coefficients: dict[sp.Symbol, Any]
    rest: Any


@dataclass(frozen=True, slots=True)
class NotLinear:
    """The term that stands in the way."""

    term: Any


def linear_in(expr: Any, variables: Iterable[sp.Symbol]) -> Linear | NotLinear:
    """Take an expression apart into a sum over `variables` with coefficients free of them."""
    wanted = set(variables)

    def split(e: Any) -> Linear | NotLinear:
        if wanted.isdisjoint(e.free_symbols):
            return Linear({}, e)
        if e in wanted:
            return Linear({e: sp.Integer(1)}, sp.Integer(0))
        if e.is_Add:
            total: dict[sp.Symbol, Any] = {}
            rests = []
            for part in e.args:
                found = split(part)
                if isinstance(found, NotLinear):
                    return found
                for x, c in found.coefficients.items():
                    total[x] = total[x] + c if x in total else c
                rests.append(found.rest)
            return Linear(total, sp.Add(*rests))
        if e.is_Mul:
            inside = [a for a in e.args if not wanted.isdisjoint(a.free_symbols)]
            if len(inside) == 1:
                found = split(inside[0])
                if isinstance(found, NotLinear):
                    return NotLinear(e)
                factor = sp.Mul(*(a for a in e.args if a is not inside[0]))
                scaled = {x: factor * c for x, c in found.coefficients.items()}
                return Linear(scaled, found.rest and factor * found.rest)  # SymPy looks for oo in 0*x
        return NotLinear(e)

    return split(expr)


def whole_system(
    rates: Mapping[sp.Symbol, Any], variables: Iterable[sp.Symbol]
) -> list[Linear] | NotLinear:
    """Every rate linear in all variables together, with coefficients that do not depend on t."""
    found = []
    variables = tuple(variables)
    for rate in rates.values():
        part = linear_in(rate, variables)
        if isinstance(part, NotLinear):
            return part
        for coefficient in (*part.coefficients.values(), part.rest):
            if T in coefficient.free_symbols:
                return NotLinear(coefficient)
        found.append(part)
    return found
