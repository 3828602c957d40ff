"""Synapses that come, go and move while spikes are under way, against a plain list of synapses in Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.errors import ArgumentError, IndexRangeError, NumpyBrainError, UnknownNameError

DT, TAU, STEPS = 0.1, 3.0, 14
DECAYED = math.exp(-DT / TAU)  # in one step
N_PRE, N_POST = 3, 2


@dataclass(eq=False)
class One:
    """One synapse; `p` decays."""

    i: int
    j: int
    w: float
    delay: int
    p: float = 0.0


@dataclass
class Plain:
    """Synapses one by one: what `on_pre` and `on_post` do is a function of a synapse and the targets' y."""

    on_pre: Callable[[One, list[float]], None]
    on_post: Callable[[One, list[float]], None]
    synapses: list[One] = field(default_factory=list)
    waiting: list[tuple[int, One]] = field(default_factory=list)
    y: list[float] = field(default_factory=lambda: [0.0] * N_POST)

    def step(self, k: int, pre: set[int], post: set[int]) -> None:
        for s in self.synapses:
            s.p *= DECAYED
        self.waiting += [(k + s.delay, s) for s in self.synapses if s.i in pre]
        for due, s in self.waiting:
            if due == k:
                self.on_pre(s, self.y)
        self.waiting = [(due, s) for due, s in self.waiting if due > k]
        for s in self.synapses:
            if s.j in post:
                self.on_post(s, self.y)

    def lose(self, gone: list[One]) -> None:
        self.waiting = [(due, s) for due, s in self.waiting if s not in gone]


def send(s: One, y: list[float]) -> None:
    y[s.j] += s.w


def trace(s: One, y: list[float]) -> None:
    s.p += 1
    y[s.j] += s.w * s.p


def learn(s: One, y: list[float]) -> None:
    s.w += 0.1 * s.p


def mark(s: One, y: list[float]) -> None:
    s.p += 1


def scaled(s: One, y: list[float]) -> None:
    y[s.j] += s.w * s.p
    s.w += 0.01


def nothing(s: One, y: list[float]) -> None:
    pass


DECAY = "w : 1\ndp/dt = -p/(3*ms) : 1"
TRACE = {"on_pre": "p += 1; y_post += w*p", "on_post": "w += 0.1*p"}
RULES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "fixed": ({"model": "w : 1", "on_pre": "y_post += w"}, send, nothing),
    "a trace of sources": ({"model": DECAY, **TRACE}, trace, learn),
    "event-driven": ({"model": f"{DECAY} (event-driven)", **TRACE}, trace, learn),
    "a trace of targets": (
        {"model": DECAY, "on_pre": "y_post += w*p; w += 0.01", "on_post": "p += 1"},
        scaled,
        mark,
    ),
    "values of both sides": (
        {
            "model": f"g = w*scale_pre : 1\n{DECAY}",
            "on_pre": "p += 1; y_post += g*p",
            "on_post": "w += 0.1*p",
        },
        trace,
        learn,
    ),
}


def spikes(bits: int, n: int) -> list[set[int]]:
    """Who fires in each step."""
    return [{k for k in range(n) if bits >> (step * n + k) & 1} for step in range(STEPS)]


def firing(n: int, spikes: list[set[int]], first: int) -> nb.Neurons:
    def threshold(t: float, y: Any) -> Any:
        fired = np.zeros(y.size, dtype=bool)
        step = round(t / DT)
        if step < len(spikes):
            fired[[first + k for k in spikes[step]]] = True
        return fired

    return nb.Neurons(n, "y : 1\nscale = 1 : 1", threshold=threshold)


pairs = st.tuples(st.integers(0, N_PRE - 1), st.integers(0, N_POST - 1))
weights = st.integers(1, 9)
made = st.lists(st.tuples(pairs, weights, st.integers(0, 5), st.integers(0, 3)), max_size=5)
numbers = st.lists(st.integers(0, 30), max_size=4)
changes = st.one_of(
    st.tuples(st.just("connect"), made, st.booleans()),
    st.tuples(st.just("remove"), numbers, st.booleans()),
    st.tuples(st.just("rewire"), numbers, pairs, st.sampled_from(["i", "j", "ij"])),
)
spiking = st.integers(0, 2 ** (STEPS * N_PRE) - 1)


