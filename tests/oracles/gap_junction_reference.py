"""Integrate-and-fire neurons with gap junctions, without NumpyBrain: by events, and by fixed steps.

The model: tau dv/dt = current - v + coupling * sum over partners (v_partner - v). A neuron that exceeds the
threshold spikes, pushes each of its partners by `spikelet` at once, and starts again from 0. So one spike may set
off others at the same instant; each neuron spikes once at most in an instant. What reaches a neuron that has
spiked in this instant is lost, or is kept: then the neuron starts again from what it got.

By events: between spikes the model is linear, so the solution is a matrix exponential (of a symmetric matrix, by its
eigenvectors), and the next spike is the root of a smooth function. No time step enters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq

Coincident = Literal["lost", "kept"]
Spike = tuple[float, int]


@dataclass(frozen=True)
class Cells:
    """Neurons, who is coupled to whom (a symmetric matrix of 0 and 1), and the numbers of the model."""

    partners: np.ndarray
    current: float = 12.0
    coupling: float = 1.0
    spikelet: float = 0.5
    tau: float = 10.0  # ms
    threshold: float = 10.0

    def conductances(self) -> np.ndarray:
        """The matrix M of tau dv/dt = current - M v."""
        partners = self.partners
        return np.eye(len(partners)) + self.coupling * (np.diag(partners.sum(axis=0)) - partners)

    def cascade(
        self, v: np.ndarray, first: np.ndarray, coincident: Coincident
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """What follows from spikes at one instant: the state after it, and who spiked in which round."""
        v, late = v.copy(), np.zeros(len(v))
        fired, rounds = np.zeros(len(v), dtype=bool), []
        new = np.asarray(first)
        while new.size:
            rounds.append(new)
            fired[new] = True
            push = self.spikelet * self.partners[new].sum(axis=0)
            v += np.where(fired, 0, push)
            late += np.where(fired, push, 0)
            new = np.flatnonzero((v > self.threshold) & ~fired)
        return np.where(fired, late if coincident == "kept" else 0, v), rounds


@dataclass
class Outcome:
    """Spikes in order, how many of them were set off by others, and the state at the end."""

    spikes: list[Spike]
    triggered: int
    v: np.ndarray


def lattice(rows: int, columns: int) -> np.ndarray:
    """Who is a neighbour of whom (up to 4 each, no wrapping), row by row."""
    index = np.arange(rows * columns).reshape(rows, columns)
    partners = np.zeros((rows * columns, rows * columns))
    for a, b in ((index[:, :-1], index[:, 1:]), (index[:-1], index[1:])):
        partners[a.ravel(), b.ravel()] = partners[b.ravel(), a.ravel()] = 1
    return partners


def by_events(cells: Cells, v: np.ndarray, duration: float, coincident: Coincident) -> Outcome:
    """The true course of things: spike after spike, without a time step."""
    matrix = cells.conductances()
    rates, modes = np.linalg.eigh(matrix / cells.tau)
    rest = np.linalg.solve(matrix, np.full(len(v), cells.current))
    now, found = 0.0, Outcome([], 0, np.array(v, dtype=float))
    while True:
        weights = modes.T @ (found.v - rest)
        path = Path(rest, modes, rates, weights)
        crossing = path.first_above(cells.threshold, duration - now)
        if crossing is None:
            found.v = path.at(duration - now)
            return found
        wait, who = crossing
        now += wait
        found.v, rounds = cells.cascade(path.at(wait), np.array([who]), coincident)
        found.spikes += [(now, int(k)) for k in np.sort(np.concatenate(rounds))]
        found.triggered += sum(r.size for r in rounds[1:])


@dataclass
class Path:
    """v(t) = rest + modes @ (weights * exp(-rates * t)), all neurons; t from the last spike."""

    rest: np.ndarray
    modes: np.ndarray
    rates: np.ndarray
    weights: np.ndarray

    def at(self, t: float) -> np.ndarray:
        return self.rest + self.modes @ (self.weights * np.exp(-self.rates * t))

    def one(self, k: int, t: float) -> float:
        return float(self.rest[k] + self.modes[k] @ (self.weights * np.exp(-self.rates * t)))

    def slope(self, k: int, t: float) -> float:
        return float(-self.modes[k] @ (self.rates * self.weights * np.exp(-self.rates * t)))

    def first_above(
        self, level: float, limit: float, width: float = 0.1, many: int = 20
    ) -> tuple[float, int] | None:
        """When the first neuron exceeds the level, and which; None if that is not before `limit`.

        Intervals of `width` are searched: a neuron that is above at the end of one has a root in it, and so may one that
        has its maximum inside.
        """
        begin = 0.0
        while begin < limit:
            t = begin + width * np.arange(many + 1)
            decay = np.exp(-self.rates[:, None] * t)
            v = self.rest[:, None] + self.modes @ (self.weights[:, None] * decay)
            slope = -self.modes @ ((self.rates * self.weights)[:, None] * decay)
            above = v[:, 1:] > level
            turns = (slope[:, :-1] > 0) & (slope[:, 1:] < 0) & ~above
            for m in np.flatnonzero((above | turns).any(axis=0)):
                ends = [(k, t[m + 1]) for k in np.flatnonzero(above[:, m])]
                for k in np.flatnonzero(turns[:, m]):
                    top = brentq(lambda x, k=k: self.slope(k, x), t[m], t[m + 1], xtol=1e-13)
                    if self.one(k, top) > level:
                        ends.append((k, top))
                roots = [
                    (brentq(lambda x, k=k: self.one(k, x) - level, t[m], end, xtol=1e-13), int(k))
                    for k, end in ends
                ]
                if roots:
                    root = min(roots)
                    return root if root[0] < limit else None
            begin = t[-1]
        return None


def by_steps(
    cells: Cells,
    v: np.ndarray,
    duration: float,
    dt: float,
    order: Coincident | Literal["ordinary"],
    noise: np.random.Generator | None = None,
) -> tuple[Outcome, int]:
    """Euler's method with fixed steps, and in how many records v was above the threshold without a spike.

    "ordinary" is the order of a clock-driven simulator: integrate, find spikes, push, reset. A spike is told at the
    beginning of its step. The count is that of neurons above the threshold at the begin of a step, after the reset of
    the step before, in whose step they do not spike. With noise, the current is 12 + sqrt(1 ms) times white noise.
    """
    matrix = cells.conductances()
    found = Outcome([], 0, np.array(v, dtype=float))
    silent = 0
    for step in range(round(duration / dt)):
        was_above = found.v > cells.threshold
        v = found.v + dt / cells.tau * (cells.current - matrix @ found.v)
        if noise is not None:
            v += np.sqrt(dt) / cells.tau * noise.standard_normal(v.size)
        first = np.flatnonzero(v > cells.threshold)
        if order == "ordinary":
            v = v + cells.spikelet * cells.partners[first].sum(axis=0)
            v[first] = 0
            rounds = [first]
        else:
            v, rounds = cells.cascade(v, first, order)
        found.v = v
        spikes = np.sort(np.concatenate([*rounds, np.empty(0, dtype=int)])).astype(int)
        found.spikes += [(step * dt, int(k)) for k in spikes]
        found.triggered += sum(r.size for r in rounds[1:])
        was_above[spikes] = False
        silent += int(was_above.sum())
    return found, silent
