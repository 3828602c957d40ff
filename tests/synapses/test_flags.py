"""Flags of synaptic variables, arrays that leave the neurons, noise, explanations, orders of methods."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import MethodError, ModelError, NumpyBrainError
from .test_places import PAIR, cells, made, places


def test_arrays_that_functions_take_hold_one_value_per_synapse() -> None:
    net, synapses = made(PAIR, "p += 1; w += q", "q += 1; w += p")
    seen = []

    @synapses.at("end")
    def look(p: Any) -> None:
        seen.append(p.copy())
        p[0] += 1

    assert places(synapses) == {"q": "post"}
    net.run(0.4)
    assert [a.tolist() for a in seen[:1]] == [[0] * 6]
    step = np.exp(-0.1 / 3)
    expected = step**3 + step**2 + step
    np.testing.assert_allclose(seen[3], [expected + 1, 1, 0, 0, 0, 0], rtol=1e-12)


def test_arrays_first_read_in_a_run_are_live() -> None:
    net, synapses = made(PAIR, "p += 1; w += q", "q += 1; w += p")
    held: list[Any] = []

    @synapses.source.at("end")
    def look(t: float) -> None:
        if not held:
            held.append(synapses.p)
        held[0][3] += 1

    net.run(1)
    assert np.shares_memory(held[0], synapses.p)
    np.testing.assert_array_equal(held[0], synapses.p)
    step = np.exp(-0.1 / 3)
    spikes = step ** (9 - np.array([4 + 3, 11 + 3]))[:1]  # of neuron 1, in step 4
    np.testing.assert_allclose(synapses.p[3], sum(step**k for k in range(10)) + spikes.sum(), rtol=1e-12)


def test_noise_is_that_of_each_synapse() -> None:
    """Also in what neurons calculate: each synapse that reads it draws for itself."""
    n = 400
    group = nb.Neurons(2, "x : 1\nr = randn() : 1")
    for model in (
        "dz/dt = -z/(5*ms) + 2*xi*second**-0.5 : 1",
        "dz/dt = (r_pre - z)/(5*ms) : 1",
        "z = randn() + x_pre : 1 (constant over dt)",
    ):
        other = nb.Neurons(n, "y : 1")
        group = nb.Neurons(2, "x : 1\nr = randn() : 1")
        synapses = nb.Synapses(group, other, model, connect="all_to_all", on_pre="y_post += z")
        assert places(synapses) == {}
        nb.Network(group, other, synapses).run(1)
        matrix = synapses.z.reshape(2, n)
        assert np.unique(matrix).size == 2 * n
        assert abs(np.corrcoef(matrix)[0, 1]) < 0.2  # 4 standard errors


FLAGGED = "dp/dt = -p/(3*ms) : 1 ({})\nw : 1"


def test_flags() -> None:
    """One value per neuron: a spike acts on it once; what many synapses of the other side do adds up."""
    group = cells(3)
    synapses = nb.Synapses(
        group, group,
        """dp/dt = -p/(3*ms) : 1 (pre)
        q : 1 (post)
        k : integer (pre)
        c : 1 (post)
        D : 1 (shared)""",
        on_pre="p += 1; k += 1; c += 1", on_post="q += D", connect=([0, 0, 1, 2, 2, 2], [1, 2, 0, 0, 1, 1]), D=2,
    )  # fmt: skip
    nb.Network(group, synapses).run(0.8)
    spikes = [{0, 7}, {4}, {1}]
    step = np.exp(-0.1 / 3)
    np.testing.assert_allclose(
        synapses.p, [sum(step ** (7 - s) for s in times) for times in spikes], rtol=1e-12
    )
    assert synapses.k.tolist() == [2, 1, 1]
    assert synapses.q.tolist() == [4, 2, 2]
    assert synapses.c.tolist() == [1 + 1, 2 + 2, 2]  # from 1 and 2, from 0 twice and 2 twice, from 0 twice
    assert synapses.p.shape == (3,)
    assert synapses.evaluate("p").shape == (6,)


BAD: dict[str, tuple[dict[str, Any], type[NumpyBrainError], str, str]] = {
    "parameter": (
        {"model": "dp/dt = -p/tau : 1 (pre)\ntau : ms", "tau": np.arange(1.0, 7)}, ModelError,
        "'p' has one value for each source neuron, but its equation depends on 'tau', which differs among synapses",
        "take the flag (pre) away",
    ),
    "weight": (
        {"model": FLAGGED.format("pre"), "on_pre": "p += w; w += 1"}, ModelError,
        "'p' has one value for each source neuron, but on_pre sets it from 'w', which differs among synapses",
        "take the flag (pre) away",
    ),
    "noise": (
        {"model": "dp/dt = -p/ms + xi*ms**-0.5 : 1 (post)"}, ModelError,
        "'p' has one value for each target neuron, but its equation depends on random numbers",
        "take the flag (post) away",
    ),
    "random jump": (
        {"model": FLAGGED.format("pre"), "on_pre": "p += rand()"}, ModelError,
        "'p' has one value for each source neuron, but on_pre sets it from random numbers", "(pre)",
    ),
    "random of neurons": (
        {"model": "dp/dt = (r_pre - p)/ms : 1 (pre)"}, ModelError,
        "'p' has one value for each source neuron, but its equation depends on random numbers", "(pre)",
    ),
    "delays": (
        {"model": FLAGGED.format("pre"), "on_pre": "p += 1", "delay": np.arange(6.0)}, ModelError,
        "'p' has one value for each source neuron, but the delays of on_pre differ among its synapses", "(pre)",
    ),
    "other side": (
        {"model": "dp/dt = (v_post - p)/ms : 1 (pre)"}, ModelError,
        "'p' has one value for each source neuron, but its equation depends on 'v_post'", "(pre)",
    ),
    "apart": (
        {"model": "dp/dt = -q/ms : 1 (pre, event-driven)\ndq/dt = -p/ms : 1 (event-driven)", "on_post": "q += 1"},
        ModelError, "but its equation depends on 'q'", "(pre)",
    ),
    "shared": (
        {"model": "dD/dt = (w - D)/ms : 1 (shared)\nw : 1"}, ModelError,
        "'D' is shared by the group, 'w' is not", "take the flag away, or give it to both",
    ),
    "shared and changed": (
        {"model": "D : 1 (shared)", "on_pre": "D += 1"}, ModelError, "'D' is shared by the group", "",
    ),
    "both": ({"model": "q : 1 (pre, post)"}, ModelError, "the flags 'pre' and 'post' contradict each other", "delete one"),
    "shared too": ({"model": "q : 1 (pre, shared)"}, ModelError, "the flags 'shared' and 'pre' contradict", "delete one"),
    "neurons": ({"model": "dq/dt = -q/ms : 1 (unless refractory)"}, ModelError, "has a meaning for neurons only", ""),
    "not linear": (
        {"model": "dq/dt = -q**2/ms : 1 (event-driven)"}, MethodError,
        "'q' cannot be event-driven: the equations are not linear because of -q**2", "make it clock-driven",
    ),
    "moving": (
        {"model": "dq/dt = (v_pre - q)/ms : 1 (event-driven)"}, MethodError,
        "'q' cannot be event-driven: 'v_pre' may change between events", "make it clock-driven, or let it depend",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_flags_that_cannot_be(name: str) -> None:
    arguments, kind, message, advice = BAD[name]
    group = cells()
    with pytest.raises(kind, match=re.escape(message)) as caught:
        synapses = nb.Synapses(group, group, connect="i != j", **arguments)
        nb.Network(group, synapses).run(0.1)
    assert advice in str(caught.value)
    assert "^" in str(caught.value)  # it points at the place


def test_flags_that_cannot_be_any_more() -> None:
    """Values per synapse that are given later: an error says so, when the next run begins or at once."""
    for inside in (False, True):
        net, synapses = made("dp/dt = -p/tau : 1 (pre)\ntau = 3*ms : ms", "p += 1", None)
        if inside:
            synapses.source.at("end", lambda t, s=synapses: setattr(s, "tau", np.arange(1.0, 7)))
        else:
            net.run(0.1)
            synapses.tau = np.arange(1.0, 7)
        with pytest.raises(
            ModelError, match="'p' has one value for each source neuron, but its equation depends on 'tau'"
        ):
            net.run(0.2)


def first_lines(text: str) -> dict[str, str]:
    """The first line that begins with each word."""
    return {line.split()[0]: line for line in reversed(text.splitlines()) if line.strip()}


def test_what_explain_says() -> None:
    _, synapses = made(PAIR, "p += 1; w += q", "q += 1; w += p")
    text = synapses.explain()
    lines = first_lines(text)
    assert "one value per source neuron, since it cannot differ among the synapses of one" in lines["p"]
    assert "one value per target neuron, since it cannot differ among the synapses of one" in lines["q"]
    assert "one value per synapse" in lines["w"]
    assert "one value for all, as long as nobody gives several" in lines["tau"]
    assert "delay 0.3 ms" in text
    assert "once for each spike" in text
    synapses.p  # noqa: B018
    synapses.tau = np.arange(1.0, 7)
    synapses.delay = np.linspace(0, 0.5, 6)
    text = synapses.explain()
    assert "one value per source neuron" not in text
    assert "delays of 0 to 0.5 ms" in text
    lines = first_lines(text)
    assert "one value per synapse" in lines["p"]
    assert "one value per synapse" in lines["tau"]


@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize(("method", "order"), [("rk4", 4), ("rk2", 2), ("euler", 1), ("midpoint", 2)])
def test_orders_of_coupled_equations(method: str, order: int, look: bool) -> None:
    """u' = -a u^2 + z, z' = -u z with a of the source, which stands still: errors fall with dt^order."""
    from scipy.integrate import solve_ivp

    exact = solve_ivp(
        lambda t, x: [-0.5 * x[0] ** 2 + x[1], -x[0] * x[1]], (0, 2), [1.0, 0.7], rtol=1e-12, atol=1e-13
    )
    errors = []
    steps = (0.2, 0.1, 0.05)
    for dt in steps:
        source, target = nb.Neurons(2, "a : 1"), nb.Neurons(2, "y : 1")
        source.a = 0.5
        synapses = nb.Synapses(
            source, target, "du/dt = (-a_pre*u**2 + z)/ms : 1\ndz/dt = -u*z/ms : 1", on_pre="u += 0",
            connect="all_to_all", method=method, u=1.0, z=0.7,
        )  # fmt: skip
        assert places(synapses) == {"u": "pre", "z": "pre"}
        if look:
            assert synapses.u.shape == (4,)
        nb.Network(source, target, synapses, dt=dt).run(2)
        errors.append(np.abs(np.array([synapses.u[0], synapses.z[0]]) - exact.y[:, -1]).max())
    measured = np.log2(errors[0] / errors[2]) / 2
    assert measured == pytest.approx(order, abs=0.35)


def test_what_a_flagged_variable_depends_on_can_be_read() -> None:
    """It has to stay with it; so there is a copy."""
    group = cells()
    synapses = nb.Synapses(
        group,
        group,
        "da/dt = (b - a)/ms : 1 (pre)\ndb/dt = -b/(2*ms) : 1",
        on_pre="b += 1",
        connect="i != j",
        method="euler",
    )
    net = nb.Network(group, synapses, dt=0.1)
    assert synapses.b.tolist() == [0] * 6
    net.run(0.3)  # neurons 0 and 2 fire, in steps 0 and 1
    np.testing.assert_allclose(synapses.b, [0.95**2, 0.95**2, 0, 0, 0.95, 0.95], rtol=1e-12)
    np.testing.assert_allclose(synapses.a, [0.1 * (0.9 + 0.95), 0, 0.1], rtol=1e-12)
    with pytest.raises(ValueError, match="read-only"):
        synapses.b[:] = 1
    synapses.b = 0
    net.run(0.1)
    assert synapses.b.tolist() == [0] * 6
