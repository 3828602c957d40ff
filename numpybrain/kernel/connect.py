"""Connection rules: who is connected to whom. All are vectorised; sparse rules never visit all pairs.

A rule is a value: `nb.connect.probability(0.1)`. Its `pairs(n_source, n_target, rng)` gives two index
arrays, ordered by source where the rule has an order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, suggestion
from numpybrain.kernel.state import Array

if TYPE_CHECKING:
    from numpybrain.kernel.streams import Streams

Pairs = tuple[Array, Array]


class Rule:
    """A connection rule; `make(n_source, n_target, rng)` gives the pairs."""

    __slots__ = ("make", "name")

    def __init__(
        self,
        name: str,
        make: Callable[[int, int, np.random.Generator], Pairs],
    ) -> None:
        self.name = name
        self.make = make

    def pairs(self, n_source: int, n_target: int, rng: np.random.Generator) -> Pairs:
        """Index arrays of sources and targets, each of shape (n_synapses,)."""
        return self.make(n_source, n_target, rng)

    def __repr__(self) -> str:
        return f"connect.{self.name}"


def all_to_all(*, self_connections: bool = True) -> Rule:
    """Every source neuron to every target neuron."""

    def make(n_source: int, n_target: int, rng: np.random.Generator) -> Pairs:
        i = np.repeat(np.arange(n_source, dtype=np.intp), n_target)
        j = np.tile(np.arange(n_target, dtype=np.intp), n_source)
        return (i, j) if self_connections else _without_self(i, j)

    return Rule("all_to_all()", make)


def one_to_one() -> Rule:
    """Neuron k to neuron k; both groups have the same size."""

    def make(n_source: int, n_target: int, rng: np.random.Generator) -> Pairs:
        if n_source != n_target:
            message = f"one_to_one needs groups of one size (got {n_source} and {n_target})"
            raise ShapeError(message)
        return np.arange(n_source, dtype=np.intp), np.arange(n_target, dtype=np.intp)

    return Rule("one_to_one()", make)


def probability(p: float, *, self_connections: bool = True) -> Rule:
    """Every pair with probability `p`, independently."""
    if isinstance(p, bool) or not isinstance(p, (int, float, np.number)) or not 0 <= p <= 1:
        raise ArgumentError(f"a connection probability is a number from 0 to 1 (got {p!r})")

    def make(n_source: int, n_target: int, rng: np.random.Generator) -> Pairs:
        if p == 1:
            return all_to_all(self_connections=self_connections).pairs(n_source, n_target, rng)
        i, j = np.divmod(_successes(float(p), n_source * n_target, rng), n_target)
        return (i, j) if self_connections else _without_self(i, j)

    return Rule(f"probability({p:g})", make)


RULES: dict[str, Callable[[], Rule]] = {"all_to_all": all_to_all, "one_to_one": one_to_one}


def _successes(p: float, n: int, rng: np.random.Generator) -> Array:
    """Positions of the successes among `n` trials: gaps between them are geometric."""
    if p == 0 or n == 0:
        return np.empty(0, dtype=np.intp)
    parts, last = [], -1
    while last < n:
        expected = (n - 1 - last) * p
        count = int(expected + 4 * np.sqrt(expected) + 16)
        gaps = rng.geometric(p, count)
        positions = np.cumsum(np.minimum(gaps, n + 1), dtype=np.intp)  # no overflow for tiny p
        positions += last
        parts.append(positions)
        last = int(positions[-1])
    found = parts[0] if len(parts) == 1 else np.concatenate(parts)
    return found[: found.searchsorted(n)]


def _without_self(i: Array, j: Array) -> Pairs:
    keep = i != j
    return i[keep], j[keep]


def pairs(connect: Any, n_source: int, n_target: int, streams: Streams, name: str) -> Pairs:
    """The pairs that a user means by `connect`.

    Raises:
        IndexRangeError: if an index is outside of its group.
        ShapeError: if index arrays differ in length.
    """
    if connect is None:
        message = f"'{name}' needs a connection rule"
        raise ArgumentError(message, help="such as connect=nb.connect.probability(0.1)")
    if isinstance(connect, str):
        if connect not in RULES:
            message = f"unknown connection rule '{connect}'{suggestion(connect, RULES)}"
            raise ArgumentError(message)
        connect = RULES[connect]()
    if isinstance(connect, Rule):
        return connect.pairs(n_source, n_target, streams["connect"])
    if callable(connect):
        connect = _call(connect, n_source, n_target, streams["connect"])
        if isinstance(connect, Rule):
            return connect.pairs(n_source, n_target, streams["connect"])
    if not isinstance(connect, (tuple, list)) or len(connect) != 2:
        message = f"'connect' of '{name}' is a rule, a pair of index arrays or a function"
        raise ArgumentError(message, detail=f"got {type(connect).__name__}")
    i, j = (_indices(part, name) for part in connect)
    if i.size == 1 or j.size == 1:
        i, j = np.broadcast_arrays(i, j)
    if i.shape != j.shape:
        raise ShapeError(f"index arrays of '{name}' differ in length (got {i.size} and {j.size})")
    for index, n, what in ((i, n_source, "source"), (j, n_target, "target")):
        wrong = index[(index < 0) | (index >= n)]
        if wrong.size:
            message = f"{what} index {wrong[0]} of '{name}' is out of range"
            raise IndexRangeError(message, detail=f"the {what} has {n} neurons (0..{n - 1})")
    return np.ascontiguousarray(i), np.ascontiguousarray(j)


def _indices(part: Any, name: str) -> Array:
    index = np.asarray(part)
    if index.size == 0:
        return np.empty(0, dtype=np.intp)
    if index.dtype.kind not in "iu" or index.ndim > 1:
        message = f"index arrays of '{name}' must be whole numbers in one dimension"
        raise ArgumentError(message, detail=f"got {index.dtype} of shape {index.shape}")
    return np.atleast_1d(index).astype(np.intp)


def _call(function: Callable[..., Any], n_source: int, n_target: int, rng: np.random.Generator) -> Any:
    """Call a connection function with what it asks for by name."""
    from numpybrain.kernel.door import function_arguments

    offered = {"N_pre": n_source, "N_post": n_target, "rng": rng}
    names = function_arguments(function)
    unknown = [n for n in names if n not in offered]
    if unknown:
        message = f"unknown argument '{unknown[0]}' of a connection function"
        advice = "write a function of N_pre, N_post and rng that returns two index arrays"
        raise ArgumentError(message + suggestion(unknown[0], offered), help=advice)
    return function(**{n: offered[n] for n in names})


__all__ = ["Rule", "all_to_all", "one_to_one", "probability"]
