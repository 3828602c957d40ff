"""Instant synapses: spikes that set off others in the same step, and what becomes of what comes too late."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.oracles.gap_junction_reference import Cells, Coincident, by_events, by_steps, lattice

from .test_synapses import at_steps, run

INSTANT = {"delivery": "instant"}
KEPT = {"delivery": "instant", "coincident": "kept"}


def chain(n: int, **options: Any) -> tuple[nb.Neurons, nb.Synapses]:
    """Neurons of which each pushes the next one; the first spikes in the first step."""
    cells = nb.Neurons(n, "v : 1", threshold="v > 1", reset="v = 0", **options)
    cells.v[0] = 2
    return cells, nb.Synapses(cells, on_pre="v_post += 2", connect="j == i + 1", **INSTANT)


# ---- electrical synapses between integrate-and-fire neurons --------------------------------------


def grid(
    v: Any, dt: float, partners: np.ndarray, **options: Any
) -> tuple[nb.Network, nb.Monitor, nb.Monitor]:
    cells = nb.Neurons(
        len(v), "dv/dt = (12*mV - v + I_gap)/(10*ms) : mV\nI_gap : mV", threshold="v > 10*mV", reset="v = 0*mV",
        method="euler", initial={"v": v},
    )  # fmt: skip
    synapses = nb.Synapses(
        cells, model="I_gap_post = v_pre - v_post : mV (summed)", on_pre="v_post += 0.5*mV",
        connect=np.nonzero(partners), **options,
    )  # fmt: skip
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v")
    return nb.Network(cells, synapses, spikes, trace, dt=dt), spikes, trace


GRID = Cells(lattice(10, 10))
ORDERS = {"ordinary": {}, "lost": INSTANT, "kept": KEPT}


def start() -> np.ndarray:
    return np.random.RandomState(12345).rand(100) * 10


@pytest.mark.parametrize(
    ("dt", "counts"), [(0.1, (557, 548, 542)), (0.05, (545, 557, 602)), (0.02, (538, 552, 586))]
)
def test_a_grid_of_gap_junctions(dt: float, counts: tuple[int, ...]) -> None:
    """Spike for spike as a plain loop, and as many as another program has counted."""
    for (order, options), count in zip(ORDERS.items(), counts, strict=True):
        net, spikes, trace = grid(start(), dt, GRID.partners, **options)
        net.run(100)
        expected, silent = by_steps(GRID, start(), 100, dt, order)  # type: ignore[arg-type]
        assert len(spikes) == len(expected.spikes) == count
        assert spikes.i.tolist() == [k for _, k in expected.spikes]
        np.testing.assert_allclose(spikes.t, [t for t, _ in expected.spikes], atol=1e-9)
        above = trace.v > 10  # at the start of a step
        above[np.rint(spikes.t / dt).astype(int), spikes.i] = False
        assert above.sum() == silent
        assert (silent == 0) == (order != "ordinary")


@pytest.mark.parametrize("coincident", ["lost", "kept"])
def test_it_converges_to_what_happens_without_steps(coincident: Coincident) -> None:
    exact = by_events(GRID, start(), 60, coincident)
    order = np.lexsort(tuple(zip(*exact.spikes, strict=True)))
    times, who = (
        np.array([t for t, _ in exact.spikes])[order],
        np.array([k for _, k in exact.spikes])[order],
    )
    for dt in (0.02, 0.005):
        net, spikes, _ = grid(start(), dt, GRID.partners, delivery="instant", coincident=coincident)
        net.run(60)
        order = np.lexsort((spikes.t, spikes.i))
        assert np.array_equal(spikes.i[order], who)
        assert np.abs(spikes.t[order] - times).max() < 4 * dt


@pytest.mark.parametrize("options", [INSTANT, KEPT])
def test_whoever_is_pushed_across_the_threshold_spikes(options: dict[str, Any]) -> None:
    for v in np.linspace(9.5, 9.999, 100):
        net, spikes, _ = grid(np.array([9.9999, v]), 0.1, lattice(1, 2), **options)
        net.step()
        assert spikes.i.tolist() == [0, 1]


# ---- the cascade ---------------------------------------------------------------------------------


def test_spikes_run_through_a_chain_in_one_step() -> None:
    cells, synapses = chain(50)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, synapses, spikes, steps=3)
    assert spikes.i.tolist() == list(range(50))
    assert set(spikes.t) == {0.0}
    assert cells.v.tolist() == [0] * 50


def test_a_neuron_spikes_once_in_a_step() -> None:
    cells = nb.Neurons(3, "v : 1", threshold="v > 1")
    cells.v[1] = 2
    ring = nb.Synapses(cells, on_pre="v_post += 2", connect="j == (i + 1) % 3", **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, ring, spikes)
    assert spikes.i.tolist() == [0, 1, 2]
    assert cells.v.tolist() == [2, 2, 2]  # what came back to the first was lost


def test_what_arrives_in_one_round_arrives_together() -> None:
    source = at_steps({0: [0, 1]}, 2)
    target = nb.Neurons(2, "v : 1", threshold="v > 1")
    up = nb.Synapses(source, target, on_pre="v += 2", connect=([0, 0], [0, 1]), **INSTANT)
    down = nb.Synapses(source, target, on_pre="v -= 2", connect=([1], [1]), **INSTANT)
    spikes = nb.Monitor(target, "spikes")
    run(source, target, up, down, spikes)
    assert spikes.i.tolist() == [0]


def test_a_later_round_comes_too_late_to_hold_back() -> None:
    cells = nb.Neurons(3, "v : 1", threshold="v > 1", reset="v = 0")
    cells.v[0] = 2
    up = nb.Synapses(cells, on_pre="v_post += 2", connect=([0, 0], [1, 2]), **INSTANT)
    down = nb.Synapses(cells, on_pre="v_post -= 5", connect=([1], [2]), **KEPT)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, up, down, spikes)
    assert spikes.i.tolist() == [0, 1, 2]
    assert cells.v.tolist() == [0, 0, -5]


def test_one_cascade_goes_through_all_groups() -> None:
    source = at_steps({0: [0], 1: [1]}, 2)
    a, b = (nb.Neurons(4, "v : 1", threshold="v > 1", reset="v = 0", name=name) for name in "ab")
    objects = [
        nb.Synapses(b[2:], a[1:], on_pre="v += 2", connect=([0], [0]), **INSTANT),  # b2 -> a1
        nb.Synapses(a, b, on_pre="v += 2", connect=([0, 1], [2, 3]), **INSTANT),  # a0 -> b2, a1 -> b3
        nb.Synapses(source, a[:2], on_pre="v += 2", connect=([0], [0]), **INSTANT),  # source 0 -> a0
    ]
    seen = [nb.Monitor(group, "spikes") for group in (source, a, b)]
    run(source, a, b, *objects, *seen, steps=3)
    assert [list(zip(np.rint(m.t / 0.1).astype(int), m.i, strict=True)) for m in seen] == [
        [(0, 0), (1, 1)], [(0, 0), (0, 1)], [(0, 2), (0, 3)],
    ]  # fmt: skip


def test_the_rest_of_the_step_finds_all_spikes() -> None:
    cells, push = chain(4)
    target = nb.Neurons(4, "g : 1")
    other = nb.Synapses(cells, target, on_pre="g += 1", connect="one_to_one")
    late = nb.Synapses(cells, target, on_pre="g += 10", connect="one_to_one", delay=0.2)
    back = nb.Synapses(
        cells, on_pre="v_post += 0", on_post="w += 1", model="w : 1", connect="j == i + 1", **INSTANT
    )
    found = []

    @cells.at("threshold")
    def look(spikes: Any) -> None:
        found.append(spikes.tolist())

    net = nb.Network(cells, target, push, other, late, back, dt=0.1)
    net.step()
    assert target.g.tolist() == [1, 1, 1, 1]
    assert back.w.tolist() == [1, 1, 1]
    assert found == [[0, 1, 2, 3]]
    net.run(0.2)
    assert target.g.tolist() == [11, 11, 11, 11]


def test_spikes_are_in_order_whatever_the_round() -> None:
    cells = nb.Neurons(6, "v : 1", threshold="v > 1", reset="v = 0")
    cells.v[[2, 5]] = 2
    push = nb.Synapses(cells, on_pre="v_post += 2", connect=([5, 4, 2], [4, 0, 3]), **INSTANT)
    spikes, part = nb.Monitor(cells, "spikes"), nb.Monitor(cells[3:5], "spikes")
    run(cells, push, spikes, part)
    assert spikes.i.tolist() == [0, 2, 3, 4, 5]
    assert part.i.tolist() == [0, 1]


def test_lastspike_is_told() -> None:
    cells, push = chain(3)
    cells.lastspike  # noqa: B018  asks for it
    cells.v[0] = 0
    net = nb.Network(cells, push, dt=0.1)
    net.run(0.5)
    cells.v[0] = 2
    net.run(0.5)
    assert cells.lastspike == pytest.approx([0.5, 0.5, 0.5])


# ---- what comes too late -------------------------------------------------------------------------


def test_lost_or_kept() -> None:
    """Two neurons spike on their own and push each other and a third one, which does not spike."""
    for options, expected in ((INSTANT, [0, 0, 0.5]), (KEPT, [0.25, 0.25, 0.5])):
        cells = nb.Neurons(
            3, "v : 1", threshold="v > 1", reset="v = 0", initial={"v": np.array([2.0, 2, 0])}
        )
        push = nb.Synapses(
            cells, on_pre="v_post += 0.25; n += 1", model="n : 1", connect="i < 2 and i != j", **options
        )
        run(cells, push)
        assert cells.v.tolist() == expected
        # synapses to the third neuron, and those between the first two, which have had an event only if it is kept
        between = 0 if options is INSTANT else 1
        assert {(i, j): n for i, j, n in zip(push.i, push.j, push.n, strict=True)} == {
            (0, 1): between, (1, 0): between, (0, 2): 1, (1, 2): 1,
        }  # fmt: skip


def test_what_is_kept_waits_for_all_resets_and_comes_in_order() -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 1", initial={"v": np.array([2.0, 2])})
    other = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 3", initial={"v": 2})
    double = nb.Synapses(cells, on_pre="v_post = 2*v_post", connect=([0], [1]), **KEPT)
    add = nb.Synapses(cells, on_pre="v_post += 10", connect=([0], [1]), **KEPT)
    copy = nb.Synapses(other, cells, on_pre="v_post += 100*v_pre", connect=([0], [1]), **KEPT)
    seen = []

    @cells.at("reset")
    def look(v: Any) -> None:
        seen.append(v.tolist())

    nb.Network(cells, double, add, copy, other, dt=0.1).step()
    assert cells.v.tolist() == [1, 2 * 1 + 10 + 100 * 3]
    assert seen == [cells.v.tolist()]  # what users add to the phase comes last


@pytest.mark.parametrize("flag", ["", " (pre)"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v_post += w*v_pre", 0.5 * 0.5), ("v_post += w*sin(v_pre)", 0.5 * np.sin(0.5)),
        ("u += 0.25; v_post += u*v_pre/2", 0.25 * 0.5 / 2), ("u += 0.25; v_post += w*u*v_pre", 0.5 * 0.25 * 0.5),
        ("u += 0.25; v_post += w*u*sin(v_pre)", 0.5 * 0.25 * np.sin(0.5)),
        ("u += 0.25; v_post += w*exp(u)", 0.5 * np.exp(0.25)),
    ],
)  # fmt: skip
def test_what_is_kept_sees_both_neurons_after_the_reset(text: str, expected: float, flag: str) -> None:
    """Wherever variables live, and what is calculated once for a spike."""
    source = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0.5", initial={"v": 1.2})
    target = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 0.5", initial={"v": np.array([2.0, 0])})
    push = nb.Synapses(
        source, target, f"w : 1\nu : 1{flag}", on_pre=text, connect=([0, 0], [0, 1]), w=[0.5, 0.6], **KEPT
    )
    nb.Network(source, target, push, dt=0.1).step()
    assert target.v[0] == pytest.approx(0.5 + expected, rel=1e-14)


def test_what_is_stored_once_for_a_spike_is_handed_on_as_stored() -> None:
    """u takes the voltage at the spike, for all synapses; one that is kept adds this u, not another."""
    source = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0.5", initial={"v": 1.2})
    target = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 0.5", initial={"v": np.array([2.0, 0])})
    push = nb.Synapses(
        source,
        target,
        "w : 1\nu : 1 (pre)",
        on_pre="u += v_pre; v_post += w*u + v_pre",
        connect="True",
        w=0.5,
        **KEPT,
    )
    push.u = 10
    nb.Network(source, target, push, dt=0.1).step()
    assert push.u.tolist() == [11.2]
    assert target.v == pytest.approx([0.5 + 0.5 * 11.2 + 0.5, 0.5], rel=1e-14)  # the second one spikes


def test_refractory_neurons_are_shielded_from_what_is_kept() -> None:
    for flag, expected in (("", 0.5), (" (unless refractory)", 0.0)):
        cells = nb.Neurons(
            2, f"dv/dt = 0*mV/ms : mV{flag}\ng : mV", threshold="v > 1*mV", reset="v = 0*mV", refractory=0.3,
            initial={"v": np.array([2.0, 2])},
        )  # fmt: skip
        push = nb.Synapses(cells, on_pre="v_post += 0.5*mV; g_post += 1*mV", connect="i != j", **KEPT)
        run(cells, push)
        assert cells.v.tolist() == [expected, expected]
        assert cells.g.tolist() == [1, 1]


# ---- refractoriness ------------------------------------------------------------------------------

PERIODS = {
    "fixed": "0.3 ms",
    "per neuron": "p",
    "condition": "t - lastspike < 0.25*ms",
    "function": lambda spikes: np.full(spikes.size, 0.3),
    "Python condition": lambda spikes, t, lastspike: t - lastspike[spikes] < 0.25,
}


@pytest.mark.parametrize("rule", PERIODS)
def test_refractory_neurons_are_not_set_off(rule: str) -> None:
    source = at_steps({k: [0] for k in range(10)}, 1)
    cells = nb.Neurons(
        3, "v : 1\np = 0.3*ms : ms", threshold="v > 1", reset="v = 0", refractory=PERIODS[rule],
    )  # fmt: skip
    first = nb.Synapses(source, cells, on_pre="v_post = 2", connect=([0], [0]), **INSTANT)
    push = nb.Synapses(cells, on_pre="v_post = 2", connect="j == i + 1", **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(source, cells, first, push, spikes, steps=8)
    # pushes in the steps 1 and 2 set v to 2, which is above the threshold; but nobody may spike before step 3
    assert spikes.i.tolist() == [0, 1, 2] * 3
    assert np.rint(spikes.t / 0.1).tolist() == [0] * 3 + [3] * 3 + [6] * 3


def test_pushed_while_refractory_is_no_spike_but_remembered() -> None:
    source = at_steps({0: [0], 1: [0]}, 1)
    cells = nb.Neurons(1, "v : 1", threshold="v > 1", reset="v = 0", refractory=0.4)
    push = nb.Synapses(source, cells, on_pre="v += 2", connect="all_to_all", **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(source, cells, push, spikes, steps=8)
    assert np.rint(spikes.t / 0.1).tolist() == [0, 4]


# ---- Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["booleans", "indices"])
def test_a_python_threshold_is_asked_again(form: str) -> None:
    asked = []

    def threshold(v: Any) -> Any:
        asked.append(v.tolist())
        return v > 1 if form == "booleans" else np.flatnonzero(v > 1)

    def reset(v: Any, spikes: Any) -> None:
        v[spikes] = 0

    cells = nb.Neurons(3, {"v": "1"}, threshold=threshold, reset=reset)
    cells.v[0] = 2
    push = nb.Synapses(cells, on_pre="v_post += 2", connect="j == i + 1", **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, push, spikes)
    assert spikes.i.tolist() == [0, 1, 2]
    assert asked == [[2, 0, 0], [2, 2, 0], [2, 2, 2]]
    assert cells.v.tolist() == [0, 0, 0]


def test_a_function_gets_the_events_that_are_not_too_late() -> None:
    got = []

    def push(pre: Any, post: Any, synapses: Any, v_post: Any, w: Any) -> None:
        got.append((pre.tolist(), post.tolist(), synapses.tolist()))
        np.add.at(v_post, post, w[synapses])

    for options in (INSTANT, KEPT):
        cells = nb.Neurons(
            3, "v : 1", threshold="v > 1", reset="v = 0", initial={"v": np.array([2.0, 0, 2])}
        )
        synapses = nb.Synapses(
            cells, model={"w": "1"}, w=np.array([4.0, 5, 6, 7]), on_pre=push, connect=([2, 1, 0, 0], [0, 0, 1, 2]), **options,
        )  # fmt: skip
        got.clear()
        run(cells, synapses)
        first, *rest = got
        assert first == ([0], [1], [2])
        if options is INSTANT:
            assert rest == []
            assert cells.v.tolist() == [0, 0, 0]
        else:
            assert sorted(rest) == sorted([([0, 2], [2, 0], [3, 0]), ([1], [0], [1])])
            assert cells.v.tolist() == [9, 0, 7]


def test_a_function_may_reach_others_than_its_targets() -> None:
    def everybody(v_post: Any) -> None:
        v_post += 0.75

    cells = nb.Neurons(4, "v : 1", threshold="v > 1", initial={"v": np.array([2.0, 0.5, 0.2, 0.3])})
    synapses = nb.Synapses(cells, on_pre=everybody, connect=([0], [1]), **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, synapses, spikes)
    assert spikes.i.tolist() == [0, 1, 3]
    assert cells.v.tolist() == pytest.approx([2.75, 1.25, 0.95, 1.05])


def test_after_an_error_the_network_goes_on() -> None:
    angry = [True]

    def push(post: Any, v_post: Any) -> None:
        if angry[0]:
            raise RuntimeError("no")
        np.add.at(v_post, post, 2.0)

    cells = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 0")
    cells.v[0] = 2
    synapses = nb.Synapses(cells, on_pre=push, connect="j == i + 1", **INSTANT, name="push")
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, synapses, spikes, dt=0.1)
    with pytest.raises(RuntimeError, match="no") as caught:
        net.run(1)
    assert "network: instant on_pre of push" in caught.value.__notes__[0]
    angry[0] = False
    net.resume()
    cells.v[:] = [2, 0]
    net.run(1)
    assert spikes.i.tolist() == [0, 0, 1]
    assert np.rint(spikes.t / 0.1).tolist() == [0, 1, 1]


# ---- thresholds and statements of all kinds ------------------------------------------------------


def test_random_thresholds_are_drawn_again_for_those_who_are_reached() -> None:
    """A third is reached in even steps, a third in odd ones, and a third never."""
    p, steps = 0.2, 60
    source = at_steps({k: [k % 2] for k in range(steps)}, 2)
    cells = nb.Neurons(3000, "p : 1", threshold="rand() < p", p=p)
    touch = nb.Synapses(source, cells, on_pre="p_post += 0", connect="j // 1000 == i", **INSTANT)
    spikes = nb.Monitor(cells, "spikes")
    run(source, cells, touch, spikes, steps=steps)
    even, third = np.rint(spikes.t / 0.1) % 2 == 0, spikes.i // 1000
    for k, reached_in_even in ((0, True), (1, False), (2, None)):
        for now in (True, False):
            found = np.count_nonzero((third == k) & (even == now)) / (1000 * steps / 2)
            expected = 1 - (1 - p) ** 2 if now == reached_in_even else p
            assert found == pytest.approx(
                expected, abs=4 * np.sqrt(expected * (1 - expected) / (1000 * steps / 2))
            )


def test_targets_without_a_threshold() -> None:
    source, target = at_steps({0: [0, 1]}, 2), nb.Neurons(2, "g : 1")
    push = nb.Synapses(source, target, on_pre="g = 2*g + 1", connect="all_to_all", **INSTANT)
    run(source, target, push, steps=2)
    assert target.g.tolist() == [3, 3]  # one synapse after the other


def test_statements_on_both_sides() -> None:
    """What one synapse hands over, the next one does not."""
    cells = nb.Neurons(
        3,
        "v : 1\nx : 1",
        threshold="v > 1",
        initial={"v": np.array([2.0, 2, 0]), "x": np.array([5.0, 7, 0])},
    )
    give = nb.Synapses(
        cells,
        on_pre="x_post = x_post + x_pre/2; x_pre = x_pre/2",
        connect=([0, 1, 0], [2, 2, 2]),
        **INSTANT,
    )
    run(cells, give)
    assert cells.x.tolist() == [1.25, 3.5, 2.5 + 3.5 + 1.25]


def test_synapses_that_come_later_are_instant_too() -> None:
    cells, push = chain(4)
    net = nb.Network(cells, push, dt=0.1)
    more = nb.Synapses(cells, on_pre="v_post += 2", connect=([3], [1]), **KEPT)
    spikes = nb.Monitor(cells, "spikes")
    net.add(more, spikes)
    more.connect(([3], [2]))
    net.step()
    assert spikes.i.tolist() == [0, 1, 2, 3]
    assert cells.v.tolist() == [0, 2, 2, 0]
    assert [str(s.description) for s in net.schedule if s.owner == "network"] == [
        f"instant on_pre of {push.name}, {more.name}", f"kept on_pre of {more.name}",
    ]  # fmt: skip


def test_users_may_reset_first() -> None:
    """Then what is kept waits for the reset of the next step."""
    cells = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 0", initial={"v": np.array([2.0, 2])})
    push = nb.Synapses(cells, on_pre="v_post += 0.5", connect="i != j", **KEPT)
    order = ["start", "integrate", "reset", "threshold", "synapse", "end"]
    net = nb.Network(cells, push, dt=0.1, schedule=order)
    net.run(0.1)
    assert cells.v.tolist() == [2, 2]
    cells.v[:] = 2
    net.run(0.2)
    assert cells.v.tolist() == [0.5, 0.5]


def test_no_synapses_no_cascade() -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1", reset="v = 0", initial={"v": 2})
    nothing = nb.Synapses(cells, on_pre="v_post += 2", connect="i != i", **KEPT)
    spikes = nb.Monitor(cells, "spikes")
    run(cells, nothing, spikes)
    assert spikes.i.tolist() == [0, 1]
    plain = nb.Network(nb.Neurons(1, "v : 1", threshold="v > 1"))
    assert "network" not in str(plain.schedule)


def test_the_schedule_says_where_functions_come_from() -> None:
    def push(post: Any) -> None:
        pass

    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    net = nb.Network(cells, nb.Synapses(cells, on_pre=push, connect="all_to_all", **INSTANT, name="gap"))
    (line,) = (line for line in str(net.schedule).splitlines() if "instant on_pre of gap" in line)
    assert "push (test_instant.py:" in line


def test_the_explanation_says_that_they_are_instant() -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    for text in ("v_post += 1", lambda post: None):
        push = nb.Synapses(cells, on_pre=text, on_post="v_pre += 1", connect="i != j", **KEPT)
        assert "at spikes of source neurons, instant, coincident ones are kept" in push.explain()
        assert "at spikes of target neurons, delay 0 ms" in push.explain()
        alone = nb.Synapses(cells, on_pre=lambda post: None, connect="i != j", **INSTANT)
        assert "instant, coincident ones are lost" in alone.explain()


# ---- pathways and variables of all kinds ----------------------------------------------------------


def two_and_a_third(**options: Any) -> tuple[nb.Neurons, nb.Synapses]:
    """Two neurons that spike on their own; they push each other, and a third one that does not spike."""
    cells = nb.Neurons(
        3, "v : 1\nx : 1\ngo : 1", threshold="go > 0.5", reset="v = 0", go=np.array([1.0, 1, 0]), initial={"v": 9}
    )  # fmt: skip
    return cells, nb.Synapses(cells, connect="i < 2 and i != j", **options)  # 0-1, 0-2, 1-0, 1-2


@pytest.mark.parametrize(("options", "v"), [(INSTANT, [0, 0, 44]), (KEPT, [2, 2, 44])])
def test_several_pathways(options: dict[str, Any], v: list[float]) -> None:
    cells, push = two_and_a_third(
        model="n : 1", on_pre={"one": "v_post += 1", "two": "v_post *= 2"}, on_post={"count": "n += 1"}, **options
    )  # fmt: skip
    run(cells, push)
    assert cells.v.tolist() == v  # the third: (9 + 1 + 1) * 2 * 2
    assert push.n.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(("options", "x"), [(INSTANT, [0, 0, 12]), (KEPT, [11, 1, 12])])
def test_what_a_spike_does_once_is_done_once(options: dict[str, Any], x: list[float]) -> None:
    """A variable of the source changes with its spike, not with each event; late events get the value of then."""
    cells, push = two_and_a_third(model="u : 1 (pre)", on_pre="u += 1; x_post += u", **options)
    push.u = np.array([0.0, 10, 20])
    run(cells, push)
    assert push.pathways["on_pre"]._near is not None
    assert push.u.tolist() == [1, 11, 20]
    assert cells.x.tolist() == x


def test_spikes_may_do_nothing_but_that() -> None:
    cells, push = two_and_a_third(model="u : 1 (pre)", on_pre="u += 1", **KEPT)
    run(cells, push)
    assert push.u.tolist() == [1, 1, 0]


@pytest.mark.parametrize("options", [INSTANT, KEPT])
def test_event_driven_variables(options: dict[str, Any]) -> None:
    cells, push = two_and_a_third(
        model="da/dt = -a/(2*ms) : 1 (event-driven)\nw : 1", on_pre="a += w; x_post += a", w=[1.0, 2, 3, 4], **options
    )  # fmt: skip
    cells.go[0] = 0
    net = nb.Network(cells, push, dt=0.1)
    net.run(0.5)  # only the second spikes, at 0, 0.1, ... 0.4 ms
    decays = np.exp(-np.arange(5) * 0.1 / 2)
    a = 3 * decays.sum() * np.exp(-0.1 / 2)  # now is one step later
    assert push.a == pytest.approx([0, 0, a, a * 4 / 3])
    sums = 3 * np.cumsum(decays).sum()
    assert cells.x == pytest.approx([sums, 0, sums * 4 / 3])
    cells.go[0] = 1
    before = push.a.copy()
    net.step()  # both, at 0.5 ms
    late = options is KEPT
    assert push.a * np.exp(0.1 / 2) == pytest.approx(before + np.array([late, 2, 3 * late, 4]))


def test_synapses_that_go_before_the_reset_take_what_is_kept_with_them() -> None:
    for change, expected in (
        (lambda s: s.remove("i == 0"), [3, 0, 15]),
        (lambda s: s.rewire("i == 1", j=1), [0, 1, 15]),
        (lambda s: s.connect(([2, 2], [0, 1])), [3, 1, 15]),
    ):
        cells, push = two_and_a_third(model="w = 1 : 1", on_pre="v_post += w", w=[1.0, 2, 3, 4], **KEPT)

        def behind_the_cascade() -> None:
            change(push)

        cells.at("threshold", behind_the_cascade)
        run(cells, push)
        assert cells.v.tolist() == expected


def test_synapses_may_come_in_the_middle_of_a_cascade() -> None:
    def grow(post: Any, v_post: Any) -> None:
        np.add.at(v_post, post, 2.0)
        if push.size == 1:
            push.connect(([1, 2], [2, 3]))

    cells = nb.Neurons(4, "v : 1", threshold="v > 1", reset="v = 0")
    cells.v[0] = 2
    push = nb.Synapses(cells, on_pre=grow, connect=([0], [1]), **KEPT)
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, push, spikes, dt=0.1)
    net.step()
    first = spikes.i.tolist()
    cells.v[0] = 2
    net.step()
    assert first == [0, 1]
    assert spikes.i[2:].tolist() == [0, 1, 2, 3]


def test_custom_events_come_after_the_cascade() -> None:
    source = at_steps({1: [0]}, 1)
    cells = nb.Neurons(
        2, "v : 1\nx : 1", threshold="v > 1", reset="v = 0", events={"high": "v > 1.5"}, on_event={"high": "x = v"}
    )  # fmt: skip
    first = nb.Synapses(source, cells, on_pre="v += 2", connect="j == 0", **INSTANT)
    push = nb.Synapses(cells, on_pre="v_post += 1.75", connect="i != j", **KEPT)
    high = nb.Monitor(cells, "high")
    run(source, cells, first, push, high, steps=3)
    assert high.i.tolist() == [0, 1, 0, 1]  # and again: the first got 1.75 back after its reset
    assert np.rint(high.t / 0.1).tolist() == [1, 1, 2, 2]
    assert cells.x.tolist() == [1.75, 0]  # the reset, then what was kept, then the event


# ---- any network ---------------------------------------------------------------------------------


class Loop:
    """The same in plain Python, neuron by neuron and event by event; numbers are exact in binary."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.sizes = rng.integers(3, 9, 2).tolist()
        self.periods = rng.choice([0, 2, 5], 2).tolist()  # steps
        self.v = [rng.integers(-8, 24, n) / 8 for n in self.sizes]
        self.drive = [rng.integers(0, 6, n) / 1.0 for n in self.sizes]
        self.synapses = []  # source, target, i, j, w, how
        for how in ("lost", "kept", "lost", "kept", "plain"):
            s, t = rng.integers(0, 2, 2).tolist()
            pairs = [
                (i, j) for i in range(self.sizes[s]) for j in range(self.sizes[t]) if rng.random() < 0.3
            ]
            i, j = np.array(pairs or [(0, 0)]).T
            self.synapses.append((s, t, i, j, rng.integers(-4, 9, i.size) / 8, how))
        self.free_from = [np.zeros(n, dtype=int) for n in self.sizes]
        self.spikes: list[list[tuple[int, int]]] = [[], []]
        self.posts = [np.zeros(len(s[2])) for s in self.synapses]
        self.events = [np.zeros(len(s[2])) for s in self.synapses]

    def step(self, step: int, dt: float) -> None:
        fired: list[list[int]] = [[], []]
        for g, n in enumerate(self.sizes):
            for k in range(n):
                if step >= self.free_from[g][k]:
                    self.v[g][k] += dt * self.drive[g][k]
        late = []
        new = [self.above(g, step, fired[g]) for g in (0, 1)]
        while new[0] or new[1]:
            for g in (0, 1):
                fired[g] += new[g]
                for k in new[g]:
                    self.free_from[g][k] = step + self.periods[g]
            for number, (s, t, i, j, _, how) in enumerate(self.synapses):
                for k in sorted(new[s]) if how != "plain" else []:
                    for e in np.flatnonzero(i == k):
                        if j[e] not in fired[t]:
                            self.act(number, e, step)
                        elif how == "kept":
                            late.append((number, e))
            new = [self.above(g, step, fired[g]) for g in (0, 1)]
        for g in (0, 1):
            self.spikes[g] += [(step, k) for k in sorted(fired[g])]
        for number, (s, t, i, j, _, how) in enumerate(self.synapses):
            for k in sorted(fired[s]) if how == "plain" else []:
                for e in np.flatnonzero(i == k):
                    self.act(number, e, step)
            self.posts[number] += np.isin(j, fired[t])
        for g in (0, 1):
            self.v[g][fired[g]] = 0
        for number, e in late:
            self.act(number, e, step)

    def act(self, number: int, e: int, step: int) -> None:
        _, t, _, j, w, _ = self.synapses[number]
        self.events[number][e] += 1
        if step >= self.free_from[t][j[e]] or not self.periods[t]:
            self.v[t][j[e]] += w[e]

    def above(self, g: int, step: int, fired: list[int]) -> list[int]:
        free = self.free_from[g] <= step
        return [int(k) for k in np.flatnonzero((self.v[g] > 3) & free) if k not in fired]


