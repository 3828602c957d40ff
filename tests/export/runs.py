"""A small run with everything that exports meet: parts, chosen neurons, shared variables, units, silent neurons."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

import numpybrain as nb

MODEL = """
dv/dt = (I - v)/tau : mV
I : nA*Mohm
tau = 10*ms : ms
g = 3*nS : nS
above = v > 5*mV : boolean
k = t/ms : 1 (shared)
"""


class Run(NamedTuple):
    spikes: Any
    some: Any
    trace: Any
    both: Any
    synapses: Any


def run() -> Run:
    """Ten neurons, of which 0 and 5 are silent, for 200 ms."""
    nb.seed(7)
    cells = nb.Neurons(10, MODEL, threshold="v > 10*mV", reset="v = 0*mV", name="cells")
    cells.I = [0, 12, 13, 14, 15, 0, 17, 18, 19, 20]
    spikes = nb.Monitor(cells, "spikes", name="spikes")
    some = nb.Monitor(cells[2:8], "spikes", of=[4, 1, 3], name="some")  # 6, 3 and 5 of cells
    trace = nb.Monitor(cells, "v", every="0.5 ms", name="trace")
    both = nb.Monitor(cells, "v, g, above, k", every="1 ms", of=[2, 4, 9], name="both")
    synapses = nb.Synapses(cells, cells, "w : nS", on_pre="", connect="i != j", w="(i + 0.1*j)*nS")
    weights = nb.Monitor(synapses, "w", every="10 ms", of=[3, 5], name="weights")
    nb.Network(cells, synapses, spikes, some, trace, both, weights).run("200 ms")
    return Run(spikes, some, trace, both, weights)


def library(name: str) -> Any:
    """A package, or the test is skipped."""
    return pytest.importorskip(name, reason=f"{name} is not installed: pip install 'numpybrain[export]'")
