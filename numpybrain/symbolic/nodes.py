"""SymPy nodes for what SymPy lacks, or would simplify where a simulator must not.

Conditions, for one, are plain functions here: SymPy's own relations start an assumption query at
every construction. Each class prints as the NumPy function, or operator, of its name.
"""

from __future__ import annotations

import sympy as sp

Expr = sp.Basic


def _function(name: str) -> type[sp.Function]:
    """A function that SymPy leaves alone."""
    return type(name, (sp.Function,), {"__module__": __name__, "is_real": True})


COMPARISONS = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal",
               "==": "equal", "!=": "not_equal"}  # fmt: skip
OPAQUE = {
    name: _function(name)
    for name in (
        *COMPARISONS.values(),
        "logical_and", "logical_or", "logical_not",
        "minimum", "maximum", "clip", "where", "mod", "floor_divide", "to_int", "heaviside",
        "log10", "log2", "expm1", "log1p", "erf", "absolute", "sign", "floor", "ceil",
    )
}  # fmt: skip


class exprel(sp.Function):
    """`(exp(x) - 1)/x`, 1 at x = 0."""

    is_real = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        return sp.exp(x) / x - self / x


class expm1_ratio(sp.Function):
    """`(e - 1)/x` where e = exp(x) has been calculated already; 1 at x = 0."""

    is_real = True


class relax(sp.Function):
    """`relax(d, dt)` = `(1 - exp(-d*dt))/d`, dt at d = 0: the way to a steady state in a step."""

    is_real = True


class approach(sp.Function):
    """`approach(x, b, d, dt)`: x after dt under dx/dt = b - d*x with b and d held."""

    is_real = True


class propagator(sp.Function):
    """All entries of exp(A*dt) and of its integral, for the matrix A given row by row, then dt."""


class entry(sp.Function):
    """`entry(p, part, i, j)`: one entry of a propagator; part 0 is exp(A*dt), 1 its integral."""

    is_real = True


SYMPY = {  # functions of the language that SymPy may reason about
    "sin": sp.sin, "cos": sp.cos, "tan": sp.tan,
    "sinh": sp.sinh, "cosh": sp.cosh, "tanh": sp.tanh,
    "arcsin": sp.asin, "arccos": sp.acos, "arctan": sp.atan,
    "exp": sp.exp, "log": sp.log, "sqrt": sp.sqrt, "exprel": exprel,
}  # fmt: skip

LANGUAGE = {  # functions of the language -> SymPy node
    **SYMPY,
    **{n: OPAQUE[n] for n in ("log10", "log2", "expm1", "log1p", "erf", "sign", "floor", "ceil",
                              "clip", "where", "mod", "heaviside")},
    "abs": OPAQUE["absolute"],
    "int": OPAQUE["to_int"],
    "min": OPAQUE["minimum"],
    "max": OPAQUE["maximum"],
}  # fmt: skip
