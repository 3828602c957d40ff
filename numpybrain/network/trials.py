"""Repeated runs from one start: what their random numbers follow from."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.group.random_streams import present_seed


def entropy_of(seed: Any) -> int:
    """A seed of random streams that follows from one whole number, or from several.

    Raises:
        ArgumentError: if it is something else.
    """
    numbers = seed if isinstance(seed, (tuple, list)) else (seed,)
    for number in numbers:
        if isinstance(number, bool) or not hasattr(number, "__index__") or number < 0:
            message = f"a seed is a non-negative whole number, or several of them (got {shown(seed)})"
            raise ArgumentError(message)
    words = np.random.SeedSequence([int(n) for n in numbers]).generate_state(2, np.uint64)
    return int(words[0]) << 64 | int(words[1])


def seeds_of_trials(n: Any, seed: Any) -> list[tuple[int, int]]:
    """The seed of each trial: that of all, and the number of the trial.

    Raises:
        ArgumentError: if `n` is no number of trials, or `seed` no seed.
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise ArgumentError(f"the number of trials is a whole number, at least 1 (got {shown(n)})")
    common = present_seed() if seed is None else seed
    entropy_of(common)
    return [(int(common), k) for k in range(int(n))]
