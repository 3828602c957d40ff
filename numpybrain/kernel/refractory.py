"""Refractoriness: which neurons cannot spike now, and have variables that stand still.

A neuron that spikes in step k is refractory until the update of step k + R: it can spike again in that
step. All policies keep the array `free` (the variable `not_refractory`), false for refractory neurons from
the threshold of step k on, and give the indices of the refractory neurons at each update. `until` tells who
is refractory and up to which step or time, and `resume` takes that over in another policy or program.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from numpybrain.kernel.contracts import Operation, RunContext
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.state import Array, Form, State, Values


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
        """Whether a neuron may be refractory."""
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


class EndPerNeuron:
    """Base of policies that keep for each neuron when it is released.

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
        """Whether a neuron may be refractory."""
        return self._count > 0


class PerNeuronPeriod(EndPerNeuron):
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


class WhileCondition:
    """Refractory as long as a condition holds; the condition is evaluated at the start of each update."""

    name = "while"

    def __init__(self, free: Array, holds: Callable[[Array], Any]) -> None:
        self.free = free
        self.holds = holds
        self._held = NO_INDICES

    def until(self) -> tuple[Array, Array]:
        """Refractory neurons; for how long is not known."""
        return self._held, np.zeros(self._held.size)

    def resume(self, held: Array, until: Array) -> None:
        """Take over refractory neurons."""
        self._held = held

    def release(self, step: int) -> Array:
        """Release the neurons for which the condition is false; gives the indices that stay refractory."""
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
        """Whether a neuron may be refractory."""
        return self._held.size > 0


RefractoryPolicy = FixedPeriod | PerNeuronPeriod | WhileCondition


class Refractoriness:
    """Refractoriness of the neurons of a group, by a policy that may change from run to run.

    Args:
        free: what it keeps up: false for refractory neurons (the variable `not_refractory`), shape (n,).
        choose: gives the policy of a run, or None if no neuron is ever refractory in it; as a rule it calls
            `fixed`, `per_neuron` or `while_`, which take over who is refractory.
        parts: gives the operations from which the policy follows.

    Attributes:
        policy: that of the last run; None before the first.
        held: the neurons that stay refractory in this step, from the update on.
    """

    def __init__(
        self,
        free: Array,
        choose: Callable[[Refractoriness, RunContext], RefractoryPolicy | None],
        parts: Callable[[], Iterable[Operation]] = tuple,
    ) -> None:
        self.free = free
        self.policy: Any = None
        self.held: Array = NO_INDICES
        self.parts = parts
        self._choose = choose

    def policy_of(self, run: RunContext) -> RefractoryPolicy | None:
        """The policy of a run."""
        return self._choose(self, run)

    def fixed(self, steps: int) -> RefractoryPolicy:
        """One period for all; at least one step, the rest of the one in which a neuron fired."""
        policy, steps = self.policy, max(1, steps)
        if isinstance(policy, FixedPeriod) and (policy.steps == steps or not policy.any()):
            policy.steps = steps
            return policy
        if policy is None or not policy.any():
            self.policy = made = FixedPeriod(self.free, steps)
            return made
        # the period has changed while some wait for the end of the old one
        return self.per_neuron(lambda spikes: np.full(spikes.shape, steps))

    def per_neuron(self, steps: Callable[[Array], Array]) -> PerNeuronPeriod:
        """A period for each spike, in steps: `steps` gives those of some neurons."""
        if not isinstance(self.policy, PerNeuronPeriod):
            made = PerNeuronPeriod(self.free, steps)
            if isinstance(self.policy, FixedPeriod):
                made.resume(*self.policy.until())
            self.policy = made
        self.policy.steps = steps
        found: PerNeuronPeriod = self.policy
        return found

    def while_(self, holds: Callable[[Array], Any]) -> WhileCondition:
        """Policy of refractoriness as long as a condition holds: `holds` tells it of some neurons."""
        if not isinstance(self.policy, WhileCondition):
            self.policy = WhileCondition(self.free, holds)
        self.policy.holds = holds
        found: WhileCondition = self.policy
        return found

    def any(self) -> bool:
        """Whether a neuron may be refractory."""
        return self.policy is not None and bool(self.policy.any())

    def shield(self, array: Array, index: Array, value: Any, op: str) -> None:
        """Write to a held variable with an operator ("=", "+=" ...), except in refractory neurons."""
        if self.any():
            allowed = self.free.take(index)
            if not allowed.all():
                index = index[allowed]
                if isinstance(value, np.ndarray) and value.size > 1:  # not one for all
                    value = value[allowed]
        _WRITE[op](array, index, value)

    def state(self) -> State:
        """Which neurons are refractory, and until when; the next run tells their periods or condition."""
        until = Form(float, ("held",), others=(Form(int, ("held",)),))
        forms = {"held": Form(int, ("held",), self.free.size), "until": until, "while": Form(bool)}

        def get() -> Values:
            held, until = (NO_INDICES, NO_INDICES) if self.policy is None else self.policy.until()
            waits = isinstance(self.policy, WhileCondition)
            return {"free": self.free, "held": held, "until": until, "while": waits}

        def put(values: Values) -> None:
            self.free[:] = values["free"]
            self.policy = (WhileCondition if values["while"] else PerNeuronPeriod)(self.free, np.zeros_like)
            self.policy.resume(values["held"], values["until"])

        return State({"free": Form(bool, self.free.shape), **forms}, get, put)

    def forget(self) -> None:
        """Release all neurons: time starts anew in another network."""
        self.policy = None
        self.free[:] = True


def _assign(array: Array, index: Array, value: Any) -> None:
    array[index] = value


_WRITE: dict[str, Callable[..., None]] = {
    "=": _assign, "+=": np.add.at, "-=": np.subtract.at, "*=": np.multiply.at,
}  # fmt: skip
