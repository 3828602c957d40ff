"""Shared variables of synapses as others see them whose spikes modulate these, such as dopamine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpybrain.engine.binding import VariableReference
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.variables import VariableStore

if TYPE_CHECKING:
    from numpybrain.synapses.synapse_space import SynapseSpace


class ModulationTarget:
    """Synapses as the target of others: one element.

    Attributes:
        name, size: of the target.
    """

    size = 1

    def __init__(self, name: str) -> None:
        self.name = name


class ModulatedSpace(VariableSpace):
    """Shared variables of some synapses, which spikes of others change.

    Attributes:
        hidden: the other variables, and why spikes do not reach them: they are not shared, or are stored as
            of their last event, which is not that of others.
    """

    def __init__(self, space: SynapseSpace) -> None:
        slots = [slot for slot in space.slots() if slot.kind not in ("special", "delay")]
        late = set() if space.model is None else space.model.event_driven
        shared = {s.name: s for s in slots if s.shared and s.name not in late}
        super().__init__(space.name, 1, [], VariableStore(space.name, 1, shared), space.streams)
        self.environment = space.environment
        self.hidden = {
            s.name: "event-driven" if s.shared else "not shared" for s in slots if s.name not in shared
        }

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """A shared variable, or None."""
        slot = self.state.slots.get(name)
        return None if slot is None else VariableReference(self.state, slot)
