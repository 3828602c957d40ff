"""Statistics over time without records, against the same of the records."""

from __future__ import annotations


import numpy as np
import pytest

import numpybrain as nb
from numpybrain.analysis.moments import RunningMoments
from numpybrain.units import mV

MODEL = """
dv/dt = -v/(10*ms) + 5*mV*sqrt(2/(10*ms))*xi : mV
u = 2*v + 1*mV : mV
high = v > 2*mV : boolean
s = sin(t/(5*ms)) : 1 (shared)
k : integer
"""
EDGES = np.linspace(-8, 8, 9)


def network(**options):
    nb.seed(4)
    cells = nb.Neurons(6, MODEL, threshold="v > 6*mV", reset="v = 0*mV", name="cells", k="i")
    choice = {
        name: options.pop(name) for name in ("every", "start", "stop", "phase", "of") if name in options
    }
    stats = nb.RunningStatistics(
        cells, "v, u, high, s, k", histogram={"v": EDGES, "s": [-1, 0, 1]}, **choice, name="stats"
    )
    trace = nb.Monitor(cells, "v, u, high, s, k", **choice, name="trace")
    return nb.Network(cells, stats, trace, dt="0.1 ms"), stats, trace


def check(stats, trace, since=0):
    for name in trace.variables:
        found, values = stats[name], np.asarray(trace[name], dtype=float)[since:]
        assert found.count == len(values) > 0
        np.testing.assert_allclose(found.mean, values.mean(axis=0), atol=1e-12)
        np.testing.assert_allclose(found.variance, values.var(axis=0), atol=1e-11)
        np.testing.assert_allclose(found.std, values.std(axis=0), atol=1e-6)
        np.testing.assert_array_equal(found.minimum, values.min(axis=0))
        np.testing.assert_array_equal(found.maximum, values.max(axis=0))
    v = trace.v[since:]
    expected = np.array([np.histogram(column, EDGES)[0] for column in v.T]).T
    np.testing.assert_array_equal(stats.v.histogram, expected)
    np.testing.assert_array_equal(stats.s.histogram, np.histogram(trace.s[since:], [-1, 0, 1])[0])
    assert stats.u.histogram.shape[0] == 0


@pytest.mark.parametrize(
    "options",
    [{}, {"every": "0.7 ms"}, {"start": 5, "stop": 31.3}, {"phase": "end", "of": [4, 1]}, {"of": slice(1, 3), "every": 1, "start": 2}],
)  # fmt: skip
def test_statistics_are_those_of_the_records(options):
    net, stats, trace = network(**options)
    for length in (20, 0.1, 19.9):
        net.run(length)
        check(stats, trace)
    assert stats.v.mean.shape == (trace.v.shape[1],)
    assert stats.s.mean.shape == ()
    assert (stats.v.unit, stats.s.unit) == ("mV", "1")


def test_no_digits_are_lost():
    """Where the mean is a thousand million times the deviation."""
    x = 1e9 + np.random.default_rng(0).normal(size=(10_000, 3))
    moments = RunningMoments((3,))
    for sample in x:
        moments.add(sample)
    np.testing.assert_allclose(moments.squares / moments.n, (x - 1e9).var(axis=0), rtol=1e-6)


def test_bins_are_those_of_numpy():
    samples = np.array([-2.0, -1, -0.5, 0, 0.5, 1, 1.0001, np.nan, np.inf, -np.inf])
    edges = np.array([-1, -0.5, 0.5, 1])
    moments = RunningMoments((1,), edges)
    for sample in samples:
        moments.add([sample])
    expected, _ = np.histogram(samples[np.isfinite(samples)], edges)
    np.testing.assert_array_equal(moments.counts[:, 0], expected)


def test_nothing_yet():
    _, stats, _ = network()
    assert stats.v.count == 0
    assert np.isnan(stats.v.mean).all()
    assert np.isnan(stats.v.variance).all()
    assert stats.v.histogram.sum() == 0


def test_what_is_given_are_copies():
    net, stats, _ = network()
    net.run(1)
    stats.v.mean[:] = 99
    stats.v.histogram[:] = 99
    assert stats.v.mean.max() < 99
    assert stats.v.histogram.max() < 99


