"""History of values: those of the last steps, in a ring."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np

from numpybrain.kernel.state import LONG, Form, State, Values, under
from numpybrain.kernel.variables import Array, room


class ValueHistory:
    """Ring of the values of a variable in the last steps, a row for each.

    Args:
        values: the first values, which hold for all steps before.
        step: of these values.
    """

    __slots__ = ("first", "last", "rows")

    def __init__(self, values: Array, step: int) -> None:
        self.rows = np.array(values)[np.newaxis]
        self.first = self.last = step

    def record(self, step: int, values: Array, longest: int) -> None:
        """Take the values of a step; from now on those of `longest` steps before are kept.

        Values of the first step may be taken again: those of then hold for all steps before.
        """
        if step == self.first or step not in (self.last, self.last + 1):  # time has started anew
            self.rows, self.first = np.array(values)[np.newaxis], step
            self.last = step
        self.keep(longest)
        self.rows[step % len(self.rows)] = values
        self.last = step

    def keep(self, longest: int) -> None:
        """From now on keep the values of `longest` steps before."""
        if longest >= len(self.rows):
            self._fill(self.in_order(), longest + 1)

    def lacks(self, now: int, steps: int) -> bool:
        """Whether the values of so many steps before the present one, or the next, are forgotten."""
        oldest = self.last - len(self.rows) + 1
        follows = now != self.first and now in (self.last, self.last + 1)  # else time starts anew
        return follows and now - steps < oldest and self.first < oldest

    def in_order(self) -> Array:
        """The rows, oldest first."""
        return np.roll(self.rows, -(self.last + 1) % len(self.rows), axis=0)

    def _fill(self, rows: Array, span: int) -> None:
        """Keep `span` rows, of which these, oldest first, are the last; the oldest holds before."""
        made = room((span, rows.shape[1]), rows.dtype.type)
        made[:] = rows[0]
        made[np.arange(self.last - len(rows) + 1, self.last + 1) % span] = rows
        self.rows = made

    @classmethod
    def of_rows(cls, rows: Array, last: int, first: int = -1) -> ValueHistory:
        """A history whose rows, oldest first, end with a step."""
        made = cls(rows[-1], last)
        made._fill(rows, len(rows))
        made.first = first
        return made


def state_of(histories: dict[str, ValueHistory], form: Callable[[str], Form | str]) -> State:
    """The state of histories by names; `form` gives that of the rows of one, or why there can be none."""

    def of(name: str) -> State:
        rows = form(name)
        if isinstance(rows, str):
            return State({}, check=lambda _: ("rows", rows))

        def get() -> Values:
            kept = histories[name]
            return {
                "rows": kept.in_order(),
                "last": kept.last,
                "first": None if kept.first < 0 else kept.first,
            }

        def put(values: Values) -> None:
            first = values.get("first")
            histories[name] = ValueHistory.of_rows(
                values["rows"], values["last"], -1 if first is None else first
            )

        def check(values: Values) -> tuple[str, str] | None:
            return None if len(values["rows"]) else ("rows", "is empty")

        step = Form(int, limit=LONG)
        return State({"rows": rows, "last": step, "first": replace(step, optional=True)}, get, put, check)

    def each(_: Values, names: Collection[str] | None) -> Iterator[State]:
        for name in histories if names is None else dict.fromkeys(x.split("/")[0] for x in names):
            yield from under(f"{name}/", [of(name)])

    return State({}, put=lambda _: histories.clear(), then=each)
