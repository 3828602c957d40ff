"""The method chosen by itself is of second order or better: postsynaptic potentials, spikes, convergence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS

ALPHA = """
    dv/dt = (12*nS*(-70*mV - v) + g*(0*mV - v))/(200*pF) : mV
    dg/dt = (x - g)/tau : nS
    dx/dt = -x/tau      : nS
    tau : ms
    """


def peak(tau: float, dt: float, method: str | None, **texts: Any) -> float:
    cells = nb.Neurons(1, ALPHA, tau=tau, method=method, initial={"v": -70, "x": 40}, **texts)
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace, dt=dt).run(20)
    return float(trace.v.max() + 70)


def exact_peak(tau: float) -> float:
    def rates(t: float, y: Any) -> list[float]:
        g = 40 * t / tau * np.exp(-t / tau)
        return [(12 * (-70 - y[0]) - g * y[0]) / 200]

    s = solve_ivp(rates, (0, 20), [-70], rtol=1e-10, atol=1e-10, max_step=0.1, dense_output=True)
    return float(s.sol(np.arange(0, 20, 0.01)).max() + 70)


@pytest.mark.parametrize(("tau", "error"), [(0.3, 0.025), (0.5, 0.01), (1.0, 0.003), (5.0, 0.001)])
def test_potentials_of_fast_alpha_conductances(tau: float, error: float) -> None:
    exact = exact_peak(tau)
    assert peak(tau, 0.1, None) == pytest.approx(exact, rel=error)
    assert peak(tau, 0.05, None) == pytest.approx(exact, rel=error / 3)  # of second order
    if tau < 1:
        assert peak(tau, 0.1, "exponential_euler") > (1 + 3 * error) * exact


def test_the_number_of_neurons_that_fast_alpha_conductances_make_fire() -> None:
    """Weights for which the potential ends near the threshold: a potential 17 % too high fires many more."""
    tau, weights = 0.3, np.linspace(40, 160, 61)

    def top(w: float) -> float:
        def rates(t: float, y: Any) -> list[float]:
            return [(12 * (-70 - y[0]) - w * t / tau * np.exp(-t / tau) * y[0]) / 200]

        return float(solve_ivp(rates, (0, 5), [-70], rtol=1e-8, atol=1e-8, max_step=0.05).y.max())

    expected = sum(top(w) > -60 for w in weights)
    assert 0 < expected < len(weights)
    fired = {}
    for method in (None, "exponential_euler"):
        start = {"v": -70, "x": weights}
        texts = {"threshold": "v > -60*mV", "reset": "v = -70*mV", "refractory": "5 ms"}
        cells = nb.Neurons(len(weights), ALPHA, tau=tau, method=method, initial=start, **texts)
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes, dt=0.1).run(5)
        fired[method] = len(spikes)
    assert abs(fired[None] - expected) <= 2
    assert fired["exponential_euler"] - expected >= 6


SYSTEMS = [
    "dx/dt = -x/ms : 1", "dx/dt = (1 - x)*y/ms : 1\ndy/dt = -x*y/ms : 1", "dx/dt = -x**3/ms : 1",
    "dx/dt = -x/ms + xi/ms**0.5 : 1", "dx/dt = (1 - x)*y/ms + xi/ms**0.5 : 1\ndy/dt = -x*y/ms : 1",
    "dx/dt = -x**3/ms + xi/ms**0.5 : 1", "dx/dt = -x**3/ms + x*xi/ms**0.5 : 1",
    "dx/dt = -y*x/ms + x*xi/ms**0.5 : 1\ndy/dt = -x*y/ms : 1", "dx/dt = (rand() - x)*x/ms : 1",
]  # fmt: skip


@pytest.mark.parametrize("equations", SYSTEMS)
@pytest.mark.parametrize("reading", ["ito", "stratonovich"])
def test_the_order_of_what_is_chosen(equations: str, reading: str) -> None:
    model = nb.Model(equations, interpretation=reading)
    plan = model.plan()
    assert plan is not None
    assert plan.method.order in (None, 2, 4)
    if plan.method.order is not None:
        assert f"; of order {plan.method.order}" in plan.why
        assert f"of order {plan.method.order}" in " ".join(model.explain().split())


def test_without_derivatives_of_the_noise_the_first_order_is_all_there_is() -> None:
    model = nb.Model("dx/dt = -x**3/ms + abs(x)*xi/ms**0.5 : 1", interpretation="ito")
    assert (model.plan().method.name, model.plan().method.order) == ("euler_maruyama", 1)
    assert "of order 1" in model.plan().why


def test_without_noise_the_noisy_method_is_the_deterministic_one() -> None:
    equations = "dx/dt = (1 - x)*y/ms {} : 1\ndy/dt = -x*y/ms + sin(t/ms)/ms : 1\nsigma : 1"
    found = []
    for noise in ("", "+ sigma*xi/ms**0.5"):
        cells = nb.Neurons(3, equations.format(noise), initial={"x": "0.1*i", "y": "1"})
        nb.Network(cells, dt=0.1).run(2)
        found.append(np.array([cells.x, cells.y]))
    assert METHODS["exponential_midpoint"].refuses(nb.Model(equations.format("")).plan().system) is None
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.parametrize(
    ("name", "current"),
    [("hodgkin_huxley", "10 uA/cm**2"), ("traub_miles_hh", "500 pA"), ("pospischil_rs", "2 uA/cm**2")],
)
def test_action_potentials_of_the_library_at_the_usual_step(name: str, current: str) -> None:
    """Against rk4 at 0.01 ms, which the tests of the library compare with SciPy."""
    exact = nb.Neurons(1, name, I=current, method="rk4")
    usual, euler = (nb.Neurons(1, name, I=current, method=m) for m in (None, "exponential_euler"))
    assert usual.update.method == "exponential_midpoint"
    times = []
    for cells, dt in ((exact, 0.01), (usual, 0.1), (euler, 0.1)):
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes, dt=dt).run(150)
        times.append(spikes.t)
    assert len(times[0]) == len(times[1]) > 4
    k = len(times[2]) - 1
    assert abs(times[1][k] - times[0][k]) < 0.25 * abs(times[2][k] - times[0][k])
