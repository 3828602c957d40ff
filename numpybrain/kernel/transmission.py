"""Transmission of events along synapses: sent in the step of the event, delivered after a delay."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from numpybrain.kernel.variables import Array

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import Call
    from numpybrain.kernel.csr import CSRTable
    from numpybrain.kernel.events import EventBuffer
    from numpybrain.kernel.spike_queue import SpikeQueue

Deliver = Callable[[Array | None, Array | None], None]  # neurons with an event, or the synapses reached


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
