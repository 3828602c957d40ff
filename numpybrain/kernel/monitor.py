"""Monitors: objects that record events, or variables at the start of a step."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from numpybrain.kernel.clock import NEVER, Steps
from numpybrain.kernel.contracts import Call, DeclaringObject, RunContext, Stage
from numpybrain.kernel.events import SPIKES
from numpybrain.kernel.operations import Task
from numpybrain.kernel.records import EventRecords, SampleRecords
from numpybrain.kernel.state import Form, State


class EventMonitor(DeclaringObject):
    """Records which neurons of a spike source have an event, and when."""

    is_record = True

    def __init__(self, name: str, source: Any, event: str = SPIKES) -> None:
        self.name = name
        self._source = source
        self._event = event
        self._records = EventRecords()
        self.stages = [Stage("threshold", name, f"record {event}", Task(self._prepare), "kernel", order=4)]

    def requires(self) -> Mapping[str, Any]:
        """The source."""
        return {f"which '{self.name}' records": self._source}

    def _prepare(self, run: RunContext) -> Call:
        clock, buffer, add = run.clock, self._source.events[self._event], self._records.add

        def record() -> None:
            if buffer.indices.size:
                add((clock.t if buffer.times is None else buffer.times, buffer.indices))

        return record

    def declare_state(self) -> Iterable[State]:
        """The records: times `t` in ms and neurons `i`, each of shape (n_events,)."""
        forms = {"t": Form(float, ("events",)), "i": Form(int, ("events",), self._source.size)}
        return [State(forms, self._records.arrays, self._records.set)]

    def begin_anew(self) -> Call:
        """Give the call that forgets all records."""
        return self._records.set


class VariableMonitor(DeclaringObject):
    """Records variables of neurons or synapses, all elements, every so many steps."""

    is_record = True

    def __init__(self, name: str, source: Any, *variables: str, every: int = 1) -> None:
        self.name = name
        self._source = source
        self._slots = {each: source.variables.slots[each] for each in variables}
        self._every = every
        self._records = SampleRecords()
        words = f"record {', '.join(variables)}"
        self.stages = [Stage("start", name, words, Task(self._prepare), "kernel")]

    def requires(self) -> Mapping[str, Any]:
        """The source."""
        return {f"which '{self.name}' records": self._source}

    def _layout(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        return {name: ((self._source.variables.n,), slot.dtype) for name, slot in self._slots.items()}

    def begin(self, steps: int) -> None:
        """Make room for the records of a run."""
        self._records.make_room(steps // self._every + 1, self._layout())

    def is_ready(self, steps: int) -> bool:
        """Whether there is room for the records of so many more steps."""
        return self._records.has_room(steps // self._every + 1)

    def _prepare(self, run: RunContext) -> Call:
        clock, every = run.clock, self._every
        n, slots = self._source.variables.n, self._slots
        record = self._records.recorder({name: slot.array(n) for name, slot in slots.items()}, clock)
        return Steps(0, NEVER, every).only(record, clock)

    def declare_state(self) -> Iterable[State]:
        """The records: times `t` in ms, shape (n_times,), and each variable, shape (n_times, n)."""
        layout = self._layout()
        forms = {name: Form(slot.dtype, ("times", *layout[name][0])) for name, slot in self._slots.items()}
        get, put = functools.partial(self._records.arrays, layout), self._records.set
        return [State({"t": Form(float, ("times",)), **forms}, get, put)]

    def begin_anew(self) -> Call:
        """Give the call that forgets all records."""
        return self._records.set
