"""Synapses as a matrix: products with it, in whatever form is the fastest for its structure."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Self

import numpy as np

from numpybrain.kernel.connectivity import OTHER, Connectivity
from numpybrain.kernel.csr import CSRTable
from numpybrain.kernel.variables import Array

DENSE = 0.25  # of all pairs: from here on, a matrix with all its zeros is faster
LARGEST = 1 << 26  # entries of such a matrix
FEW = 64  # neurons on a side: below, forms for special structures do not pay
LONG = 200  # neurons per layer of synapses: from here on, adding up layer by layer pays
MANY = 1000  # synapses: from here on, a loop in C over all of them pays


class SynapseMatrix:
    """Synapses sorted by the neuron that gets something: rows of a matrix.

    Where SciPy is installed, many synapses are a sparse matrix: one loop that fetches, multiplies and adds
    up, which NumPy does in three. Without it, many short rows are kept in layers instead: the first
    synapses of all neurons, then the second ones of those that have two, and so on, the neurons with most
    synapses first. Both add up the synapses of a neuron one after the other; `reduceat`, which is left for
    long rows, does not, so that last digits may depend on whether SciPy is there.

    Attributes:
        n: neurons that get something, `n_far` those that give.
        far: of every synapse, in rows, the index of the neuron that gives.
        order: the synapses in rows; None if they are in rows as created.
    """

    def __init__(self, rows: CSRTable, n_far: int) -> None:
        self.n, self.n_far = rows.counts.size, n_far
        self.order, self.far = rows.order, rows.far
        self.counts = counts = rows.counts
        self._filled = None if (counts > 0).all() else counts.nonzero()[0]
        first = rows.first
        self._first = first if self._filled is None else first[self._filled]
        self._most_first: Array | None = None
        self._layers: list[tuple[slice, slice]] = []
        self._loop = _loop() if self.size >= MANY and not self.is_dense else None
        if self._loop is None and self.n >= LONG * counts.max(initial=1) and not self.is_dense:
            self._arrange_in_layers(first)

    @classmethod
    def of(cls, ends: Connectivity, side: str) -> Self:
        """The matrix whose rows are the neurons on a side, "pre" or "post"."""
        if ends.is_whole("pre") and ends.is_whole("post"):
            rows = ends.table(side)
        else:  # rows and columns are the neurons of parts
            near, far = (ends.i, ends.j) if side == "pre" else (ends.j, ends.i)
            rows = CSRTable(ends.end(side), near, far)
        return cls(rows, ends.end(OTHER[side]).size)

    def _arrange_in_layers(self, first: Array) -> None:
        most_first = np.argsort(-self.counts, kind="stable")
        rank = np.empty(self.n, dtype=np.intp)
        rank[most_first] = np.arange(self.n)
        layer = np.arange(self.size) - first.repeat(self.counts)
        places = np.lexsort((rank.repeat(self.counts), layer))
        self.far = self.far[places]
        self.order = places if self.order is None else self.order[places]
        sizes = np.bincount(layer)
        ends = zip(sizes.tolist(), np.cumsum(sizes).tolist(), strict=True)
        self._layers = [(slice(0, size), slice(end - size, end)) for size, end in ends]
        self._most_first = most_first

    @property
    def is_dense(self) -> bool:
        """Whether to fill a whole matrix."""
        pairs = self.n * self.n_far
        return pairs <= LARGEST and min(self.n, self.n_far) >= FEW and self.size >= DENSE * pairs

    @property
    def size(self) -> int:
        """The number of synapses."""
        return int(self.far.size)

    def in_rows(self, values: Array) -> Array:
        """Values of all synapses, in rows."""
        return values if self.order is None else values.take(self.order)

    def sums(self, values: Array) -> Array:
        """Sums over the rows, of values in rows."""
        if not values.size:
            return np.zeros(self.n)
        if self._most_first is not None:
            sums, found = np.zeros(self.n), np.empty(self.n)
            for neurons, layer in self._layers:
                part = sums[neurons]
                part += values[layer]
            found[self._most_first] = sums
            return found
        found = np.add.reduceat(values, self._first)
        if self._filled is None:
            return found
        total = np.zeros(self.n)
        total[self._filled] = found
        return total

    @functools.cached_property
    def add_up(self) -> Callable[[Array], Array]:
        """Sums over the synapses of each neuron, of values of all synapses."""
        if self._loop is None:
            return lambda values: self.sums(self.in_rows(values))
        order = np.arange(self.size, dtype=np.intp) if self.order is None else self.order
        return self._product(np.ones(self.size), order, self.size)

    def product(self, weights: Array) -> Callable[[Array], Array]:
        """The product with a matrix of these weights, one or in rows; to change them changes it."""
        if self._loop is not None:
            return self._product(weights, self.far, self.n_far)
        found = np.empty(self.size)

        def multiply(x: Array) -> Array:
            np.asarray(x, dtype=float).take(self.far, out=found, mode="clip")
            np.multiply(found, weights, out=found)
            return self.sums(found)

        return multiply

    def _product(self, weights: Array, columns: Array, n: int) -> Callable[[Array], Array]:
        loop, rows = self._loop, self.n
        assert loop is not None  # asked before
        weights = np.ascontiguousarray(np.broadcast_to(weights, self.size))
        starts = np.concatenate(([0], np.cumsum(self.counts)))

        def multiply(x: Array) -> Array:
            found = np.zeros(rows)
            loop(rows, n, starts, columns, weights, np.ascontiguousarray(x, dtype=float), found)
            return found

        return multiply

    def changing(self, weight: Callable[[], Any]) -> Callable[[Array], Array]:
        """The product with weights that change in a run."""
        values = np.empty(self.size)
        multiply = self.product(values)

        def product(x: Array) -> Array:
            present = weight()
            if self.order is None or np.ndim(present) == 0:
                values[:] = present
            else:
                np.take(present, self.order, out=values, mode="clip")
            return multiply(x)

        return product

    def is_complete(self) -> str | None:
        """Whether every pair is there once: "all", or "others" if not those of one neuron; else None."""
        n, m = self.n, self.n_far
        if min(n, m) < FEW or self.size not in (n * m, n * (n - 1)):
            return None
        table = self.far.reshape(n, -1) if (self.counts == self.counts[0]).all() else None
        if table is None or not (table[:, 1:] > table[:, :-1]).all():
            return None
        if table.shape[1] == m:
            return "all"
        own = m * (m - 1) // 2 - table.sum(axis=1)  # the one that is missing
        return "others" if n == m and (own == np.arange(n)).all() else None


def multiplier(coupling: SynapseMatrix, weight: Any) -> Callable[[Array], Array]:
    """The product of a vector with a matrix of weights that stay: one number, or one per synapse."""
    single = np.ndim(weight) == 0
    complete = coupling.is_complete() if single else None
    n, n_far = coupling.n, coupling.n_far
    if complete == "all":
        return lambda x: np.full(n, weight * x.sum())
    if complete == "others":
        return lambda x: weight * _others(x)
    if coupling.is_dense:
        matrix = np.zeros((n, n_far))
        rows = np.repeat(np.arange(n), coupling.counts)
        values = weight if single else coupling.in_rows(np.asarray(weight, dtype=float))
        np.add.at(matrix, (rows, coupling.far), values)
        return matrix.dot
    return coupling.product(np.array(weight if single else coupling.in_rows(weight), dtype=float))


def _others(x: Array) -> Array:
    """Give for each element the sum of the others."""
    found: Array = x.sum() - x
    largest = int(np.abs(x).argmax())  # in whose difference the others may be lost
    found[largest] = x[:largest].sum() + x[largest + 1 :].sum()
    return found


def _loop() -> Callable[..., None] | None:
    from numpybrain.export import matrices

    return matrices.row_product()
