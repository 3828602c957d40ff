"""The error function of arrays against 40 digits of mpmath, and against SciPy."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import scipy.special

import numpybrain as nb
from numpybrain.engine.numpy.error_function import erf

RANGES = [(0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1), (1, 1.1), (1.1, 2), (2, 4), (4, 6.5), (6.5, 40)]
EDGES = [
    5e-324, 1e-323, 1e-310, 2.2250738585072014e-308, 1e-200, 1 - 2.0**-53, 1.0, 1 + 2.0**-52,
    5.8635847487551676, 5.999999999999999, 6.0, 6.000000000000001, 30.0, 1e300, 1.7976931348623157e308,
]  # fmt: skip


def errors(x: np.ndarray) -> np.ndarray:
    """Errors in units in the last place of the right result."""
    found = []
    with mpmath.workdps(40):
        for value, got in zip(x.tolist(), erf(x).tolist(), strict=True):
            right = mpmath.erf(mpmath.mpf(value))
            found.append(float(abs(mpmath.mpf(got) - right) / mpmath.mpf(math.ulp(float(right)))))
    return np.array(found)


@pytest.mark.parametrize("limits", RANGES)
def test_the_last_digit_may_differ(limits: tuple[float, float]) -> None:
    x = np.random.default_rng(1).uniform(*limits, 600)
    assert errors(x).max() < 1.5
    assert erf(-x).tolist() == (-erf(x)).tolist()
    np.testing.assert_allclose(erf(x), scipy.special.erf(x), rtol=1e-15)


def test_tiny_numbers_and_the_seams() -> None:
    tiny = 10 ** np.random.default_rng(2).uniform(-320, -1, 300)
    assert errors(tiny).max() < 1.5
    assert errors(np.array(EDGES)).max() < 1.5
    x = np.linspace(0.99, 1.01, 2001)
    assert (np.diff(erf(x)) > 0).all()


def test_what_is_no_number_and_what_is_infinite() -> None:
    found = erf(np.array([np.inf, -np.inf, np.nan, 0.0, -0.0]))
    np.testing.assert_array_equal(found, [1, -1, np.nan, 0, 0])
    assert math.copysign(1, found[4]) == -1
    assert np.isnan(erf(np.array([np.nan, np.nan]))).all()
    assert np.isnan(erf(np.float64("nan")))


@pytest.mark.parametrize("shape", [(), (1,), (3, 4), (0,)])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_shapes(shape: tuple[int, ...], scale: float) -> None:
    x = scale * np.random.default_rng(3).normal(size=shape)
    before = np.copy(x)
    assert np.shape(erf(x)) == shape
    np.testing.assert_allclose(erf(x), scipy.special.erf(before), rtol=1e-15)
    np.testing.assert_array_equal(x, before)


def test_numbers_of_other_types() -> None:
    assert erf(2.0) == math.erf(2.0)
    np.testing.assert_allclose(erf(np.array([1, 2])), scipy.special.erf([1.0, 2.0]), rtol=1e-15)
    np.testing.assert_allclose(erf(2), scipy.special.erf(2.0), rtol=1e-15)


def test_no_neuron_is_looked_at_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: float) -> float:
        raise AssertionError

    monkeypatch.setattr(math, "erf", never)
    cells = nb.Neurons(50, "dv/dt = (erf(3*(x - v)) - v)/(5*ms) : 1\nx : 1", method="euler", x="i/N")
    nb.Network(cells, dt=0.1).run(1)
    v, x = np.zeros(50), np.arange(50) / 50
    for _ in range(10):
        v = v + 0.1 / 5 * (scipy.special.erf(3 * (x - v)) - v)
    np.testing.assert_allclose(cells.v, v, rtol=1e-13)
