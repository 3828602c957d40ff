"""Entry to the language for modules that may do without: parser and units are imported when needed.

A network of hand-written Python never gets this far, and never pays for Lark or pint.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.errors import ArgumentError, shown
from numpybrain.utils.quantities import is_quantity, unpacked

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition, OuterScope


def convert(value: Any, unit_text: str, what: str) -> Any:
    """`value` as number(s) in the unit that `unit_text` names."""
    from numpybrain.language import scope, values

    unit = scope.declared(unit_text)
    if isinstance(unit, str):
        raise ArgumentError(f"{what} must be True or False (got {shown(value)})")
    return values.convert(value, unit, what, unit_text)


def factor(have: str, want: str, what: str) -> Any:
    """Give the factor that converts numbers in one unit to another."""
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


def unit(text: str) -> Any:
    """The unit that a text names."""
    from numpybrain.language import scope

    return scope.declared(text)


def check_signature(text: str) -> None:
    """Raise an error unless a text is a signature such as "mV -> 1/ms"."""
    from numpybrain.language import signatures

    signatures.read_signature(text)


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


def nothing_around() -> OuterScope:
    """Give the scope of names that texts of neurons may use beside their own variables."""
    from numpybrain.language.definition import NOTHING

    return NOTHING


def refuse_names(definition: Definition, taken: Container[str], where: str) -> None:
    """Raise an error for variables whose names mean something else where they would live."""
    from numpybrain.errors import raise_all
    from numpybrain.language.dependencies import reserved

    wrong = reserved(definition.variables, taken, where)
    if wrong:
        raise_all(wrong)
