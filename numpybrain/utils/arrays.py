"""Arrays that users hand over, as plain ones: nothing masked or with a unit is taken for a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, UnitError
from numpybrain.utils.quantities import carries_unit

_NUMBERS = frozenset({bool, int, float, str, np.ndarray, np.float64, np.int64, np.bool_})
SIGNED: tuple[type, ...] = (np.int8, np.int16, np.int32)
UNSIGNED: tuple[type, ...] = (np.uint8, np.uint16, np.uint32)


def plain(value: Any, what: str) -> np.ndarray[Any, Any]:
    """A value as an array of NumPy's own class; `what` names it in messages.

    Raises:
        ArgumentError: if an element is masked.
        UnitError: if it has a unit, where a bare number is wanted.
    """
    check_plain(value, what)
    return np.asarray(value)


def check_plain(value: Any, what: str) -> None:
    """Raise the errors of `plain`."""
    if type(value) is np.ndarray:
        return
    check_unmasked(value, what)
    if carries_unit(value):
        raise UnitError(f"{what} has a unit, where bare numbers are wanted", help="take its numbers alone")


def check_unmasked(value: Any, what: str) -> None:
    """Raise an error if an element is masked: its value is unknown."""
    if _has_masked(value):
        message = f"{what} is masked in part"
        raise ArgumentError(message, help="fill it first: values.filled(0), or take what is not masked")


def returning_plain(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A function that equations call; what it returns must be bare numbers."""

    def call(*arguments: Any) -> Any:
        found = function(*arguments)
        if type(found) not in _NUMBERS:
            check_plain(found, f"what the function '{name}' returned")
        return found

    return call


def filled(value: Any, fill: float) -> Any:
    """An array with a number in the place of all that is masked in it."""
    return value.filled(fill) if _is_maskable(value) else value


def _is_maskable(value: Any) -> bool:
    """Whether a value is a masked array of NumPy, or one of astropy."""
    return isinstance(value, np.ma.MaskedArray) or (hasattr(value, "unmasked") and hasattr(value, "filled"))


def _has_masked(value: Any) -> bool:
    if type(value) in _NUMBERS:
        return False
    if isinstance(value, (list, tuple)):
        return any(_has_masked(each) for each in value)
    return _is_maskable(value) and bool(np.any(value.mask))


def compact(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Whole numbers in the smallest type that holds them all; other arrays as they are."""
    if array.dtype.kind not in "iu" or not array.size:
        return array
    low, high = int(array.min()), int(array.max())
    for kind in UNSIGNED if low >= 0 else SIGNED:
        limits = np.iinfo(kind)
        if limits.min <= low and high <= limits.max:
            return array.astype(kind, copy=False)
    return array
