"""A pathway: what one kind of event of the neurons on one side does to their synapses, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, TimeStepError
from numpybrain.kernel.binding import Bound, Context, PythonFunction
from numpybrain.kernel.clock import whole_steps
from numpybrain.kernel.delays import Waiting, steps_of_delay
from numpybrain.kernel.refractory import NOBODY
from numpybrain.kernel.rows import in_rounds
from numpybrain.kernel.state import Array, Slot
from numpybrain.stage import Call, origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.rows import Rows
    from numpybrain.kernel.synapses import Synapses

INDICES = ("pre", "post", "synapse", "source", "target")  # what programs of pathways may gather with
OTHER = {"pre": "post", "post": "pre"}
RELATIVE = {"pre": "source", "post": "target"}

Deliver = Callable[[Array | None, Array | None], None]


class Pathway:
    """Statements, or a function, for the synapses of the neurons on one side that had an event.

    Attributes:
        name: such as "on_pre".
        side: "pre" or "post": whose events these are.
        event: "spikes", or the name of another event of the neurons.
        text: the statements or the function, as given.
        slot: where the delay is stored, in ms.
        waiting: what is under way.
    """

    def __init__(self, synapses: Synapses, name: str, side: str, text: Any, event: str, slot: Slot) -> None:
        if not callable(text) and not isinstance(text, str):
            raise ArgumentError(f"{name} is a string or a function (got {type(text).__name__})")
        self.synapses = synapses
        self.name = name
        self.side = side
        self.text = text
        self.event = event
        self.slot = slot
        self.waiting = Waiting()
        self._shape: Any = None  # what the programs were made for
        self._near: Bound | None = None
        self._far: Bound | PythonFunction | None = None
        self._passed: tuple[str, ...] = ()
        if callable(text):
            self._far = PythonFunction(text, synapses.environment, ("pre", "post", "synapses"))
        else:
            self.refresh_programs()

    @property
    def delay(self) -> Any:
        """The delay of each synapse in ms, shape (n_synapses,); may be assigned."""
        return self.synapses.state.read(self.slot.name)

    @delay.setter
    def delay(self, value: Any) -> None:
        self.synapses.write(self.slot.name, value)

    @property
    def origin(self) -> str:
        """Where it comes from, for the schedule."""
        return origin_of(self.text)

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        parts = (part.source for part in (self._near, self._far) if isinstance(part, Bound))
        return "\n".join(filter(None, parts))

    @property
    def rows(self) -> Rows:
        """The synapses by the neurons whose events these are."""
        return self.synapses.rows(self.side)

    def has_common_delay(self) -> bool:
        """Whether there is one delay for all synapses, now and for the rest of a run."""
        moving = self.slot.exposed and self.synapses.present().has_python
        return not moving and self.slot.single() is not None

    # ---- programs ----

    def refresh_programs(self) -> None:
        """Make the programs, anew if variables have moved or differ among synapses now."""
        if callable(self.text):
            return
        synapses = self.synapses
        common = self.has_common_delay()
        shape = (common, synapses.singles(), tuple(synapses.sides_of.items()))
        if shape == self._shape:
            return
        self._shape = shape
        meaning, bounds = synapses.meaning, synapses.environment.bounds
        assert meaning is not None  # there is a text
        bounds[:] = [b for b in bounds if b is not self._near and b is not self._far]
        # events with delays of their own meet the synapses one by one, whose spike they carry or not
        kind = (lambda name: synapses.kind(name, self.side)) if common else _everything_is_far
        made = meaning.pathway(self.name, kind)
        self._near, self._far, self._passed = None, None, made.passed
        environment = synapses.environment_of(synapses.look_up, shields=synapses.shields())
        if made.spikes is not None:
            self._near = Bound(made.spikes, environment, dynamic=INDICES, size=self.side)
        if made.synapses is not None:
            dynamic = (*INDICES, *made.passed)
            self._far = Bound(made.synapses, environment, dynamic=dynamic, size=OTHER[self.side])

    # ---- running ----

    def steps(self, context: Context) -> Any:
        """The delay in steps: one for all, or one for each synapse."""
        dt = context.clock.dt
        what = f"delay of '{self.synapses.name}'"
        if self.has_common_delay():
            single = self.slot.single()
            if single < 0:
                raise TimeStepError(f"the {what} is negative (got {single:g} ms)")
            return whole_steps(single, dt, what, rounding=True)
        found = steps_of_delay(self.slot, dt)
        if found.size and found.min() < 0:
            worst = int(np.argmin(found))
            message = f"the {what} is negative for synapse {worst} (got {self.slot.value[worst]:g} ms)"
            raise TimeStepError(message)
        return found

    def prepare(self) -> Call | None:
        """The callable of a run: send this step's events on their way, deliver what is due."""
        synapses = self.synapses
        context = synapses.present()
        self.refresh_programs()
        clock, waiting = context.clock, self.waiting
        steps = self.steps(context)
        values, key = self.rows.neurons.__dict__, self.event
        deliver = self.delivery(context)
        if isinstance(steps, int) and steps == 0 and not waiting:

            def act() -> None:
                spikes = values[key]
                if spikes.size:
                    deliver(spikes, None)

            return act
        due = waiting.due
        if isinstance(steps, int):

            def queue() -> None:
                step = clock.step
                spikes = values[key]
                if spikes.size:
                    waiting.send(step + steps, spikes)
                for batch in due.pop(step, ()):
                    deliver(*batch)

            return queue
        rows = self.rows
        in_rows = steps if rows.order is None else steps[rows.order]
        moving = self.slot.exposed and context.has_python  # somebody may change delays in a step

        def queue_each() -> None:
            step = clock.step
            spikes = values[key]
            if spikes.size:
                positions, _ = rows.events(spikes)
                found = rows.synapses(positions)
                times = self.steps(context)[found] if moving else in_rows.take(positions)
                waiting.send_each(step, times, found)
            for batch in due.pop(step, ()):
                deliver(*batch)

        return queue_each

    def delivery(self, context: Context) -> Deliver:
        """What carries out a batch of events that have arrived."""
        near = self._call(self._near, context)
        far = self._call(self._far, context)
        rows, side = self.rows, self.side
        piece = self._far
        rounds: frozenset[str] = frozenset()
        wanted = {"pre", "post", "synapse"}
        if isinstance(piece, Bound):
            rounds = piece.program.rounds
            wanted = piece.indices | rounds
        far_side, nobody, passed = OTHER[side], NOBODY, self._passed
        near_start, far_start = rows.start, rows.far_start
        one_group = self.synapses.neurons()[0] is self.synapses.neurons()[1]
        relative, far_relative = RELATIVE[side], RELATIVE[far_side]
        targets = rows.targets

        def for_spikes(spikes: Array) -> Any:
            """Act once for each spike; gives what the synapses need of it."""
            own = spikes - near_start if near_start else spikes
            found = dict.fromkeys(INDICES, nobody)
            found[side], found[relative] = spikes, own
            return near(*found.values()) if near is not None else ()

        def indices(spikes: Array | None, synapses: Array | None) -> tuple[dict[str, Array], Any]:
            """The indices of events at synapses, and which of the spikes each belongs to."""
            found = dict.fromkeys(INDICES, nobody)
            if synapses is None:
                assert spikes is not None  # a batch has one of both
                positions, counts = rows.events(spikes)
                if far_side in wanted or far_relative in wanted:
                    found[far_side] = rows.far.take(positions)
                if side in wanted or relative in wanted:
                    found[side] = spikes.repeat(counts)
                if "synapse" in wanted or not wanted:
                    found["synapse"] = rows.synapses(positions)
                belongs: Any = counts
            else:
                found["synapse"] = synapses
                for which, offset in ((side, near_start), (far_side, far_start)):
                    found[which] = self.synapses.index_of(RELATIVE[which]).take(synapses) + offset
                belongs = None if spikes is None else spikes.searchsorted(found[side])
            if relative in wanted:
                found[relative] = found[side] - near_start if near_start else found[side]
            if far_relative in wanted:
                found[far_relative] = found[far_side] - far_start if far_start else found[far_side]
            return found, belongs

        def deliver(spikes: Array | None, synapses: Array | None) -> None:
            given = for_spikes(spikes) if near is not None and spikes is not None else ()
            if far is None:
                return
            found, belongs = indices(spikes, synapses)
            if not any(index.size for index in found.values()):
                return
            arguments = list(found.values())
            if passed:
                arguments += [_for_each(value, belongs, whole=synapses is None) for value in given]
            if rounds:
                in_rounds(far, arguments, found, rounds, one_group=one_group)
            else:
                far(*arguments)

        if near is not None or rounds or wanted != {far_side} or isinstance(piece, PythonFunction):
            return deliver
        before = INDICES.index(far_side)
        head, tail = (nobody,) * before, (nobody,) * (len(INDICES) - before - 1)

        def add(spikes: Array | None, synapses: Array | None) -> None:
            """The usual case: far neurons get something."""
            if synapses is not None or spikes is None:
                deliver(spikes, synapses)
                return
            reached = targets(spikes)
            if reached.size:
                far(*head, reached, *tail)

        return add

    def _call(self, piece: Bound | PythonFunction | None, context: Context) -> Any:
        if piece is None:
            return None
        if isinstance(piece, PythonFunction):
            act = piece.acting(context.clock)
            return lambda pre, post, synapse, *_: act(pre, post, synapse)
        piece.prepare(context)
        return piece.call(context.clock)

    # ---- what is under way ----

    def detach(self) -> None:
        """Let what is under way depend on the synapses that it was sent to, not on the neurons.

        So it stays right when synapses come and go.
        """
        rows = self.rows
        for batches in self.waiting.due.values():
            for k, (spikes, synapses) in enumerate(batches):
                if synapses is None and spikes is not None:
                    batches[k] = (spikes, rows.synapses(rows.events(spikes)[0]))

    def renumber(self, new: Array) -> None:
        """Synapse k is now `new[k]`; what was sent to those that are -1 is lost."""
        for batches in self.waiting.due.values():
            for k, (spikes, synapses) in enumerate(batches):
                if synapses is not None:
                    moved = new.take(synapses)
                    batches[k] = (spikes, moved[moved >= 0])


def _everything_is_far(name: str) -> str:
    return "far"


def _for_each(value: Any, belongs: Any, *, whole: bool) -> Any:
    """What was calculated for each spike, for each of its synapses."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return value.repeat(belongs) if whole else value.take(belongs)


def check_names(names: Iterable[Any]) -> None:
    """Raise an error unless pathways have proper names."""
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise ModelError(f"a pathway has a name such as 'up' (got {name!r})")
