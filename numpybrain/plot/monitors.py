"""Plots of monitors: a raster with the population rate for spikes, traces for variables.

In: a monitor that has recorded. Out: a matplotlib figure, or a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.subgroup import Subgroup
from numpybrain.language.times import milliseconds
from numpybrain.plot.figures import (
    COLOURS,
    INK,
    bare,
    check_path,
    cycle,
    matplotlib,
    new_figure,
    save,
    unit_of,
    with_unit,
)

Array = np.ndarray[Any, Any]

MAX_LINES = 10  # more traces than that become a mean and a few examples
EXAMPLES = 3
BAND = (10, 90)  # the percentiles between which most neurons are
BAND_POINTS = 1000  # a band needs no more points in time than it has pixels
BAND_SAMPLE = 1000  # and no more neurons to estimate percentiles from
MAX_DOTS = 200_000  # more spikes than that become an image of the firing rate
FEW_ROWS = 40  # up to so many neurons a spike is a tick, beyond a dot
RATE_FROM = 10  # with fewer neurons a population rate says nothing
PAPER = 120_000.0  # area of a raster in square points, from which the size of dots follows
INKED = 0.3  # the part of it that dots may cover


class Recorded(Protocol):
    """Records of a monitor, as plots need them; see `Monitor`."""

    name: str
    source: Any
    group: Any
    variables: list[str]
    records_spikes: bool
    index: slice | Array
    start_of_source: int

    @property
    def inspect(self) -> VariableSpace:
        """The variables of the group that is recorded."""

    @property
    def element(self) -> str:
        """Word for one of the recorded elements: "neuron" or "synapse"."""

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it has recorded, in ms."""

    @property
    def dt(self) -> float:
        """The time step in ms."""

    @property
    def t(self) -> Array:
        """Times of the records in ms."""

    @property
    def i(self) -> Array:
        """The neuron of each event."""

    @property
    def count(self) -> Array:
        """Number of events of each neuron."""

    def train(self, neuron: int) -> Array:
        """The times of the events of one neuron."""

    def __getitem__(self, name: Any) -> Any:
        """Give the records of a variable."""

    def __len__(self) -> int:
        """The number of records."""


def monitor(
    mon: Recorded,
    path: Any = None,
    *,
    of: Any = None,
    groups: Mapping[str, Any] | None = None,
    rate: bool | None = None,
    window: float | None = None,
    size: tuple[float, float] | None = None,
    dpi: float = 150,
) -> Any:
    """Draw what a monitor has recorded; returns the figure.

    Args:
        mon: the monitor. Spikes become a raster with the population rate below it; variables
            become traces, one above the other, in their declared units.
        path: the file to write; its ending says the format (png, pdf, svg ...).
        of: traces only: which of the recorded columns are drawn, as indices or a slice.
        groups: rasters only: label -> part of the neurons (`cells[:100]` or a slice of the
            recorded ones), each in a colour of its own.
        rate: rasters only: whether to draw the population rate; by default from 10 neurons on.
        window: rasters only: the bins of that rate in ms.
        size: width and height in inches.
        dpi: dots per inch of the file.

    Raises:
        ImportError: if matplotlib is not installed.
        ArgumentError: if the file cannot be written, or an option does not fit the monitor.
    """
    if path is not None:
        check_path(path)
    foreign = {"of": of} if mon.records_spikes else {"groups": groups, "rate": rate, "window": window}
    for option, value in foreign.items():
        if value is not None:
            kind = mon.variables[0] if mon.records_spikes else "variables"
            raise ArgumentError(f"'{option}' does nothing in a plot of {kind}")
    if mon.records_spikes:
        parts = _parts(mon, groups)
        with_rate = mon.count.size >= RATE_FROM if rate is None else rate
        height = min(5.0, 1.0 + 0.3 * mon.count.size + with_rate)
        figure = new_figure(path, size or (8.0, height))
        _raster(figure, mon, parts, window, with_rate=with_rate)
    else:
        columns = _columns(mon, of)
        figure = new_figure(path, size or (8.0, max(3.2, 0.8 + 1.9 * len(mon.variables))))
        _traces(figure, mon, columns)
    return save(figure, path, dpi)


# ---- spikes ---------------------------------------------------------------------------------


