"""Synapses of parts that are no slices: the same network by indices of the whole group, or with the part in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    "delays of both": {
        "model": "w : 1\ns_pre = w*v_post : 1 (summed)",
        "on_pre": "v += w",
        "delay": {"on_pre": 0.5, "s_pre": "w*16*ms"},
    },
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
BETWEEN = {"own delays", "traces", "gap junctions"}  # with spikes between steps, the others on the grid


def neurons(order: Any = slice(None), **options: Any) -> nb.Neurons:
    """Neurons with values of their own, in some order."""
    smooth = "spike_times" in options  # which noise is not
    equations = EQUATIONS.replace(" + noise*xi/sqrt(10*ms)", "") if smooth else EQUATIONS
    made = nb.Neurons(
        N, equations, threshold="v > 1", reset="v = 0", method="euler", name="cells",
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


def run(cells: nb.Neurons, syn: nb.Synapses, change: Any = None, steps: int = 60) -> dict[str, Any]:
    """What comes of it, in two runs between which a snapshot is taken and restored."""
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", "x", "s")
    net = nb.Network(cells, syn, spikes, trace, dt=DT)
    net.run(steps * DT / 2)
    saved = net.snapshot()
    net.run(2 * DT)
    net.restore(saved)
    net.run(10 * DT)
    if change is not None:
        change(syn)
    net.run(steps * DT / 2)
    assert len(spikes.t) > 10
    return {"t": spikes.t, "i": spikes.i, "v": trace.v, "x": trace.x, "s": trace.s, "w": np.array(syn.w)}


def are_equal(a: dict[str, Any], b: dict[str, Any]) -> None:
    for name, values in a.items():
        np.testing.assert_array_equal(values, b[name], err_msg=name)


@pytest.mark.parametrize("ends", ["source", "target", "both"])
@pytest.mark.parametrize("case", CASES)
def test_the_same_with_indices_of_the_whole_group(case: str, ends: str) -> None:
    key = [*PARTS.values()][[*CASES].index(case) % len(PARTS)]
    where, everybody = np.arange(N)[key], np.arange(N)
    first, second = (where if ends in (side, "both") else everybody for side in ("source", "target"))
    i, j = pairs(first.size, second.size)
    found = []
    for is_part in (True, False):
        nb.seed(3)
        cells = neurons(**({"spike_times": "interpolated"} if case in BETWEEN else {}))
        cells.noise = 0.2
        parts = [cells[key] if ends in (side, "both") else cells for side in ("source", "target")]
        if not is_part:
            parts, i, j = [cells, cells], first[i], second[j]

        def change(syn: nb.Synapses) -> None:
            syn.remove([0, 3, 7])
            some = i[:2], j[:2]
            syn.connect(some)
            syn.rewire([1, 4], i=some[0], j=some[1])

        found.append(run(cells, synapses(*parts, i, j, CASES[case]), change))
    are_equal(*found)


# ---- the same neurons in another order, in which the parts are slices ----

FIRST, SECOND = [1, 3, 4, 8, 10], [0, 2, 5, 9]
ROW = [*FIRST, *SECOND, 6, 7, 11]  # the parts in a row, the other neurons behind them
SLICES = slice(0, 5), slice(5, 9)
RULES: dict[str, Callable[[], Any]] = {
    "one to one": lambda: nb.connect.one_to_one(),
    "all to all": lambda: nb.connect.all_to_all(autapses=False),
    "probability": lambda: nb.connect.probability(0.4, autapses=False),
    "probability of pairs": lambda: nb.connect.probability("0.8*x_pre + 0.1*i/N_pre"),
    "where": lambda: nb.connect.probability(0.7, where="k_pre != k_post"),
    "distance": lambda: nb.connect.gaussian("x", 0.3, target="x", autapses=False),
    "fixed indegree": lambda: nb.connect.fixed_indegree(2, autapses=False),
    "fixed outdegree": lambda: nb.connect.fixed_outdegree(3, autapses=False),
    "fixed total": lambda: nb.connect.fixed_total(9, autapses=False),
    "condition": lambda: "i != j and x_pre >= x_post",
    "few kinds": lambda: "k_pre == k_post and i < N_pre - 1",
    "series": lambda: "m for m in range(i - 1, min(i + 2, N_post)) if m >= 0 and m != 2",
    "indices": lambda: "(2*i) % N_post",
    "function": lambda: lambda N_pre, N_post, rng: rng.random((N_pre, N_post)) < 0.5,
    "pairs": lambda: pairs(4, 4),
}


def both_ways(*ends: Any) -> Iterator[tuple[nb.Neurons, list[Any]]]:
    """The neurons and some parts: by indices, and as slices of neurons in another order."""
    for order, slices in ((slice(None), None), (ROW, dict(zip(("first", "second"), SLICES, strict=True)))):
        nb.seed(5)
        cells = neurons(order)
        keys = {"first": FIRST, "second": SECOND} if slices is None else slices
        yield cells, [cells[keys[end]] if end in keys else cells for end in ends]


@pytest.mark.parametrize("target", ["first", "second"])
@pytest.mark.parametrize("rule", RULES)
def test_rules_connect_the_same_neurons(rule: str, target: str) -> None:
    found = []
    for _, parts in both_ways("first", target):
        if rule == "one to one":
            parts = [part[:4] for part in parts]
        syn = nb.Synapses(*parts, "w : 1", connect=RULES[rule]())
        found.append((syn.i, syn.j))
    assert found[0][0].size > 0
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize(
    "text", ["i + 8*j + 64*N_pre + 512*N_post", "x_pre + 2*x_post + N_outgoing/4 + N_incoming/8", "rand()"]
)
def test_texts_count_in_the_parts(text: str) -> None:
    found = []
    for _, parts in both_ways("first", "second"):
        syn = nb.Synapses(*parts, "w : 1", connect=pairs(5, 4), w=text)
        some = syn.w["i > 1 and x_post > 0.2"]
        found.append(
            [*syn.w, *some, *syn.w[[0, 2], 1:], *syn.w[parts[0][1:3], parts[1]], *syn.matrix("w").flat]
        )
        assert some.size > 0
    np.testing.assert_array_equal(*found)


def everything(cells: nb.Neurons, parts: list[nb.Neurons], **options: Any) -> dict[str, Any]:
    """What comes of a network that does with parts whatever can be done with them."""
    first, second = parts
    first.poisson("v", n=100, rate="30 Hz", weight=0.25)
    second.I = nb.current.steps({0: 0.5, 5: 2.0})
    first.I = lambda t, i, N: 1 + i / N + 0.125 * (t > 3)
    first.x = "(1 + i)/N"
    first.at("start", "k = i + N")

    @second.at("end")
    def count(k: Any, i: Any, spikes: Any) -> None:
        k[spikes] += 10 + i[spikes]

    readers = nb.Neurons(4, "z : 1 (linked)\ny : 1 (linked)\nq = z + y : 1", name="readers")
    readers.z = nb.link(second, "v")
    readers.y = nb.link(first, "x", index=[4, 0, 0, 1])
    there = nb.Synapses(
        first, second, "w : 1", on_pre="v += w", connect=pairs(5, 4), w="(1 + i)/16", **options
    )
    back = nb.Synapses(second, first, "s_post = 0.25*x_pre : 1 (summed)", connect=pairs(4, 5))
    among = nb.Synapses(first, on_pre="x_post = x_post/2", connect="i != j")
    records = {
        "spikes": nb.Monitor(first, "spikes", variables=["x"]),
        "some": nb.Monitor(second, "v", "k", of=[3, 1], every=2 * DT),
        "values": nb.Monitor(first, "v", "x", "s"),
        "others": nb.Monitor(readers, "q"),
    }
    rate = nb.PopulationRate(second, bin=10 * DT)
    statistics = nb.RunningStatistics(first, "v", histogram=[-1, 0, 0.5, 1, 9])
    net = nb.Network(cells, readers, there, back, among, *records.values(), rate, statistics, dt=DT)
    net.run(20 * DT)
    saved = net.snapshot()
    net.run(5 * DT)
    net.restore(saved)
    net.run(40 * DT)
    assert len(records["spikes"].t) > 5
    assert rate.count.sum() > 2
    found = {
        f"{key} {name}": getattr(m, name)
        for key, m in records.items()
        for name in ("t", *m.recorded_variables)
    }
    found |= {"i": records["spikes"].i, "rate": rate.rate, "mean": statistics.v.mean}
    found |= {
        "histogram": statistics.v.histogram,
        "v": first.v,
        "k": second.k,
        "one": records["values"][3].v,
    }
    return {**found, "fired": first.spikes}


@pytest.mark.parametrize("kind", ["on the grid", "between steps", "periods"])
def test_whatever_is_done_with_parts(kind: str) -> None:
    options = {"between steps": {"spike_times": "interpolated"}, "periods": {"refractory": "(1 + 2*x)*ms"}}
    found = []
    for order, slices in ((slice(None), None), (ROW, SLICES)):
        nb.seed(5)
        cells = neurons(order, **options.get(kind, {}))
        keys = (FIRST, SECOND) if slices is None else slices
        found.append(everything(cells, [cells[key] for key in keys], delay=1.5))
    are_equal(*found)


def test_a_snapshot_of_another_part_is_refused() -> None:
    def net(part: Any) -> nb.Network:
        cells = neurons()
        return nb.Network(
            cells, nb.Synapses(cells[part], cells, on_pre="v += 1", connect=pairs(3, 4)), dt=DT
        )

    saved = net([1, 5, 3]).snapshot()
    net([1, 5, 3]).restore(saved)
    for other in ([1, 3, 5], slice(1, 4)):
        with pytest.raises(nb.CheckpointError, match="source"):
            net(other).restore(saved)
