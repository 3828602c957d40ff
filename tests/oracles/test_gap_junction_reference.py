"""The reference for gap junctions between integrate-and-fire neurons, held to formulas and to what is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import expm

from .gap_junction_reference import Cells, Coincident, Path, by_events, by_steps, lattice

GRID = Cells(lattice(10, 10))
PAIR = Cells(lattice(1, 2))


def start() -> np.ndarray:
    return np.random.RandomState(12345).rand(100) * 10


def test_a_lattice_has_its_neighbours() -> None:
    counts = lattice(10, 10).sum(axis=0).reshape(10, 10)
    assert np.all(counts[1:-1, 1:-1] == 4)
    assert counts[0, 0] == counts[9, 9] == 2
    assert counts[0, 5] == counts[5, 9] == 3
    assert np.flatnonzero(lattice(2, 3)[4]).tolist() == [1, 3, 5]


def test_one_neuron_fires_with_its_period() -> None:
    alone = by_events(Cells(np.zeros((1, 1))), np.array([0.0]), 100, "lost")
    period = 10 * np.log(12 / 2)
    assert [t for t, _ in alone.spikes] == pytest.approx(period * np.arange(1, 6), abs=1e-12)
    assert alone.v[0] == pytest.approx(12 * -np.expm1(-(100 - 5 * period) / 10), abs=1e-12)
    assert alone.triggered == 0


def test_between_spikes_it_is_the_matrix_exponential() -> None:
    v = start() / 2
    after = by_events(GRID, v, 2.5, "lost")
    assert not after.spikes
    expected = 12 + expm(-0.25 * GRID.conductances()) @ (v - 12)  # 12 everywhere is at rest
    assert after.v == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("coincident", "begins"), [("lost", 0.0), ("kept", 0.5)])
def test_two_alike_push_each_other(coincident: Coincident, begins: float) -> None:
    """Both spike at once, or one just before the other; both start from the same value, and no current flows."""
    found = by_events(PAIR, np.array([2.0, 2.0 - 1e-9]), 60, coincident)
    first, period = 10 * np.log(10 / 2), 10 * np.log((12 - begins) / 2)
    times = first + period * np.arange(3)
    if (
        coincident == "kept"
    ):  # what the first sends is in the second before that spikes, and is gone with its reset
        assert [k for _, k in found.spikes[:2]] == [0, 1]
        assert found.spikes[0][0] == found.spikes[1][0] == pytest.approx(first, abs=1e-8)
        assert (
            found.spikes[2][1] == 0
        )  # the first got a push after its spike, so it leads by half a millivolt
        assert found.spikes[2][0] < times[1] + 1
        return
    assert [t for t, _ in found.spikes] == pytest.approx(np.repeat(times, 2), abs=1e-7)
    assert found.triggered == 3


def test_a_cascade_goes_round_by_round() -> None:
    row = Cells(lattice(1, 5))
    v = np.array([10.1, 9.8, 9.2, 9.7, 10.2])
    lost, rounds = row.cascade(v, np.array([0, 4]), "lost")
    assert [r.tolist() for r in rounds] == [[0, 4], [1, 3], [2]]  # the middle one needs both
    assert lost.tolist() == [0, 0, 0, 0, 0]
    kept, _ = row.cascade(v, np.array([0, 4]), "kept")
    assert kept.tolist() == [0.5, 0.5, 0, 0.5, 0.5]  # each got back what came after its own spike


def test_a_neuron_that_only_touches_the_threshold_on_its_way_is_seen() -> None:
    """Its maximum lies between the times that are looked at."""
    cells = Cells(lattice(1, 2), current=0, coupling=1.0, threshold=1.0)
    v = np.array(
        [0.5, 3.0]
    )  # sum and difference decay with rates 1 and 3: exact maximum of the first neuron
    plus, minus = 3.5 / 2, 2.5 / 2
    top = 10 * np.log(3 * minus / plus) / 2
    value = plus * np.exp(-top / 10) - minus * np.exp(-3 * top / 10)
    for level, spikes in ((value - 1e-5, True), (value + 1e-5, False)):
        rates, modes = np.linalg.eigh(cells.conductances() / 10)
        path = Path(np.zeros(2), modes, rates, modes.T @ v)
        path_of_one = Path(np.zeros(1), modes[:1], rates, path.weights)
        found = path_of_one.first_above(level, 50)
        assert (found is not None) == spikes
        if found is not None:
            assert 0 < top - found[0] < 0.2


@pytest.mark.parametrize(("coincident", "spikes", "triggered"), [("lost", 552, 536), ("kept", 586, 567)])
def test_the_grid(coincident: Coincident, spikes: int, triggered: int) -> None:
    """Counts of an earlier program for the same, written by others."""
    found = by_events(GRID, start(), 100, coincident)
    assert (len(found.spikes), found.triggered) == (spikes, triggered)
    assert np.all(np.diff([t for t, _ in found.spikes]) >= 0)


@pytest.mark.parametrize("coincident", ["lost", "kept"])
def test_small_steps_come_to_the_same(coincident: Coincident) -> None:
    exact = by_events(GRID, start(), 30, coincident)
    for dt in (0.02, 0.005):
        steps, silent = by_steps(GRID, start(), 30, dt, coincident)
        assert silent == 0
        assert sorted(k for _, k in steps.spikes) == sorted(k for _, k in exact.spikes)
        assert np.abs(times_of(steps.spikes) - times_of(exact.spikes)).max() < 2 * dt


def times_of(spikes: list[tuple[float, int]]) -> np.ndarray:
    """Times, neuron by neuron."""
    return np.array([t for t, _ in sorted(spikes, key=lambda s: (s[1], s[0]))])


@pytest.mark.parametrize(("dt", "spikes", "silent"), [(0.1, 557, 23), (0.01, 585, 5)])
def test_the_ordinary_order_is_that_of_brian2(dt: float, spikes: int, silent: int) -> None:
    """Spikes, and records above the threshold without one, as Brian2 2.11 gives them."""
    found, seen = by_steps(GRID, start(), 100, dt, "ordinary")
    assert (len(found.spikes), seen) == (spikes, silent)


def test_a_hundred_pairs() -> None:
    """The first neuron spikes; the second is half a millivolt below the threshold at most: it must spike with it."""
    at_once, lost = 0, 0
    for v in np.linspace(9.5, 9.999, 100):
        begin = np.array([9.9999, v])
        spikes = by_events(PAIR, begin, 0.2, "lost").spikes
        at_once += len(spikes) == 2 and spikes[0][0] == spikes[1][0]
        lost += len(by_steps(PAIR, begin, 0.2, 0.1, "ordinary")[0].spikes) == 1
    assert (at_once, lost) == (100, 11)  # Brian2 2.11 loses 11 of them with steps of 0.1 ms
