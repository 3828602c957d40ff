"""Recordings that plots draw: spikes and variables of monitors, or what statistics are asked of.

No class is asked for: what has `between()` is asked for what it has recorded, and that shows by its
methods what it is (see `SpikeTrains` and `Traces`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.kernel.subgroup import Subgroup

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Spikes:
    """Spikes of one population.

    Attributes:
        label: what a legend says; empty for none.
        i: neuron of each spike, shape (n_spikes,), from `first` to `first + n - 1`.
        t: time of each in ms.
        n: number of neurons.
        first: number of the first one.
        start, stop: from when to when they were observed, in ms.
        dt: the time step in ms; 0 if it is unknown.
        what: the event, "spikes" or another.
        place: " in cells[3:5]" for a part of a group, else empty.
    """

    label: str
    i: Array
    t: Array
    n: int
    first: int
    start: float
    stop: float
    dt: float
    what: str = "spikes"
    place: str = ""

    def part(self, label: str, start: int, stop: int) -> Spikes:
        """Spikes of a part of the neurons, which keep their numbers."""
        chosen = (self.i >= start) & (self.i < stop)
        return self._replaced(label, self.i[chosen], self.t[chosen], stop - start, start)

    def raised(self, label: str, by: int) -> Spikes:
        """The same spikes, with neurons that are numbered from `by` on."""
        return self._replaced(label, self.i + by, self.t, self.n, by)

    def during(self, start: float, stop: float) -> Spikes:
        """Spikes of a part of the time."""
        chosen = (self.t >= start) & (self.t < stop)
        begin, end = max(start, self.start), min(stop, self.stop)
        i, t = (self.i, self.t) if chosen.all() else (self.i[chosen], self.t[chosen])
        return Spikes(
            self.label, i, t, self.n, self.first, begin, max(begin, end), self.dt, self.what, self.place
        )

    def _replaced(self, label: str, i: Array, t: Array, n: int, first: int) -> Spikes:
        return Spikes(label, i, t, n, first, self.start, self.stop, self.dt, self.what, self.place)


def several(shown: Any) -> list[tuple[str, Any]]:
    """What is drawn, with labels: a mapping has these, of others they are empty."""
    if isinstance(shown, Mapping):
        return [(str(label), one) for label, one in shown.items()]
    if isinstance(shown, Sequence) and not isinstance(shown, str):
        return [("", one) for one in shown]
    return [("", shown)]


def is_of_spikes(shown: Any) -> bool:
    """Whether something has recorded spikes, and not variables."""
    record = recorded(shown)
    return record is not None and hasattr(type(record), "trains")


def recorded(shown: Any) -> Any:
    """What a monitor has recorded; None if it is none."""
    return shown.between() if hasattr(type(shown), "between") else None


def name_of(shown: Any) -> str:
    """Name of the group that was recorded, or else of the record."""
    source = getattr(shown, "source", None)
    return str(getattr(source, "name", None) or getattr(shown, "name", ""))


def spikes_of(shown: Any, label: str = "") -> Spikes:
    """Spikes that something has recorded.

    Raises:
        ArgumentError: if it has recorded none.
    """
    record = recorded(shown)
    if record is None or not hasattr(type(record), "trains"):
        what = type(shown).__name__ if record is None else "a monitor of variables"
        message = f"this plot is of spikes: a monitor of them (got {what})"
        raise ArgumentError(message, help='such as Monitor(cells, "spikes"), or SpikeTrains of a file')
    variables = getattr(shown, "variables", ["spikes"])
    source = getattr(shown, "source", None)
    place = f" in {source.name}" if isinstance(source, Subgroup) else ""
    dt = float(record.info.get("dt_ms", 0.0))
    return Spikes(
        label, record.i, record.t, record.n, 0, record.start, record.stop, dt, variables[0], place
    )


def populations(shown: Any, groups: Mapping[str, Any] | None = None) -> list[Spikes]:
    """Populations that are drawn one above another: those of several monitors, or `groups` of one.

    Raises:
        ArgumentError: if nothing has recorded spikes, or a group is not among the neurons.
    """
    pairs = several(shown)
    if not pairs:
        raise ArgumentError("there is nothing to plot", help="give a monitor, or a list of them")
    if len(pairs) == 1:
        whole = spikes_of(pairs[0][1], pairs[0][0])
        if not groups:
            return [whole]
        mon = pairs[0][1]
        ranges = {str(label): _range(mon, whole.n, label, one) for label, one in groups.items()}
        return [whole.part(label, *bounds) for label, bounds in ranges.items()]
    if groups:
        raise ArgumentError("'groups' are parts of one monitor", help="leave it out: each is a group here")
    found, n = [], 0
    for label, one in pairs:
        made = spikes_of(one).raised(label or name_of(one), n)
        found.append(made)
        n += made.n
    return found


def _range(mon: Any, n: int, label: Any, part: Any) -> tuple[int, int]:
    """First neuron of a part of what was recorded, and the one behind its last."""
    index = getattr(mon, "index", slice(None))
    first = (index.start or 0) if isinstance(index, slice) else 0
    if isinstance(part, slice) and part.step in (None, 1):
        start, stop, _ = part.indices(n)
        return start, stop
    whole, start, stop = part, 0, getattr(part, "size", 0)
    if isinstance(part, Subgroup):
        whole, start, stop = part.neurons, part.start, part.stop
    elif not hasattr(part, "inspect"):
        message = f"the group '{label}' is a part of the neurons, or a slice"
        raise ArgumentError(message, help=f"such as {{'{label}': cells[:100]}}")
    start, stop = start - first, stop - first
    inside = isinstance(index, slice) and 0 <= start < stop <= n
    if whole is not getattr(mon, "group", None) or not inside:
        raise ArgumentError(f"'{mon.name}' has not recorded all of '{part.name}'")
    return start, stop
