"""Not one equation in a string: a network of plain Python functions on live NumPy arrays.

The thousand-neuron cortical network of Izhikevich 2003 (doi:10.1109/TNN.2003.820440), written by hand:
800 excitatory and 200 inhibitory neurons, all connected to all, driven by thalamic noise. The kernel
calls the functions in the order of its schedule and knows nothing of what they do; their argument
names say which arrays they get. Steps of 1 ms, the potential in two half steps, as in the paper.

SymPy, Lark and pint, which read equations, are never even imported.

    python hand_written.py                   # 1 s of model time, less than 1 s
    python hand_written.py --plot hand.png   # with a raster plot
    python hand_written.py --quick           # 0.3 s of model time
"""

import argparse
import sys

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

Array = np.ndarray
EXCITATORY, N = 800, 1000
random = np.random.default_rng(1)


def integrate(v: Array, u: Array, current: Array, a: Array, b: Array) -> None:
    """Go one millisecond on, and take the input away."""
    for _ in range(2):
        v += 0.5 * (0.04 * v * v + 5 * v + 140 - u + current)
    u += a * (b * v - u)
    current[:] = 0


def fires(v: Array) -> Array:
    """Say which neurons spike."""
    return v >= 30


def reset(spikes: Array, v: Array, u: Array, c: Array, d: Array) -> None:
    """Put back the neurons that fired."""
    v[spikes] = c[spikes]
    u[spikes] += d[spikes]


def deliver(post: Array, synapses: Array, w: Array, current: Array) -> None:
    """Hand the weights of the active synapses to their targets."""
    np.add.at(current, post, w[synapses])


# Neurons differ: regular spiking to bursting, and fast spiking to low-threshold spiking.
is_excitatory = np.arange(N) < EXCITATORY
r = random.random(N)
cells = nb.Neurons(
    N,
    {"v": "mV", "u": "mV/ms", "current": "mV/ms", "a": "1/ms", "b": "1/ms", "c": "mV", "d": "mV/ms"},
    integrate=integrate,
    threshold=fires,
    reset=reset,
    a=np.where(is_excitatory, 0.02, 0.02 + 0.08 * r),
    b=np.where(is_excitatory, 0.2, 0.25 - 0.05 * r),
    c=np.where(is_excitatory, -65 + 15 * r**2, -65),
    d=np.where(is_excitatory, 8 - 6 * r**2, 2),
    initial={"v": -65},
)
cells.u = cells.b * cells.v


@cells.at("start")
def thalamus(current: Array) -> None:
    """Add noise, stronger for excitatory neurons."""
    current += np.where(is_excitatory, 5, 2) * random.standard_normal(N)


i, j = np.divmod(np.arange(N * N), N)  # every pair
weights = random.random(N * N) * np.where(i < EXCITATORY, 0.5, -1)
synapses = nb.Synapses(cells, cells, {"w": "mV/ms"}, on_pre=deliver, connect=(i, j), w=weights)

spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, synapses, spikes, dt=1)
net.run(300 if options.quick else 1000)

print(net.schedule)
print()
print(f"spikes             {len(spikes)} ({spikes.rate:.3f} Hz)")
print(f"  excitatory       {np.sum(spikes.i < EXCITATORY)}")
print(f"sum of spike times {spikes.t.sum():.0f} ms")
print(f"v at the end       mean {cells.v.mean():.12f} mV")

for name in ("sympy", "lark", "pint"):
    assert name not in sys.modules, name

if options.plot:
    groups = {"excitatory": cells[:EXCITATORY], "inhibitory": cells[EXCITATORY:]}
    spikes.plot(options.plot, groups=groups)
