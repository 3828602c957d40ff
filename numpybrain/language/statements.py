"""Statements, checked in the order in which they run: names, units, branches and temporaries."""

from __future__ import annotations

from collections.abc import Callable

from numpybrain.errors import ModelError, UnitError
from numpybrain.language.nodes import If, Statement, Statements
from numpybrain.language.scope import BOOLEAN, Scope, Symbol
from numpybrain.language.unit_check import check, check_fits, fit, unknown
from numpybrain.language.unit_table import PLAIN

Writable = Callable[[str], str | None]  # why a name cannot be assigned, or None if it can


def check_statements(statements: Statements, scope: Scope, writable: Writable) -> dict[str, Symbol]:
    """Check statements in order; gives the temporaries that they define."""
    temporaries: dict[str, Symbol] = {}
    for item in statements:
        inner = scope.within(scope.where, temporaries)
        if isinstance(item, If):
            temporaries |= _check_branches(item, inner, writable)
        else:
            _check_assignment(item, inner, writable, temporaries)
    return temporaries


def _check_branches(item: If, scope: Scope, writable: Writable) -> dict[str, Symbol]:
    """Check an `if`; a temporary of one branch only is "partial": it may not be read afterwards."""
    check(item.condition, scope, BOOLEAN, "what follows 'if'")
    yes, no = (check_statements(block, scope, writable) for block in (item.yes, item.no))
    found = {}
    for name in dict.fromkeys((*yes, *no)):
        symbol = yes.get(name) or no[name]
        if (
            name in yes
            and name in no
            and not (fit(yes[name].type, no[name].type) and fit(no[name].type, yes[name].type))
        ):
            message = f"'{name}' is {yes[name].type} in one branch and {no[name].type} in the other"
            scope.fail(UnitError(message, item.condition.span))
        both = name in yes and name in no and "partial" not in (yes[name].kind, no[name].kind)
        found[name] = symbol if both else Symbol(symbol.type, "partial")
    return found


def _check_assignment(
    item: Statement, scope: Scope, writable: Writable, temporaries: dict[str, Symbol]
) -> None:
    target = scope.names.get(item.name)
    have = check(item.expr, scope)
    if target is None or (target.kind == "partial" and item.op == "="):
        if item.op != "=":
            unknown(item.name, item, scope)
        temporaries[item.name] = Symbol(have, "temporary")
        return
    if target.kind not in ("temporary", "partial"):
        refused = writable(item.name)
        if refused is not None:
            place = item.span.source.span(item.span.start, item.span.start + len(item.name))
            scope.fail(ModelError(refused, place))
            return
    if target.type == BOOLEAN and item.op != "=":
        message = f"'{item.name}' is a condition, to which '{item.op}' cannot be applied"
        advice = f"write  {item.name} = ..., with 'and', 'or' and 'not'"
        scope.fail(UnitError(message, item.span, help=advice))
        return
    keeps_unit = item.op in ("=", "+=", "-=")
    want = target.type if keeps_unit else PLAIN
    check_fits(item.expr, have, want, f"the right side of '{item.op}'", scope)
