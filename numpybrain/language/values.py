"""Values that users hand over, as numbers in a wanted unit: 3, "1.5 ms", 2*nS, arrays.

In: a number, an array, a pint quantity or a string that is constant. Out: floats or arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, UnitError
from numpybrain.language import units
from numpybrain.language.check import Scope, check_quantity
from numpybrain.language.functions import CONSTANTS
from numpybrain.language.nodes import Binary, Call, Expr, Name, Number, Quantity, Signed
from numpybrain.language.reader import read_quantity, read_unit
from numpybrain.language.units import PLAIN, Unit

MAX_POWER = 1000  # largest exponent that is calculated exactly


def convert(value: Any, unit: Unit, what: str, unit_text: str = "") -> Any:
    """`value` as plain number(s) in `unit`; bare numbers are in that unit already.

    Raises:
        UnitError: if the value has another dimension; `what` names it in the message.
    """
    if isinstance(value, str):
        number, have, node = _read(value, what)
    elif units.is_quantity(value):
        number, have = units.split_quantity(value)
        node = None
    elif isinstance(value, (bool, int, float, np.number, np.bool_, list, tuple, np.ndarray)):
        return _numbers(value, unit, what, unit_text)
    else:
        message = f"{what} must be a number, a quantity or a string (got {type(value).__name__})"
        raise ArgumentError(message)
    if have.fits(unit):
        if isinstance(number, Fraction):
            return _to_float(number * have.scale / unit.scale)
        return units.rescale(number, have, unit)
    message = f"{what} must be {unit} (got {have})"
    wanted = f"such as '20 {unit_text}'" if unit_text not in ("", "1") else "a bare number"
    raise UnitError(message, node.span if node else None, help=f"give {wanted}")


def _numbers(value: Any, unit: Unit, what: str, unit_text: str) -> Any:
    if isinstance(value, (list, tuple)) and any(isinstance(v, str) or units.is_quantity(v) for v in value):
        return np.array([convert(v, unit, what, unit_text) for v in value])
    return value


def interpret(value: Any, what: str) -> tuple[Any, Unit, str]:
    """Number(s), unit and unit text of a value whose unit is not known beforehand."""
    if isinstance(value, str):
        number, have, node = _read(value, what)
        if isinstance(node, Quantity):
            text = str(node.unit)
        else:
            found = [n.id for n in node.walk() if isinstance(n, Name) and units.named(n.id)]
            fitting = [n for n in found if units.named(n).fits(have)]  # type: ignore[union-attr]
            text = fitting[0] if fitting else have.name
        unit = units.from_node(read_unit(text))
        if isinstance(number, Fraction):
            return _to_float(number * have.scale / unit.scale), unit, text
        return units.rescale(number, have, unit), unit, text
    if units.is_quantity(value):
        number, have = units.split_quantity(value)
        return number, have, f"{value.units:~C}" or "1"
    return convert(value, PLAIN, what), PLAIN, "1"


def constant(node: Quantity | Expr) -> tuple[Fraction | float, Unit]:
    """Value and unit of a constant expression that has been checked; exact where it can be."""
    if isinstance(node, Quantity):
        return node.value, units.from_node(node.unit)
    return _evaluate(node)


def _read(text: str, what: str) -> tuple[Fraction | float, Unit, Quantity | Expr]:
    node = read_quantity(text, what)
    scope = Scope({}, where=f"in {what}")
    check_quantity(node, scope)
    if scope.errors:
        raise scope.errors[0]
    return *constant(node), node


def _to_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.copysign(math.inf, value)


def _evaluate(node: Expr) -> tuple[Fraction | float, Unit]:
    """Value in the unit given beside it. The tree has been checked, so units fit."""
    if isinstance(node, Number):
        return node.value, PLAIN
    if isinstance(node, Name):
        if node.id in CONSTANTS:
            return CONSTANTS[node.id], PLAIN
        unit = units.named(node.id)
        if unit is not None:
            return Fraction(1), unit
    if isinstance(node, Signed) and node.op in "+-":
        value, unit = _evaluate(node.operand)
        return (-value if node.op == "-" else value), unit
    if isinstance(node, Binary) and node.op in _OPERATORS:
        return _OPERATORS[node.op](node, *_evaluate(node.left), *_evaluate(node.right))
    if isinstance(node, Call) and hasattr(math, node.function) and len(node.arguments) == 1:
        value, unit = _evaluate(node.arguments[0])
        if node.function == "sqrt":
            return math.sqrt(value * unit.scale), unit.power(Fraction(1, 2))
        try:
            return getattr(math, node.function)(float(value * unit.scale)), PLAIN
        except (ValueError, OverflowError):
            pass
    raise ModelError("not a constant", node.span, help="use numbers, units and + - * / **")


def _add(node: Binary, a: Any, left: Unit, b: Any, right: Unit) -> tuple[Any, Unit]:
    b = b * (right.scale / left.scale)
    return (a + b if node.op == "+" else a - b), left


def _multiply(node: Binary, a: Any, left: Unit, b: Any, right: Unit) -> tuple[Any, Unit]:
    return a * b, left * right


def _divide(node: Binary, a: Any, left: Unit, b: Any, right: Unit) -> tuple[Any, Unit]:
    if b == 0:
        raise ModelError("division by zero", node.right.span)
    return a / b, left / right


def raised(node: Binary, a: Any, left: Unit, b: Any, right: Unit) -> tuple[Any, Unit]:
    """`a**b`, exact where that is cheap; an error where it is no float any more."""
    b = Fraction(b) * right.scale
    try:
        if b.denominator == 1 and abs(b) <= MAX_POWER and abs(math.log2(abs(a) or 1) * b) < 1024:
            return Fraction(a) ** int(b), left.power(b)
        value = float(a * left.scale) ** float(b)
        if isinstance(value, float):
            return value, left.power(b)
    except (OverflowError, ZeroDivisionError):
        pass
    raise ModelError("number out of range", node.span, help="floats reach from 1e-308 to 1e308")


_OPERATORS: dict[str, Callable[..., tuple[Any, Unit]]] = {
    "+": _add, "-": _add, "*": _multiply, "/": _divide, "**": raised,
}  # fmt: skip
