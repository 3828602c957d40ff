"""Files of SONATA: as the specification says, read by libsonata, and read back."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from .runs import library
from .test_files import same


@pytest.fixture(autouse=True)
def h5py():
    return library("h5py")


def test_file_of_spikes(recorded, h5py, tmp_path):
    recorded.some.to_sonata(tmp_path / "spikes.h5")
    with h5py.File(tmp_path / "spikes.h5") as file:
        assert file.attrs["magic"] == 0x0A7A
        group = file["spikes/cells[2:8]"]
        np.testing.assert_array_equal(group["timestamps"], recorded.some.t)
        np.testing.assert_array_equal(group["node_ids"], np.array([4, 1, 3])[recorded.some.i])
        assert group["timestamps"].attrs["units"] == "ms"
        assert h5py.check_enum_dtype(group.attrs.get_id("sorting").dtype) == {
            "none": 0,
            "by_id": 1,
            "by_time": 2,
        }
        assert group.attrs["sorting"] == 2
        assert nb.Model.parse(group.attrs["model"]) == recorded.some.group.model


def test_spikes_come_back(recorded, tmp_path):
    for monitor in (recorded.spikes, recorded.some):
        monitor.to_sonata(tmp_path / "spikes.h5")
        same(nb.read_spikes(tmp_path / "spikes.h5"), monitor)
    nb.export.to_sonata(tmp_path / "two.h5", recorded.spikes, recorded.some)
    same(nb.read_spikes(tmp_path / "two.h5", population="cells"), recorded.spikes)
    with pytest.raises(nb.ArgumentError, match="population"):
        nb.read_spikes(tmp_path / "two.h5")


def test_files_of_others(h5py, tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["spikes/v1/timestamps"] = [0.5, 0.1]
        file["spikes/v1/timestamps"].attrs["units"] = "s"
        file["spikes/v1/node_ids"] = np.array([3, 1], dtype=np.uint64)
    found = nb.read_spikes(tmp_path / "a.h5")
    assert (found.t.tolist(), found.i.tolist(), found.n) == ([100, 500], [1, 3], 4)
    with h5py.File(tmp_path / "old.h5", "w") as file:
        file["spikes/timestamps"], file["spikes/gids"] = [1.0, 2.0], [0, 1]
    assert nb.read_spikes(tmp_path / "old.h5").i.tolist() == [0, 1]
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file["data"] = [1]
    with pytest.raises(nb.ArgumentError, match="neither"):
        nb.read_spikes(tmp_path / "none.h5")


def test_report(recorded, h5py, tmp_path):
    recorded.both.to_sonata(tmp_path / "v.h5", name="v")
    with h5py.File(tmp_path / "v.h5") as file:
        group = file["report/cells"]
        np.testing.assert_array_equal(group["data"], recorded.both.v.astype(np.float32))
        assert group["data"].attrs["units"] == "mV"
        np.testing.assert_array_equal(group["mapping/node_ids"], [2, 4, 9])
        np.testing.assert_array_equal(group["mapping/index_pointers"], [0, 1, 2, 3])
        np.testing.assert_allclose(group["mapping/time"], [0, 200, 1])


def test_refused(recorded, tmp_path):
    path = tmp_path / "a.h5"
    for call in (
        lambda: recorded.both.to_sonata(path),  # four variables
        lambda: recorded.both.to_sonata(path, name="u"),
        lambda: recorded.both.to_sonata(path, name="k"),  # shared
        lambda: nb.export.to_sonata(path, recorded.spikes, recorded.trace),
        lambda: nb.export.to_sonata(path, recorded.spikes, recorded.spikes),
        lambda: nb.export.to_sonata(path),
    ):
        with pytest.raises(nb.ArgumentError):
            call()


@pytest.mark.peers
def test_libsonata_reads_the_same(recorded, tmp_path):
    libsonata = library("libsonata")
    recorded.some.to_sonata(tmp_path / "spikes.h5")
    found = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["cells[2:8]"]
    numbers, times = found.get_dict()["node_ids"], found.get_dict()["timestamps"]
    np.testing.assert_array_equal(times, recorded.some.t)
    np.testing.assert_array_equal(numbers, np.array([4, 1, 3])[recorded.some.i])
    recorded.trace.to_sonata(tmp_path / "v.h5")
    report = libsonata.SomaReportReader(str(tmp_path / "v.h5"))["cells"]
    np.testing.assert_allclose(report.get().data, recorded.trace.v.astype(np.float32))
    np.testing.assert_allclose(report.get().times, recorded.trace.t)
    assert report.times == (0, 200, 0.5)
    assert report.data_units == "mV"
