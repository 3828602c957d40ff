"""Phase plane of two differential equations: vector field, nullclines, fixed points and their stability.

The equations are a function f(x, y) of arrays of one shape that gives the pair (dx/dt, dy/dt) of arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.analysis.spike_arrays import Array
from numpybrain.errors import ShapeError

Field = Callable[[Array, Array], tuple[Any, Any]]

HALVINGS = 40  # of an edge of the grid on which a nullcline is looked for
ITERATIONS = 50  # of Newton's method
CLOSE = 1e-6  # of the ranges: fixed points that are nearer are one
STEP = 1e-6  # of the ranges, of numerical derivatives


@dataclass(frozen=True)
class FixedPoint:
    """Point at which nothing changes.

    Attributes:
        x, y: where it is.
        eigenvalues: of the Jacobian matrix there, shape (2,), in 1/ms if the field is per ms.
    """

    x: float
    y: float
    eigenvalues: Array

    @property
    def is_stable(self) -> bool:
        """Whether what is near comes nearer."""
        return bool(self.eigenvalues.real.max() < 0)

    @property
    def kind(self) -> str:
        """The kind of fixed point: "node", "focus", "saddle" or "centre"."""
        real = self.eigenvalues.real
        if abs(self.eigenvalues.imag).max() > 0:
            return "focus" if abs(real).max() > 0 else "centre"
        return "saddle" if real.min() < 0 < real.max() else "node"


def vector_field(field: Field, x: Any, y: Any) -> tuple[Array, Array]:
    """Derivatives at the points of a grid.

    Args:
        field: the equations, (x, y) -> (dx/dt, dy/dt).
        x: ascending positions, shape (n_x,).
        y: ascending positions, shape (n_y,).

    Returns:
        dx/dt and dy/dt, both of shape (n_y, n_x).

    Raises:
        ShapeError: if positions are not ascending, or the field gives no pair of fitting arrays.
    """
    x, y = (_ascending(values, name) for values, name in ((x, "x"), (y, "y")))
    return _evaluated(field, *np.meshgrid(x, y))


def nullclines(field: Field, x: Any, y: Any) -> tuple[Array, Array]:
    """Nullclines, where x and where y stands still, as segments of lines (marching squares).

    Where a derivative changes its sign along an edge of the grid, the place is found by bisection: the
    ends of the segments lie on the nullcline to rounding, however coarse the grid.

    Args:
        field: the equations, (x, y) -> (dx/dt, dy/dt).
        x: ascending positions, shape (n_x,): the columns of the grid.
        y: ascending positions, shape (n_y,): its rows.

    Returns:
        Segments on which dx/dt is 0, and on which dy/dt is 0, each of shape (n_segments, 2, 2): end of
        the segment, and x or y.

    Raises:
        ShapeError: as of `vector_field`.
    """
    x, y = (_ascending(values, name) for values, name in ((x, "x"), (y, "y")))
    values = vector_field(field, x, y)
    return _segments(field, 0, values[0], x, y), _segments(field, 1, values[1], x, y)


def fixed_points(field: Field, x: Any, y: Any) -> list[FixedPoint]:
    """Fixed points in a rectangle, from left to right, by Newton's method from where both signs change.

    Args:
        field: the equations, (x, y) -> (dx/dt, dy/dt).
        x: ascending positions, shape (n_x,): the columns of a grid, fine enough to tell fixed points apart.
        y: ascending positions, shape (n_y,): its rows.

    Raises:
        ShapeError: as of `vector_field`.
    """
    x, y = (_ascending(values, name) for values, name in ((x, "x"), (y, "y")))
    crossed = np.ones((y.size - 1, x.size - 1), dtype=bool)
    for values in vector_field(field, x, y):
        positive = values > 0
        corners = np.stack([positive[:-1, :-1], positive[1:, :-1], positive[:-1, 1:], positive[1:, 1:]])
        crossed &= corners.any(axis=0) & ~corners.all(axis=0)
    rows, columns = crossed.nonzero()
    point = np.stack([(x[:-1] + x[1:])[columns] / 2, (y[:-1] + y[1:])[rows] / 2])
    scale = np.array([[np.ptp(x)], [np.ptp(y)]])
    for _ in range(ITERATIONS):
        point = point - _newton(field, point, scale)
    inside = np.isfinite(point).all(axis=0)
    inside &= (point[0] >= x[0]) & (point[0] <= x[-1]) & (point[1] >= y[0]) & (point[1] <= y[-1])
    still = np.abs(_newton(field, point, scale) / scale).max(axis=0, initial=0) < CLOSE
    found: list[FixedPoint] = []
    for place in point[:, inside & still].T[np.argsort(point[0, inside & still], kind="stable")]:
        if all(np.abs((place - (p.x, p.y)) / scale[:, 0]).max() > CLOSE for p in found):
            matrix = _jacobian(field, place[:, None], scale)[0]
            found.append(FixedPoint(float(place[0]), float(place[1]), np.linalg.eigvals(matrix)))
    return found


def _ascending(values: Any, name: str) -> Array:
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or found.size < 2 or not (np.diff(found) > 0).all():
        message = f"a phase plane needs ascending positions '{name}' (got shape {found.shape})"
        raise ShapeError(message, help="such as np.linspace(-2, 2, 50)")
    return found


def _evaluated(field: Field, x: Array, y: Array) -> tuple[Array, Array]:
    """The derivatives at points; a constant one holds for all."""
    with np.errstate(all="ignore"):
        found = field(x, y)
    try:
        dx, dy = (np.broadcast_to(np.asarray(part, dtype=float), x.shape) for part in found)
    except (TypeError, ValueError):
        message = "the field of a phase plane gives the pair (dx/dt, dy/dt), each of the shape of x"
        raise ShapeError(
            message, help="such as lambda v, w: (v - v**3/3 - w, 0.08*(v + 0.7 - 0.8*w))"
        ) from None
    return dx, dy


def _segments(field: Field, which: int, values: Array, x: Array, y: Array) -> Array:
    """Segments between the edges of the grid on which a derivative changes its sign."""
    positive = values > 0
    across = _crossings(field, which, positive, x, y)  # on horizontal edges, shape (n_y, n_x - 1, 2)
    along = _crossings(field, which, positive.T, x, y, turned=True).transpose(1, 0, 2)  # on vertical ones
    ends = np.stack(
        [across[:-1], along[:, 1:], across[1:], along[:, :-1]], axis=2
    )  # below, right, above, left
    known = np.isfinite(ends[..., 0])
    number = known.sum(axis=2)
    simple: Array = ends[number == 2][known[number == 2]].reshape(-1, 2, 2)
    saddles = ends[number == 4]
    if not saddles.size:
        return simple
    row, column = (number == 4).nonzero()
    middle = _evaluated(field, (x[:-1] + x[1:])[column] / 2, (y[:-1] + y[1:])[row] / 2)[which] > 0
    joined = middle == positive[:-1, :-1][row, column]  # the lower left corner is on the side of the middle
    pairs = np.where(joined[:, None], [[0, 1, 2, 3]], [[0, 3, 1, 2]])
    both = np.take_along_axis(saddles, pairs[..., None], axis=1)
    found: Array = np.concatenate([simple, both.reshape(-1, 2, 2)])
    return found


def _crossings(
    field: Field, which: int, positive: Array, x: Array, y: Array, *, turned: bool = False
) -> Array:
    """Where the sign changes on the edges of the last axis, shape (..., 2); NaN where it does not."""
    changed = positive[:, 1:] != positive[:, :-1]
    line, edge = changed.nonzero()
    other, own = (x, y) if turned else (y, x)
    low, high, still = own[edge], own[edge + 1], other[line]
    first = positive[line, edge]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        at = (still, middle) if turned else (middle, still)
        same = (_evaluated(field, *at)[which] > 0) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    found = np.full((*changed.shape, 2), np.nan)
    place = (low + high) / 2
    found[line, edge] = np.stack([still, place] if turned else [place, still], axis=1)
    return found


def _jacobian(field: Field, point: Array, scale: Array) -> Array:
    """Jacobian matrices at points of shape (2, n), by central differences, shape (n, 2, 2)."""
    columns = []
    for axis in range(2):
        step = np.zeros((2, 1))
        step[axis] = STEP * scale[axis]
        ahead, behind = _evaluated(field, *(point + step)), _evaluated(field, *(point - step))
        columns.append((np.stack(ahead) - np.stack(behind)) / (2 * step[axis]))
    return np.stack(columns, axis=-1).transpose(1, 0, 2)


def _newton(field: Field, point: Array, scale: Array) -> Array:
    """Steps of Newton's method, shape (2, n); NaN where there is none."""
    matrix = _jacobian(field, point, scale)
    value = np.stack(_evaluated(field, *point))
    with np.errstate(all="ignore"):
        determinant = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
        first = matrix[:, 1, 1] * value[0] - matrix[:, 0, 1] * value[1]
        second = matrix[:, 0, 0] * value[1] - matrix[:, 1, 0] * value[0]
        return np.stack([first, second]) / np.where(determinant == 0, np.nan, determinant)
