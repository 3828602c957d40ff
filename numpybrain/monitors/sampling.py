"""In which steps a monitor records, and when that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpybrain.errors import TimeStepError
from numpybrain.kernel.clock import Clock
from numpybrain.language.times import milliseconds

NEVER = 1 << 62  # step


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps `first`, `first + interval` ... before `last`."""

    first: int
    last: int
    interval: int

    def among(self, step: int, steps: int) -> int:
        """How many of them there are among so many steps from `step` on."""
        low, high = max(step, self.first), min(step + steps, self.last)
        low += (self.first - low) % self.interval
        return len(range(low, high, self.interval))


EVERY_STEP = Steps(0, NEVER, 1)


@dataclass(frozen=True, slots=True)
class Sampling:
    """When a monitor records: from `start` to `stop`, at each `every`; in ms, None if nobody says."""

    every: float | None
    start: float | None
    stop: float | None
    owner: str

    @classmethod
    def of(cls, every: Any, start: Any, stop: Any, owner: str) -> Sampling:
        """What the user gives, as times in ms.

        Raises:
            TimeStepError: if an interval is not positive, or the end does not come after the start.
        """
        names = ("every", "start", "stop")
        values = (every, start, stop)
        every, start, stop = (
            None if value is None else milliseconds(value, f"'{name}' of '{owner}'")
            for name, value in zip(names, values, strict=True)
        )
        if every is not None and every <= 0:
            raise TimeStepError(f"'every' of '{owner}' must be positive (got {every:g} ms)")
        if start is not None and start < 0:
            raise TimeStepError(f"'start' of '{owner}' must not be negative (got {start:g} ms)")
        if stop is not None and stop <= (start or 0.0):
            message = f"'{owner}' records nothing: 'stop' is {stop:g} ms, 'start' {start or 0.0:g} ms"
            raise TimeStepError(message)
        return cls(every, start, stop, owner)

    def steps(self, clock: Clock) -> Steps:
        """The steps in which that is.

        Raises:
            TimeStepError: if a time lies between two steps.
        """
        every, start, stop = (
            default if value is None else clock.steps(value, f"'{name}' of '{self.owner}'")
            for name, value, default in (
                ("every", self.every, 1),
                ("start", self.start, 0),
                ("stop", self.stop, NEVER),
            )
        )
        return Steps(start, stop, max(1, every))

    def span(self, since: float, now: float) -> tuple[float, float]:
        """From when to when a monitor has recorded that joined its network at `since`, in ms."""
        start = since if self.start is None else max(since, self.start)
        return start, max(start, now if self.stop is None else min(now, self.stop))

    def given(self) -> dict[str, float]:
        """The bounds that the user has said."""
        bounds = {"start": self.start, "stop": self.stop}
        return {name: value for name, value in bounds.items() if value is not None}
