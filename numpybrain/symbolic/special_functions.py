"""SymPy nodes for what SymPy lacks, or would simplify where a simulator must not.

Conditions, for one, are plain functions here: SymPy's own relations start an assumption query at
every construction. Each class prints as the NumPy function, or operator, of its name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import sympy as sp

from numpybrain.language.function_table import FUNCTIONS, Function, every
from numpybrain.symbolic import numpy_functions

Expr = sp.Basic
DIGITS = 0.30103  # decimal ones in a binary one


class Aggregate(sp.Function):
    """Node of one number of all elements of a group, such as their mean."""


def _function(
    name: str, derivatives: tuple[Callable[..., Any], ...] = (), base: type[sp.Function] = sp.Function
) -> type[sp.Function]:
    """A function that SymPy leaves alone, but for its derivatives by each argument, if they are given."""
    body: dict[str, Any] = {"__module__": __name__, "is_real": True}
    if derivatives:
        body["fdiff"] = lambda self, k=1: derivatives[k - 1](NODES, *self.args)
    return type(name, (base,), body)


class _Nodes:
    """The nodes of all functions as attributes, for derivatives: of operators, and of the language."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name in FUNCTIONS:
            return node(FUNCTIONS[name])
        return OPAQUE[name]


NODES = _Nodes()
COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
               "==": "equal", "!=": "not_equal"}  # fmt: skip
OPAQUE = {
    name: _function(name)
    for name in (*COMPARISONS.values(), "logical_and", "logical_or", "logical_not", "floor_divide")
}


def _evaluated(expr: sp.Expr, prec: int) -> sp.Expr:
    """The value of an expression with `prec` binary digits."""
    return expr.evalf(int(prec * DIGITS))


def _is_zero(x: sp.Expr) -> bool:
    """Whether this is the number 0; nothing is found out about expressions."""
    return bool(x.is_Number and x.is_zero)


def exp(x: Any) -> Any:
    """SymPy's exponential, without its search for values that only numbers and logarithms have.

    It tests x and each of its terms for 0: a tenth of the time of a Hodgkin-Huxley model.
    """
    return sp.exp(x, evaluate=x.is_number or x.has(sp.log))


class exprel(sp.Function):
    """`(exp(x) - 1)/x`, 1 at x = 0."""

    is_real = True
    _imp_ = staticmethod(numpy_functions.exprel)  # by which SymPy's `lambdify` calculates it

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.Integer(1) if _is_zero(x) else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return exprel_derivative(1, self.args[0])

    def _eval_rewrite_as_exp(self, x: sp.Expr, **_hints: Any) -> sp.Expr:
        return (sp.exp(x) - 1) / x

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return _confluent(0, self.args[0], prec)


