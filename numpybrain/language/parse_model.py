"""A model's texts, read: strings become a checked `Definition`, or the errors of the whole text.

Python functions may stand in place of threshold, reset, refractoriness, events and initial values;
they pass through untouched.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any

from numpybrain.errors import ModelError, NumpyBrainError, raise_all, suggestion
from numpybrain.language import unit_table
from numpybrain.language.definition import Definition, ModelVariable, Python, is_noise, is_reserved
from numpybrain.language.dependencies import name_span
from numpybrain.language.event_texts import read_events
from numpybrain.language.flags import CALCULATED, kind_of
from numpybrain.language.function_table import CONSTANTS, FUNCTIONS, draws
from numpybrain.language.nodes import Call, Equation, Expr, Name
from numpybrain.language.reader import (
    read_equations,
    read_expression,
    read_quantity,
    read_statements,
)
from numpybrain.language.scope import BOOLEAN, OPEN, Type, stands_alone
from numpybrain.language.stage_texts import read_stages
from numpybrain.language.unit_table import PLAIN
from numpybrain.language.validation import checked
from numpybrain.language.write import write
from numpybrain.utils.memory import remembered

MAX_EQUATIONS = 500


@remembered
def define(
    equations: str,
    *,
    threshold: str | Python | None = None,
    reset: str | Python | None = None,
    refractory: Any = None,
    events: Mapping[str, Any] | None = None,
    on_event: Mapping[str, Any] | None = None,
    at: Mapping[str, Any] | None = None,
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
        if is_reserved(name):
            raise ModelError(f"the function name '{name}' is taken", help="choose another name")
    conditions, reactions = read_events(events or {}, on_event or {}, variables)
    return checked(
        Definition(
            variables,
            read_expression(threshold, "threshold") if isinstance(threshold, str) else threshold,
            read_statements(reset, "reset") if isinstance(reset, str) else reset,
            read_quantity(refractory, "refractory") if isinstance(refractory, str) else refractory,
            events=conditions,
            on_event=reactions,
            at=read_stages(at) if at else {},
            initial=_initial(initial or {}, variables),
            functions=functions,
            given=given,
        )
    )


def _initial(given: Mapping[str, Any], variables: Mapping[str, ModelVariable]) -> dict[str, Any]:
    """Initial values, with strings read."""
    result = {}
    for name, text in given.items():
        if name not in variables or variables[name].kind not in ("differential", "parameter"):
            names = [v.name for v in variables.values() if v.kind in ("differential", "parameter")]
            message = f"no variable '{name}' to give an initial value{suggestion(name, names)}"
            raise ModelError(message)
        is_text = isinstance(text, str)
        result[name] = read_quantity(text, f"initial value of '{name}'") if is_text else text
    return result


def _variables(
    equations: tuple[Equation, ...], given: frozenset[str]
) -> tuple[dict[str, ModelVariable], list[NumpyBrainError]]:
    """One variable for each equation, with the faults of single lines."""
    variables: dict[str, ModelVariable] = {}
    errors: list[NumpyBrainError] = []
    if len(equations) > MAX_EQUATIONS:
        message = f"a model has at most {MAX_EQUATIONS} equations (got {len(equations)})"
        return {}, [ModelError(message, help="make several groups, or one group of many neurons")]
    own = given.union(e.name for e in equations)  # these are variables, whatever units there are
    for equation in equations:
        name = equation.name
        place = name_span(equation)
        refused = _why_no_name(name, equation.flags)
        if refused is not None:
            errors.append(ModelError(refused[0], place, help=refused[1]))
            continue
        if name in variables:
            first = variables[name].equation
            line = first.span.line if first is not None else 1
            message = f"'{name}' is defined twice (first in line {line})"
            errors.append(ModelError(message, place, help="delete or rename one of the two"))
            continue
        try:
            variables[name] = _variable(equation, own)
        except NumpyBrainError as error:
            errors.append(error)
            variables[name] = ModelVariable(name, "parameter", OPEN, "", equation=equation)
    return variables, errors


def _why_no_name(name: str, flags: frozenset[str]) -> tuple[str, str] | None:
    """Find what is wrong with the name of a variable, and what to do; None if it is a good one."""
    message = f"the name '{name}' is reserved"
    if name.startswith("_"):
        return f"{message}: names start with a letter", "choose another"
    if is_reserved(name) or is_noise(name):
        return message, "choose another"
    if "summed" in flags and not name.endswith(("_pre", "_post")):
        advice = f"write {name}_post = ... to sum into '{name}' of the targets"
        return f"a summed variable belongs to the source or target, but '{name}' does not", advice
    if name.endswith(("_pre", "_post")) and "summed" not in flags:
        return f"{message}: '_pre' and '_post' say which side of a synapse is meant", "choose another"
    return None


def _variable(equation: Equation, own: frozenset[str]) -> ModelVariable:
    written = write(equation.unit)
    unit: Type = PLAIN
    if written == "boolean":
        unit = BOOLEAN
    elif written != "integer":
        unit = unit_table.from_node(equation.unit)
    if equation.kind == "differential" and written in ("boolean", "integer"):
        message = f"a differential equation cannot be {written}"
        raise ModelError(message, equation.unit.span, help="give it a unit, or 1")
    kind = "parameter" if equation.kind == "declaration" else equation.kind
    if kind == "definition" and equation.expr is not None and equation.flags.isdisjoint(CALCULATED):
        kind = "parameter" if made_of_constants(equation.expr, own) else kind
    return ModelVariable(
        equation.name,
        kind_of(equation, kind),
        unit,
        written,
        equation.flags,
        equation.expr,
        equation.comment,
        equation,
    )


def made_of_constants(expr: Expr, own: Container[str], *, letters: bool = False) -> bool:
    """Whether an expression is made of numbers, constants and units alone, and not of `own` names.

    With `letters`, units of one letter count.
    """
    for node in expr.walk():
        known = not isinstance(node, Name) or node.id in CONSTANTS
        if isinstance(node, Name) and not known:
            known = node.id not in own and stands_alone(node.id, letters=letters) is not None
        if not known:
            return False
        if isinstance(node, Call) and (draws(node.function) or node.function not in FUNCTIONS):
            return False
    return True
