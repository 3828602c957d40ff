"""Phase plane of a model of two variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numpybrain.analysis import FixedPoint, fixed_points, nullclines, vector_field
from numpybrain.dynamics.equilibria import system_of
from numpybrain.errors import ArgumentError


@dataclass(frozen=True)
class PhasePlane:
    """Phase plane of two variables.

    Attributes:
        x, y: positions of the grid, shapes (n_x,) and (n_y,), in declared units.
        dx, dy: derivatives on it per ms, shape (n_y, n_x).
        nullclines: segments on which dx/dt is 0, and on which dy/dt is 0, each of shape (n, 2, 2).
        fixed_points: equilibria in the rectangle, from left to right.
    """

    x: Any
    y: Any
    dx: Any
    dy: Any
    nullclines: tuple[Any, Any]
    fixed_points: list[FixedPoint]


def phase_plane(model: Any, x: Any, y: Any, *, points: int = 200, **parameters: Any) -> PhasePlane:
    """Vector field, nullclines and fixed points of a model with two variables.

    Args:
        model: a model or its name.
        x: (lowest, highest) value of the first variable.
        y: the same of the second one.
        points: of the grid, in each direction.
        **parameters: values in place of defaults.
    """
    system = system_of(model, (), parameters)
    if len(system.variables) != 2:
        message = f"a phase plane has two variables ('{system.name}' has {len(system.variables)})"
        raise ArgumentError(message, help="nb.plot.phase_plane draws two of them, the others held")
    pairs = zip(system.variables, (x, y), strict=True)
    ends = ((system.number(n, low), system.number(n, high)) for n, (low, high) in pairs)
    first, second = (np.linspace(low, high, points) for low, high in ends)

    def field(a: Any, b: Any) -> tuple[Any, Any]:
        found = system(np.stack([a, b]))
        return found[0], found[1]

    dx, dy = vector_field(field, first, second)
    lines, points_at_rest = nullclines(field, first, second), fixed_points(field, first, second)
    return PhasePlane(first, second, dx, dy, lines, points_at_rest)
