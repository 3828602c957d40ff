"""What spikes will add to neurons, calculated when they are sent: for synapses with delays of their own.

Where all that an event does is to add what stays the same in a run, nobody has to sort events by their
time of arrival: each is added at once to the row of its step in a `Ring`, and a step adds one row to
the neurons.
"""

from __future__ import annotations

import functools
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.kernel import door
from numpybrain.kernel.binding import Bound, Context, Reference
from numpybrain.kernel.delays import Ring, Waiting
from numpybrain.kernel.delivery import INDICES, OTHER, RELATIVE
from numpybrain.kernel.refractory import NOBODY
from numpybrain.kernel.rows import Rows
from numpybrain.kernel.state import Array, Slot, State
from numpybrain.kernel.subgroup import whole

if TYPE_CHECKING:
    from numpybrain.kernel.spiking import Spiking
    from numpybrain.kernel.synapses import Synapses
    from numpybrain.symbolic.program import Program

SYNAPSE = INDICES.index("synapse")  # the indices before it, and those between it and the place
BETWEEN = len(INDICES) - SYNAPSE - 2
COMING = "_coming_"  # what the names of variables begin with that hold what is under way


class Arrivals:
    """A ring, and the variables of neurons that get what is in it.

    Args:
        synapses: whose it is.
        names: the variables, such as "ge_post".
        side: "pre" or "post": where these neurons are.
        span: longest delay in steps, plus one.
    """

    def __init__(self, synapses: Synapses, names: list[str], side: str, span: int) -> None:
        self.synapses = synapses
        self.names = names
        self.side = side
        group = synapses.source if side == "pre" else synapses.target
        self.ring = Ring(names, span, group.size)
        self._state = State(synapses.name, 0)
        for name in names:
            self._state.add(Slot(COMING + name, "special", "1", varying=True))
        self.make_room(span, 0)

    def look_up(self, name: str) -> Reference | None:
        """Where values live, for programs that add to what is under way."""
        if not name.startswith(COMING):
            return self.synapses.look_up(name)
        return Reference(self._state, self._state.slots[name], "place")

    def make_room(self, span: int, step: int) -> None:
        """Let there be room for delays shorter than `span`, at a step."""
        self.ring.extend(span, step)
        self._state.n = 2 * self.ring.span * self.ring.n
        for name in self.names:
            self._state.slots[COMING + name].value = self.ring.rows[name].reshape(-1)

    def writers(self) -> dict[str, Callable[[Array], Any]]:
        """What adds a row to each variable; refractory neurons keep what they hold."""
        group = self.synapses.source if self.side == "pre" else self.synapses.target
        neurons, start, stop = whole(group)
        found: dict[str, Callable[[Array], Any]] = {}
        for name in self.names:
            reference = self.synapses.look_up(name)
            assert reference is not None  # the program has been bound
            part = reference.slot.array(reference.state.n)[start:stop]
            found[name] = functools.partial(np.add, part, out=part)
            if name in self.synapses.shields():
                found[name] = _shielded(part, neurons.spiking, neurons.spiking.free[start:stop])
        return found


def _shielded(part: Array, spiking: Spiking, free: Array) -> Callable[[Array], Any]:
    """What adds to a variable that refractory neurons hold."""

    def write(values: Array) -> None:
        if spiking.rule is not None and spiking.rule.any():
            np.add(part, values, out=part, where=free)
        else:
            np.add(part, values, out=part)

    return write