def test_edges_with_units():
    cells = nb.Neurons(2, "v = t/ms*mV : mV")
    found = [
        nb.RunningStatistics(cells, "v", histogram=edges)
        for edges in ([0, 5, 10], np.array([0, 0.5, 1]) * 10 * mV, ["0 mV", "5 mV", "0.01 V"])
    ]
    nb.Network(cells, *found, dt="1 ms").run(10)
    for stats in found:
        assert stats.v.histogram.tolist() == [[5, 5], [5, 5]]
        np.testing.assert_allclose(stats.v.edges, [0, 5, 10])


@pytest.mark.parametrize("options", [{}, {"start": 5, "stop": 31}, {"of": [4, 1]}])
def test_checkpoints(options, tmp_path):
    net, stats, trace = network(**options)
    net.run(17)
    net.save(tmp_path / "half.npz")
    net.run(17)
    again, others, records = network(**options)
    again.load(tmp_path / "half.npz")
    again.run(17)
    check(others, records)
    for name in trace.variables:
        for part in ("mean", "variance", "histogram"):
            np.testing.assert_array_equal(getattr(others[name], part), getattr(stats[name], part))
    again.load(tmp_path / "half.npz", records=False)
    assert others.v.count == 0
    again.run(17)
    assert others.v.count == records.v.shape[0]


def test_snapshots_of_others_are_refused():
    net, *_ = network()
    snapshot = net.snapshot()
    for options in ({"every": 1}, {"of": [0]}, {"start": 3}):
        other, *_ = network(**options)
        with pytest.raises(nb.CheckpointError):
            other.restore(snapshot)


def test_synapses_that_are_taken_away():
    cells = nb.Neurons(3, {}, threshold=lambda t: [0])
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="w += 1", connect="i != j", w="i")
    stats = nb.RunningStatistics(synapses, "w")
    net = nb.Network(cells, synapses, stats, dt="1 ms")
    net.run(3)
    np.testing.assert_allclose(stats.w.mean, [1, 1, 1, 1, 2, 2])
    synapses.remove([0, 3])
    net.run(3)
    assert np.isnan(stats.w.mean[[0, 3]]).all()
    np.testing.assert_allclose(stats.w.mean[[1, 2, 4, 5]], [2.5, 1, 2, 2])


def test_memory_does_not_grow():
    """A thousand neurons, ten thousand steps: a record would take 80 MB."""
    import tracemalloc

    cells = nb.Neurons(1000, {"v": "1"}, integrate=lambda v: None)
    stats = nb.RunningStatistics(cells, "v", histogram=[-1, 1])
    net = nb.Network(cells, stats)
    net.run(1)
    tracemalloc.start()
    net.run(100)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert stats.v.histogram.tolist() == [[1010] * 1000]


@pytest.mark.parametrize(
    ("variables", "options", "error"),
    [
        ((), {}, nb.ArgumentError), (("w",), {}, nb.UnknownAttributeError), (("spikes",), {}, nb.ArgumentError),
        (("v",), {"histogram": [1]}, nb.ShapeError), (("v",), {"histogram": [1, 0]}, nb.ShapeError), (("v, u",), {"histogram": [0, 1]}, nb.ArgumentError),
        (("v",), {"histogram": {"w": [0, 1]}}, nb.ArgumentError), (("v",), {"histogram": ["1 nA", "2 nA"]}, nb.UnitError),
        (("v",), {"phase": "late"}, nb.NetworkError), (("v",), {"every": -1}, nb.TimeStepError), (("v",), {"of": [9]}, nb.IndexRangeError),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(variables, options, error):
    cells = nb.Neurons(2, "v : mV\nu : mV", threshold="v > 1*mV")
    with pytest.raises(error):
        nb.RunningStatistics(cells, *variables, **options)


def test_it_says_what_it_is():
    cells = nb.Neurons(2, "v : mV", name="cells")
    stats = nb.RunningStatistics(cells, "v", name="stats")
    assert repr(stats) == "<RunningStatistics 'stats' v of cells>"
    assert "v" in dir(stats)
    with pytest.raises(nb.UnknownAttributeError, match="no statistics of 'w'"):
        stats.w  # noqa: B018
    with pytest.raises(nb.ArgumentError):
        nb.RunningStatistics(3, "v")
    with pytest.warns(nb.LeftOutWarning):
        nb.Network(cells).run(1)
