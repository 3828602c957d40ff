"""Networks that go back to the start, trials, and objects that leave a network."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb
from tests.kernel.checkpoints import BUILDS, observe, same

LIF = "dv/dt = (1.2 - v)/(10*ms) + 0.2*xi*ms**-0.5 : 1 (unless refractory)"
SLOW = ("method_rk23", "method_rk45", "derivative")


def cells(n=20, **options):
    options = {
        "threshold": "v > 1",
        "reset": "v = 0",
        "refractory": "2 ms",
        "initial": {"v": "rand()"},
        **options,
    }
    return nb.Neurons(n, LIF, **options)


def network(*, delivery=None):
    """Inputs, neurons, plastic synapses with delays, and all kinds of records."""
    group = cells(name="cells")
    source = nb.inputs.Poisson(15, "80 Hz", name="source")
    some = nb.connect.probability(0.4)
    forth = nb.Synapses(source, group, "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)",
                        on_pre="v_post += w; x += 1; w = clip(w + 0.01*x, 0, 1)", connect=some, w="0.1*rand()",
                        delay="1.5 ms" if delivery is None else None, delivery=delivery, name="forth")  # fmt: skip
    drive = group.poisson("v", 20, "10 Hz", 0.02)
    records = [
        nb.Monitor(group, "spikes"), nb.Monitor(group[:3], "v", every="0.5 ms", start="5 ms"),
        nb.PopulationRate(group, bin="2 ms"), nb.RunningStatistics(group, "v"), nb.Monitor(forth, "w", every="3 ms"),
    ]  # fmt: skip
    return nb.Network(group, source, forth, drive, *records)


def seen(net):
    found = {}
    for k, m in enumerate(net.objects):
        names = {
            nb.Neurons: ["v"], nb.Synapses: ["i", "j", "w", "x"], nb.PopulationRate: ["t", "rate"],
            nb.RunningStatistics: ["v"],
        }.get(type(m), [])  # fmt: skip
        if isinstance(m, nb.Monitor):
            names = ["t", "i"] if m.records_spikes else ["t", *m.variables]
        values = {name: getattr(m, name) for name in names}
        if isinstance(m, nb.RunningStatistics):
            values = {"mean": m.v.mean, "variance": m.v.variance}
        found |= {f"{k} {name}": np.array(value) for name, value in values.items()}
    return found


def equal(one, other):
    assert one.keys() == other.keys()
    return all(one[key].tobytes() == other[key].tobytes() for key in one)


@pytest.mark.parametrize("name", [n for n in BUILDS if n not in SLOW])
def test_a_network_that_is_reset_does_the_same_again(name):
    nb.seed(1)
    net = BUILDS[name]()
    before = observe(net)
    net.run(13.7)
    first = observe(net)
    net.run(3)
    net.reset()
    if name != "sampled":  # to look at random numbers is to draw some
        same(observe(net), before)
    net.run(13.7)
    same(observe(net), first)


@pytest.mark.parametrize("delivery", [None, "instant"])
def test_everything_goes_back(delivery):
    nb.seed(2)
    net = network(delivery=delivery)
    group, _, _, forth, spikes = net.objects[:5]
    group.v = "0.5*rand()"  # before the first run: part of the start
    net.run(20)
    first = seen(net)
    assert first["4 i"].size > 0
    group.v = 0.1
    forth.remove("w > 0.05")
    forth.connect(([0, 1], [2, 3]))
    net.run(7.3)
    net.reset()
    assert net.t == 0
    assert len(spikes) == 0
    net.run(20)
    assert equal(seen(net), first)


def test_an_error_in_a_step_is_over_after_a_reset():
    net = nb.Network(group := cells())

    @group.at("end")
    def fail(t):
        if 1.95 < t < 2.05:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        net.run(5)
    net.reset()
    net.run(1)
    assert net.t == pytest.approx(1)


def test_other_random_numbers():
    nb.seed(4)
    net = network()
    net.run(20)
    first, start = seen(net), None
    found = []
    for seed in (7, 8, 7):
        net.reset(seed=seed)
        start = start or seen(net)
        assert equal(seen(net), start)  # the same start ...
        net.run(20)
        found.append(seen(net))
    assert equal(found[0], found[2])  # ... the same numbers for the same seed, and others for others
    assert not np.array_equal(found[0]["0 v"], found[1]["0 v"])
    assert not np.array_equal(found[0]["0 v"], first["0 v"])
    net.reset()
    net.run(20)
    assert equal(seen(net), first)


def test_trials():
    nb.seed(5)
    net = network()
    counts = []
    for k in net.trials(4, seed=11):
        assert k == len(counts)
        net.run(20)
        counts.append(seen(net))
    assert len({each["0 v"].tobytes() for each in counts}) == 4
    net.reset(seed=(11, 2))  # the third alone
    net.run(20)
    assert equal(seen(net), counts[2])
    nb.seed(5)
    again = network()
    for k in again.trials(2, seed=11):
        again.run(20)
        assert equal(seen(again), counts[k])


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda net: net.trials(0), "number of trials"),
        (lambda net: net.trials(2.5), "number of trials"),
        (lambda net: net.trials(2, seed=-1), "a seed is"),
        (lambda net: net.reset(seed="7"), "a seed is"),
        (lambda net: net.reset(seed=True), "a seed is"),
    ],
)
def test_wrong_arguments(act, words):
    with pytest.raises(nb.ArgumentError, match=words):
        act(nb.Network(cells()))


def test_not_in_a_run():
    net = nb.Network(cells())
    for act in (net.reset, lambda: net.remove(net.objects[0])):
        stage = net.at("end", act) and net.schedule.stages[-1]
        with pytest.raises(nb.NetworkError, match="the network is running"):
            net.run(1)
        net.schedule.remove(stage)
        net.resume()


def test_too_large_to_be_kept(monkeypatch):
    monkeypatch.setattr("numpybrain.checkpoints.start.MOST", 100)
    net = nb.Network(cells())
    net.run(1)
    with pytest.raises(nb.CheckpointError, match="too large to be kept unasked"):
        net.reset()


def test_strangers_go_back_too():
    from numpybrain.kernel.contracts import SimulationObject, Stage
    from numpybrain.kernel.operations import Task

    class Steps(SimulationObject):
        def __init__(self):
            self.name, self.n = "steps", 0
            self.stages = [Stage("end", "steps", "count", Task(lambda _run: self.count))]

        def count(self):
            self.n += 1

        def get_state(self):
            return {"n": self.n}

        def set_state(self, state):
            self.n = int(state["n"])

    steps = Steps()
    net = nb.Network(steps)
    net.run(2)
    assert steps.n == 20
    net.reset()
    assert steps.n == 0


def test_numbers_for_stages_of_the_network(tmp_path):
    """They come from a stream of the network's own, which snapshots keep and nobody else notices."""

    def run(*, draws):
        nb.seed(6)
        group, found = cells(), []
        net = nb.Network(group)
        if draws:
            net.at("end", lambda rng: found.append(rng.random()), every="1 ms")
        net.run(5)
        return net, group, found

    net, group, found = run(draws=True)
    assert np.array_equal(group.v, run(draws=False)[1].v)
    snapshot = net.snapshot()
    net.save(tmp_path / "file")
    net.run(5)
    later = found[5:]
    for source in (
        snapshot,
        tmp_path / "file.npz" if (tmp_path / "file.npz").exists() else tmp_path / "file",
    ):
        net.restore(source)
        del found[:]
        net.run(5)
        assert found == later
    net.reset()
    del found[:]
    net.run(10)
    assert found[5:] == later
    net.reset(seed=1)
    del found[:]
    net.run(5)
    assert not set(found) & set(later)


