"""A model's text, read and checked: which variables there are, and what the other texts say.

In: strings. Out: a `Definition`, immutable, or the errors of the whole text (at most five at once).
Python functions may stand in place of threshold, reset, refractoriness and initial values; they pass
through untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from numpybrain.errors import ModelError, NumpyBrainError, UnitError, raise_all, suggestion
from numpybrain.language import dependencies, units
from numpybrain.language.check import check
from numpybrain.language.dependencies import name_span
from numpybrain.language.functions import CONSTANTS, FUNCTIONS, RANDOM
from numpybrain.language.nodes import Call, Equation, Expr, Name, Quantity, Statements
from numpybrain.language.reader import (
    read_equations,
    read_expression,
    read_quantity,
    read_statements,
)
from numpybrain.language.scope import BOOLEAN, OPEN, Scope, Symbol, Type
from numpybrain.language.statements import check_statements
from numpybrain.language.units import PLAIN, Unit

MAX_EQUATIONS = 500

FLAGS = {  # flag -> kinds of equations that may carry it
    "unless refractory": {"differential"},
    "constant": {"parameter"},
    "shared": {"parameter", "definition"},
}
WORDS = {  # what people call the kinds
    "differential": "differential equation",
    "parameter": "parameter",
    "definition": "subexpression",
}
LATER_FLAGS = {
    "constant over dt",
    "event-driven",
    "clock-driven",
    "summed",
    "linked",
    "pre",
    "post",
}

MS = units.Unit(units.named("ms").dimension, units.named("ms").scale)  # type: ignore[union-attr]
SPECIAL: dict[str, Symbol] = {  # names that every group knows
    "t": Symbol(MS, "special", "ms"),
    "dt": Symbol(MS, "special", "ms"),
    "i": Symbol(PLAIN, "special", "1"),
    "N": Symbol(PLAIN, "special", "1"),
    "lastspike": Symbol(MS, "special", "ms"),
    "not_refractory": Symbol(BOOLEAN, "special"),
}
RESERVED = {*SPECIAL, *CONSTANTS, *FUNCTIONS, "xi", "and", "or", "not", "if", "else", "spikes"}

Python = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Variable:
    """One name of a model.

    `kind`: "differential", "definition" (a subexpression, never stored) or "parameter".
    `expr`: the right-hand side; for a parameter its default, or None.
    """

    name: str
    kind: str
    unit: Type
    unit_text: str
    flags: frozenset[str] = frozenset()
    expr: Expr | None = None
    comment: str = ""
    equation: Equation | None = field(default=None, compare=False, repr=False)

    @property
    def dtype(self) -> type:
        """The NumPy type of the stored values."""
        return {"boolean": bool, "integer": int}.get(self.unit_text, float)

    @property
    def symbol(self) -> Symbol:
        """What the name means in expressions."""
        return Symbol(self.unit, self.kind, self.unit_text)


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked model. `open_names` are used but defined nowhere: they must be given later.

    `given` are names that mean such a value even if there is a unit of that name.
    """

    variables: Mapping[str, Variable]
    threshold: Expr | Python | None = None
    reset: Statements | Python | None = None
    refractory: Expr | Quantity | Python | None = None
    refractory_type: Type | None = None
    initial: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Python] = field(default_factory=dict)
    open_names: tuple[str, ...] = ()
    given: frozenset[str] = frozenset()

    def of_kind(self, kind: str) -> list[Variable]:
        """The variables of one kind, in definition order."""
        return [v for v in self.variables.values() if v.kind == kind]

    def scope(self, where: str = "") -> Scope:
        """The names that further texts about this model may use."""
        names = {**SPECIAL, **{n: v.symbol for n, v in self.variables.items()}}
        return Scope(names, self.functions, where=where, given=self.given)

    def with_variables(self, extra: Mapping[str, Variable]) -> Definition:
        """The same model with open names defined, or other defaults; checked again."""
        return checked(replace(self, variables={**self.variables, **extra}))

    def closed(self) -> Definition:
        """The same model; raises an `UnknownNameError` where a name is still open."""
        return checked(self, closed=True) if self.open_names else self


