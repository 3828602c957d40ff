"""The texts of synapses, read and checked: their own variables, and those of the groups around them.

In: a `Synapses` object and its texts. Out: a closed definition and the programs of its pathways.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ModelError, UnknownNameError, raise_all, suggestion
from numpybrain.language.checking import why_not_writable
from numpybrain.language.define import define
from numpybrain.language.definition import SPECIAL, Around, Definition
from numpybrain.language.flags import misplaced
from numpybrain.language.reader import read_statements
from numpybrain.language.scope import Scope, Symbol, declared
from numpybrain.language.statements import check_statements
from numpybrain.language.units import PLAIN
from numpybrain.model import Model
from numpybrain.model.closing import from_values, functions_among, parameter_values

if TYPE_CHECKING:
    from numpybrain.kernel.synapses import Synapses
    from numpybrain.symbolic.program import Program


UNSUPPORTED = ("event-driven", "clock-driven", "summed", "pre", "post", "linked", "constant over dt")


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
    raise_all(misplaced(definition.variables, "synapses", UNSUPPORTED))
    definition = replace(definition, given=frozenset(given))
    open_names: dict[str, Any] = {}
    calls: dict[str, Any] = dict.fromkeys(definition.open_functions)
    for text in texts:
        if isinstance(text, str):
            scope = _synaptic_scope(synapses, definition, "in the statements")
            scope = replace(scope, open_names=open_names, open_functions=calls)
            _check_synaptic(synapses, definition, scope, text)
    extra, found = from_values({n: given[n] for n in open_names if n in given}, owner)
    known = {*open_names, *calls, *(v.name for v in definition.of_kind("parameter"))}
    for name in sorted(strict - known):
        message = f"'{owner}' has no variable '{name}'"
        raise UnknownNameError(message + suggestion(name, known))
    synapses.environment.add_functions(functions_among(given, calls))
    definition = replace(
        definition,
        variables={**definition.variables, **extra},
        functions=synapses.environment.functions,
    )
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
    around = surroundings(synapses)
    gathered = [n for n in around.names if n.endswith(("_pre", "_post"))]
    shields = {n: f"not_refractory_{n.rpartition('_')[2]}" for n in synapses.shields()}
    adding = accumulating_targets(statements, around.aliases, gathered)
    program = statements_program(
        definition, statements, f"{which} of {synapses.name}", around, adding, shields
    )
    written = {store.name for store in program.stores} - adding
    rounds = {side for side in ("pre", "post") for n in written if n.endswith(f"_{side}")}
    return replace(program, rounds=frozenset(rounds))


def surroundings(synapses: Synapses) -> Around:
    """What texts of synapses may use beside their own variables."""
    definition = synapses.definition
    assert definition is not None  # asked before
    names = _synaptic_scope(synapses, definition, "").names
    sides = {}
    for group, suffix in zip(synapses.neurons(), ("_pre", "_post"), strict=True):
        if group.definition is not None:
            sides[suffix] = group.definition
            functions = {f"{n}{suffix}": f for n, f in group.definition.functions.items()}
            synapses.environment.add_functions(functions)
    others = {n: s for n, s in names.items() if n not in definition.variables}
    return Around(others, _aliases(synapses, definition), sides)


def _check_synaptic(synapses: Synapses, definition: Definition, scope: Scope, text: str) -> Any:
    statements = read_statements(text, "statements")
    special = {"i", "j", "i_pre", "i_post", "N", "N_pre", "N_post", "t", "dt"}

    def writable(name: str) -> str | None:
        if name in special or "lastspike" in name or "not_refractory" in name:
            return f"'{name}' cannot be assigned"
        if name in definition.variables:
            return why_not_writable(definition, name, events=True)
        symbol = scope.names.get(name)
        if symbol is not None and symbol.kind == "definition":
            return f"'{name}' is a subexpression and cannot be assigned"
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
        for variable in group.definition.of_kind("definition") if group.definition else ():
            found[variable.name + suffix] = variable.symbol
        found["i" + suffix] = SPECIAL["i"]
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
