"""The one door from the kernel to the language and to SymPy.

Everything here imports inside the function: a network of hand-written Python never gets this far, and
never pays for SymPy, Lark or pint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError, ModelError, shown
from numpybrain.utils.quantities import is_quantity, unpacked

if TYPE_CHECKING:
    from numpybrain.engine.data_layout import CompiledProgram, DataLayout
    from numpybrain.language.definition import Definition, OuterScope
    from numpybrain.model import Model
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.symbolic.program import Program
    from numpybrain.symbolic.programs import UpdatePlan
    from numpybrain.synapse_model.connection_compiler import Connection
    from numpybrain.synapse_model.synapse_model import SynapseModel
    from numpybrain.synapse_model.variable_placement import Facts
    from numpybrain.synapses.connectivity import Growing
    from numpybrain.synapses.synapses import Synapses


def as_model(value: Any, given: Iterable[str] = (), **texts: Any) -> Model:
    """The model that a user means: a Model, equations, a library name or a model file."""
    from numpybrain import library

    return library.as_model(value, given, **texts)


def convert(value: Any, unit_text: str, what: str) -> Any:
    """`value` as number(s) in the unit that `unit_text` names."""
    from numpybrain.language import scope, values

    unit = scope.declared(unit_text)
    if isinstance(unit, str):
        raise ArgumentError(f"{what} must be True or False (got {shown(value)})")
    return values.convert(value, unit, what, unit_text)


def factor(have: str, want: str, what: str) -> Any:
    """What to multiply numbers in one unit with, to have them in another."""
    return convert(1 if have in ("1", "integer") else f"1 {have}", want, what)


def magnitudes(value: Any) -> tuple[Any, str]:
    """Number(s) of a value whose unit is not known beforehand, and that unit as a text."""
    value = unpacked(value)
    if isinstance(value, (list, tuple)) and any(isinstance(v, str) or is_quantity(v) for v in value):
        first, text = magnitudes(value[0])
        return [first, *(convert(v, text, "a value") for v in value[1:])], text
    if not (isinstance(value, str) or is_quantity(value)):
        return value, "1"
    from numpybrain.language import values

    read = values.interpret(value, "the value") if isinstance(value, str) else values.split(value)
    return read[0], read[2] or "1"


def bind_time_functions(
    definition: Definition, size: Callable[[frozenset[str]], int], generator: Callable[[], Any]
) -> None:
    """Tell functions of time, which stand for parameters, whose values they give."""
    from numpybrain.model import time_courses

    time_courses.bind(definition, size, generator)


def is_repeatable(definition: Definition, name: str) -> bool:
    """Whether a value that is calculated in each step may be calculated in between, to look at it."""
    from numpybrain.model import time_courses

    return time_courses.is_repeatable(definition, name)


def refuse_names(definition: Definition, is_taken: Callable[[str], bool], where: str) -> None:
    """Raise an error for variables whose names mean something else where they would live."""
    from numpybrain.errors import raise_all
    from numpybrain.language.dependencies import reserved

    raise_all(reserved(definition.variables, is_taken, where))


def check_signature(text: str) -> None:
    """Raise an error unless a text is a signature such as "mV -> 1/ms"."""
    from numpybrain.language import signatures

    signatures.read_signature(text)


def unit(text: str) -> Any:
    """The unit that a text names."""
    from numpybrain.language import scope

    return scope.declared(text)


def is_node(value: Any) -> bool:
    """Whether a value is an expression that has been read (the language is there by then)."""
    return hasattr(value, "span")


def is_constant(text: str, definition: Definition) -> bool:
    """Whether a text is made of numbers, constants and units alone."""
    from numpybrain.language import short_texts

    return short_texts.is_constant(text, definition)


def read_value(
    definition: Definition, text: str, unit_text: str, what: str, names: Mapping[str, Any]
) -> Any:
    """Read and check an expression for a value in a unit; `names` are known beside the model's."""
    from numpybrain.language import short_texts

    return short_texts.read_value(definition, text, unit_text, what, names)


def read_statements(definition: Definition, text: str, what: str, *, some: bool) -> Any:
    """Read and check statements about the variables of a model, in all elements or in some."""
    from numpybrain.language import short_texts

    return short_texts.read_statements(definition, text, what, some=some)


def compile_program(program: Program, layout: DataLayout) -> CompiledProgram:
    """Compile a program for a layout."""
    from numpybrain.engine.numpy import compiler

    return compiler.compile_program(program, layout)


def layout(access: Mapping[str, str], varying: frozenset[str], **fields: Any) -> DataLayout:
    """How a program meets its data."""
    from numpybrain.engine.data_layout import DataLayout

    return DataLayout(access, varying, **fields)


