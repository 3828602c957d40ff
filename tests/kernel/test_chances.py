"""Spikes by chance, `rand() < p`: their statistics beside SciPy's, and what they must not depend on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from numpybrain.checkpoints.checkpoint import Part, Snapshot

STEPS = 20_000


def raster(cells: nb.Neurons, duration: Any, **options: Any) -> np.ndarray:
    """Who spiked in which step: booleans of shape (steps, neurons)."""
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, **options)
    net.run(duration)
    found = np.zeros((round(net.t / net.dt), cells.size), dtype=bool)
    found[np.rint(spikes.t / net.dt).astype(int), spikes.i] = True
    assert found.sum() == len(spikes.t)  # nobody twice in one step
    return found


FORMS = {  # threshold -> the probability for p
    "rand() < p": 1.0, "p > rand()": 1.0, "rand() <= p": 1.0, "p >= rand()": 1.0, "2*rand() < p": 0.5,
    "p/2 > rand()": 0.5, "rand() < p*dt/ms": 0.1, "rand() < q": 0.5,
    "rand() < p and i >= 0": 1.0, "not rand() >= p": 1.0, "rand() < p + 1e-9*v": 1.0,
}  # fmt: skip
TESTED = (
    "rand() < p and i >= 0",
    "not rand() >= p",
    "rand() < p + 1e-9*v",
)  # in every step, with a number each


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_spikes_are_as_frequent_as_their_probability(form: str, *, each: bool) -> None:
    nb.seed(11)
    n = 40
    p = np.linspace(0.002, 0.04, n) if each else np.full(n, 0.02)
    cells = nb.Neurons(n, "dv/dt = 1/ms : 1\np : 1\nq = p/2 : 1", threshold=form, p=p if each else 0.02)
    counts = raster(cells, STEPS * 0.1, dt=0.1).sum(axis=0)
    chances = cells.spiking.chances
    assert (chances is not None and chances.is_used) == (form not in TESTED)
    expected = FORMS[form] * p
    chance = stats.binom.cdf(counts, STEPS, expected)
    assert stats.kstest(chance, "uniform").pvalue > 1e-3  # nearly continuous, with counts of 4 and more
    assert stats.binomtest(int(counts.sum()), STEPS * n, float(expected.mean())).pvalue > 1e-3


def test_intervals_are_geometric_and_neurons_independent() -> None:
    nb.seed(12)
    p = np.array([0.05, 0.05, 0.01, 0.05, 0.02])
    cells = nb.Neurons(5, "p : 1", threshold="rand() < p", p=p)
    found = raster(cells, STEPS * 0.1, dt=0.1)
    for neuron, chance in enumerate(p):
        intervals = np.diff(np.flatnonzero(found[:, neuron]))
        edges = np.unique(stats.geom.ppf(np.linspace(0.1, 0.9, 9), chance))
        observed = np.histogram(intervals, [0.5, *(edges + 0.5), np.inf])[0]
        share = np.diff([0, *stats.geom.cdf(edges, chance), 1])
        assert stats.chisquare(observed, share * intervals.size).pvalue > 1e-3
    for a in range(5):
        for b in range(a):
            for shift in (0, 1):
                both = int((found[shift:, a] & found[: STEPS - shift, b]).sum())
                assert stats.binomtest(both, STEPS - shift, float(p[a] * p[b])).pvalue > 1e-4


def cells_by_chance(text: str = "rand() < p", n: int = 300, p: Any = 0.01, **more: Any) -> nb.Neurons:
    return nb.Neurons(n, "p : 1\nv : 1", threshold=text, p=p, name="cells", **more)


@pytest.mark.parametrize("each", [False, True])
def test_a_run_may_be_cut_anywhere(*, each: bool) -> None:
    p: Any = np.linspace(-0.01, 0.03, 300) if each else 0.01
    nb.seed(5)
    whole = raster(cells_by_chance(p=p), 700, dt=0.1)
    for cuts in ([0.1] * 5 + [699.5], [350, 350], [409.5, 290.5], [0, 700]):
        nb.seed(5)
        cells = cells_by_chance(p=p)
        spikes = nb.Monitor(cells, "spikes")
        net = nb.Network(cells, spikes, dt=0.1)
        for part in cuts:
            net.run(part)
        np.testing.assert_array_equal(np.rint(spikes.t / 0.1), np.nonzero(whole)[0])
        np.testing.assert_array_equal(spikes.i, np.nonzero(whole)[1])
    assert not each or not whole[:, :50].any()  # negative chances


def test_a_snapshot_goes_on_with_the_same_spikes() -> None:
    def made() -> tuple[nb.Network, nb.Monitor]:
        cells = cells_by_chance(refractory="3 ms")
        spikes = nb.Monitor(cells, "spikes", name="m")
        return nb.Network(cells, spikes, dt=0.1), spikes

    def seen(spikes: nb.Monitor) -> np.ndarray:
        return np.array([spikes.t, spikes.i])

    nb.seed(6)
    net, spikes = made()
    net.run(12.3)
    saved = net.snapshot()
    net.run(50)
    expected = seen(spikes)

    net.run(7)
    net.restore(saved)
    net.run(50)
    np.testing.assert_array_equal(seen(spikes), expected)

    nb.seed(99)  # another network, made with another seed
    fresh, others = made()
    fresh.restore(saved)
    fresh.run(50)
    np.testing.assert_array_equal(seen(others), expected)


def test_a_salt_that_nobody_drew_is_refused() -> None:
    cells = cells_by_chance()
    net = nb.Network(cells)
    net.run(1)
    snapshot = net.snapshot()
    part = snapshot._parts[0]
    for salt in ("g", "", f"{1 << 63:x}", 4):
        parts = [
            Part(part.fingerprint, {**part.values, "refractory/chances/salt": salt}),
            *snapshot._parts[1:],
        ]
        forged = Snapshot(parts, step=snapshot.step, dt=0.1, records=True, versions={})
        with pytest.raises(nb.CheckpointError, match="nothing has been changed"):
            net.restore(forged)


def test_time_that_starts_anew_brings_new_spikes() -> None:
    nb.seed(7)
    cells = cells_by_chance()
    first, second = raster(cells, 50, dt=0.1), raster(cells, 50, dt=0.1)
    assert (first & second).sum() < 0.1 * first.sum()
    nb.seed(7)
    again = cells_by_chance()
    np.testing.assert_array_equal(raster(again, 50, dt=0.1), first)
    np.testing.assert_array_equal(raster(again, 50, dt=0.1), second)


def test_groups_are_independent() -> None:
    nb.seed(8)
    a, b = nb.Neurons(300, "", threshold="rand() < 0.01"), nb.Neurons(300, "", threshold="rand() < 0.01")
    one, two = nb.Monitor(a, "spikes"), nb.Monitor(b, "spikes")
    nb.Network(a, b, one, two, dt=0.1).run(100)
    both = set(zip(one.t, one.i, strict=True)) & set(zip(two.t, two.i, strict=True))
    assert len(both) < 0.1 * len(one.t)


def assign(cells: nb.Neurons, value: Any) -> Callable[[], None]:
    return lambda: setattr(cells, "p", value)


def assign_some(cells: nb.Neurons, value: Any) -> Callable[[], None]:
    def change() -> None:
        cells.p[150:] = value

    return change


def spikes_of(text: str, look: bool, act: Callable[[nb.Neurons], Any], **more: Any) -> list[np.ndarray]:
    """Spikes of 40 ms, with a Python stage; perhaps a variable has been looked at."""
    nb.seed(16)
    cells = cells_by_chance(text, **more)
    if look:
        assert cells.p.size == 300
    act(cells)
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    for part in (11, 29):
        net.run(part, progress=(lambda _: None) if look else None)
    return [spikes.t, spikes.i]


def set_u(cells: nb.Neurons) -> None:
    cells.at("start", lambda t: setattr(cells, "v", t))


@pytest.mark.parametrize("act", [lambda _: None, lambda cells: cells.at("start", lambda: None), set_u])
@pytest.mark.parametrize("p", [0.01, np.linspace(0, 0.03, 300)])
def test_who_looks_changes_nothing(p: Any, act: Callable[[nb.Neurons], Any]) -> None:
    """Arrays that have been handed out, Python stages, and assignments to other variables."""
    expected = spikes_of("rand() < p", look=False, act=lambda _: None, p=p)
    for look in (False, True):
        np.testing.assert_array_equal(spikes_of("rand() < p", look, act, p=p), expected)


def test_an_array_that_is_taken_in_a_run_may_be_written_to() -> None:
    held: list[np.ndarray] = []

    def act(cells: nb.Neurons) -> None:
        @cells.at("start")
        def change(t: float) -> None:
            if abs(t - 5) < 0.01:
                held.append(cells.p)
            if abs(t - 20) < 0.01:
                held[0][:] = 0.0

    times, _ = spikes_of("rand() < p", look=False, act=act, p=np.full(300, 0.02))
    assert times.max() < 20
    assert times.size > 500


def test_a_chance_that_changes_all_the_time() -> None:
    """Cut or not, it is the same; each neuron as often as its chance says."""

    def run(parts: list[float]) -> np.ndarray:
        nb.seed(17)
        cells = cells_by_chance(p=0.0)
        cells.at("start", lambda t: setattr(cells, "p", 0.02 + 0.02 * np.sin(t / 10)) if t < 60 else None)
        spikes = nb.Monitor(cells, "spikes")
        net = nb.Network(cells, spikes, dt=0.1)
        for part in parts:
            snapshot = net.snapshot()
            net.run(1)  # and back
            net.restore(snapshot)
            net.run(part)
        return np.array([spikes.t, spikes.i])

    whole = run([150])
    np.testing.assert_array_equal(run([30.5, 40, 20, 59.5]), whole)
    counts = np.histogram(whole[0], np.arange(0, 61, 2) - 0.05)[0]
    steps = np.arange(600) * 0.1
    expected = 300 * (0.02 + 0.02 * np.sin(steps / 10)).reshape(30, 20).sum(axis=1)
    assert stats.chisquare(counts, expected * counts.sum() / expected.sum()).pvalue > 1e-3


def test_another_chance_draws_anew() -> None:
    """A p that differs in its last digits only: what follows is independent of what would have followed."""

    def run(change: float) -> set[tuple[float, int]]:
        nb.seed(19)
        cells = cells_by_chance(p=0.02)
        spikes = nb.Monitor(cells, "spikes")
        net = nb.Network(cells, spikes, dt=0.1)
        for part in (10.3, 50.0):  # in the middle of a block
            net.run(part)
            cells.p = 0.02 + change
        return set(zip(spikes.t.tolist(), spikes.i.tolist(), strict=True))

    one, other = run(0.0), run(1e-12)
    before = {s for s in one if s[0] < 10.25}
    assert before == {s for s in other if s[0] < 10.25}
    assert len(before) > 300
    common = len((one & other) - before)
    assert stats.binomtest(common, 300 * 500, 0.02**2).pvalue > 1e-4


def test_functions_and_draws_on_both_sides() -> None:
    nb.seed(18)
    some = nb.Neurons(200, "", threshold="rand() < 0.02*f(i)", f=lambda i: np.where(i >= 100, 1.0, 0.0))
    found = raster(some, 400, dt=0.1)
    assert not found[:, :100].any()
    assert stats.binomtest(int(found.sum()), 100 * 4000, 0.02).pvalue > 1e-3
    twice = nb.Neurons(200, "x = rand() : 1", threshold="x < 0.5*x + 0.01")
    assert stats.binomtest(int(raster(twice, 400, dt=0.1).sum()), 200 * 4000, 0.02).pvalue > 1e-3


@pytest.mark.parametrize("value", [0.0, 0.04, 0.3, 1.0, 2.0, np.nan, np.inf, -1.0])
@pytest.mark.parametrize("change", [assign, assign_some])
@pytest.mark.parametrize("when", ["between runs", "in a run"])
def test_another_chance_counts_from_its_step_on(
    when: str, change: Callable[[nb.Neurons, Any], Callable[[], None]], value: float
) -> None:
    nb.seed(9)
    cells = cells_by_chance(p=np.full(300, 0.01))
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1, check_finite=False)
    act = change(cells, value)
    if when == "in a run":
        cells.at("start", lambda t: act() if abs(t - 100) < 0.01 else None)
        net.run(300)
    else:
        net.run(100)
        act()
        net.run(200)
    after = (spikes.t > 99.95) & (spikes.i >= 150)
    p = min(max(value, 0.0), 1.0) if value == value else 0.0
    assert stats.binomtest(int(after.sum()), 150 * 2000, p).pvalue > 1e-4
    before = spikes.t < 99.95
    assert stats.binomtest(int(before.sum()), 300 * 1000, 0.01).pvalue > 1e-4


@pytest.mark.parametrize("dt", [0.05, 0.1, 0.5])
def test_time_steps(dt: float) -> None:
    nb.seed(10)
    cells = nb.Neurons(200, "rate : Hz", threshold="rand() < rate*dt", rate=50)
    count = raster(cells, 500, dt=dt).sum()
    assert stats.binomtest(int(count), round(200 * 500 / dt), 50 * dt / 1000).pvalue > 1e-3


@pytest.mark.parametrize("n", [1, 3, 2_000_000])
def test_sizes(n: int) -> None:
    """Blocks of the largest number of steps, and of a single one."""
    nb.seed(13)
    steps = 40_000 if n < 10 else 5
    cells = nb.Neurons(n, "", threshold="rand() < 0.01")
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=1).run(steps)
    assert stats.binomtest(len(spikes.t), n * steps, 0.01).pvalue > 1e-4
    assert len(np.unique(spikes.t)) > 4


def test_refractory_neurons_stay_silent() -> None:
    nb.seed(14)
    cells = nb.Neurons(100, "", threshold="rand() < 0.04", refractory="2 ms")
    found = raster(cells, 2000, dt=0.1)
    for neuron in range(100):
        assert np.diff(np.flatnonzero(found[:, neuron])).min(initial=99) >= 20
    rate = 1 / (19 + 1 / 0.04)  # 19 silent steps, then 25 on average
    assert found.mean() == pytest.approx(rate, rel=0.02)


def test_a_chance_that_changes_by_itself() -> None:
    nb.seed(15)
    cells = nb.Neurons(500, "dp/dt = -p/(20*ms) : 1", threshold="rand() < p", initial={"p": 0.04})
    counts = raster(cells, 100, dt=0.1).sum(axis=1)
    expected = 500 * 0.04 * np.exp(-np.arange(1, 1001) * 0.1 / 20)
    assert (
        stats.chisquare(
            counts.reshape(20, 50).sum(axis=1),
            expected.reshape(20, 50).sum(axis=1) * counts.sum() / expected.sum(),
        ).pvalue
        > 1e-3
    )
    assert stats.poisson(expected.sum()).cdf(counts.sum()) == pytest.approx(0.5, abs=0.499)
