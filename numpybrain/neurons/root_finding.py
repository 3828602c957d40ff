"""Roots within a step, where functions of time become positive: for many functions at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.variables import Array

ITERATIONS = 60  # bisection alone gets to the last bit of a step in 53
PRECISION = 1e-12  # part of dt to which bisection goes
CLOSE = 1e-7  # part of dt: after so small a step of Newton's method the error is about the square of it


def guess_root(low: tuple[Array, Any], high: tuple[Array, Any], length: Array) -> Array:
    """Estimate a crossing from the distances and slopes at both ends: inverse cubic interpolation."""
    change = high[0] - low[0]
    s = -low[0] / change
    straight = s * length
    guess: Array
    if low[1] is None:
        guess = straight
    else:
        r = 1.0 - s
        guess = s * r * change * (r / low[1] - s / high[1]) + s * s * (3.0 - 2.0 * s) * length
    for better in (straight, 0.5 * length):
        good = (guess >= 0.0) & (guess <= length)  # which is false for NaN
        if good.all():
            break
        guess = np.where(good, guess, better)
    return guess


def find_root(at: Callable[[Array], tuple[Array, Any]], guess: Array, length: Array, dt: float) -> Array:
    """Find where a distance becomes positive in 0..`length`: Newton's method, kept in its bracket."""
    low, high = np.zeros_like(length), length
    for _ in range(ITERATIONS):
        distance, slope = at(guess)
        above = ~(distance <= 0.0)  # which is true for NaN
        high, low = np.where(above, guess, high), np.where(above, low, guess)
        new = guess - distance / slope
        good = (new >= low) & (new <= high)
        close = CLOSE
        if not good.all():
            new = np.where(good, new, 0.5 * (low + high))
            close = PRECISION
        change, guess = np.abs(new - guess), new
        if change.max() <= close * dt:
            break
    return guess
