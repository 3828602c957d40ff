"""How fast the largest error of each method goes to zero with dt, measured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb

# name -> equations, the same for SciPy (time in ms), start values. All are linear in their own variable.
PROBLEMS: dict[str, tuple[str, Callable[..., Any], dict[str, float]]] = {
    "linear": (
        "dx/dt = (y - x)/ms : 1\ndy/dt = -(x + 0.5*y)/ms : 1",
        lambda t, z: [z[1] - z[0], -(z[0] + 0.5 * z[1])],
        {"x": 1.0, "y": 0.5},
    ),
    "nonlinear": (
        "dx/dt = x*(1 - y)/ms : 1\ndy/dt = y*(x - 1)/ms : 1",
        lambda t, z: [z[0] * (1 - z[1]), z[1] * (z[0] - 1)],
        {"x": 1.5, "y": 0.5},
    ),
    "non-autonomous": (
        "dx/dt = (sin(2*t/ms) - x*(1 + 0.5*cos(3*t/ms)))/ms : 1",
        lambda t, z: [np.sin(2 * t) - z[0] * (1 + 0.5 * np.cos(3 * t))],
        {"x": 0.5},
    ),
    "subexpressions": (  # evaluated afresh in every stage, else rk4 is of first order
        "dx/dt = -x*I/ms : 1\nI = 1 + x*s : 1\ns = sin(t/ms) : 1",
        lambda t, z: [-z[0] * (1 + z[0] * np.sin(t))],
        {"x": 1.0},
    ),
}
ORDERS = {"euler": 1, "rk2": 2, "rk4": 4, "exponential_euler": 1}
DURATION = 2.0
STEPS = np.array([0.1, 0.05, 0.025, 0.0125])


def error(problem: str, method: str, dt: float) -> float:
    equations, rates, start = PROBLEMS[problem]
    cells = nb.Neurons(1, equations, method=method, initial=start)
    trace = nb.Monitor(cells, list(start), every=max(dt, 0.1))
    nb.Network(cells, trace, dt=dt).run(DURATION + dt)
    assert cells.update.method == method
    end, first = trace.t[-1], list(start.values())
    exact = solve_ivp(rates, (0, end), first, method="DOP853", rtol=1e-13, atol=1e-14, t_eval=trace.t).y
    return float(max(np.abs(getattr(trace, x)[:, 0] - y).max() for x, y in zip(start, exact, strict=True)))


CASES = [(m, p) for m in ORDERS for p in PROBLEMS]
CASES.remove(("exponential_euler", "subexpressions"))  # quadratic in x


@pytest.mark.parametrize(("method", "problem"), CASES)
def test_order_of_convergence(method: str, problem: str) -> None:
    errors = [error(problem, method, dt) for dt in STEPS]
    slope, _ = np.polyfit(np.log(STEPS), np.log(errors), 1)
    assert slope == pytest.approx(ORDERS[method], abs=0.15)
    assert errors[-1] < errors[0]


@pytest.mark.parametrize("dt", [2.0, 0.5, 0.1])
def test_exact_has_no_error_at_any_step(dt: float) -> None:
    assert error("linear", "exact", dt) < 1e-12


def test_exponential_euler_is_exact_for_one_linear_equation() -> None:
    cells = nb.Neurons(
        3,
        "dx/dt = (a - x)/tau : 1\na : 1\ntau : ms",
        method="exponential_euler",
        a=[1, 2, 3],
        tau=[0.1, 1, 50],
    )
    nb.Network(cells, dt=0.5).run(5)
    assert cells.x == pytest.approx(
        np.array([1, 2, 3]) * (1 - np.exp(-5 / np.array([0.1, 1, 50]))), rel=1e-13
    )


def test_exponential_euler_with_a_rate_of_zero_or_above() -> None:
    cells = nb.Neurons(
        4,
        "dx/dt = (a*x + b)/ms : 1\na : 1\nb = 2 : 1",
        method="exponential_euler",
        a=[0, 1e-12, 0.5, -0.5],
        initial={"x": "1"},
    )
    nb.Network(cells, dt=0.25).run(2)
    a = np.array([0.5, -0.5])
    assert cells.x[:2] == pytest.approx([5, 5], rel=1e-11)
    assert cells.x[2:] == pytest.approx(np.exp(2 * a) * (1 + 2 / a) - 2 / a, rel=1e-13)


def test_exponential_euler_with_changing_rates_of_zero_or_above() -> None:
    """The rate y stands still here, but might change in every step."""
    cells = nb.Neurons(
        5,
        "dx/dt = (y*x + 2)/ms : 1\ndy/dt = 0*x*y/ms + z/ms : 1\nz : 1",
        method="exponential_euler",
        initial={"x": "1", "y": [0, 1e-12, 0.5, -0.5, -40]},
    )
    nb.Network(cells, dt=0.25).run(2)
    y = np.array([0.5, -0.5, -40])
    assert cells.x[:2] == pytest.approx([5, 5], rel=1e-11)
    assert cells.x[2:] == pytest.approx(np.exp(2 * y) * (1 + 2 / y) - 2 / y, rel=1e-12)
