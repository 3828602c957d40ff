"""Spikes and events with variables, in memory and in files that grow; files of Zarr; what is never lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb

from .runs import library


@pytest.fixture(params=["h5", "zarr"])
def path(request, tmp_path):
    library({"h5": "h5py", "zarr": "zarr"}[request.param])
    return tmp_path / f"run.{request.param}"


@pytest.fixture(params=[1 << 22, 1000])
def chunk(request, monkeypatch):
    """Chunks that hold the whole run, and chunks of a few rows."""
    monkeypatch.setattr("numpybrain.export.growing_files.CHUNK", request.param)


TEXT = """
dv/dt = (i_0 - v)/(10*ms) : mV
w : mV
i_0 : mV
double = 2*w : mV
high = v > 1*mV : boolean
s = t/ms : 1 (shared)
"""


def network(*, to=None, source=slice(None), event="spikes", **options):
    """Neurons whose w counts their spikes."""
    cells = nb.Neurons(
        6, TEXT, threshold="v > 1*mV", reset="v = 0*mV\nw += 1*mV", events={"up": "v > 0.9*mV"},
        initial={"i_0": "1.1*mV + 0.3*mV*i"}, name="cells",
    )  # fmt: skip
    streamed = nb.Monitor(cells[source], event, to=to, name="streamed", **options)
    options.pop("overwrite", None)
    kept = nb.Monitor(cells[source], event, name="kept", **options)
    return nb.Network(cells, streamed, kept, dt="0.1 ms"), streamed, kept


def same(streamed, kept, names=("t", "i", "w", "double", "high", "s")):
    for name in names:
        np.testing.assert_array_equal(streamed[name], kept[name])
        assert streamed[name].dtype == kept[name].dtype


VARIABLES = ["w", "double", "high", "s"]


@pytest.mark.parametrize("source", [slice(None), slice(2, 5)])
def test_variables_at_spikes(source):
    """Before the reset: w counts the earlier spikes of the neuron, v is above the threshold."""
    net, monitor, _ = network(source=source, variables=["w", "high", "s", "double", "v"])
    net.run(50)
    assert len(monitor) > 10
    for k in range(monitor.source.size):
        times = monitor.t[monitor.i == k]
        np.testing.assert_array_equal(monitor[k].w, np.arange(times.size))
        np.testing.assert_array_equal(monitor[k].t, times)
    np.testing.assert_array_equal(monitor.double, 2 * monitor.w)
    np.testing.assert_allclose(monitor.s, monitor.t)
    assert monitor.high.all()
    assert (monitor.v > 1).all()
    assert "w" in dir(monitor)


def test_variables_at_other_events_and_their_type():
    net, monitor, _ = network(event="up", variables="v, w", dtype="float32")
    net.run(20)
    assert monitor.v.dtype == np.float32
    assert monitor.w.shape == monitor.t.shape
    assert (monitor.v > 0.9).all()


@pytest.mark.parametrize("event", ["spikes", "up"])
def test_the_same_events(event, path, chunk):
    net, streamed, kept = network(to=path, event=event, variables=VARIABLES)
    assert not path.exists()
    for length in (20.3, 0.1, 33.6):
        net.run(length)
        same(streamed, kept)
        found = nb.read_spikes(path)
        np.testing.assert_array_equal(found.t, kept.t)
        np.testing.assert_array_equal(found.i, kept.i)
        assert (found.start, found.stop, found.n) == (0.0, pytest.approx(net.clock.t), 6)
        np.testing.assert_allclose(found.cv(), kept.cv())
    np.testing.assert_array_equal(streamed.between(10, 30).t, kept.between(10, 30).t)
    np.testing.assert_array_equal(streamed.rates(bin="5 ms").rate, kept.rates(bin="5 ms").rate)
    assert "dv/dt" in found.info["model"]


def test_parts_and_the_middle_of_a_run(path, chunk):
    net, streamed, kept = network(to=path, source=slice(2, 5), of=[2, 0])
    seen = []
    streamed.group.at("end", lambda t: seen.append(np.array_equal(streamed.t, kept.t)))
    net.run(20)
    assert all(seen)
    assert len(seen) == 200
    assert nb.read_spikes(path).neurons.tolist() == [2, 0]
    same(streamed, kept, ("t", "i"))


def test_checkpoints_and_reset(path, tmp_path, chunk):
    net, streamed, kept = network(to=path, variables=VARIABLES)
    net.run(27)
    snapshot = net.snapshot()
    n = len(streamed)
    net.run(20)
    net.restore(snapshot)
    same(streamed, kept)
    assert len(streamed) == n
    net.run(20)
    again, others, records = network(to=tmp_path / f"b{path.suffix}", variables=VARIABLES)
    again.restore(snapshot)
    same(others, records)
    again.run(20)
    same(others, records)
    np.testing.assert_array_equal(others.w, streamed.w)
    net.reset()
    assert len(streamed) == len(kept) == 0
    assert nb.read_spikes(path).t.size == 0
    net.run(30)
    same(streamed, kept)


def test_zarr_of_variables(tmp_path, chunk):
    zarr = library("zarr")
    cells = nb.Neurons(5, "dv/dt = -v/(10*ms) : mV", initial={"v": "i*mV"}, name="cells")
    streamed, kept = nb.Monitor(cells, "v", to=tmp_path / "run.zarr"), nb.Monitor(cells, "v")
    net = nb.Network(cells, streamed, kept)
    for length in (2.3, 1):
        net.run(length)
        group = zarr.open_group(str(tmp_path / "run.zarr"), mode="r")
        np.testing.assert_array_equal(group["v"][:], kept.v)
        np.testing.assert_array_equal(streamed.v, kept.v)
        np.testing.assert_array_equal(group["t"][:], kept.t)
    assert group["v"].attrs["units"] == "mV"
    assert nb.Model.parse(group.attrs["model"]) == cells.model


def test_what_is_there_is_never_lost(path):
    net, *_ = network(to=path)
    net.run(20)
    before = nb.read_spikes(path).t
    with pytest.raises(nb.ArgumentError, match="overwrite=True"):
        network(to=path)
    np.testing.assert_array_equal(nb.read_spikes(path).t, before)
    other, *_ = network(to=path, overwrite=True)
    np.testing.assert_array_equal(nb.read_spikes(path).t, before)  # until the run
    other.run(5)
    assert nb.read_spikes(path).t.size < before.size


def test_what_cannot_be_is_refused():
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    with pytest.raises(nb.ArgumentError, match=r"variables=\['v'\]"):
        nb.Monitor(cells, "spikes", "v")
    with pytest.raises(nb.ArgumentError, match="at spikes or other events"):
        nb.Monitor(cells, "v", variables="v")
    with pytest.raises(nb.UnknownAttributeError, match="no variable 'x'"):
        nb.Monitor(cells, "spikes", variables="x")
    with pytest.raises(nb.ArgumentError, match="leave it out"):
        nb.Monitor(cells, "spikes", variables="i")


KILLED = """
import os, signal, sys
import numpybrain as nb
from numpybrain.export import growing_files
growing_files.CHUNK = 32 * 500
cells = nb.Neurons(50, "v = t/ms : 1", threshold="v >= 0")
spikes = nb.Monitor(cells, "spikes", variables="v", to=sys.argv[1])
cells.at("end", lambda t: os.kill(os.getpid(), signal.SIGKILL) if t > 99.94 else None)
nb.Network(cells, spikes).run(1000)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_program_leaves_all_but_the_last_chunk(path):
    root = str(Path(nb.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, path], env={**os.environ, "PYTHONPATH": root}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    found = nb.read_spikes(path)
    assert 49_500 <= found.t.size <= 50_000
    np.testing.assert_array_equal(found.i, np.arange(found.t.size) % 50)
    np.testing.assert_allclose(found.t, (np.arange(found.t.size) // 50) / 10)
