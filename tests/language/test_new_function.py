"""A function of the language is one entry of one table: entries are added here, and tried in every respect."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.special
import sympy as sp

import numpybrain as nb
from numpybrain.language.function_table import FUNCTIONS, Function
from numpybrain.symbolic import special_functions

SINC = Function(
    "sinc",
    value=lambda x: math.sin(x) / x if x else 1.0,
    latex=r"\mathrm{sinc}",
    sympy="sinc",
    derivatives=(lambda f, x: f.where(f.equal(x, 0), 0, (f.cos(x) - f.sinc(x)) / x),),
    engines={"numpy": lambda x: np.sinc(np.asarray(x) / np.pi)},
)
ARSINH = Function(
    "arsinh",
    value=math.asinh,
    sympy="asinh",
    opaque=False,
    series="0 -1/3 0",
    engines={"numpy": np.arcsinh},
)
WAITING = Function(
    "waiting",
    1,
    "plain",
    draws=True,
    engines={"numpy": lambda rng, mean, size: rng.exponential(mean, size)},
)


@pytest.fixture(autouse=True)
def entries(monkeypatch):
    for function in (SINC, ARSINH, WAITING):
        monkeypatch.setitem(FUNCTIONS, function.name, function)


def test_a_run_has_the_closed_form():
    """The integral of sin(x)/x is the sine integral Si."""
    cells = nb.Neurons(3, "dv/dt = a*sinc(t/ms)/ms : 1\na : 1", method="rk4", a=[1.0, 2.0, -3.0])
    nb.Network(cells, dt=0.01).run(8)
    si, _ = scipy.special.sici(8.0)
    assert np.allclose(cells.v, si * np.array([1.0, 2.0, -3.0]), rtol=1e-9)
    assert "sinc(" in cells.update.source
    assert "sinc(" in cells.update.formula


def test_constants_are_calculated():
    cells = nb.Neurons(1, "a = sinc(2) : 1\nb = sinc(0)*mV : mV\nv : 1", initial={"v": "sinc(1/2)"})
    assert cells.a[0] == pytest.approx(math.sin(2) / 2, rel=1e-15)
    assert cells.b[0] == 1.0
    assert cells.v[0] == pytest.approx(math.sin(0.5) / 0.5, rel=1e-15)


def test_a_large_constant_is_calculated_as_a_number():
    cells = nb.Neurons(1, "dv/dt = -v*sinc(1e9)/ms : 1", initial={"v": 1.0})
    cells_of_number = nb.Neurons(1, f"dv/dt = -v*({math.sin(1e9) / 1e9!r})/ms : 1", initial={"v": 1.0})
    nb.Network(cells, cells_of_number, dt=1).run(5)
    assert cells.v[0] == pytest.approx(cells_of_number.v[0], rel=1e-14)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        ("sinc()", nb.ModelError, "'sinc' takes 1 argument (got 0)"),
        ("sinc(v, v)", nb.ModelError, "'sinc' takes 1 argument (got 2)"),
        ("sinc(w)", nb.UnitError, "'sinc' takes a number (got a voltage)"),
        ("sinc*v", nb.ModelError, "'sinc' is a function"),
        ("sincc(v)", nb.UnknownNameError, "did you mean 'sinc'"),
    ],
)
def test_misuse_is_an_error(call, error, message):
    with pytest.raises(error) as raised:
        nb.Neurons(1, f"dv/dt = {call}/ms : 1\nw : mV")
    assert message in str(raised.value)


def test_nothing_else_has_its_name():
    with pytest.raises(nb.ModelError, match="the name 'sinc' is reserved"):
        nb.Neurons(1, "sinc : 1")


def test_it_is_typeset():
    assert r"\mathrm{sinc}\left(v\right)" in nb.Model("dv/dt = sinc(v)/ms : 1")._repr_latex_()


def test_people_get_the_function_of_sympy():
    v = sp.Symbol("v")
    assert nb.Model("dv/dt = sinc(v)/ms : 1")["v"].expr == sp.sinc(v)


@pytest.mark.parametrize("method", ["backward_euler", "rosenbrock"])
def test_implicit_methods_know_its_derivative(method):
    """Their Jacobian holds it; an explicit method of high order with short steps does not need it."""
    cells = nb.Neurons(
        2, "dv/dt = sinc(v)/ms : 1", method=method, initial={"v": [math.pi + 0.1, 2 * math.pi + 0.1]}
    )
    nb.Network(cells, dt=0.01).run(1)
    by_rk4 = nb.Neurons(
        2, "dv/dt = sinc(v)/ms : 1", method="rk4", initial={"v": [math.pi + 0.1, 2 * math.pi + 0.1]}
    )
    nb.Network(by_rk4, dt=0.001).run(1)
    assert np.allclose(cells.v, by_rk4.v, atol=2e-3)


def test_its_derivative_is_known():
    x = sp.Symbol("x", real=True)
    sinc = special_functions.node(SINC)
    slope = sp.diff(sinc(3 * x), x)
    assert not slope.has(sp.Derivative)
    away_from_zero = slope.replace(special_functions.OPAQUE["where"], lambda _, yes, no: no)
    value = away_from_zero.replace(sinc, lambda y: sp.sin(y) / y).subs(x, 0.7)
    h = 1e-6
    expected = (math.sin(3 * (0.7 + h)) / (0.7 + h) - math.sin(3 * (0.7 - h)) / (0.7 - h)) / (6 * h)
    assert float(value) == pytest.approx(expected, rel=1e-8)


def test_a_singularity_is_removed():
    """`arsinh(x)/x` is 1 at 0, and is told about as those of sin and tanh are."""
    text = "dv/dt = -arsinh(v)/v*v/ms : 1\nr = arsinh(u)/u : 1\nu : 1"
    cells = nb.Neurons(3, text, u=[0.0, 1e-9, 2.0])
    assert np.allclose(cells.r, [1.0, 1.0, math.asinh(2.0) / 2.0], rtol=1e-12)


def test_random_numbers_are_drawn():
    nb.seed(3)
    cells = nb.Neurons(40_000, "x : 1", initial={"x": "waiting(2)"})
    assert cells.x.mean() == pytest.approx(2.0, abs=5 * 2.0 / 200)
    assert np.mean(cells.x > 4) == pytest.approx(math.exp(-2), abs=0.01)
    with pytest.raises(nb.ModelError, match="gives something new at every call"):
        nb.Network(cells, dt="waiting(1)*ms")


def test_what_an_engine_has_no_code_for_is_an_error(monkeypatch):
    known = Function("gudermannian", value=lambda x: 2 * math.atan(math.tanh(x / 2)))
    monkeypatch.setitem(FUNCTIONS, known.name, known)
    assert nb.Neurons(1, "a = gudermannian(1) : 1").a[0] == pytest.approx(2 * math.atan(math.tanh(0.5)))
    cells = nb.Neurons(2, "dv/dt = gudermannian(v)/ms : 1")
    with pytest.raises(
        nb.ModelError, match="the state update, rk4 cannot be calculated: NumPy has no gudermannian"
    ):
        nb.Network(cells).run(1)
