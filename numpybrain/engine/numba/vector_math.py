"""Elementary functions of doubles without branches: LLVM makes vector instructions of loops over them.

numba calls the mathematical library of C, one number at a time. These are built of additions, products,
divisions, selections and the bits of a double alone. All are right for every double, zeros, infinities and
NaN included; `sin` and `cos` call the library where |x| > `TURNS`, so loops over them stay scalar.

Largest error in units in the last place: 1 for `exp`, at most 4 for the others; `tests/engine/numba`
compares with mpmath. Below the smallest normal number, `exp` and `power` may be wrong by one more of these.

Sources. Reduction of arguments in two or three parts: Cody & Waite, "Software Manual for the Elementary
Functions" (1980). Rounding and scaling by the bits of a sum with 1.5*2**52: Muller, "Elementary Functions"
(3rd edition 2016), section 11. Exact products and sums: Dekker (1971), doi:10.1007/BF01397083. The
polynomials are Taylor series, cut where the rest is below 2**-60 of the result; `erf` has those of
`engine/numpy/error_function.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from numpybrain.engine.numpy import error_function

ROUNDER = 1.5 * 2.0**52  # a sum with it has a whole number in its last bits
ONE_BITS = 0x3FF0000000000000
ROOT_BITS = 0x3FE6A09E667F3BCD  # of sqrt(1/2)
EXPONENT = 52  # place of the exponent among the bits
LOG2_E = 1.4426950408889634
LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # ends in zeros: times 2**20 it is exact
LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
SPLITTER = 2.0**27 + 1  # Dekker's
LOWEST, HIGHEST = -746.0, 710.0  # beyond, exp is 0 and infinite
BEYOND = 800.0  # the exponential is 0 or infinite, whatever is added
MOST = 2.0**70  # exponent of a power: beyond, it is 0, 1 or infinite
TINY = 1e-20  # below, x itself is expm1(x)
THIRD = 1 / 3
THIRD_LOW = float(Fraction(1, 3) - Fraction(THIRD))
TWO_OVER_PI = 2 / math.pi
HALF_PI_1 = float.fromhex("0x1.921fb54400000p+0")  # 33 bits of pi/2, the next 33, and the rest
HALF_PI_2 = float.fromhex("0x1.0b4611a600000p-34")
HALF_PI_3 = float.fromhex("0x1.3198a2e037073p-69")
TURNS = 1e6  # largest |x| that is reduced exactly
FLAT = 22.0  # tanh is 1 from here on
P, Q = error_function.P, error_function.Q
F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12, F13, F14, F15, F16, F17 = (
    1 / math.factorial(k) for k in range(2, 18)
)
Compiled = TypeVar("Compiled", bound=Callable[..., Any])


def inline(function: Compiled) -> Compiled:
    """Compile a function that becomes part of what calls it: only then loops get vector instructions."""
    made: Compiled = numba.njit(forceinline=True, error_model="numpy")(function)
    return made


@intrinsic  # type: ignore[untyped-decorator]
def bits_of(_typing: Any, x: Any) -> Any:
    """The 64 bits of a double, as a whole number."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.int64))

    return types.int64(types.float64), code


@intrinsic  # type: ignore[untyped-decorator]
def double_of(_typing: Any, bits: Any) -> Any:
    """The double of 64 bits."""

    def code(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], context.get_value_type(types.float64))

    return types.float64(types.int64), code


@inline
def _power_of_two(rounded: float) -> float:
    """2**k of k + ROUNDER, where that is a normal number."""
    return double_of((bits_of(rounded) << EXPONENT) + ONE_BITS)  # type: ignore[no-any-return]


@inline
def _series(r: float) -> float:
    """(exp(r) - 1 - r)/r**2 for |r| < 0.35."""
    upper = F8 + r * (F9 + r * (F10 + r * (F11 + r * (F12 + r * F13))))
    return F2 + r * (F3 + r * (F4 + r * (F5 + r * (F6 + r * (F7 + r * upper)))))


@inline
def _exp_of_sum(x: float, rest: float) -> float:
    """exp(x + rest), where the rest is small beside 1."""
    x = LOWEST if x < LOWEST else x
    x = HIGHEST if x > HIGHEST else x
    k = (x * LOG2_E + ROUNDER) - ROUNDER
    high, low = x - k * LN2_HIGH, k * LN2_LOW - rest
    r = high - low
    value = 1.0 + (high - (low - r * r * _series(r)))
    half = k * 0.5 + ROUNDER
    first, second = _power_of_two(half), _power_of_two((k - (half - ROUNDER)) + ROUNDER)
    return value * first * second


@inline
def exp(x: float) -> float:
    """The exponential function."""
    return _exp_of_sum(x, 0.0)