class exprel_derivative(sp.Function):
    """`exprel_derivative(n, x)`, the n-th derivative of `exprel`: the integral of s**n*exp(s*x), s < 1."""

    is_real = True
    _imp_ = staticmethod(numpy_functions.exprel_derivative)

    @classmethod
    def eval(cls, n: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        return 1 / (n + 1) if _is_zero(x) else None

    def fdiff(self, argindex: int = 2) -> sp.Expr:
        n, x = self.args
        return exprel_derivative(n + 1, x)

    def _eval_rewrite_as_exp(self, n: sp.Expr, x: sp.Expr, **_hints: Any) -> sp.Expr:
        found = (sp.exp(x) - 1) / x
        for k in range(1, int(n) + 1):
            found = (sp.exp(x) - k * found) / x
        return found

    def _eval_evalf(self, prec: int) -> sp.Expr:
        n, x = self.args
        return _confluent(n, x, prec)


def _confluent(n: Any, x: sp.Expr, prec: int) -> sp.Expr:
    """The n-th derivative of `exprel` as a confluent hypergeometric function, with `prec` binary digits."""
    return _evaluated(sp.hyper((n + 1,), (n + 2,), x) / (n + 1), prec)


class expm1_ratio(sp.Function):
    """`(e - 1)/x` where e = exp(x) has been calculated already; 1 at x = 0."""

    is_real = True


class quotient(sp.Function):
    """`quotient(f, x)` = `f/x`, 1 at x = 0, for an f that is x + O(x**2) and exact near 0."""

    is_real = True
    _imp_ = staticmethod(numpy_functions.quotient)

    @classmethod
    def eval(cls, f: sp.Expr, x: sp.Expr) -> sp.Expr | None:
        if _is_zero(x):
            return sp.Integer(1)
        if f.is_Mul and f.args[0] == -1:  # what SymPy makes of sin(-x): as sin(x)/x again
            return cls(-f, -x)
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        f, x = self.args
        return 1 / x if argindex == 1 else -f / x**2

    def _eval_rewrite_as_exp(self, f: sp.Expr, x: sp.Expr, **_hints: Any) -> sp.Expr:
        return f / x

    def _eval_evalf(self, prec: int) -> sp.Expr:
        f, x = self.args
        return _evaluated(f / x, prec)

    def _eval_derivative(self, s: sp.Symbol) -> sp.Expr:
        f, x = self.args
        series = SERIES.get(type(f).__name__)
        if f.args != (x,) or series is None:  # rewritten since; singular at 0
            return super()._eval_derivative(s)
        return slope(f.fdiff(1), self, x, *series) * sp.diff(x, s)


class slope(sp.Function):
    """`slope(df, q, x, a, b, c)` = `(df - q)/x`, the derivative of q = f/x by x, where df is that of f.

    Near x = 0 it is its series a + b*x + c*x**2.
    """

    is_real = True
    _imp_ = staticmethod(numpy_functions.slope)

    @classmethod
    def eval(cls, *args: sp.Expr) -> sp.Expr | None:
        return args[3] if _is_zero(args[2]) else None

    def _eval_rewrite_as_exp(self, df: sp.Expr, q: sp.Expr, x: sp.Expr, *_: Any, **_hints: Any) -> sp.Expr:
        return (df - q) / x

    def _eval_evalf(self, prec: int) -> sp.Expr:
        df, q, x = self.args[:3]
        return _evaluated((df - q) / x, prec)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[2]
        return (1 / x, -1 / x, -self / x)[argindex - 1]


class relax(sp.Function):
    """`relax(d, dt)` = `(1 - exp(-d*dt))/d`, dt at d = 0: the way to a steady state in a step."""

    is_real = True


class approach(sp.Function):
    """`approach(x, b, d, dt)`: x after dt under dx/dt = b - d*x with b and d held."""

    is_real = True


class propagator(sp.Function):
    """All entries of exp(A*dt) and of its integral, for the matrix A given row by row, then dt."""


class noise_root(sp.Function):
    """A root of the covariance of noise over a step: its size, matrix A, strengths G, dt."""


class Past(sp.Function):
    """`Past(x, d, t)`: the value that the variable called x had at the time t - d, in ms."""

    is_real = True


class entry(sp.Function):
    """`entry(p, part, i, j)`: one entry of a propagator; part 0 is exp(A*dt), 1 its integral."""

    is_real = True


WRITTEN = {"exp": exp, "exprel": exprel}  # nodes that are written out here, of functions of the language
THROUGH_ZERO: dict[type, tuple[sp.Rational, ...]] = {}  # like x near 0 -> the series of (f(x)/x)'
SERIES: dict[str, tuple[sp.Rational, ...]] = {}  # the same by name, as there are two log1p
_FUNCTION_OF: dict[type, Function] = {}


@functools.cache
def node(function: Function) -> Callable[..., Any]:
    """Give a callable that makes the SymPy node of a function of the language from its arguments."""
    name, written = function.code_name, WRITTEN.get(function.name)
    if function.opaque:
        base = Aggregate if function.aggregates else sp.Function
        kind = OPAQUE[name] = _function(name, function.derivatives, base)
    else:
        kind = written if isinstance(written, type) else sympy_function(function)
    _FUNCTION_OF[kind] = function
    if function.series:
        series = tuple(map(sp.Rational, function.series.split()))
        THROUGH_ZERO[kind] = SERIES[kind.__name__] = series
    return written or kind


def function_of(expr: Any) -> Function | None:
    """The function of the language whose node an expression is; None for others."""
    return _FUNCTION_OF.get(expr.func)


def sympy_function(function: Function) -> Any:
    """SymPy's own function of that kind, by its name there; None if SymPy has none."""
    return functools.reduce(getattr, function.sympy.split("."), sp) if function.sympy else None


for _each in every():
    if _each.is_node:
        node(_each)
