"""Explosions within a step, which a reset would hide."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.kernel.operations import Composite

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.kernel.variables import Array, VariableStore

EXPLODED = 1e100  # a value of a neuron that spikes beyond which the method has lost the solution


class ExplosionCheck(Composite):
    """Reset that first looks whether variables of the neurons that spike have exploded within the step.

    Args:
        reset: its callable gets the neurons that spike.
        variables: those of the group.
        watched: names of the variables that are looked at.

    Attributes:
        exploded: the variable that did first: its name, the neurons and their values; or None.
    """

    def __init__(self, reset: Operation, variables: VariableStore, watched: tuple[str, ...]) -> None:
        self.reset = reset
        self.watched = watched
        self.exploded: tuple[str, Array, Array] | None = None
        self._variables = variables

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self.reset,)

    def prepare(self, run: RunContext) -> Callable[[Array], Any]:
        """The callable of a run: it takes the neurons that spike."""
        act, store = self.reset.prepare(run), self._variables
        assert act is not None  # there are statements
        watched = [(name, store.slots[name].array(store.n)) for name in self.watched]
        if not watched:
            return act

        def look_and_reset(spikes: Array) -> None:
            for name, array in watched:
                found = array.take(spikes)
                if not found.dot(found) < EXPLODED**2 and self.exploded is None:  # so it is for NaN
                    bad = ~(np.abs(found) < EXPLODED)
                    self.exploded = name, spikes[bad], found[bad]
            act(spikes)

        return look_and_reset
