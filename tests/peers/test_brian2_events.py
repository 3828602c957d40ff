"""The same events as Brian2's `EventMonitor` finds, and the same states after `run_on_event`."""

from __future__ import annotations


import numpy as np
import pytest

import numpybrain as nb

from . import brian2

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

DT = 0.1  # ms
N = 40
EQUATIONS = """
dv/dt = (drive - v + 0.2*sin(2*pi*(t/(7*ms)) + i))/(8*ms) : 1 (unless refractory)
dw/dt = -w/(15*ms) : 1
drive : 1
n : 1
"""
TEXTS = {"threshold": "v > 1", "reset": "v = 0; w += 0.3", "refractory": "3*ms"}
# (name, condition, statements); in the order of the names, in which Brian2 carries them out
EVENTS = {
    "while refractory or not": [("high", "v > 0.7", "n += 1")],
    "at spikes": [("fired", "v > 1 and lastspike == t", "w += v; n += w")],
    "statements see the reset": [
        ("a", "v > 0.9", "w += 10*v + 1"),
        ("b", "w > 0.5", "w = 0.1; v += 0.01; n += 1"),
    ],
    "refractory ones": [("held", "not not_refractory", "v = 0.1*w; n = w + v")],
    "no statements": [("deep", "w < 0.05 and v < 0.5", "")],
}


def start() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(4)
    return {"v": rng.random(N), "w": 0.2 * rng.random(N), "drive": rng.uniform(0.7, 1.6, N)}


def with_brian2(events: list[tuple[str, str, str]]) -> tuple[dict[str, set], dict[str, np.ndarray]]:
    b2.start_scope()
    b2.prefs.codegen.target = "numpy"
    b2.defaultclock.dt = DT * b2.ms
    texts = {**TEXTS, "refractory": 3 * b2.ms}
    conditions = {name: condition for name, condition, _ in events}
    group = b2.NeuronGroup(N, EQUATIONS, method="euler", events=conditions, **texts)
    group.set_states(start(), units=False)
    for name, _, statements in events:
        if statements:
            group.run_on_event(name, statements)
    monitors = {name: b2.EventMonitor(group, name) for name in conditions}
    monitors["spikes"] = b2.SpikeMonitor(group)
    b2.Network(group, *monitors.values()).run(80 * b2.ms)
    found = {
        name: set(zip(np.rint(m.t_[:] / (DT * 1e-3)).astype(int).tolist(), m.i[:].tolist(), strict=True))
        for name, m in monitors.items()
    }
    return found, {x: np.array(getattr(group, x + "_")[:]) for x in ("v", "w", "n")}


@pytest.mark.parametrize("which", EVENTS)
def test_the_same_events_and_states(which: str) -> None:
    events = EVENTS[which]
    cells = nb.Neurons(
        N, EQUATIONS, method="euler", initial=start(), **TEXTS,
        events={name: condition for name, condition, _ in events},
        on_event={name: statements for name, _, statements in events if statements},
    )  # fmt: skip
    monitors = {name: nb.Monitor(cells, name) for name in ("spikes", *(name for name, _, _ in events))}
    nb.Network(cells, *monitors.values(), dt=DT).run(80)
    expected, states = with_brian2(events)
    for name, monitor in monitors.items():
        steps = np.rint(monitor.t / DT).astype(int).tolist()
        assert len(monitor) > 20
        assert set(zip(steps, monitor.i.tolist(), strict=True)) == expected[name]
        assert len(monitor) == len(expected[name])
    for name, values in states.items():
        np.testing.assert_allclose(getattr(cells, name), values, rtol=1e-9, atol=1e-12)