@inline
def expm1(x: float) -> float:
    """exp(x) - 1, exact for small x."""
    y = -40.0 if x < -40.0 else x
    y = HIGHEST if y > HIGHEST else y
    k = (y * LOG2_E + ROUNDER) - ROUNDER
    high, low = y - k * LN2_HIGH, k * LN2_LOW
    r = high - low
    p = high - (low - r * r * _series(r))
    half = _power_of_two((k - 1.0) + ROUNDER)
    found = 2.0 * (half * p + (half - 0.5))
    return x if abs(x) < TINY else found


@inline
def exprel(x: float) -> float:
    """(exp(x) - 1)/x, 1 at x = 0."""
    found = expm1(x) / x
    found = x if x == np.inf else found
    return 1.0 if x == 0.0 else found


@inline
def _split(x: float) -> tuple[float, float]:
    """The exponent k and the rest m of a positive number m*2**k, with m from sqrt(1/2) to sqrt(2)."""
    is_small = x < 2.0**-1022
    bits = bits_of(x * 2.0**54 if is_small else x)
    biased = ((bits + (ONE_BITS - ROOT_BITS)) >> EXPONENT) & 0xFFF  # k + 1023
    m = double_of(bits - ((biased - 1023) << EXPONENT))
    k = double_of(biased + 0x4330000000000000) - (2.0**52 + 1023.0)
    return (k - 54.0 if is_small else k), m


@inline
def _log_series(u: float) -> float:
    """(artanh(s)/s - 1 - u/3)/u**2 for u = s**2 < 0.03."""
    upper = 1 / 13 + u * (1 / 15 + u * (1 / 17 + u * (1 / 19 + u * (1 / 21 + u * (1 / 23)))))
    return 1 / 5 + u * (1 / 7 + u * (1 / 9 + u * (1 / 11 + u * upper)))


@inline
def _log_of_sum(x: float, rest: float) -> float:
    """log(x + rest) of a positive finite number, where the rest is small beside x."""
    k, m = _split(x)
    f = m - 1.0
    s = f / (2.0 + f)
    u = s * s
    half_square = 0.5 * f * f
    # log(1 + f) = f - f**2/2 + s*(f**2/2 + r) with r = 2*u/3 + 2*u**2/5 ...
    r = 2.0 * u * (THIRD + u * _log_series(u))
    return k * LN2_HIGH - ((half_square - (s * (half_square + r) + (k * LN2_LOW + rest / x))) - f)


@inline
def _logarithm(x: float, found: float) -> float:
    """A logarithm that has been found for positive x, or what it is for others."""
    found = x if x == np.inf else found
    found = -np.inf if x == 0.0 else found
    return found if x >= 0.0 else np.nan


@inline
def log(x: float) -> float:
    """The natural logarithm."""
    return _logarithm(x, _log_of_sum(x, 0.0))


@inline
def log10(x: float) -> float:
    """The decimal logarithm."""
    return log(x) * 0.4342944819032518


@inline
def log2(x: float) -> float:
    """The logarithm to base 2."""
    return log(x) * LOG2_E


@inline
def log1p(x: float) -> float:
    """log(1 + x), exact for small x."""
    u = 1.0 + x
    rest = 1.0 - (u - x) if x > 1.0 else x - (u - 1.0)
    found = _logarithm(u, _log_of_sum(u, rest))
    return x if abs(x) < TINY else found


@inline
def tanh(x: float) -> float:
    """The hyperbolic tangent."""
    size = abs(x)
    size = FLAT if size > FLAT else size
    e = expm1(2.0 * size)
    return math.copysign(e / (e + 2.0), x)


@inline
def sinh(x: float) -> float:
    """The hyperbolic sine."""
    size = abs(x)
    e = expm1(size)
    small = 0.5 * (e + e / (e + 1.0))
    half = exp(0.5 * size)
    return math.copysign(small if size < 40.0 else 0.5 * half * half, x)


@inline
def cosh(x: float) -> float:
    """The hyperbolic cosine."""
    half = exp(0.5 * abs(x))
    e = half * half
    return 0.5 * half * half if abs(x) > 40.0 else 0.5 * (e + 1.0 / e)


@inline
def erf(x: float) -> float:
    """The error function."""
    size = abs(x)
    size = error_function.ONE_FROM if size > error_function.ONE_FROM else size
    z = x * x
    near = P[6] + z * (P[7] + z * (P[8] + z * (P[9] + z * (P[10] + z * P[11]))))
    near = P[0] + z * (P[1] + z * (P[2] + z * (P[3] + z * (P[4] + z * (P[5] + z * near)))))
    t = (size - error_function.A) / (size + error_function.B)
    far = Q[6] + t * (Q[7] + t * (Q[8] + t * (Q[9] + t * (Q[10] + t * Q[11]))))
    far = Q[0] + t * (Q[1] + t * (Q[2] + t * (Q[3] + t * (Q[4] + t * (Q[5] + t * far)))))
    far = 1.0 - exp(-size * size) * far
    return x + x * near if size < 1.0 else math.copysign(far, x)