def function_arguments(function: Callable[..., Any]) -> list[str]:
    """The argument names of a Python function, without those that have a default."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        message = f"the argument names of {function!r} cannot be read"
        raise ArgumentError(message, help="wrap it in a def or lambda") from None
    names = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            message = f"a stage function takes arguments by name, not *{parameter.name}"
            raise ArgumentError(message, help="name the variables it uses: def f(v, t): ...")
        if parameter.default is parameter.empty:
            names.append(parameter.name)
    return names


def update_plan(
    definition: Definition, method: Any, interpretation: str, **fields: Any
) -> UpdatePlan | None:
    """How to integrate a model, or some variables of it; None if nothing is to be integrated."""
    from numpybrain.symbolic import programs

    return programs.update_plan(definition, method, interpretation, **fields)


def nothing_around() -> OuterScope:
    """What texts of neurons may use beside their own variables."""
    from numpybrain.language.definition import NOTHING

    return NOTHING


def meaning(
    synapses: Synapses,
    model: Any,
    texts: Mapping[str, Any],
    given: Mapping[str, Any],
    strict: set[str],
    delays: Mapping[str, Any],
) -> SynapseModel:
    """The texts of synapses, read and checked."""
    from numpybrain.synapse_model.synapse_model import SynapseModel

    return SynapseModel(synapses, as_model(model, given, owner="synapses"), texts, given, strict, delays)


def facts(
    near: Mapping[str, str], common: frozenset[str], single: Callable[[str], bool], blocked: frozenset[str]
) -> Facts:
    """What the kernel knows about where synaptic variables can live."""
    from numpybrain.synapse_model.variable_placement import Facts

    return Facts(near, common, single, blocked)


def explain_synapses(synapses: Synapses) -> str:
    """What becomes of synapses, in words."""
    from numpybrain.synapse_model import explain_synapses

    return explain_synapses.explain(synapses)


def result_of(program: Program, store: Any) -> Program:
    """The program that gives what a program adds to a variable."""
    from numpybrain.synapse_model import pathway_programs

    return pathway_programs.result_of(program, store)


def redirected(program: Program, names: Mapping[str, str]) -> Program:
    """A program that writes to other names than it says."""
    from numpybrain.synapse_model import pathway_programs

    return pathway_programs.redirected(program, names)


def synaptic_condition(synapses: Growing, text: str) -> Program:
    """A program that says of synapses whether a condition is true."""
    from numpybrain.synapse_model.conditions import condition_program

    return condition_program(synapses, text)


def neural_condition(neurons: Neurons, text: str) -> Program:
    """A program that says of neurons whether a condition is true."""
    from numpybrain.language import short_texts
    from numpybrain.symbolic.programs import value_program

    if neurons.definition is None:
        message = f"'{neurons.name}' is written in Python: it knows no conditions"
        raise ModelError(message, help=f"give booleans, such as {neurons.name}.v[{neurons.name}.v > 0]")
    node = short_texts.read_condition(neurons.definition, text)
    return value_program(neurons.definition, node, None, f"condition on {neurons.name}")


def connection(synapses: Growing, text: str, given: Mapping[str, Any], kind: str, side: str) -> Connection:
    """A connection text, read and checked, as programs."""
    from numpybrain.synapse_model import connection_compiler

    return connection_compiler.connection(synapses, text, given, kind, side)


def means_something(synapses: Growing, name: str, given: Mapping[str, Any]) -> bool:
    """Whether a single word means a value in texts about connections."""
    from numpybrain.synapse_model import connection_compiler

    return connection_compiler.is_known(synapses, name, given)


def neurons_html(group: Neurons) -> str:
    """What a notebook shows of neurons."""
    from numpybrain.display import html

    return html.neurons_html(group)


def synapses_html(group: Synapses) -> str:
    """What a notebook shows of synapses."""
    from numpybrain.display import html

    return html.synapses_html(group)


def decaying(plan: UpdatePlan, definition: Definition | None) -> tuple[str, ...]:
    """The variables whose own decay is known before the first step."""
    if definition is None:
        return ()
    from numpybrain.symbolic import decay

    return tuple(decay.decays(definition, plan.system))


def decay_program(plan: UpdatePlan, definition: Definition, names: tuple[str, ...]) -> Program:
    """A program that gives the fastest decay of these variables, in 1/ms."""
    from numpybrain.symbolic import decay

    return decay.decay_program(definition, plan.system, names)


def decay_of(program: Program, name: str) -> Program | None:
    """A program that gives d where a program gives b - d*x, with a variable x; None if it does not."""
    from numpybrain.symbolic import decay

    return decay.decay_of(program, name)


def sensitivity_programs(plan: UpdatePlan, inputs: frozenset[str]) -> list[tuple[str, str, Program]]:
    """What inputs do to the rates of change, as (variable, input, program that gives the factor)."""
    from numpybrain.symbolic import decay

    return decay.sensitivity_programs(plan.system, inputs)


def unconditionally_stable(plan: UpdatePlan) -> str | None:
    """A method for the equations that any dt leaves stable."""
    from numpybrain.symbolic import decay

    return decay.unconditionally_stable(plan.system)


def first_diverging(plan: UpdatePlan, names: list[str]) -> str:
    """Which of some variables spoiled the others."""
    from numpybrain.symbolic import decay

    return decay.first_diverging(plan.system, names)


def suggest_fix(plan: UpdatePlan, name: str, dt: float) -> str:
    """What to do about a variable that is no finite number any more."""
    from numpybrain.symbolic import decay

    return decay.suggest_fix(plan, name, dt)
