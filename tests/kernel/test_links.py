"""Linked variables against plain arithmetic over the arrays they are linked to."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

SOURCE = "dv/dt = -v/(5*ms) : mV\nk : 1"
READER = "x : mV (linked)\ndu/dt = x/(10*ms) : mV\ny = 2*x : mV"


def source(n: int = 4) -> nb.Neurons:
    return nb.Neurons(n, SOURCE, name="source", initial={"v": np.arange(1.0, n + 1)})


@pytest.mark.parametrize("index", [None, [3, 0, 0, 2], [1, 1]])
def test_values_are_read_live(index: list[int] | None) -> None:
    """The source is updated first, so a reader's Euler step sees its new value."""
    cells = source()
    reader = nb.Neurons(
        4 if index is None else len(index), READER, method="euler", x=nb.link(cells, "v", index)
    )
    trace = nb.Monitor(reader, "x, y, u")
    nb.Network(cells, reader, trace, dt=0.1).run(1)
    chosen = np.arange(4) if index is None else np.array(index)
    v, u = np.arange(1.0, 5)[chosen], np.zeros(chosen.size)
    for k in range(10):
        np.testing.assert_allclose(trace.x[k], v, rtol=1e-13)
        np.testing.assert_allclose(trace.y[k], 2 * v, rtol=1e-13)
        np.testing.assert_allclose(trace.u[k], u, rtol=1e-13)
        v = v * np.exp(-0.1 / 5)
        u = u + 0.1 * v / 10
    np.testing.assert_allclose(reader.x, v, rtol=1e-13)


def test_links_in_threshold_reset_and_synapses() -> None:
    cells = source()
    reader = nb.Neurons(3, "x : mV (linked)\nw : mV\ng : mV", threshold="x > 1.5*mV", reset="w += x",
                        refractory="x*ms/mV")  # fmt: skip
    reader.x = nb.link(cells[1:], "v", index=[2, 1, 0])
    syn = nb.Synapses(reader, reader, on_pre="g_post += x_pre + x", connect=([0, 1], [1, 2]))
    net = nb.Network(cells, reader, syn, dt=0.1)
    start = np.arange(1.0, 5)
    net.step()
    x = (start * np.exp(-0.1 / 5))[1:][::-1]
    np.testing.assert_allclose(reader.w, np.where(x > 1.5, x, 0), rtol=1e-13)
    np.testing.assert_allclose(reader.g, [0, x[0] + x[1], x[1] + x[2]], rtol=1e-13)


def test_shared_parameters_and_functions() -> None:
    cells = nb.Neurons(2, "s : mV (shared)\nk : 1", s="3 mV", k=[1, 2])
    reader = nb.Neurons(5, "x : mV (linked)\ny = 2*x : mV", x=nb.link(cells, "s"))
    assert (reader.y == 6).all()
    twin = nb.Neurons(2, "k : 1 (linked)\nw : 1", k=nb.link(cells, "k"))

    @twin.at("start")
    def double(k: np.ndarray, w: np.ndarray) -> None:
        w[:] = 2 * k

    nb.Network(cells, twin).run(0.1)
    assert twin.w.tolist() == [2, 4]
    cells.k = 7
    assert twin.k.tolist() == [7, 7]


def test_wrong_links() -> None:
    cells = source()
    with pytest.raises(nb.ShapeError, match="needs 3 values, but 'v' of 'source' has 4"):
        nb.Neurons(3, READER, x=nb.link(cells, "v"))
    with pytest.raises(nb.UnitError, match="declare it as  : mV"):
        nb.Neurons(4, "x : volt (linked)", x=nb.link(cells, "v"))
    with pytest.raises(nb.UnknownNameError, match="did you mean 'v'"):
        nb.link(cells, "V")
    with pytest.raises(nb.IndexRangeError, match="index 4 is out of range: 'source' has 4"):
        nb.link(cells, "v", [0, 4])
    with pytest.raises(nb.ArgumentError, match="whole numbers"):
        nb.link(cells, "v", [0.5])
    reader = nb.Neurons(4, READER, name="reader")
    with pytest.raises(nb.ModelError, match="'x' of 'reader' is linked to nothing"):
        nb.Network(reader, cells)
    with pytest.raises(nb.ModelError, match="cannot be assigned"):
        reader.x = 3
    reader.x = nb.link(cells, "v")
    with pytest.raises(nb.ModelError, match="linked itself"):
        nb.link(reader, "x")
    with pytest.raises(nb.NetworkError, match="'source', which 'reader' is linked to, is not in"):
        nb.Network(reader)
    with pytest.raises(nb.ModelError, match="belongs to another group"):
        nb.Neurons(1, READER, threshold="x > 0*mV", reset="x = 0*mV")
