"""Networks over every kind of object that has a state, and their checkpoints of two times, as written once.

`python -m tests.golden.objects` writes those that are missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import numpybrain as nb
from numpybrain.kernel.monitor import EventMonitor, VariableMonitor
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.operations import Function
from numpybrain.kernel.refractory import Refractoriness
from numpybrain.kernel.synapses import Synapses
from tests.golden.networks import FIRST, SECOND
from tests.kernel.checkpoints import SOME, lif

CHECKPOINTS = Path(__file__).parent / "objects"


def inputs() -> nb.Network:
    """All inputs, with a group that they drive."""
    made = [
        nb.inputs.Poisson(10, "100 Hz", name="poisson"),
        nb.inputs.Regular(5, "150 Hz", phase="random", jitter="0.5 ms", name="regular"),
        nb.inputs.Gamma(5, "150 Hz", 3, name="gamma"),
        nb.inputs.MIP(10, "80 Hz", correlation=0.3, tau="3 ms", name="mip"),
        nb.inputs.CommonInput(10, "80 Hz", correlation=0.3, name="common"),
        nb.inputs.SpikeTimes([0, 1, 2], [0.5, 1.25, 13.1], 3, period="14 ms", spike_times="interpolated", name="times"),
    ]  # fmt: skip
    cells = lif(6, name="cells")
    pushes = [
        nb.Synapses(each, cells, on_pre="v_post += 0.02", connect=SOME, delay="0.7 ms", name=f"of_{each.name}")
        for each in made
    ]  # fmt: skip
    kick = cells.poisson("v", n=50, rate="20 Hz", weight=0.01, name="kick")
    return nb.Network(*made, cells, *pushes, kick, nb.Monitor(made[0], "spikes", name="spikes"))


def courses() -> nb.Network:
    """Parameters that follow noise, in a whole group and in parts of it."""
    cells = lif(6, model="dv/dt = (I + J - v)/(10*ms) : 1\nI : 1\nJ : 1", name="cells")
    cells.I = nb.current.ou(1, 0.5, tau="3 ms") * 2 + nb.current.sine(1, "40 Hz")
    cells[:3].J = nb.current.ou(0, 0.1, tau="3 ms", shared=True)
    net = nb.Network(cells)

    @net.at("end")
    def jitter(rng: np.random.Generator) -> None:
        cells.v[0] += 0.01 * rng.standard_normal()

    return net


def records() -> nb.Network:
    """Monitors of all kinds."""
    cells = lif(8, events={"half": "v > 0.5 and v < 0.55"}, name="cells")
    trail = nb.Synapses(cells, cells, "da/dt = -a/(9*ms) : 1", on_pre="a += 1", connect=SOME, name="trail")
    watching = [
        nb.Monitor(cells[2:5], "spikes", variables=["v", "I"], name="values"),
        nb.Monitor(cells, "half", of=[1, 4], start="2 ms", name="half"),
        nb.Monitor(cells, "v", "I", every="0.5 ms", dtype="float32", of=[5, 1], name="trace"),
        nb.Monitor(trail, "a", of="i < j", name="of_some"),
        nb.PopulationRate(cells[1:], bin="2 ms", name="rate"),
        nb.RunningStatistics(cells, "v", "I", histogram={"v": [0, 0.3, 1]}, of=[1, 5], name="statistics"),
    ]
    return nb.Network(cells, trail, *watching)


def delayed() -> nb.Network:
    """Sums with a delay, for each synapse and for all."""
    cells = nb.Neurons(
        5, "dx/dt = w + 0.2*kHz*(s + r) : 1\nw : kHz\ns : 1\nr : 1", w="0.1*i*kHz", name="cells"
    )
    one = nb.Synapses(cells, cells, "s_post = sin(x_pre - x_post) : 1 (summed)", connect=SOME, delay=0.7)
    each = nb.Synapses(
        cells, cells, "r_post = x_pre : 1 (summed)", connect=SOME, delay=lambda N: np.linspace(0, 3, N)
    )  # fmt: skip
    return nb.Network(cells, one, each)


def of_the_kernel() -> nb.Network:
    """Objects of the kernel."""
    cells = Neurons("cells", 6, {"v": np.linspace(0, 0.9, 6), "w": 0.0})
    v, w = cells["v"], cells["w"]
    state = list(cells.variables.slots.values())
    cells.refractoriness = Refractoriness(
        cells.free, lambda self, run: self.per_neuron(lambda who: 5 + who)
    )

    def integrate() -> None:
        v[cells.free] += 0.04

    cells.integrate(Function(integrate, reads=state, writes=state))
    cells.spike_where(Function(lambda: (v > 1).nonzero()[0], reads=state))
    cells.reset(Function(lambda who: v.__setitem__(who, 0.0), writes=state))
    cells.add_event("half", Function(lambda: (abs(v - 0.5) < 0.1).nonzero()[0], reads=state))
    synapses = Synapses("synapses", cells, cells, np.arange(6), np.arange(6)[::-1], {"g": np.arange(6) / 9})
    g = synapses["g"]
    act = Function(lambda pre, post, which: np.add.at(w, post, g[which]), writes=state)
    synapses.add_pathway(act, 3)
    synapses.add_pathway(act, np.arange(6), side="post", event="half")
    watching = [EventMonitor("spikes", cells), VariableMonitor("trace", cells, "v", "w", every=7)]
    return nb.Network(cells, synapses, *watching)


NETWORKS: dict[str, Callable[[], nb.Network]] = {
    build.__name__: build for build in (inputs, courses, records, delayed, of_the_kernel)
}


def write(name: str) -> None:
    """Write the checkpoints of a network at two times."""
    nb.seed(54321)
    net = NETWORKS[name]()
    for length, when in ((FIRST, "first"), (SECOND, "later")):
        net.run(length)
        net.save(CHECKPOINTS / f"{name} {when}.npz")


def contents(snapshot: Any) -> dict[str, Any]:
    """All of a snapshot but the versions."""
    parts = {
        f"{k} {re.sub('_[0-9]+', '', part.name)}": [
            {key: value for key, value in part.fingerprint.items() if key != "name"},
            dict(sorted(part.values.items())),
        ]
        for k, part in enumerate(snapshot._parts)
    }
    return {**parts, "own": dict(snapshot.own), "time": [snapshot.step, snapshot.dt, snapshot.left]}


if __name__ == "__main__":
    CHECKPOINTS.mkdir(exist_ok=True)
    for name in NETWORKS:
        if not (CHECKPOINTS / f"{name} first.npz").exists():
            write(name)
