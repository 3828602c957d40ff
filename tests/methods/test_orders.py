"""The order of every method: how the error at the end falls when the step is halved."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb
from numpybrain.engine.integrators import Explicit
from numpybrain.symbolic.methods import METHODS
from numpybrain.symbolic.tableaus import TABLEAUS

END = 2.0  # ms
START = np.array([0.3, 0.7, 1.2])  # of the first variable, one neuron each
# steps of END/n: where the asymptotic regime is reached and rounding (1e-15) is far below the error
STEPS = {1: 400, 2: 128, 3: 128, 4: 64, 5: 40}


@dataclass(frozen=True)
class Problem:
    """Equations in the language, the same as a Python function of (t, y), and other start values."""

    equations: str
    rates: Callable[[float, Any], Any]
    others: tuple[float, ...] = ()

    @property
    def names(self) -> list[str]:
        return list("xyz"[: 1 + len(self.others)])


PROBLEMS = {
    "linear": Problem(
        "dx/dt = (y - 2*x + 0.5)/ms : 1\ndy/dt = (-x - 0.5*y)/ms : 1",
        lambda t, u: [u[1] - 2 * u[0] + 0.5, -u[0] - 0.5 * u[1]],
        (0.4,),
    ),
    "logistic": Problem("dx/dt = 1.5*x*(1.4 - x)/ms : 1", lambda t, u: [1.5 * u[0] * (1.4 - u[0])]),
    "forced": Problem(
        "dx/dt = (cos(3*t/ms) - x*(1 + 0.5*sin(2*t/ms)))/ms : 1",
        lambda t, u: [np.cos(3 * t) - u[0] * (1 + 0.5 * np.sin(2 * t))],
    ),
    "forced, not linear": Problem(
        "dx/dt = (sin(t/ms)*exp(-x) - x**2)/ms : 1",
        lambda t, u: [np.sin(t) * np.exp(-u[0]) - u[0] ** 2],
    ),
    "stiff": Problem(
        "dx/dt = (-25*(x - y**2) - y)/ms : 1\ndy/dt = (1 - y)/ms : 1",
        lambda t, u: [-25 * (u[0] - u[1] ** 2) - u[1], 1 - u[1]],
        (0.2,),
    ),
    "gates": Problem(
        "dx/dt = (-2*y**3*(x - 1) - 0.5*(x + 0.5))/ms : 1\ndy/dt = (exp(x)*(1 - y) - exp(-x)*y)/ms : 1",
        lambda t, u: [
            -2 * u[1] ** 3 * (u[0] - 1) - 0.5 * (u[0] + 0.5),
            np.exp(u[0]) * (1 - u[1]) - np.exp(-u[0]) * u[1],
        ],
        (0.1,),
    ),
    "predators": Problem(
        "dx/dt = x*(1 - y)/ms : 1\ndy/dt = y*(x - 1)/ms : 1",
        lambda t, u: [u[0] * (1 - u[1]), u[1] * (u[0] - 1)],
        (1.5,),
    ),
    "oscillator": Problem(
        "dx/dt = (y + 0.5*x*(1 - x**2))/ms : 1\ndy/dt = (-x + 0.2*z)/ms : 1\ndz/dt = (x*y - z)/ms : 1",
        lambda t, u: [u[1] + 0.5 * u[0] * (1 - u[0] ** 2), -u[0] + 0.2 * u[2], u[0] * u[1] - u[2]],
        (0.4, -0.3),
    ),
}  # fmt: skip


def reference(problem: Problem, end: float = END) -> np.ndarray:
    """The values at the end, shape (variables, neurons)."""
    found = [
        solve_ivp(problem.rates, (0, end), [x, *problem.others], method="DOP853", rtol=1e-13, atol=1e-15)
        for x in START
    ]
    return np.array([f.y[:, -1] for f in found]).T


REFERENCES = {name: reference(problem) for name, problem in PROBLEMS.items()}


def values(cells: nb.Neurons, names: list[str]) -> np.ndarray:
    return np.array([getattr(cells, name) for name in names])


def solve(problem: Problem, method: Any, steps: int, end: float = END) -> np.ndarray:
    cells = nb.Neurons(START.size, problem.equations, method=method)
    cells.x = START
    for name, value in zip(problem.names[1:], problem.others, strict=True):
        setattr(cells, name, value)
    nb.Network(cells, dt=end / steps).run(end)
    return values(cells, problem.names)


def measured(errors: list[float]) -> float:
    return float(np.log2(errors[0] / errors[1]))


CASES = [
    (method, problem)
    for method in METHODS
    for problem in PROBLEMS
    if METHODS[method].loop != "adaptive"
    and nb.Model(PROBLEMS[problem].equations).plan() is not None
    and METHODS[method].refuses(nb.Model(PROBLEMS[problem].equations).plan().system) is None
]


def test_every_method_has_its_problems() -> None:
    counts = {name: sum(method == name for method, _ in CASES) for name in METHODS}
    exponential = {m for m in METHODS if m.startswith("exponential")}
    for name, count in counts.items():
        few = {"exact": 1, "rk23": 0, "rk45": 0}.get(name, 5 if name in exponential else len(PROBLEMS))
        assert count == few


@pytest.mark.parametrize(("method", "name"), CASES)
def test_order(method: str, name: str) -> None:
    problem, order = PROBLEMS[name], METHODS[method].order
    if order is None:
        assert solve(problem, method, 3) == pytest.approx(REFERENCES[name], rel=1e-12)
        return
    steps = STEPS[order] * ({1: 1, 2: 2}.get(order, 4) if name == "stiff" else 1)
    errors = [
        float(np.linalg.norm(solve(problem, method, n) - REFERENCES[name])) for n in (steps, 2 * steps)
    ]
    assert 1e-13 < errors[1] < 1e-2
    assert measured(errors) == pytest.approx(order, abs=0.15)


# ---- the embedded pairs with a fixed step -------------------------------------------------------------


def fixed(name: str) -> Any:
    """A pair without its error estimate: a method with a fixed step."""
    return replace(TABLEAUS[name], error=None)


@pytest.mark.parametrize("pair", ["rk23", "rk45"])
@pytest.mark.parametrize("name", ["linear", "logistic", "forced", "predators"])
@pytest.mark.parametrize("python", [False, True])
def test_pairs_as_methods_with_a_fixed_step(pair: str, name: str, python: bool) -> None:
    problem, order = PROBLEMS[name], TABLEAUS[pair].order
    expected = {"rk23": 3, "rk45": 5}[pair]
    assert order == expected

    def in_python(steps: int) -> np.ndarray:
        block = np.array([START, *(np.full(3, v) for v in problem.others)])

        def rates(t: float, block: np.ndarray, out: np.ndarray) -> None:
            out[...] = problem.rates(t, block)

        loop, dt = Explicit(rates, block, fixed(pair)), END / steps
        for k in range(steps):
            loop.advance(k * dt, dt)
        return block

    make = in_python if python else lambda n: solve(problem, fixed(pair), n)
    n = STEPS[order]
    errors = [float(np.linalg.norm(make(steps) - REFERENCES[name])) for steps in (n, 2 * n)]
    assert errors[1] > 1e-13
    assert measured(errors) == pytest.approx(order, abs=0.15)


@pytest.mark.parametrize(("pair", "order"), [("rk23", 3), ("rk45", 5)])
def test_the_error_estimate_falls_as_it_must(pair: str, order: int) -> None:
    """The estimate of one step is that of the method of the lower order, order - 1: h**order."""
    made = TABLEAUS[pair]
    assert made.order_of_error == order
    assert made.ends_with_next
    block = np.array([[0.4]])

    def rates(t: float, block: np.ndarray, out: np.ndarray) -> None:
        out[...] = np.sin(t) * np.exp(-block) + block

    loop = Explicit(rates, block, made)
    found = []
    for h in (0.02, 0.01):
        loop.stages(1.0, h)
        found.append(abs(h * np.tensordot([float(e) for e in made.error], loop.slopes, 1))[0, 0])
    assert measured(found) == pytest.approx(order, abs=0.15)


def test_every_order_is_measured_with_another_method_as_a_check() -> None:
    """The measurement can fail: the error of rk3 does not fall like that of rk4."""
    problem = PROBLEMS["oscillator"]
    for wrong in ("rk3", "heun2"):
        errors = [
            float(np.linalg.norm(solve(problem, wrong, n) - REFERENCES["oscillator"])) for n in (32, 64)
        ]
        assert abs(measured(errors) - 4) > 0.5


# ---- z = lambda*dt: stability functions ----------------------------------------------------------------

TEST = "dx/dt = z*x/(0.5*ms) : 1\nz : 1"


def after_one_step(method: str, z: np.ndarray) -> np.ndarray:
    cells = nb.Neurons(z.size, TEST, method=method, z=z, initial={"x": "1"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nb.StabilityWarning)  # steps that are too long, on purpose
        nb.Network(cells, dt=0.5).step()
    return np.array(cells.x)


GAMMA = 1 - 1 / np.sqrt(2)
STABILITY = {  # Hairer & Wanner, Solving Ordinary Differential Equations II, sections IV.3 and IV.7
    "backward_euler": lambda z: 1 / (1 - z),
    "trapezoidal": lambda z: (1 + z / 2) / (1 - z / 2),
    "rosenbrock": lambda z: (1 + (1 - 2 * GAMMA) * z) / (1 - GAMMA * z) ** 2,
    "exponential_euler": np.exp,
    "exponential_midpoint": np.exp,
    "exact": np.exp,
    "rk3": lambda z: 1 + z + z**2 / 2 + z**3 / 6,
    "ssprk3": lambda z: 1 + z + z**2 / 2 + z**3 / 6,
    "ralston2": lambda z: 1 + z + z**2 / 2,
    "rk4_38": lambda z: 1 + z + z**2 / 2 + z**3 / 6 + z**4 / 24,
}


@pytest.mark.parametrize("method", STABILITY)
def test_stability_functions(method: str) -> None:
    z = np.array([-30.0, -3.0, -1.0, -0.01, 0.0, 0.4])
    assert after_one_step(method, z) == pytest.approx(STABILITY[method](z), rel=1e-12, abs=1e-13)


def test_far_out_on_the_negative_axis() -> None:
    z = -np.logspace(2, 12, 6)
    for method, limit in (("backward_euler", 1.0), ("rosenbrock", (1 - 2 * GAMMA) / GAMMA**2)):
        assert np.all(np.abs(after_one_step(method, z) * z) < 1.001 * limit)  # L-stable: to 0 like 1/z
    trapezoidal = after_one_step("trapezoidal", z)  # A-stable, not L-stable: it goes to -1
    assert np.all(np.abs(trapezoidal) <= 1)
    assert trapezoidal[-1] == pytest.approx(-1, abs=1e-8)


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].stable is not None])
def test_stable_says_where_explicit_methods_explode(method: str) -> None:
    limit = METHODS[method].stable
    assert limit is not None
    inside, outside = np.abs(after_one_step(method, np.array([-0.998 * limit, -1.005 * limit])))
    assert inside < 1 < outside


def test_rk45_as_a_fixed_step_is_stable_as_far_as_its_tableau_says() -> None:
    for name in ("rk23", "rk45"):
        limit = TABLEAUS[name].stable
        inside, outside = np.abs(after_one_step(fixed(name), np.array([-0.99 * limit, -1.01 * limit])))
        assert inside < 1 < outside


def test_complex_eigenvalues_of_the_implicit_methods() -> None:
    """A rotation: backward Euler and Rosenbrock damp it, the trapezoidal rule keeps its length."""
    for z in (0.5, 3.0, 1000.0):
        for method in ("backward_euler", "trapezoidal", "rosenbrock"):
            cells = nb.Neurons(
                1, "dx/dt = -z*y/ms : 1\ndy/dt = z*x/ms : 1\nz : 1", method=method, z=z, initial={"x": "1"}
            )
            nb.Network(cells, dt=1).step()
            expected = STABILITY[method](1j * z)
            assert complex(cells.x[0], cells.y[0]) == pytest.approx(expected, rel=1e-10, abs=1e-12)
            assert (abs(expected) == pytest.approx(1)) == (method == "trapezoidal")
