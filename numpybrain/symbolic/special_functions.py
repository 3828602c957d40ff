"""SymPy nodes for what SymPy lacks, or would simplify where a simulator must not.

Conditions, for one, are plain functions here: SymPy's own relations start an assumption query at
every construction. Each class prints as the NumPy function, or operator, of its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from numpybrain.symbolic import numpy_functions

Expr = sp.Basic
DIGITS = 0.30103  # decimal ones in a binary one


def _function(name: str, derivative: Callable[[Any], Any] | None = None) -> type[sp.Function]:
    """A function that SymPy leaves alone."""
    body: dict[str, Any] = {"__module__": __name__, "is_real": True}
    if derivative:
        body["fdiff"] = lambda self, *_: derivative(self.args[0])
    return type(name, (sp.Function,), body)


COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
               "==": "equal", "!=": "not_equal"}  # fmt: skip
OPAQUE = {
    name: _function(name)
    for name in (
        *COMPARISONS.values(),
        "logical_and", "logical_or", "logical_not",
        "clip", "where", "mod", "floor_divide", "to_int", "heaviside",
        "log10", "log2", "erf", "absolute", "sign", "floor", "ceil",
    )
} | {
    "expm1": _function("expm1", sp.exp),
    "log1p": _function("log1p", lambda x: 1 / (1 + x)),
}  # fmt: skip


def _extremum(name: str, comparison: str) -> type[sp.Function]:
    """The smaller or larger of two, with its derivatives: 1 by the one that it is, 0 by the other."""

    def fdiff(self: Any, argindex: int = 1) -> sp.Expr:
        first = OPAQUE[comparison](*self.args)
        return OPAQUE["where"](first, *(map(sp.Integer, (1, 0) if argindex == 1 else (0, 1))))

    return type(name, (sp.Function,), {"__module__": __name__, "is_real": True, "fdiff": fdiff})


OPAQUE |= {"minimum": _extremum("minimum", "less_equal"), "maximum": _extremum("maximum", "greater_equal")}


def _evaluated(expr: sp.Expr, prec: int) -> sp.Expr:
    """The value of an expression with `prec` binary digits."""
    return expr.evalf(int(prec * DIGITS))


def _is_zero(x: sp.Expr) -> bool:
    """Whether this is the number 0; nothing is found out about expressions."""
    return bool(x.is_Number and x.is_zero)


def exp(x: Any) -> Any:
    """SymPy's exponential, without its search for values that only numbers and logarithms have.

    It asks of x and of each of its terms whether that is 0: a tenth of the time of a Hodgkin-Huxley model.
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


class entry(sp.Function):
    """`entry(p, part, i, j)`: one entry of a propagator; part 0 is exp(A*dt), 1 its integral."""

    is_real = True


SYMPY = {  # functions of the language that SymPy may reason about
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh,
    "arcsin": sp.asin, "arccos": sp.acos, "arctan": sp.atan,
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "exprel": exprel,
}  # fmt: skip

THROUGH_ZERO = {  # functions like x near 0, where they are exact -> the series of (f(x)/x)'
    f: tuple(map(sp.Rational, series.split()))
    for f, series in {
        sp.sin: "0 -1/3 0", sp.tan: "0 2/3 0", sp.asin: "0 1/3 0", sp.atan: "0 -2/3 0",
        sp.sinh: "0 1/3 0", sp.tanh: "0 -2/3 0", OPAQUE["log1p"]: "-1/2 2/3 -3/4",
    }.items()
}  # fmt: skip

SERIES = {f.__name__: series for f, series in THROUGH_ZERO.items()}  # by name, as there are two log1p

LANGUAGE = {  # functions of the language -> SymPy node
    **SYMPY,
    "exp": exp,
    **{n: OPAQUE[n] for n in ("log10", "log2", "expm1", "log1p", "erf", "sign", "floor", "ceil",
                              "clip", "where", "mod", "heaviside")},
    "abs": OPAQUE["absolute"],
    "int": OPAQUE["to_int"],
    "min": OPAQUE["minimum"],
    "max": OPAQUE["maximum"],
}  # fmt: skip
