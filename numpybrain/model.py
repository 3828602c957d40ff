"""`Model`: a neuron model that has been read and checked, and can be looked at from every side.

It stands between the language and the kernel: the kernel asks it for a closed definition (no name
left open) and the values of the parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, nearest, suggestion
from numpybrain.language import checks, constants, units, values
from numpybrain.language.definition import MS, Definition, Variable, define
from numpybrain.language.nodes import Expr, Name, Quantity
from numpybrain.language.scope import Symbol
from numpybrain.language.units import PLAIN

if TYPE_CHECKING:
    from numpybrain.symbolic.pieces import UpdatePlan

TEXTS = ("threshold", "reset", "refractory", "method", "initial", "functions", "name")


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
            if variable is None and name in definition.open_names:
                values.interpret(value, f"'{name}'")
            elif variable is None or variable.kind != "parameter":
                raise not_a_parameter(name, definition)
            elif isinstance(value, str):
                checks.read_value(definition, value, variable.unit_text, f"'{name}'")
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
        return tuple(n for n in self._definition.open_names if n not in self._values)

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
            known = variable.kind == "parameter" if variable else name in definition.open_names
            if not known:
                raise not_a_parameter(name, definition)
        given = {**self._values, **namespace, **parameters}
        opened = {n: given[n] for n in definition.open_names if n in given}
        extra, found = from_values(opened, owner)
        if extra or definition.open_names:
            definition = definition.with_variables(extra).closed()
        return definition, {**found, **parameter_values(definition, given, set(extra), owner)}


def not_a_parameter(name: str, definition: Definition) -> UnknownNameError:
    """The error for a value that the model has no parameter for."""
    variable = definition.variables.get(name)
    if variable is not None and variable.kind == "differential":
        message = f"'{name}' is a variable, not a parameter"
        return UnknownNameError(message, help=f"give its start value: initial={{'{name}': ...}}")
    if variable is not None:
        return UnknownNameError(f"'{name}' is a subexpression, not a parameter")
    known = [v.name for v in definition.of_kind("parameter")]
    names = [*known, *definition.open_names]
    text = nearest(name, TEXTS) if nearest(name, names) is None else None
    hint = suggestion(name, names if text is None else [text])
    return UnknownNameError(f"the model has no parameter '{name}'{hint}")


def from_values(given: Mapping[str, Any], owner: str) -> tuple[dict[str, Variable], dict[str, Any]]:
    """Variables and numbers for open names, with the units of the values that were given."""
    extra, found = {}, {}
    for name, value in given.items():
        number, unit, text = values.interpret(value, f"'{name}' of '{owner}'")
        extra[name] = Variable(name, "parameter", unit, text)
        found[name] = number
    return extra, found


def parameter_values(
    definition: Definition, given: Mapping[str, Any], done: set[str], owner: str
) -> dict[str, Any]:
    """Number(s), or an expression as a string, for every parameter that has a default or was given."""
    found = {}
    for variable in definition.of_kind("parameter"):
        name, unit = variable.name, variable.unit
        if name in done:
            continue
        if name in given:
            value = given[name]
            if isinstance(unit, units.Unit) and not callable(value) and not isinstance(value, str):
                value = values.convert(value, unit, f"'{name}' of '{owner}'", variable.unit_text)
            found[name] = value
        elif variable.expr is not None:
            number, have = constants.evaluate(variable.expr)
            if isinstance(unit, units.Unit):
                number = number * have.scale / unit.scale
            if variable.dtype is int and number % 1:
                place = variable.expr.span
                raise ModelError(f"'{name}' must be a whole number (got {float(number):g})", place)
            found[name] = variable.dtype(number)
    return found


@dataclass(frozen=True, slots=True)
class Tree:
    """The syntax tree of a model, for printing."""

    definition: Definition

    def _nodes(self) -> dict[str, list[Any]]:
        d = self.definition
        found: dict[str, list[Any]] = {
            "equations": [v.equation for v in d.variables.values() if v.equation is not None]
        }
        for what, value in (("threshold", d.threshold), ("refractory", d.refractory)):
            if isinstance(value, (Expr, Quantity)):
                found[what] = [value]
        if isinstance(d.reset, tuple):
            found["reset"] = list(d.reset)
        return found

    def to_dict(self) -> dict[str, Any]:
        """Nested dictionaries, ready for JSON."""
        return {what: [n.to_dict() for n in nodes] for what, nodes in self._nodes().items()}

    def __str__(self) -> str:
        return "\n".join(
            f"{what}\n" + "\n".join(node.pretty(1) for node in nodes)
            for what, nodes in self._nodes().items()
        )


@dataclass(frozen=True, slots=True)
class Item:
    """One variable of a model."""

    model: Model
    variable: Variable

    @property
    def name(self) -> str:
        """Its name."""
        return self.variable.name

    @property
    def kind(self) -> str:
        """One of "differential", "definition" and "parameter"."""
        return self.variable.kind

    @property
    def unit(self) -> str:
        """The declared unit, as written."""
        return self.variable.unit_text

    @property
    def comment(self) -> str:
        """The comment on its line."""
        return self.variable.comment

    @property
    def depends(self) -> tuple[str, ...]:
        """Names of the variables that its right-hand side uses, in order of appearance."""
        expr = self.variable.expr
        names = [n.id for n in expr.walk() if isinstance(n, Name)] if expr is not None else []
        known = (*self.model, *self.model.definition.open_names, "t", "dt", "i", "N")
        return tuple(dict.fromkeys(n for n in names if n in known))

    @property
    def expr(self) -> Any:
        """The right-hand side as a SymPy expression over plain numbers in declared units.

        For a differential equation it is the rate per millisecond; None without right-hand side.
        """
        from numpybrain.symbolic.lower import Lowering

        variable, definition = self.variable, self.model.definition
        if variable.expr is None:
            return None
        opened = {n: Symbol(PLAIN, "open") for n in definition.open_names}
        lowering = Lowering(definition, opened)
        unit = variable.unit
        if variable.kind == "differential" and isinstance(unit, units.Unit):
            unit = unit / MS
        return lowering.lower(variable.expr, unit)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name} : {self.unit}>"
