"""The slow loop itself, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import pytest

from .reference import Doubt, Group, Item, Linear, Neuron, Pathway, Projection, World

DT = 0.1


def group(n: int, method: str = "exact", tau: float = 2.0, **more: Any) -> Group:
    """Leaky neurons dv/dt = (p - v)/tau; `at` on a neuron lets it spike in those steps."""
    neurons = [Neuron(v=0.0, u=0.0, p=0.0, I=0.0) for _ in range(n)]
    return Group(
        neurons,
        ("v",),
        [[-1 / tau]],
        lambda c: ((c.p + c.I) / tau,),
        lambda c: setattr(c, "v", 0.0),
        method,
        **more,
    )


class Given(Group):
    """Neurons that spike in given steps."""

    times: dict[int, list[int]]

    def detect(self, step: int) -> None:
        self.fired = self.times.get(step, [])
        self.spikes += [(step, k) for k in self.fired]


def given(n: int, times: dict[int, list[int]]) -> Group:
    made = Given(
        [Neuron(v=0.0, u=0.0) for _ in range(n)], ("v",), [[0.0]], lambda c: (0.0,), lambda c: None
    )
    made.times = times
    return made


def add(s: Neuron, y: Item, t: Neuron) -> None:
    t.put(v=t.v + y.w)


@pytest.mark.parametrize(("method", "factor"), [("exact", math.exp(-0.05)), ("euler", 0.95)])
def test_a_neuron_decays_and_an_event_adds_after_its_delay(method: str, factor: float) -> None:
    source, target = given(1, {2: [0]}), group(1, method)
    y = Projection(source, target, [(0, 0)], [Item(w=0.5)], [Pathway("pre", add, [3])])
    World([source, target], [y]).run(12)
    assert [row[0][0] for row in target.trace] == pytest.approx(
        [0.0] * 6 + [0.5 * factor**k for k in range(6)]
    )


def test_a_driven_neuron_fires_as_its_closed_form_says() -> None:
    cells = group(1)
    cells.neurons[0].p = 1.5
    World([cells], []).run(200)
    steps = math.floor(2.0 * math.log(1.5 / 0.5) / DT) + 1  # updates until v > 1
    assert [step for step, _ in cells.spikes] == [k * steps - 1 for k in range(1, 200 // steps + 1)]


@pytest.mark.parametrize("late", [0, 4])
def test_a_pair_of_spikes_changes_the_weight_by_an_exponential(late: int) -> None:
    source, target = given(1, {5: [0]}), given(1, {30: [0]})
    traces = Linear(("a",), lambda y: [[-1 / 3.0]], lambda s, y, t: (0.0,))
    ways = [
        Pathway("pre", lambda s, y, t: y.put(a=y.a + 1), [late]),
        Pathway("post", lambda s, y, t: y.put(w=y.w + y.a), [0]),
    ]
    y = Projection(source, target, [(0, 0)], [Item(w=0.25, a=0.5)], ways, traces)
    World([source, target], [y]).run(40)
    expected = 0.5 * math.exp(-3.0 / 3) + math.exp(-(2.5 - late * DT) / 3)
    assert y.synapses[0].w == pytest.approx(0.25 + expected)
    assert y.synapses[0].lastupdate == pytest.approx(3.0)


def test_equal_time_constants_give_an_alpha_function() -> None:
    source, target = given(1, {0: [0]}), given(1, {})
    traces = Linear(("a", "b"), lambda y: [[-0.5, 0.5], [0.0, -0.5]], lambda s, y, t: (0.0, 0.0))
    y = Projection(
        source,
        target,
        [(0, 0)],
        [Item(a=0.0, b=0.0)],
        [Pathway("pre", lambda s, y, t: y.put(b=1.0), [0])],
        traces,
    )
    world = World([source, target], [y])
    world.run(30)
    world.bring_traces()
    assert y.synapses[0].a == pytest.approx(0.5 * 3.0 * math.exp(-1.5))


def test_saturating_events_act_one_after_the_other() -> None:
    source, target = given(3, {0: [0, 1, 2]}), group(1)
    act = lambda s, y, t: t.put(v=t.v + y.w * (1 - t.v))  # noqa: E731
    y = Projection(
        source,
        target,
        [(k, 0) for k in range(3)],
        [Item(w=0.5) for _ in range(3)],
        [Pathway("pre", act, [0] * 3)],
    )
    World([source, target], [y]).run(1)
    assert target.neurons[0].v == 0.875


def test_a_gap_junction_equalizes() -> None:
    """d(v1 - v2)/dt = -(1 + 2 g)(v1 - v2)/tau, and Euler's factor for it."""
    cells = group(2, "euler")
    cells.neurons[0].v = 0.8
    sums = [("post", "I", lambda s, y, t: 0.3 * (s.v - t.v))]
    y = Projection(
        cells, cells, [(0, 1), (1, 0)], [Item(), Item()], [], None, None, sums, {"post": range(2)}
    )
    World([cells], [y]).run(20)
    one, two = (c.v for c in cells.neurons)
    assert one - two == pytest.approx(0.8 * (1 - 1.6 * DT / 2) ** 20)
    assert one + two == pytest.approx(0.8 * (1 - DT / 2) ** 20)


def test_a_filter_with_the_clock_follows_its_input() -> None:
    """The synapse sees the neuron of the end of the step: x_k = sum of e^(-(k-m) dt) (1 - e^-dt) v_m."""
    source = given(1, {})
    source.rates = [[-0.5]]
    source.neurons[0].v = 1.0
    clocked = Linear(("x",), lambda y: [[-1.0]], lambda s, y, t: (s.v,))
    y = Projection(source, source, [(0, 0)], [Item(x=0.0)], [], None, clocked)
    World([source], [y]).run(10)
    terms = [math.exp(-(10 - m) * DT) * (1 - math.exp(-DT)) * math.exp(-0.5 * m * DT) for m in range(1, 11)]
    assert y.synapses[0].x == pytest.approx(sum(terms))


def test_what_travels_along_the_dendrite_has_the_value_of_when_it_left() -> None:
    source, target = given(1, {0: [0]}), group(1, tau=1e12)
    way = Pathway("pre", lambda s, y, t: None, [2])
    y = Projection(source, target, [(0, 0)], [Item(w=0.5)], [way])
    world = World([source, target], [y])
    way.act = lambda s, y, t: (world.later(3, t, v=y.w), y.put(w=0.0))
    world.run(9)
    assert [row[0][0] for row in target.trace] == pytest.approx([0] * 6 + [0.5] * 3)


def test_refractory_neurons_do_not_listen() -> None:
    source = given(1, {k: [0] for k in range(12)})
    cells = group(1, tau=1e12, stays=lambda c, step: step < c.until, period=lambda c: 4, held=True)
    y = Projection(source, cells, [(0, 0)], [Item(w=0.75)], [Pathway("pre", add, [0])])
    World([source, cells], [y]).run(12)
    assert cells.spikes == [(2, 0), (8, 0)]
    assert [row[0][0] for row in cells.trace] == pytest.approx(
        [0, 0.75, 1.5, 0, 0, 0, 0, 0.75, 1.5, 0, 0, 0]
    )


def test_a_close_comparison_is_a_doubt() -> None:
    cells = group(1)
    cells.neurons[0].v = cells.neurons[0].p = 1.0
    with pytest.raises(Doubt):
        World([cells], []).run(1)
