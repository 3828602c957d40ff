"""The NumPy functions behind the nodes that NumPy itself lacks. All take arrays or plain numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

# Below this |x|, exp(x) - 1 has lost so many digits (relative error 2e-16/|x|) that `expm1` is used.
SMALL = 2.0**-10
TINY = 2.0**-20  # the same for d*dt in an exponential step, where errors of 1e-10 of it are nothing

PADE = (17643225600.0, 8821612800.0, 2075673600.0, 302702400.0, 30270240.0,
        2162160.0, 110880.0, 3960.0, 90.0, 1.0)  # fmt: skip
PADE_NORM = 2.097847961257068  # Higham (2005), doi:10.1137/04061101X, table 2.3, degree 9


def exprel(x: Any) -> Any:
    """`(exp(x) - 1)/x`, 1 at x = 0; exact to rounding."""
    x = np.asarray(x, dtype=float)
    zero = x == 0
    return np.where(zero, 1.0, np.expm1(x) / np.where(zero, 1.0, x))


def expm1_ratio(e: Any, x: Any) -> Any:
    """`(e - 1)/x` for e = exp(x) computed before; exact to 2e-13 everywhere, 1 at x = 0."""
    if not isinstance(x, np.ndarray):
        return exprel(x)[()]
    ratio = np.subtract(e, 1.0)
    near = (np.abs(x) < SMALL).nonzero()
    ratio /= x
    if near[0].size:
        ratio[near] = exprel(x[near])
    return ratio


def relax(d: Any, dt: Any) -> Any:
    """`(1 - exp(-d*dt))/d`, dt at d = 0: what a constant input of 1 adds up to in a step."""
    return dt * exprel(np.multiply(d, -dt))[()]


def relax_ratio(e: Any, d: Any, dt: float) -> Any:
    """`relax(d, dt)` for e = exp(-d*dt) computed before.

    The rounding of e costs eps/d here, which is small beside a variable whose steady state is of
    order 1/d; only where d*dt is tiny the difference to 1 has no digits left.
    """
    if not isinstance(d, np.ndarray):
        return relax(d, dt)
    ratio = np.subtract(1.0, e)
    near = (np.abs(d) < TINY / dt).nonzero()
    ratio /= d
    if near[0].size:
        ratio[near] = relax(d[near], dt)
    return ratio


def heaviside(x: Any) -> Any:
    """1 where x > 0, 0.5 at 0, else 0."""
    return np.heaviside(x, 0.5)


def to_int(x: Any) -> Any:
    """Whole numbers, towards zero; conditions become 0 or 1."""
    return np.asarray(x).astype(np.int64)[()]


def erf(x: Any) -> Any:
    """The error function."""
    return _erf(x)


_erf = np.vectorize(math.erf, otypes=[float])


def propagator(*entries: Any) -> Any:
    """exp(A*dt) and its integral from 0 to dt, for A given row by row and then dt.

    Scaling and squaring with a Pade approximant of degree 9 (Higham 2005) of the block matrix
    [[A, 1], [0, 0]]*dt. Entries may be numbers or arrays of one value per neuron.

    Returns: array of shape (2, k, k) or, with one matrix per neuron, (2, k, k, n).
    """
    *flat, dt = entries
    k = math.isqrt(len(flat))
    parts = np.broadcast_arrays(*flat)
    a = np.stack(parts, axis=-1).reshape(*parts[0].shape, k, k).astype(float)
    block = np.zeros((*a.shape[:-2], 2 * k, 2 * k))
    block[..., :k, :k] = a * dt
    block[..., :k, k:] = np.eye(k) * dt
    exponential = expm(block)
    both = np.stack([exponential[..., :k, :k], exponential[..., :k, k:]])
    return np.moveaxis(both, (0, -2, -1), (0, 1, 2)) if both.ndim > 3 else both


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