# ---- objects that leave ----


@pytest.mark.parametrize("delivery", [None, "instant"])
def test_without_what_was_removed_it_is_as_if_it_had_never_been_there(delivery):
    def build():
        nb.seed(8)
        net = network(delivery=delivery)
        return net, net.objects[0], net.objects[1:4], [m for m in net.objects if isinstance(m, nb.Monitor)]

    net, group, others, monitors = build()
    synaptic = monitors[-1]
    net.remove(*others, synaptic)
    assert [s.owner for s in net.schedule if s.owner in ("source", "forth", "network")] == []
    net.run(20)
    nb.seed(8)
    alone = cells(name="cells")
    nb.Network(alone).run(20)
    assert np.array_equal(group.v, alone.v)
    net.add(*others)  # and back again, at a later time
    net.run(5)
    assert net.t == pytest.approx(25)
    assert "forth" in {s.owner for s in net.schedule} | {
        n for s in net.schedule for n in s.description.split()
    }


def test_what_is_still_needed_stays():
    net = network()
    before = [(s.owner, s.description) for s in net.schedule]
    group, drive, source, forth = net.objects[:4]
    with pytest.raises(nb.NetworkError, match="'source', the source of 'forth', is still needed"):
        net.remove(source)
    with pytest.raises(nb.NetworkError, match="'forth', which 'monitor_.*' records, is still needed"):
        net.remove(forth, source)
    with pytest.raises(nb.NetworkError, match="'other' is not in the network"):
        net.remove(cells(name="other"))
    assert [(s.owner, s.description) for s in net.schedule] == before
    net.run(1)
    net.remove(*net.objects)
    assert net.objects == []
    assert list(net.schedule) == []
    assert drive.network is None
    net.run(1)


def test_to_another_network():
    first, second = nb.Network(group := cells()), nb.Network()
    monitor = nb.Monitor(group, "spikes")
    first.add(monitor)
    first.run(10)
    with pytest.raises(nb.NetworkError, match="belongs to another network"):
        second.add(group)
    first.remove(group, monitor)
    v = group.v.copy()
    second.add(group, monitor)
    assert np.array_equal(group.v, v)
    second.run(10)
    first.run(10)
    assert len(first.objects) == 0
    first.reset()
    assert first.t == 0


def test_nobody_is_warned_of_what_was_removed():
    net = nb.Network(group := cells(), monitor := nb.Monitor(group, "spikes"))
    net.run(20)
    n = len(monitor)
    net.remove(monitor)
    net.run(20)
    assert len(monitor) == n
    net.reset()
    net.run(20)
    assert len(monitor) == n
