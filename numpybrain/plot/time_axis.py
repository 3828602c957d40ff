"""Time axis of plots: which part of the time is drawn, and in which unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, TimeStepError, suggestion
from numpybrain.language.times import milliseconds

Array = np.ndarray[Any, Any]

IN_MS = {"us": 1e-3, "ms": 1.0, "s": 1000.0, "min": 60_000.0}
PRINTED = {"us": "µs"}
SECONDS_FROM = 10_000.0  # ms; a time axis that ends there or later is in seconds


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Part of the time that is drawn, in ms, and the unit that the axis has."""

    start: float
    stop: float
    unit: str

    @classmethod
    def of(cls, t: Any, unit: str | None, spans: Iterable[tuple[float, float]]) -> TimeAxis:
        """Time axis of recordings that were made from when to when (`spans`, in ms).

        Args:
            t: the part that is drawn, (from, to), each in ms, as a quantity or text, or None.
            unit: "us", "ms", "s" or "min"; by default ms, and s for what lasts 10 s or longer.
            spans: from when to when each was recorded, in ms.

        Raises:
            ArgumentError: if `t` is no pair of times, or there is no such unit.
            TimeStepError: if the part ends before it begins.
        """
        known = list(spans) or [(0.0, 0.0)]
        start, stop = min(a for a, _ in known), max(b for _, b in known)
        if t is not None:
            first, last = _pair(t)
            start, stop = start if first is None else first, stop if last is None else last
            if stop <= start:
                message = f"'t' goes from {start:g} to {stop:g} ms: nothing is between"
                raise TimeStepError(message, help="bare numbers are ms; write t=('1 s', '2 s') for seconds")
        if unit is None:
            unit = "s" if stop >= SECONDS_FROM else "ms"
        if unit not in IN_MS:
            raise ArgumentError(f"there is no unit of time '{unit}' here{suggestion(str(unit), IN_MS)}")
        return cls(start, stop, unit)

    @property
    def duration(self) -> float:
        """How long it is, in ms; never 0."""
        return self.stop - self.start or 1.0

    def scaled(self, times: Any) -> Array:
        """Times in ms, in the unit of the axis."""
        return np.asarray(times, dtype=float) / IN_MS[self.unit]

    def contains(self, times: Array, *, end: bool = False) -> Array:
        """Which times (in ms) are drawn: those in [start, stop), and at the `end`."""
        return (times >= self.start) & ((times <= self.stop) if end else (times < self.stop))

    def label(self, what: str = "time") -> str:
        """Name and unit of the axis."""
        return f"{what} ({PRINTED.get(self.unit, self.unit)})"

    def apply(self, axes: Any, *, labelled: bool = True) -> None:
        """Set limits and label of axes."""
        axes.set_xlim(self.scaled(self.start), self.scaled(self.start + self.duration))
        if labelled:
            axes.set_xlabel(self.label())


def _pair(t: Any) -> list[float | None]:
    try:
        first, last = t
    except (TypeError, ValueError):
        message = f"'t' is the part of the time that is drawn, (from, to) (got {t!r})"
        raise ArgumentError(message, help="such as t=(100, 300), in ms, or t=('1 s', None)") from None
    return [None if x is None else milliseconds(x, "'t'") for x in (first, last)]
