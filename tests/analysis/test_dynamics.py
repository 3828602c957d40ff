"""What the equations of models tell: equilibria, bifurcations and curves, against published values and closed forms."""

from __future__ import annotations


from math import pi, sqrt

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.special import erf

import numpybrain as nb
from numpybrain import analysis
from tests.library import reference as ref

pytestmark = pytest.mark.filterwarnings("error")

CLASS_1 = {
    "V_3": "12 mV",
    "V_4": "17.4 mV",
    "g_Ca": "4 mS/cm**2",
    "phi": 1 / 15,
}  # Rinzel & Ermentrout (1989)
PUBLISHED = {
    "morris_lecar class II": (("morris_lecar", "I", 0, 300), {}, [("hopf", 93.858), ("hopf", 212.019)]),
    "morris_lecar class I": (
        ("morris_lecar", "I", -50, 150), CLASS_1,
        [("saddle-node", -9.949), ("saddle-node", 39.963), ("hopf", 97.788)],
    ),
    # Hassard (1978), Rinzel & Miller (1980); 9.78 belongs to E_L = -54.4 mV
    "hodgkin_huxley": (("hodgkin_huxley", "I", 0, "200 uA/cm**2"), {}, [("hopf", 9.7754), ("hopf", 154.522)]),
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_bifurcations_are_where_published(name: str) -> None:
    arguments, values, expected = PUBLISHED[name]
    found = analysis.bifurcation(*arguments, **values)
    assert [(point.kind, pytest.approx(point.value, abs=6e-4)) for point in found] == expected
    for point in found:
        model = ref.REFERENCES[arguments[0]]
        given = {n: float(str(v).split()[0]) for n, v in values.items()} | {"I": point.value}
        rates = model.rhs(list(point.state.values()), {**model.parameters, **given})
        assert rates == pytest.approx([0] * len(rates), abs=1e-9)
    if name == "hodgkin_huxley":  # Hassard (1978): the first is subcritical, the second supercritical
        assert [point.criticality for point in found] == ["subcritical", "supercritical"]


def test_bifurcations_in_closed_form() -> None:
    """FitzHugh-Nagumo: v**2 = 1 - b*tau/tau_w; Izhikevich: trace 0.08*v + 5 - a = 0, and a square."""
    v = sqrt(1 - 0.8 / 12.5)
    hopf = [(s * v + 0.7) / 0.8 - s * v + (s * v) ** 3 / 3 for s in (-1, 1)]
    found = analysis.bifurcation("fitzhugh_nagumo", "I", 0, 2)
    assert [point.value for point in found] == pytest.approx(hopf, abs=1e-8)
    assert [point.state["v"] for point in found] == pytest.approx([-v, v], abs=1e-8)
    det = (1 - (1 - v * v) * 0.8) / 12.5
    turn = sqrt(det)  # the trace is 0
    assert found[0].frequency == pytest.approx(1000 * turn / (2 * pi), rel=1e-6)
    both = analysis.bifurcation("izhikevich", "I", 0, 10)
    assert [(p.kind, pytest.approx(p.value, abs=1e-8)) for p in both] == [
        ("hopf", 3.7975),
        ("saddle-node", 4.0),
    ]


@pytest.mark.parametrize(("sign", "kind"), [(-1, "supercritical"), (1, "subcritical")])
def test_criticality_is_that_of_the_normal_form(sign: int, kind: str) -> None:
    text = f"""
    dx/dt = (a*x - 2*y + {sign}*x*(x**2 + y**2))/ms : 1
    dy/dt = (2*x + a*y + {sign}*y*(x**2 + y**2))/ms : 1
    a = 0 : 1
    """
    (point,) = analysis.bifurcation(nb.Model(text), "a", -1, 1)
    assert (point.kind, point.criticality) == ("hopf", kind)
    assert point.value == pytest.approx(0, abs=1e-9)
    assert point.frequency == pytest.approx(1000 / pi, rel=1e-9)


def test_folds_of_one_variable_and_of_the_mean_field() -> None:
    found = analysis.bifurcation(nb.Model("dx/dt = (a + x - x**3)/ms : 1\na = 0 : 1"), "a", -1, 1)
    fold = 2 / (3 * sqrt(3))
    assert [(p.kind, pytest.approx(p.value, abs=1e-8)) for p in found] == [
        ("saddle-node", -fold), ("saddle-node", fold),
    ]  # fmt: skip

    # Montbrio, Pazo & Roxin (2015): eta(r) = (pi*r)**2 - J*r - 1/(2*pi*r)**2, whose slope is 0 at folds
    roots = np.roots([2 * pi**2, -15, 0, 0, 1 / (2 * pi**2)])
    folds = sorted(r.real for r in roots if abs(r.imag) < 1e-9 and r.real > 0)
    expected = sorted((pi * r) ** 2 - 15 * r - 1 / (2 * pi * r) ** 2 + 5 for r in folds)
    found = analysis.bifurcation("qif_population", "I", -5, 10)
    assert [p.value for p in found] == pytest.approx(expected, abs=1e-7)


def test_equilibria_and_their_stability() -> None:
    """Rinzel & Ermentrout, figure 4 at I = 30 uA/cm**2: rest, a saddle and an unstable focus."""
    rest, saddle, spiral = analysis.equilibria("morris_lecar", I="30 uA/cm**2", **CLASS_1)
    assert rest.state["v"] == pytest.approx(-41.84, abs=0.01)
    assert [(e.kind, e.is_stable) for e in (rest, saddle, spiral)] == [
        ("node", True), ("saddle", False), ("focus", False),
    ]  # fmt: skip
    near = analysis.stability("morris_lecar", {"v": -40, "w": 0.0}, I=30, **CLASS_1)
    assert near.state == pytest.approx(rest.state)
    (only,) = analysis.equilibria("hodgkin_huxley")
    expected = ref.equilibrium(ref.HODGKIN_HUXLEY, {}, only.state)
    assert list(only.state.values()) == pytest.approx(expected, rel=1e-9)


def test_system_is_plain_sympy_and_fast() -> None:
    system = nb.load_model("fitzhugh_nagumo").system(free="I")
    v, w, i = sp.symbols("v w I")
    assert sp.expand(system.rates["v"] - (v - v**3 / 3 - w + i)) == pytest.approx(0, abs=1e-12)
    assert system.jacobian[1, 1] == pytest.approx(-0.8 / 12.5)
    x = np.array([np.linspace(-2, 2, 5), np.zeros(5)])
    np.testing.assert_allclose(system(x, [np.full(5, 0.5)])[0], x[0] - x[0] ** 3 / 3 + 0.5)
    assert system.jacobian_at(x, [0.5]).shape == (5, 2, 2)
    assert system.units == {"v": "1", "w": "1", "I": "1"}
    hh = nb.load_model("hodgkin_huxley").system()
    singular = hh([-40.0, 0.1, 0.5, 0.3])  # alpha_m is 0/0 there
    assert singular == pytest.approx(
        ref.hodgkin_huxley_rhs([-40.0, 0.1, 0.5, 0.3], ref.HODGKIN_HUXLEY.parameters)
    )
    assert np.isfinite(hh.jacobian_at([-40.0, 0.1, 0.5, 0.3])).all()


def test_gates_and_currents_over_the_voltage() -> None:
    found = analysis.gating("hodgkin_huxley", [-65.0, -40.0])
    m, tau = 1.0 / (1.0 + 4 * np.exp(-25 / 18)), 1.0 / (1.0 + 4 * np.exp(-25 / 18))
    assert found.steady["m"][1] == pytest.approx(m)
    assert found.tau["m"][1] == pytest.approx(tau)
    assert set(found.steady) == {"m", "h", "n"}
    current = analysis.i_v("morris_lecar", [-41.8451624, -60.0], **CLASS_1)
    assert current[0] == pytest.approx(30.0, abs=1e-5)  # where it rests with 30 uA/cm**2
    with pytest.raises(nb.UnknownNameError, match="'v' is no gate of 'hodgkin_huxley'"):
        analysis.gating("hodgkin_huxley", [0.0], gates=["v"])


def test_rates_over_the_current() -> None:
    currents = np.array([1.0, 2.0, 4.0])
    found = analysis.f_i("lif", currents, time="400 ms", dt="0.01 ms")
    exact = analysis.lif_rate(-65 + 10 * currents, threshold=-50, reset=-65, tau=10, refractory=2)
    np.testing.assert_allclose(found, exact, rtol=2e-3)


def test_siegert_and_the_mean_field() -> None:
    def rate(mu: float, sigma: float) -> float:
        low, high = (10 - mu) / sigma, (20 - mu) / sigma
        return 1000 / (2 + 20 * sqrt(pi) * quad(lambda u: np.exp(u * u) * (1 + erf(u)), low, high)[0])

    mu, sigma = np.array([12.0, 18.0, 25.0]), np.array([4.0, 2.0, 5.0])
    found = analysis.siegert(mu, sigma, tau=20, threshold=20, reset=10, refractory=2)
    np.testing.assert_allclose(found, [rate(m, s) for m, s in zip(mu, sigma, strict=True)], rtol=1e-8)
    # Brunel (2000), model A, g = 5, nu_ext/nu_thr = 2, J = 0.1 mV, C_E = 1000: the mean field has 37.9 Hz
    external = np.full(2, 2 * 20.0), np.full(2, 2 * 20.0 * 0.1)
    weights = [[1000, 250]] * 2, [[0.1, -0.5]] * 2
    rates = analysis.mean_field(weights, external, tau=20, threshold=20, reset=10, refractory=2)
    assert rates == pytest.approx([37.9, 37.9], abs=0.15)


def test_phase_plane_of_a_model() -> None:
    plane = analysis.phase_plane("morris_lecar", (-80, 60), (-0.1, 1), I=30, points=60, **CLASS_1)
    assert [p.kind for p in plane.fixed_points] == ["node", "saddle", "focus"]
    assert plane.dx.shape == (60, 60)
    v, w = plane.nullclines[1].reshape(-1, 2).T
    np.testing.assert_allclose(w, 0.5 * (1 + np.tanh((v - 12) / 17.4)), atol=1e-6)
    with pytest.raises(nb.errors.ArgumentError, match="has 4"):
        analysis.phase_plane("hodgkin_huxley", (0, 1), (0, 1))


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(nb.UnknownNameError, match="has no parameter 'J' that could stay free"):
        analysis.bifurcation("lif", "J", 0, 1)
    with pytest.raises(nb.errors.ArgumentError, match="from the lowest to the highest"):
        analysis.bifurcation("lif", "I", 1, 0)
    with pytest.raises(nb.UnitError):
        analysis.bifurcation("lif", "I", "1 mV", "2 mV")
    with pytest.raises(nb.ModelError, match="follow the time"):
        analysis.equilibria("lif", I="1*nA*sin(t/ms)")
    with pytest.raises(nb.UnknownNameError, match="has no variable 'x'"):
        analysis.jacobian("lif", {"x": 1})