def _parts(mon: Recorded, groups: Mapping[str, Any] | None) -> dict[str, slice]:
    """Label -> range of `mon.i`."""
    n, first = mon.count.size, mon.index.start if isinstance(mon.index, slice) else 0
    if not groups:
        return {"": slice(0, n)}
    parts = {}
    for label, part in groups.items():
        if isinstance(part, Subgroup):
            start, stop = part.start - first, part.stop - first
            inside = part.neurons is mon.group and 0 <= start < stop <= n
            if not inside or not isinstance(mon.index, slice):
                raise ArgumentError(f"'{mon.name}' has not recorded all of '{part.name}'")
            parts[str(label)] = slice(start, stop)
        elif isinstance(part, slice) and part.step in (None, 1):
            parts[str(label)] = slice(*part.indices(n))
        else:
            message = f"the group '{label}' is a part of the neurons, or a slice"
            raise ArgumentError(message, help=f"such as {{'{label}': cells[:100]}}")
    return parts


def _raster(
    figure: Any, mon: Recorded, parts: dict[str, slice], window: float | None, *, with_rate: bool
) -> None:
    """Spikes over time, and perhaps the population rate below."""
    n, (_, now), dt = mon.count.size, mon.span, mon.dt
    duration = now or 1.0
    if with_rate:
        raster, strip = figure.subplots(2, 1, sharex=True, height_ratios=[4, 1])
        _rate_strip(strip, mon, parts, _edges(duration, window, dt), dt)
    else:
        raster = strip = figure.subplots()
    if len(mon) > MAX_DOTS:
        _density(figure, raster, mon, n, duration)
    else:
        _dots(raster, mon, parts, n)
    if not len(mon):
        nothing = "no spikes" if mon.variables == ["spikes"] else f"no events '{mon.variables[0]}'"
        raster.text(0.5, 0.5, nothing, transform=raster.transAxes, ha="center", color=INK)
    place = f" in {mon.source.name}" if isinstance(mon.source, Subgroup) else ""
    raster.set(ylabel=f"neuron{place}", xlim=(0, duration))
    raster.set_ylim(-0.5, n - 0.5 if n <= FEW_ROWS else n)  # a round number of neurons gets its tick
    if n <= 10:
        raster.set_yticks(range(n))
    else:
        whole_numbers = matplotlib().ticker.MaxNLocator(5, integer=True, steps=[1, 2, 5, 10])
        raster.yaxis.set_major_locator(whole_numbers)
    strip.set_xlabel("time (ms)")
    if with_rate:
        figure.align_ylabels()
    bare(raster)


def _dots(axes: Any, mon: Recorded, parts: dict[str, slice], n: int) -> None:
    """One mark per spike, as large as the crowd allows."""
    if n <= FEW_ROWS:
        style = {"marker": "|", "ms": min(14.0, 170 / n), "mew": 1.2}
    else:
        style = {
            "marker": "o",
            "ms": float(np.clip((INKED * PAPER / (len(mon) + 1)) ** 0.5, 0.7, 3)),
        }
        style["mew"] = 0.0
    for colour, (label, part) in zip(cycle(len(parts)), parts.items(), strict=True):
        chosen = (mon.i >= part.start) & (mon.i < part.stop)
        axes.plot(
            mon.t[chosen],
            mon.i[chosen],
            ls="none",
            color=colour,
            rasterized=len(mon) > 20_000,
            **style,
        )
        if label:
            axes.plot([], [], ls="none", marker="o", ms=6, color=colour, label=label)
    if any(parts):
        axes.legend(
            loc="lower right",
            bbox_to_anchor=(1, 1),
            ncols=len(parts),
            frameon=False,
            borderaxespad=0.1,
        )


def _density(figure: Any, axes: Any, mon: Recorded, n: int, duration: float) -> None:
    """The firing rate of blocks of neurons, where single spikes would be a black page."""
    columns, rows = 250, min(n, 150)
    counts, times, neurons = np.histogram2d(
        mon.t, mon.i, bins=(columns, rows), range=((0, duration), (-0.5, n - 0.5))
    )
    rates = counts / (duration / 1000 / columns) / (n / rows)
    mesh = axes.pcolormesh(times, neurons, rates.T, cmap="magma_r", vmin=0, rasterized=True)
    figure.colorbar(mesh, ax=axes, label="rate (Hz)", pad=0.02)


def _rate_strip(axes: Any, mon: Recorded, parts: dict[str, slice], edges: Array, dt: float) -> None:
    """Mean firing rate of the neurons in bins of time, one line for each part."""
    for colour, part in zip(cycle(len(parts)), parts.values(), strict=True):
        times = mon.t[(mon.i >= part.start) & (mon.i < part.stop)]
        # Spikes have the time at which their step starts: half a step keeps them off the edges.
        counts = np.histogram(times, edges - dt / 2)[0]
        rates = counts / max(1, part.stop - part.start) / (np.diff(edges) / 1000)
        filled = len(parts) == 1
        style = {"fill": True, "alpha": 0.8} if filled else {"baseline": None, "lw": 1.2}
        axes.stairs(rates, edges, color=colour, **style)
    axes.set(ylabel="rate (Hz)", ylim=(0, None if len(mon) else 1))
    bare(axes)


