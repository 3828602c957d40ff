"""Parts of groups that are no slices: compared with NumPy's own indexing of plain arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError

EQUATIONS = "dv/dt = -v/(10*ms) : mV\nw : 1"
MASK = np.arange(8) % 3 == 0


def cells() -> nb.Neurons:
    made = nb.Neurons(8, EQUATIONS, name="cells")
    made.v = np.arange(8.0) - 3
    return made


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ([0, 2, 5], [0, 2, 5]),
        ([5, 0, -1], [5, 0, 7]),
        (slice(None, None, 2), [0, 2, 4, 6]),
        (slice(None, None, -1), [7, 6, 5, 4, 3, 2, 1, 0]),
        (MASK, [0, 3, 6]),
        ("v > 0*mV", [4, 5, 6, 7]),
        ("i % 4 == 1", [1, 5]),
        ("v > 100*mV", []),
    ],
)
def test_what_is_assigned_reaches_these_neurons_and_no_others(key, numbers):
    group, expected = cells(), np.zeros(8)
    part = group[key]
    assert part.size == len(part) == len(numbers)
    np.testing.assert_array_equal(part.v, np.arange(8.0)[numbers] - 3)
    part.w = 7
    expected[numbers] = 7
    part.w = np.arange(len(numbers)) + 1.0
    expected[numbers] = np.arange(len(numbers)) + 1
    part.w = "w + 10*i + N"
    expected[numbers] += 10 * np.arange(len(numbers)) + len(numbers)
    part.w += 0.5
    expected[numbers] += 0.5
    part.w *= 2
    expected[numbers] *= 2
    part.w["i > 0"] = 3
    expected[numbers[1:]] = 3
    part.w[:1] = "1 + i"
    expected[numbers[:1]] = 1
    np.testing.assert_array_equal(group.w, expected)


def test_a_condition_is_evaluated_once():
    group = cells()
    part = group["v > 0*mV"]
    group.v = "-1 mV"
    part.v = "2 mV"
    np.testing.assert_array_equal(group.v, [-1, -1, -1, -1, 2, 2, 2, 2])


@settings(max_examples=15)
@given(st.permutations(range(8)), st.integers(1, 8), st.data())
def test_parts_of_parts(order, n, data):
    group, first = cells(), list(order[:n])
    second = data.draw(st.permutations(range(n)))[: data.draw(st.integers(1, n))]
    part = group[first][second]
    plain = np.arange(8.0)[first][second]
    np.testing.assert_array_equal(part.v, plain - 3)
    np.testing.assert_array_equal(group[first][1:].v, np.arange(8.0)[first][1:] - 3) if n > 1 else None
    np.testing.assert_array_equal(group.v[part], plain - 3)
    np.testing.assert_array_equal(group[first].v[part], plain - 3)


def test_stages_of_a_part():
    group = nb.Neurons(6, "v : 1\nx : 1\nfired : 1", threshold="v > 1", reset="v = 0", name="cells")
    part = group[[4, 1, 3]]
    part.at("start", "x += i + 1")

    @part.at("start")
    def rise(v, i):
        v += [0.0, 2.0, 2.0]

    @part.at("reset")
    def count(spikes, fired):
        fired[spikes] += 1

    net = nb.Network(group)
    net.run("0.3 ms")
    np.testing.assert_array_equal(group.x, [0, 6, 0, 9, 3, 0])
    np.testing.assert_array_equal(group.fired, [0, 3, 0, 3, 0, 0])
    np.testing.assert_array_equal(part.spikes, [1, 2])


def test_monitors_take_a_part_by_of():
    group = cells()
    part = group[[5, 0]]
    trace = nb.Monitor(group, "v", of=part)
    nb.Network(group, trace).run("0.1 ms")
    np.testing.assert_array_equal(trace.v, [[2.0, -3.0]])


def test_parts_of_inputs():
    source = nb.inputs.SpikeTimes([0, 1, 3], [0.0, 0.0, 0.0], n=4)
    part = source[[3, 1, 2]]
    nb.Network(source).run("0.1 ms")
    np.testing.assert_array_equal(part.spikes, [0, 1])


def test_names():
    group = cells()
    assert repr(group[[0, 2, 5]]) == "<Subgroup cells[[0, 2, 5]], 3 of 8>"
    assert group[::2].name == "cells[::2]"
    assert group["v > 0*mV"].name == 'cells["v > 0*mV"]'
    assert group[MASK].name == "cells[mask]"
    assert repr(group[2:4]) == "<Subgroup cells[2:4], 2 of 8>"


def test_what_is_refused():
    group = cells()
    with pytest.raises(ArgumentError, match="neuron 2 is named more than once"):
        group[[2, 1, -6]]
    with pytest.raises(IndexRangeError, match="index 8 is out of range"):
        group[[0, 8]]
    with pytest.raises(ShapeError, match="8 neurons"):
        group[np.array([True, False])]
    with pytest.raises(ArgumentError):
        group[[0.5]]
    with pytest.raises(ShapeError):
        group[[0, 2]].w = [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "error", "words"),
    [
        (slice(None, None, 0), nb.ArgumentError, "the step of a slice of .* is 0"),
        (slice(0, 100, 2), nb.IndexRangeError, "index 100 is out of range"),
        (slice(-100, None, 2), nb.IndexRangeError, "index -100 is out of range"),
        (slice(0, "a", 2), nb.ArgumentError, "needs whole numbers"),
    ],
)
def test_strides_that_are_wrong(key, error, words):
    with pytest.raises(error, match=words):
        nb.Neurons(10, "v : 1")[key]


# ---- what is written reaches the group, and nothing that was written there is lost ----


def test_operators_in_place_reach_the_group():
    """`w = part.w; w += 1` once changed a copy, and nothing else."""
    group = nb.Neurons(8, "w : 1\nk : integer\nf : boolean\nb : volt", name="cells")
    right = np.arange(8.0)
    group.w, group.k, part = right, np.arange(8), group[[5, 0, 2]]
    w, k, f, b = part.w, part.k, part.f, part.b
    w += 1
    w -= [1, 2, 3]
    w *= 3
    w /= 2
    w **= 2
    w //= 0.5
    w %= 7
    where = [5, 0, 2]
    right[where] = ((right[where] + 1 - [1, 2, 3]) * 3 / 2) ** 2 // 0.5 % 7
    np.testing.assert_array_equal(group.w, right)
    np.testing.assert_array_equal(w, right[where])
    k |= 8
    f ^= [True, False, True]
    b += "20 mV"
    assert group.k.tolist() == [8, 1, 10, 3, 4, 13, 6, 7]
    assert group.f.nonzero()[0].tolist() == [2, 5]
    assert group.b[where].tolist() == [0.02] * 3
    some = w[1:]
    some[0] = 40
    some[...] += 1
    w[::-2] -= 2
    right[where] = w
    assert w.tolist() == part.w.tolist() == [right[5], 41, right[2]]
    np.testing.assert_array_equal(group.w, right)
    assert group.w[0] == 41
    with pytest.raises(ArgumentError, match="must be whole numbers"):
        k += 0.5
    with pytest.raises(ValueError, match="read-only"):
        np.sqrt(w, out=w)


def test_operators_do_not_change_what_cannot_be_assigned():
    part = nb.Neurons(4, "v : 1\nx = v + 1 : 1")[[0, 2]]
    x = part.x
    with pytest.raises(nb.ModelError, match="subexpression"):
        x += 1
    assert x.tolist() == [1, 1]


def test_a_stage_keeps_what_is_written_through_the_group():
    """What a function of a part wrote to `cells.v`, and not to its argument, was overwritten with the old values."""
    group = nb.Neurons(5, "v : 1\nu : 1\nk : integer", name="cells")
    group.u = [np.nan, 1, 2, 3, 4]
    part = group[[3, 0, 1]]

    @part.at("start")
    def change(v, u, k):
        group.v[3] = 30
        group.u = 7
        v[1:] = [10, 20]
        k += 1

    nb.Network(group, check_finite=False).step()
    assert group.v.tolist() == [10, 20, 0, 30, 0]
    assert group.u.tolist() == [7] * 5
    assert group.k.tolist() == [1, 1, 0, 1, 0]


def test_parts_without_neurons_do_nothing():
    """A population rate of nobody divided by zero."""
    group = nb.Neurons(4, "dv/dt = 2/ms : 1\ns : 1", threshold="v > 1", reset="v = 0", name="cells")
    part = group["v > 100"]
    part.v = 3
    part.at("start", "v += 1")
    part.at("start", lambda v: v.fill(9))
    part.poisson("v", n=10, rate="10 Hz", weight=1)
    out = nb.Synapses(part, group, "w : 1", on_pre="v += w", connect="i != j")
    into = nb.Synapses(
        group, part, "s_post = v_pre : 1 (summed)", on_pre="v += 1", connect=nb.connect.probability(0.5)
    )
    rate, spikes, trace = nb.PopulationRate(part), nb.Monitor(part, "spikes"), nb.Monitor(part, "v")
    statistics = nb.RunningStatistics(part, "v")
    nb.Network(group, out, into, rate, spikes, trace, statistics, dt=1).run(3)
    assert len(out) == len(into) == len(spikes.t) == part.start == part.stop == 0
    assert rate.count.tolist() == [0, 0, 0]
    assert np.isnan(rate.rate).all()
    assert trace.v.shape == (3, 0)
    assert statistics.v.mean.shape == (0,)
    assert group.v.tolist() == [0] * 4
