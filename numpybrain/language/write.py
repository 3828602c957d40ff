"""Syntax tree to text: the canonical form, which the reader turns into an equal tree again.

In: nodes. Out: strings with as few parentheses as the grammar allows.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

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
    Statements,
    UnitNode,
)

# How tightly expressions bind, in the order of the rules of the grammar.
CHOICE, OR, AND, NOT, COMPARE, SUM, PRODUCT, SIGNED, POWER, ATOM = range(10)

BINARY = {  # operator -> (its own level, that of its left side, of its right side, how it is written)
    "or": (OR, OR, AND, " or "),
    "and": (AND, AND, NOT, " and "),
    "+": (SUM, SUM, PRODUCT, " + "),
    "-": (SUM, SUM, PRODUCT, " - "),
    "*": (PRODUCT, PRODUCT, SIGNED, "*"),
    "/": (PRODUCT, PRODUCT, SIGNED, "/"),
    "//": (PRODUCT, PRODUCT, SIGNED, " // "),
    "%": (PRODUCT, PRODUCT, SIGNED, " % "),
    "**": (POWER, ATOM, SIGNED, "**"),
}
INDENT = "    "


def write(node: Expr | Quantity | UnitNode) -> str:
    """The canonical text of an expression, a quantity or a unit."""
    if isinstance(node, UnitNode):
        return _unit(node)
    if isinstance(node, Quantity):
        return f"{decimal(node.value)} {_unit(node.unit)}"
    return _expr(node, CHOICE)


def write_equation(node: Equation) -> str:
    """The canonical line of an equation, with its comment."""
    head = f"d{node.name}/dt" if node.kind == "differential" else node.name
    body = f" = {write(node.expr)}" if node.expr is not None else ""
    flags = f" ({', '.join(sorted(node.flags))})" if node.flags else ""
    comment = f"  # {node.comment}" if node.comment else ""
    return f"{head}{body} : {_unit(node.unit)}{flags}{comment}"


def write_statements(statements: Statements, indent: str = "") -> str:
    """The canonical lines of statements."""
    return "\n".join(line for item in statements for line in _statement(item, indent))


def _statement(item: Statement | If, indent: str, word: str = "if") -> list[str]:
    if isinstance(item, Statement):
        return [f"{indent}{item.name} {item.op} {write(item.expr)}"]
    lines = [f"{indent}{word} {write(item.condition)}:"]
    lines += write_statements(item.yes, indent + INDENT).split("\n")
    if len(item.no) == 1 and isinstance(item.no[0], If):
        lines += _statement(item.no[0], indent, "elif")
    elif item.no:
        lines += [f"{indent}else:", *write_statements(item.no, indent + INDENT).split("\n")]
    return lines


def decimal(value: Fraction) -> str:
    """A number that was written in decimals, with all its digits."""
    short = f"{float(value):.17g}" if Fraction(float(value)) == value else repr(float(value))
    short = short.removesuffix(".0")
    if Fraction(short) == value:
        return short
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return f"{value * 10**places}e-{places}"


# ---- expressions -----------------------------------------------------------------------------


def _expr(node: Expr, level: int) -> str:
    """The text of an expression, in parentheses if it binds more loosely than `level`."""
    own, text = _RULES[type(node)](node)
    return text if own >= level else f"({text})"


def _number(node: Number) -> tuple[int, str]:
    return ATOM, node.text or decimal(node.value)


def _signed(node: Signed) -> tuple[int, str]:
    if node.op == "not":
        return NOT, f"not {_expr(node.operand, NOT)}"
    return SIGNED, f"{node.op}{_expr(node.operand, SIGNED)}"


def _binary(node: Binary) -> tuple[int, str]:
    own, left, right, sign = BINARY[node.op]
    return own, f"{_expr(node.left, left)}{sign}{_expr(node.right, right)}"


def _compare(node: Compare) -> tuple[int, str]:
    first, *rest = (_expr(operand, SUM) for operand in node.operands)
    pairs = zip(node.ops, rest, strict=True)
    return COMPARE, first + "".join(f" {op} {operand}" for op, operand in pairs)


def _conditional(node: Conditional) -> tuple[int, str]:
    parts = _expr(node.yes, OR), _expr(node.condition, OR), _expr(node.no, CHOICE)
    return CHOICE, "{} if {} else {}".format(*parts)


def _call(node: Call) -> tuple[int, str]:
    return ATOM, f"{node.function}({', '.join(_expr(a, CHOICE) for a in node.arguments)})"


_RULES: dict[type, Callable[[Any], tuple[int, str]]] = {
    Number: _number,
    Name: lambda node: (ATOM, node.id),
    Signed: _signed,
    Binary: _binary,
    Compare: _compare,
    Conditional: _conditional,
    Call: _call,
}


def _unit(node: UnitNode) -> str:
    """Factors as they come; only a first one keeps a negative exponent."""
    text = ""
    for name, exponent in node.factors:
        sign = "" if not text else "/" if exponent < 0 else "*"
        power = -exponent if sign == "/" else exponent
        shown = str(power) if power.denominator == 1 else f"({power})"
        text += f"{sign}{name}" + ("" if power == 1 else f"**{shown}")
    return text
