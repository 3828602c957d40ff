"""The schedule as users see it: printable, and open to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpybrain.errors import NetworkError, suggestion, visible
from numpybrain.kernel import schedule
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Stage
from numpybrain.kernel.operations import Access, Task
from numpybrain.network.engines import told
from numpybrain.utils.live import lives_once
from numpybrain.utils.python_functions import function_arguments, origin_of


@lives_once
class Schedule(schedule.Schedule):
    """The stages of a network in the order in which they run.

    Stages are found by position, by "owner: what it does" or by a part of that which fits only one.
    """

    def find(self, which: Stage | str | int) -> Stage:
        """The stage that is meant.

        Raises:
            NetworkError: if none or several fit.
        """
        if isinstance(which, Stage):
            if which in self.stages:
                return which
            raise NetworkError(f"the stage '{label(which)}' is not in this schedule")
        if isinstance(which, int):
            return self.stages[which]
        exact = [s for s in self.stages if label(s) == which]
        found = exact or [s for s in self.stages if which in label(s)]
        if len(found) == 1:
            return found[0]
        labels = [label(s) for s in found or self.stages]
        if found:
            raise NetworkError(f"'{which}' fits several stages: {'; '.join(labels)}")
        raise NetworkError(f"no stage '{which}'{suggestion(which, labels)}")

    def insert(
        self,
        function: Callable[..., Any],
        *,
        before: Stage | str | int | None = None,
        after: Stage | str | int | None = None,
    ) -> Stage:
        """Put a Python function (arguments: none, `t` or `dt`) before or after a stage."""
        if (before is None) == (after is None):
            raise NetworkError("insert takes either before= or after=")
        neighbour = self.find(after if before is None else before)  # type: ignore[arg-type]
        stage = self.stage_of(function, neighbour.phase, "user")
        self.stages.insert(self.stages.index(neighbour) + (before is None), stage)
        return stage

    def replace(self, which: Stage | str | int, function: Callable[..., Any]) -> Stage:
        """Run a Python function (arguments: none, `t` or `dt`) in place of a stage."""
        old = self.find(which)
        stage = self.stage_of(function, old.phase, old.owner)
        self.stages[self.stages.index(old)] = stage
        return stage

    def stage_of(
        self,
        function: Callable[..., Any],
        phase: str,
        owner: str,
        draw: Callable[[], Any] | None = None,
    ) -> Stage:
        """A stage that calls a function of nothing, of `t` or of `dt`; it is not in the schedule yet.

        If `draw` gives a generator of random numbers, the function may ask for it as `rng`.
        """
        call = timed_call(function, self.clock, draw)
        name = getattr(function, "__name__", "function")
        free = Access(is_open=True)  # it may write to whatever it holds
        return Stage(phase, owner, name, Task(lambda _: call, lambda: (free,)), origin_of(function))

    def move(
        self,
        which: Stage | str | int,
        *,
        before: Stage | str | int | None = None,
        after: Stage | str | int | None = None,
    ) -> None:
        """Move a stage before or after another."""
        if (before is None) == (after is None):
            raise NetworkError("move takes either before= or after=")
        stage = self.find(which)
        neighbour = self.find(after if before is None else before)  # type: ignore[arg-type]
        if neighbour is stage:
            raise NetworkError("a stage cannot be moved before or after itself")
        self.stages.remove(stage)
        self.stages.insert(self.stages.index(neighbour) + (before is None), stage)

    def remove(self, which: Stage | str | int) -> None:
        """Take a stage out."""
        self.stages.remove(self.find(which))

    def __getitem__(self, which: str | int) -> Stage:
        return self.find(which)

    def __repr__(self) -> str:
        return visible(str(self))

    def rows(self) -> list[tuple[str, ...]]:
        """The schedule as a table: a line of heads, and a line for each stage."""
        total = sum(s.seconds for s in self.stages)
        engines = [told(s) for s in self.stages]
        head = ("", "phase", "object", "what it does", "comes from")
        rows: list[tuple[str, ...]] = [
            head,
            *((str(k), s.phase, s.owner, s.description, s.origin) for k, s in enumerate(self.stages)),
        ]
        if any(engines):  # else NumPy does it all
            rows = [(*row, text) for row, text in zip(rows, ("engine", *engines), strict=True)]
        shares = [f"{100 * s.seconds / total:.1f} %" if total else "" for s in self.stages]
        return [(*row, text) for row, text in zip(rows, ("share" if total else "", *shares), strict=True)]

    def _repr_html_(self) -> str:
        from numpybrain.network import network_html

        return network_html.schedule_html(self.rows())

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = []
        for row in rows:
            cells = [cell.ljust(w) for cell, w in zip(row, widths, strict=True)]
            cells[0], cells[-1] = row[0].rjust(widths[0]), row[-1].rjust(widths[-1])
            lines.append("  ".join(cells).rstrip())
        return "\n".join(lines)


def timed_call(
    function: Callable[..., Any], clock: Clock, draw: Callable[[], Any] | None = None
) -> Callable[[], Any]:
    """What calls a function of nothing, of the time `t`, of `dt`, and of the generator that `draw` gives.

    Raises:
        NetworkError: if it takes something else.
    """
    names = function_arguments(function)
    known = ("t", "dt") if draw is None else ("t", "dt", "rng")
    if not set(known).issuperset(names):
        message = f"{origin_of(function)} takes no argument but {' and '.join(known)} here"
        raise NetworkError(message, help="to get arrays by name, use @group.at(phase)")
    if "rng" in names and draw is not None:
        rng = draw()
        return lambda: function(**{n: rng if n == "rng" else getattr(clock, n) for n in names})
    if not names:
        return function
    if names == ["t"]:
        return lambda: function(clock.t)
    return lambda: function(**{name: getattr(clock, name) for name in names})


def label(stage: Stage) -> str:
    """The name of a stage, as in "cells: reset"."""
    return f"{stage.owner}: {stage.description}"
