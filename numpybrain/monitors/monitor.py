"""Monitors record events, such as spikes, or variables at the start of a step. They change nothing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import (
    ArgumentError,
    CheckpointError,
    UnknownAttributeError,
    UnknownNameError,
    shown,
    suggestion,
)
from numpybrain.group.indexing import names_of
from numpybrain.group.part_arrays import counting
from numpybrain.group.tab_names import for_users
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Call, RunContext, Stage
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.records import EventRecords, SampleRecords
from numpybrain.kernel.state import LONG, Form, State, Values, under
from numpybrain.kernel.subgroup import where_of
from numpybrain.kernel.variables import Array
from numpybrain.monitors.observer import Observer
from numpybrain.monitors.present_values import PresentValues
from numpybrain.monitors.streamed import Stream, StreamedEvents, StreamedSamples
from numpybrain.monitors.trace import trace
from numpybrain.neurons.neurons import Neurons
from numpybrain.neurons.subgroup import Subgroup
from numpybrain.synapses.synapses import Synapses
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.places import Places

if TYPE_CHECKING:
    from numpybrain.monitors.spike_trains import SpikeTrains
    from numpybrain.monitors.traces import Traces

SPARE = 1 << 17  # values that there is room for beyond a run, at most

_numbers = itertools.count(1)


def _float_type(dtype: Any, owner: str) -> np.dtype[Any]:
    """The type of the records of a monitor.

    Raises:
        ArgumentError: if that is no type of floating-point numbers.
    """
    try:
        found: np.dtype[Any] | None = np.dtype(dtype)
    except TypeError:
        found = None
    if found is None or found.kind != "f" or found.itemsize > np.dtype(float).itemsize:
        message = f"'dtype' of '{owner}' is a type of floating-point numbers (got {shown(dtype)})"
        raise ArgumentError(message, help='such as "float32"')
    return found


class Monitor(Observer):
    """Records spikes, or other events, or variables, of a group or a part of one.

    Args:
        source: neurons, a part of them, or synapses.
        *what: "spikes", another event, or names of variables, parameters or subexpressions.
        every: the interval between two records (ms if bare); by default every step.
        start: from when on it records (ms if bare); variables then at start, start + every ...
        stop: until when, not included.
        phase: in which phase of the step variables are recorded: "start" (by default), "integrate",
            "threshold", "synapse", "reset" or "end". Whatever the phase, `t` is the time of the step.
        dtype: of the records of variables, such as "float32", which take half the memory.
        of: which neurons (or synapses): indices, a slice or a boolean array, relative to the source. For
            synapses also a condition ("i < j") or a pair (i, j): which source and which target neurons.
        variables: of a monitor of spikes (or other events): names of variables, parameters or
            subexpressions whose values at the event, before the reset, are recorded for its neuron.
        to: an HDF5 file ("run.h5") or a directory of Zarr ("run.zarr") to which records are written while
            the network runs, in whole chunks: memory does not grow with the time, and after a crash all
            but the last chunk is in the file.
        overwrite: whether a file of that name may be there already, which is lost then.
        name: a name for messages and the schedule.

    Attributes: for variables `t`, shape (n_times,) in ms, and one array of shape (n_times, n) for
    each variable, in its declared unit; the value at `t` is that at the start of the step. A variable
    that is shared by the group has one value at a time: shape (n_times,). For spikes (and other events
    alike) `t`, shape (n_spikes,) in ms, and `i`, the indices of the neurons. `monitor[3].v` is what was
    recorded of neuron 3 of the source.

    Statistics and exports are methods of what was recorded: `monitor.cv()`, `monitor.to_pandas()`; see
    `SpikeTrains` and `Traces`. `monitor.between("100 ms", "500 ms")` has those of a part of the time.
    """

    @explains_arguments("Monitor")
    def __init__(
        self,
        source: Neurons | Subgroup | Synapses,
        *what: Any,
        every: Any = None,
        start: Any = None,
        stop: Any = None,
        phase: str = "start",
        dtype: Any = float,
        of: Any = None,
        variables: Any = (),
        to: Any = None,
        overwrite: bool = False,
        name: str | None = None,
    ) -> None:
        subject, timing = "a monitor records neurons or synapses", (every, start, stop)
        super().__init__(source, name or f"monitor_{next(_numbers)}", subject, timing, of)
        names = names_of(what)
        if not names:
            message = "a monitor needs to know what to record"
            advice = 'such as nb.Monitor(cells, "spikes") or nb.Monitor(cells, "v", "w")'
            raise ArgumentError(message, help=f"names come after the group, {advice}")
        events = [name for name in names if name in (SPIKES, *self.inspect.events)]
        self.records_spikes = len(names) == len(events) == 1  # or other events
        if events and not self.records_spikes:
            kind = "spikes" if SPIKES in events else f"the event '{events[0]}'"
            message = f"{kind} and {'other events' if events == names else 'variables'} need monitors"
            others = [name for name in names if name not in events]
            advice = f'for values at each event: Monitor(cells, "{events[0]}", variables={others})'
            raise ArgumentError(f"{message} of their own", help=advice if others else None)
        self.variables = names
        self.at_events = self._names_at_events(variables)
        self._dtype = _float_type(dtype, self.name)
        self._values = PresentValues(self.inspect, self.group.name)
        self.stages = [self._spike_stage(phase) if self.records_spikes else self._variable_stage(phase)]
        self._begin_records(to, overwrite=overwrite)
        self._is_made()

    def _spike_stage(self, phase: str) -> Stage:
        if not self.inspect.events:
            raise ArgumentError("synapses have no spikes", help="monitor the neurons")
        for name, is_given in (
            ("every", self._timing.every is not None),
            ("phase", phase != "start"),
            ("dtype", self._dtype.itemsize < np.dtype(float).itemsize and not self.at_events),
        ):
            if is_given:
                raise ArgumentError(f"a monitor of spikes records every spike, it takes no '{name}'")
        name = self.variables[0]
        if name == SPIKES and not self.inspect.has_spikes:
            message = f"'{self.group.name}' has no threshold, so there are no spikes to record"
            advice = "give the neurons one, such as threshold='v > -50*mV'"
            raise ArgumentError(message, help=advice)
        for each in self.at_events:
            self._values.check(each)
        verb = f"record {', '.join([name, *self.at_events])}"
        parts = self._values.operations.values
        return self._stage("threshold", verb, self._prepare_spikes, parts, order=4, tells=self._looks_at)

    def _looks_at(self) -> EventBuffer | None:
        """The spikes, if it records nothing else at these."""
        buffer: EventBuffer = self.inspect.events[self.variables[0]]
        return None if self.at_events or buffer.times is not None else buffer

    def _names_at_events(self, variables: Any) -> list[str]:
        """Names of what is recorded with each event.

        Raises:
            ArgumentError: if no events are recorded, or a name is that of something else.
        """
        names = names_of((variables,) if isinstance(variables, str) else tuple(variables))
        if names and not self.records_spikes:
            message = f"'variables' of '{self.name}' are those at spikes or other events"
            raise ArgumentError(message, help=f'write Monitor(cells, "{names[0]}")')
        if taken := [name for name in names if name in ("t", "i")]:
            raise ArgumentError(f"'{taken[0]}' of each event is recorded anyway: leave it out")
        return names

    def _variable_stage(self, phase: str) -> Stage:
        for name in self.variables:
            self._values.check(name)
        verb, parts = f"record {', '.join(self.variables)}", self._values.operations.values
        return self._stage(phase, verb, self._prepare_variables, parts)

    @property
    def element(self) -> str:
        """Word for one of the recorded elements: "neuron" or "synapse"."""
        return self.inspect.element

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it has recorded, in ms."""
        return self._timing.span(self._since, self._clock.t)

    @property
    def dt(self) -> float:
        """The time step in ms."""
        return self._clock.dt

    # ---- records ----

    def _begin_records(self, to: Any, *, overwrite: bool) -> None:
        """Keep records here, or in the file `to`."""
        more = self._types_at_events()
        self._events: EventRecords | StreamedEvents = EventRecords(**more)
        self._samples: SampleRecords | StreamedSamples = SampleRecords()
        self._since = 0.0  # ms
        # how much there was to put together, and what has come of it
        self._joined: tuple[int, Mapping[str, Array]] | None = None
        if to is None:
            return
        stream = Stream(to, self._about, self._unit_of_column, overwrite=overwrite)
        if self.records_spikes:
            self._events = StreamedEvents(stream, more, self._observed)
        else:
            self._samples = StreamedSamples(stream)

    def _unit_of_column(self, name: str) -> str:
        return "1" if self.records_spikes and name == "i" else self._values.unit(name)

    def _about(self) -> dict[str, Any]:
        """Give the facts that are known of the run."""
        from numpybrain.monitors.recorded import about

        return {**about(self, self._clock.dt), "name": self.name, **self._observed()}

    def _observed(self) -> dict[str, Any]:
        """Give of how many neurons spikes are recorded, and from when to when; nothing of variables."""
        if not self.records_spikes:
            return {}
        start, stop = self._timing.span(self._since, self._clock.t)
        return {"n": self._width(), "start_ms": float(start), "stop_ms": float(stop)}

    def _types_at_events(self) -> dict[str, Any]:
        """Types of the values that are recorded with each event."""
        values = self._values
        return {name: bool if values.is_boolean(name) else self._dtype for name in self.at_events}

    @property
    def recorded_variables(self) -> list[str]:
        """Names of the variables that are recorded, over time or at events."""
        return self.at_events if self.records_spikes else self.variables

    def numbers(self) -> Array:
        """Numbers of what is recorded, in the source; -1 of what is gone."""
        which = self._which()
        n, there = self.inspect.size, which >= 0
        found = np.full(which.size, -1)
        found[there] = counting(where_of(self.source), n)(which[there])
        return found

    def is_single(self, name: str) -> bool:
        """Whether a variable has one value for the whole group."""
        return self.inspect.is_single(name)

    def _layout(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        """Shape and type of one sample of each variable."""
        n, values = self._width(), self._values
        return {
            name: (() if self.is_single(name) else (n,), bool if values.is_boolean(name) else self._dtype)
            for name in self.variables
        }

    def _data(self) -> Mapping[str, Array]:
        """All records up to now, also in the middle of a run; those of files are read when asked for."""
        self._check_it_was_there()
        length = self._events.length() + self._samples.length()
        if self._joined is not None and self._joined[0] == length:
            return self._joined[1]
        data = self._events.arrays() if self.records_spikes else self._samples.arrays(self._layout())
        self._joined = length, data
        return data

    # ---- the network ----

    def join(self, network: Any, run: RunContext) -> None:
        """Become part of a network."""
        super().join(network, run)
        self._since = run.clock.t

    def begin(self, steps: int) -> None:
        """Make room for the records of a run, and for some more of runs that go on from there."""
        if self.records_spikes:
            if isinstance(self._events, StreamedEvents):
                self._events.begin(self.numbers())
            return
        layout, rows = self._layout(), self._rows(steps)
        per_row = max(1, self._width() * len(layout))
        self._samples.make_room(rows + min(self._samples.length(), SPARE // per_row), layout)

    def _rows(self, steps: int) -> int:
        """Give the number of records that the next steps make."""
        return self._steps.among(self._clock.step, steps)

    def is_ready(self, steps: int) -> bool:
        """Whether there is room for the records of so many more steps."""
        return self.records_spikes or self._samples.has_room(self._rows(steps))

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Put all records into the file, if there is one, when a run is over."""
        if changed is None:
            for records in (self._events, self._samples):
                if isinstance(records, (StreamedEvents, StreamedSamples)):
                    records.close()

    # ---- recording ----

    def _prepare_spikes(self, run: RunContext) -> Call:
        return self._steps.only(self._spike_recorder(run), run.clock)

    def _spike_recorder(self, run: RunContext) -> Call:
        clock, add = run.clock, self._events.add
        index = self.index
        n = self.inspect.size
        buffer = self.inspect.events[self.variables[0]]
        if buffer.times is not None or self.at_events:
            return self._prepare_each(buffer, clock)
        full, part = False, None
        bounds = np.array([0, n])
        if isinstance(index, slice):
            start, stop, _ = index.indices(n)
            full = (start, stop) == (0, n)
            bounds[:] = start, stop
        else:
            part = Places(index, n)

        def record_all() -> None:
            spikes = buffer.indices
            if spikes.size:
                add((clock.t, spikes))

        def record() -> None:
            spikes = buffer.indices
            if not spikes.size:
                return
            if part is not None:
                _, spikes = part.of(spikes)
            else:
                low, high = spikes.searchsorted(bounds)
                spikes = spikes[low:high] - bounds[0]
            if spikes.size:
                add((clock.t, spikes))

        return record_all if full else record

    def _prepare_each(self, buffer: EventBuffer, clock: Clock) -> Call:
        """The same for spikes with times of their own, in the order of these, or with values."""
        add, n, dtypes = self._events.add, self.inspect.size, self._types_at_events()
        part = Places(np.arange(n)[self.index], n)
        readers = [(self._values.reader(name, slice(0, n)), dtype) for name, dtype in dtypes.items()]

        def record() -> None:
            spikes = buffer.indices
            if not spikes.size:
                return
            found, places = part.of(spikes)
            if not found.size:
                return
            times: Any = clock.t
            if buffer.times is not None:
                times = buffer.times.take(found)
                order = times.argsort(kind="stable")
                times, found, places = times.take(order), found.take(order), places.take(order)
            who = spikes.take(found)
            add((times, places, *(_of_each(read(), who).astype(dtype) for read, dtype in readers)))

        return record

    def _prepare_variables(self, run: RunContext) -> Call:
        readers = {name: self._values.source(name, self.index) for name in self.variables}
        return self._steps.only(self._samples.recorder(readers, run.clock), run.clock)

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot with records is put back."""
        more = {"records": self.variables, "every": self._timing.every}
        more |= {"at_events": self.at_events} if self.at_events else {}
        return self._structure("monitor", **more)

    def declare_state(self) -> Iterator[State]:
        """All records, and of which elements they are: a slice, or indices."""
        bound = Form(int, limit=LONG, optional=True)
        which = {"first": bound, "end": bound, "index": Form(int, (None,), optional=True)}

        def get() -> Values:
            index, since = self.index, self._since
            if isinstance(index, slice):
                return {"since": since, "first": index.start, "end": index.stop}
            return {"since": since, "index": index}

        def put(values: Values) -> None:
            self._clear()
            self._since, self.index = float(values["since"]), _index(values)

        forms = {"since": Form(float), **which}
        yield State(forms, get, put, self._check_index, self._state_of_records)

    def _check_index(self, values: Values) -> tuple[str, str] | None:
        if values["index"] is None and (values["first"] is None or values["end"] is None):
            return "index" if values["first"] is None else "end", "is missing"
        index = _index(values)
        if isinstance(index, slice) and isinstance(self.index, slice):
            same = index == self.index or not self.inspect.events  # there may have been more
        elif not self.inspect.events:
            same = True  # numbers of synapses change when some are taken away
        else:
            same = np.array_equal(index, self.index)  # type: ignore[arg-type]  # a slice equals no array
        if same:
            return None
        message = f"'{self.name}' recorded other neurons when the snapshot was taken"
        raise CheckpointError(message, detail="nothing has been changed", help="give the same 'of'")

    def _state_of_records(self, values: Values, _: Any) -> Iterator[State]:
        index = _index(values)
        width = index.stop - index.start if isinstance(index, slice) else index.size
        forms = {"t": Form(float, ("times",))}
        if self.records_spikes:
            forms["i"] = Form(int, ("times",), width)
        for name in self.recorded_variables:
            each = () if self.records_spikes or self.is_single(name) else (width,)
            shapes = [("times", *each), ("times", width)]  # of what is shared: as it was recorded once
            kinds = [Form(kind, shape) for shape in shapes for kind in (float, bool)]
            forms[name] = replace(kinds[0], others=tuple(kinds[1:]))

        def put(values: Values) -> None:
            records = self._events if self.records_spikes else self._samples
            records.set({x: v if v.ndim == len(forms[x].shape) else v[:, 0] for x, v in values.items()})

        yield from under("records/", [State(forms, self._data, put)])

    def _clear(self) -> None:
        """Forget all records."""
        self._since, self._joined = self._clock.t, None
        self._events.set()
        self._samples.set()

    # ---- what was recorded ----

    @property
    def every(self) -> float | None:
        """The interval between two records in ms, if there is one."""
        return self._timing.every

    @property
    def t(self) -> Array:
        """Times of the records in ms, shape (n_times,) or (n_spikes,)."""
        times: Array = self._data()["t"]
        return times

    @property
    def i(self) -> Array:
        """Neuron of each spike, shape (n_spikes,)."""
        return self._data()["i"] if self.records_spikes else self._of_variable("i")

    @property
    def count(self) -> Array:
        """Number of spikes of each neuron, shape (n,)."""
        if not self.records_spikes:
            return self._of_variable("count")
        return np.bincount(self.i, minlength=self._width())

    @property
    def rate(self) -> Any:
        """Mean firing rate of the recorded neurons since the monitor began to record, in Hz."""
        if not self.records_spikes:
            return self._of_variable("rate")
        start, stop = self.span
        elapsed = (stop - start) / 1000.0
        return len(self) / self._width() / elapsed if elapsed else 0.0

    def _of_variable(self, name: str) -> Array:
        """Give the records of a variable that has the name of an attribute of spikes."""
        if name not in self.recorded_variables:
            raise UnknownAttributeError(f"'{self.name}' records no spikes")
        return self._data()[name]

    def train(self, neuron: int) -> Array:
        """Spike times of one neuron in ms."""
        times: Array = self.t[self.i == neuron]
        return times

    def __getitem__(self, name: Any) -> Any:
        """Give the records of a variable, `trace["v"]`, or of a neuron: `trace[3].v`."""
        if not isinstance(name, str):
            return trace(self, name)
        data = self._data()
        if name not in data:
            raise UnknownNameError(f"'{self.name}' has not recorded '{name}'{suggestion(name, data)}")
        return data[name]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "_joined" not in self.__dict__:
            raise AttributeError(name)
        if name in self.recorded_variables:
            return self._data()[name]
        from numpybrain.monitors.recorded import methods

        if name in methods(of_spikes=self.records_spikes):
            return getattr(self.between(), name)
        known = ["t", *self.recorded_variables, *(("i", "count", "rate") if self.records_spikes else ())]
        message = f"'{self.name}' has not recorded '{name}'"
        if name in methods(of_spikes=not self.records_spikes):
            kind = "variables" if self.records_spikes else "spikes"
            raise UnknownAttributeError(
                f"'{name}' is a statistic of {kind}, which '{self.name}' does not record"
            )
        raise UnknownAttributeError(message + suggestion(name, known))

    def __dir__(self) -> list[str]:
        from numpybrain.monitors.recorded import methods

        own = for_users(super().__dir__())
        return sorted({*own, *self.recorded_variables, *methods(of_spikes=self.records_spikes)})

    def __len__(self) -> int:
        return int(self.t.size)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(f"'{self.name}' is a monitor: use .t and .{self.variables[0]}")

    def between(self, start: Any = None, stop: Any = None) -> SpikeTrains | Traces:
        """Give the records at times t with start <= t < stop, by default at any time.

        Args:
            start: in ms, or as a quantity or text.
            stop: in ms, or as a quantity or text.

        Returns:
            `SpikeTrains` of a monitor of spikes (or other events), `Traces` of one of variables. They
            have the same records, `t` and `i` or the variables, the statistics and the exports of the
            monitor.

        Raises:
            TimeStepError: if nothing was recorded in the interval.
        """
        from numpybrain.monitors.recorded import recorded

        clock, unit = self._clock, self._values.unit
        return recorded(self, unit, clock, self._timing, self._since).between(start, stop)

    def plot(self, path: Any = None, **options: Any) -> Any:
        """Draw a raster or traces with matplotlib; with `path` write them to that file."""
        from numpybrain import plot

        return plot.monitor(self, path, **options)

    def _repr_html_(self) -> str:
        from numpybrain.monitors import monitors_html

        return monitors_html.monitor_html(self, self._values.unit, is_left_out=self._is_left_out)

    def __repr__(self) -> str:
        return f"<Monitor '{self.name}' {' '.join(self.variables)} of {self.source.name}>"


def _of_each(value: Any, who: Array) -> Array:
    """The values of some neurons; `value` may be one for all."""
    found = np.asarray(value)
    return found.take(who) if found.ndim else np.full(who.size, found)


def _index(values: Values) -> slice | Array:
    """Of which elements records in a snapshot are."""
    index: Array | None = values["index"] if values.get("first") is None else None
    return slice(values["first"], values["end"]) if index is None else index.astype(np.intp)
