"""Bounds of what SymPy gets of a user's text: numbers of few digits, expressions not too deep.

Every operation of a text goes through here (`Lowering`, statements), as does what grows when it is
multiplied out. SymPy itself has no limits: it would calculate a power of a power of a number for hours,
and go down through nested functions until Python's stack ends.

In: SymPy expressions. Out: the same or equal ones, or a `ModelError` at the place in the text.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.errors import ModelError
from numpybrain.language import constants, number_bounds
from numpybrain.language.function_table import Function
from numpybrain.source import Span
from numpybrain.symbolic import special_functions

MAX_DEPTH = 120  # operations within operations: SymPy's derivatives take seven calls for each of them
MAX_PARTS = 2_000  # of an expression with its temporaries written out, as a tree
MAX_DERIVATIVE = 20_000  # parts of a derivative, as a tree
MAX_TERMS = 200  # of a sum that is multiplied out
ROUNDING = 1e-6  # relative error of a float that is 0 but for rounding: generous
MODEST = 10_000  # SymPy simplifies functions of numbers up to here, as in sin(2), and powers of those
WRONG = (sp.nan, sp.zoo, sp.I)

NOWHERE: Mapping[sp.Symbol, float] = {}


class Bounds:
    """Looks at the results of all operations of a text.

    What has been looked at is not looked at again, so this costs as much as there are different parts.
    """

    def __init__(self) -> None:
        self._depths: dict[Any, int] = {}

    def checked(self, expr: Any, span: Span) -> Any:
        """Check the result of an operation and give it; long numbers in it become floats.

        Raises:
            ModelError: if it is no real number, no float can hold it, or it is too deep.
        """
        expr = _shortened(expr, span)
        depths = self._depths
        stack = [expr]
        while stack:
            part = stack.pop()
            if part in depths:
                continue
            waiting = [a for a in part.args if a not in depths]
            if waiting:
                stack += [part, *waiting]
                continue
            _check_part(part, span)
            depths[part] = 1 + max((depths[a] for a in part.args), default=-1)
            if depths[part] > MAX_DEPTH:
                message = f"with its subexpressions this is more than {MAX_DEPTH} operations deep"
                raise ModelError(message, span, help="store a part of it in a variable of its own")
        return expr


def _check_part(part: Any, span: Span) -> None:
    """Raise an error for a number that is none."""
    if part in WRONG or isinstance(part, sp.AccumBounds):
        raise _no_number(part, span)
    if part.is_Rational:
        if part.p.bit_length() - part.q.bit_length() > 1022 and abs(part) > number_bounds.LARGEST:
            raise _out_of_range(span)
    elif part.is_number and part.args and number(part, span) in (math.inf, -math.inf):
        raise _out_of_range(span)


def _no_number(part: Any, span: Span) -> ModelError:
    if part is sp.zoo:
        return ModelError("division by zero", span)
    if part is sp.I:
        return ModelError("this is no real number", span, help="mind the sign of what is in a root")
    return ModelError("this has no value", span, help="inf - inf, inf*0 and sin(inf) have none")


def _out_of_range(span: Span) -> ModelError:
    return ModelError("number out of range", span, help=number_bounds.RANGE)


def _shortened(expr: Any, span: Span) -> Any:
    """An expression whose numbers on top have few digits: floats where they were long."""
    if expr.is_Rational:
        value = Fraction(int(expr.p), int(expr.q))
        try:
            short = number_bounds.kept(value)
        except OverflowError:
            raise _out_of_range(span) from None
        return expr if short is value else sp.Rational(short.numerator, short.denominator)
    if not (expr.is_Add or expr.is_Mul):
        return expr
    args = [_shortened(a, span) if a.is_Rational or (expr.is_Add and a.is_Mul) else a for a in expr.args]
    same = all(a is b for a, b in zip(args, expr.args, strict=True))
    return expr if same else expr.func(*args)


# ---- numbers ------------------------------------------------------------------------------------


def number(expr: Any, span: Span) -> float:
    """The value of an expression without symbols as a float; NaN if it is not known here.

    Raises:
        ModelError: if no float can hold it, or it is no real number.
    """
    try:
        value = _value(expr)
    except (OverflowError, ZeroDivisionError):
        raise _out_of_range(span) from None
    except ValueError:  # the logarithm of a negative number
        raise _no_number(sp.I, span) from None
    if isinstance(value, complex):
        raise _no_number(sp.I, span)
    return float(value)


def _value(expr: Any, point: Mapping[sp.Symbol, float] = NOWHERE) -> Any:
    """The value of an expression where its symbols have these values; NaN if it is not known."""
    if expr.is_Rational:
        return int(expr.p) / int(expr.q)
    if expr.is_Number or isinstance(expr, sp.NumberSymbol):
        return float(expr)
    if expr.is_Symbol:
        return point.get(expr, math.nan)
    values = [_value(a, point) for a in expr.args]
    if expr.is_Add:
        return sum(values)
    if expr.is_Mul:
        return math.prod(values)
    if expr.is_Pow:
        return values[0] ** values[1]
    function = special_functions.function_of(expr)
    if function is None or len(values) > 1 or not math.isfinite(values[0]):
        return math.nan
    found = constants.of_number(function, values[0])
    return math.nan if found is None else float(found)


def exact(value: Fraction | float) -> Any:
    """A number as one of SymPy's, exact."""
    if isinstance(value, float) and not math.isfinite(value):
        return sp.oo if value > 0 else -sp.oo
    value = Fraction(value)
    return sp.Rational(value.numerator, value.denominator)


