"""A stage: one thing that happens in every step. Compiled strings and Python functions meet here.

The kernel knows nothing of a stage but its phase, its words for the schedule and how to get the
callable that does the work.

The kernel's classes are written out: `dataclasses` would add a tenth to the time of the import.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")

Call = Callable[[], Any]


class Operation(Protocol):
    """Part of what a stage does, with the variables (their storage) that it reads and writes.

    What only adds to a variable writes it, and does not read it.
    """

    @property
    def reads(self) -> Iterable[Any]:
        """The variables whose values it uses."""

    @property
    def writes(self) -> Iterable[Any]:
        """The variables whose values it may change."""

    @property
    def is_open(self) -> bool:
        """Whether it may also write to any array that somebody outside holds: a Python function."""


class Access:
    """Operation that is known by what it reads and writes alone."""

    __slots__ = ("is_open", "reads", "writes")

    def __init__(
        self, reads: Iterable[Any] = (), writes: Iterable[Any] = (), *, is_open: bool = False
    ) -> None:
        self.reads = reads
        self.writes = writes
        self.is_open = is_open


def nothing() -> Iterable[Operation]:
    """The operations of a stage that touches no variable."""
    return ()


class Stage:
    """One line of the schedule.

    Attributes:
        phase: one of `PHASES`.
        owner: name of the object the stage belongs to.
        description: what it does, in a few words.
        prepare: called once at the start of every run; gives the callable of this run, or None if
            there is nothing to do in this run.
        operations: gives what the stage consists of, so that the network knows before the run what
            varies in it, and which stages an assignment in the run concerns.
        origin: "equations", "kernel" or the file and line of a Python function.
        order: order within the phase, before the order of objects.
        seconds: time spent in the stage in the last run, estimated from a sample of its steps.
    """

    __slots__ = ("description", "operations", "origin", "owner", "phase", "prepare", "order", "seconds")

    def __init__(
        self,
        phase: str,
        owner: str,
        description: str,
        prepare: Callable[[], Call | None],
        origin: str = "equations",
        order: int = 0,
        seconds: float = 0.0,
        operations: Callable[[], Iterable[Operation]] = nothing,
    ) -> None:
        self.phase = phase
        self.owner = owner
        self.description = description
        self.prepare = prepare
        self.origin = origin
        self.order = order
        self.seconds = seconds
        self.operations = operations

    @property
    def is_python(self) -> bool:
        """Whether a Python function runs in it, which may assign to anything through its object."""
        return self.origin not in ("equations", "kernel")


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
