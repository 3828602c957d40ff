"""Reads and checks single texts about a model that is there already: values and statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from numpybrain.errors import raise_all
from numpybrain.language.definition import Definition
from numpybrain.language.nodes import Expr, Quantity, Statements
from numpybrain.language.parse_model import made_of_constants
from numpybrain.language.reader import read_expression, read_quantity
from numpybrain.language.reader import read_statements as read
from numpybrain.language.scope import BOOLEAN, Scope, Symbol, declared
from numpybrain.language.shared import check_shared
from numpybrain.language.statements import check_statements
from numpybrain.language.unit_check import check
from numpybrain.language.validation import check_value, why_not_writable


def read_value(
    definition: Definition,
    text: str,
    unit_text: str,
    what: str,
    names: Mapping[str, Symbol] | None = None,
) -> Expr | Quantity:
    """An expression over the variables of a model (and `names`), for a value in a unit."""
    node = read_quantity(text, what)
    want = declared(unit_text)
    scope = replace(definition.scope().within(f"in {what}", names), letters=True)
    check_value(node, scope, want, what)
    raise_all(scope.errors)
    return node


def is_constant(text: str, definition: Definition) -> bool:
    """Whether a text is a quantity, or an expression of numbers, constants and units alone."""
    node = read_quantity(text)
    own = definition.variables.keys() | definition.given
    return isinstance(node, Quantity) or made_of_constants(node, own, letters=True)


def read_condition(definition: Definition, text: str) -> Expr:
    """A condition over the variables of a model."""
    node = read_expression(text, "condition")
    scope = definition.scope("in the condition")
    check(node, scope, BOOLEAN, "the condition")
    raise_all(scope.errors)
    return node


def read_statements(definition: Definition, text: str, what: str, *, some: bool = False) -> Statements:
    """Statements about the variables of a model, in all elements of a group or in some."""
    scope = definition.scope(f"in the {what}")
    statements = checked_statements(
        scope, text, what, lambda n: why_not_writable(definition, n, events=some)
    )
    check_shared(statements, definition, scope)
    raise_all(scope.errors)
    return statements


def checked_statements(
    scope: Scope, text: str, what: str, writable: Callable[[str], str | None]
) -> Statements:
    """Statements over any scope; `writable` says why a name cannot be assigned."""
    statements = read(text, what)
    check_statements(statements, scope, writable)
    raise_all(scope.errors)
    return statements
