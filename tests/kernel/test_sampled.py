"""Subexpressions that are constant over dt: calculated once, at the start of each step, and stored."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb


def test_one_draw_serves_a_whole_step() -> None:
    nb.seed(1)
    cells = nb.Neurons(
        50, "x = randn() : 1 (constant over dt)\ny = x - x : 1\ndu/dt = x/ms : 1\nw : 1",
        threshold="x > 0", reset="w += x",
    )  # fmt: skip
    trace, spikes = nb.Monitor(cells, "x, y, u"), nb.Monitor(cells, "spikes")
    nb.Network(cells, trace, spikes, dt=0.1).run(5)
    assert not trace.y.any()
    assert np.unique(trace.x).size == trace.x.size
    np.testing.assert_allclose(np.diff(trace.u, axis=0), 0.1 * trace.x[:-1], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(spikes.count, (trace.x > 0).sum(axis=0))
    np.testing.assert_allclose(cells.w, np.where(trace.x > 0, trace.x, 0).sum(axis=0), rtol=1e-12)


def test_they_keep_a_nonlinear_input_linear_and_are_of_first_order() -> None:
    cells = nb.Neurons(1, "s = sin(2*t/ms) : 1 (constant over dt)\ndv/dt = (s - v)/(3*ms) : 1")
    assert cells.update.method == "exact"
    nb.Network(cells, dt=0.1).run(2)
    v = 0.0
    for k in range(20):
        s = np.sin(2 * k * 0.1)
        v = s + (v - s) * np.exp(-0.1 / 3)
    assert cells.v[0] == pytest.approx(v, rel=1e-12)


def test_one_may_use_another_whatever_the_order_of_the_lines() -> None:
    cells = nb.Neurons(3, "b = 2*a : 1 (constant over dt)\na = v + i : 1 (constant over dt)\nv : 1",
                       initial={"v": 1.0})  # fmt: skip
    assert cells.b.tolist() == [2, 4, 6]  # before the first step
    trace = nb.Monitor(cells, "b")
    cells.at("end", "v += 1")
    nb.Network(cells, trace, dt=0.1).run(0.2)
    assert trace.b.tolist() == [[2, 4, 6], [4, 6, 8]]
    assert cells.b.tolist() == [4, 6, 8]  # of the step that is over


def test_one_value_for_the_group() -> None:
    nb.seed(2)
    cells = nb.Neurons(
        4, "g = rand() : 1 (constant over dt, shared)\nx = g + rand() : 1 (constant over dt)"
    )
    trace = nb.Monitor(cells, "g, x")
    nb.Network(cells, trace, dt=0.1).run(0.5)
    assert trace.g.shape == (5,)  # once for the group
    assert np.unique(trace.g).size == 5
    drawn = trace.x - trace.g[:, None]
    assert ((drawn >= 0) & (drawn < 1)).all()
    assert np.ndim(cells.g) == 0


def test_whole_numbers_and_conditions_are_stored_as_such() -> None:
    cells = nb.Neurons(3, "n = 2*i : integer (constant over dt)\nb = i > 0 : boolean (constant over dt)")
    nb.Network(cells, dt=0.1).run(0.1)
    assert cells.n.dtype.kind == "i"
    assert cells.b.tolist() == [False, True, True]


def test_nobody_may_assign_them() -> None:
    cells = nb.Neurons(1, "x = rand() : 1 (constant over dt)")
    with pytest.raises(nb.ModelError, match="cannot be assigned"):
        cells.x = 1
    with pytest.raises(nb.ModelError, match="'x' is a subexpression and cannot be assigned"):
        nb.Neurons(1, "x = rand() : 1 (constant over dt)", threshold="x > 1", reset="x = 0")
    with pytest.raises(nb.ModelError, match="'x' is shared by the group, 'v' is not"):
        nb.Neurons(1, "x = 2*v : 1 (shared, constant over dt)\nv : 1")
    with pytest.raises(nb.ModelError, match="in a cycle: x -> y -> x"):
        nb.Neurons(1, "x = y : 1 (constant over dt)\ny = x : 1")


def test_synapses_read_the_stored_value() -> None:
    nb.seed(3)
    cells = nb.Neurons(2, "x = rand() : 1 (constant over dt)\nw : 1", threshold="i == 0")
    syn = nb.Synapses(cells, cells, on_pre="w_post += x_pre + x_post", connect=([0], [1]))
    trace = nb.Monitor(cells, "x")
    nb.Network(cells, syn, trace, dt=0.1).run(0.3)
    assert cells.w[1] == pytest.approx(trace.x.sum(), rel=1e-14)


def test_a_text_that_was_given_at_the_start_says_how_it_can_be_assigned():
    cells = nb.Neurons(1, "dv/dt = (I - v)/ms : 1\nI : 1", I="t/ms", name="cells")
    with pytest.raises(
        nb.ModelError, match=r"(?s)'I' of 'cells' was given as a text.*assign it after that:  group.I"
    ):
        cells.I = 3
