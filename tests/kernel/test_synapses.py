"""Synapses: when spikes arrive, at whom, and what statements do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse

import numpybrain as nb


def at_steps(steps: dict[int, list[int]], n: int) -> nb.Neurons:
    """`n` neurons that spike in given steps: step -> neurons (dt = 0.1 ms)."""
    return nb.Neurons(
        n, {"x": "1"}, threshold=lambda t: np.array(steps.get(round(t / 0.1), []), dtype=int), name="source"
    )


def run(*objects: Any, steps: int = 1) -> None:
    nb.Network(*objects, dt=0.1).run(steps * 0.1)


# ---- delays --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delay", "steps"),
    [
        (0, 0),
        ("0.1 ms", 1),
        (0.3, 3),
        ("1.2 ms", 12),
        ([0.96, 0.96], 10),
        ("10 ms", 100),
        ("0.6*ms + 0.1*ms", 7),
    ],
)
def test_a_spike_arrives_after_its_delay(delay: Any, steps: int) -> None:
    source = at_steps({2: [0], 3: [1], 40: [0]}, 2)
    target = nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(source, target, on_pre="g += 1", connect="one_to_one", delay=delay)
    seen = nb.Monitor(target, "g")
    run(source, target, synapses, seen, steps=160)
    step = np.arange(160)  # recorded at the start of a step, so one step later
    assert np.array_equal(seen.g[:, 0], 1.0 * (step > 2 + steps) + (step > 40 + steps))
    assert np.array_equal(seen.g[:, 1], 1.0 * (step > 3 + steps))


def test_two_delays_act_side_by_side() -> None:
    source, target = at_steps({0: [0], 1: [0], 2: [0]}, 1), nb.Neurons(1, "g : 1")
    soon = nb.Synapses(source, target, on_pre="g += 1", connect="one_to_one", delay=0.2)
    late = nb.Synapses(source, target, on_pre="g += 10", connect="one_to_one", delay=0.4)
    seen = nb.Monitor(target, "g")
    run(source, target, soon, late, seen, steps=8)
    assert seen.g[:, 0].tolist() == [0, 0, 0, 1, 2, 13, 23, 33]


def test_undelivered_spikes_survive_from_run_to_run() -> None:
    source, target = at_steps({0: [0], 1: [1], 3: [0, 1]}, 2), nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(source, target, on_pre="g += 1", connect="one_to_one", delay=0.5)
    seen = nb.Monitor(target, "g")
    net = nb.Network(source, target, synapses, seen, dt=0.1)
    for _ in range(11):
        net.step()
    assert seen.g[:, 0].tolist() == [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert seen.g[:, 1].tolist() == [0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2]


def test_spikes_of_the_other_side_have_no_delay() -> None:
    source, target = nb.Neurons(1, {"x": "1"}), at_steps({3: [0]}, 1)
    synapses = nb.Synapses(
        source, target, "w : 1", on_pre="w += 100", on_post="w += 1", connect="one_to_one", delay=0.5
    )
    seen = nb.Monitor(synapses, "w")
    run(source, target, synapses, seen, steps=6)
    assert seen.w[:, 0].tolist() == [0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("delay", [0.14, "0.03 ms", 0.25001])
def test_delays_that_would_change_much_are_errors(delay: Any) -> None:
    cells = nb.Neurons(1, "g : 1", threshold="g < 1")
    synapses = nb.Synapses(cells, on_pre="g += 1", connect="one_to_one", delay=delay)
    with pytest.raises(nb.TimeStepError):
        nb.Network(cells, synapses, dt=0.1)
    nb.Network(cells, synapses, dt=0.01 if delay != 0.25001 else 0.05)  # the objects stay usable


# ---- parts of groups -----------------------------------------------------------------------------


def test_indices_are_relative_to_the_parts() -> None:
    source, target = at_steps({0: [1, 3, 4, 6]}, 8), nb.Neurons(9, "g : 1\nh : 1")
    synapses = nb.Synapses(
        source[2:6], target[4:7], "w : 1", on_pre="g_post += w + 10*i + 100*j; h_post += 1",
        connect=([2, 1, 1, 0, 3, 2], [0, 2, 0, 1, 1, 2]), w=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    )  # fmt: skip
    run(source, target, synapses)
    expected, count = np.zeros(9), np.zeros(9)
    for i, j, w in zip([2, 1, 1, 0, 3, 2], [0, 2, 0, 1, 1, 2], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], strict=True):
        if i + 2 in (1, 3, 4, 6):
            expected[j + 4] += w + 10 * i + 100 * j
            count[j + 4] += 1
    assert target.g.tolist() == pytest.approx(expected.tolist())
    assert target.h.tolist() == count.tolist()
    assert synapses.i.tolist() == [2, 1, 1, 0, 3, 2]
    assert synapses.j.tolist() == [0, 2, 0, 1, 1, 2]


def test_parts_with_delay_and_both_sides() -> None:
    cells = at_steps({0: [0, 1, 2, 3], 2: [2]}, 4)
    synapses = nb.Synapses(cells[1:3], cells[2:], "n : 1\nm : 1", on_pre="n += 1", on_post="m += 1",
                           connect="all_to_all", delay=0.2)  # fmt: skip
    run(cells, synapses, steps=5)
    assert list(zip(synapses.i.tolist(), synapses.j.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    assert synapses.n.tolist() == [1, 1, 2, 2]
    assert synapses.m.tolist() == [2, 1, 2, 1]


def test_a_part_of_a_part() -> None:
    cells = nb.Neurons(10, "g : 1")
    part = cells[2:8][1:-1]
    part.g = [1, 2, 3, 4]
    assert cells.g.tolist() == [0, 0, 0, 1, 2, 3, 4, 0, 0, 0]
    assert (len(part), part.size, part[-1].g.tolist()) == (4, 4, [4])


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("spiking", [1, 2, 15, 16, 17, 18, 60, 300])
def test_many_spikes_at_once_are_a_matrix_product(spiking: int, shuffled: bool) -> None:
    n, m = 300, 200
    rng = np.random.default_rng(spiking)
    i, j = np.nonzero(rng.random((n - 20, m - 50)) < 0.05)  # some neurons have no synapse
    if shuffled:
        order = rng.permutation(i.size)
        i, j = i[order], j[order]
    w = rng.integers(1, 9, i.size) / 8
    fired = {step: np.sort(rng.choice(n, spiking, replace=False)).tolist() for step in range(4)}
    source, target = at_steps(fired, n), nb.Neurons(m, "g : 1\nh : 1\nu : 1")
    back = at_steps({step: [k for k in who if k < m] for step, who in fired.items()}, m)
    both = [
        nb.Synapses(source[20:], target[50:], "w : 1", on_pre="g += w", connect=(i, j), w=w, delay=0.1),
        nb.Synapses(source[20:], target[50:], on_pre="h += 1", connect=(i, j)),
        nb.Synapses(source[20:], target[50:], "w : 1", on_pre="u = 2*u + w - u", connect=(i, j), w=w),
        nb.Synapses(
            target[50:],
            back[20:],
            "w : 1\nx : 1",
            on_post="x += 1; h_pre -= w",
            connect=(j, i % (m - 20)),
            w=w,
        ),
    ]
    run(source, target, back, both, steps=4)
    matrix = scipy.sparse.coo_array((w, (i + 20, j + 50)), shape=(n, m)).tocsr()
    ones = scipy.sparse.coo_array((np.ones(i.size), (i + 20, j + 50)), shape=(n, m)).tocsr()
    counts = np.array([sum(k in who for who in fired.values()) for k in range(n)])
    early = np.array([sum(k in fired[step] for step in range(3)) for k in range(n)])
    returned = np.zeros(m)
    np.add.at(returned, j + 50, w * counts[i % (m - 20) + 20])
    np.testing.assert_allclose(target.g, matrix.T @ early, rtol=1e-12)
    np.testing.assert_allclose(target.h, ones.T @ counts - returned, rtol=1e-12)
    np.testing.assert_allclose(target.u, matrix.T @ counts, rtol=1e-12)
    assert np.array_equal(both[3].x, counts[i % (m - 20) + 20])


# ---- statements ------------------------------------------------------------------------------------

# Three synapses with w = 0.5, 0.25, 0.125 reach one target whose v is 0 and u is 2: what v and u become.
THREE = {
    "v_post += w": (0.875, 2),
    "v += w": (0.875, 2),
    "v_post -= w": (-0.875, 2),
    "v_post = v_post + w": (0.875, 2),
    "v_post += w*(1 - v_post)": (1 - 0.5 * 0.75 * 0.875, 2),
    "v_post = w": (0.125, 2),
    "u_post *= w": (0, 2 * 0.5 * 0.25 * 0.125),
    "u_post /= w": (0, 2 / (0.5 * 0.25 * 0.125)),
    "u_post **= 2": (0, 2.0**8),
    "u_post = w*u_post + 1": (0, ((2 * 0.5 + 1) * 0.25 + 1) * 0.125 + 1),
    "v_post += u_post": (6, 2),
    "v_post += 1; u_post += v_post": (3, 2 + 1 + 2 + 3),
    "u_post += v_post; v_post += 1": (3, 2 + 0 + 1 + 2),
    "v_post += w; v_post *= 2": (((0.5 * 2) + 0.25) * 4 + 0.125 * 2, 2),
    "x = 2*w; v_post += x; x = 3*x; u_post -= x": (1.75, 2 - 6 * 0.875),
    "v_post = max(v_post, w)": (0.5, 2),
    "v_post = clip(v_post + w, 0, 0.6)": (0.6, 2),
    "v_post += w if w > 0.2 else 0": (0.75, 2),
    "v_post += 1; u_post += 1": (3, 5),
    "v_post += N_pre; u_post += N_post + N": (9, 2 + 3 * 4),
    "v_post += i; u_post += j": (3, 2),
    "v_post += int(t/ms) + 1": (3, 2),
}


@pytest.mark.parametrize("text", THREE)
def test_events_at_one_target_act_synapse_by_synapse(text: str) -> None:
    source, target = at_steps({0: [0, 1, 2]}, 3), nb.Neurons(1, "v : 1\nu = 2 : 1")
    synapses = nb.Synapses(source, target, "w : 1", on_pre=text, connect="all_to_all", w=[0.5, 0.25, 0.125])
    run(source, target, synapses)
    assert (target.v[0], target.u[0]) == pytest.approx(THREE[text], rel=1e-14)


def test_the_example_of_the_documentation() -> None:
    source, target = at_steps({0: [0, 1, 2]}, 3), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(
        source, target, "w = 0.5 : 1", on_pre="v_post += w*(1 - v_post)", connect="all_to_all"
    )
    run(source, target, synapses)
    assert target.v.tolist() == [0.875]


def test_events_at_one_source_act_synapse_by_synapse() -> None:
    source, target = nb.Neurons(1, "u = 2 : 1"), at_steps({0: [0, 1, 2]}, 3)
    synapses = nb.Synapses(
        source, target, "w : 1", on_post="u_pre = w*u_pre + 1", connect="all_to_all", w=[0.5, 0.25, 0.125]
    )
    run(source, target, synapses)
    assert source.u[0] == pytest.approx(((2 * 0.5 + 1) * 0.25 + 1) * 0.125 + 1)


@pytest.mark.parametrize("text", ["u_pre = 0.5*u_pre; v_post = v_post + u_pre", "u_pre *= 0.5; v_post += u_pre",
                                  "v_post = 2*v_post + u_pre; u_pre = u_pre + v_post"])  # fmt: skip
def test_both_sides_written(text: str) -> None:
    rng = np.random.default_rng(5)
    i, j = rng.integers(0, 4, 12), rng.integers(0, 3, 12)
    source = nb.Neurons(4, "u = 1 : 1", threshold="u > 0")
    target = nb.Neurons(3, "v = 1 : 1")
    run(source, target, nb.Synapses(source, target, on_pre=text, connect=(i, j)))
    u, v = [1.0] * 4, [1.0] * 3
    for k in np.argsort(i, kind="stable"):  # by source, then in creation order
        a, b = i[k], j[k]
        if text.startswith("v"):
            v[b] = 2 * v[b] + u[a]
            u[a] = u[a] + v[b]
        else:
            u[a] *= 0.5
            v[b] += u[a]
    assert source.u.tolist() == pytest.approx(u)
    assert target.v.tolist() == pytest.approx(v)


def test_both_sides_of_one_group_written() -> None:
    cells = nb.Neurons(4, "u = 1 : 1", threshold="u > 0")
    i, j = [0, 1, 2, 3, 0, 2], [1, 2, 3, 0, 2, 2]
    run(cells, nb.Synapses(cells, on_pre="u_pre = 0.5*u_pre; u_post = u_post + 1", connect=(i, j)))
    u = [1.0] * 4
    for k in np.argsort(i, kind="stable"):
        u[i[k]] *= 0.5
        u[j[k]] += 1
    assert cells.u.tolist() == pytest.approx(u)


def test_synapses_of_one_row_act_in_creation_order() -> None:
    source, target = at_steps({0: [0, 1]}, 2), nb.Neurons(2, "v : 1")
    i, j, w = [1, 0, 1, 0, 1], [0, 0, 0, 1, 0], [1.0, 2.0, 3.0, 4.0, 5.0]
    synapses = nb.Synapses(source, target, "w : 1", on_pre="v_post = 10*v_post + w", connect=(i, j), w=w)
    run(source, target, synapses)
    assert target.v.tolist() == [2135.0, 4.0]
    assert synapses.w.tolist() == w


def test_own_variables_hide_those_of_the_target() -> None:
    source, target = at_steps({0: [0]}, 1), nb.Neurons(1, "v = 1 : 1\nu = 2 : 1")
    synapses = nb.Synapses(
        source, target, "v : 1", on_pre="v += 1; v_post += 10; u = 5", connect="one_to_one"
    )
    run(source, target, synapses)
    assert (synapses.v[0], target.v[0], target.u[0]) == (1.0, 11.0, 5.0)


def test_synaptic_variables_subexpressions_and_units() -> None:
    source = nb.Neurons(2, "a : mV", threshold="a > 0*mV", a=[3, 4])
    target = nb.Neurons(2, "v : volt\nb : nA", b=[10, 20])
    synapses = nb.Synapses(
        source, target, "w : nS\nr = w*k : uS\nk : 1 (shared)", on_pre="v_post += a_pre + b_post/r*0.001; w += 100*pS",
        connect="one_to_one", w="2 nS", k=5,
    )  # fmt: skip
    run(source, target, synapses)
    # b/r = 10 nA/(10 nS) = 1 V
    assert target.v == pytest.approx([0.003 + 0.001, 0.004 + 0.002])
    assert synapses.w == pytest.approx([2.1, 2.1])
    assert synapses.r == pytest.approx([0.0105, 0.0105])


def test_integer_and_boolean_variables() -> None:
    source, target = at_steps({0: [0, 1], 1: [1]}, 2), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(source, target, "n : integer\non : boolean", on_pre="n += 1; on = not on; v += int(on)",
                           connect="all_to_all")  # fmt: skip
    run(source, target, synapses, steps=2)
    assert synapses.n.tolist() == [1, 2]
    assert synapses.on.tolist() == [True, False]
    assert target.v.tolist() == [2.0]


def test_names_that_statements_leave_open_are_keywords() -> None:
    for given in ({"w0": "3 mV"}, {"namespace": {"w0": "3 mV", "unused": object()}}):
        source, target = at_steps({0: [0]}, 1), nb.Neurons(1, "v : volt")
        synapses = nb.Synapses(source, target, on_pre="v += w0", connect="one_to_one", **given)
        run(source, target, synapses)
        assert target.v[0] == 0.003


def test_weights_can_change_between_runs_and_during_a_run() -> None:
    source, target = at_steps({k: [0] for k in range(9)}, 1), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(source, target, "w : 1", on_pre="v += w", connect="one_to_one", w=1)
    net = nb.Network(source, target, synapses, dt=0.1)
    net.run(0.2)
    synapses.w = 10
    net.run(0.2)
    synapses.w[:] = 100
    net.run(0.2)
    synapses.at("start", lambda w, t: w.__setitem__(0, 1000 if t > 0.75 else 5))
    net.run(0.3)
    assert target.v[0] == 2 + 20 + 200 + 5 + 5 + 1000


def test_python_functions_on_pre_and_on_post() -> None:
    source, target = at_steps({0: [0, 2]}, 3), at_steps({1: [1]}, 2)
    seen: list[Any] = []

    def on_pre(w: Any, pre: Any, post: Any, synapses: Any, t: float) -> None:
        seen.append((pre.tolist(), post.tolist(), synapses.tolist(), t))
        w[synapses] += 1

    def on_post(w: Any, synapses: Any, x_post: Any) -> None:
        w[synapses] *= 10
        x_post += 1

    both = nb.Synapses(
        source, target, {"w": "1"}, on_pre=on_pre, on_post=on_post, connect=([2, 0, 1, 2], [1, 1, 1, 0])
    )
    run(source, target, both, steps=2)
    assert seen == [([0, 2, 2], [1, 1, 0], [1, 0, 3], 0.0)]
    assert both.w.tolist() == [10.0, 10.0, 0.0, 1.0]
    assert target.x.tolist() == [1.0, 1.0]


def _tables() -> dict[str, Any]:
    rng = np.random.default_rng(2)
    i, j = (index.ravel() for index in np.meshgrid(np.arange(6), np.arange(5), indexing="ij"))
    mixed = rng.permutation(30)
    return {
        "rows": (i, j), "columns": (i.reshape(6, 5).T.ravel(), j.reshape(6, 5).T.ravel()), "mixed": (i[mixed], j[mixed]),
        "backwards": (i[::-1], j[::-1]), "twice": (np.tile(i, 2), np.tile(j, 2)), "rows twice": (np.repeat(i, 2), np.repeat(j, 2)),
        "one changed": (i, np.where(np.arange(30) == 17, 0, j)), "last changed": (i, np.where(np.arange(30) == 29, 0, j)),
        "others": (i[i != j], j[i != j]), "same length": (np.repeat(np.arange(6), 3), rng.integers(0, 5, 18)),
        "same targets, other order": (i, np.where(i % 2 == 0, j, 4 - j)), "one each": (np.arange(5), np.arange(5)),
        "sparse": (rng.integers(0, 6, 20), rng.integers(0, 5, 20)), "two rows": (i[:10], j[:10]),
    }  # fmt: skip


@pytest.mark.parametrize("side", ["pre", "post"])
@pytest.mark.parametrize("name", _tables())
def test_what_spikes_reach(name: str, side: str) -> None:
    """Spike after spike, in the order of creation, whatever the structure."""
    i, j = _tables()[name]
    groups = [nb.Neurons(n, "v : 1", threshold="v > 1") for n in (8, 7)]
    for low in (0, 2):  # of parts of groups, and of their ends
        ends = [g[low : low + n] for g, n in zip(groups, (6, 5), strict=True)] if low else [
            nb.Neurons(n, "v : 1", threshold="v > 1") for n in (6, 5)
        ]  # fmt: skip
        synapses = nb.Synapses(*ends, on_pre="v += 1", connect=(i, j))
        near, far = (i, j) if side == "pre" else (j, i)
        rows = synapses.inspect.connectivity.table(side)
        for spikes in ([0], [3], [1, 2, 4], list(range(5))):
            expected = np.concatenate([np.flatnonzero(near == k) for k in spikes])
            neurons, reached = rows.reached(np.array(spikes, dtype=np.intp) + low, far=True, synapses=True)
            np.testing.assert_array_equal(reached, expected)
            np.testing.assert_array_equal(neurons, far[expected] + low)


def test_functions_may_write_to_the_indices_that_they_get() -> None:
    source = nb.Neurons(5, "", threshold="i == int(t/dt) % 5")
    target = nb.Neurons(6, "v : 1")

    def on_pre(post: np.ndarray, v: np.ndarray) -> None:
        v[post] += 1
        post[:] = 0

    synapses = nb.Synapses(source, target, on_pre=on_pre, connect="True")
    nb.Network(source, target, synapses, dt=0.1).run(1)
    assert target.v.tolist() == [10] * 6
