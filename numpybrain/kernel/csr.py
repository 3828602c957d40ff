"""Synapses by the neuron whose spike they carry (compressed rows, CSR)."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.variables import Array


class Ranges:
    """Begin and end of the row of each neuron, in arrays of values that belong to synapses (CSR).

    Attributes:
        counts, first, last: length, begin and end of each row, shape (n_neurons,).
    """

    def __init__(self, counts: Array) -> None:
        self.counts = counts
        self.last = np.cumsum(counts)
        self.first = self.last - counts
        self._range = np.arange(0, dtype=np.intp)
        each = counts[0] if counts.size and (counts == counts[0]).all() else 0
        self._even = np.arange(each, dtype=np.intp) if each else None  # within a row, if all are as long

    def events(self, spikes: Array) -> Array:
        """Positions in the rows of the synapses that spikes reach, spike after spike."""
        first = self.first.take(spikes)
        if self._even is not None:
            return first if self._even.size == 1 else np.add.outer(first, self._even).reshape(-1)
        counts = self.counts.take(spikes)
        ends = counts.cumsum()
        total = int(ends[-1])
        if self._range.size < total:
            self._range = np.arange(2 * total, dtype=np.intp)
        positions: Array = (first - ends + counts).repeat(counts)
        positions += self._range[:total]
        return positions


class CSRTable(Ranges):
    """Synapses by the neuron whose spike they carry: compressed rows (CSR).

    A part of a group has rows for the whole group; those outside of it are empty, so spikes need no sorting
    out.

    Args:
        neurons: the whole group that spikes.
        near, far: for each synapse the neuron that spikes, and the other one, in their whole groups;
            shape (n_synapses,).

    Attributes:
        far: for each synapse, in rows, the other neuron.
        order: the synapses in rows; None if they are in rows as they were created.
    """

    def __init__(self, neurons: Any, near: Array, far: Array) -> None:
        self.neurons = neurons
        in_order = bool((near[1:] >= near[:-1]).all())
        self.order = None if in_order else np.argsort(near, kind="stable")
        if in_order:  # `bincount` would copy indices, which are for reading only
            counts = np.diff(near.searchsorted(np.arange(neurons.size + 1)))
        else:
            counts = np.bincount(near, minlength=neurons.size)
        super().__init__(counts)
        self.far = far if self.order is None else far[self.order]
        each = 0 if self._even is None else self._even.size
        self._table = self._find_table(each) if each > 1 else None

    def _find_table(self, each: int) -> tuple[Array, Array, Array] | None:
        """Find the table that rows of one length form, as all to all makes; None if they form none.

        Its parts: the neurons that all rows reach, the first synapse of each row, and how far the others
        are behind it. Then nothing has to be looked up in arrays as long as there are synapses, which
        takes longer than the arithmetic.
        """
        far = self.far.reshape(-1, each)
        first, behind = self.first, np.arange(each, dtype=np.intp)
        order = None if self.order is None else self.order.reshape(far.shape)
        if order is not None:
            first, behind = order[:, 0].copy(), order[0] - order[0, 0]
        for k in (slice(-1, None), slice(None)):  # the last row tells nearly always
            if not (far[k] == far[0]).all():
                return None
            if order is not None and not (order[k] == np.add.outer(first[k], behind)).all():
                return None
        return far[0], first, behind

    def reached(self, spikes: Array, *, far: bool, synapses: bool) -> tuple[Array, Array]:
        """The neurons and the synapses that spikes reach, spike after spike; none if not asked for."""
        if self._table is None:
            at = self.events(spikes)
            return self.far.take(at) if far else NO_INDICES, self.synapses(at) if synapses else NO_INDICES
        neurons, first, behind = self._table
        found = NO_INDICES
        if far:
            found = np.tile(neurons, spikes.size)  # a copy: functions of users get it
        return found, np.add.outer(first.take(spikes), behind).reshape(-1) if synapses else NO_INDICES

    def synapses(self, positions: Array) -> Array:
        """The synapses at these positions, in creation order."""
        return positions if self.order is None else self.order.take(positions)
