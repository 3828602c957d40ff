"""A network: objects, one clock, one flat list of stages, and the loop that calls them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from numpybrain.checkpoints.checkpoint import Snapshot, load, take
from numpybrain.checkpoints.start import Start
from numpybrain.diagnostics.divergence import DivergenceCheck, Stability
from numpybrain.errors import (
    ArgumentError,
    NetworkError,
    TimeStepError,
    shown,
    suggestion,
)
from numpybrain.group.group import Group, warn_of_what_is_left_out
from numpybrain.group.random_streams import Streams
from numpybrain.group.timing import Timing
from numpybrain.kernel import network as core
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import PHASES, SimulationObject, Stage
from numpybrain.kernel.network import SAMPLED, nothing
from numpybrain.kernel.state import values_of
from numpybrain.kernel.subgroup import Subgroup
from numpybrain.language.times import milliseconds
from numpybrain.network import engines
from numpybrain.network.condition import condition_of
from numpybrain.network.interrupts import Interrupts
from numpybrain.network.prepared import Prepared
from numpybrain.network.progress import telling
from numpybrain.network.torn import ADVICE, Torn
from numpybrain.network.trials import entropy_of, seeds_of_trials
from numpybrain.network.user_schedule import Schedule
from numpybrain.utils import memory
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.live import lives_once

CHECKED = 128  # once in so many steps, all states are looked at; a multiple of SAMPLED
REPORTS = 200  # a progress function is called at most so often in a run


@lives_once
class Network:
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
        engine: "numba" for compiled loops where there can be (needs the extra `jit`), with the same
            numbers to rounding; a dictionary {group: engine} for some groups; None is "numpy".

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
        engine: Any = None,
    ) -> None:
        step = milliseconds(dt, "dt")
        if step <= 0:
            raise TimeStepError(f"dt must be positive (got {step:g} ms)")
        if rounding not in (None, "nearest"):
            message = f"'rounding' is None or 'nearest' (got {rounding!r})"
            raise ArgumentError(message, help="None: constant times must be whole steps")
        self.clock = Clock(step, rounding)
        self.schedule = Schedule(self.clock, schedule)
        self._core = core.Network(schedule=self.schedule, face=self)
        self.objects = self._core.objects
        self.check_finite = check_finite
        if engine is not None:
            engines.assign(engine, self._core.context)
        self._guard = DivergenceCheck(self.clock)
        self._core.followed = functools.partial(self._guard.follow, self.objects)  # which holds no network
        self._stability: list[Stability] = []
        self._torn: Torn | None = None  # the step that an error has left incomplete
        self._prepared: Prepared | None = None  # by the last run, if it came to its end
        self._start: Start | None = None  # what there was when the first run began
        self._streams: Streams | None = None  # of stages of the network itself, if one draws numbers
        self._own_seed: int | None = None  # of these, at the start
        self.add(*objects)

    def add(self, *objects: Any) -> None:
        """Add objects to the network."""
        new = list(_flat(objects))
        for member in new:
            if isinstance(member, Subgroup):
                message = f"'{member.name}' is a part of a group"
                raise NetworkError(message, help=f"give the whole group '{member.neurons.name}'")
            if not isinstance(member, SimulationObject):
                message = f"a network holds neurons, synapses and monitors (got {type(member).__name__})"
                raise ArgumentError(message)
        added = self._core.add(*new)
        for member in added:
            self._stability += Stability.all_of(member)
        if self._start is not None:
            self._start.add(added)

    def remove(self, *objects: Any) -> None:
        """Take objects out of the network, with what only they bring, such as `cells.poisson(...)`.

        They keep their values and records, and may be added again, here or to another network; if time has
        gone on by then, without spikes under way and refractory neurons. Stages that they have in the
        schedule go with them, those that were added with `at` too.

        Raises:
            NetworkError: if an object is not in the network, if others that stay need it (synapses their
                neurons, a monitor its group), or in the middle of a run. Nothing is changed then.
        """
        self._check_idle("remove()")
        gone = self._core.remove(*_flat(objects))
        self._stability = [s for s in self._stability if all(s.group is not m for m in gone)]
        self._prepared = None
        for group in (m for m in (*self.objects, *gone) if isinstance(m, Group)):
            for attachment in group.inspect.attachments:
                if any(attachment.object() is m for m in gone):
                    attachment.missed = True  # on purpose: nobody need be warned of it
        if self._start is not None:
            self._start.remove(gone)

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._core.is_running

    def methods_text(self, style: str = "markdown") -> str:
        """The methods section of a paper, with the tables of Nordlie et al. 2009; "markdown" or "latex"."""
        from numpybrain.network.methods_text import methods_text

        return methods_text(self, style)

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
        return take(self.clock, self.objects, records=records, own=self._own_state())

    def _own_state(self) -> dict[str, Any]:
        """What belongs to no object: where the random numbers of the network's own stages are."""
        return {} if self._streams is None else values_of([self._streams.state()])

    def _own_stream(self) -> np.random.Generator:
        """The random stream of stages of the network itself; made when one asks for it."""
        if self._streams is None:
            self._streams = Streams("network")
            self._own_seed = self._streams.seed
        return self._streams["run"]

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
        if found.own:
            self._own_stream()
        own = [] if self._streams is None or not found.own else [self._streams.state()]
        found.restore(self.clock, self.objects, records=records, own=own)
        self._torn = None

    def reset(self, *, seed: int | Sequence[int] | None = None) -> None:
        """Go back to the start: to the state that everything was in when the first run or reset began.

        Args:
            seed: None for the same random numbers as from the start; a whole number, or several, for others
                that follow from it. What was drawn before (initial values, connections) stays.

        Variables have the values from before the first run, also parameters that have been assigned since;
        synapses connect whom they connected; monitors are empty. Objects that came later are as they were
        then. Stages, and courses that parameters follow, stay as they are now; so does what Python
        functions keep for themselves.

        Raises:
            CheckpointError: if the state is so large that it was not kept.
            NetworkError: in the middle of a run.
        """
        self._check_idle("reset()")
        entropy = None if seed is None else entropy_of(seed)
        self._keep_start().restore(self.clock, self.objects)
        self._torn = self._prepared = None
        own = [] if self._streams is None else [self._streams]
        if self._streams is not None:
            self._streams.renew(self._own_seed)
        if entropy is None:
            return
        for member in self.objects:
            if isinstance(member, Group):
                own += member.inspect.all_streams()
        for streams in own:
            streams.renew(entropy)

    def _keep_start(self) -> Start:
        """The start, to which resets go back: what there is when a run or a reset first asks for it."""
        if self._start is None:
            self._start = Start(self.clock, self.objects)
            self._own_seed = None if self._streams is None else self._streams.seed
        return self._start

    def trials(self, n: int, *, seed: int | None = None) -> Iterator[int]:
        """Repeat an experiment: `for k in net.trials(20): net.run("200 ms")`.

        Args:
            n: how many times.
            seed: what the random numbers of all trials follow from; by default the seed of `nb.seed`, or
                an unpredictable one.

        Gives 0, 1, ... n - 1, each after a `reset(seed=(seed, k))`, so that every trial begins at the same
        state with random numbers of its own, and can be had again alone in this way. Take what is to be
        kept out of the monitors before the next trial begins.
        """
        return self._trials(seeds_of_trials(n, seed))

    def _trials(self, seeds: Iterable[tuple[int, int]]) -> Iterator[int]:
        for k, seed in enumerate(seeds):
            self.reset(seed=seed)
            yield k

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
        take(self.clock, self.objects, records=records, copy=False, own=self._own_state()).save(path)

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

    # ---- stages ----

    def at(
        self,
        phase: str,
        function: Any = None,
        *,
        every: Any = None,
        start: Any = None,
        stop: Any = None,
        before: bool = False,
    ) -> Callable[..., Any]:
        """Add a stage of the network itself: a Python function, in every step or in some.

        Args:
            phase: "start", "integrate", "threshold", "synapse", "reset" or "end".
            function: a function without arguments, or of `t` and `dt` in ms and `rng`, a random generator
                of the network's own; without it, `at` is a decorator. `group.at` gives arrays by name.
            every: the interval between two steps in which it acts (ms if bare); by default every step.
            start: from when on it acts (ms if bare); then at start, start + every ...
            stop: until when, not included.
            before: put it before, not after, what the phase holds already.

        A stage that is added in the middle of a run begins with the next one. `stop()` ends a run.

        Raises:
            TimeStepError: if a time lies between two steps.
        """
        timing = Timing.of(every, start, stop, "a stage of the network")
        timing.steps(self.clock)
        if phase not in PHASES:
            raise NetworkError(f"unknown phase '{phase}'{suggestion(str(phase), PHASES)}")

        def add(f: Any) -> Any:
            if not callable(f):
                message = f"a stage of a network is a function (got {shown(f)})"
                raise ArgumentError(message, help="statements are about a group: cells.at(phase, 'v = 0')")
            stage = self.schedule.stage_of(f, phase, "network", draw=self._own_stream)
            stage.order = -1 if before else 3  # as those of groups
            timing.apply_to(stage)
            self.schedule.add(stage)
            return f

        return add if function is None else add(function)  # type: ignore[no-any-return]

    def _check_idle(self, what: str) -> None:
        if self.is_running:
            advice = f"run in parts, and call {what} between them"
            raise NetworkError(f"a stage must not call {what}: the network is running", help=advice)

    def _check_whole(self, what: str) -> None:
        if self._torn is not None:
            raise self._torn.refusal(what)

    # ---- running ----

    @explains_arguments("run")
    def run(
        self,
        duration: Any,
        *,
        until: Callable[..., Any] | None = None,
        progress: Callable[[float], Any] | bool | None = None,
    ) -> None:
        """Run the network for some time.

        Args:
            duration: how long (ms if bare; "1 s" and 1*second are fine). A step that is needed in part is
                taken, and what was too much is taken from the next run: however a time is cut into runs,
                they have as many steps as one run of that time.
            until: a function without arguments, or of `t` in ms, that is asked after each step, when `t` is
                the time that the run has reached: the run ends as soon as it gives True.
            progress: True shows on standard error how far the run has come, as a bar if tqdm is installed.
                Or a function that is called with the fraction of the run that is done, now and then. It may
                do what a Python stage may: assign variables, connect.

        A run that ends early, by `until` or by `stop()`, leaves everything as a run of that time would.

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
        condition = None if until is None else condition_of(until, clock)
        tell, close = telling(progress)
        try:
            self._run(steps, tell, may_change=close is nothing, until=condition)
        finally:
            if clock.step != first or not steps:  # one that was interrupted leaves nothing over
                clock.left = left if clock.step == first + steps else 0.0
            close()

    def stop(self) -> None:
        """End the run after the present step, from a stage or a progress function; another run goes on.

        Raises:
            NetworkError: if there is no run.
        """
        self._core.stop()

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
        until: Callable[[], bool] | None = None,
    ) -> None:
        """Run some steps; the first one without the first stages of the schedule, if some are `skipped`.

        `may_change` says whether the progress function may change anything; `until` is asked after each
        step.
        """
        kernel = self._core
        if kernel.is_running:
            raise NetworkError("the network is running already", help="a stage must not call run()")
        self._check_whole("a run")
        self._keep_start()
        with Interrupts() as interrupts:
            kernel.is_running, ready = True, False
            kernel.ends.clear()
            prepared, self._prepared = self._prepared, None
            others = progress is not None or until is not None  # which are called beside the stages
            try:
                if skipped or others or prepared is None or not self._go_on(prepared, steps):
                    open_to = (progress is not None and may_change) or until is not None
                    self._begin(steps, skipped=skipped, progress=open_to)
                    prepared = None
                    if not skipped and not others:
                        prepared = Prepared(
                            self.schedule, self.objects, kernel.context, check_finite=self.check_finite
                        )
                ready = True
                self._loop(steps, progress, interrupts, until)
                self._prepared = prepared
            except BaseException as error:
                if not ready and not isinstance(error, Exception):  # a second Ctrl-C, wherever it came
                    self._tear(None, error)
                raise
            finally:
                interrupts.hold()
                kernel.is_running = False
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
        self._core.listen()
        return True

    def _begin(self, steps: int, *, skipped: int, progress: bool) -> None:
        """Prepare a run, and look whether it can go well."""
        memory.keep_freed_blocks()
        self._guard.is_on = self.check_finite
        self._core.context.note(self.schedule, progress=progress)
        if self.check_finite:
            self._guard.begin(self.objects)
        self._core.prepare(steps, skipped=skipped)
        warn_of_what_is_left_out(member for member in self.objects if isinstance(member, Group))
        for stability in self._stability:
            stability.check()

    def follow(self) -> None:
        """There are other arrays now, or other variables are written, perhaps in the middle of a run."""
        self._core.follow()

    def _loop(
        self,
        steps: int,
        progress: Callable[[float], Any] | None,
        interrupts: Interrupts,
        until: Callable[[], bool] | None,
    ) -> None:
        """Call all stages in some steps, look after the states, and tell how far the run has come."""
        kernel, pending = self._core, interrupts.pending
        sampled = 1 if until is not None else SAMPLED if kernel.leap is None else CHECKED
        every, first = max(1, steps // REPORTS), self.clock.step
        due = CHECKED - 1 if self.check_finite else steps + 1

        def between(done: int) -> None:
            nonlocal due
            if done and done >= due:
                self._guard.check()
                due = done + CHECKED
            if done and progress is not None and done % every < sampled:
                progress(done / steps)
            if done and until is not None and until():
                kernel.stop()
            if pending or not done:
                self._answer(interrupts)

        try:
            kernel.loop(steps, between, pending, sampled)
        except BaseException as error:
            if kernel.torn is not None:
                self._tear(kernel.torn, error)
            raise
        if self.check_finite:
            with np.errstate(all="ignore"):
                self._guard.check(last=True)
        if progress is not None:
            progress((self.clock.step - first) / steps if steps else 1.0)

    def _answer(self, interrupts: Interrupts) -> None:
        """Stop between two steps if Ctrl-C was pressed, unless a handler of the user lets the run go on."""
        try:
            interrupts.answer()
        except BaseException as error:
            error.add_note(f"the last step is complete; net.run(...) goes on from t = {self.clock.t:g} ms")
            raise

    def __contains__(self, item: object) -> bool:
        return any(item is m for m in self.objects)

    def _repr_html_(self) -> str:
        from numpybrain.network import network_html

        return network_html.network_html(self)

    def __repr__(self) -> str:
        names = " ".join(f"'{o.name}'" for o in self.objects)
        return f"<Network t={self.t:g} ms dt={self.dt:g} ms {names}>"


def _flat(objects: Iterable[Any]) -> Iterable[Any]:
    """The objects of lists in lists."""
    for item in objects:
        if isinstance(item, (list, tuple)):
            yield from _flat(item)
        else:
            yield item
