"""Smoothing of a time course with a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, TimeStepError, suggestion

Array = np.ndarray[Any, Any]

DIRECT = 20_000_000  # products up to which a sum is faster than Fourier transforms


def _gaussian(x: float) -> float:
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def _exponential(x: float) -> float:
    return -math.expm1(-x) if x > 0 else 0.0


def _rectangular(x: float) -> float:
    return min(1.0, max(0.0, x + 0.5))


# name -> integral of the kernel up to x, and from where to where it reaches; all in units of its width
KERNELS: dict[str, tuple[Callable[[float], float], float, float]] = {
    "gaussian": (_gaussian, -6.0, 6.0),
    "exponential": (_exponential, 0.0, 20.0),
    "rectangular": (_rectangular, -0.5, 0.5),
}


def weights(kernel: str, width: float, step: float) -> tuple[Array, int]:
    """Weights of a kernel at multiples of a step, and the position of lag 0 among them.

    Each is the integral of the kernel over its step, so that a kernel narrower than a step is right, too.

    Raises:
        ArgumentError: if there is no such kernel.
        TimeStepError: if the width is not positive.
    """
    if kernel not in KERNELS:
        advice = f"one of {', '.join(KERNELS)}"
        raise ArgumentError(f"no kernel '{kernel}'{suggestion(str(kernel), KERNELS)}", help=advice)
    if not width > 0:
        raise TimeStepError(f"the width of a kernel must be positive (got {width:g} ms)")
    integral, low, high = KERNELS[kernel]
    first, last = math.floor(low * width / step), math.ceil(high * width / step)
    edges = (np.arange(first, last + 2) - 0.5) * (step / width)
    found = np.diff([integral(x) for x in edges.tolist()])
    return found / found.sum(), -first


def smooth(values: Any, step: float, width: float, kernel: str = "gaussian") -> Array:
    """A time course, convolved with a kernel of area 1.

    Near its ends, where a part of the kernel has no data, the rest is scaled up to area 1: a constant
    stays that constant up to the ends.

    Args:
        values: samples at equal distances, shape (n_times,).
        step: their distance in ms.
        width: in ms. Of "gaussian", the standard deviation; of "exponential", the time constant: it looks
            into the past alone; of "rectangular", the whole width, centred.
        kernel: "gaussian", "exponential" or "rectangular".

    Returns:
        Shape (n_times,), in the unit of the values.

    Raises:
        ArgumentError: if there is no such kernel.
        TimeStepError: if the width is not positive.
    """
    x: Array = np.asarray(values, dtype=float)
    w, zero = weights(kernel, width, step)
    n = x.size
    if not n:
        return x
    total = np.concatenate([[0.0], np.cumsum(w)])
    k = np.arange(n) + zero
    inside = total[np.minimum(k + 1, w.size)] - total[np.clip(k + 1 - n, 0, w.size)]
    found = _convolved(x, w)[zero : zero + n]
    scaled: Array = np.divide(found, inside, out=np.zeros(n), where=inside > 0)
    return scaled


def _convolved(x: Array, w: Array) -> Array:
    """The full discrete convolution, shape (x.size + w.size - 1,)."""
    if x.size * w.size <= DIRECT:
        direct: Array = np.convolve(x, w)
        return direct
    size = x.size + w.size - 1
    padded = 1 << (size - 1).bit_length()
    found = np.fft.irfft(np.fft.rfft(x, padded) * np.fft.rfft(w, padded), padded)[:size]
    found = np.maximum(found, 0.0) if x.min() >= 0 else found  # no rounding errors below 0 in a rate
    return np.asarray(found)
