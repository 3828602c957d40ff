"""f-I curves: rates from intervals, and the closed form of the integrate-and-fire neuron by integration."""

import numpy as np
import pytest
from scipy.integrate import quad

import numpybrain as nb
from numpybrain import analysis
from numpybrain.errors import ArgumentError


def test_rates_are_one_over_the_mean_interval():
    trains = [[3, 13, 33], [5], [], [100, 104, 110, 118.0]]
    i = np.concatenate([np.full(len(train), k) for k, train in enumerate(trains)])
    t = np.concatenate([np.array(train, dtype=float) for train in trains])
    assert analysis.steady_rates(i, t, 4) == pytest.approx([1000 / 15, 0, 0, 1000 / 6])
    assert analysis.steady_rates(i, t, 4, last=1) == pytest.approx([50, 0, 0, 125])
    assert analysis.steady_rates(i, t, 4, last=2) == pytest.approx([1000 / 15, 0, 0, 1000 / 7])
    with pytest.raises(ArgumentError, match="at least 1"):
        analysis.steady_rates(i, t, 4, last=0)


def test_the_closed_form_is_the_time_from_reset_to_threshold():
    drive = np.array([-60.0, -50.0, -49.9, -30.0, 100.0])
    rate = analysis.lif_rate(drive, threshold=-50, reset=-65, tau=15, refractory=2)
    for x, found in zip(drive, rate, strict=True):
        if x <= -50:
            assert found == 0
        else:
            wait = quad(lambda v, x=x: 15 / (x - v), -65, -50)[0]
            assert found == pytest.approx(1000 / (2 + wait), rel=1e-7)
    with pytest.raises(ArgumentError, match="reset < threshold"):
        analysis.lif_rate(1.0, threshold=0, reset=1, tau=1)


def test_neurons_fire_as_the_closed_form_says():
    cells = nb.Neurons(
        20, "dv/dt = (I - v)/(20*ms) : mV (unless refractory)\nI : mV", threshold="v > 15*mV",
        reset="v = 5*mV", refractory="2 ms", I=np.linspace(10, 60, 20),
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt="0.02 ms").run("300 ms")
    found = analysis.steady_rates(spikes.i, spikes.t, 20)
    expected = analysis.lif_rate(cells.I, threshold=15, reset=5, tau=20, refractory=2)
    assert (found > 0).sum() > 15
    assert np.abs(found - expected).max() < (expected**2 * 0.02e-3 / (1 - expected * 0.02e-3)).max()


def test_the_spectrum_of_ornstein_uhlenbeck_is_a_lorentzian():
    sigma, tau, dt = 2.0, 10.0, 0.5
    total = quad(lambda f: analysis.ou_spectrum(f, sigma=sigma, tau=tau), 0, np.inf)[0]
    assert total == pytest.approx(sigma**2)
    cells = nb.Neurons(40, "dx/dt = -x/tau + sigma*sqrt(2/tau)*xi : mV", sigma="2 mV", tau="10 ms")
    cells.x = "2*mV*randn()"
    trace = nb.Monitor(cells, "x", every=f"{dt} ms")
    nb.Network(cells, trace).run("4 s")
    frequency, power = analysis.spectrum(trace.x, dt, 500)
    expected = analysis.ou_spectrum(frequency, sigma=sigma, tau=tau)
    low = (frequency > 0) & (frequency < 100)
    ratio = power.mean(axis=1)[low] / expected[low]
    assert ratio.mean() == pytest.approx(1, abs=0.03)  # 40 neurons, 15 segments: 4 % for one frequency
    assert np.abs(ratio - 1).max() < 0.25
