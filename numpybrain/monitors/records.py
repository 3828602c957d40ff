"""Records of monitors: how they are kept, put together, and carried over by snapshots."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.errors import CheckpointError
from numpybrain.group.part_arrays import counting
from numpybrain.group.timing import Timing
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.contracts import Call, RunContext, SimulationObject
from numpybrain.kernel.records import EventRecords, SampleRecords
from numpybrain.kernel.subgroup import where_of
from numpybrain.kernel.variables import Array
from numpybrain.monitors.present_values import PresentValues, chosen_again
from numpybrain.monitors.streamed import Stream, StreamedEvents, StreamedSamples
from numpybrain.utils.live import lives_once
from numpybrain.utils.state_reader import StateReader, Value, under


@lives_once
class Records(SimulationObject):
    """Base of `Monitor`: records of spikes or of variables, and of which elements of a group."""

    is_record = True
    name: str
    group: Any
    inspect: VariableSpace  # of the group
    _context: RunContext | None
    source: Any
    variables: list[str]
    records_spikes: bool
    index: slice | Array
    _timing: Timing
    _dtype: np.dtype[Any]  # of the records of variables
    _values: PresentValues
    at_events: list[str]  # variables that are recorded with each event
    _events: EventRecords | StreamedEvents
    _samples: SampleRecords | StreamedSamples  # of variables
    _since: float  # ms
    _joined: (
        tuple[Any, Mapping[str, Array]] | None
    )  # how much there was to put together, and what has come of it

    def _begin_records(self, to: Any, *, overwrite: bool) -> None:
        """Keep records here, or in the file `to`."""
        more = self._types_at_events()
        self._events, self._samples = EventRecords(**more), SampleRecords()
        self._since, self._joined = 0.0, None
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

        return {**about(self, self._present().clock.dt), "name": self.name, **self._observed()}

    def _observed(self) -> dict[str, Any]:
        """Give of how many neurons spikes are recorded, and from when to when; nothing of variables."""
        if not self.records_spikes:
            return {}
        start, stop = self._timing.span(self._since, self._present().clock.t)
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
        which = np.arange(self.inspect.size)[self.index] if isinstance(self.index, slice) else self.index
        n, there = self.inspect.size, which >= 0
        found = np.full(which.size, -1)
        found[there] = counting(where_of(self.source), n)(which[there])
        return found

    def is_single(self, name: str) -> bool:
        """Whether a variable has one value for the whole group."""
        return self.inspect.is_single(name)

    def _present(self) -> RunContext:
        """The context of the network, or of the group before there is one."""
        found: RunContext = self.inspect.present() if self._context is None else self._context
        return found

    def _width(self) -> int:
        if isinstance(self.index, slice):
            return len(range(*self.index.indices(self.inspect.size)))
        return int(self.index.size)

    def _layout(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        """Shape and type of one sample of each variable."""
        n, values = self._width(), self._values
        return {
            name: (() if self.is_single(name) else (n,), bool if values.is_boolean(name) else self._dtype)
            for name in self.variables
        }

    def _data(self) -> Mapping[str, Array]:
        """All records up to now, also in the middle of a run; those of files are read when asked for."""
        length = self._events.length() + self._samples.length()
        if self._joined is not None and self._joined[0] == length:
            return self._joined[1]
        data = self._events.arrays() if self.records_spikes else self._samples.arrays(self._layout())
        self._joined = length, data
        return data

    # ---- checkpoints ----

    def fingerprint(self, place: Callable[[Any], int]) -> dict[str, Any]:
        """Give the structure, which must be the same where a snapshot with records is restored."""
        found = {"name": self.name, "records": self.variables, "every": self._timing.every}
        found |= {"at_events": self.at_events} if self.at_events else {}
        return {"kind": "monitor", "source": place(self.group), **found, **self._timing.given()}

    def get_state(self) -> dict[str, Value]:
        """All records, and of which elements they are."""
        index = self.index
        which = {"first": index.start, "end": index.stop} if isinstance(index, slice) else {"index": index}
        return {"since": self._since, **which, **under("records", self._data())}

    def plan_restore(self, saved: StateReader | None) -> list[Call]:
        """Read a snapshot of this monitor and check it; the calls that are given then restore it.

        Without one, the monitor begins anew, with no records.
        """
        if saved is None:
            return [self._clear, functools.partial(self._choose_again, self.inspect.size)]
        since, records = float(saved.number("since", float)), saved.part("records")
        index: slice | Array
        if "first" in saved:
            first, end = saved.whole("first"), saved.whole("end")
            index, width = slice(first, end), end - first
        else:
            index = saved.array("index", int).astype(np.intp)
            width = index.size
        if isinstance(index, slice) and isinstance(self.index, slice):
            same = index == self.index or not self.inspect.events  # there may have been more
        elif not self.inspect.events:
            same = True  # numbers of synapses change when some are taken away
        else:
            same = np.array_equal(index, self.index)  # type: ignore[arg-type]  # a slice equals no array
        if not same:
            message = f"'{self.name}' recorded other neurons when the snapshot was taken"
            raise CheckpointError(message, detail="nothing has been changed", help="give the same 'of'")
        times, values = records.array("t", float).copy(), {}  # a view would keep a whole file in memory
        if self.records_spikes:
            values["i"] = records.indices("i", width, times.size).astype(np.intp)
        for name in self.recorded_variables:
            values[name] = self._restored(records, name, times.size, width)

        def restore() -> None:
            self._clear()
            self._since, self.index = since, index
            if self.records_spikes:
                self._events.set({"t": times, **values})
            else:
                self._samples.set(times, values)

        return [restore]

    def _restored(self, records: StateReader, name: str, n: int, width: int) -> Array:
        """The records of a variable at n times, from a snapshot."""
        found = records.value(name)
        dtype = bool if getattr(found, "dtype", None) == np.dtype(bool) else float
        if self.records_spikes:
            return records.array(name, dtype, n).copy()
        if not self.is_single(name):
            return records.array(name, dtype, (n, width)).copy()
        if getattr(found, "ndim", 0) == 1:
            return records.array(name, dtype, n).copy()
        return records.array(name, dtype, (n, width))[:, 0].copy()  # as it was, the same for each element

    def _choose_again(self, before: int) -> None:
        """There may be other synapses than before: all stay all, those beyond the last have no values."""
        self.index = chosen_again(self.index, before, self.inspect.size)

    def _clear(self) -> None:
        """Forget all records."""
        self._since, self._joined = self._present().clock.t, None
        self._events.set()
        self._samples.set()
