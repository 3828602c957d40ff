"""Compiled parts of a step that no program says: refractory neurons, and what is noted of spikes.

Refractory neurons wait in a queue by the step of their release, as in `kernel/refractory.py`: `held` and
`until` from `ends[0]` to `ends[1]`.
"""

from __future__ import annotations

from typing import Any

import numba

Array = Any


def _compiled(function: Any) -> Any:
    return numba.njit(error_model="numpy")(function)


@_compiled
def release(step: int, held: Array, until: Array, ends: Array, free: Array) -> None:
    """Let go whose time is over."""
    first = ends[0]
    while first < ends[1] and until[first] <= step:
        free[held[first]] = True
        first += 1
    ends[0] = first


@_compiled
def keep(array: Array, held: Array, ends: Array, kept: Array) -> None:
    """Remember the values of refractory neurons."""
    for k in range(ends[0], ends[1]):
        kept[k] = array[held[k]]


@_compiled
def give_back(array: Array, held: Array, ends: Array, kept: Array) -> None:
    """Give refractory neurons their values back."""
    for k in range(ends[0], ends[1]):
        array[held[k]] = kept[k]


@_compiled
def hold(
    spikes: Array,
    begin: int,
    end: int,
    release_at: int,
    held: Array,
    until: Array,
    ends: Array,
    free: Array,
) -> None:
    """These neurons are refractory from now on."""
    last = ends[1]
    if last + end - begin > held.size:  # move what is left to the front
        first = ends[0]
        for k in range(first, last):
            held[k - first], until[k - first] = held[k], until[k]
        last -= first
        ends[0] = 0
    for k in range(begin, end):
        held[last], until[last] = spikes[k], release_at
        free[spikes[k]] = False
        last += 1
    ends[1] = last


@_compiled
def turn(step: int, first: Array, span: int, rows: Array) -> None:
    """Let rows of a ring move up where those of the present block are used up; see `RingBuffer.turn`."""
    row = step - first[0]
    if 0 <= row < span:
        return
    if span <= row < 2 * span:
        rows[:span] = rows[span:]
    else:
        rows[:span] = 0.0
    rows[span:] = 0.0


@_compiled
def send(spikes: Array, begin: int, end: int, offset: int, first: Array, last: Array, keys: Array,
         place: int, amounts: Array, rows: Array) -> None:  # fmt: skip
    """Add what spikes do to the rows of the steps in which they arrive."""
    flat = rows.reshape(-1)
    for k in range(begin, end):
        near = spikes[k] + offset
        for row in range(first[near], last[near]):
            flat[place + keys[row]] += amounts[row if amounts.size > 1 else 0]


@_compiled
def arrive(row: Array, target: Array, free: Array) -> None:
    """Add a row of a ring to a variable; `free` is empty where all get it."""
    if free.size:
        for k in range(row.size):
            if free[k]:
                target[k] += row[k]
    else:
        for k in range(row.size):
            target[k] += row[k]


@_compiled
def note_time(spikes: Array, begin: int, end: int, t: float, last_spike: Array) -> None:
    """Note when these neurons have spiked."""
    for k in range(begin, end):
        last_spike[spikes[k]] = t
