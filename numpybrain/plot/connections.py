"""Plots of synapses in one axes each: a matrix of connections, a histogram of weights.

In: synapses, or arrays. Out: axes of matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, ShapeError
from numpybrain.plot import synapse_maps as maps
from numpybrain.plot.figures import INK, bare, cycle, entitle, matplotlib, panel, with_unit
from numpybrain.plot.recordings import several

Array = np.ndarray[Any, Any]
Size = tuple[float, float]


def matrix(
    connections: Any,
    values: Any = None,
    *,
    ax: Any = None,
    title: str | None = None,
    of: Any = None,
    label: str = "",
    xlabel: str | None = None,
    ylabel: str | None = None,
    cmap: Any = None,
    colourbar: bool = True,
    size: Size | None = None,
) -> Any:
    """Matrix of connections, or any other: sources from left to right, targets from bottom to top.

    Few synapses are dots or cells in the colours of a variable; many are an image of blocks of neurons: the
    mean of the variable, or the number of synapses per pair.

    Args:
        connections: synapses, or a matrix of shape (n_rows, n_columns), such as `spikes.correlation()`; NaN
            are empty cells.
        values: of synapses, the variable: a name, such as "w" or "delay", or numbers of shape
            (n_synapses,). By default the weight, if there is one.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        of: which synapses, as `syn.select` takes it: a condition, a pair (i, j), numbers of synapses.
        label: what the colour bar of a matrix says, with the unit.
        xlabel: what the horizontal axis says; by default the sources.
        ylabel: what the vertical axis says; by default the targets.
        cmap: colour map; by default one with the middle at 0 for both signs.
        colourbar: whether it is drawn.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ShapeError: if it is no matrix, or there is not one value for each synapse.
        UnknownNameError: if there is no such variable.
    """
    axes = panel(ax, size, (4.8, 4.2))
    if hasattr(type(connections), "select"):
        mesh, text, names = _of_synapses(axes, connections, values, of, cmap)
    else:
        mesh, text, names = *_of_array(axes, connections, cmap), ("column", "row")
    axes.set_xlabel(names[0] if xlabel is None else xlabel)
    axes.set_ylabel(names[1] if ylabel is None else ylabel)
    if mesh is not None and colourbar:
        axes.figure.colorbar(mesh, ax=axes, label=label or text, pad=0.02)
    bare(axes)
    return entitle(axes, title)


def weights(
    synapses: Any,
    values: Any = None,
    *,
    ax: Any = None,
    title: str | None = None,
    of: Any = None,
    bins: Any = 50,
    colours: Sequence[Any] | None = None,
    legend: bool = True,
    size: Size | None = None,
) -> Any:
    """Histogram of a variable of synapses: how many have which weight.

    Args:
        synapses: synapses, a list of these, or a mapping label -> one of these.
        values: the variable: a name, such as "w" or "delay", or numbers of shape (n_synapses,). By default
            the weight.
        ax: axes of matplotlib to draw in; by default those of a new figure.
        title: of the axes.
        of: which synapses, as `syn.select` takes it: a condition, a pair (i, j), numbers of synapses.
        bins: their number, or their edges in the unit of the variable.
        colours: of the projections; by default `COLOURS`.
        legend: whether several projections are named.
        size: width and height of a new figure in inches.

    Returns:
        The axes.

    Raises:
        ArgumentError: if synapses have no weight, and `values` does not name a variable.
        UnknownNameError: if there is no such variable.
    """
    axes = panel(ax, size)
    pairs = several(synapses)
    found = []
    for label, syn in pairs:
        shown = maps.colours_of(syn, values)
        if shown is None:
            raise ArgumentError(
                f"'{syn.name}' has no weight", help='name a variable, such as values="delay"'
            )
        numbers = shown.values if of is None else shown.values[syn.select(of)]
        found.append((label or syn.name, shown, numbers[np.isfinite(numbers)]))
    everything = np.concatenate([numbers for _, _, numbers in found]) if found else np.zeros(0)
    if everything.size:
        edges = np.histogram_bin_edges(everything, bins)
    else:
        edges = np.array([0.0, 1.0])
        axes.text(0.5, 0.5, "no synapses", transform=axes.transAxes, ha="center", color=INK)
    single = len(found) == 1
    for colour, (label, _, numbers) in zip(colours or cycle(len(found)), found, strict=False):
        form: dict[str, Any] = {"fill": True, "alpha": 0.8} if single else {"lw": 1.4}
        axes.stairs(np.histogram(numbers, edges)[0], edges, color=colour, label=label, **form)
    axes.set(xlabel=with_unit(found[0][1].name, found[0][1].unit), ylabel="synapses", ylim=(0, None))
    axes.yaxis.set_major_locator(matplotlib().ticker.MaxNLocator(5, integer=True))
    if legend and not single:
        axes.legend(loc="upper right", frameon=False)
    bare(axes)
    return entitle(axes, title)


def _of_synapses(axes: Any, syn: Any, values: Any, of: Any, cmap: Any) -> tuple[Any, str, tuple[str, str]]:
    """Draw synapses; gives what a colour bar is of, what it says, and the names of the axes."""
    source, target, shown = maps.sides(syn, values, of)
    counts = maps.counts_of(source, target)
    shown = shown if shown is not None and shown.differ else None
    mesh, text = None, ""
    if shown is not None and cmap is not None:
        shown = shown.with_map(cmap)
    if counts is None:
        mesh = maps.dots(axes, source, target, shown)
    elif shown is not None:
        mesh = maps.means(axes, source, target, counts, shown)
    elif maps.is_plain(source, target, counts):
        maps.plain(axes, source, target, counts)
    else:
        mesh, text = maps.per_pair(axes, source, target, counts), "synapses per pair"
    if shown is not None:
        plain = counts is None or maps.is_plain(source, target, counts)
        text = with_unit(shown.name if plain else f"mean {shown.name}", shown.unit)
    elif counts is None:
        mesh = None  # one colour
    if not source.index.size:
        axes.text(0.5, 0.5, "no synapses", transform=axes.transAxes, ha="center", color=INK)
    maps.limits([axes], source, target)
    return mesh, text, (source.label, target.label)


def _of_array(axes: Any, given: Any, cmap: Any) -> tuple[Any, str]:
    """Draw a matrix."""
    found = np.ma.masked_invalid(np.asarray(given, dtype=float))
    if found.ndim != 2 or not found.size:
        message = f"a matrix has rows and columns (got shape {found.shape})"
        raise ShapeError(message, help="give synapses, or an array of shape (n_rows, n_columns)")
    low, high = float(found.min()), float(found.max())
    style: dict[str, Any] = {"cmap": cmap or "viridis"}
    if low < 0 < high:
        style = {"cmap": cmap or "coolwarm", "vmin": -max(-low, high), "vmax": max(-low, high)}
    rows, columns = (np.arange(n + 1) - 0.5 for n in found.shape)
    mesh = axes.pcolormesh(columns, rows, found, rasterized=found.size > 10_000, **style)
    for axis, n in ((axes.xaxis, found.shape[1]), (axes.yaxis, found.shape[0])):
        if n <= 10:
            axis.set_ticks(range(n))
        else:
            axis.set_major_locator(matplotlib().ticker.MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    return mesh, ""