def folded(function: Function, arguments: list[Any], span: Span) -> Any | None:
    """The value of a function of the language where its argument is a large number; else None.

    SymPy would reduce sin(1e300) by multiples of pi, with 300 digits, and fail at exp(exp(exp(9))).
    """
    if len(arguments) != 1 or not arguments[0].is_number:
        return None
    x = number(arguments[0], span)
    if not math.isfinite(x) or abs(x) <= MODEST:
        return None
    try:
        value = constants.of_number(function, x)
    except OverflowError:
        raise _out_of_range(span) from None
    except ValueError:
        raise _no_number(sp.I, span) from None
    return None if value is None else exact(value)


def power(base: Any, exponent: Any, span: Span) -> Any:
    """`base**exponent`; the number in front of the base is raised as a float if that takes many digits."""
    if not exponent.is_Number or not exponent.is_finite:
        return base**exponent
    e = Fraction(int(exponent.p), int(exponent.q))
    if base.is_number and not base.is_Number and abs(e) > MODEST:
        try:
            return exact(_value(base) ** float(e))
        except (ArithmeticError, TypeError, ValueError):
            raise _out_of_range(span) from None
    if e.denominator == 1 and abs(e) > MAX_TERMS and not base.is_extended_real:
        exponent = sp.Float(float(e))  # whole powers of what may be complex are multiplied out by SymPy
    factor, rest = base.as_coeff_Mul()
    f = Fraction(int(factor.p), int(factor.q)) if factor.is_Rational else Fraction(1)
    if f == 1 or number_bounds.bits(f) * abs(e) <= number_bounds.MAX_BITS:
        return base**exponent
    try:
        value = number_bounds.power(abs(f), e)
    except OverflowError:
        value = 0.0
    if isinstance(value, complex) or value == 0:  # the rest may be as small as that is large
        raise _out_of_range(span)
    return exact(value) * (rest if f > 0 else -rest) ** exponent


# ---- multiplying out ------------------------------------------------------------------------------


def is_zero(expr: Any) -> bool:
    """Whether an expression is 0 when it is multiplied out; False if that would take too long to say."""
    if expr == 0:
        return True
    if _differs(expr) or _n_terms(expr) > MAX_TERMS:
        return False
    return bool(sp.expand(expr) == 0)


def _differs(expr: Any) -> bool:
    """Whether an expression is clearly not 0 at some point, which is soon said."""
    symbols = sorted(expr.free_symbols, key=lambda s: s.name)
    point = {s: 0.5 + math.sqrt(k + 2) / (k + 3) for k, s in enumerate(symbols)}
    try:
        terms = [_value(term, point) for term in sp.Add.make_args(expr)]
        return bool(abs(sum(terms)) > ROUNDING * sum(map(abs, terms)))
    except (ArithmeticError, TypeError, ValueError):
        return False


def written_out(expr: Any, steps: Iterable[tuple[sp.Symbol, Any]]) -> Any | None:
    """An expression with its temporaries written out; None if it would have more than MAX_PARTS parts.

    Temporaries that are used twice in the next one make an expression twice as long each time.
    """
    sizes: dict[sp.Symbol, int] = {}
    values: dict[sp.Symbol, Any] = {}
    for target, value in steps:
        sizes[target] = _size(value, sizes)
        values[target] = value.xreplace(values) if sizes[target] <= MAX_PARTS else value
    return expr.xreplace(values) if _size(expr, sizes) <= MAX_PARTS else None


def _size(expr: Any, sizes: Mapping[sp.Symbol, int]) -> int:
    """Count the parts of an expression as a tree; symbols are as large as `sizes` says."""
    if not expr.args:
        return sizes.get(expr, 1)
    return 1 + sum(_size(a, sizes) for a in expr.args)


def is_differentiable(expr: Any, x: sp.Symbol) -> bool:
    """Whether the derivative by x is short: that of a product holds all of it in each of its terms."""
    return _n_parts(expr, x, {})[1] <= MAX_DERIVATIVE


def _n_parts(expr: Any, x: sp.Symbol, done: dict[Any, tuple[int, int]]) -> tuple[int, int]:
    """Count the parts of an expression, and of its derivative by x."""
    if expr not in done:
        if not expr.args:
            done[expr] = 1, int(expr == x)
        else:
            below = [_n_parts(a, x, done) for a in expr.args]
            size = 1 + sum(n for n, _ in below)
            changing = sum(1 for _, d in below if d)
            grown = sum(d for _, d in below)
            done[expr] = size, grown + (0 if expr.is_Add else changing * size)
    return done[expr]


def is_short(expr: Any) -> bool:
    """Whether an expression has at most MAX_TERMS parts."""
    return sum(1 for _ in itertools.islice(sp.preorder_traversal(expr), MAX_TERMS + 1)) <= MAX_TERMS


def _n_terms(expr: Any) -> int:
    """Count the terms that an expression may have when multiplied out; above MAX_TERMS if too many."""
    many = MAX_TERMS + 1
    if expr.is_Add:
        return _sum_of(_n_terms(a) for a in expr.args)
    if expr.is_Mul:
        found = 1
        for a in expr.args:
            found *= _n_terms(a)
            if found > MAX_TERMS:
                return many
        return found
    if expr.is_Pow and expr.args[1].is_Integer and expr.args[1] > 1:
        n, k = _n_terms(expr.args[0]), int(expr.args[1])
        return 1 if n == 1 else many if k > MAX_TERMS else min(math.comb(n + k - 1, k), many)
    return max(1, _sum_of(_n_terms(a) for a in expr.args) if expr.args else 1)


def _sum_of(counts: Iterable[int]) -> int:
    total = 0
    for n in counts:
        total += n
        if total > MAX_TERMS:
            break
    return total
