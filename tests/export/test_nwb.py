"""Files of NWB: read by pynwb, without complaints of its inspector, and read back."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import numpybrain as nb

from .runs import library
from .test_files import same


@pytest.fixture
def pynwb():
    return library("pynwb")


@pytest.fixture
def path(recorded, pynwb, tmp_path):
    found = tmp_path / "run.nwb"
    nb.export.to_nwb(found, recorded.spikes, recorded.some.between("50 ms"), recorded.trace, recorded.both)
    return found


def test_units(recorded, pynwb, path):
    with pynwb.NWBHDF5IO(path, "r") as io:
        units = io.read().units
        table = units.to_dataframe()
        assert len(table) == 13
        for k in range(10):
            np.testing.assert_allclose(
                table["spike_times"][k], recorded.spikes.t[recorded.spikes.i == k] / 1000
            )
            np.testing.assert_allclose(table["obs_intervals"][k], [[0, 0.2]])
        late = recorded.some.between("50 ms")
        np.testing.assert_allclose(units.get_unit_spike_times(11), late.t[late.i == 1] / 1000)
        np.testing.assert_allclose(table["obs_intervals"][12], [[0.05, 0.2]])
        assert table["neuron"].tolist() == [*range(10), 4, 1, 3]
        assert table["source"].tolist() == ["cells"] * 10 + ["cells[2:8]"] * 3
        assert units.resolution == pytest.approx(1e-4)


def test_time_series(recorded, pynwb, path):
    with pynwb.NWBHDF5IO(path, "r") as io:
        series = io.read().acquisition
        assert set(series) == {"trace_v", "both_v", "both_g", "both_above", "both_k"}
        v = series["both_v"]
        np.testing.assert_array_equal(v.data[:], recorded.both.v)
        assert (v.unit, v.conversion) == ("volt", 1e-3)
        assert (v.rate, v.starting_time) == (pytest.approx(1000), 0)
        assert (series["both_g"].unit, series["both_g"].conversion) == ("siemens", 1e-9)
        np.testing.assert_array_equal(series["both_above"].data[:], recorded.both.above)
        assert series["both_above"].unit == "n/a"
        assert series["trace_v"].rate == pytest.approx(2000)


def test_what_is_known_of_the_run(recorded, pynwb, path, tmp_path):
    import json

    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        notes = json.loads(file.notes)
        assert nb.Model.parse(notes["trace"]["model"]) == recorded.trace.group.model
        assert file.was_generated_by[0].tolist() == ["NumpyBrain", nb.__version__]
    own = {
        "session_description": "a test",
        "session_start_time": datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
        "lab": "ours",
        "identifier": "x",
    }
    recorded.spikes.to_nwb(tmp_path / "own.nwb", **own)
    with pynwb.NWBHDF5IO(tmp_path / "own.nwb", "r") as io:
        file = io.read()
        assert {name: getattr(file, name) for name in own} == own


def test_spikes_come_back(recorded, pynwb, path, tmp_path):
    same(nb.read_spikes(path, population="cells"), recorded.spikes, digits=9)
    found = nb.read_spikes(path, population="cells[2:8]")
    assert (found.start, found.n, found.neurons.tolist()) == (50, 3, [4, 1, 3])
    assert found.t.min() >= 50
    for bad in (None, "cell"):
        with pytest.raises(nb.ArgumentError, match="population"):
            nb.read_spikes(path, population=bad)
    recorded.some.to_nwb(tmp_path / "some.nwb")
    same(nb.read_spikes(tmp_path / "some.nwb"), recorded.some, digits=9)


def test_files_of_others(pynwb, tmp_path):
    """Units added one by one, without our columns."""
    start = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    file = pynwb.NWBFile(session_description="x", identifier="y", session_start_time=start)
    for times in ([0.1, 0.25], [], [0.2]):
        file.add_unit(spike_times=times)
    with pynwb.NWBHDF5IO(tmp_path / "other.nwb", "w") as io:
        io.write(file)
    found = nb.read_spikes(tmp_path / "other.nwb")
    np.testing.assert_allclose(found.t, [100, 200, 250])
    assert found.i.tolist() == [0, 2, 0]
    assert (found.n, found.start, found.stop) == (3, 0, 250)


def test_no_spikes(pynwb, tmp_path):
    cells = nb.Neurons(3, "v : 1", threshold="v > 1")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", every="1 ms")
    nb.Network(cells, spikes, trace).run("1 ms")
    nb.export.to_nwb(tmp_path / "a.nwb", spikes, trace)
    found = nb.read_spikes(tmp_path / "a.nwb")
    assert (len(found), found.n, found.stop) == (0, 3, 1)


def test_large_records_are_compressed(pynwb, tmp_path, monkeypatch, recorded):
    monkeypatch.setattr("numpybrain.export.nwb.LARGE", 100)
    recorded.trace.to_nwb(tmp_path / "a.nwb")
    with pynwb.NWBHDF5IO(tmp_path / "a.nwb", "r") as io:
        data = io.read().acquisition["trace_v"].data
        assert data.compression == "gzip"
        np.testing.assert_array_equal(data[:], recorded.trace.v)


@pytest.mark.peers
def test_the_inspector_finds_nothing_critical(path):
    """Nothing worse than suggestions either, but that the subject has no species: it is a simulation."""
    nwbinspector = library("nwbinspector")
    found = {
        message.check_function_name
        for message in nwbinspector.inspect_nwbfile(nwbfile_path=path)
        if message.importance is not nwbinspector.Importance.BEST_PRACTICE_SUGGESTION
    }
    assert found <= {"check_subject_species_exists"}
