"""Variables of synapses: traces between events, equations with the clock, one value for each neuron, sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import UnknownNameError

from .test_facts import DT, at_steps, run

# ---- traces ------------------------------------------------------------------------------------------

STDP = """
    w = 0.5 : 1
    da/dt = -a/(20*ms) : 1 (event-driven)
    db/dt = -b/(30*ms) : 1 (event-driven)
"""


@pytest.mark.parametrize("late", [0, 0.7])
@pytest.mark.parametrize("gap", [-12, -1, 0, 1, 12])
def test_a_pair_of_spikes_changes_the_weight_by_an_exponential(gap: int, late: float) -> None:
    source, target = at_steps({20: [0]}, 1), at_steps({20 + gap: [0]}, 1)
    synapses = nb.Synapses(
        source,
        target,
        STDP,
        on_pre="a += 1; w += b",
        on_post="b -= 1; w += a",
        connect="one_to_one",
        delay=late,
    )
    run(source, target, synapses, steps=50)
    interval = (
        gap * DT - late
    )  # from the arrival to the postsynaptic spike; on_pre is first where both meet
    change = math.exp(-interval / 20) if interval > -1e-9 else -math.exp(interval / 30)
    assert synapses.w[0] == pytest.approx(0.5 + change, rel=1e-12)


def test_traces_are_read_as_of_now() -> None:
    source = at_steps({3: [0], 8: [0]}, 1)
    synapses = nb.Synapses(source, source, STDP, on_pre="a += 1", connect="one_to_one")
    seen = nb.Monitor(synapses, "a")
    net = run(source, synapses, seen, steps=20)
    t = np.arange(20) * DT
    expected = np.where(t > 0.35, np.exp(-(t - 0.3) / 20), 0) + np.where(
        t > 0.85, np.exp(-(t - 0.8) / 20), 0
    )
    np.testing.assert_allclose(seen.a[:, 0], expected, rtol=1e-12)
    now = math.exp(-1.7 / 20) + math.exp(-1.2 / 20)
    assert synapses.a[0] == pytest.approx(now, rel=1e-12)
    assert synapses.a[0] == pytest.approx(now, rel=1e-12)  # reading changes nothing
    net.run(10.0)
    assert synapses.a[0] == pytest.approx(now * math.exp(-10 / 20), rel=1e-12)


def test_a_value_given_to_a_trace_holds_from_now_on() -> None:
    source = at_steps({30: [0]}, 1)
    synapses = nb.Synapses(source, source, STDP, on_pre="w = a", connect="one_to_one")
    net = run(source, synapses, steps=20)
    synapses.a = 3.0
    assert synapses.a[0] == 3.0
    net.run(2.0)
    assert synapses.w[0] == pytest.approx(3.0 * math.exp(-1.0 / 20), rel=1e-12)


def test_lastupdate_is_the_time_of_the_last_event() -> None:
    source, target = at_steps({3: [0], 11: [1]}, 3), at_steps({7: [1]}, 3)
    model = "lastgap = -1*ms : ms\ndb/dt = -b/(30*ms) : 1 (event-driven)"
    synapses = nb.Synapses(
        source, target, model, on_pre="lastgap = t - lastupdate", on_post="b += 1", connect="one_to_one"
    )
    run(source, target, synapses, steps=20)
    assert synapses.lastgap[1] == pytest.approx(0.4)
    assert synapses.lastupdate[:2] == pytest.approx([0.3, 1.1])


SYSTEMS: dict[str, tuple[str, Any]] = {
    # one event q += 1 in step 0; p afterwards
    "alpha function": ("dp/dt = (q - p)/(4*ms) : 1 (event-driven)\ndq/dt = -q/(4*ms) : 1 (event-driven)",
                       lambda t: t / 4 * math.exp(-t / 4)),
    "rise and fall": ("dp/dt = (q - p)/(5*ms) : 1 (event-driven)\ndq/dt = -q/(2*ms) : 1 (event-driven)",
                      lambda t: (math.exp(-t / 5) - math.exp(-t / 2)) / (5 / 2 - 1)),
    "rotation": ("dp/dt = q/(3*ms) : 1 (event-driven)\ndq/dt = -p/(3*ms) : 1 (event-driven)", lambda t: math.sin(t / 3)),
    "integral": ("dp/dt = q/(3*ms) : 1 (event-driven)\ndq/dt = 0/ms : 1 (event-driven)", lambda t: t / 3),
    "towards a level": ("dp/dt = (q - p)/(3*ms) : 1 (event-driven)\ndq/dt = (0.5 - q)/second*0 : 1 (event-driven)",
                        lambda t: 1 - math.exp(-t / 3)),
    "given per synapse": ("dp/dt = -p/tau + q/ms : 1 (event-driven)\ndq/dt = -q/(1*ms) : 1 (event-driven)\ntau = 2*ms : ms",
                          lambda t: 2 * (math.exp(-t / 2) - math.exp(-t))),
}  # fmt: skip


@pytest.mark.parametrize("what", SYSTEMS)
def test_linear_systems_are_solved_exactly_between_events(what: str) -> None:
    model, p = SYSTEMS[what]
    source = at_steps({0: [0, 1], 37: [1], 90: [0]}, 2)
    synapses = nb.Synapses(
        source, source, model + "\nwhen : 1", on_pre="when = p; q += int(t < 0.05*ms)", connect="one_to_one"
    )
    run(source, synapses, steps=120)
    assert synapses.when == pytest.approx([p(9.0), p(3.7)], rel=1e-9)
    assert synapses.p == pytest.approx([p(12.0)] * 2, rel=1e-9)


@pytest.mark.parametrize("given", [{"tau": "2 ms"}, {"namespace": {"tau": "2 ms", "unused": 3}}])
@pytest.mark.parametrize("flag", ["event-driven", "clock-driven"])
def test_names_that_equations_leave_open_are_keywords(flag: str, given: dict[str, Any]) -> None:
    source = at_steps({0: [0]}, 1)
    synapses = nb.Synapses(source, source, f"w : 1\ndx/dt = -x/tau : 1 ({flag})", on_pre="x += 1", connect=([0], [0]),
                           method="exact" if flag == "clock-driven" else None, **given)  # fmt: skip
    run(source, synapses, steps=11 if flag == "clock-driven" else 10)
    assert synapses.x[0] == pytest.approx(math.exp(-1.0 / 2))


@pytest.mark.parametrize("given", [{"big": 0.5, "q": 3}, {"namespace": {"big": 0.5, "unused": 3}, "q": 3}])
def test_names_in_values_are_keywords_and_go_before_parameters_of_the_target(given: dict[str, Any]) -> None:
    source = at_steps({0: [0, 1]}, 2)
    target = nb.Neurons(2, "g : 1\nq : 1", initial={"q": 7})
    synapses = nb.Synapses(source, target, "w : 1\nd : 1", on_pre="g += w*q + q_post", w="big*(1 + i)",
                           d="big + w", connect="one_to_one", **given)  # fmt: skip
    run(source, target, synapses, steps=2)
    assert synapses.d == pytest.approx([1.0, 1.5])
    assert target.g == pytest.approx([0.5 * 3 + 7, 1.0 * 3 + 7])


@pytest.mark.parametrize("name", ["g", "v", "y"])
def test_what_statements_assign_to_cannot_be_given(name: str) -> None:
    source, target = at_steps({0: [0]}, 1), nb.Neurons(1, "dv/dt = -v/(5*ms) : 1\ng : 1")
    with pytest.raises(UnknownNameError, match=f"'syn' has no variable '{name}'"):
        nb.Synapses(
            source, target, "w : 1", on_pre="g += w; v += w", connect="all_to_all", name="syn", **{name: 1}
        )


@pytest.mark.parametrize(
    "text", ["a += 0.25*v_pre", "a += v_post", "a += 1", "b += v_pre", "a += w", "w += a"]
)
def test_traces_that_read_each_other_need_no_flags(text: str) -> None:
    """Wherever they are stored, they are what one synapse alone says."""
    source, target = at_steps({0: [0, 1], 4: [1]}, 2, "v = 2 : 1"), nb.Neurons(2, "v = 3 : 1")
    synapses = nb.Synapses(
        source, target, "w = 5 : 1\nda/dt = (b - a)/(4*ms) : 1 (event-driven)\ndb/dt = -b/(4*ms) : 1 (event-driven)",
        on_pre=text, connect="all_to_all",
    )  # fmt: skip
    run(source, target, synapses, steps=10)
    size = {
        "a += 0.25*v_pre": 0.5,
        "a += v_post": 3,
        "a += 1": 1,
        "b += v_pre": 2,
        "a += w": 5,
        "w += a": 0,
    }[text]
    ages = np.array([[1.0], [1.0, 0.6]], dtype=object)
    decay = [sum(math.exp(-t / 4) for t in found) for found in ages]
    alpha = [sum(t / 4 * math.exp(-t / 4) for t in found) for found in ages]
    each = decay if text.startswith("a") else alpha
    assert synapses.a == pytest.approx(size * np.repeat(each, 2))
    assert synapses.b == pytest.approx(size * np.repeat(decay, 2) if text.startswith("b") else np.zeros(4))


# ---- one value for each neuron ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["event-driven, ", "clock-driven, ", ""])
def test_a_spike_acts_once_on_a_variable_of_its_neuron(kind: str) -> None:
    source, target = at_steps({0: [0, 2], 5: [2, 3]}, 4), at_steps({2: [1]}, 2)
    synapses = nb.Synapses(
        source, target, f"w : 1\ndx/dt = -x/(20*ms) : 1 ({kind}pre)\ndy/dt = -y/(10*ms) : 1 ({kind}post)",
        on_pre="x += 1; w += y", on_post="y += 1; w += 100*x", connect=([0, 0, 2, 2, 2, 1], [0, 1, 1, 0, 1, 1]),
        method=None if kind.startswith("e") else "exact",
    )  # fmt: skip
    run(source, target, synapses, steps=10)
    # the clock has made 9 steps since the first spike; what is solved between events is read as of 1 ms
    behind = 0.0 if kind.startswith("e") else DT
    early, late = math.exp(-(1.0 - behind) / 20), math.exp(-(0.5 - behind) / 20)
    assert synapses.x == pytest.approx(
        [early, 0, early + late, late]
    )  # (n_source,); the last has no synapse
    assert synapses.y == pytest.approx([0, math.exp(-(0.8 - behind) / 10)])
    at_two, at_five = 100 * math.exp(-0.2 / 20), math.exp(-0.3 / 10)
    assert synapses.w == pytest.approx([0, at_two, at_two + at_five, 0, at_two + at_five, 0])


def test_parameters_of_one_side_have_one_value_for_each_neuron() -> None:
    source, target = at_steps({0: [0, 1, 2]}, 3), nb.Neurons(2, "g : 1")
    synapses = nb.Synapses(
        source,
        target,
        "k : 1 (pre)\nm : 1 (post)",
        on_pre="g += k*m",
        connect="all_to_all",
        k=[1, 2, 3],
        m=[10, 1],
    )
    run(source, target, synapses)
    assert target.g.tolist() == [60.0, 6.0]
    assert (synapses.k.tolist(), synapses.m.tolist()) == ([1, 2, 3], [10, 1])


@pytest.mark.parametrize("side", ["pre", "post"])
@pytest.mark.parametrize(
    ("part", "expected"), [((1, 5), [0, 1, 0, 0]), ((0, 2), [1, 0]), ((1, 2), [0]), ((2, 3), [1])]
)
def test_variables_of_a_part_of_a_group(side: str, part: tuple[int, int], expected: list[int]) -> None:
    """Spikes of other neurons of the group do nothing."""
    cells = at_steps({0: [0, 2]}, 5)
    ends = (cells[slice(*part)], cells) if side == "pre" else (cells, cells[slice(*part)])
    n = part[1] - part[0]
    connect = ([0, n - 1, n - 1], [0, 1, 2]) if side == "pre" else ([0, 1, 2], [0, n - 1, n - 1])
    synapses = nb.Synapses(
        *ends, f"w : 1\ndx/dt = -x/(20*ms) : 1 (event-driven, {side})\nk : 1 ({side})", connect=connect,
        **{f"on_{side}": "x += 1; k += 2; w += k"},
    )  # fmt: skip
    run(cells, synapses, steps=1)
    assert synapses.x == pytest.approx(np.array(expected) * math.exp(-0.1 / 20))
    assert synapses.k.tolist() == [2 * x for x in expected]
    assert synapses.w.tolist() == [2 * expected[0], 2 * expected[-1], 2 * expected[-1]]


# ---- equations with the clock ---------------------------------------------------------------------------


def test_synapses_advance_after_neurons() -> None:
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1", method="euler")
    synapses = nb.Synapses(
        cells, cells, "dx/dt = v_pre/ms : 1 (clock-driven)", connect="one_to_one", method="euler"
    )
    for order in ((cells, synapses), (synapses, cells)):
        cells.v, synapses.x = 0, 0
        run(*order, steps=4)
        assert synapses.x[0] == pytest.approx(0.1 * (0.1 + 0.2 + 0.3 + 0.4))


@pytest.mark.parametrize(
    ("method", "factor"),
    [("exact", math.exp(-0.05)), ("euler", 0.95), (None, math.exp(-0.05)), ("rk2", 0.95125)],
)
def test_a_decay_with_the_clock(method: Any, factor: float) -> None:
    source = at_steps({2: [0], 5: [0, 1]}, 2)
    synapses = nb.Synapses(
        source,
        source,
        "dx/dt = -x/(2*ms) : 1 (clock-driven)",
        on_pre="x += 1",
        connect="one_to_one",
        method=method,
    )
    seen = nb.Monitor(synapses, "x")
    run(source, synapses, seen, steps=9)
    assert seen.x[:, 0] == pytest.approx(
        [0, 0, 0, 1, factor, factor**2, factor**3 + 1, factor**4 + factor, factor**5 + factor**2]
    )
    assert seen.x[:, 1] == pytest.approx([0] * 6 + [1, factor, factor**2])


def test_a_shared_equation_has_one_value() -> None:
    source = at_steps({0: [0, 1]}, 2)
    synapses = nb.Synapses(
        source,
        source,
        "w : 1\ndx/dt = 1/ms : 1 (shared)",
        on_pre="w = x",
        connect="all_to_all",
        method="euler",
    )
    run(source, synapses, steps=3)
    assert float(synapses.x) == pytest.approx(0.3)
    assert synapses.w == pytest.approx([0.1] * 4)


# ---- sums ----------------------------------------------------------------------------------------------

TARGET = "dv/dt = I/ms : 1\nI : 1\nK : 1"


def test_sums_replace_what_their_neurons_had_and_leave_others() -> None:
    source = nb.Neurons(3, "x : 1", x=[1, 2, 3])
    target = nb.Neurons(5, TARGET, method="euler", I=7)
    synapses = nb.Synapses(source, target[1:4], "w : 1\nI_post = w*x_pre : 1 (summed)", connect=([0, 1, 2, 2], [0, 0, 2, 2]),
                           w=[1, 10, 100, 1000])  # fmt: skip
    run(source, target, synapses)
    assert target.I.tolist() == [7, 21, 0, 3300, 7]
    assert target.v == pytest.approx([0.7, 2.1, 0, 330, 0.7])


def test_several_synapses_sum_into_one_variable() -> None:
    source, target = nb.Neurons(2, "x : 1", x=[1, 2]), nb.Neurons(4, TARGET, method="euler", I=7)
    first = nb.Synapses(source, target[:3], "I_post = x_pre : 1 (summed)", connect="all_to_all")
    second = nb.Synapses(source, target[1:3], "I_post = 10*x_pre : 1 (summed)", connect=([1], [1]))
    third = nb.Synapses(target, source, "I_pre = 100*x_post : 1 (summed)", connect=([0], [0]))
    run(source, target, first, second, third, steps=2)
    assert target.I.tolist() == [103, 3, 23, 0]
    assert target.v == pytest.approx([20.6, 0.6, 4.6, 0])


@pytest.mark.parametrize(
    ("expr", "total"),
    [
        ("m_pre", 3), ("w*m_pre", 6), ("w*(m_pre - 1)", 2), ("int(x_pre > 1)*w", 2), ("int(on_pre)*w", 2), ("w*i", 2), ("2", 4),
        ("x_pre*x_pre", 5), ("w", 4), ("x_pre if x_pre > 1 else 0", 2), ("0*x_pre", 0),
    ],
)  # fmt: skip
def test_what_is_summed_may_be_of_any_kind(expr: str, total: float) -> None:
    source = nb.Neurons(2, "m : integer\nx : 1\non : boolean", m=[1, 2], x=[1, 2], on=[True, False])
    target = nb.Neurons(3, "I : 1")
    synapses = nb.Synapses(source, target, f"w = 2 : 1\nI_post = {expr} : 1 (summed)", connect="all_to_all")
    run(source, target, synapses)
    assert target.I.tolist() == [total] * 3


def test_sums_see_the_beginning_of_the_step() -> None:
    """v of the source grows in the step; the sum holds what it was before."""
    source = nb.Neurons(1, "dv/dt = 1/ms : 1", method="euler")
    target = nb.Neurons(1, TARGET, method="euler")
    synapses = nb.Synapses(source, target, "I_post = v_pre : 1 (summed)", connect="one_to_one")
    seen = nb.Monitor(target, "I, v")
    run(synapses, target, source, seen, steps=4)
    assert seen.I[:, 0] == pytest.approx([0, 0, 0.1, 0.2])
    assert seen.v[:, 0] == pytest.approx([0, 0, 0.01, 0.03])


@pytest.mark.parametrize("turned", [False, True])
def test_a_sum_of_sums_sees_the_sums_of_the_step_before(turned: bool) -> None:
    source, middle, last = nb.Neurons(1, "x = 5 : 1"), nb.Neurons(1, "I : 1"), nb.Neurons(1, "I : 1")
    one = nb.Synapses(source, middle, "I_post = x_pre : 1 (summed)", connect="one_to_one")
    two = nb.Synapses(middle, last, "I_post = 2*I_pre : 1 (summed)", connect="one_to_one")
    seen = nb.Monitor(last, "I")
    run(source, middle, last, *((two, one) if turned else (one, two)), seen, steps=4)
    assert seen.I[:, 0].tolist() == [0, 0, 10, 10]


def test_a_gap_junction_equalizes() -> None:
    """d(v1 - v2)/dt = -2 g (v1 - v2), and the mean stays: Euler's factors in closed form."""
    cells = nb.Neurons(2, "dv/dt = I/ms : 1\nI : 1", method="euler")
    cells.v = [0.75, 0.25]
    gap = nb.Synapses(
        cells, cells, "g = 0.5 : 1\nI_post = g*(v_pre - v_post) : 1 (summed)", connect="i != j"
    )
    run(cells, gap, steps=20)
    assert cells.v[0] - cells.v[1] == pytest.approx(0.5 * 0.9**20)
    assert cells.v.sum() == pytest.approx(1.0)


