"""One neuron is calculated with numbers in place of arrays: it does what the first of several does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.sample import SAMPLE
from numpybrain.methods import list_methods

N = 3
MODELS: dict[str, dict[str, Any]] = {
    "noise": {"model": "dv/dt = -v/(10*ms) + 0.2*xi/sqrt(ms) : 1", "method": "euler_maruyama"},
    "random numbers": {"model": "dv/dt = (rand() + randn() + poisson(2) + binomial(9, 0.5))/ms : 1", "method": "euler"},
    "flags": {
        "model": "dv/dt = (1.5 - v)/(5*ms) : 1 (unless refractory)\ndu/dt = -u/(20*ms) : 1",
        "threshold": "v > 1", "reset": "v = 0; u += 1", "refractory": "3*ms + 1*ms*u",
    },
    "interpolated": {
        "model": "dv/dt = (1.5 - v)/(5*ms) : 1 (unless refractory)", "threshold": "v > 1", "reset": "v = 0",
        "refractory": "2 ms", "spike_times": "interpolated",
    },
    "kinds": {
        "model": """dv/dt = int(b)*k/ms - v*s/ms : 1
                    b = sin(t/ms) > 0 or not (v > 0.2 and t < 20*ms) : boolean
                    k : integer (constant)
                    s : 1 (shared)
                    q = clip(v, -0.5, 0.5) + abs(v)**0.3 + v % 0.7 : 1 (constant over dt)
                    dw/dt = max(q, v)*where(v < 1, v, 1)/ms : 1""",
        "initial": {"k": 2, "s": 0.3}, "method": "rk2",
    },
    "singular": {
        "model": "dv/dt = (x/(exp(x) - 1) + x/tanh(x) - v)/ms : 1\nx = floor(4*sin(t/ms))/4 : 1", "method": "rk4",
    },
    "lone start": {"model": "dv/dt = -v**3/ms + i/ms : 1\nlastspike_or = lastspike/ms : 1", "threshold": "v > 0.5", "method": "heun2",
                   "initial": {"v": "0.3 + 0.2*i"}},
    "events": {
        "model": "dv/dt = cos(t/ms)/ms : 1\nn : 1", "events": {"low": "v < 0"}, "on_event": {"low": "n += 1 - v"}, "method": "euler",
    },
    "where, the default method": {"model": "dv/dt = -v*where(w < 0.5, 1, 0.2)/ms + 1/ms : 1\ndw/dt = (1 - w)/ms : 1"},
    "erf, the default method": {"model": "dv/dt = -v*erf(w)/ms + 1/ms : 1\ndw/dt = (1 - w)/ms : 1"},
    "where in a singularity": {
        "model": """x = where(w > 0.1, w, 0) : 1
                    dv/dt = x/(exp(x) - 1)/ms + exp(x)/ms - v/ms : 1
                    dw/dt = (1 - w)/ms : 1""", "method": "rk4",
    },
    "exprel of erf": {
        "model": "dv/dt = exprel(erf(w))/ms + exp(erf(w))/ms - v/ms : 1\ndw/dt = (1 - w)/ms : 1", "method": "rk2",
    },
    "a boolean": {
        "model": "dv/dt = cos(t/ms)/ms : 1\nb = where(v > 0.3, True, False) : boolean", "threshold": "b", "method": "euler",
    },
    "where in conditions": {
        "model": "dv/dt = cos(t/ms)/ms : 1\nn : 1", "threshold": "where(n > 3, v > 0.5, v > 0.2)", "method": "euler",
        "events": {"hi": "where(v > 0.5, True, False)"}, "on_event": {"hi": "n += 1"},
    },
    "shared condition": {"model": "s = t > 3*ms : boolean (shared)\ndv/dt = 1/ms : 1", "threshold": "where(s, True, False)"},
    "a function": {"model": "dv/dt = f(v)/ms : 1", "f": lambda v: np.where(v > 0.5, -v, 1.0), "method": "euler"},
}  # fmt: skip


def states(n: int, dt: float = 0.1, **model: Any) -> dict[str, np.ndarray]:
    """All variables of the first neuron after some steps, and its spikes."""
    nb.seed(3)
    cells = nb.Neurons(n, **model)
    cells.at("start", "v *= 1 + 1e-6*t/ms") if "v" in cells.inspect.state.slots else None
    fires = cells.spiking.threshold is not None
    spikes = [nb.Monitor(cells, "spikes")] if fires else []
    trace = nb.Monitor(cells, list(cells.inspect.state.rows), every="1 ms")
    net = nb.Network(cells, spikes, trace, dt=dt)
    net.run("13 ms")
    net.run("17 ms")
    found = {name: np.array(getattr(trace, name))[:, 0] for name in cells.inspect.state.rows}
    return found | {"spikes": np.array(m.t)[np.array(m.i) == 0] for m in spikes}


@pytest.mark.parametrize("name", SAMPLE)
def test_models_of_the_library(name: str) -> None:
    one, many = states(1, 0.05, model=name), states(N, 0.05, model=name)
    for key, expected in many.items():
        np.testing.assert_allclose(one[key], expected, rtol=1e-9, atol=1e-12, err_msg=key)


LINEAR = (
    "exact",
    "exponential_euler",
    "exponential_midpoint",
    "exponential_euler_maruyama",
    "exponential_midpoint_maruyama",
)
UNSOLVED = {(name, method) for name in ("fitzhugh_nagumo", "wang_buzsaki") for method in LINEAR}


@pytest.mark.parametrize("method", list_methods())
@pytest.mark.parametrize("name", ["fitzhugh_nagumo", "wang_buzsaki", "lif"])
@pytest.mark.filterwarnings("ignore::numpybrain.StabilityWarning")
def test_methods(name: str, method: str) -> None:
    try:
        many = states(N, 0.02, model=name, method=method)
    except nb.MethodError:  # not every method solves every model
        assert (name, method) in UNSOLVED
        return
    assert (name, method) not in UNSOLVED
    for key, found in states(1, 0.02, model=name, method=method).items():
        np.testing.assert_allclose(found, many[key], rtol=1e-7, atol=1e-9, err_msg=key)


@pytest.mark.parametrize("name", MODELS)
def test_all_kinds_of_variables(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers are drawn, and the same results found, as with arrays of one value."""
    one = states(1, **MODELS[name])
    assert any(len(np.unique(values)) > 5 for values in one.values())
    monkeypatch.setattr("numpybrain.engine.binding.BoundProgram._is_single", lambda *_: False)
    for key, expected in states(1, **MODELS[name]).items():
        np.testing.assert_allclose(one[key], expected, rtol=1e-12, atol=1e-13, err_msg=key)


