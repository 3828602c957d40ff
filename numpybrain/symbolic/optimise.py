"""Makes a program cheap, without changing what it computes.

Four passes, each a function from expressions to expressions:
`hoist` moves what cannot change in a run out of the step, `share_exponentials` computes several
exponentials of one variable from one, `share` names common subexpressions, `powers` turns small
integer powers into products.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

import sympy as sp

from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.special_functions import exp, expm1_ratio, exprel, exprel_derivative, slope

MAX_CHAIN = 16  # largest integer power that replaces an exponential or becomes a product

Definitions = list[tuple[sp.Symbol, Any]]


def hoist(
    expressions: list[Any],
    is_varying: Callable[[sp.Symbol], bool],
    is_fresh: Callable[[Any], bool] = lambda _: False,
) -> tuple[Definitions, list[Any]]:
    """Split off the largest parts that do not vary; gives their definitions and what is left.

    `is_fresh` says of a call that it may give something else in each step.
    """
    hoisted: dict[Any, sp.Symbol] = {}
    varying: dict[Any, bool] = {}
    done: dict[Any, Any] = {}

    def varies(expr: Any) -> bool:
        known = varying.get(expr)
        if known is None:
            known = is_varying(expr) if expr.is_Symbol else is_fresh(expr) or any(map(varies, expr.args))
            varying[expr] = known
        return known

    def constant(expr: Any) -> Any:
        if expr.is_Symbol or expr.is_number or not isinstance(expr, sp.Expr):
            return expr
        if expr not in hoisted:
            hoisted[expr] = made_up(f"c{len(hoisted)}")
        return hoisted[expr]

    def visit(expr: Any) -> Any:
        if not expr.args:
            return expr
        if not varies(expr):
            return constant(expr)
        found = done.get(expr)
        if found is None:
            if isinstance(expr, (sp.Add, sp.Mul)):
                fixed = [a for a in expr.args if not varies(a)]
                moving = [visit(a) for a in expr.args if varies(a)]
                found = expr.func(constant(expr.func(*fixed)), *moving) if fixed else expr.func(*moving)
            else:
                found = expr.func(*(visit(a) for a in expr.args))
            done[expr] = found
        return found

    left = [visit(e) for e in expressions]
    return [(symbol, expr) for expr, symbol in hoisted.items()], left


def share_exponentials(
    expressions: list[Any], is_varying: Callable[[sp.Symbol], bool]
) -> tuple[Definitions, Definitions, list[Any]]:
    """Compute exp(a*x + b) for several a from the one with the smallest |a|, by products.

    Gives new definitions for the prologue (the exp(b)), for the step, and the expressions. All
    offsets are taken relative to the first b, so that the factors stay of moderate size.
    """
    expressions = [_name_exponentials(e) for e in expressions]
    found = sorted({e for x in expressions for e in x.atoms(sp.exp)}, key=sp.default_sort_key)
    families: dict[Any, list[tuple[Any, Any, sp.exp]]] = {}
    for item in found:
        fixed, moving = item.args[0].as_independent(*filter(is_varying, item.free_symbols), as_Add=True)
        rate, core = moving.as_coeff_Mul()
        if core.is_Add:  # a content common to all terms belongs to the rate
            content, core = core.primitive()
            rate *= content
        if core != 1 and rate.is_Rational:
            families.setdefault(core, []).append((rate, fixed, item))
    prologue: Definitions = []
    steps: Definitions = []
    replaced: dict[Any, Any] = {}
    for members in families.values():
        for group in _groups(members):
            base_rate, base_fixed, base = group[0]
            name = made_up(f"exp_{len(steps)}")
            steps.append((name, base))
            replaced[base] = name
            for rate, fixed, item in group[1:]:
                power = rate / base_rate
                offset = fixed - power * base_fixed
                factor: Any = sp.exp(offset) if offset != 0 else sp.Integer(1)
                if not factor.is_number:
                    prologue.append((made_up(f"e{len(prologue)}"), factor))
                    factor = prologue[-1][0]
                replaced[item] = factor * name**power
    if not replaced:
        return [], [], expressions
    return prologue, steps, [e.xreplace(replaced) for e in expressions]


def _groups(members: list[tuple[Any, Any, Any]]) -> Iterable[list[tuple[Any, Any, Any]]]:
    """Groups of exponentials that are small integer powers of their first one."""
    left = sorted(members, key=lambda m: (abs(m[0]), -m[0], sp.default_sort_key(m[1])))
    while left:
        base = left[0][0]
        fits = [m for m in left if (m[0] / base).is_Integer and abs(m[0] / base) <= MAX_CHAIN]
        left = [m for m in left if m not in fits]
        if len(fits) > 1:
            yield fits


def _name_exponentials(expr: Any) -> Any:
    """`exprel(x)` and its derivative with their exponential in the open, so that it can be shared."""
    if expr.has(exprel_derivative):
        expr = expr.replace(exprel_derivative, _first_derivative)
    if expr.has(exprel):
        expr = expr.replace(exprel, lambda x: expm1_ratio(exp(x), x))
    return expr


def _first_derivative(n: Any, x: Any) -> Any:
    """The derivative of `exprel` from its exponential and its value; higher ones stay as they are."""
    if n != 1:
        return exprel_derivative(n, x)
    half, third, eighth = (sp.Rational(1, k) for k in (2, 3, 8))
    return slope(exp(x), exprel(x), x, half, third, eighth)


def share(expressions: list[Any]) -> tuple[Definitions, list[Any]]:
    """Name every subexpression that occurs twice."""
    symbols = (made_up(f"x{k}") for k in itertools.count())
    definitions, left = sp.cse(expressions, symbols=symbols, order="none", list=True)
    return list(definitions), list(left)


def powers(definitions: Definitions, expressions: list[Any]) -> tuple[Definitions, list[Any]]:
    """Replace x**k (2 <= |k| <= 16) by products of squares, each computed once."""
    made: dict[Any, Any] = {}
    same: dict[Any, Any] = {}  # names that turned out to stand for another name
    out: Definitions = []
    names = (made_up(f"p{k}") for k in itertools.count())

    def chain(base: Any, k: int) -> Any:
        if k == 1:
            return base
        if (base, k) not in made:
            half = chain(base, k // 2) if k % 2 == 0 else chain(base, k - 1)
            product = sp.Mul(half, half if k % 2 == 0 else base, evaluate=False)
            made[base, k] = next(names)
            out.append((made[base, k], product))
        return made[base, k]

    def visit(expr: Any) -> Any:
        if not expr.args:
            return same.get(expr, expr)
        if expr.is_Pow and expr.args[1].is_Integer and 2 <= abs(expr.args[1]) <= MAX_CHAIN:
            base = visit(expr.args[0])
            if not base.is_Symbol and not base.is_number:
                name = next(names)
                out.append((name, base))
                base = name
            power = int(expr.args[1])
            product = chain(base, abs(power))
            return product if power > 0 else sp.Pow(product, -1)
        args = [visit(a) for a in expr.args]
        kept = all(a is b for a, b in zip(args, expr.args, strict=True))
        return expr if kept else expr.func(*args)

    for name, expr in definitions:
        value = visit(expr)
        if value.is_Symbol:
            same[name] = value
        else:
            out.append((name, value))
    return out, [visit(e) for e in expressions]


def in_order(
    expr: Any, needs: Callable[[Any], list[sp.Symbol]], parts: Callable[[sp.Symbol], Iterable[Any]]
) -> list[sp.Symbol]:
    """All that an expression is made of, what others need first; without recursion, for long chains."""
    found: dict[sp.Symbol, None] = {}
    stack: list[tuple[Any, bool]] = [(expr, False)]
    while stack:
        part, done = stack.pop()
        if done:
            found[part] = None
            continue
        for s in needs(part):
            if s not in found:
                stack.append((s, True))
                stack.extend((below, False) for below in parts(s))
    return list(found)
