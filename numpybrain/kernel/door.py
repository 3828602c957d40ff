"""The one door from the kernel to the language and to SymPy.

Everything here imports inside the function: a network of hand-written Python never gets this far, and
never pays for SymPy, Lark or pint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError

if TYPE_CHECKING:
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.kernel.synapses import Synapses
    from numpybrain.language.definition import Definition
    from numpybrain.model import Model
    from numpybrain.symbolic.closures import Closure, Layout
    from numpybrain.symbolic.program import Program


def as_model(value: Any, given: Iterable[str] = (), **texts: Any) -> Model:
    """The model that a user means: a Model, equations, a library name or a model file."""
    from numpybrain import library

    return library.as_model(value, given, **texts)


def convert(value: Any, unit_text: str, what: str) -> Any:
    """`value` as number(s) in the unit that `unit_text` names."""
    from numpybrain.language import scope, values

    unit = scope.declared(unit_text)
    if isinstance(unit, str):
        raise ArgumentError(f"{what} must be True or False (got {value!r})")
    return values.convert(value, unit, what, unit_text)


def has_unit(value: Any) -> bool:
    """Whether a value is a quantity of pint (only then is pint imported)."""
    return hasattr(value, "dimensionality") or hasattr(value, "_REGISTRY")


def unit(text: str) -> Any:
    """The unit that a text names."""
    from numpybrain.language import scope

    return scope.declared(text)


def is_node(value: Any) -> bool:
    """Whether a value is an expression that has been read (the language is there by then)."""
    return hasattr(value, "span")


def read_value(
    definition: Definition, text: str, unit_text: str, what: str, names: Mapping[str, Any]
) -> Any:
    """Read and check an expression for a value in a unit; `names` are known beside the model's."""
    from numpybrain.language import checks

    return checks.read_value(definition, text, unit_text, what, names)


def read_statements(definition: Definition, text: str, what: str) -> Any:
    """Read and check statements about the variables of a model."""
    from numpybrain.language import checks

    return checks.read_statements(definition, text, what)


def is_unit(value: Any) -> bool:
    """Whether a value is a unit itself, such as `ms` (and not a quantity)."""
    return has_unit(value) and not hasattr(value, "magnitude")


def compile_program(program: Program, layout: Layout) -> Closure:
    """Compile a program for a layout."""
    from numpybrain.symbolic import closures

    return closures.compile_program(program, layout)


def layout(access: Mapping[str, str], varying: frozenset[str], **fields: Any) -> Layout:
    """How a program meets its data."""
    from numpybrain.symbolic.closures import Layout

    return Layout(access, varying, **fields)


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


def synaptic_definition(
    synapses: Synapses,
    model: Any,
    texts: tuple[Any, ...],
    values: Mapping[str, Any],
    strict: set[str],
) -> tuple[Definition, dict[str, Any]]:
    """The synaptic variables, with the names that statements leave open, and their values."""
    from numpybrain import synaptic

    return synaptic.close_synapses(synapses, model, texts, values, strict)


def synaptic_names(synapses: Synapses) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Names of the groups around synapses, and short names for some."""
    from numpybrain import synaptic

    return synaptic.names_around(synapses)


def synaptic_program(synapses: Synapses, text: str, which: str) -> Program:
    """The program of `on_pre` or `on_post`."""
    from numpybrain import synaptic

    return synaptic.synaptic_program(synapses, text, which)


def neurons_html(group: Neurons) -> str:
    """What a notebook shows of neurons."""
    from numpybrain import typeset

    return typeset.neurons_html(group)


def synapses_html(group: Synapses) -> str:
    """What a notebook shows of synapses."""
    from numpybrain import typeset

    return typeset.synapses_html(group)
