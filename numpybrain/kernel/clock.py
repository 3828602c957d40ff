"""Time: a step counter and dt. `t` is always `step*dt`, never a running sum.

All times that are given in ms become steps here, by one rule. A constant (a delay or refractory period for
all, the interval of a monitor) must lie on the grid of steps, or the network was made with
`rounding="nearest"`. Arrays, expressions and random values are rounded to the nearest step. What a run
leaves over goes to the next run.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numpybrain.errors import TimeStepError

NEAR = 1e-3  # of a step: a time that is no further from the grid lies on it
HALF = 0.5 + 1e-9  # of a step: from here on a time is rounded up, whatever the noise of its last digits
LONGEST = 2.0**53  # steps; no float counts further
NEVER = 1 << 62  # step


class Clock:
    """The time of a network: `step`, `dt` and `t = step*dt`, in milliseconds.

    Attributes:
        rounding: "nearest" if constants that lie between two steps are rounded; None if they are errors.
        left: by how much the runs so far were longer than the steps they took, in steps; at most `NEAR`,
            above -1.
    """

    __slots__ = ("dt", "left", "rounding", "step", "t")

    def __init__(self, dt: float, rounding: str | None = None) -> None:
        self.dt = dt
        self.rounding = rounding
        self.step = 0
        self.t = 0.0
        self.left = 0.0

    def at(self, step: int) -> None:
        """Go to a step."""
        self.step = step
        self.t = step * self.dt

    def steps(self, time: float, what: str) -> int:
        """A constant time in steps; `what` names it in messages.

        Raises:
            TimeStepError: if it is negative, no finite number, or lies between two steps.
        """
        steps = int(self.nearest(time, what))
        if self.rounding is None and abs(steps - time / self.dt) > NEAR:
            raise self._off_the_grid(time, what)
        return steps

    def nearest(self, times: Any, what: str) -> Any:
        """Times in steps, each rounded to the nearest: of one time a whole number, of an array an array.

        Raises:
            TimeStepError: if one is negative or no finite number, or longer than can be counted.
        """
        check_times(times, what, self.dt * LONGEST)
        return nearest(times, self.dt)

    def run(self, duration: float) -> tuple[int, float]:
        """Give the number of steps of a run, with the remainder of the run before; and its own remainder.

        A step that is needed in part is taken; the next run is shorter by what was too much.
        """
        check_times(duration, "duration of a run", self.dt * LONGEST)
        exact = self.left + duration / self.dt
        steps = max(0, math.ceil(exact - NEAR))
        return steps, exact - steps

    def _off_the_grid(self, time: float, what: str) -> TimeStepError:
        below, dt = math.floor(time / self.dt), self.dt
        finer = f"dt='{time / max(1, round(time / dt)):g} ms'"
        return TimeStepError(
            f"{what} of {time:g} ms is no whole number of steps of {dt:g} ms",
            detail=f"the nearest are {below * dt:g} ms and {(below + 1) * dt:g} ms",
            help=f"write one of these, use {finer}, or round all times: Network(..., rounding='nearest')",
        )


class Steps(NamedTuple):
    """The steps `first`, `first + interval` ... before `last`."""

    first: int
    last: int
    interval: int

    def among(self, step: int, steps: int) -> int:
        """Give the number of them among so many steps from `step` on."""
        low, high = max(step, self.first), min(step + steps, self.last)
        low += (self.first - low) % self.interval
        return len(range(low, high, self.interval))

    def only(self, call: Callable[[], Any], clock: Clock) -> Callable[[], Any]:
        """Give a callable that makes a call in these steps, and does nothing in others."""
        first, last, interval = self
        if self == EVERY_STEP:
            return call

        def act() -> None:
            step = clock.step
            if not (step - first) % interval and first <= step < last:
                call()

        return act


EVERY_STEP = Steps(0, NEVER, 1)


def nearest(times: Any, dt: float) -> Any:
    """Times in steps, rounded to the nearest, of what has been looked at already."""
    return (np.asarray(times, dtype=float) / dt + HALF).astype(np.int64)


def check_times(times: Any, what: str, longest: float = math.inf) -> None:
    """Raise an error unless all times are finite, not negative, and shorter than `longest`."""
    values = np.asarray(times)
    if not values.size or (values.min() >= 0 and values.max() < longest):  # never so for NaN
        return
    wrong = values[~((values >= 0) & (values < longest))].flat[0]
    kind = "negative" if wrong < 0 else "too long" if wrong < math.inf else "no finite time"
    raise TimeStepError(f"the {what} is {kind} (got {wrong:g} ms)", help="times are 0 ms or longer")
