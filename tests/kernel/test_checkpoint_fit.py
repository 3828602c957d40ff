"""A snapshot is restored as a whole or not at all; what differs is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.checkpoints.checkpoint import Part, Snapshot
from tests.kernel.checkpoints import BUILDS, LIF, SOME, lif, observe, same


def build(n: int = 20, dt: float = 0.1, times: str = "grid", of: Any = None, **changes: Any) -> nb.Network:
    """A network of which one thing may be different."""
    cells = lif(n, name=changes.pop("name", "cells"), model=changes.pop("model", f"{LIF}\nu : mV"),
                refractory=changes.pop("refractory", "2 ms"), spike_times=times)  # fmt: skip
    target = cells[:10] if changes.pop("part", False) else cells
    which = changes.pop("which", "on_pre")
    synapses = nb.Synapses(cells, target, "w : 1", connect=SOME, w=0.1, name="synapses",
                           delay="1 ms" if which == "on_pre" else None, **{which: "v_post += w"})  # fmt: skip
    monitor = nb.Monitor(changes.pop("source", cells), changes.pop("record", "spikes"), of=of, name="monitor",
                         **changes)  # fmt: skip
    return nb.Network(cells, synapses, monitor, dt=dt)


def busy() -> nb.Network:
    """The network when neurons are refractory and spikes are under way."""
    net = build()
    net.run(10)
    cells, synapses = net.objects[:2]
    while not (
        cells.spiking.refractoriness.policy.any()
        and synapses.pathways["on_pre"].waiting
        and cells.spikes.size
    ):
        net.step()
    return net


DIFFERENT = {
    "size": ({"n": 21}, "'cells': size is 21, was 20"),
    "dt": ({"dt": 0.05}, "dt is 0.05 ms, was 0.1 ms"),
    "name": ({"name": "others"}, "'others': name is others, was cells"),
    "variable": ({"model": LIF}, "'cells': variable 'u' is missing"),
    "more": ({"model": f"{LIF}\nu : mV\nz : 1"}, "'cells': variable 'z' is new"),
    "unit": ({"model": f"{LIF}\nu : volt"}, "'u' of 'cells': unit is volt, was mV"),
    "kind": (
        {"model": f"{LIF}\ndu/dt = -u/ms : mV"},
        "'u' of 'cells': kind is differential, was parameter",
    ),
    "shared": ({"model": f"{LIF}\nu : mV (shared)"}, "'u' of 'cells': shared is True, was False"),
    "type": ({"model": f"{LIF}\nu : integer"}, "'u' of 'cells': type is int, was float"),
    "times": ({"times": "interpolated"}, "'cells': spike times is interpolated, was grid"),
    "part": ({"part": True}, "'synapses': target is [0, 0, 10], was [0, 0, 20]"),
    "pathway": ({"which": "on_post"}, "'synapses': pathways is ['on_post'], was ['on_pre']"),
    "records": ({"record": "v"}, "'monitor': records is ['v'], was ['spikes']"),
    "of": ({"of": [2, 3]}, "'monitor' recorded other neurons"),
    "rule": ({"refractory": "v < 0.5"}, "'refractory/rule' is 'fixed'"),
}


@pytest.mark.parametrize("case", DIFFERENT)
def test_other_networks_are_refused_unchanged(case: str, tmp_path: Path) -> None:
    net = busy()
    net.save(tmp_path / "saved")
    changes, words = DIFFERENT[case]
    other = build(**changes)
    other.run(7)
    before, states = observe(other), [m.inspect.streams.state().get() for m in other.objects[:2]]
    for source in (net.snapshot(), tmp_path / "saved"):
        with pytest.raises(nb.CheckpointError) as caught:
            other.restore(source)
        assert words in str(caught.value)
        assert "nothing has been changed" in str(caught.value)
        assert "help: " in str(caught.value)
        same(observe(other), before)
        assert [m.inspect.streams.state().get() for m in other.objects[:2]] == states


def test_the_whole_message() -> None:
    net = build(model=LIF)
    with pytest.raises(nb.CheckpointError) as caught:
        build(n=30, dt=0.05).restore(net.snapshot())
    assert str(caught.value) == (
        "the snapshot does not fit the network; nothing has been changed\n"
        "    dt is 0.05 ms, was 0.1 ms\n"
        "    'cells': size is 30, was 20\n"
        "    'cells': variable 'u' is new\n"
        "    'synapses': source is [0, 0, 30], was [0, 0, 20]\n"
        "    'synapses': target is [0, 0, 30], was [0, 0, 20]\n"
        "    help: make the network as it was made when the snapshot was taken"
    )


def test_other_objects_are_refused() -> None:
    net = build()
    snapshot = net.snapshot()
    cells = lif(name="cells")
    for other in (nb.Network(cells), nb.Network()):
        with pytest.raises(
            nb.CheckpointError, match="there were neurons 'cells', synapses 'synapses', monitor"
        ):
            other.restore(snapshot)


def test_links_must_be_those_of_the_snapshot() -> None:
    def linked(index: Any, name: str = "v") -> nb.Network:
        cells = lif(5, name="cells")
        others = nb.Neurons(5, "dv/dt = (s - v)/ms : 1\ns : 1 (linked)", name="others")
        others.s = nb.link(cells, name, index=index)
        return nb.Network(cells, others)

    snapshot = linked([1, 2, 3, 4, 0]).snapshot()
    linked([1, 2, 3, 4, 0]).restore(snapshot)
    for index in (None, [0, 1, 2, 3, 4]):
        with pytest.raises(nb.CheckpointError, match="was linked to other neurons"):
            linked(index).restore(snapshot)
    with pytest.raises(nb.CheckpointError, match="links is"):
        linked([1, 2, 3, 4, 0], "I").restore(snapshot)


@pytest.mark.parametrize("of", [[1, 2], [1, 4, 3], slice(0, 2), None])
def test_monitors_must_record_the_same_elements(of: Any) -> None:
    def watched(of: Any) -> nb.Network:
        cells = lif(6)
        synapses = nb.Synapses(
            cells, on_pre="v_post += w", w=0.1, connect=([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
        )
        return nb.Network(
            cells, synapses, *(nb.Monitor(x, y, of=of) for x, y in ((cells, "v"), (synapses, "w")))
        )

    net, other = watched([1, 4]), watched(of)
    net.run(1)
    with pytest.raises(nb.CheckpointError, match="recorded other neurons"):
        other.restore(net.snapshot())
    assert other.t == 0
    watched([1, 4]).restore(net.snapshot())


def test_names_with_numbers_of_the_program_do_not_matter() -> None:
    nets = [
        nb.Network(*(cells := lif(),), nb.Synapses(cells, connect=SOME), nb.Monitor(cells, "v"))
        for _ in range(2)
    ]
    assert nets[0].objects[0].name != nets[1].objects[0].name
    nets[1].restore(nets[0].snapshot())


def test_another_method_starts_afresh() -> None:
    net = BUILDS["method_rk45"]()
    net.run(20)
    assert net.objects[0].update.steps > 0
    snapshot = net.snapshot()
    for name, steps in (
        ("method_rk45", net.objects[0].update.steps),
        ("method_rk4", 0),
        ("method_rk23", 0),
    ):
        other = BUILDS[name]()
        other.restore(snapshot)
        assert other.objects[0].update.steps == steps
        other.run(1)
    net.restore(BUILDS["method_rk4"]().snapshot())
    assert net.objects[0].update.steps == 0


# ---- values that only a forged file can have: the digest does not tell who made it ----

WRONG: dict[str, list[Any]] = {
    "state/values/v": [np.zeros(19), np.zeros((20, 1)), np.zeros(20, dtype=int), "v", None],
    "state/values/I": [True, "x", np.zeros(3), np.zeros(20, dtype=bool)],
    "state/exposed": [1, None],
    "state/values/unknown": [np.zeros(20), np.zeros(20, dtype=int), 1],
    "state/values/N": [np.zeros(20), 20],
    "state/values/lastspike": [np.zeros(3), "x"],
    "state/values/v_pre": [np.zeros(20)],
    "unknown": [3],
    "spikes": [np.array([20]), np.array([-1]), np.array([0.5]), 3, None],
    "stream/entropy": ["", "-1", "xyz", "1" * 2**17, 4, None],
    "stream/kind": [-1, 2, True, 1.0],
    "stream/number": [-1, 2**32],
    "stream/initial/state": ["f" * 33, "g", 3],
    "stream/initial/increment": ["f" * 33, None],
    "stream/initial/has_half": [2, -1, None],
    "stream/initial/half": [2**32, None],
    "refractory/free": [np.zeros(19, dtype=bool), np.zeros(20), None],
    "refractory/rule": ["none", 5, "while", "until"],
    "refractory/held": [np.array([20]), np.array([1, 1]), None],
    "refractory/until": [np.zeros(99), np.zeros(0, dtype=int), None],
    "refractory/steps": [-1, 1.5, 2**80, None],
    "refractory/chances/salt": ["1", "x", 4],
    "pathways/on_pre/delay": [-1, 0.5, None],
    "pathways/on_pre/spikes": [np.array([20]), np.array([0.0]), None],
    "pathways/on_pre/steps": [np.array([1.5]), np.arange(3), None],
    "pathways/on_pre/counts": [np.array([2**40]), np.array([-1]), np.zeros(0), None],
    "i": [np.array([20]), np.array([-5]), np.zeros((2, 2), dtype=int), None],
    "j": [np.zeros(1, dtype=int), np.array([2**40]), None],
    "delay": ["x", None],
    "since": ["x", None],
    "first": [-1, "x", 1],
    "end": [3, None],
    "records/t": [np.zeros((2, 2)), 1.0, None],
    "records/i": [np.array([20]), np.zeros(0, dtype=int), None],
}


@pytest.mark.parametrize("key", WRONG)
def test_wrong_values_are_refused_unchanged(key: str) -> None:
    net = busy()
    snapshot = net.snapshot()
    where = next((p for p in snapshot._parts if key in p.values), snapshot._parts[0])
    other = build()
    before = observe(other)
    for value in WRONG[key]:
        if value is None and key not in where.values:
            continue
        values = {**where.values, key: value}
        if value is None:
            del values[key]
        parts = [Part(p.fingerprint, values) if p is where else p for p in snapshot._parts]
        forged = Snapshot(parts, step=snapshot.step, dt=0.1, records=True, versions={})
        with pytest.raises(nb.CheckpointError, match="nothing has been changed|recorded other neurons"):
            other.restore(forged)
        same(observe(other), before)
    other.restore(snapshot)
    same(observe(other), observe(net))