class Effects:
    """The effects of a pathway whose synapses have delays of their own.

    Args:
        synapses: whose pathway it is.
        side: "pre" or "post", whose events it carries.
        program: what an event does at a synapse.
        steps: the delay of each synapse.
    """

    def __init__(self, synapses: Synapses, side: str, program: Program, steps: Array) -> None:
        self.rows: Rows = synapses.rows(side)
        self.steps = steps
        self.longest = int(steps.max(initial=0))
        names = [store.name for store in program.stores]
        self.arrivals = Arrivals(synapses, names, OTHER[side], self.longest + 1)
        program = door.redirected(program, {name: COMING + name for name in names})
        environment = synapses.environment_of(self.arrivals.look_up)
        self.bound = Bound(program, environment, dynamic=INDICES, size="place")
        relative = self.rows.far - self.rows.far_start if self.rows.far_start else self.rows.far
        in_rows = steps if self.rows.order is None else steps.take(self.rows.order)
        self._keys = in_rows * self.arrivals.ring.n + relative
        self._sent: deque[tuple[int, Array]] = deque()
        self._adopted: dict[int, list[Array]] = {}  # synapses by step of arrival
        self._far = synapses.index_of(RELATIVE[OTHER[side]])
        self._done = -1  # the last step whose arrivals have been dealt with

    def prepare(self, context: Context, waiting: Waiting) -> Callable[[int, Array], None]:
        """What sends the spikes of a step, and adds to the neurons what is due in it.

        What waits for single synapses is taken over, all of it and in the same order, so that a run in two
        parts gives what one run gives, bit for bit.
        """
        now = context.clock.step
        self._adopted = waiting.take_each(now)
        self.arrivals.make_room(max(self._adopted, default=now) - now + 1, now)
        self.bound.prepare(context)
        call = self.bound.call(context.clock)
        self._adopt(call, now)
        rows, keys, ring, sent, longest = (
            self.rows,
            self._keys,
            self.arrivals.ring,
            self._sent,
            self.longest,
        )
        writers, n = self.arrivals.writers(), ring.n
        plain = self.bound.indices == {"place"}
        nothing, first, between = (NOBODY,) * (len(INDICES) - 1), (NOBODY,) * SYNAPSE, (NOBODY,) * BETWEEN

        def act(step: int, spikes: Array) -> None:
            if spikes.size:
                offset = ring.turn(step) * n
                if plain:
                    place = rows.gather(keys, spikes) + offset
                    if place.size:
                        call(*nothing, place)
                else:
                    positions, _ = rows.events(spikes)
                    place = keys.take(positions) + offset
                    if place.size:
                        call(*first, rows.synapses(positions), *between, place)
                sent.append((step, spikes))
                ring.last = max(ring.last, step + longest)
            self._done = step
            if step <= ring.last:
                ring.deliver(step, writers)
                while sent and sent[0][0] + longest <= step:
                    sent.popleft()

        return act

    def _adopt(self, call: Callable[..., Any], now: int) -> None:
        """Add what has been taken over to the rows of its steps."""
        ring = self.arrivals.ring
        row = ring.turn(now)
        for step, several in self._adopted.items():
            ring.last = max(ring.last, step)
            for synapses in several:
                place = self._far.take(synapses) + (step - now + row) * ring.n
                call(*(NOBODY,) * SYNAPSE, synapses, *(NOBODY,) * BETWEEN, place)

    def release(self, waiting: Waiting) -> None:
        """Hand over what is under way, by synapses."""
        for step, own in self._adopted.items():
            for synapses in own if step > self._done else ():
                waiting.send(step, None, synapses)
        self._adopted.clear()
        for sent_at, spikes in self._sent:
            found = self.rows.synapses(self.rows.events(spikes)[0])
            delays = self.steps.take(found)
            left = sent_at + delays > self._done
            waiting.send_each(sent_at, delays[left], found[left])
        self._sent.clear()


def is_fixed(bound: Bound, side: str, context: Context) -> bool:
    """Whether all that a program does is to add what stays the same in a run to neurons on a side."""
    program = bound.program
    if program.draws or program.rounds or not program.stores or program.functions:
        return False
    targets = {store.name for store in program.stores if store.op in ("+=", "-=")}
    if len(targets) < len(program.stores):
        return False
    for name, reference in bound.references.items():
        slot = reference.slot
        if name in targets:
            if reference.index != side or slot.shared:
                return False
        elif slot.varying or (context.has_python and not slot.constant):  # a stage may assign it
            return False
    return "t" not in program.inputs
