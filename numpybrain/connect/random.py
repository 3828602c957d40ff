"""Rules that use no properties of neurons: all, one to one, random with given counts or probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.connect.expressions import per_pair, sampled
from numpybrain.connect.rule import (
    ConnectionContext,
    ConnectionRule,
    Pairs,
    a_probability,
    remembered,
    whole_number,
)
from numpybrain.errors import ArgumentError, ShapeError, shown
from numpybrain.kernel.variables import Array
from numpybrain.utils.sampling import counts_between, distinct, key_type, split, successes


@remembered
def all_to_all(*, autapses: bool = True, self_connections: bool | None = None) -> ConnectionRule:
    """Every source neuron to every target neuron, ordered by source.

    Args:
        autapses: whether a neuron is connected to itself, where source and target are (parts of)
            one group.
        self_connections: an older name for `autapses`.
    """
    itself = _autapses(autapses, self_connections)

    def make(ends: ConnectionContext) -> Pairs:
        i = np.repeat(np.arange(ends.n_source, dtype=np.intp), ends.n_target)
        j = np.tile(np.arange(ends.n_target, dtype=np.intp), ends.n_source)
        return (i, j) if itself else ends.drop_autapses(i, j)

    return ConnectionRule("all_to_all()", make)


@remembered
def one_to_one() -> ConnectionRule:
    """Neuron k to neuron k; both groups have the same size.

    Raises:
        ShapeError: when it is used, if the sizes differ.
    """

    def make(ends: ConnectionContext) -> Pairs:
        n = ends.one_size("one_to_one")
        return np.arange(n, dtype=np.intp), np.arange(n, dtype=np.intp)

    return ConnectionRule("one_to_one()", make)


@remembered
def probability(
    p: float | str | Callable[..., Any],
    *,
    where: str | Callable[..., Any] | None = None,
    autapses: bool = True,
    self_connections: bool | None = None,
) -> ConnectionRule:
    """Every pair with probability `p`, independently; ordered by source.

    Args:
        p: a number from 0 to 1; or, for each pair its own, an expression such as
            "exp(-abs(x_pre - x_post)/(100*um))" or a function of `i`, `j`, `x_pre`, `x_post` ... with
            arrays of one length, which returns as many numbers. Below 0 counts as 0, above 1 as 1.
        where: only pairs for which this condition holds, a text or a function of the same kind.
        autapses: whether a neuron may be connected to itself.
        self_connections: an older name for `autapses`.

    With a number, only the pairs that come out are visited; the gaps between them are geometric. What a
    condition on few values of the source neurons rules out, such as "k_pre == k_post", is never visited.
    """
    itself = _autapses(autapses, self_connections)
    if isinstance(p, str) or callable(p):

        def visit(ends: ConnectionContext) -> Pairs:
            i, j = per_pair(p, ends, where)
            return (i, j) if itself else ends.drop_autapses(i, j)

        return ConnectionRule(f"probability({p!r})", visit)
    chance = a_probability(p)

    def make(ends: ConnectionContext) -> Pairs:
        if chance == 1 and where is None:
            return all_to_all(autapses=itself).make(ends)  # type: ignore[return-value]
        if where is None:
            flat = successes(chance, ends.n_source * ends.n_target, ends.rng)
            i, j = split(flat, ends.n_target)
        else:
            i, j = sampled(chance, where, ends)
        return (i, j) if itself else ends.drop_autapses(i, j)

    return ConnectionRule(f"probability({chance:g})", make)


@remembered
def fixed_indegree(k: int, *, autapses: bool = True, multiple: bool = False) -> ConnectionRule:
    """Every target neuron gets `k` synapses, from sources drawn at random; ordered by source.

    Args:
        k: synapses onto each target neuron.
        autapses: whether a neuron may be connected to itself.
        multiple: whether a pair may have several synapses. Without, the sources of a neuron are a
            set, and all sets are equally likely.

    Raises:
        ShapeError: when it is used, if there are fewer than `k` sources to choose from.
    """
    degree = whole_number(k, "an indegree")

    def make(ends: ConnectionContext) -> Pairs:
        return _fixed(ends, degree, autapses=autapses, multiple=multiple, inward=True)

    return ConnectionRule(f"fixed_indegree({degree})", make)


@remembered
def fixed_outdegree(k: int, *, autapses: bool = True, multiple: bool = False) -> ConnectionRule:
    """Every source neuron makes `k` synapses, onto targets drawn at random; ordered by source.

    Args and errors are those of `fixed_indegree`, with source and target exchanged.
    """
    degree = whole_number(k, "an outdegree")

    def make(ends: ConnectionContext) -> Pairs:
        return _fixed(ends, degree, autapses=autapses, multiple=multiple, inward=False)

    return ConnectionRule(f"fixed_outdegree({degree})", make)


@remembered
def fixed_total(n: int, *, autapses: bool = True, multiple: bool = False) -> ConnectionRule:
    """`n` synapses in all, between pairs drawn at random; ordered by source.

    Args:
        n: how many.
        autapses: whether a neuron may be connected to itself.
        multiple: whether a pair may have several synapses.

    Raises:
        ShapeError: when it is used, if there are fewer than `n` pairs to choose from.
    """
    total = whole_number(n, "a number of synapses")

    def make(ends: ConnectionContext) -> Pairs:
        pairs = ends.n_source * ends.n_target
        left = pairs - (0 if autapses else _own_pairs(ends).size)
        _enough(total, left, "pairs", multiple=multiple)
        draw = _drawing(
            ends, lambda rows: ends.rng.integers(0, pairs, rows.size, key_type(pairs)), autapses
        )
        if multiple:
            return split(np.sort(_repeated(draw, np.zeros(total, dtype=np.intp))), ends.n_target)
        fewer = min(total, left - total)  # of many, it is easier to say which are left out
        keys = distinct(np.array([fewer]), draw, lambda keys: np.array([keys.size]))
        return split(keys if fewer == total else _others(ends, keys, autapses=autapses), ends.n_target)

    return ConnectionRule(f"fixed_total({total})", make)


def _autapses(autapses: bool, older: bool | None) -> bool:  # noqa: FBT001
    given = autapses if older is None else older
    if not isinstance(given, (bool, np.bool_)):
        raise ArgumentError(f"'autapses' is True or False (got {shown(given)})")
    return bool(given)


def _enough(wanted: int, there: int, what: str, *, multiple: bool) -> None:
    if wanted > there and not (multiple and there):
        message = f"{wanted} different {what} are wanted, but there are {there}"
        raise ShapeError(message, help="multiple=True allows several synapses of a pair" if there else None)


def _own_pairs(ends: ConnectionContext) -> Array:
    """Positions, among all pairs, of those of a neuron with itself."""
    if ends.shift is None:
        return np.empty(0, dtype=np.intp)
    j = np.arange(ends.n_target, dtype=np.intp)
    i = j + ends.shift
    inside = (i >= 0) & (i < ends.n_source)
    return i[inside] * ends.n_target + j[inside]


def _others(ends: ConnectionContext, keys: Array, *, autapses: bool) -> Array:
    """All pairs but these (as positions among all pairs)."""
    left = np.ones(ends.n_source * ends.n_target, dtype=bool)
    left[keys] = False
    if not autapses:
        left[_own_pairs(ends)] = False
    return left.nonzero()[0]


def _drawing(
    ends: ConnectionContext,
    draw: Callable[[Array], Array],
    autapses: bool,  # noqa: FBT001
) -> Callable[[Array], Array]:
    """`draw` of positions among all pairs, with -1 in place of a neuron's pair with itself."""
    if autapses or ends.shift is None:
        return draw

    def without(rows: Array) -> Array:
        keys = draw(rows).astype(np.int64)
        i, j = split(keys, ends.n_target)
        keys[ends.are_one(i, j)] = -1
        return keys

    return without


