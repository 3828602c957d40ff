"""A Hodgkin-Huxley neuron against SciPy at a relative tolerance of 1e-10, for every method that can do it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb

EQUATIONS = """
    dv/dt = (I - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) - g_L*(v - E_L))/C : mV
    dm/dt = a_m*(1 - m) - b_m*m : 1
    dh/dt = a_h*(1 - h) - b_h*h : 1
    dn/dt = a_n*(1 - n) - b_n*n : 1
    a_m = 0.1*(v + 40*mV)/mV/(1 - exp(-(v + 40*mV)/(10*mV)))/ms : 1/ms
    b_m = 4*exp(-(v + 65*mV)/(18*mV))/ms : 1/ms
    a_h = 0.07*exp(-(v + 65*mV)/(20*mV))/ms : 1/ms
    b_h = 1/(1 + exp(-(v + 35*mV)/(10*mV)))/ms : 1/ms
    a_n = 0.01*(v + 55*mV)/mV/(1 - exp(-(v + 55*mV)/(10*mV)))/ms : 1/ms
    b_n = 0.125*exp(-(v + 65*mV)/(80*mV))/ms : 1/ms
    g_Na = 120*mS/cm**2 : mS/cm**2
    g_K = 36*mS/cm**2 : mS/cm**2
    g_L = 0.3*mS/cm**2 : mS/cm**2
    E_Na = 50*mV : mV
    E_K = -77*mV : mV
    E_L = -54.387*mV : mV
    C = 1*uF/cm**2 : uF/cm**2
    I = 10*uA/cm**2 : uA/cm**2
"""
START = {"v": -65.0, "m": 0.05, "h": 0.6, "n": 0.32}
DURATION = 60.0


def rates(t: float, y: Sequence[float]) -> list[float]:
    v, m, h, n = y
    a_m = 0.1 * (v + 40) / -np.expm1(-(v + 40) / 10) if v != -40 else 1.0
    a_n = 0.01 * (v + 55) / -np.expm1(-(v + 55) / 10) if v != -55 else 0.1
    b_m, b_n = 4 * np.exp(-(v + 65) / 18), 0.125 * np.exp(-(v + 65) / 80)
    a_h, b_h = 0.07 * np.exp(-(v + 65) / 20), 1 / (1 + np.exp(-(v + 35) / 10))
    current = 10 - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387)
    return [current, a_m * (1 - m) - b_m * m, a_h * (1 - h) - b_h * h, a_n * (1 - n) - b_n * n]


@pytest.fixture(scope="module")
def exact() -> np.ndarray:
    """Times of the upward crossings of 0 mV."""

    def crossing(t: float, y: Sequence[float]) -> float:
        return y[0]

    crossing.direction = 1
    solution = solve_ivp(
        rates, (0, DURATION), list(START.values()), method="DOP853", rtol=1e-10, atol=1e-12, events=crossing
    )
    assert solution.success
    return solution.t_events[0]


def crossings(method: str | None, dt: float) -> np.ndarray:
    """The same of NumpyBrain, found within the step by interpolation of degree 7."""
    cells = nb.Neurons(
        1, EQUATIONS, method=method, initial=START, threshold="v > 0*mV", refractory="v > 0*mV"
    )
    trace, spikes = nb.Monitor(cells, "v"), nb.Monitor(cells, "spikes")
    nb.Network(cells, trace, spikes, dt=dt).run(DURATION + 2 * dt)
    v, found = trace.v[:, 0], []
    for k in np.flatnonzero((v[:-1] <= 0) & (v[1:] > 0)):
        roots = np.roots(np.polyfit(np.arange(-3, 5), v[k - 3 : k + 5], 7))
        (root,) = (r.real for r in roots if abs(r.imag) < 1e-9 and -1e-9 <= r.real <= 1 + 1e-9)
        found.append((k + root) * dt)
    # a threshold sees the crossing in the update that ends behind it
    assert spikes.t == pytest.approx(np.floor(np.array(found) / dt) * dt)
    return np.array(found)


@pytest.mark.parametrize(("method", "order", "steps", "largest"), [
    ("rk4", 4, (0.025, 0.0125), 1e-5), ("rk2", 2, (0.02, 0.01), 5e-3),
    ("exponential_euler", 1, (0.02, 0.01), 0.7), ("euler", 1, (0.02, 0.01), 0.5),
])  # fmt: skip
def test_spike_times_converge_with_the_order_of_the_method(
    exact: np.ndarray, method: str, order: int, steps: tuple[float, float], largest: float
) -> None:
    assert exact.size == 4
    errors = []
    for dt in steps:
        found = crossings(method, dt)
        assert found.size == exact.size
        errors.append(np.abs(found - exact).max())
    assert errors[0] < largest
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.25)


def test_the_chosen_method_is_exponential_midpoint_and_stays_finite_at_large_steps() -> None:
    cells = nb.Neurons(1, EQUATIONS, initial=START)
    assert cells.update.method == "exponential_midpoint"
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace, dt=0.1).run(200)
    assert np.all((trace.v > -90) & (trace.v < 60))


def test_resting_state_is_a_fixed_point() -> None:
    from scipy.optimize import fsolve

    def without_current(y: Sequence[float]) -> list[float]:
        dv, *gates = rates(0, y)
        return [dv - 10, *gates]

    rest = fsolve(without_current, list(START.values()), xtol=1e-13)
    for method in ("rk4", "exponential_euler"):
        cells = nb.Neurons(1, EQUATIONS, method=method, initial=dict(zip(START, rest, strict=True)), I=0)
        nb.Network(cells, dt=0.05).run(50)
        assert [cells.v[0], cells.m[0], cells.h[0], cells.n[0]] == pytest.approx(rest.tolist(), rel=1e-9)
