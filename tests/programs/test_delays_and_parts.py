"""Delays, parts of groups, pathways and their order in one program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, queue, same, source, steps, towards


def test_delays_between_parts_of_groups() -> None:
    table = {2: [0, 3], 5: [4, 6], 6: [3], 9: [5], 10: [2, 3, 4, 5, 6], 25: [3]}
    spiking, cells = source(table, 8), nb.Neurons(9, "dv/dt = -v/(3*ms) : 1")
    i, j = [0, 1, 2, 2, 3, 3, 1, 0], [0, 1, 2, 3, 4, 5, 5, 2]
    delay, w = [0.0, 0.3, 1.2, 0.1, 2.0, 0.0, 0.7, 0.7], np.arange(1, 9) / 10
    synapses = nb.Synapses(
        spiking[2:7], cells[1:8], "w : 1", on_pre="v_post += w", connect=(i, j), w=w, delay=delay
    )
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(4)
    v, wanted, due = np.zeros(9), [], queue()
    for step in range(40):
        wanted.append(v.copy())
        v = towards(v, 0, 3)
        for k in range(8):
            if i[k] + 2 in table.get(step, []):
                due[step + round(delay[k] / DT)].append(k)
        for k in due.pop(step, []):
            v[j[k] + 1] += w[k]
    same(trace.v, wanted)


def test_delays_that_are_assigned_between_runs() -> None:
    table = {step: [step % 3] for step in range(0, 80, 2)}
    spiking, cells = source(table, 3), nb.Neurons(4, "dv/dt = -v/(3*ms) : 1")
    synapses = nb.Synapses(
        spiking,
        cells,
        "w : 1",
        on_pre="v_post += w",
        connect="all_to_all",
        w="0.1*(1 + i)*(1 + 2*j)",
        delay="1 ms",
    )
    trace = nb.Monitor(cells, "v")
    net = nb.Network(spiking, cells, synapses, trace)
    i, j = synapses.i, synapses.j
    for delay in (None, 0.3, "0.1*ms*(1 + i + j)", 0):
        if delay is not None:
            synapses.delay = delay
        net.run(2)
    delays = [np.full(12, 10), np.full(12, 3), 1 + i + j, np.zeros(12, int)]
    v, wanted, due = np.zeros(4), [], queue()
    for step in range(80):
        wanted.append(v.copy())
        v = towards(v, 0, 3)
        for k in range(12):
            if i[k] in table.get(step, []):
                due[step + int(delays[step // 20][k])].append(k)
        for k in due.pop(step, []):
            v[j[k]] += 0.1 * (1 + i[k]) * (1 + 2 * j[k])
    same(trace.v, wanted)


@pytest.mark.parametrize("delay", ["3 ms", "1*ms + 1*ms*i"])
def test_delays_longer_than_runs(delay: str) -> None:
    spiking, cells = source({1: [0, 1]}, 2), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(
        spiking, cells, "w : 1", on_pre="v_post += w", connect="all_to_all", w=1, delay=delay
    )
    trace = nb.Monitor(cells, "v")
    net = nb.Network(spiking, cells, synapses, trace)
    for _ in range(20):
        net.run(0.2)
    wanted = np.zeros(40)
    for steps_late in (30, 30) if delay == "3 ms" else (10, 20):
        wanted[1 + steps_late + 1 :] += 1
    same(trace.v[:, 0], wanted)


@pytest.mark.parametrize("delay", ["1 ms", "0.8*ms + 0.4*ms*i"])
@pytest.mark.parametrize("what", ["weight", "parameter of the target"])
def test_what_acts_on_arrival_is_read_on_arrival(what: str, delay: str) -> None:
    spiking, cells = source({1: [0, 1]}, 2), nb.Neurons(1, "v : 1\ngain = 1 : 1")
    synapses = nb.Synapses(
        spiking, cells, "w : 1", on_pre="v_post += w*gain_post", connect="all_to_all", w=1, delay=delay
    )
    net = nb.Network(spiking, cells, synapses)
    net.run(0.5)
    if what == "weight":
        synapses.w = 5
    else:
        cells.gain = 5
    net.run(3)
    same(cells.v, [10])


def test_weights_and_delays_that_a_stage_assigns() -> None:
    table = {step: [0, 1] for step in range(60)}
    spiking, cells = source(table, 2), nb.Neurons(2, "v : 1")
    synapses = nb.Synapses(
        spiking,
        cells,
        "w : 1",
        on_pre="v_post += w",
        connect="all_to_all",
        w=1,
        delay="0.1*ms*(1 + 3*i + j)",
    )
    changes: dict[int, tuple[str, Any]] = {
        20: ("w", 2),
        35: ("w", [0.1, 0.2, 0.3, 0.4]),
        45: ("delay", 0.2),
    }
    cells.at(
        "end", lambda t: setattr(synapses, *changes[round(t / DT)]) if round(t / DT) in changes else None
    )
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(6)
    w, delay = np.ones(4), 1 + 3 * synapses.i + synapses.j
    v, wanted, due = np.zeros(2), [], queue()
    for step in range(60):
        wanted.append(v.copy())
        for k in range(4):
            due[step + int(delay[k])].append(k)
        for k in due.pop(step, []):
            v[synapses.j[k]] += w[k]
        name, value = changes.get(step, ("", 0))
        if name == "w":
            w = np.broadcast_to(np.array(value, float), 4)
        elif name:
            delay = np.full(4, 2)
    same(trace.v, wanted)


def test_a_dendritic_delay_hands_on_the_weight_of_that_moment() -> None:
    table = {1: [0], 3: [0, 1], 8: [1]}
    spiking, cells = source(table, 2), nb.Neurons(2, "dv/dt = -v/(3*ms) : 1")
    synapses = nb.Synapses(spiking, cells, "w : 1", on_pre="w *= 1.5; v_post += w", connect="all_to_all", w="1 + i + j",
                           delay="0.2 ms", dendritic_delay="0.1*ms*(1 + 2*j)")  # fmt: skip
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(2)
    i, j = synapses.i, synapses.j
    v, w, wanted, at_synapse, at_soma = np.zeros(2), 1.0 + i + j, [], queue(), queue()
    for step in range(20):
        wanted.append(v.copy())
        v = towards(v, 0, 3)
        at_synapse[step + 2] += table.get(step, [])
        for neuron in at_synapse.pop(step, []):
            for k in range(4):
                if i[k] == neuron:
                    w[k] *= 1.5
                    at_soma[step + 1 + 2 * j[k]].append((j[k], w[k]))
        for neuron, amount in at_soma.pop(step, []):
            v[neuron] += amount
    same(trace.v, wanted)
    same(synapses.w, w)


def test_parts_of_parts() -> None:
    table = {1: list(range(10)), 3: [4, 5]}
    spiking, cells = source(table, 10), nb.Neurons(10, "v : 1")
    part = spiking[2:9][1:4]  # 3, 4, 5
    synapses = nb.Synapses(part, cells[1:][2:5], "w : 1", on_pre="v_post += w", connect="i == j", w="1 + i")
    spikes, trace = nb.Monitor(part, "spikes"), nb.Monitor(cells[3:6], "v")
    nb.Network(spiking, cells, synapses, spikes, trace).run(0.6)
    same(cells.v, [0, 0, 0, 1, 4, 6, 0, 0, 0, 0])
    assert steps(spikes) == [(1, 0), (1, 1), (1, 2), (3, 1), (3, 2)]
    same(trace.v[-1], [1, 4, 6])


def test_projections_onto_one_target_act_in_order() -> None:
    table = {2: [0, 1], 4: [1], 7: [0]}
    spiking, cells = source(table, 2), nb.Neurons(3, "v : 1", initial={"v": 1.0})
    every = {"connect": "all_to_all"}
    several = [
        nb.Synapses(spiking, cells, on_pre="v_post += 0.5", **every),
        nb.Synapses(spiking, cells, on_pre="v_post *= 2", **every),
        nb.Synapses(spiking, cells, on_pre="v_post = v_post - 0.1*i", **every),
        nb.Synapses(cells, spiking, on_post="v_pre += 0.01*v_pre", **every),
    ]
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, several, trace).run(1)
    v, wanted = np.ones(3), []
    for step in range(10):
        wanted.append(v.copy())
        for act in (
            lambda v, i: v + 0.5,
            lambda v, i: 2 * v,
            lambda v, i: v - 0.1 * i,
            lambda v, i: 1.01 * v,
        ):
            for i in table.get(step, []):
                v = act(v, i)
    same(trace.v, wanted)


def test_events_of_refractory_neurons_start_pathways() -> None:
    cells = nb.Neurons(3, "dv/dt = (1.5 - v)/(3*ms) : 1 (unless refractory)\nn : 1\nm : 1", threshold="v > 1",
                       reset="v = 0", refractory="1 ms", initial={"v": "0.3*i"},
                       events={"low": "v < 0.2", "high": "v > 0.9"}, on_event={"low": "n += 1", "high": "n += 100"})  # fmt: skip
    synapses = nb.Synapses(cells, cells, on_pre={"a": "m_post += 1", "b": "m_post += 1000"}, on_event={"b": "high"},
                           connect="i != j", delay={"a": "0.3 ms", "b": "0.2 ms"})  # fmt: skip
    monitors = [nb.Monitor(cells, name) for name in ("spikes", "low", "high")]
    trace = nb.Monitor(cells, "v", "n", "m")
    nb.Network(cells, synapses, monitors, trace).run(10)
    v, n, m, until = 0.3 * np.arange(3), np.zeros(3), np.zeros(3), np.zeros(3, int)
    wanted: dict[str, list[Any]] = {name: [] for name in "vnm"}
    found: list[list[Any]] = [[], [], []]
    due_a, due_b = queue(), queue()
    for step in range(100):
        for name, values in (("v", v), ("n", n), ("m", m)):
            wanted[name].append(values.copy())
        free = step >= until
        v = np.where(free, towards(v, 1.5, 3), v)
        events = np.flatnonzero(free & (v > 1)), np.flatnonzero(v < 0.2), np.flatnonzero(v > 0.9)
        for rows, neurons in zip(found, events, strict=True):
            rows += [(step, k) for k in neurons]
        spikes, low, high = events
        until[spikes] = step + 10
        due_a[step + 3] += list(spikes)
        due_b[step + 2] += list(high)
        for due, amount in ((due_a, 1), (due_b, 1000)):
            for k in due.pop(step, []):
                m[np.arange(3) != k] += amount
        v[spikes] = 0
        n[low] += 1
        n[high] += 100
    assert [steps(monitor) for monitor in monitors] == found
    for name in "vnm":
        same(trace[name], wanted[name])


def test_functions_as_pathways_with_delays_between_parts() -> None:
    spiking, cells, seen = source({1: [0, 1, 2], 4: [2]}, 4), nb.Neurons(5, "v : 1"), []

    def act(v_post: Any, w: Any, pre: Any, post: Any, synapses: Any, t: float) -> None:
        seen.append(
            (round(t / DT), sorted(zip(pre.tolist(), post.tolist(), synapses.tolist(), strict=True)))
        )
        np.add.at(v_post, post, w[synapses])

    synapses = nb.Synapses(
        spiking[1:], cells[2:], "w : 1", on_pre=act, connect="i == j", w="1 + i", delay="0.2 ms"
    )
    nb.Network(spiking, cells, synapses).run(1)
    assert seen == [(3, [(1, 2, 0), (2, 3, 1)]), (6, [(2, 3, 1)])]
    same(cells.v, [0, 0, 1, 4, 0])
