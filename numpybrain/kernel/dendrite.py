"""The way from a synapse to the soma of its neuron: what is added to the neuron arrives later.

The values are those that the synapse had when the spike reached it; then they travel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from numpybrain.errors import ModelError
from numpybrain.kernel import door
from numpybrain.kernel.binding import Context
from numpybrain.kernel.delays import steps_of
from numpybrain.kernel.delivery import Places
from numpybrain.kernel.effects import COMING, Arrivals
from numpybrain.kernel.state import Array
from numpybrain.stage import Call

if TYPE_CHECKING:
    from numpybrain.kernel.synapses import Synapses
    from numpybrain.symbolic.program import Program


class Dendrite:
    """What the events of a pathway will add to target neurons, and when.

    Attributes:
        program: what an event does at a synapse; it adds to `arrivals` instead of to neurons.
        arrivals: what is under way.
    """

    def __init__(self, synapses: Synapses, program: Program, arrivals: Arrivals) -> None:
        self.synapses = synapses
        self.program = door.redirected(program, {name: COMING + name for name in arrivals.names})
        self.arrivals = arrivals
        self._steps: int | Array = 0

    @classmethod
    def of(cls, synapses: Synapses, program: Program, before: Dendrite | None) -> Dendrite:
        """The dendrite for a program; what is under way in the one before goes on.

        Raises:
            ModelError: if the program does more to target neurons than to add to them.
        """
        names = []
        for store in program.stores:
            found = synapses.look_up(store.name)
            if found is None or found.index != "post":
                continue
            if store.op not in ("+=", "-="):
                message = (
                    f"with a dendritic delay, on_pre only adds to target neurons: not so '{store.name}'"
                )
                raise ModelError(message, help="write  x_post += ...  and do not read x_post")
            names.append(store.name)
        arrivals = Arrivals(synapses, names, "post", 1) if before is None else before.arrivals
        return cls(synapses, program, arrivals)

    def places(self, context: Context) -> Places:
        """What gives the places of events in what is under way."""
        slot, clock = self.synapses.state.slots["dendritic_delay"], context.clock
        common = slot.single() is not None and not (slot.exposed and context.has_python)
        steps = steps_of(slot, clock.dt, self.synapses.called(slot), common=common)
        longest = int(np.max(steps, initial=0))
        self.arrivals.make_room(longest + 1, clock.step)
        ring = self.arrivals.ring

        def places(synapses: Array, targets: Array) -> Array:
            row = ring.turn(clock.step)
            ring.last = max(ring.last, clock.step + longest)
            own = steps if isinstance(steps, int) else steps.take(synapses)
            found: Array = (own + row) * ring.n + targets
            return found

        return places

    def prepare(self, context: Context) -> Call:
        """What adds to the neurons what arrives in a step."""
        ring, writers, clock = self.arrivals.ring, self.arrivals.writers(), context.clock

        def arrive() -> None:
            if clock.step <= ring.last:
                ring.deliver(clock.step, writers)

        return arrive
