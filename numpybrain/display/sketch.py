"""Small pictures of records for notebooks: SVG in the page itself, made of arrays, without matplotlib.

In: arrays and labels. Out: an `<svg>` element. What is not of the data has the colour of the text around,
so that pictures fit light and dark pages. The number of points is bounded by the size of the picture.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from numpybrain.errors import visible

Array = np.ndarray[Any, Any]

# After Okabe and Ito, whom colour-blind readers can tell apart; the blue is lighter, for dark pages.
COLOURS = ("#2f8fd0", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
WIDTH, LEFT, RIGHT, TOP, BELOW = 520, 76, 8, 8, 18  # of the picture, and beside what is drawn
PLOT = WIDTH - LEFT - RIGHT
MAX_DOTS = 4000  # more spikes than that are thinned out
FEW_ROWS = 40  # up to so many neurons a spike is a tick, beyond a dot


def plain(text: str) -> str:
    """A text of the user in a picture: shown, and nothing else."""
    shown = html.escape(visible(text))
    for char in "$\\":  # what starts mathematics in a page
        shown = shown.replace(char, f"<tspan>{char}</tspan>")
    return shown


def raster(t: Array, i: Array, n: int, span: tuple[float, float], what: str) -> str:
    """The events of n neurons, one row for each, from below; `what` says what the rows are."""
    height = int(min(140, max(48, 4 * n)))
    column = (PLOT * _part(t, *span)).round(1)
    row_height = height / max(n, 1)
    row = (height - row_height * (np.asarray(i) + 0.5)).round(1)
    cells = np.unique(np.column_stack([row, column.round() if t.size > MAX_DOTS else column]), axis=0)
    step = -(-len(cells) // MAX_DOTS)
    tick = max(2.0, 0.8 * row_height) if n <= FEW_ROWS else 1.6
    marks = "".join(f"M{LEFT + x:g} {TOP + y - tick / 2:g}v{tick:g}" for y, x in cells[:: max(step, 1)])
    drawn = f'<path d="{marks}" stroke="{COLOURS[0]}" stroke-width="1.2" fill="none"/>' if marks else ""
    note = f"1 in {step}" if step > 1 else ""
    return _picture([drawn], height, span, (str(n - 1) if n > 1 else "", what, "0"), note)


def traces(
    t: Array,
    values: Array,
    span: tuple[float, float],
    what: str,
    *,
    marks: Iterable[float] = (),
    height: int = 90,
) -> str:
    """Lines over time, one for each column of `values`; `marks` are times that are pointed at."""
    columns = np.asarray(values, dtype=float).reshape(len(t), -1)
    finite = columns[np.isfinite(columns)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    middle, half = (low + high) / 2, (high - low) / 2 or abs(high) or 1.0
    drawn = []
    for time in marks:
        place = LEFT + PLOT * float(_part(np.asarray(time), *span))
        drawn.append(f'<path d="M{place:.1f} {TOP}v{height}" stroke="{COLOURS[1]}" stroke-width="0.7"/>')
    for column, colour in zip(columns.T, _colours(columns.shape[1]), strict=True):
        x, y = _thinned(PLOT * _part(t, *span), height * (0.5 - 0.47 * (column - middle) / half))
        points = " ".join(f"{LEFT + a:.1f},{TOP + b:.1f}" for a, b in zip(x, y, strict=True))
        drawn.append(f'<polyline points="{points}" stroke="{colour}" stroke-width="1.2" fill="none"/>')
    return _picture(drawn, height, span, (f"{high:.4g}", what, f"{low:.4g}" if low < high else ""))


def _part(t: Array, start: float, stop: float) -> Array:
    """Times as parts of an interval."""
    return (np.asarray(t, dtype=float) - start) / ((stop - start) or 1.0)


def _colours(n: int) -> Sequence[str]:
    return [COLOURS[k % len(COLOURS)] for k in range(n)]


def _thinned(x: Array, y: Array) -> tuple[Array, Array]:
    """What a picture can show of a line: in each column of pixels its lowest and its highest point."""
    kept = np.isfinite(y)
    x, y = x[kept], y[kept]
    if x.size <= 2 * PLOT:
        return x, y
    starts = np.arange(0, x.size, -(-x.size // PLOT))
    edges = np.append(starts[1:], x.size)
    chosen = [
        start + np.sort([y[start:stop].argmin(), y[start:stop].argmax()])
        for start, stop in zip(starts, edges, strict=True)
    ]
    places = np.unique(np.concatenate(chosen))
    return x[places], y[places]


def _picture(
    drawn: Iterable[str],
    height: int,
    span: tuple[float, float],
    labels: tuple[str, str, str],
    note: str = "",
) -> str:
    """What is drawn, with the scales: labels are those above, beside and below at the left side."""
    tall, middle = TOP + height + BELOW, TOP + height / 2
    places = zip(labels, (TOP + 8, middle + 4, TOP + height), strict=True)
    texts = [_text(LEFT - 5, y, label, "end") for label, y in places if label]
    texts += [
        _text(LEFT, tall - 4, f"{span[0]:g}", "start"),
        _text(LEFT + PLOT, tall - 4, f"{span[1]:g} ms", "end"),
    ]
    if note:
        texts.append(_text(LEFT + PLOT / 2, tall - 4, note, "middle"))
    axes = f'<path d="M{LEFT} {TOP}v{height}h{PLOT}" stroke="currentColor" opacity="0.4" fill="none"/>'
    size = f'viewBox="0 0 {WIDTH} {tall}" width="{WIDTH}" height="{tall}"'
    return f'<svg {size} style="max-width: 100%" role="img">{axes}{"".join(drawn)}{" ".join(texts)}</svg>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="11" font-family="sans-serif"'
        f' fill="currentColor">{plain(text)}</text>'
    )
