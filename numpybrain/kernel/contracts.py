"""Contracts: what a network asks of what it runs. Objects that keep them are as good as those shipped.

An object brings stages; a stage has an operation; an operation says what it reads and writes, and gives a
callable for the context of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from numpybrain.kernel.state import State, put_back, values_of

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.events import EventBuffer
    from numpybrain.kernel.variables import Variable

Call = Callable[[], Any]


class Operation(Protocol):
    """Something that is done in steps, with the variables that it reads and writes.

    What varies in a run, and what an assignment in a run concerns, is found out from these alone. What only
    adds to a variable writes it, and does not read it.
    """

    @property
    def reads(self) -> Iterable[Variable]:
        """The variables whose values it uses."""

    @property
    def writes(self) -> Iterable[Variable]:
        """The variables whose values it may change."""

    @property
    def is_open(self) -> bool:
        """Whether it may also write to any array that is held outside: a Python function."""

    def prepare(self, run: RunContext) -> Callable[..., Any] | None:
        """The callable that does it in the steps of a run; None if there is nothing to do in this run.

        It is asked at the start of each run, when all stages are known, and again if something that the
        operation reads is assigned while the run goes on.
        """


PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")


@dataclass(slots=True, eq=False)
class Stage:
    """One line of the schedule.

    Attributes:
        phase: one of `PHASES`.
        owner: name of the object the stage belongs to.
        description: what it does, in a few words.
        operation: what is done; see `Operation`.
        origin: "equations", "kernel" or the file and line of a Python function.
        order: order within the phase, before the order of objects.
        seconds: time spent in the stage in the last run, estimated from a sample of its steps.
    """

    phase: str
    owner: str
    description: str
    operation: Operation
    origin: str = "equations"
    order: int = 0
    seconds: float = 0.0

    @property
    def is_python(self) -> bool:
        """Whether a Python function runs in it, which may assign to anything through its object."""
        return self.origin not in ("equations", "kernel")


class Watcher(Protocol):
    """Observer of the preparation of a run, stage by stage."""

    def passed(self, stage: Stage) -> None:
        """A stage has been prepared."""

    def complete(self) -> None:
        """All stages have been prepared."""


class RunContext:
    """The run as its objects see it: the clock, and which variables can change while it goes on.

    Attributes:
        engine: name of the engine that calculates what it can.
        has_python: whether Python functions run in its steps, which may assign to anything.
        is_open: whether some of them may also write to every array that is held outside.
        stages: all stages of a step.
        written: the variables that stages write.
        notes: what operations tell each other while they are prepared, by keys of their own.
        watchers: what looks on while that goes on.
        fuse: gives, for prepared stages, what takes several steps at once, if an engine can.
    """

    __slots__ = (
        "_progress", "clock", "engine", "fuse", "has_python", "is_open", "notes", "stages", "watchers",
        "written",
    )  # fmt: skip

    def __init__(self, clock: Clock, engine: str = "numpy") -> None:
        self.clock = clock
        self.engine = engine
        self.has_python = self.is_open = self._progress = False
        self.stages: frozenset[Stage] = frozenset()
        self.written: frozenset[Variable] = frozenset()
        self.notes: dict[Any, Any] = {}
        self.watchers: list[Watcher] = []
        self.fuse: Callable[..., Callable[[int, int], int] | None] | None = None

    def begin(self) -> None:
        """All stages are going to be prepared."""
        self.notes.clear()
        self.watchers.clear()

    def note(self, stages: Iterable[Stage], *, progress: bool = False) -> None:
        """Find out what varies, from what all stages declare.

        `progress`: whether a function of the user is called beside them.
        """
        self._progress = progress
        self.note_again(stages)

    def note_again(self, stages: Iterable[Stage]) -> None:
        """The same in the middle of a run, whose function of progress is that of its beginning."""
        stages, progress = list(stages), self._progress
        self.stages = frozenset(stages)
        operations = [stage.operation for stage in stages]
        self.written = frozenset(slot for operation in operations for slot in operation.writes)
        self.has_python = progress or any(stage.is_python for stage in stages)
        self.is_open = progress or any(operation.is_open for operation in operations)

    def is_written(self, slot: Variable) -> bool:
        """Whether steps change a variable: their stages declare it, or the kernel keeps it up."""
        return slot in self.written or (slot.kind == "special" and not slot.constant)

    def varies(self, slot: Variable) -> bool:
        """Whether a variable may change in the run without an assignment that is noticed."""
        return self.is_written(slot) or (self.is_open and slot.aliased and not slot.constant)

    def uniform(self, slots: Iterable[Variable]) -> list[Variable]:
        """Those variables that have one value for all elements, now and for the rest of the run."""
        return [s for s in slots if not self.varies(s) and s.uniform_value() is not None]


@runtime_checkable
class SimulationObject(Protocol):
    """Object that a network runs. A class derived from it gives a name and stages; the rest may stay.

    Attributes:
        name: for messages and the schedule.
        stages: what it does in every step.
        network: a weak reference to the network that it belongs to; None before there is one.
        brings: further objects that come to a network with it.
        coordinators: the kinds of objects that do for several others, in one stage, what concerns them all.
        is_record: whether its state is a record of the run, which a snapshot may leave out.
    """

    name: str
    stages: Sequence[Stage]
    network: Callable[[], Any] | None = None
    brings: Sequence[Any] = ()
    coordinators: Sequence[type[Coordinator]] = ()
    is_record: bool = False

    def requires(self) -> Mapping[str, Any]:
        """The objects that must be in the network too, by words that say what they are to this one."""
        return {}

    def check(self, clock: Clock) -> None:
        """Raise an error unless it fits the time step of a network, before it becomes part of it."""
        return

    def join(self, network: Callable[[], Any], run: RunContext) -> None:
        """Become part of a network, whose runs have this context."""
        self.network = network

    def begin(self, steps: int) -> None:
        """A run of so many steps is going to be prepared."""
        return

    def is_ready(self, steps: int) -> bool:
        """Whether a run of so many steps can go on from the last one without `begin`."""
        return True

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Tell from now on, during a run, which variable has been assigned; None when the run is over."""
        return

    def notice(self, variable: Variable) -> bool:
        """A variable of some object was assigned in a run: whether stages must be prepared anew."""
        return False

    def renumber(self, new: Any) -> None:
        """Element k of the object that it was made for is now `new[k]`, or gone where that is -1."""
        return

    def get_state(self) -> Mapping[str, Any]:
        """Give the state that the next step depends on, for snapshots: names -> numbers, texts, arrays."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to what `get_state` gave."""
        return


