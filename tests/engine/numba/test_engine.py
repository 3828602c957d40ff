"""The engine of numba beside that of NumPy: the same numbers to rounding, step for step."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb
from tests.engine.test_second_engine import drawn, exact, lif, preferred, run, stdp
from tests.golden.networks import NETWORKS
from tests.kernel import synapse_checkpoints

pytest.importorskip("numba", reason="the engine of numba needs the extra `jit`")

HODGKIN_HUXLEY = """
    dv/dt = (g_L*(E_L - v) - g_Na*m**3*h*(v - E_Na) - g_K*n**4*(v - E_K) + I)/C : mV
    dm/dt = 0.32*(13*mV - u)/(exp((13*mV - u)/(4*mV)) - 1)/mV/ms*(1 - m) - 0.28*(u - 40*mV)/(exp((u - 40*mV)/(5*mV)) - 1)/mV/ms*m : 1
    dn/dt = 0.032*(15*mV - u)/(exp((15*mV - u)/(5*mV)) - 1)/mV/ms*(1 - n) - 0.5*exp((10*mV - u)/(40*mV))/ms*n : 1
    dh/dt = 0.128*exp((17*mV - u)/(18*mV))/ms*(1 - h) - 4/(1 + exp((40*mV - u)/(5*mV)))/ms*h : 1
    u = v + 63*mV : mV
    I : pA
    C = 200*pF : pF
    g_L = 10*nS : nS
    g_Na = 20*uS : nS
    g_K = 6*uS : nS
    E_L = -60*mV : mV
    E_Na = 50*mV : mV
    E_K = -90*mV : mV
