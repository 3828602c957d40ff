"""Timing of the records of a monitor, or of a stage: at which times, and in which steps that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpybrain.errors import TimeStepError
from numpybrain.kernel.clock import NEVER, Clock, Steps
from numpybrain.kernel.contracts import Call, Operation, RunContext, Stage
from numpybrain.kernel.operations import Composite
from numpybrain.language.times import milliseconds


@dataclass(frozen=True, slots=True)
class Timing:
    """Times of an action: from `start` to `stop`, at each `every`; in ms, None if not given.

    `owner` names the monitor or the stage in messages.
    """

    every: float | None
    start: float | None
    stop: float | None
    owner: str

    @classmethod
    def of(cls, every: Any, start: Any, stop: Any, owner: str) -> Timing:
        """Make the timing from what the user gives, with times in ms.

        Raises:
            TimeStepError: if an interval is not positive, or the end does not come after the start.
        """
        names = ("every", "start", "stop")
        values = (every, start, stop)
        every, start, stop = (
            None if value is None else milliseconds(value, f"'{name}' of {owner}")
            for name, value in zip(names, values, strict=True)
        )
        if every is not None and every <= 0:
            raise TimeStepError(f"'every' of {owner} must be positive (got {every:g} ms)")
        if start is not None and start < 0:
            raise TimeStepError(f"'start' of {owner} must not be negative (got {start:g} ms)")
        if stop is not None and stop <= (start or 0.0):
            message = f"'stop' of {owner} is {stop:g} ms, 'start' {start or 0.0:g} ms: nothing is between"
            raise TimeStepError(message)
        return cls(every, start, stop, owner)

    def steps(self, clock: Clock) -> Steps:
        """The steps in which that is.

        Raises:
            TimeStepError: if a time lies between two steps.
        """
        every, start, stop = (
            default if value is None else clock.steps(value, f"'{name}' of {self.owner}")
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

    def apply_to(self, stage: Stage) -> None:
        """Let a stage act at these times only, and say so."""
        if str(self):
            stage.operation = Timed(stage.operation, self)
            stage.description += f" {self}"

    def __str__(self) -> str:
        """Words for the schedule: "every 50 ms from 100 ms until 500 ms"; empty if it is always."""
        bounds = (("every", self.every), ("from", self.start), ("until", self.stop))
        return " ".join(f"{word} {time:g} ms" for word, time in bounds if time is not None)


class Timed(Composite):
    """Operation that is carried out at certain times only."""

    def __init__(self, operation: Operation, timing: Timing) -> None:
        self.operation = operation
        self.timing = timing

    def parts(self) -> tuple[Operation, ...]:
        """The operation itself."""
        return (self.operation,)

    def prepare(self, run: RunContext) -> Call | None:
        """Give a callable for every step, which does something in some of them."""
        call = self.operation.prepare(run)
        return None if call is None else self.timing.steps(run.clock).only(call, run.clock)
