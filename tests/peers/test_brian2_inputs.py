"""Inputs beside those of Brian2: given spikes step for step, drives by their law."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(autouse=True)
def _fresh() -> None:
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = 0.1 * b2.ms
    b2.seed(1)


def steps(t, i) -> list[tuple[int, int]]:
    return sorted(
        zip(np.rint(np.asarray(t) / 0.1).astype(int).tolist(), np.asarray(i).tolist(), strict=True)
    )


@pytest.mark.parametrize("period", [None, 25.0])
@pytest.mark.parametrize("seed", range(3))
def test_given_spikes(seed: int, period: float | None) -> None:
    """Random times, among them some on, and a hair beside, the edges of steps."""
    rng = np.random.default_rng(seed)
    k = rng.choice(240, 60, replace=False)
    t = k * 0.1 + rng.choice([0.0, 0.03, 0.0995, -1e-5, 1e-9], 60)
    t, i = np.maximum(t, 0.0), rng.integers(0, 5, 60)
    bins = np.floor(t / 0.1 + 1e-3).astype(int)
    _, first = np.unique(bins * 5 + i, return_index=True)
    t, i = t[first], i[first]
    theirs = b2.SpikeGeneratorGroup(
        5, i, t * b2.ms, **({} if period is None else {"period": period * b2.ms})
    )
    record = b2.SpikeMonitor(theirs)
    b2.Network(theirs, record).run(80 * b2.ms)
    ours = nb.inputs.SpikeTimes(i, t, n=5, period=period)
    spikes = nb.Monitor(ours, "spikes")
    nb.Network(ours, spikes).run(80)
    assert steps(spikes.t, spikes.i) == steps(record.t / b2.ms, record.i)


def test_spikes_of_neurons_that_get_given_ones() -> None:
    rng = np.random.default_rng(3)
    k = np.unique(rng.integers(0, 10_000, 4000))
    t, i = k % 1000 * 0.1, k // 1000
    model = "dv/dt = -v/(10*ms) : 1 (unless refractory)"
    texts = {"threshold": "v > 1", "reset": "v = 0"}
    pairs = np.nonzero(rng.random((10, 20)) < 0.4)
    source = b2.SpikeGeneratorGroup(10, i, t * b2.ms)
    cells = b2.NeuronGroup(20, model, refractory=2 * b2.ms, method="exact", **texts)
    syn = b2.Synapses(source, cells, on_pre="v += 0.15", delay=1.5 * b2.ms)
    syn.connect(i=pairs[0], j=pairs[1])
    record = b2.SpikeMonitor(cells)
    b2.Network(source, cells, syn, record).run(100 * b2.ms)
    ours = nb.inputs.SpikeTimes(i, t, n=10)
    group = nb.Neurons(20, model, refractory="2 ms", **texts)
    links = nb.Synapses(ours, group, on_pre="v += 0.15", delay="1.5 ms", connect=pairs)
    spikes = nb.Monitor(group, "spikes")
    nb.Network(ours, group, links, spikes).run(100)
    assert len(spikes) > 100
    assert steps(spikes.t, spikes.i) == steps(record.t / b2.ms, record.i)


def test_poisson_drive() -> None:
    """The rate of driven neurons, refractory ones shielded, is that of Brian2's PoissonInput."""
    model = "dv/dt = -v/(20*ms) : volt (unless refractory)"
    cells = b2.NeuronGroup(
        500, model, threshold="v > 20*mV", reset="v = 10*mV", refractory=2 * b2.ms, method="exact"
    )
    drive = b2.PoissonInput(cells, "v", N=1000, rate=18 * b2.Hz, weight=0.1 * b2.mV)
    record = b2.SpikeMonitor(cells)
    b2.Network(cells, drive, record).run(400 * b2.ms)
    group = nb.Neurons(
        500, model.replace("volt", "mV"), threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms"
    )
    group.poisson("v", n=1000, rate="18 Hz", weight="0.1 mV")
    spikes = nb.Monitor(group, "spikes")
    nb.Network(group, spikes).run(400)
    theirs, ours = (np.sum(np.asarray(t) > 100) for t in (record.t / b2.ms, spikes.t))
    assert ours == pytest.approx(theirs, abs=4 * np.sqrt(2 * theirs))
    assert ours == pytest.approx(theirs, rel=0.05)


def test_poisson_group() -> None:
    source = b2.PoissonGroup(200, "50*Hz*(1 + sin(2*pi*t/(100*ms)))")
    record = b2.SpikeMonitor(source)
    b2.Network(source, record).run(500 * b2.ms)
    ours = nb.inputs.Poisson(200, "50*Hz*(1 + sin(2*pi*t/(100*ms)))")
    spikes = nb.Monitor(ours, "spikes")
    nb.Network(ours, spikes).run(500)
    theirs, found = (
        np.histogram(np.asarray(t) % 100, 10, (0, 100))[0] for t in (record.t / b2.ms, spikes.t)
    )
    assert np.abs((found - theirs) / np.sqrt(found + theirs + 1)).max() < 4
