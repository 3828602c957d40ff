"""Elementary functions for compiled loops, against mpmath, NumPy at special values, and the assembly."""

from __future__ import annotations

import math
import re

import mpmath
import numpy as np
import pytest

numba = pytest.importorskip("numba", reason="the engine of numba needs the extra `jit`")

from numpybrain.engine.numba import vector_math

HALF_PI = np.pi / 2
rng = np.random.default_rng(5)


def both(values):
    return np.concatenate((values, -values))


def uniform(low, high):
    return lambda n: rng.uniform(low, high, n)


def scales(low, high):
    return lambda n: both(10.0 ** rng.uniform(low, high, n // 2))


# name -> (the same for mpmath, largest error in units in the last place, where)
FUNCTIONS = {
    "exp": (mpmath.exp, 1.0, (uniform(-708, 709.7), uniform(-1, 1), scales(-20, 0))),
    "expm1": (mpmath.expm1, 4.0, (uniform(-50, 709.7), uniform(-1, 1), scales(-300, 0))),
    "exprel": (lambda x: mpmath.expm1(x) / x, 4.0, (uniform(-700, 709), uniform(-1, 1), scales(-300, 0))),
    "log": (mpmath.log, 4.0, (lambda n: 10.0 ** rng.uniform(-320, 308, n), uniform(0.5, 2), lambda n: 1 + scales(-16, -1)(n))),
    "log1p": (mpmath.log1p, 4.0, (lambda n: 10.0 ** rng.uniform(-300, 308, n), uniform(-0.99, 2), scales(-17, -0.1))),
    "log10": (mpmath.log10, 4.0, (lambda n: 10.0 ** rng.uniform(-320, 308, n), uniform(0.5, 2))),
    "log2": (lambda x: mpmath.log(x, 2), 4.0, (lambda n: 10.0 ** rng.uniform(-320, 308, n), uniform(0.5, 2))),
    "tanh": (mpmath.tanh, 4.0, (uniform(-25, 25), uniform(-1, 1), scales(-300, 0))),
    "sinh": (mpmath.sinh, 4.0, (uniform(-700, 700), uniform(-1, 1))),
    "cosh": (mpmath.cosh, 4.0, (uniform(-700, 700), uniform(-1, 1))),
    "erf": (mpmath.erf, 4.0, (uniform(-7, 7), uniform(-1.5, 1.5), scales(-300, 0))),
    "sin": (mpmath.sin, 4.0, (uniform(-1e6, 1e6), uniform(-9, 9), lambda n: np.round(rng.uniform(-6e5, 6e5, n)) * HALF_PI)),
    "cos": (mpmath.cos, 4.0, (uniform(-1e6, 1e6), uniform(-9, 9), lambda n: np.round(rng.uniform(-6e5, 6e5, n)) * HALF_PI)),
}  # fmt: skip


def loop(name):
    function = getattr(vector_math, name)

    def run(x, found):
        for k in range(x.size):
            found[k] = function(x[k])

    return numba.njit(error_model="numpy")(run)


def powers():
    function = vector_math.power

    def run(x, y, found):
        for k in range(x.size):
            found[k] = function(x[k], y[k])

    return numba.njit(error_model="numpy")(run)


def error(found, exact):
    """The error in units in the last place."""
    nearest = float(exact)
    if nearest == 0 or math.isinf(nearest):
        return 0.0 if found == nearest else math.inf
    return abs(float((mpmath.mpf(float(found)) - exact) / math.ulp(nearest)))


def check(name, many):
    function, limit, places = FUNCTIONS[name]
    run = loop(name)
    with mpmath.workprec(160):
        for place in places:
            x = place(many)
            found = np.empty_like(x)
            run(x, found)
            errors = [error(f, function(mpmath.mpf(float(v)))) for f, v in zip(found, x, strict=True)]
            worst = int(np.argmax(errors))
            assert errors[worst] <= limit, (x[worst], found[worst], errors[worst])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_rounding(name):
    check(name, 3000)


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_rounding_of_many(name):
    check(name, 100_000)


def test_powers():
    n = 2000
    pairs = [
        (10.0 ** rng.uniform(-300, 300, n), rng.uniform(-1, 1, n)),
        (rng.uniform(0.5, 2, n), rng.uniform(-900, 900, n)),
        (rng.uniform(0, 10, n), rng.uniform(-5, 5, n)),
        (1 + 10.0 ** rng.uniform(-15, -2, n), 10.0 ** rng.uniform(0, 17, n)),
        (-rng.uniform(0, 10, n), np.round(rng.uniform(-9, 9, n))),
    ]
    run = powers()
    with mpmath.workprec(220):
        for x, y in pairs:
            found = np.empty_like(x)
            run(x, y, found)
            for f, a, b in zip(found, x, y, strict=True):
                exact = mpmath.power(mpmath.mpf(float(a)), mpmath.mpf(float(b)))
                if 1e-306 < abs(exact) < 1.7e308:
                    assert error(f, exact) <= 4.0, (a, b)


SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -3.0, 1e300, -1e300, 1e-300, 5e-324, 710.0, -746.0, -800.0,
                    800.0, np.inf, -np.inf, np.nan])  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_special_values(name):
    found = np.empty_like(SPECIAL)
    loop(name)(SPECIAL, found)
    with np.errstate(all="ignore"):
        if name == "exprel":
            exact = np.where(SPECIAL == 0, 1.0, np.expm1(SPECIAL) / SPECIAL)
            exact[SPECIAL == np.inf] = np.inf
        elif name == "erf":
            exact = np.array([math.erf(x) for x in SPECIAL])
        else:
            exact = getattr(np, name)(SPECIAL)
    assert np.allclose(found, exact, rtol=1e-15, atol=0, equal_nan=True)
    zero = (exact == 0) | np.isinf(exact)
    assert np.array_equal(np.signbit(found[zero]), np.signbit(exact[zero]))


def test_powers_of_special_values():
    x, y = (a.ravel() for a in np.meshgrid(SPECIAL, SPECIAL))
    found = np.empty_like(x)
    powers()(x, y, found)
    with np.errstate(all="ignore"):
        exact = np.power(x, y)
    assert np.allclose(found, exact, rtol=1e-14, atol=0, equal_nan=True)
    zero = (exact == 0) | np.isinf(exact)
    assert np.array_equal(np.signbit(found[zero]), np.signbit(exact[zero]))


@pytest.mark.parametrize(
    "name", [*(n for n in FUNCTIONS if n not in ("sin", "cos")), "near_sin", "near_cos"]
)
def test_loops_become_vector_instructions(name):
    run = loop(name)
    run(np.ones(4), np.ones(4))
    (code,) = run.inspect_asm().values()
    assert re.search(r"v?mulpd|fmul\s+v\d+\.2d", code)
    assert not re.search(rf"call\w*\s+.*\b{name}\b", code)  # of the library
