"""A monitor of one's own: a histogram of a variable that is kept while the network runs.

It declares what it reads, so that the network knows what must be up to date; its state is part of
snapshots. Nothing of the package needs to know the class.

    python own_monitor.py
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import numpybrain as nb
from numpybrain.kernel.contracts import Operation, RunContext, SimulationObject, Stage
from numpybrain.kernel.operations import Access, Task


class Histogram(SimulationObject):
    """How often the values of a variable were in each bin, over all neurons and steps."""

    is_record = True

    def __init__(self, cells: nb.Neurons, variable: str, edges: np.ndarray) -> None:
        self.name, self.cells, self.edges = f"histogram of {variable}", cells, edges
        self.counts = np.zeros(len(edges) - 1, dtype=int)
        self.variable = cells.inspect.state.slots[variable]
        self.stages = [Stage("end", self.name, "count", Task(self.prepare, self.parts), "kernel")]

    def parts(self) -> list[Operation]:
        """Say what is read."""
        return [Access(reads=[self.variable])]

    def prepare(self, run: RunContext) -> Callable[[], None]:
        """Give what is called in each step."""
        values = self.variable.array(self.cells.size)

        def act() -> None:
            self.counts += np.histogram(values, self.edges)[0]

        return act

    def get_state(self) -> dict[str, np.ndarray]:
        """Give what a snapshot keeps."""
        return {"counts": self.counts}

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Go back to a snapshot."""
        self.counts[:] = state["counts"]


nb.seed(1)
cells = nb.Neurons(200, "dv/dt = -v/tau + sqrt(2/tau)*xi : 1\ntau = 10*ms : ms")
histogram = Histogram(cells, "v", np.linspace(-4, 4, 17))
nb.Network(cells, histogram).run("200 ms")
for low, count in zip(histogram.edges, histogram.counts / histogram.counts.max(), strict=False):
    print(f"{low:5.1f}  {'#' * round(40 * count)}")
