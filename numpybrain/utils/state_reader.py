"""Parts of a checkpoint: plain numbers, texts and arrays under names such as "state/v".

Every object gives its part with `get_state`, and takes it back in two steps: `plan_restore(saved)` reads
and checks everything, changes nothing, and gives the calls that then do the change and cannot fail. So a
network is restored as a whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn

import numpy as np

from numpybrain.errors import CheckpointError

Array = np.ndarray[Any, Any]
Value = Any  # bool, int, float, str, or an array of booleans, whole or floating-point numbers

KINDS = {float: "f", int: "iu", bool: "b"}  # NumPy's letters for what may be saved of a type
WORDS = {float: "numbers", int: "whole numbers", bool: "booleans"}
LONGEST = 2**16  # hexadecimal digits of a seed
SIGNED: tuple[type, ...] = (np.int8, np.int16, np.int32)
UNSIGNED: tuple[type, ...] = (np.uint8, np.uint16, np.uint32)


def under(prefix: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of a part of an object: "v" of "state" becomes "state/v"."""
    return {f"{prefix}/{key}": value for key, value in values.items()}


def compact(array: Array) -> Array:
    """Whole numbers in the smallest type that holds them all; other arrays as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    for kind in UNSIGNED if low >= 0 else SIGNED:
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return array.astype(kind, copy=False)
    return array


class StateReader:
    """Reader of the part of one object in a snapshot: gives its values, checked.

    Attributes:
        owner: the name of the object, for messages.

    Raises:
        CheckpointError: from all methods, if a value is missing or not of the kind that is wanted.
    """

    __slots__ = ("_prefix", "_taken", "_values", "owner")

    def __init__(
        self, owner: str, values: Mapping[str, Value], prefix: str = "", taken: set[str] | None = None
    ) -> None:
        self.owner = owner
        self._values = values
        self._prefix = prefix
        self._taken: set[str] = set() if taken is None else taken

    def part(self, prefix: str) -> StateReader:
        """The values under a prefix, by shorter names."""
        return StateReader(self.owner, self._values, f"{self._prefix}{prefix}/", self._taken)

    def with_values(self, values: Mapping[str, Value]) -> StateReader:
        """The same with further values."""
        more = under(self._prefix.rstrip("/"), values) if self._prefix else values
        return StateReader(self.owner, {**self._values, **more}, self._prefix, self._taken)

    def without(self, keys: Iterable[str]) -> StateReader:
        """The same without some values."""
        gone = {self._prefix + key for key in keys}
        left = {key: value for key, value in self._values.items() if key not in gone}
        return StateReader(self.owner, left, self._prefix, self._taken)

    def __contains__(self, key: str) -> bool:
        return self._prefix + key in self._values

    def __iter__(self) -> Iterator[str]:
        start = len(self._prefix)
        return (key[start:] for key in self._values if key.startswith(self._prefix))

    # ---- values ----

    def value(self, key: str) -> Value:
        """A value of any kind."""
        key = self._prefix + key
        if key not in self._values:
            self._refuse(f"'{key}' is missing")
        self._taken.add(key)
        return self._values[key]

    def array(self, key: str, dtype: type, size: int | tuple[int | None, ...] | None = None) -> Array:
        """An array of floats, ints or bools, perhaps in a smaller type; None is a size that is free."""
        value = self.value(key)
        shape = size if isinstance(size, tuple) else (size,)
        if not isinstance(value, np.ndarray) or value.dtype.kind not in KINDS[dtype]:
            self.refuse(key, f"is no array of {WORDS[dtype]}")
        if value.ndim != len(shape) or any(w not in (None, g) for w, g in zip(shape, value.shape)):  # noqa: B905
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            self.refuse(key, f"has shape {value.shape} where ({wanted}) is expected")
        return value

    def indices(self, key: str, limit: int, size: int | None = None) -> Array:
        """Whole numbers from 0 to limit - 1."""
        array = self.array(key, int, size)
        if array.size and (array.min() < 0 or array.max() >= limit):
            self.refuse(key, f"has an index that is not in 0..{limit - 1}")
        return array

    def number(self, key: str, dtype: type) -> Any:
        """One number of a type; a whole one is fine for a float."""
        value = self.value(key)
        if type(value) is not dtype and (dtype, type(value)) != (float, int):
            self.refuse(key, f"is no single value of type {dtype.__name__}")
        return value

    def whole(self, key: str, limit: int = 2**62) -> int:
        """A whole number from 0 to limit - 1."""
        value: int = self.number(key, int)
        if not 0 <= value < limit:
            self.refuse(key, f"is {value}, not in 0..{limit - 1}")
        return value

    def bits(self, key: str) -> int:
        """A whole number, of up to a quarter of a million bits, that was saved in hexadecimal."""
        text = self.text(key)
        if not 0 < len(text) <= LONGEST or not set(text) <= set("0123456789abcdef"):
            self.refuse(key, "is no hexadecimal number")
        return int(text, 16)

    def text(self, key: str, choices: Iterable[str] | None = None) -> str:
        """A text, one of some choices."""
        value: str = self.number(key, str)
        if choices is not None and value not in choices:
            self.refuse(key, f"is '{value[:40]}', not one of {', '.join(choices)}")
        return value

    # ---- errors ----

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise the error for a value that does not fit."""
        self._refuse(f"'{self._prefix}{key}' {why}")

    def finish(self) -> None:
        """Raise an error if there are values that have not been taken."""
        left = sorted(set(self._values) - self._taken)
        if left:
            self._refuse(f"it has '{left[0]}', which the object in the network does not")

    def _refuse(self, detail: str) -> NoReturn:
        message = f"the snapshot does not fit '{self.owner}'; nothing has been changed"
        advice = "make the object as it was made when the snapshot was taken"
        raise CheckpointError(message, detail=detail, help=advice)
