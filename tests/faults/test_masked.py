"""Masked arrays: what is masked is nothing that connects, and nowhere a number."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import mV, ms, nS, um

from .places import ARRAYS, MATRICES

W = np.array([[0.2, 0.6, 0.0], [0.9, 0.4, 0.7], [0.0, 0.1, 0.8]])
UNIT = {"mV": mV, "nS": nS, "ms": ms, "um": um}


def pairs(connect, **options):
    cells = nb.Neurons(3, "v : 1")
    made = nb.Synapses(cells, cells, connect=connect, **options)
    return list(zip(made.i.tolist(), made.j.tolist(), strict=True))


WANTED = [(0, 1), (1, 0), (1, 2), (2, 2)]  # where W is at least 0.5


@pytest.mark.parametrize(
    "matrix",
    [
        np.ma.masked_less(W, 0.5),
        nS * np.ma.masked_less(W, 0.5),
        np.ma.array(W > 0, mask=W < 0.5),
        np.ma.array(np.where(W < 0.5, np.nan, W), mask=W < 0.5),
        np.ma.array((10 * W).astype(int), mask=W < 0.5),
    ],
)
def test_what_is_masked_in_a_matrix_is_no_synapse(matrix) -> None:
    assert pairs(matrix) == WANTED
    assert pairs(nb.connect.matrix(matrix)) == WANTED
    assert pairs(lambda: matrix) == WANTED


def test_weights_are_those_that_are_not_masked() -> None:
    for take in MATRICES.values():
        weights = take(nS * np.ma.masked_less(W, 0.5))
        assert np.allclose(weights, [0.6, 0.9, 0.7, 0.8])


MASKED = {
    "one": np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False]),
    "all": np.ma.masked_all(3),
    "list": [1.0, np.ma.masked, 3.0],
    "integers": np.ma.array([1, 2, 3], mask=[True, False, False]),
}


@pytest.mark.parametrize("which", MASKED)
@pytest.mark.parametrize("place", ARRAYS)
def test_refused_as_values(place, which) -> None:
    unit, take = ARRAYS[place]
    with pytest.raises(nb.ArgumentError, match="masked"):
        take(MASKED[which])
    if which != "list":
        with pytest.raises(nb.ArgumentError, match="masked"):
            take(UNIT[unit] * MASKED[which])
        with pytest.raises(nb.ArgumentError, match="masked"):
            take(MASKED[which] * UNIT[unit])  # an array of objects


@pytest.mark.parametrize("place", ARRAYS)
def test_an_array_that_only_could_be_masked_is_one(place) -> None:
    unit, take = ARRAYS[place]
    if place != "open name":  # which takes the unit of its value
        assert np.allclose(take(np.ma.array([1.0, 2.0, 3.0])), [1, 2, 3])
        assert np.allclose(take(np.ma.array([1.0, 2.0, 3.0], mask=[0, 0, 0])), [1, 2, 3])
    assert np.allclose(take(np.ma.array([1.0, 2.0, 3.0]) * UNIT[unit]), [1, 2, 3])


def test_one_masked_number() -> None:
    cells = nb.Neurons(3, "E : mV\nk : integer\nb : boolean", threshold="E > 0*mV")
    for name in ("E", "k", "b"):
        with pytest.raises(nb.ArgumentError, match="masked"):
            setattr(cells, name, np.ma.masked)
        with pytest.raises(nb.ArgumentError, match="masked"):
            setattr(cells, name, MASKED["integers"])
        with pytest.raises(nb.ArgumentError, match="masked"):
            setattr(cells[:2], name, MASKED["integers"][:2])
    net = nb.Network(cells)
    for act in (
        lambda: net.run(np.ma.masked),
        lambda: nb.Network(dt=np.ma.masked),
        lambda: nb.Monitor(cells, "E", every=np.ma.masked),
        lambda: nb.Synapses(cells, cells, on_pre="E_post += 1*mV", connect="True", delay=np.ma.masked),
        lambda: nb.Neurons(1, "v : 1", threshold="v > 1", refractory=np.ma.masked),
        lambda: nb.Neurons(1, "dv/dt = -v/tau : 1", tau=np.ma.masked),
        lambda: nb.timed([1.0], np.ma.masked),
    ):
        with pytest.raises(nb.ArgumentError, match="masked"):
            act()


INDEX = np.ma.array([0, 1], mask=[False, True])


def test_refused_as_indices() -> None:
    cells = nb.Neurons(3, "v : 1\nx : um")
    made = nb.Synapses(cells, cells, "w : 1", connect="True")
    graph = pytest.importorskip("networkx").DiGraph(
        [(0, 1, {"weight": np.ma.masked}), (1, 2, {"weight": 1.0})]
    )
    for act in (
        lambda: pairs((INDEX, [0, 1])),
        lambda: pairs(([0, 1], INDEX)),
        lambda: pairs(lambda N_pre: (INDEX, INDEX)),
        lambda: nb.Monitor(cells, "v", of=INDEX),
        lambda: nb.Monitor(cells, "v", of=np.ma.array([True, False, True], mask=[0, 1, 0])),
        lambda: nb.link(cells, "v", index=INDEX),
        lambda: made.select(INDEX),
        lambda: made.remove(INDEX),
        lambda: made.rewire([0, 1], j=INDEX),
        lambda: made.w[INDEX, :],
        lambda: made.w.__setitem__((slice(None), 0), np.ma.array([1.0, 2, 3], mask=[0, 1, 0])),
        lambda: pairs(nb.connect.gaussian(np.ma.array([1.0, 2, 3], mask=[0, 1, 0]), 1.0)),
        lambda: pairs(nb.connect.graph(graph, weight="w")),
    ):
        with pytest.raises(nb.ArgumentError, match="masked"):
            act()


def test_refused_where_functions_return_them() -> None:
    def network(**texts):
        return nb.Network(nb.Neurons(3, {"v": "mV"}, **texts))

    some = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
    for act in (
        lambda: network(integrate=lambda v: None, threshold=lambda v: some > 1).run(0.1),
        lambda: network(derivative=lambda v: some).run(0.1),
        lambda: network(threshold=lambda v: v < 1, refractory=lambda spikes: some).run(0.1),
        lambda: network(initial={"v": lambda: some}).run(0.1),
        lambda: network(events={"low": lambda v: some > 1}).run(0.1),
        lambda: nb.Network(nb.Neurons(3, "dv/dt = f(v)/ms : 1", f=lambda v: some)).run(0.1),
        lambda: pairs(nb.connect.probability(lambda i, j: np.ma.masked_less(i / 9, 0.2))),
        lambda: pairs(nb.connect.condition(lambda i, j: np.ma.masked_less(i, 1) > 0)),
    ):
        with pytest.raises(nb.ArgumentError, match="masked"):
            act()
