"""Strong and weak orders of the stochastic methods, on prescribed Brownian paths with known solutions."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS
from tests.methods.paths import Path, path, prescribe, solve

PATHS, FINE, END = 2500, 1024, 1.0
COARSE = (64, 32, 16, 8)  # fine steps in one
BROWNIAN = path(FINE, END, PATHS)
A, S, START = 1.5, 0.6, 0.8

ADDITIVE = {
    "forced": ("dx/dt = (cos(2*t/ms) - 1.5*x)/ms + 0.6*xi/ms**0.5 : 1", lambda s: S + 0 * s, lambda s: 0 * s, lambda s: np.cos(2 * s)),
    "noise that changes": (
        "dx/dt = -1.5*x/ms + 0.6*(1 + 0.8*sin(3*t/ms))*xi/ms**0.5 : 1",
        lambda s: S * (1 + 0.8 * np.sin(3 * s)), lambda s: 3 * S * 0.8 * np.cos(3 * s), lambda s: 0.0,
    ),
}  # fmt: skip


def exact_additive(name: str, brownian: Path) -> np.ndarray:
    """dx = (f(t) - A x) dt + g(t) dB at END, on a path.

    The integral of p(s) = exp(-A (END - s)) g(s) over a fine step is, by parts, p dB - p' I: up to h**2.
    """
    _, g, dg, f = ADDITIVE[name]
    t = np.arange(brownian.db.shape[1])[:, None] * brownian.h
    end, middle = t + brownian.h, t + brownian.h / 2
    p = np.exp(-A * (END - end)) * g(end)
    slope = np.exp(-A * (END - middle)) * (A * g(middle) + dg(middle))
    noise = (p * brownian.db[0] - slope * brownian.integral[0]).sum(axis=0)
    drift = quad(lambda s: np.exp(-A * (END - s)) * f(s), 0, END, epsabs=1e-13)[0]
    return np.exp(-A * END) * START + drift + noise


def slope(steps: Any, errors: Any) -> float:
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])


def strong_order(method: str, equations: str, exact: np.ndarray, reading: str | None = None) -> float:
    errors = []
    for m in COARSE:
        cells = solve(method, equations, BROWNIAN.coarser(m), {"x": START}, reading)
        errors.append(np.sqrt(np.mean((cells.x - exact) ** 2)))
    assert errors[-1] < 0.15
    return slope(COARSE, errors)


def test_a_coarser_path_is_the_same_path() -> None:
    four = BROWNIAN.coarser(4)
    assert np.allclose(four.coarser(2).integral, BROWNIAN.coarser(8).integral)
    assert np.allclose(four.db.sum(axis=1), BROWNIAN.db.sum(axis=1))
    z, u = (np.array(list(four.normals(double=True)))[k::2].ravel() for k in (0, 1))
    n = z.size
    for moment, expected in ((z.var(), 1), (u.var(), 1), (np.mean(z * u), 0)):
        assert abs(moment - expected) < 4 * np.sqrt(2 / n)


WITH_ADDITIVE = [n for n, m in METHODS.items() if m.strong[0] is not None]
WITH_MULTIPLICATIVE = [n for n, m in METHODS.items() if m.strong[1] is not None]


def test_all_stochastic_methods_say_their_orders() -> None:
    noisy = nb.Model("dx/dt = -x/ms + xi/ms**0.5 : 1").plan().system
    able = {name for name, m in METHODS.items() if m.refuses(noisy) is None}
    assert able - {"exact"} == set(WITH_ADDITIVE)
    product_ = nb.Model("dx/dt = -x/ms + x*xi/ms**0.5 : 1").plan().system
    assert {name for name, m in METHODS.items() if m.refuses(product_) is None} == set(WITH_MULTIPLICATIVE)


@pytest.mark.parametrize("name", ADDITIVE)
@pytest.mark.parametrize("method", WITH_ADDITIVE)
def test_strong_order_with_additive_noise(method: str, name: str) -> None:
    found = strong_order(method, ADDITIVE[name][0], exact_additive(name, BROWNIAN))
    # the terms of order 1.5 are those of a drift that is not linear: without them, sra1 has the order 2
    expected = 2 if method == "sra1" else float(METHODS[method].strong[0])
    assert found == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize("method", [m for m in WITH_ADDITIVE if not m.startswith("exponential")])
def test_strong_order_with_additive_noise_and_a_drift_that_is_not_linear(method: str) -> None:
    """Against the Taylor method of order 1.5 on the fine path. Kloeden & Platen, equation 10.4.1."""
    x, h, g = np.full(PATHS, START), BROWNIAN.h, 1.2
    for k, (db, integral) in enumerate(zip(BROWNIAN.db[0], BROWNIAN.integral[0], strict=True)):
        a, dx, dxx, dt = (
            np.cos(2 * k * h) - np.sin(2 * x),
            -2 * np.cos(2 * x),
            4 * np.sin(2 * x),
            -2 * np.sin(2 * k * h),
        )
        x = x + a * h + g * db + dx * g * integral + (dt + a * dx + g**2 / 2 * dxx) * h**2 / 2
    found = strong_order(method, "dx/dt = (cos(2*t/ms) - sin(2*x))/ms + 1.2*xi/ms**0.5 : 1", x)
    assert found == pytest.approx(float(METHODS[method].strong[0]), abs=0.2)


MU, SIGMA = 0.4, 0.9
GBM = "dx/dt = 0.4*x/ms + 0.9*x*xi/ms**0.5 : 1"


def geometric(b: np.ndarray, reading: str, end: float = END) -> np.ndarray:
    """Geometric Brownian motion. Kloeden & Platen, equations 4.4.6 and 4.9.15."""
    drift = MU - SIGMA**2 / 2 if reading == "ito" else MU
    return START * np.exp(drift * end + SIGMA * b)


@pytest.mark.parametrize("reading", ["ito", "stratonovich"])
@pytest.mark.parametrize("method", WITH_MULTIPLICATIVE)
def test_strong_order_with_multiplicative_noise(method: str, reading: str) -> None:
    found = strong_order(method, GBM, geometric(BROWNIAN.db[0].sum(axis=0), reading), reading)
    assert found == pytest.approx(float(METHODS[method].strong[1]), abs=0.2)


@pytest.mark.parametrize("reading", ["ito", "stratonovich"])
def test_milstein_with_two_noises_that_commute(reading: str) -> None:
    brownian = path(512, END, 2000, noises=2, seed=3)
    equations = "dx/dt = 0.4*x/ms + x*(0.6*xi_1 + 0.9*xi_2)/ms**0.5 : 1"
    b = brownian.db.sum(axis=1)
    power = 0.6**2 + 0.9**2
    exact = START * np.exp((MU - (power / 2 if reading == "ito" else 0)) * END + 0.6 * b[0] + 0.9 * b[1])
    errors = {method: [] for method in ("milstein", "euler_maruyama")}
    for method, found in errors.items():
        for m in (32, 16, 8, 4):
            cells = solve(method, equations, brownian.coarser(m), {"x": START}, reading)
            found.append(np.sqrt(np.mean((cells.x - exact) ** 2)))
    assert slope((32, 16, 8, 4), errors["milstein"]) == pytest.approx(1, abs=0.2)
    assert slope((32, 16, 8, 4), errors["euler_maruyama"]) == pytest.approx(0.5, abs=0.2)


def test_milstein_with_noise_that_depends_on_another_variable() -> None:
    """One noise drives two variables, each with its own strength."""
    commuting = "dx/dt = 0.5*x*xi_1/ms**0.5 : 1\ndy/dt = y*(0.4*xi_1 + 0.3*xi_2)/ms**0.5 : 1"
    brownian = path(512, END, 2000, noises=2, seed=4)
    b = brownian.db.sum(axis=1)
    exact = np.exp(-0.25 / 2 + 0.4 * b[0] + 0.3 * b[1])
    errors = []
    for m in (32, 16, 8, 4):
        cells = solve("milstein", commuting, brownian.coarser(m), {"x": 1, "y": 1}, "ito")
        errors.append(np.sqrt(np.mean((cells.y - exact) ** 2)))
    assert slope((32, 16, 8, 4), errors) == pytest.approx(1, abs=0.2)


# ---- weak orders: all paths of few steps, each with its probability, so nothing is left to chance ----------

THREE = (
    np.sqrt(3) * np.array([-1.0, 0.0, 1.0]),
    np.array([1, 4, 1]) / 6,
)  # right up to z**5: Gauss and Hermite
TWO = np.array([-1.0, 1.0]), np.array([1, 1]) / 2  # right up to z**3


def moments(
    method: str,
    equations: str,
    steps: int,
    end: float,
    reading: str,
    rule: Any,
    start: float,
    draws: int = 1,
) -> list[float]:
    """E[x] and E[x**2] at the end, by enumeration."""
    z = np.array(list(product(rule[0], repeat=steps * draws))).T
    weight = np.prod(list(product(rule[1], repeat=steps * draws)), axis=1)
    cells = nb.Neurons(weight.size, equations, method=method, interpretation=reading, initial={"x": start})
    prescribe(cells, z)
    nb.Network(cells, dt=end / steps).run(end)
    return [float(weight @ cells.x), float(weight @ cells.x**2)]


@pytest.mark.parametrize("method", ["euler_maruyama", "milstein", "heun", "exponential_euler_maruyama"])
@pytest.mark.parametrize("reading", ["ito", "stratonovich"])
def test_weak_order_with_multiplicative_noise(method: str, reading: str) -> None:
    end = 0.5
    mean = MU + (0 if reading == "ito" else SIGMA**2 / 2)
    exact = START * np.exp(mean * end), START**2 * np.exp((2 * mean + SIGMA**2) * end)
    found = np.array([moments(method, GBM, n, end, reading, THREE, START) for n in (5, 10)])
    errors = np.abs(found - exact)
    if method == "exponential_euler_maruyama":  # the mean is exact
        assert errors[:, 0] == pytest.approx([0, 0], abs=1e-13)
        errors[:, 0] = 2, 1
    assert np.log2(errors[0] / errors[1]) == pytest.approx([1, 1], abs=0.2)


@pytest.mark.parametrize(
    ("method", "draws", "order"), [("euler_maruyama", 1, 1), ("heun", 1, 2), ("sra1", 2, 2)]
)
def test_weak_order_with_additive_noise(method: str, draws: int, order: int) -> None:
    """x is linear in the draws, so two points are enough; `sra1` draws two numbers in a step."""
    end, start, decay = 0.5, 3.0, np.exp(-A * 0.5)
    variance = S**2 * (1 - decay**2) / (2 * A)
    exact = start * decay, (start * decay) ** 2 + variance
    equations = "dx/dt = -1.5*x/ms + 0.6*xi/ms**0.5 : 1"
    found = [moments(method, equations, n, end, "ito", TWO, start, draws) for n in (4, 8)]
    errors = np.abs(np.array(found) - exact)
    assert np.log2(errors[0] / errors[1]) == pytest.approx([order] * 2, abs=0.25)


@pytest.mark.parametrize(
    ("method", "draws", "order"),
    [("exponential_euler_maruyama", 1, 1), ("exponential_midpoint_maruyama", 2, 2)],
)
def test_weak_order_where_noise_reaches_another_variable(method: str, draws: int, order: int) -> None:
    """E[x] of dx/dt = y**2 - x, where y is an Ornstein-Uhlenbeck process: its variance drives x."""
    end, start, power = 0.8, 1.5, 0.6**2 / 4
    # d E[y**2]/dt = 4 (power - E[y**2])
    exact = power * (1 - np.exp(-end)) + (start**2 - power) * (np.exp(-end) - np.exp(-4 * end)) / 3
    equations = "dx/dt = (y**2 - x)/ms : 1\ndy/dt = -2*y/ms + 0.6*xi/ms**0.5 : 1"
    errors = []
    for steps in (2, 4):
        z = np.array(list(product(THREE[0], repeat=steps * draws))).T
        weight = np.prod(list(product(THREE[1], repeat=steps * draws)), axis=1)
        cells = nb.Neurons(weight.size, equations, method=method, initial={"y": start})
        prescribe(cells, z)
        nb.Network(cells, dt=end / steps).run(end)
        errors.append(abs(weight @ cells.x - exact))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.35)
