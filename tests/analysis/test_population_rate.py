"""Population rates without a record of spikes, against the spikes."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb


def network(**options):
    nb.seed(11)
    cells = nb.Neurons(20, {}, threshold=lambda t, rng: (rng.random(20) < 0.05).nonzero()[0], name="cells")
    of, start = options.pop("of", None), options.pop("start", None)
    rate = nb.PopulationRate(cells, of=of, start=start, **options)
    spikes = nb.Monitor(cells, "spikes", of=of)
    return nb.Network(cells, rate, spikes, dt="0.1 ms"), rate, spikes


def check(rate, spikes, width, start, stop):
    part = spikes.between(start, stop)
    t, expected = part.population_rate(bin=width)
    np.testing.assert_allclose(rate.t, t)
    np.testing.assert_allclose(rate.rate, expected)
    np.testing.assert_allclose(rate.count, expected * part.n * width / 1000)
    for kernel in ("gaussian", "exponential"):
        found = rate.smooth("3 ms", kernel=kernel)
        np.testing.assert_allclose(
            found.rate, part.population_rate(bin=width, smooth=3, kernel=kernel).rate
        )
    assert len(rate) == t.size


@pytest.mark.parametrize("of", [None, slice(3, 8), [9, 2, 4], [1, 1, 3]])
@pytest.mark.parametrize(
    ("width", "start", "stop"),
    [(1, None, None), (0.1, None, None), (2.5, 5, None), (1, 3.3, 31.3), (2, 0, 31)],
)
def test_rates_are_those_of_the_spikes(of, width, start, stop):
    net, rate, spikes = network(of=of, bin=width, start=start, stop=stop)
    for length in (7.3, 0.1, 12.6, 20):
        net.run(length)
        if net.t > 8:
            check(rate, spikes, width, start or 0, min(net.t, stop or 99))


def test_the_default_is_a_millisecond():
    net, rate, spikes = network()
    net.run(10)
    check(rate, spikes, 1, 0, 10)
    assert rate.rate.mean() == pytest.approx(500, rel=0.5)


@pytest.mark.parametrize(("start", "first"), [(None, 4.2), (1, 5), (4.2, 4.2), (10, 10)])
def test_who_joins_late_begins_with_a_whole_bin(start, first):
    net, _, spikes = network()
    net.run(4.2)
    late = nb.PopulationRate(spikes.group, bin=2, start=start)
    net.add(late)
    net.run(15)
    check(late, spikes, 2, first, 19.2)


def test_nothing_yet():
    _, rate, _ = network(bin=5)
    assert (len(rate), rate.rate.size, rate.t.size) == (0, 0, 0)
    cells = nb.Neurons(2, {}, threshold=lambda t: [])
    free = nb.PopulationRate(cells)
    assert free.rate.size == free.smooth(1).rate.size == 0


def test_events_and_parts():
    cells = nb.Neurons(4, "v = t/ms : 1", events={"even": "v % 2 < 1"})
    rate = nb.PopulationRate(cells[:2], "even", bin="1 ms")
    nb.Network(cells, rate, dt="1 ms").run(4)
    assert rate.rate.tolist() == [1000, 0, 1000, 0]


def test_inputs():
    source = nb.inputs.SpikeTimes([0, 1, 1], [0, 1, 2], n=2)
    rate = nb.PopulationRate(source)
    nb.Network(source, rate, dt="0.5 ms").run(3)
    assert rate.count.tolist() == [1, 1, 1]


@pytest.mark.parametrize("options", [{}, {"start": 5, "stop": 31}, {"of": [4, 1]}])
def test_checkpoints(options, tmp_path):
    net, rate, spikes = network(bin=2, **options)
    net.run(17.1)
    net.save(tmp_path / "half.npz")
    net.run(17)
    again, other, spikes = network(bin=2, **options)
    again.run(40)
    again.load(tmp_path / "half.npz")
    again.run(17)
    np.testing.assert_array_equal(other.rate, rate.rate)
    check(other, spikes, 2, options.get("start", 0), options.get("stop", 34.1))
    again.load(tmp_path / "half.npz", records=False)
    assert len(other) == 0
    again.run(4)
    assert len(other) == (1 if options.get("start") else 2)  # bins begin 5, 7 ... 19 ms
    with pytest.raises(nb.CheckpointError):
        network(bin=2, of=[0, 2])[0].load(tmp_path / "half.npz")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"bin": 0}, nb.TimeStepError), ({"bin": "1 mV"}, nb.UnitError), ({"event": "low"}, nb.ArgumentError),
        ({"start": 2, "stop": 1}, nb.TimeStepError), ({"of": [30]}, nb.IndexRangeError), ({"width": 1}, nb.ArgumentError),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(options, error):
    cells = nb.Neurons(20, {}, threshold=lambda t: [])
    with pytest.raises(error):
        nb.PopulationRate(cells, **options)


def test_who_has_no_spikes_has_no_rate():
    cells = nb.Neurons(2, "v : 1")
    firing = nb.Neurons(2, {}, threshold=lambda t: [])
    synapses = nb.Synapses(firing, firing, "w : 1", on_pre="w += 1", connect="i != j")
    for thing in (cells, synapses, 3):
        with pytest.raises(nb.ArgumentError):
            nb.PopulationRate(thing)
    with pytest.raises(nb.TimeStepError):
        nb.Network(firing, nb.PopulationRate(firing, bin=0.25))
