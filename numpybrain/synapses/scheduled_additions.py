"""Additions to neurons by spikes, calculated when they are sent.

Where all that an event does is to add what stays the same in a run, events need not be sorted by their
time of arrival: each is added at once to the row of its step in a `RingBuffer`, and a step adds one row to
the neurons. So it is done for synapses with delays of their own; and for several pathways that add to the
same variables, which share a ring: all spikes of a step are added at once, whatever pathways they take.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.contract import RingDelivery
from numpybrain.group.part_arrays import adder, shielded_adder, span_of
from numpybrain.kernel.connectivity import OTHER, Connectivity
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.csr import CSRTable, Ranges
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.spike_queue import SpikeQueue
from numpybrain.kernel.subgroup import Where, whole_of
from numpybrain.kernel.variables import Array, Variable
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.synapses.ring_buffer import RingBuffer
from numpybrain.synapses.row_values import gathering

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program
    from numpybrain.synapses.synapse_space import SynapseSpace

MOST = 1 << 25  # values that are under way: a larger ring costs more than it saves


class Arrivals:
    """The neurons that get what is in a ring.

    Args:
        space: the variables of the synapses whose neurons they are.
        ring: the additions under way.
        side: "pre" or "post": where these neurons are.
        where: which of these neurons, if not those of the side.
    """

    def __init__(
        self, space: SynapseSpace, ring: RingBuffer, side: str, where: slice | None = None
    ) -> None:
        self._space = space
        self.ring = ring
        self._refractoriness = space.projection.space(side).refractoriness
        self._where: Where = space.connectivity.where(side) if where is None else where

    def targets(self) -> dict[str, tuple[Array, Array | None]] | None:
        """The arrays that get something, and who is free where others get nothing; None if scattered."""
        space, where = self._space, self._where
        if not isinstance(where, slice):
            return None
        refractoriness, shielded = self._refractoriness, space.shields()
        found: dict[str, tuple[Array, Array | None]] = {}
        for name in self.ring.rows:
            reference = space.look_up(name)
            assert reference is not None  # the program has been bound
            array = reference.slot.array(reference.state.n)
            spares = refractoriness is not None and name in shielded
            found[name] = array[where], refractoriness.free[where] if spares else None  # type: ignore[union-attr]
        return found

    def writers(self) -> dict[str, Callable[[Array], Any]]:
        """Give callables that add a row to each variable; refractory neurons keep what they hold."""
        space, where = self._space, self._where
        refractoriness, shielded = self._refractoriness, space.shields()
        found: dict[str, Callable[[Array], Any]] = {}
        for name in self.ring.rows:
            reference = space.look_up(name)
            assert reference is not None  # the program has been bound
            array = reference.slot.array(reference.state.n)
            if refractoriness is None or name not in shielded:
                found[name] = adder(array, where)
            else:
                found[name] = shielded_adder(array, where, refractoriness)
        return found


class PathwayAdditions:
    """Additions to neurons by the events of one pathway.

    Attributes:
        space: the variables of the synapses whose pathway it is.
        side: "pre" or "post", whose events it carries.
        bound, program: what an event does at a synapse.
        slots: the variables that it adds to: storage -> name.
        steps: the delay: one for all, or one for each synapse.
        waiting: keeps what is under way between runs.
        rows: the synapses by the neurons whose events these are.
        event: which events of these neurons.
        target: the whole group whose neurons get something.
        span: the first of these neurons, and the one behind the last.
        effects: what it is a part of in this run.
    """

    def __init__(
        self,
        space: SynapseSpace,
        side: str,
        event: str,
        bound: BoundProgram,
        steps: Any,
        waiting: SpikeQueue,
    ) -> None:
        self.space = space
        self.side = side
        self.bound = bound
        self.program: Program = bound.program
        self.slots = written(bound)
        self.steps = steps
        self.waiting = waiting
        self.rows: CSRTable = space.connectivity.table(side)
        self.event = event
        self.effects: ScheduledAdditions | None = None
        self.target = whole_of(space.connectivity.end(OTHER[side]))
        self.span = span_of(space.connectivity.where(OTHER[side]))

    @property
    def is_even(self) -> bool:
        """Whether all synapses have one delay."""
        return not isinstance(self.steps, np.ndarray)

    @property
    def longest(self) -> int:
        """The longest delay in steps."""
        return self.steps if self.is_even else int(self.steps.max(initial=0))

    def in_rows(self, values: Any) -> Array:
        """Values of synapses, or one for all, in the order of the rows."""
        if np.ndim(values) == 0:
            return np.full(self.rows.far.size, values)
        found: Array = values if self.rows.order is None else values.take(self.rows.order)
        return found

    def amounts(self) -> dict[Variable, Any]:
        """Give the amount that an event adds to each variable: one number, or one for each synapse."""
        slots = {name: slot for slot, name in self.slots.items()}
        return {slots[store.name]: self._amount(store) for store in self.program.stores}

    def _amount(self, store: Any) -> Any:
        context = self.space.present()
        bound = self.space.reader(synapse_model_entry.result_of(self.program, store), "initial")
        amount = np.asarray(bound.prepare(context)(), dtype=float)
        return -amount if store.op == "-=" else amount

    def take(self, now: int) -> list[tuple[int, int, Array]]:
        """Take out what waits: when it arrives, when it was sent (-1 if unknown), the synapses."""
        found = []
        for step, batches in self.waiting.take_all(now).items():
            for spikes, synapses, sent in batches:
                assert spikes is not None or synapses is not None  # a batch has one of both
                of_these = self.reached(spikes) if synapses is None else synapses  # type: ignore[arg-type]
                found.append((step, -1 if sent is None else sent, of_these))
        return found

    def reached(self, spikes: Array) -> Array:
        """The synapses that spikes reach, spike after spike."""
        return self.rows.synapses(self.rows.events(spikes)) if spikes.size else NO_INDICES

    def give_back(self, sent: int, synapses: Array, done: int) -> None:
        """Let wait what was sent in a step and has not arrived by now."""
        delays = np.full(synapses.size, self.steps) if self.is_even else self.steps.take(synapses)
        left = sent + delays > done
        self.waiting.send_each(sent, delays[left], synapses[left], sent)


class ScheduledAdditions:
    """The effects of pathways that add to the same variables of one group.

    Events that are sent in one step are added in the order of the rows that all parts have together: by the
    neurons that have spiked, then by parts. Events that were sent before come first. So is what has waited.

    Attributes:
        parts: the pathways.
    """

    def __init__(self, parts: Sequence[PathwayAdditions]) -> None:
        self.parts = parts = list(parts)
        first = parts[0]
        start, stop = span_of_all(parts)
        self.longest = max(part.longest for part in parts)
        self.ring = RingBuffer(list(first.slots.values()), self.longest + 1, stop - start)
        self._arrivals = Arrivals(first.space, self.ring, OTHER[first.side], slice(start, stop))
        self._sources, self._offsets = _sources(parts)
        n = sum(neurons.size for neurons, _ in self._sources)
        offsets = [self._offsets[id(part.rows.neurons), part.event] for part in parts]
        if len(parts) == 1:
            self.rows: Ranges = first.rows
            self._places = [np.arange(first.rows.far.size, dtype=np.intp)]
        else:
            self.rows, self._places = _joined(list(zip((p.rows for p in parts), offsets, strict=True)), n)  # type: ignore[assignment]
        self._far = self._put([part.rows.far - start for part in parts])
        self._keys = self._put([part.in_rows(part.steps) for part in parts]) * self.ring.n + self._far
        amounts = [part.amounts() for part in parts]
        self._amounts = {name: self._together([a[s] for a in amounts]) for s, name in first.slots.items()}
        self._sent: deque[tuple[int, Array]] = deque()
        self._adopted: list[list[tuple[int, int, Array]]] = [[] for _ in parts]
        self._done = -1  # the last step whose arrivals have been dealt with
        for part in parts:
            part.effects = self

    def _put(self, arrays: Sequence[Array]) -> Array:
        """Arrays in the order of the rows of each part, in the order of the rows of all."""
        if len(arrays) == 1:
            return arrays[0]
        found = np.empty(sum(a.size for a in arrays), dtype=np.result_type(*arrays))
        for place, values in zip(self._places, arrays, strict=True):
            found[place] = values
        return found

    def _together(self, amounts: list[Any]) -> Any:
        """Join the amounts that events add, in the order of the rows; one number if all are the same."""
        if all(not a.ndim and a == amounts[0] for a in amounts):
            return amounts[0]
        return self._put([part.in_rows(a) for part, a in zip(self.parts, amounts, strict=True)])

    def prepare(self, context: RunContext) -> Callable[[], None]:
        """Give a callable that sends the spikes of a step, and adds to the neurons what is due in it.

        What waits is taken over, all of it and in the same order, so that a run in two parts gives what one
        run gives, bit for bit.
        """
        clock, ring = context.clock, self.ring
        self._adopt(clock.step)
        rows, sent, longest = self.rows, self._sent, self.longest
        keys = gathering(rows, self._keys)
        n, writers, spiking = ring.n, self._arrivals.writers(), self._spiking()
        singles = [(ring.flat(name), a) for name, a in self._amounts.items() if not a.ndim]
        several = [(ring.flat(name), gathering(rows, a)) for name, a in self._amounts.items() if a.ndim]

        def act() -> None:
            step, spikes = clock.step, spiking()
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

    def delivery(self) -> RingDelivery | None:
        """What is done in the steps of a run, from `prepare` on, for an engine that can do it."""
        targets = self._arrivals.targets()
        if targets is None:
            return None
        sources = [(n.events[key], self._offsets[id(n), key]) for n, key in self._sources]
        amounts, ring, acts = self._amounts, self.ring, [part.bound for part in self.parts]
        return RingDelivery(
            sources, self.rows, self._keys, amounts, ring, self.longest, targets, acts, self._advanced
        )

    def _advanced(self, step: int, sent: Sequence[tuple[int, Array]]) -> None:
        """Steps have been taken elsewhere, up to this one."""
        self._done = step
        self._sent.extend(sent)
        while self._sent and self._sent[0][0] + self.longest <= step:
            self._sent.popleft()

    def _spiking(self) -> Callable[[], Array]:
        """Give a callable that gives the neurons with an event in this step, by their rows."""
        found = [(n.events[key], self._offsets[id(n), key]) for n, key in self._sources]
        if len(found) == 1:
            events, _ = found[0]
            return lambda: events.indices  # type: ignore[no-any-return]

        def spiking() -> Array:
            several = [
                spikes + offset if offset else spikes
                for events, offset in found
                if (spikes := events.indices).size
            ]
            if len(several) > 1:
                return np.concatenate(several)
            return several[0] if several else NO_INDICES

        return spiking

    def _adopt(self, now: int) -> None:
        """Add what has waited to the rows of its steps."""
        ring = self.ring
        taken = [part.take(now) for part in self.parts]
        several = [(p, *batch) for p, batches in enumerate(taken) for batch in batches]
        if not several:
            return
        last = max(step for _, step, _, _ in several)
        ring.extend(last - now + 1, now)
        ring.last = max(ring.last, last)
        row = ring.turn(now)
        steps = np.concatenate([np.full(synapses.size, step) for _, step, _, synapses in several])
        sent = np.concatenate([np.full(synapses.size, sent) for _, _, sent, synapses in several])
        at = np.concatenate([self._positions(p, synapses) for p, _, _, synapses in several])
        for p, *batch in several:
            self._adopted[p].append(tuple(batch))  # type: ignore[arg-type]
        if len(self.parts) > 1:
            order = np.lexsort((at, sent))
            steps, at = steps[order], at[order]
        place = self._far.take(at) + (steps - now + row) * ring.n
        for name, amount in self._amounts.items():
            np.add.at(ring.flat(name), place, amount.take(at) if amount.ndim else amount)

    def _positions(self, p: int, synapses: Array) -> Array:
        """Find the positions of synapses of a part in the rows."""
        order = self.parts[p].rows.order
        if order is not None:
            place = np.empty_like(order)
            place[order] = np.arange(order.size, dtype=order.dtype)
            synapses = place.take(synapses)
        found: Array = self._places[p].take(synapses)
        return found

    def release(self) -> None:
        """Let all that is under way wait, by synapses."""
        for part, adopted in zip(self.parts, self._adopted, strict=True):
            for step, sent, synapses in adopted:
                if step > self._done:
                    part.waiting.send(step, None, synapses, None if sent < 0 else sent)
            first = self._offsets[id(part.rows.neurons), part.event]
            bounds = first, first + part.rows.neurons.size
            for sent, spikes in self._sent:
                low, high = spikes.searchsorted(bounds)
                part.give_back(sent, part.reached(spikes[low:high] - first), self._done)
            part.effects = None
        self._sent.clear()
        for adopted in self._adopted:
            adopted.clear()


def _joined(several: Sequence[tuple[Ranges, int]], n: int) -> tuple[Ranges, list[Array]]:
    """Rows of `n` neurons that hold, for each neuron, those of several one after the other.

    Args:
        several: rows, and which of the neurons their first one is.
        n: how many neurons there are.

    Gives also where in these rows those of each of the several are.
    """
    counts = np.zeros(n, dtype=np.intp)
    for each, first in several:
        counts[first : first + each.counts.size] += each.counts
    ranges = Ranges(counts)
    starts, places = ranges.first.copy(), []
    for each, first in several:
        own = starts[first : first + each.counts.size]
        place = (own - each.first).repeat(each.counts)
        place += np.arange(place.size, dtype=np.intp)
        places.append(place)
        own += each.counts
    return ranges, places


def _sources(parts: Sequence[PathwayAdditions]) -> tuple[list[tuple[Any, str]], dict[tuple[int, str], int]]:
    """The groups that spike, with their events; and the row of the first neuron of each."""
    found: list[tuple[Any, str]] = []
    offsets: dict[tuple[int, str], int] = {}
    n = 0
    for part in parts:
        key = id(part.rows.neurons), part.event
        if key not in offsets:
            found.append((part.rows.neurons, part.event))
            offsets[key] = n
            n += part.rows.neurons.size
    return found, offsets


def span_of_all(parts: Sequence[PathwayAdditions]) -> tuple[int, int]:
    """The first of the neurons that get something, and the one behind the last."""
    return min(part.span[0] for part in parts), max(part.span[1] for part in parts)


def written(bound: BoundProgram) -> dict[Variable, str]:
    """The variables that a program writes: storage -> name."""
    return {bound.references[store.name].slot: store.name for store in bound.program.stores}


def fits(ends: Connectivity, side: str, steps: Any, ahead: int) -> bool:
    """Whether what events on a side will do to the other one has room in a ring.

    `ahead` is in how many steps the last of what is under way by now arrives.
    """
    start, stop = span_of(ends.where(OTHER[side]))
    longest = max(int(np.max(steps, initial=0)), ahead)
    return 2 * (longest + 1) * (stop - start) <= MOST


def is_fixed(bound: BoundProgram, side: str, context: RunContext) -> bool:
    """Whether all that a program does is to add what stays the same in a run to neurons on a side."""
    program = bound.program
    if program.draws or program.rounds or not program.stores or program.functions:
        return False
    targets = {store.name for store in program.stores if store.op in ("+=", "-=")}
    if len(targets) < len(program.stores) or len(written(bound)) < len(targets):
        return False
    for name, reference in bound.references.items():
        slot = reference.slot
        if name in targets:
            if reference.index != side or slot.shared:
                return False
        elif context.varies(slot):
            return False
    return "t" not in program.inputs
