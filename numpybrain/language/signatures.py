"""Units of the user's own functions: declared, or written as annotations.

In: a Python function. Out: a `Signature`, or None for a function of plain numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpybrain.errors import ArgumentError, NumpyBrainError
from numpybrain.language.scope import Type, declared


@dataclass(frozen=True, slots=True)
class Signature:
    """The units of the arguments and of the result, in which the numbers come and go."""

    arguments: tuple[Type, ...]
    result: Type


def signature_of(function: Callable[..., Any]) -> Signature | None:
    """The units of a function: its attribute `signature`, else annotations that are all units."""
    text = getattr(function, "signature", None)
    if isinstance(text, Signature):
        return text
    if isinstance(text, str):
        return read_signature(text)
    notes = dict(getattr(function, "__annotations__", {}))
    texts = [str(note).strip("'\"") if isinstance(note, str) else "" for note in notes.values()]
    if "return" not in notes or list(notes)[-1] != "return":
        return None
    try:
        types = [declared(text) for text in texts]
    except NumpyBrainError:  # type hints of the usual sort, such as `float`
        return None
    return Signature(tuple(types[:-1]), types[-1])


def read_signature(text: str) -> Signature:
    """`"mV, ms -> 1/ms"` as units.

    Raises:
        ArgumentError: if it is no such text.
    """
    before, arrow, after = text.partition("->")
    if not arrow:
        message = f"a signature says which units go in and out (got '{text}')"
        raise ArgumentError(message, help="such as 'mV, ms -> 1/ms'")
    try:
        arguments = [declared(part.strip()) for part in before.split(",")] if before.strip() else []
        return Signature(tuple(arguments), declared(after.strip()))
    except NumpyBrainError as error:
        error.add_note(f"in the signature '{text}'")
        raise


def n_arguments(function: Callable[..., Any]) -> tuple[int, int] | None:
    """Give the least and the largest number of arguments of a function; None if that cannot be told."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if any(p.kind == p.VAR_POSITIONAL for p in parameters):
        return None
    return sum(p.default is p.empty for p in positional), len(positional)
