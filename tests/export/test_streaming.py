"""Monitors that write to a file while the network runs: the same numbers, little memory, readable after a crash."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import numpybrain as nb

from .runs import library


@pytest.fixture(autouse=True)
def h5py():
    return library("h5py")


def network(path, **options):
    nb.seed(2)
    text = "dv/dt = -v/(10*ms) + 3*mV*sqrt(2/(10*ms))*xi : mV\nhigh = v > 0*mV : boolean\ns = t/ms : 1 (shared)"
    cells = nb.Neurons(5, text, name="cells")
    streamed = nb.Monitor(cells, "v, high, s", to=path, name="streamed", **options)
    options.pop("overwrite", None)
    kept = nb.Monitor(cells, "v, high, s", name="kept", **options)
    return nb.Network(cells, streamed, kept), streamed, kept


def same(streamed, kept):
    np.testing.assert_array_equal(streamed.t, kept.t)
    for name in ("v", "high", "s"):
        np.testing.assert_array_equal(streamed[name], kept[name])
        assert streamed[name].dtype == kept[name].dtype


@pytest.fixture(params=[1 << 22, 500])
def chunk(request, monkeypatch):
    """Chunks that hold the whole run, and chunks of ten rows."""
    monkeypatch.setattr("numpybrain.export.growing_files.CHUNK", request.param)


@pytest.mark.parametrize(
    "options", [{}, {"every": 0.3, "dtype": "float32"}, {"start": 1, "stop": 4, "of": [3, 1]}]
)
def test_the_same_numbers(options, chunk, h5py, tmp_path):
    path = tmp_path / "run.h5"
    net, streamed, kept = network(path, **options)
    assert not path.exists()
    for length in (2.3, 0.1, 3.6):
        net.run(length)
        with h5py.File(path, "r") as file:  # when a run is over, all is there
            np.testing.assert_array_equal(file["t"], kept.t)
            np.testing.assert_array_equal(file["v"], kept.v)
        same(streamed, kept)
    np.testing.assert_array_equal(streamed.between(2, 3).v, kept.between(2, 3).v)
    assert len(streamed) == len(kept)


def test_other_programs_have_the_file_between_runs(chunk, tmp_path):
    net, streamed, kept = network(tmp_path / "run.h5")
    code = "import h5py, sys; print(h5py.File(sys.argv[1], 'r')['t'].size)"
    for _ in range(2):
        net.run(1)
        assert len(streamed.v) == len(kept.v)
        done = subprocess.run(
            [sys.executable, "-c", code, tmp_path / "run.h5"], capture_output=True, check=True
        )
        assert int(done.stdout) == len(kept)


def test_who_writes_over_the_file_is_noticed(h5py, tmp_path):
    net, streamed, _ = network(tmp_path / "run.h5")
    net.run(1)
    other, *_ = network(tmp_path / "run.h5", overwrite=True)
    other.run(2)
    with pytest.raises(nb.ArgumentError, match="written by others"):
        streamed.v  # noqa: B018
    (tmp_path / "run.h5").unlink()
    with pytest.raises(nb.ArgumentError, match="cannot be opened"):
        streamed.v  # noqa: B018


def test_what_is_known_of_the_run(h5py, tmp_path):
    net, *_ = network(tmp_path / "run.h5")
    net.run(1)
    with h5py.File(tmp_path / "run.h5", "r") as file:
        assert {name: file[name].attrs["units"] for name in file} == {
            "t": "ms",
            "v": "mV",
            "high": "boolean",
            "s": "1",
        }
        assert nb.Model.parse(file.attrs["model"]) == net.objects[0].model
        assert (file.attrs["source"], file.attrs["dt_ms"], file.attrs["seed"]) == ("cells", 0.1, "2")


def test_reading_in_the_middle_of_a_run(chunk, tmp_path):
    net, streamed, kept = network(tmp_path / "run.h5")
    seen = []
    streamed.group.at("end", lambda t: seen.append(np.array_equal(streamed.v, kept.v) and len(streamed)))
    net.run(3)
    assert seen == list(range(1, 31))


def test_checkpoints(chunk, tmp_path):
    net, streamed, kept = network(tmp_path / "a.h5")
    net.run(2.7)
    snapshot = net.snapshot()
    net.run(2)
    net.restore(snapshot)
    same(streamed, kept)
    assert len(streamed) == 27
    net.run(2)
    again, others, records = network(tmp_path / "b.h5")
    again.restore(snapshot)
    same(others, records)
    again.run(2)
    same(others, records)
    np.testing.assert_array_equal(others.v, streamed.v)
    again.restore(snapshot, records=False)
    assert len(others) == 0


def test_memory_does_not_grow(tmp_path, monkeypatch):
    """1000 neurons for 10,000 steps would be 80 MB."""
    cells = nb.Neurons(1000, {"v": "1"}, integrate=lambda v: None)
    trace = nb.Monitor(cells, "v", to=tmp_path / "run.h5")
    net = nb.Network(cells, trace)
    net.run(0.1)
    tracemalloc.start()
    net.run(1000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000
    assert (tmp_path / "run.h5").stat().st_size > 80_000_000


KILLED = """
import os, signal, sys
import numpybrain as nb
from numpybrain.export import growing_files
growing_files.CHUNK = 8 * 101 * 10
cells = nb.Neurons(100, "v = t/ms : 1")
trace = nb.Monitor(cells, "v", to=sys.argv[1])
cells.at("end", lambda t: os.kill(os.getpid(), signal.SIGKILL) if t > 99.94 else None)
nb.Network(cells, trace).run(1000)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal")
def test_a_killed_program_leaves_all_but_the_last_chunk(h5py, tmp_path):
    path = tmp_path / "run.h5"
    root = str(Path(nb.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, path], env={**os.environ, "PYTHONPATH": root}, check=False
    )
    assert done.returncode == -signal.SIGKILL
    with h5py.File(path, "r") as file:
        n = file["t"].size
        assert 990 <= n <= 1000
        np.testing.assert_allclose(file["t"], np.arange(n) / 10)
        np.testing.assert_allclose(file["v"], np.tile(np.arange(n)[:, None] / 10, 100))


def test_what_cannot_be_is_refused(tmp_path, monkeypatch):
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    with pytest.raises(nb.ArgumentError, match=r"something\.h5"):
        nb.Monitor(cells, "v", to=tmp_path / "run.csv")
    with pytest.raises(nb.ArgumentError, match="every spike"):
        nb.Monitor(cells, "spikes", every="1 ms", to=tmp_path / "run.h5")
    one, two = nb.Monitor(cells, "v", to=tmp_path / "a.h5"), nb.Monitor(cells, "v", to=tmp_path / "a.h5")
    with pytest.raises(nb.ArgumentError, match="a file of its own"):
        nb.Network(cells, one, two).run(1)
    lost = nb.Monitor(cells, "v", to=tmp_path / "no" / "a.h5")
    with pytest.raises(nb.ArgumentError, match="cannot be written"):
        nb.Network(cells, lost).run(1)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match="numpybrain\\[export\\]"):
        nb.Monitor(cells, "v", to=tmp_path / "b.h5")
