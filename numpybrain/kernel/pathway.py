"""From spikes to synapses: whose rows they are, when they arrive, and in which rounds they act."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.kernel.binding import Bound, PythonFunction
from numpybrain.kernel.refractory import NOBODY
from numpybrain.kernel.saved import Saved, Value
from numpybrain.kernel.state import Array
from numpybrain.kernel.subgroup import whole
from numpybrain.stage import Call

if TYPE_CHECKING:
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.kernel.subgroup import Subgroup
    from numpybrain.kernel.synapses import Synapses


FEW = 16  # spikes: up to here joining slices of rows beats index arithmetic


class Rows:
    """Synapses by the neuron whose spike they carry: compressed rows (CSR).

    `near` is the group that spikes, `far` the other one; a part of a group has rows for the whole
    group, those outside of it are empty, so spikes need no sorting out. For each event the rows give
    the indices that a body needs: near and far neurons (absolute), synapses in creation order.
    """

    def __init__(
        self, near_index: Array, far_index: Array, near: Neurons | Subgroup, far: Neurons | Subgroup
    ) -> None:
        self.neurons, start, _ = whole(near)
        far_start = whole(far)[1]
        in_order = bool((near_index[1:] >= near_index[:-1]).all())
        self.order = None if in_order else np.argsort(near_index, kind="stable")
        self.counts = np.zeros(self.neurons.size, dtype=np.intp)
        counts = np.bincount(near_index)
        self.counts[start : start + counts.size] = counts
        self.last = np.cumsum(self.counts)
        self.first = self.last - self.counts
        sorted_far = far_index if self.order is None else far_index[self.order]
        self.far = sorted_far + far_start if far_start else sorted_far
        self._range = np.arange(0, dtype=np.intp)

    def targets(self, spikes: Array) -> Array:
        """The far neurons of all synapses of these spikes, in order."""
        if spikes.size > FEW:
            return self.far.take(self.events(spikes)[0])
        far = self.far
        bounds = zip(self.first.take(spikes).tolist(), self.last.take(spikes).tolist(), strict=False)
        parts = [far[a:b] for a, b in bounds if a != b]  # a slice costs less than index arithmetic
        if len(parts) == 1:
            return parts[0]
        return np.concatenate(parts) if parts else NOBODY

    def events(self, spikes: Array) -> tuple[Array, Array]:
        """Positions in the rows, and how many there are for each spike."""
        counts = self.counts.take(spikes)
        ends = counts.cumsum()
        total = int(ends[-1])
        if self._range.size < total:
            self._range = np.arange(2 * total, dtype=np.intp)
        positions = (self.first.take(spikes) - ends + counts).repeat(counts)
        positions += self._range[:total]
        return positions, counts


class Pathway:
    """What one kind of spike does to the synapses: waiting, then acting.

    Attributes:
        text: the statements or the function, as given.
        delay: steps from spike to action; 0 is the same step.
    """

    def __init__(
        self, synapses: Synapses, which: str, text: Any, piece: Bound | PythonFunction, rows: Rows
    ) -> None:
        self.synapses = synapses
        self.which = which
        self.text = text
        self.piece = piece
        self.rows = rows
        self.delay = 0
        self.waiting: dict[int, Array] = {}  # step of arrival -> spikes; survives from run to run

    def prepare(self) -> Call | None:
        """The callable of a run: queue this step's spikes, deliver those that are due."""
        if not self.synapses.size:
            return None
        context = self.synapses.present()
        clock, waiting, delay = context.clock, self.waiting, self.delay
        deliver = self._deliver()
        values = self.rows.neurons.__dict__
        if delay == 0 and not waiting:

            def act() -> None:
                spikes = values["spikes"]
                if spikes.size:
                    deliver(spikes)

            return act

        def queue() -> None:
            step = clock.step
            spikes = values["spikes"]
            if spikes.size:
                waiting[step + delay] = spikes
            due = waiting.pop(step, None)
            if due is not None:
                deliver(due)

        return queue

    # ---- checkpoints ----

    def capture(self) -> dict[str, Value]:
        """The delay and the spikes under way: steps of arrival, how many for each, and neurons."""
        spikes = [NOBODY, *self.waiting.values()]
        return {
            "delay": self.delay,
            "steps": np.array([*self.waiting], dtype=np.int64),
            "counts": np.array([s.size for s in spikes[1:]], dtype=np.int64),
            "spikes": np.concatenate(spikes),
        }

    def restorer(self, saved: Saved) -> list[Callable[[], Any]]:
        """Take the spikes under way back."""
        delay, steps = saved.whole("delay"), saved.array("steps", int).tolist()
        spikes = saved.indices("spikes", self.rows.neurons.size).astype(np.intp)
        ends = saved.indices("counts", spikes.size + 1, len(steps)).cumsum(dtype=np.int64)
        if ends[-1:].sum() != spikes.size:
            saved.refuse("counts", "are not those of the spikes")
        waiting = dict(zip(steps, np.split(spikes, ends[:-1]), strict=False))

        def restore() -> None:
            self.delay = delay
            self.waiting.clear()
            self.waiting.update(waiting)

        return [restore]

    def _deliver(self) -> Callable[[Array], None]:
        """What to do with spikes that have arrived."""
        piece, rows = self.piece, self.rows
        context = self.synapses.present()
        rounds: frozenset[str] = frozenset()
        if isinstance(piece, Bound):
            piece.prepare(context)
            rounds = piece.program.rounds
            wanted = piece.indices | rounds
        else:
            wanted = {"pre", "post", "synapse"}
        call = piece.call(context.clock) if isinstance(piece, Bound) else piece.acting(context.clock)
        near, far = ("pre", "post") if self.which == "on_pre" else ("post", "pre")
        far_neurons, order = rows.far, rows.order

        def indices(spikes: Array) -> dict[str, Array]:
            positions, counts = rows.events(spikes)
            found = {"pre": NOBODY, "post": NOBODY, "synapse": NOBODY}
            if far in wanted:
                found[far] = far_neurons.take(positions)
            if near in wanted:
                found[near] = spikes.repeat(counts)
            if "synapse" in wanted:
                found["synapse"] = positions if order is None else order.take(positions)
            return found

        if wanted == {far} and not rounds:  # the usual case: far neurons get something
            targets, nobody = rows.targets, NOBODY

            def add(spikes: Array) -> None:
                reached = targets(spikes)
                if reached.size:
                    call(*((nobody, reached) if far == "post" else (reached, nobody)), nobody)

            return add
        if rounds:
            source, target = self.synapses.neurons()
            one_group = source is target
            return lambda spikes: _in_rounds(call, indices(spikes), rounds, one_group=one_group)

        def deliver(spikes: Array) -> None:
            found = indices(spikes)
            if any(index.size for index in found.values()):
                call(found["pre"], found["post"], found["synapse"])

        return deliver


def _in_rounds(
    call: Callable[..., Any], found: dict[str, Array], sides: frozenset[str], *, one_group: bool
) -> None:
    """Act as if synapse by synapse: rounds in which no neuron that is written occurs twice."""
    n = max(a.size for a in found.values())
    turn = np.zeros(n, dtype=np.intp)
    if len(sides) == 1:
        turn = _occurrence(found[next(iter(sides))])
    else:  # both sides are written: the later of both turns, event by event
        last: dict[Any, int] = {}
        for k in range(n):
            keys: list[Any] = [("" if one_group else side, int(found[side][k])) for side in sides]
            turn[k] = 1 + max(last.get(key, -1) for key in keys)
            last.update(dict.fromkeys(keys, int(turn[k])))
    for k in range(int(turn.max(initial=-1)) + 1):
        now = (turn == k).nonzero()[0]
        call(*(a.take(now) if a.size else a for a in found.values()))


def _occurrence(index: Array) -> Array:
    """For each entry, how many equal ones come before it."""
    order = np.argsort(index, kind="stable")
    ordered = index[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    first = np.maximum.accumulate(np.where(new, np.arange(index.size), 0))
    turn = np.empty(index.size, dtype=np.intp)
    turn[order] = np.arange(index.size) - first
    return turn
