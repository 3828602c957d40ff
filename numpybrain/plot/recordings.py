"""Recordings that plots draw: spikes and variables of monitors, or what statistics are asked of.

No class is asked for: what has `between()` is asked for what it has recorded, and that shows by its
methods what it is (see `SpikeTrains` and `Traces`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.group.part_arrays import counting
from numpybrain.kernel.subgroup import Subgroup, Where, in_whole, size_of, where_of, whole_of

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
        is_stacked: whether the neurons are numbered anew, those of one population above those of another.
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
    is_stacked: bool = False

    def part(self, label: str, where: Where) -> Spikes:
        """Spikes of some of the neurons: those of a slice keep their numbers, others count from 0."""
        i, n, first = counting(where, self.n)(self.i), size_of(where), 0
        chosen = (i >= 0) & (i < n)
        if isinstance(where, slice):
            i, first = self.i, where.start
        return replace(self, label=label, i=i[chosen], t=self.t[chosen], n=n, first=first)

    def raised(self, label: str, by: int) -> Spikes:
        """The same spikes, with neurons that are numbered from `by` on."""
        return replace(self, label=label, i=self.i - self.first + by, first=by, is_stacked=True)

    def during(self, start: float, stop: float) -> Spikes:
        """Spikes of a part of the time."""
        chosen = (self.t >= start) & (self.t < stop)
        begin, end = max(start, self.start), min(stop, self.stop)
        i, t = (self.i, self.t) if chosen.all() else (self.i[chosen], self.t[chosen])
        return replace(self, i=i, t=t, start=begin, stop=max(begin, end))


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


def in_source(shown: Any, numbers: Array) -> Array:
    """Numbers of neurons in the whole group, of a part of which something has a record."""
    source = getattr(shown, "source", None)
    return in_whole(numbers, where_of(source)) if isinstance(source, Subgroup) else numbers


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
        parts = {str(label): _neurons(mon, whole.n, label, one) for label, one in groups.items()}
        made = [whole.part(label, where) for label, where in parts.items()]
        return made if all(isinstance(where, slice) for where in parts.values()) else _stacked(made)
    if groups:
        raise ArgumentError("'groups' are parts of one monitor", help="leave it out: each is a group here")
    return _stacked([replace(spikes_of(one), label=label or name_of(one)) for label, one in pairs])


def _stacked(several: list[Spikes]) -> list[Spikes]:
    """Populations one above another."""
    found, n = [], 0
    for one in several:
        found.append(one.raised(one.label, n))
        n += one.n
    return found


def _neurons(mon: Any, n: int, label: Any, part: Any) -> Where:
    """Which of the neurons that were recorded a part is."""
    if isinstance(part, slice) and part.step in (None, 1):
        start, stop, _ = part.indices(n)
        return slice(start, stop)
    if not isinstance(part, Subgroup) and not hasattr(part, "inspect"):
        message = f"the group '{label}' is a part of the neurons, or a slice"
        raise ArgumentError(message, help=f"such as {{'{label}': cells[:100]}}")
    where, index, whole = where_of(part), getattr(mon, "index", slice(0, n)), getattr(mon, "group", None)
    if part.size and whole_of(part) is whole:
        found = counting(index, whole.size)(in_whole(np.arange(part.size), where))
        if ((found >= 0) & (found < n)).all():
            in_a_row = bool((np.diff(found) == 1).all())
            return slice(int(found[0]), int(found[-1]) + 1) if in_a_row else found
    raise ArgumentError(f"'{mon.name}' has not recorded all of '{part.name}'")
