"""LaTeX of the syntax tree, in the order in which the user wrote it (SymPy would sort the terms).

In: any node. Out: a string for math mode, in commands that LaTeX, MathJax, KaTeX and Matplotlib know
(`align` and `cases` aside, which Matplotlib lacks).

Text is set in upright letters of mathematics, not with the command for text: within that, MathJax shows the
backslash of an escaped character.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from fractions import Fraction

from numpybrain.language import unit_table
from numpybrain.language.function_table import CONSTANTS, FUNCTIONS
from numpybrain.language.latex_names import name_latex, number_latex, unit_latex, upright
from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Equation,
    Expr,
    If,
    Name,
    Node,
    Number,
    Quantity,
    Signed,
    Statement,
    UnitNode,
    looks_back,
)

# How tightly a text holds together, loosest first. A modulus is looser than a sum here, though not in
# the language: who reads "a + b mod c" in print takes the sum first.
CHOICE, OR, AND, NOT, COMPARE, MODULUS, SUM, SIGN, PRODUCT, POWER, ATOM = range(11)

COMPARISONS = {"<": "<", "<=": r"\leq", ">": ">", ">=": r"\geq", "==": "=", "!=": r"\neq"}
STARTS_WITH_DIGIT = re.compile(r"(\\frac\{)*\d")


def latex(node: Node, own: Container[str] = ()) -> str:
    r"""A node in LaTeX, for math mode.

    Args:
        node: an expression, an equation, a statement, a quantity or a unit.
        own: names that the model gives a meaning; one of them is no unit even if it is called `mV`.
    """
    if isinstance(node, Equation):
        left, right = sides(node, own)
        head = f"{left} = {right}" if right else left
        return rf"{head} \qquad {notes(node)}"
    if isinstance(node, Statement):
        name = Name(node.span, node.name)
        expr = Binary(node.span, node.op[:-1], name, node.expr) if node.op != "=" else node.expr
        return rf"{name_latex(node.name)} \leftarrow {latex(expr, own)}"
    if isinstance(node, If):
        inside = r" \\ ".join(_blocks(node, own))
        return rf"\begin{{cases}} {inside} \end{{cases}}"
    if isinstance(node, Quantity):
        number = number_latex(f"{float(node.value):.15g}")
        return number if _is_one(node.unit) else rf"{number}\,{unit_latex(node.unit.factors)}"
    if isinstance(node, UnitNode):
        return unit_latex(node.factors)
    if isinstance(node, Expr):
        return _Setter(own).set(node).text
    raise TypeError(f"no LaTeX for {type(node).__name__}")


def _blocks(node: If, own: Container[str]) -> Iterator[str]:
    """The blocks of an `if`, each with its condition; `elif` is an `if` alone in the last."""
    rest: If | None = node
    while rest is not None:
        block = r",\quad ".join(latex(item, own) for item in rest.yes)
        yield rf"{block} & \mathrm{{if}}\ {latex(rest.condition, own)}"
        no = rest.no
        rest = no[0] if len(no) == 1 and isinstance(no[0], If) else None
    if no:
        block = r",\quad ".join(latex(item, own) for item in no)
        yield rf"{block} & \mathrm{{otherwise}}"


def sides(equation: Equation, own: Container[str] = ()) -> tuple[str, str]:
    """Give the two sides of the equals sign; nothing is right of it in a declaration."""
    left = name_latex(equation.name)
    if equation.kind == "differential":
        left = rf"\frac{{d{left}}}{{dt}}"
    return left, "" if equation.expr is None else latex(equation.expr, own)


def notes(equation: Equation) -> str:
    """The unit of an equation in square brackets, and its flags in parentheses."""
    flags = upright(", ".join(sorted(equation.flags)))
    unit = rf"\left[{latex(equation.unit)}\right]"
    return rf"{unit}\ \left({flags}\right)" if equation.flags else unit


def _is_one(unit: UnitNode) -> bool:
    return all(name[0].isdigit() for name, _ in unit.factors)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The LaTeX of an expression and how tightly it holds together; `unit`: its factors, if it is one."""

    text: str
    level: int
    unit: tuple[tuple[str, Fraction], ...] = ()

    def at(self, level: int) -> str:
        """The text for a place where only what holds together that tightly may stand bare."""
        return self.text if self.level >= level else rf"\left({self.text}\right)"


