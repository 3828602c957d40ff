"""Plots of variables over time.

In: monitors of variables, `Traces`, or lists of them. Out: axes of matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, UnknownNameError, suggestion
from numpybrain.language.language_entry import convert
from numpybrain.plot.figures import INK, bare, cycle, entitle, panels, pretty_unit, with_unit
from numpybrain.plot.recordings import in_source, name_of, recorded, several, spikes_of
from numpybrain.plot.time_axis import TimeAxis
from numpybrain.utils.quantities import carries_unit

Array = np.ndarray[Any, Any]

MAX_LINES = 10  # more traces than that become a mean and a few examples
EXAMPLES = 3
BAND = (10, 90)  # the percentiles between which most neurons are
BAND_POINTS = 1000  # a band needs no more points in time than it has pixels
BAND_SAMPLE = 1000  # and no more neurons to estimate percentiles from
ABOVE = 0.5  # how far spikes rise above a trace by default, as a part of its range


def traces(
    recording: Any,
    variables: str | Sequence[str] | None = None,
    *,
    ax: Any = None,
    title: str | None = None,
    t: Any = None,
    unit: str | None = None,
    of: Any = None,
    spikes: Any = None,
    peak: Any = None,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: tuple[float, float] | None = None,
) -> Any:
    """Variables over time, in their declared units, each in axes of its own.

    Up to ten neurons are a line each; of more there are the mean, the percentiles 10 to 90, and three
    examples.

    Args:
        recording: a monitor of variables, `Traces`, a list of these, or a mapping label -> one of these,
            whose lines share the axes.
        variables: which of the recorded ones, by name; by default all.
        ax: axes of matplotlib to draw in, as many as there are variables; by default those of a new figure,
            one above another.
        title: of the (first) axes.
        t: the part of the time that is drawn, (from, to): in ms, or as quantities or texts; None for the
            beginning or the end of the recording.
        unit: of the time axis: "us", "ms", "s" or "min"; by default ms, and s from 10 s on.
        of: which columns of the record: an index, a slice, indices or booleans.
        spikes: a monitor of the spikes of the same neurons; they are drawn on the lines of the first
            variable as integrate-and-fire neurons have none: up to `peak`.
        peak: how high that is, in the unit of the variable, or as a quantity or text; by default half of
            the range of the traces above them.
        colours: of the lines; by default `COLOURS`.
        legend: whether lines are named, to the right of the axes.
        size: width and height of a new figure in inches.

    Returns:
        The axes; of several variables an array of axes, shape (n_variables,).

    Raises:
        ArgumentError: if nothing has recorded variables, or `of` names no column.
        IndexRangeError: if `of` is outside of the record.
        UnknownNameError: if a variable was not recorded.
        TimeStepError: if `t` ends before it begins.
    """
    shown = [(label, one, _traces_of(one)) for label, one in several(recording)]
    if not shown:
        raise ArgumentError("there is nothing to plot", help="give a monitor, or a list of them")
    names = _names(variables, shown)
    if peak is not None and spikes is None:
        raise ArgumentError("'peak' is how high spikes rise: give spikes= too")
    axes = panels(ax, len(names), size, (8.0, max(3.2, 0.8 + 1.9 * len(names))))
    spans = [_span(one, record) for _, one, record in shown if record.t.size]
    time = TimeAxis.of(t, unit, spans)
    for k, (name, panel) in enumerate(zip(names, axes, strict=True)):
        offset = 0
        for label, one, record in shown:
            prefix = label or (name_of(one) if len(shown) > 1 else "")
            drawn = _Lines(record, name, of, time, prefix, one)
            drawn.draw(panel, offset, colours)
            if spikes is not None and k == 0:
                drawn.draw_spikes(panel, spikes, peak)
            offset += drawn.count
        if record.values[name].dtype == bool:
            panel.set_yticks([0, 1], ["false", "true"])
        unit_text = record.units[name]
        plain = unit_text in ("1", "boolean", "integer")
        panel.set_ylabel(with_unit(name, "" if plain else pretty_unit(unit_text)))
        bare(panel)
        if spans:
            time.apply(panel, labelled=k == len(names) - 1)
    if not spans:
        axes[0].text(0.5, 0.5, "nothing recorded", transform=axes[0].transAxes, ha="center", color=INK)
        axes[-1].set_xlabel(time.label())
    if len(axes) > 1:
        axes[0].figure.align_ylabels(axes)
    if legend:
        _legend(axes)
    entitle(axes[0], title)
    if len(names) == 1 and not isinstance(ax, (Sequence, np.ndarray)):
        return axes[0]
    found = np.empty(len(axes), dtype=object)
    found[:] = axes
    return found


def _traces_of(shown: Any) -> Any:
    """What has been recorded of variables.

    Raises:
        ArgumentError: if it is nothing.
    """
    record = recorded(shown)
    if record is None or not hasattr(type(record), "values_of"):
        what = type(shown).__name__ if record is None else "a monitor of spikes"
        message = f"this plot is of variables: a monitor of them (got {what})"
        raise ArgumentError(message, help='such as Monitor(cells, "v")')
    return record


def _names(variables: str | Sequence[str] | None, shown: list[tuple[str, Any, Any]]) -> list[str]:
    """Names of the variables that are drawn; all must have recorded them."""
    given = [variables] if isinstance(variables, str) else variables
    names = list(shown[0][2].values if given is None else given)
    for _, one, record in shown:
        for name in names:
            if name not in record.values:
                message = f"'{getattr(one, 'name', record.name)}' has not recorded '{name}'"
                raise UnknownNameError(message + suggestion(str(name), record.values))
    return names


def _span(shown: Any, record: Any) -> tuple[float, float]:
    """From the first record to the end of the recording, in ms."""
    first, last = float(record.t[0]), float(record.t[-1])
    return first, max(getattr(shown, "span", (first, last))[1], last)


class _Lines:
    """The lines of one variable of one recording."""

    def __init__(self, record: Any, name: str, of: Any, time: TimeAxis, prefix: str, shown: Any) -> None:
        columns, self.numbers = _columns(record, of, getattr(shown, "name", record.name))
        rows = time.contains(record.t, end=True).nonzero()[0]
        part = slice(rows[0], rows[-1] + 1) if rows.size else slice(0, 0)
        values = record.values[name][part]
        if values.ndim == 1:  # shared by the group
            values, self.numbers = values[:, None], np.zeros(1, dtype=int)
        elif columns is not None:
            values = values[:, columns]
        self.values = values
        self.ms = record.t[part]
        self.t = time.scaled(self.ms)
        self.time = time
        self.numbers = in_source(shown, self.numbers)
        self.what = f"{prefix}, {record.element}".removeprefix(", ")
        self.prefix = prefix
        self.lines: dict[int, Any] = {}  # column -> colour of its line
        self.unit = record.units[name]
        self.name = name
        n = values.shape[1]
        self.count = 1 if self._is_one() else n if n <= MAX_LINES else EXAMPLES

    def _is_one(self) -> bool:
        return not self.values.size or _alike(self.values)

    def label(self, k: int) -> str:
        """Name of a line."""
        return f"{self.what} {self.numbers[k]}"

    def draw(self, axes: Any, offset: int, colours: Sequence[Any] | None) -> None:
        """All traces if they are few, else their mean, its spread and some of them."""
        values, n = self.values, self.values.shape[1]
        truth = values.dtype == bool
        line = axes.step if truth else axes.plot
        form: dict[str, Any] = {"where": "post"} if truth else {}
        palette = list(colours or cycle(max(offset + self.count, 1)))
        palette = [palette[(offset + k) % len(palette)] for k in range(max(self.count, 1))]
        if self._is_one():
            label = f"all {n} {self.what}s alike" if n > 1 else self.prefix or None
            line(self.t, values[:, :1], color=palette[0], lw=1.4, label=label, **form)
            self.lines = dict.fromkeys(range(n), palette[0])
            return
        if n <= MAX_LINES:
            for k, colour in enumerate(palette):
                line(self.t, values[:, k], color=colour, lw=1.1, label=self.label(k), **form)
                self.lines[k] = colour
            return
        mean = f"{self.prefix}, mean of {n}".removeprefix(", ")
        axes.plot(self.t, values.mean(axis=1), color="black", lw=1.8, zorder=4, label=mean)
        if not truth:
            some = slice(None, None, max(1, self.t.size // BAND_POINTS))
            low, high = np.percentile(values[some, :: max(1, n // BAND_SAMPLE)], BAND, axis=1)
            label = f"{BAND[0]} to {BAND[1]} %"
            axes.fill_between(self.t[some], low, high, color="0.82", lw=0, zorder=1, label=label)
        for colour, k in zip(palette, np.linspace(0, n - 1, EXAMPLES).astype(int), strict=False):
            line(self.t, values[:, k], color=colour, lw=0.8, label=self.label(k), **form)
            self.lines[int(k)] = colour

    def draw_spikes(self, axes: Any, spikes: Any, peak: Any) -> None:
        """Lines from the trace up to the peak, where its neuron has spiked."""
        record = recorded(spikes)
        one = spikes_of(spikes).during(self.time.start, self.time.stop)
        if not self.values.size:
            return
        low, high = float(np.nanmin(self.values)), float(np.nanmax(self.values))
        if peak is None:
            top = high + ABOVE * (high - low or 1.0)
        else:
            has_unit = isinstance(peak, str) or carries_unit(peak)
            top = float(convert(peak, self.unit, "'peak'") if has_unit else peak)
        neuron = in_source(spikes, record.neurons)[one.i]
        for k, colour in self.lines.items():
            times = one.t[neuron == self.numbers[k]]
            at = np.searchsorted(self.ms, times + 1e-9, side="right") - 1
            inside = at >= 0
            axes.vlines(
                self.time.scaled(times[inside]), self.values[at[inside], k], top, color=colour, lw=1.1
            )


def _columns(record: Any, of: Any, name: str) -> tuple[Array | None, Array]:
    """Columns of the record that are drawn (None for all), and the numbers of their neurons."""
    if of is None:
        return None, record.neurons
    n = record.neurons.size
    try:
        chosen = np.atleast_1d(np.arange(n)[of])
    except IndexError:
        raise IndexRangeError(f"'of' names columns of '{name}', which has {n} (0..{n - 1})") from None
    if not chosen.size:
        raise ArgumentError("'of' names no column")
    return chosen, record.neurons[chosen]


def _alike(values: Array) -> bool:
    """Whether all columns are the same."""
    same = (values[[0, -1]] == values[[0, -1], :1]).all()  # most differ there already
    return bool(same and (values == values[:, :1]).all())


def _legend(axes: list[Any]) -> None:
    """Name the lines, to the right of the first axes: the richest legend explains all."""
    legends = {len(a.get_legend_handles_labels()[1]): a for a in axes}
    if max(legends):
        handles, labels = legends[max(legends)].get_legend_handles_labels()
        axes[0].legend(
            handles, labels, loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, borderaxespad=0
        )
