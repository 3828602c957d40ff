"""`Statements` and `Expression`: texts of their own that can be joined, renamed and filled in.

They stand wherever a string of that kind goes.
"""

from __future__ import annotations

from typing import Any, Self

from numpybrain.language.nodes import Expr
from numpybrain.language.nodes import Statements as Items
from numpybrain.language.reader import read_expression, read_statements
from numpybrain.language.rewrite import expressions_for, names_for, replaced, replaced_in
from numpybrain.language.write import write, write_statements


class Statements(str):
    """Statements of a reset, `on_pre` or `on_post`.

    Args:
        text: the statements.
        **names: name -> another name, an expression, a quantity or a number to put in its place:
            `Statements("g += k*w", g="g_ampa", k=0.3)`.

    `a + b` runs one after the other.
    """

    __slots__ = ()

    def __new__(cls, text: str, **names: Any) -> Self:
        """Read the text and replace names; what is kept is canonical text."""
        items: Items = read_statements(text, "statements")
        made = replaced_in(items, expressions_for(names)) if names else items
        return super().__new__(cls, write_statements(made))

    def rename(self, **names: str) -> Statements:
        """The same statements with other names."""
        return Statements(write_statements(replaced_in(read_statements(self), names_for(names))))

    def __add__(self, other: str) -> Statements:
        return Statements(f"{self}\n{Statements(other)}")

    def __radd__(self, other: str) -> Statements:
        return Statements(other) + self


class Expression(str):
    """An expression: a threshold, a right-hand side, an initial value.

    Args:
        text: the expression.
        **names: as for `Statements`: `Expression("v > v_t", v_t="-50 mV")`.
    """

    __slots__ = ()

    def __new__(cls, text: str, **names: Any) -> Self:
        """Read the text and replace names; what is kept is canonical text."""
        node: Expr = read_expression(text, "expression")
        return super().__new__(cls, write(replaced(node, expressions_for(names)) if names else node))

    def rename(self, **names: str) -> Expression:
        """The same expression with other names."""
        return Expression(write(replaced(read_expression(self), names_for(names))))