@pytest.mark.parametrize("seed", range(40))
def test_any_network_does_what_a_loop_over_events_does(seed: int) -> None:
    rng, dt, steps = np.random.default_rng(seed), 0.125, 60
    loop = Loop(rng)
    groups = [
        nb.Neurons(
            n, "dv/dt = drive/ms : 1 (unless refractory)\ndrive : 1", threshold="v > 3", reset="v = 0", drive=drive,
            method="euler", initial={"v": v}, **({"refractory": period * dt} if period else {}),
        )
        for n, drive, v, period in zip(loop.sizes, loop.drive, loop.v, loop.periods, strict=True)
    ]  # fmt: skip
    synapses = [
        nb.Synapses(
            groups[s], groups[t], "w : 1\nposts : 1\nevents : 1", w=w, connect=(i, j),
            on_pre="v_post += w; events += 1", on_post="posts += 1",
            **{"lost": INSTANT, "kept": KEPT, "plain": {}}[how],
        )
        for s, t, i, j, w, how in loop.synapses
    ]  # fmt: skip
    spikes = [nb.Monitor(group, "spikes") for group in groups]
    nb.Network(groups, synapses, spikes, dt=dt).run(steps * dt)
    for step in range(steps):
        loop.step(step, dt)
    for monitor, expected in zip(spikes, loop.spikes, strict=True):
        assert (
            list(zip(np.rint(monitor.t / dt).astype(int).tolist(), monitor.i.tolist(), strict=True))
            == expected
        )
    assert len(loop.spikes[0]) + len(loop.spikes[1]) > 20
    for g in (0, 1):
        assert groups[g].v.tolist() == loop.v[g].tolist()
    for s, events, posts in zip(synapses, loop.events, loop.posts, strict=True):
        assert s.events.tolist() == events.tolist()
        assert s.posts.tolist() == posts.tolist()


