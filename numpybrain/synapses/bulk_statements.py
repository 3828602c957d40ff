"""Statements that all synapses carry out in every step, as if one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.kernel.connectivity import OTHER
from numpybrain.kernel.contracts import Call, Operation
from numpybrain.kernel.run import RunContext
from numpybrain.synapses.delivery import INDICES, Delivery

if TYPE_CHECKING:
    from numpybrain.synapses.synapses import Synapses

SIDE = "pre"  # as if a spike came to each of them, from its source


class Everywhere:
    """Statements for all synapses.

    Args:
        synapses: whose statements they are.
        which: their name among the statements of the meaning.
        shielded: whether refractory neurons keep the variables that stand still.
    """

    def __init__(self, synapses: Synapses, which: str, *, shielded: bool) -> None:
        self.synapses = synapses
        self.which = which
        self.shielded = shielded
        self._shape: Any = None  # what the program was made for
        self._bound: BoundProgram | None = None

    def _refresh(self) -> None:
        """Make the program, anew if variables have moved."""
        synapses = self.synapses
        shape = (tuple(synapses.sides_of.items()), synapses.singles())
        if shape == self._shape:
            return
        self._shape = shape
        assert synapses.meaning is not None  # there is a text
        program = synapses.meaning.everywhere(self.which, shielded=self.shielded)
        shields = synapses.shields() if self.shielded else None
        environment = synapses.environment_of(synapses.look_up, shields=shields)
        self._bound = BoundProgram(program, environment, dynamic=INDICES, size=OTHER[SIDE])

    def operations(self) -> list[Operation]:
        """What the statements read and write; the program, once there is one, tells it all."""
        found: list[Operation] = [self.synapses.access(self.which)]
        return found if self._bound is None else [*found, self._bound]

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run."""
        synapses = self.synapses
        self._refresh()
        source, target = synapses.neurons()
        delivery = Delivery(
            synapses.rows(SIDE), SIDE, None, self._bound, (), synapses.index_of, one_group=source is target
        )
        act, every = delivery.prepare(context), np.arange(synapses.size)
        return lambda: act(None, every)
