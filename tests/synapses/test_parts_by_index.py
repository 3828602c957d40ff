"""Synapses of parts that are no slices: the same network by indices of the whole group, or with the part in a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

N, DT = 12, 0.5
PARTS = {"in disorder": [7, 2, 9, 4], "ascending": [1, 3, 4, 10], "backwards": slice(9, None, -2)}
EQUATIONS = """
    dv/dt = (I - v)/(10*ms) + s/(10*ms) + noise*xi/sqrt(10*ms) : 1 (unless refractory)
    I : 1
    noise : 1
    s : 1
    x : 1
    k : integer
    """
CASES: dict[str, dict[str, Any]] = {
    "one delay": {"on_pre": "v += w", "delay": 1.0},
    "no delay": {"on_pre": "v += w"},
    "own delays": {"on_pre": "v += w", "delay": "own"},
    "values of the neurons": {"on_pre": "v_post += w*x_pre; x_post = 0.5*x_post + w", "delay": "own"},
    "assignments": {"on_pre": "x_post = w + x_pre"},
    "on_post": {"on_pre": "v += w; w = clip(w - 2**-6*x_post, 0, 1)", "on_post": "w += 2**-6*x_pre"},
    "traces": {
        "model": """w : 1
            da/dt = -a/(20*ms) : 1 (event-driven)
            db/dt = -b/(15*ms) : 1 (event-driven)""",
        "on_pre": "v += w; a += 1; w = clip(w - 2**-5*b, 0, 1)",
        "on_post": "b += 1; w = clip(w + 2**-5*a, 0, 1)",
    },
    "values of sides": {
        "model": "w : 1\nr : 1 (pre)\nq : 1 (post)",
        "on_pre": "r += 1; v += w*r/8",
        "on_post": "q += 1; w = clip(w + q/64, 0, 1)",
    },
    "gap junctions": {"model": "w : 1\ns_post = w*(v_pre - v_post) : 1 (summed)"},
    "sums over targets": {"model": "w : 1\ns_pre = w*x_post : 1 (summed)"},
    "sums that cannot be taken apart": {"model": "w : 1\ns_post = w*exp(v_pre - v_post) : 1 (summed)"},
    "delayed sums": {"model": "w : 1\ns_post = w*v_pre : 1 (summed)", "delay": 1.5},
    "own delays of sums": {"model": "w : 1\ns_post = w*v_pre : 1 (summed)", "delay": "own"},
    "clock-driven": {"model": "w : 1\ndg/dt = -g/(5*ms) : 1\ns_post = g : 1 (summed)", "on_pre": "g += w"},
    "dendrites": {"on_pre": "v += w", "dendritic_delay": 1.5},
    "instant": {"on_pre": "v += w", "delivery": "instant"},
    "kept": {"on_pre": "v += w*x_pre", "delivery": "instant", "coincident": "kept"},
    "functions": {
        "on_pre": lambda pre, post, synapses, w, v_post, x_pre: np.add.at(
            v_post, post, w[synapses] * (1 + x_pre[pre])
        )
    },
    "chance": {"on_pre": "v += w*(rand() < 0.5)"},
}


def neurons(order: Any = slice(None), **options: Any) -> nb.Neurons:
    """Neurons with values of their own, in some order."""
    made = nb.Neurons(
        N, EQUATIONS, threshold="v > 1", reset="v = 0", method="euler", name="cells",
        **{"refractory": "2 ms", **options},
    )  # fmt: skip
    number = np.arange(N)[order]
    made.I = 1 + (number % 5) / 4
    made.x = (number % 7) / 8
    made.k = number // 3
    return made


def pairs(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Some pairs, in no order."""
    flat = (np.arange(2 * n * m // 3) * 5) % (n * m)
    return flat // m, flat % m


def synapses(source: Any, target: Any, i: Any, j: Any, case: dict[str, Any]) -> nb.Synapses:
    """Synapses of a case, with weights of their own."""
    case = {"model": "w : 1", **case}
    number = np.arange(i.size)
    if case.get("delay") == "own":
        case["delay"] = DT * (number % 4)
    made = nb.Synapses(source, target, connect=(i, j), **case)
    made.w = (1 + number % 9) / 16
    return made


def run(cells: nb.Neurons, syn: nb.Synapses, steps: int = 60) -> dict[str, Any]:
    """What comes of it, in two runs between which a snapshot is taken and restored."""
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", "x", "s")
    net = nb.Network(cells, syn, spikes, trace, dt=DT)
    net.run(steps * DT / 2)
    saved = net.snapshot()
    net.run(2 * DT)
    net.restore(saved)
    net.run(steps * DT / 2)
    assert len(spikes.t) > 10
    return {"t": spikes.t, "i": spikes.i, "v": trace.v, "x": trace.x, "s": trace.s, "w": np.array(syn.w)}


def are_equal(a: dict[str, Any], b: dict[str, Any]) -> None:
    for name, values in a.items():
        np.testing.assert_array_equal(values, b[name], err_msg=name)


@pytest.mark.parametrize("ends", ["source", "target", "both"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_with_indices_of_the_whole_group(case: str, ends: str) -> None:
    for key in PARTS.values():
        where = np.arange(N)[key]
        everybody = np.arange(N)
        first, second = (where if ends in (side, "both") else everybody for side in ("source", "target"))
        i, j = pairs(first.size, second.size)
        found = []
        for is_part in (True, False):
            nb.seed(3)
            cells = neurons()
            cells.noise = 0.2
            parts = [cells[key] if ends in (side, "both") else cells for side in ("source", "target")]
            if not is_part:
                parts, i, j = [cells, cells], first[i], second[j]
            found.append(run(cells, synapses(*parts, i, j, CASES[case])))
        are_equal(*found)
