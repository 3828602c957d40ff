"""A network of the kernel alone: operations, plain functions and NumPy; no text and no unit.

It is the network of `hand_written.py` (Izhikevich 2003, doi:10.1109/TNN.2003.820440), and gives the same
spikes. There, `nb.Neurons` finds the arrays that a function asks for; here each operation is handed over
with what it reads and writes. `docs/kernel.md` walks through the kernel in the order in which one reads it.

    python kernel_alone.py           # 1 s of model time
    python kernel_alone.py --quick   # 0.3 s of model time
"""

import argparse

import numpy as np

from numpybrain.kernel.monitor import EventMonitor
from numpybrain.kernel.network import Network
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.operations import Function
from numpybrain.kernel.synapses import Synapses

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

Array = np.ndarray
EXCITATORY, N = 800, 1000
random = np.random.default_rng(1)
is_excitatory = np.arange(N) < EXCITATORY
r = random.random(N)

cells = Neurons("cells", N, {"v": -65.0, "u": 0.0, "current": 0.0})
v, u, current = cells["v"], cells["u"], cells["current"]
a = np.where(is_excitatory, 0.02, 0.02 + 0.08 * r)
b = np.where(is_excitatory, 0.2, 0.25 - 0.05 * r)
c = np.where(is_excitatory, -65 + 15 * r**2, -65)
d = np.where(is_excitatory, 8 - 6 * r**2, 2)
u[:] = b * v


def thalamus() -> None:
    """Add noise, stronger for excitatory neurons."""
    current[:] += np.where(is_excitatory, 5, 2) * random.standard_normal(N)


def integrate() -> None:
    """Go one millisecond on, in two half steps of the potential, and take the input away."""
    for _ in range(2):
        v[:] += 0.5 * (0.04 * v * v + 5 * v + 140 - u + current)
    u[:] += a * (b * v - u)
    current[:] = 0


def above() -> Array:
    """Find the neurons that spike, in ascending order."""
    return (v >= 30).nonzero()[0]


def reset(spikes: Array) -> None:
    """Put back the neurons that fired."""
    v[spikes] = c[spikes]
    u[spikes] += d[spikes]


def deliver(_pre: Array, post: Array, synapses: Array) -> None:
    """Hand the weights of the active synapses to their targets."""
    np.add.at(current, post, w[synapses])


state = list(cells.variables.slots.values())
cells.add_stage("start", "noise", Function(thalamus, reads=state, writes=state))
cells.integrate(Function(integrate, reads=state, writes=state))
cells.spike_where(Function(above, reads=state))
cells.reset(Function(reset, reads=state, writes=state))

i, j = np.divmod(np.arange(N * N), N)  # every pair
weights = random.random(N * N) * np.where(i < EXCITATORY, 0.5, -1)
synapses = Synapses("synapses", cells, cells, i, j, {"w": weights})
w = synapses["w"]
synapses.add_pathway(Function(deliver, reads=synapses.variables.slots.values(), writes=state))

spikes = EventMonitor("spikes", cells)
net = Network(dt=1)
net.add(cells, synapses, spikes)
net.run(300 if options.quick else 1000)

records = spikes.get_state()
rate = records["i"].size / N / net.clock.t * 1000
for stage in net.schedule:
    print(f"{stage.phase:10} {stage.owner:9} {stage.description}")
print()
print(f"spikes             {records['i'].size} ({rate:.3f} Hz)")
print(f"  excitatory       {np.sum(records['i'] < EXCITATORY)}")
print(f"sum of spike times {records['t'].sum():.0f} ms")
print(f"v at the end       mean {v.mean():.12f} mV")
