"""A refractory period that the reset changes is the one that follows this spike, as in Brian2."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb


def spikes(steps: int, *, change: float = 5, text: str = "ref", **options: object) -> list[float]:
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1 (unless refractory)\nref = 5*ms : ms", threshold="v >= 0.95", refractory=text,
        reset=f"v = 0; ref += {change}*ms", **options,
    )  # fmt: skip
    monitor = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, monitor)
    net.run(steps * 0.1)
    return monitor.t[monitor.i == 1].tolist()


def by_hand(steps: int, change: float) -> list[float]:
    """Brian2's rule, step for step: refractory until timestep(t - lastspike) >= timestep(ref), read anew."""
    v, ref, last, found = 0.0, 5.0, -1e9, []
    for k in range(steps):
        t = 0.1 * k
        free = int((t - last + 1e-4) / 0.1) >= int((ref + 1e-4) / 0.1)
        v += 0.1 if free else 0.0
        if v >= 0.95 and free:
            found.append(t)
            last = t
            v, ref = 0.0, ref + change
    return found


@pytest.mark.parametrize("change", [5, -2, 0.3, -9])
def test_the_period_is_that_after_the_reset(change: float) -> None:
    np.testing.assert_allclose(spikes(500, change=change), by_hand(500, change), atol=1e-9)


def test_as_a_function() -> None:
    found = spikes(300, text=lambda spikes, ref: ref[spikes])  # type: ignore[arg-type]
    np.testing.assert_allclose(found, by_hand(300, 5), atol=1e-9)


def test_between_steps() -> None:
    """The first at 0.95 ms, then after refractory periods of 10, 15, 20 ms and 0.95 ms on the way up."""
    found = spikes(600, spike_times="interpolated")
    np.testing.assert_allclose(found, [0.95, 11.9, 27.85, 48.8], atol=1e-9)


def test_without_a_reset_it_is_that_at_the_spike() -> None:
    cells = nb.Neurons(1, "dv/dt = 1/ms : 1\nref = 5*ms : ms", threshold="v >= 1", refractory="ref")
    monitor = nb.Monitor(cells, "spikes")
    nb.Network(cells, monitor).run(20)
    np.testing.assert_allclose(np.diff(monitor.t), 5, atol=1e-9)


def test_runs_in_parts_and_checkpoints_go_on() -> None:
    def make() -> tuple[nb.Network, nb.Monitor]:
        cells = nb.Neurons(
            2, "dv/dt = 1/ms : 1 (unless refractory)\nref = 5*ms : ms", threshold="v >= 0.95", refractory="ref",
            reset="v = 0; ref += 5*ms", name="cells",
        )  # fmt: skip
        monitor = nb.Monitor(cells, "spikes", name="monitor")
        return nb.Network(cells, monitor), monitor

    net, monitor = make()
    for _ in range(500):
        net.run(0.1)
    np.testing.assert_allclose(monitor.t[monitor.i == 1], by_hand(500, 5), atol=1e-9)
    net, monitor = make()
    for _ in range(10):  # cut behind the spike at 0.9 ms
        net.run(0.1)
    state = net.snapshot()
    net.run(49)
    there = monitor.t.tolist()
    other, monitor = make()
    other.restore(state)
    other.run(49)
    assert monitor.t.tolist() == there
