"""Refractoriness: who cannot spike now, and whose held variables stand still.

A neuron that spikes in step k is refractory until the update of step k + R: it can spike again in that
step. All rules keep the array `free` (the variable `not_refractory`), false for refractory neurons from the
threshold of step k on, and give the indices of the refractory neurons at each update. `until` tells who is
refractory and up to which step or time, and `resume` takes that over in another rule or another program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.variables import Array

NO_INDICES = np.empty(0, dtype=np.intp)


class FixedPeriod:
    """The same period for all: a queue of spike indices, the oldest are released first."""

    name = "fixed"

    def __init__(self, free: Array, steps: int) -> None:
        self.free = free
        self.steps = steps
        self._queue = np.empty(2 * free.size + 16, dtype=np.intp)
        self._first = self._last = 0
        self._ends: dict[int, int] = {}  # step of release -> end of its spikes in the queue

    def release(self, step: int) -> Array:
        """Let go whose time is over; gives the indices that stay refractory."""
        if self._first == self._last:
            return NO_INDICES
        end = self._ends.pop(step, None)
        if end is not None:
            self.free[self._queue[self._first : end]] = True
            self._first = end
            if self._first == self._last:
                self._first = self._last = 0
        return self._queue[self._first : self._last]

    def add(self, spikes: Array, step: int) -> None:
        """These neurons spike in this step."""
        if self._last + spikes.size > self._queue.size:  # move what is left to the front
            left = self._last - self._first
            self._queue[:left] = self._queue[self._first : self._last].copy()
            self._ends = {k: end - self._first for k, end in self._ends.items()}
            self._first, self._last = 0, left
        self._queue[self._last : self._last + spikes.size] = spikes
        self._last += spikes.size
        self._ends[step + self.steps] = self._last
        self.free[spikes] = False

    def any(self) -> bool:
        """Whether somebody may be refractory."""
        return self._first != self._last

    def until(self) -> tuple[Array, Array]:
        """Refractory neurons and the steps of their release."""
        held = self._queue[self._first : self._last]
        steps = np.empty(held.size, dtype=np.int64)
        first = 0
        for step, end in self._ends.items():
            steps[first : end - self._first] = step
            first = end - self._first
        return held, steps

    def resume(self, held: Array, until: Array) -> None:
        """Take over refractory neurons, in the order of their release."""
        self._first, self._last = 0, held.size
        self._queue[: held.size] = held
        self._ends = {step: k + 1 for k, step in enumerate(until.tolist())}  # the last one holds


class _Each:
    """Base of rules that keep for each neuron when it is released.

    Args:
        free: false for refractory neurons; shape (n,).
        dtype: of the steps, or times in ms, of their release.
    """

    def __init__(self, free: Array, dtype: type) -> None:
        self.free = free
        self._until: Array = np.zeros(free.size, dtype=dtype)
        self._count = 0

    def until(self) -> tuple[Array, Array]:
        """Refractory neurons, and the steps or times of their release."""
        held = (~self.free).nonzero()[0]
        return held, self._until.take(held)

    def resume(self, held: Array, until: Array) -> None:
        """Take over refractory neurons."""
        self._until[held] = until
        self._count = held.size

    def any(self) -> bool:
        """Whether somebody may be refractory."""
        return self._count > 0


class PerNeuronPeriod(_Each):
    """A period for each neuron, evaluated after the reset of each of its spikes, which may change it."""

    name = "per neuron"

    def __init__(self, free: Array, steps: Callable[[Array], Array]) -> None:
        super().__init__(free, np.int64)
        self.steps = steps
        self._new: list[tuple[Array, int]] = []  # spikes, and their steps, whose period is not known yet

    def settle(self) -> None:
        """Find out the periods of the spikes of this step."""
        new, self._new = self._new, []
        for spikes, step in new:
            self._until[spikes] = step + self.steps(spikes)

    def until(self) -> tuple[Array, Array]:
        """Refractory neurons, and the steps of their release."""
        self.settle()
        return super().until()

    def release(self, step: int) -> Array:
        """Let go whose time is over; gives the indices that stay refractory."""
        self.settle()
        if not self._count:
            return NO_INDICES
        held = (~self.free).nonzero()[0]
        over = self._until[held] <= step
        self.free[held[over]] = True
        held = held[~over]
        self._count = held.size
        return held

    def add(self, spikes: Array, step: int) -> None:
        """These neurons spike in this step."""
        self._new.append((spikes, step))
        self.free[spikes] = False
        self._count += spikes.size


class ReleaseTime(_Each):
    """A time for each neuron, in ms, up to which it is refractory: for spikes between steps."""

    name = "until"

    def __init__(self, free: Array) -> None:
        super().__init__(free, float)

    def release(self, t: float, dt: float) -> tuple[Array, Array, Array]:
        """Let go whose time is over at t.

        Gives those that stay refractory; those of them whose time ends before t + dt; and how long after t.
        """
        if not self._count:
            return NO_INDICES, NO_INDICES, NO_INDICES
        held = (~self.free).nonzero()[0]
        left = self._until.take(held) - t
        over = left <= 0
        if over.any():
            self.let_go(held[over])
            held, left = held[~over], left[~over]
        late = (left < dt).nonzero()[0]
        return held, held.take(late), left.take(late)

    def add(self, spikes: Array, until: Array) -> None:
        """These neurons are refractory until these times."""
        self._until[spikes] = until
        self.free[spikes] = False
        self._count += spikes.size

    def put_off(self, neurons: Array, until: Array) -> None:
        """The time of these refractory neurons ends then."""
        self._until[neurons] = until

    def let_go(self, neurons: Array) -> None:
        """The time of these neurons is over."""
        self.free[neurons] = True
        self._count -= neurons.size


class WhileCondition:
    """Refractory as long as a condition holds; the condition is asked at the start of each update."""

    name = "while"

    def __init__(self, free: Array, holds: Callable[[Array], Any]) -> None:
        self.free = free
        self.holds = holds
        self._held = NO_INDICES

    def until(self) -> tuple[Array, Array]:
        """Refractory neurons; nobody knows how long."""
        return self._held, np.zeros(self._held.size)

    def resume(self, held: Array, until: Array) -> None:
        """Take over refractory neurons."""
        self._held = held

    def release(self, step: int) -> Array:
        """Let go for whom the condition is false; gives the indices that stay refractory."""
        held = self._held
        if held.size:
            stay = np.broadcast_to(self.holds(held), held.shape)
            if not stay.all():
                self.free[held[~stay]] = True
                self._held = held = held[stay]
        return held

    def add(self, spikes: Array, step: int) -> None:
        """These neurons spike in this step."""
        self._held = np.union1d(self._held, spikes) if self._held.size else spikes
        self.free[spikes] = False

    def any(self) -> bool:
        """Whether somebody may be refractory."""
        return self._held.size > 0


RefractoryPolicy = FixedPeriod | PerNeuronPeriod | WhileCondition
POLICIES = (FixedPeriod.name, PerNeuronPeriod.name, ReleaseTime.name, WhileCondition.name)


def fresh_policy(name: str, free: Array, steps: int) -> RefractoryPolicy | ReleaseTime:
    """A rule by its name, before the next run gives it a period or a condition."""

    def later(_neurons: Array) -> Any:
        raise AssertionError

    if name == FixedPeriod.name:
        return FixedPeriod(free, steps)
    if name == ReleaseTime.name:
        return ReleaseTime(free)
    return PerNeuronPeriod(free, later) if name == PerNeuronPeriod.name else WhileCondition(free, later)
