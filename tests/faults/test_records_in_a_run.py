"""Monitors tell what they have recorded up to now, also to functions that run in the middle of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import PHASES


def ramps(**options: Any) -> nb.Neurons:
    """Two neurons: v[k] grows by 0.1*(1 + k) in each step, and spikes above 0.55."""
    return nb.Neurons(
        2,
        "dv/dt = (1 + i)/ms : 1\nhigh = v > 0.35 : boolean",
        threshold="v > 0.55",
        reset="v = 0",
        **options,
    )


def by_hand(steps: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    v, trace, spikes = np.zeros(2), [], []
    for step in range(steps):
        trace.append(v.copy())
        v = v + 0.1 * np.array([1, 2])
        spikes += [(step, k) for k in (0, 1) if v[k] > 0.55]
        v[v > 0.55] = 0
    return np.array(trace), spikes


def check(trace: nb.Monitor, slow: nb.Monitor, spikes: nb.Monitor, step: int, fired: int) -> None:
    """What has been recorded after the start of a step, and of spikes until another one."""
    values, found = by_hand(step + 1)
    found = [one for one in found if one[0] <= fired]
    np.testing.assert_allclose(trace.t, np.arange(step + 1) / 10)
    np.testing.assert_allclose(trace.v, values, atol=1e-12)
    np.testing.assert_array_equal(trace.high, values > 0.35)
    assert trace.high.dtype == bool
    np.testing.assert_allclose(slow.t, np.arange(0, step + 1, 3) / 10)
    np.testing.assert_allclose(slow.v, values[::3], atol=1e-12)
    assert list(zip(np.rint(spikes.t * 10).astype(int), spikes.i, strict=True)) == found
    assert len(spikes) == len(found) == spikes.count.sum()


@pytest.mark.parametrize("phase", PHASES[1:])
def test_records_in_stages_of_every_phase_and_two_runs(phase: str) -> None:
    cells = ramps()
    trace, slow, spikes = (
        nb.Monitor(cells, "v", "high"),
        nb.Monitor(cells, "v", every=0.3),
        nb.Monitor(cells, "spikes"),
    )
    net = nb.Network(cells, trace, slow, spikes)
    seen = []

    def look() -> None:  # monitors of spikes are the last in their phase
        step = net.clock.step
        check(trace, slow, spikes, step, step if phase in ("synapse", "reset", "end") else step - 1)
        seen.append(step)

    cells.at(phase, look)
    net.run(1.3)
    net.run(1)
    assert seen == list(range(23))
    check(trace, slow, spikes, 22, 22)


def test_records_in_progress_functions() -> None:
    cells = ramps()
    trace, slow, spikes = (
        nb.Monitor(cells, "v", "high"),
        nb.Monitor(cells, "v", every=0.3),
        nb.Monitor(cells, "spikes"),
    )
    net = nb.Network(cells, trace, slow, spikes)
    net.run(0.7)
    told = []

    def look(done: float) -> None:
        step = net.clock.step - 1
        check(trace, slow, spikes, step, step)
        told.append(done)

    net.run(30, progress=look)
    assert len(told) > 3


def test_spikes_between_steps() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 1/ms : 1", threshold="v > 0.26", reset="v = 0", spike_times="interpolated"
    )
    spikes, seen = nb.Monitor(cells, "spikes"), []
    cells.at("end", lambda: seen.append(spikes.t.tolist()))
    nb.Network(cells, spikes).run(1)
    np.testing.assert_allclose(spikes.t, [0.26, 0.52, 0.78], atol=1e-12)
    assert [len(times) for times in seen] == [0, 0, 1, 1, 1, 2, 2, 3, 3, 3] or [
        len(times) for times in seen
    ][-1] == 3


def test_a_stage_that_acts_on_what_was_recorded() -> None:
    """Inhibition from the number of spikes in the last millisecond, as closed loops do it."""
    cells = nb.Neurons(20, "dv/dt = (2 - x - v)/(5*ms) : 1\nx : 1 (shared)", threshold="v > 1", reset="v = 0", method="euler",
                       initial={"v": "0.05*i"})  # fmt: skip
    spikes = nb.Monitor(cells, "spikes")

    @cells.at("end")
    def inhibit(t: float, x: np.ndarray) -> None:
        x[:] = 0.02 * np.sum(spikes.t > t - 1 + 1e-9)

    nb.Network(cells, spikes).run(20)
    v, x, found = 0.05 * np.arange(20), 0.0, []
    for step in range(200):
        v = v + 0.1 * (2 - x - v) / 5
        fired = np.flatnonzero(v > 1)
        found += [(step, k) for k in fired]
        v[fired] = 0
        x = 0.02 * sum(step - k < 10 for k, _ in found)
    assert len(found) > 50
    assert list(zip(np.rint(spikes.t * 10).astype(int), spikes.i, strict=True)) == found
