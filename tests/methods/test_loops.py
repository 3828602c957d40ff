"""Adaptive steps and implicit methods: tolerances, stiffness, and what goes wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb

OSCILLATOR = "dx/dt = y/ms : 1\ndy/dt = (3*(1 - x**2)*y - x)/ms : 1"  # van der Pol, of changing pace
STARTS = np.array([[2.0, 1.0], [0.0, -0.5]])


def van_der_pol(t: float, u: Any) -> Any:
    return [u[1], 3 * (1 - u[0] ** 2) * u[1] - u[0]]


def exact_path(times: np.ndarray) -> np.ndarray:
    """x of both neurons at these times."""
    found = [
        solve_ivp(van_der_pol, (0, times[-1]), s, method="DOP853", rtol=1e-13, atol=1e-14, t_eval=times).y[
            0
        ]
        for s in STARTS.T
    ]
    return np.transpose(found)


def run(method: Any, dt: float = 0.5, end: float = 10.0) -> tuple[np.ndarray, nb.Neurons]:
    cells = nb.Neurons(2, OSCILLATOR, method=method)
    cells.x, cells.y = STARTS
    trace = nb.Monitor(cells, "x")
    nb.Network(cells, trace, dt=dt).run(end)
    return np.array(trace.x), cells


TIMES = np.arange(0, 10, 0.5)
PATH = exact_path(TIMES)
TWO_OF_ONE = nb.tableau([[], [1]], ["1/2", "1/2"], error=["-1/2", "1/2"], name="heun_euler")


@pytest.mark.parametrize(
    ("method", "power", "smallest"), [("rk23", 3, -7), ("rk45", 5, -10), (TWO_OF_ONE, 2, -6)]
)
def test_the_error_follows_the_tolerance_and_steps_its_power(
    method: Any, power: int, smallest: int
) -> None:
    """A step with the error e is as long as e**(1/power), so there are tolerance**(-1/power) of them."""
    tolerances = 10.0 ** np.arange(-4, smallest - 1, -1)
    errors, steps = [], []
    for tolerance in tolerances:
        path, cells = run(nb.method(method, relative=tolerance), end=2.5 if power == 2 else 10)
        errors.append(np.max(np.abs(path - PATH[: len(path)])))
        steps.append(cells.update.steps)
    assert np.all(errors < 12 * tolerances)  # over one round of the limit cycle
    assert np.all(errors > tolerances / 10)
    slope = -np.polyfit(np.log(tolerances[1:]), np.log(steps[1:]), 1)[0]
    assert slope == pytest.approx(1 / power, abs=0.02)


def test_without_options_the_tolerance_is_a_millionth() -> None:
    for method in ("rk45", nb.method("rk45"), nb.method("rk45", relative=1e-6)):
        assert run(method)[1].update.steps == run("rk45")[1].update.steps
    assert run(nb.method("rk45", relative=1e-5))[1].update.steps < run("rk45")[1].update.steps
    assert run("rk4", dt=0.1)[1].update.steps == 0


def test_steps_do_not_depend_on_dt_where_dt_is_long() -> None:
    """A step may be longer than half of dt, so dt only cuts the last one of each."""
    few = run("rk45", dt=5.0)[1].update.steps
    assert few < run("rk45", dt=0.5)[1].update.steps < few + 20
    assert run("rk45", dt=0.001, end=1)[1].update.steps == 1000


def test_runs_in_parts_take_over_the_step_size() -> None:
    cells = nb.Neurons(2, OSCILLATOR, method="rk45")
    cells.x, cells.y = STARTS
    net = nb.Network(cells, dt=0.5)
    for _ in range(4):
        net.run(2.5)
    path, whole = run("rk45")
    assert np.array_equal(cells.x, whole.x)
    assert cells.update.steps == whole.update.steps > 100


@pytest.mark.parametrize("unit", ["mV", "V", "uV"])
def test_absolute_tolerances_have_units(unit: str) -> None:
    """Errors of a millionth of the value would be far smaller: the absolute tolerance counts."""
    to_uv = {"mV": 1e3, "V": 1e6, "uV": 1.0}[unit]
    errors, steps = [], []
    for tolerance in ("10 uV", "1 uV", "0.1 uV"):
        cells = nb.Neurons(
            1, f"dv/dt = (A*sin(t/(2*ms)) - v)/(3*ms) : {unit}\nA = 50*mV : mV", method=nb.method("rk45", relative=1e-12, absolute={"v": tolerance}),
        )  # fmt: skip
        nb.Network(cells, dt=20).run(20)
        w, tau, t = 0.5, 3.0, 20.0
        exact = 50e3 / (1 + (w * tau) ** 2) * (np.sin(w * t) - w * tau * (np.cos(w * t) - np.exp(-t / tau)))
        errors.append(abs(cells.v[0] * to_uv - exact))
        steps.append(cells.update.steps)
    assert errors[0] < 30
    assert errors[1] < 3
    assert errors[2] < 0.3
    assert errors[2] > 1e-4  # that of a relative tolerance of 1e-12 would be 1e-8
    assert steps[0] < steps[1] < steps[2]
    assert steps == STEPS_OF_MV or unit == "mV"
    STEPS_OF_MV[:] = steps


STEPS_OF_MV: list[int] = []  # the same in every unit


def test_a_number_is_an_absolute_tolerance_for_all_in_their_units() -> None:
    one = nb.method("rk45", absolute=1e-3)
    each = nb.method("rk45", absolute={"x": 1e-3, "y": 1e-3})
    assert run(one)[1].update.steps == run(each)[1].update.steps < run("rk45")[1].update.steps


def test_variables_without_an_absolute_tolerance_keep_the_usual_one() -> None:
    """Without it z, which goes through 0, would need steps of no length."""
    equations = "dx/dt = -x/ms : 1\ndz/dt = -sin(t/ms)/ms : 1"
    found = []
    for absolute in (None, {"x": 1e-9}):
        cells = nb.Neurons(
            1, equations, method=nb.method("rk45", absolute=absolute), initial={"x": 1, "z": 1}
        )
        nb.Network(cells, dt=1).run(10)
        assert cells.z[0] == pytest.approx(np.cos(10), abs=1e-5)
        found.append(cells.update.steps)
    assert found[1] < 1.5 * found[0]


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [({"relative": 0}, nb.ArgumentError, "between 0 and 1"), ({"relative": "x"}, nb.ArgumentError, "between 0 and 1"),
     ({"absolute": {"u": 1}}, nb.MethodError, "no variable 'u'"), ({"absolute": {"a": 1}}, nb.MethodError, "no variable 'a'"),
     ({"absolute": {"v": "1 nA"}}, nb.UnitError, "absolute tolerance of 'v'"), ({"absolute": -1}, nb.ArgumentError, "one number above 0"),
     ({"absolute": {"v": float("nan")}}, nb.NumpyBrainError, "tolerance of 'v'"), ({"absolute": [1, 2]}, nb.NumpyBrainError, "tolerance of 'v'")],
)  # fmt: skip
def test_wrong_tolerances_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        cells = nb.Neurons(1, "dv/dt = -a*v/ms : mV\na : 1", method=nb.method("rk45", **options))
        nb.Network(cells, dt=1).run(1)


def test_methods_with_a_fixed_step_take_no_tolerance() -> None:
    for name in ("rk4", "backward_euler", "exact", "heun"):
        with pytest.raises(nb.MethodError, match=f"'{name}' has a fixed step"):
            nb.method(name, relative=1e-3)
    with pytest.raises(nb.MethodError, match="unknown method 'rk54'"):
        nb.method("rk54")


def test_one_fast_neuron_among_many() -> None:
    """There is one step size for the group, and the fast neuron decides it."""
    rate = np.ones(100)
    rate[17] = 300.0
    equations = "dx/dt = -k*(x - cos(t/ms))/ms : 1\nk : 1"
    cells = nb.Neurons(100, equations, method="rk45", k=rate)
    alone = nb.Neurons(1, equations, method="rk45", k=300)
    slow = nb.Neurons(99, equations, method="rk45", k=1)
    nb.Network(cells, alone, slow, dt=1).run(10)
    k, t = rate, 10.0
    exact = (k**2 * np.cos(t) + k * np.sin(t) - k**2 * np.exp(-k * t)) / (1 + k**2)
    assert np.max(np.abs(cells.x - exact)) < 1e-5
    assert cells.update.steps >= alone.update.steps > 5 * slow.update.steps


def test_a_trial_step_that_overflows_is_only_rejected() -> None:
    """dx/dt = -x**3: the first step, all of dt, gives no number at all."""
    cells = nb.Neurons(2, "dx/dt = -x**3/ms : 1", method="rk45")
    cells.x = [30, 0.5]
    start = np.array(cells.x)
    nb.Network(cells, dt=1e3).run(1e3)
    assert cells.update.loop.rejected > 3
    assert cells.x == pytest.approx(start / np.sqrt(1 + 2e3 * start**2), rel=1e-4)
    growing = nb.Neurons(1, "dx/dt = (exp(x) - 2*exp(2*x))/ms : 1", method="rk45", initial={"x": 5})
    nb.Network(growing, dt=50).run(50)
    assert growing.x[0] == pytest.approx(np.log(0.5), rel=1e-4)


def test_solutions_without_bound_are_reported() -> None:
    cells = nb.Neurons(1, "dx/dt = x**2/ms : 1", method="rk45", initial={"x": 1})
    with pytest.raises(nb.MethodError, match="step size became too small at t = (0.99|1 )") as caught:
        nb.Network(cells, dt=0.5).run(3)
    assert "grow without bound" in str(caught.value.help)


def test_what_is_drawn_at_random_has_no_place_in_a_loop() -> None:
    for method in ("rk45", "backward_euler", "rosenbrock"):
        with pytest.raises(nb.MethodError, match=r"randn\(\)"):
            nb.Neurons(1, "dx/dt = (randn() - x)/ms : 1", method=method)
        cells = nb.Neurons(1, "dx/dt = (r - x)/ms : 1\nr = randn() : 1 (constant over dt)", method=method)
        nb.Network(cells, dt=0.5).run(1)
        assert cells.x[0] != 0


# ---- implicit ------------------------------------------------------------------------------------------

ROBERTSON = """da/dt = (-0.04*a + 1e4*b*c)/ms : 1
db/dt = (0.04*a - 1e4*b*c - 3e7*b**2)/ms : 1
dc/dt = 3e7*b**2/ms : 1"""


@pytest.mark.parametrize(
    ("method", "error"), [("backward_euler", 3e-3), ("trapezoidal", 2e-5), ("rosenbrock", 2e-4)]
)
def test_stiff_chemistry(method: str, error: float) -> None:
    """Robertson's problem (Hairer & Wanner II, section IV.10), started behind its boundary layer."""

    def rates(t: float, u: Any) -> Any:
        slow, fast = 0.04 * u[0] - 1e4 * u[1] * u[2], 3e7 * u[1] ** 2
        return [-slow, slow - fast, fast]

    start = [1.0, 3.65e-5, 0.0]
    exact = solve_ivp(rates, (0, 40), start, method="Radau", rtol=1e-11, atol=1e-15).y[:, -1]
    cells = nb.Neurons(2, ROBERTSON, method=method, initial=dict(zip("abc", start, strict=True)))
    nb.Network(cells, dt=0.1).run(40)
    for name, expected in zip("abc", exact, strict=True):
        assert getattr(cells, name) == pytest.approx([expected] * 2, rel=error)
    assert cells.a + cells.b + cells.c == pytest.approx(sum(start), rel=1e-12)


