"""Functions of time that give each part of a group values of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ShapeError
from numpybrain.kernel.state import State, under
from numpybrain.kernel.subgroup import Where
from numpybrain.language import language_entry
from numpybrain.utils.python_functions import function_arguments, origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.variables import Array

Piece = tuple[Where, Any]  # some elements, and what they follow, or their values


class PartialCourse:
    """A function of time for a whole group whose parts follow functions of their own.

    It takes all arguments of these; each gets the values of its part of the group, in which `i` counts
    from its first element, and `N` is its size.

    Args:
        n: how many elements there are.
        unit_text: the unit of the parameter, in which bare numbers are.
        what: its name in messages.
        pieces: what parts follow, or their values; later ones cover earlier ones.
    """

    def __init__(self, n: int, unit_text: str, what: str, pieces: tuple[Piece, ...]) -> None:
        self._n, self._unit_text, self._what = n, unit_text, what
        self.pieces = pieces
        self._names = [_names(each) if callable(each) else () for _, each in pieces]
        self._factors = [self._factor(each) for _, each in pieces]
        names = dict.fromkeys(("t", *(name for names in self._names for name in names)))
        kind = inspect.Parameter.KEYWORD_ONLY
        self.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])

    def _factor(self, each: Any) -> Any:
        """Factor of values whose unit is known beforehand; None if they carry their unit."""
        unit = str(getattr(each, "signature", None) or "").partition("->")[2].strip()
        if not unit:
            return None
        return language_entry.factor(unit, self._unit_text, self._what)

    def with_piece(self, where: Where, value: Any) -> PartialCourse:
        """The same, but for some elements, which follow a function of time or have some values."""
        begin = getattr(value, "begin", None)
        piece = where, value if begin is None else begin()
        covered = np.zeros(self._n, dtype=bool)
        covered[where] = True
        seen = tuple(p for p in self.pieces if not covered[p[0]].all())
        return PartialCourse(self._n, self._unit_text, self._what, (*seen, piece))

    def __call__(self, **given: Any) -> Array:
        """The values of all elements, in the unit of the parameter."""
        found = np.zeros(self._n)
        for (where, each), names, factor in zip(self.pieces, self._names, self._factors, strict=True):
            if not callable(each):
                found[where] = each
                continue
            value = each(**{name: self._cut(name, given[name], where) for name in names})
            if factor is not None:
                value = np.asarray(value) * factor
            elif type(value) is not float:
                value = language_entry.convert(value, self._unit_text, self._what)
            try:
                found[where] = value
            except ValueError:
                message = f"{self._what} has {self._count(where)} values in a part"
                detail = f"{origin_of(each)} returned shape {np.shape(value)}"
                raise ShapeError(f"{message}, but {detail}") from None
        return found

    def _count(self, where: Where) -> int:
        return where.size if isinstance(where, np.ndarray) else len(range(*where.indices(self._n)))

    def _cut(self, name: str, value: Any, where: Where) -> Any:
        if name in ("N", "i"):
            n = self._count(where)
            return n if name == "N" else np.arange(n)
        return value[where] if np.shape(value) == (self._n,) else value

    # ---- states of what is random ----

    def declare_state(self) -> Iterator[State]:
        """The states of the pieces that have one."""
        for k, (_, each) in enumerate(self.pieces):
            if hasattr(each, "declare_state"):
                yield from under(f"{k}/", each.declare_state())


def _names(function: Any) -> tuple[str, ...]:
    """The arguments of a function of time, or a time series."""
    if getattr(function, "held_over_dt", False):
        return ("t", "i") if np.ndim(function.values) == 2 else ("t",)
    return tuple(function_arguments(function))
