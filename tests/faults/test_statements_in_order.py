"""Statements run in order, whatever they write and however often: against a plain loop over synapses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import random_statements


def compare(seed: int) -> bool:
    """Whether the program of a seed has been compared; not so if rounding decides in it."""
    plan = random_statements.draw(seed)
    try:
        expected = random_statements.expected(plan)
    except random_statements.Doubt:
        return False
    found = random_statements.simulated(plan)
    for run, (values, wanted) in enumerate(zip(found, expected, strict=True)):
        for name in values:
            message = f"seed {seed}, run {run}, {name}, after\n" + "\n---\n".join(plan.texts())
            np.testing.assert_allclose(values[name], wanted[name], rtol=1e-9, atol=1e-9, err_msg=message)
    return True


@pytest.mark.parametrize("first", range(0, 50, 10))
def test_random_statements(first: int) -> None:
    assert sum(map(compare, range(first, first + 10))) >= 6


@pytest.mark.slow
@pytest.mark.parametrize("first", range(50, 2050, 50))
def test_many_random_statements(first: int) -> None:
    assert sum(map(compare, range(first, first + 50))) >= 30


# ---- what users met, and its neighbours -----------------------------------------------------------------


def after_one_spike(on_pre: str, model: str = "", target: str = "v : 1\nu : 1", **values: Any) -> tuple:
    """The target neuron and the synapses after one spike at each of them."""
    sources = values.pop("sources", 1)
    given = {"connect": "True", **values}
    cells, others = nb.Neurons(sources, "", threshold="True"), nb.Neurons(1, target)
    synapses = nb.Synapses(cells, others, model, on_pre=on_pre, **given)
    nb.Network(cells, others, synapses, dt=0.1).run(0.1)
    return others, synapses


@pytest.mark.parametrize(
    ("text", "v", "u"),
    [
        ("v_post += y; y = 0; v_post += 0.2", 0.7, 0),
        ("v_post += y; y = 0; v_post -= 0.2", 0.3, 0),
        ("v_post -= y; y = 2; v_post += y; y = 0; u_post += y; v_post -= 0.25", 1.25, 0),
        ("u_post += 2*y; v_post += y; y = 0.25; v_post += y; u_post -= y", 0.75, 0.75),
        ("v_post += y; if y > 0.25:\n    v_post += 1\n    y = 0\nv_post += 0.2 + y", 1.7, 0),
        ("v_post += 1; v_post *= y; y = 2; v_post *= y", 1.0, 0),
        ("v_post += y; y -= 0.125; v_post += y; y -= 0.125; v_post += y", 1.125, 0),
    ],
)  # fmt: skip
def test_writes_to_one_target_see_what_came_before(text: str, v: float, u: float) -> None:
    text = text.replace("; if", "\nif")
    for delay in (0.0, np.array([0.0])):
        cells, _ = after_one_spike(text, "y : 1", y=np.array([0.5]), delay=delay)
        assert (cells.v[0], cells.u[0]) == pytest.approx((v, u), rel=1e-14)


def test_factors_of_one_target_are_those_of_their_time() -> None:
    cells, _ = after_one_spike(
        "v_post *= y; y = 0; v_post *= 4 + y", "y : 1", "v : 1", y=np.array([0.5]), sources=3
    )
    assert cells.v[0] == 0
    cells = nb.Neurons(1, "v : 1", initial={"v": 1})
    source = nb.Neurons(3, "", threshold="True")
    synapses = nb.Synapses(source, cells, "y : 1", on_pre="v_post *= y; y = 0; v_post *= 4 + y", connect="True", y=0.5)  # fmt: skip
    nb.Network(source, cells, synapses, dt=0.1).run(0.1)
    assert cells.v[0] == (0.5 * 4) ** 3


def test_a_subexpression_is_that_of_the_moment() -> None:
    own = after_one_spike(
        "w += 1; v_post += z; w += 1; v_post += z", "w : 1\nz = 2*w : 1", w=np.array([1.0])
    )
    assert own[0].v[0] == 2 * 2 + 2 * 3
    theirs = "v : 1\nu : 1\nz = 2*v : 1\ny = z + 1 : 1"
    cells, _ = after_one_spike("v_post += 1; u_post += z_post; v_post += 1; u_post += y", "", theirs)
    assert cells.u[0] == 2 + (4 + 1)
    cells, _ = after_one_spike("v_post += 1; u_post += z_post", "", theirs, sources=3)
    assert cells.u[0] == 2 + 4 + 6  # synapse by synapse
    cells = nb.Neurons(1, theirs, threshold="True", reset="v += 1; u += z; v += 1; u += z")
    nb.Network(cells, dt=0.1).run(0.1)
    assert cells.u[0] == 2 + 4


def test_a_subexpression_draws_once_in_a_list_of_statements() -> None:
    cells = nb.Neurons(
        50, "v : 1\nu : 1\nw : 1\nz = v + rand() : 1", threshold="True", reset="u = z; v += 1; w = z"
    )
    nb.Network(cells, dt=0.1).run(0.1)
    assert cells.w == pytest.approx(cells.u + 1, rel=1e-12)
    assert np.unique(cells.u).size == 50


@pytest.mark.parametrize("place", ["", ", pre", ", post"])
def test_a_trace_decays_with_the_time_constant_that_held(place: str) -> None:
    source = nb.Neurons(1, "", threshold="t > 0.95*ms and t < 1.05*ms")
    target = nb.Neurons(1, "v : 1")
    flag = f" ({place[2:]})" if place else ""
    synapses = nb.Synapses(
        source, target, f"dx/dt = -x/tau : 1 (event-driven{place})\ntau : ms{flag}",
        on_pre="tau += 1*ms; v_post += x", connect="True", tau=1.0,
    )  # fmt: skip
    synapses.x = [1.0]
    nb.Network(source, target, synapses, dt=0.1).run(3)
    assert target.v[0] == pytest.approx(np.exp(-1.0), rel=1e-12)
    assert synapses.x[0] == pytest.approx(np.exp(-1.0) * np.exp(-2.0 / 2.0), rel=1e-12)


@pytest.mark.parametrize("what", ["v_pre", "z_pre"])
def test_a_trace_that_copies_what_synapses_of_the_group_write_is_one_for_each_synapse(what: str) -> None:
    cells = nb.Neurons(2, "v : 1\nz = 1*v : 1", threshold="True")
    synapses = nb.Synapses(
        cells, cells, "dx/dt = 0/ms : 1 (event-driven)", on_pre=f"x = {what}; v_post += 1",
        connect=([0, 0, 1, 1], [0, 1, 0, 1]),
    )  # fmt: skip
    nb.Network(cells, synapses, dt=0.1).run(0.1)
    v, expected = [0.0, 0.0], []
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        expected.append(v[i])
        v[j] += 1
    assert synapses.x.tolist() == expected
    assert cells.v.tolist() == v


def test_a_trace_that_copies_what_its_own_pathway_adds_to_is_one_for_each_synapse() -> None:
    source, target = nb.Neurons(1, "v : 1\nz = 2*v : 1", threshold="True"), nb.Neurons(3, "")
    synapses = nb.Synapses(
        source, target, "dx/dt = 0/ms : 1 (event-driven)", on_pre="x = z_pre; v_pre += 1", connect="True"
    )
    nb.Network(source, target, synapses, dt=0.1).run(0.1)
    assert synapses.x.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    ("text", "b"),
    [("b_pre += 0.25*n_post; n_pre = 3", 0.25), ("b_post -= n_pre; n_post += 2", -1),
     ("n_pre = 3; b_post += n_post; n_post = 5", 3), ("b_pre = b_post + n_pre; n_post = 0; b_post += n_pre", 1)],
)  # fmt: skip
def test_both_names_of_one_variable_are_read_before_it_is_written(text: str, b: float) -> None:
    cells = nb.Neurons(1, "b : 1\nn : 1", threshold="True", initial={"n": 1})
    synapses = nb.Synapses(cells, cells, on_pre=text, connect="True")
    nb.Network(cells, synapses, dt=0.1).run(0.1)
    assert cells.b[0] == b


WHOLE = [
    ("n += 3", 1, 4), ("n -= 2.5", 1, -1), ("n = 2.75; x = n", 1, 2), ("n = 2*n + x; x = n/4", 3, 6),
    ("if x > 0.25:\n    n = 1\nelse: n += 1", 3, 1), ("if x > 0.25: n += 3\nx = 0.125*n", 1, 4),
]  # fmt: skip


@pytest.mark.parametrize(("text", "before", "after"), WHOLE)
@pytest.mark.parametrize("n", [1, 3])
def test_whole_numbers_are_rounded_towards_zero_when_they_are_assigned(
    text: str, before: int, after: int, n: int
) -> None:
    found = []
    for where in ("reset", "end"):
        cells = nb.Neurons(
            n, "n : integer\nx : 1", threshold="True", initial={"n": before, "x": 0.5},
            reset=text if where == "reset" else None,
        )  # fmt: skip
        if where == "end":
            cells.at("end", text)
        nb.Network(cells, dt=0.1).run(0.1)
        found.append((cells.n[0], cells.x[0]))
        assert cells.n.tolist() == [after] * n
    if "x =" in text:
        factor = {"n/4": 0.25, "0.125*n": 0.125}.get(text.rpartition("x = ")[2], 1)
        assert found == [(after, after * factor)] * 2


@pytest.mark.parametrize("given", [{}, {"delay": np.array([0.1, 0.0])}, {"dendritic_delay": 0.1}])
def test_events_count_in_whole_numbers(given: dict[str, Any]) -> None:
    source = nb.Neurons(2, "", threshold="t_in_timesteps == 0")
    target = nb.Neurons(1, "n : integer\nm : integer", initial={"n": -5})
    synapses = nb.Synapses(source, target, on_pre="n_post += 2; m_post -= 1", connect="True", **given)
    nb.Network(source, target, synapses, dt=0.1).run(0.5)
    assert (target.n[0], target.m[0]) == (-1, -2)


def test_what_is_no_whole_number_is_rounded_event_by_event() -> None:
    cells, _ = after_one_spike("n_post += x_post", "", "n : integer\nx = 1.75 : 1", sources=3)
    assert cells.n[0] == 3  # 1.75, 2.75, 3.75
