"""The statistics of the package as slow and obvious loops, one neuron and one spike after the other."""

from __future__ import annotations

import itertools
import math

import numpy as np


def train_of(i, t, neuron):
    return sorted(time for who, time in zip(i, t, strict=True) if who == neuron)


def intervals_of(train):
    return [b - a for a, b in itertools.pairwise(train)]


def cv(train):
    x = intervals_of(train)
    if len(x) < 2:
        return math.nan
    mean = sum(x) / len(x)
    return math.sqrt(sum((y - mean) ** 2 for y in x) / len(x)) / mean


def cv2(train):
    pairs = list(itertools.pairwise(intervals_of(train)))
    return sum(2 * abs(b - a) / (a + b) for a, b in pairs) / len(pairs) if pairs else math.nan


def lv(train):
    pairs = list(itertools.pairwise(intervals_of(train)))
    return 3 * sum(((b - a) / (a + b)) ** 2 for a, b in pairs) / len(pairs) if pairs else math.nan


def counts(train, start, stop, width):
    found, k = [], 0
    while start + (k + 1) * width <= stop + 1e-9:
        low = start + k * width
        found.append(sum(low - 1e-9 <= time < low + width - 1e-9 for time in train))
        k += 1
    return found


def fano(train, start, stop, width):
    x = counts(train, start, stop, width)
    if len(x) < 2 or not sum(x):
        return math.nan
    mean = sum(x) / len(x)
    return sum((y - mean) ** 2 for y in x) / len(x) / mean


def kappa(trains, start, stop, width):
    binary = [[min(1, c) for c in counts(train, start, stop, width)] for train in trains]
    binary = [x for x in binary if sum(x)]
    found = []
    for x, y in itertools.combinations(binary, 2):
        both = sum(a * b for a, b in zip(x, y, strict=True))
        found.append(both / math.sqrt(sum(x) * sum(y)))
    return sum(found) / len(found) if found else math.nan


def pairs_at_lags(x, y, reach):
    """The sum of x(m) y(m + k) for each lag k."""
    n = len(x)
    return np.array(
        [sum(x[m] * y[m + k] for m in range(n) if 0 <= m + k < n) for k in range(-reach, reach + 1)]
    )


def sta(i, t, signal, start, step, low, high):
    """Mean of the signal from `low` samples before to `high` samples after each spike."""
    found = []
    for who, time in zip(i, t, strict=True):
        at = math.floor((time - start) / step + 1e-6)
        if at - low >= 0 and at + high < len(signal):
            part = signal[at - low : at + high + 1]
            found.append(part if signal.ndim == 1 else part[:, who])
    return np.mean(found, axis=0), len(found)
