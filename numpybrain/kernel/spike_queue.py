"""Queue of spikes under way, by arrival step."""

from __future__ import annotations

import itertools

from numpybrain.kernel.variables import Array

# What arrives together: spikes, or None; the synapses that they reach, or None for all of theirs; and the
# step in which it was sent, or None if that does not matter.
Batch = tuple[Array | None, Array | None, int | None]


class SpikeQueue:
    """Batches by the step in which they arrive. Those sent earlier act first; survives from run to run."""

    __slots__ = ("due",)

    def __init__(self) -> None:
        self.due: dict[int, list[Batch]] = {}

    def send(
        self, step: int, spikes: Array | None, synapses: Array | None = None, sent: int | None = None
    ) -> None:
        """Something arrives in a step."""
        batch = (spikes, synapses, sent)
        if step in self.due:
            self.due[step].append(batch)
        else:
            self.due[step] = [batch]

    def send_each(self, step: int, delays: Array, synapses: Array, sent: int | None = None) -> None:
        """Synapses get their spikes after delays of their own, in steps."""
        if not synapses.size:
            return
        order = delays.argsort(kind="stable")
        sorted_delays = delays[order]
        cuts = (sorted_delays[1:] != sorted_delays[:-1]).nonzero()[0] + 1
        synapses = synapses[order]
        for first, last in itertools.pairwise((0, *cuts.tolist(), synapses.size)):
            self.send(step + int(sorted_delays[first]), None, synapses[first:last], sent)

    def take_all(self, first: int) -> dict[int, list[Batch]]:
        """Take out what arrives from a step on, by step, in order."""
        return {step: self.due.pop(step) for step in list(self.due) if step >= first}

    def __bool__(self) -> bool:
        return bool(self.due)