def define(
    equations: str,
    *,
    threshold: str | Python | None = None,
    reset: str | Python | None = None,
    refractory: Any = None,
    initial: Mapping[str, Any] | None = None,
    functions: Mapping[str, Python] | None = None,
    given: Iterable[str] = (),
) -> Definition:
    """Read and check all texts of a model. A name in `given` stays open even if it is a unit."""
    given = frozenset(given)
    variables, errors = _variables(read_equations(equations), given)
    raise_all(errors)
    functions = dict(functions or {})
    for name in functions:
        if name in RESERVED:
            raise ModelError(f"the function name '{name}' is taken", help="choose another name")
    return checked(
        Definition(
            variables,
            read_expression(threshold, "threshold") if isinstance(threshold, str) else threshold,
            read_statements(reset, "reset") if isinstance(reset, str) else reset,
            read_quantity(refractory, "refractory") if isinstance(refractory, str) else refractory,
            initial=_initial(initial or {}, variables),
            functions=functions,
            given=given,
        )
    )


def _initial(given: Mapping[str, Any], variables: Mapping[str, Variable]) -> dict[str, Any]:
    """Initial values, with strings read."""
    result = {}
    for name, text in given.items():
        if name not in variables or variables[name].kind == "definition":
            names = [v.name for v in variables.values() if v.kind != "definition"]
            message = f"no variable '{name}' to give an initial value{suggestion(name, names)}"
            raise ModelError(message)
        is_text = isinstance(text, str)
        result[name] = read_quantity(text, f"initial value of '{name}'") if is_text else text
    return result


def _variables(
    equations: tuple[Equation, ...], given: frozenset[str]
) -> tuple[dict[str, Variable], list[NumpyBrainError]]:
    """One variable for each equation, with the faults of single lines."""
    variables: dict[str, Variable] = {}
    errors: list[NumpyBrainError] = []
    if len(equations) > MAX_EQUATIONS:
        message = f"a model has at most {MAX_EQUATIONS} equations (got {len(equations)})"
        return {}, [ModelError(message, help="make several groups, or one group of many neurons")]
    for equation in equations:
        name = equation.name
        place = name_span(equation)
        if name in RESERVED or name.startswith("_") or name.endswith(("_pre", "_post")):
            message = f"the name '{name}' is reserved"
            if name.startswith("_"):
                message += ": names start with a letter"
            elif name not in RESERVED:
                message += ": '_pre' and '_post' say which side of a synapse is meant"
            errors.append(ModelError(message, place, help="choose another"))
            continue
        if name in variables:
            first = variables[name].equation
            line = first.span.line if first is not None else 1
            message = f"'{name}' is defined twice (first in line {line})"
            errors.append(ModelError(message, place, help="delete or rename one of the two"))
            continue
        try:
            variables[name] = _variable(equation, given)
        except NumpyBrainError as error:
            errors.append(error)
            variables[name] = Variable(name, "parameter", OPEN, "", equation=equation)
    return variables, errors


def _variable(equation: Equation, given: frozenset[str]) -> Variable:
    written = str(equation.unit)
    unit: Type = PLAIN
    if written == "boolean":
        unit = BOOLEAN
    elif written != "integer":
        unit = units.from_node(equation.unit)
    if equation.kind == "differential" and written in ("boolean", "integer"):
        message = f"a differential equation cannot be {written}"
        raise ModelError(message, equation.unit.span, help="give it a unit, or 1")
    kind = "parameter" if equation.kind == "declaration" else equation.kind
    if equation.kind == "definition" and equation.expr is not None and _is_constant(equation.expr, given):
        kind = "parameter"
    for flag in sorted(equation.flags):
        if flag in LATER_FLAGS:
            message = f"the flag '{flag}' is not supported here"
            raise ModelError(message, _flag_span(equation, flag))
        if flag not in FLAGS:
            message = f"unknown flag '{flag}'{suggestion(flag, FLAGS)}"
            raise ModelError(message, _flag_span(equation, flag))
        if kind not in FLAGS[flag]:
            fitting = " or ".join(WORDS[k] for k in sorted(FLAGS[flag], reverse=True))
            message = f"the flag '{flag}' belongs to a {fitting}, not to a {WORDS[kind]}"
            raise ModelError(message, _flag_span(equation, flag))
    return Variable(
        equation.name,
        kind,
        unit,
        written,
        equation.flags,
        equation.expr,
        equation.comment,
        equation,
    )


