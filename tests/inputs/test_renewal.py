"""Regular trains and renewal processes: intervals against SciPy, counts, changing rates, checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from tests.inputs.trains import counts, intervals, recorded, steps

N = 300


@pytest.mark.parametrize("shape", [1.0, 4.0, 20.0, 0.5])
def test_gamma_intervals(shape: float) -> None:
    """Intervals are gamma distributed, and so is the rest of the first one, as in a stationary process."""
    spikes, _ = recorded(nb.inputs.Gamma(N, "40 Hz", shape), 2000)
    isi = intervals(spikes) * 0.1
    law = stats.gamma(shape, scale=25 / shape)
    # a long interval is seen less often in a window: only those count that begin in its first part
    order = np.lexsort((spikes.t, spikes.i))
    i, t = spikes.i[order], spikes.t[order]
    early = (t[:-1] < 1500) & (np.diff(i) == 0)
    seen = np.diff(t)[early]
    jitter = np.random.default_rng(2)
    seen = seen + 0.1 * (
        jitter.random(seen.size) - jitter.random(seen.size)
    )  # steps of 0.1 ms at both ends
    if shape >= 1:
        assert stats.kstest(np.abs(seen), law.cdf).pvalue > 1e-3
    assert isi.std() / isi.mean() == pytest.approx(shape**-0.5, rel=0.03)
    first = t[np.flatnonzero(np.diff(i, prepend=-1))]
    longer = stats.gamma(
        shape + 1, scale=25 / shape
    )  # the integral of the survival function, over the mean
    assert stats.kstest(first + 0.05, lambda x: longer.cdf(x) + x * law.sf(x) / 25).pvalue > 1e-3
    z = (len(spikes) - N * 80) / np.sqrt(N * 80 / shape)
    assert abs(z) < 4
    table = counts(spikes, N, 500, 2000)
    fano = 1 / shape + (1 - shape**-2) / 6 / 20  # of a stationary renewal process, for 20 spikes (Cox 1962)
    assert table.var() / table.mean() == pytest.approx(fano, rel=4 * np.sqrt(2 / table.size))
    covariance = np.cov(table)[np.triu_indices(N, 1)].mean() / table.var()
    assert abs(covariance) < 4 / np.sqrt(N * (N - 1) / 2 * 3)


def test_gamma_with_shapes_and_rates_of_each_neuron() -> None:
    shapes, rates = np.repeat([1.0, 9.0], 100), np.tile([20.0, 50.0], 100)
    source = nb.inputs.Gamma(200, rates, shapes)
    spikes, net = recorded(source, 2000)
    for k in range(4):
        some = np.flatnonzero((shapes == [1.0, 9.0][k // 2]) & (rates == [20.0, 50.0][k % 2]))
        found = spikes.count[some].sum()
        mean = rates[some].sum() * 2
        assert abs(found - mean) < 4 * np.sqrt(mean / shapes[some[0]])
    source.shape = 100
    source.rate = "100 Hz"
    net.run(500)
    late = spikes.t > 2100
    order = np.lexsort((spikes.t[late], spikes.i[late]))
    isi = np.diff(spikes.t[late][order])[np.diff(spikes.i[late][order]) == 0]
    assert isi.mean() == pytest.approx(10, rel=0.02)
    assert isi.std() / isi.mean() == pytest.approx(0.1, rel=0.1)
    source.shape = 0
    with pytest.raises(nb.ModelError, match="the shape of .* is not positive \\(got 0"):
        net.run(100)


def test_a_gamma_process_whose_rate_follows_the_time() -> None:
    """In operational time its intervals are gamma distributed; over time it has the rate that is asked for."""
    source = nb.inputs.Gamma(N, "50*Hz*(1 + 0.8*sin(2*pi*t/(200*ms)))", 5)
    spikes, _ = recorded(source, 2000)
    t = np.arange(20_000) * 0.1
    rate = 50 * (1 + 0.8 * np.sin(2 * np.pi * t / 200))
    operational = np.concatenate([[0], np.cumsum(rate * 1e-4)])
    order = np.lexsort((spikes.t, spikes.i))
    i, k = spikes.i[order], steps(spikes)[order]
    early = (k[:-1] < 18_000) & (np.diff(i) == 0)
    seen = np.diff(operational[k])[early]
    draw = np.random.default_rng(3)
    seen = seen + rate[k[:-1]][early] * 1e-4 * (draw.random(seen.size) - draw.random(seen.size))
    assert stats.kstest(np.abs(seen), stats.gamma(5, scale=0.2).cdf).pvalue > 1e-3
    profile = np.bincount(steps(spikes) % 2000 // 100, minlength=20)
    wanted = rate[:2000].reshape(20, 100).sum(axis=1) * 1e-4 * N * 10
    assert np.abs((profile - wanted) / np.sqrt(wanted)).max() < 4


@pytest.mark.parametrize(
    ("rate", "dt"), [(40.0, 0.1), (30.0, 0.1), (1000.0, 0.1), (10_000.0, 0.1), (7.0, 0.05)]
)
def test_regular_trains(rate: float, dt: float) -> None:
    """Spike k of a neuron with phase x is in the step of (k - x)/rate."""
    phase = np.array([0, 0.25, 0.5, 0.999])
    spikes, _ = recorded(nb.inputs.Regular(4, rate, phase), 500, dt=dt)
    for neuron in range(4):
        due = (np.arange(1, 500 * rate / 1000 + 2) - phase[neuron]) / rate * 1000
        wanted = np.floor(due / dt + 1e-3).astype(int)
        found = steps(spikes, dt)[spikes.i == neuron]
        assert found.tolist() == wanted[wanted < round(500 / dt)].tolist()


def test_phases_and_jitter() -> None:
    spikes, _ = recorded(nb.inputs.Regular(2000, "20 Hz", "random"), 50)
    assert spikes.count.tolist() == [1] * 2000
    assert stats.kstest(spikes.t + 0.05, stats.uniform(0, 50).cdf).pvalue > 1e-3
    source = nb.inputs.Regular(1000, "20 Hz", jitter="2 ms")
    spikes, net = recorded(source, 1025)
    assert spikes.count.tolist() == [20] * 1000
    beside = (spikes.t + 25) % 50 - 25
    assert stats.kstest(beside + 0.05, stats.norm(0, 2).cdf).pvalue > 1e-3
    order = np.lexsort((spikes.t, spikes.i))
    shift = beside[order].reshape(1000, 20)
    assert abs(np.corrcoef(shift[:, 3], shift[:, 4])[0, 1]) < 4 / np.sqrt(1000)
    source.jitter = 0
    net.run(500)
    late = spikes.t[spikes.t > 1100]
    assert set(np.rint(late * 10) % 500) == {0}


def test_any_distribution_of_intervals() -> None:
    source = nb.inputs.Renewal(N, "50 Hz", lambda rng, size: rng.wald(1, 4, size))
    spikes, _ = recorded(source, 1000)
    order = np.lexsort((spikes.t, spikes.i))
    i, t = spikes.i[order], spikes.t[order]
    first = t[np.flatnonzero(np.diff(i, prepend=-1))]
    assert stats.kstest((first + 0.05) / 20, stats.invgauss(1 / 4, scale=4).cdf).pvalue > 1e-3
    with pytest.raises(nb.ArgumentError, match="are a function of rng and size"):
        nb.inputs.Renewal(2, 5, lambda x: x)
    with pytest.raises(nb.ShapeError, match="needs 2 values"):
        nb.inputs.Renewal(2, 5, lambda rng, size: 1.0)
    with pytest.raises(nb.ModelError, match="are not negative"):
        nb.inputs.Renewal(2, 5, lambda rng, size: -rng.random(size))


def make(kind: str) -> Any:
    return {
        "Gamma": lambda: nb.inputs.Gamma(50, "100 Hz", 3, name="s"),
        "changing": lambda: nb.inputs.Gamma(50, "100*Hz*(1 + sin(t/ms))", 3, name="s"),
        "Regular": lambda: nb.inputs.Regular(50, "100 Hz", "random", "1 ms", name="s"),
        "Renewal": lambda: nb.inputs.Renewal(50, 100, lambda rng, size: rng.random(size) * 2, name="s"),
        "MIP": lambda: nb.inputs.MIP(50, 100, 0.3, name="s"),
        "MIP later": lambda: nb.inputs.MIP(50, 100, 0.3, tau="4 ms", name="s"),
        "CommonInput": lambda: nb.inputs.CommonInput(50, "100*Hz*(1 + sin(t/ms))", 0.3, name="s"),
        "cox": lambda: nb.inputs.cox(50, 100, 30, 5, name="s"),
        "packets": lambda: nb.inputs.pulse_packets(50, [5, 15, 25], 2, name="s"),
    }[kind]()


KINDS = ["Gamma", "changing", "Regular", "Renewal", "MIP", "MIP later", "CommonInput", "cox", "packets"]


@pytest.mark.parametrize("kind", KINDS)
def test_checkpoints_seeds_and_parts(kind: str, tmp_path: Any) -> None:
    def network() -> tuple[nb.Network, nb.Monitor, nb.Neurons]:
        source, cells = make(kind), nb.Neurons(20, "x : 1", name="cells")
        syn = nb.Synapses(
            source[10:30], cells, on_pre="x_post += 1", connect="i == j", delay="2 ms", name="syn"
        )
        spikes = nb.Monitor(source, "spikes", name="m")
        return nb.Network(source, cells, syn, spikes), spikes, cells

    net, spikes, cells = network()
    net.run(12.3)
    net.save(tmp_path / "saved")
    snapshot = net.snapshot()
    net.run(20)
    expected = (spikes.t.tolist(), spikes.i.tolist(), cells.x.tolist())
    assert len(spikes) > 50
    mine = spikes.count[10:30] - np.bincount(spikes.i[spikes.t > 30.25], minlength=50)[10:30]
    assert cells.x.tolist() == mine.tolist()
    net.restore(snapshot)
    net.run(7)
    net.run(13)
    assert (spikes.t.tolist(), spikes.i.tolist(), cells.x.tolist()) == expected
    nb.seed(77)
    net, spikes, cells = network()
    net.load(tmp_path / "saved")
    net.run(20)
    assert (spikes.t.tolist(), spikes.i.tolist(), cells.x.tolist()) == expected
    found = []
    for seed in (1, 1, 2):
        nb.seed(seed)
        net, spikes, _ = network()
        net.run(20)
        found.append(spikes.t.tolist())
    assert found[0] == found[1] != found[2]
    assert repr(make(kind)).startswith(f"<{type(make(kind)).__name__} 's' n=50 ")


@pytest.mark.parametrize("kind", KINDS)
def test_none_of_them_shifts_anybodys_draws(kind: str) -> None:
    def run(*, with_input: bool) -> list[float]:
        nb.seed(9)
        inputs = [make(kind)] if with_input else []
        cells = nb.Neurons(5, "dv/dt = -v/(10*ms) + xi/sqrt(10*ms) : 1", initial={"v": "rand()"})
        nb.Network(*inputs, cells).run(5)
        return cells.v.tolist()

    assert run(with_input=True) == run(with_input=False)


def test_what_is_refused() -> None:
    with pytest.raises(nb.ArgumentError, match="from 0 to 1, or 'random'"):
        nb.inputs.Regular(2, 5, phase=2)
    with pytest.raises(nb.ShapeError, match="the phase of"):
        nb.inputs.Regular(2, 5, phase=[0, 0, 0])
    with pytest.raises(nb.ModelError, match="the jitter of .* is not negative"):
        nb.inputs.Regular(2, 5, jitter=-1)
    with pytest.raises(nb.ModelError, match="the shape of .* is not positive"):
        nb.inputs.Gamma(2, 5, shape=[1, -1])
    with pytest.raises(nb.UnitError, match="'jitter' of"):
        nb.inputs.Regular(2, 5, jitter="1 mV")
    with pytest.raises(nb.TimeStepError, match="more than one spike in a step"):
        recorded(nb.inputs.Regular(2, "20 kHz"), 1)
    with pytest.raises(nb.TimeStepError, match="more than one spike in a step"):
        recorded(nb.inputs.Gamma(2, "20*kHz + 0*Hz*t/ms", 2), 1)
