"""What else hangs on synapses when they come, go and move: monitors, sums, links, values of neurons, errors."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import (
    ArgumentError,
    IndexRangeError,
    ModelError,
    ShapeError,
    TimeStepError,
    UnitError,
    UnknownNameError,
)


def firing(n: int, at: set[int] = frozenset({0})) -> nb.Neurons:  # type: ignore[assignment]
    """Neurons that fire together in some steps."""

    def threshold(t: float, y: Any) -> Any:
        return np.full(y.size, round(t / 0.1) in at)

    return nb.Neurons(n, "y : 1\nx : 1\nk : integer", threshold=threshold)


# ---- monitors ----


def test_monitors_follow_their_synapses() -> None:
    cells = firing(3)
    synapses = nb.Synapses(
        cells, cells, "w : 1\nk : integer\nb : boolean\ng = 2*w : 1\ns : 1 (shared)",
        on_pre="y_post += w", connect=([0, 1, 2, 0], [1, 2, 0, 2]), w=[1, 2, 3, 4], k=[1, 2, 3, 4], b=True,
    )  # fmt: skip
    all_of, some = nb.Monitor(synapses, "w", "k", "b", "g"), nb.Monitor(synapses, "w", of=[3, 0])
    net = nb.Network(cells, synapses, all_of, some)
    net.step()
    synapses.remove("i == 1")
    synapses.connect(([2], [2]), w=9)
    net.step()
    synapses.remove([0])
    net.step()
    nan = math.nan
    expected = [[1, 2, 3, 4], [1, nan, 3, 4], [nan, nan, 3, 4]]
    np.testing.assert_array_equal(all_of.w, expected)
    np.testing.assert_array_equal(all_of.k, expected)
    np.testing.assert_array_equal(all_of.g, 2 * np.array(expected))
    assert all_of.b.tolist() == [[True] * 4, [True, False, True, True], [False, False, True, True]]
    np.testing.assert_array_equal(some.w, [[4, 1], [4, 1], [4, nan]])


def test_all_are_taken_away() -> None:
    cells = firing(2, {0, 5})
    synapses = nb.Synapses(
        cells,
        cells,
        "w : 1\ny_post = w : 1 (summed)",
        on_pre="x_post += w",
        connect="i != j",
        w=3,
        delay="0.2 ms",
    )
    monitor = nb.Monitor(synapses, "w")
    net = nb.Network(cells, synapses, monitor)
    net.run(0.1)
    synapses.remove("True")
    net.run(0.3)
    assert (len(synapses), synapses.w.shape, synapses.matrix("w").tolist()) == (0, (0,), [[0, 0], [0, 0]])
    assert cells.x.tolist() == cells.y.tolist() == [0, 0]
    assert np.isnan(monitor.w[1:]).all()
    assert synapses.connect("i == j", w=[5, 7]).tolist() == [0, 1]
    net.run(0.5)
    assert cells.x.tolist() == cells.y.tolist() == [5, 7]
    assert synapses.delay.tolist() == [0.2, 0.2]  # what the constructor was given


# ---- sums, links, values of neurons ----


def test_sums_are_those_of_the_synapses_there_are() -> None:
    cells = firing(3)
    cells.x = [1, 10, 100]
    synapses = nb.Synapses(
        cells, cells, "w : 1\ny_post = w*x_pre : 1 (summed)", connect=([0, 1], [1, 2]), w=[1, 2]
    )
    seen = []

    @cells.at("end")
    def change(t: float) -> None:
        seen.append(cells.y.tolist())
        if len(seen) == 1:
            synapses.connect(([2, 2], [2, 0]), w=[3, 4])
        elif len(seen) == 2:
            synapses.remove("i == 1")
        elif len(seen) == 3:
            synapses.rewire(0, i=1)
        elif len(seen) == 4:
            synapses.w[0] = 5

    nb.Network(cells, synapses).run(0.5)
    assert seen == [[0, 1, 20], [400, 1, 320], [400, 1, 300], [400, 10, 300], [400, 50, 300]]


def test_links_stay_with_synapses_and_have_to_be_told_of_new_ones() -> None:
    cells, others = firing(3, {0, 1, 2, 3}), nb.Neurons(3, "v : 1", initial={"v": "10**i"})
    synapses = nb.Synapses(
        cells, cells, "z : 1 (linked)", on_pre="y_post += z", connect=([2, 0, 1], [0, 1, 2])
    )
    synapses.z = nb.link(others, "v", index=synapses.i)
    net = nb.Network(cells, others, synapses)
    net.step()
    assert cells.y.tolist() == [100, 1, 10]
    synapses.remove(0)
    synapses.rewire(0, j=0)  # its link goes with it
    net.step()
    assert cells.y.tolist() == [101, 1, 20]
    with pytest.raises(UnknownNameError):
        synapses.connect("i == j and foo")
    with pytest.raises(TimeStepError):
        synapses.connect("i == j", delay=-1)
    net.step()
    assert cells.y.tolist() == [102, 1, 30]
    synapses.connect(([2], [2]))
    with pytest.raises(ModelError, match="'z' of '.*' is linked to nothing"):
        net.step()
    synapses.z = nb.link(others, "v", index=synapses.i)
    cells.y = 0
    net.step()
    assert len(synapses) == 3


def test_links_read_no_synapses() -> None:
    cells = firing(2)
    synapses = nb.Synapses(cells, cells, "w : 1\nD : 1 (shared)", on_pre="y_post += w", connect="i != j")
    with pytest.raises(ArgumentError, match="a link reads neurons, or what is shared by synapses"):
        nb.link(synapses, "w")
    assert nb.link(synapses, "D").slot.shared


def test_values_of_neurons_stay_when_synapses_go() -> None:
    cells = firing(2, {0, 3})
    synapses = nb.Synapses(
        cells, cells, "q : 1 (pre)\ndr/dt = -r/(2*ms) : 1 (post)\ns : 1 (shared)\nw : 1",
        on_pre="q += 1; w += q", on_post="r += 1", connect="i != j",
    )  # fmt: skip
    net = nb.Network(cells, synapses)
    net.run(0.2)
    synapses.remove("i == 0")
    synapses.connect(([1, 1], [1, 0]))
    assert synapses.q.tolist() == [1, 1]
    net.run(0.3)
    assert synapses.q.tolist() == [2, 2]  # also that of neuron 0, which has no synapses
    assert synapses.w.tolist() == [3, 2, 2]
    np.testing.assert_allclose(synapses.r, math.exp(-0.2) + math.exp(-0.05), rtol=1e-12)


def test_traces_that_live_in_neurons_are_not_those_of_new_synapses() -> None:
    """Asked or not where they live: a new synapse begins with the default, and one that moves keeps its own."""
    found = []
    for look in (False, True):
        cells = firing(2, {0, 3})
        synapses = nb.Synapses(
            cells, cells, "dp/dt = -p/(2*ms) : 1\nw : 1", on_pre="p += 1; w += p", connect=([0, 1], [1, 0])
        )
        net = nb.Network(cells, synapses)
        if look:
            assert synapses.p.tolist() == [0, 0]
        net.run(0.2)
        synapses.connect(([0, 1], [0, 1]), p=[0.5, 0])
        synapses.rewire(1, i=0)
        net.run(0.3)
        found.append((synapses.p.tolist(), synapses.w.tolist()))
    assert found[0] == found[1]
    step = math.exp(-0.05)
    old, new = 1 + step**3, 1 + 0.5 * step**2
    np.testing.assert_allclose(found[0][1], [1 + old, 1 + old, new, 1], rtol=1e-12)


def test_functions_get_the_new_arrays() -> None:
    cells = firing(2, {0, 1, 2})
    seen = []

    def act(y_post: Any, w: Any, post: Any, synapses: Any) -> None:
        seen.append((w.tolist(), post.tolist(), synapses.tolist()))
        np.add.at(y_post, post, w[synapses])

    synapses = nb.Synapses(cells, cells, {"w": "1"}, on_pre=act, connect=([0], [1]), w=2)
    net = nb.Network(cells, synapses)
    net.step()
    synapses.connect(([1], [1]), w=3)
    net.step()
    synapses.remove(0)
    net.step()
    assert seen == [([2], [1], [0]), ([2, 3], [1, 1], [0, 1]), ([3], [1], [0])]
    assert cells.y.tolist() == [0, 2 + 5 + 3]


def test_what_travels_on_dendrites_arrives_what_is_on_its_way_to_synapses_is_lost() -> None:
    cells = firing(2, {0})
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="y_post += w", connect=([0, 1], [1, 0]), w=[1, 2],
        delay=[0.1, 0.3], dendritic_delay="0.5 ms",
    )  # fmt: skip
    net = nb.Network(cells, synapses)
    net.run(0.2)
    synapses.remove(slice(None))
    net.run(1)
    assert cells.y.tolist() == [0, 1]


def test_numbers_of_synapses_in_texts() -> None:
    cells = firing(3, {0, 1, 2})
    synapses = nb.Synapses(
        cells,
        cells,
        "w : 1",
        on_pre="w = 100*N_incoming + 10*N_outgoing + N; y_post = N",
        connect=([0, 1], [1, 1]),
    )
    net = nb.Network(cells, synapses)
    net.step()
    assert synapses.w.tolist() == [212, 212]
    synapses.connect(([0], [2]))
    net.step()
    assert synapses.w.tolist() == [223, 213, 123]
    synapses.remove(0)
    net.step()
    assert synapses.w.tolist() == [112, 112]
    assert synapses.N_incoming.tolist() == [1, 1]
    assert cells.y.tolist() == [0, 2, 2]


# ---- errors ----

BAD_CONNECTIONS: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "target": (([0], [9]), {}, IndexRangeError, "target index 9 of 'syn' is out of range"),
    "source": (([-1], [0]), {}, IndexRangeError, "source index -1 of 'syn' is out of range"),
    "variable": ("i != j", {"foo": 1}, UnknownNameError, "'syn' has no variable 'foo'"),
    "misspelt": ("i != j", {"wx": 1}, UnknownNameError, "did you mean 'w'?"),
    "values": ("i != j", {"w": [1, 2]}, ShapeError, "'w' of 'syn' needs 1 or 6 values (got shape (2,))"),
    "unit": ("i != j", {"w": "2*mV"}, UnitError, "'w' of 'syn' must be a number (got a voltage)"),
    "delay": ("i != j", {"delay": -1}, TimeStepError, "the delay of 'syn' is negative (got -1 ms)"),
    "of neurons": ("i != j", {"f": 1}, ArgumentError, "'f' of 'syn' has one value for each neuron"),
    "shared": ("i != j", {"g": [1, 2]}, ShapeError, "'g' of 'syn' is shared: it has one value (got 2)"),
    "name": ("foo > 1", {}, UnknownNameError, "unknown name 'foo' in the connection"),
    "nothing": (None, {}, ArgumentError, "'syn' needs a connection rule"),
    "number": (3, {}, ArgumentError, "'connect' of 'syn' says who is connected to whom"),
}


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("name", BAD_CONNECTIONS)
def test_connections_that_fail_change_nothing(name: str, inside: bool) -> None:
    rule, values, kind, message = BAD_CONNECTIONS[name]
    cells = firing(3, {0})
    synapses = nb.Synapses(
        cells, cells, "w : 1\nf : 1 (pre)\ng : 1 (shared)", on_pre="y_post += w", connect="i == j", w=1,
        delay="0.2 ms", name="syn",
    )  # fmt: skip
    monitor = nb.Monitor(synapses, "w")
    net = nb.Network(cells, synapses, monitor)

    def fail() -> None:
        with pytest.raises(kind, match=re.escape(message)):
            synapses.connect(rule, **values)

    if inside:
        cells.at("end", lambda t: fail() if t < 0.05 else None)
    net.run(0.1)
    if not inside:
        fail()
    net.run(0.3)
    assert synapses.i.tolist() == synapses.j.tolist() == [0, 1, 2]
    assert synapses.delay.tolist() == [0.2] * 3
    assert cells.y.tolist() == [1, 1, 1]
    assert monitor.w.tolist() == [[1, 1, 1]] * 4


BAD_REWIRING: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "source": (0, {"i": 9}, IndexRangeError, "source index 9 of 'syn' is out of range"),
    "target": (0, {"j": -1}, IndexRangeError, "target index -1 of 'syn' is out of range"),
    "number": (
        0,
        {"i": [1, 2]},
        ArgumentError,
        "'i' must be one whole number, or one for each of 1 synapses",
    ),
    "fraction": (0, {"i": 0.5}, ArgumentError, "'i' must be one whole number"),
    "boolean": ([0, 1], {"i": True}, ArgumentError, "'i' must be one whole number"),
    "which": (99, {"i": 1}, IndexRangeError, "index 99 is out of range: 'syn' has 3 synapses (0..2)"),
}


@pytest.mark.parametrize("name", BAD_REWIRING)
def test_moves_that_fail_change_nothing(name: str) -> None:
    which, ends, kind, message = BAD_REWIRING[name]
    cells = firing(3)
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="y_post += w", connect="i == j", name="syn")
    with pytest.raises(kind, match=re.escape(message)):
        synapses.rewire(which, **ends)
    assert synapses.i.tolist() == synapses.j.tolist() == [0, 1, 2]


def test_states_of_new_synapses_are_looked_after() -> None:
    cells = firing(2)
    synapses = nb.Synapses(
        cells,
        cells,
        "dw/dt = a*w**2/ms : 1\na : 1",
        connect=([0], [1]),
        w=1,
        a=0.01,
        method="euler",
        name="syn",
    )

    @cells.at("end")
    def grow(t: float) -> None:
        if t == pytest.approx(0.2):
            synapses.connect(([1], [0]), w=5, a=3)

    with pytest.raises(nb.DivergenceError, match="'w' of 'syn' is inf in synapse 1 of 2") as caught:
        nb.Network(cells, synapses).run(20)
    assert caught.value.neurons.tolist() == [1]
    assert np.isfinite(synapses.w).all()  # set back


def test_progress_may_change_anything() -> None:
    """It is called every 64 steps at most, between two of them."""
    cells = nb.Neurons(2, "dv/dt = (a - v)/(2*ms) : 1\na : 1\ny : 1", threshold="v > 2", reset="v = 0")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="y += w", connect=([], []))
    times = []

    def progress(done: float) -> None:
        times.append(done)
        if len(times) == 1:
            cells.a = [5, 0]
            synapses.connect(([0], [1]), w=3)

    net = nb.Network(cells, synapses)
    spikes = nb.Monitor(cells, "spikes")
    net.add(spikes)
    net.run(20, progress=progress)
    first = spikes.t[0]
    assert first == pytest.approx(times[0] * 20 + 2 * math.log(5 / 3), abs=0.11)
    assert cells.y.tolist() == [0, 3 * len(spikes)]


@pytest.mark.parametrize("change", ["connect", "remove"])
def test_what_is_calculated_for_each_spike_reaches_its_synapses_whatever_comes_and_goes(
    change: str,
) -> None:
    source, target = firing(3), nb.Neurons(3, "g : 1")
    synapses = nb.Synapses(
        source, target, "x : 1 (pre)", on_pre="x += 1; g += 2*x", connect=([2, 0, 1, 0], [0, 1, 2, 0]),
        x=[10, 20, 40], delay=0.5,
    )  # fmt: skip
    net = nb.Network(source, target, synapses)
    net.run(0.3)
    if change == "connect":
        synapses.connect(([1], [1]))  # too late for the spike under way
    else:
        synapses.remove(3)
    net.run(1)
    assert target.g.tolist() == [2 * 41 + (2 * 11 if change == "connect" else 0), 2 * 11, 2 * 21]
