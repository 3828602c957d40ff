"""Groups and pathways written in Python, with texts, events, refractoriness and methods beside them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, queue, same, source, steps, towards


@pytest.mark.parametrize("method", ["euler", "rk4"])
def test_derivatives_with_texts_and_refractoriness(method: str) -> None:
    def rates(v: Any, u: Any, g: Any, t: float) -> Any:
        return {"v": (1.5 + 0.3 * np.sin(t) - v + g) / 3, "u": (0.5 * v - u) / 4}

    cells = nb.Neurons(3, {"v": "1", "u": "1", "g": "1"}, derivative=rates, threshold="v > 1", reset="v = 0; u += 0.1",
                       refractory="1 ms", method=method, initial={"v": [0, 0.2, 0.4]}, g=[0, 0.1, 0.2])  # fmt: skip
    trace, spikes = nb.Monitor(cells, "v", "u"), nb.Monitor(cells, "spikes")
    nb.Network(cells, trace, spikes).run(10)
    g = np.array([0, 0.1, 0.2])

    def slope(x: np.ndarray, t: float) -> np.ndarray:
        return np.array(list(rates(*x, g, t).values()))

    x, until, wanted, found = np.array([[0, 0.2, 0.4], [0, 0, 0]]), np.zeros(3, int), [], []
    for step in range(100):
        wanted.append(x.ravel().copy())
        t, k1 = step * DT, slope(x, step * DT)
        if method == "rk4":
            k2 = slope(x + DT / 2 * k1, t + DT / 2)
            k3 = slope(x + DT / 2 * k2, t + DT / 2)
            k1 = (k1 + 2 * k2 + 2 * k3 + slope(x + DT * k3, t + DT)) / 6
        x = x + DT * k1
        fired = np.flatnonzero((step >= until) & (x[0] > 1))
        found += [(step, k) for k in fired]
        until[fired] = step + 10
        x[0, fired] = 0
        x[1, fired] += 0.1
    same(np.hstack([trace.v, trace.u]), wanted)
    assert steps(spikes) == found


def test_functions_for_everything_that_spikes_do() -> None:
    def act(v: Any, n: Any, low: Any) -> None:
        n[low] += 1
        v[low] += 0.01

    cells = nb.Neurons(
        3, "dv/dt = (1.5 - v)/(3*ms) : 1 (unless refractory)\nn : 1\nr : ms", threshold=lambda v: v > 1,
        reset=lambda v, spikes: v.__setitem__(spikes, 0), refractory=lambda spikes, r: r[spikes],
        events={"low": lambda v: v < 0.2}, on_event={"low": act}, r=[0.5, 1, 1.5],
    )  # fmt: skip
    trace = nb.Monitor(cells, "v", "n")
    nb.Network(cells, trace).run(10)
    v, n, until, wanted = np.zeros(3), np.zeros(3), np.zeros(3, int), []
    for step in range(100):
        wanted.append([*v, *n])
        v = np.where(step >= until, towards(v, 1.5, 3), v)
        fired, low = np.flatnonzero((step >= until) & (v > 1)), v < 0.2
        until[fired] = step + np.array([5, 10, 15])[fired]
        v[fired] = 0
        n[low] += 1
        v[low] += 0.01
    same(np.hstack([trace.v, trace.n]), wanted)


def test_a_group_without_text_and_synapses_with_text() -> None:
    def integrate(v: Any, dt: float) -> None:
        v += dt * (2 - v) / 3

    def reset(v: Any, spikes: Any) -> None:
        v[spikes] -= 1

    cells = nb.Neurons(3, {"v": "1"}, integrate=integrate, threshold=lambda v: np.flatnonzero(v > 1), reset=reset,
                       initial={"v": [0.1, 0.2, 0.3]}, refractory=0.3)  # fmt: skip
    target = nb.Neurons(2, "dg/dt = -g/(2*ms) : 1")
    synapses = nb.Synapses(
        cells,
        target,
        "w : 1",
        on_pre="g_post += w*v_pre; v_pre -= 0.01",
        connect="all_to_all",
        w="1 + i",
        delay=0.2,
    )
    trace, of_target, spikes = nb.Monitor(cells, "v"), nb.Monitor(target, "g"), nb.Monitor(cells, "spikes")
    nb.Network(cells, target, synapses, trace, of_target, spikes).run(10)
    v, g, until, wanted, found, due = (
        np.array([0.1, 0.2, 0.3]),
        np.zeros(2),
        np.zeros(3, int),
        [],
        [],
        queue(),
    )
    for step in range(100):
        wanted.append([*v, *g])
        v, g = v + DT * (2 - v) / 3, towards(g, 0, 2)
        fired = np.flatnonzero((step >= until) & (v > 1))
        found += [(step, k) for k in fired]
        until[fired] = step + 3
        due[step + 2] += list(fired)
        for i in due.pop(step, []):
            for j in range(2):
                g[j] += (1 + i) * v[i]
                v[i] -= 0.01
        v[fired] -= 1
    same(np.hstack([trace.v, of_target.g]), wanted)
    assert steps(spikes) == found


def test_an_update_in_python_beside_texts() -> None:
    def update(v: Any, dt: float) -> None:
        v += dt * (1 - v)

    cells = nb.Neurons(2, "v : 1\nx = v*2 : 1\nw : 1", integrate=update, threshold="x > 1", reset="v = 0",
                       events={"half": "v > 0.3"}, on_event={"half": "w += 1"})  # fmt: skip
    cells.at("end", "w += 0.5")
    trace = nb.Monitor(cells, "x", "w")
    nb.Network(cells, trace).run(2)
    v = w = 0.0
    wanted = []
    for _ in range(20):
        wanted.append([2 * v, 2 * v, w, w])
        v += 0.1 * (1 - v)
        w += 1.5 if v > 0.3 else 0.5
        v = 0 if 2 * v > 1 else v
    same(np.hstack([trace.x, trace.w]), wanted)


def test_pathways_in_python_on_both_sides() -> None:
    pre, post = {1: [0], 3: [0, 1]}, {2: [0], 3: [1]}
    a, b = source(pre, 2), source(post, 2)
    synapses = nb.Synapses(
        a, b, {"w": "1"}, on_pre=lambda w, synapses: w.__setitem__(synapses, w[synapses] + 1),
        on_post=lambda w, synapses: w.__setitem__(synapses, w[synapses] * 2), connect="all_to_all", delay={"on_pre": 0.2},
    )  # fmt: skip
    nb.Network(a, b, synapses).run(1)
    w = np.zeros(4)
    for step in range(10):
        w[np.isin(synapses.i, pre.get(step - 2, []))] += 1
        w[np.isin(synapses.j, post.get(step, []))] *= 2
    same(synapses.w, w)


def test_functions_with_units_and_with_a_memory() -> None:
    calls = []

    @nb.function("mV, ms -> nA")
    def current(v: Any, t: Any) -> Any:
        return v * 2 + t

    @nb.function("1 -> 1", stateless=False)
    def counted(x: Any) -> Any:
        calls.append(x)
        return np.full(np.shape(x), 0.1 * len(calls))

    cells = nb.Neurons(2, "dv/dt = current(v, t)*R/(10*ms) : volt\nR = 1*Mohm : ohm\nI = current(v, t) : pA\ndx/dt = counted(x)/ms : 1",
                       functions={"current": current, "counted": counted}, method="euler", initial={"v": "5*mV"})  # fmt: skip
    trace = nb.Monitor(cells, "v", "I")
    nb.Network(cells, trace).run(1)
    v, wanted = 5e-3, []
    for step in range(10):
        amount = 2e3 * v + step * DT
        wanted.append([v, v, 1e3 * amount, 1e3 * amount])
        v += DT * amount * 1e-9 * 1e6 / 10
    same(np.hstack([trace.v, trace.I]), wanted)
    same(cells.x, [sum(0.1 * 0.1 * (k + 1) for k in range(10))] * 2)
    assert len(calls) == 10


def test_time_series_and_functions_in_equations_and_statements() -> None:
    series = nb.timed([0.5, 2.0, 1.0, 3.0], "1.5 ms")
    cells = nb.Neurons(3, "dv/dt = (I(t) + f(v) - v)/(3*ms) : 1", method="euler", initial={"v": [0.4, 0.6, 1.0]},
                       functions={"I": series, "f": lambda x: np.where(np.asarray(x) > 0.5, 0.5, -0.5)})  # fmt: skip
    spiking = source({step: [0] for step in range(80)}, 1)
    synapses = nb.Synapses(spiking, cells, "w : 1", on_pre="w = least(w + 0.01*(j + 1)); v_post += 0.01*w", connect="all_to_all",
                           functions={"least": lambda x: np.minimum(x, 0.5)})  # fmt: skip
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(8)
    v, w, wanted = np.array([0.4, 0.6, 1.0]), np.zeros(3), []
    for step in range(80):
        wanted.append(v.copy())
        v = v + DT * ([0.5, 2, 1, 3][min(3, step // 15)] + np.where(v > 0.5, 0.5, -0.5) - v) / 3
        w = np.minimum(w + 0.01 * np.array([1, 2, 3]), 0.5)
        v = v + 0.01 * w
    same(trace.v, wanted)


def test_the_last_spike_in_equations_thresholds_and_resets() -> None:
    cells = nb.Neurons(2, "dv/dt = (1.5 - v)/(3*ms)*(1 - exp(-(t - lastspike)/(2*ms))) : 1\ndu/dt = int(not_refractory)/ms : 1",
                       threshold="v > 1 and t - lastspike > 1*ms", reset="v = 0.1*(t - lastspike)/ms", method="euler",
                       refractory="0.5 ms")  # fmt: skip
    trace = nb.Monitor(cells, "v", "u")
    nb.Network(cells, trace).run(10)
    v = u = 0.0
    last, wanted = -1e7, []
    for step in range(100):
        t = step * DT
        wanted.append([v, v, u, u])
        u += DT * (t - last > 0.5 - 1e-9)
        v += DT * (1.5 - v) / 3 * (1 - math.exp(-(t - last) / 2))
        if v > 1 and t - last > 1:
            last, v = t, 0.0
    same(np.hstack([trace.v, trace.u]), wanted)
