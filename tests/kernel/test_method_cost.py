"""What numerical methods cost: evaluations of the derivatives, time, and nothing in Python for each neuron."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from time import perf_counter
from types import FrameType
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

SCRIPT = Path(__file__).parents[2] / "examples" / "benchmarks" / "methods.py"
_spec = spec_from_file_location("benchmark_of_methods", SCRIPT)
benchmark = module_from_spec(_spec)
_spec.loader.exec_module(benchmark)
START = {
    "v": np.array([-65.0, -60]),
    "m": np.array([0.05, 0.1]),
    "h": np.array([0.6, 0.5]),
    "n": np.array([0.3, 0.4]),
}

EVALUATIONS = {
    "euler": 1, "exponential_euler": 1, "exponential_midpoint": 2, "midpoint": 2, "rk2": 2, "heun2": 2,
    "ralston2": 2, "rk3": 3, "ssprk3": 3, "rk4": 4, "rk4_38": 4, "rosenbrock": 3,  # once more, for what depends on t
}  # fmt: skip
AT_LEAST = {"rk23": 4, "rk45": 7, "backward_euler": 2, "trapezoidal": 3}


def test_the_benchmark_knows_every_method_without_noise() -> None:
    noisy = {
        "exponential_euler_maruyama",
        "exponential_midpoint_maruyama",
        "euler_maruyama",
        "milstein",
        "heun",
        "sra1",
    }
    assert {*benchmark.METHODS, "exact", *noisy} == set(nb.list_methods())
    assert {*EVALUATIONS, *AT_LEAST} == set(benchmark.METHODS)


@pytest.mark.parametrize("method", EVALUATIONS)
def test_derivatives_are_asked_for_once_in_a_stage(method: str) -> None:
    assert benchmark.evaluations(method, START, 20) == EVALUATIONS[method]


@pytest.mark.parametrize("method", AT_LEAST)
def test_loops_stop_when_they_are_done(method: str) -> None:
    """A tolerance of 1e-6, or Newton's method to 1e-10 from a good start: a handful each."""
    asked = benchmark.evaluations(method, START, 20)
    assert AT_LEAST[method] <= asked < 4 * AT_LEAST[method]


def test_rk4_takes_little_more_than_four_times_the_work_of_euler() -> None:
    asked = {name: benchmark.evaluations(name, START, 50) for name in ("euler", "rk4")}
    assert asked["rk4"] <= 4.3 * asked["euler"]
    # what other programs on this machine add, they never take away: the fastest of alternating rounds
    model = nb.load_model("hodgkin_huxley")
    start = benchmark.settled(4000)
    nets = {name: benchmark.network(model, name, start) for name in asked}
    fastest = dict.fromkeys(asked, np.inf)
    for _ in range(15):
        for name, net in nets.items():
            began = perf_counter()
            net.run(10 * benchmark.DT)
            fastest[name] = min(fastest[name], perf_counter() - began)
    assert fastest["rk4"] < 6 * fastest["euler"]


def instructions(call: Callable[[], Any]) -> int:
    """How many instructions the Python interpreter carries out in a call."""
    found = 0

    def trace(frame: FrameType, event: str, argument: object) -> Any:
        nonlocal found
        frame.f_trace_opcodes = True
        found += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return found


@pytest.mark.parametrize("method", benchmark.METHODS)
def test_a_step_makes_no_python_object_for_a_neuron(method: str) -> None:
    """Neither a loop over neurons in Python, nor lists of numbers while derivatives are asked for or after."""
    implicit = method in ("backward_euler", "trapezoidal", "rosenbrock")
    alive = []

    def look(x: Any) -> Any:
        alive.append(sys.getallocatedblocks())
        return 0 * x

    looking = f"E_L = -54.387*mV + look({'t/ms' if implicit else 'h'})*mV : mV"
    model = nb.load_model("hodgkin_huxley").extend(looking)
    carried_out, at_work, left = [], [], []
    for n in (100, 10_000):
        cells = nb.Neurons(n, model, method=method, I=10, look=look)  # all do the same at the same time
        net = nb.Network(cells, dt=0.025)
        net.run(1)
        carried_out.append(instructions(lambda net=net: net.run(0.25)))
        alive.clear()
        before = sys.getallocatedblocks()
        net.run(0.25)
        left.append(sys.getallocatedblocks() - before)
        at_work.append(max(alive) - before)
    assert carried_out[0] > 100
    assert carried_out[1] == pytest.approx(carried_out[0], rel=0.02)
    assert at_work[1] - at_work[0] < 200
    assert left[1] - left[0] < 200