@pytest.mark.filterwarnings("ignore::numpybrain.StabilityWarning")
def test_implicit_methods_are_stable_where_explicit_ones_explode() -> None:
    equations = "dx/dt = (-k*(x - cos(t/ms)) - 0.1*x**3)/ms : 1\nk : 1"
    rate = np.array([10.0, 1e3, 1e5])
    found = {}
    for method in ("backward_euler", "trapezoidal", "rosenbrock", "euler", "heun2", "rk4"):
        cells = nb.Neurons(3, equations, method=method, k=rate, initial={"x": 1})
        nb.Network(cells, dt=0.02, check_finite=False).run(4)
        found[method] = np.array(cells.x)
    exact = [
        solve_ivp(lambda t, x, k=k: -k * (x - np.cos(t)) - 0.1 * x**3, (0, 4), [1.0], method="Radau", rtol=1e-10, atol=1e-12).y[0, -1]
        for k in rate
    ]  # fmt: skip
    for method in ("backward_euler", "trapezoidal", "rosenbrock"):
        assert found[method] == pytest.approx(exact, abs=0.01)
    for method in ("euler", "heun2", "rk4"):
        assert found[method][0] == pytest.approx(exact[0], abs=0.01)
        assert not np.all(np.abs(found[method][1:]) < 1e3)


