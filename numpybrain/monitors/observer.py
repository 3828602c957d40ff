"""Base of monitors: which elements of a source they observe, in which steps, and in which network."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, NetworkError, suggestion
from numpybrain.group.foreign_space import space_of
from numpybrain.group.group import Attachment, Group
from numpybrain.group.indexing import selection
from numpybrain.group.timing import Timing
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.clock import EVERY_STEP, Clock, Steps
from numpybrain.kernel.contracts import (
    PHASES,
    Call,
    DeclaringObject,
    Operation,
    RunContext,
    SpikeSource,
    Stage,
)
from numpybrain.kernel.operations import Task
from numpybrain.kernel.subgroup import Where, where_of, whole_of
from numpybrain.kernel.variables import Array
from numpybrain.utils.live import lives_once


@lives_once
class Observer(DeclaringObject):
    """Base of monitors.

    Args:
        source: neurons, a part of them, or synapses.
        name: for messages and the schedule.
        subject: the words about the source in messages: "a monitor records neurons or synapses".
        timing: the interval between two records, when they begin and end.
        of: which elements, relative to the source.

    Attributes:
        source, group: what is observed, and the whole group of it.
        inspect: the variables of the group.
        index: which elements of the group are observed.
    """

    is_record = True

    def __init__(self, source: Any, name: str, subject: str, timing: tuple[Any, Any, Any], of: Any) -> None:
        whole = whole_of(source) if hasattr(source, "size") else None
        if not isinstance(whole, (Group, SpikeSource)):
            raise ArgumentError(f"{subject} (got {type(source).__name__})")
        self.name = name
        self.source = source
        self.group: Any = whole
        self.inspect: VariableSpace = space_of(source)
        self.index: Where = selection(of, source, where_of(source))
        self._timing = Timing.of(*timing, f"'{name}'")
        self._steps: Steps = EVERY_STEP
        self._network: Any = None
        self._home: Clock | None = None  # the clock of the network that it is, or was, part of
        self._stopped: Clock | None = None  # one that shows when it left that network

    def _is_made(self) -> None:
        """The constructor is done: a run without it is worth a warning."""
        Attachment(self, [self.group] if isinstance(self.group, Group) else [])

    def _stage(
        self,
        phase: str,
        verb: str,
        prepare: Callable[[RunContext], Call | None],
        parts: Callable[[], Iterable[Operation]] = tuple,
        order: int = 0,
        tells: Callable[[], Any] = lambda: None,
    ) -> Stage:
        """Give the stage in which it observes.

        Raises:
            NetworkError: if there is no such phase.
        """
        if phase not in PHASES:
            raise NetworkError(f"unknown phase '{phase}'{suggestion(str(phase), PHASES)}")
        description = f"{verb} of {self.source.name}"
        return Stage(phase, self.name, description, Task(prepare, parts, tells), "kernel", order=order)

    # ---- the network ----

    def requires(self) -> dict[str, Any]:
        """The group that is observed."""
        return {f"which '{self.name}' records": self.group}

    def check(self, clock: Clock) -> None:
        """Raise an error unless the timing fits the time step."""
        self._timing.steps(clock)

    def join(self, network: Any, run: RunContext) -> None:
        """Become part of a network."""
        self._home, self.network = run.clock, network
        self._steps = self._timing.steps(run.clock)

    def renumber(self, new: Array) -> None:
        """Synapse k is now `new[k]`; of those that are -1 there is nothing more to observe."""
        index = self._which(new.size)
        self.index = np.where(index < 0, -1, new.take(index))

    @property
    def network(self) -> Any:  # type: ignore[override]
        """A weak reference to the network that it belongs to."""
        return self._network

    @network.setter
    def network(self, network: Any) -> None:
        self._network, self._stopped = network, None
        if network is None and self._home is not None:  # it is removed: its time goes on no more
            self._stopped = Clock(self._home.dt)
            self._stopped.at(self._home.step)

    @property
    def _clock(self) -> Clock:
        """The clock until it was removed; that of the group before there is a network."""
        found: Clock = self._stopped or self._home or self.inspect.present().clock
        return found

    @property
    def _is_left_out(self) -> bool:
        """Whether what it observes has run, and it has never been part of a network."""
        return self._home is None and self.inspect.present().clock.step > 0

    def _check_it_was_there(self) -> None:
        """Raise an error if it is left out: empty records would say that there was nothing."""
        if self._is_left_out:
            advice = "give it to Network(...), or to net.add(...), before the run"
            raise NetworkError(f"{self!r} is in no network, so it has recorded nothing", help=advice)

    # ---- elements ----

    def _which(self, n: int | None = None) -> Array:
        """The indices of what is observed, among `n` elements of the group; by default those of now."""
        if isinstance(self.index, slice):
            return np.arange(self.inspect.size if n is None else n)[self.index]
        return self.index

    def _width(self) -> int:
        if isinstance(self.index, slice):
            return len(range(*self.index.indices(self.inspect.size)))
        return int(self.index.size)

    # ---- checkpoints ----

    def _structure(self, kind: str, **more: Any) -> dict[str, Any]:
        """What must be the same where a snapshot is put back."""
        return {"kind": kind, "name": self.name, "source": self.group, **more, **self._timing.given()}

    def begin_anew(self) -> Call:
        """Give the call that forgets all records; there may be other synapses then."""
        before = self.inspect.size

        def begin() -> None:
            n = self.inspect.size
            if not isinstance(self.index, slice):
                self.index = np.where(
                    self.index < n, self.index, -1
                )  # those beyond the last have no values
            elif self.index == slice(0, before):  # all stay all
                self.index = slice(0, n)
            self._clear()

        return begin

    @abc.abstractmethod
    def _clear(self) -> None:
        """Forget all records."""
