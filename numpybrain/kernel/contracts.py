"""Contracts: what a network asks of what it runs. Objects that keep them are as good as those shipped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.events import EventBuffer
    from numpybrain.kernel.run import RunContext
    from numpybrain.kernel.stage import Stage
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
        """Whether it may also write to any array that somebody outside holds: a Python function."""

    def prepare(self, run: RunContext) -> Callable[..., Any] | None:
        """The callable that does it in the steps of a run; None if there is nothing to do in this run.

        It is asked at the start of each run, when all stages are known, and again if something that the
        operation reads is assigned while the run goes on.
        """


@runtime_checkable
class SimulationObject(Protocol):
    """Something that a network runs. Whoever derives from it gives a name and stages; the rest may stay.

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
        """What the next step depends on: names -> numbers, texts or arrays, which a snapshot keeps."""
        return {}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to what `get_state` gave."""
        return


class Coordinator(Protocol):
    """What does in one stage what concerns several objects; there is one of a kind for a network."""

    def include(self, member: Any) -> None:
        """An object that asks for it becomes part of the network."""

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
