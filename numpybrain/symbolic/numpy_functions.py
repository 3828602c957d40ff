"""The NumPy functions behind the nodes that NumPy itself lacks. All take arrays or plain numbers.

A float, of Python or of NumPy, is worth a formula of its own: five times as fast for one neuron. What comes
out for numbers is a number, never an array without dimensions.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

# Below this |x|, exp(x) - 1 has lost so many digits (relative error 2e-16/|x|) that a series is used.
# Smaller would lose more, larger would need the series in most steps of a large group.
SMALL = 2.0**-13
TINY = 2.0**-20  # of d*dt: from here on b/d is small enough not to drown the change in rounding

SWEEPS = 50  # of balancing; a few are enough

TERMS = 20  # of the series of exp(x): the rest is below 1e-18 for |x| <= 1
ORDERS = np.arange(TERMS)
ONE = np.float64(1.0)

PADE = (17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0,
        2162160.0, 110880.0, 3960.0, 90.0, 1.0)  # fmt: skip
PADE_NORM = 2.097847961257068  # Higham (2005), doi:10.1137/04061101X, table 2.3, degree 9


def exprel(x: Any) -> Any:
    """`(exp(x) - 1)/x`, 1 at x = 0; exact to rounding."""
    if isinstance(x, float):
        return np.expm1(x) / x if x else ONE
    x = np.asarray(x, dtype=float)
    zero = x == 0
    return np.where(zero, 1.0, np.expm1(x) / np.where(zero, 1.0, x))[()]


def exprel_derivative(n: int, x: Any) -> Any:
    """The n-th derivative of `exprel`, the integral of s**n*exp(s*x) from s = 0 to 1; exact to rounding."""
    n = int(n)
    x = np.asarray(x, dtype=float)
    near = np.abs(x) < 2.0
    small, far = np.where(near, x, 0.0), np.where(near, 2.0, x)
    series = np.zeros_like(x)
    for k in reversed(range(TERMS + 8)):  # of x**k/(k!*(k + n + 1))
        series = series * small / (k + 1) + 1 / (k + n + 1)
    size = np.exp(-np.abs(far))  # all relative to exp(x) where that is large
    last, found = np.where(far > 0, 1.0, size), np.where(far > 0, 1.0 - size, size - 1.0) / far
    for k in range(1, n + 1):
        found = (last - k * found) / far
    with np.errstate(over="ignore"):  # it is infinite then
        return np.where(near, series, found * np.exp(np.maximum(far, 0.0)))[()]


def quotient(f: Any, x: Any) -> Any:
    """`f/x`, 1 at x = 0, for an f that is x near 0; exact to rounding."""
    if isinstance(x, float):
        return f / x if x else ONE
    zero = np.equal(x, 0.0)
    if not zero.any():  # nearly always, and twice as fast
        return np.divide(f, x)
    return np.where(zero, 1.0, np.divide(f, np.where(zero, 1.0, x)))[()]


def slope(df: Any, q: Any, x: Any, *series: Any) -> Any:
    """`(df - q)/x`, the derivative of q = f/x by x, to 2e-12; a + b*x + c*x**2 near x = 0."""
    a, b, c = series
    if isinstance(x, float):
        return a + x * (b + x * c) if abs(x) < SMALL else (df - q) / x
    near = np.abs(x) < SMALL
    far = np.subtract(df, q) / np.where(near, 1.0, x)
    return np.where(near, a + x * (b + x * c), far)[()]


def expm1_ratio(e: Any, x: Any) -> Any:
    """`(e - 1)/x` for e = exp(x) computed before; exact to 2e-12 everywhere, 1 at x = 0."""
    if not (isinstance(x, np.ndarray) and x.ndim):
        return exprel(x)
    ratio = np.subtract(e, 1.0)
    near = (np.abs(x) < SMALL).nonzero()
    ratio /= x
    if near[0].size:
        small = x[near]  # the next term, x**4/120, is below 1e-17
        ratio[near] = 1.0 + small * (0.5 + small * (1 / 6 + small / 24))
    return ratio


def relax(d: Any, dt: Any) -> Any:
    """`(1 - exp(-d*dt))/d`, dt at d = 0: what a constant input of 1 adds up to in a step."""
    if isinstance(d, float) and isinstance(dt, float):
        return dt * exprel(d * -dt)
    return dt * exprel(np.multiply(d, -dt))


def approach(x: Any, b: Any, d: Any, dt: Any, out: Any = None) -> Any:
    """X after dt under dx/dt = b - d*x with b and d held.

    Where all d are clearly positive, the way to the steady state b/d is the fastest formula; its
    rounding error is at most 1e-10 of the change. Else the one that is right for d = 0 and below.
    """
    if isinstance(x, float) and isinstance(d, float):
        return x + (b - d * x) * relax(d, dt)
    shortest = np.minimum.reduce(dt) if isinstance(dt, np.ndarray) and dt.ndim else dt
    if not isinstance(d, np.ndarray) or not np.minimum.reduce(d) * shortest > TINY:
        return np.add(x, (b - d * x) * relax(d, dt), out=out)
    decay = np.multiply(d, -dt)
    np.exp(decay, out=decay)
    steady = b / d
    decay *= x - steady
    return np.add(decay, steady, out=out)


def heaviside(x: Any) -> Any:
    """1 where x > 0, 0.5 at 0, else 0."""
    return np.heaviside(x, 0.5)


def clip(x: Any, low: Any, high: Any) -> Any:
    """As `numpy.clip`, which takes twice as long for a few values."""
    if isinstance(x, np.ndarray):
        return x.clip(low, high)
    return np.minimum(np.maximum(x, low), high)


def smaller(x: float, y: float) -> Any:
    """As `numpy.minimum`, for two numbers."""
    return np.float64(x if x < y or x != x else y)  # noqa: PLR0124  # NaN wins


def larger(x: float, y: float) -> Any:
    """As `numpy.maximum`, for two numbers."""
    return np.float64(x if x > y or x != x else y)  # noqa: PLR0124  # NaN wins


def where(condition: Any, x: Any, y: Any) -> Any:
    """As `numpy.where`."""
    return np.where(condition, x, y)[()]


def to_int(x: Any) -> Any:
    """Whole numbers, towards zero; conditions become 0 or 1."""
    return np.asarray(x).astype(np.int64)[()]


def propagator(*entries: Any) -> Any:
    """exp(A*dt) and its integral from 0 to dt, for A given row by row and then dt.

    Scaling and squaring with a Pade approximant of degree 9 (Higham 2005) of the block matrix
    [[A, 1], [0, 0]]*dt. Entries and dt may be numbers or arrays of one value per neuron.

    Returns: array of shape (2, k, k) or, with one matrix per neuron, (2, k, k, n).
    """
    k = math.isqrt(len(entries) - 1)
    *flat, many = entries
    if isinstance(many, np.ndarray) and many.ndim and not any(isinstance(e, np.ndarray) for e in flat):
        terms, norm = _series(tuple(flat))  # one matrix, and many short times
        if norm * np.maximum.reduce(np.abs(many)) <= 1.0:
            both = (terms @ np.power.outer(many, ORDERS).T).reshape(2, k, k, -1)
            both[1] *= many
            return both
    *parts, dt = np.broadcast_arrays(*entries)
    dt = dt[..., None, None]
    a = np.stack(parts, axis=-1).reshape(*parts[0].shape, k, k).astype(float) * dt
    scale = balance(a)
    change = scale[:, None] / scale
    block = np.zeros((*a.shape[:-2], 2 * k, 2 * k))
    block[..., :k, :k] = a / change
    block[..., :k, k:] = np.eye(k) * dt
    exponential = expm(block)
    both = np.stack([exponential[..., :k, :k], exponential[..., :k, k:]]) * change
    return np.moveaxis(both, (0, -2, -1), (0, 1, 2)) if both.ndim > 3 else both


@functools.lru_cache(maxsize=256)
def _series(entries: tuple[float, ...]) -> tuple[Any, float]:
    """Power series of the propagator of one matrix A, and the norm of A in balanced units.

    The series of exp(A*dt), and that of its integral without a factor dt: a row for each of their entries.
    """
    k = math.isqrt(len(entries))
    a = np.array(entries).reshape(k, k)
    scale = balance(a)
    change = scale[:, None] / scale
    balanced = a / change
    powers = [np.eye(k)]
    for j in range(1, TERMS):
        powers.append(powers[-1] @ balanced / j)
    terms = np.array([(p * change).ravel() for p in powers]).T
    norm = float(np.abs(balanced).sum(axis=-2).max(initial=0.0))
    return np.concatenate((terms, terms / (ORDERS + 1.0))), norm


def noise_root(size: Any, *entries: Any) -> Any:
    """A root L of the covariance C = L L' that white noise gives dx = A x dt + G dW after dt.

    C is the integral of exp(A s) G G' exp(A' s) for s from 0 to dt: by Van Loan's method (1978,
    doi:10.1109/TAC.1978.1101743) for a part of dt that is short for A, then by doubling that part.

    Args:
        size: the number k of variables.
        *entries: A row by row, G row by row, dt; numbers, or arrays of one value per neuron.

    Returns: array of shape (k, k) or, with one matrix per neuron, (k, k, n).
    """
    k = int(size)
    *flat, dt = entries
    parts = np.broadcast_arrays(*(np.asarray(e, dtype=float) for e in flat))
    shape = parts[0].shape
    a = np.stack(parts[: k * k], axis=-1).reshape(*shape, k, k) * dt
    g = np.stack(parts[k * k :], axis=-1).reshape(*shape, k, -1)
    norm = float(np.abs(a).sum(axis=-2).max(initial=0.0))
    doublings = max(0, math.ceil(math.log2(norm))) if norm > 1 else 0
    a = a / 2.0**doublings
    block = np.zeros((*shape, 2 * k, 2 * k))
    block[..., :k, :k] = -a
    block[..., :k, k:] = g @ np.swapaxes(g, -1, -2) * (dt / 2.0**doublings)
    block[..., k:, k:] = np.swapaxes(a, -1, -2)
    exponential = expm(block)
    step = np.swapaxes(exponential[..., k:, k:], -1, -2)  # exp(A h)
    covariance = step @ exponential[..., :k, k:]
    for _ in range(doublings):
        covariance = covariance + step @ covariance @ np.swapaxes(step, -1, -2)
        step = step @ step
    values, vectors = np.linalg.eigh((covariance + np.swapaxes(covariance, -1, -2)) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]  # rounding may go below 0
    return np.moveaxis(root, (-2, -1), (0, 1)) if shape else root


def balance(a: Any) -> Any:
    """Scales (powers of 2) for the variables of dx/dt = a x that make rows and columns of one size.

    Without it, variables in odd units make entries of 1e12 that cost the exponential its digits.
    After Parlett & Reinsch (1969), doi:10.1007/BF02165404; entries below 1 need no balance.
    """
    size = np.abs(a).reshape(-1, *a.shape[-2:]).max(axis=0)
    np.fill_diagonal(size, 0.0)
    scale = np.ones(len(size))
    for _ in range(SWEEPS):
        before = scale.copy()
        for i in range(len(size)):
            ratio = (size[i].sum() + 1.0) / (size[:, i].sum() + 1.0)
            factor = 2.0 ** round(math.log2(ratio) / 2) if math.isfinite(ratio) and ratio > 0 else 1.0
            size[i] /= factor
            size[:, i] *= factor
            scale[i] *= factor
        if (scale == before).all():
            break
    return scale


def expm(a: Any) -> Any:
    """The matrix exponential of an array of matrices, shape (..., k, k)."""
    a = np.asarray(a, dtype=float)
    norm = float(np.abs(a).sum(axis=-2).max(initial=0.0))
    squarings = max(0, math.ceil(math.log2(norm / PADE_NORM))) if norm > PADE_NORM else 0
    a = a / 2.0**squarings
    a2 = a @ a
    even = np.broadcast_to(np.eye(a.shape[-1]), a.shape) * PADE[0]
    odd = np.broadcast_to(np.eye(a.shape[-1]), a.shape) * PADE[1]
    power = a2
    for j in range(2, len(PADE), 2):
        even = even + PADE[j] * power
        odd = odd + PADE[j + 1] * power
        power = power @ a2
    odd = a @ odd
    result = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        result = result @ result
    return result
