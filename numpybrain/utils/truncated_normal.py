"""Normal numbers between two bounds, by rejection: a few tries for each, however far out the bounds are.

Robert (1995), Simulation of truncated normal variables, doi:10.1007/BF00143942: normal proposals where the
bounds leave much of the distribution, exponential ones in a tail, uniform ones between near bounds.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError

Array = np.ndarray[Any, Any]

TAIL = 0.5  # from here on, exponential proposals are better than normal ones
NEAR = 2.0  # width below which uniform proposals are good


def truncated_normal(rng: np.random.Generator, low: Any, high: Any, size: int) -> Array:
    """Draw standard normal numbers between bounds.

    Args:
        rng: the random stream.
        low: the lower bound, one number or an array of shape (size,).
        high: the upper bound, likewise.
        size: how many.

    Raises:
        ArgumentError: if a bound is no number, or a lower one is above the upper one.
    """
    low, high = (np.broadcast_to(np.asarray(bound, dtype=float), (size,)) for bound in (low, high))
    if not np.all(low <= high):  # so it is for NaN
        raise ArgumentError("truncated_normal(mean, sd, low, high) needs low <= high, and sd > 0")
    below = -low > high  # of the mirror image, more is above zero than below
    low, high = np.where(below, -high, low), np.where(below, -low, high)
    is_near = high - low < np.minimum(NEAR, 1 / np.maximum(low, 1e-300))
    kinds = (is_near, ~is_near & (low > TAIL), ~is_near & (low <= TAIL))
    found = np.empty(size)
    for draw, chosen in zip((_between_near_bounds, _in_a_tail, _in_the_middle), kinds, strict=True):
        left = chosen.nonzero()[0]
        while left.size:
            x, is_good = draw(rng, low[left], high[left])
            found[left[is_good]] = x[is_good]
            left = left[~is_good]
    return np.where(below, -found, found)


def _in_the_middle(rng: np.random.Generator, low: Array, high: Array) -> tuple[Array, Array]:
    x = rng.standard_normal(low.size)
    return x, (x >= low) & (x <= high)


def _in_a_tail(rng: np.random.Generator, low: Array, high: Array) -> tuple[Array, Array]:
    rate = (low + np.sqrt(low * low + 4)) / 2
    x = low + rng.standard_exponential(low.size) / rate
    return x, (x <= high) & (rng.random(low.size) <= np.exp(-((x - rate) ** 2) / 2))


def _between_near_bounds(rng: np.random.Generator, low: Array, high: Array) -> tuple[Array, Array]:
    x = low + (high - low) * rng.random(low.size)
    nearest = np.maximum(low, 0)  # the most likely value
    return x, rng.random(low.size) <= np.exp((nearest * nearest - x * x) / 2)
