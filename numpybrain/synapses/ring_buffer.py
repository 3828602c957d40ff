"""Ring of what will be added to variables of neurons in coming steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.kernel.variables import Array


class RingBuffer:
    """Ring buffer of additions to variables of neurons in coming steps: one row for each step.

    Two blocks of rows: what is added lands in the present block or the next; when the present one is
    used up, the next takes its place. So no index has to wrap around.

    Attributes:
        span: rows of a block; delays are shorter than that.
        n: how many neurons there are.
        rows: variable -> array of shape (2*span, n).
        last: nothing is due after this step.
        first: the step of the first row.
    """

    __slots__ = ("first", "last", "n", "rows", "span")

    def __init__(self, names: list[str], span: int, n: int) -> None:
        self.span = span
        self.n = n
        self.rows = {name: np.zeros((2 * span, n)) for name in names}
        self.last = -1
        self.first = 0

    def flat(self, name: str) -> Array:
        """Give the additions under way to a variable, in one dimension: place row*n + neuron."""
        return self.rows[name].reshape(-1)

    def turn(self, step: int) -> int:
        """The row of a step; what is past is dropped."""
        row = step - self.first
        if 0 <= row < self.span:
            return row
        next_block = 0 <= row < 2 * self.span
        for rows in self.rows.values():
            rows[: self.span] = rows[self.span :] if next_block else 0.0
            rows[self.span :] = 0.0
        self.first = self.first + self.span if next_block else step  # else nothing happened for long
        return step - self.first

    def deliver(self, step: int, writers: Mapping[str, Callable[[Array], Any]]) -> None:
        """Add what is due in a step to the variables; the row is not used again."""
        row = self.turn(step)
        for name, write in writers.items():
            write(self.rows[name][row])

    def clear(self) -> None:
        """Forget everything; time starts anew."""
        for rows in self.rows.values():
            rows[:] = 0.0
        self.first, self.last = 0, -1

    def extend(self, span: int, step: int) -> None:
        """Make room for longer delays."""
        if span <= self.span:
            return
        row = self.turn(step)
        for name, rows in self.rows.items():
            kept = rows[row : row + self.span]
            self.rows[name] = np.zeros((2 * span, self.n))
            self.rows[name][: len(kept)] = kept
        self.span, self.first = span, step
