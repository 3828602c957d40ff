"""A whole model, checked: names, units, cycles, flags.

In: a `Definition`. Out: the same with its open names listed, or all its errors at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpybrain.errors import ModelError, UnitError, raise_all
from numpybrain.language import dependencies, flags, unit_table
from numpybrain.language.definition import MS, NOISE, SPECIAL, Definition, ModelVariable, Python, is_noise
from numpybrain.language.event_texts import check_texts_of_events
from numpybrain.language.nodes import Expr, Name, Quantity, expressions, name_read
from numpybrain.language.scope import BOOLEAN, OPEN, Scope, Symbol, Type
from numpybrain.language.statements import check_statements
from numpybrain.language.unit_check import check
from numpybrain.language.unit_table import Unit

# Special names and kinds of variables that differ from neuron to neuron
EACH = ("i", "lastspike", "not_refractory")

MOST_CLOSED = 16  # ways in which one definition is closed, that are kept


def checked(definition: Definition, *, closed: bool = False, scope: Scope | None = None) -> Definition:
    """The definition with all names, units and cycles checked and its open names listed.

    With `closed`, an open name is an error. `scope` is what the texts see, if that is more than the model.
    """
    open_names: dict[str, Any] = {}
    open_functions: dict[str, Any] = {}
    scope = definition.scope() if scope is None else scope
    if not closed:
        scope = replace(scope, open_names=open_names, open_functions=open_functions)
    for variable in definition.variables.values():
        _check_variable(variable, scope)
        _check_shared(variable, definition, scope)
    scope.errors.extend(dependencies.check(definition.variables))
    _check_noise(definition, scope)

    def writable(name: str) -> str | None:
        return why_not_writable(definition, name, events=True)

    if isinstance(definition.threshold, Expr):
        check(definition.threshold, scope.within("in the threshold"), BOOLEAN, "the threshold")
    if isinstance(definition.reset, tuple):
        inner = scope.within("in the reset")
        check_statements(definition.reset, inner, writable)
    kind = _check_refractory(definition, scope)
    if definition.events:
        check_texts_of_events(definition, scope, open_names, writable)
    for phase, statements in definition.at.items():
        if isinstance(statements, tuple):
            inner = scope.within(f"at the {phase} of steps")
            check_statements(statements, inner, lambda name: why_not_writable(definition, name))
    for name, value in definition.initial.items():
        if isinstance(value, (Expr, Quantity)):
            inner = replace(scope.within(f"in the initial value of '{name}'"), letters=True)
            want = definition.variables[name].unit
            check_value(value, inner, want, f"the initial value of '{name}'")
    raise_all(scope.errors)
    return replace(
        definition,
        refractory_type=kind,
        open_names=tuple(open_names),
        open_functions=tuple(open_functions),
        past=frozenset(scope.past),
    )


def closed(
    definition: Definition,
    variables: Mapping[str, ModelVariable],
    functions: Mapping[str, Python],
    owner: str = "neurons",
) -> Definition:
    """The definition with its open names and functions given; raises errors where one stays open."""
    wrong = flags.misplaced(definition.variables, owner)
    if wrong:
        raise_all(wrong)
    if not (variables or functions or definition.open_names or definition.open_functions):
        return definition
    plain = not functions and all(v.expr is None for v in variables.values())
    key = tuple(variables.items()) if plain else None
    found = definition.closed.get(key) if plain else None
    if found is None:
        whole = replace(
            definition,
            variables={**definition.variables, **variables},
            functions={**definition.functions, **functions},
        )
        found = checked(whole, closed=True)
        if plain and len(definition.closed) < MOST_CLOSED:
            definition.closed[key] = found
    return found


def _check_variable(variable: ModelVariable, scope: Scope) -> None:
    if variable.expr is None:
        return
    name, want = variable.name, variable.unit
    noise: dict[str, Symbol] = {}
    if variable.kind in ("differential", "definition"):
        xi = Symbol(NOISE, "noise")
        noise = {n.id: xi for n in variable.expr.walk() if isinstance(n, Name) and is_noise(n.id)}
    inner = scope.within(f"in the equation for '{name}'", noise)
    if variable.kind == "differential" and isinstance(want, Unit):
        check(variable.expr, inner, want / MS, f"the right side of 'd{name}/dt'")
    else:
        check(variable.expr, inner, want, f"'{name}'")


def _check_noise(definition: Definition, scope: Scope) -> None:
    """White noise has a meaning in differential equations only, subexpressions of theirs included."""
    noisy = dependencies.noisy(definition.variables)
    free = ("differential", "definition")
    texts: list[Any] = [v.expr for v in definition.variables.values() if v.kind not in free]
    texts += definition.initial.values()
    for text in definition.texts().values():
        texts += expressions(text) if isinstance(text, tuple) else [text]
    for text in texts if noisy else ():
        for node in text.walk() if isinstance(text, Expr) else ():
            if isinstance(node, Name) and node.id in noisy:
                message = f"'{node.id}' contains white noise, which only differential equations can use"
                scope.fail(ModelError(message, node.span, help="for a random number write randn()"))


def _check_shared(variable: ModelVariable, definition: Definition, scope: Scope) -> None:
    """Check that what has one value for the group does not depend on what differs in the group."""
    if "shared" not in variable.flags or variable.expr is None or variable.kind == "parameter":
        return
    for node in variable.expr.walk():
        name = name_read(node)
        if name is None:
            continue
        used = definition.variables.get(name)
        around = used is None and name in scope.names and name not in SPECIAL
        differs = around or name in EACH if used is None else "shared" not in used.flags
        constant = used is not None and used.kind == "parameter" and variable.kind == "definition"
        if differs and not constant:  # written out where it is used, it may use any parameter
            message = f"'{variable.name}' is shared by the group, '{name}' is not"
            scope.fail(ModelError(message, node.span, help="take the flag away, or give it to both"))
            return


def _check_refractory(definition: Definition, scope: Scope) -> Type | None:
    node = definition.refractory
    if not isinstance(node, (Expr, Quantity)):
        return None
    inner = scope.within("in the refractoriness")
    have = unit_table.from_node(node.unit) if isinstance(node, Quantity) else check(node, inner)
    if have not in (BOOLEAN, OPEN) and not (isinstance(have, Unit) and have.fits(MS)):
        message = f"refractoriness must be a time or a condition (got {have})"
        scope.fail(UnitError(message, node.span, help="such as '5 ms' or 'v > 0*mV'"))
    return have


def check_value(node: Expr | Quantity, scope: Scope, want: Type, what: str) -> None:
    """Note an error unless a value has the unit that is wanted."""
    if isinstance(node, Expr):
        check(node, scope, want, what)
        return
    have = unit_table.from_node(node.unit)
    if not isinstance(want, Unit) or not have.fits(want):
        scope.fail(UnitError(f"{what} must be {want} (got {have})", node.span))


def why_not_writable(definition: Definition, name: str, *, events: bool = False) -> str | None:
    """Give why statements may not assign to `name`; None if they may. `events`: about some neurons."""
    variable = definition.variables.get(name)
    if variable is None:
        return f"'{name}' cannot be assigned"
    if variable.kind in ("definition", "sampled", "summed"):
        return f"'{name}' is a subexpression and cannot be assigned"
    if variable.kind == "linked":
        return f"'{name}' belongs to another group and cannot be assigned"
    if "constant" in variable.flags:
        return f"'{name}' is constant and cannot be assigned"
    if events and "shared" in variable.flags:
        return f"'{name}' is shared by the group and cannot be assigned for some neurons"
    return None
