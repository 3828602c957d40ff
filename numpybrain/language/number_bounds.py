"""Bounds of numbers in a user's text: exact arithmetic goes on only while it is short.

Powers of powers would make numbers of a billion digits out of a line of text. Beyond `MAX_BITS` a number
is replaced by the nearest float, so a result has at least the accuracy of one.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any, ParamSpec, TypeVar

from numpybrain.errors import too_deep

P = ParamSpec("P")
R = TypeVar("R")

MAX_BITS = 4096  # of numerator and denominator together; 1e-308 has 1025
LARGEST = Fraction(sys.float_info.max)

RANGE = "floats reach from 1e-308 to 1e308"


def bits(value: Fraction | int) -> int:
    """Give the length of an exact number in bits."""
    return int(value.numerator).bit_length() + int(value.denominator).bit_length()


def kept(value: Any) -> Any:
    """A number, or the nearest float (as an exact number) if it is too long to calculate with.

    Raises:
        OverflowError: if it is larger than any float.
    """
    if not isinstance(value, (Fraction, int)) or isinstance(value, bool):
        return value
    if bits(value) <= MAX_BITS:
        if not -LARGEST <= value <= LARGEST:
            raise OverflowError
        return value
    return Fraction(float(value))


def power(base: Fraction | float, exponent: Fraction) -> Fraction | float | complex:
    """`base**exponent`, exact where that is short.

    Raises:
        OverflowError, ZeroDivisionError: if it is no float.
    """
    is_exact = not isinstance(base, float) and exponent.denominator == 1
    if is_exact and bits(Fraction(base)) * abs(exponent) <= MAX_BITS:
        found: Fraction = kept(Fraction(base) ** int(exponent))
        return found
    result: float | complex = float(base) ** float(exponent)
    return result


def unnested(function: Callable[P, R]) -> Callable[P, R]:
    """Run a function that walks through what a user wrote; nesting too deep for Python is an error of ours.

    What is bounded by itself may still be too deep where the caller has used up most of Python's stack.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except RecursionError:
            raise too_deep() from None

    return run
