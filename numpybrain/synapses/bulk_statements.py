"""Statements that all synapses carry out in every step, as if one after the other."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.kernel.connectivity import Connectivity
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.synapses.delivery import Delivery
from numpybrain.utils.remade import Remade

SIDE = "pre"  # as if a spike came to each of them, from its source


class BulkStatements:
    """Statements for all synapses.

    Args:
        connectivity: which neurons are connected.
        bound: the program for one synapse, for the places in which variables live now.
        access: what the statements write, which is known before there is a program.
    """

    def __init__(
        self, connectivity: Connectivity, bound: Remade[BoundProgram], access: Callable[[], Operation]
    ) -> None:
        self._connectivity = connectivity
        self._bound = bound
        self._access = access

    def operations(self) -> list[Operation]:
        """Give the reads and writes of the statements; the program, once there is one, tells them all."""
        found, bound = [self._access()], self._bound.last
        return found if bound is None else [*found, bound]

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run."""
        ends = self._connectivity
        delivery = Delivery(ends, SIDE, None, self._bound(), ())
        act, every = delivery.prepare(context), np.arange(ends.size)
        return lambda: act(None, every)