def test_stiff_decay_is_damped_or_rings() -> None:
    """Ten steps of z = -1e6: L-stable methods forget the start, the trapezoidal rule flips its sign."""
    for method, expected in (("backward_euler", 0), ("rosenbrock", 0), ("trapezoidal", 1)):
        cells = nb.Neurons(1, "dx/dt = -1e6*x/ms : 1", method=method, initial={"x": 1})
        nb.Network(cells, dt=1).run(10)
        assert cells.x[0] == pytest.approx(expected, abs=1e-4)


def test_newton_without_a_solution() -> None:
    """x = x0 + h*(1 + x**2) has none for a long h."""
    for method in ("backward_euler", "trapezoidal"):
        cells = nb.Neurons(1, "dx/dt = (1 + x**2)/ms : 1", method=method)
        with pytest.raises(
            nb.MethodError, match="did not converge in 25 iterations, at t = 4 ms"
        ) as caught:
            nb.Network(cells, dt=4).run(8)
        assert "rosenbrock" in str(caught.value.help)


def test_newton_with_a_singular_matrix() -> None:
    for method, z in (("backward_euler", 1), ("trapezoidal", 2), ("rosenbrock", 1 / (1 - 1 / np.sqrt(2)))):
        cells = nb.Neurons(1, "dx/dt = k*x/ms : 1\nk : 1", k=z, method=method, initial={"x": 1})
        with pytest.raises(nb.MethodError, match="cannot be solved: try a smaller dt"):
            nb.Network(cells, dt=1).run(1)


@pytest.mark.parametrize("method", ["backward_euler", "trapezoidal"])
def test_an_equilibrium_at_zero_between_large_terms(method: str) -> None:
    """There the rounding of the terms is larger than the value: Newton's method must end all the same."""
    cells = nb.Neurons(
        1, "dv/dt = (g*(E - v)**2 - h*(E + v)**2)/ms : 1\ng : 1\nh : 1\nE : 1", g=0.1, h=0.1, E=1e3, method=method, initial={"v": 1},
    )  # fmt: skip
    nb.Network(cells, dt=0.05).run(5)
    assert cells.v[0] == pytest.approx(0, abs=1e-8)


def test_functions_without_derivative_are_refused_by_implicit_methods() -> None:
    for method in ("backward_euler", "trapezoidal", "rosenbrock"):
        with pytest.raises(nb.MethodError, match="cannot be differentiated") as caught:
            nb.Neurons(1, "dx/dt = -f(x)/ms : 1", functions={"f": np.sinh}, method=method)
        assert "'rk4'" in str(caught.value.help)
