"""Rounds in which events act on neurons that several of them reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.variables import Array


def in_rounds(
    call: Callable[..., Any],
    arguments: list[Any],
    found: dict[str, Array],
    sides: frozenset[str],
    *,
    one_group: bool,
) -> None:
    """Act as if synapse by synapse: rounds in which no neuron that is written occurs twice.

    Args:
        call: what acts on some events at once.
        arguments: its arguments, arrays with a value for each event or single numbers.
        found: the neurons "pre" and "post" of each event.
        sides: on which of them neurons are written.
        one_group: whether both sides are one group of neurons.
    """
    n = max(a.size for a in found.values())
    turn = np.zeros(n, dtype=np.intp)
    if len(sides) == 1:
        turn = _occurrence(found[next(iter(sides))])
    else:  # both sides are written: the later of both turns, event by event
        last: dict[Any, int] = {}
        for k in range(n):
            keys: list[Any] = [("" if one_group else side, int(found[side][k])) for side in sides]
            turn[k] = 1 + max(last.get(key, -1) for key in keys)
            last.update(dict.fromkeys(keys, int(turn[k])))
    for k in range(int(turn.max(initial=-1)) + 1):
        now = (turn == k).nonzero()[0]
        call(*(a.take(now) if isinstance(a, np.ndarray) and a.size > 1 else a for a in arguments))


def _occurrence(index: Array) -> Array:
    """Count for each entry how many equal ones come before it."""
    order = np.argsort(index, kind="stable")
    ordered = index[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    first = np.maximum.accumulate(np.where(new, np.arange(index.size), 0))
    turn = np.empty(index.size, dtype=np.intp)
    turn[order] = np.arange(index.size) - first
    return turn
