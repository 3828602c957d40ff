"""Stages of a network, and runs that end early: by `stop()`, or when a condition is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import ArgumentError, NetworkError, TimeStepError
from numpybrain.kernel import network as core
from numpybrain.kernel.contracts import PHASES
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.operations import Function

DT = 0.5


def model(**options: Any) -> tuple[nb.Network, nb.Neurons, nb.Monitor, nb.Monitor]:
    nb.seed(5)
    cells = nb.Neurons(
        20, "dv/dt = (1.4 + 0.3*sin(t/(7*ms)) - v)/(10*ms) + 0.1*xi/sqrt(ms) : 1", threshold="v > 1",
        reset="v = 0", refractory="2 ms", name="cells",
    )  # fmt: skip
    synapses = nb.Synapses(cells, cells, on_pre="v_post += 0.05", connect="i != j", delay="1.5 ms")
    spikes, trace = nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v", every=1)
    return nb.Network(cells, synapses, spikes, trace, dt=DT, **options), cells, spikes, trace


def of_one_run(steps: int) -> list[np.ndarray]:
    net, cells, spikes, trace = model()
    net.run(steps * DT)
    return [cells.v.copy(), spikes.t, spikes.i, trace.t, trace.v]


def assert_same(got: list[Any], expected: list[np.ndarray]) -> None:
    for a, b in zip(got, expected, strict=True):
        assert np.array_equal(a, b)


# ---- stages of the network ----


@pytest.mark.parametrize("phase", PHASES)
def test_functions_of_time_act_in_their_steps(phase: str) -> None:
    net, _, _, _ = model()
    found: list[tuple[Any, ...]] = []
    net.at(phase, lambda: found.append(()), every=2)
    net.at(phase, lambda t: found.append((t,)), start=3)

    @net.at(phase, every="3 ms", start=1, stop="7 ms")
    def both(dt, t):
        found.append((t, dt))

    net.run(3.5)
    net.run(6.5)
    expected = []
    for k in range(20):
        t = k * DT
        expected += [()] if k % 4 == 0 else []
        expected += [(t,)] if t >= 3 else []
        expected += [(t, DT)] if t in (1, 4) else []
    assert found == expected


def test_order_and_words_in_the_schedule() -> None:
    net, cells, _, _ = model()
    order: list[int] = []
    cells.at("start", lambda: order.append(1))
    net.at("start", lambda: order.append(2), every=50)
    net.at("start", lambda: order.append(0), before=True)
    net.run(DT)
    assert order == [0, 1, 2]
    line = str(net.schedule["every 50 ms"].description)
    assert line == "<lambda> every 50 ms"
    assert net.schedule["every 50 ms"].owner == "network"


def test_a_stage_may_assign_parameters() -> None:
    cells = nb.Neurons(1, "dv/dt = I/ms : 1\nI : 1", method="euler")
    net = nb.Network(cells, dt=1)

    @net.at("start", every=3)
    def more():
        cells.I = cells.I[0] + 1

    net.run(7)
    assert cells.v[0] == pytest.approx(1 * 3 + 2 * 3 + 3, rel=1e-14)


def test_bad_stages() -> None:
    net, _, _, _ = model()
    with pytest.raises(ArgumentError, match="a function"):
        net.at("start", "v = 0")
    with pytest.raises(NetworkError, match="unknown phase 'strat'"):
        net.at("strat", lambda: None)
    with pytest.raises(NetworkError, match="no argument but t and dt"):
        net.at("start", lambda v: None)
    with pytest.raises(TimeStepError, match="'every' of a stage of the network"):
        net.at("start", lambda: None, every=0.7)
    assert "network" not in {stage.owner for stage in net.schedule}


# ---- stopping ----


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("step", [0, 1, 37, 63, 64, 65, 130, 199])
def test_a_stage_ends_the_run_after_its_step(phase: str, step: int) -> None:
    net, cells, spikes, trace = model()
    net.at(phase, net.stop, start=step * DT, stop=step * DT + DT)
    net.run(100)
    assert net.clock.step == step + 1
    assert_same([cells.v, spikes.t, spikes.i, trace.t, trace.v], of_one_run(step + 1))
    net.run((200 - step - 1) * DT)
    assert net.clock.step == 200
    assert_same([cells.v, spikes.t, spikes.i, trace.t, trace.v], of_one_run(200))


def test_a_stopped_run_leaves_nothing_over() -> None:
    net, _, _, _ = model()
    net.at("end", lambda t: net.stop() if t == 2 else None)
    net.run(100.3)
    assert net.t == 2.5
    net.run(1)
    assert net.t == 3.5


def test_a_progress_function_ends_the_run() -> None:
    net, cells, *_ = model()
    told: list[float] = []

    def tell(done: float) -> None:
        told.append(done)
        if done > 0.2:
            net.stop()

    net.run(1000, progress=tell)
    n = net.clock.step
    assert 400 < n <= 400 + 64
    assert told[-1] == n / 2000
    assert_same([cells.v], of_one_run(n)[:1])


def test_no_run_to_stop() -> None:
    net, _, _, _ = model()
    for _ in range(2):
        with pytest.raises(NetworkError, match="not running"):
            net.stop()
        net.run(1)
    net.run(
        1, progress=lambda done: net.stop() if done == 1 else None
    )  # at its end: there is nothing left to end
    net.run(1)
    assert net.t == 4


def test_an_error_in_the_step_that_stops() -> None:
    net, _, _, _ = model()
    bad = [True]

    @net.at("start", start=5, stop=5.5)
    def stop_and_fail():
        net.stop()
        if bad.pop():
            raise ZeroDivisionError

    before = net.snapshot()
    with pytest.raises(ZeroDivisionError):
        net.run(10)
    net.restore(before)
    net.run(4)
    assert net.t == 4


def test_the_kernel_alone_stops() -> None:
    cells = Neurons("cells", 1, {"x": 0.0})
    x, net = cells["x"], core.Network(dt=1)

    def count() -> None:
        x[:] += 1
        if x[0] % 70 == 0:
            net.stop()

    cells.add_stage("start", "count", Function(count, writes=list(cells.variables.slots.values())))
    net.add(cells)
    net.run(1000)
    net.run(1000)
    net.run(3)
    assert (x[0], net.clock.step) == (143, 143)
    with pytest.raises(NetworkError):
        net.stop()


# ---- conditions ----


def test_until_is_asked_after_each_step() -> None:
    net, cells, spikes, trace = model()
    asked: list[tuple[float, float]] = []

    def late(t):
        asked.append((t, net.t))
        return t >= 60

    net.run(100, until=late)
    assert asked == [((k + 1) * DT,) * 2 for k in range(120)]
    net.run(10)
    assert len(asked) == 120
    assert_same([cells.v, spikes.t, spikes.i, trace.t, trace.v], of_one_run(140))


def test_until_sees_the_values_of_the_step() -> None:
    net, cells, spikes, _ = model()
    steps = 0
    other, same, _, _ = model()
    while not (same.v > 0.9).any():
        other.step()
        steps += 1
    net.run("1 s", until=lambda: (cells.v > 0.9).any())
    assert net.clock.step == steps > 1
    net.run("1 s", until=lambda: len(spikes) >= 5)
    assert 5 <= len(spikes) < 25
    assert spikes.t[-1] == net.t - DT


def test_until_that_is_never_true() -> None:
    net, cells, *_ = model()
    net.run(70.2, until=lambda: False)
    net.run(29.8, until=lambda: False, progress=lambda _: None)
    assert net.clock.step == 200
    assert_same([cells.v], of_one_run(200)[:1])


def test_until_with_assignments_and_errors() -> None:
    net, _, _, _ = model()
    for wrong in (1, "v > 1"):
        with pytest.raises(ArgumentError, match="'until' is a function"):
            net.run(10, until=wrong)
    with pytest.raises(NetworkError, match="no argument but t"):
        net.run(10, until=lambda v: v > 0)
    assert net.t == 0
    for value in (None, np.zeros(3), np.array([True]), 1, [True, [False, True]]):
        with pytest.raises(ArgumentError, match="True or False"):
            net.run(10, until=lambda value=value: value)
    assert net.clock.step == 5  # the step before the question is complete
    net.run(7.5)
    assert net.t == 10
