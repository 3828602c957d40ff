"""Mean, variance, extremes and histogram of values that come one sample after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class RunningMoments:
    """Statistics of samples that are not kept, by Welford's recurrence.

    With each sample x, the mean m and the sum s of squared deviations become m + (x - m)/k and
    s + (x - m_old)(x - m_new): no digits are lost where the mean is large beside the deviation (Welford
    1962, doi:10.1080/00401706.1962.10490022).

    Args:
        shape: of a sample.
        edges: of the bins of a histogram, shape (n_bins + 1,), ascending; None for none.

    Attributes:
        n: number of samples.
        mean, squares: as above, of the shape of a sample.
        low, high: least and largest sample.
        counts: how many samples lie in each bin, shape (n_bins, *shape). A bin has its left edge, the last
            one both, as in `numpy.histogram`.
    """

    def __init__(self, shape: tuple[int, ...], edges: Array | None = None) -> None:
        self.n = 0
        self.mean, self.squares = np.zeros(shape), np.zeros(shape)
        self.low, self.high = np.full(shape, np.inf), np.full(shape, -np.inf)
        self.edges = edges
        bins = 0 if edges is None else edges.size - 1
        self.counts = np.zeros((bins, *shape), dtype=np.int64)
        self._delta, self._scratch = np.empty(shape), np.empty(shape)
        self._places = np.arange(self.mean.size)

    def add(self, sample: Any) -> None:
        """Count one more sample."""
        self.n += 1
        delta, scratch = self._delta, self._scratch
        with np.errstate(invalid="ignore"):  # of infinite samples
            np.subtract(sample, self.mean, out=delta)
            np.multiply(delta, 1 / self.n, out=scratch)
            self.mean += scratch
            np.subtract(sample, self.mean, out=scratch)
            scratch *= delta
            self.squares += scratch
        np.minimum(self.low, sample, out=self.low)
        np.maximum(self.high, sample, out=self.high)
        if self.edges is not None:
            self._count(sample)

    def _count(self, sample: Any) -> None:
        assert self.edges is not None
        x = np.ravel(sample)
        bins = self.edges.searchsorted(x, side="right") - 1
        bins[x == self.edges[-1]] -= 1
        inside = ((bins >= 0) & (bins < self.counts.shape[0])).nonzero()[0]
        flat = self.counts.reshape(-1)
        flat[bins.take(inside) * x.size + self._places.take(inside)] += 1  # no place comes twice
