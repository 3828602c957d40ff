"""Blocks of Neo, there and back, with units of quantities."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import numpybrain as nb

from .runs import library
from .test_files import same


@pytest.fixture(autouse=True)
def neo():
    return library("neo")


def test_spike_trains(recorded, neo):
    block = recorded.some.to_neo()
    assert isinstance(block, neo.Block)
    (segment,) = block.segments
    assert len(segment.spiketrains) == 3
    for k, train in enumerate(segment.spiketrains):
        assert isinstance(train, neo.SpikeTrain)
        np.testing.assert_array_equal(train.rescale("ms").magnitude, recorded.some.t[recorded.some.i == k])
        assert (float(train.t_start), float(train.t_stop)) == (0, 200)
        assert train.units.dimensionality.string == "ms"
        assert train.annotations["neuron"] == [4, 1, 3][k]
        assert train.annotations["source"] == "cells[2:8]"
    assert nb.Model.parse(block.annotations["some_model"]) == recorded.some.group.model


def test_spikes_come_back(recorded):
    for monitor in (recorded.spikes, recorded.some):
        block = monitor.to_neo()
        for source in (
            block,
            block.segments[0],
            list(block.segments[0].spiketrains),
            pickle.loads(pickle.dumps(block)),
        ):
            same(nb.read_spikes(source), monitor)
    one = nb.read_spikes(recorded.some.to_neo().segments[0].spiketrains[1])
    assert (one.n, one.neurons.tolist()) == (1, [1])


def test_trains_of_others(neo):
    import quantities as pq

    trains = [
        neo.SpikeTrain([0.1, 0.3] * pq.s, t_start=0.05 * pq.s, t_stop=1),
        neo.SpikeTrain([], units="ms", t_stop=500),
    ]
    found = nb.read_spikes(trains)
    np.testing.assert_allclose(found.t, [100, 300])
    assert (found.n, found.start, found.stop) == (2, 0, 1000)


def test_signals(recorded, neo):
    import quantities as pq

    signals = {signal.name: signal for signal in recorded.both.to_neo().segments[0].analogsignals}
    assert {name: signal.dimensionality.string for name, signal in signals.items()} == {
        "v": "mV", "g": "nS", "above": "dimensionless", "k": "dimensionless",
    }  # fmt: skip
    v = signals["v"]
    np.testing.assert_array_equal(v.magnitude, recorded.both.v)
    np.testing.assert_allclose(v.rescale("V").magnitude, recorded.both.v * 1e-3)
    assert v.sampling_period == 1 * pq.ms
    np.testing.assert_allclose(v.times.rescale("ms").magnitude, recorded.both.t)
    assert v.array_annotations["neuron"].tolist() == [2, 4, 9]
    np.testing.assert_array_equal(signals["k"].magnitude[:, 0], recorded.both.k)


@pytest.mark.parametrize(
    ("unit", "si"), [("nA*Mohm", 1e-3), ("uF/cm**2", 1e-2), ("1/ms", 1e3), ("msiemens", 1e-3)]
)
def test_units(unit, si, neo):
    """Also those that quantities does not know, or spells otherwise."""
    cells = nb.Neurons(2, f"x : {unit}", x=3)
    trace = nb.Monitor(cells, "x")
    nb.Network(cells, trace).run(1)
    (signal,) = trace.to_neo().segments[0].analogsignals
    assert signal.annotations["declared_unit"] == unit
    np.testing.assert_allclose(signal.simplified.magnitude.ravel()[0] * scale(signal), 3 * si)


def scale(signal):
    """From Neo's basic units to SI: these are meter, kilogram, second, ampere."""
    assert set(signal.simplified.dimensionality.string) <= set("kgmsA*/()-0123456789. ")
    return 1.0


def test_several_monitors(recorded):
    block = nb.export.to_neo(recorded.spikes, recorded.some, recorded.trace)
    (segment,) = block.segments
    assert len(segment.spiketrains) == 13
    assert len(segment.analogsignals) == 1
    np.testing.assert_array_equal(segment.spiketrains[11].magnitude, recorded.some.t[recorded.some.i == 1])
    block = nb.export.to_neo(recorded.spikes, recorded.some.between("50 ms", "100 ms"))
    trains = block.segments[0].spiketrains
    assert [float(train.t_start) for train in trains] == [0] * 10 + [50] * 3


def test_many_trains_are_made_from_arrays(monkeypatch, neo):
    """No train is made before Neo is asked for one."""
    cells = nb.Neurons(500, {}, threshold=lambda t: [3])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(1)
    made = []
    monkeypatch.setattr(neo.SpikeTrain, "__init__", lambda *_args, **_more: made.append(1))
    block = spikes.to_neo()
    assert len(block.segments[0].spiketrains) == 500
    assert made == []
