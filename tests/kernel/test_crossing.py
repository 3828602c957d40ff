"""Spikes between time steps, against closed forms and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

import numpybrain as nb

LIF = "dv/dt = (I - v)/tau : 1 (unless refractory)\nI : 1\ntau = 10*ms : ms\nref = 2.03*ms : ms"
RAMP = "dv/dt = a : 1 (unless refractory)\na : 1/ms"


def located(n: int, model: Any, **texts: Any) -> nb.Neurons:
    """Neurons whose spikes lie between the steps."""
    texts = {"threshold": "v > 1", "reset": "v = 0", **texts}
    return nb.Neurons(n, model, spike_times="interpolated", **texts)


def spikes_of(cells: nb.Neurons, duration: float, *others: Any, dt: float = 0.1) -> nb.Monitor:
    """What neurons fire in some time."""
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, *others, dt=dt).run(duration)
    return spikes


# ---- closed forms --------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [None, "2.03 ms", "ref", "0.02 ms", "2 ms", "1*ms + 0.1*tau"])
@pytest.mark.parametrize("method", ["exact", "exponential_euler"])
def test_rate_of_a_leaky_neuron(period: str | None, method: str) -> None:
    current = np.linspace(1.05, 5, 50)
    ref = 0.01 * np.arange(50) if period == "ref" else 2.03
    cells = located(50, LIF, I=current, ref=ref, refractory=period, method=method)
    spikes = spikes_of(cells, 300)
    wait = {None: 0.0, "ref": ref, "0.02 ms": 0.02, "2.03 ms": 2.03}.get(period, 2.0)
    interval = 10 * np.log(current / (current - 1)) + wait
    for k, expected in enumerate(np.broadcast_to(interval, 50)):
        times = spikes.train(k)
        first = expected - np.broadcast_to(wait, 50)[k]
        assert len(times) == 1 + int((300 - first) / expected)
        assert times == pytest.approx(first + expected * np.arange(len(times)), rel=1e-10)


@pytest.mark.parametrize("threshold", ["v > 1", "v >= 1", "1 < v", "1 <= v"])
@pytest.mark.parametrize("method", ["exact", "euler", "rk4"])
def test_a_ramp_crosses_exactly_and_several_neurons_in_one_step(threshold: str, method: str) -> None:
    slope = np.array([1.0, 1.003, 0.5, 3.7])
    spikes = spikes_of(located(4, RAMP, a=slope, threshold=threshold, method=method), 20)
    for k, a in enumerate(slope):
        times = spikes.train(k)
        assert times == pytest.approx(np.arange(1, len(times) + 1) / a, rel=1e-12)
        assert abs(len(times) - 20 * a) <= 1
    assert (np.diff(spikes.t) >= 0).all()
    steps = np.floor(spikes.t / 0.1)
    assert len(set(steps)) < len(steps)  # some share a step


@pytest.mark.parametrize("threshold", ["v < -1", "v <= -1", "-1 > v"])
def test_thresholds_may_be_crossed_downwards(threshold: str) -> None:
    spikes = spikes_of(located(1, RAMP, a=-0.37, threshold=threshold), 10)
    assert spikes.t == pytest.approx(np.arange(1, 4) / 0.37, rel=1e-12)


def test_threshold_and_input_may_depend_on_time_and_neuron() -> None:
    cells = located(3, RAMP + "\nv_th = 1 + c*t/ms : 1\nc : 1", a=1, c=[0, 0.5, 0.9], threshold="v > v_th",
                    reset="v = -100")  # fmt: skip
    assert spikes_of(cells, 20).t == pytest.approx([1, 2, 10], rel=1e-12)
    moving = located(1, "dv/dt = t/ms**2 : 1", method="rk4")
    assert spikes_of(moving, 5).t[:1] == pytest.approx([2**0.5], rel=1e-12)
    clock = located(
        2, "next : ms", threshold="t >= next", reset="next += 0.437*ms", initial={"next": "i*0.05*ms"}
    )
    assert spikes_of(clock, 5).train(1) == pytest.approx(0.05 + 0.437 * np.arange(12), rel=1e-12)


def test_threshold_that_has_no_derivative() -> None:
    cells = located(2, RAMP + "\nb : 1", a=0.77, b=[0.2, 1.9], threshold="abs(v) + f(v) > max(b, 1)",
                    f=lambda v: 0.1 * v**2, method="rk4")  # fmt: skip
    spikes = spikes_of(cells, 5)
    roots = [(-1 + (1 + 0.4 * b) ** 0.5) / 0.2 for b in (1, 1.9)]
    for k in range(2):
        times = spikes.train(k)
        assert times == pytest.approx(roots[k] / 0.77 * np.arange(1, len(times) + 1), rel=1e-10)


def test_time_series_keep_their_value_for_a_step() -> None:
    series = nb.timed([0.0, 2.0, 0.5], "1 ms")
    cells = located(1, "dv/dt = (s(t) - v)/(10*ms) : 1", s=series, method="exact", threshold="v > 0.15")
    expected = 1 + 10 * np.log(2 / 1.85)
    assert spikes_of(cells, 1.9).t[:1] == pytest.approx([expected], rel=1e-12)


def test_a_jump_of_the_threshold_is_found() -> None:
    cells = located(1, "dv/dt = 0/ms : 1", threshold="v > (1 if t < 0.537*ms else 0)", reset="v = -1",
                    initial={"v": "0.5"})  # fmt: skip
    assert spikes_of(cells, 2).t == pytest.approx([0.537], abs=1e-9)


# ---- order of convergence ------------------------------------------------------------------------


def reference(f: Any, start: list[float], v_th: float, reset: Any, duration: float) -> np.ndarray:
    """Spike times by SciPy."""

    def event(t: float, y: Any) -> Any:
        return y[0] - v_th

    event.terminal, event.direction = True, 1  # type: ignore[attr-defined]
    t, y, found = 0.0, start, []
    while True:
        s = solve_ivp(f, (t, duration), y, events=event, rtol=1e-12, atol=1e-13, method="DOP853")
        if not s.t_events[0].size:
            return np.array(found)
        t, y = s.t_events[0][0], reset(*s.y[:, -1])
        found.append(t)


def adex(t: float, y: Any) -> list[float]:
    v, w = y
    drive = 20 * (1 + 0.2 * np.sin(t / 5))
    return [(-60 - v + 3 * np.exp((v + 50) / 3) - w + drive) / 10, (0.3 * (v + 60) - w) / 40]


def conditionally_linear(t: float, y: Any) -> list[float]:
    v, w = y
    return [(3 * (1 + 0.2 * np.sin(t / 5)) - v - w * (v + 1)) / 10, (0.3 * v**2 - w) / 40]


@pytest.mark.parametrize(
    ("method", "order", "dts"),
    [("rk4", 4, (0.1, 0.05)), ("rk3", 3, (0.1, 0.025)), ("midpoint", 2, (0.1, 0.025)), ("heun2", 2, (0.1, 0.025)),
     ("euler", 1, (0.05, 0.0125))],
)  # fmt: skip
def test_order_with_an_exponential_upstroke_and_adaptation(method: str, order: int, dts: Any) -> None:
    equations = """
        dv/dt = (-60 - v + 3*exp((v + 50)/3) - w + 20*(1 + 0.2*sin(t/(5*ms))))/(10*ms) : 1
        dw/dt = (0.3*(v + 60) - w)/(40*ms) : 1"""
    expected = reference(adex, [-60.0, 0.0], -44, lambda v, w: [-58, w + 3], 40)
    assert len(expected) == 3
    check_order(equations, method, order, dts, expected, threshold="v > -44", reset="v = -58; w += 3",
                initial={"v": "-60"})  # fmt: skip


@pytest.mark.parametrize(
    ("method", "order", "dts"),
    [
        ("exponential_euler", 1, (0.05, 0.0125)),
        ("exponential_midpoint", 2, (0.1, 0.025)),
        ("rk4", 4, (0.4, 0.1)),
    ],
)
def test_order_with_equations_linear_one_by_one(method: str, order: int, dts: Any) -> None:
    equations = """
        dv/dt = (3*(1 + 0.2*sin(t/(5*ms))) - v - w*(v + 1))/(10*ms) : 1
        dw/dt = (0.3*v**2 - w)/(40*ms) : 1"""
    expected = reference(conditionally_linear, [0.0, 0.0], 1, lambda v, w: [0, w + 0.2], 40)
    assert len(expected) == 6
    check_order(equations, method, order, dts, expected, reset="v = 0; w += 0.2")


def check_order(
    equations: str, method: str, order: int, dts: tuple[float, float], expected: np.ndarray, **texts: Any
) -> None:
    errors = []
    for dt in dts:
        cells = located(1, equations, method=method, **texts)
        times = spikes_of(cells, 40, dt=dt).t[: len(expected)]
        errors.append(np.abs(times - expected).max())
    found = np.log(errors[0] / errors[1]) / np.log(dts[0] / dts[1])
    assert found == pytest.approx(order, abs=0.3)


def test_an_upstroke_that_overflows_within_a_step_is_a_spike() -> None:
    cells = located(1, "dv/dt = (-65 - v + 2*exp((v + 50)/2) + 30)/(10*ms) : 1", threshold="v > 20",
                    reset="v = -65", method="rk4", initial={"v": "-65"})  # fmt: skip
    spikes = spikes_of(cells, 100, dt=0.5)

    interval = quad(lambda v: 10 / (-65 - v + 2 * np.exp((v + 50) / 2) + 30), -65, 20, limit=200)[0]
    assert np.diff(spikes.t) == pytest.approx([interval] * (len(spikes) - 1), rel=0.03)
    assert len(spikes) > 8


def test_what_is_not_a_number_never_spikes() -> None:
    cells = located(2, RAMP, a=[1.0, np.nan])
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1, check_finite=False).run(4.5)
    assert spikes.count.tolist() == [4, 0]


# ---- networks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [None, "1.37 ms"])
def test_input_spikes_against_an_event_driven_neuron(period: str | None) -> None:
    rng = np.random.default_rng(3)
    steps, n, dt, tau, weight, current = 3000, 20, 0.1, 10.0, 0.17, 0.7
    given = rng.random((steps, n)) < 0.05
    source = nb.Neurons(n, {"x": "1"}, threshold=lambda t: given[round(t / dt)])
    cells = located(n, LIF, I=current, refractory=period, method="exact")
    synapses = nb.Synapses(source, cells, on_pre=f"v_post += {weight}", connect="one_to_one")
    spikes = spikes_of(cells, steps * dt, source, synapses)
    wait = 1.37 if period else 0.0
    for k in range(n):
        assert spikes.train(k) == pytest.approx(
            event_driven(dt * (1 + np.flatnonzero(given[:, k])), steps * dt, tau, weight, current, wait),
            rel=1e-9,
        )
    assert len(spikes) > 400


def event_driven(
    arrivals: np.ndarray, duration: float, tau: float, weight: float, current: float, wait: float
) -> list[float]:
    """Spikes of a leaky neuron that is pushed at some times (input below threshold in between)."""
    t, v, free, found = 0.0, 0.0, 0.0, []
    for arrival in arrivals:
        if arrival < free:
            continue
        v = current + (v - current) * np.exp(-(arrival - max(t, free)) / tau)
        t = arrival
        v += weight
        if v > 1 and t < duration:
            found.append(t)
            v, free = 0.0, t + wait
    return found


def test_spikes_are_delivered_on_the_grid_and_find_the_end_of_the_step() -> None:
    cells = located(2, RAMP, a=[1.0, 0.0], threshold="v > 0.437", reset="v = 0", name="cells")
    synapses = nb.Synapses(cells, on_pre="v_post = v_pre", connect=([0], [1]), delay="0.3 ms")
    now = nb.Neurons(1, "x : 1")
    direct = nb.Synapses(cells[:1], now, on_pre="x_post = v_pre", connect="all_to_all")
    trace, other = nb.Monitor(cells, "v"), nb.Monitor(now, "x")
    spikes = spikes_of(cells, 0.85, synapses, now, direct, trace, other)
    assert spikes.t == pytest.approx([0.437, 0.874])
    assert trace.v[5, 0] == pytest.approx(0.5 - 0.437)
    assert other.x[:6, 0] == pytest.approx([0, 0, 0, 0, 0, 0.5 - 0.437])
    assert trace.v[:8, 1] == pytest.approx([0] * 8)
    assert trace.v[8, 1] == pytest.approx(0.8 - 0.437)


def test_a_push_above_the_threshold_is_a_spike_at_once() -> None:
    cells = located(2, LIF, I=0, threshold="v > 1", method="exact")
    source = nb.Neurons(1, {"x": "1"}, threshold=lambda t: np.array([round(t / 0.1) == 4]))
    push = nb.Synapses(source, cells, "w : 1", on_pre="v_post += w", connect="all_to_all", w=[1.001, 0.999])
    assert spikes_of(cells, 2, source, push).t.tolist() == [0.5]  # falls below 1 within the step


# ---- refractoriness ------------------------------------------------------------------------------


def test_what_is_held_stands_still_for_the_period_and_the_rest_goes_on() -> None:
    cells = located(1, RAMP + "\ndu/dt = (v - u)/(2*ms) : 1\ndn/dt = 1/ms : 1", a=0.7, reset="v = -0.5",
                    refractory="1.234 ms", method="exact")  # fmt: skip
    trace = nb.Monitor(cells, "v", "u", "n")
    spikes = spikes_of(cells, 12, trace)
    interval = 1.5 / 0.7 + 1.234
    expected = 1 / 0.7 + interval * np.arange(4)
    assert spikes.t == pytest.approx(expected[expected < 12], rel=1e-12)

    def v(t: float) -> float:
        if t < 1 / 0.7:
            return 0.7 * t
        since = (t - 1 / 0.7) % interval
        return -0.5 + 0.7 * max(0.0, since - 1.234)

    assert trace.v[:, 0] == pytest.approx([v(t) for t in trace.t], abs=1e-10)
    corners = sorted({0.0, *spikes.t, *(spikes.t + 1.234), 11.9})
    u, at = 0.0, {0.0: 0.0}
    for a, b in zip(corners, corners[1:], strict=False):
        s = solve_ivp(lambda t, y: (v(t) - y) / 2, (a + 1e-13, b - 1e-13), [u], rtol=1e-11, atol=1e-12,
                      dense_output=True)  # fmt: skip
        at.update({t: s.sol(t)[0] for t in trace.t if a < t <= b})
        u = s.y[0, -1]
    inside = [t for t in trace.t if t in at]
    assert len(inside) > 110
    assert [trace.u[round(t / 0.1), 0] for t in inside] == pytest.approx([at[t] for t in inside], abs=1e-8)
    assert trace.n[:, 0] == pytest.approx(trace.t, abs=1e-12)


def test_a_free_variable_runs_on_but_waits_to_spike() -> None:
    cells = located(1, "dv/dt = 1/ms : 1", threshold="v > 0.437", reset="v = 0", refractory="1.05 ms")
    assert spikes_of(cells, 4).t == pytest.approx([0.437 + 1.05 * k for k in range(4)], rel=1e-12)


def test_period_and_reset_see_the_time_of_the_spike() -> None:
    cells = located(1, RAMP + "\nseen : ms\nlast : ms", a=1, threshold="v > 0.437", reset="v = 0; seen = t; last = lastspike",
                    refractory="t")  # fmt: skip
    spikes = spikes_of(cells, 3)
    assert spikes.t == pytest.approx([0.437, 3 * 0.437], rel=1e-12)
    assert cells.seen[0] == cells.last[0] == cells.lastspike[0] == spikes.t[-1]


def test_refractoriness_that_is_a_condition_ends_at_a_step() -> None:
    cells = located(1, RAMP + "\ndu/dt = -1/ms : 1", a=1, threshold="v > 0.437", reset="v = 0; u = 1",
                    refractory="u > 0.5")  # fmt: skip
    # u is 0.5 at 0.937; the update at 1.0 is the first that goes on
    assert spikes_of(cells, 1.5).t == pytest.approx([0.437, 1.437], rel=1e-12)


def test_held_variables_are_shielded_until_the_release() -> None:
    cells = located(
        1, RAMP, a=0, threshold="v > 1", reset="v = 0", refractory="0.55 ms", initial={"v": "2"}
    )
    clock = nb.Neurons(1, "x : 1", threshold="x < 1")
    push = nb.Synapses(clock, cells, on_pre="v_post += 0.125", connect="all_to_all")
    trace = nb.Monitor(cells, "v")
    spikes_of(cells, 0.95, clock, push, trace)
    # a push at the end of a step counts if the neuron is free by then: released at 0.55
    assert trace.v[:, 0].tolist() == [2.0, 0, 0, 0, 0, 0, 0.125, 0.25, 0.375, 0.5]


# ---- texts, functions, runs ----------------------------------------------------------------------


def test_lastspike_in_equations_is_the_time_between_steps() -> None:
    cells = located(
        1, "dv/dt = (1 + 0.5*exp(-(t - lastspike)/(3*ms)))/ms : 1", threshold="v > 0.937", method="rk4"
    )
    times = spikes_of(cells, 20, dt=0.05).t
    assert times[0] == pytest.approx(0.937, rel=1e-9)
    for interval in np.diff(times):
        assert interval + 1.5 * (1 - np.exp(-interval / 3)) == pytest.approx(0.937, rel=1e-7)


def test_resets_with_branches_random_numbers_and_parameters() -> None:
    nb.seed(4)
    cells = located(
        400,
        RAMP + "\nodd = 0 : 1",
        a=1,
        reset="v = 0\nif odd > 0.5:\n  a = 0.5/ms\nelse:\n  a = 2/ms\nodd = 1 - odd",
    )
    spikes = spikes_of(cells, 4.2)
    assert spikes.train(7) == pytest.approx([1, 1.5, 3.5, 4.0], rel=1e-12)
    random = located(400, RAMP, a=1, reset="v = rand()")
    spikes = spikes_of(random, 8)
    intervals = np.concatenate([np.diff(spikes.train(k)) for k in range(400)])
    assert ((intervals > 0) & (intervals < 1.1)).all()  # a second spike in a step waits for the next
    assert intervals.mean() == pytest.approx(0.5, abs=0.03)


def test_python_resets_and_periods_get_neurons_and_their_times() -> None:
    seen: list[Any] = []

    def reset(v: Any, spikes: Any, t: Any) -> None:
        seen.append((spikes.tolist(), t.tolist()))
        v[spikes] = 0

    cells = located(3, RAMP, a=[1.0, 2.0, 2.02], reset=reset, refractory=lambda t, spikes: 0.1 * t)
    spikes = spikes_of(cells, 1.2)
    assert [neurons for neurons, _ in seen] == [[2], [1], [0, 1, 2]]
    assert seen[2][1] == pytest.approx([1.0, 1.05, 2.1 / 2.02])
    assert spikes.train(1) == pytest.approx([0.5, 0.5 + 0.05 + 0.5], rel=1e-12)
    assert spikes.train(2) == pytest.approx([1 / 2.02, 1.1 / 2.02 + 1 / 2.02], rel=1e-12)


def test_monitors_of_parts_are_in_the_order_of_time() -> None:
    cells = located(6, RAMP, a=[1.0, 1.09, 1.08, 1.07, 1.06, 1.05])
    every, part = nb.Monitor(cells, "spikes"), nb.Monitor(cells[2:5], "spikes")
    some = nb.Monitor(cells, "spikes", of=[5, 1])
    nb.Network(cells, every, part, some, dt=0.5).run(1.5)
    assert every.i.tolist() == [1, 2, 3, 4, 5, 0]
    assert part.i.tolist() == [0, 1, 2]
    assert part.t == pytest.approx([1 / 1.08, 1 / 1.07, 1 / 1.06])
    assert some.i.tolist() == [1, 0]
    assert some.count.tolist() == [1, 1]


@pytest.mark.parametrize("period", [None, "0.77 ms", "ref"])
def test_many_short_runs_equal_a_long_one(period: str | None) -> None:
    def times(runs: int) -> np.ndarray:
        cells = located(5, LIF, I=[1.5, 2, 3, 4, 5], ref=[0.1, 0.2, 0.33, 0.5, 0.01], refractory=period)
        spikes = nb.Monitor(cells, "spikes")
        net = nb.Network(cells, spikes, dt=0.1)
        for _ in range(runs):
            net.run(30 / runs)
        return spikes.t

    assert times(1).tolist() == times(300).tolist() == times(2).tolist()


def test_a_parameter_may_change_between_runs() -> None:
    cells = located(1, RAMP, a=1, threshold="v > 0.95")
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    net.run(0.5)
    cells.a = 3
    net.run(0.5)
    assert spikes.t == pytest.approx([0.5 + 0.45 / 3, 0.5 + 1.4 / 3], rel=1e-12)


@pytest.mark.parametrize("coupled", ["(unless refractory)", ""])
def test_coupled_equations_with_a_matrix_for_each_neuron(coupled: str) -> None:
    equations = f"""
        dv/dt = (s + I - v)/(10*ms) : 1 {coupled}
        ds/dt = (x - s)/tau : 1
        dx/dt = -x/(3*ms) : 1
        tau : ms
        I : 1"""
    expected = []
    for tau in (2.0, 5.0):

        def rate(t: float, y: Any, tau: float = tau) -> Any:
            v, s, x = y
            return [(s + 0.9 - v) / 10, (x - s) / tau, -x / 3]

        expected.append(reference(rate, [0.0, 0.0, 4.0], 1, lambda v, s, x: [0, s, x + 2], 60))
    for method, precision in (("exact", 1e-9), ("rk4", 1e-5)):
        cells = located(
            2, equations, tau=[2.0, 5.0], I=0.9, reset="v = 0; x += 2", initial={"x": "4"}, method=method
        )
        spikes = spikes_of(cells, 60)
        for k in range(2):
            assert spikes.train(k) == pytest.approx(expected[k], rel=precision)
            assert len(expected[k]) > 1


# ---- off, and refused ----------------------------------------------------------------------------


def test_it_is_off_unless_asked_for_and_the_schedule_tells() -> None:
    def schedule(**texts: Any) -> list[str]:
        cells = nb.Neurons(1, LIF, threshold="v > 1", reset="v = 0", I=2, **texts)
        return [f"{s.phase}: {s.description}" for s in nb.Network(cells).schedule]

    plain = ["integrate: state update, exact", "threshold: threshold", "reset: reset"]
    assert schedule() == schedule(spike_times="grid") == plain
    assert schedule(spike_times="interpolated") == [
        plain[0],
        "threshold: threshold and reset, interpolated",
    ]
    cells = nb.Neurons(1, LIF, threshold="v > 1", reset="v = 0", I=2, spike_times="grid")
    assert spikes_of(cells, 20).t == pytest.approx([6.9, 13.9])


def test_models_and_model_files_carry_it(tmp_path: Any) -> None:
    model = nb.Model(RAMP, threshold="v > 1", reset="v = 0", spike_times="interpolated")
    assert model.spike_times == "interpolated"
    assert nb.Model.parse(str(model)) == model
    assert nb.Model.parse(str(model)).spike_times == "interpolated"
    assert (model + "du/dt = -u/ms : 1").spike_times == "interpolated"
    assert model.rename(v="x").spike_times == "interpolated"
    assert nb.Model(RAMP).spike_times == "grid"
    path = tmp_path / "ramp.toml"
    path.write_text(f'name = "ramp"\ntitle = "a ramp"\n{model}\n', encoding="utf-8")
    assert spikes_of(nb.Neurons(1, path, a=0.7), 2).t == pytest.approx([1 / 0.7])
    on_grid = nb.Neurons(1, model, a=0.7, spike_times="grid")
    assert spikes_of(on_grid, 2).t == pytest.approx([1.4])
    with pytest.raises(nb.ArgumentError, match="'grid' or 'interpolated'"):
        nb.Model(RAMP, threshold="v > 1", spike_times="exact")
    with pytest.raises(nb.ArgumentError, match="'grid' or 'interpolated'"):
        nb.Neurons(1, {"v": "1"}, threshold=lambda v: v > 1, spike_times="exact")


@pytest.mark.parametrize(
    "threshold", ["v > 1 and t > 1*ms", "not v < 1", "0 < v < 1", "v == 1", "rand() < v", "bool_v"]
)
def test_a_threshold_must_be_one_comparison(threshold: str) -> None:
    with pytest.raises(
        nb.ModelError, match="spikes cannot be located between steps: the threshold of"
    ) as caught:
        located(1, RAMP + "\nbool_v = v > 1 or v < 0 : boolean", a=1, threshold=threshold)
    assert "v > v_th" in str(caught.value)


def test_a_comparison_may_have_a_name() -> None:
    cells = located(1, RAMP + "\nup = v > 1 : boolean", a=0.7, threshold="up")
    assert spikes_of(cells, 2).t == pytest.approx([1 / 0.7])


@pytest.mark.parametrize(
    ("equations", "method", "why"),
    [
        ("dv/dt = -v/ms : 1", "rk45", "method 'rk45' does not take one step.*'exact'"),
        ("dv/dt = -v/ms : 1", "backward_euler", "method 'backward_euler'.*'rk4'"),
        ("dv/dt = -v/ms + xi/ms**0.5 : 1", None, "noise"),
        ("dv/dt = (rand() - v)/ms : 1", "euler", r"rand\(\)"),
    ],
)
def test_methods_that_cannot_go_a_part_of_a_step(equations: str, method: str | None, why: str) -> None:
    with pytest.raises(nb.MethodError, match="(?s)located between steps.*" + why):
        located(1, equations, method=method)


def test_functions_in_place_of_texts_cannot_be_looked_into() -> None:
    with pytest.raises(nb.ModelError, match="function"):
        located(1, RAMP, a=1, threshold=lambda v: v > 1)
    with pytest.raises(nb.MethodError, match="function"):
        located(1, RAMP, a=1, integrate=lambda v: None)
    with pytest.raises(nb.ModelError, match="no threshold"):
        nb.Neurons(1, RAMP, a=1, spike_times="interpolated")
    with pytest.raises(nb.ModelError, match="function"):
        nb.Neurons(1, {"v": "1"}, threshold=lambda v: v > 1, spike_times="interpolated")


def test_users_functions_are_integrated_through() -> None:
    drive: Callable[[Any], Any] = lambda v: 2.0 - v  # noqa: E731
    cells = located(1, "dv/dt = f(v)/(10*ms) : 1", f=drive, method="rk4")
    assert np.diff(spikes_of(cells, 30).t) == pytest.approx(10 * np.log(2), rel=1e-9)


def test_delays_and_not_refractory_work_with_it() -> None:
    cells = located(
        1,
        "dv/dt = int(not_refractory)/ms : 1",
        threshold="v > 0.437",
        refractory="0.333 ms",
        method="euler",
    )
    assert spikes_of(cells, 3).t == pytest.approx([0.437 + 0.77 * k for k in range(4)], rel=1e-9)


def test_spike_times_are_those_of_the_spikes_of_the_step() -> None:
    """They were those of the last step in which a neuron spiked."""
    cells = nb.Neurons(3, "dv/dt = (1.5 + 0.1*i - v)/(10*ms) : 1", threshold="v > 1", reset="v = 0",
                       spike_times="interpolated")  # fmt: skip
    sizes = []
    cells.at("end", lambda: sizes.append((cells.spikes.size, cells.spike_times.size)))
    nb.Network(cells).run(30)
    assert all(spikes == times for spikes, times in sizes)
    assert {spikes for spikes, _ in sizes} == {0, 1}
