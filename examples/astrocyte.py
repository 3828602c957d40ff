"""No neuron, synapse or monitor: an astrocyte listens to spikes and lowers the gain of cells.

It reads the spikes of a group in each step and writes one of its parameters; what it writes is declared, so
that nothing is hoisted out of the step that depends on it.

    python astrocyte.py
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpybrain as nb
from numpybrain.kernel.contracts import Operation, RunContext, SimulationObject, Stage
from numpybrain.kernel.operations import Access, Task


class Astrocyte(SimulationObject):
    """Calcium rises with each spike of a group and decays; the more, the lower is `gain` of the group."""

    def __init__(self, cells: nb.Neurons, decay: float = 0.995) -> None:
        self.name, self.cells, self.calcium, self.decay = "astrocyte", cells, 0.0, decay
        self.gain = cells.inspect.state.slots["gain"]
        self.stages = [Stage("end", self.name, "listen", Task(self.prepare, self.parts), "kernel")]

    def parts(self) -> list[Operation]:
        """Say what is written."""
        return [Access(writes=[self.gain])]

    def prepare(self, run: RunContext) -> Callable[[], None]:
        """Give what is called in each step."""
        spikes, gain = self.cells.events["spikes"], self.gain.array(self.cells.size)

        def act() -> None:
            self.calcium = self.decay * self.calcium + spikes.indices.size / self.cells.size
            gain[:] = 1 / (1 + self.calcium)

        return act

    def get_state(self) -> dict[str, float]:
        """Give what a snapshot keeps."""
        return {"calcium": self.calcium}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a snapshot."""
        self.calcium = state["calcium"]


cells = nb.Neurons(
    50, "dv/dt = (gain*I - v)/(10*ms) : 1\ngain = 1 : 1\nI : 1", threshold="v > 1", reset="v = 0"
)
cells.I = "2 + i/N"
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, Astrocyte(cells), spikes)
for k in range(4):
    net.run("50 ms")
    n = spikes.between(50 * k, 50 * k + 50).t.size
    print(f"{50 * k:3} to {50 * k + 50:3} ms: {n:3} spikes, gain {cells.gain[0]:.3f}")
