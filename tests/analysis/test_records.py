"""Statistics of what monitors have recorded: of which neurons, since when, until when, in which units."""

from __future__ import annotations

import math

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import ms, second

from . import loops

TIMES = {0: range(10, 1000, 10), 1: range(25, 1000, 50), 2: [400], 3: [100, 101, 350], 4: []}
N = len(TIMES)


def firing():
    """Five neurons that fire at given times."""
    at = {}
    for neuron, times in TIMES.items():
        for t in times:
            at.setdefault(t * 10, []).append(neuron)

    def fire(t):
        return at.get(round(t * 10), [])

    return nb.Neurons(N, {}, threshold=fire, name="firing")


@pytest.fixture(scope="module")
def run():
    cells = firing()
    spikes = nb.Monitor(cells, "spikes", name="spikes")
    some = nb.Monitor(cells[1:], "spikes", of=[2, 0], name="some")
    net = nb.Network(cells, spikes, some, dt="0.1 ms")
    net.run("300 ms")
    late = nb.Monitor(cells, "spikes", name="late")
    net.add(late)
    net.run("700 ms")
    return spikes, some, late


def wave():
    """Three neurons with v = k sin(2 pi 40 Hz t), k = 1, 2, 3 mV, and a shared current."""
    text = "v = k*sin(2*pi*40*Hz*t) : mV\nk : mV\nI = 2*nA*t/ms : nA (shared)"
    cells = nb.Neurons(3, text, k=[1, 2, 3], name="wave")
    trace = nb.Monitor(cells, "v", every="0.5 ms", name="trace")
    both = nb.Monitor(cells, "v", "I", every="1 ms", of=[2, 1], name="both")
    nb.Network(cells, trace, both).run("1 s")
    return trace, both


def test_trains_and_counts(run):
    spikes, some, late = run
    assert [t.tolist() for t in spikes.trains()] == [list(times) for times in TIMES.values()]
    assert [t.tolist() for t in some.trains()] == [
        [100, 101, 350],
        list(TIMES[1]),
    ]  # as the monitor orders them
    assert [t.tolist() for t in late.trains()] == [[x for x in t if x >= 300] for t in TIMES.values()]
    assert some.between().neurons.tolist() == [2, 0]  # in cells[1:]


def test_rates_of_the_time_in_which_was_recorded(run):
    spikes, some, late = run
    np.testing.assert_allclose(spikes.rates(), [99, 20, 1, 3, 0])
    np.testing.assert_allclose(late.rates(), np.array([70, 14, 1, 1, 0]) / 0.7)
    np.testing.assert_allclose(some.rates(), [3, 20])
    np.testing.assert_allclose(spikes.rates(after="300 ms"), late.rates())
    np.testing.assert_allclose(spikes.rates(after=0.3 * second, of=[1, 0]), np.array([14, 70]) / 0.7)
    np.testing.assert_allclose(late.rates(after=100), late.rates())  # it began at 300 ms
    assert late.rate == late.between().rate == pytest.approx(86 / 5 / 0.7)
    assert late.count.tolist() == late.between().count.tolist() == [70, 14, 1, 1, 0]


def test_rates_in_bins(run):
    spikes, _, late = run
    t, rate = spikes.rates(bin="100 ms")
    np.testing.assert_array_equal(t, np.arange(50, 1000, 100))
    expected = [loops.counts(list(times), 0, 1000, 100) for times in TIMES.values()]
    np.testing.assert_allclose(rate, np.array(expected).T * 10)
    t, rate = late.rates(bin=300 * ms)  # 300..600, 600..900; the rest is no whole bin
    np.testing.assert_array_equal(t, [450, 750])
    np.testing.assert_allclose(rate[:, 0], 100)
    found = spikes.population_rate(bin="50 ms")
    every = sorted(t for times in TIMES.values() for t in times)
    np.testing.assert_allclose(found.rate, np.array(loops.counts(every, 0, 1000, 50)) * 20 / N)
    smoothed = spikes.population_rate(smooth="20 ms", kernel="rectangular", of=0).rate
    np.testing.assert_allclose(smoothed[40:-40], 100, atol=1e-9)  # two spikes in 20 ms, wherever these are


