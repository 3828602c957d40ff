"""Methods of one's own, derivatives as Python functions, and refractory neurons under every method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS
from numpybrain.symbolic.tableaus import TABLEAUS
from tests.methods.test_orders import PROBLEMS, REFERENCES, START, measured, solve

# ---- a function that writes the update ------------------------------------------------------------------


def euler(system: Any, dt: Any) -> Any:
    return {x: x + dt * rate for x, rate in system.rates.items()}


def taylor(system: Any, dt: Any) -> Any:
    """The Taylor method of order 2, for equations without t."""
    import sympy as sp

    rates = system.rates
    return {
        x: x + dt * f + dt**2 / 2 * sp.Add(*(sp.diff(f, y) * g for y, g in rates.items()))
        for x, f in rates.items()
    }


def midpoint(system: Any, dt: Any) -> Any:
    """With temporaries, as pairs."""
    import sympy as sp

    middle = {x: sp.Symbol(f"{x.name}_middle") for x in system.rates}
    yield from ((middle[x], x + dt / 2 * f) for x, f in system.rates.items())
    yield from ((x, x + dt * f.xreplace(middle)) for x, f in system.rates.items())


@pytest.mark.parametrize(
    ("method", "order", "same"), [(euler, 1, "euler"), (taylor, 2, None), (midpoint, 2, "midpoint")]
)
@pytest.mark.parametrize("name", ["logistic", "predators", "oscillator"])
def test_functions_that_write_the_update(
    method: Callable[..., Any], order: int, same: str | None, name: str
) -> None:
    problem = PROBLEMS[name]
    n = {1: 400, 2: 128}[order]
    errors = [float(np.linalg.norm(solve(problem, method, k) - REFERENCES[name])) for k in (n, 2 * n)]
    assert measured(errors) == pytest.approx(order, abs=0.15)
    if same is not None:
        assert solve(problem, method, 20) == pytest.approx(solve(problem, same, 20), rel=1e-13)


def test_all_variables_change_at_once() -> None:
    """The values on the right are those before the step, in whatever order the assignments are."""

    def backwards(system: Any, dt: Any) -> Any:
        return dict(reversed(euler(system, dt).items()))

    found = [solve(PROBLEMS["predators"], m, 7) for m in (euler, backwards, "euler")]
    assert np.array_equal(found[0], found[1])
    assert found[0] == pytest.approx(found[2], rel=1e-14)


WRONG = {
    "nothing": (lambda s, dt: None, "must return assignments"),
    "a number": (lambda s, dt: 5, "must return assignments"),
    "an expression": (lambda s, dt: dt, "must return assignments"),
    "a text": (lambda s, dt: "x = x", "must return assignments"),
    "names": (lambda s, dt: {"x": dt}, "must return assignments"),
    "triples": (lambda s, dt: [(x, x, x) for x in s.rates], "must return assignments"),
    "too little": (lambda s, dt: {}, "assigns no new value to 'x'"),
    "no expression": (lambda s, dt: dict.fromkeys(s.rates, "1"), "must assign SymPy expressions"),
    "a truth value": (lambda s, dt: dict.fromkeys(s.rates, True), "must assign SymPy expressions"),
    "unknown symbol": (lambda s, dt: {x: x * type(x)("nobody") for x in s.rates}, "nobody"),
}


@pytest.mark.parametrize("what", WRONG)
def test_functions_that_return_something_else(what: str) -> None:
    function, message = WRONG[what]
    with pytest.raises(nb.MethodError, match=message):
        nb.Neurons(1, "dx/dt = -x/ms : 1", method=function)


def test_a_function_gets_no_noise() -> None:
    with pytest.raises(nb.MethodError, match="contain noise") as caught:
        nb.Neurons(1, "dx/dt = -x/ms + xi/ms**0.5 : 1", method=euler)
    assert "'exact'" in str(caught.value.help)


# ---- a tableau --------------------------------------------------------------------------------------------

NYSTROM = nb.tableau([[], ["2/3"], [0, "2/3"]], ["1/4", "3/8", "3/8"], name="nystrom")
BUTCHER = nb.tableau(  # Butcher (1964), doi:10.1017/S1446788700023387: six stages, order 5
    [[], ["1/4"], ["1/8", "1/8"], [0, "-1/2", 1], ["3/16", 0, 0, "9/16"], ["-3/7", "2/7", "12/7", "-12/7", "8/7"]],
    ["7/90", 0, "32/90", "12/90", "32/90", "7/90"], name="butcher", order=5,
)  # fmt: skip


@pytest.mark.parametrize(("made", "steps"), [(NYSTROM, 128), (BUTCHER, 40)])
@pytest.mark.parametrize("name", ["linear", "logistic", "predators"])
def test_orders_of_tableaus_of_ones_own(made: Any, steps: int, name: str) -> None:
    errors = [
        float(np.linalg.norm(solve(PROBLEMS[name], made, n) - REFERENCES[name])) for n in (steps, 2 * steps)
    ]
    assert measured(errors) == pytest.approx(made.order, abs=0.15)


# ---- derivatives as a Python function --------------------------------------------------------------------

GATES = PROBLEMS["gates"]


def in_python(returns: str) -> Callable[..., Any]:
    def rates(x: Any, y: Any, k: Any, t: float) -> Any:
        dx = -2 * y**3 * (x - 1) - 0.5 * (x + k)
        dy = (np.exp(x) * (1 - y) - np.exp(-x) * y) * np.cos(t)
        return {
            "tuple": (dx, dy),
            "list": [dx, dy],
            "dict": {"y": dy, "x": dx},
            "array": np.array([dx, dy]),
        }[returns]

    return rates


STRINGS = """dx/dt = (-2*y**3*(x - 1) - 0.5*(x + k))/ms : 1
dy/dt = (exp(x)*(1 - y) - exp(-x)*y)*cos(t/ms)/ms : 1
k : 1"""


@pytest.mark.parametrize(
    ("method", "returns"),
    [*((m, "tuple") for m in (*TABLEAUS, NYSTROM, BUTCHER, None)), *((m, r) for m in ("rk4", "rk45") for r in ("list", "dict", "array"))],
    ids=lambda v: getattr(v, "name", str(v)),
)  # fmt: skip
def test_derivatives_in_python_are_the_same_as_equations(method: Any, returns: str) -> None:
    k = np.array([0.5, 1.0, 2.0])
    texts = nb.Neurons(3, STRINGS, method="rk4" if method is None else method, k=k)
    python = nb.Neurons(3, {"x": "1", "y": "1"}, method=method, derivative=_with(in_python(returns), k))
    for cells in (texts, python):
        cells.x, cells.y = START, 0.1
    nb.Network(texts, python, dt=0.1).run(2)
    assert python.x == pytest.approx(texts.x, rel=1e-13)
    assert python.y == pytest.approx(texts.y, rel=1e-13)
    assert python.update.method == texts.update.method
    assert python.update.steps == texts.update.steps


def _with(rates: Callable[..., Any], k: np.ndarray) -> Callable[..., Any]:
    def derivative(x: Any, y: Any, t: float) -> Any:
        return rates(x, y, k, t)

    return derivative


def test_options_count_for_derivatives_in_python_too() -> None:
    found = {}
    for name, method in {"loose": nb.method("rk45", relative=1e-3), "usual": "rk45", "absolute": nb.method("rk45", absolute={"v": "1 mV"})}.items():  # fmt: skip
        cells = nb.Neurons(1, {"v": "mV"}, derivative=lambda v, t: 50 * np.cos(t) - v, method=method)
        texts = nb.Neurons(1, "dv/dt = (50*mV*cos(t/ms) - v)/ms : mV", method=method)
        nb.Network(cells, texts, dt=5).run(10)
        found[name] = cells.update.steps
        assert found[name] == texts.update.steps
        assert cells.v == pytest.approx(texts.v, rel=1e-12)
    assert found["loose"] < found["usual"]
    assert found["absolute"] < found["usual"]


@pytest.mark.parametrize("returns", ["number", "array", "tuple", "list", "dict"])
def test_one_variable(returns: str) -> None:
    def rate(v: np.ndarray) -> Any:
        return {
            "number": 2.0,
            "array": 2 + 0 * v,
            "tuple": (2.0,),
            "list": [2 + 0 * v],
            "dict": {"v": 2.0},
        }[returns]

    cells = nb.Neurons(3, {"v": "mV"}, derivative=rate, method="midpoint")
    nb.Network(cells, dt=0.5).run(1)
    assert cells.v == pytest.approx([2, 2, 2])


BAD = {
    "None": None, "a number": 1.0, "too few": (1.0,), "too many": (1, 2, 3), "None inside": (1.0, None),
    "a text": "xy", "texts": ("a", "b"), "wrong length": (np.zeros(4), 0.0), "wrong shape": np.zeros((3, 3)),
    "a matrix inside": (np.zeros((3, 3)), 0.0), "a strange name": {"x": 1.0, "z": 2.0}, "no shape": np.float64(1),
    "a function": len, "complex": (1j, 0.0),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("method", ["rk4", "rk45"])
def test_wrong_derivatives_are_explained(what: str, method: str) -> None:
    def rates(x: Any, y: Any) -> Any:
        return BAD[what]

    cells = nb.Neurons(3, {"x": "1", "y": "1"}, derivative=rates, method=method)
    with pytest.raises(
        nb.ArgumentError,
        match=r"rates.* (must return (a rate for each of x, y|for '[xy]' one number)|returned a rate for 'z')",
    ):
        nb.Network(cells, dt=1).run(1)


def test_variables_that_are_not_named_stand_still() -> None:
    cells = nb.Neurons(3, {"v": "mV", "I": "mV"}, derivative=lambda v, I: {"v": (I - v) / 10}, I=[1, 2, 3])
    nb.Network(cells, dt=0.1).run(10)
    assert cells.v == pytest.approx(np.array([1, 2, 3]) * (1 - np.exp(-1)), rel=1e-8)
    assert cells.I.tolist() == [1, 2, 3]


@pytest.mark.parametrize("threshold", ["v > 1*mV", lambda v: v > 1])
def test_texts_beside_a_derivative(threshold: Any) -> None:
    cells = nb.Neurons(
        1, {"v": "mV"}, derivative=lambda v: (2 - v) / 10, threshold=threshold, reset="v = 0*mV"
    )
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.01).run(30)
    assert np.diff(spikes.t) == pytest.approx(10 * np.log(2), abs=0.01)


def test_equations_take_no_derivative() -> None:
    with pytest.raises(nb.ArgumentError, match="takes no derivative function"):
        nb.Neurons(1, "dv/dt = -v/ms : 1", derivative=lambda v: -v)


def test_methods_that_need_equations_refuse_a_function() -> None:
    for method in ("exact", "backward_euler", "heun", METHODS["exact"], euler, 3):
        with pytest.raises(nb.MethodError, match="need an explicit method"):
            nb.Neurons(1, {"v": "1"}, derivative=lambda v: -v, method=method)


# ---- refractory neurons -------------------------------------------------------------------------------------

CLOCKWORK = """dv/dt = 1/ms : 1 (unless refractory)
du/dt = (v - u)/(0.5*ms) : 1
dw/dt = (cos(t/ms) - w)/ms : 1"""
ALONE = "du/dt = (v - u)/(0.5*ms) : 1\ndw/dt = (cos(t/ms) - w)/ms : 1\nv : 1"
EVERY = [*(m for m in METHODS if m != "exact"), euler, midpoint, NYSTROM]  # `exact` cannot do cos(t)


@pytest.mark.parametrize(
    "method", EVERY, ids=lambda m: getattr(m, "name", None) or getattr(m, "__name__", m)
)
def test_held_variables_stand_still_under_every_method(method: Any) -> None:
    """In a refractory period u and w go on as in a group in which v is a constant."""
    dt, period = 0.1, 6
    cells = nb.Neurons(
        2, CLOCKWORK, threshold="v > 0.95", reset="v = -3", refractory="0.7 ms", method=method,
        initial={"v": "0.5*i"},
    )  # fmt: skip
    trace = nb.Monitor(cells, "v", "u", "w")
    nb.Network(cells, trace, dt=dt).run(1.6)
    v, u, w = trace.v, trace.u, trace.w
    starts = [int(np.argmax(v[:, k] == -3)) for k in range(2)]
    assert starts == [10, 5]
    for k, start in enumerate(starts):
        assert np.all(v[start : start + period + 1, k] == -3)  # exactly
        if start + period + 1 < len(v):
            assert v[start + period + 1, k] == pytest.approx(-3 + dt)
    # the others: a group of their own, one step from each recorded state
    alone = nb.Neurons(2, ALONE, method=method)
    net = nb.Network(alone, dt=dt)
    tolerance = 1e-6 if method in ("rk23", "rk45") else 1e-13
    for step in range(len(v) - 1):
        held = [k for k in range(2) if starts[k] <= step < starts[k] + period]
        alone.v, alone.u, alone.w = v[step], u[step], w[step]
        net.step()
        for k in held:
            assert alone.u[k] == pytest.approx(u[step + 1, k], rel=tolerance)
            assert alone.w[k] == pytest.approx(w[step + 1, k], rel=tolerance)


@pytest.mark.parametrize("method", ["backward_euler", "rosenbrock", "trapezoidal", "rk45"])
def test_stiff_equations_stay_stable_in_a_refractory_period(method: str) -> None:
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1 (unless refractory)\ndu/dt = 300*(v**2 - u)/ms : 1", threshold="v > 0.95",
        reset="v = 3", refractory="5 ms", method=method, initial={"v": "0.5*i"},
    )  # fmt: skip
    nb.Network(cells, dt=0.1).run(4)
    assert np.all(cells.v == 3)
    assert cells.u == pytest.approx([9, 9], rel=2e-2)