def _unit(factors: tuple[tuple[str, Fraction], ...]) -> _Piece:
    alone = len(factors) == 1 and factors[0][1] == 1
    return _Piece(unit_latex(factors), ATOM if alone else PRODUCT, factors)


class _Setter:
    """Typesets one expression; the method for a node has the node's name."""

    def __init__(self, own: Container[str]) -> None:
        self.own = own
        self.done: dict[int, _Piece] = {}

    def set(self, expr: Expr) -> _Piece:
        """From the leaves up, without recursion: the user's text decides how deep a tree is."""
        order, stack = [], [expr]
        while stack:
            node = stack.pop()
            order.append(node)
            stack.extend(node.children())
        for node in reversed(order):
            method: Callable[[Expr], _Piece] = getattr(self, f"_{type(node).__name__.lower()}")
            self.done[id(node)] = method(node)
        return self.done[id(expr)]

    def _of(self, node: Expr) -> _Piece:
        return self.done[id(node)]

    def _number(self, node: Number) -> _Piece:
        text = number_latex(node.text)
        return _Piece(text, PRODUCT if r"\times" in text else POWER if "^" in text else ATOM)

    def _name(self, node: Name) -> _Piece:
        name = node.id
        if name not in self.own and name not in CONSTANTS and is_unit(name):
            return _unit(((name, Fraction(1)),))
        return _Piece(name_latex(name, constant=name not in self.own), ATOM)

    def _signed(self, node: Signed) -> _Piece:
        operand = self._of(node.operand)
        if node.op == "not":
            return _Piece(rf"\mathrm{{not}}\ {operand.at(NOT)}", NOT)
        return _Piece(node.op + operand.at(PRODUCT), SIGN)

    def _binary(self, node: Binary) -> _Piece:
        op, left, right = node.op, self._of(node.left), self._of(node.right)
        if op in ("+", "-"):
            return _Piece(f"{left.at(SUM)} {op} {right.at(PRODUCT)}", SUM)
        if op in ("and", "or"):
            level = AND if op == "and" else OR
            return _Piece(rf"{left.at(level)}\ \mathrm{{{op}}}\ {right.at(level + 1)}", level)
        if op == "**":
            return self._power(node, left, right)
        if op == "%":
            return _Piece(rf"{left.at(POWER)}\ \mathrm{{mod}}\ {right.at(POWER)}", MODULUS)
        if op == "//":
            return _Piece(rf"\left\lfloor \frac{{{left.text}}}{{{right.text}}}\right\rfloor", ATOM)
        return self._product(node)

    def _power(self, node: Binary, base: _Piece, exponent: _Piece) -> _Piece:
        power = _rational(node.right)
        if base.unit and power is not None:
            return _unit(tuple((name, e * power) for name, e in base.unit))
        return _Piece(f"{base.at(ATOM)}^{{{exponent.text}}}", POWER)

    def _product(self, node: Expr) -> _Piece:
        """Products and quotients in a row, from left to right.

        A divisor takes what stands before it into a fraction, from the fraction before on: a*b/c*d/e
        is (a*b/c)(d/e). Units are no divisors, their exponents tell: 2*mV/ms.
        """
        factors: list[tuple[str, Expr]] = []
        while isinstance(node, Binary) and node.op in ("*", "/"):
            factors.append((node.op, node.right))
            node = node.left
        sign = ""
        if isinstance(node, Signed) and node.op != "not":  # -a/b: the sign stands before the fraction
            sign, node = node.op, node.operand
        fractions: list[tuple[list[_Piece], list[_Piece]]] = []
        row = [self._of(node)]  # factors behind the last fraction
        for op, factor in reversed(factors):
            piece = self._of(factor)
            if piece.unit:
                power = 1 if op == "*" else -1
                unit = tuple((name, e * power) for name, e in piece.unit)
                before = row.pop().unit if row and row[-1].unit else ()
                row.append(_unit(before + unit))
            elif op == "*":
                row.append(piece)
            elif fractions and all(p.unit for p in row):
                fractions[-1][0].extend(row)
                fractions[-1][1].append(piece)
                row = []
            else:
                fractions.append((row, [piece]))
                row = []
        whole = [_Piece(rf"\frac{{{_row(a)}}}{{{_row(b)}}}", PRODUCT) for a, b in fractions]
        pieces = whole + row
        if len(pieces) == 1 and pieces[0].unit and not sign:
            return pieces[0]
        text = _row(pieces, PRODUCT)
        return _Piece(sign + text, SIGN if sign else PRODUCT)

    def _compare(self, node: Compare) -> _Piece:
        words = [self._of(node.operands[0]).at(MODULUS)]
        for op, operand in zip(node.ops, node.operands[1:], strict=True):
            words += [COMPARISONS[op], self._of(operand).at(MODULUS)]
        return _Piece(" ".join(words), COMPARE)

    def _conditional(self, node: Conditional) -> _Piece:
        rows: list[tuple[Expr, Expr]] = []
        rest: Expr = node
        while isinstance(rest, Conditional):
            rows.append((rest.yes, rest.condition))
            rest = rest.no
        return self._cases(rows, rest)

    def _cases(self, rows: list[tuple[Expr, Expr]], rest: Expr) -> _Piece:
        lines = [rf"{self._of(yes).text} & \mathrm{{if}}\ {self._of(c).text}" for yes, c in rows]
        lines.append(rf"{self._of(rest).text} & \mathrm{{otherwise}}")
        inside = r" \\ ".join(lines)
        return _Piece(rf"\begin{{cases}} {inside} \end{{cases}}", CHOICE)

    def _call(self, node: Call) -> _Piece:
        name, arguments = node.function, node.arguments
        function = FUNCTIONS.get(name)
        form = "" if function is None else function.latex
        if isinstance(form, tuple) and len(arguments) == 1:
            start, end = form
            return _Piece(f"{start}{self._of(arguments[0]).text}{end}", ATOM)
        if function is not None and function.rule == "where" and len(arguments) == 3:
            return self._cases([(arguments[1], arguments[0])], arguments[2])
        inside = r",\ ".join(self._of(a).text for a in arguments)
        head = form if form and isinstance(form, str) else upright(name)
        if function is None and looks_back(node):  # the value of a variable at an earlier time
            head = name_latex(name, constant=False)
        return _Piece(rf"{head}\left({inside}\right)", ATOM)


def _row(factors: list[_Piece], alone: int = CHOICE) -> str:
    """Factors side by side; a dot where two numbers would run into one."""
    if len(factors) == 1:
        return factors[0].at(alone)
    text = factors[0].at(PRODUCT)
    for factor in factors[1:]:
        right = factor.at(PRODUCT)
        text += (r" \cdot " if STARTS_WITH_DIGIT.match(right) else r"\,") + right
    return text


def _rational(node: Expr) -> Fraction | None:
    """The value of a literal number, with a sign or without."""
    if isinstance(node, Signed) and node.op != "not" and isinstance(node.operand, Number):
        return -node.operand.value if node.op == "-" else node.operand.value
    return node.value if isinstance(node, Number) else None


@functools.cache
def is_unit(name: str) -> bool:
    """Whether a name in an expression is a unit, if nothing else gives it a meaning."""
    return len(name) > 1 and unit_table.named(name) is not None
