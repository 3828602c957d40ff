"""Time: a step counter and dt. `t` is always `step*dt`, never a running sum."""

from __future__ import annotations

import math
import re
from typing import Any

from numpybrain.errors import ArgumentError, TimeStepError
from numpybrain.kernel import door

_PLAIN_TIME = re.compile(r"\s*([0-9.eE+-]+)\s*\*?\s*(s|second|ms|us|msecond|usecond)\s*")
_IN_MS = {"s": 1000.0, "second": 1000.0, "ms": 1.0, "msecond": 1.0, "us": 1e-3, "usecond": 1e-3}

WHOLE = 1e-4  # a duration within this fraction of a step counts as whole steps
LONGEST = 2**53  # steps that are counted: beyond, numbers of steps are not exact, and times mean nothing
TOLERATED = 0.1  # a time may be changed by so much when it is rounded to steps


class Clock:
    """The time of a network: `step`, `dt` and `t = step*dt`, in milliseconds."""

    __slots__ = ("dt", "step", "t")

    def __init__(self, dt: float) -> None:
        self.dt = dt
        self.step = 0
        self.t = 0.0

    def at(self, step: int) -> None:
        """Go to a step."""
        self.step = step
        self.t = step * self.dt


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
                return number / 1000.0 if factor == 1e-3 else number * factor
    if isinstance(value, bool):
        raise ArgumentError(f"{what} must be a time (got {value!r})")
    if isinstance(value, (int, float)):
        result = float(value)
    else:
        result = door.convert(value, "ms", what)
        try:
            result = float(result)
        except (TypeError, ValueError):
            raise ArgumentError(f"{what} must be one time (got {value!r})") from None
    if not math.isfinite(result):
        raise ArgumentError(f"{what} must be a finite time (got {value!r})")
    return result


def steps_of(duration: float, dt: float) -> int:
    """How many steps a run of `duration` takes: whole steps, rounded up beyond a small tolerance."""
    exact = duration / dt
    nearest = round(exact)
    return nearest if abs(exact - nearest) <= WHOLE else int(-(-exact // 1))


def whole_steps(time: float, dt: float, what: str, *, rounding: bool) -> int:
    """A refractory period (cut) or delay (rounded) in steps.

    Raises:
        TimeStepError: if that would change the time by more than a tenth.
    """
    exact = time / dt
    steps = int(exact + 0.5 + 1e-9) if rounding else int(exact + 1e-3)
    if abs(steps - exact) > TOLERATED * exact + 1e-3:
        best = time / max(1, round(exact))
        message = f"{what} of {time:g} ms is no whole number of steps of {dt:g} ms"
        raise TimeStepError(
            message,
            detail=f"it would become {steps * dt:g} ms",
            help=f"use dt='{best:g} ms', or '{max(1, round(exact)) * dt:g} ms' instead",
        )
    return steps
