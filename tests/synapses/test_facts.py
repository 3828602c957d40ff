"""Single facts about synapses: who acts when, in which order, and what is shielded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

DT = 0.1


def at_steps(steps: dict[int, list[int]], n: int, equations: str = "x : 1") -> nb.Neurons:
    """`n` neurons that spike in given steps: step -> neurons."""
    return nb.Neurons(n, equations, threshold=lambda t: np.array(steps.get(round(t / DT), []), dtype=int))


def run(*objects: Any, steps: int = 1) -> nb.Network:
    net = nb.Network(*objects, dt=DT)
    net.run(steps * DT)
    return net


# ---- several events at one target ----------------------------------------------------------------------

# Three synapses with w = 0.5 reach one target at once: v = 0, u = 2 before; what v and u become.
TOGETHER = {
    "v_post += w": (1.5, 2),
    "v_post += w*(1 - v_post)": (0.875, 2),
    "v_post = v_post + w - w*v_post": (0.875, 2),
    "v_post += w; v_post *= 0.5": ((((0.5 * 0.5) + 0.5) * 0.5 + 0.5) * 0.5, 2),
    "v_post *= 0.5; v_post += w": (0.5 * (0.5 * 0.5 + 0.5) + 0.5, 2),
    "v_post += w; u_post += v_post": (1.5, 2 + 0.5 + 1 + 1.5),
    "u_post += v_post; v_post += w": (1.5, 2 + 0 + 0.5 + 1),
    "r = w*u_post; u_post -= r; v_post += r": (2 - 0.25, 0.25),
}


@pytest.mark.parametrize("delay", [0, 0.3, [0.2, 0.2, 0.2], [0.1, 0.4, 0.7]])
@pytest.mark.parametrize("text", TOGETHER)
def test_events_act_as_if_synapse_by_synapse(text: str, delay: Any) -> None:
    source, target = at_steps({0: [0, 1, 2]}, 3), nb.Neurons(1, "v : 1\nu = 2 : 1")
    run(
        source,
        target,
        nb.Synapses(source, target, "w = 0.5 : 1", on_pre=text, connect="all_to_all", delay=delay),
        steps=9,
    )
    assert (target.v[0], target.u[0]) == TOGETHER[text]


def test_spikes_of_different_age_that_arrive_together_act_in_the_order_in_which_they_were_sent() -> None:
    source, target = at_steps({0: [1], 1: [0], 2: [2]}, 3), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(
        source,
        target,
        "w : 1",
        on_pre="v_post = 10*v_post + w",
        connect="all_to_all",
        w=[1, 2, 3],
        delay=[0.3, 0.4, 0.2],
    )
    run(source, target, synapses, steps=6)
    assert target.v.tolist() == [213.0]  # sent in step 0, 1 and 2; all arrive in step 4


def test_spikes_sent_together_act_by_neuron_and_then_in_creation_order() -> None:
    source, target = at_steps({0: [0, 1]}, 2), nb.Neurons(1, "v : 1")
    synapses = nb.Synapses(source, target, "w : 1", on_pre="v_post = 10*v_post + w", connect=([1, 0, 1, 0, 1], [0] * 5),
                           w=[1, 2, 3, 4, 5], delay=np.array([1, 1, 2, 1, 1]) * DT)  # fmt: skip
    run(source, target, synapses, steps=4)
    assert target.v.tolist() == [24153.0]


def recurrent(text: str, i: list[int], j: list[int]) -> tuple[list[float], list[float]]:
    """u of three neurons of one group, all of which spike at once, and what one synapse after the other gives."""
    cells = nb.Neurons(3, "u = 1 : 1", threshold="t < 0.05*ms")
    synapses = nb.Synapses(cells, cells, "w = 0.5 : 1", on_pre=text, connect=(i, j))
    run(cells, synapses)
    u = [1.0] * 3
    for k in sorted(range(len(i)), key=i.__getitem__):  # by source
        RECURRENT[text](u, i[k], j[k])
    return cells.u.tolist(), u


# One variable under two names, and both are written: nothing adds up in bulk.
RECURRENT: dict[str, Any] = {
    "u_pre = 0.5*u_pre + w; u_post += 0.25*u_pre": lambda u, a, b: (
        u.__setitem__(a, 0.5 * u[a] + 0.5), u.__setitem__(b, u[b] + 0.25 * u[a]),
    ),
    "u_post += 0.25*u_pre; u_pre = 0.5*u_pre + w": lambda u, a, b: (
        u.__setitem__(b, u[b] + 0.25 * u[a]), u.__setitem__(a, 0.5 * u[a] + 0.5),
    ),
    "u_pre = 0.5*u_pre + w; u_post = u_post + 0.25*u_pre": lambda u, a, b: (
        u.__setitem__(a, 0.5 * u[a] + 0.5), u.__setitem__(b, u[b] + 0.25 * u[a]),
    ),
    "u_pre -= w; u_post += w": lambda u, a, b: (u.__setitem__(a, u[a] - 0.5), u.__setitem__(b, u[b] + 0.5)),
    "u_post = 0.5*u_pre": lambda u, a, b: u.__setitem__(b, 0.5 * u[a]),
}  # fmt: skip


@pytest.mark.parametrize(
    "ends", [([0, 1, 2, 0], [1, 2, 0, 2]), ([1], [1]), ([0, 1, 2, 0, 1, 2], [0, 2, 0, 2, 1, 2])], ids=str
)
@pytest.mark.parametrize("text", RECURRENT)
def test_source_and_target_are_one_group(text: str, ends: tuple[list[int], list[int]]) -> None:
    """The last two have synapses of a neuron with itself."""
    found, expected = recurrent(text, *ends)
    assert found == expected


@pytest.mark.parametrize("delay", [0, 0.2, [0.1, 0.2, 0.1], [0.0, 0.3, 0.3]])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("g += w*p_pre", lambda i, j, w: w * (3 + i)),
        ("g += p_pre", lambda i, j, w: 3 + i),
        ("g += q_post", lambda i, j, w: 5 + j),
        ("g -= w*i", lambda i, j, w: -w * i),
        ("g += w*j + p_pre*q", lambda i, j, w: w * j + (3 + i) * (5 + j)),
        ("g += 1", lambda i, j, w: 1),
    ],
)
def test_what_an_event_adds_may_come_from_anywhere(text: str, value: Any, delay: Any) -> None:
    source, target = at_steps({0: [0, 1, 3]}, 4, "p : 1"), nb.Neurons(3, "g : 1\nq : 1")
    source.p, target.q = [3, 4, 5, 6], [5, 6, 7]
    i, j, w = [1, 1, 2], [1, 0, 2], [0.5, 0.25, 2.0]
    run(
        source,
        target,
        nb.Synapses(source, target, "w : 1", on_pre=text, connect=(i, j), w=w, delay=delay),
        steps=5,
    )
    expected = np.zeros(3)
    for k in (0, 1):  # neuron 2 is silent
        expected[j[k]] += value(i[k], j[k], w[k])
    assert target.g.tolist() == expected.tolist()


# ---- before and after ----------------------------------------------------------------------------------


def test_on_pre_comes_before_on_post() -> None:
    source, target = at_steps({0: [0]}, 1), at_steps({0: [0]}, 1)
    synapses = nb.Synapses(
        source, target, "w = 3 : 1", on_post="w += 1", on_pre="w *= 2", connect="one_to_one"
    )
    run(source, target, synapses)
    assert synapses.w.tolist() == [7.0]


def test_all_on_pre_come_before_all_on_post() -> None:
    cells = at_steps({0: [0]}, 1, "v = 3 : 1")
    first = nb.Synapses(cells, cells, on_pre="v_post *= 2", on_post="v_post -= 1", connect="one_to_one")
    second = nb.Synapses(cells, cells, on_pre="v_post *= 3", on_post="v_post *= 10", connect="one_to_one")
    run(cells, first, second)
    assert cells.v.tolist() == [(3 * 2 * 3 - 1) * 10.0]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("late", "early")])
def test_pathways_act_in_the_order_of_definition(names: tuple[str, str]) -> None:
    source, target = at_steps({0: [0]}, 1), at_steps({0: [0]}, 1)
    one, two = names
    synapses = nb.Synapses(
        source, target, "w = 3 : 1", on_pre={one: "w *= 2", two: "w += 1"}, on_post={"z": "w *= 10", "c": "w -= 2"},
        connect="one_to_one",
    )  # fmt: skip
    run(source, target, synapses)
    assert synapses.w.tolist() == [(3 * 2 + 1) * 10 - 2.0]
    assert list(synapses.pathways) == [one, two, "z", "c"]


def test_what_arrives_in_the_step_of_a_spike_is_lost_in_the_reset() -> None:
    source = at_steps({3: [0], 4: [0]}, 1)
    target = nb.Neurons(1, "v : 1\nu : 1", threshold="v > 0.5", reset="v = 0", name="target")
    target.v = 0
    up = nb.Synapses(source, target, on_pre="v += 1; u += 1", connect="one_to_one")
    spikes = nb.Monitor(target, "spikes")
    run(source, target, up, spikes, steps=8)
    assert np.rint(spikes.t / DT).tolist() == [4]  # one step after the first; the second is lost
    assert (target.v[0], target.u[0]) == (0.0, 2.0)


# ---- refractory neurons --------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["pre", "post"])
def test_refractory_neurons_are_shielded_from_spike_to_end(side: str) -> None:
    held = nb.Neurons(
        1, "dv/dt = 0/ms : 1 (unless refractory)\nu : 1", threshold="t > 0.25*ms and t < 0.35*ms", reset="v = 0",
        refractory="0.5 ms",
    )  # fmt: skip
    every = at_steps({k: [0] for k in range(20)}, 1)
    ends = (every, held) if side == "post" else (held, every)
    text = {f"on_{'pre' if side == 'post' else 'post'}": f"v_{side} += 1; u_{side} += v_{side}"}
    synapses = nb.Synapses(*ends, connect="one_to_one", **text)
    seen = nb.Monitor(held, "v, u")
    run(held, every, synapses, seen, steps=12)
    # spikes in step 3: writes of steps 3 to 7 are lost, that of step 8 counts; u is not shielded and sees v as it is
    v = [0, 1, 2, 3, 0, 0, 0, 0, 0, 1, 2, 3]
    assert seen.v[:, 0].tolist() == v
    # in step 3 v is 3, as the reset comes last
    assert seen.u[:, 0].tolist() == [0, 1, 3, 6, 9, 9, 9, 9, 9, 10, 12, 15]


@pytest.mark.parametrize(
    ("text", "values"), [("v_post += w", [0, 3, 6]), ("v_post = 2*v_post + w", [0, 4, 8])]
)
def test_only_the_refractory_targets_are_shielded(text: str, values: list[float]) -> None:
    source = at_steps({2: [0, 1]}, 2)
    target = nb.Neurons(
        3, "dv/dt = 0/ms : 1 (unless refractory)", threshold="v > 50", reset="v = 0", refractory="0.4 ms"
    )
    target.v = [60, 0, 0]
    synapses = nb.Synapses(source, target, "w : 1", on_pre=text, connect="all_to_all", w=[1, 1, 2, 2, 2, 4])
    run(source, target, synapses, steps=4)
    assert target.v.tolist() == values


# ---- delays ----------------------------------------------------------------------------------------------


def arrivals(synapses_delay: Any, n: int = 1, steps: int = 40, dt: float = DT) -> list[int]:
    """The step in which each of n synapses acts, for a spike in step 0."""
    source = nb.Neurons(n, "x : 1", threshold="t < 0.01*ms")
    synapses = nb.Synapses(
        source, source, "when = -1 : 1", on_pre="when = t/ms", connect="one_to_one", delay=synapses_delay
    )
    nb.Network(source, synapses, dt=dt).run(steps * dt)
    return np.rint(synapses.when / dt).astype(int).tolist()


DELAYS = {
    "number": (0.3, [3, 3, 3, 3]), "text": ("0.7 ms", [7, 7, 7, 7]), "nothing": (None, [0, 0, 0, 0]), "zero": (0, [0, 0, 0, 0]),
    "array": (np.array([0.0, 0.1, 2.0, 0.5]), [0, 1, 20, 5]), "equal": ([0.4, 0.4, 0.4, 0.4], [4, 4, 4, 4]),
    "expression": ("0.1*ms + 0.2*ms*i", [1, 3, 5, 7]), "expression of both": ("0.1*ms*(i + j)", [0, 2, 4, 6]),
    "dictionary": ({"on_pre": [0.3, 0.2, 0.1, 0.0]}, [3, 2, 1, 0]), "rounded": ([0.04, 0.06, 0.14, 0.16], [0, 1, 1, 2]),
    "nearly": ([0.3 - 1e-12, 0.3 + 1e-12, 0.1 + 0.2, 0.7 / 7 * 3], [3, 3, 3, 3]), "long": ([1.96, 2.04, 3.0, 0.0], [20, 20, 30, 0]),
}  # fmt: skip


@pytest.mark.parametrize("what", DELAYS)
def test_every_synapse_acts_after_its_delay(what: str) -> None:
    delay, steps = DELAYS[what]
    assert arrivals(delay, 4) == steps


def test_delays_are_rounded_for_the_time_step_in_use() -> None:
    assert arrivals([0.0, 0.2, 0.3, 0.55], 4, dt=0.25) == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "delay", [-0.1, [0.1, -0.1], {"on_pre": [0.1, -1]}, {"elsewhere": 1}, "1*mV", [1.0, 2.0, 3.0]]
)
def test_delays_that_cannot_be(delay: Any) -> None:
    with pytest.raises(nb.NumpyBrainError):
        arrivals(delay, 2)


def test_pathways_have_their_own_delays() -> None:
    source, target = at_steps({0: [0, 1]}, 2), at_steps({0: [0, 1]}, 2)
    synapses = nb.Synapses(
        source, target, "a : 1\nb : 1\nc : 1\nd : 1", on_pre={"up": "a = t/ms", "down": "b = t/ms"},
        on_post={"back": "c = t/ms", "there": "d = t/ms"}, connect="one_to_one",
        delay={"up": 0.2, "down": [0.3, 0.9], "there": [0.1, 0.4]},
    )  # fmt: skip
    run(source, target, synapses, steps=12)
    found = [np.rint(getattr(synapses, name) / DT).tolist() for name in "abcd"]
    assert found == [[2, 2], [3, 9], [0, 0], [1, 4]]
    assert {name: np.broadcast_to(way.delay, 2).tolist() for name, way in synapses.pathways.items()} == {
        "up": [0.2, 0.2], "down": [0.3, 0.9], "back": [0, 0], "there": [0.1, 0.4],
    }  # fmt: skip


def test_a_plain_delay_is_for_all_that_on_pre_does() -> None:
    source, target = at_steps({0: [0]}, 1), at_steps({0: [0]}, 1)
    synapses = nb.Synapses(
        source, target, "a : 1\nb : 1\nc : 1", on_pre={"up": "a = t/ms", "down": "b = t/ms"}, on_post="c = 1 + t/ms",
        connect="one_to_one", delay=0.3,
    )  # fmt: skip
    run(source, target, synapses, steps=5)
    assert [float(getattr(synapses, name)[0]) for name in "abc"] == pytest.approx([0.3, 0.3, 1])


def changes(
    delay: Any, change: Any, *, steps: dict[int, list[int]], when: int, total: int = 14
) -> list[list[int]]:
    """For two synapses, the steps in which g of their target grew; the delay changes before step `when`."""
    source, target = at_steps(steps, 2), nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(source, target, on_pre="g += 1", connect="one_to_one", delay=delay)
    seen = nb.Monitor(target, "g")
    net = nb.Network(source, target, synapses, seen, dt=DT)
    net.run(when * DT)
    change(synapses)
    net.run((total - when) * DT)
    grown = np.diff(np.vstack((seen.g, target.g)), axis=0)
    return [np.repeat(np.arange(total), grown[:, k].astype(int)).tolist() for k in range(2)]


def assign(value: Any) -> Any:
    return lambda synapses: setattr(synapses, "delay", value)


def put(which: Any, value: Any) -> Any:
    return lambda synapses: synapses.delay.__setitem__(which, value)


CHANGES = {
    # spikes in steps 0 and 4 of both; those under way keep their arrival
    "shorter": (0.6, assign(0.2), [[6, 6], [6, 6]]), "longer": (0.2, assign(0.8), [[2, 12], [2, 12]]),
    "text": (0.6, assign("0.1 ms"), [[5, 6], [5, 6]]), "to zero": (0.6, assign(0), [[4, 6], [4, 6]]),
    "one to each": (0.6, assign([0.1, 0.9]), [[5, 6], [6, 13]]), "each to one": ([0.6, 0.1], assign(0.3), [[6, 7], [1, 7]]),
    "each": ([0.6, 0.7], assign([0.0, 0.1]), [[4, 6], [5, 7]]), "one of them": ([0.6, 0.7], put(1, 0.1), [[6, 10], [5, 7]]),
    "all of them": ([0.6, 0.7], put(slice(None), 0.3), [[6, 7], [7, 7]]),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_delays_change_between_runs_and_spikes_under_way_do_not_notice(what: str) -> None:
    delay, change, expected = CHANGES[what]
    assert changes(delay, change, steps={0: [0, 1], 4: [0, 1]}, when=3) == expected


@pytest.mark.parametrize("delay", [0.5, [0.5, 0.5], [0.5, 0.4]])
def test_spikes_under_way_find_the_weights_of_when_they_arrive(delay: Any) -> None:
    source, target = at_steps({0: [0, 1], 3: [0, 1]}, 2), nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(source, target, "w = 1 : 1", on_pre="g += w", connect="one_to_one", delay=delay)
    net = run(source, target, synapses, steps=2)
    synapses.w = [10, 20]
    net.run(0.5)
    assert target.g.tolist() == [10, 20]
    synapses.w[:] = 300
    net.run(1.0)
    assert target.g.tolist() == [310, 320]


def test_delays_change_within_a_run() -> None:
    source, target = at_steps({0: [0, 1], 4: [0, 1], 8: [0, 1]}, 2), nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(source, target, on_pre="g += 1", connect="one_to_one", delay=[0.6, 0.2])
    seen = nb.Monitor(target, "g")

    @synapses.at("start")
    def change(t: float) -> None:
        if round(t / DT) == 4:
            synapses.delay[0] = 0.1
        if round(t / DT) == 8:
            synapses.delay = [0.0, 0.4]

    run(source, target, synapses, seen, steps=15)
    grown = np.diff(seen.g, axis=0)
    assert [np.repeat(np.arange(14), grown[:, k].astype(int)).tolist() for k in range(2)] == [
        [5, 6, 8],
        [2, 6, 12],
    ]


def test_delays_are_read_in_ms_and_written_in_place() -> None:
    source = nb.Neurons(2, "x : 1")
    one = nb.Synapses(source, source, on_pre="x += 1", connect="one_to_one", delay="2 ms")
    each = nb.Synapses(source, source, on_pre="x += 1", connect="one_to_one", delay=[0.5, 1.5])
    assert np.broadcast_to(one.delay, 2).tolist() == [2.0, 2.0]
    assert each.delay.tolist() == [0.5, 1.5]
    each.delay[1] = 3
    assert each.delay.tolist() == [0.5, 3.0]
    each.delay = "0.1*ms*(1 + i)"
    assert each.delay.tolist() == pytest.approx([0.1, 0.2])


# ---- parts of groups -----------------------------------------------------------------------------------


def test_parts_of_groups_with_delays_of_their_own() -> None:
    source, target = at_steps({0: [1, 3, 4, 6]}, 8), at_steps({1: [4, 6, 7]}, 9, "g : 1")
    i, j, steps = [2, 1, 1, 0, 3, 2], [0, 2, 0, 1, 1, 2], [1, 2, 3, 4, 5, 0]
    synapses = nb.Synapses(
        source[2:6], target[4:7], "w : 1\nn : 1", on_pre="g_post += w; w = t/ms", on_post="n = 1 + t/ms", connect=(i, j),
        w=[1, 2, 4, 8, 16, 32], delay={"on_pre": np.array(steps) * DT, "on_post": np.array(steps[::-1]) * DT},
    )  # fmt: skip
    run(source, target, synapses, steps=9)
    reached = [k for k in range(6) if i[k] + 2 in (1, 3, 4, 6)]
    expected = np.zeros(9)
    for k in reached:
        expected[j[k] + 4] += 2**k
    assert target.g.tolist() == expected.tolist()
    w = [steps[k] * DT if k in reached else 2.0**k for k in range(6)]
    n = [1 + (1 + steps[5 - k]) * DT if j[k] + 4 in (4, 6, 7) else 0 for k in range(6)]
    assert synapses.w.tolist() == pytest.approx(w)
    assert synapses.n.tolist() == pytest.approx(n)
