"""The pairs for which a condition holds, all of them or at random, if possible without a look at all pairs.

A condition is split where it says `and`. Parts that depend on few different values of the source neurons
("k_pre == k_post" with a few layers k) are tested once for each of these values: neurons with equal values
have equal rows. What is left is tested pair by pair, before or after pairs are drawn: that makes no
difference to what is drawn, since each pair is drawn independently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from numpybrain.connect.rule import ConnectionContext, Pairs
from numpybrain.kernel.variables import Array
from numpybrain.utils.sampling import all_pairs, blocks, counts_between, split, successes

ALIKE = 4  # so many source neurons must share a row, on average, or rows are not looked for
MOST = 1 << 23  # pairs that rows which are looked up may hold
SELDOM = 0.1  # below this probability pairs are drawn first and tested then


Test = Callable[[Array, Array], Any]  # of source and target indices that broadcast; gives booleans


class Part:
    """A part of a condition.

    Attributes:
        test: the part itself.
        reads: values of source neurons that it depends on, arrays of shape (n_source,); None if it may
            be another for each of them.
        pure: whether nothing but the pair decides: no random numbers, and no function of the user.
    """

    __slots__ = ("pure", "reads", "test")

    def __init__(self, test: Test, reads: list[Array] | None, *, pure: bool) -> None:
        self.test = test
        self.reads = reads
        self.pure = pure


class Condition:
    """A condition on pairs.

    Attributes:
        test: all of it.
        parts: the same in parts, of which all must hold; without, nothing is known about it.
    """

    __slots__ = ("parts", "test")

    def __init__(self, test: Test, parts: Iterable[Part] = ()) -> None:
        self.test = test
        self.parts = list(parts) or [Part(test, None, pure=False)]


def pairs(condition: Condition, ends: ConnectionContext) -> Pairs:
    """All pairs for which a condition holds, ordered by source."""
    return _joined(_pieces(condition, ends))


def passing(test: Test, condition: Condition, ends: ConnectionContext) -> Pairs:
    """Give the pairs for which another test is true as well; it is evaluated for these pairs only."""
    return _joined(_kept(_pieces(condition, ends), [test]))


def sampled(p: float, condition: Condition, ends: ConnectionContext) -> Pairs:
    """Each of them with probability `p`, independently."""
    rows, rest = _alike(condition, ends)
    if rows is None and p > SELDOM and all(part.pure for part in rest):
        return _joined(_picked(p, condition.test, ends))
    if rows is None:
        rows = CSRTable(ends, np.zeros(ends.n_source, dtype=np.intp), None)
    return _joined(_kept(rows.sampled(p, ends), [part.test for part in rest]))


def _pieces(condition: Condition, ends: ConnectionContext) -> Iterator[Pairs]:
    """The pairs for which a condition holds, in pieces of bounded size."""
    rows, rest = _alike(condition, ends)
    if rows is None:
        return _all_where(condition.test, ends)
    return _kept(rows.sampled(1.0, ends), [part.test for part in rest])


class CSRTable:
    """Table of the targets that sources may have, where there are few different rows of them.

    Args:
        ends: of the pairs.
        kinds: which of the rows each source neuron has, shape (n_source,).
        pairs: kinds and targets, ordered by kind; None for all targets.
    """

    def __init__(self, ends: ConnectionContext, kinds: Array, pairs: Pairs | None) -> None:
        self.targets = None if pairs is None else pairs[1]
        lengths = (
            np.array([ends.n_target]) if pairs is None else np.bincount(pairs[0], minlength=kinds.max() + 1)
        )
        self._lengths = lengths[kinds]
        self._first = (np.cumsum(lengths) - lengths)[kinds]

    def sampled(self, p: float, ends: ConnectionContext) -> Iterator[Pairs]:
        """Each pair with probability `p`, ordered by source, in pieces of bounded size."""
        for piece in blocks(np.ceil(self._lengths * p).astype(np.intp)):
            lengths = self._lengths[piece]
            stops = np.cumsum(lengths)
            flat = successes(p, int(stops[-1]), ends.rng)
            here = counts_between(flat, stops)
            flat += (self._first[piece] - stops + lengths).repeat(here)  # places in `targets`
            i = np.arange(piece.start, piece.stop, dtype=np.intp).repeat(here)
            yield i, flat if self.targets is None else self.targets.take(flat)


def _alike(condition: Condition, ends: ConnectionContext) -> tuple[CSRTable | None, list[Part]]:
    """Rows in which parts of a condition hold, if few are different; and the other parts."""
    kinds, n_kinds = np.zeros(ends.n_source, dtype=np.intp), 1
    together, rest = [], []
    for part in condition.parts:
        found = kinds if part.reads is None else _kinds(kinds, part.reads)
        n_found = int(found.max(initial=0)) + 1
        if part.reads is None or ALIKE * n_found > ends.n_source:
            rest.append(part)
        else:
            kinds, n_kinds = found, n_found
            together.append(part)
    if not together:
        return None, condition.parts
    one_of = np.empty(n_kinds, dtype=np.intp)  # a neuron of each kind
    one_of[kinds] = np.arange(ends.n_source)
    pieces, total = [], 0
    for kind, j in all_pairs(n_kinds, ends.n_target):
        rows, columns = _all_true(together, one_of[kind], j).nonzero()
        pieces.append((rows + kind[0, 0], columns + j[0, 0]))
        total += rows.size
        if total > MOST:
            return None, condition.parts
    return CSRTable(ends, kinds, _joined(pieces)), rest


def _kinds(kinds: Array, reads: Iterable[Array]) -> Array:
    """Numbers 0, 1, 2 ... of source neurons, equal for those of one kind that also agree in some values."""
    for values in reads:
        bits = values.view(np.int64) if values.dtype == np.float64 else values  # 1/0.0 is not 1/-0.0
        _, number = np.unique(bits, return_inverse=True)
        _, kinds = np.unique(kinds * (int(number.max(initial=0)) + 1) + number, return_inverse=True)
    return kinds


def _all_true(parts: list[Part], i: Array, j: Array) -> Array:
    """Tell where all of some parts hold, shape (sources, targets)."""
    found = _of_pairs(parts[0].test, i, j)
    for part in parts[1:]:
        found = found & _of_pairs(part.test, i, j)
    return found


def _of_pairs(test: Test, i: Array, j: Array) -> Array:
    """Evaluate a test for a column of sources and a row of targets."""
    return np.broadcast_to(np.asarray(test(i, j), dtype=bool), (i.size, j.size))


def _all_where(test: Test, ends: ConnectionContext) -> Iterator[Pairs]:
    """The pairs for which a test is true."""
    for i, j in all_pairs(ends.n_source, ends.n_target):
        rows, columns = _of_pairs(test, i, j).nonzero()
        yield rows + i[0, 0], columns + j[0, 0]


def _picked(p: float, test: Test, ends: ConnectionContext) -> Iterator[Pairs]:
    """Pairs for which a test is true, with probability `p`: they are looked for first."""
    for i, j in all_pairs(ends.n_source, ends.n_target):
        flat = np.flatnonzero(_of_pairs(test, i, j))
        rows, columns = split(flat.take(successes(p, flat.size, ends.rng)), j.size)
        yield rows + i[0, 0], columns + j[0, 0]


def _kept(pieces: Iterable[Pairs], tests: list[Test]) -> Iterator[Pairs]:
    """Give the pairs for which all tests are true; a test gets what the ones before it have left."""
    for i, j in pieces:
        for test in tests:
            keep = np.broadcast_to(np.asarray(test(i, j), dtype=bool), i.shape)
            i, j = i[keep], j[keep]  # noqa: PLW2901
        yield i, j


def _joined(pieces: Iterable[Pairs]) -> Pairs:
    none = np.empty(0, dtype=np.intp)
    found = [(none, none), *pieces]
    return np.concatenate([i for i, _ in found]), np.concatenate([j for _, j in found])
