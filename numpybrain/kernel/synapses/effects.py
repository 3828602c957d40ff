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
from numpybrain.kernel.binding import Bound, Context
from numpybrain.kernel.neurons.subgroup import whole
from numpybrain.kernel.state import Array
from numpybrain.kernel.synapses.delays import Ring, Waiting
from numpybrain.kernel.synapses.delivery import OTHER, RELATIVE
from numpybrain.kernel.synapses.rows import Rows

if TYPE_CHECKING:
    from numpybrain.kernel.neurons.spiking import Spiking
    from numpybrain.kernel.synapses.synapses import Synapses
    from numpybrain.symbolic.program import Program

MOST = 1 << 25  # values that are under way: a larger ring costs more than it saves


class Arrivals:
    """The neurons that get what is in a ring.

    Args:
        synapses: whose neurons they are.
        ring: what is under way.
        side: "pre" or "post": where these neurons are.
    """

    def __init__(self, synapses: Synapses, ring: Ring, side: str) -> None:
        self.synapses = synapses
        self.ring = ring
        self.group: Any = synapses.source if side == "pre" else synapses.target

    def writers(self) -> dict[str, Callable[[Array], Any]]:
        """What adds a row to each variable; refractory neurons keep what they hold."""
        neurons, start, stop = whole(self.group)
        found: dict[str, Callable[[Array], Any]] = {}
        for name in self.ring.rows:
            reference = self.synapses.look_up(name)
            assert reference is not None  # the program has been bound
            part = reference.slot.array(reference.state.n)[start:stop]
            add = functools.partial(np.add, part, out=part)
            if reference.slot.dtype is int:  # what is under way are floats, here whole ones
                add = functools.partial(add, casting="unsafe")
            found[name] = add
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
        group: Any = synapses.target if side == "pre" else synapses.source
        self.ring = Ring([store.name for store in program.stores], self.longest + 1, group.size)
        self._arrivals = Arrivals(synapses, self.ring, OTHER[side])
        relative = self.rows.far - self.rows.far_start if self.rows.far_start else self.rows.far
        in_rows = steps if self.rows.order is None else steps.take(self.rows.order)
        self._keys = in_rows * self.ring.n + relative
        self._far = synapses.index_of(RELATIVE[OTHER[side]])
        self._amounts = {store.name: self._amount(synapses, program, store) for store in program.stores}
        self._sent: deque[tuple[int, Array]] = deque()
        self._adopted: dict[int, list[Array]] = {}  # synapses by step of arrival
        self._done = -1  # the last step whose arrivals have been dealt with

    def _amount(self, synapses: Synapses, program: Program, store: Any) -> Any:
        """What an event adds to a variable: one number, or one for each synapse."""
        context = synapses.present()
        bound = synapses.part("synapse").reader(door.result_of(program, store), "initial")
        bound.prepare(context)
        amount = np.asarray(bound.call(context.clock)(), dtype=float)
        return -amount if store.op == "-=" else amount

    def prepare(self, context: Context, waiting: Waiting) -> Callable[[int, Array], None]:
        """What sends the spikes of a step, and adds to the neurons what is due in it.

        What waits for single synapses is taken over, all of it and in the same order, so that a run in two
        parts gives what one run gives, bit for bit.
        """
        now, ring = context.clock.step, self.ring
        taken = waiting.take_each(now)
        ring.extend(max(taken, default=now) - now + 1, now)
        self._adopt(taken, now)
        rows, sent, longest = self.rows, self._sent, self.longest
        keys = rows.gathering(self._keys)
        n, writers = ring.n, self._arrivals.writers()
        singles = [(ring.flat(name), a) for name, a in self._amounts.items() if not a.ndim]
        several = [
            (ring.flat(name), rows.gathering(a if rows.order is None else a.take(rows.order)))
            for name, a in self._amounts.items() if a.ndim
        ]  # fmt: skip

        def act(step: int, spikes: Array) -> None:
            if spikes.size:
                place = keys(spikes) + ring.turn(step) * n
                if place.size:
                    for flat, amount in singles:
                        np.add.at(flat, place, amount)
                    for flat, amounts in several:
                        np.add.at(flat, place, amounts(spikes))
                sent.append((step, spikes))
                ring.last = max(ring.last, step + longest)
            self._done = step
            if step <= ring.last:
                ring.deliver(step, writers)
                while sent and sent[0][0] + longest <= step:
                    sent.popleft()

        return act

    def _adopt(self, taken: dict[int, list[Array]], now: int) -> None:
        """Add what has been taken over to the rows of its steps."""
        ring = self.ring
        row = ring.turn(now)
        for step, several in taken.items():
            self._adopted.setdefault(step, []).extend(several)
            ring.last = max(ring.last, step)
            for synapses in several:
                place = self._far.take(synapses) + (step - now + row) * ring.n
                for name, amount in self._amounts.items():
                    np.add.at(ring.flat(name), place, amount.take(synapses) if amount.ndim else amount)

    def release(self, waiting: Waiting) -> None:
        """Hand over what is under way, by synapses."""
        for step, own in self._adopted.items():
            for synapses in own if step > self._done else ():
                waiting.send(step, None, synapses)
        self._adopted.clear()
        for sent_at, spikes in self._sent:
            found = self.rows.synapses(self.rows.events(spikes))
            delays = self.steps.take(found)
            left = sent_at + delays > self._done
            waiting.send_each(sent_at, delays[left], found[left])
        self._sent.clear()


def fits(synapses: Synapses, side: str, steps: Array, ahead: int) -> bool:
    """Whether what events on a side will do to the other one has room in a ring.

    `ahead` is in how many steps the last of what is under way by now arrives.
    """
    group = synapses.target if side == "pre" else synapses.source
    longest = max(int(steps.max(initial=0)), ahead)
    return 2 * (longest + 1) * int(group.size) <= MOST


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
        elif context.varies(slot):
            return False
    return "t" not in program.inputs