def test_weights_of_sums_can_be_plastic() -> None:
    source, target = at_steps({1: [0], 3: [0]}, 2, "x = 1 : 1"), nb.Neurons(1, "I : 1")
    synapses = nb.Synapses(
        source, target, "w = 1 : 1\nI_post = w*x_pre : 1 (summed)", on_pre="w *= 3", connect="all_to_all"
    )
    seen = nb.Monitor(target, "I")
    run(source, target, synapses, seen, steps=7)
    assert seen.I[:, 0].tolist() == [0, 2, 2, 4, 4, 10, 10]


# ---- delays of the dendrite ------------------------------------------------------------------------------


def test_what_travels_along_the_dendrite_has_the_value_of_when_it_left() -> None:
    source, target = at_steps({0: [0, 1]}, 2), at_steps({2: [0]}, 1, "v : 1")
    synapses = nb.Synapses(
        source, target, "w : 1\nn = -1 : 1", on_pre="v_post += w; w = 0", on_post="n = t/ms; w = 100", connect="all_to_all",
        w=[1, 10], delay=[0.1, 0.4], dendritic_delay=0.3,
    )  # fmt: skip
    seen = nb.Monitor(target, "v")
    run(source, target, synapses, seen, steps=11)
    assert seen.v[:, 0].tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 11, 11, 11]
    assert synapses.n == pytest.approx([0.5, 0.5])
    assert synapses.w.tolist() == [100, 100]


def test_refractory_neurons_ignore_what_arrives_at_the_soma_meanwhile() -> None:
    source = at_steps({k: [0] for k in range(10)}, 1)
    held = nb.Neurons(1, "dv/dt = 0/ms : 1 (unless refractory)", threshold="t > 0.35*ms and t < 0.45*ms", reset="v = 0",
                      refractory="0.3 ms")  # fmt: skip
    synapses = nb.Synapses(source, held, on_pre="v_post += 1", connect="one_to_one", dendritic_delay=0.2)
    seen = nb.Monitor(held, "v")
    run(source, held, synapses, seen, steps=11)
    # arrivals in steps 2, 3, ...; the spike of step 4 shields until step 6
    assert seen.v[:, 0].tolist() == [0, 0, 0, 1, 2, 0, 0, 0, 1, 2, 3]
