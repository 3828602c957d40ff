"""Vectorised sampling: trials, ranges of different length in one array, sets without repetition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


CHUNK = 1 << 20  # pairs that are looked at in one go


def successes(p: float, n: int, rng: np.random.Generator) -> Array:
    """Positions of the successes among `n` trials, in order: gaps between them are geometric."""
    if p == 0 or n == 0:
        return np.empty(0, dtype=np.intp)
    if p == 1:
        return np.arange(n, dtype=np.intp)
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


def ranges(counts: Array) -> tuple[Array, Array]:
    """Give, for rows of `counts` elements, the row of every element and its place in the row."""
    rows = np.repeat(np.arange(counts.size, dtype=np.intp), counts)
    first = np.cumsum(counts) - counts
    return rows, np.arange(rows.size, dtype=np.intp) - first.repeat(counts)


def blocks(counts: Array) -> Iterator[slice]:
    """Cut rows of `counts` elements into runs of at most CHUNK elements, one row at least."""
    ends = np.cumsum(counts)
    start = 0
    while start < counts.size:
        before = int(ends[start - 1]) if start else 0
        stop = max(start + 1, int(ends.searchsorted(before + CHUNK, side="right")))
        yield slice(start, stop)
        start = stop


def all_pairs(n_source: int, n_target: int) -> Iterator[tuple[Array, Array]]:
    """All pairs in bounded pieces: a column of sources, shape (r, 1), and a row of targets, (1, c)."""
    columns = min(n_target, CHUNK)
    rows = max(1, CHUNK // max(columns, 1))
    for i in range(0, n_source, rows):
        source = np.arange(i, min(i + rows, n_source), dtype=np.intp)[:, None]
        for j in range(0, n_target, columns):
            yield source, np.arange(j, min(j + columns, n_target), dtype=np.intp)[None, :]


def distinct(counts: Array, draw: Callable[[Array], Array], count: Callable[[Array], Array]) -> Array:
    """Keys without repetition, `counts[row]` of each row, sorted; each set is as likely as any other.

    `draw(rows)` gives a random key of each of the rows, all keys of a row being equally likely, or a
    negative one for none; `count(keys)` says how many sorted keys are of each row. What repeats another
    is drawn again, until there are enough: the order of drawing does not prefer any key, so neither do
    the sets.
    """
    wanted = np.repeat(np.arange(counts.size, dtype=np.intp), counts)
    parts: list[Array] = []
    while wanted.size:
        keys = draw(wanted)
        keys.sort()
        fresh = np.empty(keys.size, dtype=bool)
        fresh[:1] = True
        np.not_equal(keys[1:], keys[:-1], out=fresh[1:])
        if keys.dtype.kind == "i":
            fresh &= keys >= 0
        for part in parts:
            places = part.searchsorted(keys)
            places[places == part.size] = 0
            fresh &= part[places] != keys
        if fresh.all():
            parts.append(keys)
            break
        again = keys[~fresh]
        keys = keys[fresh]
        if keys.size:
            parts.append(keys)
            if len(parts) > 2:  # the first is the large one
                parts[1:] = [np.sort(np.concatenate(parts[1:]))]
        known = again[0] >= 0  # whose these are
        missing = count(again) if known else np.bincount(wanted, minlength=counts.size) - count(keys)
        wanted = np.repeat(np.arange(counts.size, dtype=np.intp), missing)
    if not parts:
        return np.empty(0, dtype=np.intp)
    if len(parts) == 1:
        return parts[0]
    found = np.concatenate(parts)
    found.sort(kind="stable")  # which is fast for a few sorted parts: it merges them
    return found


def counts_between(keys: Array, ends: Array) -> Array:
    """Count the sorted keys that lie below each end, and not below the one before it."""
    return np.diff(keys.searchsorted(ends), prepend=0)


def choose(populations: Array, sizes: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw for every row `sizes[row]` of the numbers 0 ... populations[row] - 1, without repetition.

    Gives rows and numbers, both of shape (sum of sizes,), sorted by row, then by number.
    """
    ends = np.cumsum(populations, dtype=np.int64)
    first = ends - populations
    dense = sizes > populations // 2  # for these it is easier to say who is left out
    drawn = np.where(dense, populations - sizes, sizes)

    same = bool((populations == populations[:1]).all()) and populations.any()

    kind = key_type(int(populations.sum()))
    offsets = first.astype(kind)

    def draw(rows: Array) -> Array:
        high = populations[0] if same else populations[rows]
        keys = rng.integers(0, high, rows.size).astype(kind, copy=False)
        keys += offsets[rows]
        return keys

    keys = distinct(drawn, draw, lambda keys: counts_between(keys, ends))
    rows = np.repeat(np.arange(sizes.size, dtype=np.intp), drawn)
    if dense.any():
        rows, keys = _complement(dense, populations, first, rows, keys)
    return rows, (keys - first[rows]).astype(np.intp, copy=False)


def _complement(
    dense: Array, populations: Array, first: Array, rows: Array, keys: Array
) -> tuple[Array, Array]:
    """Exchange what was drawn of the dense rows for the rest of these rows."""
    out = dense[rows]
    inner, place = ranges(np.where(dense, populations, 0))
    every = first[inner] + place
    left = np.ones(every.size, dtype=bool)
    left[every.searchsorted(keys[out])] = False
    rows = np.concatenate([rows[~out], inner[left]])
    keys = np.concatenate([keys[~out], every[left]])
    order = np.argsort(keys, kind="stable")
    return rows[order], keys[order]


def split(keys: Array, n: int) -> tuple[Array, Array]:
    """Rows and columns of positions in a table with `n` columns."""
    divisor = keys.dtype.type(n)
    rows = keys // divisor
    return rows.astype(np.intp, copy=False), (keys - rows * divisor).astype(np.intp, copy=False)


def key_type(n: int) -> type[np.unsignedinteger | np.signedinteger]:
    """The smallest type for keys below `n`: they are sorted, and memory is what that costs."""
    return np.uint32 if n < 2**32 else np.int64
