"""What is hoisted out of the step must not change after all, whoever changes it, whenever he comes."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

from . import varying

FEW, MANY = 50, 2000


def compare(seed: int) -> None:
    plan = varying.random_plan(seed)
    found = varying.run(plan)
    with varying.hoisting_nothing():
        wanted = varying.run(plan)
    assert found.keys() == wanted.keys(), plan
    for name, value in wanted.items():
        if isinstance(value, str):
            assert found[name] == value, plan
        else:
            np.testing.assert_allclose(
                found[name], value, rtol=1e-9, atol=1e-12, err_msg=f"{name} of {plan}"
            )


@pytest.mark.parametrize("seed", range(FEW))
def test_random_writers_and_readers(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(MANY // FEW))
def test_many_random_writers_and_readers(block: int) -> None:
    for seed in range(block * FEW, (block + 1) * FEW):
        compare(seed)


def test_few_random_programs_are_refused() -> None:
    refused = [seed for seed in range(FEW) if "error" in varying.run(varying.random_plan(seed))]
    assert len(refused) < FEW // 10


# ---- single cases, by their closed forms ---------------------------------------------------------------


def spike_at(*times: float) -> nb.Neurons:
    """A neuron that spikes at these times (ms)."""
    return nb.Neurons(1, {"s": "1"}, threshold=lambda t: np.array([any(abs(t - x) < 1e-6 for x in times)]))


def test_statements_of_a_later_stage_change_what_a_pathway_uses() -> None:
    a, b = spike_at(5.0), nb.Neurons(1, "v : 1")
    s = nb.Synapses(a, b, "w = 1 : 1", on_pre="v = w", connect="True")
    s.at("end", "w *= 0.99")
    nb.Network(a, b, s, dt=0.1).run(6)
    assert b.v[0] == pytest.approx(0.99**50)


@pytest.mark.parametrize("how", ["text", "function", "changes", "assigned", "pathway"])
def test_a_stage_that_comes_between_runs_changes_what_is_under_way(how: str) -> None:
    a, b = spike_at(0.2, 8.5), nb.Neurons(2, "v : 1\ngain = 1 : 1")
    s = nb.Synapses(a, b, on_pre="v += gain_post", connect="True", delay="(1 + j)*ms")
    objects = [a, b, s]
    if how == "pathway":  # spikes at 9.3 and sets the gain before anything arrives
        late = spike_at(9.3)
        objects += [late, nb.Synapses(late, b, on_pre="gain_post = 0.5", connect="True")]
    net = nb.Network(*objects, dt=0.1)
    net.run(9)
    assert b.v.tolist() == [1, 1]
    if how == "text":
        b.at("start", "gain = 0.5")
    elif how == "function":
        b.at("start", set_gain)
    elif how == "changes":
        b.at("start", lambda t: b.gain.__setitem__(slice(None), 0.5), changes=["gain"])
    elif how == "assigned":
        b.gain = 0.5
    net.run(3)
    assert b.v.tolist() == [1.5, 1.5]


def set_gain(gain: np.ndarray) -> None:
    gain[:] = 0.5


@pytest.mark.parametrize("delay", ["0.5 ms", [0.5], None])
def test_what_arrives_through_a_dendrite_changes_a_parameter(delay: object) -> None:
    a, b = spike_at(1.0), nb.Neurons(1, "dv/dt = I/ms : 1\nI : 1", method="euler")
    s = nb.Synapses(a, b, on_pre="I_post += 1", connect="True", dendritic_delay=delay)
    nb.Network(a, b, s, dt=0.1).run(3)
    assert b.v[0] == pytest.approx(1.4 if delay else 1.9)


@pytest.mark.parametrize("index", [None, [1, 0]])
def test_what_is_written_through_a_link_changes_the_other_group(index: list[int] | None) -> None:
    src, a = spike_at(1.0), nb.Neurons(2, "dv/dt = x/ms : 1\nx : 1", method="euler")
    h = nb.Neurons(2, "x : 1 (linked)")
    h.x = nb.link(a, "x", index)
    s = nb.Synapses(src, h, on_pre="x_post += 1 + j", connect="True")
    nb.Network(src, a, h, s, dt=0.1).run(3)
    assert a.v == pytest.approx(np.array([1.9, 3.8] if index is None else [3.8, 1.9]))


def test_a_link_that_changes_in_a_run_is_followed() -> None:
    a = nb.Neurons(2, "x : 1", x=[1, 5])
    b = nb.Neurons(1, "dv/dt = y/ms : 1\ny : 1 (linked)", method="euler")
    b.y = nb.link(a[:1], "x")

    @b.at("end")
    def turn(t: float) -> None:
        if abs(t - 0.9) < 1e-6:
            b.y = nb.link(a[1:], "x")

    nb.Network(a, b, dt=0.1).run(2)
    assert b.v[0] == pytest.approx(1 * 1 + 5 * 1)


def test_a_function_gets_the_parameter_of_a_trace() -> None:
    src, b = spike_at(1.0, 2.0), nb.Neurons(2, "v : 1")
    s = nb.Synapses(
        src,
        b,
        "A = 1 : 1\ndx/dt = -x/(10*ms) : 1 (event-driven)",
        on_pre="x += A; v_post += x",
        connect="True",
    )

    @s.at("start")
    def anneal(A: np.ndarray) -> None:
        A *= 0.9

    nb.Network(src, b, s, dt=0.1).run(3)
    first = 0.9**11
    assert b.v == pytest.approx(first + first * np.exp(-0.1) + 0.9**21)


@pytest.mark.parametrize("how", ["assigned", "text", "function"])
def test_a_refractory_period_that_changes_in_a_run(how: str) -> None:
    cells = nb.Neurons(1, "v = 1 : 1\nref = 1*ms : ms", threshold="v > 0.5", refractory="ref")
    spikes = nb.Monitor(cells, "spikes")
    if how == "assigned":

        @cells.at("end")
        def change(t: float) -> None:
            if abs(t - 2) < 1e-6:
                cells.ref = 3
    elif how == "text":
        cells.at("start", "ref = 1*ms if t < 2.05*ms else 3*ms")
    else:

        @cells.at("start")
        def change(t: float, ref: np.ndarray) -> None:
            ref[:] = 1 if t < 2.05 else 3

    nb.Network(cells, spikes, dt=0.1).run(9.5)
    assert spikes.t == pytest.approx([0, 1, 2, 3, 6, 9])  # that of 2 ms is 1 ms long still


@pytest.mark.parametrize("reading", [False, True])
def test_a_stage_that_says_what_it_changes(reading: bool) -> None:
    """`changes` is the exact list: what else has been handed out stays constant."""
    cells = nb.Neurons(3, "dv/dt = (lam + exp(mu))/ms : 1\nlam : 1\nmu = 1 : 1", method="euler")
    lam = cells.lam
    if reading:
        cells.mu  # noqa: B018
    cells.at("start", lambda t: lam.__setitem__(slice(None), t), changes="lam")
    net = nb.Network(cells, dt=0.5)
    net.run(2)
    assert cells.v == pytest.approx(0.5 * (0 + 0.5 + 1 + 1.5) + 2 * np.e)
    assert "mu" in cells.update.source.partition("# step")[0]
    assert "lam" in cells.update.source.partition("# step")[2]


def test_changes_are_names_of_variables_of_functions() -> None:
    cells = nb.Neurons(3, "v : 1")
    with pytest.raises(nb.UnknownNameError, match="no variable 'u' to change"):
        cells.at("start", lambda t: None, changes=["u"])
    with pytest.raises(nb.ArgumentError, match="'changes' is for functions"):
        cells.at("start", "v = 1", changes=["v"])


def test_a_stage_that_does_nothing_leaves_a_sum_as_it_is() -> None:
    """The factor per synapse is calculated once per run, whether there is a Python stage or not."""
    counts = []
    for stage in (False, True):
        calls = []

        def weigh(w: np.ndarray, calls: list[int] = calls) -> np.ndarray:
            calls.append(1)
            return 2 * w

        cells = nb.Neurons(5, "ds/dt = -s/(10*ms) : 1\nI : 1", initial={"s": "rand()"})
        s = nb.Synapses(
            cells, cells, "w : 1\nI_post = weigh(w)*s_pre : 1 (summed)", connect="True", w="rand()",
            functions={"weigh": nb.function("1 -> 1")(weigh)},
        )  # fmt: skip
        if stage:
            cells.at("start", lambda t: None)
        net = nb.Network(cells, s, dt=0.1)
        net.run(1)
        before = len(calls)
        net.run(1)
        counts.append(len(calls) - before)
        if stage:  # and an assignment is noticed
            s.w = 0
            net.run(0.2)
            assert not cells.I.any()
    assert counts[0] == counts[1] <= 1