def test_statistics_of_single_neurons(run):
    spikes, some, _ = run
    np.testing.assert_allclose(spikes.cv(), [0, 0, np.nan, loops.cv([100, 101, 350]), np.nan], atol=1e-12)
    np.testing.assert_allclose(spikes.cv2(), [0, 0, np.nan, 2 * 248 / 250, np.nan], atol=1e-12)
    np.testing.assert_allclose(some.lv(), [3 * (248 / 250) ** 2, 0], atol=1e-12)
    np.testing.assert_allclose(spikes.isi(of=3), [1, 249])
    assert spikes.isi().size == 98 + 19 + 0 + 2
    np.testing.assert_allclose(spikes.latency(), [10, 25, 400, 100, np.nan])
    np.testing.assert_allclose(spikes.latency(after="100.5 ms"), [9.5, 24.5, 299.5, 0.5, np.nan])
    expected = [loops.fano(list(times), 0, 1000, 100) for times in TIMES.values()]
    np.testing.assert_allclose(spikes.fano(), expected)


def test_statistics_of_several_neurons(run):
    spikes, _, late = run
    trains = [list(times) for times in TIMES.values()]
    assert spikes.synchrony(bin=1) == pytest.approx(loops.kappa(trains, 0, 1000, 1))
    assert late.synchrony(bin="50 ms") == pytest.approx(
        loops.kappa([[x for x in t if x >= 300] for t in trains], 300, 1000, 50)
    )
    counts = np.array([loops.counts(train, 0, 1000, 20) for train in trains[:4]])
    np.testing.assert_allclose(spikes.correlation("20 ms")[:4, :4], np.corrcoef(counts), atol=1e-12)
    lag, pairs = spikes.cross_correlation(0, 1, max_lag="6 ms", norm="count")
    assert dict(zip(lag, pairs, strict=True)) == {**dict.fromkeys(range(-6, 7), 0), -5: 20, 5: 20}
    lag, pairs = spikes.cross_correlation(0, max_lag=10, norm="count")  # no spike is a pair with itself
    assert pairs[lag == 0] == 0
    assert pairs[lag == 10] == 98
    _, pairs = spikes.cross_correlation([0, 1], [1, 3], max_lag=0, norm="count")
    assert pairs == [2]  # at 100 and 350 ms 0 and 3 fire; those of 1 with itself are none
    assert spikes.cross_correlation(0).correlation[50] == pytest.approx(1)
    frequency, power = spikes.spectrum(segment="200 ms", of=0)
    assert frequency[power.argmax()] in (100, 200, 300, 400, 500)


def test_between(run):
    spikes, some, late = run
    part = spikes.between("100 ms", 0.35 * second)
    assert part.t.tolist() == sorted([*range(100, 350, 10), *range(125, 350, 50), 100, 101])
    assert (part.start, part.stop) == (100, 350)
    np.testing.assert_allclose(part.rates(), np.array([25, 5, 0, 2, 0]) / 0.25)
    assert part.between(200).start == 200
    assert part.between(0, 1000).start == 100
    assert late.between(0, 400).start == 300
    np.testing.assert_allclose(late.between(0, 400).rates(of=0), 100)
    assert some.between("100 ms", "102 ms").count.tolist() == [2, 0]
    assert spikes.between() is not spikes
    assert len(spikes.between()) == len(spikes)


def test_steps_on_the_bounds_are_inside_at_the_start_and_outside_at_the_end():
    cells = nb.Neurons(1, {}, threshold=lambda t: [0])
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "lastspike")
    nb.Network(cells, spikes, trace, dt="0.1 ms").run("100 ms")
    for a in range(0, 900, 7):
        part = spikes.between(a / 10, (a + 13) / 10)
        np.testing.assert_allclose(part.t, np.arange(a, a + 13) / 10)
        assert trace.between(a / 10, (a + 13) / 10).t.tolist() == part.t.tolist()
        assert part.rate == pytest.approx(10_000)


