"""Objects that leave a network and come back, and starts that do not depend on what was done first."""

from __future__ import annotations

import gc
import weakref

import numpy as np

import numpybrain as nb

MODEL = "dv/dt = (2 - v)/(10*ms) : 1 (unless refractory)"
ALL = {"threshold": "v > 1", "reset": "v = 0", "refractory": "5 ms"}


def numbers_of(net, drawn):
    drawn.clear()
    net.run(0.5)
    return list(drawn)


def test_numbers_of_the_network_are_those_of_the_start_again():
    nb.seed(3)
    net, drawn = nb.Network(nb.Neurons(1, "x : 1")), []
    net.at("end", lambda rng: drawn.append(rng.random()))
    first = numbers_of(net, drawn)
    net.reset(seed=2)
    other = numbers_of(net, drawn)
    net.reset()
    assert numbers_of(net, drawn) == first
    net.reset(seed=2)
    assert numbers_of(net, drawn) == other != first


def test_what_the_first_trial_assigns_is_not_the_start_of_the_others():
    cells = nb.Neurons(1, "I : 1")
    net, found = nb.Network(cells), []
    for _ in net.trials(3, seed=1):
        cells.I += 1
        net.run(0.1)
        found.append(float(cells.I[0]))
    assert found == [1, 1, 1]


def test_refractoriness_that_is_over_by_the_return():
    group = nb.Neurons(1, MODEL, **ALL)
    net = nb.Network(group)
    net.run(8)  # it has fired, and is refractory
    assert group.v[0] == 0
    net.remove(group)
    net.run(20)
    spikes = nb.Monitor(group, "spikes")
    net.add(group, spikes)
    net.run(30)
    rise = 10 * np.log(2)  # ms from 0 to the threshold
    assert len(spikes) == 2
    assert np.allclose(spikes.t, [28 + rise, 28 + 5 + 2 * rise], atol=0.25)


def test_spikes_under_way_wait_for_nobody():
    source, target = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0"), nb.Neurons(1, "x : 1")
    forth = nb.Synapses(source, target, on_pre="x += 1", connect=([0], [0]), delay="5 ms")
    net = nb.Network(source, target, forth)
    for pause, seen in ((0, 1), (2, 1), (9, 1)):
        source.v = 2
        net.run(1)
        net.remove(forth)
        net.run(pause)
        net.add(forth)
        net.run(10)
        assert target.x[0] == seen
    net.remove(forth)
    net.reset()
    net.add(forth)
    source.v = 2
    net.run(10)
    assert target.x[0] == 1


def test_what_comes_back_has_the_start_that_it_had():
    group = nb.Neurons(1, MODEL, **ALL)
    net = nb.Network(group)
    net.run(108)
    net.remove(group)
    net.add(group)
    net.reset()
    spikes = nb.Monitor(group, "spikes")
    net.add(spikes)
    net.run(10)
    assert np.allclose(spikes.t, 10 * np.log(2), atol=0.25)


def test_what_was_removed_is_held_by_nobody():
    net = nb.Network(nb.Neurons(1, "x : 1", name="stays"))
    group = nb.Neurons(1, MODEL, **ALL)
    net.add(group, monitor := nb.Monitor(group, "v"))
    net.run(1)
    net.step()
    net.remove(group, monitor)
    seen = weakref.ref(group)
    del group, monitor
    net.run(1)
    gc.collect()
    assert seen() is None


def test_rates_keep_their_times():
    cells = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0")
    rate = nb.PopulationRate(cells, bin="1 ms")
    net = nb.Network(cells, rate)
    cells.v = 2
    net.run(3)
    net.remove(rate)
    net.run(4)
    net.add(rate)
    cells.v = 2
    net.run(3)
    assert rate.rate[np.isclose(rate.t, rate.t[0])][0] == 1000
    assert rate.rate.sum() == 2000
    assert rate.rate[np.argmin(np.abs(rate.t - rate.t[0] - 7))] == 1000
    net.reset()
    net.run(1)
    cells.v = 2
    net.run(2)
    assert rate.count.tolist() == [1, 1, 0]  # the first from the start, where v was 2
    net.remove(rate)
    late = nb.PopulationRate(cells, bin="1 ms")
    net.add(late)
    net.run(2)
    net.reset()  # it came later, and counts from the start now
    net.run(2)
    assert late.t.size == 2
    assert late.t[0] < 1
