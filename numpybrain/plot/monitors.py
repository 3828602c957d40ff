"""Plots of a whole monitor, as its method `plot` draws them: a raster with the rate, or traces.

In: a monitor that has recorded. Out: a matplotlib figure, or a file, or the axes that were given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.group.variable_space import VariableSpace
from numpybrain.plot import spikes, variable_traces
from numpybrain.plot.figures import check_path, new_figure, save

Array = np.ndarray[Any, Any]


class Recorded(Protocol):
    """Records of a monitor, as plots need them; see `Monitor`."""

    name: str
    source: Any
    group: Any
    variables: list[str]
    records_spikes: bool
    index: slice | Array

    @property
    def inspect(self) -> VariableSpace:
        """The variables of the group that is recorded."""

    @property
    def element(self) -> str:
        """Word for one of the recorded elements: "neuron" or "synapse"."""

    @property
    def recorded_variables(self) -> list[str]:
        """Names of the variables that are recorded, over time or at events."""

    def numbers(self) -> Array:
        """Numbers of what is recorded, in the source; -1 of what is gone."""

    @property
    def i(self) -> Array:
        """Neuron of each spike."""

    @property
    def span(self) -> tuple[float, float]:
        """From when to when it has recorded, in ms."""

    @property
    def t(self) -> Array:
        """Times of the records in ms."""

    @property
    def count(self) -> Array:
        """Number of events of each neuron."""

    def train(self, neuron: int) -> Array:
        """The times of the events of one neuron."""

    def __getitem__(self, name: Any) -> Any:
        """Give the records of a variable."""


def monitor(
    mon: Recorded,
    path: Any = None,
    *,
    ax: Any = None,
    of: Any = None,
    groups: Mapping[str, Any] | None = None,
    rate: Any = None,
    window: Any = None,
    size: tuple[float, float] | None = None,
    dpi: float = 150,
    **options: Any,
) -> Any:
    """Draw what a monitor has recorded; returns the figure, or the axes if `ax` is given.

    Args:
        mon: the monitor. Spikes become a raster with the population rate below it; variables
            become traces, one above the other, in their declared units.
        path: the file to write; its ending says the format (png, pdf, svg ...).
        ax: axes to draw in, of a figure that is there.
        of: traces only: which of the recorded columns are drawn, as indices or a slice.
        groups: rasters only: label -> part of the neurons (`cells[:100]` or a slice of the
            recorded ones), each in a colour of its own.
        rate: rasters only: whether to draw the population rate; by default from 10 neurons on.
        window: rasters only: the bins of that rate in ms (`bin` of `raster`).
        size: width and height in inches.
        dpi: dots per inch of the file.
        **options: others of `raster` or `traces`, such as `title`, `t`, `unit`.

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
        n = mon.count.size
        with_rate = rate if rate is not None else ax is None and n >= spikes.RATE_FROM
        made = ax
        if ax is None:
            figure = new_figure(path, size or (8.0, min(5.0, 1.0 + 0.3 * n + bool(with_rate))))
            made = figure.subplots()
        drawn = spikes.raster(mon, ax=made, groups=groups, rate=with_rate, bin=window, **options)
    else:
        names = options.pop("variables", None)
        many = len(mon.variables) if names is None else 1 if isinstance(names, str) else len(names)
        made = ax
        if ax is None:
            figure = new_figure(path, size or (8.0, max(3.2, 0.8 + 1.9 * many)))
            made = figure.subplots(many, 1, sharex=True, squeeze=False)[:, 0]
        drawn = variable_traces.traces(mon, names, ax=made, of=of, **options)
    if ax is not None:
        if path is not None:
            save(np.ravel(drawn)[0].figure, path, dpi)
        return drawn
    return save(figure, path, dpi)
