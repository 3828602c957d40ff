"""The shared variables of synapses as a target of others: spikes that modulate, such as dopamine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpybrain.kernel.binding import Reference
from numpybrain.kernel.state import State

if TYPE_CHECKING:
    from numpybrain.kernel.placed import Placed


class Modulated:
    """What other synapses see of some synapses: one element that holds their shared variables."""

    size = 1
    definition = None
    spike_times = None

    def __init__(self, synapses: Placed) -> None:
        self.synapses = synapses
        self.name = synapses.name
        shared = {s.name: s for s in synapses.state.slots.values() if s.shared and s.kind != "special"}
        self.state = State(synapses.name, 1, shared)

    @property
    def environment(self) -> Any:
        """That of the synapses; nothing shields shared variables."""
        return self.synapses.environment

    def look_up(self, name: str) -> Reference | None:
        """A shared variable, or None."""
        slot = self.state.slots.get(name)
        return None if slot is None else Reference(self.state, slot)

    def can_evaluate(self, name: str) -> bool:
        """Nothing is calculated here."""
        return False

    @property
    def network(self) -> Callable[[], Any] | None:
        """The network of the synapses."""
        found: Callable[[], Any] | None = self.synapses.network
        return found
