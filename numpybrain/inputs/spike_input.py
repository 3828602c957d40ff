"""Base of inputs: spike sources with variables as attributes, parts, random streams and checkpoints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.state import State
from numpybrain.neurons.parameter_group import ParameterGroup
from numpybrain.neurons.subgroup import Subgroup, part_of

if TYPE_CHECKING:
    from numpybrain.kernel.variables import Array

MOST = 10**12  # neurons of an input
NO_UNITS: Mapping[str, str] = MappingProxyType({})


class SpikeInput(ParameterGroup):
    """Base of spike sources that have no equations: spikes are drawn, or given.

    It is a source of synapses as neurons are: parts (`p[:10]`), monitors of spikes and variables, links,
    `lastspike` in texts of synapses, stages with `at`, checkpoints. It draws from a random stream of the
    kind "inputs", so that it shifts no other object's random numbers.

    Args:
        n: number of neurons.
        name: for messages and the schedule.
        units: name -> unit of the parameters that users see.
        located: whether spikes lie between time steps.
        shared: whether parameters have one value for all neurons.

    Attributes:
        events: who spikes in this step.
    """

    events: dict[str, EventBuffer]

    def __init__(
        self,
        n: int,
        name: str | None,
        units: Mapping[str, str] = NO_UNITS,
        *,
        located: bool = False,
        shared: bool = False,
    ) -> None:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= MOST:
            message = f"the number of neurons is a whole number, at least 1 and at most {MOST:,}"
            advice = f"the number comes first: {type(self).__name__}(100, ...)"
            raise ArgumentError(f"{message} (got {shown(n)})", help=advice)
        super().__init__("inputs", name, int(n), units, shared=shared)
        self._core.events[SPIKES] = EventBuffer(located=located)
        self.events = self._core.events

    # ---- spikes and parts ----

    @property
    def spikes(self) -> Array:
        """The indices of the neurons that fired in the last step."""
        return self.events[SPIKES].indices

    @property
    def spike_times(self) -> Array | None:
        """Times of the spikes in ms, if they lie between time steps."""
        return self.events[SPIKES].times

    def __getitem__(self, item: Any) -> Subgroup:
        return part_of(self, item)

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        times = "grid" if self.spike_times is None else "interpolated"
        return {**super().fingerprint(), "spike_times": times}

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        yield self.events[SPIKES].state(SPIKES, self.size)
