"""The class `Model`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from numpybrain.display.text import Text
from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, suggestion, visible
from numpybrain.language import unit_table, values
from numpybrain.language.definition import Definition, ModelVariable
from numpybrain.language.flags import misplaced
from numpybrain.language.needed import with_needed_units
from numpybrain.language.parse_model import define
from numpybrain.language.short_texts import read_value
from numpybrain.language.validation import checked, closed
from numpybrain.model.algebra import added, extended, renamed
from numpybrain.model.arguments import ARGUMENTS, REPLACING, TREES, among, of_kind
from numpybrain.model.given_values import (
    check_owner,
    from_values,
    functions_among,
    given_as_parameters,
    not_a_parameter,
    parameter_values,
)
from numpybrain.model.graph import Dependencies, dependencies_of
from numpybrain.model.model_file import read, write_model
from numpybrain.model.pathway_texts import NO_PATHWAYS, Pathways, by_name, read_pathways
from numpybrain.model.time_courses import NO_COURSES, TimeCourses, follows, time_courses
from numpybrain.model.tree import Item, Tree
from numpybrain.utils.naming import by_names, names_among
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.symbolic.dynamical_system import DynamicalSystem
    from numpybrain.symbolic.programs import UpdatePlan


class Model:
    """A model of neurons or of synapses: equations, and what spikes do. Immutable.

    Args:
        equations: one line per item: `dx/dt = EXPR : UNIT (flags)`, `x = EXPR : UNIT`, `x : UNIT`.
        threshold: the condition for a spike.
        reset: statements for the neurons that fired.
        refractory: a time, or a condition that keeps a neuron refractory while it is true.
        events: for neurons: name -> condition for an event of that name; see `Neurons`.
        on_event: for neurons: name of an event -> statements for those that have it; for synapses: name
            of a pathway -> event of the neurons, where that is not a spike.
        at: phase of a step -> statements that act there in every step, after what the phase holds already:
            "start", "integrate", "threshold", "synapse", "reset" or "end"; see `Neurons.at`.
        method: numerical method; None chooses.
        initial: variable -> number, quantity, string or function.
        functions: name -> Python function to call in equations; see `nb.function` about units.
        parameters: values of parameters and open names; see `Neurons`.
        interpretation: "stratonovich" (as in Brian2) or "ito": what products of noise and state
            variables mean.
        spike_times: "grid" or "interpolated": spikes at the time steps, or between them; see `Neurons`.
        name: a name for messages.
        open_names: names that will be given later although there is a unit of that name; parameters
            need not be listed.
        on_pre, on_post: for synapses: statements or a function, or name of a pathway -> one of these.
        delay: for synapses: what `Synapses` takes, or name of a pathway -> delay.

    A model with `on_pre` or `on_post` is one of synapses.
    Names that the text does not define are listed in `open_names`; they are given when neurons or
    synapses are made, or are variables of the neurons around the synapses. `model["v"]` has `.expr`,
    `.unit` and `.depends`. `print(model)` is a model file that `Model.parse` reads back. Models can be
    renamed, extended and added, copied and pickled.

    Raises:
        ModelSyntaxError, ModelError, UnitError: with the place of the fault.
    """

    __slots__ = ("_arguments", "_definition", "_pathways")

    _arguments: dict[str, Any]
    _definition: Definition
    _pathways: Pathways

    def __init__(
        self,
        equations: str,
        *,
        threshold: Any = None,
        reset: Any = None,
        refractory: Any = None,
        events: Mapping[str, Any] | None = None,
        on_event: Mapping[str, Any] | None = None,
        at: Mapping[str, Any] | None = None,
        method: Any = None,
        initial: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        parameters: Mapping[str, Any] | None = None,
        interpretation: str | None = None,
        spike_times: str | None = None,
        name: str | None = None,
        open_names: Iterable[str] = (),
        on_pre: Any = None,
        on_post: Any = None,
        delay: Any = None,
    ) -> None:
        given = among(locals())
        if not isinstance(equations, str):
            raise ArgumentError(f"equations are a string (got {type(equations).__name__})")
        found, initial, functions, at = (
            {} if values is None else by_names(values, what)
            for what, values in (
                ("parameters", parameters), ("initial", initial), ("functions", functions), ("at", at),
            )
        )  # fmt: skip
        open_names = names_among(open_names, "open_names") if open_names else ()
        arguments = given | {
            "initial": initial, "functions": functions, "parameters": found, "open_names": open_names,
            "events": events or {}, "on_event": on_event or {},
            "at": at,
        }  # fmt: skip
        object.__setattr__(self, "_arguments", arguments)
        at_synapses = any(bool(x) if isinstance(x, Mapping) else x is not None for x in (on_pre, on_post))
        if at_synapses or delay is not None:
            self.check_owner()
        definition = define(
            equations,
            threshold=threshold,
            reset=reset,
            refractory=refractory,
            events=events,
            on_event=None if at_synapses else on_event,
            at=at,
            initial=initial,
            functions=functions,
            given=(*open_names, *found),
        )
        definition = as_given(definition, found)
        pathways = NO_PATHWAYS
        if at_synapses or delay is not None:
            pathways = read_pathways(on_pre, on_post, delay, on_event if at_synapses else None)
        arguments |= {what: dict(arguments[what]) for what in ("events", "on_event")}
        object.__setattr__(self, "_definition", definition)
        object.__setattr__(self, "_pathways", pathways)
        self._check_parameters(definition, found)

    @classmethod
    def parse(cls, text: str, **texts: Any) -> Model:
        """The model that a text stands for: equations, or what `print(model)` shows (a model file)."""
        return cls(**{**read(text), **texts})

    def __setattr__(self, name: str, value: Any) -> None:
        raise ModelError("a model cannot be changed", help=f"make another: model.replace({name}=...)")

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (type(self), self._arguments)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self  # nobody can change it

    def _check_parameters(self, definition: Definition, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            variable = definition.variables.get(name)
            is_parameter = variable is not None and variable.kind == "parameter"
            opened = (*definition.open_names, *self._pathways.open_names(definition))
            if is_function(value) and (is_parameter or name in opened):
                continue  # of what, the group knows that it becomes a part of
            if variable is None and name in definition.open_functions:
                functions_among(given, [name])
            elif variable is None and name in opened:
                if not follows(definition, value):
                    values.interpret(value, f"'{name}'")
            elif variable is None or variable.kind != "parameter":
                raise not_a_parameter(name, definition)
            elif isinstance(value, str):
                read_value(definition, value, variable.unit_text, f"'{name}'")
            elif isinstance(variable.unit, unit_table.Unit):
                values.convert(value, variable.unit, f"'{name}'", variable.unit_text)

    # ---- looking at it ----

    @property
    def name(self) -> str:
        """The name, or "model"."""
        return self._arguments["name"] or "model"

    @property
    def method(self) -> Any:
        """The numerical method that was asked for; None leaves the choice."""
        return self._arguments["method"]

    @property
    def interpretation(self) -> str:
        """Interpretation of products of noise and state variables: "stratonovich" or "ito"."""
        return self._said("interpretation")  # type: ignore[no-any-return]

    @property
    def spike_times(self) -> str:
        """Times of spikes: "grid", at the time steps, or "interpolated", between them."""
        return self._said("spike_times")  # type: ignore[no-any-return]

    def said(self, definition: Definition) -> dict[str, Any]:
        """Give what holds for neurons of this model, by names of arguments: trees where there are any."""
        trees = {what: getattr(definition, what) for what in TREES}
        return trees | {what: self._said(what) for what in of_kind("choice")}

    def _said(self, what: str) -> Any:
        """Give the argument of the model, or its default where the model gives none."""
        found = self._arguments[what]
        return ARGUMENTS[what].default if found is None else found

    @property
    def values(self) -> Mapping[str, Any]:
        """Values given for parameters and open names."""
        return MappingProxyType(self._arguments["parameters"])

    @property
    def arguments(self) -> Mapping[str, Any]:
        """Arguments of `Model` that the model was made from, by name."""
        return MappingProxyType(self._arguments)

    @property
    def definition(self) -> Definition:
        """The checked syntax trees."""
        return self._definition

    @property
    def pathways(self) -> Pathways:
        """Pathways of spikes at synapses, as syntax trees; empty for a model of neurons."""
        return self._pathways

    @property
    def is_synaptic(self) -> bool:
        """Whether only synapses can use the model: it has pathways, or equations that only they have."""
        return bool(self._pathways) or bool(misplaced(self._definition.variables, "neurons"))

    @property
    def on_pre(self) -> dict[str, Any]:
        """Name of a pathway -> what a presynaptic spike does there, as it was given."""
        return by_name("on_pre", self._arguments["on_pre"])

    @property
    def on_post(self) -> dict[str, Any]:
        """Name of a pathway -> what a postsynaptic spike does there, as it was given."""
        return by_name("on_post", self._arguments["on_post"])

    @property
    def delay(self) -> Any:
        """The delay as it was given: one for all `on_pre`, or name of a pathway -> delay; or None."""
        return self._arguments["delay"]

    @property
    def on_event(self) -> dict[str, Any]:
        """Name of an event -> what neurons do that have it; of synapses, name of a pathway -> its event."""
        return dict(self._arguments["on_event"])

    @property
    def open_names(self) -> tuple[str, ...]:
        """Names that are used but have no value yet, in order of appearance."""
        opened = (*self._definition.open_names, *self._definition.open_functions)
        opened += tuple(self._pathways.open_names(self._definition))
        return tuple(n for n in dict.fromkeys(opened) if n not in self.values)

    @property
    def tree(self) -> Tree:
        """The syntax tree; print it, or take `.to_dict()`."""
        return Tree(self._definition, self._pathways)

    def __getitem__(self, name: str) -> Item:
        variable = self._definition.variables.get(name)
        if variable is None:
            message = f"'{self.name}' has no variable '{name}'"
            raise UnknownNameError(message + suggestion(name, self._definition.variables))
        return Item(self, variable)

    def __iter__(self) -> Iterator[str]:
        return iter(self._definition.variables)

    def __contains__(self, name: object) -> bool:
        return name in self._definition.variables

    def __len__(self) -> int:
        return len(self._definition.variables)

    def plan(self) -> UpdatePlan | None:
        """Give the plan by which the equations would be integrated, and why."""
        from numpybrain.symbolic import programs

        definition, located = self.close(self.name, {}, {})[0], self.spike_times != "grid"
        return programs.update_plan(definition, self.method, self.interpretation, located=located)

    def system(self, free: str | Iterable[str] = (), **parameters: Any) -> DynamicalSystem:
        """Give the differential equations as plain SymPy and as fast functions, in declared units per ms.

        Args:
            free: names of parameters that stay free.
            **parameters: values of other parameters, in place of their defaults.
        """
        from numpybrain.symbolic.dynamical_system import DynamicalSystem

        definition, values = self.close(self.name, parameters, {})
        return DynamicalSystem(self.name, definition, values, names_among(free, "free"))

    def __repr__(self) -> str:
        return visible(f"<Model '{self.name}' {' '.join(self._definition.variables)}>")

    def __str__(self) -> str:
        return write_model(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model):
            return NotImplemented
        mine, others = self._definition, other._definition
        if write_model(self, comments=False) != write_model(other, comments=False):
            return False
        functions = [{n: v for n, v in m.values.items() if is_function(v)} for m in (self, other)]
        same = functions[0] == functions[1] and list(self._pathways) == list(other._pathways)
        return same and all(getattr(mine, what) == getattr(others, what) for what in (*TREES, "functions"))

    def __hash__(self) -> int:
        return hash(write_model(self, comments=False))

    def dependencies(self) -> Dependencies:
        """Give the dependencies of names on each other."""
        return dependencies_of(self._definition, self._pathways)

    def explain(self) -> Text:
        """Explain the model: kinds, units, what is linear in what, the method and why."""
        from numpybrain.model.explain import explain

        return Text(explain(self))

    def _repr_latex_(self) -> str:
        from numpybrain.model import model_html

        return model_html.model_latex(self)

    def _repr_html_(self) -> str:
        from numpybrain.model import model_html

        return model_html.model_html(self)

    def check_owner(self, owner: str | None = None) -> None:
        """Raise an error if this is not a model of `owner`, "neurons" or "synapses"."""
        check_owner(self, self._arguments, owner)

    # ---- making others ----

    def replace(self, **changes: Any) -> Model:
        """A new model with other parameters, texts (`threshold=`, ...) or initial values."""
        texts = {k: v for k, v in changes.items() if k in ("equations", *REPLACING)}
        given = {k: v for k, v in changes.items() if k not in texts}
        values = {**self.values, **given}
        opened = self._definition.given
        return Model(**{**self._arguments, **texts, "parameters": values, "open_names": opened})

    def rename(self, **names: str) -> Model:
        """A new model in which variables, parameters, open names, functions or events have other names."""
        return Model(**renamed(self, names))

    def extend(self, equations: str, **texts: Any) -> Model:
        """A new model with further equations, which may redefine names, and other texts."""
        return self.replace(equations=extended(self, equations), **texts)

    def __add__(self, other: Model | str) -> Model:
        """A model with the equations, events and statements of both, and what else one of them has."""
        if not isinstance(other, (Model, str)):
            return NotImplemented
        return Model(**added(self, other if isinstance(other, Model) else Model.parse(other)))

    def __radd__(self, other: str) -> Model:
        return Model.parse(other) + self if isinstance(other, str) else NotImplemented

    def close(
        self, owner: str, parameters: Mapping[str, Any], namespace: Mapping[str, Any]
    ) -> tuple[Definition, dict[str, Any]]:
        """The definition with every name defined, and the values of the parameters.

        `parameters` must all be known to the model; of `namespace` only what is known is used.

        Raises:
            UnknownNameError: if a name stays open, or a parameter is unknown.
        """
        definition = as_given(self._definition, parameters)
        for name in parameters:
            variable = definition.variables.get(name)
            names = (*definition.open_names, *definition.open_functions)
            if not (variable.kind in ("parameter", "linked") if variable else name in names):
                raise not_a_parameter(name, definition)
        given = {**self.values, **namespace, **parameters}
        opened = {n: given[n] for n in definition.open_names if n in given}
        extra: dict[str, ModelVariable] = {}
        found: dict[str, Any] = {}
        if opened:
            constant = {n: v for n, v in opened.items() if not follows(definition, v)}
            extra, found = from_values(constant, owner)
        definition, courses = _with_courses(definition, owner, given, extra)
        called = definition.open_functions
        functions = functions_among(given, called) if called else {}
        definition = with_needed_units(
            lambda variables: closed(
                definition, {**variables, **courses.variables}, {**functions, **courses.functions}
            ),
            extra,
            given,
            [n for n in definition.open_names if n not in given],
            definition.expressions,
        )
        return definition, {**found, **parameter_values(definition, given, set(extra), owner)}


def as_given(definition: Definition, given: Iterable[str]) -> Definition:
    """A definition, checked, in which subexpressions of parameters that are given are parameters."""
    variables = definition.variables
    if not any(name in variables and variables[name].kind == "definition" for name in given):
        return definition
    found = given_as_parameters(definition, given)
    return definition if found is definition else checked(found)


def _with_courses(
    definition: Definition, owner: str, given: Mapping[str, Any], extra: Mapping[str, ModelVariable]
) -> tuple[Definition, TimeCourses]:
    """Equations for values that follow the time, those of start values of parameters among them."""
    names = {*definition.variables, *definition.open_names}
    known = {n: v for n, v in given.items() if n in names and type(v) not in (int, float)}
    if not known and not definition.initial:
        return definition, NO_COURSES
    scope = definition.scope()
    scope = replace(scope, names={**scope.names, **{n: v.symbol for n, v in extra.items()}})
    first = time_courses(definition, known, scope, owner)
    if not definition.initial:
        return definition, first
    then = time_courses(definition, definition.initial, scope, owner, moving=())
    both = TimeCourses({**first.variables, **then.variables}, {**first.functions, **then.functions})
    if not both.variables:
        return definition, both
    initial = {n: v for n, v in definition.initial.items() if n not in both}
    return replace(definition, initial=initial), both


def _again(kind: type[Model], arguments: dict[str, Any]) -> Model:
    """The model that was made of these arguments, for pickles: its texts are read again."""
    return kind(**arguments)
