"""Rules of distance: pairs that are far apart are connected less often.

Neurons are sorted into cells of space. In a pair of cells no probability exceeds that at the smallest
distance between the two; with this bound candidates are drawn, and kept with the ratio of their own
probability to the bound. So the result is exact (thinning), and what is far apart costs nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.connect.rule import ConnectionContext, ConnectionRule, Pairs, a_probability, remembered
from numpybrain.errors import ArgumentError, ShapeError, shown
from numpybrain.kernel.variables import Array
from numpybrain.language import language_entry
from numpybrain.utils.arrays import plain
from numpybrain.utils.quantities import is_quantity
from numpybrain.utils.sampling import blocks, choose

MAX_CELLS = 1024  # on each side
PER_CELL = 8  # neurons in a cell, at least, on average

Profile = Callable[[Array], Array]  # squared distances -> probabilities


@remembered
def gaussian(
    position: Any,
    width: Any,
    *,
    p: float = 1.0,
    target: Any = None,
    periodic: Any = None,
    autapses: bool = True,
) -> ConnectionRule:
    """Pairs at distance d with probability `p * exp(-d**2 / (2 * width**2))`; ordered by source.

    Args:
        position: where the neurons are: the name of a variable, or a list of up to three names, one
            for each dimension ("x" or ["x", "y"]); or an array of shape (n,) or (n, dimensions), bare
            or a quantity. Names are looked up in the source and in the target.
        width: the standard deviation; bare it is in the unit of the positions, else "100 um".
        p: the probability at distance 0.
        target: where the neurons of the target are, if that is not the same as for the source.
        periodic: the size of a space without borders (one for all dimensions, or one for each), in
            the unit of the positions or with its own; distances are measured the shorter way round.
        autapses: whether a neuron may be connected to itself.

    Raises:
        UnitError, ShapeError: when it is used, if positions and width or the groups do not fit.
    """
    a_probability(p)

    def make(ends: ConnectionContext) -> Pairs:
        space = _Space(ends, position, target, periodic)
        scale = -0.5 / space.length(width, "the width") ** 2
        profile = functools.partial(_gauss, p, scale)
        return space.connect(profile, profile, autapses=autapses)

    return ConnectionRule("gaussian(...)", make)


@remembered
def exponential(
    position: Any,
    width: Any,
    *,
    p: float = 1.0,
    target: Any = None,
    periodic: Any = None,
    autapses: bool = True,
) -> ConnectionRule:
    """Pairs at distance d with probability `p * exp(-d / width)`; ordered by source.

    Args and errors are those of `gaussian`.
    """
    a_probability(p)

    def make(ends: ConnectionContext) -> Pairs:
        space = _Space(ends, position, target, periodic)
        scale = -1 / space.length(width, "the width")

        def profile(squared: Array) -> Array:
            return p * np.exp(scale * np.sqrt(squared))

        return space.connect(profile, profile, autapses=autapses)

    return ConnectionRule("exponential(...)", make)


@remembered
def difference_of_gaussians(
    position: Any,
    width: Any,
    surround: Any,
    *,
    p: float = 1.0,
    p_surround: float = 0.5,
    target: Any = None,
    periodic: Any = None,
    autapses: bool = True,
) -> ConnectionRule:
    """A Mexican hat: near pairs are connected more often, those a little further away less often.

    The probability at distance d is `p*exp(-d**2/(2*width**2)) - p_surround*exp(-d**2/(2*surround**2))`;
    where that is negative, there are no synapses. Ordered by source.

    Args:
        position: as for `gaussian`.
        width: the standard deviation of the part that connects.
        surround: that of the part that is taken away.
        p: how much the first part is at distance 0.
        p_surround: how much the second is.
        target: as for `gaussian`.
        periodic: as for `gaussian`.
        autapses: whether a neuron may be connected to itself.

    Errors are those of `gaussian`.
    """
    a_probability(p)
    a_probability(p_surround)

    def make(ends: ConnectionContext) -> Pairs:
        space = _Space(ends, position, target, periodic)
        inner = -0.5 / space.length(width, "the width") ** 2
        outer = -0.5 / space.length(surround, "the surround") ** 2
        bound = functools.partial(_gauss, p, inner)

        def profile(squared: Array) -> Array:
            found: Array = np.maximum(bound(squared) - _gauss(p_surround, outer, squared), 0)
            return found

        return space.connect(profile, bound, autapses=autapses)

    return ConnectionRule("difference_of_gaussians(...)", make)


def _gauss(p: float, scale: float, squared: Array) -> Array:
    return p * np.exp(scale * squared)


class _Space:
    """Positions of the neurons of both sides, shapes (n, dimensions), in one unit."""

    def __init__(self, ends: ConnectionContext, position: Any, target: Any, periodic: Any) -> None:
        self.ends = ends
        self.source, self.unit_text = _positions(position, ends, "source", None)
        self.target, _ = _positions(position if target is None else target, ends, "target", self.unit_text)
        dimensions = self.source.shape[1]
        if self.target.shape[1] != dimensions:
            message = "source and target are in spaces of different dimension"
            raise ShapeError(message, detail=f"got {dimensions} and {self.target.shape[1]}")
        self.box = None
        if periodic is not None:
            box = np.asarray(
                language_entry.convert(periodic, self.unit_text, "the size of the space"), dtype=float
            )
            if box.size not in (1, dimensions) or not (box > 0).all():
                message = f"'periodic' is the size of the space, one or {dimensions} positive numbers"
                raise ArgumentError(message, detail=f"got {shown(periodic)}")
            self.box = np.broadcast_to(box, (dimensions,))
            self.source, self.target = self.source % self.box, self.target % self.box

    def length(self, value: Any, what: str) -> float:
        """A length in the unit of the positions."""
        number = language_entry.convert(value, self.unit_text, what)
        if np.ndim(number) or not number > 0 or not math.isfinite(number):
            raise ArgumentError(f"{what} is a positive length (got {shown(value)})")
        return float(number)

    def connect(self, profile: Profile, bound: Profile, *, autapses: bool) -> Pairs:
        """Draw synapses; `bound` is nowhere below `profile` and falls with the distance."""
        ends = self.ends
        near, far = _Cells(self.source), _Cells(self.target)
        found = []
        for a in blocks(np.full(near.size.size, far.size.size)):
            least = self._between(near.low[a], near.high[a], far)
            limit = np.minimum(bound(least), 1.0).ravel()
            trials = np.multiply.outer(near.size[a], far.size).ravel()
            counts = ends.rng.binomial(trials, limit)
            some = counts.nonzero()[0]
            for piece in blocks(counts[some]):
                cells = some[piece]
                rows, places = choose(trials[cells], counts[cells], ends.rng)
                x, y = np.divmod(cells, far.size.size)
                i, j = np.divmod(places, far.size[y][rows])
                i = near.order[near.first[x + a.start][rows] + i]
                j = far.order[far.first[y][rows] + j]
                ratio = limit[cells][rows]
                keep = ends.rng.random(rows.size) * ratio < profile(self._squared(i, j))
                found.append(i[keep] * ends.n_target + j[keep])
        flat = np.sort(np.concatenate([np.empty(0, dtype=np.intp), *found]))
        i, j = np.divmod(flat, ends.n_target)
        return (i, j) if autapses else ends.drop_autapses(i, j)

    def _squared(self, i: Array, j: Array) -> Array:
        away = np.abs(self.source[i] - self.target[j])
        if self.box is not None:
            away = np.minimum(away, self.box - away)
        squared: Array = (away**2).sum(axis=1)
        return squared

    def _between(self, low: Array, high: Array, other: _Cells) -> Array:
        """The square of the smallest distance between boxes, shape (number of these, of others)."""
        total = np.zeros((low.shape[0], other.size.size))
        for k in range(low.shape[1]):
            up = np.subtract.outer(low[:, k], other.high[:, k])
            down = np.subtract.outer(high[:, k], other.low[:, k])
            gap = np.maximum(np.maximum(up, -down), 0)
            if self.box is not None:  # or the other way round
                span = np.maximum(down, -up)  # from the lower end of one to the upper end of the other
                gap = np.minimum(gap, np.maximum(self.box[k] - span, 0))
            total += gap**2
        return total


class _Cells:
    """Neurons in cells of a grid: `order[first[c] : first[c] + size[c]]` are those of cell c.

    `low` and `high` are the corners of the box around them, shape (n_cells, dimensions).
    """

    def __init__(self, position: Array) -> None:
        n, dimensions = position.shape
        wanted = max(1, min(MAX_CELLS, n // PER_CELL))
        across = max(1, int(wanted ** (1 / dimensions) + 1e-9))
        start, stop = position.min(axis=0), position.max(axis=0)
        extent = np.where(stop > start, stop - start, 1)
        at = np.minimum(((position - start) / extent * across).astype(np.intp), across - 1)
        cell = np.ravel_multi_index(tuple(at.T), (across,) * dimensions)
        self.order = np.argsort(cell, kind="stable")
        counts = np.bincount(cell)
        self.size = counts[counts > 0]
        self.first = np.cumsum(self.size) - self.size
        ordered = position[self.order]
        self.low = np.minimum.reduceat(ordered, self.first, axis=0)
        self.high = np.maximum.reduceat(ordered, self.first, axis=0)


def _positions(given: Any, ends: ConnectionContext, side: str, unit_text: str | None) -> tuple[Array, str]:
    """Positions on one side, shape (n, dimensions), in the unit asked for or their own."""
    n = ends.n_source if side == "source" else ends.n_target
    have = ""
    names = [given] if isinstance(given, str) else given
    if isinstance(names, (list, tuple)) and names and all(isinstance(name, str) for name in names):
        columns = []
        for name in names:
            values, have = ends.of_neurons(side, name)
            unit_text = unit_text or have
            columns.append(values * language_entry.factor(have, unit_text, f"the position '{name}'"))
        found = np.stack(columns, axis=1)
    else:
        numbers, have = language_entry.magnitudes(given)
        if unit_text is not None and have != unit_text and is_quantity(given):
            numbers = language_entry.convert(given, unit_text, "the positions")
        unit_text = unit_text or have
        found = plain(numbers, "the positions").astype(float)
        found = found[:, None] if found.ndim == 1 else found
    if found.ndim != 2 or found.shape[0] != n or not 1 <= found.shape[1] <= 3:
        message = f"positions of the {side} have shape ({n},) or ({n}, 1 to 3)"
        raise ShapeError(message, detail=f"got shape {found.shape}")
    if not np.isfinite(found).all():
        raise ArgumentError(f"a position of the {side} is no finite number")
    return found, unit_text or have
