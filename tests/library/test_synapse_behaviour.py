"""What the library's models of synapses do: windows, rates, steady states, as published or in closed form."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import numpybrain as nb

from . import synapse_reference as ref


def trains(times: Sequence[Sequence[float]], dt: float, name: str, potential: str = "-65 mV") -> nb.Neurons:
    """Neurons that spike when they are told to."""
    steps = [{round(t / dt) for t in one} for one in times]
    cells = nb.Neurons(
        len(steps), "v : mV\nI_syn : pA", name=name,
        threshold=lambda t: np.array([round(t / dt) in one for one in steps]),
    )  # fmt: skip
    cells.v = potential
    return cells


def run(
    model: Any, pre: Sequence[Sequence[float]], post: Sequence[Sequence[float]], duration: float,
    dt: float = 0.1, **arguments: Any,
) -> nb.Synapses:  # fmt: skip
    """One synapse from each source to the target with the same number, or all to all if these differ."""
    source, target = trains(pre, dt, "source"), trains(post, dt, "target")
    rule = nb.connect.one_to_one() if len(pre) == len(post) else nb.connect.all_to_all()
    synapses = nb.Synapses(source, target, model, connect=rule, **arguments)
    nb.Network(source, target, synapses, dt=dt).run(duration)
    return synapses


def parameters(name: str) -> ref.Values:
    return ref.REFERENCES[name].parameters


# ---- STDP ----


@pytest.mark.parametrize("name", ["stdp_pair", "stdp_nearest"])
def test_the_window_of_a_pair(name: str) -> None:
    lags = np.array([-80, -40, -20, -10, -1, -0.1, 0.1, 1, 10, 20, 40, 80])  # target after source
    pre = [[100 - lag] for lag in lags]
    synapses = run(name, pre, [[100.0]], 250, w=0.5)
    p = parameters(name)
    up, down = p["A_plus"] * np.exp(-lags / 20), -p["A_minus"] * np.exp(lags / 20)
    np.testing.assert_allclose(synapses.w - 0.5, np.where(lags > 0, up, down), rtol=1e-9)


def test_spikes_of_one_step_count_as_source_first() -> None:
    assert run("stdp_pair", [[5.0]], [[5.0]], 10, w=0.5).w[0] == pytest.approx(0.505, rel=1e-12)


def test_all_pairs_and_nearest_pairs() -> None:
    """Regular trains, 25 ms apart, the target 5 ms later: geometric series, or one pair each."""
    pre = [[25.0 * k for k in range(40)]]
    post = [[25.0 * k + 5 for k in range(40)]]
    p = parameters("stdp_pair")
    n, e = 40, math.exp(-25 / 20)
    after = sum((1 - e ** (k + 1)) / (1 - e) for k in range(n)) * math.exp(-5 / 20)
    before = sum((1 - e**k) / (1 - e) for k in range(n)) * math.exp(-20 / 20)
    change = p["A_plus"] * after - p["A_minus"] * before
    assert run("stdp_pair", pre, post, 1000, w=0.5).w[0] - 0.5 == pytest.approx(change, rel=1e-9)
    nearest = n * p["A_plus"] * math.exp(-5 / 20) - (n - 1) * p["A_minus"] * math.exp(-20 / 20)
    assert run("stdp_nearest", pre, post, 1000, w=0.5).w[0] - 0.5 == pytest.approx(nearest, rel=1e-9)


@pytest.mark.parametrize("name", ["stdp_pair", "stdp_nearest", "stdp_triplet", "stdp_inhibitory_vogels"])
def test_weights_stay_within_bounds(name: str) -> None:
    times = [[5.0 * k for k in range(1, 60)]]
    assert run(name, times, times, 310, w=1.0, w_max=1.001).w[0] == pytest.approx(1.001, rel=1e-12)
    first = [[t - 2 for t in times[0]]]
    down = {"A_minus": 0.2} if name.startswith(("stdp_pair", "stdp_near")) else {}
    if down:
        assert run(name, times, first, 310, w=0.1, **down).w[0] == 0


def triplet_loop(pre: Sequence[float], post: Sequence[float]) -> float:
    """The rule as the paper has it, from spike to spike: r_1, r_2, o_1, o_2, and w without bounds."""
    taus = np.array([16.8, 101.0, 33.7, 125.0])
    traces, w, last = np.zeros(4), 1.0, 0.0
    for time, side in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
        traces = traces * np.exp(-(time - last) / taus)
        last = time
        if side == 0:
            w -= traces[2] * (7e-3 + 2.3e-4 * traces[1])
            traces[:2] += 1
        else:
            w += traces[0] * (5e-10 + 6.2e-3 * traces[3])
            traces[2:] += 1
    return w


def test_the_triplet_rule_depends_on_the_rate_as_published() -> None:
    """60 pairs at 10 ms (Pfister & Gerstner 2006, figure 3, after Sjostrom et al. 2001).

    Source first: the higher the rate the stronger. Target first: weaker up to 20 Hz, stronger from 40 Hz on.
    """
    rates = [10, 20, 40, 50]
    pre = [[20 + k * 1000 / rate for k in range(60)] for rate in rates] * 2
    post = [[t + (10 if k < 4 else -10) for t in times] for k, times in enumerate(pre)]
    synapses = run("stdp_triplet", pre, post, 6100, dt=1, w_max=10)
    expected = [triplet_loop(a, b) for a, b in zip(pre, post, strict=True)]
    np.testing.assert_allclose(synapses.w, expected, rtol=1e-9)
    source_first, target_first = np.split(synapses.w - 1, 2)
    assert (np.diff(source_first) > 0).all()
    assert 0.1 < source_first[0] < 0.2 < 0.5 < source_first[2] < 0.6
    assert (target_first[:2] < -0.3).all()
    assert (target_first[2:] > 0.1).all()
    slow = triplet_loop([10_000 * k + 20 for k in range(60)], [10_000 * k + 30 for k in range(60)])
    assert slow == pytest.approx(1, abs=1e-6)


def test_voltage_clamp_makes_weak_or_strong_as_published() -> None:
    """At a constant v each spike of the source changes w by a closed form: the trace has the integral 1."""
    p = parameters("stdp_clopath")
    for v in (-75.0, -60.0, -46.0, -44.0, -43.0, -20.0):
        source = trains([[50.0 * k for k in range(1, 11)]], 0.1, "source")
        target = trains([[]], 0.1, "target", f"{v} mV")
        synapses = nb.Synapses(source, target, "stdp_clopath", connect=nb.connect.all_to_all())
        nb.Network(source, target, synapses, dt=0.1).run(1000)
        high = max(v - p["theta_plus"], 0) * max(v - p["theta_minus"], 0)
        each = p["A_LTP"] * high - p["A_LTD"] * max(v - p["theta_minus"], 0)
        assert synapses.w[0] - 1 == pytest.approx(10 * each, abs=0.004 * 10 * p["A_LTP"] * high + 1e-12)
    turn = p["theta_plus"] + p["A_LTD"] / p["A_LTP"]
    assert -44 < turn < -43  # depression turns into potentiation


def test_homeostasis_of_the_voltage_rule() -> None:
    """As its description says: weakening grows with the square of the mean depolarisation."""
    extra = nb.load_model("stdp_clopath")
    text = nb.library.table_of("stdp_clopath")["description"].split("extend with\n")[1]
    source, target = trains([[8000.0]], 1, "source"), trains([[]], 1, "target", "-60.6 mV")
    synapses = nb.Synapses(source, target, extra.extend(text), connect=nb.connect.all_to_all())
    nb.Network(source, target, synapses, dt=1).run(8010)
    depolarisation = 10 * (1 - math.exp(-8))
    assert synapses.w[0] - 1 == pytest.approx(-14e-5 * depolarisation**2 / 60 * 10, rel=1e-4)


# ---- calcium ----


def above(c: float, length: float, threshold: float) -> float:
    """How long calcium that decays from c is above a threshold."""
    return min(max(20 * math.log(c / threshold), 0.0), length) if c > 0 else 0.0


def calcium_pair(lag: float, rho: float) -> float:
    """The efficacy after a source spike and a target spike `lag` later: exponentials from crossing to crossing.

    The drift between the two states is left out: it takes minutes.
    """
    first, second = (1.0, 2.0) if lag > 13.7 else (2.0, 1.0)
    apart = abs(lag - 13.7)
    for c, length in ((first, apart), (first * math.exp(-apart / 20) + second, math.inf)):
        up, down = above(c, length, 1.3), above(c, length, 1.0)
        both = 321.808 + 200
        rho = 321.808 / both + (rho - 321.808 / both) * math.exp(-up * both / 150_000)
        rho *= math.exp(-(down - up) * 200 / 150_000)
    return rho


def test_calcium_of_pairs_gives_depression_and_potentiation() -> None:
    """Figure 2 of the paper, DP: target first weakens, source first strengthens."""
    lags = [-60.0, -30.0, -15.0, 0.0, 5.0, 10.0, 18.0, 30.0, 60.0]
    pre = [[100.0]] * len(lags)
    post = [[100.0 + lag] for lag in lags]
    synapses = run("calcium_graupner_brunel", pre, post, 400, dt=0.01, sigma=0)
    expected = np.array([calcium_pair(lag, 0.5) for lag in lags])
    np.testing.assert_allclose(synapses.rho - 0.5, expected - 0.5, rtol=0.01, atol=2e-5)
    change = dict(zip(lags, synapses.rho - 0.5, strict=True))
    assert change[-15] < 0 < change[10]
    assert synapses.strength == pytest.approx(1 + 4 * synapses.rho)


def test_the_two_states_are_stable() -> None:
    rho = np.array([0.05, 0.4, 0.6, 0.95])
    synapses = run("calcium_graupner_brunel", [[]] * 4, [[]] * 4, 1000, dt=1, rho=rho, tau="0.05 second")
    np.testing.assert_allclose(synapses.rho, [0, 0, 1, 1], atol=1e-3)


def test_noise_acts_while_there_is_calcium() -> None:
    """While c is above both thresholds, rho is an Ornstein-Uhlenbeck process: mean and variance are known."""
    n, tau, sigma, end = 2000, 15_000.0, 0.7, 20.0
    nb.seed(3)
    values = {"c": 1.5, "tau_Ca": "1e6 ms", "sigma": sigma, "tau": "15 second"}
    synapses = run("calcium_graupner_brunel", [[]] * n, [[]] * n, end, dt=0.1, **values)
    rate = (321.808 + 200) / tau
    variance = sigma**2 * 2 / tau * (1 - math.exp(-2 * rate * end)) / (2 * rate)
    goal = 321.808 / (321.808 + 200)
    mean = goal + (0.5 - goal) * math.exp(-rate * end)
    assert np.mean(synapses.rho) == pytest.approx(mean, abs=4 * math.sqrt(variance / n))
    assert np.var(synapses.rho) == pytest.approx(variance, rel=4 * math.sqrt(2 / n))
    still = run("calcium_graupner_brunel", [[]] * 5, [[]] * 5, 20, dt=0.1)
    assert (still.rho == 0.5).all()


# ---- other rules ----


def test_inhibition_drifts_to_the_rate_that_it_keeps() -> None:
    """Poisson spikes: the mean change is eta*r_pre*(2*tau*r_post - alpha)*T."""
    nb.seed(5)
    rates, r_pre, n = [2.0, 5.0, 20.0], 20.0, 600
    source = nb.Neurons(n, "v : mV", threshold="rand() < 20*Hz*dt")
    target = nb.Neurons(n, "v : mV\nr : Hz", threshold="rand() < r*dt")
    target.r = np.repeat(rates, n // 3)
    synapses = nb.Synapses(source, target, "stdp_inhibitory_vogels", connect=nb.connect.one_to_one())
    nb.Network(source, target, synapses, dt=1).run(5000)
    found = (synapses.w - 1).reshape(3, -1)
    for row, rate in zip(found, rates, strict=True):
        expected = 0.001 * r_pre * (2 * 0.02 * rate - 2 * 5 * 0.02) * 5
        assert row.mean() == pytest.approx(expected, abs=4 * row.std() / math.sqrt(n / 3))
    assert found[0].mean() < -5 * found[0].std() / math.sqrt(n / 3)
    assert found[2].mean() > 5 * found[2].std() / math.sqrt(n / 3)


def test_reward_reaches_what_brought_it_about() -> None:
    """Closed form: the eligibility of one pair times dopamine, both of which decay."""
    source, target = trains([[10.0], [30.0], [900.0]], 0.1, "source"), trains([[20.0]], 0.1, "target")
    synapses = nb.Synapses(source, target, "stdp_reward", connect=nb.connect.all_to_all())
    net = nb.Network(source, target, synapses, dt=0.1)
    net.run(520)
    synapses.D += 2
    net.run(300)
    pairs = np.array([0.1, -0.15, 0]) * math.exp(-10 / 20) * np.exp(-np.array([500, 490, 0]) / 1000)
    both = 1 / 1000 + 1 / 200
    expected = pairs * 2 / 1000 * (1 - math.exp(-both * 300)) / both
    np.testing.assert_allclose(synapses.w - 1, expected, rtol=1e-3, atol=1e-12)


def test_dopamine_can_be_a_variable_of_neurons() -> None:
    pool = nb.Neurons(1, "D : 1/second")
    pool.D = 2
    model = nb.load_model("stdp_reward").extend("D : 1/second (linked)")
    source, target = trains([[10.0]], 0.1, "source"), trains([[20.0]], 0.1, "target")
    synapses = nb.Synapses(source, target, model, D=nb.link(pool, "D"), connect=nb.connect.all_to_all())
    nb.Network(source, target, pool, synapses, dt=0.1).run(220)
    expected = 0.1 * math.exp(-0.5) * 2 * (1 - math.exp(-0.2))
    assert synapses.w[0] - 1 == pytest.approx(expected, rel=2e-3)


def test_scaling_keeps_the_ratios_of_weights() -> None:
    """A silent target: a decays, E grows, and w = w_0*exp(beta*E + gamma*integral of E)."""
    silent = {"tau_a": "2 second", "beta": 0.04, "gamma": "0.001 1/second", "w": np.array([0.5, 1.0, 2.0])}
    synapses = run("homeostatic_scaling", [[], [], []], [[]], 5000, dt=1, **silent)
    missed = 10 * (5 - 2 * (1 - math.exp(-5 / 2)))
    integral = 10 * (5**2 / 2 - 2 * (5 - 2 * (1 - math.exp(-5 / 2))))
    growth = math.exp(0.04 * missed + 0.001 * integral)
    np.testing.assert_allclose(synapses.w, np.array([0.5, 1.0, 2.0]) * growth, rtol=1e-3)


def test_scaling_rests_at_its_goal() -> None:
    """Ten spikes in a second are 10 Hz: the average stays, so do the weights, but for the ripple."""
    synapses = run("homeostatic_scaling", [[]], [[100.0 * k for k in range(100)]], 10_000, dt=1)
    assert synapses.a[0] == pytest.approx(10, abs=0.02)
    assert synapses.w[0] == pytest.approx(1, abs=1e-4)


# ---- short-term plasticity ----

SENT = nb.Model("", on_pre="v_post += release*mV")


def releases(model: nb.Model, interval: float, n: int, **values: Any) -> np.ndarray:
    """What each of n regular spikes releases."""
    source, target = trains([[interval * k for k in range(n)]], 1, "source"), trains([[]], 1, "target")
    target.v = 0
    synapses = nb.Synapses(source, target, model + SENT, connect=nb.connect.all_to_all(), **values)
    record = nb.Monitor(target, "v", every=interval)
    nb.Network(source, target, synapses, record, dt=1).run(interval * n + interval)
    return np.diff(record.v[:, 0])[:n]


@pytest.mark.parametrize("interval", [10.0, 50.0, 200.0])
@pytest.mark.parametrize(
    ("U", "tau_f", "tau_d"), [(0.03, 530.0, 130.0), (0.5, 1.0, 800.0), (0.2, 1500.0, 200.0)]
)
def test_steady_states_of_short_term_plasticity(
    U: float, tau_f: float, tau_d: float, interval: float
) -> None:
    values = {"U": U, "tau_f": tau_f, "tau_d": tau_d}
    forget, empty = math.exp(-interval / tau_f), math.exp(-interval / tau_d)

    def amount(u: float) -> float:
        return u * (1 - empty) / (1 - (1 - u) * empty)

    steady = U / (1 - (1 - U) * forget)
    n = 20 + int(20 / -math.log(max((1 - U) * forget, (1 - steady) * empty)))
    first = releases(nb.load_model("short_term_tsodyks_markram"), interval, n, **values)
    assert first[0] == pytest.approx(U, rel=1e-12)
    assert first[-1] == pytest.approx(amount(steady), rel=1e-6)
    second = releases(nb.load_model("short_term_mongillo"), interval, n, **values)
    assert second[0] == pytest.approx(U * (2 - U), rel=1e-12)
    u = (U + (1 - U) * U * (1 - forget)) / (1 - (1 - U) * forget)
    assert second[-1] == pytest.approx(amount(u), rel=1e-6)


def test_two_ways_to_write_the_same_convention() -> None:
    """u that rests at U and jumps after the release: the numbers of the first file, not of the second."""
    other = nb.Model(
        "du/dt = (U - u)/tau_f : 1 (event-driven)\ndx/dt = (1 - x)/tau_d : 1 (event-driven)\n"
        "U = 0.2 : 1\ntau_f = 300*ms : ms\ntau_d = 100*ms : ms",
        on_pre="release = u*x; x -= release; u += U*(1 - u)", initial={"u": "U", "x": 1},
    )  # fmt: skip
    values = {"U": 0.2, "tau_f": "300 ms", "tau_d": "100 ms"}
    expected = releases(nb.load_model("short_term_tsodyks_markram"), 25.0, 12, **values)
    np.testing.assert_allclose(releases(other, 25.0, 12), expected, rtol=1e-12)
    assert releases(nb.load_model("short_term_mongillo"), 25.0, 12, **values)[0] > 1.7 * expected[0]


# ---- receptors ----


def trace(name: str, duration: float, dt: float, **values: Any) -> tuple[np.ndarray, np.ndarray]:
    """Time since the spike acted, and s."""
    source, target = trains([[0.0]], dt, "source"), trains([[]], dt, "target")
    synapses = nb.Synapses(source, target, name, connect=nb.connect.all_to_all(), **values)
    record = nb.Monitor(synapses, "s")
    nb.Network(source, target, synapses, record, dt=dt).run(duration)
    return record.t[1:] - dt, record.s[1:, 0]


@pytest.mark.parametrize("tau", [0.5, 2.0])
def test_an_alpha_function_peaks_at_one(tau: float) -> None:
    t, s = trace("alpha", 20, 0.05, tau=f"{tau} ms")
    np.testing.assert_allclose(s, t / tau * np.exp(1 - t / tau), rtol=1e-9, atol=1e-12)
    assert (s.max(), t[s.argmax()]) == (pytest.approx(1, abs=1e-9), pytest.approx(tau))


@pytest.mark.parametrize(("rise", "decay"), [(0.5, 5.0), (2.0, 100.0), (5.0, 2.0)])
def test_two_exponentials_peak_at_one(rise: float, decay: float) -> None:
    t, s = trace("double_exponential", 20, 0.01, tau_rise=f"{rise} ms", tau_decay=f"{decay} ms")
    peak = rise * decay / (decay - rise) * math.log(decay / rise)
    shape = np.exp(-t / decay) - np.exp(-t / rise)
    np.testing.assert_allclose(
        s, shape / (math.exp(-peak / decay) - math.exp(-peak / rise)), rtol=1e-8, atol=1e-12
    )
    assert s.max() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "ceiling", "after"), [("ampa", 0.8527, 0.6180), ("gaba_a", 0.9653, 0.9599)]
)
def test_receptors_saturate(name: str, ceiling: float, after: float) -> None:
    """alpha*T/(alpha*T + beta), reached with the rate alpha*T + beta during the pulse of 1 ms."""
    p = parameters(name)
    rate = p["alpha"] + p["beta"]
    assert p["alpha"] / rate == pytest.approx(ceiling, abs=1e-4)
    assert ceiling * (1 - math.exp(-rate)) == pytest.approx(after, abs=2e-4)
    t, s = trace(name, 30, 0.1)
    assert s[t.searchsorted(1 - 1e-9)] == pytest.approx(p["alpha"] / rate * (1 - math.exp(-rate)), rel=1e-9)
    late = t > 1
    decay = s[late][0] * np.exp(-p["beta"] * (t[late] - t[late][0]))
    np.testing.assert_allclose(s[late], decay, rtol=1e-9)


def test_magnesium_blocks_as_published() -> None:
    """Jahr & Stevens (1990): half of the channels are open at log(3.57/[Mg])/-0.062 V, -20.5 mV at 1 mM."""
    target = nb.Neurons(5, "v : mV\nI_syn : pA")
    target.v = np.array([-65.0, -math.log(3.57) / 0.062, 0.0, 40.0, -20.0])
    synapses = nb.Synapses(nb.Neurons(1, "v : mV", threshold="v > 1*mV"), target, "nmda",
                           connect=nb.connect.all_to_all())  # fmt: skip
    assert synapses.B == pytest.approx([0.0597, 0.5, 0.7812, 0.9771, 0.5081], abs=1e-4)
    low = nb.Synapses(nb.Neurons(1, "v : mV", threshold="v > 1*mV"), target, "nmda", Mg="0 mM",
                      connect=nb.connect.all_to_all())  # fmt: skip
    assert (low.B == 1).all()


def test_gaba_b_wants_bursts() -> None:
    """Ten spikes do more than a hundred times as much as one; sums are over channels, not over G protein."""
    source = trains([[5.0], [5.0 * k for k in range(1, 11)]], 0.1, "source")
    target = trains([[], []], 0.1, "target")
    synapses = nb.Synapses(source, target, "gaba_b", connect=nb.connect.one_to_one())
    record = nb.Monitor(target, "I_syn")
    nb.Network(source, target, synapses, record, dt=0.1).run(400)
    one, ten = np.abs(record.I_syn).max(axis=0)
    assert ten > 1000 * one
    both = trains([[]], 0.1, "both")
    copies = trains([[5.0 * k for k in range(1, 11)]] * 3, 0.1, "copies")
    three = nb.Synapses(copies, both, "gaba_b", connect=nb.connect.all_to_all())
    sums = nb.Monitor(both, "I_syn")
    nb.Network(copies, both, three, sums, dt=0.1).run(400)
    np.testing.assert_allclose(sums.I_syn[:, 0], 3 * record.I_syn[:, 1], rtol=1e-9, atol=1e-18)


# ---- receptors and junctions at neurons of the library ----

DRIVEN = "I = I_0 + I_syn : {unit}\nI_syn : {unit}\nI_0 = 0*{unit} : {unit}"


def test_a_receptor_at_a_leaky_neuron() -> None:
    cell = nb.load_model("lif").extend(DRIVEN.format(unit="nA"))
    source, target = trains([[5.0, 8.0]], 0.01, "source"), nb.Neurons(1, cell)
    synapses = nb.Synapses(source, target, "ampa", w=20, connect=nb.connect.all_to_all())
    record = nb.Monitor(target, "v")
    nb.Network(source, target, synapses, record, dt=0.01).run(30)
    at = np.arange(0.5, 30, 0.5)
    s = ref.solve(ref.AMPA, ref.Protocol(pre=(5.0, 8.0)), np.arange(0, 30, 0.01).tolist())["s"]

    def slope(t: float, y: Any) -> list[float]:  # nS*mV = pA, Mohm*pA = 1e-3 mV
        current = 20 * s[min(round(t / 0.01), len(s) - 1)] * (0 - y[0])
        return [(-65 - y[0] + 10e-3 * current) / 10]

    solved = solve_ivp(slope, (0, 30), [-65.0], rtol=1e-8, atol=1e-8, max_step=0.01, t_eval=at)
    found = record.v[np.round(at / 0.01).astype(int), 0]
    assert -63 < solved.y[0].max() < -51
    np.testing.assert_allclose(found, solved.y[0], atol=0.02)


def test_current_straight_into_the_parameter() -> None:
    cells = nb.Neurons(2, "adex")
    source = trains([[5.0]], 0.1, "source")
    model = nb.load_model("exponential_current").rename(I_syn="I")
    synapses = nb.Synapses(source, cells, model, w=np.array([1.0, 3.0]), connect=nb.connect.all_to_all())
    nb.Network(source, cells, synapses, dt=0.1).run(5.7)
    np.testing.assert_allclose(cells.I, [10 * math.exp(-0.5 / 5), 30 * math.exp(-0.5 / 5)], rtol=1e-9)


def test_a_receptor_at_a_neuron_with_densities() -> None:
    """For uA/cm**2 the current and the conductance are declared anew."""
    density = nb.load_model("gaba_a").extend(
        "g_max = 0.1*mS/cm**2 : mS/cm**2\nI_syn_post = w*g_max*s*(E - v_post) : uA/cm**2 (summed)"
    )
    cell = nb.load_model("wang_buzsaki").extend(DRIVEN.format(unit="uA/cm**2"))
    source = trains([[5.0]], 0.05, "source")
    target = nb.Neurons(1, cell, I_0="1 uA/cm**2")
    synapses = nb.Synapses(source, target, density, connect=nb.connect.all_to_all())
    free = nb.Neurons(1, "wang_buzsaki", I="1 uA/cm**2")
    spikes = nb.Monitor(target, "spikes"), nb.Monitor(free, "spikes")
    net = nb.Network(source, target, free, synapses, *spikes, dt=0.05)
    net.run(6.5)
    assert target.I_syn[0] == pytest.approx(0.1 * float(synapses.s[0]) * (-80 - target.v[0]), rel=0.02)
    net.run(93.5)
    assert spikes[0].t[0] > spikes[1].t[0] + 3  # inhibition delays


def test_a_junction_joins_two_cells() -> None:
    """Passive cells: the mean decays with tau, the difference with 1/(1/tau + 2*g/C)."""
    cells = nb.Neurons(2, "dv/dt = (-10*nS*v + I_syn)/(100*pF) : mV\nI_syn : pA", initial={"v": "10*mV*i"})
    synapses = nb.Synapses(cells, cells, "gap_junction", g_max="5 nS", connect="i < j")
    net = nb.Network(cells, synapses, dt=0.005)
    net.run(5)
    mean, difference = cells.v.mean(), cells.v[1] - cells.v[0]
    assert mean == pytest.approx(5 * math.exp(-5 / 10), rel=1e-9)
    assert difference == pytest.approx(10 * math.exp(-5 * (1 / 10 + 2 * 5 / 100)), rel=2e-3)
    assert cells.I_syn.sum() == pytest.approx(0, abs=1e-12)


def test_a_rectifying_junction_passes_one_way() -> None:
    """Far from balance the two directions differ by g_max/g_min; what leaves one cell enters the other."""
    source, target = trains([[], []], 0.1, "source"), trains([[], []], 0.1, "target", "-60 mV")
    source.v = np.array([40.0, -160.0])
    synapses = nb.Synapses(source, target, "gap_junction_rectifying", connect=nb.connect.one_to_one())
    nb.Network(source, target, synapses, dt=0.1).run(0.1)
    assert target.I_syn == pytest.approx([100, -10], rel=1e-3)
    assert source.I_syn == pytest.approx(-target.I_syn, rel=1e-12)


# ---- put together ----


def test_a_rule_and_what_the_weight_does() -> None:
    """Before the rule acts, or after it: the order of the sum."""
    rule, jump = nb.load_model("stdp_pair"), nb.load_model("delta").replace(J="2 mV")
    for model, seen in ((rule + jump, 0.5 - 0.1), (jump + rule, 0.5)):
        source, target = trains([[7.0]], 0.1, "source"), trains([[6.9]], 0.1, "target")
        target.v = 0
        nb.Network(
            source, target,
            synapses := nb.Synapses(source, target, model, w=0.5, A_minus=0.1 * math.exp(0.1 / 20),
                                    connect=nb.connect.all_to_all()), dt=0.1,
        ).run(10)  # fmt: skip
        assert target.v[0] == pytest.approx(2 * seen, rel=1e-9)
        assert synapses.w[0] == pytest.approx(0.4, rel=1e-9)


def test_a_plastic_receptor() -> None:
    model = nb.load_model("ampa") + nb.load_model("stdp_pair")
    source, target = trains([[5.0, 30.0]], 0.1, "source"), trains([[20.0]], 0.1, "target")
    synapses = nb.Synapses(source, target, model, w=0.5, connect=nb.connect.all_to_all())
    nb.Network(source, target, synapses, dt=0.1).run(35)
    p = parameters("stdp_pair")
    w = 0.5 + p["A_plus"] * math.exp(-15 / 20) - p["A_minus"] * math.exp(-10 / 20)
    assert synapses.w[0] == pytest.approx(w, rel=1e-9)
    s = ref.solve(ref.AMPA, ref.Protocol(pre=(5.0, 30.0)), [34.9], late=0.1)["s"][0]
    assert target.I_syn[0] == pytest.approx(w * s * 65, rel=1e-6)


def test_calcium_and_a_receptor_have_delays_of_their_own() -> None:
    whole = nb.load_model("ampa").extend("w = strength : 1") + nb.load_model("calcium_graupner_brunel")
    source, target = trains([[5.0]], 0.1, "source"), trains([[]], 0.1, "target")
    synapses = nb.Synapses(
        source, target, whole, delay={"on_pre": "2 ms"}, sigma=0, connect=nb.connect.all_to_all()
    )
    record = nb.Monitor(synapses, ["c", "s"])
    nb.Network(source, target, synapses, record, dt=0.1).run(30)
    first = {name: record.t[getattr(record, name)[:, 0].nonzero()[0][0]] for name in ("c", "s")}
    assert first == {"c": pytest.approx(5 + 13.7 + 0.1), "s": pytest.approx(5 + 2 + 0.2)}
    slower = nb.Synapses(source, target, whole, delay={"calcium": "1 ms"}, connect=nb.connect.all_to_all())
    assert slower.pathways["calcium"].delay == pytest.approx(1)


def test_depression_of_a_receptor() -> None:
    model = nb.load_model("short_term_tsodyks_markram") + nb.load_model("exponential_current").replace(
        on_pre="s += release"
    )
    source, target = trains([[5.0, 15.0]], 0.1, "source"), trains([[]], 0.1, "target")
    synapses = nb.Synapses(source, target, model, U=0.5, tau_f="1 ms", tau_d="800 ms",
                           connect=nb.connect.all_to_all())  # fmt: skip
    nb.Network(source, target, synapses, dt=0.1).run(15.2)
    x = 1 - 0.5 * math.exp(-10 / 800)
    u = 0.5 + 0.5 * 0.5 * math.exp(-10)
    expected = 0.5 * math.exp(-10.1 / 5) + u * x * math.exp(-0.1 / 5)
    assert synapses.s[0] == pytest.approx(expected, rel=1e-9)


def test_dopamine_neurons() -> None:
    source, target = trains([[10.0]], 0.1, "source"), trains([[20.0]], 0.1, "target")
    pool = trains([[300.0], [300.0], [700.0]], 0.1, "pool")
    synapses = nb.Synapses(source, target, "stdp_reward", connect=nb.connect.all_to_all())
    release = nb.Synapses(pool, synapses, on_pre="D += 1/second")
    nb.Network(source, target, pool, synapses, release, dt=0.1).run(600)
    both = 1 / 1000 + 1 / 200
    expected = (
        0.1 * math.exp(-10 / 20) * math.exp(-280 / 1000) * 2 / 1000 * (1 - math.exp(-both * 300)) / both
    )
    assert synapses.w[0] - 1 == pytest.approx(expected, rel=1e-3)


def test_what_the_guide_shows_runs() -> None:
    """The examples of models/README.md that are about synapses."""
    guide = (ref.SYNAPSES.parent / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", guide.split("\n## Synapses\n")[1], re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {"nb": nb}
    for block in (blocks[1], blocks[0], blocks[2]):
        exec(block, names)
    cells = nb.Neurons(2, "dv/dt = I_syn/(200*pF) : mV\nI_syn : pA\ng_e : nS", threshold="v > 1*mV")
    for name in ("plastic", "jumping", "own", "calcium", "depressing", "faint"):
        synapses = nb.Synapses(cells, cells, names[name], connect="i != j")
        nb.Network(cells, synapses).run(1)
