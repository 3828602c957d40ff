"""Synapses: pairs of neurons, variables of their own, and pathways that carry events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from numpybrain.kernel.clock import Clock
from numpybrain.kernel.connectivity import Connectivity
from numpybrain.kernel.contracts import Call, DeclaringObject, Operation, RunContext, Stage
from numpybrain.kernel.csr import CSRTable
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.operations import Task
from numpybrain.kernel.spike_queue import SpikeQueue
from numpybrain.kernel.state import State, in_place, under
from numpybrain.kernel.variables import Array, VariableStore, variables_of

Deliver = Callable[[Array | None, Array | None], None]  # neurons with an event, or the synapses reached


class Synapses(DeclaringObject):
    """Synapses between two spike sources, or parts of these.

    Args:
        name: for messages and the schedule.
        source, target: spike sources, or parts of these.
        i, j: source and target neuron of each synapse, relative to `source` and `target`.
        variables: name -> what they begin with, one number or an array of shape (n_synapses,).
    """

    def __init__(
        self, name: str, source: Any, target: Any, i: Array, j: Array, variables: Mapping[str, Any]
    ) -> None:
        self.name = name
        self.connectivity = Connectivity(source, target)
        self.connectivity.set(i, j)
        self.variables: VariableStore = variables_of(name, i.size, variables)
        self.stages: list[Stage] = []
        self._queues: list[tuple[str, SpikeQueue]] = []

    def __getitem__(self, name: str) -> Array:
        """The live array of a variable, shape (n_synapses,)."""
        found: Array = self.variables.read(name)
        return found

    def add_pathway(
        self, act: Operation, delay: Any = 0, *, side: str = "pre", event: str = SPIKES, name: str = ""
    ) -> None:
        """Events of the neurons on a side, "pre" or "post", act at their synapses after a delay in steps.

        The callable of `act` gets, for each synapse reached, its source and target neuron in the whole
        groups and its number. The delay is one for all, or an array of shape (n_synapses,).
        """
        queue = SpikeQueue()
        self._queues.append((side, queue))
        pathway = carrying(self.connectivity, side, event, act, delay, queue)
        stage = Stage("synapse", self.name, name or f"on_{side}", pathway, "kernel", int(side == "post"))
        self.stages.append(stage)

    def requires(self) -> Mapping[str, Any]:
        """Source and target."""
        source, target = self.connectivity.groups()
        return {f"the source of '{self.name}'": source, f"the target of '{self.name}'": target}

    def declare_state(self) -> Iterator[State]:
        """The variables, and what is under way."""
        yield in_place({name: slot.value for name, slot in self.variables.slots.items()})
        for k, (side, queue) in enumerate(self._queues):
            n = self.connectivity.table(side).neurons.size
            yield from under(f"pathway {k} ", [queue.state(n, self.connectivity.size)])


def carrying(
    ends: Connectivity, side: str, event: str, act: Operation, delay: Any, queue: SpikeQueue
) -> Task:
    """Operation that sends events on their way along synapses, and acts where they arrive."""

    def prepare(run: RunContext) -> Call:
        table, deliver = ends.table(side), _delivery(ends, side, act, run)
        buffer = table.neurons.events[event]
        if np.ndim(delay) == 0:
            return with_one_delay(run.clock, buffer, queue, int(delay), deliver)
        return with_own_delays(run.clock, buffer, queue, table, delay.take, deliver)

    return Task(prepare, lambda: (act,))


def _delivery(ends: Connectivity, side: str, operation: Operation, run: RunContext) -> Deliver:
    """Give a callable that acts at the synapses of neurons with an event, or at those it reached."""
    act = operation.prepare(run)
    assert act is not None  # there always is something to do
    table, pre, post = ends.table(side), ends.index_of("pre"), ends.index_of("post")

    def deliver(events: Array | None, synapses: Array | None) -> None:
        if synapses is not None:
            act(pre.take(synapses), post.take(synapses), synapses)
        elif events is not None:
            far, reached = table.reached(events, far=True, synapses=True)
            near = events.repeat(table.counts.take(events))
            act(*((near, far) if side == "pre" else (far, near)), reached)

    return deliver


def with_one_delay(
    clock: Clock, buffer: EventBuffer, queue: SpikeQueue, steps: int, deliver: Deliver
) -> Call:
    """Give the callable of each step where all synapses have one delay, in steps."""
    due = queue.due
    if steps == 0 and not queue:

        def act() -> None:
            events = buffer.indices
            if events.size:
                deliver(events, None)

        return act

    def send_and_deliver() -> None:
        step = clock.step
        events = buffer.indices
        if events.size:
            queue.send(step + steps, events, None, step)
        for batch, synapses, _ in due.pop(step, ()):
            deliver(batch, synapses)

    return send_and_deliver


def with_own_delays(
    clock: Clock,
    buffer: EventBuffer,
    queue: SpikeQueue,
    table: CSRTable,
    steps: Callable[[Array], Array],
    deliver: Deliver,
) -> Call:
    """Give the callable of each step where synapses have their own delays: `steps` gives those of some."""
    due = queue.due

    def send_and_deliver() -> None:
        step = clock.step
        events = buffer.indices
        if events.size:
            found = table.synapses(table.events(events))
            queue.send_each(step, steps(found), found, step)
        for batch, synapses, _ in due.pop(step, ()):
            deliver(batch, synapses)

    return send_and_deliver
