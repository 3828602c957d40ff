"""Expressions for people who go on with SymPy: its own functions, and symbols named as in the model.

In: lowered expressions. Out: expressions that `diff`, `subs`, `solve` and `lambdify` of SymPy understand.
The symbols carry no assumptions, so `sympy.Symbol("v")` is the `v` of the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.codegen import cfunctions  # noqa: F401  # where SymPy has log10 and its kind
from sympy.utilities.lambdify import implemented_function

from numpybrain.symbolic import special_functions
from numpybrain.symbolic.identifiers import bare
from numpybrain.symbolic.lower import symbol


def _equal(a: Any, b: Any) -> Any:
    return sp.Equivalent(a, b) if _are_conditions(a, b) else sp.Eq(a, b)


def _not_equal(a: Any, b: Any) -> Any:
    return sp.Xor(a, b) if _are_conditions(a, b) else sp.Ne(a, b)


def _where(condition: Any, yes: Any, no: Any) -> Any:
    if _are_conditions(yes, no):
        return sp.ITE(condition, yes, no)
    return sp.Piecewise((yes, condition), (no, True))


def _to_int(x: Any) -> Any:
    if _are_conditions(x):
        return _where(x, sp.Integer(1), sp.Integer(0))
    return _sign(x) * sp.floor(_absolute(x))


# as pieces: SymPy differentiates `Abs` and `sign` of real numbers only, `Heaviside` to a distribution
def _absolute(x: Any) -> Any:
    return sp.Piecewise((x, x >= 0), (-x, True))


def _sign(x: Any) -> Any:
    return sp.Piecewise((1, x > 0), (-1, x < 0), (0, True))


def _heaviside(x: Any) -> Any:
    return sp.Piecewise((1, x > 0), (0, x < 0), (sp.Rational(1, 2), True))


def _are_conditions(*values: Any) -> bool:
    """Whether these are conditions; a symbol may be anything, so others must tell."""
    kinds = [isinstance(v, sp.logic.boolalg.Boolean) and not v.is_Symbol for v in values]
    return any(kinds)


FORMS: dict[type, Callable[..., Any]] = {special_functions.OPAQUE[name]: form for name, form in {
    "less": sp.Lt, "less_equal": sp.Le, "greater": sp.Gt, "greater_equal": sp.Ge,
    "equal": _equal, "not_equal": _not_equal,
    "logical_and": sp.And, "logical_or": sp.Or, "logical_not": sp.Not, "where": _where,
    "minimum": sp.Min, "maximum": sp.Max, "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high),
    "mod": sp.Mod, "floor_divide": lambda a, b: sp.floor(a / b), "to_int": _to_int,
    "absolute": _absolute, "sign": _sign, "heaviside": _heaviside,
}.items()} | {sp.Abs: _absolute, sp.sign: _sign}  # fmt: skip

SINGULAR: dict[type, Callable[..., Any]] = {  # the functions that are finite at a removed singularity
    special_functions.exprel: lambda x: (sp.exp(x) - 1) / x,
    special_functions.quotient: lambda f, x: f / x,
}


def presented(expr: Any, names: Iterable[str], functions: Mapping[str, Callable[..., Any]]) -> Any:
    """The expression with SymPy's own functions, `names` as symbols, and the user's `functions`."""
    symbols = {symbol(name): sp.Symbol(name) for name in names}
    own = {name: implemented_function(name, f) for name, f in functions.items()}

    def form(part: Any) -> Callable[..., Any]:
        found: Callable[..., Any] | None = own.get(bare(type(part).__name__)) or FORMS.get(part.func)
        function = None if found else special_functions.function_of(part)
        if function is not None and function.opaque:
            found = special_functions.sympy_function(function)
        return found or part.func  # type: ignore[no-any-return]

    return _rebuilt(expr, symbols, form)


def without_singular_functions(expr: Any) -> Any:
    """The expression as it is written in textbooks: 0/0 where `exprel` and its kind are finite."""
    return _rebuilt(expr, {}, lambda part: SINGULAR.get(part.func, part.func))


def _rebuilt(expr: Any, symbols: Mapping[sp.Symbol, Any], form: Callable[[Any], Callable[..., Any]]) -> Any:
    """The expression made anew from the leaves up, every node by what `form` gives for it."""
    done: dict[Any, Any] = {}

    def visit(part: Any) -> Any:
        if part.is_Symbol:
            return symbols.get(part) or sp.Symbol(bare(part.name))  # of noise, or a random number
        if not part.args and part.func not in FORMS:
            return part
        if part not in done:
            done[part] = form(part)(*map(visit, part.args))
        return done[part]

    return visit(expr)
