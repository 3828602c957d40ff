"""Syntax trees with names replaced: by other names, or by expressions.

In: nodes and {name: expression}. Out: new nodes; the old ones stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, shown
from numpybrain.language import unit_table, values
from numpybrain.language.nodes import Call, Equation, Expr, Name, Node, Quantity, Statement, Statements
from numpybrain.language.reader import read_quantity
from numpybrain.language.write import decimal, write
from numpybrain.source import Source
from numpybrain.utils.quantities import is_one, is_quantity

N = TypeVar("N", bound=Node)


def replaced(node: N, names: Mapping[str, Expr]) -> N:
    """The node with names replaced wherever they are used, called or assigned.

    Raises:
        ModelError: if something that is assigned or called would become an expression.
    """
    if isinstance(node, Name):
        return names.get(node.id, node)  # type: ignore[return-value]
    changes: dict[str, Any] = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, Node):
            changes[item.name] = replaced(value, names)
        elif isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
            changes[item.name] = tuple(replaced(part, names) for part in value)
    if isinstance(node, (Equation, Statement)) and node.name in names:
        changes["name"] = _new_name(node.name, names[node.name], "defined or assigned")
    if isinstance(node, Call) and node.function in names:
        changes["function"] = _new_name(node.function, names[node.function], "called")
    return replace(node, **changes) if changes else node


def replaced_in(statements: Statements, names: Mapping[str, Expr]) -> Statements:
    """Statements with names replaced."""
    return tuple(replaced(item, names) for item in statements)


def _new_name(old: str, new: Expr, what: str) -> str:
    if isinstance(new, Name):
        return new.id
    raise ModelError(f"'{old}' is {what}: it can be renamed, but not replaced by a value")


def expressions_for(given: Mapping[str, Any]) -> dict[str, Expr]:
    """Read the replacements of names: a text is another name or an expression, a number a number."""
    found: dict[str, Expr] = {}
    for name, value in given.items():
        text = value if isinstance(value, str) else _text_of(name, value)
        node = read_quantity(text, f"what replaces '{name}'")
        if isinstance(node, Quantity):  # as an expression: "5 ms" is 5*ms
            factors = tuple((unit_table.long_name(n), power) for n, power in node.unit.factors)
            unit = write(replace(node.unit, factors=factors))
            node = read_quantity(f"{decimal(node.value)}*{unit}", f"what replaces '{name}'")
        assert isinstance(node, Expr)  # a product of a number and a unit
        found[name] = node
    return found


def _text_of(name: str, value: Any) -> str:
    number = _plain(value)
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        return repr(number)
    if is_quantity(value) and is_one(value):
        return values.as_text(value)
    message = f"'{name}' can be replaced by a name, an expression or a number (got {type(value).__name__})"
    raise ArgumentError(message)


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    return value.item() if isinstance(value, np.generic) else value


def names_for(given: Mapping[str, str]) -> dict[str, Expr]:
    """Old names -> nodes of new ones."""
    found: dict[str, Expr] = {}
    for old, new in given.items():
        if not (isinstance(new, str) and new.isidentifier()):
            raise ArgumentError(f"the new name of '{old}' must be a name (got {shown(new)})")
        found[old] = Name(Source(new, "name").span(), new)
    return found
