"""Sums over synapses with a delay, against loops over lists of past values."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

DT = 0.1
ROTATION = "dx/dt = w + K*s : 1\nw : kHz\nK = 0.2*kHz : kHz\ns : 1"
FORMULAS = {
    "g*x_pre": lambda g, x, y: g * x,
    "g*(x_pre - x_post)": lambda g, x, y: g * (x - y),
    "g*sin(x_pre - x_post)": lambda g, x, y: g * np.sin(x - y),
    "g*exp(-abs(x_pre - x_post))": lambda g, x, y: g * np.exp(-abs(x - y)),
}


def make(formula, delay, n=5, part=None, **options):
    cells = nb.Neurons(
        n, ROTATION, method="euler", initial={"x": np.linspace(0, 1, n)}, w=np.arange(n) / 10
    )
    source = cells if part is None else cells[part]
    text = f"g : 1\ns_post = {formula} : 1 (summed)"
    synapses = nb.Synapses(source, cells, text, connect="i != j", delay=delay, **options)
    synapses.g = np.sin(np.arange(synapses.size))
    return cells, synapses, nb.Network(cells, synapses, dt=DT)


def loop(cells, synapses, formula, delays, steps, offset=0):
    """Slow reference: Euler steps, with all past values in a list; delays in steps."""
    x, past, f = cells.x.copy(), [], FORMULAS[formula]
    for k in range(steps):
        past.append(x.copy())
        s = np.zeros(len(x))
        for i, j, g, d in zip(synapses.i, synapses.j, synapses.g, delays, strict=True):
            s[j] += f(g, past[max(k - d, 0)][i + offset], x[j])
        x = x + DT * (cells.w + 0.2 * s)
    return x


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("part", [None, slice(1, 4)])
def test_one_delay_and_many(formula, part) -> None:
    offset = 0 if part is None else part.start
    for delay in ("0.7 ms", "many"):
        own = np.random.default_rng(2).uniform(0, 3, 64)
        given = delay if delay != "many" else lambda N, own=own: own[:N]
        cells, synapses, net = make(formula, given, part=part)
        steps = np.full(synapses.size, 7) if delay != "many" else np.rint(synapses.delay / DT).astype(int)
        expected = loop(cells, synapses, formula, steps, 60, offset)
        net.run(2.5)
        net.run(3.5)
        assert np.allclose(cells.x, expected, rtol=1e-12, atol=1e-13)


def test_delayed_oscillators_lock_where_theory_says() -> None:
    """Two Kuramoto oscillators in phase: Omega = w - K sin(Omega d)."""
    cells = nb.Neurons(2, "dx/dt = 1*kHz + 0.5*kHz*s : 1\ns : 1", method="rk4")
    text = "s_post = sin(x_pre - x_post) : 1 (summed)"
    synapses = nb.Synapses(cells, cells, text, connect="i != j", delay="0.5 ms")
    net = nb.Network(cells, synapses, dt=0.01)
    net.run(40)
    before = cells.x.copy()
    net.run(10)
    speed = (cells.x - before) / 10
    assert np.allclose(speed, 1 - 0.5 * np.sin(speed * 0.5), atol=5e-3)
    assert speed[0] < 0.9
    assert "before the delay" in synapses.explain()


def test_snapshots_hold_the_past_bit_for_bit() -> None:
    for delay in ("1.2 ms", lambda N: np.linspace(0, 2, N)):
        cells, synapses, net = make("g*sin(x_pre - x_post)", delay)
        net.run(2)
        saved = net.snapshot()
        net.run(3)
        expected = cells.x.copy()
        net.restore(saved)
        net.run(3)
        assert (cells.x == expected).all()
        other, _, again = make("g*sin(x_pre - x_post)", delay)
        again.restore(saved)
        again.run(3)
        assert (other.x == expected).all()
        assert synapses.size == 20


def test_what_is_assigned_is_seen_later_and_delays_change() -> None:
    cells = nb.Neurons(1, "x : 1\ns : 1", initial={"x": 1.0})
    synapses = nb.Synapses(cells, cells, "s_post = x_pre : 1 (summed)", connect=([0], [0]), delay="0.5 ms")
    trace = nb.Monitor(cells, "s", phase="end")
    net = nb.Network(cells, synapses, trace, dt=DT)
    net.run(1)
    cells.x = 2.0
    net.run(1)
    assert (trace.s[:, 0] == [1] * 15 + [2] * 5).all()
    cells.x = 3.0
    net.run(0.1)  # step 20
    synapses.delay = 1.5  # longer than what was kept: the oldest value, that of step 15, holds
    net.run(2)
    assert (trace.s[20:, 0] == [2] * 15 + [3] * 6).all()
    synapses.delay = 0
    cells.x = 4.0
    net.run(0.1)
    assert trace.s[-1, 0] == 4


def test_refused() -> None:
    cells = nb.Neurons(2, "x = sin(t/ms) : 1 (shared, constant over dt)\ns : 1")
    text = "s_post = x_pre : 1 (summed)"
    with pytest.raises(nb.NumpyBrainError, match="shared"):
        nb.Network(cells, nb.Synapses(cells, cells, text, connect="i != j", delay="1 ms")).run(1)
    with pytest.raises(nb.TimeStepError):
        make("g*x_pre", "0.25 ms")[2].run(1)


def test_sums_into_the_source_read_targets_of_then() -> None:
    for delay in ("0.7 ms", "many"):
        given = delay if delay != "many" else lambda N: np.linspace(0, 2.13, N)
        left = nb.Neurons(3, ROTATION, method="euler", initial={"x": "i"}, w=0.1)
        right = nb.Neurons(4, "dy/dt = (1 + i)*kHz/10 : 1", method="euler", initial={"y": "i"})
        synapses = nb.Synapses(left, right[1:], "g : 1\ns_pre = g*sin(y_post - x_pre) : 1 (summed)",
                               connect="all_to_all", delay=given)  # fmt: skip
        synapses.g = np.sin(np.arange(9))
        nb.Network(left, right, synapses, dt=DT).run(4)
        x, y, past = np.arange(3.0), np.arange(4.0), []
        steps = np.full(9, 7) if delay != "many" else np.rint(np.linspace(0, 2.13, 9) / DT).astype(int)
        for k in range(40):
            past.append(y)
            s = np.zeros(3)
            for i, j, g, d in zip(synapses.i, synapses.j, synapses.g, steps, strict=True):
                s[i] += g * np.sin(past[max(k - d, 0)][1 + j] - x[i])
            x, y = x + DT * (0.1 + 0.2 * s), y + DT * (1 + np.arange(4)) / 10
        assert np.allclose(left.x, x, rtol=1e-12)
        assert "target neurons as they were before" in synapses.explain()


def both(delay):
    """Spikes, an equation, and two sums of one connection."""
    cells = nb.Neurons(3, "dx/dt = 0.3*kHz*(1 + i) : 1\ns : 1\nr : 1\nq : 1", method="euler", name="cells",
                       threshold="x > 1", reset="x = 0")  # fmt: skip
    synapses = nb.Synapses(cells, cells, """
        dw/dt = x_pre/ms : 1 (clock-driven)
        s_post = x_pre : 1 (summed)
        r_pre = x_post + w : 1 (summed)
        """, on_pre="q_post += 1", connect="i != j", delay=delay, method="euler", name="synapses")  # fmt: skip
    record = nb.Monitor(cells, ["s", "r", "q"], phase="end", name="record")
    return cells, synapses, record, nb.Network(cells, synapses, record, dt=DT)


def test_sums_beside_spikes_and_equations_have_the_delay_of_their_name() -> None:
    cells, synapses, record, net = both({"on_pre": "0.4 ms", "s_post": "1.1 ms", "r_pre": "0.2 ms"})
    net.run(6)
    x, w, q, past, fired = np.zeros(3), np.zeros((3, 3)), np.zeros(3), [], []
    others = 1 - np.eye(3)
    for k in range(60):
        past.append(x)
        s = others.T @ past[max(k - 11, 0)]
        r = others @ past[max(k - 2, 0)] + (w * others).sum(axis=1)
        x = x + DT * 0.3 * (1 + np.arange(3))
        w = w + DT * x[:, None]  # synapses come after neurons
        fired.append(x > 1)
        q = q + others.T @ (fired[k - 4] if k >= 4 else np.zeros(3))
        x = np.where(x > 1, 0, x)
        assert np.allclose(record.s[k], s, rtol=1e-12)
        assert np.allclose(record.r[k], r, rtol=1e-12)
        assert np.array_equal(record.q[k], q)
    assert q.sum() > 4
    assert (synapses.delay_s_post == 1.1).all()


def test_one_delay_of_spikes_leaves_sums_alone() -> None:
    *_, record, net = both("0.4 ms")
    net.run(1)
    assert np.allclose(record.s[:, 0], 0.3 * DT * (2 + 3) * np.arange(10))


def test_snapshots_hold_the_past_of_each_sum() -> None:
    delay = {"on_pre": "0.4 ms", "s_post": lambda N: np.linspace(0, 2, N), "r_pre": "0.2 ms"}
    *_, whole, net = both(delay)
    net.run(5)
    *_, first = both(delay)
    first.run(2.3)
    saved = first.snapshot()
    *_, rest, again = both(delay)
    again.restore(saved)
    again.run(2.7)
    assert np.array_equal(rest.s, whole.s)
    assert np.array_equal(rest.r, whole.r)


def test_a_name_that_is_no_sum_is_refused() -> None:
    with pytest.raises(
        nb.ArgumentError, match="no pathway or sum 'x_post'.*|there are on_pre, s_post, r_pre"
    ):
        both({"x_post": "1 ms"})
    cells = nb.Neurons(2, "x : 1\ns : 1")
    text = "dw/dt = x_pre/ms : 1 (clock-driven)\ns_post = x_pre : 1 (summed)"
    with pytest.raises(
        nb.ArgumentError, match=r"(?s)equations read of the neurons is not delayed.*'s_post'"
    ):
        nb.Synapses(cells, cells, text, connect="i != j", delay="1 ms")
