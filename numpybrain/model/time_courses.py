"""Parameters that follow the time: time series, functions of t, and texts with t in place of a value.

In: a definition and what was given for its parameters and open names. Out: equations in their place. A text
becomes a subexpression; a time series and a Python function are called at the start of each step, and the
value holds for the step. (Synapses call a time series where its value is read: there may be many of them.)
What reads the parameter reads it as before.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, ShapeError, UnknownNameError, raise_all, suggestion
from numpybrain.language import unit_table, values
from numpybrain.language.definition import Definition, ModelVariable
from numpybrain.language.function_table import draws
from numpybrain.language.nodes import Call, Expr, Name, Quantity
from numpybrain.language.reader import read_quantity
from numpybrain.language.scope import BOOLEAN, Scope, Symbol, Type
from numpybrain.language.signatures import Signature, signature_of
from numpybrain.language.unit_check import check
from numpybrain.language.validation import checked
from numpybrain.source import Source
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.naming import follows_time
from numpybrain.utils.purity import draws_numbers, is_stateless
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.quantities import carries_unit

TIMES = frozenset({"t", "t_in_timesteps"})
MOVING = frozenset({"differential", "sampled", "summed", "linked"})  # kinds that change from step to step


@dataclass(frozen=True, slots=True)
class TimeCourses:
    """Equations in the place of values: `variables` by name, and the functions that they call."""

    variables: Mapping[str, ModelVariable]
    functions: Mapping[str, Callable[..., Any]]

    def __contains__(self, name: object) -> bool:
        return name in self.variables


NO_COURSES = TimeCourses({}, {})


class TimeFunction:
    """A Python function of time that equations call, once in each step.

    Args:
        function: the function, as the user gave it.
        names: the names of its arguments, without `rng`.
        unit: of what it returns, where that is bare numbers.
        what: its name in messages.

    Attributes:
        size: gives how many elements there are; what it returns must have one value, or so many.
        generator: gives the random stream for the argument `rng`.
        is_repeatable: whether it may be called to look at its value.
    """

    stateless = False  # called in each step, whatever its arguments

    def __init__(
        self, function: Callable[..., Any], names: tuple[str, ...], unit: Type, unit_text: str, what: str
    ) -> None:
        self.function = function
        self.names = tuple(name for name in names if name != "rng")
        self.is_repeatable = "rng" not in names
        self.draws = draws_numbers(function) or not self.is_repeatable
        self.signature: Signature | None = None
        self.size: Callable[[], int] = lambda: 1
        self.generator: Callable[[], Any] | None = None
        self._unit = unit
        self._unit_text = unit_text
        self._what = what

    def __call__(self, *arguments: Any) -> Any:
        """Its value, in the unit of the parameter."""
        given = dict(zip(self.names, arguments, strict=True))
        if not self.is_repeatable:
            assert self.generator is not None  # the group gives it
            given["rng"] = self.generator()
        found = self.function(**given)
        if self.draws and np.ndim(found) == 0 and self.size() > 1:
            message = f"{self._what} would be the same random number for all {self.size()}"
            advice = "return N numbers, such as rng.normal(size=N); or, if that is meant, N times the same"
            raise ModelError(message, detail=origin_of(self.function), help=advice)
        if type(found) is float:
            return found
        check_unmasked(found, self._what)
        if carries_unit(found) and isinstance(self._unit, unit_table.Unit):
            found = values.convert(found, self._unit, self._what, self._unit_text)
        array = np.asarray(found)
        if array.dtype.kind not in "biuf":
            message = f"{self._what} must give numbers, but {origin_of(self.function)} returned"
            raise ArgumentError(f"{message} {type(found).__name__}")
        if array.ndim and array.shape != (self.size(),):
            message = f"{self._what} has {self.size()} values, but {origin_of(self.function)} returned"
            raise ShapeError(f"{message} shape {array.shape}")
        return array if array.ndim else array.item()


def time_courses(
    definition: Definition,
    given: Mapping[str, Any],
    scope: Scope,
    owner: str,
    *,
    moving: Iterable[str] = MOVING,
) -> TimeCourses:
    """Equations for those parameters and open names whose values follow the time.

    Args:
        definition: the model.
        given: what was given for its parameters and open names, and nothing else.
        scope: what the texts, and the arguments of the functions, mean.
        owner: the name of the group, for messages.
        moving: kinds of variables; a text that depends on one follows the time, too.

    Raises:
        ModelError, UnknownNameError, ArgumentError: where a value cannot follow the time.
    """
    making = _Making(definition, given, scope, owner, frozenset(moving))
    for name, value in given.items():
        making.take(name, value)
    return TimeCourses(making.variables, making.functions)


def follows(definition: Definition, value: Any) -> bool:
    """Whether a value follows the time: a time series, a function of t, or a text with t."""
    if isinstance(value, str):
        return _reads(definition, read_quantity(value), MOVING) is not None
    return follows_time(value)


def following(definition: Definition, name: str, value: Any, owner: str) -> Definition | None:
    """A closed definition in which a parameter follows the time from now on, held for each step.

    None if the value does not follow the time. An earlier course of the parameter is forgotten.

    Raises:
        NumpyBrainError: where a value cannot follow the time.
    """
    plain = stopped(definition, name)
    courses = time_courses(plain, {name: value}, plain.scope(), owner, moving=())
    if name not in courses:
        return None
    made = replace(courses.variables[name], kind="sampled")
    functions = {**plain.functions, **courses.functions}
    return checked(
        replace(plain, variables={**plain.variables, name: made}, functions=functions), closed=True
    )


def stopped(definition: Definition, name: str) -> Definition:
    """The definition in which a parameter does not follow the time any more."""
    variable = definition.variables[name]
    if variable.kind == "parameter":
        return definition
    called = variable.expr.function if isinstance(variable.expr, Call) else ""
    functions = {n: f for n, f in definition.functions.items() if n != called}
    made = replace(variable, kind="parameter", expr=None)
    return replace(definition, variables={**definition.variables, name: made}, functions=functions)


def reads_time(definition: Definition, text: str) -> bool:
    """Whether the value of a text depends on the time itself."""
    return _reads(definition, read_quantity(text), frozenset()) is not None


class _Making:
    """Makes the equations, one after the other."""

    def __init__(
        self,
        definition: Definition,
        given: Mapping[str, Any],
        scope: Scope,
        owner: str,
        moving: frozenset[str],
    ) -> None:
        self.definition, self.scope, self.owner, self.moving = definition, scope, owner, moving
        names = {*definition.variables, *definition.open_names, *definition.open_functions}
        self.taken = names | {*definition.functions, *given}
        self.variables: dict[str, ModelVariable] = {}
        self.functions: dict[str, Callable[..., Any]] = {}

    def take(self, name: str, value: Any) -> None:
        """Make the equation for a value, if it follows the time."""
        variable = self.definition.variables.get(name)
        if name in self.definition.open_functions or (variable and variable.kind != "parameter"):
            return
        tree = read_quantity(value, f"'{name}' of '{self.owner}'") if isinstance(value, str) else value
        if isinstance(tree, (Expr, Quantity)):
            node = _reads(self.definition, tree, self.moving)
            if node is not None:
                self._add(name, "definition", node, *self._of_text(name, node, variable))
        elif getattr(value, "held_over_dt", False):
            self._series(name, value, variable)
        elif follows_time(value):
            self._function(name, value, variable)

    def _add(self, name: str, kind: str, node: Expr, unit: Type, unit_text: str) -> None:
        variable = self.definition.variables.get(name) or ModelVariable(name, kind, unit, unit_text)
        if "constant" in variable.flags:
            message = f"'{name}' of '{self.owner}' is constant, but its value follows the time"
            raise ModelError(message, help="take the flag (constant) away")
        equation = variable.equation
        if equation is not None:
            equation = replace(equation, kind="definition", expr=node)
        self.variables[name] = replace(variable, kind=kind, expr=node, equation=equation)

    def _of_text(self, name: str, node: Expr, variable: ModelVariable | None) -> tuple[Type, str]:
        """The unit of a text; it must draw no random numbers."""
        for part in node.walk():
            if isinstance(part, Call) and self._is_random(part.function):
                message = f"'{name}' of '{self.owner}' follows the time, so it cannot draw random numbers"
                advice = "draw once, into a parameter of its own; or write an equation in the model"
                raise ModelError(message, part.span, help=advice)
        if variable is not None:
            return variable.unit, variable.unit_text
        inner = replace(self.scope.within(f"in '{name}' of '{self.owner}'"), errors=[])
        unit = check(node, inner)
        raise_all(inner.errors[:1])
        if unit == BOOLEAN:
            return BOOLEAN, "boolean"
        if not isinstance(unit, unit_table.Unit):
            return unit_table.PLAIN, "1"
        words = [part.id for part in node.walk() if isinstance(part, Name)]
        named = ((word, unit_table.named(word)) for word in words if word not in self.scope.names)
        fitting = [(found, word) for word, found in named if found is not None and found.fits(unit)]
        base = unit_table.Unit(unit.dimension)
        return fitting[0] if fitting else (base, base.name)

    def _is_random(self, function: str) -> bool:
        own = self.definition.functions.get(function)
        return draws(function) if own is None else is_stateless(own) is False

    def _series(self, name: str, series: Any, variable: ModelVariable | None) -> None:
        signature = signature_of(series)
        assert signature is not None  # time series have one
        arguments = ("t", "i")[: len(signature.arguments)]
        if len(arguments) == 2 and "j" in self.scope.names:
            message = (
                f"'{name}' of '{self.owner}' is given a column for each neuron, but these are synapses"
            )
            raise ArgumentError(message, help=f"write it as an equation, such as {name} = series(t, i) : 1")
        unit, text = signature.result, str(getattr(series, "unit", "1"))
        if variable is not None:
            self._check_unit(name, unit, variable)
            unit, text = variable.unit, variable.unit_text
        kind = "definition" if "j" in self.scope.names else "sampled"  # it holds for a step in any case
        self._add(name, kind, self._call(name, series, arguments), unit, text)

    def _check_unit(self, name: str, have: Type, variable: ModelVariable) -> None:
        want = variable.unit
        if isinstance(want, unit_table.Unit) and isinstance(have, unit_table.Unit) and not have.fits(want):
            values.convert(f"1 {have.name}", want, f"'{name}' of '{self.owner}'", variable.unit_text)

    def _function(self, name: str, function: Callable[..., Any], variable: ModelVariable | None) -> None:
        from numpybrain.utils.python_functions import function_arguments

        begin = getattr(function, "begin", None)
        if begin is not None:  # a state of its own, for this parameter
            function = begin()
        signature = signature_of(function)
        unit, text = (
            (variable.unit, variable.unit_text) if variable is not None else (unit_table.PLAIN, "1")
        )
        if signature is not None and isinstance(signature.result, unit_table.Unit):
            if variable is not None:
                self._check_unit(name, signature.result, variable)
            unit, text = signature.result, _result_text(function)
        names = tuple(function_arguments(function))
        made = TimeFunction(function, names, unit, text, f"'{name}' of '{self.owner}'")
        types = tuple(self._symbol(n, function).type for n in made.names)
        if signature is not None and len(signature.arguments) == len(types):
            types = signature.arguments
        made.signature = Signature(types, unit)
        node = self._call(name, made, made.names)
        kept = (variable.unit, variable.unit_text) if variable is not None else (unit, text)
        self._add(name, "sampled", node, *kept)

    def _symbol(self, name: str, function: Callable[..., Any]) -> Symbol:
        found = self.scope.names.get(name)
        if found is None:
            choices = [*self.scope.names, "rng"]
            message = f"unknown argument '{name}' of {origin_of(function)}{suggestion(name, choices)}"
            raise UnknownNameError(message)
        return found

    def _call(self, name: str, function: Callable[..., Any], arguments: tuple[str, ...]) -> Expr:
        """A call of a function, which gets a name of its own."""
        made = f"{name}_of_t"
        while made in self.taken:
            made += "_"
        self.taken.add(made)
        self.functions[made] = function
        span = Source(f"{made}({', '.join(arguments)})", f"value of '{name}'").span()
        return Call(span, made, tuple(Name(span, each) for each in arguments))


def _result_text(function: Callable[..., Any]) -> str:
    """The unit of what a function returns, as its signature or its annotations say it."""
    text = getattr(function, "signature", None)
    note = function.__annotations__["return"] if text is None else str(text).partition("->")[2]
    return str(note).strip().strip("'\"")


def _reads(definition: Definition, node: Expr | Quantity, moving: frozenset[str]) -> Expr | None:
    """An expression if it depends on the time, or on a variable of a kind that moves; else None."""
    if isinstance(node, Quantity):
        return None
    waiting, seen = [node], set()
    while waiting:
        for part in waiting.pop().walk():
            if not isinstance(part, Name) or part.id in seen:
                continue
            seen.add(part.id)
            variable = definition.variables.get(part.id)
            if variable is None:
                if part.id in TIMES:
                    return node
            elif variable.kind in moving:
                return node
            elif variable.kind == "definition" and variable.expr is not None:
                waiting.append(variable.expr)
    return None


def bind(
    definition: Definition, size: Callable[[frozenset[str]], int], generator: Callable[[], Any]
) -> None:
    """Tell functions of time how many values a variable with some flags has, and what draws numbers."""
    for variable in definition.variables.values():
        function = _function_of(definition, variable)
        if function is not None:
            function.size, function.generator = functools.partial(size, variable.flags), generator


def _function_of(definition: Definition, variable: ModelVariable | None) -> TimeFunction | None:
    """The function of time that a variable follows, if it follows one."""
    name = variable.expr.function if variable is not None and isinstance(variable.expr, Call) else ""
    found = definition.functions.get(name)
    return found if isinstance(found, TimeFunction) else None


def random_courses(definition: Definition) -> dict[str, Any]:
    """Give the courses with a state, which snapshots keep: name of the parameter -> course."""
    found = ((v.name, _function_of(definition, v)) for v in definition.variables.values())
    return {n: f.function for n, f in found if f is not None and hasattr(f.function, "declare_state")}


def course_of(definition: Definition, name: str) -> Any:
    """The function of time, or time series, that a parameter was given; None if it was given none."""
    made = _function_of(definition, definition.variables.get(name))
    if made is not None:
        return made.function
    variable = definition.variables.get(name)
    if variable is None or variable.kind != "sampled" or not isinstance(variable.expr, Call):
        return None
    called = variable.expr.function
    return definition.functions.get(called) if called.rstrip("_") == f"{name}_of_t" else None


def is_repeatable(definition: Definition, name: str) -> bool:
    """Whether a value that is calculated in each step may be calculated in between, to look at it."""
    made = _function_of(definition, definition.variables.get(name))
    if made is None:
        return course_of(definition, name) is not None  # a time series
    return made.is_repeatable
