"""What tests of inputs look at: spike trains as arrays of steps, intervals and counts."""

from __future__ import annotations

from typing import Any

import numpy as np

import numpybrain as nb


def recorded(source: Any, duration: float, *others: Any, dt: float = 0.1) -> tuple[nb.Monitor, nb.Network]:
    """Spikes of a source that has run alone, or with others, for some ms."""
    spikes = nb.Monitor(source, "spikes")
    net = nb.Network(source, spikes, *others, dt=dt)
    net.run(duration)
    return spikes, net


def steps(spikes: nb.Monitor, dt: float = 0.1) -> np.ndarray:
    return np.rint(spikes.t / dt).astype(int)


def intervals(spikes: nb.Monitor, dt: float = 0.1) -> np.ndarray:
    """Intervals between spikes of a neuron, of all neurons, in steps."""
    order = np.lexsort((spikes.t, spikes.i))
    i, k = spikes.i[order], steps(spikes, dt)[order]
    return np.diff(k)[np.diff(i) == 0]


def counts(spikes: nb.Monitor, n: int, window: float, duration: float) -> np.ndarray:
    """Spikes of each neuron in each window, shape (n, n_windows)."""
    table = np.zeros((n, round(duration / window)), dtype=int)
    np.add.at(table, (spikes.i, (spikes.t // window).astype(int)), 1)
    return table


def same(one: nb.Monitor, other: nb.Monitor) -> bool:
    return np.array_equal(one.t, other.t) and np.array_equal(one.i, other.i)
