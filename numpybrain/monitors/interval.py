"""Intervals of time in which something was recorded, and parts of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpybrain.errors import TimeStepError
from numpybrain.kernel.variables import Array
from numpybrain.language.times import milliseconds

NEAR = 1e-7  # ms: times of steps that differ from a bound by less lie on it


@dataclass(frozen=True, slots=True)
class Interval:
    """The time from `start` to `stop` in ms, without its end, of the records of `name`."""

    start: float
    stop: float
    name: str

    def part(self, start: Any, stop: Any) -> Interval:
        """Give the common part of this interval and one that the user gives; None for its own bounds.

        Raises:
            TimeStepError: if that is nothing.
        """
        low = self.start if start is None else milliseconds(start, "the start of the interval")
        high = self.stop if stop is None else milliseconds(stop, "the end of the interval")
        if start is not None and stop is not None and high <= low:
            raise TimeStepError(f"the interval ends before it begins: {low:g} to {high:g} ms")
        found = Interval(max(low, self.start), min(high, self.stop), self.name)
        if found.stop <= found.start:
            message = f"'{self.name}' has no records between {low:g} and {high:g} ms"
            recorded = f"it has recorded from {self.start:g} to {self.stop:g} ms"
            raise TimeStepError(
                message, detail=recorded if self.stop > self.start else "it has not run yet"
            )
        return found

    def contains(self, t: Array) -> Array:
        """Tell which times lie in it."""
        inside: Array = (t >= self.start - NEAR) & (t < self.stop - NEAR)
        return inside
