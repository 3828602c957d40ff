"""The texts of synapses, read and checked: their own variables, and those of the groups around them.

In: a `Synapses` object and its texts. Out: a closed definition and the programs of its pathways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ModelError, UnknownNameError, raise_all, suggestion
from numpybrain.language.definition import SPECIAL, Definition, define, why_not_writable
from numpybrain.language.reader import read_statements
from numpybrain.language.scope import Scope, Symbol, declared
from numpybrain.language.statements import check_statements
from numpybrain.language.units import PLAIN
from numpybrain.model import Model, from_values, parameter_values

if TYPE_CHECKING:
    from numpybrain.kernel.synapses import Synapses
    from numpybrain.symbolic.program import Program


def close_synapses(
    synapses: Synapses,
    model: Any,
    texts: tuple[Any, ...],
    given: Mapping[str, Any],
    strict: set[str],
) -> tuple[Definition, dict[str, Any]]:
    """Synaptic variables, open names of the statements included, and their values."""
    owner = synapses.name
    definition = model.definition if isinstance(model, Model) else define(model)
    definition = replace(definition, functions=synapses.environment.functions)
    for variable in definition.of_kind("differential"):
        place = variable.equation.span if variable.equation is not None else None
        raise ModelError("differential equations of synapses are not supported", place)
    definition = replace(definition, given=frozenset(given))
    open_names: dict[str, Any] = {}
    for text in texts:
        if isinstance(text, str):
            scope = _synaptic_scope(synapses, definition, "in the statements")
            _check_synaptic(synapses, definition, replace(scope, open_names=open_names), text)
    opened = {n: given[n] for n in open_names if n in given}
    extra, found = from_values(opened, owner)
    known = {*open_names, *(v.name for v in definition.of_kind("parameter"))}
    for name in sorted(strict - known):
        message = f"'{owner}' has no variable '{name}'"
        raise UnknownNameError(message + suggestion(name, known))
    definition = replace(definition, variables={**definition.variables, **extra})
    for text in texts:
        if isinstance(text, str):
            _check_synaptic(
                synapses,
                definition,
                _synaptic_scope(synapses, definition, "in the statements"),
                text,
            )
    return definition, {**found, **parameter_values(definition, given, set(extra), owner)}


def synaptic_program(synapses: Synapses, text: str, which: str) -> Program:
    """The program of `on_pre` or `on_post`, whose indices are `pre`, `post` and `synapse`."""
    from numpybrain.symbolic.statements import accumulating_targets, statements_program

    definition = synapses.definition
    assert definition is not None  # texts come with a definition
    scope = _synaptic_scope(synapses, definition, f"in {which}")
    statements = _check_synaptic(synapses, definition, scope, text)
    names, aliases = names_around(synapses)
    gathered = [n for n in names if n.endswith(("_pre", "_post"))]
    shields = {n: f"not_refractory_{n.rpartition('_')[2]}" for n in synapses.shields()}
    adding = accumulating_targets(statements, aliases, gathered)
    program = statements_program(
        definition, statements, f"{which} of {synapses.name}", names, aliases, adding, shields
    )
    written = {store.name for store in program.stores} - adding
    rounds = {side for side in ("pre", "post") for n in written if n.endswith(f"_{side}")}
    return replace(program, rounds=frozenset(rounds))


def names_around(synapses: Synapses) -> tuple[dict[str, Symbol], dict[str, str]]:
    """What texts of synapses may use beside their own variables; short names -> full names."""
    definition = synapses.definition
    assert definition is not None  # asked before
    names = _synaptic_scope(synapses, definition, "").names
    own = definition.variables
    return {n: s for n, s in names.items() if n not in own}, _aliases(synapses, definition)


def _check_synaptic(synapses: Synapses, definition: Definition, scope: Scope, text: str) -> Any:
    statements = read_statements(text, "statements")
    special = {"i", "j", "N", "N_pre", "N_post", "t", "dt"}

    def writable(name: str) -> str | None:
        if name in special or "lastspike" in name or "not_refractory" in name:
            return f"'{name}' cannot be assigned"
        if name in definition.variables:
            return why_not_writable(definition, name, events=True)
        found = synapses.look_up(name)
        if found is not None and (found.slot.shared or found.slot.constant):
            kind = "shared by its group" if found.slot.shared else "constant"
            return f"'{name}' is {kind} and cannot be assigned by synapses"
        return None

    check_statements(statements, scope, writable)
    raise_all(scope.errors)
    return statements


def _neighbours(synapses: Synapses) -> dict[str, Symbol]:
    """The variables of source and target as `x_pre` and `x_post`."""
    found: dict[str, Symbol] = {}
    for group, suffix in zip(synapses.neurons(), ("_pre", "_post"), strict=True):
        for slot in group.state.slots.values():
            if slot.name in ("N", "dt"):
                continue
            found[slot.name + suffix] = Symbol(declared(slot.unit_text), slot.kind, slot.unit_text)
        found["lastspike" + suffix] = SPECIAL["lastspike"]
        found["not_refractory" + suffix] = SPECIAL["not_refractory"]
    return found


def _aliases(synapses: Synapses, definition: Definition) -> dict[str, str]:
    """Bare names of target variables -> `x_post`."""
    names = [n for n in _neighbours(synapses) if n.endswith("_post")]
    bare = {n.removesuffix("_post"): n for n in names}
    own = {*definition.variables, "i", "j", "N", "t", "dt"}
    return {short: full for short, full in bare.items() if short not in own}


def _synaptic_scope(synapses: Synapses, definition: Definition, where: str) -> Scope:
    """Own variables, `x_pre`, `x_post`, bare target variables and the special names of synapses."""
    around = _neighbours(synapses)
    plain = Symbol(PLAIN, "special", "1")
    names = {
        **{short: around[full] for short, full in _aliases(synapses, definition).items()},
        **around,
        **dict.fromkeys(("i", "j", "N", "N_pre", "N_post"), plain),
        "t": SPECIAL["t"],
        "dt": SPECIAL["dt"],
        **{n: v.symbol for n, v in definition.variables.items()},
    }
    return Scope(names, definition.functions, where=where, given=definition.given)
