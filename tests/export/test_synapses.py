"""Synapses as tables and files: who with whom, and the values of each."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from .runs import library

MODEL = """
dx/dt = -x/(20*ms) : 1 (event-driven)
w : nS
p : 1 (pre)
q : mV (post)
k : integer (shared)
on : boolean
"""


@pytest.fixture(scope="module")
def synapses():
    cells = nb.Neurons(6, {}, threshold=lambda t: [0, 2], name="cells")
    found = nb.Synapses(
        cells[1:4], cells, MODEL, on_pre="x += 1", connect="i != j", w="(i + 0.1*j)*nS", k=3, delay="(1 + i)*ms", name="syn"
    )  # fmt: skip
    found.p, found.q, found.on = [1, 2, 3], np.arange(6), "i > 1"
    nb.Network(cells, found, dt="1 ms").run("30 ms")
    return found


def check(columns, synapses):
    i, j = synapses.i, synapses.j
    np.testing.assert_array_equal(columns["i"], i)
    np.testing.assert_array_equal(columns["j"], j)
    np.testing.assert_allclose(columns["w"], i + 0.1 * j)
    np.testing.assert_array_equal(columns["p"], i + 1)
    np.testing.assert_array_equal(columns["q"], j)
    np.testing.assert_array_equal(columns["k"], np.full(i.size, 3))
    np.testing.assert_array_equal(columns["on"], i > 1)
    np.testing.assert_allclose(columns["delay"], 1 + i)
    # neuron 1 of the source is neuron 2 of cells: spikes at 0, 1 ... 29 ms arrive 2 ms later
    decayed = np.exp(-(30 - np.arange(2, 30)) / 20).sum()
    np.testing.assert_allclose(columns["x"], np.where(i == 1, decayed, 0))


def test_connections(synapses):
    found = synapses.connections()
    check({"i": found.i, "j": found.j, **found.values}, synapses)
    assert (found.ends, found.sizes) == (("cells[1:4]", "cells"), (3, 6))
    assert found.units["w"] == "nS"
    assert found.units["delay"] == "ms"
    assert len(found) == synapses.size == 15
    before = found["w"].copy()
    synapses.w[0] = 99
    np.testing.assert_array_equal(found["w"], before)  # a copy
    synapses.w[0] = before[0] * 1.0
    assert repr(found) == "<Connections 'syn': 15 from cells[1:4] to cells>"


def test_table(synapses):
    library("pandas")
    for table in (nb.export.to_pandas(synapses), synapses.connections().to_pandas()):
        assert list(table.columns) == ["i", "j", *MODEL_NAMES]
        check(table, synapses)
        assert table.attrs["unit_of_w"] == "nS"
        assert (table.attrs["n_source"], table.attrs["target"]) == (3, "cells")
        assert "on_pre" in table.attrs["model"]
    assert table.groupby("i")["w"].mean().shape == (3,)


MODEL_NAMES = ["x", "w", "k", "on", "p", "q", "delay"]


def test_data_set(synapses):
    library("xarray")
    data = nb.export.to_xarray(synapses)
    check(data, synapses)
    assert data["w"].attrs == {"units": "nS"}
    assert dict(data.sizes) == {"synapse": 15}


def test_text_and_arrays(synapses, tmp_path):
    nb.export.to_csv(tmp_path / "w.csv", synapses)
    lines = (tmp_path / "w.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    assert rows[0] == ["i", "j", *MODEL_NAMES]
    numbers = [[float(x) if x not in ("True", "False") else x == "True" for x in row] for row in rows[1:]]
    check(dict(zip(rows[0], np.array(numbers, dtype=float).T, strict=True)), synapses)
    synapses.connections().to_npz(tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz", allow_pickle=False) as file:
        check(file, synapses)


def test_edges_of_sonata(synapses, tmp_path):
    h5py = library("h5py")
    nb.export.to_sonata(tmp_path / "edges.h5", synapses)
    with h5py.File(tmp_path / "edges.h5") as file:
        group = file["edges/syn"]
        check({"i": group["source_node_id"], "j": group["target_node_id"], **group["0"]}, synapses)
        assert group["source_node_id"].attrs["node_population"] == "cells[1:4]"
        assert group["edge_group_index"][-1] == 14
        assert group["0/w"].attrs["units"] == "nS"


@pytest.mark.peers
def test_libsonata_reads_the_edges(synapses, tmp_path):
    library("h5py")
    libsonata = library("libsonata")
    nb.export.to_sonata(tmp_path / "edges.h5", synapses)
    edges = libsonata.EdgeStorage(str(tmp_path / "edges.h5")).open_population("syn")
    everything = edges.select_all()
    np.testing.assert_array_equal(edges.source_nodes(everything), synapses.i)
    np.testing.assert_array_equal(edges.target_nodes(everything), synapses.j)
    np.testing.assert_allclose(edges.get_attribute("w", everything), synapses.w)
    assert (edges.source, edges.target) == ("cells[1:4]", "cells")


def test_formats_without_synapses_say_so(synapses, tmp_path):
    library("neo")
    library("pynwb")
    for call in (lambda: nb.export.to_neo(synapses), lambda: nb.export.to_nwb(tmp_path / "x", synapses)):
        with pytest.raises(nb.ArgumentError, match="no synapses"):
            call()
    assert not hasattr(synapses.connections(), "to_nwb")


def test_no_synapses():
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    none = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += w", connect=([], []))
    found = none.connections()
    assert len(found) == 0
    assert found["w"].shape == (0,)
    assert found.info["model"].startswith("0 synapses")
