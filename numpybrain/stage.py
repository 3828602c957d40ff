"""A stage: one thing that happens in every step. Compiled strings and Python functions meet here.

The kernel knows nothing of a stage but its phase, its words for the schedule and how to get the
callable that does the work.

The kernel's classes are written out: `dataclasses` would add a tenth to the time of the import.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")

Call = Callable[[], Any]


class Stage:
    """One line of the schedule.

    Attributes:
        phase: one of `PHASES`.
        owner: name of the object the stage belongs to.
        does: what it does, in a few words.
        prepare: called once at the start of every run; gives the callable of this run, or None if
            there is nothing to do in this run.
        origin: "equations", "kernel" or the file and line of a Python function.
        rank: order within the phase, before the order of objects.
        seconds: time spent in the stage in the last run, estimated from a sample of its steps.
    """

    __slots__ = ("does", "origin", "owner", "phase", "prepare", "rank", "seconds")

    def __init__(
        self,
        phase: str,
        owner: str,
        does: str,
        prepare: Callable[[], Call | None],
        origin: str = "equations",
        rank: int = 0,
        seconds: float = 0.0,
    ) -> None:
        self.phase = phase
        self.owner = owner
        self.does = does
        self.prepare = prepare
        self.origin = origin
        self.rank = rank
        self.seconds = seconds


def all_of(calls: list[Call]) -> Call | None:
    """One callable that calls several."""
    if len(calls) < 2:
        return calls[0] if calls else None
    if len(calls) == 2:
        first, second = calls
        return lambda: (first(), second())
    return lambda: [call() for call in calls]


def origin_of(function: Any) -> str:
    """`function_name (file.py:12)` for a Python function, "equations" for a text; never fails."""
    if not callable(function):
        return "equations"
    import inspect

    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        method = vars(type(function)).get("__call__")  # an object that can be called
        code = getattr(method, "__code__", None)
    if code is None:
        return str(name)
    return f"{name} ({Path(code.co_filename).name}:{code.co_firstlineno})"