def _edges(duration: float, window: float | None, dt: float) -> Array:
    """Edges of time bins: `window` ms wide, by default a round width that gives 100 to 250 bins."""
    if window is None:
        scale = 10.0 ** np.floor(np.log10(duration / 200))
        steps = [m * scale for m in (1, 2, 5, 10) if duration / (m * scale) <= 250]
        window = max(1.0, dt, steps[0])
    else:
        window = milliseconds(window, "'window'")
    if window <= 0:
        raise ArgumentError(f"'window' must be positive (got {window:g} ms)")
    edges = np.arange(0, duration, window)
    if duration - edges[-1] < window / 2 and edges.size > 1:
        edges = edges[:-1]  # a sliver of a bin would only show noise
    return np.append(edges, duration)


# ---- variables ------------------------------------------------------------------------------


def _columns(mon: Recorded, of: Any) -> slice | Array:
    """Select the columns of the records to draw."""
    if of is None:
        return slice(None)
    n = _numbers(mon).size
    try:
        chosen = np.atleast_1d(np.arange(n)[of])
    except IndexError:
        message = f"'of' names columns of '{mon.name}', which has {n} (0..{n - 1})"
        raise IndexRangeError(message) from None
    if not chosen.size:
        raise ArgumentError("'of' names no column")
    return chosen


def _traces(figure: Any, mon: Recorded, columns: slice | Array) -> None:
    """One axes for each variable, above a common time axis."""
    many = figure.subplots(len(mon.variables), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(many, mon.variables, strict=True):
        values = mon[name]
        if values.dtype == bool:
            axes.set_yticks([0, 1], ["false", "true"])
        if values.ndim == 1:  # shared by the group
            _lines(axes, mon, values[:, None], np.zeros(1, dtype=int))
        else:
            _lines(axes, mon, values[:, columns], _numbers(mon)[columns])
        axes.set_ylabel(with_unit(name, unit_of(mon.inspect, name)))
        bare(axes)
    if mon.t.size:
        many[0].set_xlim(mon.t[0], max(mon.span[1], mon.t[-1]))
    else:
        many[0].text(0.5, 0.5, "nothing recorded", transform=many[0].transAxes, ha="center", color=INK)
    many[-1].set_xlabel("time (ms)")
    figure.align_ylabels()
    legends = {len(a.get_legend_handles_labels()[1]): a for a in many}
    if max(legends):  # the richest one explains all
        handles, labels = legends[max(legends)].get_legend_handles_labels()
        many[0].legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(1.01, 1),
            frameon=False,
            borderaxespad=0,
        )


def _lines(axes: Any, mon: Recorded, values: Array, numbers: Array) -> None:
    """All traces if they are few, else their mean, its spread and some of them."""
    what = mon.element
    draw = axes.step if values.dtype == bool else axes.plot
    form = {"where": "post"} if values.dtype == bool else {}
    n = values.shape[1]
    if not values.size or _alike(values):
        label = f"all {n} {what}s alike" if n > 1 else None
        draw(mon.t, values[:, :1], color=COLOURS[0], lw=1.4, label=label, **form)
        return
    if n <= MAX_LINES:
        for k, colour in enumerate(cycle(n)):
            draw(mon.t, values[:, k], color=colour, lw=1.1, label=f"{what} {numbers[k]}", **form)
        return
    axes.plot(mon.t, values.mean(axis=1), color="black", lw=1.8, zorder=4, label=f"mean of {n}")
    if values.dtype != bool:
        some = slice(None, None, max(1, mon.t.size // BAND_POINTS))
        low, high = np.percentile(values[some, :: max(1, n // BAND_SAMPLE)], BAND, axis=1)
        label = f"{BAND[0]} to {BAND[1]} %"
        axes.fill_between(mon.t[some], low, high, color="0.82", lw=0, zorder=1, label=label)
    for colour, k in zip(COLOURS, np.linspace(0, n - 1, EXAMPLES).astype(int), strict=False):
        draw(mon.t, values[:, k], color=colour, lw=0.8, label=f"{what} {numbers[k]}", **form)


def _alike(values: Array) -> bool:
    """Whether all columns are the same."""
    same = (values[[0, -1]] == values[[0, -1], :1]).all()  # most differ there already
    return bool(same and (values == values[:, :1]).all())


def _numbers(mon: Recorded) -> Array:
    """The indices that the recorded elements have in their group."""
    return np.arange(mon.inspect.size)[mon.index]
