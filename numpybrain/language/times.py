"""Times that users hand over, in ms. Simple texts need no parser, and bare numbers no units."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.language.language_entry import convert
from numpybrain.utils.quantities import is_quantity

_PLAIN_TIME = re.compile(r"\s*([0-9.eE+-]+)\s*\*?\s*(s|second|ms|us|msecond|usecond)\s*")
_IN_MS = {"s": 1000.0, "second": 1000.0, "ms": 1.0, "msecond": 1.0, "us": 1e-3, "usecond": 1e-3}


def is_plain_time(text: str) -> bool:
    """Whether a text is a time such as "5 ms", which needs no parser."""
    return _PLAIN_TIME.fullmatch(text) is not None


def milliseconds(value: Any, what: str) -> float:
    """A time in ms: a bare number is in ms already. Simple strings need no parser."""
    if isinstance(value, str):
        match = _PLAIN_TIME.fullmatch(value)
        if match is not None:
            try:
                number = float(match[1])
            except ValueError:
                number = None
            if number is not None:
                factor = _IN_MS[match[2]]
                time = number / 1000.0 if factor == 1e-3 else number * factor
                if math.isfinite(time):
                    return time
    if isinstance(value, (bool, np.bool_)):
        raise ArgumentError(f"{what} must be a time (got {shown(value)})")
    result = value if type(value) in (int, float) else convert(value, "ms", what)
    try:
        result = float(result)
    except OverflowError:
        raise ArgumentError(f"{what} is out of range", help="give a time such as '5 ms'") from None
    except (TypeError, ValueError):
        raise ArgumentError(f"{what} must be one time (got {shown(value)})") from None
    if is_quantity(value):  # calculated in seconds, perhaps: 0.3*ms is 0.3, whatever the unit
        result = float(f"{result:.15g}")
    if not math.isfinite(result):
        raise ArgumentError(f"{what} must be a finite time (got {shown(value)})")
    return result
