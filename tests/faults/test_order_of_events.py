"""Events that meet in one step act one after the other, in the order that `nb.Synapses` describes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

N = 6
STEPS = 12
TEXTS = {  # what comes out tells the order of all events
    "x_{side} = w": lambda x, w: w,
    "x_{side} = 0.5*x_{side} + w": lambda x, w: 0.5 * x + w,
    "x_{side} += w; x_{side} = 0.5*x_{side}": lambda x, w: 0.5 * (x + w),
    "if x_{side} < w: x_{side} = w\nelse: x_{side} -= w": lambda x, w: w if x < w else x - w,
}
PAIRS = {
    "shuffled": lambda rng: np.array([(i, j) for i in range(N) for j in range(N) if (i + 2 * j) % 3])[rng.permutation(24)],
    "several": lambda rng: rng.integers(0, N, (30, 2)),
    "table": lambda rng: np.array([(i, j) for i in range(N) for j in range(N)]),
    "by target": lambda rng: np.array([(i, j) for j in range(N) for i in range(N)]),
}  # fmt: skip


def by_hand(pairs: Any, w: Any, delays: list[Any], far: str, update: Any, runs: int = 1) -> np.ndarray:
    """x of the neurons on the far side; those on the near side have events in each step 0, 3, 6, ..."""
    x, due, near = np.zeros(N), defaultdict(list), 0 if far == "post" else 1
    for step in range(STEPS):
        delay = np.broadcast_to(delays[step * runs // STEPS], len(pairs))
        for neuron in range(N):
            for k, pair in enumerate(pairs):
                if pair[near] == neuron and (step + neuron) % 3 == 0:
                    due[step + delay[k]].append(k)
        for k in due.pop(step, []):
            end = pairs[k][1 - near]
            x[end] = update(x[end], w[k])
    return x


def make(pairs: Any, text: str, far: str, **given: Any) -> tuple[nb.Neurons, nb.Synapses]:
    cells = nb.Neurons(N, "x : 1", threshold="(t_in_timesteps + i) % 3 == 0", events={"low": "(t_in_timesteps + i) % 3 == 0"})  # fmt: skip
    others = nb.Neurons(N, "x : 1\ngo : 1", threshold="(t_in_timesteps + i) % 3 == 0", refractory="0.1 ms")
    ends = (cells, others) if far == "post" else (others, cells)
    on = {f"on_{'pre' if far == 'post' else 'post'}": text.format(side=far)}
    return others, nb.Synapses(*ends, "w : 1", connect=np.transpose(pairs).tolist(), **on, **given)


@pytest.mark.parametrize("shape", PAIRS)
@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("kind", ["none", "common", "each", "changing", "on_post", "event"])
def test_the_order_of_events(shape: str, text: str, kind: str) -> None:
    rng = np.random.default_rng(len(shape) + 7 * len(text))
    pairs = PAIRS[shape](rng)
    w = rng.integers(1, 100, len(pairs)) / 8
    each = rng.integers(0, 4, len(pairs))
    delays: dict[str, list[Any]] = {"common": [2], "each": [each], "changing": [3, each, 1]}
    steps, far = delays.get(kind, [0]), "pre" if kind == "on_post" else "post"
    given: dict[str, Any] = {} if far == "pre" else {"delay": np.asarray(steps[0]) * 0.1}
    if kind == "event":
        given["on_event"] = {"on_pre": "low"}
    others, synapses = make(pairs, text, far, **given)
    synapses.w = w
    net = nb.Network(*dict.fromkeys((synapses.source, synapses.target)), synapses, dt=0.1)
    for k, delay in enumerate(steps):
        if k:
            synapses.delay = delay * 0.1
        net.run(STEPS // len(steps) * 0.1)
    expected = by_hand(pairs, w, steps, far, TEXTS[text], len(steps))
    np.testing.assert_allclose(others.x, expected, rtol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_instant_events_have_the_same_order(text: str) -> None:
    rng = np.random.default_rng(5)
    pairs = PAIRS["shuffled"](rng)
    w = rng.integers(1, 100, len(pairs)) / 8
    cells = nb.Neurons(N, "", threshold="(t_in_timesteps + i) % 3 == 0")
    others = nb.Neurons(N, "x : 1", threshold="False")
    synapses = nb.Synapses(
        cells, others, "w : 1", on_pre=text.format(side="post"), connect=np.transpose(pairs).tolist(),
        delivery="instant", w=w,
    )  # fmt: skip
    nb.Network(cells, others, synapses, dt=0.1).run(STEPS * 0.1)
    np.testing.assert_allclose(others.x, by_hand(pairs, w, [0], "post", TEXTS[text]), rtol=1e-12)


@pytest.mark.parametrize("text", TEXTS)
def test_parts_of_groups_and_rewired_synapses_keep_the_order(text: str) -> None:
    rng = np.random.default_rng(6)
    pairs = np.array([(i, j) for i in range(N) for j in range(N)])[rng.permutation(36)]
    w = rng.integers(1, 100, 36) / 8
    cells = nb.Neurons(3 * N, "x : 1", threshold="(t_in_timesteps + i) % 3 == 0")
    synapses = nb.Synapses(cells[N * 1 - 3 : 2 * N - 3], cells[2 * N :], "w : 1", on_pre=text.format(side="post"),
                           connect=(pairs[:, 0], (pairs[:, 1] + 1) % N), w=w)  # fmt: skip
    synapses.rewire(np.arange(36), j=pairs[:, 1])
    nb.Network(cells, synapses, dt=0.1).run(STEPS * 0.1)
    np.testing.assert_allclose(cells.x[2 * N :], by_hand(pairs, w, [0], "post", TEXTS[text]), rtol=1e-12)
