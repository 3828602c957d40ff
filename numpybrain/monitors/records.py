"""Records of monitors: how they are kept, put together, and carried over by snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from numpybrain.errors import CheckpointError
from numpybrain.group.part_arrays import counting
from numpybrain.group.timing import Timing
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.contracts import Call, DeclaringObject, RunContext
from numpybrain.kernel.records import EventRecords, SampleRecords
from numpybrain.kernel.state import LONG, Form, State, Values, under
from numpybrain.kernel.subgroup import where_of
from numpybrain.kernel.variables import Array
from numpybrain.monitors.present_values import PresentValues, chosen_again
from numpybrain.monitors.streamed import Stream, StreamedEvents, StreamedSamples
from numpybrain.utils.live import lives_once


@lives_once
class Records(DeclaringObject):
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

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot with records is put back."""
        found = {"name": self.name, "records": self.variables, "every": self._timing.every}
        found |= {"at_events": self.at_events} if self.at_events else {}
        return {"kind": "monitor", "source": self.group, **found, **self._timing.given()}

    def begin_anew(self) -> Call:
        """Give the call that forgets all records; there may be other synapses then."""
        before = self.inspect.size

        def begin() -> None:
            self._clear()
            self.index = chosen_again(self.index, before, self.inspect.size)

        return begin

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
        self._since, self._joined = self._present().clock.t, None
        self._events.set()
        self._samples.set()


def _index(values: Values) -> slice | Array:
    """Of which elements records in a snapshot are."""
    index: Array | None = values["index"] if values.get("first") is None else None
    return slice(values["first"], values["end"]) if index is None else index.astype(np.intp)
