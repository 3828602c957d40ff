"""Functions that compiled loops call, by the names that expressions of NumPy have for them.

Each does for one number what NumPy's does for arrays, of infinities and NaN too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.engine.numba import vector_math
from numpybrain.engine.numba.vector_math import expm1, exprel, inline
from numpybrain.language.function_table import every
from numpybrain.symbolic.numpy_functions import SMALL


@inline
def as_number(x: Any) -> Any:
    """A stored value as expressions calculate with it: whole numbers become doubles."""
    return x * 1.0


@inline
def absolute(x: Any) -> Any:
    """The absolute value."""
    return abs(x)


@inline
def minimum(x: float, y: float) -> float:
    """The smaller one; NaN if one is."""
    return x if (x < y) | (x != x) else y  # noqa: PLR0124  # NaN wins


@inline
def maximum(x: float, y: float) -> float:
    """The larger one; NaN if one is."""
    return x if (x > y) | (x != x) else y  # noqa: PLR0124  # NaN wins


@inline
def clip(x: float, low: float, high: float) -> float:
    """The nearest number between two."""
    return minimum(maximum(x, low), high)


@inline
def where(condition: Any, x: float, y: float) -> float:
    """One of two numbers."""
    return x * 1.0 if condition != 0 else y * 1.0


@inline
def sign(x: float) -> float:
    """-1, 0 or 1; NaN of NaN."""
    found = 1.0 if x > 0 else (-1.0 if x < 0 else 0.0)
    return x if x != x else found  # noqa: PLR0124  # NaN


@inline
def heaviside(x: float) -> float:
    """1 where x > 0, 0.5 at 0, else 0; NaN of NaN."""
    found = 1.0 if x > 0 else (0.0 if x < 0 else 0.5)
    return x if x != x else found  # noqa: PLR0124  # NaN


@inline
def floor(x: float) -> float:
    """The largest whole number that is not above."""
    return np.floor(x * 1.0)  # type: ignore[no-any-return]


@inline
def ceil(x: float) -> float:
    """The smallest whole number that is not below."""
    return np.ceil(x * 1.0)  # type: ignore[no-any-return]


@inline
def sqrt(x: float) -> float:
    """The square root."""
    return math.sqrt(x)


@inline
def to_int(x: Any) -> float:
    """Whole numbers, towards zero; conditions become 0 or 1."""
    return float(int(x))


@inline
def mod(x: float, y: float) -> float:
    """The remainder, with the sign of the divisor; NaN where that is 0."""
    return x % y if y != 0 else np.nan


@inline
def floor_divide(x: float, y: float) -> float:
    """The quotient, rounded down."""
    return (x * 1.0) // y if y != 0 else x / y


@inline
def logical_and(x: Any, y: Any) -> bool:
    """Whether both are true."""
    return bool((x != 0) & (y != 0))


@inline
def logical_or(x: Any, y: Any) -> bool:
    """Whether one is true."""
    return bool((x != 0) | (y != 0))


@inline
def logical_not(x: Any) -> bool:
    """Whether it is false."""
    return bool(x == 0)


@inline
def expm1_ratio(e: float, x: float) -> float:
    """`(e - 1)/x` for e = exp(x) calculated before; 1 at x = 0."""
    near = 1.0 + x * (0.5 + x * (1 / 6 + x / 24))
    return near if abs(x) < SMALL else (e - 1.0) / x


@inline
def relax(d: float, dt: float) -> float:
    """`(1 - exp(-d*dt))/d`, dt at d = 0."""
    return dt * exprel(-d * dt)


@inline
def approach(x: float, b: float, d: float, dt: float) -> float:
    """X after dt under dx/dt = b - d*x with b and d held."""
    return x + (b - d * x) * (dt if d == 0 else expm1(-d * dt) / -d)


@inline
def quotient(f: float, x: float) -> float:
    """`f/x`, 1 at x = 0."""
    return 1.0 if x == 0 else f / x


@inline
def slope(df: float, q: float, x: float, a: float, b: float, c: float) -> float:
    """`(df - q)/x`; a + b*x + c*x**2 near x = 0."""
    return a + x * (b + x * c) if abs(x) < SMALL else (df - q) / x


@inline
def tan(x: float) -> float:
    """The tangent, of the library."""
    return math.tan(x)


@inline
def arcsin(x: float) -> float:
    """The arc sine, of the library; NaN outside of [-1, 1]."""
    return math.asin(x) if abs(x) <= 1 else np.nan


@inline
def arccos(x: float) -> float:
    """The arc cosine, of the library; NaN outside of [-1, 1]."""
    return math.acos(x) if abs(x) <= 1 else np.nan


@inline
def arctan(x: float) -> float:
    """The arc tangent, of the library."""
    return math.atan(x)


OWN = (
    as_number, absolute, minimum, maximum, clip, where, sign, heaviside, floor, ceil, sqrt, to_int, mod,
    floor_divide, logical_and, logical_or, logical_not, expm1_ratio, relax, approach, quotient, slope, tan,
    arcsin, arccos, arctan,
)  # fmt: skip
MATHEMATICS = (
    "exp", "expm1", "exprel", "log", "log1p", "log2", "log10", "tanh", "sinh", "cosh", "sin", "cos", "erf",
    "power",
)  # fmt: skip


def namespace() -> dict[str, Callable[..., Any]]:
    """Give what the code of loops may call: name -> compiled function."""
    found: dict[str, Any] = {function.__name__: function for function in OWN}
    found |= {name: getattr(vector_math, name) for name in MATHEMATICS}
    for function in every():
        if "numba" in function.engines:
            found[function.code_name] = function.engines["numba"]
    return found
