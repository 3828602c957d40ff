"""Sums over synapses, linked, shared and sampled variables in one program."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, queue, same, source, steps


def test_a_link_reads_a_sum() -> None:
    a = nb.Neurons(3, "dv/dt = (s - v)/(5*ms) : 1\ns : 1", initial={"v": "0.1*(1 + i)"}, method="euler")
    b = nb.Neurons(4, "du/dt = (x - u)/(2*ms) : 1\nx : 1 (linked)", method="euler")
    b.x = nb.link(a, "s", index=[2, 0, 1, 1])
    synapses = nb.Synapses(
        a, a, "w : 1\ns_post = w*(v_pre - v_post) : 1 (summed)", connect="i != j", w="0.5 + i*0.1 - 0.2*j"
    )
    of_a, of_b = nb.Monitor(a, "v", "s"), nb.Monitor(b, "u", "x")
    nb.Network(a, b, synapses, of_a, of_b).run(3)
    w = [[0.5 + 0.1 * i - 0.2 * j if i != j else 0 for j in range(3)] for i in range(3)]
    v, s, u = 0.1 * (1 + np.arange(3)), np.zeros(3), np.zeros(4)
    wanted: list[list[Any]] = [[], [], []]
    for _ in range(30):
        for rows, values in zip(wanted, (v, s, u), strict=True):
            rows.append(values.copy())
        s = np.array([sum(w[i][j] * (v[i] - v[j]) for i in range(3)) for j in range(3)])
        v, u = v + DT * (s - v) / 5, u + DT * (s[[2, 0, 1, 1]] - u) / 2
    for found, values in zip((of_a.v, of_a.s, of_b.u), wanted, strict=True):
        same(found, values)


def test_a_sum_writes_what_another_group_links_to() -> None:
    a = nb.Neurons(2, "dv/dt = x/ms : 1\nx : 1 (linked)", method="euler")
    b = nb.Neurons(2, "g : 1")
    a.x = nb.link(b, "g")
    synapses = nb.Synapses(a, b, "g_post = v_pre + 1 : 1 (summed)", connect="i == j")
    trace = nb.Monitor(a, "v")
    nb.Network(a, b, synapses, trace).run(1)
    v, wanted = 0.0, []
    for _ in range(10):
        wanted.append([v, v])
        v += DT * (v + 1)
    same(trace.v, wanted)


@pytest.mark.parametrize("first", [True, False])
def test_a_link_reads_the_present_value(first: bool) -> None:
    """Of the end of the step, if its group comes first."""
    a = nb.Neurons(2, "dv/dt = 1/ms : 1")
    b = nb.Neurons(2, "du/dt = x/ms : 1\nx : 1 (linked)", method="euler")
    b.x = nb.link(a, "v")
    nb.Network(*((a, b) if first else (b, a))).run(1)
    same(b.u, [sum(0.1 * 0.1 * (k + first) for k in range(10))] * 2)


def test_sums_from_several_projections_between_parts() -> None:
    cells = nb.Neurons(
        5, "dv/dt = (p + q - v)/(5*ms) : 1\np : 1\nq : 1", initial={"v": "0.1*(1 + i)**2"}, method="euler"
    )
    one = nb.Synapses(cells[1:4], cells[2:5], "w : 1\np_post = w*v_pre : 1 (summed)", connect="all_to_all",
                      w="0.1*(i + 1) - 0.2*j")  # fmt: skip
    two = nb.Synapses(cells[0:2], cells[0:3], "w : 1\np_post = w*(v_pre - v_post)**2 : 1 (summed)",
                      connect="all_to_all", w="0.3 + 0.1*i*j")  # fmt: skip
    three = nb.Synapses(cells[2:4], cells, "q_pre = v_post*0.1 + i : 1 (summed)", connect="i != j")
    trace = nb.Monitor(cells, "v", "p", "q")
    nb.Network(cells, one, two, three, trace).run(2)
    v, p, q = 0.1 * (1 + np.arange(5)) ** 2, np.zeros(5), np.zeros(5)
    wanted: dict[str, list[Any]] = {name: [] for name in "vpq"}
    for _ in range(20):
        for name, values in (("v", v), ("p", p), ("q", q)):
            wanted[name].append(values.copy())
        p, q = np.zeros(5), np.zeros(5)
        for i in range(3):
            for j in range(3):
                p[2 + j] += (0.1 * (i + 1) - 0.2 * j) * v[1 + i]
        for i in range(2):
            for j in range(3):
                p[j] += (0.3 + 0.1 * i * j) * (v[i] - v[j]) ** 2
            for j in range(5):
                q[2 + i] += (v[j] * 0.1 + i) if i != j else 0  # indices are those in the parts
        v = v + DT * (p + q - v) / 5
    for name in "vpq":
        same(trace[name], wanted[name])


def test_what_is_added_to_a_sum_lasts_until_the_next_step() -> None:
    spiking = source({2: [0], 5: [0]}, 1)
    cells = nb.Neurons(2, "dv/dt = s/ms : 1\ns : 1", method="euler")
    total = nb.Synapses(cells, cells, "s_post = 1 + 0*v_pre : 1 (summed)", connect="i != j")
    push = nb.Synapses(spiking, cells, on_pre="s_post += 10", connect="all_to_all")
    trace = nb.Monitor(cells, "v", "s")
    nb.Network(spiking, cells, total, push, trace).run(1)
    v = s = 0.0
    wanted: list[list[Any]] = [[], []]
    for step in range(10):
        wanted[0].append([v, v])
        wanted[1].append([s, s])
        s = 1.0
        v += DT * s
        s += 10 * (step in (2, 5))
    same(trace.v, wanted[0])
    same(trace.s, wanted[1])


def test_thresholds_and_resets_read_sums() -> None:
    cells = nb.Neurons(3, "dv/dt = (2 - v)/(3*ms) : 1\ns : 1", threshold="v > 1 + 0.1*s", reset="v = 0.1*s",
                       method="euler", initial={"v": [0, 0.3, 0.6]})  # fmt: skip
    synapses = nb.Synapses(cells, cells, "s_post = v_pre : 1 (summed)", connect="i != j")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v")
    nb.Network(cells, synapses, spikes, trace).run(10)
    v, wanted, found = np.array([0, 0.3, 0.6]), [], []
    for step in range(100):
        wanted.append(v.copy())
        s = v.sum() - v
        v = v + DT * (2 - v) / 3
        fired = np.flatnonzero(v > 1 + 0.1 * s)
        found += [(step, k) for k in fired]
        v[fired] = 0.1 * s[fired]
    same(trace.v, wanted)
    assert steps(spikes) == found


def test_gated_sums_with_delays() -> None:
    table = {2: [0], 5: [0, 1], 9: [1]}
    spiking = source(table, 2)
    cells = nb.Neurons(2, "dv/dt = (g*(1 - v) - v)/(5*ms) : 1\ng : 1", method="euler")
    gates = "w : 1\ndx/dt = -x/(2*ms) : 1 (clock-driven)\ndz/dt = (x - z)/(3*ms) : 1 (clock-driven)\ng_post = w*z : 1 (summed)"
    synapses = nb.Synapses(spiking, cells, gates, on_pre="x += 1", connect="all_to_all", w="1 + i + j", delay="0.3 ms",
                           method="euler")  # fmt: skip
    trace, of_synapses = nb.Monitor(cells, "v", "g"), nb.Monitor(synapses, "z")
    nb.Network(spiking, cells, synapses, trace, of_synapses).run(3)
    i, j = synapses.i, synapses.j
    x, z, v, g = np.zeros(4), np.zeros(4), np.zeros(2), np.zeros(2)
    wanted: list[list[Any]] = [[], [], []]
    for step in range(30):
        for rows, values in zip(wanted, (v, g, z), strict=True):
            rows.append(values.copy())
        g = np.array([sum((1 + i[k] + j[k]) * z[k] for k in range(4) if j[k] == n) for n in range(2)])
        v = v + DT * (g * (1 - v) - v) / 5
        x, z = x - DT * x / 2, z + DT * (x - z) / 3
        for k in range(4):
            x[k] += i[k] in table.get(step - 3, [])
    for found, values in zip((trace.v, trace.g, of_synapses.z), wanted, strict=True):
        same(found, values)


def test_weights_of_a_sum_that_a_stage_assigns() -> None:
    cells = nb.Neurons(5, "dv/dt = s/ms : 1\ns : 1", method="euler", initial={"v": "i*1.0"})
    synapses = nb.Synapses(
        cells, cells, "w : 1\ns_post = w*(v_pre - v_post) : 1 (summed)", connect="i != j", w=0.1
    )

    def change(t: float) -> None:
        step = round(t / DT)
        if step == 10:
            synapses.w = 0.3
        if step == 20:
            synapses.w = "0.01*i*j"
        if step == 25:
            synapses.w[3] = 1
        if step == 30:
            synapses.w[0, :] = 0.5

    cells.at("end", change)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, synapses, trace).run(4)
    i, j = synapses.i, synapses.j
    w, v, wanted = np.full(20, 0.1), np.arange(5.0), []
    for step in range(40):
        wanted.append(v.copy())
        s = np.zeros(5)
        for k in range(20):
            s[j[k]] += w[k] * (v[i[k]] - v[j[k]])
        v = v + DT * s
        w = np.full(20, 0.3) if step == 10 else 0.01 * i * j if step == 20 else w
        w[3] = 1 if step == 25 else w[3]
        w[i == 0] = 0.5 if step == 30 else w[i == 0]
    same(trace.v, wanted)


def test_shared_and_constant_over_dt() -> None:
    cells = nb.Neurons(3, "dv/dt = (g*a - v)/(5*ms) : 1\ng = sin(t/ms) : 1 (shared, constant over dt)\na : 1",
                       a=[1, 2, 3.0], method="rk4")  # fmt: skip
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(3)
    a, v, wanted = np.array([1, 2, 3.0]), np.zeros(3), []
    for step in range(30):
        wanted.append(v.copy())
        g = math.sin(step * DT)
        k1 = (g * a - v) / 5
        k2 = (g * a - v - DT / 2 * k1) / 5
        k3 = (g * a - v - DT / 2 * k2) / 5
        k4 = (g * a - v - DT * k3) / 5
        v = v + DT / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    same(trace.v, wanted)


def test_draws_that_hold_for_a_step() -> None:
    """Ten of them: a standard deviation of 0.1*sqrt(10), with any method."""
    for method in ("rk4", "euler"):
        cells = nb.Neurons(4000, "dv/dt = r/ms : 1\nr = randn() : 1 (constant over dt)", method=method)
        nb.Network(cells).run(1)
        assert abs(cells.v.std() - 0.1 * 10**0.5) < 0.015


def test_links_to_shared_and_to_changing_parameters() -> None:
    a = nb.Neurons(4, "p : 1 (shared)\nq : 1\ng : 1", p=3, q=[1, 2, 3, 4], g=[1, 2, 3, 4])
    b = nb.Neurons(2, "dv/dt = (x*y + z - v)/(2*ms) : 1\nx, y, z : 1 (linked)", method="euler")
    b.x, b.y, b.z = nb.link(a, "p"), nb.link(a, "q", index=[3, 1]), nb.link(a[1:3], "g")

    @a.at("start")
    def grow(t: float, g: np.ndarray) -> None:
        g[:] = g + t

    trace = nb.Monitor(b, "v")
    net = nb.Network(a, b, trace)
    net.run(1)
    a.p, a.q = 5, [2, 2, 2, 2.5]
    net.run(1)
    v, g, wanted = np.zeros(2), np.arange(1.0, 5), []
    for step in range(20):
        wanted.append(v.copy())
        g = g + step * DT
        x, y = (3, np.array([4, 2.0])) if step < 10 else (5, np.array([2.5, 2.0]))
        v = v + DT * (x * y + g[1:3] - v) / 2
    same(trace.v, wanted)


def test_nobody_is_connected() -> None:
    """Sums are 0, and nothing else happens; then the first synapse comes."""
    cells = nb.Neurons(3, "dv/dt = (s - v)/(5*ms) : 1\ns : 1", threshold="v > 0.5", reset="v = 0", initial={"v": 1},
                       method="euler")  # fmt: skip
    total = nb.Synapses(cells, cells, "w : 1\ns_post = w*v_pre : 1 (summed)", connect=([], []))
    model = "w : 1\ndp/dt = -p/(5*ms) : 1 (event-driven)\ndq/dt = -q/(5*ms) : 1 (clock-driven)"
    plastic = nb.Synapses(cells, cells, model, on_pre="v_post += w; p += 1", on_post="w += p", connect="False",
                          delay={"on_pre": "0.1*ms*rand()"})  # fmt: skip
    at_once = nb.Synapses(cells, cells, on_pre="v_post += 1", connect=np.zeros((3, 3)), delivery="instant")
    weights, trace = nb.Monitor(plastic, "w"), nb.Monitor(cells, "v", "s")
    net = nb.Network(cells, total, plastic, at_once, weights, trace)
    cells.s = 7
    net.run(1)
    same(trace.s, [[7] * 3] + [[0] * 3] * 9)
    assert weights.w.shape == (10, 0)
    plastic.connect(([0], [1]), w=0.3)
    snapshot = net.snapshot()
    net.run(1)
    assert weights.w.shape[0] == 20
    net.restore(snapshot)


def test_conductances_of_many_inputs() -> None:
    random = np.random.default_rng(5)
    table = {step: np.flatnonzero(random.random(5) < 0.1).tolist() for step in range(200)}
    spiking = source(table, 5)
    cells = nb.Neurons(3, "dv/dt = (g*(1 - v) - v)/(5*ms) : 1\ndg/dt = -g/(3*ms) : 1", method="rk4")
    synapses = nb.Synapses(
        spiking,
        cells,
        "w : 1",
        on_pre="g_post += w",
        connect="all_to_all",
        w="0.1*(1 + i)*(1 + j)",
        delay="0.1*ms*i",
    )
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(20)

    def slope(x: np.ndarray) -> np.ndarray:
        return np.array([(x[1] * (1 - x[0]) - x[0]) / 5, -x[1] / 3])

    x, wanted, due = np.zeros((2, 3)), [], queue()
    for step in range(200):
        wanted.append(x[0].copy())
        k1 = slope(x)
        k2 = slope(x + DT / 2 * k1)
        k3 = slope(x + DT / 2 * k2)
        x = x + DT / 6 * (k1 + 2 * k2 + 2 * k3 + slope(x + DT * k3))
        for i in table[step]:
            due[step + i].append(i)
        for i in due.pop(step, []):
            x[1] += 0.1 * (1 + i) * (1 + np.arange(3))
    same(trace.v, wanted)
