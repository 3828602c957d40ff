"""Power spectra."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.binned import MS_PER_S
from numpybrain.analysis.spike_arrays import Array
from numpybrain.errors import TimeStepError


def spectrum(values: Any, step: float, segment: float | None = None) -> tuple[Array, Array]:
    """Power spectral density by Welch's method: the mean over segments that overlap by half.

    Each segment has its mean subtracted and a Hann window applied; the density is one-sided, so that its
    integral over frequency is the variance (Welch 1967, doi:10.1109/TAU.1967.1161901; the same numbers as
    `scipy.signal.welch` gives).

    Args:
        values: samples at equal distances, shape (n_times,) or (n_times, n).
        step: their distance in ms.
        segment: length of the segments in ms; by default a quarter of the whole. The frequencies are
            1/segment apart.

    Returns:
        Frequencies in Hz, shape (n_frequencies,), and the power in unit**2/Hz, shape (n_frequencies,) or
        (n_frequencies, n).

    Raises:
        TimeStepError: if a segment has fewer than two samples or more than there are.
    """
    values = np.asarray(values, dtype=float)
    n = values.shape[0]
    m = n // 4 if segment is None else round(segment / step)
    if not 2 <= m <= n:
        length = f"{n} samples, {n * step:g} ms"
        message = f"a spectrum needs segments of 2 samples or more, not longer than the recording (got {m})"
        raise TimeStepError(message, detail=f"the recording has {length}")
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(m) / m)
    window = window.reshape(-1, *[1] * (values.ndim - 1))
    power = np.zeros((m // 2 + 1, *values.shape[1:]))
    starts = range(0, n - m + 1, max(1, m - m // 2))
    for first in starts:  # few, and their windows would take several times the memory of the data
        part = values[first : first + m]
        power += np.abs(np.fft.rfft((part - part.mean(axis=0)) * window, axis=0)) ** 2
    power *= 2 * step / (MS_PER_S * (window**2).sum() * len(starts))
    power[0] /= 2
    if m % 2 == 0:
        power[-1] /= 2
    return np.fft.rfftfreq(m, step / MS_PER_S), power


def ou_spectrum(frequency: Any, *, sigma: float, tau: float) -> Array:
    """Power spectral density of an Ornstein-Uhlenbeck process, in closed form (a Lorentzian).

    4 sigma**2 tau / (1 + (2 pi f tau)**2), one-sided: its integral over frequency is sigma**2 (Gardiner
    2009, section 3.8.4).

    Args:
        frequency: in Hz; any shape.
        sigma: standard deviation of the process.
        tau: its correlation time in ms.

    Returns:
        The power in unit**2/Hz, in the shape of the frequencies.
    """
    seconds = tau / MS_PER_S
    found: Array = 4 * sigma**2 * seconds / (1 + (2 * np.pi * np.asarray(frequency) * seconds) ** 2)
    return found