class DeclaringObject(SimulationObject):
    """Object that declares its state: snapshots check all of it before anything is put back."""

    def declare_state(self) -> Iterable[State]:
        """Give the state that the next step depends on, in the order in which it is put back."""
        return ()

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        return {"kind": type(self).__name__, "name": self.name, "is_record": self.is_record}

    def begin_anew(self) -> Call:
        """Give the call that forgets all records; other objects have none."""
        return lambda: None

    def get_state(self) -> Mapping[str, Any]:
        """Give the state that is declared."""
        return values_of(self.declare_state())

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to what `get_state` gave."""
        put_back(self.declare_state(), state)


class Coordinator(Protocol):
    """Coordinator that does in one stage what concerns several objects; a network has one of each kind."""

    def include(self, member: Any) -> None:
        """An object that needs the coordinator becomes part of the network."""

    def exclude(self, member: Any) -> Sequence[Stage]:
        """An object goes; gives the stages that nobody needs any more."""

    def new_stages(self) -> Sequence[Stage]:
        """The stages that are needed now and were not before."""


@runtime_checkable
class SpikeSource(Protocol):
    """Something whose spikes, or other events, synapses carry.

    Attributes:
        name: for messages.
        size: the number of its neurons.
        events: who has which event in a step; "spikes" is one of them.
    """

    name: str
    size: int
    events: Mapping[str, EventBuffer]
