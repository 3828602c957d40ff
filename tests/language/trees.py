"""Random syntax trees, built node by node and not from text."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Equation,
    Expr,
    If,
    Name,
    Number,
    Quantity,
    Signed,
    Statement,
    UnitNode,
)
from numpybrain.source import Source

SPAN = Source("", "tree").span()
NAMES = ("a", "b", "tau_m", "x1", "inf", "mV", "dt", "dx", "If", "nota", "e", "\u03bc")
ASSIGN = ("=", "+=", "-=", "*=", "/=", "//=", "%=", "**=")
ARITHMETIC = ("+", "-", "*", "/", "//", "%", "**")

decimals = st.builds(
    lambda digits, exponent: Fraction(digits) * Fraction(10) ** exponent,
    st.integers(0, 10**18),
    st.integers(-40, 40),
)
names = st.sampled_from(NAMES).map(lambda n: Name(SPAN, n))
numbers = decimals.map(lambda value: Number(SPAN, value, ""))


def above(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    """Every kind of node on top of smaller expressions."""

    def compare(operands: list[Expr], ops: list[str]) -> Compare:
        return Compare(SPAN, tuple(operands), tuple(ops[: len(operands) - 1]))

    comparisons = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
    return st.one_of(
        st.builds(lambda op, x: Signed(SPAN, op, x), st.sampled_from(("+", "-", "not")), inner),
        st.builds(
            lambda op, x, y: Binary(SPAN, op, x, y),
            st.sampled_from((*ARITHMETIC, "and", "or")),
            inner,
            inner,
        ),
        st.builds(compare, st.lists(inner, min_size=2, max_size=4), st.lists(comparisons, min_size=3)),
        st.builds(lambda x, y, z: Conditional(SPAN, x, y, z), inner, inner, inner),
        st.builds(
            lambda name, arguments: Call(SPAN, name, tuple(arguments)),
            st.sampled_from(("f", "exp", "rand", "where")),
            st.lists(inner, max_size=3),
        ),
    )


expressions: st.SearchStrategy[Expr] = st.recursive(names | numbers, above, max_leaves=12)
small: st.SearchStrategy[Expr] = st.recursive(names | numbers, above, max_leaves=5)

exponents = st.builds(Fraction, st.integers(-12, 12).filter(bool), st.integers(1, 9))
units = st.lists(
    st.tuples(st.sampled_from(("mV", "ms", "uF", "cm", "ohm", "1", "boolean")), exponents),
    min_size=1,
    max_size=4,
).map(lambda factors: UnitNode(SPAN, tuple(factors)))
quantities = st.builds(
    lambda value, sign, unit: Quantity(SPAN, sign * value, unit), decimals, st.sampled_from((1, -1)), units
)

statement = st.builds(
    lambda name, op, expr: Statement(SPAN, name, op, expr),
    st.sampled_from(("v", "u_1", "iff")),
    st.sampled_from(ASSIGN),
    expressions,
)


def blocks(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """An `if` with blocks of `inner`; one alone in `no` is an `elif`."""
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(lambda c, yes, no: If(SPAN, c, yes, no), small, some, st.just(()) | some)


statements = st.lists(st.recursive(statement, blocks, max_leaves=8), max_size=4).map(tuple)

flags = st.frozensets(
    st.sampled_from(("constant", "unless refractory", "event-driven", "flag1")), max_size=2
)
comments = st.sampled_from(("", "membrane potential", 'x : 1 "quoted" \\ # twice'))


def equation(
    kind: str, name: str, expr: Expr, unit: UnitNode, flags: frozenset[str], comment: str
) -> Equation:
    right = None if kind == "declaration" else expr
    return Equation(SPAN, kind, name, right, unit, flags, comment)


equations = st.builds(
    equation,
    st.sampled_from(("differential", "definition", "declaration")),
    st.sampled_from(("v", "g_ampa", "dx", "t2")),
    expressions,
    units,
    flags,
    comments,
)
