"""Variables of spike sources that are no groups of this package, as synapses and monitors see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from numpybrain.engine.binding import VariableReference
from numpybrain.errors import NetworkError
from numpybrain.group.group import Group
from numpybrain.group.random_streams import Streams
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.contracts import SpikeSource
from numpybrain.kernel.subgroup import whole_of
from numpybrain.kernel.variables import Variable, VariableStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpybrain.kernel.events import EventBuffer


class NoStreams(Streams):
    """Random streams of a source that has none for texts."""

    def __init__(self, name: str) -> None:
        self._name = name

    @property
    def seed(self) -> None:
        """There is none."""
        return

    def __getitem__(self, purpose: str) -> NoReturn:
        message = f"'{self._name}' has no random stream for texts"
        raise NetworkError(message, help="draw in a variable of the synapses")


class ForeignSpace(VariableSpace):
    """Variables of a spike source: those of its store, if it has one, its size and indices.

    Args:
        source: whatever keeps the contract `SpikeSource`. If it has an attribute `variables`, a
            `VariableStore`, texts read these as they read those of neurons.
    """

    def __init__(self, source: SpikeSource) -> None:
        name, size = source.name, source.size
        found = getattr(source, "variables", None)
        store = found if isinstance(found, VariableStore) else VariableStore(name, size)
        super().__init__(name, size, [], store, NoStreams(name))
        self._source = source
        self._special = VariableStore(name, size)

    @property
    def events(self) -> Mapping[str, EventBuffer]:
        """Neurons with an event in a step, by name of the event."""
        return self._source.events

    @property
    def has_spikes(self) -> bool:
        """Whether there may be spikes: that is what it is for."""
        return True

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


def space_of(source: Any) -> VariableSpace:
    """The variables of the whole group that something is, or is a part of."""
    whole = whole_of(source)
    return whole.inspect if isinstance(whole, Group) else ForeignSpace(whole)