# ---- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"delivery": "now"}, "'delivery' of 'gap' is 'instant' (got 'now')"),
        ({"delivery": "instnat"}, "did you mean 'instant'?"),
        ({"delivery": 3}, "(got 3)"),
        ({"delivery": "instant", "coincident": "keep"}, "'coincident' of 'gap' is 'lost' or 'kept' (got 'keep')"),
        ({"coincident": "kept"}, "'gap' has coincident='kept', but no instant delivery"),
        ({"delivery": "instant", "delay": "1 ms"}, "'gap' has instant delivery, and a delay of 1 ms"),
        ({"delivery": "instant", "on_pre": None, "on_post": "v_pre += 1"}, "no on_pre: there is nothing to deliver"),
    ],
)  # fmt: skip
def test_mistakes(options: dict[str, Any], says: str) -> None:
    cells = nb.Neurons(1, "v : 1", threshold="v > 1")
    with pytest.raises(nb.ArgumentError) as caught:
        nb.Synapses(cells, **{"on_pre": "v_post += 1", "connect": "all_to_all", "name": "gap", **options})
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"delay": {"up": "0.5 ms"}}, "instant delivery, and a delay of up of 0.5 ms"),
        ({"delay": [0.0, 2.0]}, "instant delivery, and a delay of 2 ms"),
        ({"delay": "i*1*ms"}, "instant delivery, and a delay of 1 ms"),
        ({"dendritic_delay": "1 ms"}, "instant delivery, and a dendritic delay"),
        ({"dendritic_delay": 0}, "instant delivery, and a dendritic delay"),
        ({"on_event": {"up": "low"}}, "which is for spikes, but up is for the event 'low'"),
    ],
)
def test_mistakes_with_pathways(options: dict[str, Any], says: str) -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1", events={"low": "v < 0"})
    with pytest.raises(nb.ArgumentError) as caught:
        nb.Synapses(
            cells,
            on_pre={"up": "v_post += 1"},
            on_post="v_pre += 1",
            connect="i != j",
            **INSTANT,
            **options,
        )
    assert says in str(caught.value)


