"""The shared variables of synapses as a target of others: spikes that modulate, such as dopamine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpybrain.engine.binding import VariableReference
from numpybrain.group.foreign_source import ForeignSource
from numpybrain.kernel.variables import VariableStore

if TYPE_CHECKING:
    from numpybrain.synapses.placement import Placed


class Modulated:
    """What other synapses see of some synapses: one element that holds their shared variables.

    `hidden` are the other ones, and why: not shared, or stored as of their last event, which is not ours.
    """

    size = 1
    definition = None
    spike_times = None

    def __init__(self, synapses: Placed) -> None:
        self.synapses = synapses
        self.name = synapses.name
        slots = [slot for slot in synapses.slots() if slot.kind not in ("special", "delay")]
        late = set() if synapses.meaning is None else synapses.meaning.event_driven
        self.state = VariableStore(
            synapses.name, 1, {s.name: s for s in slots if s.shared and s.name not in late}
        )
        self.hidden = {s.name: "event-driven" if s.shared else "not shared" for s in slots}
        for name in self.state.slots:
            del self.hidden[name]

    @property
    def environment(self) -> Any:
        """That of the synapses; nothing shields shared variables."""
        return self.synapses.environment

    def look_up(self, name: str) -> VariableReference | None:
        """A shared variable, or None."""
        slot = self.state.slots.get(name)
        return None if slot is None else VariableReference(self.state, slot)

    def can_evaluate(self, name: str) -> bool:
        """Nothing is calculated here."""
        return False

    @property
    def network(self) -> Callable[[], Any] | None:
        """The network of the synapses."""
        found: Callable[[], Any] | None = self.synapses.network
        return found


def member_of(end: Any) -> Any:
    """The object of a network that an end of synapses is, or stands for."""
    if isinstance(end, Modulated):
        return end.synapses
    return end.source if isinstance(end, ForeignSource) else end
