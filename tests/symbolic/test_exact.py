"""Exact integration of linear systems against SciPy's matrix exponential and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
from scipy.special import exprel

import numpybrain as nb
from numpybrain.symbolic import numpy_functions

K, DT = 3, 0.25


def matrices() -> np.ndarray:
    """200 matrices (times dt): generic, and with repeated, zero or complex eigenvalues, and defective."""
    rng = np.random.default_rng(42)
    found = []
    for k in range(200):
        scale = 10 ** rng.uniform(-3, 0.7)
        basis = scipy.linalg.qr(rng.normal(size=(K, K)))[0] @ np.diag(rng.uniform(0.5, 2, K))
        a, b = -rng.uniform(0.1, 2, 2)
        jordan = {
            0: rng.normal(size=(K, K)),
            1: np.diag([a, a, b]),  # repeated
            2: np.array([[a, 1, 0], [0, a, 1], [0, 0, a]]),  # defective
            3: np.array([[0, 1, 0], [0, 0, 1], [0, 0, 0]]),  # nilpotent
            4: np.diag([0, 0, a]),  # singular
            5: np.array([[a, b, 0], [-b, a, 0], [0, 0, b]]),  # complex pair
            6: np.zeros((K, K)),
            7: np.array([[a, 1, 0], [0, a * (1 + 1e-9), 1], [0, 0, b]]),  # nearly repeated
        }[k % 8]
        found.append(scale * jordan if k % 8 == 0 else basis @ (scale * jordan) @ np.linalg.inv(basis))
    return np.array(found)


MATRICES = matrices()


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


def test_matrix_exponential() -> None:
    together = numpy_functions.expm(MATRICES)
    for a, found in zip(MATRICES, together, strict=True):
        expected = scipy.linalg.expm(a)
        assert difference(found, expected) < 1e-12
        assert difference(numpy_functions.expm(a), expected) < 1e-12


@pytest.mark.parametrize("k", [1, 2, 5, 8])
def test_matrix_exponential_of_other_sizes(k: int) -> None:
    rng = np.random.default_rng(k)
    for scale in (1e-8, 0.01, 1, 4):
        a = scale * rng.normal(size=(k, k))
        assert difference(numpy_functions.expm(a), scipy.linalg.expm(a)) < 1e-12
    assert np.array_equal(numpy_functions.expm(np.zeros((k, k))), np.eye(k))


def test_propagator_is_the_exponential_and_its_integral() -> None:
    for a in MATRICES:
        block = np.zeros((2 * K, 2 * K))
        block[:K, :K], block[:K, K:] = a, DT * np.eye(K)
        expected = scipy.linalg.expm(block)
        found = numpy_functions.propagator(*(a / DT).ravel(), DT)
        assert difference(found[0], expected[:K, :K]) < 1e-12
        assert difference(found[1], expected[:K, K:]) < 1e-12
    each = numpy_functions.propagator(*np.moveaxis(MATRICES / DT, 0, -1).reshape(K * K, -1), DT)
    assert each.shape == (2, K, K, 200)
    assert difference(each[0, :, :, 17], scipy.linalg.expm(MATRICES[17])) < 1e-12


NAMES = [f"{x}{y}" for x in "xyz" for y in "xyz"]
SYSTEM = "\n".join(
    f"d{x}/dt = (a{x}x*x + a{x}y*y + a{x}z*z + b{x})/ms : 1\nb{x} : 1" for x in "xyz"
) + "\n" + "\n".join(f"a{name} : 1" for name in NAMES)  # fmt: skip


def expected_after(steps: int) -> np.ndarray:
    """x, y, z of every matrix after some steps from (1, -2, 0.5), with b = (0.5, 1, -1)."""
    found = []
    for a in MATRICES:
        block = np.zeros((K + 1, K + 1))
        block[:K, :K], block[:K, K] = a / DT, (0.5, 1, -1)
        found.append(scipy.linalg.expm(block * DT * steps) @ (1, -2, 0.5, 1))
    return np.array(found)[:, :K]


def test_a_model_with_a_matrix_for_each_neuron() -> None:
    values = {f"a{name}": MATRICES[:, k // 3, k % 3] / DT for k, name in enumerate(NAMES)}
    cells = nb.Neurons(
        200, SYSTEM, method="exact", bx=0.5, by=1, bz=-1, **values, initial={"x": 1, "y": -2, "z": 0.5}
    )
    net = nb.Network(cells, dt=DT)
    for steps in (1, 5):
        net.run(DT * (steps - round(net.t / DT)))
        expected = expected_after(steps)
        found = np.transpose([cells.x, cells.y, cells.z])
        error = np.linalg.norm(found - expected, axis=1) / np.linalg.norm(expected, axis=1)
        assert error.max() < 1e-12


def test_models_with_one_matrix_for_all() -> None:
    expected = expected_after(4)
    cells = nb.Neurons(2, SYSTEM, method="exact", bx=0.5, by=1, bz=-1)
    net = nb.Network(cells, dt=DT)
    for k in range(0, 200, 5):
        for m, name in enumerate(NAMES):
            setattr(cells, f"a{name}", MATRICES[k].ravel()[m] / DT)
        cells.x, cells.y, cells.z = 1, -2, 0.5
        net.run(4 * DT)
        for j in range(2):
            assert difference(np.array([cells.x[j], cells.y[j], cells.z[j]]), expected[k]) < 1e-12


# ---- closed forms --------------------------------------------------------------------------------------

PSP = "dv/dt = (g - v)/tau_m : 1\ndg/dt = -g/tau_s : 1\ntau_m : ms\ntau_s : ms"


def psp(t: np.ndarray, tau_m: float, tau_s: float) -> np.ndarray:
    """tau_s/(tau_s - tau_m)*(exp(-t/tau_s) - exp(-t/tau_m)), written for equal time constants too."""
    return t / tau_m * np.exp(-t / tau_m) * exprel(t * (tau_s - tau_m) / (tau_m * tau_s))


@pytest.mark.parametrize(
    ("tau_m", "tau_s"), [(20, 5), (5, 20), (10, 10), (10, 10 * (1 + 1e-9)), (0.1, 100)]
)
@pytest.mark.parametrize("each", [False, True])
def test_equal_and_nearly_equal_time_constants(tau_m: float, tau_s: float, each: bool) -> None:
    n = 2 if each else 1
    cells = nb.Neurons(n, PSP, tau_m=[tau_m, 3.0][:n], tau_s=[tau_s, 2.0][:n], initial={"g": "1"})
    assert cells.update.method == "exact"
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace, dt=0.1).run(20)
    np.testing.assert_allclose(trace.v[:, 0], psp(trace.t, tau_m, tau_s), rtol=1e-11, atol=1e-14)
    if each:
        np.testing.assert_allclose(trace.v[:, 1], psp(trace.t, 3.0, 2.0), rtol=1e-11, atol=1e-14)


def test_constant_rates_and_oscillators() -> None:
    cells = nb.Neurons(
        1, "dx/dt = 2/ms : 1\ndy/dt = x/ms : 1\ndp/dt = -q/ms : 1\ndq/dt = p/ms : 1", initial={"p": "1"}
    )
    assert cells.update.method == "exact"
    nb.Network(cells, dt=0.5).run(7)
    assert (cells.x[0], cells.y[0]) == pytest.approx((14, 49), rel=1e-14)
    assert (cells.p[0], cells.q[0]) == pytest.approx((np.cos(7), np.sin(7)), rel=1e-12)


def test_units_of_the_variables_do_not_matter() -> None:
    found = []
    for v, g, tau in (("mV", "nA", "ms"), ("volt", "pA", "second"), ("uV", "amp", "us")):
        cells = nb.Neurons(
            1, f"dv/dt = (R*I - v)/tau : {v}\ndI/dt = -I/(3*ms) : {g}\nR = 10*Mohm : ohm\ntau = 7*ms : {tau}",
            initial={"I": "2 nA", "v": "1 mV"},
        )  # fmt: skip
        nb.Network(cells, dt=0.1).run(5)
        scale = {"mV": 1, "volt": 1e3, "uV": 1e-3}[v]
        found.append(cells.v[0] * scale)
    exact = np.exp(-5 / 7) + 20 * psp(np.array([5.0]), 7, 3)[0]
    assert found == pytest.approx([exact] * 3, rel=1e-12)


def test_a_varying_input_that_several_equations_share() -> None:
    cells = nb.Neurons(
        3,
        """dv/dt = (g + h - v)/(5*ms) + sin(a*b)/ms : 1
        dg/dt = -g/(7*ms) + sin(a*b)/ms : 1
        dh/dt = -h/(9*ms) : 1
        a : 1
        b : 1""",
        method="exact",
        initial={"v": 1, "h": 2},
    )
    cells.at("start", lambda a, b: np.copyto(a, [0.5, 1, 2]) or b.fill(0.7))  # so that both vary
    nb.Network(cells, dt=0.1).run(5)
    matrix = np.array([[-1 / 5, 1 / 5, 1 / 5], [0, -1 / 7, 0], [0, 0, -1 / 9]])
    for k, a in enumerate([0.5, 1, 2]):
        drive = np.array([1, 1, 0]) * np.sin(a * 0.7)
        steady = -np.linalg.solve(matrix, drive)
        expected = steady + scipy.linalg.expm(matrix * 5) @ (np.array([1, 0, 2]) - steady)
        np.testing.assert_allclose([cells.v[k], cells.g[k], cells.h[k]], expected, rtol=1e-11)


def test_propagators_for_many_lengths_at_once_equal_those_one_by_one() -> None:
    rng = np.random.default_rng(5)
    for k in (2, 3, 5):
        unit = 10.0 ** rng.integers(-6, 7, k)  # variables in odd units
        matrix = rng.normal(size=(k, k)) * unit[:, None] / unit
        for longest in (1e-3, 0.1, 3.0):
            lengths = longest * rng.random(8)
            both = numpy_functions.propagator(*matrix.ravel(), lengths)
            for j, length in enumerate(lengths):
                np.testing.assert_allclose(
                    both[..., j], numpy_functions.propagator(*matrix.ravel(), length), rtol=1e-9
                )
