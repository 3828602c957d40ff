"""Times: how they become steps. Runs in pieces are as long as runs in one; one rule for what lies off the grid."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import numpybrain as nb

NOTHING = "x : 1"


def network(dt=0.1, **options):
    return nb.Network(nb.Neurons(1, NOTHING), dt=dt, **options)


# ---- runs ----


def test_twenty_halves_of_a_step_are_ten_steps() -> None:
    net = network()
    for _ in range(20):
        net.run(0.05)
    assert net.t == 1.0


@pytest.mark.parametrize("piece", [0.05, 0.01, 0.1, 0.123, 0.25, 1 / 3, 0.0999, 1.05, math.pi])
def test_pieces_are_as_long_as_the_whole(piece) -> None:
    net, asked = network(), Fraction(0)
    for _ in range(300):
        net.run(piece)
        asked += Fraction(piece)
        assert abs(net.clock.step - asked / Fraction("0.1")) < 1.01
    assert net.clock.step == math.ceil(asked / Fraction("0.1") - Fraction("0.001"))


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=30), st.sampled_from([0.1, 0.05, 0.025, 1.0]))
def test_any_cut_gives_the_same_number_of_steps(microseconds, dt) -> None:
    net = network(dt)
    for us in microseconds:
        net.run(f"{us} us")
    exact = Fraction(sum(microseconds), 1000) / Fraction(str(dt))
    assert net.clock.step == math.ceil(exact)


def test_a_single_run_takes_the_step_that_it_needs_in_part() -> None:
    net = network()
    net.run(1.05)
    assert net.clock.step == 11


def test_a_step_by_hand_is_a_step() -> None:
    net = network()
    net.run(0.05)  # one step, half of which is left over
    net.step()
    assert net.clock.step == 2
    net.run(0.05)
    assert net.clock.step == 2
    net.run(0.05)
    assert net.clock.step == 3


def test_what_is_left_over_is_in_snapshots_and_files(tmp_path) -> None:
    net = network()
    net.run(0.05)
    snapshot = net.snapshot()
    net.save(tmp_path / "a.npz")
    net.run(0.05)
    assert net.clock.step == 1
    for source in (snapshot, tmp_path / "a.npz"):
        net.restore(source)
        net.run(0.05)
        assert net.clock.step == 1
        net.run(0.05)
        assert net.clock.step == 2


def test_restoring_clears_what_was_left_over_since() -> None:
    net = network()
    start = net.snapshot()
    net.run(0.05)
    net.restore(start)
    net.run(0.1)
    assert net.clock.step == 1
    net.restore(start)
    net.run(0.15)
    assert net.clock.step == 2


def test_a_file_without_that_number_still_loads(tmp_path, monkeypatch) -> None:
    from numpybrain.checkpoints import checkpoint_file

    net = network()
    net.run(1)
    write = checkpoint_file.write
    monkeypatch.setattr(
        checkpoint_file, "write",
        lambda path, header, arrays: write(path, {k: v for k, v in header.items() if k != "left"}, arrays),
    )  # fmt: skip
    net.save(tmp_path / "old.npz")
    net.run(0.05)
    net.load(tmp_path / "old.npz")
    assert nb.load(tmp_path / "old.npz").left == 0
    net.run(0.1)
    assert net.clock.step == 11


def test_a_run_that_was_stopped_leaves_nothing_over() -> None:
    net = network()
    net.run(0.05)

    def stop(_fraction):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        net.run(10.02, progress=stop)
    before = net.clock.step
    assert 1 < before < 100
    assert net.clock.left == 0
    net.run(0.2)
    assert net.clock.step == before + 2


def test_a_run_that_did_not_begin_changes_nothing() -> None:
    cells = nb.Neurons(1, NOTHING)
    net = nb.Network(cells)
    net.run(0.05)
    cells.x = np.nan
    with pytest.raises(nb.ModelError):
        net.run(0.25)
    cells.x = 0
    net.run(0.05)
    assert net.clock.step == 1


# ---- off the grid: constants are refused, or rounded where that is asked for ----


def once(at=1.0):
    """A threshold that one neuron crosses once."""
    return lambda t: np.array([0] if abs(t - at) < 1e-6 else [], dtype=int)


def receiver(**options):
    """A neuron that a spike at 1 ms reaches; what it gets is recorded."""
    source = nb.Neurons(1, "x : 1", threshold=once())
    target = nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(source, target, connect="all_to_all", on_pre="v_post += 1", **options)
    return source, target, synapses, nb.Monitor(target, "v")


def arrival(rounding=None, **options):
    source, target, synapses, record = receiver(**options)
    net = nb.Network(source, target, synapses, record, rounding=rounding)
    net.run(10)
    return round(record.t[np.flatnonzero(record.v[:, 0])[0]] - 0.1 - 1.0, 9)  # seen a step later


CONSTANTS = ["1.55 ms", 1.55, "1.5*ms + 0.05*ms", "0.031*50*ms", np.float64(1.55)]


@pytest.mark.parametrize("delay", CONSTANTS)
@pytest.mark.parametrize("which", ["delay", "dendritic_delay"])
def test_a_constant_delay_between_two_steps_is_refused(delay, which) -> None:
    with pytest.raises(nb.TimeStepError, match="no whole number of steps") as caught:
        arrival(**{which: delay})
    assert "1.5 ms and 1.6 ms" in str(caught.value)
    assert "rounding='nearest'" in str(caught.value)


@pytest.mark.parametrize("delay", CONSTANTS)
def test_nearest_rounds_it(delay) -> None:
    assert arrival("nearest", delay=delay) == pytest.approx(1.6)
    assert arrival("nearest", delay="1.54 ms") == pytest.approx(1.5)
    assert arrival("nearest", dendritic_delay="1.54 ms") == pytest.approx(1.5)


def test_a_delay_as_close_as_a_thousandth_of_a_step_is_on_the_grid() -> None:
    assert arrival(delay=1.50009) == pytest.approx(1.5)
    assert arrival(delay=1.49991) == pytest.approx(1.5)
    with pytest.raises(nb.TimeStepError):
        arrival(delay=1.5002)


@pytest.mark.parametrize("delay", [[1.56], np.array([1.56]), "1.56*ms + 0*ms*rand()", "x_pre*ms + 1.56*ms"])
def test_arrays_and_expressions_are_rounded_also_for_one_synapse(delay) -> None:
    assert arrival(delay=delay) == pytest.approx(1.6)


@pytest.mark.parametrize("seed", range(30))
def test_one_random_delay_is_rounded(seed) -> None:
    nb.seed(seed)
    source, target, synapses, record = receiver(delay="0.6*ms*rand()")
    nb.Network(source, target, synapses, record).run(3)
    seen = record.t[np.flatnonzero(record.v[:, 0])[0]] - 0.1 - 1.0
    assert abs(seen - synapses.delay[0]) <= 0.05 + 1e-9


@pytest.mark.parametrize("n", [1, 2, 5])
def test_how_many_there_are_does_not_matter(n) -> None:
    source = nb.Neurons(1, "x : 1", threshold=once())
    target = nb.Neurons(n, "v : 1")
    wanted = 0.3 + 0.44 * np.arange(n)
    synapses = nb.Synapses(source, target, connect="all_to_all", on_pre="v_post += 1", delay=wanted)
    record = nb.Monitor(target, "v")
    nb.Network(source, target, synapses, record).run(5)
    seen = record.t[(record.v > 0).argmax(axis=0)] - 0.1 - 1.0
    assert np.allclose(seen, np.floor(wanted / 0.1 + 0.5) * 0.1)


def test_a_constant_that_is_assigned_later_is_a_constant_too() -> None:
    source, target, synapses, record = receiver(delay="1 ms")
    net = nb.Network(source, target, synapses, record)
    synapses.delay = 0.55
    with pytest.raises(nb.TimeStepError):
        net.run(1)
    synapses.delay = [0.55]
    net.run(1)
    synapses.delay = "0.5 ms"
    net.run(1)
    synapses.connect("True", delay="0.77 ms")
    with pytest.raises(nb.TimeStepError, match=r"0\.77 ms"):
        net.run(1)
    synapses.delay = "0.5 ms"
    net.run(1)


def test_delays_that_cannot_be() -> None:
    for delay in (-1, [-1.0], np.nan, [np.inf], np.array([1e18])):
        with pytest.raises(nb.NumpyBrainError):
            arrival(delay=delay)


# ---- refractory periods ----


def intervals(refractory, rounding=None, dt=0.1, **options):
    cells = nb.Neurons(1, "x : 1", threshold="x < 1", refractory=refractory, **options)
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=dt, rounding=rounding).run(20)
    return np.unique(np.diff(spikes.t).round(9))


@pytest.mark.parametrize("period", ["2.05 ms", 2.05, "2*ms + 0.05*ms"])
def test_a_constant_refractory_period_between_two_steps_is_refused(period) -> None:
    with pytest.raises(nb.TimeStepError, match="refractory period"):
        intervals(period)
    assert intervals(period, "nearest") == pytest.approx([2.1])  # a half is rounded up, as for delays
    assert intervals("2.04 ms", "nearest") == pytest.approx([2.0])


def test_refractory_periods_that_are_expressions_are_rounded() -> None:
    assert intervals("r*1", r="2.07 ms") == pytest.approx([2.1])
    assert intervals("r + 0*ms*rand()", r="2.07 ms") == pytest.approx([2.1])
    assert intervals("r + 0*ms*rand()", r="2.02 ms") == pytest.approx([2.0])
    assert intervals(lambda spikes: np.full(spikes.size, 2.07)) == pytest.approx([2.1])


def test_each_neuron_rounds_its_own_period() -> None:
    cells = nb.Neurons(3, "x : 1\nr : ms", threshold="x < 1", refractory="r", r=[2.02, 2.07, 3.0])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(20)
    assert [np.diff(spikes.train(k))[0] for k in range(3)] == pytest.approx([2.0, 2.1, 3.0])


def test_a_refractory_period_without_end_is_one() -> None:
    cells = nb.Neurons(2, "x : 1\nr : ms", threshold="x < 1", refractory="r", r=[2.0, np.inf])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(20)
    assert spikes.count.tolist() == [10, 1]


def test_interpolated_spikes_know_no_grid() -> None:
    cells = nb.Neurons(
        1, "dx/dt = 1/ms : 1", threshold="x > 0.5", reset="x = 0", refractory="2.05 ms",
        spike_times="interpolated",
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(20)
    assert np.allclose(np.diff(spikes.t), 2.05)


# ---- monitors ----


def test_the_interval_of_a_monitor() -> None:
    cells = nb.Neurons(1, NOTHING)
    with pytest.raises(nb.TimeStepError, match="every"):
        nb.Network(cells, nb.Monitor(cells, "x", every="0.25 ms"))
    record = nb.Monitor(cells, "x", every="0.25 ms")
    nb.Network(cells, record, rounding="nearest").run(1)
    assert np.allclose(record.t, [0, 0.3, 0.6, 0.9])


def test_rounding_is_a_word() -> None:
    with pytest.raises(nb.ArgumentError, match="nearest"):
        network(rounding="down")
