"""Units of names that were given without one, or not at all: found by trying.

In: a function that checks texts with given variables. Out: what it makes of them, or errors that say what
is missing instead of what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from numpybrain.errors import NumpyBrainError, UnitError, UnknownNameError, raise_all
from numpybrain.language import unit_hints, unit_table
from numpybrain.language.definition import NOISE, ModelVariable
from numpybrain.language.nodes import Expr, Name
from numpybrain.language.scope import OPEN, Type
from numpybrain.language.unit_table import PLAIN, Unit

MAX_WORK = 100_000  # nodes that are checked in all tries, a second of time
TEXT = 5  # nodes whose checking takes as long as what is done once for each text

T = TypeVar("T")
Given = Mapping[str, ModelVariable]


def with_needed_units(
    check: Callable[[Given], T], given: Given, values: Mapping[str, Any], missing: Iterable[str],
    texts: Callable[[], Iterable[Expr]],
) -> T:  # fmt: skip
    """Call `check` with variables of open names; its errors say which units the names need.

    Args:
        check: checks the texts of a model with these variables.
        given: variables for names that were given a value.
        values: what was given.
        missing: names that were given none.
        texts: all expressions, to find the places of names.
    """
    try:
        return check(given)
    except NumpyBrainError as caught:
        error = caught
    bare = [name for name, variable in given.items() if variable.unit == PLAIN]
    size = sum(TEXT + sum(1 for _ in text.walk()) for text in texts())
    found = _needed(check, given, [*bare, *missing], MAX_WORK // (size + 1))
    wrong = [name for name in bare if found.get(name, PLAIN) != PLAIN]
    raise_all([_unit_error(name, found[name], values[name], texts()) for name in wrong])
    for each in (error, *error.others):
        name = each.span.text if isinstance(each, UnknownNameError) and each.span is not None else ""
        if name in found and each.help == unit_hints.give(name):
            each.help = unit_hints.give(name, found[name])
    raise error


def _needed(check: Callable[[Given], Any], given: Given, names: list[str], tries: int) -> dict[str, Unit]:
    """The units of some names, as far as only one of the usual kinds fits with all else."""

    def fits(types: Mapping[str, Type]) -> bool:
        variables = {n: ModelVariable(n, "parameter", t, "") for n, t in types.items()}
        try:
            check({**given, **variables})
        except NumpyBrainError:
            return False
        return True

    found: dict[str, Unit] = {}
    if not names or not fits(dict.fromkeys(names, OPEN)):
        return found
    kinds = [PLAIN, *(Unit(dimension) for dimension in unit_table.kinds())]
    kinds += [kind / NOISE for kind in kinds[1:]]
    before = -1
    while before < len(found) < len(names):  # what is found out about one may tell about another
        before = len(found)
        for name in [n for n in names if n not in found]:
            tries -= len(kinds)
            if tries < 0:
                return found
            others: dict[str, Type] = {**dict.fromkeys(names, OPEN), **found}
            fitting = [kind for kind in kinds if fits({**others, name: kind})]
            if len(fitting) == 1:
                found[name] = fitting[0]
    return found


def _unit_error(name: str, unit: Unit, value: Any, texts: Iterable[Expr]) -> UnitError:
    """The error for a bare number that needs a unit."""
    places = (n.span for text in texts for n in text.walk() if isinstance(n, Name) and n.id == name)
    usual = unit_hints.example(unit).partition(" ")[2]
    if np.ndim(value):
        got, mend = "bare numbers", f"{name}=[...]*{usual}"
    else:
        text = value.strip() if isinstance(value, str) else f"{float(value):g}"
        got, mend = f"the bare number {text}", f"{name}='{text} {usual}'"
    message = f"'{name}' must be {unit} (got {got})"
    return UnitError(message, next(places, None), help=f"give it its unit, such as {mend}")
