"""Stages that are taken out of the schedule, or replaced: what they did is not done any more, and nothing else changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb


def nothing() -> None:
    """A stage in place of another one."""


def take_out(net: nb.Network, which: str, *, replace: bool) -> None:
    if replace:
        net.schedule.replace(which, nothing)
    else:
        net.schedule.remove(which)


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("delay", [0, 0.3])
def test_without_a_threshold_there_are_no_spikes(delay: float, replace: bool) -> None:
    """Whoever had fired in the step before went on to fire in every step, and was reset each time."""
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1\nn : 1", threshold="v > 0.95", reset="v = 0; n += 1", name="cells"
    )
    target = nb.Neurons(1, "x : 1\ny : 1")
    pre = nb.Synapses(cells, target, on_pre="x_post += 1", connect="all_to_all", delay=delay)
    post = nb.Synapses(target, cells, on_post="y_pre += 1", connect="all_to_all")
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, target, pre, post, spikes)
    net.run(1)
    assert cells.spikes.tolist() == [0, 1]
    take_out(net, "cells: threshold", replace=replace)
    net.run(1)
    np.testing.assert_allclose(cells.v, 1)
    assert cells.n.tolist() == [1, 1]
    assert (target.x[0], target.y[0], len(spikes)) == (2, 2, 2)
    assert cells.spikes.size == 0


@pytest.mark.parametrize("replace", [False, True])
def test_without_its_condition_there_is_no_event(replace: bool) -> None:
    cells = nb.Neurons(
        2, "dv/dt = 1/ms : 1\nn : 1", events={"high": "v > 0.95"}, on_event={"high": "n += 1"}, name="cells"
    )
    monitor = nb.Monitor(cells, "high")
    net = nb.Network(cells, monitor)
    net.run(1)
    take_out(net, "cells: event high", replace=replace)
    net.run(1)
    assert cells.n.tolist() == [1, 1]
    assert len(monitor) == 2


REFRACTORY: dict[str, Any] = {
    "fixed": "0.5 ms", "each": "r", "function": lambda spikes, r: r[spikes], "while": "w > 0.5",
}  # fmt: skip


@pytest.mark.parametrize("name", REFRACTORY)
@pytest.mark.parametrize("how", ["replace", "remove"])
def test_refractory_periods_end_without_the_state_update(name: str, how: str) -> None:
    """A function in place of the update: each neuron spiked once, and never again."""
    cells = nb.Neurons(2, "dv/dt = 1/ms : 1\nw : 1\nr : ms", threshold="v > 0.25", reset="v = 0; w = 1", name="cells",
                       refractory=REFRACTORY[name], r=[0.5, 0.8])  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    v, w = cells.v, cells.w

    def update() -> None:
        v[:] += 0.1
        w[:] -= 0.1

    if how == "replace":
        net.schedule.replace("cells: state update", update)
    else:
        net.schedule.insert(update, after="cells: state update")
        net.schedule.remove("cells: state update")
    net.run(2)
    net.run(2)
    x, y, until, found = np.zeros(2), np.zeros(2), np.zeros(2), []
    period = np.array([5, 5] if name == "fixed" else [5, 8])
    is_free = np.array([True, True])
    for step in range(40):
        x, y = x + 0.1, y - 0.1
        is_free = is_free | ~(y > 0.5) if name == "while" else step >= until
        for k in np.flatnonzero(is_free & (x > 0.25)):
            found.append((step, k))
            until[k], is_free[k] = step + period[k], False
            x[k], y[k] = 0, 1
    assert len(found) > 8
    assert list(zip(np.rint(spikes.t / 0.1).astype(int), spikes.i, strict=True)) == found


def test_spikes_between_steps_need_the_update() -> None:
    clock = nb.Neurons(
        1, "next : ms", threshold="t >= next", reset="next += 0.437*ms", spike_times="interpolated"
    )
    spikes = nb.Monitor(clock, "spikes")
    nb.Network(clock, spikes).run(1)  # there are no equations, but there is a stage in their place
    np.testing.assert_allclose(spikes.t, [0, 0.437, 0.874], atol=1e-12)
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1", threshold="v > 0.95", reset="v = 0", spike_times="interpolated", name="cells"
    )
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    net.run(1)
    stage = net.schedule["cells: state update"]
    net.schedule.replace(stage, nothing)
    with pytest.raises(nb.NetworkError, match="the state update of 'cells' is not in the schedule"):
        net.run(1)


@pytest.mark.parametrize("what", ["reset", "state update"])
def test_others_go_on(what: str) -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1\nn : 1", threshold="v > 0.45", reset="v = 0; n += 1", name="cells"
    )
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes)
    net.run(1)
    net.schedule.remove(f"cells: {what}")
    net.run(1)
    above = [0.1 * (k + 1) > 0.45 for k in range(10)]  # v was 0 after the reset at 0.9 ms
    assert len(spikes) == 2 + (sum(above) if what == "reset" else 0)
    assert cells.n[0] == 2
