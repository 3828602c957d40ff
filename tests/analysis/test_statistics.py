"""Statistics of spike trains against slow loops, closed forms and SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import signal as scipy_signal
from scipy import stats

from numpybrain import analysis
from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, TimeStepError

from . import loops

N, START, STOP = 7, 300.0, 1234.0


def some_spikes(seed=1, size=400, on_grid=True):
    """Spikes of seven neurons, of which one is silent, one fires once, one twice; not in the order of time."""
    rng = np.random.default_rng(seed)
    i = np.concatenate([rng.integers(0, 4, size), [4, 5, 5]])
    t = rng.uniform(START, STOP, i.size)
    t = np.floor(t / 0.1) * 0.1 if on_grid else t
    keep = np.unique(np.round(t, 6) * 1000 + i, return_index=True)[1]
    keep = rng.permutation(keep)
    return i[keep], t[keep]


I, T = some_spikes()
TRAINS = [loops.train_of(I, T, k) for k in range(N)]


def test_trains():
    found = analysis.trains(I, T, N)
    assert [train.tolist() for train in found] == TRAINS
    assert [train.size for train in analysis.trains([], [], 3)] == [0, 0, 0]
    assert analysis.trains([], [], 0) == []


def test_intervals():
    neurons, intervals = analysis.isi(I, T, N)
    for k in range(N):
        np.testing.assert_allclose(intervals[neurons == k], loops.intervals_of(TRAINS[k]))


@pytest.mark.parametrize("name", ["cv", "cv2", "lv"])
def test_variation_of_intervals(name):
    found = getattr(analysis, name)(I, T, N)
    np.testing.assert_allclose(found, [getattr(loops, name)(train) for train in TRAINS])
    assert np.isnan(found[4:]).all()  # one spike, two spikes, none


def test_variation_of_intervals_is_that_of_scipy():
    for k, found in enumerate(analysis.cv(I, T, N)[:4]):
        assert found == pytest.approx(stats.variation(np.diff(TRAINS[k])))


@pytest.mark.parametrize("order", [1, 2, 4, 9])
def test_gamma_processes(order):
    """CV 1/sqrt(k), CV2 and LV and the Fano factor in long windows, 1/k, of Gamma renewal processes."""
    rng = np.random.default_rng(order)
    n, length = 200, 20_000.0
    intervals = rng.gamma(order, 20.0 / order, (n, 1500))
    times = intervals.cumsum(axis=1)[:, 10:] - 200
    i, k = ((times >= 0) & (times < length)).nonzero()
    t = times[i, k]
    assert times[:, -1].min() > length
    assert analysis.cv(i, t, n).mean() == pytest.approx(1 / math.sqrt(order), rel=0.01)
    assert analysis.lv(i, t, n).mean() == pytest.approx(3 / (2 * order + 1), rel=0.02)
    # CV2 of Gamma intervals: (2k)! / (k! k! 2**(2k - 1)), the mean of 2|1 - 2 B| for a Beta(k, k)
    exact = math.comb(2 * order, order) / 2 ** (2 * order - 1)
    assert analysis.cv2(i, t, n).mean() == pytest.approx(exact, rel=0.02)
    fano = analysis.fano(i, t, n, start=0, stop=length, window=1000.0).mean()
    # counts of a renewal process in a window of w: F = CV**2 + (1 - CV**4)/6 / (mean count) + ..., Cox 1962
    expected = 1 / order + (1 - 1 / order**2) / 6 / 50
    assert fano / (1 - 1 / 20) == pytest.approx(expected, rel=0.06)


def test_periodic_trains():
    t = np.concatenate([np.arange(5, 1000, 10.0), np.arange(2.5, 1000, 20.0)])
    i = np.concatenate([np.zeros(100, int), np.ones(50, int)])
    for name in ("cv", "cv2", "lv"):
        np.testing.assert_allclose(getattr(analysis, name)(i, t, 2), 0, atol=1e-12)
    np.testing.assert_array_equal(analysis.fano(i, t, 2, start=0, stop=1000, window=100), [0, 0])
    found = analysis.rates(i, t, 2, start=0, stop=1000, width=100)
    np.testing.assert_array_equal(found, np.tile([100.0, 50.0], (10, 1)))


@pytest.mark.parametrize("width", [0.1, 0.7, 50.0, 100.0])
@pytest.mark.parametrize("start", [300.0, 333.3])
def test_counts_in_bins(start, width):
    stop = 350.0 if width < 1 else STOP  # the last, incomplete bin is left out
    found = analysis.spike_counts(I, T, N, start=start, stop=stop, width=width)
    expected = np.array([loops.counts(train, start, stop, width) for train in TRAINS]).T
    np.testing.assert_array_equal(found, expected)
    rates = analysis.rates(I, T, N, start=start, stop=stop, width=width)
    np.testing.assert_allclose(rates, expected * 1000 / width)
    population = analysis.population_rate(T, N, start=start, stop=stop, width=width)
    np.testing.assert_allclose(population, expected.mean(axis=1) * 1000 / width)


def test_times_on_the_grid_are_in_the_bin_that_begins_there():
    k = np.arange(3000)
    counts = analysis.spike_counts(np.zeros(k.size, int), k * 0.1, 1, start=0, stop=300, width=0.1)
    assert counts.shape == (3000, 1)
    assert (counts == 1).all()
    counts = analysis.spike_counts(np.zeros(k.size, int), k * 0.1, 1, start=0, stop=300, width=0.3)
    assert (counts == 3).all()


def test_fano_factors():
    found = analysis.fano(I, T, N, start=START, stop=STOP, window=100)
    np.testing.assert_allclose(found, [loops.fano(train, START, STOP, 100) for train in TRAINS])
    assert np.isnan(found[6])
    assert np.isnan(analysis.fano(I, T, N, start=START, stop=STOP, window=500)).all()  # one window


def test_latency():
    expected = [min((x for x in train if x >= 500), default=math.nan) - 500 for train in TRAINS]
    np.testing.assert_allclose(analysis.latency(I, T, N, after=500), expected)
    assert analysis.latency([0], [500.0], 1, after=500).tolist() == [0.0]


# ---- smoothing ----


@pytest.mark.parametrize("width", [0.02, 1.0, 5.0])
@pytest.mark.parametrize("kernel", ["gaussian", "exponential", "rectangular"])
def test_a_spike_becomes_the_kernel(kernel, width):
    """One spike at the middle of a bin, each value the integral of the density over its bin."""
    step, n = 0.1, 2001
    x = np.zeros(n)
    x[1000] = 1 / step
    found = analysis.smooth(x, step, width, kernel)
    lag = (np.arange(n) - 1000) * step
    density = {
        "gaussian": stats.norm(0, width),
        "exponential": stats.expon(0, width),
        "rectangular": stats.uniform(-width / 2, width),
    }[kernel]
    expected = (density.cdf(lag + step / 2) - density.cdf(lag - step / 2)) / step
    np.testing.assert_allclose(found, expected, atol=1e-7 / width)
    assert found.sum() * step == pytest.approx(1)


@pytest.mark.parametrize("kernel", ["gaussian", "exponential", "rectangular"])
@pytest.mark.parametrize("width", [3.0, 80.0])
def test_what_is_constant_stays_constant_up_to_the_ends(kernel, width):
    np.testing.assert_allclose(analysis.smooth(np.full(300, 7.0), 0.1, width, kernel), 7.0)


def test_long_signals_are_smoothed_as_short_ones(monkeypatch):
    x = np.random.default_rng(0).poisson(2, 500).astype(float)
    direct = analysis.smooth(x, 0.1, 3.0)
    monkeypatch.setattr("numpybrain.analysis.smoothing.DIRECT", 0)
    np.testing.assert_allclose(analysis.smooth(x, 0.1, 3.0), direct, atol=1e-12)
    assert analysis.smooth(np.eye(1, 500)[0], 0.1, 1.0).min() >= 0


def test_smoothing_keeps_the_number_of_spikes():
    rate = analysis.population_rate(
        [500.0], 1, start=0, stop=1000, width=0.1, smoothing=5.0, kernel="exponential"
    )
    assert rate.sum() * 0.1 / 1000 == pytest.approx(1)
    assert rate.argmax() in (5000, 5001)
    assert rate[:5000].max() == 0  # of the past alone


# ---- correlations ----


def test_correlation_matrix_is_that_of_numpy():
    counts = analysis.spike_counts(I, T, N, start=START, stop=STOP, width=20)[:, :6]
    found = analysis.correlation_matrix(I, T, N, start=START, stop=STOP, width=20)
    np.testing.assert_allclose(found[:6, :6], np.corrcoef(counts.T), atol=1e-12)
    assert np.isnan(found[6]).all()
    assert np.isnan(found[:, 6]).all()
    assert np.isnan(analysis.correlation_matrix(I, T, N, start=0, stop=0, width=20)).all()


def test_cross_correlation_counts_pairs():
    a, b = np.array(TRAINS[0]), np.array(TRAINS[1])
    x, y = (loops.counts(train, START, STOP, 2.0) for train in (a, b))
    options = {"start": START, "stop": STOP, "width": 2.0, "max_lag": 20}
    lags, pairs = analysis.cross_correlation(a, b, norm="count", **options)
    np.testing.assert_array_equal(lags, np.arange(-20, 21, 2.0))
    np.testing.assert_array_equal(pairs, loops.pairs_at_lags(x, y, 10))
    _, rate = analysis.cross_correlation(a, b, norm="rate", **options)
    reached = loops.pairs_at_lags(x, np.ones(len(x)), 10)
    np.testing.assert_allclose(rate, pairs / reached / 0.002)


def test_cross_correlation_is_that_of_scipy():
    a, b = np.array(TRAINS[0]), np.array(TRAINS[1])
    x, y = (np.array(loops.counts(train, START, STOP, 2.0), dtype=float) for train in (a, b))
    options = {"start": START, "stop": STOP, "width": 2.0, "max_lag": 20}
    full = scipy_signal.correlate(y - y.mean(), x - x.mean())[x.size - 11 : x.size + 10]
    _, covariance = analysis.cross_correlation(a, b, norm="covariance", **options)
    np.testing.assert_allclose(covariance, full / x.size, atol=1e-12)
    _, coefficient = analysis.cross_correlation(a, b, **options)
    np.testing.assert_allclose(coefficient, full / x.size / x.std() / y.std(), atol=1e-12)
    assert coefficient[10] == pytest.approx(np.corrcoef(x, y)[0, 1])


def test_a_copy_that_is_late_has_its_peak_at_the_delay():
    rng = np.random.default_rng(4)
    a = np.sort(rng.uniform(0, 10_000, 300))
    lags, found = analysis.cross_correlation(a, a + 7, start=0, stop=10_020, width=1.0, max_lag=20)
    assert lags[found.argmax()] == 7
    assert found.max() == pytest.approx(1, abs=0.02)
    lags, found = analysis.cross_correlation(a + 7, a, start=0, stop=10_020, width=1.0, max_lag=20)
    assert lags[found.argmax()] == -7


def test_a_spike_is_no_pair_with_itself():
    options = {"start": 0, "stop": 1000, "width": 1.0, "max_lag": 5, "norm": "count"}
    train = np.arange(0.5, 1000, 10)
    assert analysis.cross_correlation(train, train, **options)[1][5] == 100
    assert analysis.cross_correlation(train, train, shared=train, **options)[1].sum() == 0


def test_the_rate_after_spikes_of_a_poisson_process_is_its_rate():
    rng = np.random.default_rng(5)
    a, b = (np.sort(rng.uniform(0, 200_000, 4000)) for _ in range(2))
    _, rate = analysis.cross_correlation(a, b, start=0, stop=200_000, width=5.0, max_lag=100, norm="rate")
    assert rate.mean() == pytest.approx(20, rel=0.02)
    assert abs(rate - 20).max() < 5 * math.sqrt(20 / (4000 * 0.005))


# ---- synchrony ----


@pytest.mark.parametrize("width", [1.0, 5.0, 25.0])
def test_kappa(width):
    found = analysis.kappa(I, T, N, start=START, stop=STOP, width=width)
    assert found == pytest.approx(loops.kappa(TRAINS, START, STOP, width))


def test_kappa_of_known_populations():
    options = {"start": 0, "stop": 1000, "width": 1.0}
    together = np.tile(np.arange(5.0, 1000, 20), 10)
    who = np.repeat(np.arange(10), 50)
    assert analysis.kappa(who, together, 10, **options) == pytest.approx(1)
    one_after_the_other = together + who
    assert analysis.kappa(who, one_after_the_other, 10, **options) == 0
    assert math.isnan(analysis.kappa([0, 0], [1.0, 2.0], 10, **options))
    assert math.isnan(analysis.kappa([], [], 10, **options))
    rng = np.random.default_rng(2)  # independent: the share of bins that are filled
    t, i = rng.uniform(0, 100_000, 100_000), rng.integers(0, 50, 100_000)
    found = analysis.kappa(i, t, 50, start=0, stop=100_000, width=5.0)
    assert found == pytest.approx(1 - math.exp(-2000 * 5 / 100_000), rel=0.01)


def test_chi():
    rng = np.random.default_rng(3)
    common, own = rng.normal(size=(20_000, 1)), rng.normal(size=(20_000, 25))
    assert analysis.chi(np.repeat(common, 5, axis=1)) == pytest.approx(1)
    assert analysis.chi(own) == pytest.approx(1 / 5, rel=0.02)
    c = 0.6  # var of the mean: c**2 + s**2/n, of one: 1
    mixed = c * common + math.sqrt(1 - c**2) * own - 65
    assert analysis.chi(mixed) == pytest.approx(math.sqrt(c**2 + (1 - c**2) / 25), rel=0.02)
    assert math.isnan(analysis.chi(np.full((10, 3), 0.1)))
    assert math.isnan(analysis.chi(np.empty((0, 3))))
    with pytest.raises(ShapeError, match="several traces"):
        analysis.chi(np.zeros(10))


def test_fluctuation():
    x = 3 * np.sin(2 * np.pi * np.arange(1000) / 100)[:, None] * [1, 2] - 60
    np.testing.assert_allclose(analysis.fluctuation(x), np.array([3, 6]) / math.sqrt(2))
    assert np.isnan(analysis.fluctuation(np.empty((0, 2)))).all()


# ---- spectra, averages ----


@pytest.mark.parametrize("shape", [(1000,), (1001, 3)])
@pytest.mark.parametrize("segment", [50.0, 51.5, None])
def test_spectrum_is_that_of_scipy(shape, segment):
    x = np.random.default_rng(7).normal(3, 1, shape)
    frequencies, power = analysis.spectrum(x, 0.5, segment)
    m = shape[0] // 4 if segment is None else round(segment / 0.5)
    f, p = scipy_signal.welch(x, fs=2000, nperseg=m, axis=0)
    np.testing.assert_allclose(frequencies, f)
    np.testing.assert_allclose(power, p, rtol=1e-10, atol=1e-18)


def test_spectrum_of_white_noise_and_of_a_poisson_process():
    x = np.random.default_rng(8).normal(0, 2, 100_000)
    f, p = analysis.spectrum(x, 1.0, 256)
    assert p[1:-1].mean() == pytest.approx(2 * 4 / 1000, rel=0.01)
    rate = np.random.default_rng(9).poisson(0.02, 200_000) * 1000.0  # 20 Hz; one-sided: twice the rate
    f, p = analysis.spectrum(rate, 1.0, 256)
    assert p[2:-1].mean() == pytest.approx(2 * 20, rel=0.02)
    f, p = analysis.spectrum(np.sin(2 * np.pi * 40 * np.arange(5000) / 1000), 1.0, 1000)
    assert f[p.argmax()] == 40
    assert p.sum() * f[1] == pytest.approx(0.5, rel=1e-6)  # the variance


@pytest.mark.parametrize("columns", [False, True])
@pytest.mark.parametrize(("before", "after"), [(20, 0), (10, 15), (20, -5)])
def test_spike_triggered_average(columns, before, after):
    rng = np.random.default_rng(10)
    signal = rng.normal(size=(1869, N) if columns else 1869)
    lags, found, number = analysis.sta(I, T, N, signal, start=START, step=0.5, before=before, after=after)
    expected, used = loops.sta(I, T, signal, START, 0.5, 2 * before, 2 * after)
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(lags, np.arange(-2 * before, 2 * after + 1) * 0.5)
    assert number == used < T.size


def test_spike_triggered_average_finds_the_filter():
    """White noise and spikes where the noise of 10 ms before was large."""
    rng = np.random.default_rng(11)
    x = rng.normal(size=50_000)
    at = (x[:-10] > 1.5).nonzero()[0] + 10
    lags, found, _ = analysis.sta(
        np.zeros(at.size, int), at * 1.0, 1, x, start=0, step=1.0, before=20, after=5
    )
    mean_above = stats.norm.pdf(1.5) / stats.norm.sf(1.5)
    assert found[lags == -10] == pytest.approx(mean_above, rel=0.02)
    assert abs(np.delete(found, 10)).max() < 0.1


def test_no_spikes():
    i, t = np.empty(0, int), np.empty(0)
    for name in ("cv", "cv2", "lv", "latency"):
        assert np.isnan(getattr(analysis, name)(i, t, 3)).all()
    bounds = {"start": 0.0, "stop": 100.0}
    assert np.isnan(analysis.fano(i, t, 3, window=10, **bounds)).all()
    assert (analysis.rates(i, t, 3, width=10, **bounds) == np.zeros((10, 3))).all()
    assert (analysis.population_rate(t, 3, width=10, smoothing=5, **bounds) == np.zeros(10)).all()
    assert np.isnan(analysis.population_rate(t, 0, width=10, **bounds)).all()
    assert np.isnan(analysis.cross_correlation(t, t, width=1, max_lag=5, **bounds)[1]).all()
    assert analysis.isi(i, t, 3)[1].size == 0
    lags, average, number = analysis.sta(i, t, 3, np.zeros(100), start=0, step=1.0, before=5)
    assert (lags.size, np.isnan(average).all(), number) == (6, True, 0)
    assert analysis.rates(i, t, 3, start=0, stop=5, width=10).shape == (0, 3)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: analysis.cv([0, 1], [1.0], 2), ShapeError),
        (lambda: analysis.cv([0, 2], [1.0, 2.0], 2), IndexRangeError),
        (lambda: analysis.cv([0.5], [1.0], 2), ArgumentError),
        (lambda: analysis.rates([0], [1.0], 2, start=0, stop=10, width=0), TimeStepError),
        (lambda: analysis.smooth([1.0], 0.1, 1.0, "gausian"), ArgumentError),
        (lambda: analysis.smooth([1.0], 0.1, 0.0), TimeStepError),
        (lambda: analysis.spectrum(np.zeros(10), 1.0, 20), TimeStepError),
        (lambda: analysis.cross_correlation([1.0], [1.0], start=0, stop=10, width=1, max_lag=1, norm="x"), ArgumentError),
        (lambda: analysis.cross_correlation([1.0], [1.0], start=0, stop=10, width=1, max_lag=10), TimeStepError),
        (lambda: analysis.sta([0], [1.0], 2, np.zeros((5, 3)), start=0, step=1, before=1), ShapeError),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(call, error):
    with pytest.raises(error):
        call()
