"""Display of monitors and of what they have recorded in notebooks: a line of words and a small picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.display.html import count, plain, strong
from numpybrain.display.sketch import raster, traces
from numpybrain.kernel.variables import Array

MAX_LINES = 5  # of a variable; of more neurons some are shown


def monitor_html(monitor: Any, unit: Callable[[str], str], *, is_left_out: bool) -> str:
    """What a monitor records, and what it has recorded so far; `unit` gives those of variables.

    One that is left out is in no network, though there was a run.
    """
    title = f"Monitor {strong(monitor.name)}"
    names = ", ".join(map(plain, monitor.variables))
    if is_left_out or not len(monitor):
        state = "in no network" if is_left_out else "nothing yet"
        return f"<div><p>{title}, {names} of {strong(monitor.source.name)}: {state}</p></div>"
    if monitor.records_spikes:
        what = f"{len(monitor)} {names} of {strong(monitor.source.name)}"
        rate = plain(f"{monitor.rate:.4g} Hz")
        drawn = raster(monitor.t, monitor.i, monitor.count.size, monitor.span, monitor.element)
        return f"<div><p>{title}, {what}, {rate}</p>{drawn}</div>"
    of = f"{names} of {strong(monitor.source.name)}"
    units = {name: unit(name) for name in monitor.variables}
    values = {name: monitor[name] for name in monitor.variables}
    records = count(len(monitor), "record")
    return f"<div><p>{title}, {of}, {records}</p>{_lines(monitor.t, values, units, monitor.element)}</div>"


def spike_trains_html(spikes: Any) -> str:
    """Spikes of an interval."""
    title = f"Spikes of {strong(spikes.name)}, {len(spikes)} of {count(spikes.n, 'neuron')}"
    span = spikes.start, spikes.stop
    return f"<div><p>{title}</p>{raster(spikes.t, spikes.i, spikes.n, span, 'neuron')}</div>"


def traces_html(record: Any) -> str:
    """Traces of an interval."""
    title = f"Traces of {strong(record.name)}, {count(len(record), 'record')}"
    drawn = _lines(record.t, record.values, record.units, record.element) if len(record) else ""
    return f"<div><p>{title}</p>{drawn}</div>"


def rate_html(rate: Any, *, is_left_out: bool) -> str:
    """The rate of a population over time."""
    if is_left_out:
        return f"<div><p>Rate of {strong(rate.source.name)}, in no network</p></div>"
    title = f"Rate of {strong(rate.source.name)}, {count(len(rate), 'bin')}"
    t, values = rate.t, rate.rate
    drawn = traces(t, values, (t[0], t[-1]), "Hz") if len(rate) else ""
    return f"<div><p>{title}</p>{drawn}</div>"


def _lines(t: Array, values: Mapping[str, Array], units: Mapping[str, str], element: str) -> str:
    """A picture of each variable, below each other, of some of the neurons if there are many."""
    pictures = []
    for name, array in values.items():
        unit = units.get(name, "1")
        label = name if unit in ("1", "boolean", "integer", "") else f"{name} ({unit})"
        columns = array.reshape(len(t), -1)
        n = columns.shape[1]
        shown = np.unique(np.linspace(0, max(n - 1, 0), min(n, MAX_LINES)).astype(int))
        pictures.append(f"<div>{traces(t, columns[:, shown], (t[0], t[-1]), label)}</div>")
        if n > MAX_LINES:
            pictures.append(f"<p>{plain(f'{MAX_LINES} of {n} {element}s')}</p>")
    return "".join(pictures)
