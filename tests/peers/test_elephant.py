"""Statistics of spike trains against elephant (and SciPy's Welch behind it), on the same trains."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import numpybrain as nb

neo = pytest.importorskip("neo")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("elephant")
    from elephant import conversion, kernels, spike_train_correlation, statistics
    from elephant import sta as elephant_sta

import quantities as pq

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

N, START, STOP = 12, 300.0, 2300.0


@pytest.fixture(scope="module")
def spikes():
    """Gamma processes on a grid of 0.1 ms from 300 ms on, with a common modulation; neuron 11 is silent."""
    rng = np.random.default_rng(3)
    i, t = [], []
    for k in range(N - 1):
        times = START + rng.gamma(1 + k % 3, 30 / (1 + k % 3), 400).cumsum()
        times = times[(times < STOP) & (rng.random(400) < 0.6 + 0.4 * np.sin(times / 40))]
        steps = np.unique(np.floor(times * 10))
        i += [k] * steps.size
        t += (steps / 10).tolist()
    order = np.argsort(t, kind="stable")
    i, t = np.array(i)[order], np.array(t)[order]
    return nb.SpikeTrains(i, t, N, START, STOP, np.arange(N))


@pytest.fixture(scope="module")
def trains(spikes):
    return list(spikes.to_neo().segments[0].spiketrains)


def binned(trains, width):
    return conversion.BinnedSpikeTrain(
        trains, bin_size=width * pq.ms, t_start=START * pq.ms, t_stop=STOP * pq.ms
    )


def test_intervals(spikes, trains):
    for k in range(N - 1):
        np.testing.assert_allclose(spikes.isi(of=k), statistics.isi(trains[k]).magnitude)
    isi = [statistics.isi(train).magnitude for train in trains[:-1]]
    np.testing.assert_allclose(spikes.cv()[:-1], [statistics.cv(x) for x in isi])
    np.testing.assert_allclose(spikes.cv2()[:-1], [statistics.cv2(x) for x in isi])
    np.testing.assert_allclose(spikes.lv()[:-1], [statistics.lv(x) for x in isi])


def test_rates(spikes, trains):
    rates = [float(statistics.mean_firing_rate(train).rescale("Hz")) for train in trains]
    np.testing.assert_allclose(spikes.rates(), rates)
    late = [statistics.mean_firing_rate(train, t_start=800 * pq.ms).rescale("Hz") for train in trains[:-1]]
    np.testing.assert_allclose(
        spikes.rates(after="800 ms")[:-1], late
    )  # elephant knows no silent ones there
    counts = binned(trains, 50).to_array()
    np.testing.assert_array_equal(spikes.rates(bin="50 ms").rate, counts.T * 20)
    population = statistics.time_histogram(trains, bin_size=50 * pq.ms, output="rate")
    np.testing.assert_allclose(
        spikes.population_rate(bin="50 ms").rate, population.rescale("Hz").magnitude.ravel(), rtol=1e-6
    )


@pytest.mark.parametrize("window", [100, 130])
def test_fano_factor(spikes, trains, window):
    """Elephant takes trials, here the windows of one train."""
    for k in range(N - 1):
        counts = binned(trains[k], window).to_array().ravel()
        parts = [neo.SpikeTrain(np.zeros(c), units="ms", t_stop=1) for c in counts]
        found = spikes.fano(window)[k]
        assert found == pytest.approx(statistics.fanofactor(parts, warn_tolerance=0 * pq.ms))


@pytest.mark.parametrize("width", [3.0, 20.0])
def test_smoothed_rates(spikes, trains, width):
    """Far from the ends, where elephant does not correct for the missing part of the kernel.

    It gives rates at the beginning of bins, 0.05 ms before the middle; rectangles and exponentials jump there.
    """
    everything = neo.SpikeTrain(spikes.t, units="ms", t_start=START, t_stop=STOP)
    for name, kernel, tolerance in (
        ("gaussian", kernels.GaussianKernel(sigma=width * pq.ms), 0.05 / width),
        ("rectangular", kernels.RectangularKernel(sigma=width / np.sqrt(12) * pq.ms), 0.1),
        ("exponential", kernels.ExponentialKernel(sigma=width * pq.ms), 0.1),
    ):
        rate = statistics.instantaneous_rate(
            everything, sampling_period=0.1 * pq.ms, kernel=kernel, cutoff=8, center_kernel=False
        )
        theirs = rate.rescale("Hz").magnitude.ravel() / N
        ours = spikes.population_rate(bin="0.1 ms", smooth=width, kernel=name).rate
        inner = slice(4000, -4000)
        difference = np.abs(ours[inner] - theirs[inner]).mean() / theirs.mean()
        assert difference < tolerance, name


def test_correlations(spikes, trains):
    for width in (5, 50):
        theirs = spike_train_correlation.correlation_coefficient(binned(trains[:-1], width))
        np.testing.assert_allclose(spikes.correlation(width)[:-1, :-1], theirs, atol=1e-10)


def test_cross_correlation(spikes, trains):
    for a, b in ((0, 1), (2, 7), (4, 4)):
        pair = binned(trains[a], 2.0), binned(trains[b], 2.0)
        histogram, lags = spike_train_correlation.cross_correlation_histogram(*pair, window=[-25, 25])
        found = spikes.cross_correlation(a, b, bin="2 ms", max_lag="50 ms", norm="count")
        np.testing.assert_allclose(found.lag, lags * 2.0)
        own = (lags == 0) * (trains[a].size if a == b else 0)  # elephant pairs spikes with themselves
        np.testing.assert_allclose(found.correlation, histogram.magnitude.ravel() - own)
        theirs, _ = spike_train_correlation.cross_correlation_histogram(
            *pair, window=[-25, 25], cross_correlation_coefficient=True
        )
        ours = spikes.cross_correlation(a, b, bin="2 ms", max_lag="50 ms").correlation
        assert ours[25] == pytest.approx(theirs.magnitude.ravel()[25])
        # beyond lag 0 elephant subtracts the mean of all bins where fewer overlap
        np.testing.assert_allclose(ours, theirs.magnitude.ravel(), atol=0.01)


def test_spike_triggered_average(spikes, trains):
    rng = np.random.default_rng(1)
    values = rng.normal(size=4000)
    signal = neo.AnalogSignal(
        values[:, None], units="mV", sampling_period=0.5 * pq.ms, t_start=START * pq.ms
    )
    t = START + 0.5 * np.arange(4000)
    for k in (0, 5):
        theirs = elephant_sta.spike_triggered_average(signal, trains[k], (-20 * pq.ms, 10 * pq.ms))
        lag, ours = spikes.sta((t, values), before="20 ms", after="10 ms", of=k)
        n = theirs.shape[0]  # elephant leaves out the last sample
        np.testing.assert_allclose(ours[:n], theirs.magnitude.ravel(), atol=1e-9)
        np.testing.assert_allclose(lag[:n], theirs.times.rescale("ms").magnitude, atol=1e-9)


@pytest.mark.parametrize("segment", [100.0, 250.0])
def test_spectrum(spikes, trains, segment):
    from elephant.spectral import welch_psd

    counts = binned(trains, 1).to_array().sum(axis=0)
    signal = neo.AnalogSignal(counts * 1000 / N, units="Hz", sampling_rate=1 * pq.kHz)
    frequency, power = welch_psd(signal, len_segment=int(segment), overlap=0.5, window="hann")
    found = spikes.spectrum(bin="1 ms", segment=segment)
    np.testing.assert_allclose(found.frequency, frequency.magnitude, atol=1e-9)
    np.testing.assert_allclose(found.power, power.magnitude.ravel(), rtol=1e-9, atol=1e-12)
