"""Spike sources that are no groups of neurons of this package, as synapses and monitors see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import NameScope, VariableReference
from numpybrain.errors import NetworkError
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import SpikeSource
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.variables import Variable, VariableStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpybrain.kernel.events import EventBuffer


class ForeignSource:
    """What synapses and monitors see of a spike source: its events, and variables if it has a store.

    Args:
        source: whatever keeps the contract `SpikeSource`. If it has an attribute `variables`, a
            `VariableStore`, texts read these as they read those of neurons.
    """

    definition = None

    def __init__(self, source: SpikeSource) -> None:
        self.source = source
        self.attachments: list[Any] = []
        found = getattr(source, "variables", None)
        self.state = found if isinstance(found, VariableStore) else VariableStore(source.name, source.size)
        self.environment = NameScope(self.look_up, self._no_generator, names=self.state.names)
        self._special = VariableStore(source.name, source.size)
        self._alone = RunContext(Clock(0.1))  # before there is a network

    @property
    def name(self) -> str:
        """The name of the source."""
        return self.source.name

    @property
    def size(self) -> int:
        """How many neurons it has."""
        return self.source.size

    @property
    def events(self) -> Mapping[str, EventBuffer]:
        """Who has which event in a step."""
        return self.source.events

    @property
    def spike_times(self) -> Any:
        """When the neurons with spikes have them, if that is between time steps."""
        return self.events["spikes"].times

    @property
    def network(self) -> Callable[[], Any] | None:
        """The network of the source."""
        found: Callable[[], Any] | None = getattr(self.source, "network", None)
        return found

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """A variable of the source, its size or the indices of its neurons; None for other names."""
        slot = self.state.slots.get(name)
        if slot is None and name in ("N", "i"):
            value: Any = self.size if name == "N" else np.arange(self.size)
            made = Variable(name, "special", "1", int, value, shared=name == "N", constant=True)
            slot = self._special.slots.get(name) or self._special.add(made)
        if slot is None:
            return None
        return VariableReference(self.state, slot, None if slot.shared else index)

    def present(self) -> RunContext:
        """The context of time zero: whoever is in a network knows a better one."""
        return self._alone

    def is_stored(self, name: str) -> bool:
        """Whether the array of a variable holds its present values."""
        return name in self.state.slots

    def can_evaluate(self, name: str) -> bool:
        """Nothing is calculated here."""
        return False

    def _no_generator(self) -> np.random.Generator:
        message = f"'{self.name}' has no random stream for texts"
        raise NetworkError(message, help="draw in a variable of the synapses")


def as_group(source: Any) -> Any:
    """A group, or a part of one, as it is; other spike sources as synapses and monitors see them."""
    is_foreign = isinstance(source, SpikeSource) and not hasattr(source, "look_up")
    return ForeignSource(source) if is_foreign else source
