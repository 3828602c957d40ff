"""Synapses, parameters and stages that change in the middle of a run, in every phase."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.linalg

import numpybrain as nb
from numpybrain.kernel.contracts import PHASES
from tests.programs.loops import DT, queue, same, source, towards


@pytest.mark.parametrize("kind", ["no delay", "one delay", "delays"])
@pytest.mark.parametrize("phase", PHASES)
def test_synapses_come_and_go_in_every_phase(phase: str, kind: str) -> None:
    table = {step: [step % 3] for step in range(40)}
    spiking, cells = source(table, 3), nb.Neurons(3, "dv/dt = -v/(5*ms) : 1")
    each = kind == "delays"
    synapses = nb.Synapses(
        spiking, cells, "w : 1\ndx/dt = -x/(5*ms) : 1 (event-driven)", on_pre="v_post += w; x += 1; w += 0.01*x",
        connect="i <= j", w="0.1*(1 + i + j)", delay={"no delay": 0, "one delay": 0.4, "delays": "0.1*ms*(1 + i + j)"}[kind],
    )  # fmt: skip
    trace, weights = nb.Monitor(cells, "v"), nb.Monitor(synapses, "w", of=[0, 1, 2])

    def change(t: float) -> None:
        step = round(t / DT)
        if step == 10:
            synapses.connect(([2, 1], [0, 0]), w=[0.5, 0.6], **({"delay": [0.3, 0.2]} if each else {}))
        if step == 15:
            synapses.remove("i == j")
        if step == 22:
            synapses.w = 0.3
        if step == 25:
            synapses.rewire([0], j=0)
        if step == 28:
            synapses.w[1] = 0.9

    cells.at(phase, change)
    nb.Network(spiking, cells, synapses, trace, weights).run(4)

    late = {"no delay": 0, "one delay": 4}.get(kind)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    mine: list[dict[str, Any]] = [
        {
            "i": i,
            "j": j,
            "w": 0.1 * (1 + i + j),
            "x": 0.0,
            "delay": 1 + i + j if late is None else late,
            "there": True,
        }
        for i, j in pairs
    ]

    def change_mine(step: int) -> list[dict[str, Any]]:
        found = mine
        if step == 10:
            new = ((2, 0.5, 3), (1, 0.6, 2))
            found = mine + [
                {"i": i, "j": 0, "w": w, "x": 0.0, "delay": d if late is None else late, "there": True}
                for i, w, d in new
            ]
        if step == 15:
            for one in mine:
                one["there"] = one["i"] != one["j"]
            found = [one for one in mine if one["there"]]
        if step == 22:
            for one in mine:
                one["w"] = 0.3
        if step == 25:  # what is under way to the old target is lost
            mine[0]["there"] = False
            found = [{**mine[0], "j": 0, "there": True}, *mine[1:]]
        if step == 28:
            mine[1]["w"] = 0.9
        return found

    v, wanted, due = np.zeros(3), [], queue()
    for step in range(40):
        for each_phase in PHASES:
            if each_phase == "start":
                wanted.append(v.copy())
            if each_phase == "integrate":
                v = towards(v, 0, 5)
            if each_phase == "synapse":
                for one in mine:
                    if one["i"] in table[step]:
                        due[step + one["delay"]].append(one)
                for one in due.pop(step, []):
                    if one["there"]:
                        v[one["j"]] += one["w"]
                        one["x"] += 1
                        one["w"] += 0.01 * one["x"]
            if each_phase == phase:
                mine = change_mine(step)
        for one in mine:
            one["x"] = towards(one["x"], 0, 5)
    same(trace.v, wanted)
    same(synapses.w, [one["w"] for one in mine])
    same(synapses.x, [one["x"] for one in mine], 1e-8)


def test_a_pathway_that_connects() -> None:
    spiking, cells = source({1: [0], 2: [0], 3: [0, 1]}, 2), nb.Neurons(3, "v : 1")

    def act(v_post: Any, post: Any, synapses: Any, w: Any, t: float) -> None:
        np.add.at(v_post, post, w[synapses])
        if round(t / DT) == 2:
            made.connect(([1], [2]), w=5)

    made = nb.Synapses(spiking, cells, "w : 1", on_pre=act, connect=([0, 1], [0, 1]), w=[1, 2])
    nb.Network(spiking, cells, made).run(0.6)
    same(cells.v, [3, 2, 5])


def test_one_of_three_pathways_changes_the_synapses() -> None:
    """At step 2: then "a" has acted, and what is under way to the synapse that goes is lost."""
    spiking, cells = source({1: [0], 2: [0], 3: [0, 1]}, 2), nb.Neurons(3, "v : 1")

    def change(t: float) -> None:
        if round(t / DT) == 2:
            made.remove([0])
            made.connect(([1], [2]), w=5)

    made = nb.Synapses(
        spiking, cells, "w : 1", on_pre={"a": "v_post += w", "b": change, "c": "v_post += 10*w"},
        connect=([0, 1], [0, 1]), w=[1, 2], delay={"c": 0.1},
    )  # fmt: skip
    nb.Network(spiking, cells, made).run(0.6)
    same(cells.v, [1 + 1, 2 + 20, 5 + 50])


@pytest.mark.parametrize("delay", ["1 ms", "0.5*ms + 0.1*ms*i"])
def test_synapses_that_go_lose_what_is_under_way_to_them(delay: str) -> None:
    spiking, cells = source({1: [0, 1, 2, 3]}, 4), nb.Neurons(4, "v : 1")
    synapses = nb.Synapses(
        spiking, cells, "w : 1", on_pre="v_post += w", connect="all_to_all", w="1 + i + 10*j", delay=delay
    )
    net = nb.Network(spiking, cells, synapses)
    net.run(0.3)
    synapses.remove("i == j")
    synapses.remove(synapses.w[:] == 3)  # of 2 and 0
    synapses.connect(([3], [3]), w=100.0, delay=0.5)
    net.run(3)
    same(cells.v, [sum(1 + i + 10 * j for i in range(4) if i != j and (i, j) != (2, 0)) for j in range(4)])


@pytest.mark.parametrize("how", ["statements", "function", "assignment"])
@pytest.mark.parametrize("phase", PHASES)
def test_parameters_that_change_in_every_phase(phase: str, how: str) -> None:
    table = {step: [step % 2] for step in range(30)}
    spiking = source(table, 2)
    cells = nb.Neurons(
        2, "dv/dt = (g*I - v)/tau : 1\ng : 1\nI = 1 : 1\ntau = 3*ms : ms", method="exponential_euler", g=1
    )
    synapses = nb.Synapses(
        spiking,
        cells,
        "w : 1",
        on_pre="v_post += w*g_post",
        connect="all_to_all",
        w=0.1,
        delay="0.1*ms*(1 + i)",
    )
    ways: dict[str, Any] = {
        "statements": "g = g*0.95",
        "function": lambda g: np.multiply(g, 0.95, out=g),
        "assignment": lambda: setattr(cells, "g", cells.g * 0.95),
    }
    cells.at(phase, ways[how])
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(3)
    v, g, wanted, due = np.zeros(2), 1.0, [], queue()
    for step in range(30):
        for each in PHASES:
            if each == "start":
                wanted.append(v.copy())
            if each == "integrate":
                v = towards(v, g, 3)
            if each == "synapse":
                due[step + 1 + step % 2].append(0.1)
                for w in due.pop(step, []):
                    v = v + w * g
            if each == phase:
                g *= 0.95
    same(trace.v, wanted)


@pytest.mark.parametrize("delay", [0, 0.2, "0.1*ms*(1 + i)"])
@pytest.mark.parametrize("phase", PHASES)
def test_weights_that_change_in_every_phase(phase: str, delay: Any) -> None:
    table = {step: [step % 2] for step in range(30)}
    spiking, cells = source(table, 2), nb.Neurons(2, "v : 1")
    synapses = nb.Synapses(
        spiking, cells, "w : 1\nq = w*2 : 1", on_pre="v_post += q", connect="all_to_all", w=0.1, delay=delay
    )
    synapses.at(phase, "w *= 1.1")
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(3)
    late = {0: (0, 0), 0.2: (2, 2)}.get(delay, (1, 2))
    v, w, wanted, due = 0.0, 0.1, [], queue()
    for step in range(30):
        for each in PHASES:
            if each == "start":
                wanted.append([v, v])
            if each == "synapse":
                due[step + late[step % 2]].append(0)
                v += 2 * w * len(due.pop(step, []))
            if each == phase:
                w *= 1.1
    same(trace.v, wanted)


def test_exact_integration_with_parameters_that_change() -> None:
    model = "dv/dt = (u - v)/tau : 1\ndu/dt = (-v - 0.5*u + I)/(2*ms) : 1\ntau = 3*ms : ms\nI : 1"
    cells = nb.Neurons(2, model, method="exact", initial={"v": [1, 2], "u": [0, 1]}, I=[0.5, 1])
    changes: dict[int, tuple[str, Any]] = {10: ("tau", 2.0), 20: ("tau", [1.0, 4.0]), 30: ("I", 0)}
    cells.at("end", lambda t: setattr(cells, *changes[round(t / DT)]) if round(t / DT) in changes else None)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace).run(4)
    values: dict[str, Any] = {"tau": [3.0, 3.0], "I": [0.5, 1]}
    x, wanted = np.array([[1, 0], [2, 1.0]]), []
    for step in range(40):
        wanted.append(x[:, 0].copy())
        for k, (tau, current) in enumerate(zip(values["tau"], values["I"], strict=True)):
            matrix = np.array([[-1 / tau, 1 / tau, 0], [-0.5, -0.25, current / 2], [0, 0, 0]])
            x[k] = (scipy.linalg.expm(matrix * DT) @ [*x[k], 1])[:2]
        if step in changes:
            values[changes[step][0]] = np.broadcast_to(changes[step][1], 2)
    same(trace.v, wanted)


def test_assignments_between_runs() -> None:
    cells = nb.Neurons(
        3, "dv/dt = (I - v)/tau : 1\nI : 1\ntau = 3*ms : ms", threshold="v > 1", reset="v = 0"
    )
    held, trace = cells.I, nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    net.run(1)
    held[:] = [1, 2, 3]  # the array is live
    net.run(1)
    cells.v[1] = 0.5
    cells.tau[:] = [1, 2, 5]
    net.run(1)
    cells.tau = 4
    net.run(1)
    v, wanted = np.zeros(3), []
    for step in range(40):
        v[1] = 0.5 if step == 20 else v[1]
        current = np.array([1, 2, 3.0]) * (step >= 10)
        tau = np.array([3, 3, 3.0] if step < 20 else [1, 2, 5] if step < 30 else [4, 4, 4])
        wanted.append(v.copy())
        v = current + (v - current) * np.exp(-DT / tau)
        v[v > 1] = 0
    same(trace.v, wanted)


def test_progress_functions_assign() -> None:
    cells = nb.Neurons(2, "dv/dt = (I - v)/(3*ms) : 1\nI = 1 : 1")
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace)
    told = set()

    def tell(done: float) -> None:
        if done < 1:
            told.add(net.clock.step)
            cells.I = cells.I + 0.5

    net.run(30, progress=tell)
    v, current, wanted = 0.0, 1.0, []
    for step in range(300):
        current += 0.5 * (step in told)
        wanted.append([v, v])
        v = towards(v, current, 3)
    assert len(told) > 3
    same(trace.v, wanted)


def test_stages_that_are_inserted_moved_replaced_and_removed() -> None:
    cells = nb.Neurons(2, "dv/dt = 1/ms : 1\nx : 1", threshold="v > 0.45", reset="v = 0", name="cells")
    cells.at("end", "x += v")
    trace, times = nb.Monitor(cells, "v"), []
    net = nb.Network(cells, trace)
    net.schedule.move("cells: run 'x += v'", before="cells: reset")
    net.schedule.insert(lambda t: times.append(t), after="cells: reset")
    net.run(1)
    net.schedule.replace(
        "cells: reset", lambda: cells.v.__setitem__(slice(None), np.where(cells.v > 0.45, 0.2, cells.v))
    )
    net.run(1)
    net.schedule.remove("cells: run 'x += v'")
    net.run(1)
    v, x, wanted = 0.0, 0.0, []
    for step in range(30):
        wanted.append([v, v])
        v += 0.1
        x += v * (step < 20)
        v = (0.0 if step < 10 else 0.2) if v > 0.45 else v
    same(trace.v, wanted)
    same(cells.x, [x, x])
    same(times, np.arange(30) * DT)


def test_another_order_of_phases() -> None:
    spiking = source({3: [0], 7: [0]}, 1)
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1", threshold="v > 0.45", reset="v = 0")
    synapses = nb.Synapses(spiking, cells, on_pre="v_post += 0.3", connect="all_to_all")
    trace = nb.Monitor(cells, "v")
    order = ["start", "reset", "integrate", "threshold", "synapse", "end"]
    nb.Network(spiking, cells, synapses, trace, schedule=order).run(3)
    v, fired, wanted = 0.0, False, []
    for step in range(30):
        wanted.append([v])
        v = (0.0 if fired else v) + 0.1
        fired = v > 0.45 + 1e-12
        v += 0.3 * (step in (3, 7))
    same(trace.v, wanted)


def test_switches_and_decaying_gains() -> None:
    cells = nb.Neurons(
        3,
        "dv/dt = (int(on)*2 - g*v)/(2*ms) : 1\non : boolean\ng : 1",
        method="euler",
        on=[True, False, True],
        g=1,
    )
    cells.at("end", "g = g*0.9 + 0.01*v")
    trace = nb.Monitor(cells, "v", "on")
    net = nb.Network(cells, trace)
    settings = [[True, False, True], [False, True, True], [False] * 3]
    for on in settings:
        cells.on = on
        net.run(1)
    v, g, wanted = np.zeros(3), np.ones(3), []
    for step in range(30):
        wanted.append(v.copy())
        v = v + DT * (2 * np.array(settings[step // 10]) - g * v) / 2
        g = g * 0.9 + 0.01 * v
    same(trace.v, wanted)
    assert trace.on.dtype == bool


def test_rates_of_spikes_by_chance_that_change() -> None:
    cells = nb.Neurons(400, "p : 1", threshold="rand() < p", p=0.01)
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    net.run(50)
    cells.p = 0.02
    net.run(50)
    cells.p = np.where(np.arange(400) < 200, 0, 0.03)
    net.run(50)
    cells.at("start", lambda t, p: p.__setitem__(slice(None), 0.01 if t < 200 - 1e-9 else 0.04))
    net.run(100)
    step = np.rint(spikes.t / DT)
    found = np.histogram(step, [0, 500, 1000, 1500, 2000, 2500])[0]
    wanted = np.array([2000, 4000, 3000, 2000, 8000])
    assert (abs(found - wanted) < 5 * np.sqrt(wanted)).all()
    assert not (spikes.i[(step >= 1000) & (step < 1500)] < 200).any()
    assert math.isclose(net.t, 250)
