"""Names on both sides, modulators, pathways of events, dendrites, switches: worked out by hand or by loops."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import (
    ArgumentError,
    ModelError,
    NetworkError,
    NumpyBrainError,
    UnitError,
    UnknownNameError,
)

DT = 0.1


def timed(*when: set[int], model: str = "y : 1\nw : 1\nv : 1", **more: Any) -> nb.Neurons:
    """One neuron for each set of steps in which it fires."""

    def threshold(t: float) -> Any:
        return np.array([round(t / DT) in steps for steps in when])

    return nb.Neurons(len(when), model, threshold=threshold, **more)


# ---- names ----


def test_one_name_on_three_sides() -> None:
    cells = timed({0}, set(), set())
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="w += 1; w_post += 10; w_pre += 100", connect="i != j"
    )
    nb.Network(cells, synapses).step()
    assert synapses.w.tolist() == [1, 1, 0, 0, 0, 0]
    assert cells.w.tolist() == [200, 10, 10]


def test_a_neuron_with_itself() -> None:
    cells = timed({0})
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="y_post += 1; y_pre += 10", on_post="w += y_pre", connect="True"
    )
    nb.Network(cells, synapses).step()
    assert (cells.y.tolist(), synapses.w.tolist()) == ([11], [11])


RESERVED = [
    "i", "j", "delay", "dendritic_delay", "N_incoming", "N_pre", "source", "target", "size", "name", "connect",
    "pre", "post", "synapse", "place", "delay_up", "w_pre", "_w", "t", "N", "inspect", "rewire",
]  # fmt: skip


@pytest.mark.parametrize("name", RESERVED)
def test_names_that_mean_something_else(name: str) -> None:
    cells = timed({0})
    with pytest.raises(ModelError, match=f"the name '{name}' is reserved") as caught:
        nb.Synapses(cells, cells, f"{name} : 1", on_pre={"up": "y += 1"}, connect="True", delay={"up": 1})
    assert f"    {name}" in str(caught.value)
    assert "^" in str(caught.value)
    if not name.startswith("_") and name not in ("t", "N", "w_pre"):
        with pytest.raises(ModelError, match=f"the name '{name}' is reserved in synapses"):
            nb.Synapses(cells, cells, {name: "1"}, on_pre={"up": lambda y_post: None}, connect=([0], [0]))


@pytest.mark.parametrize(
    "name", ["passed_0", "synapses", "np", "take", "link_w", "lastupdate", "x0", "lambda_", "repeat"]
)
def test_names_that_mean_nothing(name: str) -> None:
    found = []
    for own in (name, "plain"):
        cells = timed({0, 3}, {2})
        synapses = nb.Synapses(
            cells, cells, f"{own} : 1\ndp/dt = -p/(2*ms) : 1\nw : 1",
            on_pre=f"w += exp(p)*{own}; {own} += p; p += 1", connect="True", **{own: 2},
        )  # fmt: skip
        nb.Network(cells, synapses).run(0.5)
        found.append([getattr(synapses, n).tolist() for n in (own, "w", "p")])
    assert found[0] == found[1]


# ---- modulators ----


def test_a_modulator_against_a_loop() -> None:
    """Reward comes with spikes of two neurons, through synapses with delays; eligible synapses learn."""
    cells, reward = timed({0, 8}, {3, 9}, {5}), timed({2, 6}, {4})
    synapses = nb.Synapses(
        cells, cells,
        "dD/dt = -D/(2*ms) : 1 (shared)\ndc/dt = -c/(5*ms) : 1 (event-driven)\nw : 1",
        on_pre="c += 1; w += D*c", connect="i != j",
    )  # fmt: skip
    modulator = nb.Synapses(
        reward, synapses, "g : 1", on_pre="D += g; g *= 0.5", g=[1, 2], delay=[0.1, 0.3]
    )
    assert (modulator.i.tolist(), modulator.j.tolist()) == ([0, 1], [0, 0])
    nb.Network(cells, reward, synapses, modulator).run(1)
    pairs = [(i, j) for i in range(3) for j in range(3) if i != j]
    fires = [{0, 8}, {3, 9}, {5}]
    d, c, w, g = 0.0, [0.0] * 6, [0.0] * 6, [1.0, 2.0]
    arrives = {3: 0, 7: 0, 4 + 3: 1}
    due = {3: [0], 7: [0, 1]}
    assert set(arrives) == set(due)
    for step in range(10):
        d *= np.exp(-DT / 2)
        c = [x * np.exp(-DT / 5) for x in c]
        for k, (i, _) in enumerate(pairs):
            if step in fires[i]:
                c[k] += 1
                w[k] += d * c[k]
        for k in due.get(step, []):
            d += g[k]
            g[k] *= 0.5
    assert synapses.D == pytest.approx(d, rel=1e-12)
    np.testing.assert_allclose(synapses.w, w, rtol=1e-12)
    assert modulator.g.tolist() == g


def test_modulated_synapses_may_change() -> None:
    cells = timed({0, 1, 2, 3}, set())
    synapses = nb.Synapses(cells, cells, "D : 1 (shared)\nw : 1", on_pre="w += D", connect="i != j")
    modulator = nb.Synapses(cells, synapses, on_pre="D += 1")
    net = nb.Network(cells, synapses, modulator)
    net.step()
    synapses.connect(([0], [0]))
    net.step()
    synapses.remove(0)
    modulator.connect(([0], [0]))
    net.step()
    modulator.remove(slice(None))
    net.step()
    assert synapses.D == 4
    assert synapses.w.tolist() == [0, 1 + 2 + 4]
    assert modulator.matrix("i").shape == (2, 1)


MODULATORS: dict[str, tuple[str, dict[str, Any], type[NumpyBrainError], str]] = {
    "nothing": ("w : 1", {"on_pre": "D += 1"}, ArgumentError, "'syn' has no shared variables that spikes could change"),
    "own": ("D : 1 (shared)\nw : 1", {"on_pre": "w += 1"}, ModelError, "'w' of 'syn' is not shared: spikes of others do not reach it"),
    "read": ("D : 1 (shared)\nw : 1", {"on_pre": "D += w_post"}, ModelError, "'w' of 'syn' is not shared"),
    "late": (
        "D : 1 (shared)\ndE/dt = -E/ms : 1 (shared, event-driven)", {"on_pre": "E += 1"}, ModelError,
        "'E' of 'syn' is event-driven: spikes of others do not reach it",
    ),
    "unknown": ("D : 1 (shared)", {"on_pre": "F += 1"}, UnknownNameError, "unknown name 'F' in on_pre"),
    "on_post": ("D : 1 (shared)", {"on_post": "D += 1"}, ArgumentError, "'syn' are synapses, which do not spike"),
    "unit": ("D : mV (shared)", {"on_pre": "D += 1"}, UnitError, "must be a voltage (got a number)"),
}  # fmt: skip


@pytest.mark.parametrize("name", MODULATORS)
def test_modulators_that_cannot_be(name: str) -> None:
    model, arguments, kind, message = MODULATORS[name]
    cells = timed({0})
    synapses = nb.Synapses(cells, cells, model, connect="True", name="syn")
    with pytest.raises(kind, match=re.escape(message)):
        nb.Synapses(cells, synapses, **arguments)


def test_modulated_synapses_must_be_in_the_network() -> None:
    cells = timed({0})
    synapses = nb.Synapses(cells, cells, "D : 1 (shared)", connect="True", name="syn")
    with pytest.raises(NetworkError, match=re.escape("'syn', the target of 'mod', is not in the network")):
        nb.Network(cells, nb.Synapses(cells, synapses, on_pre="D += 1", name="mod"))


# ---- pathways and delays ----


def test_pathways_of_events_with_delays_of_their_own() -> None:
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1\nz : 1", threshold="v > 5", reset="v = 0",
        events={"half": "v > 2.45 and v < 2.55"}, on_event={"half": "z += 1"},
    )  # fmt: skip
    synapses = nb.Synapses(
        cells, cells, "w : 1\nu : 1\nwhen : second", connect="i != j",
        on_pre={"a": "w += 1", "b": "u += 1; when = t"}, on_post={"c": "u += 10"},
        on_event={"b": "half", "c": "half"}, delay={"b": "0.3 ms", "c": [0.1, 5]},
    )  # fmt: skip
    nb.Network(cells, synapses, dt=DT).run(3)
    assert synapses.w.tolist() == [0, 0]
    assert synapses.u.tolist() == [11, 1]
    np.testing.assert_allclose(synapses.when, 0.0024 + 0.0003, rtol=1e-12)  # v is 2.5 after step 24
    assert synapses.pathways["b"].delay.tolist() == [0.3, 0.3]
    assert synapses.delay.tolist() == [0, 0]


@pytest.mark.parametrize("inside", [False, True])
def test_delays_change_under_way(inside: bool) -> None:
    """What is under way keeps its time of arrival; what is sent later has the new delay."""
    cells = timed({0, 3}, set())
    synapses = nb.Synapses(
        cells,
        cells,
        "n : 1\nlast : second",
        on_pre={"up": "n += 1; last = t"},
        delay={"up": 0.5},
        connect=([0, 0], [0, 1]),
    )
    net = nb.Network(cells, synapses)
    seen = []

    def change(t: float) -> None:
        seen.append(synapses.n.tolist())
        if round(t / DT) == 1:
            synapses.pathways["up"].delay = [0.1, 1.0]

    if inside:
        cells.at("end", change)
        net.run(1.5)
    else:
        for k in range(15):
            net.step()
            change(k * DT)
    assert [seen[k] for k in (3, 4, 5, 12, 13)] == [[0, 0], [1, 0], [2, 1], [2, 1], [2, 2]]
    np.testing.assert_allclose(synapses.last, [0.0005, 0.0013], rtol=1e-12)


@pytest.mark.parametrize("delays", [0.2, [0.2, 0.0, 0.5]])
@pytest.mark.parametrize("dendrite", [0.3, [0.0, 0.3, 1.0], "0.1*ms*(1 + i)"])
def test_dendrites(delays: Any, dendrite: Any) -> None:
    """Spikes come to the synapse, later to the soma; those of targets come later to the synapse."""
    pre, post = [{0, 1}, {4}, {2}], [{3}, {5}]
    source, target = timed(*pre), timed(*post)
    pairs = [(0, 0), (1, 0), (2, 1)]
    synapses = nb.Synapses(
        source, target, "w : 1\np : 1", on_pre="p += 1; y_post += w; w += 0.5", on_post="w *= 2; p += 10",
        connect=tuple(zip(*pairs, strict=True)), w=1, delay=delays, dendritic_delay=dendrite,
    )  # fmt: skip
    axon = np.round(np.broadcast_to(delays, 3) / DT).astype(int)
    there = np.round(synapses.dendritic_delay / DT).astype(int)
    net = nb.Network(source, target, synapses)
    y, w, p = [0.0, 0.0], [1.0] * 3, [0.0] * 3
    soma: dict[int, list[tuple[int, float]]] = {}
    for step in range(20):
        for k, (i, j) in enumerate(pairs):
            if step - axon[k] in pre[i]:
                p[k] += 1
                soma.setdefault(step + there[k], []).append((j, w[k]))
                w[k] += 0.5
        for k, (_, j) in enumerate(pairs):
            if step - there[k] in post[j]:
                w[k], p[k] = w[k] * 2, p[k] + 10
        for j, amount in soma.pop(step, []):
            y[j] += amount
        net.step()
        assert target.y.tolist() == pytest.approx(y), step
        assert synapses.w.tolist() == w, step
        assert synapses.p.tolist() == p, step


def test_delays_that_cannot_be() -> None:
    cells = timed({0}, {1})
    synapses = nb.Synapses(
        cells, cells, on_pre={"up": "y += 1"}, delay={"up": [1, 2, 3, 4]}, connect="True", name="syn"
    )
    for value, message in (
        (-2, "the delay of up of 'syn' is negative (got -2 ms)"),
        ([1, 2, np.inf, 3], "is no finite time (got inf ms)"),
    ):
        with pytest.raises(nb.TimeStepError, match=re.escape(message)):
            synapses.pathways["up"].delay = value
        assert synapses.pathways["up"].delay.tolist() == [1, 2, 3, 4]
    held = synapses.pathways["up"].delay
    with pytest.raises(nb.TimeStepError):
        synapses.pathways["up"].delay = [1, 2, 3, -4]
    held[0] = 0.5
    assert synapses.pathways["up"].delay.tolist() == [0.5, 2, 3, 4]  # it is still the live one
    net = nb.Network(cells, synapses)
    held[1] = np.nan
    with pytest.raises(
        nb.TimeStepError, match=re.escape("the delay of up of 'syn' is no finite time (got nan ms)")
    ):
        net.run(1)
    held[1] = 2
    with pytest.raises(nb.TimeStepError, match="negative"):  # in the middle of a run, when a spike meets it

        @cells.at("start")
        def spoil(t: float) -> None:
            held[:] = -1

        net.run(1)


def test_long_delays_need_no_room() -> None:
    """A ring of an hour would take gigabytes."""
    source, target = timed({0}), nb.Neurons(1000, "y : 1")
    synapses = nb.Synapses(source, target, on_pre="y += 1", connect=([0, 0], [0, 1]), delay=[0.5, 3.6e6])
    nb.Network(source, target, synapses).run(1)
    assert target.y[:2].tolist() == [1, 0]


def test_spikes_under_way_for_long_need_no_room() -> None:
    """Nor do they when the delays have become short."""
    source, target = timed({0, 2}), nb.Neurons(1000, "y : 1")
    synapses = nb.Synapses(source, target, on_pre="y += 1", connect=([0, 0], [0, 1]), delay=[0.5, 3.6e6])
    net = nb.Network(source, target, synapses)
    net.run(0.1)
    synapses.delay = [0.2, 0.3]
    net.run(1)
    assert target.y[:2].tolist() == [2, 1]


def test_weights_assigned_under_way_count_at_arrival() -> None:
    for change in ("assign", "read and write", "of the source"):
        source, target = timed({0}, {0}), nb.Neurons(2, "y : 1")
        source.v = 1
        synapses = nb.Synapses(
            source, target, "w : 1", on_pre="y += w*v_pre", connect=([0, 1], [0, 1]), delay=[1, 2], w=1
        )

        def act(
            t: float, change: str = change, s: nb.Synapses = synapses, cells: nb.Neurons = source
        ) -> None:
            if round(t / DT) != 15:
                return
            if change == "assign":
                s.w = 10
            elif change == "read and write":
                s.w[:] = 10
            else:
                cells.v = 10

        source.at("end", act)
        nb.Network(source, target, synapses).run(3)
        assert target.y.tolist() == [1, 10], change
