"""Checks of neurons whose solution can be written down: the numbers in their files are those."""

from __future__ import annotations

from math import atan, cos, exp, log, pi, sin, sqrt

import numpy as np
import pytest
from scipy.optimize import brentq

from tests.library import second


def times(name: str) -> np.ndarray:
    return np.array(second.table(name)["check"]["spike_times"])


def current(name: str) -> float:
    return second.number(second.table(name)["check"]["parameters"]["I"])


def test_leaky_neuron() -> None:
    v_inf = current("iaf_psc_delta") * 10 / 250  # above rest, in mV
    first = 10 * log(v_inf / (v_inf - 15))
    expected = first + (first + 2) * np.arange(6)
    np.testing.assert_allclose(times("iaf_psc_delta"), expected, atol=1e-6)


def psp_exp(t: float, charge: float, tau: float) -> float:
    """Response of the membrane (10 ms, 250 pF) to a current that decays from `charge` pA."""
    return charge / 250 * (exp(-t / 10) - exp(-t / tau)) / (1 / tau - 1 / 10)


def psp_alpha(t: float, slope: float, tau: float) -> float:
    """Response to the current slope*t*exp(-t/tau)."""
    beta = 1 / tau - 1 / 10
    return slope / 250 * (exp(-t / 10) - exp(-t / tau) * (1 + beta * t)) / beta**2


@pytest.mark.parametrize(
    ("name", "response"),
    [
        ("iaf_psc_exp", lambda t: psp_exp(t, 300, 2) + psp_exp(t, -100, 2)),
        ("iaf_psc_alpha", lambda t: psp_alpha(t, 400, 2) + psp_alpha(t, -100, 2)),
    ],
)
def test_postsynaptic_potentials_and_the_first_spike(name: str, response) -> None:
    steady = current(name) * 10 / 250

    def above(t: float) -> float:
        return steady * (1 - exp(-t / 10)) + response(t) - 15

    assert times(name)[0] == pytest.approx(brentq(above, 0, 40), abs=1e-6)


def test_quadratic_neuron() -> None:
    """tau dv/dt = c*(x**2 + k**2) with x measured from the middle of V_rest and V_c."""
    k = sqrt(current("quadratic_if") / 0.07 - 7.5**2)

    def until(start: float) -> float:
        return 10 / (0.07 * k) * (atan((-30 + 57.5) / k) - atan((start + 57.5) / k))

    expected = until(-65) + until(-68) * np.arange(len(times("quadratic_if")))
    np.testing.assert_allclose(times("quadratic_if"), expected, atol=1e-6)


def test_theta_neuron() -> None:
    """tan(theta/2) obeys the quadratic equation."""
    root = sqrt(current("theta"))
    first = 10 / root * (pi / 2 - atan(-1 / root))
    expected = first + 10 * pi / root * np.arange(len(times("theta")))
    np.testing.assert_allclose(times("theta"), expected, atol=1e-6)


def test_resonate_and_fire_neuron() -> None:
    """z = z_inf + (z_0 - z_inf)*exp((b + i*omega)*t)."""
    rate = complex(-1, 10)
    rest = -current("resonate_and_fire") / rate

    def y(t: float, start: complex) -> float:
        turn = exp(rate.real * t) * complex(cos(rate.imag * t), sin(rate.imag * t))
        return (rest + (start - rest) * turn).imag - 1

    first = brentq(lambda t: y(t, 0), 0.05, 0.25)
    assert times("resonate_and_fire")[0] == pytest.approx(10 * first, abs=1e-6)
    again = brentq(lambda t: y(t, 1j), 0.01, 0.6) if y(0.01, 1j) < 0 else None
    if again is not None:
        assert times("resonate_and_fire")[1] == pytest.approx(10 * (first + again), abs=1e-6)


def test_stuart_landau_oscillator() -> None:
    """The square of the radius is logistic, and the phase turns evenly."""
    t = 40.0
    square = 0.25 / (1 + (0.25 / 0.1**2 - 1) * exp(-2 * 0.25 * t))
    final = second.table("stuart_landau")["check"]["final"]
    assert float(final["x"]) == pytest.approx(sqrt(square) * cos(0.2 * t), rel=1e-6)
    assert float(final["y"]) == pytest.approx(sqrt(square) * sin(0.2 * t), rel=1e-6)


def test_oscillator_that_is_pulled() -> None:
    expected = 2 * pi / (0.1 + 0.05) * np.arange(1, 5)
    np.testing.assert_allclose(times("kuramoto"), expected, atol=1e-5)


def test_population_is_at_rest_where_published() -> None:
    """Montbrio, Pazo & Roxin: in equilibrium v = -Delta/(2*pi*r) and (pi*r)**2 = eta + I + J*r + v**2."""
    slopes = second.cells()["qif_population"](I=0.0)
    rest = brentq(lambda r: (1 / (2 * pi * r)) ** 2 - 5 + 15 * r - (pi * r) ** 2, 0.01, 0.2)
    assert slopes.rhs(0.0, [rest / 10, -1 / (2 * pi * rest)]) == pytest.approx([0, 0], abs=1e-12)