def _repeated(draw: Callable[[Array], Array], rows: Array) -> Array:
    """One position for every row, drawn again while there is none."""
    keys = draw(rows)
    if keys.dtype.kind == "i":
        while (none := (keys < 0).nonzero()[0]).size:
            keys[none] = draw(rows[none])
    return keys


def _fixed(ends: ConnectionContext, k: int, *, autapses: bool, multiple: bool, inward: bool) -> Pairs:
    """`k` partners for every target (`inward`) or source, as positions among all pairs."""
    n, m, rng = ends.n_source, ends.n_target, ends.rng
    n_rows, others = (m, n) if inward else (n, m)
    kind = key_type(n * m)
    own = split(_own_pairs(ends), m)[inward] if not autapses else np.empty(0, dtype=np.intp)
    available = np.full(n_rows, others)
    available[own] -= 1
    what = "sources" if inward else "targets"
    _enough(k, int(available.min()), what, multiple=multiple)

    def uniform(rows: Array) -> Array:
        drawn = rng.integers(0, others, rows.size, dtype=kind)
        if inward:
            drawn *= kind(m)
            drawn += rows.astype(kind)
        else:
            drawn += rows.astype(kind) * kind(m)
        return drawn

    row_ends = np.arange(1, n + 1, dtype=np.int64) * m

    def count(keys: Array) -> Array:
        if not inward:
            return counts_between(keys, row_ends)
        return np.bincount((keys % kind(m)).astype(np.intp), minlength=m)

    draw = _drawing(ends, uniform, autapses)
    if multiple:
        return split(np.sort(_repeated(draw, np.arange(n_rows, dtype=np.intp).repeat(k))), m)
    if 2 * k <= others:
        return split(distinct(np.full(n_rows, k), draw, count), m)
    return split(_others(ends, distinct(available - k, draw, count), autapses=autapses), m)
