"""Plots of synapses: connections, their strength, and how many synapses each neuron has.

In: synapses. Out: a matplotlib figure, or a file. A map has the source neurons on the horizontal axis and
the target neurons on the vertical one. Few synapses are dots, or the cells of a matrix if there are few
neurons; many are an image of blocks of neurons. Nothing is calculated for every pair of neurons.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from numpybrain.errors import ShapeError
from numpybrain.plot.figures import (
    COLOURS,
    INK,
    area_of,
    bare,
    check_path,
    matplotlib,
    new_figure,
    save,
    unit_of,
    with_unit,
)

Array = np.ndarray[Any, Any]

WEIGHTS = ("w", "weight")  # names that say what they are
BLOCKS = (60, 200)  # more neurons than that become blocks; how many depends on
IN_A_BLOCK = 20  # how many synapses a cell of the map must have to show more than chance
FEW_NEURONS = 40  # up to so many on each axis, pairs are the cells of a matrix
FULL = 0.1  # also where so large a part of the pairs is connected
MAX_DOTS = 20_000  # more synapses than that become an image
INKED = 0.3  # the part of a map that dots may cover
BARS = 60  # bars of a histogram; up to so many different values have one each
TAILS = (0.5, 99.5)  # percentiles between which colours change


class Values(Protocol):
    """The variables of synapses, as plots ask for them."""

    definition: Any
    state: Any

    def look_up(self, name: str) -> Any:
        """Give a reference to the values of a name."""

    def values_of(self, name: str) -> Array:
        """The present values of a name for each synapse."""


class Connected(Protocol):
    """Synapses, as plots ask for them; see `Synapses`."""

    name: str
    source: Any
    target: Any

    @property
    def inspect(self) -> Values:
        """Their variables."""

    @property
    def size(self) -> int:
        """The number of synapses."""

    @property
    def i(self) -> Array:
        """The source neuron of each."""

    @property
    def j(self) -> Array:
        """The target neuron of each."""

    def select(self, which: Any) -> Array:
        """The numbers of some synapses."""


@dataclass(frozen=True, slots=True)
class Side:
    """The neurons on one axis.

    Attributes:
        label: what the axis says.
        index: of each synapse the neuron, shape (n_synapses,).
        start, stop: the neurons that are drawn.
    """

    label: str
    index: Array
    start: int
    stop: int

    @property
    def size(self) -> int:
        """The number of neurons."""
        return self.stop - self.start

    @property
    def is_single(self) -> bool:
        """Whether every neuron has a block of its own."""
        return self.size <= BLOCKS[1]

    def edges(self) -> Array:
        """The first neuron of each block, and the end, shape (n_blocks + 1,)."""
        n = self.size
        if not self.is_single:
            n = int(np.clip((self.index.size / IN_A_BLOCK) ** 0.5, *BLOCKS))
        return self.start - (-self.size * np.arange(n + 1) // n)

    def degrees(self) -> Array:
        """Synapses of each neuron, shape (n,)."""
        return np.bincount(self.index - self.start, minlength=self.size)

    def blocks(self) -> Array:
        """The block of each synapse, shape (n_synapses,)."""
        sizes = np.diff(self.edges())
        return np.repeat(np.arange(sizes.size), sizes).take(self.index - self.start)


@dataclass(frozen=True, slots=True)
class Colours:
    """A variable of synapses, and its colours.

    Attributes:
        values: shape (n_synapses,).
        name: what it is called.
        unit: its unit, as it is printed.
        low, high: values with the first and the last colour; equal if all synapses have this value.
        cmap: colour map; None for one that fits the signs.
    """

    values: Array
    name: str
    unit: str
    low: float
    high: float
    cmap: Any = None

    def with_map(self, cmap: Any) -> Colours:
        """The same with another colour map."""
        return replace(self, cmap=cmap)

    @property
    def differ(self) -> bool:
        """Whether there is more than one value."""
        return self.high > self.low

    def style(self) -> dict[str, Any]:
        """A colour scale as keywords of matplotlib; for both signs one with the middle at 0."""
        cmap = self.cmap or ("coolwarm" if self.low < 0 < self.high else "viridis_r")
        end = max(-self.low, self.high)
        low, high = (-end, end) if self.low < 0 < self.high else (self.low, self.high)
        return {
            "cmap": matplotlib().colormaps.get_cmap(cmap),
            "norm": matplotlib().colors.Normalize(low, high),
        }


def synapses(
    syn: Connected,
    path: Any = None,
    *,
    values: Any = None,
    of: Any = None,
    title: str | None = None,
    size: tuple[float, float] | None = None,
    dpi: float = 150,
) -> Any:
    """Draw the connectivity of synapses, a variable, and the degrees of neurons; returns the figure.

    The map has source neurons from left to right and target neurons from bottom to top. Above it are the
    outdegrees, to its right the indegrees: means of blocks of neurons, with their range, where there are
    many. Below is the histogram of the variable, in the colours that the map has; they change between the
    percentiles 0.5 and 99.5. A map of many synapses shows their number per pair, and a second one the mean
    of the variable. Several synapses of a pair count as several, and show their mean.

    Args:
        syn: the synapses.
        path: the file to write; its ending says the format (png, pdf, svg ...).
        values: the variable: a name, such as "w" or "delay", or numbers of shape (n_synapses,). By default
            the weight: `w` or `weight`, else the one parameter in which the synapses differ, else
            the one that the model leaves open; none if that is not one.
        of: which synapses, as `syn.select` takes it: a condition, a pair (i, j), numbers of synapses.
            The axes end where these synapses end, and degrees count only these.
        title: of the figure; by default the name of the synapses, how many there are, and that per pair.
        size: width and height in inches.
        dpi: dots per inch of the file.

    Raises:
        ImportError: if matplotlib is not installed.
        ArgumentError: if the file cannot be written.
        UnknownNameError: if there is no such variable.
        ShapeError: if there is not one number for each synapse.
    """
    if path is not None:
        check_path(path)
    source, target, colours = sides(syn, values, of)
    shown = colours if colours is not None and colours.differ else None
    n, pairs = source.index.size, source.size * target.size
    counts = counts_of(source, target)
    with_counts = counts is not None and not is_plain(source, target, counts, valued=shown is not None)
    two = with_counts and shown is not None
    figure, maps, above, right, below = _layout(
        path, size, 1 + two, legend=with_counts or shown is not None
    )
    if counts is None:
        dots(maps[0], source, target, shown)
    elif with_counts:
        mesh = per_pair(maps[0], source, target, counts)
        figure.colorbar(mesh, cax=below[0], orientation="horizontal", label="synapses per pair")
    elif shown is None:
        plain(maps[0], source, target, counts)
    if counts is not None and shown is not None:
        means(maps[-1], source, target, counts, shown)
        maps[-1].set_title(f"mean {shown.name}" if two else "", fontsize="medium")
    if shown is not None:
        _histogram(below[-1], shown)
    limits(maps, source, target)
    _margins(above, right, source, target)
    above.set_title(
        _summary(syn, n, pairs, colours) if title is None else title, loc="left", fontsize="medium"
    )
    if not n:
        maps[0].text(0.5, 0.5, "no synapses", transform=maps[0].transAxes, ha="center", color=INK)
    return save(figure, path, dpi)


# ---- what is drawn --------------------------------------------------------------------------


def sides(syn: Connected, values: Any, of: Any) -> tuple[Side, Side, Colours | None]:
    """The neurons on both axes and the variable, of all synapses or of some."""
    colours, source, target = colours_of(syn, values), _side(syn, "source"), _side(syn, "target")
    if of is not None:
        chosen = syn.select(of)
        source, target = _part(source, chosen), _part(target, chosen)
        colours = None if colours is None else _scaled(colours, colours.values[chosen])
    return source, target, colours


def counts_of(source: Side, target: Side) -> Array | None:
    """The number of synapses between blocks of neurons; None where each synapse is a dot."""
    n, pairs = source.index.size, source.size * target.size
    single = source.is_single and target.is_single
    few = max(source.size, target.size) <= FEW_NEURONS
    are_dots = n <= MAX_DOTS and not (single and (few or n > FULL * pairs))
    return None if are_dots else _sums(source, target)


def is_plain(source: Side, target: Side, counts: Array, *, valued: bool = False) -> bool:
    """Whether a colour says that there is a synapse (and its value): every pair has a cell of its own."""
    single = source.is_single and target.is_single
    return single and (valued or bool(counts.max(initial=0) <= 1))


def _side(syn: Connected, which: str) -> Side:
    """All neurons on a side, "source" or "target"."""
    group = getattr(syn, which)
    return Side(f"{which} neuron in {group.name}", (syn.i if which == "source" else syn.j), 0, group.size)


def _part(side: Side, chosen: Array) -> Side:
    """The neurons of some of the synapses, and those between."""
    index = side.index[chosen]
    start, stop = (index.min(), index.max() + 1) if index.size else (0, side.size)
    return Side(side.label, index, int(start), int(stop))


def colours_of(syn: Connected, values: Any) -> Colours | None:
    """The variable that is drawn, if there is one."""
    name = _weight(syn) if values is None else values
    if name is None:
        return None
    if isinstance(name, str):
        found = np.asarray(syn.inspect.values_of(name), dtype=float)
        return _scaled(Colours(found, name, unit_of(syn.inspect, name), 0, 0), found)
    found = np.asarray(name, dtype=float)
    if found.shape != (syn.size,):
        message = f"'values' needs one number for each of {syn.size} synapses (got shape {found.shape})"
        raise ShapeError(message, help='or name a variable, such as values="delay"')
    return _scaled(Colours(found, "values", "", 0, 0), found)


def _scaled(colours: Colours, values: Array) -> Colours | None:
    """The same variable for some synapses; None if there are none with a finite value."""
    finite = values if np.isfinite(values).all() else values[np.isfinite(values)]
    if not finite.size:
        return None
    low, high = np.percentile(finite, TAILS)
    if low == high:  # nearly all have one value
        low, high = finite.min(), finite.max()
    return Colours(values, colours.name, colours.unit, float(low), float(high))


def _weight(syn: Connected) -> str | None:
    """The variable that is a weight, as far as one can tell."""
    declared = syn.inspect.definition.variables if syn.inspect.definition is not None else {}
    for name in WEIGHTS:
        if name in declared or name in syn.inspect.state.slots:
            return name
    plain = [
        s
        for s in syn.inspect.state.slots.values()
        if s.kind == "parameter" and s.dtype is float and not s.shared
    ]
    differ = [s.name for s in plain if s.uniform_value() is None]
    is_open = [s.name for s in plain if s.name not in declared or declared[s.name].expr is None]
    return next((names[0] for names in (differ, is_open) if len(names) == 1), None)


def _summary(syn: Connected, n: int, pairs: int, colours: Colours | None) -> str:
    """Summarise the synapses in one line."""
    text = f"{syn.name}: {_thousands(n)} synapse{'s' * (n != 1)}, {n / pairs:.3g} per pair"
    if colours is None or colours.differ:
        return text
    return f"{text}, {colours.name} = {colours.low:.6g} {colours.unit}".rstrip()


def _thousands(n: int) -> str:
    return f"{n:,}".replace(",", " ")


# ---- maps -----------------------------------------------------------------------------------


def _sums(source: Side, target: Side, values: Array | None = None) -> Array:
    """Sums over the synapses between blocks of neurons (their number), shape (n_target, n_source)."""
    rows, columns = target.edges().size - 1, source.edges().size - 1
    cells = target.blocks() * columns + source.blocks()
    return np.bincount(cells, weights=values, minlength=rows * columns).reshape(rows, columns)


def _image(axes: Any, source: Side, target: Side, values: Array, **style: Any) -> Any:
    """Blocks of neurons as cells; neuron k lies around k."""
    return axes.pcolormesh(
        source.edges() - 0.5, target.edges() - 0.5, values, rasterized=values.size > 10_000, **style
    )


def per_pair(axes: Any, source: Side, target: Side, counts: Array) -> Any:
    """The number of synapses per pair of neurons."""
    pairs = np.outer(np.diff(target.edges()), np.diff(source.edges()))
    return _image(axes, source, target, np.ma.masked_equal(counts, 0) / pairs, cmap="magma_r", vmin=0)


def plain(axes: Any, source: Side, target: Side, counts: Array) -> None:
    """Pairs that are connected."""
    cmap = matplotlib().colors.ListedColormap([COLOURS[0]])
    _image(axes, source, target, np.ma.masked_equal(counts, 0), cmap=cmap)


def means(axes: Any, source: Side, target: Side, counts: Array, colours: Colours) -> Any:
    """The mean of a variable, where there are synapses."""
    sums = _sums(source, target, colours.values)
    known = counts > 0
    means = np.ma.masked_invalid(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=known))
    return _image(axes, source, target, means, **colours.style())


def dots(axes: Any, source: Side, target: Side, colours: Colours | None) -> Any:
    """One mark per synapse, as large as the crowd allows."""
    paper = area_of(axes)
    cell = paper / max(source.size, target.size) ** 2
    area = np.clip(INKED * paper / (source.index.size + 1), max(0.7, min(cell, 25)), 25)
    style = {"color": COLOURS[0]} if colours is None else {"c": colours.values, **colours.style()}
    return axes.scatter(
        source.index, target.index, s=area, lw=0, rasterized=source.index.size > 5000,
        plotnonfinite=colours is not None, **style,
    )  # fmt: skip


# ---- around them ----------------------------------------------------------------------------


def _layout(
    path: Any, size: Any, n_maps: int, *, legend: bool
) -> tuple[Any, list[Any], Any, Any, list[Any]]:
    """A figure with its axes: maps side by side, above the first, right of the last, below each."""
    figure = new_figure(path, size or (2.2 + 4.2 * n_maps, 5.6 + 0.9 * legend))
    heights = [1, 5, 0.8] if legend else [1, 5]
    grid = figure.add_gridspec(
        len(heights), n_maps + 1, width_ratios=[5] * n_maps + [1], height_ratios=heights
    )
    maps = [figure.add_subplot(grid[1, 0])]
    maps += [figure.add_subplot(grid[1, k], sharex=maps[0], sharey=maps[0]) for k in range(1, n_maps)]
    above = figure.add_subplot(grid[0, 0], sharex=maps[0])
    right = figure.add_subplot(grid[1, n_maps], sharey=maps[0])
    below = [figure.add_subplot(grid[2, k]) for k in range(n_maps)] if legend else []
    for axes in (above, right, *maps[1:]):
        axes.tick_params(labelbottom=axes is not above, labelleft=axes is above)
    return figure, maps, above, right, below


def limits(maps: list[Any], source: Side, target: Side) -> None:
    """Neurons have whole numbers."""
    for axes in maps:
        axes.set_xlabel(source.label)
        axes.set(xlim=(source.start - 0.5, source.stop - 0.5), ylim=(target.start - 0.5, target.stop - 0.5))
    maps[0].set_ylabel(target.label)
    for axis, side in ((maps[0].xaxis, source), (maps[0].yaxis, target)):
        if side.size <= 10:
            axis.set_ticks(range(side.start, side.stop))
        else:
            axis.set_major_locator(matplotlib().ticker.MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))


def _margins(above: Any, right: Any, source: Side, target: Side) -> None:
    """Draw the degrees of the neurons: means of blocks, and from the least to the most of a block."""
    for axes, side, name, along in (
        (above, source, "outdegree", "vertical"), (right, target, "indegree", "horizontal"),
    ):  # fmt: skip
        degrees, edges = side.degrees(), side.edges()
        first = edges[:-1] - side.start
        mean = np.add.reduceat(degrees, first) / np.diff(edges)
        form = {"edges": edges - 0.5, "orientation": along, "color": COLOURS[0]}
        if side.is_single:
            axes.stairs(mean, fill=True, alpha=0.8, **form)
        else:
            least, most = np.minimum.reduceat(degrees, first), np.maximum.reduceat(degrees, first)
            axes.stairs(most, baseline=least, fill=True, alpha=0.3, lw=0, **form)
            axes.stairs(mean, baseline=None, lw=1.2, **form)
        end = 1.05 * max(1, degrees.max(initial=0))
        text = f"{name}\n{degrees.mean():.4g} ± {degrees.std():.2g}"
        ticks = matplotlib().ticker.MaxNLocator(2, integer=True)
        if along == "vertical":
            axes.set(ylim=(0, end), ylabel=text)
            axes.yaxis.set_major_locator(ticks)
        else:
            axes.set(xlim=(0, end), xlabel=text)
            axes.xaxis.set_major_locator(ticks)
        bare(axes)


def _histogram(axes: Any, colours: Colours) -> None:
    """Draw how many synapses have which value, in the colours of the map."""
    values = colours.values[np.isfinite(colours.values)]
    some = np.unique(values[:: max(1, values.size // 10_000)])
    if some.size <= BARS and (some[np.searchsorted(some, values).clip(max=some.size - 1)] == values).all():
        centres, counts = some, np.bincount(np.searchsorted(some, values), minlength=some.size)
        width = max(0.8 * np.diff(some).min(), (some[-1] - some[0]) / BARS / 2)
    else:
        counts, edges = np.histogram(values, BARS)
        centres, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    style = colours.style()
    axes.bar(centres, counts, width, color=style["cmap"](style["norm"](centres)))
    missing = colours.values.size - values.size
    axes.set(xlabel=with_unit(colours.name, colours.unit), ylabel="synapses")
    note = f"{values.mean():.3g} ± {values.std():.2g}" + f", {missing} not finite" * (missing > 0)
    axes.text(1, 1, note, transform=axes.transAxes, ha="right", va="bottom", color=INK, fontsize="small")
    axes.yaxis.set_major_locator(matplotlib().ticker.MaxNLocator(2, integer=True))
    bare(axes)
