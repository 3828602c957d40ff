"""Sums over many synapses, with SciPy and without it, beside a matrix that is filled pair by pair."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.export import matrices

N_PRE, N_POST, SIZE = 700, 500, 30_000
FORMULAS: dict[str, tuple[str, Callable[..., np.ndarray]]] = {
    "one weight": ("0.5*x_pre", lambda w, x, y, t: 0.5 * x),
    "weights": ("w*x_pre", lambda w, x, y, t: w * x),
    "weights alone": ("w", lambda w, x, y, t: w),
    "weights that change": ("w*(1 + t/ms)*x_pre", lambda w, x, y, t: w * (1 + t) * x),
    "gap junction": ("w*(x_pre - x_post)", lambda w, x, y, t: w * (x - y)),
    "rectifying": ("w*max(x_pre - x_post, 0)", lambda w, x, y, t: w * np.maximum(x - y, 0)),
    "sigmoidal": ("w/(1 + exp(x_post - 2*x_pre))", lambda w, x, y, t: w / (1 + np.exp(y - 2 * x))),
    "changing, nonlinear": ("w*t/ms*sin(x_pre*x_post)", lambda w, x, y, t: w * t * np.sin(x * y)),
}


@pytest.fixture(params=["with SciPy", "without"])
def scipy_or_not(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether SciPy is there."""
    if request.param == "without":
        monkeypatch.setattr(matrices, "row_product", lambda: None)
    else:
        assert matrices.row_product() is not None
    return str(request.param)


@pytest.mark.usefixtures("scipy_or_not")
@pytest.mark.parametrize("side", ["post", "pre"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_many_synapses_add_up(formula: str, side: str) -> None:
    """Unsorted pairs, some twice, neurons without any, subgroups on both sides, two runs, other weights."""
    text, value = FORMULAS[formula]
    rng = np.random.default_rng(4)
    i, j = rng.integers(0, N_PRE - 3, SIZE), rng.integers(2, N_POST, SIZE)
    w, x, y = rng.normal(size=SIZE), rng.normal(size=N_PRE), rng.normal(size=N_POST)
    source = nb.Neurons(N_PRE + 9, "x : 1\nI : 1", initial={"x": np.append(np.zeros(9), x)})
    target = nb.Neurons(N_POST + 5, "x : 1\nI : 1", initial={"x": np.append(np.zeros(5), y)})
    synapses = nb.Synapses(
        source[9:], target[5:], f"w : 1\nI_{side} = {text} : 1 (summed)", connect=(i, j), w=w
    )
    net = nb.Network(source, target, synapses, dt=0.5)

    net.run("1 ms")  # the second step sees t = 0.5 ms
    expected = np.zeros(N_POST if side == "post" else N_PRE)
    where = j if side == "post" else i
    np.add.at(expected, where, value(w, x[i], y[j], 0.5))
    found = (target.I[5:] if side == "post" else source.I[9:]).copy()
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)

    synapses.w = 2 * w
    net.run("0.5 ms")
    expected[:] = 0
    np.add.at(expected, where, value(2 * w, x[i], y[j], 1.0))
    found = target.I[5:] if side == "post" else source.I[9:]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert not target.I[:5].any()
    assert not source.I[:9].any()


def test_sums_are_the_same_with_and_without_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both add up the synapses of a neuron one after the other, so they round alike."""

    def voltages() -> np.ndarray:
        nb.seed(3)
        cells = nb.Neurons(4000, "dv/dt = (I - v)/(10*ms) : 1\nI : 1", initial={"v": "rand()"})
        junctions = nb.Synapses(
            cells, cells, "w : 1\nI_post = w*(v_pre - v_post) : 1 (summed)",
            connect=nb.connect.fixed_total(24_000), w="rand()",
        )  # fmt: skip
        nb.Network(cells, junctions).run("5 ms")
        return np.array(cells.v)

    fast = voltages()
    monkeypatch.setattr(matrices, "row_product", lambda: None)
    # Processors that multiply and add in one instruction round once where others round twice.
    np.testing.assert_allclose(voltages(), fast, rtol=1e-13)


def test_without_scipy_there_is_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    find = matrices.row_product.__wrapped__
    monkeypatch.delitem(sys.modules, "scipy.sparse._sparsetools", raising=False)
    assert find() is not None  # loaded by itself

    def broken(spec: object) -> None:
        raise ImportError(spec)

    monkeypatch.setattr(matrices.util, "module_from_spec", broken)
    assert find() is None
    monkeypatch.setattr(matrices, "PathFinder", type("Nowhere", (), {"find_spec": lambda *_: None}))
    assert find() is None
    monkeypatch.setitem(sys.modules, "scipy", None)
    assert find() is None


def test_a_loop_that_does_something_else_is_not_used() -> None:
    def adds_nothing(*arguments: object) -> None: ...

    def other_arguments(n: int) -> None: ...

    for loop in (adds_nothing, other_arguments):
        assert not matrices._works(loop)  # noqa: SLF001
