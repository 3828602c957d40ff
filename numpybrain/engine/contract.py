"""Contract of an engine: a program and the layout of its data go in, what carries it out comes out.

Everything that a model says becomes a `Program` (`symbolic/program.py`): state updates and the rates of
loops, thresholds and conditions of events, resets and what synapses do at spikes, refractory periods, sums,
what is constant over dt, connection rules and initial values. A `BoundProgram` (`binding.py`) finds the
data of its names, chooses an engine, and is the `Operation` that a network runs. So whoever implements
`Engine` can take all of these, and what it refuses is done by the engine of NumPy.

What a program does in one call, for all its elements at once:

1. What it draws (`Program.draws`) and uses is drawn from the random stream of the object, in the order in
   which that is written there: for each element a number, or one for all if the draw is `single`. Functions
   of the user that draw (not `sized`) are called instead.
2. Its `steps` are calculated in order, then the values of all its `stores` and its `result`: all from the
   state as it was before the call.
3. The stores are carried out; each name is stored once. Those with an operator ("+=", "-=", "*=")
   accumulate where an index occurs several times; those without meet none twice, see `Program.rounds`.
4. The result is returned: an array with a value for each element (booleans for a condition), or one value
   if it is the same for all; for a `Tuple`, a tuple of these.

Dividing by zero gives infinity or NaN and no error, as in NumPy. Numbers are doubles; stored variables of
whole numbers and conditions keep their type, which is that of their arrays.

Elements are those of the group where `DataLayout.size` is "N", else those whose indices are the arguments;
index arguments that the program does not use may be empty then. An engine may calculate once, when it
binds, what cannot change in a run: `analysis.py` finds that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from numpybrain.utils.naming import ARRAY, SCALAR, SINGLETON, is_made_up

if TYPE_CHECKING:
    import numpy as np

    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import Call, RunContext, Stage
    from numpybrain.symbolic.program import Program

Leap = Callable[[int, int], int]
LINK = "link:"  # before the index argument, of a variable that is read through a link
WHOLE = (SCALAR, ARRAY, SINGLETON)  # how values are found without an index


@dataclass(frozen=True, slots=True)
class DataLayout:
    """Layout of the data of a program: how it accesses each name, and which values can change.

    Attributes:
        access: name -> how its values are found. SCALAR: one number, or an array with one value if that
            changes. ARRAY: one for each element. SINGLETON: an array with one value, where the group has
            one element: calculate with numbers, which NumPy does five times as fast. Else the name of the
            index argument to gather with; LINK before it: with what the link of that name tells for these
            indices. LINK alone: with the link itself, which has an index for each element.
        varying: names whose values can change during a run.
        aliased: those of them that only Python functions may change.
        dynamic: arguments that are new in every call: indices; and values, called as no variable is.
        rows: variables whose arrays are, in this order, the rows of one block.
        size: what random draws are as many as: the name "N", or an index argument.
        shielded: variables that refractory neurons keep from being written.
        fresh: functions of the user that may give something else in each step.
        aliases: stored name -> the other names of its array, in a fixed order.
    """

    access: Mapping[str, str]
    varying: frozenset[str]
    dynamic: tuple[str, ...] = ()
    size: str = "N"
    shielded: frozenset[str] = frozenset()
    rows: tuple[str, ...] = ()
    aliased: frozenset[str] = frozenset()
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()

    def is_gathered(self, name: str) -> bool:
        """Whether the values of a name are gathered with an index."""
        return self.access.get(name, SCALAR) not in WHOLE

    def is_linked(self, name: str) -> bool:
        """Whether the values of a name are read through a link."""
        return self.access.get(name, SCALAR).startswith(LINK)

    def index_of(self, name: str) -> str:
        """The index argument with which a gathered name is found; "" if that is its link alone."""
        return self.access[name].removeprefix(LINK)

    def keeps(self, name: str) -> bool:
        """Whether the values of a name stay in a run, unless Python functions change them."""
        is_moving = self.is_gathered(name) or name == "t" or name in self.given
        return not is_moving and name not in self.varying - self.aliased

    @property
    def given(self) -> frozenset[str]:
        """The values among what is new in every call."""
        return frozenset(filter(is_made_up, self.dynamic))

    @property
    def key(self) -> tuple[Any, ...]:
        """Equal for equal layouts of one program."""
        names = tuple(sorted(self.access.items())), tuple(sorted(self.aliases.items()))
        return *names, self.varying, self.shielded, self.aliased, self.fresh


class ProgramData(Protocol):
    """The data of a program, for a run. Arrays are live, and stay where they are for the run."""

    @property
    def is_single(self) -> bool:
        """Whether there is one element, so that one may calculate with numbers in place of arrays."""

    def value(self, name: str) -> Any:
        """The number or the array of a name; "dt" among them. The array has the type of the variable."""

    def size(self) -> int:
        """Give the number of elements of the group."""

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the user."""

    def generator(self) -> np.random.Generator:
        """The random stream of the object."""

    def shield(self, name: str) -> Callable[..., None]:
        """Give a callable (array, index, value, op) that writes a variable but in refractory neurons."""

    def link(self, name: str) -> Any:
        """Give the index, for each element, of the value of a linked variable that it reads."""

    def block(self, first: str, last: str) -> Any:
        """The rows from one variable to another, of the block of arrays in `DataLayout.rows`."""


