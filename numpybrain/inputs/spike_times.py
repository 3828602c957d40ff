"""Spike trains that are given: neurons and times, once or again and again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, TimeStepError, shown
from numpybrain.inputs.spike_input import SpikeInput
from numpybrain.kernel.clock import NEAR, Clock, check_times
from numpybrain.kernel.events import NO_INDICES, SPIKES, EventBuffer
from numpybrain.kernel.operations import Composite
from numpybrain.kernel.state import Form, State, Values, under
from numpybrain.kernel.variables import CHANGES
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.utils.arrays import plain
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.quantities import carries_unit, is_quantity, unpacked

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Call, Operation, RunContext
    from numpybrain.kernel.variables import Array, VariableStore

NO_TIMES = np.empty(0)
NEVER_DUE = 1 << 62  # step


class Recording:
    """Spikes by neuron and time, and the steps in which they are due.

    Attributes:
        i, t: neurons and times in ms, shape (n_spikes,), sorted by time, then by neuron.
        period: after which they come again, in ms; None if they come once.
        version: how often they have been replaced.
    """

    def __init__(self, owner: str, n: int) -> None:
        self._owner = owner
        self._n = n
        self.version = 0
        self.i: Array = NO_INDICES
        self.t: Array = NO_TIMES
        self.period: float | None = None
        self._laid_out: tuple[Any, ...] = ()  # for which dt and version
        self.steps: Array = NO_INDICES
        self.starts: list[int] = [0]
        self.cycle = 0

    def set(self, i: Array, t: Array, period: float | None) -> None:
        """Replace the spikes.

        Raises:
            IndexRangeError: if there is no such neuron.
            TimeStepError: if a time is negative, not finite or not below the period.
        """
        wrong = i[(i < 0) | (i >= self._n)]
        if wrong.size:
            detail = f"there are {self._n} neurons (0..{self._n - 1})"
            raise IndexRangeError(f"'{self._owner}' has no neuron {wrong[0]}", detail=detail)
        check_times(t, f"time of a spike of '{self._owner}'")
        if period is not None and t.size and t.max() >= period:
            message = f"'{self._owner}' has a spike at {t.max():g} ms, after its period of {period:g} ms"
            raise TimeStepError(message, help="times count from the beginning of a period")
        order = np.lexsort((i, t))
        self.i, self.t, self.period = i[order], t[order], period
        self.version += 1
        CHANGES.note()

    def lay_out(self, clock: Clock) -> None:
        """Find the steps of the spikes: a spike at k*dt <= t < (k + 1)*dt is due in step k.

        Raises:
            TimeStepError: if a neuron has two in one step, or the period is no whole number of steps.
        """
        key = (clock.dt, clock.rounding, self.version)
        if key == self._laid_out:
            return
        self.cycle = 0
        steps = np.floor(self.t / clock.dt + NEAR).astype(np.int64)
        if self.period is not None:
            self.cycle = clock.steps(self.period, f"the period of '{self._owner}'")
            if not self.cycle:
                message = f"the period of '{self._owner}' is shorter than a step of {clock.dt:g} ms"
                raise TimeStepError(message)
            steps = np.minimum(steps, self.cycle - 1)
        order = np.lexsort((self.i, steps))
        self._check_twice(steps[order], order, clock.dt)
        self.due_neurons, self.due_times = self.i[order].astype(np.intp), self.t[order]
        self.steps, first = np.unique(steps[order], return_index=True)
        self.starts = [*first.tolist(), order.size]
        self._laid_out = key

    def _check_twice(self, steps: Array, order: Array, dt: float) -> None:
        neurons = self.i[order]
        twice = np.flatnonzero((np.diff(steps) == 0) & (np.diff(neurons) == 0))
        if not twice.size:
            return
        one, other = self.t[order[twice[0]]], self.t[order[twice[0] + 1]]
        message = f"neuron {neurons[twice[0]]} of '{self._owner}' has two spikes in one step of {dt:g} ms"
        detail = f"at {one:.6g} and {other:.6g} ms"
        if twice.size > 1:
            detail += f"; {twice.size - 1} more such pairs"
        advice = "take a smaller dt, or leave one out"
        raise TimeStepError(message, detail=detail, help=advice)

    def next_due(self, step: int) -> tuple[int, int]:
        """The first step from this one on in which spikes are due, and which of `steps` that is."""
        cycle, place = divmod(step, self.cycle) if self.cycle else (0, step)
        k = int(self.steps.searchsorted(place))
        if k == self.steps.size:
            if not self.cycle or not k:
                return NEVER_DUE, 0
            cycle, k = cycle + 1, 0
        return int(self.steps[k]) + cycle * self.cycle, k


class Playback(Composite):
    """Operation that finds the spikes of a recording that are due in a step.

    Args:
        recording: the spikes.
        spikes: where those of a step are kept, with their times if these are wanted.
        variables: those of the group; `lastspike` is kept up if it is among them.
    """

    def __init__(self, recording: Recording, spikes: EventBuffer, variables: VariableStore) -> None:
        self.recording = recording
        self.spikes = spikes
        self.variables = variables

    def parts(self) -> Iterable[Operation]:
        """No variable is touched."""
        return ()

    def prepare(self, run: RunContext) -> Call:
        """The callable of a run."""
        recording, spikes, clock = self.recording, self.spikes, run.clock
        recording.lay_out(clock)
        located = spikes.times is not None
        last = self.variables.slots.get("lastspike")
        last_spike = None if last is None else last.array(self.variables.n)
        version, low, due, k = recording.version, 0, -1, 0  # nothing is due in low ... due - 1

        def play() -> None:
            nonlocal version, low, due, k
            step = clock.step
            if version == recording.version and low <= step < due:
                spikes.indices = NO_INDICES
                if located:
                    spikes.times = NO_TIMES
                return
            if version != recording.version:
                recording.lay_out(clock)
                version, due = recording.version, -1
            if step != due:
                due, k = recording.next_due(step)
            low = step
            if step < due:
                spikes.indices = NO_INDICES
                if located:
                    spikes.times = NO_TIMES
                return
            some = slice(recording.starts[k], recording.starts[k + 1])
            spikes.indices = recording.due_neurons[some]
            times: Any = clock.t
            if located:
                times = recording.due_times[some]
                if recording.cycle:
                    times = times + step // recording.cycle * recording.cycle * clock.dt
                spikes.times = times
            if last_spike is not None:
                last_spike[spikes.indices] = times
            low = step + 1
            due, k = recording.next_due(low)

        return play


class SpikeTimes(SpikeInput):
    """Spike source whose spikes are given.

    Args:
        i: which neuron spikes, for each spike: shape (n_spikes,), or one for all.
        t: when, in the same order, which need not be sorted: ms if bare, quantities, or texts
            (["1 ms", "2.5 ms"]). They count from the start of the network.
        n: how many neurons there are; by default as many as `i` needs.
        period: after which all comes again (ms if bare), a whole number of steps; None for once.
        spike_times: "grid" (None): a spike at k*dt <= t < (k + 1)*dt comes at k*dt, as in Brian2;
            "interpolated": monitors and `lastspike` tell the times that were given, and synapses get the
            spikes in the same steps.
        name: a name for messages and the schedule.

    `set(i, t)` replaces the spikes, between runs or in one. What lies before now does not come.

    Raises:
        IndexRangeError: if there is no such neuron.
        ShapeError: if there are not as many neurons as times.
        TimeStepError: if a time is negative or not below the period, or if a neuron has two spikes in one
            step (which is found out when there is a network, and so a step).

    Examples:
        >>> import numpybrain as nb
        >>> stimulus = nb.inputs.SpikeTimes([0, 2, 1], [5, 1, 3.5], n=4, period="10 ms", name="stimulus")
        >>> stimulus
        <SpikeTimes 'stimulus' n=4 spikes=3 period=10 ms>
    """

    recording: Recording

    @explains_arguments("SpikeTimes")
    def __init__(
        self,
        i: Any = (),
        t: Any = (),
        n: int | None = None,
        period: Any = None,
        *,
        spike_times: str | None = None,
        name: str | None = None,
    ) -> None:
        if spike_times not in (None, "grid", "interpolated"):
            raise ArgumentError(f"spike times are 'grid' or 'interpolated' (got {shown(spike_times)})")
        neurons, times = _pairs(i, t, name or "spike times")
        size = (int(neurons.max()) + 1 if neurons.size and neurons.max() >= 0 else 1) if n is None else n
        super().__init__(size, name, located=spike_times == "interpolated")
        self.recording = Recording(self.name, self.size)
        self.recording.set(neurons, times, self._period(period))
        playback = Playback(self.recording, self.events[SPIKES], self.inspect.state)
        self._core.finders[SPIKES] = self._core.add_stage("threshold", "given spikes", playback)
        self._is_made()

    def _period(self, period: Any) -> float | None:
        if period is None:
            return None
        found = milliseconds(period, f"the period of '{self.name}'")
        if found <= 0:
            raise TimeStepError(f"the period of '{self.name}' must be positive (got {found:g} ms)")
        return found

    def set(self, i: Any, t: Any, period: Any = ...) -> None:
        """Replace the spikes by others; without `period`, the period stays.

        Raises:
            as the constructor does; nothing has changed then.
        """
        neurons, times = _pairs(i, t, self.name)
        again = self.recording.period if period is ... else self._period(period)
        trial = Recording(self.name, self.size)
        trial.set(neurons, times, again)
        if self.network is not None:
            trial.lay_out(self.inspect.present().clock)
        self.recording.set(neurons, times, again)

    @property
    def given(self) -> tuple[Array, Array]:
        """The neurons and the times in ms that were given, each of shape (n_spikes,), sorted by time."""
        return self.recording.i.copy(), self.recording.t.copy()

    def check(self, clock: Clock) -> None:
        """Raise an error unless the spikes fit the time step."""
        self.recording.lay_out(clock)

    def _told(self) -> str:
        """Give the text about the spikes in `repr`."""
        found = f" spikes={self.recording.t.size}"
        return found if self.recording.period is None else f"{found} period={self.recording.period:g} ms"

    def declare_state(self) -> Iterator[State]:
        """The spikes that are given, and the last ones."""
        yield from super().declare_state()
        forms = {"i": Form(int, ("n",), self.size), "t": Form(float, ("n",)), "period": Form(float)}

        def get() -> Values:
            given = self.recording
            period = -1.0 if given.period is None else given.period
            return {"i": given.i, "t": given.t, "period": period}

        def put(values: Values) -> None:
            period = None if values["period"] == -1.0 else values["period"]
            self.recording.set(values["i"].astype(np.int64), values["t"], period)

        yield from under("given/", [State(forms, get, put, _check_given)])


def _check_given(values: Values) -> tuple[str, str] | None:
    t, period = values["t"], values["period"]
    if t.size and not (t.min() >= 0 and math.isfinite(t.max())):
        return "t", "has negative or infinite times"
    if period != -1.0 and (not 0 < period < math.inf or (t.size and t.max() >= period)):
        return "period", "is not longer than the spikes need"
    return None


def spike_trains(
    trains: Any,
    n: int | None = None,
    period: Any = None,
    *,
    shift: Any = 0.0,
    spike_times: str | None = None,
    name: str | None = None,
) -> SpikeTimes:
    """A spike source out of spike trains.

    Args:
        trains: a sequence with the spike times of each neuron (arrays or lists in ms, quantities, or
            `SpikeTrain` objects of Neo); a dictionary {neuron: times}; a Neo `Segment`; or a monitor of
            spikes, whose neurons keep their numbers.
        n: how many neurons there are; by default as many as there are trains.
        period: see `SpikeTimes`.
        shift: what is added to all times (ms if bare): "-2 s" for a recording that begins at 2 s.
        spike_times: see `SpikeTimes`.
        name: a name for messages and the schedule.

    Raises:
        as `SpikeTimes` does.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.spike_trains({0: [1, 5], 3: ["2 ms"]}, name="recorded")
        <SpikeTimes 'recorded' n=4 spikes=3>
    """
    i, t, size = _of_trains(trains, name or "spike trains")
    t = t + milliseconds(shift, "the shift of spike trains")
    n = max(1, size) if n is None else n
    return SpikeTimes(i, t, n, period, spike_times=spike_times, name=name)


def _of_trains(trains: Any, what: str) -> tuple[Array, Array, int]:
    """Neurons, times in ms, and how many neurons there are."""
    if hasattr(trains, "records_spikes"):
        if not trains.records_spikes:
            raise ArgumentError(f"'{trains.name}' is no monitor of spikes")
        return trains.i, trains.t, trains.count.size
    trains = getattr(trains, "spiketrains", trains)
    if isinstance(trains, Mapping):
        keys = plain(list(trains), f"the neurons of the {what}") if trains else NO_INDICES
        each = list(trains.values())
    elif isinstance(trains, Iterable) and not isinstance(trains, str) and not is_quantity(trains):
        each = list(trains)
        keys = np.arange(len(each))
    else:
        message = f"spike trains are the times of each neuron, or {{neuron: times}} (got {shown(trains)})"
        raise ArgumentError(message, help="such as [[1, 5], [2]]; for pairs: SpikeTimes(i, t)")
    if each and all(np.ndim(unpacked(train)) == 0 and not isinstance(train, str) for train in each):
        message = "spike trains are the times of each neuron, and these are single times"
        raise ArgumentError(message, help="such as [[1, 5], [2]]; for pairs: SpikeTimes(i, t)")
    times = [_times(train, f"a train of the {what}") for train in each]
    if keys.dtype.kind not in "iu":
        raise ArgumentError(f"neurons are whole numbers (got {shown(next(iter(trains)))})")
    i = np.repeat(keys, [train.size for train in times])
    t = np.concatenate(times) if times else NO_TIMES
    return i, t, int(keys.max(initial=-1)) + 1


def _pairs(i: Any, t: Any, what: str) -> tuple[Array, Array]:
    """Neurons and times, as many of each."""
    times = _times(t, f"the times of '{what}'")
    neurons = plain(i, f"the neurons of '{what}'")
    if not neurons.size:
        neurons = neurons.astype(np.int64)
    if neurons.dtype.kind not in "iu" or neurons.ndim > 1:
        message = f"the neurons of '{what}' are whole numbers, one for each spike"
        raise ArgumentError(message, detail=f"got {neurons.dtype} of shape {neurons.shape}")
    if neurons.ndim == 0:
        neurons = np.broadcast_to(neurons, times.shape)
    if neurons.size != times.size:
        message = f"'{what}' needs as many neurons as times (got {neurons.size} and {times.size})"
        raise ShapeError(message)
    return neurons.astype(np.int64), times


def _times(values: Any, what: str) -> Array:
    """Times in ms, as an array of one dimension."""
    if isinstance(values, str) or carries_unit(values) or _has_text(values):
        values = language_entry.convert(values, "ms", what)
    try:
        found = np.atleast_1d(np.array(plain(values, what), dtype=float))
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{what} are numbers in ms, quantities or texts (got {shown(values)})"
        ) from None
    if found.ndim != 1:
        raise ShapeError(f"{what} are one for each spike (got shape {found.shape})")
    return found


def _has_text(values: Any) -> bool:
    values = values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind in "UO" else values
    return isinstance(values, (list, tuple)) and any(isinstance(value, str) for value in values)
