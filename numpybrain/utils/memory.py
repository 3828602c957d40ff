"""Memory: the garbage collector held back where it is in the way, and results kept for equal questions."""

from __future__ import annotations

import functools
import gc
import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from threading import Lock
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np

from numpybrain.errors import too_deep

P = ParamSpec("P")
R = TypeVar("R")

ENTRIES = 128  # results that one function keeps,
LETTERS = 300_000  # and how long the texts that they come from are together
EXPRESSION = 30  # an expression of SymPy counts for so many letters
KEPT = 16 << 20  # bytes: freed blocks up to this size stay with the process
PLAIN = frozenset((str, int, bool, type(None)))


@functools.cache
def keep_freed_blocks() -> None:
    """Let the arrays that a step makes and frees find the same memory again, step after step.

    The C library of Linux gives a freed block back to the system if it is larger than any that has been
    freed before. The next array of that size is made of new pages, which costs more than to calculate it:
    a third of the time of a network with 100,000 plastic synapses. One large block that is freed, and never
    touched, makes it keep those up to that size. Elsewhere this does nothing.
    """
    np.empty(KEPT, dtype=np.uint8)


def uncollected(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function without garbage collection.

    Reading and compiling makes some 100,000 objects. Each pass of the collector would go through all of
    SymPy's and Lark's as well: a quarter of the time of a first model.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if was_on:
                gc.enable()

    return run


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Keep the latest results of a function: what is equal to what has been asked gives the same object.

    Arguments must be texts, numbers, expressions of SymPy, or frozen dataclasses and containers of these.
    For others, such as functions and arrays of users, nothing is kept. Results must not be changed. They
    are made without garbage collection; nesting too deep for Python is a `ModelError`.
    """
    return functools.wraps(function)(Remembered(function))


class Remembered(Generic[P, R]):
    """A function with its latest results.

    Attributes:
        results: what was asked for -> what was given, the latest last.
        length: how long the texts are together from which these come.
    """

    def __init__(self, function: Callable[P, R]) -> None:
        self.make = uncollected(function)
        self.results: OrderedDict[Content, R] = OrderedDict()
        self.length = 0
        self._lock = Lock()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """The result that is known, or a new one."""
        try:
            return self._find(*args, **kwargs)
        except RecursionError:
            raise too_deep() from None

    def _find(self, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            key = Content((args, kwargs))
        except _UnknownKindError:
            return self.make(*args, **kwargs)
        with self._lock:
            if key in self.results:
                self.results.move_to_end(key)
                return self.results[key]
        result = self.make(*args, **kwargs)
        if key.length > LETTERS // 2:
            return result
        with self._lock:
            if key not in self.results:  # another thread may have been faster
                self.results[key] = result
                self.length += key.length
            while len(self.results) > ENTRIES or self.length > LETTERS:
                self.length -= self.results.popitem(last=False)[0].length
        return result


class _UnknownKindError(Exception):
    """A value is of a kind that is not compared by its content."""


class Content:
    """Content of a value: equal for equal values, wherever in a text they stand.

    Attributes:
        parts: types and plain values in order.
        length: how long the text is that the value comes from, roughly.
    """

    __slots__ = ("_hash", "length", "parts")

    def __init__(self, value: Any) -> None:
        parts: list[Any] = []
        self.length = _add(value, parts)
        self.parts = tuple(parts)
        self._hash = hash(self.parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Content) and self._hash == other._hash and self.parts == other.parts

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and other programs, where texts have other hashes, find it anew."""
        return _nothing, ()


def _nothing() -> None:
    """Give None: the content of a value as long as nothing is remembered."""


def _add(value: Any, parts: list[Any]) -> int:
    """Put what a value consists of to other parts; gives how long its text is."""
    found = _single(value)
    if found is not None:
        parts += (type(value), found[0])
        return found[1]
    if isinstance(value, Mapping):
        items: Iterable[Any] = itertools.chain.from_iterable(value.items())
    elif isinstance(value, (tuple, list)):
        items = value
    elif is_dataclass(value):
        items = _compared(value)
    else:
        raise _UnknownKindError
    parts += (type(value), "(")
    length = 1 + sum(_add(item, parts) for item in items)
    parts.append(")")
    return length


def _single(value: Any) -> tuple[Any, int] | None:
    """Give what is hashed of a value in one piece, and the length of its text; None for others."""
    kind = type(value)
    if kind in PLAIN or (kind.__name__ == "Fraction" and kind.__module__ == "fractions"):
        return value, len(value) if kind is str else 1
    if kind is float:
        return value.hex(), 1  # 0.0 is not -0.0 here
    if kind is frozenset:
        return value, sum(_add(item, []) for item in value)
    if hasattr(value, "content"):  # of a kind that remembers it
        if value.content is None:
            object.__setattr__(value, "content", Content(tuple(_compared(value))))
        return value.content, value.content.length
    if hasattr(value, "span"):  # of a syntax tree
        return value, value.span.end - value.span.start
    return (value, EXPRESSION) if hasattr(value, "free_symbols") else None  # of SymPy


def _compared(value: Any) -> Iterator[Any]:
    """The fields that count, of a dataclass."""
    return (getattr(value, field.name) for field in fields(value) if field.compare or field.hash)
