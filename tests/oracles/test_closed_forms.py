"""Single neurons against formulas from textbooks."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

LIF = "dv/dt = (E - v + R*I)/tau : mV (unless refractory)\nE = -70*mV : mV\nR = 100*Mohm : Mohm\ntau = 10*ms : ms\nI : nA"


@pytest.mark.parametrize("method", ["exact", "exponential_euler", "rk4"])
@pytest.mark.parametrize("refractory", [0.0, 2.0])
def test_firing_rate_of_the_leaky_integrate_and_fire_neuron(method: str, refractory: float) -> None:
    """T = t_ref + tau ln((R I - V_r)/(R I - V_th)), voltages relative to E. Gerstner et al. (2014), section 1.3."""
    current = np.array([0.1, 0.199, 0.21, 0.25, 0.4, 1.0, 3.0])
    dt, duration = 0.01, 250.0
    cells = nb.Neurons(
        current.size, LIF, threshold="v > E + 20*mV", reset="v = E + 5*mV", method=method, I=current, initial={"v": "E + 5*mV"},
        **({"refractory": f"{refractory} ms"} if refractory else {}),
    )  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=dt).run(duration)
    for k, drive in enumerate(100 * current):
        train = spikes.train(k)
        if drive <= 20:
            assert train.size == 0
            continue
        way = 10 * np.log((drive - 5) / (drive - 20))
        # the crossing is seen at the next step, and the first held step counts: one step at most
        assert np.diff(train) == pytest.approx(np.full(train.size - 1, refractory + way), abs=1.01 * dt)
        assert train[0] == pytest.approx(way, abs=1.01 * dt)


def test_exponential_psp() -> None:
    """v(t) = w R tau_s/(tau_m - tau_s) (exp(-t/tau_m) - exp(-t/tau_s)) after a current that jumps by w and decays."""
    w, tau_m, tau_s, delay, dt = 0.5, 20.0, 5.0, 1.5, 0.1
    source = nb.Neurons(1, "x : 1", threshold="t > 9.95*ms and t < 10.05*ms")
    cells = nb.Neurons(
        1,
        "dv/dt = (R*I - v)/tau_m : mV\ndI/dt = -I/tau_s : nA\nR = 40*Mohm : Mohm\ntau_m = 20*ms : ms\ntau_s = 5*ms : ms",
    )
    synapses = nb.Synapses(source, cells, on_pre="I += w", connect="one_to_one", delay=delay, w="0.5 nA")
    trace = nb.Monitor(cells, "v", "I")
    nb.Network(source, cells, synapses, trace, dt=dt).run(100)
    # written after the update of the step in which it arrives, so the PSP starts there
    t = trace.t - (10.0 + delay) - dt
    after = t >= -1e-9
    amplitude = w * 40 * tau_s / (tau_m - tau_s)
    expected = amplitude * (np.exp(-t[after] / tau_m) - np.exp(-t[after] / tau_s))
    np.testing.assert_allclose(trace.v[after, 0], expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(trace.I[after, 0], w * np.exp(-t[after] / tau_s), rtol=1e-12)
    assert np.all(trace.v[~after] == 0)
    peak = np.log(tau_m / tau_s) / (1 / tau_s - 1 / tau_m)
    assert trace.t[trace.v.argmax()] == pytest.approx(10 + delay + peak, abs=2 * dt)


@pytest.mark.parametrize("each", [False, True])
def test_alpha_psc(each: bool) -> None:
    """dx/dt = -x/tau, dI/dt = (e x - I)/tau from x = 1: I = (t/tau) exp(1 - t/tau), peak 1 at tau."""
    n = 2 if each else 1
    tau = np.array([3.0, 7.0])[:n]
    cells = nb.Neurons(
        n, "dI/dt = (e*x - I)/tau : 1\ndx/dt = -x/tau : 1\ntau : ms", tau=tau, initial={"x": "1"}
    )
    trace = nb.Monitor(cells, "I")
    nb.Network(cells, trace, dt=0.1).run(40)
    t = trace.t[:, None]
    np.testing.assert_allclose(trace.I, t / tau * np.exp(1 - t / tau), rtol=1e-11, atol=1e-14)


def test_psps_add_up() -> None:
    times, dt, tau = [3.0, 3.5, 3.5, 9.0, 20.0], 0.5, 6.0
    source = nb.Neurons(len(times), "when : ms", threshold="abs(t - when) < 0.1*ms", when=times)
    cells = nb.Neurons(1, "dv/dt = -v/(6*ms) : 1")
    synapses = nb.Synapses(
        source, cells, "w : 1", on_pre="v += w", connect="all_to_all", w=[1, 2, -1, 0.5, 4]
    )
    trace = nb.Monitor(cells, "v")
    nb.Network(source, cells, synapses, trace, dt=dt).run(30)
    t = trace.t[:, None] - np.array(times) - dt
    expected = (np.where(t >= 0, np.exp(-t / tau), 0) * [1, 2, -1, 0.5, 4]).sum(axis=1)
    np.testing.assert_allclose(trace.v[:, 0], expected, rtol=1e-12, atol=1e-14)


def test_quadratic_integrate_and_fire_period() -> None:
    """dv/dt = v**2 + b from -oo to +oo takes pi/sqrt(b). Ermentrout & Kopell (1986)."""
    b = np.array([0.01, 0.04, 0.25])
    cells = nb.Neurons(
        3,
        "dv/dt = (v**2 + b)/ms : 1\nb : 1",
        threshold="v > 500",
        reset="v = -500",
        method="rk4",
        b=b,
        initial={"v": "-500"},
    )
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.002).run(70)
    for k in range(3):
        edge = 2 / 500  # of the way that lies beyond +-500
        assert np.diff(spikes.train(k)) == pytest.approx(np.pi / np.sqrt(b[k]) - edge, abs=0.01)


def test_tsodyks_markram_depression_reaches_its_steady_state() -> None:
    """R_ss = (1 - a)/(1 - (1 - U) a), a = exp(-T/tau): stationary resources under regular spikes."""
    period, tau, u = 20.0, 100.0, 0.4
    source = nb.Neurons(1, "dp/dt = 1/ms : 1", threshold="p > 19.95", reset="p = 0")
    cells = nb.Neurons(1, "g : 1")
    synapses = nb.Synapses(
        source, cells, "x = 1 : 1\nlast = -1e9*ms : ms", connect="one_to_one",
        on_pre="x = 1 - (1 - x)*exp(-(t - last)/(100*ms)); g += 0.4*x; x *= 0.6; last = t",
    )  # fmt: skip
    trace = nb.Monitor(cells, "g", every=period)
    nb.Network(source, cells, synapses, trace, dt=0.1).run(2000)
    a = np.exp(-period / tau)
    assert np.diff(trace.g[:, 0])[-1] == pytest.approx(u * (1 - a) / (1 - (1 - u) * a), rel=1e-10)
