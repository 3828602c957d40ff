"""A spike source of one's own: it replays a recording, again and again.

Whoever keeps the contract `SpikeSource` (a name, a size, events) can be the source of synapses, and whoever
keeps `SimulationObject` runs in a network. Nothing of the package needs to know the class.

    python own_source.py
"""

from collections.abc import Callable

import numpy as np

import numpybrain as nb
from numpybrain.kernel.contracts import RunContext, SimulationObject, Stage
from numpybrain.kernel.events import NO_INDICES, EventBuffer
from numpybrain.kernel.operations import Task


class Replay(SimulationObject):
    """Spikes of a recording, from its beginning again after `period` steps."""

    def __init__(self, steps: np.ndarray, neurons: np.ndarray, size: int, period: int) -> None:
        self.name, self.size, self.period = "replay", size, period
        self.events = {"spikes": EventBuffer()}
        self.due = {int(k): np.unique(neurons[steps == k]) for k in np.unique(steps)}
        self.stages = [Stage("threshold", self.name, "replay", Task(self.prepare), "kernel")]

    def prepare(self, run: RunContext) -> Callable[[], None]:
        """Give what is called in each step: it says who spikes."""
        clock, spikes = run.clock, self.events["spikes"]

        def act() -> None:
            spikes.indices = self.due.get(clock.step % self.period, NO_INDICES)

        return act


nb.seed(1)
rng = np.random.default_rng(2)
recording = Replay(rng.integers(0, 1000, 400), rng.integers(0, 50, 400), size=50, period=1000)
cells = nb.Neurons(10, "dv/dt = -v/(10*ms) : mV", threshold="v > 15*mV", reset="v = 0*mV")
synapses = nb.Synapses(
    recording, cells, "w : mV", on_pre="v += w", connect=nb.connect.probability(0.5), w=2, delay="1.5 ms"
)
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(recording, cells, synapses, spikes)
net.run("100 ms")
first = np.bincount(spikes.i, minlength=10)
net.run("100 ms")
print(f"spikes in the first 100 ms:  {first.tolist()}")
print(f"spikes in the second 100 ms: {(spikes.count - first).tolist()}")
