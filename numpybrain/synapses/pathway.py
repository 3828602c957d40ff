"""A pathway: what one kind of event of the neurons on one side does to their synapses, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.contract import RingDelivery, SpikeDelivery
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, shown, suggestion
from numpybrain.kernel.connectivity import OTHER
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.kernel.operations import Access
from numpybrain.kernel.spike_queue import SpikeQueue
from numpybrain.kernel.state import Form, State, Values, under
from numpybrain.kernel.synapses import Deliver, with_one_delay, with_own_delays
from numpybrain.kernel.variables import CHANGES, Array, Variable
from numpybrain.synapses.bundles import join
from numpybrain.synapses.delays import called, steps_of
from numpybrain.synapses.delivery import INDICES, Delivery, Events
from numpybrain.synapses.dendritic_delay import Dendrite
from numpybrain.synapses.domain import INDEX
from numpybrain.synapses.scheduled_additions import PathwayAdditions, fits, is_fixed
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.remade import Remade

if TYPE_CHECKING:
    from numpybrain.kernel.csr import CSRTable
    from numpybrain.symbolic.program import Program
    from numpybrain.synapses.synapse_space import SynapseSpace


HANDED = Form(object, others=tuple(Form(kind, ("events",)) for kind in (float, bool, int)))  # to each event


class Pathway:
    """Statements, or a function, for the synapses of the neurons on one side that had an event.

    Attributes:
        name: such as "on_pre".
        side: "pre" or "post": whose events these are.
        event: "spikes", or the name of another event of the neurons.
        text: the statements or the function, as given.
        slot: where the delay is stored, in ms.
        waiting: what is under way.
        dendrite: what is under way from the synapses to their neurons, if that takes time.
        kept: instant events that wait for the reset of this step.
    """

    def __init__(
        self, space: SynapseSpace, name: str, side: str, text: Any, event: str, slot: Variable
    ) -> None:
        if not callable(text) and not isinstance(text, str):
            what = name if name in ("on_pre", "on_post") else f"the pathway '{name}'"
            raise ArgumentError(f"{what} is a string or a function (got {type(text).__name__})")
        neurons = space.projection.space(side)
        if event not in neurons.events:
            message = f"'{neurons.name}' has no event '{event}' to start '{name}' of '{space.name}'"
            advice = f"define it there: Neurons(..., events={{'{event}': 'v > 1*mV'}})"
            raise UnknownNameError(message + suggestion(event, neurons.events), help=advice)
        self._space = space
        self.name = name
        self.side = side
        self.text = text
        self.event = event
        self.slot = slot
        self.waiting = SpikeQueue()
        self.kept: list[Events] = []
        self._made = Remade(self._programs_follow_from, self._make_programs)
        self._near: BoundProgram | None = None
        self._far: BoundProgram | PythonFunction | None = None
        self._passed: tuple[str, ...] = ()
        self._part: PathwayAdditions | None = None  # what it adds, if that is all it does
        self._made_for: Any = None  # what effects follow from
        self.dendrite: Dendrite | None = None
        if callable(text):
            if side == "pre" and "dendritic_delay" in space.state.slots:
                message = f"a dendritic delay needs statements, but {name} of '{space.name}' is a function"
                raise ArgumentError(message, help="let the function write to variables of the synapses")
            self._far = PythonFunction(text, space.environment, ("pre", "post", "synapses"))
        else:
            self.refresh_programs()

    @property
    def delay(self) -> Any:
        """The delay of each synapse in ms, shape (n_synapses,); may be assigned."""
        return self._space.state.read(self.slot.name)

    @delay.setter
    def delay(self, value: Any) -> None:
        self._space.write(self.slot.name, value)

    @property
    def origin(self) -> str:
        """Origin of the operation in the program, for the schedule."""
        return origin_of(self.text)

    def programs(self) -> tuple[Program | None, Program | None]:
        """Give the programs for each spike and for each synapse, as far as these are texts."""
        self.refresh_programs()
        near, far = (
            piece.program if isinstance(piece, BoundProgram) else None for piece in (self._near, self._far)
        )
        return near, far

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        parts = (part.source for part in (self._near, self._far) if isinstance(part, BoundProgram))
        return "\n".join(filter(None, parts))

    @property
    def rows(self) -> CSRTable:
        """The synapses by the neurons whose events these are."""
        return self._space.connectivity.table(self.side)

    def has_common_delay(self) -> bool:
        """Whether there is one delay for all synapses, now and for the rest of a run."""
        return self.slot.name in self._space.singles()

    # ---- programs ----

    def refresh_programs(self) -> None:
        """Make the programs, anew if variables have moved or differ among synapses now."""
        if not callable(self.text):
            self._made()

    def _programs_follow_from(self) -> tuple[Any, ...]:
        space = self._space
        return space.singles(), tuple(space.sides_of.items()), "lastupdate" in space.state.slots

    def _make_programs(self, singles: frozenset[str], *_: Any) -> bool:
        space = self._space
        model = space.model
        assert model is not None  # there is a text
        # events with delays of their own meet the synapses one by one, whose spike they carry or not
        kind = partial(self._kind, singles) if self.slot.name in singles else _everything_is_far
        shields = space.shields()
        made = model.pathway(self.name, kind, space.sides_of, shields, late=space.keeps)
        self._near, self._far, self._passed = None, None, made.passed
        environment = space.shielded(shields)
        if made.spikes is not None:
            self._near = BoundProgram(made.spikes, environment, dynamic=INDICES, size=self.side)
        far = made.synapses
        if far is not None and self.side == "pre" and "dendritic_delay" in space.state.slots:
            self.dendrite = Dendrite.of(space, far, self.dendrite)
        if far is not None and self.dendrite is not None:
            far, environment.look_up = self.dendrite.program, self.dendrite.look_up
        if far is not None:
            dynamic = (*INDICES, *made.passed)
            self._far = BoundProgram(far, environment, dynamic=dynamic, size=OTHER[self.side])
        return True

    def _kind(self, singles: frozenset[str], name: str) -> str:
        """Classify a name by what its values differ in for an event: "one", "near" or "far"."""
        found = self._space.look_up(name)
        if name in singles:
            # what is kept for the reset must fit the programs of later runs, when there may be many values
            return "far" if self._space.keeps else "one"
        if found is None or found.index is None:
            return "one"
        return "near" if found.index in (self.side, INDEX[self.side]) else "far"

    def operations(self) -> list[Operation]:
        """Give the reads and writes of the pathway: known from its statements before it has programs."""
        found: list[Operation] = [piece for piece in (self._near, self._far) if piece is not None]
        slots = self._space.state.slots
        delays = [slots[name] for name in (self.slot.name, "dendritic_delay") if name in slots]
        found.append(Access(reads=delays))
        return found if callable(self.text) else [*found, self._space.access(self.name)]

    # ---- running ----

    def steps(self, context: RunContext) -> Any:
        """The delay in steps: one for all, or one for each synapse."""
        what = called(self.slot, self._space.name)
        return steps_of(self.slot, context.clock, what, common=self.has_common_delay())

    def prepare(self, context: RunContext) -> Call | None:
        """The callable of a run: send this step's events on their way, deliver what is due."""
        self.refresh_programs()
        if not self._space.size and not context.has_python:
            self.settle()
            return None
        made_for = self._what_effects_follow_from(context)
        if made_for is None or made_for != self._made_for:
            self.settle()
        self._made_for = made_for
        deliver = self._delivery(context).prepare(context)
        if self._part is not None and self._adds(self._part.steps, context):
            return self._joined(self._part, deliver, context)
        self.settle()
        steps = self.steps(context)
        if self._adds(steps, context):
            assert isinstance(self._far, BoundProgram)  # that is fixed
            self._part = PathwayAdditions(
                self._space, self.side, self.event, self._far, steps, self.waiting
            )
            return self._joined(self._part, deliver, context)
        act = self._each if isinstance(steps, np.ndarray) else self._all_alike
        arrive = None if self.dendrite is None else self.dendrite.prepare(context)
        call = act(steps, deliver, context)
        return call if arrive is None else lambda: (call(), arrive())

    def delivery(self) -> SpikeDelivery | RingDelivery | None:
        """What it does in this run, if an engine can: acting on synapses with one delay, or by a ring."""
        effects = None if self._part is None else self._part.effects
        if effects is not None:  # the first of those that share it does it for all
            return effects.delivery() if effects.parts[0] is self._part else None
        plain = self._near is None and self.dendrite is None and not self._passed and self._part is None
        if not plain or not isinstance(self._far, BoundProgram) or not self.has_common_delay():
            return None
        steps = self.steps(self._space.present())
        events = self.rows.neurons.events[self.event]
        return SpikeDelivery(events, self.rows, self.side, self._far, steps, self.waiting)

    def _all_alike(self, steps: int, deliver: Deliver, context: RunContext) -> Call:
        """The callable of a run for synapses with one delay."""
        buffer = self.rows.neurons.events[self.event]
        return with_one_delay(context.clock, buffer, self.waiting, steps, deliver)

    def _adds(self, steps: Any, context: RunContext) -> bool:
        """Whether all that events do in this run is to add what stays the same, for which there is room."""
        if self._near is not None or self.dendrite is not None or not isinstance(self._far, BoundProgram):
            return False
        if not isinstance(steps, np.ndarray) and context.has_python:
            return False  # which may assign in every step; it is cheap to prepare such a pathway anew
        if self._space.is_moving(self.slot) or not is_fixed(self._far, OTHER[self.side], context):
            return False
        ahead = max(self.waiting.due, default=context.clock.step) - context.clock.step
        return fits(self._space.connectivity, self.side, steps, ahead)

    def _joined(self, part: PathwayAdditions, deliver: Deliver, context: RunContext) -> Call | None:
        """The callable of a run that adds up effects when spikes are sent, perhaps with other pathways."""

        def alone() -> Call:
            self._part = None
            return self._all_alike(part.steps, deliver, context)

        return join(part, context, alone)

    def _what_effects_follow_from(self, context: RunContext) -> Any:
        """The same as in the last run if its effects still hold; None if that is not known."""
        if not isinstance(self._far, BoundProgram):
            return None
        slots = [self.slot, *sorted(self._far.reads, key=lambda slot: slot.name)]
        # somebody may have written to an array that he holds, or something will from now on
        if any((slot.aliased and slot.is_array) or context.varies(slot) for slot in slots):
            return None
        return self.rows, self._far, self._far.writes, [(slot, slot.version) for slot in slots]

    def _each(self, steps: Array, deliver: Deliver, context: RunContext) -> Call:
        """The callable of a run for synapses with delays of their own."""
        clock, rows = context.clock, self.rows
        buffer = rows.neurons.events[self.event]

        def now(found: Array) -> Array:
            delays = self.slot.value.take(found)
            return np.asarray(clock.nearest(delays, called(self.slot, self._space.name)))

        steps_of_some = now if self._space.is_moving(self.slot) else steps.take
        return with_own_delays(clock, buffer, self.waiting, rows, steps_of_some, deliver)

    def _delivery(self, context: RunContext) -> Delivery:
        """Give the delivery, which carries out events that have arrived."""
        places = None if self.dendrite is None else self.dendrite.places(context)
        ends = self._space.connectivity
        return Delivery(ends, self.side, self._near, self._far, self._passed, places=places)

    def prepare_instant(
        self, context: RunContext
    ) -> tuple[Callable[[Array | None, Array | None], Events], Callable[[Events], None]]:
        """Give two callables for instant delivery: one finds the events of spikes, one acts on events."""
        self.refresh_programs()
        find, act = self._delivery(context).parts(context, "post", "synapse")
        self.kept[:] = [Events(find(None, e.found["synapse"]).found, e.handed) for e in self.kept]
        return find, act

    # ---- checkpoints ----

    def declare_state(self, n: int) -> Iterator[State]:
        """What is under way to `n` synapses."""
        self.settle()
        if self.dendrite is not None:
            yield self.dendrite.state()
        yield self.waiting.state(self.rows.neurons.size, n)
        waiting = [events for events in self.kept if events.found["synapse"].size]
        yield State(
            {"kept": Form(int, limit=n + 1)},
            lambda: {"kept": len(waiting)},
            lambda _: self.kept.clear(),
            then=lambda values, _: (
                state for k in range(values["kept"]) for state in under(f"kept/{k}/", [self._kept(k, n)])
            ),
        )

    def _kept(self, k: int, n: int) -> State:
        """State of some events that wait for the reset; the next run looks up their neurons."""
        handed = [f"handed_{m}" for m in range(len(self._passed))]
        forms = {"synapses": Form(int, ("events",), n), **dict.fromkeys(handed, HANDED)}

        def get() -> Values:
            events = [events for events in self.kept if events.found["synapse"].size][k]
            return {"synapses": events.found["synapse"], **dict(zip(handed, events.handed, strict=True))}

        def put(values: Values) -> None:
            self.kept.append(Events({"synapse": values["synapses"]}, [values[name] for name in handed]))

        return State(forms, get, put)

    # ---- what is under way ----

    def foresees(self, slot: Variable) -> bool:
        """Whether effects that are under way have been calculated from this variable."""
        if self._part is None or not isinstance(self._far, BoundProgram):
            return False
        targets = {store.name for store in self._far.program.stores}
        return any(r.slot is slot for name, r in self._far.references.items() if name not in targets)

    def settle(self) -> None:
        """Let all that is under way wait in `waiting`."""
        part, self._part = self._part, None
        if part is not None and part.effects is not None:
            part.effects.release()
            CHANGES.note()

    def forget(self) -> None:
        """Forget what is under way."""
        self.settle()
        self.waiting.due.clear()
        if self.dendrite is not None:
            self.dendrite.ring.clear()

    def detach(self) -> None:
        """Let what is under way depend on the synapses that it was sent to, not on the neurons.

        So it stays right when synapses come and go.
        """
        self.settle()
        rows = self.rows
        for batches in self.waiting.due.values():
            for k, (spikes, synapses, sent) in enumerate(batches):
                if synapses is None and spikes is not None:
                    batches[k] = (spikes, rows.synapses(rows.events(spikes)), sent)

    def renumber(self, new: Array) -> None:
        """Synapse k is now `new[k]`; what was sent to those that are -1 is lost."""
        for batches in self.waiting.due.values():
            for k, (spikes, synapses, sent) in enumerate(batches):
                if synapses is not None:
                    moved = new.take(synapses)
                    batches[k] = (spikes, moved[moved >= 0], sent)
        for k, events in enumerate(self.kept):
            moved = new.take(events.found["synapse"])
            self.kept[k] = stay = events.only(moved >= 0)
            stay.found["synapse"] = moved[moved >= 0]


def _everything_is_far(name: str) -> str:
    return "far"


def check_names(names: Iterable[Any]) -> None:
    """Raise an error unless pathways have proper names."""
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise ModelError(f"a pathway has a name such as 'up' (got {shown(name)})")
