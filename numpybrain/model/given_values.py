"""Closing a model: every open name gets a value, every parameter a number.

In: a definition and the values that a user gives. Out: variables, numbers, or errors that know names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.errors import (
    ArgumentError,
    ModelError,
    UnknownNameError,
    nearest,
    raise_all,
    short,
    suggestion,
)
from numpybrain.language import constants, unit_table, values
from numpybrain.language.definition import Definition, ModelVariable
from numpybrain.language.dependencies import beyond_parameters
from numpybrain.language.flags import misplaced
from numpybrain.language.number_bounds import LARGEST
from numpybrain.model.arguments import OF_NEURONS, OF_SYNAPSES, REPLACING
from numpybrain.utils.foreign_names import argument_here

if TYPE_CHECKING:
    from numpybrain.model.view import ModelView


def not_a_parameter(name: str, definition: Definition) -> UnknownNameError:
    """The error for a value that the model has no parameter for."""
    variable = definition.variables.get(name)
    if variable is not None and variable.kind == "differential":
        message = f"'{name}' is a variable, not a parameter"
        return UnknownNameError(message, help=f"give its start value: initial={{'{name}': ...}}")
    if variable is not None:
        message = f"'{name}' is a subexpression, not a parameter"
        beside = beyond_parameters(name, definition.variables)
        if beside is None:
            return UnknownNameError(message)
        message += f": it depends on {beside}"
        return UnknownNameError(message, help="only what depends on parameters alone can be given a value")
    known = [v.name for v in definition.of_kind("parameter")]
    names = [*known, *definition.open_names, *definition.open_functions]
    message = f"the model has no parameter '{short(name)}'"
    advice = argument_here("Neurons", name)
    if advice is not None:
        return UnknownNameError(message, help=advice)
    text = nearest(name, REPLACING) if nearest(name, names) is None else None
    return UnknownNameError(message + suggestion(name, names if text is None else [text]))


def given_as_parameters(definition: Definition, names: Iterable[str]) -> Definition:
    """The definition in which given subexpressions that depend on parameters alone are parameters.

    What only their right-hand sides name need not be known any more.
    """
    found = {}
    for name in names:
        variable = definition.variables.get(name)
        if variable is None or variable.kind != "definition":
            continue
        if beyond_parameters(name, definition.variables) is None:
            found[name] = replace(variable, kind="parameter", expr=None)
    return replace(definition, variables={**definition.variables, **found}) if found else definition


def check_owner(model: ModelView, arguments: Mapping[str, Any], owner: str | None = None) -> None:
    """Raise an error if a model is one of neurons and of synapses, or not one of `owner`."""
    said = {n for n, v in arguments.items() if (v if isinstance(v, Mapping) else v is not None)}
    neuronal, synaptic = ([n for n in whose if n in said] for whose in (OF_NEURONS, OF_SYNAPSES))
    if neuronal and synaptic:
        message = f"a model is one of neurons or of synapses, this one has {neuronal[0]} and {synaptic[0]}"
        raise ModelError(message, help="make two models")
    if owner == "neurons" and synaptic:
        message = f"'{model.name}' is a model of synapses: it has {synaptic[0]}"
        raise ModelError(message, help="give it to Synapses(source, target, ...)")
    if owner == "neurons":
        raise_all(misplaced(model.definition.variables, owner))
    if owner == "synapses" and neuronal:
        message = f"'{model.name}' is a model of neurons: it has {neuronal[0]}"
        raise ModelError(message, help="give it to Neurons(n, ...)")


def from_values(given: Mapping[str, Any], owner: str) -> tuple[dict[str, ModelVariable], dict[str, Any]]:
    """Variables and numbers for open names, with the units of the values that were given."""
    extra, found = {}, {}
    for name, value in given.items():
        number, unit, text = values.interpret(value, f"'{name}' of '{owner}'")
        extra[name] = ModelVariable(name, "parameter", unit, text)
        found[name] = number
    return extra, found


def functions_among(given: Mapping[str, Any], names: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """The functions that were given for names that a model calls."""
    found = {name: given[name] for name in names if name in given}
    for name, value in found.items():
        if not callable(value):
            message = f"'{name}' is called in the equations, so it must be a function"
            raise ArgumentError(message, detail=f"got {type(value).__name__}")
    return found


def parameter_values(
    definition: Definition, given: Mapping[str, Any], done: set[str], owner: str
) -> dict[str, Any]:
    """Number(s), or an expression as a string, for every parameter that has a default or was given."""
    variables = definition.variables.values()
    found = {v.name: given[v.name] for v in variables if v.kind == "linked" and v.name in given}
    for variable in variables:
        name, unit = variable.name, variable.unit
        if variable.kind != "parameter" or name in done:
            continue
        if name in given:
            value = given[name]
            if isinstance(value, str):
                value = values.constant(value, unit, variable.dtype)
            elif type(value) is int and variable.dtype is float and abs(value) <= LARGEST:
                value = float(value)
            if isinstance(unit, unit_table.Unit) and not (
                callable(value) or isinstance(value, (str, float))
            ):
                value = values.convert(value, unit, f"'{name}' of '{owner}'", variable.unit_text)
            found[name] = value
        elif variable.expr is not None:
            number, have = constants.evaluate(variable.expr)
            if isinstance(unit, unit_table.Unit):
                number = number * have.scale / unit.scale
            if variable.dtype is int and number % 1:
                place = variable.expr.span
                raise ModelError(f"'{name}' must be a whole number (got {float(number):g})", place)
            found[name] = variable.dtype(number)
    return found
