"""Statements that assign to what a group shares: one value cannot come from values that differ.

Numbers that are drawn for a shared variable are drawn once for the group. Parameters may have one value or
several; only a run tells.
"""

from __future__ import annotations

from collections.abc import Iterable

from numpybrain.errors import ModelError
from numpybrain.language.definition import Definition
from numpybrain.language.dependencies import inputs
from numpybrain.language.nodes import Expr, If, Name, Statement, Statements
from numpybrain.language.scope import Scope
from numpybrain.language.validation import EACH

SEVERAL = ("differential", "sampled")  # kinds of variables with a value of their own in each neuron


def check_shared(statements: Statements, definition: Definition, scope: Scope) -> None:
    """Note an error for each statement that gives a shared variable values that differ in the group."""
    _Check(definition, scope).run(statements, None)


class _Check:
    def __init__(self, definition: Definition, scope: Scope) -> None:
        self.definition = definition
        self.scope = scope
        self.temporaries: dict[str, str | None] = {}  # name -> what it differs because of, if it does

    def run(self, statements: Statements, condition: If | None) -> None:
        """Go through statements; `condition` is the innermost one around them that differs in the group."""
        for item in statements:
            if isinstance(item, If):
                differs = self.cause(item.condition, drawn=True) is not None
                for block in (item.yes, item.no):
                    self.run(block, item if differs else condition)
            else:
                self._assignment(item, condition)

    def _assignment(self, item: Statement, condition: If | None) -> None:
        variable = self.definition.variables.get(item.name)
        if variable is None:
            cause = self.cause(item.expr, drawn=True) or (
                "the condition" if condition is not None else None
            )
            known = self.temporaries.get(item.name) if item.op != "=" else None
            self.temporaries[item.name] = known or cause
        elif "shared" in variable.flags:
            cause = self.cause(item.expr, drawn=False)
            if cause is not None:
                self._fail(item, cause, item.expr)
            elif condition is not None:
                self._fail(item, "the condition", condition.condition)

    def _fail(self, item: Statement, cause: str, place: Expr) -> None:
        found = next((n for n in place.walk() if isinstance(n, Name) and f"'{n.id}'" == cause), place)
        message = f"'{item.name}' is shared by the group, {cause} is not"
        advice = f"take the flag away, or draw into {item.name} itself: {item.name} = rand()"
        drawn = cause == "the condition" or cause.strip("'") in self.temporaries
        self.scope.fail(ModelError(message, found.span, help=advice if drawn else "take the flag away"))

    def cause(self, expr: Expr, *, drawn: bool) -> str | None:
        """Find what makes an expression differ in the group; `drawn`: random numbers do, too."""
        found = inputs(expr, self.definition)
        for name in self._in_order(expr, found.names):
            variable = self.definition.variables.get(name)
            if name in EACH or (variable and variable.kind in SEVERAL and "shared" not in variable.flags):
                return f"'{name}'"
            if self.temporaries.get(name):
                return f"'{name}'"
        return "a random number" if drawn and found.random else None

    @staticmethod
    def _in_order(expr: Expr, names: Iterable[str]) -> list[str]:
        """Names as they stand in an expression, those of its subexpressions after them."""
        first = [n.id for n in expr.walk() if isinstance(n, Name)]
        return list(dict.fromkeys([*(n for n in first if n in set(names)), *sorted(names)]))
