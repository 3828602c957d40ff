"""Rules of neighbourhood: grids and rings. Every neuron is connected to those around it."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.connect.rule import (
    ConnectionContext,
    ConnectionRule,
    Pairs,
    is_number,
    remembered,
    whole_number,
)
from numpybrain.errors import ArgumentError, ShapeError, shown
from numpybrain.kernel.variables import Array

SHAPES = ("square", "diamond", "circle")


@remembered
def grid4(rows: int, columns: int, *, periodic: bool = False, autapses: bool = False) -> ConnectionRule:
    """Each neuron of a grid to the four that are next to it; ordered by source, then target.

    Args are those of `grid_n`.
    """
    rule = grid_n(rows, columns, 1, shape="diamond", periodic=periodic, autapses=autapses)
    return ConnectionRule(f"grid4({rows}, {columns})", rule.make)


@remembered
def grid8(rows: int, columns: int, *, periodic: bool = False, autapses: bool = False) -> ConnectionRule:
    """Each neuron of a grid to the eight around it; ordered by source, then target.

    Args are those of `grid_n`.
    """
    rule = grid_n(rows, columns, 1, periodic=periodic, autapses=autapses)
    return ConnectionRule(f"grid8({rows}, {columns})", rule.make)


@remembered
def grid_n(
    rows: int,
    columns: int,
    radius: float,
    *,
    shape: str = "square",
    periodic: bool = False,
    autapses: bool = False,
) -> ConnectionRule:
    """Each neuron of a grid to its neighbours within a radius; ordered by source, then target.

    Neuron k stands in row k // columns and column k % columns; source and target are both of
    rows*columns neurons.

    Args:
        rows: of the grid.
        columns: of the grid.
        radius: how far, in steps of the grid.
        shape: what lies within the radius: a "square" (neither row nor column is further), a "diamond"
            (row and column together are not), or a "circle".
        periodic: the first row is next to the last, and the first column next to the last.
        autapses: whether the neuron itself is one of its neighbours.

    Raises:
        ShapeError: when it is used, if a group has another size.
    """
    n_rows, n_columns = (
        whole_number(rows, "a number of rows", 1),
        whole_number(columns, "a number of columns", 1),
    )
    if not is_number(radius) or not 0 <= radius < np.inf:
        raise ArgumentError(f"a radius is a number, at least 0 (got {shown(radius)})")
    if shape not in SHAPES:
        raise ArgumentError(
            f"the shape of a neighbourhood is one of {', '.join(SHAPES)} (got {shown(shape)})"
        )

    def make(ends: ConnectionContext) -> Pairs:
        for n, what in ((ends.n_source, "source"), (ends.n_target, "target")):
            if n != n_rows * n_columns:
                message = f"a grid of {n_rows} x {n_columns} has {n_rows * n_columns} neurons"
                raise ShapeError(message, detail=f"the {what} has {n}")
        down, right = _neighbourhood(n_rows, n_columns, radius, shape, periodic=periodic)
        if not autapses:
            other = (down != 0) | (right != 0)
            down, right = down[other], right[other]
        row, column = np.divmod(np.arange(n_rows * n_columns, dtype=np.intp)[:, None], n_columns)
        y, x = row + down, column + right
        if periodic:
            j = np.sort((y % n_rows) * n_columns + x % n_columns, axis=1)
            return np.repeat(np.arange(j.shape[0], dtype=np.intp), j.shape[1]), j.ravel()
        inside = (y >= 0) & (y < n_rows) & (x >= 0) & (x < n_columns)
        return inside.nonzero()[0], (y * n_columns + x)[inside]

    return ConnectionRule(f"grid_n({n_rows}, {n_columns}, {radius:g})", make)


def _neighbourhood(n_rows: int, n_columns: int, radius: float, shape: str, *, periodic: bool) -> Pairs:
    """Steps down and to the right, in order; on a grid without borders each place once."""
    reach = int(radius)
    y, x = (np.arange(-min(reach, n - 1), min(reach, n - 1) + 1) for n in (n_rows, n_columns))
    down, right = (part.ravel() for part in np.meshgrid(y, x, indexing="ij"))
    if shape == "diamond":
        keep = np.abs(down) + np.abs(right) <= radius
    elif shape == "circle":
        keep = down**2 + right**2 <= radius**2
    else:
        keep = np.ones(down.size, dtype=bool)
    down, right = down[keep], right[keep]
    if periodic:
        places = np.unique((down % n_rows) * n_columns + right % n_columns)
        return np.divmod(places, n_columns)
    return down, right


@remembered
def ring(k: int, *, autapses: bool = False) -> ConnectionRule:
    """Each neuron of a ring to its `k` neighbours on each side; ordered by source, then target.

    The last neuron is next to the first. Where the two sides meet, a neighbour is connected once.

    Args:
        k: how many on each side.
        autapses: whether the neuron itself is one of its neighbours.

    Raises:
        ShapeError: when it is used, if source and target differ in size.
    """
    reach = whole_number(k, "a number of neighbours")

    def make(ends: ConnectionContext) -> Pairs:
        n = ends.one_size("a ring")
        j = np.sort(
            (np.arange(n, dtype=np.intp)[:, None] + _steps(n, reach, autapses=autapses)) % n, axis=1
        )
        return np.repeat(np.arange(n, dtype=np.intp), j.shape[1]), j.ravel()

    return ConnectionRule(f"ring({reach})", make)


def _steps(n: int, reach: int, *, autapses: bool) -> Array:
    """The steps to neighbours on a ring, each place once."""
    reach = min(reach, n)
    steps: Array = np.unique(np.arange(-reach, reach + 1) % n)
    return steps if autapses else steps[steps != 0]


def both_ways(pairs: Any, n: int) -> Pairs:
    """Edges without direction as synapses in both directions, ordered by source, then target."""
    edges = np.asarray(pairs, dtype=np.intp).reshape(-1, 2)
    flat = np.concatenate([edges[:, 0] * n + edges[:, 1], edges[:, 1] * n + edges[:, 0]])
    flat.sort()
    i, j = np.divmod(flat, max(n, 1))
    return i, j
