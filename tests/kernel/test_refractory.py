"""Refractoriness. A neuron that spikes in step k can spike again in step k + R.

`unless refractory` holds a variable in the updates k+1 to k+R-1, so with a ramp that needs 10 updates to
the threshold the interval between spikes is R - 1 + 10 steps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

HELD = "dv/dt = 1/ms : 1 (unless refractory)"
FREE = "dv/dt = 1/ms : 1"


def spike_steps(cells: nb.Neurons, duration: float, *others: Any) -> list[list[int]]:
    """For each neuron, the steps in which it spiked (dt = 0.1 ms)."""
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, *others, dt=0.1).run(duration)
    return [np.rint(spikes.train(k) / 0.1).astype(int).tolist() for k in range(cells.size)]


@pytest.mark.parametrize(
    ("period", "steps"),
    [
        ("0.1 ms", 1),
        ("0.2 ms", 2),
        ("0.5 ms", 5),
        ("2 ms", 20),
        (3, 30),
        ("1*ms + 0.5*ms", 15),
        ("r*0.98", 20),  # of what is no constant, the nearest
    ],
)
def test_period(period: Any, steps: int) -> None:
    r = "\nr = 2*ms : ms"
    held = nb.Neurons(1, HELD + r, threshold="v > 0.95", reset="v = 0", refractory=period)
    interval = steps - 1 + 10
    assert spike_steps(held, 10) == [list(range(9, 100, interval))]
    free = nb.Neurons(1, FREE + r, threshold="v > 0.95", reset="v = 0", refractory=period)
    assert spike_steps(free, 10) == [list(range(9, 100, max(10, steps)))]
    stuck = nb.Neurons(1, "v : 1" + r, threshold="v < 1", refractory=period)
    assert spike_steps(stuck, 10) == [list(range(0, 100, steps))]


def test_without_refractoriness_a_neuron_may_spike_in_every_step() -> None:
    assert spike_steps(nb.Neurons(1, "v : 1", threshold="v < 1"), 1) == [list(range(10))]


def test_held_variables_stand_still_and_others_go_on() -> None:
    cells = nb.Neurons(
        1, HELD + "\ndu/dt = 1/ms : 1", threshold="v > 0.95", reset="v = 0.25", refractory="0.4 ms"
    )
    trace = nb.Monitor(cells, "v", "u")
    nb.Network(cells, trace, dt=0.1).run(2)
    after = trace.v[10:15, 0]  # the spike is in step 9
    assert after == pytest.approx([0.25, 0.25, 0.25, 0.25, 0.35])
    assert trace.u[:, 0] == pytest.approx(np.arange(20) * 0.1)


@pytest.mark.parametrize("method", ["exact", "rk4", "exponential_euler", "euler"])
def test_what_depends_on_a_held_variable_sees_it_stand_still(method: str) -> None:
    tau, dt = 0.5, 0.1
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1 (unless refractory)\ndu/dt = (v - u)/(0.5*ms) : 1",
        threshold="v > 0.95", reset="v = 3", refractory="0.5 ms", method=method,
    )  # fmt: skip
    trace = nb.Monitor(cells, "u")
    nb.Network(cells, trace, dt=dt).run(1.5)
    u = trace.u[:, 0]
    decay = {"exact": np.exp(-dt / tau), "exponential_euler": np.exp(-dt / tau), "euler": 1 - dt / tau}
    z = -dt / tau
    factor = decay.get(method, 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24)
    for k in range(10, 14):
        assert u[k + 1] == pytest.approx(3 + (u[k] - 3) * factor, rel=1e-13)


def test_period_of_each_neuron() -> None:
    periods = np.array([0.1, 0.3, 1.0, 2.5])
    cells = nb.Neurons(
        4, HELD + "\nref : ms", threshold="v > 0.95", reset="v = 0", refractory="ref", ref=periods
    )
    assert spike_steps(cells, 20) == [list(range(9, 200, round(p / 0.1) + 9)) for p in periods]


def test_period_that_depends_on_the_state_is_taken_after_the_reset() -> None:
    cells = nb.Neurons(
        1, HELD + "\nn : 1", threshold="v > 0.95", reset="v = 0; n += 1", refractory="(n + 1)*ms"
    )
    found = spike_steps(cells, 20)[0]
    assert np.diff(found).tolist() == [20 + 9, 30 + 9, 40 + 9, 50 + 9]


def test_period_that_depends_on_time() -> None:
    cells = nb.Neurons(1, "v : 1", threshold="v < 1", refractory="1*ms if t < 1.5*ms else 0.5*ms")
    assert spike_steps(cells, 4) == [[0, 10, 20, 25, 30, 35]]


@pytest.mark.parametrize("refractory", ["1.3 ms", "ref", "period"])
def test_many_neurons_at_once(refractory: str) -> None:
    n, steps = 40, 600
    above = np.random.default_rng(9).random((steps, n)) < 0.15
    periods = np.full(n, 13) if refractory == "1.3 ms" else np.random.default_rng(2).integers(1, 40, n)
    given: Any = (lambda ref, spikes: ref[spikes]) if refractory == "period" else refractory
    cells = nb.Neurons(n, {"v": "1", "ref": "ms"}, threshold=lambda t: above[round(t / 0.1)],
                       refractory=given, initial={"ref": periods * 0.1})  # fmt: skip
    expected: list[list[int]] = [[] for _ in range(n)]
    free = np.zeros(n)
    for step in range(steps):
        for k in np.flatnonzero(above[step] & (step >= free)):
            expected[k].append(step)
            free[k] = step + periods[k]
    assert spike_steps(cells, steps * 0.1) == expected


def test_python_functions_give_periods_and_conditions() -> None:
    by_time = nb.Neurons(2, HELD + "\nref : ms", threshold="v > 0.95", reset="v = 0", ref=[0.5, 1.0],
                         refractory=lambda ref, spikes: 2 * ref[spikes])  # fmt: skip
    assert spike_steps(by_time, 10) == [list(range(9, 100, 19)), list(range(9, 100, 29))]
    by_state = nb.Neurons(1, FREE, threshold="v > 0.95", refractory=lambda v, spikes: v[spikes] < 3.05)
    assert spike_steps(by_state, 5)[0][:3] == [9, 31, 32]


def test_condition_gives_one_spike_per_upstroke() -> None:
    wave = "x = sin(2*pi*t/(10*ms)) : 1"
    cells = nb.Neurons(1, wave, threshold="x > 0.5", refractory="x > 0.5")
    other = nb.Neurons(1, wave, threshold="x > 0.5", refractory="x > -0.5")
    # t in the threshold is that of the step; x first exceeds 0.5 at 10/12 = 0.8333 ms
    expected = [9, 109, 209, 309, 409]
    assert spike_steps(cells, 50) == [expected]
    assert spike_steps(other, 50) == [expected]


def test_condition_of_each_neuron() -> None:
    cells = nb.Neurons(2, "dv/dt = -v/ms : 1\nlow : 1", threshold="v > 0.01", refractory="v > low", method="exact",
                       initial={"v": "1"}, low=[0.5, 0.1])  # fmt: skip
    free = [int(np.ceil(-np.log(low) / 0.1)) for low in (0.5, 0.1)]  # first update that starts below `low`
    assert [found[:2] for found in spike_steps(cells, 4)] == [[0, k] for k in free]


def test_condition_with_a_parameter_that_changes() -> None:
    cells = nb.Neurons(
        1, "v = 5 : 1\nlimit = 10 : 1", threshold="v < 100", refractory="v < limit", name="cells"
    )
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    net.run(0.5)
    cells.limit = 1
    net.run(0.3)
    assert np.rint(spikes.t / 0.1).tolist() == [0, 5, 6, 7]


def test_synapses_cannot_write_held_variables_but_resets_can() -> None:
    cells = nb.Neurons(
        2, "dv/dt = 0/ms : 1 (unless refractory)\nu : 1", threshold="v > 0.5", reset="v = -1", refractory="0.4 ms",
        initial={"v": "int(i == 0)"},
    )  # fmt: skip
    clock = nb.Neurons(1, "x : 1", threshold="x < 1")  # spikes in every step
    push = nb.Synapses(clock, cells, on_pre="v_post += 0.125; u_post += 1", connect="all_to_all")
    trace = nb.Monitor(cells, "v", "u")
    nb.Network(cells, clock, push, trace, dt=0.1).run(1)
    # neuron 0 spikes in step 0 and is shielded in steps 0 to 3; its release is in the update of step 4
    assert trace.v[:, 0].tolist() == [1.0, -1.0, -1.0, -1.0, -1.0, -0.875, -0.75, -0.625, -0.5, -0.375]
    # neuron 1 gathers 0.625 in steps 0 to 4, spikes in step 5
    assert trace.v[:, 1].tolist() == [0.0, 0.125, 0.25, 0.375, 0.5, 0.625, -1.0, -1.0, -1.0, -1.0]
    assert trace.u[:, 0].tolist() == list(range(10))  # no flag, no shield


@pytest.mark.parametrize(
    "statement", ["v_post = 5", "v_post *= 3", "v_post = v_post + w*(1 - v_post)", "v_post -= 1"]
)
def test_every_kind_of_write_is_shielded(statement: str) -> None:
    cells = nb.Neurons(
        2, HELD, threshold="v > 0.5 and t < 0.05*ms", refractory="5 ms", initial={"v": "int(i == 0)"}
    )
    source = nb.Neurons(1, "x : 1", threshold="t > 0.25*ms")
    synapses = nb.Synapses(source, cells, "w : 1", on_pre=statement, connect=([0, 0, 0], [0, 1, 0]), w=0.5)
    nb.Network(cells, source, synapses, dt=0.1).run(0.4)
    assert cells.v[0] == 1.1  # one update before the spike, no more
    assert cells.v[1] != pytest.approx(0.4)


def test_the_shield_keeps_values_and_targets_together() -> None:
    cells = nb.Neurons(
        4, HELD, threshold="v > 0.5 and t < 0.05*ms", refractory="5 ms", initial={"v": "i % 2"}
    )
    source = nb.Neurons(1, "x : 1", threshold="t > 0.25*ms")
    w = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]
    synapses = nb.Synapses(
        source, cells, "w : 1", on_pre="v_post += w", connect=([0] * 6, [1, 0, 3, 2, 1, 2]), w=w
    )
    nb.Network(cells, source, synapses, dt=0.1).run(0.4)
    assert cells.v == pytest.approx([0.4 + 2, 1.1, 0.4 + 8 + 32, 1.1])


def test_temporaries_see_the_value_that_could_not_be_written() -> None:
    cells = nb.Neurons(1, HELD + "\nu : 1", threshold="v > 0.5", refractory="5 ms", initial={"v": "1"})
    synapses = nb.Synapses(cells, on_pre="v_post += 1; u_post += v_post", connect="one_to_one")
    nb.Network(cells, synapses, dt=0.1).run(0.1)
    assert cells.v.tolist() == [1.1]
    assert cells.u.tolist() == [1.1]


def test_python_may_write_held_variables() -> None:
    cells = nb.Neurons(1, HELD, threshold="v > 0.5", reset="v = 0", refractory="5 ms", initial={"v": "1"})
    cells.at("end", lambda v: v.__setitem__(0, 7.0))
    net = nb.Network(cells, dt=0.1)
    net.run(0.3)
    assert cells.v.tolist() == [7.0]


def test_refractoriness_goes_on_from_run_to_run() -> None:
    cells = nb.Neurons(1, HELD, threshold="v > 0.95", reset="v = 0", refractory="2 ms")
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    for _ in range(100):
        net.run(0.1)
    assert np.rint(spikes.t / 0.1).tolist() == [9, 38, 67, 96]


def test_period_can_change_between_runs() -> None:
    cells = nb.Neurons(2, FREE + "\nref : ms", threshold="v > 0.95", reset="v = 0", refractory="ref", ref=5,
                       initial={"v": "-0.2*i"})  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    net.run(1.1)  # neuron 0 spiked in step 9 and is refractory up to step 59
    cells.ref = 0.2  # neuron 1 spikes in step 11, up to step 13
    net.run(8.9)
    assert np.rint(spikes.train(0) / 0.1).tolist()[:2] == [9, 59]
    assert np.rint(spikes.train(1) / 0.1).tolist() == list(range(11, 100, 10))


def test_random_periods_are_drawn_once_per_spike() -> None:
    cells = nb.Neurons(500, "v : 1", threshold="v < 1", refractory="(1 + 2*rand())*ms")
    intervals = np.concatenate([np.diff(steps) for steps in spike_steps(cells, 50)])
    # uniform from 1 to 3 ms, rounded to steps of 0.1 ms: 10 and 30 are half as likely as those between
    assert intervals.mean() == pytest.approx(20, abs=5 * (33.5 / intervals.size) ** 0.5)
    assert intervals.var() == pytest.approx(33.5, rel=0.05)
    assert intervals.min() == 10
    assert intervals.max() <= 30


def test_lastspike_and_not_refractory_can_be_used() -> None:
    cells = nb.Neurons(
        1, FREE + "\nage = t - lastspike : ms\nfree = int(not_refractory) : 1", threshold="v > 0.95", reset="v = 0",
        refractory="0.3 ms",
    )  # fmt: skip
    trace = nb.Monitor(cells, "age", "free")
    nb.Network(cells, trace, dt=0.1).run(2)
    assert trace.age[10:19, 0] == pytest.approx(np.arange(1, 10) * 0.1)
    assert trace.age[0, 0] > 1e6
    # recorded at the start of a step; released in the update of step 12
    assert trace.free[8:15, 0].tolist() == [1, 1, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("period", ["0.15 ms", "0.05 ms", 0.26])
def test_period_that_is_no_whole_number_of_steps_is_an_error(period: Any) -> None:
    cells = nb.Neurons(1, FREE, threshold="v > 1", refractory=period)
    with pytest.raises(nb.TimeStepError):
        nb.Network(cells, dt=0.1).run(1)


def test_negative_period_is_an_error() -> None:
    with pytest.raises(nb.TimeStepError):
        nb.Neurons(1, FREE, threshold="v > 1", refractory="-1 ms")


def test_a_shorter_period_lets_nobody_go_before_the_end_of_the_old_one() -> None:
    above = {0: [0], 5: [1], 16: [0, 1], 30: [0, 1], 51: [0, 1], 52: [0, 1]}
    cells = nb.Neurons(
        2, "half = 2.5*ms : ms", threshold=lambda t: np.isin([0, 1], above.get(round(t / 0.1), [])), refractory="2*half",
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    net.run(0.5)
    cells.half = 0.5  # 10 steps from here on; neuron 0 waits for step 50
    net.run(6)
    steps = np.rint(spikes.t / 0.1).astype(int).tolist()
    assert list(zip(steps, spikes.i.tolist(), strict=True)) == [
        (0, 0),
        (5, 1),
        (16, 1),
        (30, 1),
        (51, 0),
        (51, 1),
    ]


@pytest.mark.parametrize(("period", "interval"), [("2 ms", 11.9), ("2.1 ms", 12.0), ("2*ms + dt", 12.0)])
def test_a_period_counts_from_the_step_of_the_spike(period: str, interval: float) -> None:
    """100 updates to the threshold, and R - 1 in which v is held; in NEST it is held in R."""
    cells = nb.Neurons(1, "dv/dt = 0.1/ms : 1 (unless refractory)", threshold="v > 0.995", reset="v = 0",
                       refractory=period)  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1).run(40)
    assert np.diff(spikes.t) == pytest.approx([interval, interval])
