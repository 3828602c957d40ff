"""Values that are made anew when what they follow from has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Remade(Generic[T]):
    """Value that is made when it is asked for, and again if what it follows from is not the same any more.

    Args:
        follows_from: gives what can be compared with that of the last time, a tuple.
        make: makes the value, of what `follows_from` has given.

    Attributes:
        last: the value that was made last; None before the first.
    """

    __slots__ = ("_follows_from", "_key", "_make", "last")

    def __init__(self, follows_from: Callable[[], tuple[Any, ...]], make: Callable[..., T]) -> None:
        self._follows_from = follows_from
        self._make = make
        self._key: Any = None
        self.last: T | None = None

    def __call__(self) -> T:
        """The value that fits the present."""
        key = self._follows_from()
        if self.last is None or key != self._key:
            self.last, self._key = self._make(*key), key
        return self.last
