"""Compiled programs of NumPy, and what they are with their data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.numpy.function_builder import source_of
from numpybrain.engine.numpy.random_calls import drawing
from numpybrain.errors import ModelError
from numpybrain.utils.arrays import returning_plain

if TYPE_CHECKING:
    from numpybrain.engine.contract import DataLayout, ProgramData
    from numpybrain.kernel.clock import Clock
    from numpybrain.symbolic.program import Program


def _nothing_else() -> NumpyProgram:
    raise AssertionError  # nothing is shared


@dataclass(frozen=True, slots=True)
class NumpyProgram:
    """A compiled program.

    `prologue(*values of prologue_inputs)` gives the `constants`. The body takes one value for each of
    `arguments`, then t if it uses it, then the layout's dynamic arguments. Arguments and inputs are
    ("value", name), ("constant", name), ("call", name of a user's function), ("draw", name of one of the
    language that draws), ("size", "size"), ("shield", name), ("block", "first:last"), ("link", name).
    `factors` are constants between exponentials that were computed from one; if one is 0 or infinite
    (offsets of more than 700 apart), `unshared` gives the program that will do. `hoisted` are names and
    code of what the prologue calculates, numbers left out.
    """

    program: Program
    layout: DataLayout
    body: Callable[..., Any]
    arguments: tuple[tuple[str, str], ...]
    prologue: Callable[..., list[Any]]
    prologue_inputs: tuple[tuple[str, str], ...]
    constants: tuple[str, ...]
    factors: tuple[str, ...]
    uses_t: bool
    hoisted: tuple[tuple[str, str], ...]
    unshared: Callable[[], NumpyProgram] = field(default=_nothing_else)

    @property
    def source(self) -> str:
        """The code of both functions, with headings."""
        label = self.program.label
        source = source_of(self.body, f"step of the {label}")
        if not self.constants:
            return source
        return source_of(self.prologue, f"once per run, {label}") + "\n" + source

    def bind(self, data: ProgramData) -> NumpyExecutable:
        """Evaluate the prologue and bind its results, and all that stays where it is."""
        constants = dict(zip(self.constants, self._evaluated(data), strict=True))
        factors = [np.abs(constants[name]) for name in self.factors]
        if not all(np.all((f > 0) & (f < np.inf)) for f in factors):
            return self.unshared().bind(data)
        arguments = [
            constants[name] if kind == "constant" else _argument(kind, name, data)
            for kind, name in self.arguments
        ]
        if self.layout.size == "N":
            # Beside arrays, NumPy takes 0-dimensional ones 0.3 us faster than numbers.
            number: Callable[[float], Any] = np.float64 if data.is_single else np.asarray
            arguments = [number(a) if isinstance(a, float) else a for a in arguments]
        return NumpyExecutable(self, arguments)

    def _evaluated(self, data: ProgramData) -> list[Any]:
        """Give the values that the prologue calculates."""
        given = [_argument(kind, name, data) for kind, name in self.prologue_inputs]
        with np.errstate(all="ignore"):
            try:
                return self.prologue(*given)
            except ZeroDivisionError:
                if self._divides_by_zero(given):
                    raise self._division_by_zero(given) from None
                return self.prologue(*map(_as_numpy, given))  # of which a condition takes none

    def _divides_by_zero(self, given: list[Any]) -> bool:
        """Whether a division by 0 is for all elements, and not the other branch of a condition."""
        pairs = zip(self.prologue_inputs, given, strict=True)
        known = {name: value for (_, name), value in pairs if isinstance(value, (int, float))}
        return self.program.divides_by_zero(known)

    def _division_by_zero(self, given: list[Any]) -> ModelError:
        """The error for a parameter that is 0 and must not be."""
        pairs = zip(self.prologue_inputs, given, strict=True)
        zero = [name for (_, name), value in pairs if isinstance(value, (int, float)) and value == 0]
        message = f"division by zero in the {self.program.label}"
        if not zero:
            return ModelError(message)
        message += f": 0 is the value of {', '.join(zero)}"
        return ModelError(message, help=f"give a value, such as {zero[0]}=...")


class NumpyExecutable:
    """A compiled program with its data.

    Attributes:
        compiled: the program.
        arguments: what its body gets in every call.
    """

    __slots__ = ("arguments", "compiled")

    def __init__(self, compiled: NumpyProgram, arguments: list[Any]) -> None:
        self.compiled = compiled
        self.arguments = arguments

    @property
    def uses_t(self) -> bool:
        """Whether what it does in a step depends on the time."""
        return self.compiled.uses_t

    @property
    def reads_values(self) -> bool:
        """Whether it looks at values of variables in each call."""
        return any(kind == "value" for kind, _ in self.compiled.arguments)

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        return self.compiled.source

    def call(self, clock: Clock) -> Callable[..., Any]:
        """Give a callable that carries the program out."""
        body = functools.partial(self.compiled.body, *self.arguments)
        return (lambda *dynamic: body(clock.t, *dynamic)) if self.compiled.uses_t else body


def _argument(kind: str, name: str, data: ProgramData) -> Any:
    match kind:
        case "value":
            return data.value(name)
        case "call":
            return returning_plain(data.function(name), name)
        case "draw":
            return drawing(data.generator(), name)
        case "size":
            return data.size()
        case "block":
            return data.block(*name.split(":"))
        case "shield":
            return data.shield(name)
    assert kind == "link"
    return data.link(name)


def _as_numpy(value: Any) -> Any:
    """A number of NumPy, which is infinite where one of Python raises an error."""
    return np.float64(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
