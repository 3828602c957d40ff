"""Delayed values: what the sums of synapses read of neurons on the far side, as they were steps ago.

A sum in step k sees the values at the beginning of step k - d, where d is the delay in steps: as a spike of
step k - d arrives in step k. Before the first step, the first value holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import VariableReference
from numpybrain.errors import ModelError
from numpybrain.group.part_arrays import reader
from numpybrain.group.value_history import ValueHistory, state_of
from numpybrain.kernel.connectivity import OTHER
from numpybrain.kernel.state import Form, State
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.synapses.delays import called, steps_of

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import RunContext
    from numpybrain.synapses.synapse_space import SynapseSpace


class DelayedValues:
    """Values of the neurons on the far side as a sum sees them, after a delay.

    Args:
        space: the variables of the synapses.
        name: of the summed variable, such as "x_post", which reads delayed values of the source.

    Attributes:
        side: the far side, "pre" or "post".
    """

    def __init__(self, space: SynapseSpace, name: str) -> None:
        self._space = space
        self._ends = space.connectivity
        self._name = name
        self.side = OTHER[name.rpartition("_")[2]]
        self._slots: dict[str, Variable] = {}
        self._store = VariableStore(space.name, 0)
        self.histories: dict[str, ValueHistory] = {}

    @property
    def _delay(self) -> Variable:
        slots = self._space.state.slots
        return slots.get(f"delay_{self._name}") or slots["delay"]

    @property
    def _far(self) -> Any:
        """The neurons whose values are read."""
        return self._ends.source if self.side == "pre" else self._ends.target

    def _index(self) -> Array:
        """The far neuron of each synapse."""
        return self._ends.i if self.side == "pre" else self._ends.j

    def differs(self) -> bool | None:
        """Whether each synapse may have a delay of its own; None if there is none that concerns sums."""
        slot = self._delay
        if slot.name == "delay" and not self._space.delays_sums:
            return None
        if slot.uniform_value() is None or (slot.is_array and slot.aliased):
            return True
        return False if slot.uniform_value() else None

    def begin(self) -> None:
        """What is delayed is going to be looked up anew."""
        self._slots.clear()

    def knows(self, name: str) -> bool:
        """Whether the values of a name are delayed.

        Raises:
            ModelError: if it should be, but has one value for the whole group.
        """
        if self.differs() is None or not name.endswith(f"_{self.side}"):
            return False
        found = self._space.look_up(name)
        if found is None or found.slot.constant:
            return False
        if found.index != self.side:
            if found.slot.kind in ("parameter", "special"):
                return False
            message = f"'{name}' is shared: sums with a delay read variables with a value per neuron"
            raise ModelError(message, help="leave out (shared), or the delay")
        return True

    def look_up(self, place: str, name: str) -> VariableReference | None:
        """Give a reference to delayed values, seen from a place; None if the name is not delayed."""
        if not self.knows(name):
            return None
        found = self._space.look_up(name)
        assert found is not None  # it is known
        if name not in self._slots:
            n = self._ends.size if self.differs() else self._far.size
            self._store = VariableStore(self._space.name, n)
            slot = Variable(name, "special", found.slot.unit_text, found.slot.dtype)
            slot.array(n)
            self._slots[name] = slot
        slot = self._slots[name]
        if place == "synapse" and not self.differs():
            return VariableReference(self._store, slot, None, self._index)
        return VariableReference(self._store, slot)

    def prepare(self, run: RunContext) -> Callable[[], None] | None:
        """Give a callable that records the present values and brings the delayed ones; None if none are."""
        differs = self.differs()
        if differs is None:
            self.histories.clear()
            return None
        clock, what = run.clock, called(self._delay, self._space.name)
        i, changing = self._index(), run.varies(self._delay)
        parts = [(name, slot.value, self._source(name)) for name, slot in self._slots.items()]
        steps: Any = steps_of(self._delay, clock, what, common=not differs)
        longest = int(np.max(steps, initial=0))
        histories = self.histories
        for name in histories.keys() - self._slots.keys():
            del histories[name]

        def act() -> None:
            nonlocal steps, longest
            if changing:
                steps = steps_of(self._delay, clock, what, common=not differs)
                longest = int(np.max(steps, initial=0))
            now = clock.step
            for name, delayed, source in parts:
                values = source()
                history = histories.get(name)
                if history is None:
                    history = histories[name] = ValueHistory(values, now)
                history.record(now, values, longest)
                rows = history.rows
                delayed[:] = (
                    rows[(now - steps) % len(rows), i] if differs else rows[(now - steps) % len(rows)]
                )

        return act

    def _source(self, name: str) -> Callable[[], Array]:
        """Give a callable of the present values, one for each neuron of the far side."""
        found = self._space.look_up(name)
        assert found is not None  # it is in use
        where = self._ends.where(self.side)
        if found.slot.kind == "linked":
            link = found.state.linked(found.slot)
            n = self._far.size
            return lambda: np.resize(link.values(), n) if link.slot.shared else link.values()[where]
        return reader(found.slot.array(found.state.n), where)

    # ---- checkpoints ----

    def declare_state(self) -> Iterable[State]:
        """The values of the last steps, oldest first."""
        return [state_of(self.histories, self._form)]

    def _form(self, name: str) -> Form | str:
        found = self._space.look_up(name)
        if found is None:
            return "is of a variable that is not there"
        return Form(found.slot.dtype, (None, self._far.size))
