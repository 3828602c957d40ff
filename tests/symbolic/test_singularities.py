"""Removable singularities of rate functions, at and near the singular voltage, against mpmath."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import numpybrain as nb
from numpybrain.engine.numpy.function_builder import function as compiled
from numpybrain.engine.numpy.printer import NumpyCode

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
    """The value with 200 digits; at the singular point itself, its limit (to 40 digits)."""
    with mp.workdps(200):
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


@pytest.mark.filterwarnings("ignore::numpybrain.StabilityWarning")  # one step, from far away voltages
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


# What follows is read by NumpyBrain and, as Python over mpmath, by the test: numbers are exact in binary.
V, K = -40.3, 7.5
FORMS = {  # text: (singular v, scale, smallest and largest step)
    "v/(exp(v/2) - exp(-v/2))": (0, 1),
    "(v - V)/(exp((v - V)/k) - exp(-(v - V)/k))": (V, 1.5),
    "(v - V)/(exp(0.25*(v - V)/k) - exp(-0.75*(v - V)/k))": (V, 9),
    "(v - V)/k/(3*exp(2*(v - V)/k) - 3*exp((v - V)/k))": (V, 9),
    "(v - V)/(exp(v/4) - exp(V/4))": (V, 4),
    "(k*exp(v) - k*exp(-v))/v": (0, 1),
    "(exp(v) - 1)**2/v": (0, 1),
    **{f"{f}((v - V)/k)/(v - V)": (V, K) for f in ("sin", "tan", "sinh", "tanh", "arctan", "expm1")},
    **{f"(v - V)/{f}((v - V)/k)": (V, K) for f in ("sin", "tan", "sinh", "tanh", "arctan", "expm1")},
    **{f"{f}(v/k)/v": (0, K) for f in ("sin", "tan", "sinh", "tanh", "arctan", "expm1")},
    "arcsin((v - V)/k)/(v - V)": (V, K, -0.1, 0.1),
    "(v - V)/arcsin((v - V)/k)": (V, K, -0.1, 0.1),
    "log1p((v - V)/k)/(v - V)": (V, K, -0.1),
    "(v - V)/log1p((v - V)/k)": (V, K, -0.1),
    "log(1 + v/k)/v": (0, K, -0.1),
    "log((k + v)/k)/v": (0, K, -0.1),
    "log(1 + (v - V)/k)*k/(v - V)": (V, K, -0.1),
    "(v + 40)/log(1 + (v + 40)/10)": (-40, 10, -0.1),
    "log(v/k)/(v - k)": (K, K, -0.1),
    "log(1 + v)**2/v": (0, 1, -0.1),
    "sin(2*pi*(v - V)/k)/(v - V)": (V, 1.1),
    "sin(2*pi*(v + 40)/8)/(v + 40)": (-40, 1.1),
    "(v + 40)/tanh((v + 40)/10)": (-40, 10),
    "(sin(v)/v)**2": (0, 1),
    "((v - V)/k/tanh((v - V)/k))**3": (V, K),
    "sin(v)**2/v": (0, 1),
    "sin((v + 40)/10)**2/(v + 40)": (-40, 10),
    "(sin(v)/v)*(v/tan(v))*((exp(v) - 1)/v)": (0, 1),
    "tanh(3*v)/sin(v)": (0, 1),
    "sin(v)**2/(v*tan(v))": (0, 1),
    "v/(exp(v) - 1)*cos(v)/(1 + tanh(v)/v)": (0, 1),
    "exp(-v/(exp(v) - 1))": (0, 1),
    "exp(-(v - V)/sinh((v - V)/k))": (V, K),
    "where(v > -100, sin(v)/v, 2)": (0, 1),
    "sin(v**2)/v**2": (0, 0.3),
    "sin(sin(v))/sin(v)": (0, 1),
    "sinh(2*tan(v/k))/tan(v/k)": (0, 1),
    "(exp(1 - cos(v)) - 1)/v": (0, 1),
    "(exp(tanh(v/k)) - 1)/tanh(v/k)**2*sin(v)": (0, K),
    "(V - v)/sin((v - V)/k)": (V, K),
    "(1 - cos(v))/v": (0, 1),
    "(1 - cos((v - V)/k))/(v - V)**2": (V, K),
    "(2 - 2*cos((v + 40)/8))/(v + 40)**2": (-40, 8),
    "v**2/(k*cos(v) - k)": (0, 1),
    "(cosh(v/k) - 1)/v**2": (0, K),
}  # fmt: skip
SIZES = [1e-12, 1e-9, 1e-6, 1e-3, 0.1, 1, 10]
MPMATH = {
    "arcsin": mp.asin, "arctan": mp.atan, "where": lambda condition, a, b: a if condition else b, "pi": mp.pi,
    **{f: getattr(mp, f) for f in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "expm1", "log", "log1p")},
}  # fmt: skip


def points(singular: float, scale: float, least: float = -10, most: float = 10) -> np.ndarray:
    steps = np.array([0, *SIZES, *(-s for s in SIZES)])
    return singular + scale * steps[(least <= steps) & (steps <= most)]


def by_mpmath(text: str) -> Callable[[Any], Any]:
    code = compile(text, text, "eval")
    return lambda v: eval(code, MPMATH | {"v": v, "V": mp.mpf(V), "k": mp.mpf(K), "pi": +mp.pi})


def assert_exact(values: Any, text: str, v: Any) -> None:
    expected = np.array([float(exact(by_mpmath(text), x)) for x in v])
    assert np.all(np.isfinite(expected))
    np.testing.assert_allclose(values, expected, rtol=1e-11, atol=1e-30)


@pytest.mark.parametrize("text", FORMS)
def test_forms_are_exact_at_and_near_the_singular_point(text: str) -> None:
    v = points(*FORMS[text])
    each = nb.Neurons(v.size, f"y = {text} : 1\nv : 1\nV = {V} : 1\nk = {K} : 1", v=v)
    assert_exact(each.y, text, v)
    for x in v:  # one number for all takes another path
        one = nb.Neurons(2, f"y = {text} : 1\nv = {float(x)!r} : 1\nV = {V} : 1\nk = {K} : 1")
        assert_exact(one.y, text, [float(x)] * 2)
    own = nb.Neurons(
        v.size, f"y = {text} : 1\nv : 1\nV : 1\nk : 1", v=v, V=np.full(v.size, V), k=np.full(v.size, K)
    )
    assert_exact(own.y, text, v)


@pytest.mark.parametrize("text", [text for text in FORMS if "where" not in text])
def test_their_derivatives_are_finite_and_right(text: str) -> None:
    plan = nb.Model(f"dv/dt = {text}/ms : 1\nV : 1\nk : 1").plan()
    assert plan is not None
    ((v, rate),) = plan.system.rates.items()
    slope = compiled(["v", "V", "k"], [], NumpyCode().doprint(sp.diff(rate, v)))
    x = points(*FORMS[text])
    at = [mp.mpf(p) for p in x]
    with mp.workdps(200):
        at[0] += mp.mpf(10) ** -40  # at the singular point itself there is only the limit
        expected = np.array([float(mp.diff(by_mpmath(text), p)) for p in at])
    size = np.abs(expected).max()
    np.testing.assert_allclose(slope(x, V, K), expected, rtol=1e-8, atol=1e-10 * size)
    for p, value in zip(x, expected, strict=True):
        assert slope(p, V, K) == pytest.approx(value, rel=1e-8, abs=1e-10 * size)


def test_in_a_step_and_with_units() -> None:
    """A gate with such a rate, through the singular voltage in volts."""
    v = np.array([-40.0, -40 + 1e-9, -39.9, -30])
    for method in ("exponential_euler", "rk4", "euler"):
        cells = nb.Neurons(
            v.size, "dm/dt = a*(1 - m) : 1\na = (u + 0.04*volt)/(mV*sinh((u + 0.04*volt)/(8*mV)))/ms : 1/ms\nu = v : volt\nv : mV",
            method=method, v=v,
        )  # fmt: skip
        nb.Network(cells, dt=2.0**-10).run(2.0**-10)
        a = np.array([8, 8, 0.1 / np.sinh(0.1 / 8), 10 / np.sinh(10 / 8)])
        expected = a / 1024 if method == "euler" else -np.expm1(-a / 1024)
        np.testing.assert_allclose(cells.m, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("v/(exp(v) - 1)", "v/(exp(v) - 1) at v = 0"),
        ("(v + 40)/tanh((v + 40)/10) + v/tan(v)", "v/tan(v) at v = 0; (v + 40)/tanh(v/10 + 4) at v = -40"),
        ("sin(v)/v + exp(-sin(v)/v)", "sin(v)/v at v = 0"),
        ("sin(v)**2/v**3", "sin(v)**2/v**2 at v = 0"),
        ("(1 - cos(v))/v**3", "(1 - cos(v))/v**2 at v = 0"),
        ("tanh((v - V)/k)/(v - V)", "tanh((-V + v)/k)/(-V + v) at -V + v = 0"),
    ],
)
def test_notes(text: str, note: str) -> None:
    plan = nb.Model(f"dm/dt = (a - m)*a/ms : 1\na = {text} : 1\nv : 1\nV : 1\nk : 1").plan()
    assert plan is not None
    assert "; ".join(map(str, plan.system.rewritten)) == note


@pytest.mark.parametrize(
    "text",
    [
        "1/v", "log(v)/v", "exp(v)/v", "cos(v)/v", "sin(v)/(v - 1)", "v*sin(v)", "(exp(v) + 1)/v", "(exp(v) - 2)/v",
        "(exp(v) + exp(-v))/v", "(exp(v) - 2*exp(-v))/v", "(1 + cos(v))/v", "v/log(v)", "v/cosh(v)", "v/(exp(v) - exp(V))",
        "k*tanh(v/k)", "tanh(v/k)/k", "(v + V)/sin(v - V)", "arccos(v)/v", "(v - 1)*sin(v)/(v + 1)",
    ],
)  # fmt: skip
def test_what_is_not_removable_is_untouched(text: str) -> None:
    plan = nb.Model(f"dm/dt = {text}/ms : 1\nv : 1\nV : 1\nk : 1").plan()
    assert plan is not None
    assert plan.system.rewritten == ()
    names = {s: sp.Symbol(s, real=True) for s in ("v", "V", "k")}
    (rate,) = plan.system.rates.values()
    assert rate == sp.sympify(text.replace("arccos", "acos"), locals=names)
