"""Removable singularities of rate functions, at and near the singular voltage, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import numpybrain as nb

# name -> (text in mV and ms, the same in mpmath, singular v). Units: v in mV, rates per ms.
RATES: dict[str, tuple[str, Callable[[Any], Any], float]] = {
    "HH m": ("0.1*(v + 40*mV)/mV/(1 - exp(-(v + 40*mV)/(10*mV)))/ms",
             lambda v: mp.mpf("0.1") * (v + 40) / (1 - mp.exp(-(v + 40) / 10)), -40),
    "HH n": ("0.01*(v + 55*mV)/mV/(1 - exp(-(v + 55*mV)/(10*mV)))/ms",
             lambda v: mp.mpf("0.01") * (v + 55) / (1 - mp.exp(-(v + 55) / 10)), -55),
    "HH 1952": ("0.1*(25*mV - v)/mV/(exp((25*mV - v)/(10*mV)) - 1)/ms",
                lambda v: mp.mpf("0.1") * (25 - v) / (mp.exp((25 - v) / 10) - 1), 25),
    "Traub-Miles m": ("0.32*(mV**-1)*(13*mV - v + VT)/(exp((13*mV - v + VT)/(4*mV)) - 1.)/ms",
                      lambda v: mp.mpf("0.32") * (13 - v - 63) / (mp.exp((13 - v - 63) / 4) - 1), -50),
    "Traub-Miles beta m": ("0.28*(mV**-1)*(v - VT - 40*mV)/(exp((v - VT - 40*mV)/(5*mV)) - 1.)/ms",
                           lambda v: mp.mpf("0.28") * (v + 63 - 40) / (mp.exp((v + 63 - 40) / 5) - 1), -23),
    "scaled denominator": ("(v - v0)/mV/(3 - 3*exp(-(v - v0)/k))/ms", lambda v: (v - 7) / (3 - 3 * mp.exp(-(v - 7) / 9)), 7),
    "expm1": ("(v - v0)/mV/expm1((v - v0)/k)/ms", lambda v: (v - 7) / mp.expm1((v - 7) / 9), 7),
    "negated": ("-(v0 - v)/mV/(exp((v0 - v)/k) - 1)*2/ms", lambda v: -2 * (7 - v) / (mp.exp((7 - v) / 9) - 1), 7),
    "upside down": ("(exp((v - v0)/k) - 1)/((v - v0)/mV)/ms", lambda v: (mp.exp((v - 7) / 9) - 1) / (v - 7), 7),
    "inside a larger expression": ("(1 + 2*(v - v0)/k/(exp((v - v0)/k) - 1))*exp(-v/(50*mV))/ms",
                                   lambda v: (1 + 2 * (v - 7) / 9 / (mp.exp((v - 7) / 9) - 1)) * mp.exp(-v / 50), 7),
    "squared": ("((v - v0)/k/(exp((v - v0)/k) - 1))**2/ms", lambda v: ((v - 7) / 9 / (mp.exp((v - 7) / 9) - 1)) ** 2, 7),
    "Goldman-Hodgkin-Katz": ("v/mV*(1 - 0.1*exp(-v/(25*mV)))/(1 - exp(-v/(25*mV)))/ms",
                             lambda v: v * (1 - mp.mpf("0.1") * mp.exp(-v / 25)) / (1 - mp.exp(-v / 25)), 0),
    "in volts": ("100*(u + 0.04*volt)/volt/(1 - exp(-(u + 0.04*volt)/(0.01*volt)))/ms",
                 lambda v: (v + 40) / 10 / (1 - mp.exp(-(v + 40) / 10)), -40),
}  # fmt: skip

STEPS = [
    0,
    1e-13,
    -1e-13,
    1e-9,
    -1e-9,
    1e-6,
    -1e-6,
    1e-4,
    -1e-4,
    0.003,
    -0.003,
    0.1,
    -0.1,
    1,
    -1,
    30,
    -30,
    100,
    -100,
]
MODEL = "r = {} : 1/ms\nv : mV\nu = v : volt\nVT = -63*mV : mV\nv0 = 7*mV : mV\nk = 9*mV : mV"


def exact(function: Callable[[Any], Any], v: float) -> Any:
    """The value with 60 digits; at the singular point itself, its limit."""
    with mp.workdps(60):
        try:
            return +function(mp.mpf(v))
        except ZeroDivisionError:
            return +function(mp.mpf(v) + mp.mpf(10) ** -40)


@pytest.mark.parametrize("name", RATES)
def test_rates_are_exact_at_and_near_the_singular_voltage(name: str) -> None:
    text, function, singular = RATES[name]
    v = singular + np.array(STEPS)
    cells = nb.Neurons(v.size, MODEL.format(text))
    cells.v = v
    expected = np.array([float(exact(function, x)) for x in v])
    assert np.all(np.isfinite(expected))
    np.testing.assert_allclose(cells.r, expected, rtol=4e-12)
    for x, value in zip(v[:5], expected[:5], strict=True):  # one number for all takes another path
        one = nb.Neurons(2, MODEL.format(text))
        one.v = x
        np.testing.assert_allclose(one.r, [value] * 2, rtol=4e-12)


@pytest.mark.parametrize("method", ["exponential_euler", "exact", "rk4", "euler"])
@pytest.mark.parametrize("name", RATES)
def test_gates_step_over_the_singular_voltage(name: str, method: str) -> None:
    text, function, singular = RATES[name]
    dt = 0.01
    v = singular + np.array(STEPS[:-2])
    cells = nb.Neurons(
        v.size, MODEL.format(text) + "\ndm/dt = r*(1 - m) - b*m : 1\nb = 2*exp(-v/(18*mV))/ms : 1/ms", method=method,
        initial={"m": 0.2},
    )  # fmt: skip
    cells.v = v
    nb.Network(cells, dt=dt).run(dt)
    for k, x in enumerate(v):
        with mp.workdps(40):
            a = exact(function, x)
            rate = a + 2 * mp.exp(-mp.mpf(x) / 18)
            if method == "euler":
                expected = mp.mpf("0.2") + dt * (a - rate * mp.mpf("0.2"))
            elif method == "rk4":
                series = sum((-rate * dt) ** j / mp.factorial(j) for j in range(5))
                expected = a / rate + (mp.mpf("0.2") - a / rate) * series
            else:
                expected = a / rate + (mp.mpf("0.2") - a / rate) * mp.exp(-rate * dt)
        assert cells.m[k] == pytest.approx(float(expected), rel=1e-10)


def test_the_derivative_is_right_too() -> None:
    """The steps of a moving voltage through the singular point are smooth."""
    cells = nb.Neurons(
        1,
        "dv/dt = 1*mV/ms : mV\n" + MODEL.format(RATES["HH m"][0]).replace("v : mV\n", ""),
        initial={"v": "-41 mV"},
    )
    trace = nb.Monitor(cells, "r")
    nb.Network(cells, trace, dt=2.0**-10).run(2)
    second = np.diff(trace.r[:, 0], 2) * 2**20
    # 0.1*x/(1 - exp(-x/10)) = 1 + u/2 + u**2/12 - ... with u = x/10
    assert second == pytest.approx(np.full(second.size, 2 / 12 / 100), rel=2e-3)


def test_what_was_removed_is_told() -> None:
    plan = nb.Model("dm/dt = (1 - m)*0.1*(v + 40)/(1 - exp(-(v + 40)/10))/ms : 1\nv : 1").plan()
    assert plan is not None
    assert len(plan.system.rewritten) == 1
    untouched = nb.Model("dm/dt = (1 - m)*(v + 41)/(1 - exp(-(v + 40)/10))/ms : 1\nv : 1").plan()
    assert untouched is not None
    assert untouched.system.rewritten == ()


def test_a_true_pole_stays_a_pole() -> None:
    cells = nb.Neurons(3, "r = (v + 41)/(1 - exp(-(v + 40)/10)) : 1\nv : 1")
    cells.v = [-40, -39, -45]
    assert np.isinf(cells.r[0])
    assert cells.r[1:] == pytest.approx([2 / (1 - np.exp(-0.1)), -4 / (1 - np.exp(0.5))], rel=1e-12)
