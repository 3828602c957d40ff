"""The way from a synapse to the soma of its neuron: what is added to the neuron arrives later.

The values are those that the synapse had when the spike reached it; then they travel.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from numpybrain.engine.binding import VariableReference
from numpybrain.errors import ModelError, TimeStepError
from numpybrain.kernel.contracts import Call, RunContext
from numpybrain.kernel.state import LONG, Form, State, Values
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.synapses.delays import called, steps_of
from numpybrain.synapses.delivery import Places
from numpybrain.synapses.ring_buffer import RingBuffer
from numpybrain.synapses.scheduled_additions import Arrivals

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program
    from numpybrain.synapses.synapse_space import SynapseSpace


MOST = 1 << 30  # values under way, 8 GB
COMING = "_coming_"  # what the names of variables begin with that hold what is under way


class Dendrite:
    """Additions under way to target neurons from the events of a pathway, by time of arrival.

    Attributes:
        program: what an event does at a synapse; it adds to `arrivals` instead of to neurons.
        ring: the additions under way.
    """

    def __init__(self, space: SynapseSpace, program: Program, ring: RingBuffer) -> None:
        self._space = space
        self.program = synapse_model_entry.redirected(program, {name: COMING + name for name in ring.rows})
        self.ring = ring
        self._state = VariableStore(space.name, 0)
        for name in ring.rows:
            self._state.add(Variable(COMING + name, "special", "1"))
        self._make_room(ring.span)

    def look_up(self, name: str) -> VariableReference | None:
        """Give a reference to values, for a program that adds to what is under way."""
        if not name.startswith(COMING):
            return self._space.look_up(name)
        return VariableReference(self._state, self._state.slots[name], "place")

    def _make_room(self, span: int) -> None:
        """Let there be room for delays shorter than `span`."""
        ring = self.ring
        ring.extend(span, self._space.present().clock.step)
        self._state.n = 2 * ring.span * ring.n
        for name in ring.rows:
            self._state.slots[COMING + name].value = ring.flat(name)

    @classmethod
    def of(cls, space: SynapseSpace, program: Program, before: Dendrite | None) -> Dendrite | None:
        """The dendrite for a program, if it adds to neurons; what is under way in the one before goes on.

        Raises:
            ModelError: if the program does more to target neurons than to add to them.
        """
        names = []
        for store in program.stores:
            found = space.look_up(store.name)
            if found is None or found.index != "post":
                continue
            if store.op not in ("+=", "-="):
                message = (
                    f"with a dendritic delay, on_pre only adds to target neurons: not so '{store.name}'"
                )
                raise ModelError(message, help="write  x_post += ...  and do not read x_post")
            names.append(store.name)
        if not names:
            return None
        ring = RingBuffer(names, 1, space.connectivity.target.size) if before is None else before.ring
        return cls(space, program, ring)

    def places(self, context: RunContext) -> Places:
        """Give a callable of the places of events in what is under way."""
        slot, clock = self._space.state.slots["dendritic_delay"], context.clock
        common = slot.uniform_value() is not None and not context.varies(slot)
        what = called(slot, self._space.name)
        steps = steps_of(slot, clock, what, common=common)
        longest = int(np.max(steps, initial=0))
        if 2 * (longest + 1) * self.ring.n > MOST:
            message = f"the {what} is too long (got {longest * clock.dt:g} ms, {longest} steps)"
            advice = f"what is under way is kept for each step and neuron, at most {MOST} values"
            raise TimeStepError(message, help=advice)
        self._make_room(longest + 1)
        ring = self.ring

        def places(synapses: Array, targets: Array) -> Array:
            row = ring.turn(clock.step)
            ring.last = max(ring.last, clock.step + longest)
            own = steps.take(synapses) if np.ndim(steps) else steps
            found: Array = (own + row) * ring.n + targets
            return found

        return places

    def state(self) -> State:
        """State of the additions under way, from the present step on."""
        ring, names = self.ring, {f"dendrite_{name}": name for name in self.ring.rows}
        forms = {"dendrite_left": Form(int, limit=LONG), **dict.fromkeys(names, Form(float, (None,)))}

        def get() -> Values:
            step = self._space.present().clock.step
            row = ring.turn(step)
            flat = {key: ring.rows[x][row : row + ring.span].reshape(-1) for key, x in names.items()}
            return {"dendrite_left": max(ring.last - step + 1, 0), **flat}

        def check(values: Values) -> tuple[str, str] | None:
            least = values["dendrite_left"] * ring.n
            wrong = [key for key in names if values[key].size % ring.n or values[key].size < least]
            return (wrong[0], "has not a row for each step") if wrong else None

        def put(values: Values) -> None:
            step = self._space.present().clock.step
            rows = {name: values[key].reshape(-1, ring.n) for key, name in names.items()}
            self._make_room(max((len(found) for found in rows.values()), default=1))
            row = ring.turn(step)
            for name, found in rows.items():
                ring.rows[name][:] = 0.0
                ring.rows[name][row : row + len(found)] = found
            ring.last = step + values["dendrite_left"] - 1

        return State(forms, get, put, check, in_place=True)

    def prepare(self, context: RunContext) -> Call:
        """Give a callable that adds to the neurons what arrives in a step."""
        ring, clock = self.ring, context.clock
        writers = Arrivals(self._space, ring, "post").writers()

        def arrive() -> None:
            if clock.step <= ring.last:
                ring.deliver(clock.step, writers)

        return arrive
