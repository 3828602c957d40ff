"""Plots of what is calculated from recordings and models: phase planes, f-I curves, spectra, averages.

In: arrays, functions, monitors. Out: axes of matplotlib. The computations are in `nb.analysis`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numpybrain import analysis
from numpybrain.errors import ArgumentError, ShapeError
from numpybrain.plot.figures import (
    COLOURS,
    INK,
    bare,
    cycle,
    entitle,
    matplotlib,
    panel,
    pretty_unit,
    room_of,
    with_unit,
)
from numpybrain.plot.recordings import is_of_spikes, name_of, recorded, several, spikes_of
from numpybrain.plot.time_axis import TimeAxis

Array = np.ndarray[Any, Any]
Size = tuple[float, float]

GRID = 61  # positions along each axis at which nullclines are looked for
MARGIN = 0.15  # of the range of a trajectory, around it


def phase_plane(
    field: Any,
    x: str | None = None,
    y: str | None = None,
    *,
    ax: Any = None,
    title: str | None = None,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    trajectory: Any = None,
    t: Any = None,
    neuron: int = 0,
    arrows: int = 17,
    nullclines: bool = True,
    fixed_points: bool = True,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """Phase plane of two variables: arrows of the vector field, nullclines, fixed points, a trajectory.

    Args:
        field: neurons with equations, whose other variables and parameters stay as they are now; or a
            function (x, y) -> (dx/dt, dy/dt) of arrays.
        x: the variable on the horizontal axis; of a function, what the axis says.
        y: the variable on the vertical axis; of a function, what the axis says.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        xlim: range of the horizontal axis, in the unit of the variable; by default that of the trajectory,
            with a margin.
        ylim: range of the vertical axis.
        trajectory: a monitor of both variables, or a pair of arrays, each of shape (n_times,).
        t: the part of the time that is drawn of a monitor, (from, to): in ms, or as quantities or texts.
        neuron: which of the neurons the field and the trajectory are of; for a monitor of some neurons,
            the column of its record.
        arrows: how many stand side by side, of equal length; 0 for none.
        nullclines: whether they are drawn.
        fixed_points: whether they are drawn: filled if they are stable, else open.
        colours: of the two nullclines and of the trajectory.
        legend: whether lines are named, above the axes.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if `field` is neither, or there is no range to draw.
        UnknownNameError: if there is no such differential equation.
        ShapeError: if the two arrays of a trajectory differ in length.
    """
    function, labels = _field_of(field, x, y, neuron)
    path = None if trajectory is None else _trajectory(trajectory, (x, y), t, neuron)
    bounds = [_bounds(given, path, k, "xy"[k]) for k, given in enumerate((xlim, ylim))]
    axes = panel(ax, size, (4.5, 4.2))
    palette = list(colours or (COLOURS[0], COLOURS[1], "black"))
    grid = [np.linspace(*pair, GRID) for pair in bounds]
    if arrows:
        _arrows(axes, function, bounds, arrows)
    if nullclines:
        _nullclines(axes, function, grid, palette, labels)
    if path is not None:
        axes.plot(*path, color=palette[2 % len(palette)], lw=1.3, label="trajectory", zorder=3)
    if fixed_points:
        for point in analysis.fixed_points(function, *grid):
            face = "black" if point.is_stable else "white"
            label = f"{'stable' if point.is_stable else 'unstable'} {point.kind}"
            known = axes.get_legend_handles_labels()[1]
            axes.plot(
                point.x, point.y, "o", ms=6, mfc=face, mec="black", zorder=4, ls="none",
                label=None if label in known else label,
            )  # fmt: skip
    axes.set(xlim=bounds[0], ylim=bounds[1], xlabel=labels[0], ylabel=labels[1])
    handles, names = axes.get_legend_handles_labels()
    named = legend and bool(names)
    if named:
        axes.legend(
            handles, names, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False,
            borderaxespad=0.2, handlelength=1.5, columnspacing=1.2,
        )  # fmt: skip
    bare(axes)
    if title is not None:
        axes.set_title(title, loc="left", pad=8 + 15 * -(-len(names) // 2) if named else None)
    return axes


def f_i(
    current: Any,
    rate: Any,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    curve: Callable[[Array], Any] | Any = None,
    label: str = "simulated",
    curve_label: str = "closed form",
    xlabel: str = "input current (nA)",
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """f-I curve: the firing rates of neurons over their constant inputs.

    Args:
        current: the input of each neuron, shape (n,).
        rate: the rate of each neuron in Hz, shape (n,); or a monitor of their spikes, whose rates are those
            of the intervals between spikes.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: of a monitor, the part of the time that counts, (from, to): in ms, or as quantities or texts.
        curve: a function of currents that gives rates in Hz, which is drawn as a line; or such rates, of
            shape (n,).
        label: name of the rates.
        curve_label: name of the curve.
        xlabel: what the axis of inputs says, with the unit.
        colours: of the dots and of the curve.
        legend: whether both are named.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ShapeError: if there are not as many rates as currents.
    """
    current = np.asarray(current, dtype=float)
    if is_of_spikes(rate):
        one = spikes_of(rate)
        time = TimeAxis.of(t, None, [(one.start, one.stop)])
        part = one.during(time.start, time.stop)
        rate = analysis.steady_rates(part.i, part.t, part.n)
    rate = np.asarray(rate, dtype=float)
    if current.ndim != 1 or rate.shape != current.shape:
        message = f"an f-I curve has one rate for each current (got {current.shape} and {rate.shape})"
        raise ShapeError(message)
    axes = panel(ax, size)
    palette = list(colours or (COLOURS[0], "black"))
    line = curve is None
    order = current.argsort(kind="stable")
    axes.plot(
        current[order], rate[order], "o-" if line else "o", ms=3.5, mew=0, lw=1.2, color=palette[0],
        label=label, clip_on=False,
    )  # fmt: skip
    if curve is not None:
        x, y = current[order], curve
        if callable(curve):
            x = np.linspace(current.min(), current.max(), 2001)
            y = curve(x)
        else:
            y = np.asarray(y, dtype=float)[order]
        axes.plot(x, y, color=palette[1 % len(palette)], lw=1.2, label=curve_label, zorder=4)
    axes.set(xlabel=xlabel, ylabel="firing rate (Hz)", ylim=(0, None))
    axes.set_xlim(current.min(), current.max())
    if legend and curve is not None:
        axes.legend(loc="upper left", frameon=False)
    bare(axes)
    return entitle(axes, title)


def spectrum(
    signal: Any,
    power: Any = None,
    *,
    name: str | None = None,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    of: Any = None,
    bin: Any = "1 ms",
    segment: Any = None,
    curve: Callable[[Array], Any] | None = None,
    log: bool = True,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """Power spectral density of variables, or of the rate of populations, by Welch's method.

    Args:
        signal: a monitor of a variable (the mean of the spectra of all recorded neurons is drawn), one of
            spikes (the spectrum of the population rate), a list of these, a mapping label -> one of these;
            or frequencies in Hz, shape (n_frequencies,), with `power`.
        power: the power at these frequencies, shape (n_frequencies,), or (n_frequencies, n), of which the
            mean is drawn.
        name: which variable, if a monitor has recorded several.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: the part of the time that counts, (from, to): in ms, or as quantities or texts.
        of: which neurons: an index, a slice, indices or booleans.
        bin: of spikes, width of the bins of the rate, in ms or as a quantity or text.
        segment: length of the segments, whose inverse is the resolution; by default a quarter of the time.
        curve: a function of frequencies that gives the power in closed form, which is drawn as well.
        log: whether both axes are logarithmic.
        colours: of the lines; by default `COLOURS`.
        legend: whether several lines are named.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if nothing has been recorded, or a monitor has several variables and no `name`.
        TimeStepError: if a segment is longer than the recording.
    """
    axes = panel(ax, size)
    unit = "Hz"
    if power is not None:
        drawn = [("", np.asarray(signal, dtype=float), np.asarray(power, dtype=float))]
        unit = ""
    else:
        drawn = []
        for label, one in several(signal):
            record = recorded(one)
            if record is None:
                message = (
                    f"a spectrum is of a monitor, or of frequencies and power (got {type(one).__name__})"
                )
                raise ArgumentError(message)
            part = record if t is None else record.between(*t)
            if is_of_spikes(one):
                found = part.spectrum(bin, segment, of)
            else:
                found = part.spectrum(name, segment)
                which = name or next(iter(part.values))
                unit = part.units[which]
                if of is not None:
                    found = found.frequency, np.atleast_2d(found.power.T).T[:, np.atleast_1d(of)]
            found = [part[:-1] for part in found]  # at the end of a one-sided spectrum half is missing
            drawn.append((label or (name_of(one) if isinstance(signal, Sequence) else ""), *found))
    palette = list(colours or cycle(len(drawn)))
    for colour, (label, frequency, density) in zip(palette, drawn, strict=False):
        mean = density.mean(axis=1) if density.ndim == 2 else density
        some = slice(1, None) if log else slice(None)  # there is no logarithm of 0 Hz
        axes.plot(frequency[some], mean[some], color=colour, lw=1.2, label=label or None)
    if curve is not None:
        frequency = drawn[0][1][1:]
        axes.plot(frequency, curve(frequency), color="black", lw=1.2, ls="--", label="closed form")
    squared = {"": "", "1": "1/Hz", "Hz": "Hz"}.get(unit, f"{pretty_unit(unit)}²/Hz")
    axes.set(xlabel="frequency (Hz)", ylabel=with_unit("power", squared))
    if log:
        axes.set(xscale="log", yscale="log")
    else:
        axes.set(ylim=(0, None))
    edge = drawn[0][1]
    axes.set_xlim(edge[1 if log else 0], edge[-1])
    if legend and axes.get_legend_handles_labels()[1]:
        axes.legend(loc="upper right", frameon=False)
    bare(axes)
    return entitle(axes, title)


def sta(
    spikes: Any,
    signal: Any,
    name: str | None = None,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    unit: str | None = None,
    before: Any = "50 ms",
    after: Any = 0.0,
    of: Any = None,
    colours: Sequence[Any] | None = None,
    size: Size | None = None,
) -> Any:
    """Spike-triggered average: the mean of a signal around the spikes.

    Args:
        spikes: a monitor of spikes, or `SpikeTrains`.
        signal: a monitor of a variable, or a pair (t, values) of times in ms and values, shape (n_times,)
            or (n_times, n).
        name: which variable, if the monitor records several; of a pair, what the axis says.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        t: the part of the time from which spikes count, (from, to): in ms, or as quantities or texts.
        unit: of the time axis: "us", "ms" or "s"; by default ms.
        before: how far to look back from a spike, in ms or as a quantity or text.
        after: how far to look ahead.
        of: which of the neurons: an index, a slice, indices or booleans.
        colours: of the line.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if nothing has recorded spikes, or a signal.
    """
    axes = panel(ax, size)
    spikes_of(spikes)  # or it says what is wrong
    record = recorded(spikes)
    record = record if t is None else record.between(*t)
    source = recorded(signal)
    found = record.sta(signal, name if source is not None else None, before, after, of)
    lag, average = found
    time = TimeAxis.of(None, unit or "ms", [(float(lag[0]), float(lag[-1]))])
    axes.plot(time.scaled(lag), average, color=(colours or COLOURS)[0], lw=1.4)
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    if np.isnan(average).all():
        axes.text(0.5, 0.5, "no spikes", transform=axes.transAxes, ha="center", color=INK)
    time.apply(axes, labelled=False)
    axes.set_xlabel(time.label("time from the spike"))
    what, text = name or "signal", ""
    if source is not None:
        what = name or next(iter(source.values))
        text = "" if source.units[what] in ("1", "boolean", "integer") else pretty_unit(source.units[what])
    axes.set_ylabel(with_unit(f"mean {what}", text))
    bare(axes)
    return entitle(axes, title)


# ---- phase planes ---------------------------------------------------------------------------


def _field_of(field: Any, x: Any, y: Any, neuron: int) -> tuple[Any, tuple[str, str]]:
    """The function (x, y) -> (dx/dt, dy/dt), and what the axes say.

    Raises:
        ArgumentError: if there is none.
    """
    if hasattr(type(field), "vector_field"):
        if x is None or y is None:
            message = "a phase plane of neurons needs the names of two variables"
            raise ArgumentError(message, help='such as phase_plane(cells, "v", "w")')
        made = field.vector_field(x, y, neuron)
        units = ["" if unit == "1" else pretty_unit(unit) for unit in made.units]
        return made, (with_unit(x, units[0]), with_unit(y, units[1]))
    if not callable(field):
        message = f"a phase plane is of neurons or of a function (got {type(field).__name__})"
        raise ArgumentError(message, help="such as lambda x, y: (dx, dy)")
    return field, (x or "x", y or "y")


def _trajectory(trajectory: Any, names: tuple[Any, Any], t: Any, neuron: int) -> tuple[Array, Array]:
    """The two variables over time."""
    record = recorded(trajectory)
    if record is not None:
        part = record if t is None else record.between(*t)
        found = []
        for name in names:
            values = part.values_of(name)
            found.append(values if values.ndim == 1 else values[:, neuron if values.shape[1] > 1 else 0])
        return found[0], found[1]
    try:
        x, y = (np.asarray(values, dtype=float) for values in trajectory)
    except (TypeError, ValueError):
        message = "a trajectory is a monitor of both variables, or a pair of arrays"
        raise ArgumentError(message, detail=f"got {type(trajectory).__name__}") from None
    if x.shape != y.shape or x.ndim != 1:
        raise ShapeError(f"a trajectory is a pair of arrays of one length (got {x.shape} and {y.shape})")
    return x, y


def _bounds(given: Any, path: tuple[Array, Array] | None, k: int, axis: str) -> tuple[float, float]:
    """The range of an axis."""
    if given is not None:
        low, high = given
        return float(low), float(high)
    if path is None:
        raise ArgumentError(
            "a phase plane needs to know its range", help=f"give {axis}lim=(from, to), or trajectory="
        )
    low, high = float(path[k].min()), float(path[k].max())
    room = MARGIN * (high - low) or 1.0
    return low - room, high + room


def _arrows(axes: Any, function: Any, bounds: list[tuple[float, float]], n: int) -> None:
    """Arrows of one length: where the field points to, as it looks in these axes."""
    x, y = (low + (high - low) * (np.arange(n) + 0.5) / n for low, high in bounds)
    dx, dy = (np.array(part) for part in analysis.vector_field(function, x, y))
    dx, dy = dx / (bounds[0][1] - bounds[0][0]), dy / (bounds[1][1] - bounds[1][0])
    width, height = room_of(axes)
    length = np.hypot(dx * width, dy * height)
    with np.errstate(all="ignore"):
        u, v = dx * width / length, dy * height / length
    axes.quiver(
        *np.meshgrid(x, y), u, v, color="0.75", angles="uv", scale=1.5 * n, width=0.0035, headwidth=4,
        pivot="mid", zorder=0,
    )  # fmt: skip


def _nullclines(axes: Any, function: Any, grid: list[Array], palette: list[Any], labels: Any) -> None:
    """Where each of the variables stands still."""
    lines = matplotlib().collections.LineCollection
    for colour, segments, label in zip(palette, analysis.nullclines(function, *grid), labels, strict=False):
        name = label.partition(" (")[0]
        axes.add_collection(lines(segments, colors=[colour], linewidths=1.6, zorder=2), autolim=False)
        axes.plot([], [], color=colour, lw=1.6, label=f"d{name}/dt = 0")
