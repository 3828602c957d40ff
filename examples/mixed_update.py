"""Strings and Python functions in one network: anywhere a string goes, a function goes.

A spot of light goes round a ring of 120 receptors. They drive 120 cortical neurons through a fuzzy
map of unreliable synapses, and the position of the spot is read from the cortical spikes.

    what                          written as
    the light                     a Python function, called first thing in every step
    receptors: equations          a string
    receptors: threshold, reset   Python functions
    who is connected to whom      a Python function
    what a spike does             a Python function: each synapse releases with probability 1/2
    cortical neurons              strings throughout

The schedule that is printed shows where each stage of a step comes from. The position that is read
runs ahead of the light: the receptors adapt, so those at the leading edge fire most. The retina does
the same (Berry et al. 1999, doi:10.1038/18678).

    python mixed_update.py                    # 1 s of model time, about 3 s
    python mixed_update.py --plot mixed.png   # with both rasters and the decoded position
    python mixed_update.py --quick            # 0.4 s of model time
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)
Array = np.ndarray
ANGLE = np.arange(120) * 3.0  # what each neuron looks at, in degrees
SPEED = 0.36  # of the light, in degrees per ms


def difference(a: Array | float, b: Array | float) -> Array:
    """Return the angle from b to a in degrees, from -180 to 180."""
    return (np.subtract(a, b) + 180) % 360 - 180


def adapt(spikes: Array, v: Array, theta: Array) -> None:
    """Reset the receptors that fired and raise their thresholds; the arrays are the live ones."""
    v[spikes] = 0
    theta[spikes] += 0.5


receptors = nb.Neurons(
    120,
    """
    dv/dt     = (light - v) / (10*ms)     : 1
    dtheta/dt = (1 - theta) / (50*ms)     : 1   # the threshold goes back to 1 after a spike
    light                                 : 1
    """,
    threshold=lambda v, theta: v > theta,
    reset=adapt,
    initial={"theta": 1},
    name="receptors",
)


@receptors.at("start")
def travelling_spot(t: float, light: Array) -> None:
    """Move the light on."""
    light[:] = 3 * np.exp(-0.5 * (difference(ANGLE, SPEED * t) / 20) ** 2)


cortex = nb.Neurons(
    120,
    """
    dv/dt = (g - v) / (10*ms) : 1 (unless refractory)
    dg/dt = -g / (5*ms)       : 1
    """,
    threshold="v > 1",
    reset="v = 0",
    refractory="2 ms",
    name="cortex",
)


def fuzzy_map(rng: np.random.Generator) -> tuple[Array, Array]:
    """Connect neurons that look at similar angles, with a Gaussian probability."""
    chance = np.exp(-0.5 * (difference(ANGLE[:, None], ANGLE) / 15) ** 2)
    return np.nonzero(rng.random(chance.shape) < chance)


released = []


def release(post: Array, synapses: Array, w: Array, g: Array, rng: np.random.Generator) -> None:
    """Open conductances at about half of the synapses that this step's spikes have reached."""
    lucky = rng.random(post.size) < 0.5
    np.add.at(g, post[lucky], w[synapses[lucky]])
    released.append((lucky.sum(), lucky.size))


synapses = nb.Synapses(
    receptors, cortex, {"w": "1"}, w=0.6, on_pre=release, connect=fuzzy_map, delay="1 ms"
)
seen, spikes = nb.Monitor(receptors, "spikes"), nb.Monitor(cortex, "spikes")
net = nb.Network(receptors, cortex, synapses, seen, spikes, dt="0.1 ms")
net.run("0.4 s" if options.quick else "1 s")

# The direction of the population vector of the cortical spikes in windows of 25 ms.
times = np.arange(25, net.t, 25)
vectors = np.exp(1j * np.radians(ANGLE[spikes.i]))
sums = [vectors[np.abs(spikes.t - t) < 12.5].sum() for t in times]
ahead = difference(np.degrees(np.angle(sums)), SPEED * times)
hits, trials = np.sum(released, axis=0)

print(net.schedule)
print()
print(f"synapses            {len(synapses)}")
print(f"receptor spikes     {len(seen)}")
print(f"cortical spikes     {len(spikes)}")
print(f"released            {hits} of {trials} times: {hits / trials:.4f}")
print(f"decoded position    {ahead.mean():.1f} degrees ahead of the light, scatter {ahead.std():.1f}")


def plot(path: str) -> None:
    """Draw the spikes of both groups with the light, and the error of the decoded position."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 8), layout="constrained")
    blue, orange = nb.plot.COLOURS[:2]
    above, middle, below = figure.subplots(3, 1, sharex=True, height_ratios=[2, 2, 1])
    for axis, monitor, name in ((above, seen, "receptors"), (middle, spikes, "cortical neurons")):
        axis.plot(monitor.t, ANGLE[monitor.i], ".", ms=3, mew=0, color="black")
        axis.plot([0, net.t], [0, SPEED * net.t], color=orange, lw=1.5, label="light")
        axis.set(ylabel="angle (degrees)", title=name, ylim=(0, 360), yticks=range(0, 361, 90))
    above.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1)
    below.plot(times, ahead, "o", ms=4, color=blue)
    below.axhline(0, color=orange, lw=1.5)
    below.set(title="decoded position", ylabel="ahead (degrees)", ylim=(-25, 25))
    below.set(xlabel="time (ms)", xlim=(0, net.t))
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
