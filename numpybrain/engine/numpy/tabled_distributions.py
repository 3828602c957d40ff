"""Counts that are drawn again and again from one distribution: binomial or Poisson, by a table.

A uniform number u becomes the smallest k with P(X <= k) > u, the inverse of the distribution function.
A guide table (Chen & Asau 1974, doi:10.1080/05695557408974949) knows k for nearly every u; it has the
resolution of u, and is six times as fast as drawing each count by rejection.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from numpybrain.kernel.variables import Array

CELLS = 1 << 14  # of a guide table
WORDS = 1 << 16  # values of 16 bits
LARGEST = 500.0  # mean; beyond, too many cells do not decide, and the first term is no float
FEW = 64  # counts: up to here, a table that a new mean needs may take longer than it saves


class Counts:
    """A distribution of counts, given by its distribution function."""

    def __init__(self, distribution: Array) -> None:
        self._distribution = distribution
        self._guide = self._table(CELLS).astype(float)
        self._of_words: Array | None = None

    def _table(self, n: int) -> Array:
        """The count that u becomes in each of n cells of equal width; -1 where that is not one count."""
        places = self._distribution * n
        cells = places.astype(np.intp)
        below = np.bincount(np.ceil(places).astype(np.intp), minlength=n + 1)
        guide = np.cumsum(below[:n])
        guide[cells[cells < places]] = -1
        return guide

    def draw(self, generator: np.random.Generator, size: int) -> Array:
        """Draw as many independent counts, as floats."""
        uniform = generator.random(size)
        found = self._guide.take((uniform * CELLS).astype(np.intp))
        open_ = (found < 0).nonzero()[0]
        if open_.size:
            found[open_] = self._distribution.searchsorted(uniform[open_], side="right")
        return found

    def draw_whole(self, generator: np.random.Generator, size: int) -> Array:
        """Draw as many independent counts, as whole numbers, twice as fast.

        The first 16 bits of each u come from a quarter of a word of the generator; for nearly all of them
        these decide. The other bits are drawn where they do not.
        """
        if self._of_words is None:
            self._of_words = self._table(WORDS).astype(np.int16)
        words = generator.bit_generator.random_raw(-(-size // 4)).view(np.uint16)[:size]
        found = self._of_words.take(words)
        open_ = (found < 0).nonzero()[0]
        if open_.size:
            uniform = (words[open_] + generator.random(open_.size)) / WORDS
            found[open_] = self._distribution.searchsorted(uniform, side="right")
        return found


@functools.lru_cache(maxsize=64)
def binomial(n: float, p: float) -> Counts | None:
    """Successes among n trials; None where a table does not pay, or if there is no such distribution."""
    if not (0 <= p <= 0.5 and n >= 0 and n % 1 == 0 and n * p <= LARGEST):
        return None
    first, odds = math.exp(n * math.log1p(-p)), p / (1 - p)
    return _table(first, n * p, lambda k: np.maximum(n - k + 1, 0.0) / k * odds)


@functools.lru_cache(maxsize=64)
def poisson(mean: float) -> Counts | None:
    """Independent events; None as for `binomial`."""
    return _table(math.exp(-mean), mean, lambda k: mean / k) if 0 <= mean <= LARGEST else None


def _table(first: float, mean: float, ratio: Callable[[Array], Array]) -> Counts:
    """The distribution with P(X = 0) = first and P(X = k) = ratio(k)*P(X = k - 1)."""
    most = int(mean + 12 * math.sqrt(mean) + 40)  # what is beyond has less than the resolution of u
    ratios = np.concatenate(([1.0], ratio(np.arange(1, most))))
    distribution = np.cumsum(first * np.cumprod(ratios))
    distribution /= distribution[-1]
    return Counts(np.append(distribution[distribution < 1.0], 1.0))