@dataclass(frozen=True, slots=True)
class SpikeDelivery:
    """What a pathway does, for an engine that takes several steps at once.

    Attributes:
        events: who has spiked.
        rows: the synapses by these neurons: `first`, `last`, `far`, `order` (see `kernel.csr.CSRTable`).
        side: "pre" or "post": where these neurons are.
        act: the program that acts on the synapses reached; indices are "pre", "post", "synapse".
        steps: the delay of all of them.
        waiting: what is under way, a `kernel.spike_queue.SpikeQueue`.
    """

    events: Any
    rows: Any
    side: str
    act: Any
    steps: int
    waiting: Any


@dataclass(frozen=True, slots=True)
class RingDelivery:
    """What pathways that add to the same variables do, for an engine that takes several steps at once.

    Attributes:
        sources: who has spiked, and which row is that of the first neuron of each.
        rows: the synapses in rows: `first` and `last` of each row.
        keys: for each synapse in rows, where in the ring an event lands, from the row of the present step.
        amounts: variable -> what an event adds: one number, or one for each synapse in rows.
        ring: what is under way, a `synapses.ring_buffer.RingBuffer`.
        longest: the longest delay in steps.
        targets: variable -> its array, as far as it gets something; and for shielded ones which neurons
            are free, or None.
        acts: the programs that say so.
        advanced: tells that steps have been taken: the last one; and (step, spikes by their rows) where
            some have not arrived.
    """

    sources: Sequence[tuple[Any, int]]
    rows: Any
    keys: Any
    amounts: Mapping[str, Any]
    ring: Any
    longest: int
    targets: Mapping[str, tuple[Any, Any]]
    acts: Sequence[Any]
    advanced: Callable[[int, Sequence[tuple[int, Any]]], None]


class Executable(Protocol):
    """A compiled program with its data."""

    @property
    def uses_t(self) -> bool:
        """Whether what it does in a step depends on the time."""

    @property
    def reads_values(self) -> bool:
        """Whether each call looks at values of variables, and not only at what binding has calculated."""

    @property
    def source(self) -> str:
        """The code that runs, for people."""

    def call(self, clock: Clock) -> Callable[..., Any]:
        """Give a callable that carries the program out: takes `DataLayout.dynamic`, returns the result."""


class CompiledProgram(Protocol):
    """A program that is compiled for a layout, still without data: many objects may share it."""

    def bind(self, data: ProgramData) -> Executable:
        """Give it its data: at the start of a run, and whenever data that do not vary have changed."""


class Engine(Protocol):
    """Engine that compiles and carries out programs.

    Attributes:
        name: the name that users write.
    """

    name: str

    def refuses(self, program: Program, layout: DataLayout) -> str | None:
        """Give the reason why it cannot take a program with such data; None if it can."""

    def compile(self, program: Program, layout: DataLayout) -> CompiledProgram:
        """Compile a program that it does not refuse."""

    def fuse(self, context: RunContext, stages: Sequence[Stage], calls: Sequence[Call]) -> Leap | None:
        """Give what takes several steps at once in place of the calls of all stages; None if it cannot.

        It may be called between any two steps, or not, and leaves everything as the calls would: it takes
        a step and the one to stop at, and gives the one that it has come to, perhaps earlier.
        """
