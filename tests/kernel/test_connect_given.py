"""Matrices, graphs, and synapses that are added later."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.sparse

import numpybrain as nb
from numpybrain import connect
from numpybrain.units import mV, nS, uV

W = np.array([[0, 1.5, 0], [2.0, 0, -1], [0, 0, 0], [0, 3, 0]])
PAIRS = [(0, 1), (1, 0), (1, 2), (3, 1)]
VALUES = [1.5, 2.0, -1, 3]


def make(rule: Any, model: Any = "w : mV", n: int = 4, m: int = 3, **values: Any) -> Any:
    source, target = nb.Neurons(n, "v : mV"), nb.Neurons(m, "v : mV")
    return nb.Synapses(source, target, model, connect=rule, **values)


def pairs(made: Any) -> list[tuple[int, int]]:
    return list(zip(made.i.tolist(), made.j.tolist(), strict=True))


SPARSE = [
    scipy.sparse.csr_matrix,
    scipy.sparse.csc_array,
    scipy.sparse.coo_matrix,
    scipy.sparse.lil_matrix,
    scipy.sparse.dok_array,
]


@pytest.mark.parametrize("form", [np.asarray, *SPARSE])
def test_matrices(form: Any) -> None:
    for rule in (
        form(W),
        connect.matrix(form(W), weight="w"),
        lambda: form(W),
        lambda: connect.matrix(form(W), weight="w", unit="mV"),
    ):
        made = make(rule)
        assert pairs(made) == PAIRS
        assert made.w.tolist() == VALUES
    assert make(connect.matrix(form(W), weight="w", unit="uV")).w.tolist() == pytest.approx(
        np.array(VALUES) / 1000
    )
    assert make(connect.matrix(form(W))).w.tolist() == [0] * 4
    assert make(form(W != 0)).w.tolist() == [0] * 4
    assert pairs(make(form(W), model=None)) == PAIRS


def test_quantities_in_matrices() -> None:
    assert make(W * uV).w.tolist() == pytest.approx(np.array(VALUES) / 1000)
    assert make(connect.matrix(W * mV, weight="w")).w.tolist() == VALUES
    for bad in (W * nS, connect.matrix(W, weight="w", unit="nS")):
        with pytest.raises(nb.UnitError):
            make(bad)


def test_stored_zeros_of_sparse_matrices_are_synapses() -> None:
    stored = scipy.sparse.coo_matrix(([0.0, 1.0, 2.0, 2.0], ([3, 0, 1, 1], [2, 1, 0, 0])), shape=(4, 3))
    made = make(stored)
    assert pairs(made) == [(0, 1), (1, 0), (3, 2)]
    assert made.w.tolist() == [1, 4, 0]
    assert stored.nnz == 4  # untouched


def test_what_a_bare_matrix_means() -> None:
    assert make(W, "w : mV\nu = 2 : 1").w.tolist() == VALUES
    assert make(W, "w : mV\nu : 1", u=3).w.tolist() == VALUES
    assert make(W, {"w": "mV"}).w.tolist() == VALUES
    assert make(W, "w : mV", w="1 mV").w.tolist() == [1] * 4
    with pytest.raises(nb.ArgumentError, match="which variable"):
        make(W, "w : mV\nu : 1")
    with pytest.raises(nb.ArgumentError, match="come with the connections"):
        make(connect.matrix(W, weight="w"), w="1 mV")
    with pytest.raises(nb.UnknownAttributeError):
        make(connect.matrix(W, weight="z"))
    for shape in (W.T, W[:3], W[:, :2]):
        with pytest.raises(nb.ShapeError):
            make(shape)
    for bad in (np.zeros((4, 3), dtype=object), np.zeros((4, 3), dtype=complex), np.zeros((4, 3, 2))):
        with pytest.raises(nb.ArgumentError):
            make(bad)


def test_graphs() -> None:
    directed = nx.DiGraph([(2, 0), (0, 1), (1, 1)])
    assert pairs(make(directed, None, 3, 3)) == [(0, 1), (1, 1), (2, 0)]
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "c", 0.5), ("c", "b", 2.0), ("b", "b", 1.0)])  # nodes: a, c, b
    made = make(connect.graph(graph, weight="w"), n=3)
    assert pairs(made) == [(0, 1), (1, 0), (1, 2), (2, 1), (2, 2)]
    assert made.w.tolist() == [0.5, 0.5, 2, 2, 1]
    assert make(connect.graph(graph, weight="w", unit="uV"), n=3).w.tolist() == pytest.approx(
        [0.0005, 0.0005, 0.002, 0.002, 0.001]
    )
    several = nx.MultiDiGraph([(0, 1), (0, 1)])
    assert pairs(make(several, None, 2, 2)) == [(0, 1), (0, 1)]
    random = nx.gnp_random_graph(30, 0.2, seed=1, directed=True)
    assert pairs(make(random, None, 30, 30)) == sorted(random.edges)
    assert pairs(make(nx.empty_graph(3), None, 3, 3)) == []
    with pytest.raises(nb.ShapeError):
        make(graph, None)
    with pytest.raises(nb.ArgumentError, match="no attribute 'strength'"):
        make(connect.graph(graph, weight="w", attribute="strength"), n=3)


# ---- more synapses later ------------------------------------------------------------------------


def test_several_calls_add_up() -> None:
    source, target = nb.Neurons(5, "v : 1"), nb.Neurons(4, "v : 1")
    made = nb.Synapses(
        source,
        target,
        "w : mV\nd = 2 : 1\nc = 5 : 1 (shared)",
        on_pre="v_post += w/mV",
        connect=([4, 0], [1, 1]),
    )
    made.w = [10, 20]
    made.connect("i == j and i < r", r=2)
    made.connect(([3], [3]), w="7 mV")
    made.connect(np.eye(5, 4)[::-1] == 1, d=4)
    made.connect(([], []))
    assert pairs(made) == [(4, 1), (0, 1), (0, 0), (1, 1), (3, 3), (1, 3), (2, 2), (3, 1), (4, 0)]
    assert made.w.tolist() == [10, 20, 0, 0, 7, 0, 0, 0, 0]
    assert made.d.tolist() == [2] * 5 + [4] * 4
    assert (len(made), made.N, made.c) == (9, 9, 5)
    assert "9 synapses" in str(nb.Network(source, target, made).schedule)


def test_new_synapses_get_the_defaults_of_the_constructor() -> None:
    source = nb.Neurons(30, "v : 1")
    made = nb.Synapses(
        source,
        source,
        "w : mV\nu : 1\nz : 1",
        on_pre="v_post += g*w/mV",
        connect=connect.fixed_total(10),
        w="2 mV",
        g=3,
        u="rand()",
        z=np.arange(10),
    )
    kept = made.u.copy()
    made.connect(connect.fixed_total(15))
    assert made.w.tolist() == [2] * 25
    assert made.g.tolist() == [3] * 25
    assert made.z.tolist() == [*range(10), *[0] * 15]
    assert np.array_equal(made.u[:10], kept)
    assert np.all((made.u[10:] > 0) & (made.u[10:] < 1))
    made.connect(connect.matrix(np.eye(30) * 4, weight="w"))
    assert made.w.tolist() == [2] * 25 + [4] * 30
    made.w = 9
    made.connect(([0], [0]))
    assert made.w.tolist() == [9] * 55 + [2]


def test_all_synapses_act() -> None:
    spiking = nb.Neurons(3, {"v": "1"}, threshold=lambda t: np.full(3, t == 0))
    target = nb.Neurons(4, "v : 1\nu : 1")
    made = nb.Synapses(
        spiking, target, "w : 1", on_pre="v_post += w; u_post += i + 10*j", connect=([2, 0], [0, 1]), w=1
    )
    network = nb.Network(spiking, target, made)
    made.connect("k for k in range(2, 4) if i == 1", w=5)
    made.connect(([0], [1]))
    network.run("0.3 ms")
    assert target.v.tolist() == [1, 2, 5, 5]
    assert target.u.tolist() == [2, 20, 21, 31]
    assert made.connect("i == j").tolist() == [5, 6, 7]
    assert made.w.tolist() == [1, 1, 5, 5, 1, 1, 1, 1]


def test_synapses_written_in_python_grow_too() -> None:
    cells = nb.Neurons(4, {"v": "1"})

    def push(v_post: Any, post: Any, w: Any, synapses: Any) -> None:
        np.add.at(v_post, post, w[synapses])

    made = nb.Synapses(cells, cells, {"w": "1"}, on_pre=push, connect=([0], [1]), w=2)
    made.connect(connect.ring(1), w=3)
    made.connect("i == j and i < r", r=1)
    assert made.w.tolist() == [2] + [3] * 8 + [2]


def test_bad_additions() -> None:
    made = make(([0], [0]))
    for rule, values, error in (
        (None, {}, nb.ArgumentError), (([9], [0]), {}, nb.IndexRangeError), ("i == j", {"z": 1}, nb.UnknownNameError),
        (([0, 1], [0, 0]), {"w": [1, 2, 3]}, nb.ShapeError), ("i + q == j", {}, nb.UnknownNameError), (3, {}, nb.ArgumentError),
    ):  # fmt: skip
        with pytest.raises(error):
            made.connect(rule, **values)
    with pytest.raises(nb.NumpyBrainError):
        made.i = [1]
