"""Statements, plasticity and what several synapses share, in one program."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, queue, same, source, steps, towards


def test_one_neuron_with_everything() -> None:
    cells = nb.Neurons(1, "dv/dt = (I - v)/(5*ms) : 1 (unless refractory)\nI = 1.5 : 1\nx : 1 (shared)\nk : integer",
                       threshold="v > 1", reset="v = 0; k += 1", refractory="1 ms")  # fmt: skip
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="v_post += w; w *= 0.9", connect="all_to_all", w=0.4, delay="2 ms"
    )
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    nb.Network(cells, synapses, trace, spikes).run(50)
    v, w, k, last, wanted, found, due = 0.0, 0.4, 0, -100, [], [], queue()
    for step in range(500):
        wanted.append([v])
        free = step >= last + 10
        v = towards(v, 1.5, 5) if free else v
        fires = free and v > 1
        if fires:
            found.append((step, 0))
            due[step + 20].append(0)
            last, free, k = step, False, k + 1
        for _ in due.pop(step, []):
            v += w * free
            w *= 0.9
        v = 0.0 if fires else v
    same(trace.v, wanted)
    assert steps(spikes) == found
    same(synapses.w, [w])
    assert cells.k.tolist() == [k]


def test_statements_run_one_after_the_other_synapse_by_synapse() -> None:
    table = {3: [0, 1, 2], 5: [1], 6: [0, 2]}
    spiking, cells = source(table, 3), nb.Neurons(2, "v : 1\nu : 1", initial={"v": 1.0, "u": 2.0})
    text = "v_post = v_post*0.5 + w; u_post = v_post + u_post*w; w = w + 0.1*u_post"
    synapses = nb.Synapses(spiking, cells, "w : 1", on_pre=text, connect="all_to_all", w="0.1*(i + 1) + j")
    trace, weights = nb.Monitor(cells, "v", "u"), nb.Monitor(synapses, "w")
    nb.Network(spiking, cells, synapses, trace, weights).run(1)
    i, j = synapses.i, synapses.j
    v, u, w = np.ones(2), 2 * np.ones(2), 0.1 * (i + 1) + j
    wanted: list[list[Any]] = [[], [], []]
    for step in range(10):
        for rows, values in zip(wanted, (v, u, w), strict=True):
            rows.append(values.copy())
        for k in range(6):
            if i[k] in table.get(step, []):
                v[j[k]] = v[j[k]] * 0.5 + w[k]
                u[j[k]] = v[j[k]] + u[j[k]] * w[k]
                w[k] += 0.1 * u[j[k]]
    for found, values in zip((trace.v, trace.u, weights.w), wanted, strict=True):
        same(found, values)


def test_one_pair_with_several_synapses() -> None:
    table = {1: [0], 4: [0, 1]}
    i, j, w = [0, 0, 0, 1, 0, 1], [1, 1, 0, 1, 1, 1], [2, 3, 5, 0.5, 0.25, 4]
    spiking, cells = source(table, 2), nb.Neurons(2, "v : 1", initial={"v": 1})
    synapses = nb.Synapses(
        spiking, cells, "w : 1", on_pre="v_post = v_post*w; w += 0.5", connect=(i, j), w=w
    )
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(1)
    v, wanted = np.ones(2), []
    for step in range(10):
        wanted.append(v.copy())
        for neuron in table.get(step, []):
            for k in range(6):
                if i[k] == neuron:
                    v[j[k]] *= w[k]
                    w[k] += 0.5
    same(trace.v, wanted)
    same(synapses.w, w)


def test_what_the_synapses_of_one_neuron_share() -> None:
    """Variables of the source change from synapse to synapse, and those of targets from source to source."""
    random = np.random.default_rng(0)
    text = "x_pre = x_pre*0.5 + v_post; v_post = v_post + w*x_pre; u_post += x_pre; w += 0.1*u_post"
    for _ in range(5):
        i, j, w = random.integers(0, 3, 7), random.integers(0, 3, 7), random.random(7)
        spiking = nb.Neurons(3, {"q": "1", "x": "1"}, threshold=lambda t: np.arange(3))
        cells = nb.Neurons(3, "v : 1\nu : 1", initial={"v": 1})
        synapses = nb.Synapses(spiking, cells, "w : 1", on_pre=text, connect=(i, j), w=w)
        nb.Network(spiking, cells, synapses).run(0.3)
        x, v, u, w = np.zeros(3), np.ones(3), np.zeros(3), w.copy()
        for _ in range(3):
            for neuron in range(3):
                for k in np.flatnonzero(i == neuron):
                    x[neuron] = x[neuron] * 0.5 + v[j[k]]
                    v[j[k]] += w[k] * x[neuron]
                    u[j[k]] += x[neuron]
                    w[k] += 0.1 * u[j[k]]
        for found, values in ((spiking.x, x), (cells.v, v), (cells.u, u), (synapses.w, w)):
            same(found, values)


WITHIN: dict[str, Callable[..., Any]] = {
    "v_post += 0.1*v_pre; v_pre *= 0.5": lambda v, u, i, j: (
        v.__setitem__(j, v[j] + 0.1 * v[i]), v.__setitem__(i, v[i] * 0.5)),
    "v_post += 0.1*v_pre": lambda v, u, i, j: v.__setitem__(j, v[j] + 0.1 * v[i]),
    "v_post += 0.1*half_pre": lambda v, u, i, j: v.__setitem__(j, v[j] + 0.05 * v[i]),
    "v_post = 0.5*v_pre + 0.1*v_post": lambda v, u, i, j: v.__setitem__(j, 0.5 * v[i] + 0.1 * v[j]),
    "v_post += u_pre; u_post -= 0.1*v_pre": lambda v, u, i, j: (
        v.__setitem__(j, v[j] + u[i]), u.__setitem__(j, u[j] - 0.1 * v[i])),
}  # fmt: skip


@pytest.mark.parametrize("text", WITHIN)
def test_source_and_target_in_one_group(text: str) -> None:
    table = {1: [0, 2], 2: [0, 1, 2, 3], 3: [3]}
    i, j = np.random.default_rng(1).integers(0, 4, (2, 9))
    cells = nb.Neurons(
        4, "v : 1\nu : 1\nhalf = v/2 : 1", threshold=lambda t: np.array(table.get(round(t / DT), []), int)
    )
    cells.v, cells.u = [1, 2, 3, 4.0], [0.1, 0.2, 0.3, 0.4]
    nb.Network(cells, nb.Synapses(cells, cells, on_pre=text, connect=(i, j))).run(0.5)
    v, u = np.array([1, 2, 3, 4.0]), np.array([0.1, 0.2, 0.3, 0.4])
    for step in range(5):
        for neuron in table.get(step, []):
            for k in np.flatnonzero(i == neuron):
                WITHIN[text](v, u, i[k], j[k])
    same(cells.v, v)
    same(cells.u, u)


def test_conditions_in_statements() -> None:
    table = {3: [0, 1, 2], 4: [1], 9: [0, 1]}
    spiking, cells = source(table, 3), nb.Neurons(2, "v : 1\nc : integer\nf : boolean")
    text = """
        if v_post > 1.5:
            v_post = 0
            c_post += 1
            on = not on
        else:
            v_post += w
        f_post = v_post > 0.5 and on
        """
    synapses = nb.Synapses(
        spiking, cells, "w : 1\non : boolean", on_pre=text, connect="all_to_all", w="0.6 + 0.1*i"
    )
    trace = nb.Monitor(cells, "v", "c", "f")
    nb.Network(spiking, cells, synapses, trace).run(2)
    i, j = synapses.i, synapses.j
    v, c, f, on = np.zeros(2), np.zeros(2), np.zeros(2, bool), np.zeros(6, bool)
    wanted: dict[str, list[Any]] = {name: [] for name in "vcf"}
    for step in range(20):
        for name, values in (("v", v), ("c", c), ("f", f)):
            wanted[name].append(values.copy())
        for k in range(6):
            if i[k] in table.get(step, []):
                if v[j[k]] > 1.5:
                    v[j[k]], on[k] = 0, not on[k]
                    c[j[k]] += 1
                else:
                    v[j[k]] += 0.6 + 0.1 * i[k]
                f[j[k]] = v[j[k]] > 0.5 and on[k]
    for name in "vcf":
        same(trace[name], wanted[name])
    same(synapses.on, on)


def test_traces_with_delays_on_both_sides() -> None:
    random = np.random.default_rng(3)
    pre = {step: np.flatnonzero(random.random(3) < 0.2).tolist() for step in range(200)}
    post = {step: np.flatnonzero(random.random(2) < 0.2).tolist() for step in range(200)}
    a, b = source(pre, 3), source(post, 2)
    model = "w : 1\ndp/dt = -p/(5*ms) : 1 (event-driven)\ndq/dt = -q/(7*ms) : 1 (event-driven)"
    synapses = nb.Synapses(a, b, model, on_pre="p += 0.1; w = clip(w - q, 0, 2)", on_post="q += 0.05; w = clip(w + p, 0, 2)",
                           connect="all_to_all", w=1, delay={"on_pre": "0.3*ms*(1 + i)", "on_post": "0.4*ms*j"})  # fmt: skip
    weights = nb.Monitor(synapses, "w")
    nb.Network(a, b, synapses, weights).run(20)
    i, j = synapses.i, synapses.j
    w, p, q, wanted, due_pre, due_post = np.ones(6), np.zeros(6), np.zeros(6), [], queue(), queue()
    for step in range(200):
        wanted.append(w.copy())
        for k in range(6):
            if i[k] in pre[step]:
                due_pre[step + 3 * (1 + i[k])].append(k)
            if j[k] in post[step]:
                due_post[step + 4 * j[k]].append(k)
        for k in due_pre.pop(step, []):
            p[k] += 0.1
            w[k] = min(max(w[k] - q[k], 0), 2)
        for k in due_post.pop(step, []):
            q[k] += 0.05
            w[k] = min(max(w[k] + p[k], 0), 2)
        p, q = towards(p, 0, 5), towards(q, 0, 7)
    same(weights.w, wanted, 1e-8)


def test_event_driven_variables_are_read_between_events() -> None:
    table = {2: [0], 7: [0, 1], 20: [1]}
    spiking, cells = source(table, 2), nb.Neurons(2, "v : 1")
    synapses = nb.Synapses(spiking, cells, "dx/dt = -x/(3*ms) : 1 (event-driven)", on_pre="x += 1; v_post += x",
                           connect="all_to_all")  # fmt: skip
    net = nb.Network(spiking, cells, synapses)
    x, v = np.zeros(4), np.zeros(2)
    for step in range(30):
        net.step()
        for k in range(4):
            if synapses.i[k] in table.get(step, []):
                x[k] += 1
                v[synapses.j[k]] += x[k]
        x = towards(x, 0, 3)
        same(synapses.x, x)
    same(cells.v, v)


def test_variables_of_the_source_and_of_the_target() -> None:
    random = np.random.default_rng(3)
    table = {step: np.flatnonzero(random.random(3) < 0.2).tolist() for step in range(100)}
    spiking, cells = source(table, 3), nb.Neurons(4, "v : 1")
    model = "w : 1\ndx/dt = (1 - x)/(10*ms) : 1 (event-driven, pre)\nn : 1 (post)"
    synapses = nb.Synapses(spiking, cells, model, on_pre="v_post += w*x; x *= 0.5; n += 1", connect="(i + j) % 2 == 0",
                           w="0.1*(1 + i + j)", x=1, delay="0.4 ms")  # fmt: skip
    trace = nb.Monitor(cells, "v")
    nb.Network(spiking, cells, synapses, trace).run(10)
    x, v, n, wanted = np.ones(3), np.zeros(4), np.zeros(4), []
    for step in range(100):
        wanted.append(v.copy())
        for i in table.get(step - 4, []):
            for j in range(i % 2, 4, 2):
                v[j] += 0.1 * (1 + i + j) * x[i]
                n[j] += 1
                x[i] *= 0.5 if j >= 2 else 1  # once for each spike, after its synapses
        x = towards(x, 1, 10)
    same(trace.v, wanted)
    same(synapses.n, n)


def test_the_time_since_the_last_event() -> None:
    pre, post = {2: [0], 5: [0, 1], 9: [1]}, {4: [0], 9: [0]}
    a, b = source(pre, 2), source(post, 1)
    synapses = nb.Synapses(
        a, b, "w : 1\nl : ms", on_pre="l = t - lastupdate; w += exp(-(t - lastupdate)/(2*ms))",
        on_post="w *= 1 + 0.1*(t - lastupdate)/ms", connect="all_to_all", delay={"on_pre": "0.3 ms"},
    )  # fmt: skip
    trace = nb.Monitor(synapses, "w", "l")
    nb.Network(a, b, synapses, trace).run(2)
    w, l, last, wanted = np.zeros(2), np.zeros(2), np.zeros(2), []  # noqa: E741
    for step in range(20):
        wanted.append([*w, *l])
        t = step * DT
        for i in pre.get(step - 3, []):
            l[i] = t - last[i]
            w[i] += math.exp(-l[i] / 2)
            last[i] = t
        if step in post:
            w *= 1 + 0.1 * (t - last)
            last[:] = t
    same(np.hstack([trace.w, trace.l]), wanted)


def test_a_modulator_of_all_synapses() -> None:
    pre, rewards = {1: [0], 5: [0], 8: [0, 1]}, {4: [0], 9: [0]}
    a, r, b = source(pre, 2), source(rewards, 1), nb.Neurons(3, "v : 1")
    model = "w : 1\ndD/dt = -D/(3*ms) : 1 (shared)\ndc/dt = -c/(4*ms) : 1 (event-driven)"
    synapses = nb.Synapses(a, b, model, on_pre="c += 1; w += c*D; v_post += w", connect="all_to_all", w=0.1)
    reward = nb.Synapses(r, synapses, on_pre="D_post += 0.5", delay="0.2 ms")
    weights = nb.Monitor(synapses, "w")
    nb.Network(a, r, b, synapses, reward, weights).run(2)
    i, j = synapses.i, synapses.j
    dopamine, w, c, v, wanted = 0.0, np.full(6, 0.1), np.zeros(6), np.zeros(3), []
    for step in range(20):
        wanted.append(w.copy())
        dopamine = towards(dopamine, 0, 3)
        for k in range(6):
            if i[k] in pre.get(step, []):
                c[k] += 1
                w[k] += c[k] * dopamine
                v[j[k]] += w[k]
        dopamine += 0.5 * (step - 2 in rewards)
        c = towards(c, 0, 4)
    same(weights.w, wanted)
    same(b.v, v)


@pytest.mark.parametrize(
    "text", ["v_post += w; v_post *= 1.5; u_post += v_post", "v_post = w; u_post = u_post + v_post"]
)
def test_what_refractory_targets_do_not_take(text: str) -> None:
    table = {2: [0], 3: [0], 4: [0], 9: [0]}
    spiking = source(table, 1)
    cells = nb.Neurons(2, "dv/dt = (0.5 - v)/(5*ms) : 1 (unless refractory)\nu : 1", threshold="v > 0.8", reset="v = -0.5",
                       refractory="1 ms")  # fmt: skip
    synapses = nb.Synapses(spiking, cells, "w : 1", on_pre=text, connect="all_to_all", w=[0.9, 0.3])
    trace = nb.Monitor(cells, "v", "u")
    nb.Network(spiking, cells, synapses, trace).run(3)
    v, u, until = np.zeros(2), np.zeros(2), np.zeros(2, int)
    wanted: list[list[Any]] = [[], []]
    for step in range(30):
        wanted[0].append(v.copy())
        wanted[1].append(u.copy())
        v = np.where(step >= until, towards(v, 0.5, 5), v)
        fired = np.flatnonzero((step >= until) & (v > 0.8))
        until[fired] = step + 10
        for k, w in enumerate([0.9, 0.3]) if step in table else ():
            if step >= until[k]:
                v[k] = (v[k] + w) * 1.5 if "+= w" in text else w
            u[k] += v[k]
        v[fired] = -0.5
    same(trace.v, wanted[0])
    same(trace.u, wanted[1])


def test_draws_for_each_synapse() -> None:
    spiking, cells = source({1: [0]}, 1), nb.Neurons(4000, "v : 1\nu : 1")
    synapses = nb.Synapses(
        spiking, cells, "w : 1\ndx/dt = -x/(5*ms) + xi*ms**-0.5 : 1 (clock-driven)",
        on_pre="v_post += rand(); w = randn(); u_post += int(rand() < 0.3)", connect="all_to_all",
    )  # fmt: skip
    nb.Network(spiking, cells, synapses).run(0.3)
    assert abs(cells.v.mean() - 0.5) < 0.02
    assert abs(synapses.w.std() - 1) < 0.05
    assert abs(cells.u.mean() - 0.3) < 0.03
    assert abs(np.corrcoef(cells.v, synapses.w)[0, 1]) < 0.06
    assert len(set(synapses.x)) == len(set(cells.v)) == 4000
