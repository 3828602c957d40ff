"""The value of an expression without variables, by plain arithmetic: exact as long as it can be.

In: a checked tree of numbers, constants and units. Out: a number and its unit. No SymPy: `dt="20*us"`
must not cost its import.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from numpybrain.errors import ModelError, NumpyBrainError
from numpybrain.language import number_bounds, units
from numpybrain.language.functions import CONSTANTS, FUNCTIONS, PHYSICAL, RANDOM
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
from numpybrain.language.units import MAX_EXPONENT, PLAIN, Unit

Value = tuple[Any, Unit]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
ELSEWHERE = {"arcsin": math.asin, "arccos": math.acos, "arctan": math.atan}  # in module math
WHOLE: dict[str, Callable[[Any], Any]] = {"int": int, "floor": math.floor, "ceil": math.ceil}
SIGNS: dict[str, Callable[[Any], Any]] = {
    "sign": lambda x: (x > 0) - (x < 0),
    "heaviside": lambda x: ((x > 0) - (x < 0) + 1) / Fraction(2),
}


@number_bounds.unnested
def evaluate(node: Quantity | Expr) -> Value:
    """Value and unit of a constant expression that has been checked.

    Raises:
        ModelError: if it is not constant, or is no finite number.
    """
    if isinstance(node, Quantity):
        return node.value, units.from_node(node.unit)
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
    unit = units.named(node.id)
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
    name, arguments = node.function, [_evaluate(a) for a in node.arguments]
    if name in RANDOM:
        raise ModelError(f"'{name}' gives something new at every call: this is no constant", node.span)
    if name == "where":
        return arguments[1] if arguments[0][0] else arguments[2]
    value, unit = arguments[0]
    if name == "abs":
        return abs(value), unit
    if name in SIGNS:
        return SIGNS[name](value), PLAIN
    if name == "sqrt":
        return math.sqrt(value * unit.scale), Unit(unit.dimension).power(Fraction(1, 2))
    same = [v * (u.scale / unit.scale) if u.fits(unit) else v for v, u in arguments]
    if name in ("min", "max"):
        return (min if name == "min" else max)(same), unit
    if name in ("mod", "timestep"):
        return _divided(node, same, unit)
    if name == "clip":
        return min(max(same[0], same[1]), same[2]), unit
    result = of_number(name, value * unit.scale)
    if result is None:
        raise _not_constant(node)
    return result, PLAIN


def of_number(name: str, x: Any) -> Any | None:
    """A function of the language that takes one plain number; None if it is not known here.

    Raises:
        OverflowError, ValueError: as those of module `math` do.
    """
    if name not in FUNCTIONS or FUNCTIONS[name].n_arguments != 1 or name in RANDOM:
        return None
    if name in SIGNS:
        return SIGNS[name](x)
    if name in WHOLE:
        return WHOLE[name](x)
    if name == "abs":
        return abs(x)
    if name == "exprel":
        return math.expm1(x) / x if x else 1.0
    function = ELSEWHERE.get(name) or getattr(math, name, None)
    return None if function is None else function(float(x))


def _divided(node: Call, parts: list[Any], unit: Unit) -> Value:
    """`mod(a, b)`, and `timestep(t, dt)`, the whole steps in a time."""
    a, b = parts
    if b == 0:
        raise ModelError("division by zero", node.span)
    return (int((a + b / 1000) / b), PLAIN) if node.function == "timestep" else (a % b, unit)


_RULES: dict[type, Callable[[Any], Value]] = {
    Number: lambda node: (node.value, PLAIN),
    Name: _name,
    Signed: _signed,
    Binary: _binary,
    Compare: _compare,
    Conditional: _conditional,
    Call: _call,
}
