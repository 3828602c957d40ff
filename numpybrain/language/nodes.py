"""The syntax tree: frozen values that know where in the text they stand.

Equality ignores the place, so a printed and re-read model compares equal to the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import Any

from numpybrain.source import Span

EMPTY: tuple[Any, ...] = ((), None, frozenset(), "")


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    span: Span = field(compare=False, repr=False)

    def children(self) -> Iterator[Expr]:
        """The expressions directly below this node."""
        for item in fields(self):
            value = getattr(self, item.name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Expr):
                    yield part

    def walk(self) -> list[Node]:
        """This node and every node below it, in source order."""
        return [self, *(node for child in self.children() for node in child.walk())]

    def to_dict(self) -> dict[str, Any]:
        """The tree as nested dictionaries, ready for JSON."""

        def plain(value: Any) -> Any:
            if isinstance(value, Node):
                return value.to_dict()
            if isinstance(value, (tuple, frozenset)):
                return [plain(v) for v in value]
            return value if isinstance(value, (str, int, float, type(None))) else str(value)

        below = {f.name: plain(getattr(self, f.name)) for f in fields(self) if f.name != "span"}
        return {"node": type(self).__name__.lower(), **below}

    def pretty(self, level: int = 0) -> str:
        """The tree as indented lines."""
        words, below = [type(self).__name__.lower()], []
        for item in fields(self):
            value = getattr(self, item.name)
            parts = value if isinstance(value, tuple) else (value,)
            nodes = [part for part in parts if isinstance(part, Node)]
            below += nodes
            if not nodes and item.name not in ("span", "text") and value not in EMPTY:
                plain = ", ".join(sorted(value)) if isinstance(value, frozenset) else value
                words.append(" ".join(map(str, plain)) if isinstance(plain, tuple) else str(plain))
        if isinstance(self, UnitNode):
            words = ["unit", str(self)]
        lines = ["  " * level + " ".join(words)]
        lines += [node.pretty(level + 1) for node in below]
        return "\n".join(lines)


class Expr(Node):
    """Base of all expressions."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A literal number, exact."""

    value: Fraction
    text: str = field(compare=False)


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """A variable, a constant or a unit."""

    id: str


@dataclass(frozen=True, slots=True)
class Signed(Expr):
    """`-x`, `+x` or `not x`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """Arithmetic: `+ - * / // % **`; and the logical `and`, `or`."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """`a < b`, or a chain `a < b <= c`."""

    operands: tuple[Expr, ...]
    ops: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """`yes if condition else no`."""

    yes: Expr
    condition: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A function call."""

    function: str
    arguments: tuple[Expr, ...]


def looks_back(node: Call) -> bool:
    """Whether a call means the value of an earlier time, `x(t - d)`, if x is no function."""
    if len(node.arguments) != 1:
        return False
    part = node.arguments[0]
    if not (isinstance(part, Binary) and part.op in ("+", "-")):
        return False
    while isinstance(part, Binary) and part.op in ("+", "-"):
        part = part.left
    return isinstance(part, Name) and part.id == "t"


def name_read(node: Node) -> str | None:
    """The name that a node reads, now or at an earlier time; None if it is no such node."""
    if isinstance(node, Name):
        return node.id
    return node.function if isinstance(node, Call) and looks_back(node) else None


@dataclass(frozen=True, slots=True)
class UnitNode(Node):
    """A unit as written: factors of (name or number, exponent)."""

    factors: tuple[tuple[str, Fraction], ...]

    def __str__(self) -> str:
        return self.span.text


@dataclass(frozen=True, slots=True)
class Equation(Node):
    """One line of a model.

    `kind` is "differential", "definition" (`x = ... : unit`) or "declaration" (`x : unit`).
    """

    kind: str
    name: str
    expr: Expr | None
    unit: UnitNode
    flags: frozenset[str] = frozenset()
    comment: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """`name op expr`, `op` one of `= += -= *= /= //= %= **=`."""

    name: str
    op: str
    expr: Expr


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if condition: ... else: ...` among statements; an `elif` is an `If` alone in `no`."""

    condition: Expr
    yes: tuple[Statement | If, ...]
    no: tuple[Statement | If, ...] = ()

    def pretty(self, level: int = 0) -> str:
        """The tree as indented lines, with a heading for each block."""
        lines = ["  " * level + "if", self.condition.pretty(level + 1)]
        for heading, block in (("then", self.yes), ("else", self.no)):
            if block:
                lines += ["  " * level + heading, *(item.pretty(level + 1) for item in block)]
        return "\n".join(lines)


Statements = tuple[Statement | If, ...]


def assignments(statements: Statements) -> list[Statement]:
    """All assignments, those in the blocks of `if` included, in source order."""
    found: list[Statement] = []
    for item in statements:
        found += [*assignments(item.yes), *assignments(item.no)] if isinstance(item, If) else [item]
    return found


def expressions(statements: Statements) -> list[Expr]:
    """All right-hand sides and conditions, in source order."""
    found: list[Expr] = []
    for item in statements:
        if isinstance(item, If):
            found += [item.condition, *expressions(item.yes), *expressions(item.no)]
        else:
            found.append(item.expr)
    return found


@dataclass(frozen=True, slots=True)
class Series(Node):
    """`range(0, N_post, 2)` or `sample(N_post, p=0.1)`; `options` are names, `values` what they are."""

    function: str
    arguments: tuple[Expr, ...]
    options: tuple[str, ...] = ()
    values: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Each(Node):
    """`element for variable in series if condition`; without a series there is one element."""

    element: Expr
    variable: str = ""
    series: Series | None = None
    condition: Expr | None = None


@dataclass(frozen=True, slots=True)
class Quantity(Node):
    """`1.5 ms`: a number with a unit, outside of any expression."""

    value: Fraction
    unit: UnitNode
