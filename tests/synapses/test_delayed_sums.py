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