def test_refused_intervals(run):
    spikes, _, late = run
    for monitor, interval in (
        (late, (0, 300)),
        (late, (1000, 2000)),
        (spikes, (20, 10)),
        (spikes, (20, 20)),
    ):
        with pytest.raises(nb.TimeStepError):
            monitor.between(*interval)
    with pytest.raises(nb.TimeStepError, match="from 300 to 1000 ms"):
        late.between(0, 200)
    fresh = nb.Monitor(firing(), "spikes")
    assert len(fresh.between()) == 0
    assert np.isnan(fresh.rates()).all()
    with pytest.raises(nb.TimeStepError, match="not run yet"):
        fresh.between(0, 100)


def test_statistics_in_the_middle_of_a_run():
    cells = nb.Neurons(2, {}, threshold=lambda t: [0])
    spikes, found = nb.Monitor(cells, "spikes"), []
    cells.at("start", lambda t: found.append(spikes.rates()[0]))
    cells.at("end", lambda t: found.append(spikes.rates(bin="0.1 ms").rate[:, 0].tolist()))
    nb.Network(cells, spikes, dt="0.1 ms").run("0.3 ms")
    assert math.isnan(found[0])
    np.testing.assert_allclose(found[2::2], 10_000)
    assert found[1::2] == [[10_000.0] * k for k in (1, 2, 3)]


def test_traces():
    trace, both = wave()
    np.testing.assert_allclose(trace.fluctuation(), np.array([1, 2, 3]) / math.sqrt(2))
    np.testing.assert_allclose(both.fluctuation("v"), np.array([3, 2]) / math.sqrt(2))
    assert trace.synchrony() == pytest.approx(
        2 / math.sqrt(14 / 3)
    )  # all in phase: mean k / root mean k**2
    frequency, power = trace.spectrum(segment="500 ms")
    assert frequency[power.argmax(axis=0)].tolist() == [40, 40, 40]
    np.testing.assert_allclose(power.sum(axis=0) * frequency[1], np.array([1, 4, 9]) / 2)
    part = both.between("100 ms", "200 ms")
    np.testing.assert_array_equal(part.t, np.arange(100, 200))
    np.testing.assert_allclose(part.I, 2 * part.t)
    np.testing.assert_array_equal(part.v, both.v[100:200])
    np.testing.assert_array_equal(part["v"], part.v)
    assert part.neurons.tolist() == [2, 1]
    assert trace.between(0, 1000).t.size == 2000
    assert trace.between(999.5).t.tolist() == [999.5]


def test_spike_triggered_averages(run):
    spikes, some, _ = run
    t = np.arange(0, 1000, 0.5)
    saw = t % 50
    lag, average = spikes.sta((t, saw), before="10 ms", after=5, of=1)
    np.testing.assert_allclose(average, 25 + lag)
    each = np.array([1, 2, 3, 4, 5]) * np.ones((t.size, 1))
    _, average = spikes.sta((t, each), before=0)
    assert average == pytest.approx((99 * 1 + 20 * 2 + 1 * 3 + 3 * 4) / 123)
    _, average = some.sta((t, each[:, :2]), before=0)
    assert average == pytest.approx((3 * 1 + 20 * 2) / 23)
    _, average = some.sta((t, each[:, :2]), before=0, of=1)
    assert average == 2
    with pytest.raises(nb.ShapeError):
        some.sta((t, each))  # it has recorded two neurons