def _is_constant(expr: Expr, given: frozenset[str]) -> bool:
    """Whether an expression is made of numbers, constants and units alone."""
    for node in expr.walk():
        if isinstance(node, Name) and node.id not in CONSTANTS:
            is_unit = len(node.id) > 1 and node.id not in given and units.named(node.id) is not None
            if not is_unit:
                return False
        if isinstance(node, Call) and (node.function in RANDOM or node.function not in FUNCTIONS):
            return False
    return True


def _flag_span(equation: Equation, flag: str) -> Any:
    source = equation.span.source
    start = source.text.find(flag.split(maxsplit=1)[0], equation.unit.span.end)
    return source.span(start, start + len(flag)) if start >= 0 else equation.span


def checked(definition: Definition, *, closed: bool = False) -> Definition:
    """The definition with all names, units and cycles checked and its open names listed.

    With `closed`, an open name is an error.
    """
    open_names: dict[str, Any] = {}
    scope = replace(definition.scope(), open_names=None if closed else open_names)
    for variable in definition.variables.values():
        _check_variable(variable, scope)
    scope.errors.extend(dependencies.check(definition.variables))
    if isinstance(definition.threshold, Expr):
        check(definition.threshold, scope.within("in the threshold"), BOOLEAN, "the threshold")
    if isinstance(definition.reset, tuple):
        inner = scope.within("in the reset")
        check_statements(definition.reset, inner, lambda n: why_not_writable(definition, n, events=True))
    kind = _check_refractory(definition, scope)
    for name, value in definition.initial.items():
        if isinstance(value, (Expr, Quantity)):
            inner = scope.within(f"in the initial value of '{name}'")
            want = definition.variables[name].unit
            _check_value(value, inner, want, f"the initial value of '{name}'")
    raise_all(scope.errors)
    return replace(
        definition, refractory_type=kind, open_names=tuple(n for n in open_names if n not in RANDOM)
    )


def _check_variable(variable: Variable, scope: Scope) -> None:
    if variable.expr is None:
        return
    name, want = variable.name, variable.unit
    if variable.kind == "differential" and isinstance(want, Unit):
        xi = Symbol(Unit(tuple(-d / 2 for d in MS.dimension)), "noise")
        noise = {
            n.id: xi
            for n in variable.expr.walk()
            if isinstance(n, Name) and (n.id == "xi" or n.id.startswith("xi_"))
        }
        inner = scope.within(f"in the equation for '{name}'", noise)
        check(variable.expr, inner, want / MS, f"the right side of 'd{name}/dt'")
        return
    inner = scope.within(f"in the equation for '{name}'")
    check(variable.expr, inner, want, f"'{name}'")


def _check_refractory(definition: Definition, scope: Scope) -> Type | None:
    node = definition.refractory
    if not isinstance(node, (Expr, Quantity)):
        return None
    inner = scope.within("in the refractoriness")
    have = units.from_node(node.unit) if isinstance(node, Quantity) else check(node, inner)
    if have not in (BOOLEAN, OPEN) and not (isinstance(have, Unit) and have.fits(MS)):
        message = f"refractoriness must be a time or a condition (got {have})"
        scope.fail(UnitError(message, node.span, help="such as '5 ms' or 'v > 0*mV'"))
    return have


def _check_value(node: Expr | Quantity, scope: Scope, want: Type, what: str) -> None:
    if isinstance(node, Expr):
        check(node, scope, want, what)
        return
    have = units.from_node(node.unit)
    if isinstance(want, Unit) and not have.fits(want):
        scope.fail(UnitError(f"{what} must be {want} (got {have})", node.span))


def why_not_writable(definition: Definition, name: str, *, events: bool = False) -> str | None:
    """Why statements may not assign to `name`; None if they may. `events`: they are about some neurons."""
    variable = definition.variables.get(name)
    if variable is None:
        return f"'{name}' cannot be assigned"
    if variable.kind == "definition":
        return f"'{name}' is a subexpression and cannot be assigned"
    if "constant" in variable.flags:
        return f"'{name}' is constant and cannot be assigned"
    if events and "shared" in variable.flags:
        return f"'{name}' is shared by the group and cannot be assigned for some neurons"
    return None
