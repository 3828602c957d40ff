"""Queue of spikes under way, by arrival step."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.state import Array, Form, State, Values

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

    # Of each batch the step of arrival and of sending (-1 if that does not matter), and the arrays; these
    # with their sizes, one more than there are, since no array is something else than an empty one.

    def state(self, neurons: int, synapses: int) -> State:
        """State of the queue, whose spikes are those of so many neurons, to so many synapses."""
        batch = Form(int, ("batches",))
        forms = {"steps": batch, "sent": Form(int, ("batches",), optional=True)}  # which old files lack
        limits = {"spikes": neurons, "synapses": synapses}
        for what, limit in limits.items():
            forms |= {f"{what}_sizes": batch, what: Form(int, (None,), limit)}

        def check(values: Values) -> tuple[str, str] | None:
            for what in limits:
                if np.maximum(values[f"{what}_sizes"].astype(int) - 1, 0).sum() != values[what].size:
                    return what, "are not as many as it says"
            return None

        return State(forms, self._get, self._put, check)

    def _get(self) -> Values:
        batches = [(step, *batch) for step, several in self.due.items() for batch in several]
        found = {
            "steps": np.array([step for step, *_ in batches], dtype=np.int64),
            "sent": np.array([-1 if sent is None else sent for *_, sent in batches], dtype=np.int64),
        }
        for what, k in (("spikes", 1), ("synapses", 2)):
            arrays: list[Any] = [batch[k] for batch in batches]
            sizes = [0 if array is None else array.size + 1 for array in arrays]
            found[f"{what}_sizes"] = np.array(sizes, dtype=np.int64)
            found[what] = np.concatenate([NO_INDICES, *(array for array in arrays if array is not None)])
        return found

    def _put(self, state: Values) -> None:
        parts = []
        for what in ("spikes", "synapses"):
            sizes = state[f"{what}_sizes"]
            ends = np.maximum(sizes - 1, 0).cumsum()
            pieces = np.split(state[what], ends[:-1]) if sizes.size else []
            parts.append([p if size else None for p, size in zip(pieces, sizes.tolist(), strict=True)])
        steps = state["steps"].tolist()
        sent = [-1] * len(steps) if state["sent"] is None else state["sent"].tolist()
        self.due.clear()
        for step, spikes, synapses, when in zip(steps, *parts, sent, strict=True):
            self.send(step, spikes, synapses, None if when < 0 else when)
