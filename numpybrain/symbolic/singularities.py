"""Removable singularities, removed: `x/(1 - exp(-x))` and its relatives become `exprel`.

A Hodgkin-Huxley rate such as `0.1*(v + 40)/(1 - exp(-(v + 40)/10))` is 0/0 at v = -40. Written with
`exprel(u) = (exp(u) - 1)/u` it is finite, exact and smooth there.

In: a SymPy expression. Out: an equal one without the singularity, and a note of what was done.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from numpybrain.symbolic.nodes import OPAQUE, exprel

expm1 = OPAQUE["expm1"]


def remove(expr: Any, notes: list[str]) -> Any:
    """`expr` with every removable singularity of that kind rewritten."""
    if not isinstance(expr, sp.Expr) or not expr.has(sp.exp, expm1):
        return expr
    return _walk(expr, notes, {})


def _walk(expr: Any, notes: list[str], done: dict[Any, Any]) -> Any:
    if not expr.args:
        return expr
    found = done.get(expr)
    if found is None:
        args = [_walk(arg, notes, done) for arg in expr.args]
        found = expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)
        if found.is_Mul:
            found = _rewrite(found, notes)
        done[expr] = found
    return found


def _rewrite(product: Any, notes: list[str]) -> Any:
    """Pair every `exp(u) - 1` in a product with a factor proportional to u on the other side."""
    factors = [_base_and_power(f) for f in product.args]
    for k, (base, power) in enumerate(factors):
        parts = _exp_minus_one(base)
        if parts is None:
            continue
        scale, u = parts
        for j, (partner, other) in enumerate(factors):
            if j == k or power * other >= 0:
                continue
            ratio = _ratio(partner, u)
            if ratio is None:
                continue
            shared = min(abs(power), abs(other)) * (1 if power > 0 else -1)
            rest = [b**p for m, (b, p) in enumerate(factors) if m not in (j, k)]
            rest += [base ** (power - shared), partner ** (other + shared)]
            notes.append(f"{partner**-shared * base**shared} at {sp.Eq(u, 0, evaluate=False)}")
            replaced = sp.Mul(*rest, (scale / ratio * exprel(u)) ** shared)
            return _rewrite(replaced, notes) if replaced.is_Mul else replaced
    return product


def _base_and_power(expr: Any) -> tuple[Any, int]:
    """The base and exponent of a whole power; anything else is its own base."""
    if expr.is_Pow and expr.args[1].is_Integer:
        return expr.args[0], int(expr.args[1])
    return expr, 1


def _exp_minus_one(expr: Any) -> tuple[Any, Any] | None:
    """(c, u) with expr = c*(exp(u) - 1), or None."""
    if isinstance(expr, expm1):
        return sp.Integer(1), expr.args[0]
    if not (expr.is_Add and len(expr.args) == 2):
        return None
    for constant, term in (expr.args, expr.args[::-1]):
        coefficient, exponential = term.as_independent(sp.exp, as_Add=False)
        if isinstance(exponential, sp.exp) and coefficient == -constant:
            return coefficient, exponential.args[0]
    return None


def _ratio(x: Any, u: Any) -> Any | None:
    """The k with x = k*u and k free of what varies in u, or None."""
    quotient = x / u
    shared = u.free_symbols & x.free_symbols
    if not shared:
        return None
    if not quotient.free_symbols & shared:
        return quotient
    first = min(shared, key=str)
    du, dx = sp.diff(u, first), sp.diff(x, first)
    if du == 0 or dx == 0 or (du.free_symbols | dx.free_symbols) & {first}:
        return None
    k = dx / du
    return k if sp.expand(x - k * u) == 0 else None