def carry_out(change: Any, synapses: nb.Synapses, plain: Plain, delays: str, late: bool = False) -> None:
    """The same change on both sides."""
    kind, what, *more = change
    mine = plain.synapses
    if kind == "connect":
        with_p = more[0] and "p" in synapses.inspect.model.definition.variables  # type: ignore[union-attr]
        i, j = [p[0] for p, *_ in what], [p[1] for p, *_ in what]
        values: dict[str, Any] = {"w": np.array([w for _, w, *_ in what], dtype=float)}
        if delays == "each":
            values["delay"] = np.array([DT * d for _, _, d, _ in what])
        if with_p:
            values["p"] = np.array([p for *_, p in what], dtype=float)
        new = synapses.connect((np.array(i, dtype=int), np.array(j, dtype=int)), **values)
        assert new.tolist() == list(range(len(mine), len(mine) + len(what)))
        for (i_, j_), w, d, p in what:
            delay = {"none": 0, "common": 3, "each": d}[delays]
            mine.append(One(i_, j_, w, delay, (p / DECAYED if late else p) if with_p else 0))
        return
    which = sorted({k % len(mine) for k in what}) if mine else []
    chosen = [mine[k] for k in which]
    plain.lose(chosen)
    if kind == "remove":
        if more[0]:
            mask = np.zeros(len(mine), dtype=bool)
            mask[which] = True
            synapses.remove(mask)
        else:
            synapses.remove(which)
        plain.synapses = [s for s in mine if s not in chosen]
        return
    (i_new, j_new), sides = more
    synapses.rewire(
        which, i=i_new if "i" in sides else None, j=[j_new] * len(which) if "j" in sides else None
    )
    for s in chosen:
        s.i, s.j = i_new if "i" in sides else s.i, j_new if "j" in sides else s.j


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("delays", ["none", "common", "each"])
@settings(max_examples=15)
@given(
    start=made,
    pre=spiking,
    post=spiking,
    plan=st.dictionaries(st.integers(1, STEPS - 1), changes, max_size=4),
    inside=st.booleans(),
    parts=st.booleans(),
)
def test_changes_at_any_time(
    rule: str, delays: str, start: Any, pre: int, post: int, plan: Any, inside: bool, parts: bool
) -> None:
    before, after = spikes(pre, N_PRE), spikes(post, N_POST)
    texts, on_pre, on_post = RULES[rule]
    shift = 1 if parts else 0
    source, target = firing(N_PRE + 2 * shift, before, shift), firing(N_POST + 2 * shift, after, shift)
    delay = {"none": None, "common": 0.3, "each": np.zeros(0)}[delays]
    ends = (source[1:-1], target[1:-1]) if parts else (source, target)
    synapses = nb.Synapses(*ends, **texts, connect=([], []), delay=delay)
    plain = Plain(on_pre, on_post)
    carry_out(("connect", start, False), synapses, plain, delays)
    net = nb.Network(source, target, synapses, dt=DT)
    late = rule == "event-driven" and not inside  # between runs, the next step is the present one

    def change(t: float) -> None:
        k = round(t / DT)
        plain.step(k, before[k], after[k])
        if k + 1 in plan:
            carry_out(plan[k + 1], synapses, plain, delays, late)

    if inside:
        source.at("end", change)
        net.run(STEPS * DT)
    else:
        for k in range(STEPS):
            net.step()
            change(k * DT)
    mine = plain.synapses
    assert synapses.i.tolist() == [s.i for s in mine]
    assert synapses.j.tolist() == [s.j for s in mine]
    assert len(synapses) == len(mine)
    assert synapses.outdegree.tolist() == [sum(s.i == k for s in mine) for k in range(N_PRE)]
    assert synapses.indegree.tolist() == [sum(s.j == k for s in mine) for k in range(N_POST)]
    np.testing.assert_allclose(synapses.w, [s.w for s in mine], rtol=1e-12)
    age = DECAYED if rule == "event-driven" else 1  # clock-driven ones are at the time of the last step
    np.testing.assert_allclose(ends[1].y, plain.y, rtol=1e-12)
    if rule != "fixed":
        np.testing.assert_allclose(synapses.p, [s.p * age for s in mine], rtol=1e-12, atol=1e-300)
