"""Common parts of plots: figures and files, colours, labels.

With a path, pyplot is not touched: no window, no global state; without one, the figure belongs to pyplot,
so that `pyplot.show()` and notebooks show it. Matplotlib is imported inside the functions.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, suggestion

# Okabe and Ito's colours, which colour-blind readers can tell apart, without the yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
INK = "#333333"

# Settings of matplotlib for figures of a paper: sizes that are legible in a column, these colours.
STYLE: Mapping[str, Any] = MappingProxyType(
    {
        "axes.prop_cycle": f"cycler('color', {list(COLOURS)})",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 9,
        "axes.labelsize": 9,
        "axes.linewidth": 0.8,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.fontsize": 8,
        "legend.frameon": False,
        "font.size": 9,
        "lines.linewidth": 1.2,
        "pdf.fonttype": 42,  # text stays text
        "svg.fonttype": "none",
    }
)


def style(**changes: Any) -> AbstractContextManager[None]:
    """Style for figures of a paper, in which matplotlib works as long as a `with` lasts.

    Args:
        **changes: settings of matplotlib that shall differ, with `_` for `.`: `font_size=8`.

    Returns:
        A context manager: `with nb.plot.style(): ...`. For a whole session, write
        `matplotlib.rcParams.update(nb.plot.STYLE)`.

    Raises:
        ArgumentError: if matplotlib has no such setting.
    """
    mpl = matplotlib()
    known = {name.replace(".", "_"): name for name in mpl.rcParams}
    for name in changes:
        if name not in known:
            raise ArgumentError(f"matplotlib has no setting '{name}'{suggestion(name, known)}")
    settings = {**STYLE, **{known[name]: value for name, value in changes.items()}}
    found: AbstractContextManager[None] = mpl.rc_context(settings)
    return found


def check_path(path: Any) -> None:
    """Whether matplotlib is there and can write this file; called before long runs.

    Raises:
        ImportError: if matplotlib is not installed.
        ArgumentError: if there is no such folder or no such format.
    """
    known = matplotlib().backend_bases.FigureCanvasBase.get_supported_filetypes()
    if not isinstance(path, (str, os.PathLike)):
        return  # an open file
    where = Path(path)
    ending = where.suffix.removeprefix(".").lower()
    if ending not in known and not where.is_dir():
        message = f"pictures cannot be written as '{where.suffix}'"
        if not ending:
            message = f"'{where}' has no ending, so it does not say what to write"
        raise ArgumentError(message, help="use one of ." + ", .".join(sorted(known)))
    if not where.parent.is_dir():
        raise ArgumentError(f"there is no folder '{where.parent}' to write '{where.name}' to")
    if where.is_dir():
        raise ArgumentError(f"'{where}' is a folder, not a file", help="name a file, such as plot.png")


def matplotlib() -> Any:
    """The package, with the parts that plots need.

    Raises:
        ImportError: if it is not installed; says how to install it.
    """
    try:
        import matplotlib as mpl
        import matplotlib.backend_bases
        import matplotlib.collections
        import matplotlib.figure
        import matplotlib.patches
        import matplotlib.path
        import matplotlib.ticker
    except ImportError:
        message = "plotting needs the package 'matplotlib': pip install \"numpybrain[plot]\""
        raise ImportError(message) from None
    return mpl


def save(figure: Any, path: Any, dpi: float) -> Any:
    """Write a figure to a file, if there is a path; gives the figure."""
    if path is not None:
        figure.savefig(path, dpi=dpi)
    return figure


def new_figure(path: Any, size: tuple[float, float]) -> Any:
    """A figure: of pyplot if it is to be looked at, free-standing if it goes to a file."""
    mpl = matplotlib()
    if path is not None:
        figure = mpl.figure.Figure(figsize=size, layout="constrained")
    else:
        from matplotlib import pyplot as plt

        figure = plt.figure(figsize=size, layout="constrained")
        figure._repr_mimebundle_ = ShownOnce(figure)  # what notebooks ask objects for
    figure.get_layout_engine().set(w_pad=0.08, h_pad=0.08)
    return figure


class ShownOnce:
    """Answer of a figure that a notebook shows as the value of a cell: pyplot gives it up.

    Notebooks show the value of a cell, and then, where figures appear between the cells, all that pyplot
    has: the same figure again. A figure that is no cell's value stays with pyplot, which shows it.
    """

    def __init__(self, figure: Any) -> None:
        self.figure = figure

    def __call__(self, **_: Any) -> dict[str, Any]:
        """Give nothing, instead of which IPython makes a picture as of any figure."""
        if "inline" in matplotlib().get_backend():
            from matplotlib import pyplot as plt

            plt.close(self.figure)
        return {}


def panels(ax: Any, n: int, size: tuple[float, float] | None, default: tuple[float, float]) -> list[Any]:
    """The axes to draw `n` things in: those that are given, or those of a new figure, one above another.

    Raises:
        ArgumentError: if there are not as many axes as things, or `ax` is something else.
    """
    if ax is None:
        column: list[Any] = new_figure(None, size or default).subplots(n, 1, sharex=True, squeeze=False)[
            :, 0
        ]
        return list(column)
    if size is not None:
        raise ArgumentError("'size' is that of a new figure: leave it out, or 'ax'")
    given = list(np.ravel(ax)) if isinstance(ax, (Sequence, np.ndarray)) else [ax]
    for axes in given:
        if not hasattr(axes, "get_xlim"):
            help_ = "such as ax= of figure, ax = plt.subplots()"
            raise ArgumentError(f"'ax' takes axes of matplotlib (got {type(axes).__name__})", help=help_)
    if len(given) != n:
        what = "one axes" if n == 1 else f"{n} axes, one for each variable"
        raise ArgumentError(f"'ax' takes {what} (got {len(given)})")
    return given


def panel(ax: Any, size: tuple[float, float] | None, default: tuple[float, float] = (5.0, 3.5)) -> Any:
    """The axes to draw in: those that are given, or those of a new figure."""
    return panels(ax, 1, size, default)[0]


def split(axes: Any, share: float = 0.22) -> Any:
    """Axes below others, which become so much shorter; the time axis is shared."""
    spec = axes.get_subplotspec()
    if spec is not None:
        above, below = spec.subgridspec(2, 1, height_ratios=[1 - share, share], hspace=0.06)
        axes.set_subplotspec(above)
        made = axes.figure.add_subplot(below, sharex=axes)
    else:
        x, y, width, height = axes.get_position(original=True).bounds
        axes.set_position((x, y + (share + 0.06) * height, width, (0.94 - share) * height))
        made = axes.figure.add_axes((x, y, width, share * height), sharex=axes)
    axes.tick_params(labelbottom=False)
    return made


def room_of(axes: Any) -> Any:
    """Width and height of axes in inches, before anything makes them smaller, shape (2,)."""
    figure = axes.figure  # or a part of one
    return axes.get_position().size * figure.bbox.size / figure.dpi


def area_of(axes: Any) -> float:
    """Area of axes in square points."""
    width, height = room_of(axes) * 72
    return float(width * height)


def entitle(axes: Any, title: str | None, *, above: bool = False) -> Any:
    """Give axes their title, on the left; `above` a legend that stands there."""
    if title is not None:
        axes.set_title(title, loc="left", pad=22 if above else None)
    return axes


def bare(axes: Any) -> None:
    """No frame where it carries no scale."""
    axes.spines[["top", "right"]].set_visible(False)


def unit_of(space: Any, name: str) -> str:
    """The declared unit of a variable, as it is printed; empty if it is a plain number."""
    reference, definition = space.look_up(name), space.definition
    if definition is not None and name in definition.variables:
        unit = definition.variables[name].unit_text
    else:
        unit = reference.slot.unit_text if reference is not None else ""
    return "" if unit in ("1", "boolean", "integer") else pretty_unit(unit)


def with_unit(name: str, unit: str) -> str:
    """Name and unit of a scale: "v (mV)"."""
    return f"{name} ({unit})" if unit else name


def pretty_unit(text: str) -> str:
    """A unit as it is printed: "uF/cm**2" becomes "µF/cm²"."""
    text = re.sub(r"\*\*\s*\(?(-?\d+)\)?", lambda m: m[1].translate(_RAISED), text)
    text = re.sub(r"\bu(?=(A|V|F|S|M|J|N|W|C|H|m|s|g|l|L|ohm)\b)", "µ", text)
    return re.sub(r"ohm\b", "Ω", text).replace("*", "·")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def cycle(n: int) -> list[Any]:
    """Colours for `n` things; beyond seven, steps of a scale that all readers can order."""
    if n <= len(COLOURS):
        return list(COLOURS[:n])
    return list(matplotlib().colormaps["viridis"](np.linspace(0, 0.9, n)))
