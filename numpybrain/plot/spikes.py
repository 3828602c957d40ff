"""Plots of spikes: rasters, rates over time, intervals.

In: monitors of spikes, `SpikeTrains`, lists of these, or mappings label -> one of these. Out: axes of
matplotlib.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from numpybrain import analysis
from numpybrain.errors import ArgumentError
from numpybrain.language.times import milliseconds
from numpybrain.plot.figures import INK, area_of, bare, cycle, entitle, matplotlib, panel, split
from numpybrain.plot.recordings import Spikes, name_of, populations, several, spikes_of
from numpybrain.plot.time_axis import PRINTED, TimeAxis

Array = np.ndarray[Any, Any]
Size = tuple[float, float]

MAX_DOTS = 200_000  # more spikes than that become an image of the firing rate
RASTERIZED_FROM = 20_000  # so many are pixels in files that hold lines
FEW_ROWS = 40  # up to so many neurons a spike is a tick, beyond a dot
RATE_FROM = 10  # with fewer neurons a population rate says nothing
INKED = 0.38  # the part of the axes that dots may cover


def raster(
    spikes: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    unit: str | None = None,
    groups: Mapping[str, Any] | None = None,
    rate: Any = False,
    bin: Any = None,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    rasterized: bool | None = None,
    image: bool | None = None,
    size: Size | None = None,
) -> Any:
    """Spikes over time, one row for each neuron, with the firing rate below if that is asked for.

    Args:
        spikes: a monitor of spikes (or of another event), `SpikeTrains`, a list of these, or a mapping
            label -> one of these. Several populations stand one above another, the first lowest.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: the part of the time that is drawn, (from, to): in ms, or as quantities or texts; None for the
            beginning or the end of the recording.
        unit: of the time axis: "us", "ms", "s" or "min"; by default ms, and s from 10 s on.
        groups: of one monitor: label -> neurons that were recorded, as a group, a part of one
            (`cells[:100]`) or a slice; each gets a colour of its own. If one is no slice, they stand one
            above another.
        rate: whether the firing rate is drawn below, in axes that take a fifth of the height; or other
            axes in which it is drawn.
        bin: width of the bins of that rate, in ms or as a quantity or text; by default a round width that
            gives 100 to 250 bins.
        colours: of the populations; by default `COLOURS`.
        legend: whether several groups are named, above the axes.
        rasterized: whether dots are pixels in PDF and SVG files; by default above 20 000 spikes.
        image: whether the firing rate of blocks of neurons is drawn in place of spikes; by default above
            200 000 spikes.
        size: width and height of a new figure in inches.

    Returns:
        The axes of the raster.

    Raises:
        ArgumentError: if nothing has recorded spikes, or a group was not recorded.
        TimeStepError: if `t` ends before it begins.
    """
    shown = populations(spikes, groups)
    time = TimeAxis.of(t, unit, [(one.start, one.stop) for one in shown])
    rows = max(one.first + one.n for one in shown)
    stacked = any(one.is_stacked for one in shown)
    if groups and not stacked:
        rows = spikes_of(several(spikes)[0][1]).n
    axes = panel(ax, size, (8.0, min(5.0, 1.0 + 0.3 * rows + bool(rate))))
    strip = None if rate is False else split(axes) if rate is True else panel(rate, None)
    shown = [one.during(time.start, time.stop) for one in shown]
    palette = _palette(colours, len(shown))
    total = sum(one.t.size for one in shown)
    if total and (total > MAX_DOTS if image is None else image):
        _density(axes, shown, time, rows, palette)
    else:
        pixels = total > RASTERIZED_FROM if rasterized is None else rasterized
        _dots(axes, shown, time, rows, palette, rasterized=pixels)
    if not total:
        nothing = "no spikes" if shown[0].what == "spikes" else f"no events '{shown[0].what}'"
        axes.text(0.5, 0.5, nothing, transform=axes.transAxes, ha="center", color=INK)
    time.apply(axes, labelled=rate is False)
    _rows(axes, shown, rows, stacked=stacked)
    named = legend and any(one.label for one in shown) and not stacked
    if named:
        _legend(axes, {one.label: colour for one, colour in zip(shown, palette, strict=True)})
    bare(axes)
    if strip is not None:
        _rates(strip, shown, palette, time, bin)
        time.apply(strip)
        axes.figure.align_ylabels([axes, strip])
    return entitle(axes, title, above=named)


def rate(
    spikes: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    unit: str | None = None,
    groups: Mapping[str, Any] | None = None,
    bin: Any = None,
    smooth: Any = None,
    kernel: str = "gaussian",
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """Firing rate of populations over time: spikes per neuron and second.

    Args:
        spikes: as in `raster`; also a `PopulationRate`, which is drawn in the bins that it has.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: the part of the time that is drawn, (from, to), as in `raster`.
        unit: of the time axis: "us", "ms", "s" or "min"; by default ms, and s from 10 s on.
        groups: of one monitor, label -> neurons, as in `raster`.
        bin: width of the bins, in ms or as a quantity or text; by default a round width that gives 100 to
            250 bins.
        smooth: width of the kernel that the rate is smoothed with, in ms or as a quantity or text: of a
            Gaussian its standard deviation. None draws the bins as they are.
        kernel: "gaussian", "exponential" or "rectangular".
        colours: of the populations; by default `COLOURS`.
        legend: whether several populations are named.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if nothing has recorded spikes.
        TimeStepError: if `t` ends before it begins, or a bin has no width.
    """
    axes = panel(ax, size, (8.0, 3.0))
    given = several(spikes)
    ready = [(label, one) for label, one in given if _is_rate(one)]
    if ready and len(ready) < len(given):
        raise ArgumentError("a rate is drawn of monitors of spikes, or of population rates, not of both")
    if ready:
        for option, value in (("bin", bin), ("groups", groups)):
            if value is not None:
                message = f"'{option}' does nothing in a plot of population rates"
                raise ArgumentError(message, help="they have bins and neurons of their own")
        curves = [
            (label or (name_of(one) if len(ready) > 1 else ""), *_bins_of(one)) for label, one in ready
        ]
        spans = [(float(edges[0]), float(edges[-1])) for _, edges, _ in curves if edges.size]
        time = TimeAxis.of(t, unit, spans)
    else:
        shown = populations(spikes, groups)
        time = TimeAxis.of(t, unit, [(one.start, one.stop) for one in shown])
        curves = [(one.label, *_binned(one.during(time.start, time.stop), bin)) for one in shown]
    palette = _palette(colours, len(curves))
    _curves(axes, curves, palette, time, smooth, kernel)
    time.apply(axes)
    named = legend and any(label for label, _, _ in curves)
    if named:
        _legend(axes, {label: colour for (label, _, _), colour in zip(curves, palette, strict=True)})
    bare(axes)
    return entitle(axes, title, above=named)


def isi(
    spikes: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    unit: str | None = None,
    groups: Mapping[str, Any] | None = None,
    of: Any = None,
    bins: Any = 50,
    log: bool = False,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """Histogram of the intervals between successive spikes of the same neuron, as a probability density.

    Args:
        spikes: as in `raster`.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: the part of the time from which intervals are taken, (from, to); both spikes lie in it.
        unit: of the intervals, "us", "ms" or "s"; by default ms.
        groups: of one monitor, label -> neurons, as in `raster`.
        of: of one monitor, which neurons: an index, a slice, indices or booleans.
        bins: their number, or their edges in the unit of the axis.
        log: whether the axis of intervals, and the bins, are logarithmic.
        colours: of the populations; by default `COLOURS`.
        legend: whether several populations are named.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if nothing has recorded spikes, or `of` is given for several monitors.
    """
    axes = panel(ax, size)
    shown = populations(spikes, groups)
    time = TimeAxis.of(t, unit or "ms", [(one.start, one.stop) for one in shown])
    found = []
    for one in (s.during(time.start, time.stop) for s in shown):
        i, times = one.i - one.first, one.t
        if of is not None:
            if len(shown) > 1:
                raise ArgumentError("'of' chooses neurons of one monitor", help="use groups= instead")
            chosen = np.isin(i, np.arange(one.n)[of])
            i, times = i[chosen], times[chosen]
        found.append(time.scaled(analysis.isi(i, times, one.n)[1]))
    everything = np.concatenate(found)
    if not everything.size:
        axes.text(0.5, 0.5, "no intervals", transform=axes.transAxes, ha="center", color=INK)
        edges = np.array([0.0, 1.0])
    elif np.ndim(bins):
        edges = np.asarray(bins, dtype=float)
    elif log:
        edges = np.geomspace(everything.min(), everything.max() * (1 + 1e-9), bins + 1)
    else:
        edges = np.linspace(0, everything.max() or 1.0, bins + 1)
    for one, values, colour in zip(shown, found, _palette(colours, len(shown)), strict=True):
        if values.size:
            density = np.histogram(values, edges)[0] / (values.size * np.diff(edges))
            form: dict[str, Any] = {"fill": True, "alpha": 0.8} if len(shown) == 1 else {"lw": 1.4}
            axes.stairs(density, edges, color=colour, label=one.label or None, **form)
    if log:
        axes.set_xscale("log")
        ticker = matplotlib().ticker
        axes.xaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(ticker.NullFormatter())
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, None)
    axes.set_xlabel(time.label("interval between spikes"))
    axes.set_ylabel(f"density (1/{PRINTED.get(time.unit, time.unit)})")
    if legend and any(one.label for one in shown):
        axes.legend(loc="upper right", frameon=False)
    bare(axes)
    return entitle(axes, title)


# ---- rasters --------------------------------------------------------------------------------


def _palette(colours: Sequence[Any] | None, n: int) -> list[Any]:
    """Colours of `n` populations.

    Raises:
        ArgumentError: if fewer are given.
    """
    if colours is None:
        return cycle(n)
    if len(colours) < n:
        raise ArgumentError(f"'colours' has {len(colours)} for {n} populations")
    return list(colours[:n])


def _dots(
    axes: Any, shown: list[Spikes], time: TimeAxis, rows: int, palette: list[Any], *, rasterized: bool
) -> None:
    """One mark per spike, as large as the crowd allows."""
    total = sum(one.t.size for one in shown)
    if rows <= FEW_ROWS:
        style: dict[str, Any] = {"marker": "|", "ms": min(14.0, 170 / rows), "mew": 1.2}
    else:
        points = float(np.clip((INKED * area_of(axes) / (total + 1)) ** 0.5, 0.7, 3))
        style = {"marker": "o", "ms": points, "mew": 0.0}
    for colour, one in zip(palette, shown, strict=True):
        axes.plot(time.scaled(one.t), one.i, ls="none", color=colour, rasterized=rasterized, **style)


def _density(axes: Any, shown: list[Spikes], time: TimeAxis, rows: int, palette: list[Any]) -> None:
    """The firing rate of blocks of neurons, where single spikes would be a black page."""
    mpl = matplotlib()
    columns = 250
    images = []
    for one in shown:
        blocks = max(1, min(one.n, round(150 * one.n / rows)))
        low = one.first - 0.5
        span = (time.start, time.start + time.duration)
        counts, times, neurons = np.histogram2d(
            one.t, one.i, bins=(columns, blocks), range=(span, (low, low + one.n))
        )
        images.append((times, neurons, counts.T / (time.duration / 1000 / columns) / (one.n / blocks)))
    top = max(rates.max() for _, _, rates in images) or 1.0
    single = len(images) == 1
    for (times, neurons, rates), colour in zip(images, palette, strict=True):
        cmap = "magma_r" if single else mpl.colors.LinearSegmentedColormap.from_list("", ["white", colour])
        mesh = axes.pcolormesh(
            time.scaled(times), neurons, rates, cmap=cmap, vmin=0, vmax=top, rasterized=True
        )
    scale = mesh if single else mpl.cm.ScalarMappable(mpl.colors.Normalize(0, top), "Greys")
    axes.figure.colorbar(scale, ax=axes, label="rate (Hz)", pad=0.02)


def _rows(axes: Any, shown: list[Spikes], rows: int, *, stacked: bool) -> None:
    """Rows of the raster: numbers of neurons, or names of populations that stand one above another."""
    axes.set_ylim(-0.5, rows - 0.5 if rows <= FEW_ROWS else rows)  # a round number of neurons gets its tick
    if stacked:
        axes.set_yticks(
            [one.first + (one.n - 1) / 2 for one in shown],
            [f"{one.label}\n({one.n})" for one in shown],
        )
        axes.tick_params(axis="y", length=0)
        for one in shown[1:]:
            axes.axhline(one.first - 0.5, color="0.75", lw=0.8, zorder=0)
        return
    axes.set_ylabel(f"neuron{shown[0].place}")
    if rows <= 10:
        axes.set_yticks(range(rows))
    else:
        whole_numbers = matplotlib().ticker.MaxNLocator(5, integer=True, steps=[1, 2, 5, 10])
        axes.yaxis.set_major_locator(whole_numbers)


def _legend(axes: Any, colours: Mapping[str, Any]) -> None:
    """Names of populations, above the axes, where nothing is drawn."""
    for label, colour in colours.items():
        axes.plot([], [], ls="none", marker="o", ms=6, color=colour, label=label)
    axes.legend(
        handles=axes.lines[-len(colours) :],
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=len(colours),
        frameon=False,
        borderaxespad=0.1,
        handletextpad=0.2,
        columnspacing=1.2,
    )


# ---- rates ----------------------------------------------------------------------------------


def edges_of(start: float, stop: float, window: Any, dt: float) -> Array:
    """Edges of time bins: `window` ms wide, by default a round width that gives 100 to 250 bins."""
    duration = stop - start or 1.0
    if window is None:
        scale = 10.0 ** np.floor(np.log10(duration / 200))
        steps = [m * scale for m in (1, 2, 5, 10) if duration / (m * scale) <= 250]
        window = max(1.0, dt, steps[0])
    else:
        window = milliseconds(window, "the width of bins")
    if window <= 0:
        raise ArgumentError(f"the width of bins must be positive (got {window:g} ms)")
    edges = np.arange(0, duration, window)
    if duration - edges[-1] < window / 2 and edges.size > 1:
        edges = edges[:-1]  # a sliver of a bin would only show noise
    return start + np.append(edges, duration)


def _binned(one: Spikes, window: Any) -> tuple[Array, Array]:
    """Edges of bins in ms, and the rate in each in Hz."""
    edges = edges_of(one.start, one.stop, window, one.dt)
    # Spikes have the time at which their step starts: half a step keeps them off the edges.
    counts = np.histogram(one.t, edges - one.dt / 2)[0]
    return edges, counts / max(1, one.n) / (np.diff(edges) / 1000)


def _rates(axes: Any, shown: list[Spikes], palette: list[Any], time: TimeAxis, window: Any) -> None:
    """Mean firing rate of the neurons in bins of time, one line for each population."""
    _curves(axes, [(one.label, *_binned(one, window)) for one in shown], palette, time)
    if not any(one.t.size for one in shown):
        axes.set_ylim(0, 1)
    bare(axes)


def _curves(
    axes: Any,
    curves: list[tuple[str, Array, Array]],
    palette: list[Any],
    time: TimeAxis,
    smooth: Any = None,
    kernel: str = "gaussian",
) -> None:
    """Rates in bins: filled if there is one, else lines; smooth ones are lines through the bins."""
    for colour, (label, edges, rates) in zip(palette, curves, strict=True):
        if smooth is not None and rates.size > 1:
            width = milliseconds(smooth, "'smooth'")
            values = analysis.smooth(rates, float(edges[1] - edges[0]), width, kernel)
            axes.plot(
                time.scaled((edges[1:] + edges[:-1]) / 2), values, color=colour, lw=1.4, label=label or None
            )
        else:
            filled = {"fill": True, "alpha": 0.8} if len(curves) == 1 else {"baseline": None, "lw": 1.2}
            axes.stairs(rates, time.scaled(edges), color=colour, label=label or None, **filled)
    axes.set(ylabel="rate (Hz)", ylim=(0, None))


def _is_rate(shown: Any) -> bool:
    """Whether something has rates in bins of time already: a `PopulationRate`."""
    kind = type(shown)
    return hasattr(kind, "rate") and hasattr(kind, "smooth") and hasattr(kind, "t")


def _bins_of(shown: Any) -> tuple[Array, Array]:
    """Edges in ms and rates in Hz of what has middles of bins."""
    middles, rates = shown.t, shown.rate
    begin = float(middles[0]) if middles.size else 0.5
    width = float(middles[1] - begin) if middles.size > 1 else 2 * begin
    first = begin - width / 2
    return first + width * np.arange(middles.size + 1), rates
