"""Correlated trains: rates, pairwise and higher correlations in closed form, correlation over lags; pulse packets."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from tests.inputs.trains import counts, recorded, steps

P, STEPS = 0.02, 20_000  # 200 Hz in steps of 0.1 ms


def together(spikes: nb.Monitor, k: int, n: int) -> float:
    """How often k given neurons spike in one step, averaged over all choices of them."""
    sizes = np.bincount(steps(spikes), minlength=STEPS)
    chosen = np.array([np.prod([(s - j) / (n - j) for j in range(k)]) for s in range(n + 1)])
    return float(chosen[sizes].mean())


@pytest.mark.parametrize("c", [0.05, 0.3, 1.0])
def test_copies_of_a_mother_process(c: float) -> None:
    """k neurons spike together with probability p*c**(k - 1) in a step: that of the mother, copied k times."""
    spikes, _ = recorded(nb.inputs.MIP(20, "200 Hz", c), STEPS * 0.1)
    for k in (1, 2, 3):
        wanted = P * c ** (k - 1)
        assert together(spikes, k, 20) == pytest.approx(wanted, rel=4 / np.sqrt(STEPS * P * c) + 0.02)
    table = np.zeros((20, STEPS))
    table[spikes.i, steps(spikes)] = 1
    r = np.corrcoef(table)[np.triu_indices(20, 1)].mean()
    assert r == pytest.approx((P * c - P**2) / (P - P**2), abs=0.02)


@pytest.mark.parametrize("c", [0.0, 0.05, 0.3, 1.0])
def test_common_input(c: float) -> None:
    """Rates are exact; k neurons spike together by common input, or each by chance."""
    spikes, _ = recorded(nb.inputs.CommonInput(20, 200, c), STEPS * 0.1)
    common = c * P
    own = (P - common) / (1 - common) if c < 1 else 0.0
    for k in (1, 2, 3):
        wanted = common + (1 - common) * own**k
        error = 5 * np.sqrt(wanted / STEPS) if k > 1 else 5 * np.sqrt(P * (1 / 20 + c) / STEPS)
        assert together(spikes, k, 20) == pytest.approx(wanted, abs=error)


def test_correlation_over_lags() -> None:
    """Delayed copies: the cross-correlation falls exponentially to both sides, and its integral is c*rate."""
    c, tau, n, duration = 0.5, 3.0, 10, 10_000
    spikes, _ = recorded(nb.inputs.MIP(n, 40, c, tau=tau), duration)
    table = counts(spikes, n, 1.0, duration).astype(float)
    assert table.mean() * 1000 == pytest.approx(40, abs=4 * np.sqrt(40 * (1 / n + c) / 20))
    centred = table - table.mean(axis=1, keepdims=True)
    lags = np.arange(-12, 13)
    found = np.zeros(lags.size)
    for a, b in itertools.combinations(range(n), 2):
        for k, lag in enumerate(lags):
            x, y = centred[a, 20:-20], centred[b, 20 + lag : duration - 20 + lag]
            found[k] += (x * y).mean() / (n * (n - 1) / 2)
    # of a density f, bins of 1 ms hold f times the triangle of bins; exp(-|x|/tau)/(2*tau) in closed form
    edge = lambda m: tau * np.exp(-abs(m) / tau) * (np.cosh(1 / tau) - 1)  # noqa: E731
    inside = 1 - tau * (1 - np.exp(-1 / tau))
    wanted = c * 0.04 * np.where(lags == 0, inside, edge(lags))
    noise = 0.04 * np.sqrt((1 + 4 * c) / duration)
    assert np.abs(found - wanted).max() < 6 * noise
    assert found.sum() == pytest.approx(wanted.sum(), rel=0.15)


def test_one_rate_that_fluctuates() -> None:
    """Counts in a window have the covariance of the integral of the rate (Cox process)."""
    sd, tau, window, n, duration = 40.0, 10.0, 20.0, 40, 12_000
    spikes, _ = recorded(nb.inputs.cox(n, "200 Hz", sd, tau), duration, dt=0.5)
    table = counts(spikes, n, window, duration).astype(float)
    covariance = np.cov(table)
    found = covariance[np.triu_indices(n, 1)].mean()
    wanted = 2 * (sd / 1000) ** 2 * tau**2 * (window / tau - 1 + np.exp(-window / tau))
    assert found == pytest.approx(wanted, rel=4 * np.sqrt(2 * window / duration))
    assert table.mean() == pytest.approx(200 * 0.02, abs=4 * np.sqrt(wanted / (duration / window)) + 0.02)
    bernoulli = table.mean() - 40 * (0.1**2 + (sd * 5e-4) ** 2)  # of 40 steps, each with a spike at most
    assert np.diag(covariance).mean() == pytest.approx(bernoulli + wanted, rel=0.05)


def test_rates_are_assigned() -> None:
    source = nb.inputs.MIP(10, lambda t: 300.0 if t >= 5 else 0.0, 0.5, name="s")
    spikes, net = recorded(source, 20)
    assert spikes.t.min() >= 5
    assert source.rate == 300
    source.rate = 0
    before = len(spikes)
    net.run(20)
    assert len(spikes) == before
    source.rate = "6 kHz"
    with pytest.raises(
        nb.TimeStepError, match="the rate of 's', by its correlation,.* is 12000 Hz: more than one"
    ):
        net.run(1)
    with pytest.raises(nb.ShapeError, match="'rate' of 's' is shared"):
        source.rate = [1] * 10


def test_pulse_packets() -> None:
    source = nb.inputs.pulse_packets(1000, ["50 ms", "150 ms"], "2 ms", spikes=600)
    i, t = source.given
    assert i.size == 1200
    for centre in (50, 150):
        some = np.abs(t - centre) < 40
        assert some.sum() == np.unique(i[some]).size == 600
        assert stats.kstest(t[some], stats.norm(centre, 2).cdf).pvalue > 1e-3
    assert stats.kstest(np.unique(i[t < 100]), stats.uniform(0, 1000).cdf).pvalue > 1e-3
    spikes, _ = recorded(source, 200)
    assert len(spikes) == 1200
    exact = nb.inputs.pulse_packets(10, 5, 0)
    assert exact.given[1].tolist() == [5.0] * 10
    assert exact.given[0].tolist() == list(range(10))
    early = nb.inputs.pulse_packets(1000, [0.0], 2)
    assert 400 < early.given[0].size < 600


def test_what_is_refused() -> None:
    for make, bad in itertools.product(
        (nb.inputs.MIP, nb.inputs.CommonInput), (-0.1, 1.1, np.nan, "x", None)
    ):
        with pytest.raises(nb.ArgumentError, match="the correlation of .* is a number"):
            make(5, 10, bad)
    with pytest.raises(nb.ArgumentError, match="above 0 and at most 1"):
        nb.inputs.MIP(5, 10, 0)
    with pytest.raises(nb.TimeStepError, match="the delay of copies of 's' is negative"):
        nb.inputs.MIP(5, 10, 0.5, tau=-1, name="s")
    cases: list[tuple[dict[str, Any], type, str]] = [
        ({"spread": -1}, nb.TimeStepError, "the spread of .* is negative"),
        ({"times": [-1]}, nb.TimeStepError, "negative time"),
        ({"times": "1 mV"}, nb.UnitError, "the times of"),
        ({"spikes": 11}, nb.ArgumentError, "as many of the 10 neurons"),
        ({"spikes": 1.5}, nb.ArgumentError, "as many of the 10 neurons"),
    ]
    for given, error, words in cases:
        with pytest.raises(error, match=words):
            nb.inputs.pulse_packets(10, **{"times": [5], "spread": 1, **given})
