"""Brownian paths that a test prescribes: a stand-in for the random stream of a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

import numpybrain as nb

HALVES = "exponential_midpoint_maruyama"  # draws a number for each half of a step


class Replay:
    """Gives prescribed numbers, in order, where a group asks for normal ones."""

    bit_generator = np.random.PCG64DXSM(0)  # whose state is kept where a run begins

    def __init__(self, rows: Iterable[np.ndarray]) -> None:
        self.rows = iter(rows)

    def standard_normal(self, size: int) -> np.ndarray:
        row = np.array(next(self.rows), dtype=float)
        assert row.shape == (size,)
        return row


def prescribe(cells: nb.Neurons, rows: Iterable[np.ndarray]) -> Replay:
    """From now on the group draws these numbers."""
    replay = Replay(rows)
    cells.inspect.streams._made["run"] = replay  # type: ignore[assignment]
    return replay


@dataclass(frozen=True)
class Path:
    """Brownian motions B(t) over steps of h: increments, and their integrals I = int (B(s) - B(t)) ds.

    Shapes (noises, steps, paths). `halves` are the increments over both halves of each step.
    """

    h: float
    db: np.ndarray
    integral: np.ndarray
    halves: np.ndarray | None = None

    def coarser(self, m: int) -> Path:
        """The same path, m steps as one."""
        shape = (self.db.shape[0], -1, m, self.db.shape[2])
        db, integral = self.db.reshape(shape), self.integral.reshape(shape)
        before = np.cumsum(db, axis=2) - db  # B at the start of each small step
        halves = None
        if m % 2 == 0:
            halves = db.reshape(shape[0], -1, 2, m // 2, shape[3]).sum(axis=3)
        return Path(self.h * m, db.sum(axis=2), (before * self.h + integral).sum(axis=2), halves)

    def normals(self, *, double: bool = False) -> Iterable[np.ndarray]:
        """What a method draws in each step: z of every noise, then (for double integrals) u of every noise.

        I = h/2 (dB + sqrt(h/3) u): Kloeden & Platen, equation 10.4.3.
        """
        z = self.db / np.sqrt(self.h)
        u = np.sqrt(3) * (2 * self.integral / self.h - self.db) / np.sqrt(self.h)
        for k in range(z.shape[1]):
            yield from z[:, k]
            if double:
                yield from u[:, k]

    def normals_of_halves(self) -> Iterable[np.ndarray]:
        """For both halves of each step, z of every noise."""
        assert self.halves is not None
        z = self.halves / np.sqrt(self.h / 2)
        for k in range(z.shape[1]):
            yield from z[:, k, 0]
            yield from z[:, k, 1]


def path(steps: int, end: float, paths: int, noises: int = 1, seed: int = 1) -> Path:
    rng = np.random.default_rng(seed)
    h = end / steps
    z, u = rng.standard_normal((2, noises, steps, paths))
    return Path(h, np.sqrt(h) * z, h * np.sqrt(h) / 2 * (z + u / np.sqrt(3)))


def solve(
    method: Any, equations: str, brownian: Path, start: dict[str, float], interpretation: str | None = None
) -> nb.Neurons:
    """The values at the end of a path."""
    steps, paths = brownian.db.shape[1:]
    cells = nb.Neurons(paths, equations, method=method, interpretation=interpretation, initial=start)
    rows = brownian.normals_of_halves() if method == HALVES else brownian.normals(double=method == "sra1")
    replay = prescribe(cells, rows)
    nb.Network(cells, dt=brownian.h).run(brownian.h * steps)
    assert next(replay.rows, None) is None  # every number has been drawn
    return cells
