"""Given spikes: those of a loop over all times, in every form in which they can be said; periods; what is refused."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.units import ms, second
from tests.faults.packages import LIKE
from tests.inputs.trains import recorded, steps


def pairs(spikes: nb.Monitor) -> list[tuple[int, int]]:
    return list(zip(steps(spikes).tolist(), spikes.i.tolist(), strict=True))


@pytest.mark.parametrize(
    "t",
    [[5, 1, 3.5], np.array([5, 1, 3.5]), [5, 1, 3.5] * ms, [0.005, 0.001, 0.0035] * second, ["5 ms", "1 ms", "3.5e-3 s"],
     [5 * ms, 1 * ms, "3.5 ms"], (5, 1, 3.5)],
    ids=str,
)  # fmt: skip
def test_times_in_all_forms(t: Any) -> None:
    source = nb.inputs.SpikeTimes([0, 2, 1], t)
    spikes, _ = recorded(source, 10)
    assert pairs(spikes) == [(10, 2), (35, 1), (50, 0)]
    assert source.size == 3
    assert [x.tolist() for x in source.given] == [[2, 1, 0], [1.0, 3.5, 5.0]]
    assert "spikes=3" in repr(source)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 99)), max_size=30, unique=True),
    st.one_of(st.none(), st.integers(100, 150)),
    st.integers(1, 60),
)
def test_a_loop_over_all_spikes(found: list[tuple[int, int]], period: int | None, part: int) -> None:
    """Every spike once, or once in each period, however the time is cut into runs."""
    i, k = ([x for x, _ in found], [y for _, y in found])
    source = nb.inputs.SpikeTimes(
        i, np.array(k) * 0.1, n=5, period=None if period is None else f"{period / 10} ms"
    )
    spikes = nb.Monitor(source, "spikes")
    net = nb.Network(source, spikes)
    net.run(part * 0.1)
    net.run((400 - part) * 0.1)
    again = 1 if period is None else 5
    wanted = [(s + c * (period or 0), x) for x, s in found for c in range(again)]
    assert pairs(spikes) == sorted(p for p in wanted if p[0] < 400)


def test_steps_are_those_of_brian2() -> None:
    """A spike at k*dt <= t < (k + 1)*dt comes at k*dt; what is a thousandth of a step before k*dt is at k*dt."""
    t = [0.0, 0.09, 0.1, 0.19, 0.3, 0.39999, 0.5]
    spikes, _ = recorded(nb.inputs.SpikeTimes(range(7), t), 1)
    assert steps(spikes).tolist() == [int((x + 1e-3 * 0.1) / 0.1) for x in t]
    for dt in (0.1, 0.05, 0.3):
        k = np.arange(1000)
        spikes, _ = recorded(nb.inputs.SpikeTimes(0, k * dt), 1000 * dt, dt=dt)
        assert steps(spikes, dt).tolist() == k.tolist()


def test_two_spikes_of_a_neuron_in_one_step() -> None:
    source = nb.inputs.SpikeTimes([1, 0, 1, 1], [2.02, 2.01, 2.08, 3], name="s")
    with pytest.raises(
        nb.TimeStepError, match="neuron 1 of 's' has two spikes in one step of 0.1 ms"
    ) as error:
        nb.Network(source)
    assert "at 2.02 and 2.08 ms" in str(error.value)
    spikes, _ = recorded(source, 5, dt=0.05)
    assert spikes.count.tolist() == [1, 3]
    source = nb.inputs.SpikeTimes(0, [1, 2], name="s")
    spikes, net = recorded(source, 1.5)
    with pytest.raises(nb.TimeStepError, match="neuron 0 of 's' has two spikes"):
        source.set(0, [3, 3.01])
    net.run(1)
    assert spikes.t.tolist() == pytest.approx([1, 2])


def test_they_are_replaced() -> None:
    """Between runs and in one; what lies before now does not come any more."""
    source = nb.inputs.SpikeTimes(0, [1, 2, 3, 30], n=3)
    spikes, net = recorded(source, 2.5)
    source.set([1, 2, 1], ["2.3 ms", "4 ms", "2.5 ms"])
    net.run(7.5)
    assert pairs(spikes) == [(10, 0), (20, 0), (25, 1), (40, 2)]

    @source.at("start")
    def change(t: float) -> None:
        if abs(t - 12) < 1e-9:
            source.set(0, [12, 13, 14])

    source.set(1, [11, 12, 15])
    net.run(10)
    assert pairs(spikes)[4:] == [(110, 1), (120, 0), (130, 0), (140, 0)]
    source.set(2, [0], period=1)
    net.run(2)
    assert pairs(spikes)[8:] == [(200, 2), (210, 2)]
    source.set(2, [0.5])
    net.run(1)
    assert pairs(spikes)[10:] == [(225, 2)]
    source.set((), (), period=None)
    net.run(3)
    assert len(spikes) == 11


def test_periods() -> None:
    for period, words in ((0, "must be positive"), (5, "after its period of 5 ms"), ("x", "'x'")):
        with pytest.raises(nb.NumpyBrainError, match=words):
            nb.inputs.SpikeTimes(0, [5], period=period)
    with pytest.raises(nb.TimeStepError, match="the period of 's' of 1.05 ms is no whole number of steps"):
        nb.Network(nb.inputs.SpikeTimes(0, [1], period=1.05, name="s"))
    spikes, _ = recorded(nb.inputs.SpikeTimes(0, [0.9999999], period=1), 2.95)
    assert steps(spikes).tolist() == [9, 19, 29]
    spikes, _ = recorded(nb.inputs.SpikeTimes([], [], n=2, period=1), 3)
    assert len(spikes) == 0


def test_spikes_between_steps() -> None:
    """Monitors and `lastspike` tell the times that were given; synapses get the spikes in their step."""
    t = [0.12, 0.17, 0.55, 1.01]
    source = nb.inputs.SpikeTimes([1, 0, 1, 0], t, period=2, spike_times="interpolated")
    cells = nb.Neurons(2, "x : 1\nlast : ms")
    syn = nb.Synapses(
        source, cells, on_pre="x_post += 1\nlast_post = lastspike_pre", connect="i == j", delay="1 ms"
    )
    trace = nb.Monitor(cells, "x", "last")
    spikes, net = recorded(source, 3, cells, syn, trace)
    assert spikes.t.tolist() == pytest.approx([*t, 2.12, 2.17, 2.55])
    assert spikes.i.tolist() == [1, 0, 1, 0, 1, 0, 1]
    arrival = [int(np.flatnonzero(trace.x[:, n])[0]) for n in (0, 1)]
    assert arrival == [12, 12]
    assert trace["last"][12].tolist() == pytest.approx([1.01, 0.55])  # the last ones when these arrive
    snapshot = net.snapshot()
    net.run(3)
    expected = spikes.t.tolist()
    net.restore(snapshot)
    net.run(3)
    assert spikes.t.tolist() == expected


def made() -> tuple[nb.Network, nb.Monitor, nb.Neurons, Any]:
    source = nb.inputs.SpikeTimes([0, 1, 2, 1], [1, 2, 3, 4.5], n=5, period=5, name="s")
    cells = nb.Neurons(2, "dv/dt = -v/(10*ms) : 1", threshold="v > 1.5", reset="v = 0", name="cells")
    syn = nb.Synapses(
        source[1:3], cells, on_pre="v_post += 1", delay=3.7, connect=nb.connect.probability(1.0), name="syn"
    )
    spikes = nb.Monitor(source, "spikes", name="m")
    return nb.Network(source, cells, syn, spikes), spikes, cells, source


def test_checkpoints(tmp_path: Any) -> None:
    net, spikes, cells, source = made()
    net.run(4.2)
    source.set([0, 3], [1.5, 4.3])
    net.run(3)
    net.save(tmp_path / "saved")
    net.run(20)
    expected = (pairs(spikes), cells.v.tolist())
    assert len(spikes) == 3 + 1 + 1 + 2 * 4
    again, spikes, cells, source = made()
    again.load(tmp_path / "saved")
    again.run(20)
    assert (pairs(spikes), cells.v.tolist()) == expected
    assert source.given[1].tolist() == [1.5, 4.3]


def test_what_is_refused() -> None:
    make = nb.inputs.SpikeTimes
    with pytest.raises(nb.ShapeError, match="'s' needs as many neurons as times \\(got 2 and 3\\)"):
        make([0, 1], [1, 2, 3], name="s")
    with pytest.raises(nb.IndexRangeError, match="'s' has no neuron 3") as error:
        make([0, 3], [1, 2], n=3, name="s")
    assert "3 neurons (0..2)" in str(error.value)
    with pytest.raises(nb.IndexRangeError, match="no neuron -1"):
        make([0, -1], [1, 2])
    with pytest.raises(nb.TimeStepError, match="time of a spike of 's' is negative \\(got -1 ms\\)"):
        make(0, [1, -1], name="s")
    for wrong in (np.nan, np.inf):
        with pytest.raises(nb.TimeStepError, match="of a spike of 's' is"):
            make(0, [1, wrong], name="s")
    with pytest.raises(nb.ArgumentError, match="are whole numbers, one for each spike"):
        make([0.5], [1])
    with pytest.raises(nb.UnitError, match="the times of 's'"):
        make(0, ["1 mV"], name="s")
    with pytest.raises(nb.ArgumentError, match="'grid' or 'interpolated'"):
        make(0, [1], spike_times="exact")
    with pytest.raises(nb.ShapeError, match="one for each spike"):
        make(0, [[1, 2]])
    with pytest.raises(nb.ArgumentError, match="masked"):
        make(0, np.ma.array([1.0, 2.0], mask=[True, False]))


# ---- spike trains ----------------------------------------------------------------------------------------


TRAINS = [[1.0, 5.0], [], [2.5]]


@pytest.mark.parametrize(
    "trains",
    [TRAINS, [np.array(x) for x in TRAINS], {0: [5, 1], 2: [2.5]}, {2: np.array([2.5]), 0: ["1 ms", "5 ms"]},
     [[1, 5] * ms, [], [0.0025] * second], tuple(TRAINS)],
    ids=str,
)  # fmt: skip
def test_trains_in_all_forms(trains: Any) -> None:
    source = nb.inputs.spike_trains(trains)
    assert source.size == 3
    spikes, _ = recorded(source, 10)
    assert pairs(spikes) == [(10, 0), (25, 2), (50, 0)]


@pytest.mark.parametrize("package", LIKE)
def test_trains_with_units_of_other_packages(package: str) -> None:
    """A `SpikeTrain` of Neo is an array of the package quantities; a `Segment` holds a list of them."""
    make = LIKE[package]
    trains = [make(np.array([1e-3, 5e-3]), "s"), make(np.array([]), "ms"), make(np.array([2.5]), "ms")]
    for given_as in (trains, SimpleNamespace(spiketrains=trains)):
        spikes, _ = recorded(nb.inputs.spike_trains(given_as), 10)
        assert pairs(spikes) == [(10, 0), (25, 2), (50, 0)]


def test_trains_of_a_monitor() -> None:
    first = nb.inputs.Poisson(20, "100 Hz")
    spikes, _ = recorded(first, 100)
    again, _ = recorded(nb.inputs.spike_trains(spikes), 100)
    assert pairs(again) == pairs(spikes)
    assert again.source.size == 20


def test_trains_are_shifted_and_repeated() -> None:
    spikes, _ = recorded(
        nb.inputs.spike_trains([[2001, 2003], [2002]], n=4, shift="-2 s", period="5 ms"), 10
    )
    assert pairs(spikes) == [(10, 0), (20, 1), (30, 0), (60, 0), (70, 1), (80, 0)]


def test_what_is_refused_as_trains() -> None:
    make = nb.inputs.spike_trains
    for wrong in ([1.0, 2.0], 5, "1 ms", [1, 2] * ms):
        with pytest.raises(nb.ArgumentError, match="spike trains are the times of each neuron"):
            make(wrong)
    with pytest.raises(nb.ArgumentError, match="is no monitor of spikes"):
        make(nb.Monitor(nb.Neurons(1, "v : 1"), "v"))
    with pytest.raises(nb.ArgumentError, match="neurons are whole numbers"):
        make({"a": [1]})
