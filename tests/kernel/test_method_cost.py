"""What numerical methods cost: evaluations of the derivatives, calls of NumPy, nothing in Python for each neuron."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counting import instructions

import numpybrain as nb
from numpybrain.engine.numpy.runtime_functions import namespace

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


def array_operations(code: str) -> int:
    """How many operations on whole arrays stand in the code of a step: operators, and functions of NumPy."""
    lines = [line.partition("#")[0] for line in code[code.index("# step of") :].splitlines()[2:]]
    found = 0
    for line in lines:
        found += len(
            re.findall(r"(?<=[\w)]) ?(?:\*\*|[-+*/<>]) ?(?=[\w(-])", re.sub(r"\d[eE][-+]", "1", line))
        )
        found += sum(name in namespace() for name in re.findall(r"([A-Za-z_]\w*)\(", line))
    return found


def test_rk4_takes_little_more_than_four_times_the_work_of_euler() -> None:
    """The time of each is in `examples/benchmarks/methods.py`."""
    model = nb.load_model("hodgkin_huxley")
    found = {}
    for name in ("euler", "rk4"):
        net = benchmark.network(model, name, START)
        (cells,) = (member for member in net.objects if isinstance(member, nb.Neurons))
        found[name] = (
            benchmark.evaluations(name, START, 50),
            array_operations(cells.update.source),
            instructions(lambda net=net: net.run(200 * benchmark.DT)),
        )
    for euler, rk4, most in zip(found["euler"], found["rk4"], (4.3, 5.5, 5.5), strict=True):
        assert 2 * euler < rk4 < most * euler, found


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
