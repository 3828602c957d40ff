"""A network: objects, one clock, one flat list of stages, and the loop that calls them."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import length_hint
from time import perf_counter
from typing import Any

import numpy as np

from numpybrain.checkpoints.checkpoint import Snapshot, load, take
from numpybrain.diagnostics.divergence import DivergenceCheck, Stability
from numpybrain.errors import ArgumentError, LeftOutWarning, NetworkError, TimeStepError, warn
from numpybrain.group.group import Group
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Call, Coordinator, RunContext, SimulationObject, Stage
from numpybrain.kernel.live import Live
from numpybrain.kernel.schedule import Schedule
from numpybrain.kernel.subgroup import Subgroup
from numpybrain.kernel.variables import Variable
from numpybrain.language.times import milliseconds
from numpybrain.network.interrupts import Interrupts
from numpybrain.network.prepared import Prepared
from numpybrain.network.torn import ADVICE, Torn
from numpybrain.utils import memory
from numpybrain.utils.foreign_names import explains_arguments

SAMPLED = 64  # of so many steps, the stages of one are timed
CHECKED = 128  # once in so many steps, all states are looked at; a multiple of SAMPLED
REPORTS = 200  # a progress function is called at most so often in a run


class Network(Live):
    """Neurons, synapses and monitors that run together.

    Args:
        *objects: the objects; lists and tuples of them are fine.
        dt: the time step (ms if bare).
        schedule: the order of the phases, if not the usual one.
        rounding: "nearest" rounds constant delays, refractory periods and intervals of monitors to whole
            steps; by default those that lie between two steps are errors.
        check_finite: stop a run with a `DivergenceError` when a state variable is infinite or no number
            (looked at every 128 steps and at the end of a run), and refuse NaN before the first step.
            False is for models that hold such values on purpose.

    A run warns (`StabilityWarning`) if dt is too large for the numerical method of a group, or
    for the coupling of its neurons by sums over synapses, which are held for a step.

    Raises:
        NetworkError: if an object belongs to another network, or a group is missing.
    """

    @explains_arguments("Network")
    def __init__(
        self,
        *objects: Any,
        dt: Any = 0.1,
        schedule: Sequence[str] | None = None,
        rounding: str | None = None,
        check_finite: bool = True,
    ) -> None:
        step = milliseconds(dt, "dt")
        if step <= 0:
            raise TimeStepError(f"dt must be positive (got {step:g} ms)")
        if rounding not in (None, "nearest"):
            message = f"'rounding' is None or 'nearest' (got {rounding!r})"
            raise ArgumentError(message, help="None: constant times must be whole steps")
        self.clock = Clock(step, rounding)
        self.schedule = Schedule(self.clock, schedule)
        self._context = RunContext(self.clock)
        self.check_finite = check_finite
        self._guard = DivergenceCheck(self.clock)
        self._stability: list[Stability] = []
        self.objects: list[SimulationObject] = []
        self._coordinators: dict[type[Coordinator], Coordinator] = {}
        self.is_running = False
        self._torn: Torn | None = None  # the step that an error has left incomplete
        self._stages: list[Stage] = []  # of this run, and what they call
        self._calls: list[Call] = []
        self._prepared: Prepared | None = None  # by the last run, if it came to its end
        self._readers: dict[Variable, list[int]] | None = (
            None  # variable -> stages that read it, when asked
        )
        self.add(*objects)

    def add(self, *objects: Any) -> None:
        """Add objects to the network."""
        given = {id(o): o for o in _flat(objects)}.values()
        new = [o for o in given if all(o is not m for m in self.objects)]
        for member in new:
            if isinstance(member, Subgroup):
                message = f"'{member.name}' is a part of a group"
                raise NetworkError(message, help=f"give the whole group '{member.neurons.name}'")
            if not isinstance(member, SimulationObject):
                message = f"a network holds neurons, synapses and monitors (got {type(member).__name__})"
                raise ArgumentError(message)
        for member in new:  # all are checked before any one is changed
            self._check_new(member, {id(m) for m in (*self.objects, *new)})
        me = weakref.ref(self)
        for member in new:
            member.join(me, self._context)
            self.objects.append(member)
            self.schedule.extend(member.stages)
            self._stability += Stability.all_of(member)
            for kind in member.coordinators:
                self._coordinators.setdefault(kind, kind()).include(member)
        for coordinator in self._coordinators.values():
            self.schedule.extend(coordinator.new_stages())

    def _check_new(self, member: SimulationObject, members: set[int]) -> None:
        """Raise a `NetworkError` unless an object can become part of the network with these members."""
        other = member.network() if member.network is not None else None
        if other is not None and other is not self:
            message = f"'{member.name}' belongs to another network already"
            raise NetworkError(message, help="make new objects, or add to that network")
        for words, needed in member.requires().items():
            if id(needed) not in members:
                message = f"'{needed.name}', {words}, is not in the network"
                raise NetworkError(message, help="give it to Network(...) too")
        member.check(self.clock)

    # ---- time ----

    @property
    def t(self) -> float:
        """The present time in ms."""
        return self.clock.t

    @property
    def dt(self) -> float:
        """The time step in ms."""
        return self.clock.dt

    # ---- checkpoints ----

    def snapshot(self, *, records: bool = True) -> Snapshot:
        """The state of everything at this time, kept in memory.

        Args:
            records: whether what monitors have recorded is kept, too.

        What follows after `restore` is, bit for bit, what follows now. Kept are all variables; which
        synapses there are; spikes, other events, and what is under way with any delay; refractoriness; what
        numerical methods have learnt; random streams and the clock. What Python functions keep for
        themselves, in closures or generators of their own (not in `rng`), is not; nor are models and links.

        Looking at event-driven variables in between brings them up to that time, which changes last digits;
        so may reading arrays where Python functions run, or what an adaptive method of synapses integrates.

        Raises:
            NetworkError: in the middle of a run, or of a step that an error has left incomplete.
        """
        self._check_idle("snapshot()")
        self._check_whole("a snapshot")
        return take(self.clock, self.objects, records=records)

    def restore(self, snapshot: Any, *, records: bool = True) -> None:
        """Go back, or forward, to the state of a snapshot; arrays stay where they are.

        Args:
            snapshot: from `snapshot()` or `nb.load(path)`, or the path of a file.
            records: whether monitors take back what they had recorded by then. If not, or if the snapshot
                has no records, they begin anew, and may be others than those of the snapshot.

        The network must be made as the one was that the snapshot was taken of, here or in another program:
        objects in the same order, of the same sizes, with the same variables and units. Synapses may be
        connected otherwise: they get the pairs of the snapshot (and new arrays if there are more or fewer).
        After an error in the middle of a step, this is the way back.

        Raises:
            CheckpointError: if the snapshot does not fit; nothing has been changed then.
            NetworkError: in the middle of a run.
        """
        self._check_idle("restore()")
        found = snapshot if isinstance(snapshot, Snapshot) else load(snapshot)
        found.restore(self.clock, self.objects, records=records)
        self._torn = None

    def save(self, path: Any, *, records: bool = True) -> None:
        """Write the state of everything to one file, which `load` takes back; see `snapshot`.

        Args:
            path: the file; one that is there is replaced, once the new one is complete.
            records: whether what monitors have recorded is written, too.

        Raises:
            CheckpointError: if it cannot be written; a file of that name stays as it is then.
            NetworkError: in the middle of a run, or of a step that an error has left incomplete.
        """
        self._check_idle("save()")
        self._check_whole("a checkpoint")
        take(self.clock, self.objects, records=records, copy=False).save(path)

    def load(self, path: Any, *, records: bool = True) -> None:
        """Go to the state that `save` wrote to a file; see `restore`.

        Args:
            path: the file.
            records: whether monitors take back what they had recorded by then.

        Raises:
            CheckpointError: if the file is missing, damaged, foreign or too new, or does not fit; nothing
                has been changed then.
        """
        self.restore(path, records=records)

    def _check_idle(self, what: str) -> None:
        if self.is_running:
            advice = f"run in parts, and call {what} between them"
            raise NetworkError(f"a stage must not call {what}: the network is running", help=advice)

    def _check_whole(self, what: str) -> None:
        if self._torn is not None:
            raise self._torn.refusal(what)

    # ---- running ----

    @explains_arguments("run")
    def run(self, duration: Any, *, progress: Callable[[float], Any] | bool | None = None) -> None:
        """Run the network for some time.

        Args:
            duration: how long (ms if bare; "1 s" and 1*second are fine). A step that is needed in part is
                taken, and what was too much is taken from the next run: however a time is cut into runs,
                they have as many steps as one run of that time.
            progress: True shows on standard error how far the run has come, as a bar if tqdm is installed.
                Or a function that is called with the fraction of the run that is done, now and then. It may
                do what a Python stage may: assign variables, connect.

        Ctrl-C stops the run when the step is complete: all records are there, and another run goes on from
        there as if nothing had been. A second Ctrl-C stops at once. So does an error in a stage; the step
        is incomplete then, and the network does not run on before `restore` or `resume`.

        Raises:
            DivergenceError: if a state variable becomes infinite or no number at all.
            NetworkError: if the network stopped in the middle of a step.
        """
        clock = self.clock
        steps, left = clock.run(milliseconds(duration, "the duration of a run"))
        first = clock.step
        tell, close = _telling(progress)
        try:
            self._run(steps, tell, may_change=close is _nothing)
        finally:
            if clock.step != first or not steps:  # one that was interrupted leaves nothing over
                clock.left = left if clock.step == first + steps else 0.0
            close()

    def step(self) -> None:
        """Run one time step.

        Steps that follow each other, like runs, are prepared once, as long as nothing is assigned, added or
        changed between them; so is the look whether dt is small enough.
        """
        self._run(1, None)

    def resume(self, *, repeat: bool = False) -> None:
        """Complete the step in which an error came up; runs go on from there.

        Args:
            repeat: whether the stage with the error is carried out once more, from its beginning.

        The stages behind that stage are carried out; what it had done until the error stays done. It may
        have been replaced or removed in the schedule since. If no step is incomplete, nothing happens.
        """
        self._check_idle("resume()")
        torn, self._torn = self._torn, None
        if torn is None or torn.stage is None:
            return
        step = self.clock.step
        try:
            self._run(1, None, skipped=torn.next_place(self.schedule, repeat=repeat))
        finally:
            if self.clock.step == step and self._torn is None:
                self._torn = torn  # it was not even begun

    def _run(
        self,
        steps: int,
        progress: Callable[[float], Any] | None,
        *,
        may_change: bool = True,
        skipped: int = 0,
    ) -> None:
        """Run some steps; the first one without the first stages of the schedule, if some are `skipped`.

        `may_change` says whether the progress function may change anything.
        """
        if self.is_running:
            raise NetworkError("the network is running already", help="a stage must not call run()")
        self._check_whole("a run")
        with Interrupts() as interrupts:
            self.is_running, ready = True, False
            prepared, self._prepared = self._prepared, None
            try:
                if skipped or progress is not None or prepared is None or not self._go_on(prepared, steps):
                    self._begin(steps, skipped=skipped, progress=progress is not None and may_change)
                    prepared = None
                    if not skipped and progress is None:
                        prepared = Prepared(
                            self.schedule, self.objects, self._context, check_finite=self.check_finite
                        )
                ready = True
                self._loop(self._stages, self._calls, steps, progress, interrupts)
                self._prepared = prepared
            except BaseException as error:
                if not ready and not isinstance(error, Exception):  # a second Ctrl-C, wherever it came
                    self._tear(None, error)
                raise
            finally:
                interrupts.hold()
                self.is_running = False
                for member in self.objects:
                    member.listen(None)

    def _tear(self, stage: Stage | None, error: BaseException) -> None:
        """Remember that an error came up in a stage of a step; and tell it."""
        self._torn = Torn(stage, self.schedule, self.clock.t, error)
        error.add_note(f"{self._torn.where}; the step is not complete: {ADVICE}")

    def _go_on(self, prepared: Prepared, steps: int) -> bool:
        """Go on as in the run before, if there is nothing to prepare."""
        if not prepared.holds(self.schedule, steps, check_finite=self.check_finite):
            return False
        if self.check_finite and not self._guard.resume():
            return False
        for member in self.objects:
            member.listen(self._refresh)
        for stage in self.schedule.stages:
            stage.seconds = 0.0
        return True

    def _begin(self, steps: int, *, skipped: int, progress: bool) -> None:
        """Prepare a run, and look whether it can go well."""
        memory.keep_freed_blocks()
        self._context.note(self.schedule, progress=progress)
        if self.check_finite:
            self._guard.begin(self.objects)
        self._prepare(steps, skipped=skipped)
        self._warn_of_what_is_left_out()
        for stability in self._stability:
            stability.check()

    def _prepare(self, steps: int, *, skipped: int) -> None:
        """Everybody gets ready for this run; stages with nothing to do are left out."""
        for member in self.objects:
            member.listen(self._refresh)
            member.begin(steps)
        for stage in self.schedule:
            stage.seconds = 0.0
        self._stages[:] = self.schedule
        self._calls[:] = self._callables()
        self._calls[:skipped] = [_nothing] * skipped
        if not self._context.has_python:  # else idle stages stay, they may get something to do
            busy = [(s, c) for s, c in zip(self._stages, self._calls, strict=True) if c is not _nothing]
            self._stages[:] = [s for s, _ in busy]
            self._calls[:] = [c for _, c in busy]

    def _warn_of_what_is_left_out(self) -> None:
        """Warn, once for each, of synapses and monitors of these groups that are in no network."""
        groups = [member for member in self.objects if isinstance(member, Group)]
        found = [
            a for group in groups for a in group.inspect.attachments if not a.missed and a.is_left_out()
        ]
        if found:
            gc.collect()  # what nobody holds any more is only waiting for this
        for attachment in found:
            if attachment.missed or not attachment.is_left_out():  # of two groups it is found twice
                continue
            attachment.missed = True
            message = f"{attachment.object()!r} is in no network, so it does nothing"
            message += ": give it to Network(...), or to net.add(...)"
            warn(message, LeftOutWarning)

    def _callables(self) -> list[Call]:
        """What each stage calls in every step."""
        context, calls = self._context, []
        context.begin()
        self._readers = None
        with np.errstate(all="ignore"):
            for stage in self._stages:
                calls.append(stage.operation.prepare(context) or _nothing)
                context.passed(stage)
            context.complete()
        return calls

    def _prepare_again(self) -> None:
        """In the middle of a run: there are other arrays now."""
        self._calls[:] = self._callables()
        if self.check_finite:
            self._guard.follow(self.objects)

    def follow(self) -> None:
        """There are other arrays now, or other variables are written, perhaps in the middle of a run."""
        if self.is_running:
            self._context.note_again(self.schedule)
            self._prepare_again()

    def _refresh(self, slot: Variable, *, taken: bool = False, in_place: bool = False) -> None:
        """Somebody assigned a variable in the run, or took its array: calculate what follows from it."""
        if in_place and slot.kind != "delay" and self._context.varies(slot):
            return  # everybody looks at its array in every step, and it is the same array
        if slot.kind == "linked":  # what is written through it is written elsewhere now
            self._context.note_again(self.schedule)
            self._prepare_again()
            return
        moved = [member.notice(slot) for member in self.objects]
        if any(moved):
            self._prepare_again()
            return
        known = not taken and slot.is_array and self._context.varies(slot)
        if known or self._context.is_written(slot):
            return  # everybody looks at its array in every step
        if self._readers is None:
            self._readers = {}
            for k, stage in enumerate(self._stages):
                for read in set(stage.operation.reads):
                    self._readers.setdefault(read, []).append(k)
        with np.errstate(all="ignore"):
            for k in self._readers.get(slot, ()):
                self._calls[k] = self._stages[k].operation.prepare(self._context) or _nothing

    def _loop(
        self,
        stages: list[Stage],
        calls: list[Call],
        steps: int,
        progress: Callable[[float], Any] | None,
        interrupts: Interrupts,
    ) -> None:
        clock, pending = self.clock, interrupts.pending
        dt, first = clock.dt, clock.step
        last = first + steps
        every = max(1, steps // REPORTS)
        due = first + CHECKED - 1 if self.check_finite else last + 1
        left: Iterator[Call] | None = None  # what is still to be called in this step; None between steps
        with np.errstate(all="ignore"):
            try:
                step = first
                self._answer(interrupts)
                while step < last:
                    left = iter(calls)
                    clock.at(step)
                    # the first steps are all timed, later ones stand for those that follow them
                    stop = min(step + (1 if step + 1 - first < SAMPLED else SAMPLED), last)
                    steps_alike = stop - step
                    before = perf_counter()
                    for stage, call in zip(stages, left, strict=True):
                        call()
                        now = perf_counter()
                        stage.seconds += (now - before) * steps_alike
                        before = now
                    step += 1
                    while step < stop and not pending:
                        left = iter(calls)
                        clock.step = step
                        clock.t = step * dt
                        for call in left:
                            call()
                        step += 1
                    left = None
                    clock.at(step)
                    if step >= due:
                        self._guard.check()
                        due = step + CHECKED
                    if progress is not None and (step - first) % every < SAMPLED:
                        progress((step - first) / steps)
                    if pending:
                        self._answer(interrupts)
                if self.check_finite:
                    self._guard.check(last=True)
            except BaseException as error:
                begun = 0 if left is None else len(calls) - length_hint(left)
                if begun and clock.step == step:
                    self._tear(stages[begun - 1], error)
                else:  # between two steps, where only a second Ctrl-C gets without being called
                    clock.at(step)
                raise
        if progress is not None:
            progress(1.0)

    def _answer(self, interrupts: Interrupts) -> None:
        """Stop between two steps if Ctrl-C was pressed, unless a handler of the user lets the run go on."""
        try:
            interrupts.answer()
        except BaseException as error:
            error.add_note(f"the last step is complete; net.run(...) goes on from t = {self.clock.t:g} ms")
            raise

    def __contains__(self, item: object) -> bool:
        return any(item is m for m in self.objects)

    def __repr__(self) -> str:
        names = " ".join(f"'{o.name}'" for o in self.objects)
        return f"<Network t={self.t:g} ms dt={self.dt:g} ms {names}>"


def _nothing() -> None:
    """What a stage calls that has nothing to do."""


def _telling(progress: Any) -> tuple[Callable[[float], Any] | None, Callable[[], None]]:
    """What a run tells how far it has come, and what ends that; a display changes nothing."""
    if progress is None or progress is False:
        return None, _nothing
    if progress is True:
        from numpybrain.network.progress import shown

        progress = shown()
    if hasattr(progress, "show") and hasattr(progress, "close"):
        return progress.show, progress.close
    if not callable(progress):
        message = f"progress is True, or a function of the part that is done (got {progress!r})"
        raise ArgumentError(message, help="such as progress=True or progress=print")
    return progress, _nothing


def _flat(objects: Iterable[Any]) -> Iterable[Any]:
    """The objects of lists in lists, each with those that it brings."""
    for item in objects:
        if isinstance(item, (list, tuple)):
            yield from _flat(item)
        else:
            yield item
            yield from _flat(getattr(item, "brings", ()) if isinstance(item, SimulationObject) else ())