"""

MODELS = {
    "exact": ("dv/dt = (g - v + E)/(20*ms) : mV (unless refractory)\ndg/dt = -g/(5*ms) : mV\nE : mV", {"E": "-49*mV + 2*mV*i/N", "v": "-60*mV", "g": "5*mV*i/N"}, "exact"),
    "exponential_euler": (HODGKIN_HUXLEY, {"v": "-65*mV + 40*mV*i/N", "m": "0.1*i/N", "h": 0.5, "n": 0.3, "I": "400*pA*i/N"}, "exponential_euler"),
    "rk4": (HODGKIN_HUXLEY, {"v": "-65*mV + 10*mV*i/N", "m": "0.1*i/N", "h": 0.5, "n": 0.3, "I": "400*pA*i/N"}, "rk4"),
    "noise": ("dv/dt = -v/(10*ms) + 0.1*xi*ms**-0.5 : 1\ndw/dt = (v - w)/(5*ms) + rand()/ms : 1", {"v": "i/N"}, "euler"),
    "heun": ("dv/dt = (1 - v)/(10*ms) + 0.1*v*xi*ms**-0.5 : 1", {"v": "i/N"}, "milstein"),
    "functions": ("""
        dv/dt = (tanh(v) + clip(w, -0.5, 0.5) + abs(v)*sign(w) + where(v > 0.2 and w < 1, v, -w) - sqrt(abs(v*w)))/(10*ms) : 1
        dw/dt = (sin(v) - cos(w)*erf(v) + log(1 + v**2) + min(v, w)/(1 + max(v, 0.1)) - floor(3*v)*ceil(w) + int(v > w))/(20*ms) : 1
        dz/dt = (mod(z + t/ms, 0.7) + heaviside(z) + abs(z)**1.7 - expm1(-z) + log1p(z**2) + arctan(v)*exprel(w))/(30*ms) : 1
        """, {"v": "i/N - 0.5", "w": "0.8 - 2*i/N", "z": "3*i/N - 1"}, "rk2"),
    "time": ("dv/dt = sin(2*pi*t/(3*ms))/ms - v/(tau) : 1\ntau = 5*ms + i*ms : ms", {"v": "i/N"}, "euler"),
}  # fmt: skip


def network(name, engine, n=23):
    text, initial, method = MODELS[name]
    cells = nb.Neurons(n, text, initial=initial, method=method)
    return nb.Network(cells, dt=0.05, engine=engine), cells


@pytest.mark.parametrize("name", MODELS)
def test_every_step_from_equal_states(name):
    nets = []
    for engine in ("numpy", "numba"):
        nb.seed(4)
        nets.append(network(name, engine))
    (one, mine), (other, theirs) = nets
    for _ in range(40):
        for variable in mine.inspect.state.rows:
            getattr(theirs, variable)[:] = getattr(mine, variable)
        one.run(0.05)
        other.run(0.05)
        for variable in mine.inspect.state.rows:
            expected, found = getattr(mine, variable), getattr(theirs, variable)
            assert np.abs(found - expected).max() <= 1e-12 * max(np.abs(expected).max(), 1e-3), variable
    assert "numba" in str(other.schedule)
    assert "numba" not in str(one.schedule)


@pytest.mark.parametrize(("make", "duration"), [(lif, 40), (stdp, 60), (exact, 5), (drawn, 0.5)])
def test_the_same_networks(make, duration):
    for mine, other in zip(run(make, "numpy", duration), run(make, "numba", duration), strict=True):
        assert np.allclose(mine, other, rtol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_all_kinds_of_networks(name):
    found = []
    for engine in ("numpy", "numba"):
        nb.seed(3)
        with preferred(engine):
            net = NETWORKS[name]()
        net.run(1.5)
        found.append(synapse_checkpoints.watch(net))
    for key, value in found[0].items():
        other = found[1][key]
        assert np.shape(value) == np.shape(other), key
        assert np.allclose(
            np.asarray(value, float), np.asarray(other, float), 1e-9, 1e-12, equal_nan=True
        ), key


def test_the_schedule_says_what_numpy_does_and_why():
    cells = nb.Neurons(
        3,
        "dv/dt = f(v)/ms : 1",
        functions={"f": lambda v: -v},
        initial={"v": 1},
        method="euler",
        threshold="v > 2",
    )
    net = nb.Network(cells, engine="numba")
    net.run(0.1)
    update, threshold = str(net.schedule).splitlines()[1:]
    assert "numpy: it calls a Python function" in update
    assert "numpy: " in threshold


def test_an_engine_for_one_group():
    text = "dv/dt = -v/(10*ms) : 1"
    one, two = nb.Neurons(3, text), nb.Neurons(3, text)
    net = nb.Network(one, two, engine={two: "numba"})
    net.run(0.2)
    first, second = str(net.schedule).splitlines()[1:]
    assert "numba" not in first
    assert "numba" in second


def test_checkpoints_go_from_one_engine_to_the_other():
    found = []
    for first, second in (("numpy", "numba"), ("numba", "numpy"), ("numpy", "numpy")):
        nb.seed(8)
        net, cells = network("noise", first)
        net.run(1)
        snapshot = net.snapshot()
        nb.seed(8)
        net, cells = network("noise", second)
        net.restore(snapshot)
        net.run(1)
        found.append(cells.v.copy())
    assert np.allclose(found[0], found[2], rtol=1e-13)
    assert np.allclose(found[1], found[2], rtol=1e-13)


def test_the_same_numbers_in_every_run():
    found = []
    for _ in range(2):
        nb.seed(8)
        net, cells = network("noise", "numba")
        net.run(5)
        found.append(cells.v.copy())
    assert np.array_equal(*found)


def test_values_assigned_between_runs_and_by_python_functions():
    found = []
    for engine in ("numpy", "numba"):
        cells = nb.Neurons(4, "dv/dt = (I - v)/tau : 1\nI : 1\ntau : ms", I=1, tau="10 ms", method="exact")

        @cells.at("start")
        def drive(t, I):
            I[:] = 2.0 if t > 1 else 1.0

        net = nb.Network(cells, engine=engine)
        net.run(2)
        cells.tau = [1, 2, 3, 4]
        net.run(2)
        cells.tau = "5 ms"
        net.run(1)
        found.append(cells.v.copy())
    assert np.allclose(*found, rtol=1e-13)
