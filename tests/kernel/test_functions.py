"""Functions in equations: the user's own with units, time series, random ones, physical constants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import constants as codata
from scipy import stats

import numpybrain as nb
from numpybrain.language.function_table import PHYSICAL
from numpybrain.units import mV, nA


def value(equation: str, n: int = 1, **given: Any) -> np.ndarray[Any, Any]:
    """The values of `y` under an equation."""
    return np.array(nb.Neurons(n, equation, **given).y)


# ---- own functions ---------------------------------------------------------------------------


@nb.function("mV, second -> nA")
def charge(v: Any, t: Any) -> Any:
    return 2 * v + t


def noted(v: "mV", b: "boolean") -> "1/ms":  # type: ignore[name-defined]  # noqa: F722
    return np.where(b, v, 0.0)


def plain(a: float, b: float = 1.0) -> float:
    return a + b


def test_numbers_come_and_go_in_declared_units() -> None:
    assert value("y = f(0.003*volt, 5*ms) : pA", f=charge) == pytest.approx(6.005e3, rel=1e-14)
    assert value("y = f(3*mV, 2 > 1) : Hz", f=noted) == pytest.approx(3000, rel=1e-14)
    assert value("y = f(2) + f(1, 2) : 1", f=plain) == 6
    assert value("y = f(2) : 1", functions={"f": plain}) == 3


def test_statements_and_thresholds_call_functions() -> None:
    cells = nb.Neurons(2, "v : mV\nw : nA", threshold="f(v, t) > 5*nA", reset="w = f(v, 0*ms)", f=charge)
    cells.v = [1, 3]
    nb.Network(cells).run(0.1)
    assert cells.w.tolist() == [0, 6]


def test_synapses_call_functions_that_are_given_as_keywords() -> None:
    cells = nb.Neurons(2, "v : mV\nw : nA", threshold="i == 0")
    nb.Synapses(cells, cells, "g : mV", on_pre="w_post += f(g, 0*ms)", connect=([0], [1]), f=charge, g=4.0)
    syn = nb.Synapses(cells, cells, on_pre="w_post += f(2*mV, 0*ms)", connect=([0], [1]), f=charge)
    nb.Network(cells, syn).run(0.1)
    assert cells.w.tolist() == [0, 4]


def test_a_function_of_a_model_is_open_until_it_is_given() -> None:
    model = nb.Model("dv/dt = -f(v)/ms : mV")
    assert model.open_names == ("f",)
    assert nb.Neurons(1, model, f=nb.function("mV -> mV")(lambda v: v)).update.method == "rk4"
    assert nb.Neurons(1, model.replace(f=nb.function("mV -> mV")(lambda v: v))).update.method == "rk4"


BAD: list[tuple[str, Callable[..., Any] | Any, type[Exception], str]] = [
    ("y = f(1) : nA", charge, nb.ModelError, "'f' takes 2 arguments (got 1)"),
    ("y = f(1*mV, 1*mV) : nA", charge, nb.UnitError, "argument 2 of 'f' must be a time (got a voltage)"),
    ("y = f(1*mV, 1*ms) : mV", charge, nb.UnitError, "'y' must be a voltage (got a current)"),
    ("y = f(1*mV, 3) : 1/ms", noted, nb.UnitError, "argument 2 of 'f' must be a condition (got a number)"),
    ("y = f() : 1", plain, nb.ModelError, "'f' takes 1 argument (got 0)"),
    ("y = f(1, 2, 3) : 1", plain, nb.ModelError, "'f' takes 1 argument (got 3)"),
    ("y = f(1*mV) : 1", plain, nb.UnitError, "'f' takes a number (got a voltage)"),
    ("y = f(1) : 1", 3.0, nb.ArgumentError, "'f' is called in the equations, so it must be a function"),
]


@pytest.mark.parametrize(("equation", "function", "error", "message"), BAD)
def test_wrong_calls(equation: str, function: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        nb.Neurons(1, equation, f=function)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("text", ["mV", "mV -> ", "vlot -> mV", "-> mV ->", "mV, -> mV"])
def test_bad_signatures(text: str) -> None:
    with pytest.raises(nb.NumpyBrainError):
        nb.function(text)


def test_functions_written_in_c_cannot_be_declared() -> None:
    with pytest.raises(nb.ArgumentError, match="wrap it in a def"):
        nb.function("1, 1 -> 1")(np.hypot)
    assert value("y = f(3, 4) : 1", f=np.hypot) == 5


def test_only_a_function_with_state_is_called_at_every_place() -> None:
    calls: list[str] = []

    def count(name: str, *, stateless: bool) -> Any:
        @nb.function("1 -> 1", stateless=stateless)
        def f(x: Any) -> Any:
            calls.append(name)
            return x + len(calls)

        return f

    same, new = count("same", stateless=True), count("new", stateless=False)
    assert value("y = f(1) - f(1) : 1", f=same) == 0
    calls.clear()
    assert abs(value("y = f(1) - f(1) : 1", f=new)) == 1
    assert calls == ["new", "new"]


# ---- time series -----------------------------------------------------------------------------


def test_a_time_series_holds_each_value_for_its_interval() -> None:
    series = nb.timed([1, 2, 4], "0.3 ms")
    cells = nb.Neurons(1, "y = s(t) : 1\nz = s(t - 0.1*ms) : 1\nw = s(2*t) : 1", s=series)
    trace = nb.Monitor(cells, "y, z, w")
    nb.Network(cells, trace, dt=0.1).run(1.2)
    assert trace.y[:, 0].tolist() == [1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4, 4]
    assert trace.z[:, 0].tolist() == [1, 1, 1, 1, 2, 2, 2, 4, 4, 4, 4, 4]
    assert trace.w[:, 0].tolist() == [1, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4, 4]


def test_two_dimensions_give_each_neuron_its_column() -> None:
    series = nb.timed(np.arange(6.0).reshape(3, 2), 0.2, "mV")
    cells = nb.Neurons(2, "y = s(t, i) : volt\nz = s(t, 1 - i) : mV", s=series)
    trace = nb.Monitor(cells, "y, z")
    nb.Network(cells, trace, dt=0.1).run(0.6)
    expected = np.repeat(np.arange(6.0).reshape(3, 2), 2, axis=0)
    np.testing.assert_allclose(trace.y, expected / 1000, rtol=1e-15)
    np.testing.assert_array_equal(trace.z, expected[:, ::-1])


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([1, 2] * nA, None, "nA"),
        ([1 * mV, "2 volt"], None, "mV"),
        (["1 mV", "2 mV"], "uV", "uV"),
        ([1, 2], None, "1"),
    ],
)
def test_units_of_time_series(values: Any, unit: str | None, expected: str) -> None:
    series = nb.timed(values, 1, unit)
    assert series.unit == expected
    scale = {"uV": 1000.0}.get(expected, 1.0)
    assert series.values[0] == scale
    assert series(np.array([0.0, 5.0])).tolist()[0] == scale


def test_a_linear_equation_with_a_time_series_is_solved_exactly() -> None:
    rng = np.random.default_rng(3)
    values, tau, dt = rng.normal(size=20), 3.0, 0.25
    cells = nb.Neurons(1, "dv/dt = (s(t) - v)/tau : 1\ntau = 3*ms : ms", s=nb.timed(values, 0.5))
    assert cells.update.method == "exact"
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace, dt=dt).run(8)
    v = 0.0
    for k in range(32):
        assert trace.v[k, 0] == pytest.approx(v, abs=1e-14)
        v = values[k // 2] + (v - values[k // 2]) * np.exp(-dt / tau)


def test_rk4_keeps_a_time_series_for_the_whole_step() -> None:
    """Within its interval a value is constant, so the error is that of rk4, not of order 1."""
    values = np.array([1.0, -1.0, 2.0, 0.5])
    cells = nb.Neurons(1, "dv/dt = (s(t) - v)/(2*ms) : 1", s=nb.timed(values, 1), method="rk4")
    nb.Network(cells, dt=0.1).run(4)
    v = 0.0
    for u in values:
        v = u + (v - u) * np.exp(-0.5)
    assert cells.v[0] == pytest.approx(v, abs=1e-7)


@pytest.mark.parametrize("values", [[], [[[1.0]]], 3.0])
def test_wrong_shapes_of_time_series(values: Any) -> None:
    with pytest.raises(nb.ShapeError, match="has the shape"):
        nb.timed(values, 1)


def test_wrong_time_series() -> None:
    with pytest.raises(nb.TimeStepError, match="must be positive"):
        nb.timed([1], 0)
    with pytest.raises(nb.UnitError, match="must be a voltage"):
        nb.timed([1, 2] * nA, 1, "mV")
    with pytest.raises(nb.ArgumentError, match="numbers or quantities"):
        nb.timed([object()], 1)
    with pytest.raises(nb.ModelError, match="takes 1 argument"):
        nb.Neurons(1, "y = s(t, i) : 1", s=nb.timed([1], 1))


# ---- random functions ------------------------------------------------------------------------

N = 20_000


def test_every_call_draws_anew() -> None:
    nb.seed(1)
    for call in ("rand()", "randn()", "poisson(100)", "normal(0, 1)", "binomial(1000, 0.5)"):
        assert np.unique(value(f"y = {call} - {call} : 1", 100)).size > 10


def test_distributions() -> None:
    nb.seed(2)
    y = value("y = poisson(2.5) : 1", N)
    expected = stats.poisson(2.5).pmf(np.arange(9)) * N
    chi2 = ((np.bincount(y.astype(int), minlength=9)[:9] - expected) ** 2 / expected).sum()
    assert chi2 < stats.chi2(9).ppf(0.999)
    y = value("y = binomial(7, 0.3) : 1", N)
    expected = stats.binom(7, 0.3).pmf(np.arange(7)) * N
    chi2 = ((np.bincount(y.astype(int), minlength=8)[:7] - expected) ** 2 / expected).sum()
    assert chi2 < stats.chi2(7).ppf(0.999)
    y = value("y = normal(3*mV, 500*uV) : mV", N)
    assert stats.kstest(y, stats.norm(3, 0.5).cdf).pvalue > 1e-3


def test_arguments_may_differ_between_neurons_and_change() -> None:
    nb.seed(3)
    cells = nb.Neurons(N, "m : 1\nn : 1\ny = poisson(m) : 1\nz = binomial(n, 1) : 1", threshold="True",
                       reset="n = binomial(n + m, 1)")  # fmt: skip
    cells.m = np.arange(N) % 3 * 10.0
    assert cells.y[cells.m == 0].max() == 0
    assert abs(cells.y[cells.m == 20].mean() - 20) < 5 * np.sqrt(20 / (N / 3))
    net = nb.Network(cells, dt=0.1)
    net.run(0.2)
    np.testing.assert_array_equal(cells.n, 2 * cells.m)
    np.testing.assert_array_equal(cells.z, cells.n)


def test_a_step_draws_from_the_old_state() -> None:
    """The counts of a branching process in one step have the mean of the state before it."""
    nb.seed(4)
    cells = nb.Neurons(
        N, "dn/dt = (poisson(n) - n)/dt : 1\ndm/dt = n/dt : 1", initial={"n": 5.0}, method="euler"
    )
    nb.Network(cells, dt=0.1).run(0.1)
    assert abs(cells.n.mean() - 5) < 5 * np.sqrt(5 / N)
    assert abs(cells.n.var() - 5) < 5 * np.sqrt(2 * 25 / N) * 1.3
    assert (cells.m == 5).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [("poisson(-1)", "poisson"), ("binomial(2, 1.5)", "binomial"), ("binomial(0.5, 1)", "whole")],
)
def test_impossible_distributions(call: str, message: str) -> None:
    with pytest.raises(nb.ArgumentError, match=message):
        value(f"y = {call} : 1")


# ---- constants and whole steps ---------------------------------------------------------------

CODATA = {
    "avogadro_constant": codata.N_A, "boltzmann_constant": codata.k, "electric_constant": codata.epsilon_0,
    "electron_mass": codata.m_e, "elementary_charge": codata.e, "gas_constant": codata.R,
    "faraday_constant": codata.value("Faraday constant"), "magnetic_constant": codata.mu_0,
    "molar_mass_constant": codata.value("molar mass constant"), "zero_celsius": codata.zero_Celsius,
}  # fmt: skip


@pytest.mark.parametrize("name", PHYSICAL)
def test_physical_constants(name: str) -> None:
    """Against SciPy's table (CODATA 2018 or 2022, which differ in the tenth digit)."""
    unit = PHYSICAL[name][1]
    assert value(f"y = {name} : {unit}")[0] == pytest.approx(CODATA[name], rel=2e-9)


