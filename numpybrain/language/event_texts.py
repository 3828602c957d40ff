"""Custom events of neurons: conditions with names, and statements for the neurons in which they hold.

In: texts by name. Out: trees by name, or errors. Python functions pass through untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from numpybrain.errors import ModelError
from numpybrain.language.definition import Definition, Python
from numpybrain.language.nodes import Expr, Statements
from numpybrain.language.reader import read_expression, read_statements
from numpybrain.language.scope import BOOLEAN, Scope
from numpybrain.language.statements import check_statements
from numpybrain.language.unit_check import check
from numpybrain.utils.naming import check_events


def read_events(
    events: Mapping[str, Any], on_event: Mapping[str, Any], variables: Mapping[str, Any]
) -> tuple[dict[str, Expr | Python], dict[str, Statements | Python]]:
    """Conditions and statements, read; the order is that of the conditions."""
    check_events(events, on_event, variables)
    conditions = {
        name: read_expression(text, f"condition of the event '{name}'") if isinstance(text, str) else text
        for name, text in events.items()
    }
    texts = {name: on_event[name] for name in events if name in on_event}
    statements = {
        name: read_statements(text, f"statements of the event '{name}'") if isinstance(text, str) else text
        for name, text in texts.items()
    }
    return conditions, statements


def check_texts_of_events(
    definition: Definition,
    scope: Scope,
    open_names: Mapping[str, Any],
    writable: Callable[[str], str | None],
) -> None:
    """Note errors of conditions and statements, and of names that are an event's and something else's.

    `open_names`: what the model leaves open -> where it stands.
    """
    for name, condition in definition.events.items():
        if isinstance(condition, Expr):
            check(condition, scope.within(f"in the event '{name}'"), BOOLEAN, f"the event '{name}'")
    for name, statements in definition.on_event.items():
        if isinstance(statements, tuple):
            inner = scope.within(f"in the statements of the event '{name}'")
            check_statements(statements, inner, writable)
    for name in definition.events:
        if name in definition.variables or name in definition.functions:
            message = f"'{name}' is the name of an event and of something else"
            scope.fail(ModelError(message, help="rename one of the two"))
        if name in open_names:
            message = f"'{name}' is an event, which has no value"
            advice = "write its condition, or give the variable another name"
            scope.fail(ModelError(message, open_names[name], help=advice))
