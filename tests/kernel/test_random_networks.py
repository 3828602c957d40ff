"""Random small networks against a slow and obvious loop, written from the description of a step."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

import numpybrain as nb

N, DT = 5, 0.1
TAU, TAU_U = 2.0, 3.0

EQUATIONS = """
    dv/dt = (a - v + 0.5*u)/tau : 1{flag}
    du/dt = (0.25*v - u)/tau_u : 1
    a : 1
    ref : ms
    tau = 2*ms : ms
    tau_u = 3*ms : ms
"""

# What a spike may do, as text and as Python on (source neuron, synapse, target neuron).
ON_PRE: dict[str, Any] = {
    "v_post += w": lambda s, y, t, add: add(t, y.w),
    "u += 0.5*w": lambda s, y, t, add: t.put(u=t.u + 0.5 * y.w),
    "u_post += w*(1 - u_post)": lambda s, y, t, add: t.put(u=t.u + y.w * (1 - t.u)),
    "w += 0.125; u_post -= w": lambda s, y, t, add: (y.put(w=y.w + 0.125), t.put(u=t.u - y.w)),
    "u_post = 0.5*w": lambda s, y, t, add: t.put(u=0.5 * y.w),
    "w = 0.5*w + 0.25": lambda s, y, t, add: y.put(w=0.5 * y.w + 0.25),
    "v_post += w; w *= 0.5": lambda s, y, t, add: (add(t, y.w), y.put(w=0.5 * y.w)),
    "u_post += 0.125*w*(1 + a_pre)": lambda s, y, t, add: t.put(u=t.u + 0.125 * y.w * (1 + s.a)),
    "v_post -= 0.25*(v_post - 1)": lambda s, y, t, add: add(t, -0.25 * (t.v - 1)),
}  # fmt: skip
ON_POST: dict[str, Any] = {
    "w = clip(w - 0.125, -1, 1)": lambda s, y, t: y.put(w=min(max(y.w - 0.125, -1.0), 1.0)),
    "u_pre += 0.25*w": lambda s, y, t: s.put(u=s.u + 0.25 * y.w),
}


@dataclass
class Item:
    """A neuron or a synapse of the reference."""

    v: float = 0.0
    u: float = 0.0
    a: float = 0.0
    w: float = 0.0
    until: int = 0
    period: int = 0

    def put(self, **values: float) -> None:
        self.__dict__.update(values)


@dataclass(frozen=True)
class Projection:
    source: tuple[int, int]
    target: tuple[int, int]
    pairs: tuple[tuple[int, int], ...]
    weights: tuple[float, ...]
    on_pre: str
    on_post: str | None
    delay: int


@dataclass(frozen=True)
class Plan:
    method: str
    held: bool
    refractory: str | None
    drive: tuple[float, ...]
    start: tuple[float, ...]
    periods: tuple[int, ...]
    projections: tuple[Projection, ...]
    runs: tuple[int, ...]


def random_projection(rng: random.Random) -> Projection:
    (a, b), (c, d) = (sorted(rng.choices(range(N), k=2)) for _ in range(2))
    pairs = tuple((rng.randint(0, b - a), rng.randint(0, d - c)) for _ in range(rng.randint(1, 10)))
    weights = tuple(rng.choice([-0.5, -0.125, 0.0625, 0.25, 0.5]) for _ in pairs)
    on_pre, on_post = rng.choice(sorted(ON_PRE)), rng.choice([None, *sorted(ON_POST)])
    return Projection((a, b + 1), (c, d + 1), pairs, weights, on_pre, on_post, rng.choice([0, 1, 2, 7]))


def random_plan(rng: random.Random) -> Plan:
    return Plan(
        method=rng.choice(["euler", "exact"]),
        held=rng.random() < 0.6,
        refractory=rng.choice([None, "0.5 ms", "ref", "u > 0.3"]),
        drive=tuple(rng.choices([0.3, 1.05, 1.7, 2.6, 4.1], k=N)),
        start=tuple(rng.choices([-0.3, 0.0, 0.45, 0.9], k=N)),
        periods=tuple(rng.choices(range(1, 13), k=N)),
        projections=tuple(random_projection(rng) for _ in range(rng.randint(1, 3))),
        runs=rng.choice([(60,), (1, 59), (20, 7, 33)]),
    )


# ---- the reference -------------------------------------------------------------------------------------


def advance(method: str, drive: float, free: bool) -> np.ndarray:
    """The matrix that takes (v, u, 1) from t to t + dt; v stands still unless `free`."""
    rates = np.array([[-1 / TAU, 0.5 / TAU, drive / TAU], [0.25 / TAU_U, -1 / TAU_U, 0.0], [0.0, 0.0, 0.0]])
    if not free:
        rates[0] = 0.0
    return np.eye(3) + DT * rates if method == "euler" else scipy.linalg.expm(DT * rates)


class Doubt(Exception):
    """A comparison that rounding decides."""


def doubt(difference: float) -> None:
    if abs(difference) < 1e-9:
        raise Doubt


def reference(plan: Plan) -> tuple[list[tuple[int, int]], np.ndarray, list[list[float]]]:
    """Spikes (step, neuron); v and u at the start of every step; final weights."""
    cells = [Item(v=v, a=a, period=p) for v, a, p in zip(plan.start, plan.drive, plan.periods, strict=True)]
    synapses = [[Item(w=w) for w in p.weights] for p in plan.projections]
    matrices = {
        (k, free): advance(plan.method, plan.drive[k], free) for k in range(N) for free in (True, False)
    }
    waiting: dict[tuple[int, int], list[int]] = {}
    refractory = [False] * N
    spikes, trace = [], []

    def add(neuron: Item, value: float) -> None:
        """Add to v, which is shielded while a neuron is refractory."""
        if not (plan.held and refractory[next(k for k, c in enumerate(cells) if c is neuron)]):
            neuron.v += value

    for step in range(sum(plan.runs)):
        trace.append([(c.v, c.u) for c in cells])
        for k, c in enumerate(cells):
            if refractory[k]:
                stays = c.u > 0.3 if plan.refractory == "u > 0.3" else step < c.until
                doubt(c.u - 0.3)
                refractory[k] = stays
            still = plan.held and refractory[k]
            c.v, c.u, _ = matrices[k, not still] @ (c.v, c.u, 1.0)
        fired = []
        for k, c in enumerate(cells):
            doubt(c.v - 1)
            if c.v > 1 and not refractory[k]:
                fired.append(k)
                if plan.refractory is not None:
                    refractory[k] = True
                    c.until = step + (5 if plan.refractory == "0.5 ms" else c.period)
        spikes += [(step, k) for k in fired]
        for number, p in enumerate(plan.projections):
            waiting[number, step + p.delay] = [
                k - p.source[0] for k in fired if p.source[0] <= k < p.source[1]
            ]
            for i in waiting.get((number, step), []):
                for (a, b), synapse in zip(p.pairs, synapses[number], strict=True):
                    if a == i:
                        ON_PRE[p.on_pre](cells[a + p.source[0]], synapse, cells[b + p.target[0]], add)
        for number, p in enumerate(plan.projections):
            if p.on_post is not None:
                for j in (k - p.target[0] for k in fired if p.target[0] <= k < p.target[1]):
                    for (a, b), synapse in zip(p.pairs, synapses[number], strict=True):
                        if b == j:
                            ON_POST[p.on_post](cells[a + p.source[0]], synapse, cells[b + p.target[0]])
        for k in fired:
            cells[k].put(v=0.0, u=cells[k].u + 0.1)
    return spikes, np.array(trace), [[y.w for y in ys] for ys in synapses]


# ---- the comparison ------------------------------------------------------------------------------------


@given(st.integers(0, 2**32))
@settings(max_examples=30, phases=[Phase.generate])  # a smaller seed is no smaller network
def test_networks_do_what_the_slow_loop_does(seed: int) -> None:
    plan = random_plan(random.Random(seed))
    try:
        expected_spikes, expected_trace, expected_weights = reference(plan)
    except Doubt:
        assume(False)
    assume(np.abs(expected_trace).max() < 1e6)

    cells = nb.Neurons(
        N, EQUATIONS.format(flag=" (unless refractory)" if plan.held else ""), threshold="v > 1",
        reset="v = 0; u += 0.1", refractory=plan.refractory, method=plan.method,
        a=plan.drive, ref=np.array(plan.periods) * DT,
    )  # fmt: skip
    cells.v = plan.start
    synapses = [
        nb.Synapses(
            cells[slice(*p.source)], cells[slice(*p.target)], "w : 1", on_pre=p.on_pre, on_post=p.on_post,
            connect=np.transpose(p.pairs).tolist(), delay=p.delay * DT, w=list(p.weights),
        )
        for p in plan.projections
    ]  # fmt: skip
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v, u")
    net = nb.Network(cells, synapses, spikes, trace, dt=DT)
    for steps in plan.runs:
        net.run(steps * DT)

    found = list(zip(np.rint(spikes.t / DT).astype(int).tolist(), spikes.i.tolist(), strict=True))
    assert found == expected_spikes
    np.testing.assert_allclose(trace.v, expected_trace[:, :, 0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(trace.u, expected_trace[:, :, 1], rtol=1e-9, atol=1e-9)
    for one, weights in zip(synapses, expected_weights, strict=True):
        np.testing.assert_allclose(one.w, weights, rtol=1e-12, atol=1e-12)


def test_the_comparison_sees_spikes_and_refractoriness() -> None:
    plan = Plan("exact", True, "ref", (4.1,) * N, (0.0, 0.3, 0.45, 0.6, 0.9), (3,) * N,
                (Projection((0, N), (0, N), ((0, 1), (2, 3)), (0.5, 0.25), "v_post += w", None, 2),), (60,))  # fmt: skip
    assert len(reference(plan)[0]) > 20
    faster = Plan(**{**plan.__dict__, "refractory": None})
    assert len(reference(faster)[0]) > len(reference(plan)[0])
