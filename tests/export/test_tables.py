"""Tables of pandas and data sets of xarray: numbers, names, units, and where they are from."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from .runs import MODEL, library


def test_table_of_spikes(recorded):
    pd = library("pandas")
    table = recorded.spikes.to_pandas()
    assert list(table.columns) == ["t", "i"]
    np.testing.assert_array_equal(table["t"], recorded.spikes.t)
    np.testing.assert_array_equal(table["i"], recorded.spikes.i)
    counts = table.groupby("i").size().reindex(range(10), fill_value=0)
    np.testing.assert_array_equal(counts, recorded.spikes.count)
    about = table.attrs
    assert about["unit_of_t"] == "ms"
    assert about["source"] == "cells"
    assert (about["n"], about["start_ms"], about["stop_ms"], about["dt_ms"]) == (10, 0, 200, 0.1)
    assert about["seed"] == "7"
    assert about["simulator"] == f"NumpyBrain {nb.__version__}"
    assert nb.Model.parse(about["model"]) == recorded.spikes.source.model
    assert "neurons" not in about
    assert recorded.some.to_pandas().attrs["neurons"] == [4, 1, 3]
    both = pd.concat([table, table])  # pandas compares attributes there
    assert both.attrs == about


def test_table_of_traces(recorded):
    library("pandas")
    table = recorded.both.to_pandas()
    np.testing.assert_array_equal(table.index, recorded.both.t)
    assert list(table["v"].columns) == [2, 4, 9]
    np.testing.assert_array_equal(table["v"], recorded.both.v)
    np.testing.assert_array_equal(table["v"][4], recorded.both[4].v)
    np.testing.assert_array_equal(table["k"], recorded.both.k)
    assert table["above"].dtypes.unique().tolist() == [np.dtype(bool)]
    assert table.attrs["unit_of_v"] == "mV"
    assert table.attrs["unit_of_g"] == "nS"
    assert table.attrs["neurons"] == [2, 4, 9]
    assert table.columns.names == ["variable", "neuron"]
    assert recorded.synapses.to_pandas().columns.tolist() == [("w", 3), ("w", 5)]


def test_parts_of_the_time(recorded):
    library("pandas")
    part = recorded.spikes.between("50 ms", "100 ms")
    table = part.to_pandas()
    assert table["t"].between(50, 99.95).all()
    assert (table.attrs["start_ms"], table.attrs["stop_ms"]) == (50, 100)
    assert len(nb.export.to_pandas(recorded.trace.between("50 ms", "100 ms"))) == 100


def test_data_set_of_spikes(recorded):
    library("xarray")
    data = recorded.some.to_xarray()
    assert data["t"].dims == data["i"].dims == ("spike",)
    np.testing.assert_array_equal(data["t"], recorded.some.t)
    np.testing.assert_array_equal(data["neuron"][data["i"]], np.array([4, 1, 3])[recorded.some.i])
    assert data["t"].attrs == {"units": "ms"}
    assert data.attrs["n"] == 3


def test_data_set_of_traces(recorded, tmp_path):
    xr = library("xarray")
    data = recorded.both.to_xarray()
    assert data["v"].dims == ("t", "neuron")
    assert data["k"].dims == ("t",)
    np.testing.assert_array_equal(data["v"], recorded.both.v)
    np.testing.assert_allclose(data["v"].sel(neuron=9, t=100), recorded.both[9].v[100])
    assert {name: array.attrs["units"] for name, array in data.items()} == {
        "v": "mV", "g": "nS", "above": "boolean", "k": "1"
    }  # fmt: skip
    assert MODEL.strip().splitlines()[0] in data.attrs["model"]
    assert recorded.synapses.to_xarray()["w"].dims == ("t", "synapse")
    data.to_netcdf(tmp_path / "run.nc")  # the attributes are such as files can have
    with xr.open_dataset(tmp_path / "run.nc") as back:
        xr.testing.assert_equal(back.astype(data.dtypes), data)
        assert back["t"].dtype == float
        assert back.attrs == data.attrs


def test_several_monitors_in_a_data_set():
    xr = library("xarray")
    cells = nb.Neurons(3, "v = t/ms : 1\nw = 2*v : 1")
    a, b = nb.Monitor(cells, "v"), nb.Monitor(cells, "w")
    nb.Network(cells, a, b).run(1)
    data = nb.export.to_xarray(a, b)
    assert set(data) == {"v", "w"}
    np.testing.assert_array_equal(data["w"], b.w)
    with pytest.raises(xr.AlignmentError):
        nb.export.to_xarray(a, b.between(0, 0.5))


def test_nothing_was_recorded():
    library("pandas")
    library("xarray")
    cells = nb.Neurons(3, "v : 1", threshold="v > 1")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v")
    assert len(spikes.to_pandas()) == 0
    assert trace.to_pandas().shape == (0, 3)
    assert spikes.to_xarray().sizes == {"spike": 0, "neuron": 3}
    assert trace.to_xarray().sizes == {"t": 0, "neuron": 3}


def test_what_is_no_monitor_is_refused():
    library("pandas")
    cells = nb.Neurons(3, "v : 1")
    for thing in (cells, 3, None):
        with pytest.raises(nb.ArgumentError, match="monitor"):
            nb.export.to_pandas(thing)