def test_columns_of_a_monitor_are_found_by_the_numbers_of_the_neurons():
    text = "v = i*mV : mV"
    cells = nb.Neurons(4, text, threshold=lambda t: [1, 3] if t < 50 else [3])
    spikes, v = nb.Monitor(cells, "spikes", of=[3, 1]), nb.Monitor(cells, "v", of=[1, 2, 3], every="1 ms")
    few = nb.Monitor(cells, "v", of=[1, 2], every="1 ms")
    nb.Network(cells, spikes, v, few, dt="1 ms").run("100 ms")
    assert spikes.sta(v, before=0).average == pytest.approx((50 * 1 + 100 * 3) / 150)
    assert spikes.sta(v.between("50 ms"), before=0).average == pytest.approx(3)
    with pytest.raises(nb.ShapeError, match="neuron 3"):
        spikes.sta(few)
    assert spikes.sta(few, of=1, before=0).average == pytest.approx(1)


def test_recorded_variables_come_before_statistics():
    cells = nb.Neurons(2, "cv = 3 : 1\nspectrum = 4 : 1", threshold=lambda t: [0])
    values = nb.Monitor(cells, "cv, spectrum, lastspike")
    nb.Network(cells, values).run(1)
    assert (values.cv == 3).all()
    assert (values.spectrum == 4).all()
    assert (values.between(0, 0.5).cv == 3).all()
    with pytest.raises(nb.ArgumentError, match="say which"):
        values.fluctuation()


def test_statistics_of_the_other_kind_are_no_attributes(run):
    spikes = run[0]
    cells = nb.Neurons(2, "v : 1")
    trace = nb.Monitor(cells, "v", name="trace")
    for monitor, name in ((spikes, "fluctuation"), (trace, "cv"), (trace, "rates")):
        with pytest.raises(nb.UnknownAttributeError, match="does not record"):
            getattr(monitor, name)
        assert name not in dir(monitor)
        assert not hasattr(monitor, name)
    assert {"cv", "between", "to_nwb", "population_rate"} <= set(dir(spikes))
    assert {"fluctuation", "between", "to_nwb", "spectrum"} <= set(dir(trace))
    with pytest.raises(nb.UnknownAttributeError, match="did you mean"):
        spikes.counts  # noqa: B018


def test_events_have_the_statistics_of_spikes():
    cells = nb.Neurons(2, "v = t/ms : 1", events={"full": "v % 10 < 0.5"})
    full = nb.Monitor(cells, "full")
    nb.Network(cells, full, dt="1 ms").run("100 ms")
    assert full.rates().tolist() == [100, 100]


def test_spike_times_between_steps():
    cells = nb.Neurons(
        1,
        "dv/dt = 1/(7*ms) : 1",
        threshold="v > 1",
        reset="v = 0",
        spike_times="interpolated",
        method="rk4",
    )
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt="0.3 ms").run("90 ms")
    np.testing.assert_allclose(spikes.isi(), 7)
    np.testing.assert_allclose(spikes.cv(), 0, atol=1e-9)


def test_arguments(run):
    spikes = run[0]
    for call in (
        lambda: spikes.rates(bin="5 mV"),
        lambda: spikes.rates(bin=0),
        lambda: spikes.rates(of=7),
        lambda: spikes.population_rate(kernel="box", smooth=1),
        lambda: spikes.cross_correlation(norm="pearson"),
        lambda: spikes.sta(3),
        lambda: spikes.sta(spikes),
        lambda: spikes.sta(([0, 1], [1, 2, 3])),
        lambda: spikes.sta(([0, 1, 3], [1, 2, 3])),
    ):
        with pytest.raises(nb.NumpyBrainError):
            call()


def test_a_restored_network_has_its_statistics(run):
    cells = firing()
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    net.run("500 ms")
    snapshot, rates = net.snapshot(), spikes.rates()
    net.run("500 ms")
    net.restore(snapshot)
    np.testing.assert_array_equal(spikes.rates(), rates)
    net.run("500 ms")
    np.testing.assert_array_equal(spikes.rates(), run[0].rates())
    assert repr(spikes.between()).endswith("123 spikes of 5 neurons in 0..1000 ms>")
