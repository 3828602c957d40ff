"""The class `Model`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, suggestion
from numpybrain.language import units, values
from numpybrain.language.checking import closed
from numpybrain.language.define import define
from numpybrain.language.definition import Definition
from numpybrain.language.texts import read_value
from numpybrain.model.closing import (
    TEXTS,
    from_values,
    functions_among,
    not_a_parameter,
    parameter_values,
)
from numpybrain.model.tree import Item, Tree

if TYPE_CHECKING:
    from numpybrain.symbolic.pieces import UpdatePlan


class Model:
    """A neuron model: equations, threshold, reset and the rest. Immutable.

    Args:
        equations: one line per item: `dx/dt = EXPR : UNIT (flags)`, `x = EXPR : UNIT`, `x : UNIT`.
        threshold: the condition for a spike.
        reset: statements for the neurons that fired.
        refractory: a time, or a condition that keeps a neuron refractory while it is true.
        method: numerical method; None chooses.
        initial: variable -> number, quantity, string or function.
        functions: name -> Python function to call in equations; plain numbers in and out.
        parameters: values of parameters and open names.
        name: a name for messages.
        open_names: names that will be given later although there is a unit of that name; parameters
            need not be listed.

    Names that the text does not define are listed in `open_names`; they are given when neurons are
    made. `model["v"]` has `.expr`, `.unit` and `.depends`.

    Raises:
        ModelSyntaxError, ModelError, UnitError: with the place of the fault.
    """

    __slots__ = ("_definition", "_equations", "_texts", "_values")

    _definition: Definition
    _equations: str
    _texts: dict[str, Any]
    _values: dict[str, Any]

    def __init__(
        self,
        equations: str,
        *,
        threshold: Any = None,
        reset: Any = None,
        refractory: Any = None,
        method: Any = None,
        initial: Mapping[str, Any] | None = None,
        functions: Mapping[str, Callable[..., Any]] | None = None,
        parameters: Mapping[str, Any] | None = None,
        name: str | None = None,
        open_names: Iterable[str] = (),
    ) -> None:
        if not isinstance(equations, str):
            raise ArgumentError(f"equations are a string (got {type(equations).__name__})")
        texts = {
            "threshold": threshold, "reset": reset, "refractory": refractory, "method": method,
            "initial": dict(initial or {}), "functions": dict(functions or {}), "name": name,
        }  # fmt: skip
        definition = define(
            equations,
            threshold=threshold,
            reset=reset,
            refractory=refractory,
            initial=initial,
            functions=functions,
            given=(*open_names, *(parameters or {})),
        )
        found = dict(parameters or {})
        self._check_parameters(definition, found)
        for slot, value in zip(
            ("_definition", "_equations", "_texts", "_values"),
            (definition, equations, texts, found),
            strict=True,
        ):
            object.__setattr__(self, slot, value)

    def __setattr__(self, name: str, value: Any) -> None:
        raise ModelError("a model cannot be changed", help=f"make another: model.replace({name}=...)")

    def _check_parameters(self, definition: Definition, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            variable = definition.variables.get(name)
            if variable is None and name in definition.open_functions:
                functions_among(given, [name])
            elif variable is None and name in definition.open_names:
                values.interpret(value, f"'{name}'")
            elif variable is None or variable.kind != "parameter":
                raise not_a_parameter(name, definition)
            elif isinstance(value, str):
                read_value(definition, value, variable.unit_text, f"'{name}'")
            elif isinstance(variable.unit, units.Unit):
                values.convert(value, variable.unit, f"'{name}'", variable.unit_text)

    # ---- looking at it ----

    @property
    def name(self) -> str:
        """The name, or "model"."""
        return self._texts["name"] or "model"

    @property
    def method(self) -> Any:
        """The numerical method that was asked for; None leaves the choice."""
        return self._texts["method"]

    @property
    def definition(self) -> Definition:
        """The checked syntax trees."""
        return self._definition

    @property
    def open_names(self) -> tuple[str, ...]:
        """Names that are used but have no value yet, in order of appearance."""
        opened = (*self._definition.open_names, *self._definition.open_functions)
        return tuple(n for n in opened if n not in self._values)

    @property
    def tree(self) -> Tree:
        """The syntax tree; print it, or take `.to_dict()`."""
        return Tree(self._definition)

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
        """How the equations would be integrated, and why."""
        from numpybrain.symbolic import pieces

        return pieces.update_plan(self.close(self.name, {}, {})[0], self.method)

    def __repr__(self) -> str:
        return f"<Model '{self.name}' {' '.join(self._definition.variables)}>"

    def __str__(self) -> str:
        import textwrap

        lines = [textwrap.dedent(self._equations).strip("\n")]
        for what in ("threshold", "reset", "refractory", "method"):
            text = self._texts[what]
            if text is not None:
                lines.append(f"{what}: {text}")
        return "\n".join(lines)

    def _repr_latex_(self) -> str:
        from numpybrain import typeset

        return typeset.model_latex(self)

    def _repr_html_(self) -> str:
        from numpybrain import typeset

        return typeset.model_html(self)

    # ---- making others ----

    def replace(self, **changes: Any) -> Model:
        """A new model with other parameters, texts (`threshold=`, ...) or initial values."""
        texts = {**self._texts, **{k: v for k, v in changes.items() if k in TEXTS}}
        equations = changes.get("equations", self._equations)
        given = {k: v for k, v in changes.items() if k not in (*TEXTS, "equations")}
        opened = self._definition.given
        return Model(equations, **texts, parameters={**self._values, **given}, open_names=opened)

    def close(
        self, owner: str, parameters: Mapping[str, Any], namespace: Mapping[str, Any]
    ) -> tuple[Definition, dict[str, Any]]:
        """The definition with every name defined, and the values of the parameters.

        `parameters` must all be known to the model; of `namespace` only what is known is used.

        Raises:
            UnknownNameError: if a name stays open, or a parameter is unknown.
        """
        definition = self._definition
        for name in parameters:
            variable = definition.variables.get(name)
            opened = (*definition.open_names, *definition.open_functions)
            if not (variable.kind == "parameter" if variable else name in opened):
                raise not_a_parameter(name, definition)
        given = {**self._values, **namespace, **parameters}
        extra, found = from_values({n: given[n] for n in definition.open_names if n in given}, owner)
        functions = functions_among(given, definition.open_functions)
        definition = closed(definition, extra, functions)
        return definition, {**found, **parameter_values(definition, given, set(extra), owner)}
