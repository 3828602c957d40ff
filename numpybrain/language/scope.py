"""Meaning of names where a text stands: a `Scope`, and the types of things."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from numpybrain.errors import NumpyBrainError
from numpybrain.language import unit_table
from numpybrain.language.function_table import CONSTANTS, PHYSICAL
from numpybrain.language.reader import read_unit
from numpybrain.language.unit_table import PLAIN, Unit

BOOLEAN = "a condition"  # the type of `v > 1`
NAMES = 1024  # so many units that were met are remembered
OPEN = "open"  # the type of a name whose value is not known yet: fits everywhere

Type = Unit | str


@functools.lru_cache(maxsize=NAMES)
def declared(unit_text: str) -> Type:
    """The type of a variable that was declared with a unit, "boolean" or "integer"."""
    if unit_text == "boolean":
        return BOOLEAN
    return PLAIN if unit_text == "integer" else unit_table.from_node(read_unit(unit_text))


@dataclass(frozen=True, slots=True)
class Symbol:
    """Meaning of a name: its type, and its kind (for errors and for the lowering)."""

    type: Type
    kind: str
    unit_text: str = ""
    content: Any = field(default=None, init=False, repr=False, compare=False)  # see `memory.Content`


@functools.lru_cache(maxsize=NAMES)
def stored(kind: str, unit_text: str) -> Symbol:
    """Give the symbol that the name of a stored variable of some kind stands for."""
    return Symbol(declared(unit_text), kind, unit_text)


def stands_alone(name: str, *, letters: bool = False) -> Symbol | None:
    """Look up a name that no model defines: a constant of nature or a unit (with `letters`, any)."""
    if name in PHYSICAL:
        return Symbol(declared(PHYSICAL[name][1]), "constant", PHYSICAL[name][1])
    unit = unit_table.named(name) if letters or len(name) > 1 else None
    return Symbol(unit, "unit") if unit is not None else None


@dataclass(slots=True)
class Scope:
    """The names that an expression may use.

    `functions` are the user's own. With `open_names` and `open_functions` given, unknown ones are
    collected there, else they are errors. A name in `given` is no unit. With `letters`, other names of one
    letter are units, as in values. `past` collects variables whose values of earlier times are read.
    """

    names: Mapping[str, Symbol]
    functions: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    open_names: dict[str, Any] | None = None
    open_functions: dict[str, Any] | None = None
    given: frozenset[str] = frozenset()
    letters: bool = False
    errors: list[NumpyBrainError] = field(default_factory=list)
    where: str = ""  # "in the equation for 'v'"
    past: set[str] = field(default_factory=set)

    def look_up(self, name: str) -> Symbol | None:
        """The model's own names come first, then constants, then units of two letters or more."""
        if name in self.names:
            return self.names[name]
        if name in CONSTANTS:
            return Symbol(BOOLEAN if name in ("True", "False") else PLAIN, "constant")
        return None if name in self.given else stands_alone(name, letters=self.letters)

    def within(self, where: str, extra: Mapping[str, Symbol] | None = None) -> Scope:
        """The same scope for another text, with more names."""
        return replace(self, where=where, names={**self.names, **(extra or {})})

    def fail(self, error: NumpyBrainError) -> str:
        """Note an error and go on: its type fits everywhere, so one mistake gives one message."""
        self.errors.append(error)
        return OPEN
