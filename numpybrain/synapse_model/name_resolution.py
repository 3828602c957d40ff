"""The texts of synapses, read and checked: equations and statements of all pathways.

In: the projection of some synapses, their model, its texts and given values. Out: `ResolvedModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ModelError, NumpyBrainError, UnknownNameError, raise_all, suggestion
from numpybrain.language.definition import SPECIAL, Definition, ModelVariable, OuterScope
from numpybrain.language.dependencies import name_span, reserved
from numpybrain.language.flags import misplaced
from numpybrain.language.needed import with_needed_units
from numpybrain.language.nodes import Expr, Name, Statements, assignments, expressions
from numpybrain.language.reader import read_quantity, read_statements
from numpybrain.language.scope import Scope
from numpybrain.language.statements import check_statements
from numpybrain.language.unit_check import check
from numpybrain.language.validation import checked, why_not_writable
from numpybrain.model.given_values import (
    from_values,
    functions_among,
    given_as_parameters,
    not_a_parameter,
    parameter_values,
)
from numpybrain.model.time_courses import TimeCourses, time_courses
from numpybrain.synapse_model.synaptic_scope import COUNTS, TIMES, surroundings, synaptic_scope
from numpybrain.utils.foreign_names import argument_here

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.model import Model


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """The texts of synapses with every name known.

    `values` are those of the synaptic variables, `defaults` those of the model itself; `statements` those
    of each pathway that is a text; `around` is what texts may use of the neurons on both sides; `one_group`
    whether these are of one group.
    """

    definition: Definition
    values: Mapping[str, Any]
    defaults: Mapping[str, Any]
    statements: Mapping[str, Statements]
    around: OuterScope
    one_group: bool

    @property
    def names(self) -> set[str]:
        """All names that occur in any text."""
        nodes = [v.expr for v in self.definition.variables.values() if v.expr is not None]
        nodes += [e for s in self.statements.values() for e in expressions(s)]
        return {n.id for node in nodes for n in node.walk() if isinstance(n, Name)}


def close(
    projection: Projection,
    model: Model,
    texts: Mapping[str, Any],
    given: Mapping[str, Any],
    strict: set[str],
    delays: Mapping[str, Any],
    reserves: Callable[[str], bool],
) -> ResolvedModel:
    """Synaptic variables, open names of equations and statements included, and their values.

    `strict` are names among `given` that must be known; `reserves` tells which names mean something else.
    What `delays` and values say is only looked through for open names: they are read when they are
    calculated.

    Raises:
        ModelError, UnitError, UnknownNameError: with the place of the fault.
    """
    owner = projection.name
    given = {**model.values, **given}
    functions = {**model.definition.functions, **projection.own.environment.functions}
    projection.own.environment.add_functions(functions)
    definition = replace(
        given_as_parameters(model.definition, {*model.values, *strict}),
        functions=functions,
        given=model.definition.given | frozenset(given),
    )
    known_values = {n: value for n, value in given.items() if n in definition.variables}
    courses = _courses(projection, definition, known_values)
    following = courses.variables  # parameters once, now with an equation
    projection.own.environment.add_functions(courses.functions)
    definition = replace(
        definition,
        variables={**definition.variables, **courses.variables},
        functions={**definition.functions, **courses.functions},
    )
    raise_all(misplaced(definition.variables, "synapses"))
    raise_all(reserved(definition.variables, reserves, "synapses"))
    scope = _scope(projection, definition)
    own = _own(projection, texts.values(), strict)
    scope = replace(scope, names={n: symbol for n, symbol in scope.names.items() if n not in own})
    equations = checked(definition, scope=scope)
    opened: dict[str, Any] = dict.fromkeys(equations.open_names)
    calls: dict[str, Any] = dict.fromkeys(equations.open_functions)
    scope = replace(scope, open_names=opened, open_functions=calls)
    read: dict[str, Statements] = {}
    for which, text in texts.items():
        if isinstance(text, str):
            read[which] = read_statements(text, "statements")
            _check(projection, definition, replace(scope, where=f"in {which}"), read[which])
    parameters = [v.name for v in definition.of_kind("parameter", "linked", "differential")]
    for which, text in {**{n: given[n] for n in parameters if n in given}, **delays}.items():
        value = read_quantity(text, f"'{which}' of '{owner}'") if isinstance(text, str) else None
        if isinstance(value, Expr):
            check(value, replace(scope, errors=[]))
    courses = _courses(projection, definition, {n: given[n] for n in opened if n in given})
    projection.own.environment.add_functions(courses.functions)
    extra, found = from_values({n: given[n] for n in opened if n in given and n not in courses}, owner)
    extra = {**extra, **courses.variables}
    known = {*opened, *calls, *parameters, *following}
    _refuse_unknown(owner, strict - known, known, definition)
    projection.own.environment.add_functions(functions_among(given, calls))
    still_open = replace(
        definition, functions=projection.own.environment.functions, open_names=(), open_functions=()
    )

    def settled(variables: Mapping[str, ModelVariable]) -> tuple[Definition, dict[str, Statements]]:
        """Equations and statements, checked with variables for the open names."""
        whole = replace(still_open, variables={**still_open.variables, **variables})
        whole = checked(whole, closed=True, scope=_scope(projection, whole))
        raise_all(_wrong_sums(projection, whole))
        return whole, {
            which: _check(projection, whole, synaptic_scope(projection, whole, f"in {which}"), statements)
            for which, statements in read.items()
        }

    def written() -> Iterator[Expr]:
        yield from still_open.expressions()
        for statements in read.values():
            yield from expressions(statements)

    missing = [n for n in opened if n not in given]
    definition, statements = with_needed_units(settled, extra, given, missing, written)
    start = {v.name: given[v.name] for v in definition.of_kind("differential") if v.name in given}
    values = {**found, **parameter_values(definition, given, set(extra), owner), **start}
    defaults = parameter_values(definition, model.values, set(extra), owner)
    around = surroundings(projection, definition)
    return ResolvedModel(definition, values, defaults, statements, around, projection.is_recurrent)


def _refuse_unknown(owner: str, names: set[str], known: set[str], definition: Definition) -> None:
    """Raise an error if there are names that synapses do not know."""
    for name in sorted(names):
        if name in definition.variables:
            raise not_a_parameter(name, definition)
        message, advice = f"'{owner}' has no variable '{name}'", argument_here("Synapses", name)
        raise UnknownNameError(message + ("" if advice else suggestion(name, known)), help=advice)


def _courses(projection: Projection, definition: Definition, given: Mapping[str, Any]) -> TimeCourses:
    """Equations for values that follow the time."""
    if not given:
        return TimeCourses({}, {})
    scope = synaptic_scope(projection, definition, "in the equations")
    return time_courses(definition, given, scope, projection.name, moving=())


def _own(projection: Projection, texts: Iterable[Any], given: set[str]) -> set[str]:
    """Names that are given to the synapses, and so are not the parameters of the target called alike.

    What statements assign to is that of the target, since a value alone makes no variable of synapses.
    """
    slots = projection.spaces[1].state.slots
    found = {n for n in given if n in slots and slots[n].kind == "parameter"}
    if found:
        read = [read_statements(text, "statements") for text in texts if isinstance(text, str)]
        found -= {each.name for statements in read for each in assignments(statements)}
    return found


def _scope(projection: Projection, definition: Definition) -> Scope:
    """The scope of the equations."""
    return synaptic_scope(projection, definition, "in the equations")


def _wrong_sums(projection: Projection, definition: Definition) -> list[NumpyBrainError]:
    """Errors for summed variables that the neurons do not have, or that are no parameters of theirs."""
    errors: list[NumpyBrainError] = []
    for variable in definition.of_kind("summed"):
        bare, _, side = variable.name.rpartition("_")
        group = projection.spaces[0 if side == "pre" else 1]
        slot = group.state.slots.get(bare)
        place = name_span(variable.equation) if variable.equation is not None else None
        if slot is None and group.definition is not None and bare in group.definition.variables:
            message = f"'{bare}' of '{group.name}' follows an equation: nothing can be summed into it"
            errors.append(
                ModelError(message, place, help=f"declare it there:  {bare} : {variable.unit_text}")
            )
        elif slot is None:
            names = [s.name for s in group.state.slots.values() if s.kind == "parameter"]
            message = f"'{group.name}' has no variable '{bare}' to sum into{suggestion(bare, names)}"
            advice = f"declare it there:  {bare} : {variable.unit_text}"
            errors.append(ModelError(message, place, help=advice))
        elif slot.kind != "parameter" or slot.shared or slot.constant:
            kind = "shared" if slot.shared else "constant" if slot.constant else f"a {slot.kind} variable"
            message = f"'{bare}' of '{group.name}' is {kind}: nothing can be summed into it"
            advice = f"declare it there as a parameter:  {bare} : {variable.unit_text}"
            if slot.shared and side == "post" and projection.modulates:
                advice = f"spikes act on it: on_pre='{bare} += ...'"
            errors.append(ModelError(message, place, help=advice))
        else:
            scope = synaptic_scope(projection, definition, "")
            want, have = scope.names[variable.name].type, variable.unit
            if not isinstance(want, str) and not isinstance(have, str) and not have.fits(want):
                message = f"'{bare}' of '{group.name}' is {want} and '{variable.name}' is {have}"
                errors.append(ModelError(message, place, help="declare both in units that fit"))
    return errors


def _hidden(
    projection: Projection, definition: Definition, statements: Statements
) -> list[NumpyBrainError]:
    """Errors for variables of modulated synapses that spikes of others cannot see."""
    hidden = projection.hidden
    if not hidden:
        return []
    nodes = (node for e in expressions(statements) for node in e.walk())
    found = [(node.id, node.span) for node in nodes if isinstance(node, Name)]
    found += [(s.name, s.span) for s in assignments(statements)]
    errors: list[NumpyBrainError] = []
    for name, span in found:
        bare = name.removesuffix("_post")
        if bare in hidden and name not in definition.variables:
            whose = f"'{bare}' of '{projection.target.name}'"
            message = f"{whose} is {hidden[bare]}: spikes of others do not reach it"
            flags = "shared" if hidden[bare] == "not shared" else "shared, clock-driven"
            errors.append(ModelError(message, span, help=f"give it the flags ({flags})"))
    return errors


def read_more(projection: Projection, definition: Definition, text: str) -> Statements:
    """Read and check statements that come after the others, for all synapses."""
    scope = synaptic_scope(projection, definition, "in the statements")
    return _check(projection, definition, scope, read_statements(text, "statements"))


def _check(
    projection: Projection, definition: Definition, scope: Scope, statements: Statements
) -> Statements:
    """The statements of a pathway, checked."""
    raise_all(_hidden(projection, definition, statements))

    def writable(name: str) -> str | None:
        bare = name.rpartition("_")[0] if name.endswith(("_pre", "_post")) else name
        special = {*COUNTS, *TIMES, *SPECIAL, "lastupdate", "delay"}
        if name not in definition.variables and (name in special or bare in SPECIAL):
            return f"'{name}' cannot be assigned"
        if name in definition.variables and definition.variables[name].kind != "summed":
            return why_not_writable(definition, name, events=True)
        symbol = scope.names.get(name)
        if symbol is not None and symbol.kind in ("definition", "sampled"):
            return f"'{name}' is a subexpression and cannot be assigned"
        found = projection.own.look_up(name)
        modulates = found is not None and found.index is not None  # a shared variable of other synapses
        if found is not None and ((found.slot.shared and not modulates) or found.slot.constant):
            kind = "shared by its group" if found.slot.shared else "constant"
            return f"'{name}' is {kind} and cannot be assigned by synapses"
        return None

    check_statements(statements, scope, writable)
    raise_all(scope.errors)
    return statements
