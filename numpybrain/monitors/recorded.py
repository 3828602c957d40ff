"""Records of a monitor until now, as spike trains or traces, and their provenance."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from numpybrain.group.provenance import provenance
from numpybrain.group.timing import Timing
from numpybrain.kernel.clock import Clock
from numpybrain.monitors.spike_trains import SpikeTrains
from numpybrain.monitors.traces import Traces


def recorded(
    monitor: Any, unit: Callable[[str], str], clock: Clock, timing: Timing, since: float
) -> SpikeTrains | Traces:
    """The records of a `Monitor` that joined at the time `since`; arrays are shared with it, not copied.

    `unit` gives the declared unit of a variable.
    """
    numbers = monitor.numbers()
    info = about(monitor, clock.dt)
    if monitor.records_spikes:
        i, t = monitor.i, monitor.t
        now = clock.t if not t.size or t[-1] < clock.t else t[-1] + clock.dt  # in the middle of a step
        start, stop = timing.span(since, float(now))
        return SpikeTrains(i, t, numbers.size, start, stop, numbers, monitor.name, info)
    values = {name: monitor[name] for name in monitor.variables}
    units = {name: unit(name) for name in monitor.variables}
    return Traces(monitor.t, values, units, numbers, monitor.element, monitor.name, info)


def about(monitor: Any, dt: float) -> dict[str, Any]:
    """Give the provenance of the records of a monitor."""
    model = getattr(monitor.group, "model", None)
    text = str(model) if getattr(model, "definition", None) is not None else None
    found = provenance(monitor.inspect, monitor.source.name, text)
    return {**found, "recorded": " ".join([*monitor.variables, *monitor.at_events]), "dt_ms": float(dt)}


# of traces, for exports
NOT_OF_MONITORS = frozenset({"record", "sampling_step", "si_unit", "values_of"})


@functools.cache
def methods(*, of_spikes: bool) -> frozenset[str]:
    """Names of what can be asked of the records of a monitor of spikes, or of variables."""
    cls = SpikeTrains if of_spikes else Traces
    found = {name for name in dir(cls) if not name.startswith("_") and callable(getattr(cls, name))}
    return frozenset(found - NOT_OF_MONITORS)
