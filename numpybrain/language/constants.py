"""The value of an expression without variables, by plain arithmetic: exact as long as it can be.

In: a checked tree of numbers, constants and units. Out: a number and its unit. No SymPy: `dt="20*us"`
must not cost its import.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from numpybrain.errors import ModelError, NumpyBrainError
from numpybrain.language import number_bounds, unit_table
from numpybrain.language.function_table import CONSTANTS, PHYSICAL, Function, called
from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    Name,
    Number,
    Quantity,
    Signed,
)
from numpybrain.language.scope import declared
from numpybrain.language.unit_table import MAX_EXPONENT, PLAIN, Unit

Value = tuple[Any, Unit]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


@number_bounds.unnested
def evaluate(node: Quantity | Expr) -> Value:
    """Value and unit of a constant expression that has been checked.

    Raises:
        ModelError: if it is not constant, or is no finite number.
    """
    if isinstance(node, Quantity):
        return node.value, unit_table.from_node(node.unit)
    try:
        return _evaluate(node)
    except NumpyBrainError:  # which is a ValueError too
        raise
    except (OverflowError, ValueError):
        raise _out_of_range(node) from None


def _evaluate(node: Expr) -> Value:
    rule = _RULES.get(type(node))
    if rule is None:
        raise _not_constant(node)
    value, unit = rule(node)
    return number_bounds.kept(value), unit


def _not_constant(node: Expr) -> ModelError:
    return ModelError("not a constant", node.span, help="use numbers and units")


def _out_of_range(node: Expr) -> ModelError:
    return ModelError("number out of range", node.span, help=number_bounds.RANGE)


def _name(node: Name) -> Value:
    if node.id in CONSTANTS:
        return CONSTANTS[node.id], PLAIN
    if node.id in PHYSICAL:
        value, text = PHYSICAL[node.id]
        return value, declared(text)  # type: ignore[return-value]
    unit = unit_table.named(node.id)
    if unit is None:
        raise _not_constant(node)
    return Fraction(1), unit


def _signed(node: Signed) -> Value:
    value, unit = _evaluate(node.operand)
    if node.op == "not":
        return not value, PLAIN
    return (-value if node.op == "-" else value), unit


def _binary(node: Binary) -> Value:
    (a, left), (b, right) = _evaluate(node.left), _evaluate(node.right)
    match node.op:
        case "and":
            return bool(a and b), PLAIN
        case "or":
            return bool(a or b), PLAIN
        case "*":
            return a * b, left * right
        case "/" | "//" | "%" if b == 0:
            raise ModelError("division by zero", node.right.span)
        case "/":
            return a / b, left / right
        case "**":
            return raised(node, a, left, b, right)
    b = b * (right.scale / left.scale) if left.fits(right) else b  # a bare 0 fits every unit
    if node.op == "+":
        return a + b, left
    if node.op == "-":
        return a - b, left
    return (a // b, PLAIN) if node.op == "//" else (a % b, left)


def raised(node: Expr, a: Any, left: Unit, b: Any, right: Unit) -> Value:
    """`a**b`, exact where that is cheap; an error where it is no float any more."""
    try:
        b = Fraction(b) * right.scale
        if left.is_plain:
            a, left = a * left.scale, PLAIN
        if b.denominator == 1 and abs(b) <= MAX_EXPONENT:
            value, unit = number_bounds.power(a, b), left.power(b)
        else:  # roots are taken of base units, which are exact
            dimension = Unit(left.dimension)
            value, unit = number_bounds.power(a * left.scale, b), dimension.power(b)
        if not isinstance(value, complex):
            return value, unit
    except (OverflowError, ZeroDivisionError):
        pass
    raise _out_of_range(node)


def _compare(node: Compare) -> Value:
    parts = [value * unit.scale for value, unit in map(_evaluate, node.operands)]
    pairs = zip(node.ops, parts, parts[1:], strict=False)
    return all(COMPARISONS[op](a, b) for op, a, b in pairs), PLAIN


def _conditional(node: Conditional) -> Value:
    return _evaluate(node.yes if _evaluate(node.condition)[0] else node.no)


def _call(node: Call) -> Value:
    function, arguments = called(node.function, len(node.arguments)), [_evaluate(a) for a in node.arguments]
    if function is not None and function.draws:
        message = f"'{node.function}' gives something new at every call: this is no constant"
        raise ModelError(message, node.span)
    if function is None or function.value is None:
        raise _not_constant(node)
    if function.rule == "where":
        return arguments[1] if arguments[0][0] else arguments[2]
    try:
        return _applied(function, function.value, arguments)
    except ZeroDivisionError:
        raise ModelError("division by zero", node.span) from None


def _applied(function: Function, of: Callable[..., Any], arguments: list[Value]) -> Value:
    """The value of a function, with the unit that its rule gives it."""
    value, unit = arguments[0]
    match function.rule:
        case "keep":
            return of(value), unit
        case "sign":
            return of(value), PLAIN
        case "root":
            return of(value * unit.scale), Unit(unit.dimension).power(Fraction(1, 2))
        case "same" | "steps":
            same = [v * (u.scale / unit.scale) if u.fits(unit) else v for v, u in arguments]
            return of(*same), PLAIN if function.rule == "steps" else unit
    return of(*(v * u.scale for v, u in arguments)), PLAIN


def of_number(function: Function | None, x: Any) -> Any | None:
    """A function of the language at one plain number; None if that is not known here.

    Raises:
        OverflowError, ValueError: as those of module `math` do.
    """
    if function is None or function.n_arguments != 1 or function.value is None:
        return None
    return function.value(x)


_RULES: dict[type, Callable[[Any], Value]] = {
    Number: lambda node: (node.value, PLAIN),
    Name: _name,
    Signed: _signed,
    Binary: _binary,
    Compare: _compare,
    Conditional: _conditional,
    Call: _call,
}