@inline
def _product(x: float, y: float) -> tuple[float, float]:
    """The product of two numbers, and what rounding has left of it."""
    z = x * y
    t = x * SPLITTER
    x1 = t - (t - x)
    t = y * SPLITTER
    y1 = t - (t - y)
    x2, y2 = x - x1, y - y1
    return z, ((x1 * y1 - z) + x1 * y2 + x2 * y1) + x2 * y2


@inline
def _sum(x: float, y: float) -> tuple[float, float]:
    """The sum of two numbers, and what rounding has left of it."""
    z = x + y
    v = z - x
    return z, (x - (z - v)) + (y - v)


@inline
def _exact_log(x: float) -> tuple[float, float]:
    """The logarithm of a positive finite number, and what rounding has left of it."""
    k, m = _split(x)
    f, d = m - 1.0, m + 1.0
    d_rest = m - (d - 1.0)
    s = f / d
    p, p_rest = _product(s, d)
    s_rest = (((f - p) - p_rest) - s * d_rest) / d
    u, u_rest = _product(s, s)
    u_rest += 2.0 * s * s_rest
    a, a_rest = _product(u, THIRD)
    a_rest += u_rest * THIRD + u * THIRD_LOW
    b = u * u * _log_series(u)
    w = a + b
    w_rest = ((a - w) + b) + a_rest
    q, q_rest = _product(s, w)
    q_rest += s * w_rest + s_rest * w
    half = s + q
    half_rest = ((s - half) + q) + (q_rest + s_rest)
    whole, rest = _sum(k * LN2_HIGH, 2.0 * half)
    rest += 2.0 * half_rest + k * LN2_LOW
    found = whole + rest
    return found, (whole - found) + rest


@inline
def power(x: float, y: float) -> float:
    """The power x**y; NaN for negative x where y is no whole number."""
    size, exponent = abs(x), y
    exponent = MOST if exponent > MOST else exponent
    exponent = -MOST if exponent < -MOST else exponent
    logarithm, log_rest = _exact_log(size)
    product, rest = _product(exponent, logarithm)
    rest += exponent * log_rest
    found = _exp_of_sum(product, rest if abs(product) < BEYOND else 0.0)
    least = 0.0 if y > 0.0 else np.inf
    found = least if size == 0.0 else found
    most = np.inf if y > 0.0 else 0.0
    found = most if size == np.inf else found
    is_whole = np.floor(y) == y
    is_odd = (np.floor(y * 0.5) != y * 0.5) & is_whole
    found = -found if is_odd & (math.copysign(1.0, x) < 0.0) else found
    is_real = (x >= 0.0) | is_whole | (x == -np.inf)
    found = found if is_real & (x == x) & (y == y) else np.nan  # noqa: PLR0124  # not so for NaN
    return 1.0 if (y == 0.0) | (x == 1.0) else found


@inline
def _reduced(x: float) -> tuple[float, float, int]:
    """Number x less the nearest multiple of pi/2, what rounding has left of it, and which one that is."""
    rounded = x * TWO_OVER_PI + ROUNDER
    k = rounded - ROUNDER
    t, w = x - k * HALF_PI_1, k * HALF_PI_2
    first = t - w
    rest = ((t - first) - w) - k * HALF_PI_3
    r = first + rest
    return r, (first - r) + rest, bits_of(rounded)


@inline
def _sine(r: float, rest: float) -> float:
    """The sine of r + rest for |r| < 0.8."""
    z = r * r
    p = F3 - z * (F5 - z * (F7 - z * (F9 - z * (F11 - z * (F13 - z * (F15 - z * F17))))))
    return r - (z * r * p - rest * (1.0 - 0.5 * z))


@inline
def _cosine(r: float, rest: float) -> float:
    """The cosine of r + rest for |r| < 0.8."""
    z = r * r
    p = F4 - z * (F6 - z * (F8 - z * (F10 - z * (F12 - z * (F14 - z * F16)))))
    half = 0.5 * z
    w = 1.0 - half
    return w + (((1.0 - w) - half) + (z * z * p - r * rest))


@inline
def near_sin(x: float) -> float:
    """The sine for |x| < `TURNS`."""
    r, rest, k = _reduced(x)
    found = _cosine(r, rest) if k & 1 else _sine(r, rest)
    found = -found if k & 2 else found
    return x if abs(x) < TINY else found


@inline
def near_cos(x: float) -> float:
    """The cosine for |x| < `TURNS`."""
    r, rest, k = _reduced(x)
    found = _sine(r, rest) if k & 1 else _cosine(r, rest)
    return -found if (k + 1) & 2 else found


@inline
def sin(x: float) -> float:
    """The sine."""
    return near_sin(x) if abs(x) < TURNS else math.sin(x)


@inline
def cos(x: float) -> float:
    """The cosine."""
    return near_cos(x) if abs(x) < TURNS else math.cos(x)
