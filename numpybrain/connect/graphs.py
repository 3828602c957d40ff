"""Rules of random graphs: small worlds and scale-free networks.

Their edges have no direction: synapses go both ways. Both graphs are defined by a procedure that goes
from edge to edge, each choice depending on those before; so do these functions, with plain Python
integers and sets.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from numpybrain.connect.lattices import both_ways
from numpybrain.connect.rule import (
    ConnectionContext,
    ConnectionRule,
    Pairs,
    a_probability,
    remembered,
    whole_number,
)
from numpybrain.errors import ArgumentError, ShapeError

BATCH = 1 << 16  # random numbers that are drawn in one go


@remembered
def small_world(k: int, p: float) -> ConnectionRule:
    """A ring whose edges are rewired at random; ordered by source, then target.

    Every neuron begins with edges to its `k` nearest, k/2 on each side. In k/2 rounds, first for the
    nearest, neuron after neuron, the edge to the neuron that comes later on the ring is rewired with
    probability `p`: its other end goes to a neuron drawn among all that the first has no edge to. No
    autapses, no multiple synapses, and n*k synapses in all, two for each edge.

    Watts & Strogatz (1998), Collective dynamics of 'small-world' networks, doi:10.1038/30918.

    Args:
        k: edges of a neuron, an even number.
        p: 0 leaves the ring, 1 gives a random graph.

    Raises:
        ShapeError: when it is used, if the groups differ in size or have no more than `k` neurons.
    """
    degree, chance = (
        whole_number(k, "a number of neighbours"),
        a_probability(p, "a probability of rewiring"),
    )
    if degree % 2:
        raise ArgumentError(f"the number of neighbours in a small world is even (got {k})")

    def make(ends: ConnectionContext) -> Pairs:
        n = ends.one_size("a small world")
        if n <= degree:
            raise ShapeError(f"a small world with {degree} neighbours needs more neurons (got {n})")
        start = np.tile(np.arange(n, dtype=np.int64), degree // 2)
        stop = (start + np.repeat(np.arange(1, degree // 2 + 1), n)) % max(n, 1)
        moving = (ends.rng.random(start.size) < chance).nonzero()[0]
        if moving.size and degree < n - 1:
            _rewire(start, stop, moving, n, ends.rng)
        return both_ways(np.column_stack([start, stop]), n)

    return ConnectionRule(f"small_world({degree}, {chance:g})", make)


def _rewire(
    start: np.ndarray, stop: np.ndarray, moving: np.ndarray, n: int, rng: np.random.Generator
) -> None:
    """Give the edges at `moving` other ends, one after the other."""
    there = set((np.minimum(start, stop) * n + np.maximum(start, stop)).tolist())
    degrees = np.bincount(np.concatenate([start, stop]), minlength=n).tolist()
    ends = _integers(n, rng)
    moved = []
    for i, j in zip(start[moving].tolist(), stop[moving].tolist(), strict=True):
        if degrees[i] == n - 1:  # connected to everybody already
            moved.append(j)
            continue
        new = i
        while new == i or (i * n + new if i < new else new * n + i) in there:
            new = next(ends)
        there.remove(i * n + j if i < j else j * n + i)
        there.add(i * n + new if i < new else new * n + i)
        degrees[j] -= 1
        degrees[new] += 1
        moved.append(new)
    stop[moving] = moved


@remembered
def scale_free(m: int) -> ConnectionRule:
    """A graph that grows, the rich getting richer; ordered by source, then target.

    It begins with `m` neurons without edges. One by one the others come, each with `m` edges to
    different neurons that are there: the first to all of them, the next ones with a probability that
    is proportional to the number of edges a neuron has by then. So m*(n - m) edges, two synapses for
    each. Neurons with small indices are the oldest and richest.

    Barabasi & Albert (1999), Emergence of scaling in random networks, doi:10.1126/science.286.5439.509.

    Args:
        m: edges that each new neuron brings.

    Raises:
        ShapeError: when it is used, if the groups differ in size or have no more than `m` neurons.
    """
    edges = whole_number(m, "a number of edges", 1)

    def make(ends: ConnectionContext) -> Pairs:
        n = ends.one_size("a scale-free network")
        if n <= edges:
            raise ShapeError(f"a scale-free network with {edges} edges needs more neurons (got {n})")
        return both_ways(np.column_stack(_grow(n, edges, ends.rng)), n)

    return ConnectionRule(f"scale_free({edges})", make)


def _grow(n: int, m: int, rng: np.random.Generator) -> Pairs:
    """The two ends of all edges."""
    rich = [*range(m), *[m] * m]  # every neuron as often as it has edges
    partners = list(range(m))
    numbers = _floats(rng)
    for new in range(m + 1, n):
        chosen: dict[int, None] = {}  # a set that keeps its order
        size = len(rich)
        while len(chosen) < m:
            chosen[rich[int(next(numbers) * size)]] = None
        partners.extend(chosen)
        rich.extend(chosen)
        rich.extend([new] * m)
    return np.repeat(np.arange(m, n, dtype=np.intp), m), np.array(partners, dtype=np.intp)


def _floats(rng: np.random.Generator) -> Iterator[float]:
    while True:
        yield from rng.random(BATCH).tolist()


def _integers(n: int, rng: np.random.Generator) -> Iterator[int]:
    while True:
        yield from rng.integers(0, n, BATCH).tolist()
