"""Objects of strangers that keep the contracts run beside those of the package, which needs no change for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel.contracts import Coordinator, Operation, SimulationObject, SpikeSource
from numpybrain.kernel.events import NO_INDICES, EventBuffer
from numpybrain.kernel.operations import Access, Task
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.contracts import Stage

STEPS, NEURONS = np.array([3, 3, 10, 11]), np.array([4, 0, 2, 2])


class Replay(SimulationObject):
    """Spike source that replays a recording."""

    def __init__(self, name: str, size: int, steps: np.ndarray, neurons: np.ndarray) -> None:
        self.name, self.size = name, size
        self.events = {"spikes": EventBuffer()}
        self._due = {int(k): np.unique(neurons[steps == k]) for k in np.unique(steps)}
        self.stages = [Stage("threshold", name, "replay", Task(self._prepare), "kernel")]

    def _prepare(self, run: RunContext) -> Callable[[], None]:
        clock, spikes, due = run.clock, self.events["spikes"], self._due

        def act() -> None:
            spikes.indices = due.get(clock.step, NO_INDICES)

        return act


class Histogram(SimulationObject):
    """Monitor that keeps a running histogram of a variable."""

    is_record = True

    def __init__(self, group: nb.Neurons, variable: str, edges: np.ndarray) -> None:
        self.name, self._group = f"histogram of {variable}", group
        self.counts, self.edges = np.zeros(len(edges) - 1, dtype=int), edges
        self._variable = group.inspect.state.slots[variable]
        self.stages = [Stage("end", self.name, "count", Task(self._prepare, self._parts), "kernel")]

    def _parts(self) -> list[Operation]:
        return [Access(reads=[self._variable])]

    def requires(self) -> dict[str, Any]:
        return {f"which '{self.name}' counts": self._group}

    def _prepare(self, run: RunContext) -> Callable[[], None]:
        values = self._variable.array(self._group.size)

        def act() -> None:
            self.counts += np.histogram(values, self.edges)[0]

        return act

    def get_state(self) -> dict[str, np.ndarray]:
        return {"counts": self.counts}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.counts[:] = state["counts"]


class Astrocyte(SimulationObject):
    """Listens to all spikes of a group and lowers a parameter of it, which recovers."""

    def __init__(self, group: nb.Neurons, variable: str) -> None:
        self.name, self._group, self.calcium = "astrocyte", group, 0.0
        self._variable = group.inspect.state.slots[variable]
        self.stages = [Stage("end", self.name, "listen", Task(self._prepare, self._parts), "kernel")]

    def _parts(self) -> list[Operation]:
        return [Access(writes=[self._variable])]

    def _prepare(self, run: RunContext) -> Callable[[], None]:
        spikes, gain = self._group.events["spikes"], self._variable.array(self._group.size)

        def act() -> None:
            self.calcium = 0.9 * self.calcium + spikes.indices.size
            gain[:] = 1 / (1 + self.calcium)

        return act

    def get_state(self) -> dict[str, float]:
        return {"calcium": self.calcium}

    def set_state(self, state: Mapping[str, Any]) -> None:
        self.calcium = state["calcium"]


def replay() -> tuple[nb.Network, nb.Neurons, list[Any]]:
    tape = Replay("tape", 5, STEPS, NEURONS)
    cells = nb.Neurons(3, "v : 1", name="cells")
    synapses = nb.Synapses(
        tape, cells, "w = 2 : 1", on_pre="v_post += w*(1 + i_pre)", connect="i == j or i == 4 and j == 0", delay="0.2 ms",
        name="synapses",
    )  # fmt: skip
    trace, spikes = nb.Monitor(cells, "v", name="trace"), nb.Monitor(tape, "spikes", name="spikes")
    return nb.Network(tape, cells, synapses, trace, spikes), cells, [trace, spikes]


def test_a_spike_source() -> None:
    net, cells, (trace, spikes) = replay()
    net.run(2)
    v, expected = np.zeros(3), []
    for step in range(20):
        expected.append(v.copy())
        for k in NEURONS[STEPS + 2 == step]:
            for target in [*[k] * int(k < 3), *[0] * int(k == 4)]:
                v[target] += 2 * (1 + k)
    assert trace.v.tolist() == np.array(expected).tolist()
    assert list(zip(np.rint(spikes.t / 0.1).astype(int), spikes.i, strict=True)) == [
        (3, 0),
        (3, 4),
        (10, 2),
        (11, 2),
    ]
    assert "0  " in str(net.schedule)
    assert "replay" in str(net.schedule)
    assert isinstance(Replay("other", 1, STEPS, NEURONS), SpikeSource)


def test_a_spike_source_in_a_snapshot() -> None:
    net, cells, _ = replay()
    net.run(0.4)
    snapshot = net.snapshot()
    net.run(1.6)
    expected = cells.v.tolist()
    net.restore(snapshot)
    net.run(1.6)
    assert cells.v.tolist() == expected
    again, others, _ = replay()
    again.restore(snapshot)
    again.run(1.6)
    assert others.v.tolist() == expected


def driven() -> tuple[nb.Network, nb.Neurons, Histogram, Astrocyte]:
    cells = nb.Neurons(
        20, "dv/dt = (1.5*gain - v)/(5*ms) : 1\ngain = 1 : 1", threshold="v > 1", reset="v = 0", name="cells",
        initial={"v": "i/N"},
    )  # fmt: skip
    histogram, astrocyte = Histogram(cells, "v", np.linspace(0, 1, 6)), Astrocyte(cells, "gain")
    return nb.Network(cells, histogram, astrocyte, dt=0.1), cells, histogram, astrocyte


def test_a_monitor_and_an_object_that_changes_a_variable(tmp_path: Any) -> None:
    net, cells, histogram, astrocyte = driven()
    net.run(10)
    v, gain, calcium, counts = np.arange(20) / 20, np.ones(20), 0.0, np.zeros(5, dtype=int)
    for _ in range(100):
        v = 1.5 * gain + (v - 1.5 * gain) * np.exp(-0.1 / 5)
        spikes = v > 1
        v[spikes] = 0
        counts += np.histogram(v, np.linspace(0, 1, 6))[0]
        calcium = 0.9 * calcium + spikes.sum()
        gain[:] = 1 / (1 + calcium)
    np.testing.assert_allclose(cells.v, v, rtol=1e-9)
    assert astrocyte.calcium == pytest.approx(calcium)
    assert histogram.counts.tolist() == counts.tolist()
    net.save(tmp_path / "saved")
    net.run(5)
    again, others, other, listener = driven()
    again.load(tmp_path / "saved")
    again.run(5)
    assert others.v.tolist() == cells.v.tolist()
    assert (other.counts.tolist(), listener.calcium) == (histogram.counts.tolist(), astrocyte.calcium)


def test_what_is_required_must_be_there() -> None:
    net, cells, histogram, _ = driven()
    with pytest.raises(
        nb.NetworkError, match="'cells', which 'histogram of v' counts, is not in the network"
    ):
        nb.Network(Histogram(cells, "v", np.linspace(0, 1, 3)))
    with pytest.raises(nb.NetworkError, match="'histogram of v' belongs to another network already"):
        nb.Network(histogram, cells)
    assert histogram in net


def test_states_that_no_snapshot_can_keep() -> None:
    class Odd(SimulationObject):
        name, stages = "odd", ()

        def get_state(self) -> dict[str, Any]:
            return {"what": object()}

    net = nb.Network(Odd())
    with pytest.raises(nb.CheckpointError, match="'what' of 'odd' is a object, which no snapshot can keep"):
        net.snapshot()


def test_other_objects_are_refused() -> None:
    with pytest.raises(nb.ArgumentError, match="a network holds neurons, synapses and monitors"):
        nb.Network(object())
    with pytest.raises(nb.ArgumentError, match="the source of synapses is a group of neurons"):
        nb.Synapses(object(), nb.Neurons(1, "v : 1"))  # type: ignore[arg-type]
    assert isinstance(nb.Neurons(1, "v : 1"), SpikeSource)
    assert Coordinator.__doc__
