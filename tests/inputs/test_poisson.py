"""Poisson inputs: statistics against SciPy, rates in all forms, streams, checkpoints, synapses, errors."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from tests.inputs.trains import counts, intervals, recorded, same, steps

N = 400


@pytest.mark.parametrize("rate", [20.0, "20 Hz", "20*Hz + 0*Hz*i", 900.0])
def test_statistics(rate: Any) -> None:
    """Counts are binomial, intervals geometric, neurons independent; in blocks and number by number."""
    spikes, _ = recorded(nb.inputs.Poisson(N, rate), 2000)
    p = (900.0 if rate == 900.0 else 20.0) * 1e-4
    assert stats.binomtest(len(spikes), N * 20_000, p).pvalue > 1e-3
    table = counts(spikes, N, 100, 2000)
    fano = table.var(axis=1, ddof=1) / table.mean(axis=1)
    # n - 1 times the Fano factor of n windows follows chi squared, all but for the discreteness
    assert fano.mean() == pytest.approx(1 - p, abs=4 * np.sqrt(2 / 19 / N))
    per_neuron = stats.chisquare(spikes.count)
    assert per_neuron.pvalue > 1e-3
    isi = intervals(spikes)
    short = isi[isi <= 500]  # of longer ones, some did not come to their end
    draws = short - np.random.default_rng(1).random(short.size)  # continuous, as the test demands

    def cdf(x: np.ndarray) -> np.ndarray:
        whole = np.floor(x)
        return stats.geom.cdf(whole, p) + (x - whole) * stats.geom.pmf(whole + 1, p)

    assert stats.kstest(draws, lambda x: cdf(x) / cdf(500)).pvalue > 1e-3
    c = np.corrcoef(table)[np.triu_indices(N, 1)]
    assert abs(c.mean()) < 4 / np.sqrt(c.size * 20)


def test_a_rate_that_follows_a_text() -> None:
    """The rate over time is that of the text, neuron by neuron."""
    p = nb.inputs.Poisson(2 * N, "100*Hz*(1 + sin(2*pi*t/(50*ms)))*(i < 400)")
    spikes, _ = recorded(p, 500)
    assert spikes.i.max() < N
    phase = np.bincount(steps(spikes) % 500, minlength=500).reshape(25, 20).sum(axis=1)
    t = np.arange(500) * 0.1
    wanted = (100 * (1 + np.sin(2 * np.pi * t / 50)) * 1e-4 * N * 10).reshape(25, 20).sum(axis=1)
    assert stats.chisquare(phase, wanted * phase.sum() / wanted.sum()).pvalue > 1e-3
    assert abs(phase.sum() - wanted.sum()) < 4 * np.sqrt(wanted.sum())


def gate(t: float) -> float:
    return 200.0 if 10 <= t < 20 else 0.0


SERIES = nb.timed([0.0, 200.0, 0.0], "10 ms", "Hz")


@pytest.mark.parametrize(
    "rate",
    [gate, SERIES, lambda t, N: np.full(N, gate(t)), "200*Hz*(t >= 10*ms and t < 20*ms)",
     nb.timed([0.0, 0.2, 0.0], 10, "kHz"), nb.timed(np.outer([0.0, 200.0, 0.0], np.ones(N)), 10, "Hz")],
)  # fmt: skip
def test_ways_to_say_that_a_rate_follows_the_time(rate: Any) -> None:
    for source in (nb.inputs.Poisson(N, rate), nb.inputs.Poisson(N, 0)):
        source.rate = rate
        spikes, net = recorded(source, 30)
        assert (spikes.t >= 10 - 1e-9).all()
        assert (spikes.t < 20 - 1e-9).all()
        assert stats.binomtest(len(spikes), 100 * N, 0.02).pvalue > 1e-3
        assert source.rate.tolist() == [0.0] * N
        source.rate = "50 Hz"
        net.run(10)
        late = (spikes.t >= 30 - 1e-9).sum()
        assert stats.binomtest(int(late), 100 * N, 0.005).pvalue > 1e-3
        assert "rate=50 Hz" in repr(source)


def test_rates_are_assigned_at_any_time() -> None:
    p = nb.inputs.Poisson(N, np.where(np.arange(N) < 10, 500.0, 0.0))
    assert p.rate[:11].tolist() == [500.0] * 10 + [0.0]
    spikes, net = recorded(p, 20)
    assert set(spikes.i) == set(range(10))
    p[10:20].rate = "0.4 kHz"
    p.rate[:10] = 0
    net.run(20)
    assert set(spikes.i[spikes.t > 20]) == set(range(10, 20))

    @p.at("start")
    def switch(t: float) -> None:
        if abs(t - 50) < 1e-9:
            p.rate = 0
        if abs(t - 60) < 1e-9:
            p.rate = lambda t: 300.0 if t > 65 else 0.0
        if abs(t - 80) < 1e-9:
            p.rate = 0

    p.rate = 300
    net.run(60)
    t = spikes.t[spikes.t > 40 - 1e-9]
    assert not ((t > 50 - 1e-9) & (t < 65)).any()
    assert not (t > 80 - 1e-9).any()
    for low, high in ((40, 50), (65.05, 80)):
        found = ((t > low - 1e-9) & (t < high - 1e-9)).sum()
        assert found == pytest.approx(N * (high - low) * 0.3, abs=4 * np.sqrt(N * (high - low) * 0.3))


def test_stages_change_rates() -> None:
    p = nb.inputs.Poisson(10, 0)
    p.at("start", "rate = 10000*Hz*int(t >= 5*ms and i < 5)")
    spikes, _ = recorded(p, 10)
    assert spikes.count.tolist() == [50] * 5 + [0] * 5
    assert spikes.t.min() == pytest.approx(5)
    cells = nb.Neurons(3, "v : 1")
    for target in (p, p[:3]):
        with pytest.raises(
            nb.ArgumentError, match=r"the target of synapses is a group of neurons \(got Poisson\)"
        ):
            nb.Synapses(cells, target, on_pre="rate_post += 1*Hz")


def noisy(*, with_input: bool) -> tuple[np.ndarray, np.ndarray]:
    nb.seed(5)
    first = nb.inputs.Poisson(20, 100) if with_input else None
    cells = nb.Neurons(
        50, "dv/dt = (1.2 - v)/(10*ms) + 0.5*xi/sqrt(10*ms) : 1", threshold="v > 1 and rand() < 0.9",
        reset="v = 0", initial={"v": "rand()"},
    )  # fmt: skip
    syn = nb.Synapses(cells, cells, on_pre="v += 0.01", connect=nb.connect.probability(0.1))
    others = [] if first is None else [first, nb.inputs.Poisson(30, gate), nb.inputs.Poisson(3, 5)]
    spikes, _ = recorded(cells, 100, syn, *others)
    return spikes.t, spikes.i


def test_an_input_shifts_nobodys_draws() -> None:
    for without, with_ in zip(noisy(with_input=False), noisy(with_input=True), strict=True):
        assert without.size > 100
        assert np.array_equal(without, with_)


def test_seeds() -> None:
    def run(seed: int) -> nb.Monitor:
        nb.seed(seed)
        return recorded(nb.inputs.Poisson(50, 50), 100)[0]

    assert same(run(1), run(1))
    assert not same(run(1), run(2))
    nb.seed(1)
    one, other = nb.inputs.Poisson(50, 50), nb.inputs.Poisson(50, 50)
    a, b = nb.Monitor(one, "spikes"), nb.Monitor(other, "spikes")
    nb.Network(one, other, a, b).run(100)
    assert not same(a, b)


def made(rate: Any) -> tuple[nb.Network, nb.Monitor, nb.Neurons, Any]:
    p = nb.inputs.Poisson(200, 10, name="p")
    p.rate = rate
    cells = nb.Neurons(20, "dv/dt = -v/(10*ms) : 1", threshold="v > 1", reset="v = 0", name="cells")
    syn = nb.Synapses(
        p[50:150], cells, "w = 0.3 : 1\nda/dt = -a/(20*ms) : 1 (event-driven)", on_pre="v_post += w\na += 0.1",
        on_post="w = clip(w + a, 0, 1)", delay="rand()*3*ms", connect=nb.connect.probability(0.2), name="syn",
    )  # fmt: skip
    spikes = nb.Monitor(p, "spikes", name="spikes")
    return nb.Network(p, cells, syn, spikes), spikes, cells, syn


@pytest.mark.parametrize("rate", [20, 3000, "100*Hz*(1 + sin(2*pi*t/(50*ms)))", gate, SERIES])
def test_checkpoints(rate: Any, tmp_path: Any) -> None:
    """Saved in the middle, a run goes on bit for bit, here and in another network."""
    net, spikes, cells, syn = made(rate)
    net.run(12.3)
    net.save(tmp_path / "saved")
    snapshot = net.snapshot()
    net.run(20)
    expected = (spikes.t.tolist(), spikes.i.tolist(), cells.v.tolist(), syn.w.tolist())
    assert len(expected[0]) > 20
    net.restore(snapshot)
    net.run(7.7)
    net.run(12.3)
    assert (spikes.t.tolist(), spikes.i.tolist(), cells.v.tolist(), syn.w.tolist()) == expected
    nb.seed(99)
    net, spikes, cells, syn = made(rate)
    net.load(tmp_path / "saved")
    net.run(20)
    assert (spikes.t.tolist(), spikes.i.tolist(), cells.v.tolist(), syn.w.tolist()) == expected


def test_a_snapshot_of_before_the_rate_was_given_a_course() -> None:
    net, spikes, *_ = made(20)
    net.run(5)
    snapshot = net.snapshot()
    net.objects[0].rate = gate
    net.run(5)
    net.restore(snapshot)
    assert net.t == pytest.approx(5)


def test_parts_links_and_texts_of_synapses() -> None:
    p = nb.inputs.Poisson(10, "10000*Hz*(i >= 5)")
    cells = nb.Neurons(10, "x : 1\nr : Hz (linked)")
    cells.r = nb.link(p, "rate")
    syn = nb.Synapses(
        p[5:], cells, on_pre="x_post += rate_pre/Hz*(1 + i) + lastspike_pre/ms", connect="i == j"
    )
    part = nb.Monitor(p[3:6], "spikes")
    rates = nb.Monitor(p, "rate", of=[4, 5])
    nb.Network(p, cells, syn, part, rates).run(0.2)
    assert part.i.tolist() == [2, 2]
    assert rates.rate.tolist() == [[0.0, 10000.0]] * 2
    assert cells.x[:5].tolist() == pytest.approx([2e4 * k + 0.1 for k in range(1, 6)])
    assert cells.r.tolist() == [0.0] * 5 + [1e4] * 5
    assert len(p[2:4]) == 2
    assert p[5:].spikes.tolist() == [0, 1, 2, 3, 4]


def test_one_spike_a_step_at_most() -> None:
    for rate in (20_000, "20*kHz + 0*Hz*t/ms", [0.0, 2e4]):
        source = nb.inputs.Poisson(2, 0, name="p")
        source.rate = rate
        with pytest.raises(
            nb.TimeStepError, match=r"the rate of 'p'.* is 20000 Hz: more than one spike in a step of 0.1"
        ) as error:
            recorded(source, 1)
        assert "dt='0.05 ms'" in str(error.value)
    spikes, _ = recorded(nb.inputs.Poisson(2, "10 kHz"), 1)
    assert spikes.count.tolist() == [10, 10]
    with pytest.raises(nb.ModelError, match=r"'rate' of 'p' is NaN at the start of the run, in neuron 1"):
        recorded(nb.inputs.Poisson(2, [1.0, np.nan], name="p"), 1)
    assert len(recorded(nb.inputs.Poisson(2, -5), 10)[0]) == 0


def test_errors() -> None:
    with pytest.raises(nb.UnitError, match="'rate' of 'p'"):
        nb.inputs.Poisson(2, "20 mV", name="p")
    with pytest.raises(nb.ArgumentError, match="the number of neurons is a whole number") as error:
        nb.inputs.Poisson("20 Hz", 3)  # type: ignore[arg-type]
    assert "Poisson(100, ...)" in str(error.value)
    with pytest.raises(nb.ShapeError, match="needs 1 or 2 values"):
        nb.inputs.Poisson(2, [1, 2, 3])
    with pytest.raises(nb.UnknownNameError, match="unknown name 'tau'"):
        nb.inputs.Poisson(2, "tau*Hz*t/ms")
    p = nb.inputs.Poisson(2, gate)
    with pytest.raises(nb.UnknownAttributeError, match="no variable 'rates': did you mean 'rate'"):
        p.rates = 3
    q = nb.inputs.Poisson(2, "20*Hz*t/ms")
    with pytest.raises(nb.NumpyBrainError, match="'rate' of"):
        q[:1].rate = 3
    with pytest.raises(nb.NetworkError, match="'p', which 'm' records, is not in the network"):
        nb.Network(nb.Monitor(nb.inputs.Poisson(2, 5, name="p"), "spikes", name="m"))


def test_numbers_need_no_language() -> None:
    """As for neurons in Python, SymPy is not imported for a rate in Hz."""
    code = (
        "import sys, numpybrain as nb; assert 'numpybrain.inputs' not in sys.modules\n"
        "p = nb.inputs.Poisson(5, 100); m = nb.Monitor(p, 'spikes'); nb.Network(p, m).run(10)\n"
        "assert not {'sympy', 'lark', 'pint'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