def test_a_division_by_zero_is_no_python_error() -> None:
    cells = nb.Neurons(1, "dv/dt = 1/(ms*(t/ms - 0.5)*w) : 1\nw : 1", method="euler", w=1.0)
    net = nb.Network(cells)
    with pytest.raises(nb.DivergenceError, match="'v' of 'neurons_"):
        net.run("1 ms")
    cells.w = 0.0
    cells.v = 0.0
    with pytest.raises(nb.NumpyBrainError):
        net.run("1 ms")


def test_the_code_calculates_with_numbers() -> None:
    cells = nb.Neurons(1, "dv/dt = (x - v)/(10*ms) : 1\nx : 1", method="euler")
    nb.Network(cells).run("1 ms")
    assert "v = v_all[0]" in cells.update.source
    assert "out=" not in cells.update.source
    bound = cells.update.bound
    assert bound is not None
    arrays = [
        name
        for a, (_, name) in zip(
            bound.executable.arguments, bound.executable.compiled.arguments, strict=True
        )
        if np.ndim(a)
    ]
    assert arrays == ["v"]  # 0-dimensional ones would be as slow
    assert not any(isinstance(a, np.ndarray) and not a.ndim for a in bound.executable.arguments)


def test_whole_numbers_take_what_is_none_as_arrays_do() -> None:
    for n in (1, 2):
        cells = nb.Neurons(n, "k : integer\nj : integer\nz : integer", initial={"k": 3, "j": 2})
        cells.at("start", "k = k % z")
        cells.at("start", "j = int(1e18*j)*1000")
        nb.Network(cells).run("1 ms")


@pytest.mark.parametrize("n", [1, 2])
def test_time_divides_like_numpy(n: int) -> None:
    cells = nb.Neurons(n, "x = 1/t : Hz\nv : 1", threshold="1/(t/ms - 0.5) > 3", initial={"v": 1})
    assert np.isinf(cells.x).all()
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1).run("1 ms")
    np.testing.assert_allclose(np.unique(spikes.t), [0.5, 0.6, 0.7, 0.8])
