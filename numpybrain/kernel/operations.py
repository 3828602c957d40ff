"""Operations that consist of others, or only say what they read and write."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any

from numpybrain.kernel.contracts import Operation, RunContext
from numpybrain.kernel.variables import Variable


class Access:
    """Operation that is known by what it reads and writes alone; it has nothing to do itself."""

    __slots__ = ("is_open", "reads", "writes")

    def __init__(
        self, reads: Iterable[Variable] = (), writes: Iterable[Variable] = (), *, is_open: bool = False
    ) -> None:
        self.reads = reads
        self.writes = writes
        self.is_open = is_open

    def prepare(self, run: RunContext) -> None:
        """Nothing is done."""


class Function:
    """Operation that calls a function in every step of every run.

    Args:
        function: what is called; with the neurons, or what else those hand over who call it.
        reads, writes: the variables whose values it uses, and those that it may change.
    """

    __slots__ = ("function", "is_open", "reads", "writes")

    def __init__(
        self, function: Callable[..., Any], reads: Iterable[Variable] = (), writes: Iterable[Variable] = ()
    ) -> None:
        self.function = function
        self.reads = list(reads)
        self.writes = list(writes)
        self.is_open = False

    def prepare(self, run: RunContext) -> Callable[..., Any]:
        """The function itself."""
        return self.function


class Composite(abc.ABC):
    """Base of operations that consist of others, and touch what these touch."""

    @abc.abstractmethod
    def parts(self) -> Iterable[Operation]:
        """The operations that it consists of; they may become others from run to run."""

    @property
    def reads(self) -> set[Variable]:
        """Variables that its parts read."""
        return {variable for part in self.parts() for variable in part.reads}

    @property
    def writes(self) -> set[Variable]:
        """Variables that its parts write."""
        return {variable for part in self.parts() for variable in part.writes}

    @property
    def is_open(self) -> bool:
        """Whether one of its parts may write to arrays that are held outside."""
        return any(part.is_open for part in self.parts())


class Task(Composite):
    """Operation that a function prepares.

    Args:
        prepare: gives the callable of a run, or None; see `Operation.prepare`.
        parts: gives the operations that it consists of.
        tells: gives the events, if it looks at these and the time alone; what else engines know; or None.
    """

    def __init__(
        self,
        prepare: Callable[[RunContext], Callable[..., Any] | None],
        parts: Callable[[], Iterable[Operation]] = tuple,
        tells: Callable[[], Any] = lambda: None,
    ) -> None:
        self.prepare = prepare
        self.tells = tells
        self._parts = parts

    def parts(self) -> Iterable[Operation]:
        """The operations that it consists of."""
        return self._parts()
