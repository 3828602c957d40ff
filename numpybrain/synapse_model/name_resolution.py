"""The texts of synapses, read and checked: equations and statements of all pathways.

In: the projection of some synapses, their model, its texts and given values. Out: `ResolvedModel`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from numpybrain.model.time_courses import NO_COURSES, TimeCourses, time_courses
from numpybrain.synapse_model.synaptic_scope import COUNTS, TIMES, surroundings, synaptic_scope
from numpybrain.utils.foreign_names import argument_here

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.model import Model


IN_EQUATIONS = "in the equations"


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """The texts of synapses with every name known.

    `values` are those of the synaptic variables, `defaults` those of the model itself; `statements` those
    of each pathway that is a text; `around` is what texts may use of the neurons on both sides; `one_group`
    whether these are of one group; `names` all names that occur in any text.
    """

    definition: Definition
    values: Mapping[str, Any]
    defaults: Mapping[str, Any]
    statements: Mapping[str, Statements]
    around: OuterScope
    one_group: bool
    names: frozenset[str]


def close(
    projection: Projection,
    model: Model,
    texts: Mapping[str, Any],
    given: Mapping[str, Any],
    strict: set[str],
    delays: Mapping[str, Any],
    reserves: Callable[[Iterable[str]], set[str]],
) -> ResolvedModel:
    """Synaptic variables, open names of equations and statements included, and their values.

    `strict` are names among `given` that must be known; `reserves` tells which of some names mean something
    else.
    What `delays` and values say is only looked through for open names: they are read when they are
    calculated.

    Raises:
        ModelError, UnitError, UnknownNameError: with the place of the fault.
    """
    owner, own_values, environment = projection.name, model.values, projection.own.environment
    given = {**own_values, **given}
    definition, scope, following = _equations(projection, model, given, {*own_values, *strict})
    taken = reserves(definition.variables)
    _refuse(
        [*misplaced(definition.variables, "synapses"), *reserved(definition.variables, taken, "synapses")]
    )
    own = _own(projection, texts.values(), strict)
    scope = replace(
        scope, names={n: symbol for n, symbol in scope.names.items() if n not in own}, errors=[]
    )
    equations = checked(definition, scope=scope)
    opened: dict[str, Any] = dict.fromkeys(equations.open_names)
    calls: dict[str, Any] = dict.fromkeys(equations.open_functions)
    scope = replace(scope, open_names=opened, open_functions=calls)
    read: dict[str, Statements] = {}
    for which, text in texts.items():
        if isinstance(text, str):
            read[which] = read_statements(text, "statements")
            _check(projection, definition, replace(scope, where=f"in {which}"), read[which])
    variables = definition.variables.values()
    parameters = [v.name for v in variables if v.kind in ("parameter", "linked", "differential")]
    _look_through({**{n: given[n] for n in parameters if n in given}, **delays}, scope, owner)
    opened_values = {n: given[n] for n in opened if n in given}
    extra: dict[str, ModelVariable] = {}
    found: dict[str, Any] = {}
    if opened_values:
        scope = synaptic_scope(projection, definition, IN_EQUATIONS)
        courses = _courses(definition, scope, opened_values, owner)
        environment.add_functions(courses.functions)
        extra, found = from_values({n: v for n, v in opened_values.items() if n not in courses}, owner)
        extra = {**extra, **courses.variables}
    known = {*opened, *calls, *parameters, *following}
    _refuse_unknown(owner, strict - known, known, definition)
    if calls:
        environment.add_functions(functions_among(given, calls))
    still_open = replace(definition, functions=environment.functions, open_names=(), open_functions=())

    def settled(variables: Mapping[str, ModelVariable]) -> tuple[Definition, dict[str, Statements]]:
        """Equations and statements, checked with variables for the open names."""
        whole = replace(still_open, variables={**still_open.variables, **variables})
        scope = synaptic_scope(projection, whole, IN_EQUATIONS)
        whole = checked(whole, closed=True, scope=scope)
        _refuse(_wrong_sums(projection, whole))
        return whole, {
            which: _check(projection, whole, replace(scope, where=f"in {which}", errors=[]), statements)
            for which, statements in read.items()
        }

    def written() -> Iterator[Expr]:
        yield from still_open.expressions()
        for statements in read.values():
            yield from expressions(statements)

    missing = [n for n in opened if n not in given]
    definition, statements = with_needed_units(settled, extra, given, missing, written)
    variables = definition.variables.values()
    start = {v.name: given[v.name] for v in variables if v.kind == "differential" and v.name in given}
    values = {**found, **parameter_values(definition, given, set(extra), owner), **start}
    defaults = parameter_values(definition, own_values, set(extra), owner)
    around = surroundings(projection, definition)
    names = _names_in([v.expr for v in variables if v.expr is not None], statements)
    return ResolvedModel(definition, values, defaults, statements, around, projection.is_recurrent, names)


def _look_through(values: Mapping[str, Any], scope: Scope, owner: str) -> None:
    """Find open names in texts of values and delays, which are read when they are calculated."""
    for which, text in values.items():
        value = read_quantity(text, f"'{which}' of '{owner}'") if isinstance(text, str) else None
        if isinstance(value, Expr):
            check(value, replace(scope, errors=[]))


def _names_in(trees: list[Expr], statements: Mapping[str, Statements]) -> frozenset[str]:
    """All names in some expressions and statements."""
    trees = trees + [e for each in statements.values() for e in expressions(each)]
    return frozenset(n.id for text in trees for n in text.walk() if isinstance(n, Name))


def _equations(
    projection: Projection, model: Model, given: Mapping[str, Any], names: set[str]
) -> tuple[Definition, Scope, Mapping[str, ModelVariable]]:
    """Equations of a model to which values are given, what they see, and those of courses of time."""
    environment, written_down = projection.own.environment, model.definition
    functions = {**written_down.functions, **environment.functions}
    if functions:
        environment.add_functions(functions)
    definition = replace(
        given_as_parameters(written_down, names),
        functions=functions,
        given=written_down.given | frozenset(given),
    )
    scope = synaptic_scope(projection, definition, IN_EQUATIONS)
    known = {n: v for n, v in given.items() if n in definition.variables}
    courses = _courses(definition, scope, known, projection.name)
    if not courses.variables:
        return definition, scope, {}
    environment.add_functions(courses.functions)
    definition = replace(
        definition,
        variables={**definition.variables, **courses.variables},
        functions={**definition.functions, **courses.functions},
    )
    # parameters once, now with an equation
    return definition, synaptic_scope(projection, definition, IN_EQUATIONS), courses.variables


def _refuse(errors: Sequence[NumpyBrainError]) -> None:
    """Raise the errors, if there are any."""
    if errors:
        raise_all(errors)


def _refuse_unknown(owner: str, names: set[str], known: set[str], definition: Definition) -> None:
    """Raise an error if there are names that synapses do not know."""
    for name in sorted(names):
        if name in definition.variables:
            raise not_a_parameter(name, definition)
        message, advice = f"'{owner}' has no variable '{name}'", argument_here("Synapses", name)
        raise UnknownNameError(message + ("" if advice else suggestion(name, known)), help=advice)


def _courses(definition: Definition, scope: Scope, given: Mapping[str, Any], owner: str) -> TimeCourses:
    """Equations for values that follow the time."""
    given = {name: value for name, value in given.items() if type(value) not in (int, float)}
    return time_courses(definition, given, scope, owner, moving=()) if given else NO_COURSES


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


def _wrong_sums(projection: Projection, definition: Definition) -> list[NumpyBrainError]:
    """Errors for summed variables that the neurons do not have, or that are no parameters of theirs."""
    errors: list[NumpyBrainError] = []
    for variable in definition.variables.values():
        if variable.kind != "summed":
            continue
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
    _refuse(_hidden(projection, definition, statements))

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
    _refuse(scope.errors)
    return statements