def test_thermal_voltage() -> None:
    """RT/F is 25.26 mV at 20 degrees Celsius."""
    equation = "y = gas_constant*(zero_celsius + 20*kelvin)/faraday_constant : mV"
    assert value(equation)[0] == pytest.approx(25.26, abs=0.005)


def test_names_of_the_model_come_before_constants_and_units() -> None:
    assert value("gas_constant = 2 : 1\ny = 3*gas_constant : 1") == 6
    assert value("mm = 2 : 1\ny = 3*mm : 1") == 6
    assert value("y = 3*mm : 1", mm=4) == 12


def test_whole_steps() -> None:
    cells = nb.Neurons(1, "y = t_in_timesteps : integer\nz = timestep(t + 0.05*ms, dt) : 1")
    trace = nb.Monitor(cells, "y, z")
    nb.Network(cells, trace, dt=0.1).run(100)
    np.testing.assert_array_equal(trace.y[:, 0], np.arange(1000))
    np.testing.assert_array_equal(trace.z[:, 0], np.arange(1000))
    assert value("y = timestep(1*second, 0.1*ms) : integer") == 10_000


def test_smallest_and_largest_of_several() -> None:
    assert value("y = max(1, 5, 3) - min(2*mV, 1*mV, 3*mV, 4*mV)/mV : 1") == 4