def test_a_delay_cannot_come_later() -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v > 1")
    push = nb.Synapses(
        cells, on_pre="v_post += 1", on_post="v_pre += 1", connect="i != j", name="gap", **INSTANT,
        delay={"on_post": "0.3 ms"},
    )  # fmt: skip
    for value in (1, "1 ms", [0, 1]):
        with pytest.raises(nb.ArgumentError, match="'gap' has instant delivery, and a delay of 1 ms"):
            push.delay = value
        assert np.all(push.delay == 0)
    push.delay = 0
    push.pathways["on_post"].delay = "0.4 ms"
    net = nb.Network(cells, push, dt=0.1)
    net.run(0.1)
    with pytest.raises(nb.ArgumentError, match="'gap' has instant delivery, and a delay of 2 ms"):
        push.delay[1] = 2
    assert np.all(push.delay == 0)
    np.asarray(push.delay)[1] = 2  # nobody notices at once
    with pytest.raises(nb.ArgumentError, match="'gap' has instant delivery, and a delay of 2 ms"):
        net.run(0.1)


def test_the_other_side_has_delays_as_always() -> None:
    cells, push = two_and_a_third(
        model="n : 1", on_pre="v_post += 1", on_post="n += 1", delay={"on_post": "0.2 ms"}, **INSTANT
    )  # fmt: skip
    seen = nb.Monitor(push, "n")
    cells.at("end", "go = 0")
    run(cells, push, seen, steps=5)
    assert seen.n[:, 0].tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("side", ["source", "target"])
def test_not_with_spikes_between_steps(side: str) -> None:
    fine = nb.Neurons(1, "v : 1", threshold="v > 1", name="fine")
    between = nb.Neurons(
        1, "dv/dt = 1/ms : 1", threshold="v > 1", reset="v = 0", spike_times="interpolated", name="between"
    )
    groups = (between, fine[:]) if side == "source" else (fine, between[:])
    with pytest.raises(
        nb.ArgumentError, match=f"the spikes of its {side} lie between time steps"
    ) as caught:
        nb.Synapses(*groups, on_pre="v_post += 1", connect="all_to_all", delivery="instant")
    assert "make 'between' without spike_times" in str(caught.value)


def test_delay_of_nothing_is_fine() -> None:
    cells = nb.Neurons(1, "v : 1", threshold="v > 1")
    for delay in (None, 0, "0 ms"):
        assert (
            nb.Synapses(cells, on_pre="v_post += 1", connect="all_to_all", delay=delay, **INSTANT).delay
            == 0
        )
