"""Instant synapses, spikes between time steps and refractoriness, with what else a network has."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.programs.loops import DT, queue, same, source, steps, towards


def pairs(chosen: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([i for i, _ in chosen], int), np.array([j for _, j in chosen], int)


@pytest.mark.parametrize("seed", range(12))
def test_instant_synapses_with_plasticity_delays_and_refractoriness(seed: int) -> None:
    """Rounds within a step: whoever is reached is tested again, and fires at most once."""
    draw = random.Random(seed)
    n, how, period = draw.choice([1, 2, 4]), draw.choice(["lost", "kept"]), draw.choice([None, 0.5])
    held = period is not None and draw.random() < 0.5
    table = {step: [i for i in range(2) if draw.random() < 0.15] for step in range(60)}
    chosen = [
        [(i, j) for i in range(m) for j in range(n) if draw.random() < p]
        for m, p in ((2, 0.7), (n, 0.5), (n, 0.5))
    ]
    w = [round(draw.uniform(0.1, 0.8), 2) for _ in chosen[1]]
    flag = " (unless refractory)" if held else ""
    spiking = source(table, 2)
    cells = nb.Neurons(n, f"dv/dt = (1.1 - v)/(4*ms) : 1{flag}\nu : 1", threshold="v > 1", reset="v -= 1", refractory=period,
                       initial={"v": [0.25 * i for i in range(n)]})  # fmt: skip
    options = {"delivery": "instant", "coincident": how}
    outer = nb.Synapses(spiking, cells, on_pre="v_post += 0.4", connect=pairs(chosen[0]), **options)
    inner = nb.Synapses(cells, cells, "w : 1", on_pre="v_post += w; w *= 0.95", on_post="u_post += w",
                        connect=pairs(chosen[1]), **options)  # fmt: skip
    late = nb.Synapses(
        cells, cells, on_pre="v_post -= 0.02; u_post += 1", connect=pairs(chosen[2]), delay="0.2 ms"
    )
    if w:
        inner.w = w
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", "u")
    nb.Network(spiking, cells, outer, inner, late, spikes, trace).run(6)

    v, u, until = 0.25 * np.arange(n), np.zeros(n), np.zeros(n, int)
    found, wanted, due = [], [], queue()

    def push(j: int, amount: float) -> None:
        if not (held and step < until[j]):
            v[j] += amount

    def deliver(which: str, k: int, j: int) -> None:
        push(j, 0.4 if which == "outer" else w[k])
        if which == "inner":
            w[k] *= 0.95

    for step in range(60):
        wanted.append([*v, *u])
        free = step >= until
        v = np.where(free | (not held), towards(v, 1.1, 4), v)
        fired = [k for k in range(n) if free[k] and v[k] > 1]
        new, first, kept = list(fired), list(table[step]), []
        while new or first:
            if period:
                until[new] = step + 5
            reached = set()
            for which, sources, those in (("outer", first, chosen[0]), ("inner", new, chosen[1])):
                for source_neuron in sources:
                    for k, (i, j) in enumerate(those):
                        if i == source_neuron and j in fired:
                            kept.append((which, k, j))
                        elif i == source_neuron:
                            deliver(which, k, j)
                            reached.add(j)
            new = [j for j in sorted(reached) if free[j] and v[j] > 1 and j not in fired]
            first = []
            fired += new
        fired.sort()
        found += [(step, k) for k in fired]
        due[step + 2] += fired
        for source_neuron in due.pop(step, []):
            for i, j in chosen[2]:
                if i == source_neuron:
                    push(j, -0.02)
                    u[j] += 1
        for target in fired:
            for k, (_, j) in enumerate(chosen[1]):
                u[j] += w[k] * (j == target)
        v[fired] -= 1
        for one in sorted(kept, key=lambda one: one[0] == "inner") if how == "kept" else ():
            deliver(*one)
    assert steps(spikes) == found
    same(np.hstack([trace.v, trace.u]), wanted)
    same(inner.w, w)


def test_located_spikes_reach_synapses_at_steps() -> None:
    cells = nb.Neurons(2, "dv/dt = (1.5 - v)/(3*ms) : 1", threshold="v > 1", reset="v = 0", initial={"v": [0.0, 0.4]},
                       spike_times="interpolated")  # fmt: skip
    targets = nb.Neurons(2, "dv/dt = -v/(4*ms) : 1")
    synapses = nb.Synapses(cells, targets, "w : 1", on_pre="v_post += w; w += 0.1", connect="all_to_all", w=1,
                           delay="0.1*ms*(i + j)")  # fmt: skip
    within = nb.Synapses(cells, cells, on_pre="v_post += 0.2", connect="i != j", delay="0.3 ms")
    spikes, trace, of_targets = (
        nb.Monitor(cells, "spikes"),
        nb.Monitor(cells, "v"),
        nb.Monitor(targets, "v"),
    )
    nb.Network(cells, targets, synapses, within, spikes, trace, of_targets).run(20)
    v, x, w, times, wanted = np.array([0.0, 0.4]), np.zeros(2), np.ones(4), [], []
    outside, inside = queue(), queue()
    for step in range(200):
        wanted.append([*v, *x])
        fired = []
        for k in range(2):
            after = 0.0 if v[k] > 1 else 3 * math.log((1.5 - v[k]) / 0.5)
            if after < DT:
                fired.append((step * DT + after, k))
                v[k] = towards(0, 1.5, 3, DT - after)
            else:
                v[k] = towards(v[k], 1.5, 3)
        times += sorted(fired)
        x = towards(x, 0, 4)
        for _, i in fired:
            for k in np.flatnonzero(synapses.i == i):
                outside[step + i + synapses.j[k]].append(k)
            inside[step + 3].append(1 - i)
        for k in outside.pop(step, []):
            x[synapses.j[k]] += w[k]
            w[k] += 0.1
        for k in inside.pop(step, []):
            v[k] += 0.2
    same(np.hstack([trace.v, of_targets.v]), wanted, 1e-7)
    same(spikes.t, [t for t, _ in times], 1e-7)
    assert spikes.i.tolist() == [k for _, k in times]


def test_located_spikes_with_refractoriness_and_events() -> None:
    """Closed form: the interval is the refractory period and the time to the threshold."""
    cells = nb.Neurons(2, "dv/dt = (1.6 - v)/(3*ms) : 1 (unless refractory)\nn : 1\nx : ms", threshold="v > 1",
                       reset="v = 0; x = t", refractory="0.57 ms", initial={"v": [0.0, 0.3]}, spike_times="interpolated",
                       events={"up": "v > 0.9"}, on_event={"up": "n += 1"})  # fmt: skip
    spikes, high, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "up"), nb.Monitor(cells, "v")
    nb.Network(cells, spikes, high, trace).run(15)
    interval = 0.57 + 3 * math.log(1.6 / 0.6)
    for k, start in enumerate((0, 0.3)):
        train = spikes.train(k)
        same(train, 3 * math.log((1.6 - start) / 0.6) + interval * np.arange(train.size))
        assert math.isclose(cells.x[k], train[-1])
        wanted = []
        for t in trace.t:
            before = train[train <= t]
            since = max(0.0, t - before[-1] - 0.57) if before.size else t
            wanted.append(towards(0 if before.size else start, 1.6, 3, since))
        same(trace.v[:, k], wanted)
        assert cells.n[k] == high.count[k] > 0


def test_refractory_periods_that_depend_on_variables() -> None:
    cells = nb.Neurons(3, "dv/dt = (1.8 - v)/(3*ms) : 1 (unless refractory)\ndu/dt = -u/(4*ms) : 1\nr : ms", threshold="v > 1",
                       reset="v = 0; u += 1", refractory="r*(1 + u)", r=[0.5, 1.0, 2.0])  # fmt: skip
    synapses = nb.Synapses(
        cells, cells, on_pre="v_post += 0.05; u_post += 0.1", connect="i != j", delay="0.5 ms"
    )
    trace, spikes = nb.Monitor(cells, "v", "u"), nb.Monitor(cells, "spikes")
    nb.Network(cells, synapses, trace, spikes).run(30)
    v, u, until, wanted, found, due = np.zeros(3), np.zeros(3), np.zeros(3, int), [], [], queue()
    for step in range(300):
        wanted.append([*v, *u])
        v = np.where(step >= until, towards(v, 1.8, 3), v)
        u = towards(u, 0, 4)
        fired = np.flatnonzero((step >= until) & (v > 1))
        found += [(step, k) for k in fired]
        until[fired] = step + 1
        due[step + 5] += list(fired)
        for i in due.pop(step, []):
            others = np.arange(3) != i
            v[others & (step >= until)] += 0.05
            u[others] += 0.1
        v[fired] = 0
        u[fired] += 1
        until[fired] = step + np.maximum(1, np.rint([[5, 10, 20][k] * (1 + u[k]) for k in fired]))
    assert steps(spikes) == found
    same(np.hstack([trace.v, trace.u]), wanted)


def test_refractory_periods_that_change_between_runs() -> None:
    cells = nb.Neurons(2, "dv/dt = 1/ms : 1 (unless refractory)\nr = 1*ms : ms", threshold="v > 0.35", reset="v = 0",
                       refractory="r")  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    net.run(2)
    cells.r = 2
    net.run(5)
    cells.r = [0.3, 3]
    net.run(8)
    v, until, found = np.zeros(2), np.zeros(2, int), []
    for step in range(150):
        v = np.where(step >= until, v + 0.1, v)
        period = [10, 10] if step < 20 else [20, 20] if step < 70 else [3, 30]
        for k in np.flatnonzero((step >= until) & (v > 0.35)):
            found.append((step, k))
            until[k], v[k] = step + period[k], 0
    assert steps(spikes) == found


@pytest.mark.parametrize("condition", ["v > 0.5", "u > 0.5"])
def test_refractory_while_a_condition_holds(condition: str) -> None:
    cells = nb.Neurons(1, "dv/dt = (1.5*sin(t/ms) - v)/(0.3*ms) : 1\ndu/dt = -u/(1*ms) : 1", threshold="v > 0.5", reset="u = 1",
                       refractory=condition, method="euler")  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(20)
    v, u, held, found = 0.0, 0.0, False, []
    for step in range(200):
        held = held and (v > 0.5 if condition.startswith("v") else u > 0.5)
        v, u = v + DT * (1.5 * math.sin(step * DT) - v) / 0.3, u - DT * u
        if not held and v > 0.5:
            found.append((step, 0))
            held, u = True, 1.0
    assert len(found) > 2
    assert steps(spikes) == found


METHODS: dict[str, Any] = {
    "rk4": lambda z: 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24, "midpoint": lambda z: 1 + z + z**2 / 2,
    "heun2": lambda z: 1 + z + z**2 / 2, "rk3": lambda z: 1 + z + z**2 / 2 + z**3 / 6, "euler": lambda z: 1 + z,
    "exact": math.exp, "exponential_euler": math.exp, "exponential_midpoint": math.exp,
    "backward_euler": lambda z: 1 / (1 - z), "trapezoidal": lambda z: (1 + z / 2) / (1 - z / 2),
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_what_is_held_is_held_in_all_stages_of_a_method(method: str) -> None:
    """While v stands still at -1, u relaxes towards it as the method does it for one linear equation."""
    cells = nb.Neurons(1, "dv/dt = (1.8 - v + 0.2*u)/(1*ms) : 1 (unless refractory)\ndu/dt = (v - u)/(0.7*ms) : 1",
                       threshold="v > 1", reset="v = -1", refractory="1 ms", method=method)  # fmt: skip
    trace, spikes = nb.Monitor(cells, "v", "u"), nb.Monitor(cells, "spikes")
    nb.Network(cells, trace, spikes).run(6)
    factor = METHODS[method](-DT / 0.7)
    assert len(spikes) > 2
    for step, _ in steps(spikes)[:-1]:
        same(trace.v[step + 1 : step + 11, 0], [-1] * 10)
        u = trace.u[step + 1 : step + 11, 0]
        same(u + 1, (u[0] + 1) * factor ** np.arange(10))


def test_noise_stands_still_in_refractory_neurons() -> None:
    cells = nb.Neurons(50, "dv/dt = 2/ms + 1*xi*ms**-0.5 : 1 (unless refractory)", threshold="v > 1", reset="v = 0",
                       refractory="0.7 ms", initial={"v": "rand()"})  # fmt: skip
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    nb.Network(cells, trace, spikes).run(20)
    found = steps(spikes)
    assert len(found) > 300
    for step, k in found:
        held = trace.v[step + 1 : step + 8, k]
        assert (held == 0).all()
        assert step + 8 >= 200 or trace.v[step + 8, k] != 0 or (step + 7, k) in found
    for k in range(50):
        assert np.diff(np.rint(spikes.train(k) / DT)).min() >= 7
