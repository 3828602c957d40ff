"""Refractory periods that end between time steps, for spikes that lie there."""

from __future__ import annotations

from typing import Any

from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.refractory import (
    EndPerNeuron,
    FixedPeriod,
    PerNeuronPeriod,
    RefractoryPolicy,
    WhileCondition,
)
from numpybrain.kernel.variables import Array


class ReleaseTime(EndPerNeuron):
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
