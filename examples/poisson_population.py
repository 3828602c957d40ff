"""A population of integrate-and-fire neurons that Poisson spikes drive, and its rate.

Each of 1000 neurons has 1000 sources of its own; `cells.poisson` draws how many of these spike in a step.
The rate of the sources rises in the middle of the run. In the diffusion approximation the neurons fire at
the rate

    f = 1 / (t_ref + tau*sqrt(pi) * integral of exp(u**2)*(1 + erf(u)) du)

of Siegert (1951, doi:10.1103/PhysRev.81.617), from u = (V_r - mu)/sigma to (V_t - mu)/sigma, with
mu = n*r*w*tau and sigma**2 = n*r*w**2*tau for n sources of rate r and weight w. Jumps of a finite size, and
steps in time, change it by a few per cent.

    python poisson_population.py                  # 1 s of model time, about 2 s
    python poisson_population.py --plot rate.png  # with spikes and the rate of the population
    python poisson_population.py --quick          # 0.4 s of model time
"""

import argparse
import math

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)
half = 200 if options.quick else 500  # ms
cells = nb.Neurons(
    1000,
    "dv/dt = -v/(20*ms) : mV (unless refractory)",
    threshold="v > 20*mV",
    reset="v = 10*mV",
    refractory="2 ms",
    initial={"v": "20*mV*rand()"},
)
cells.poisson("v", n=1000, rate=nb.current.steps({0: "18 Hz", half: "21 Hz"}), weight="0.1 mV")
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, spikes)
net.run(2 * half)


def siegert(source_rate: float) -> float:
    """The rate in Hz of the formula above, by the midpoint rule."""
    mu, sigma = 1000 * source_rate * 0.1 * 0.02, 0.1 * math.sqrt(1000 * source_rate * 0.02)
    edges = np.linspace((10 - mu) / sigma, (20 - mu) / sigma, 2001)
    middle = (edges[1:] + edges[:-1]) / 2
    terms = [math.exp(u * u) * math.erfc(-u) for u in middle]
    return 1000 / (2 + 20 * math.sqrt(math.pi) * sum(terms) * (edges[1] - edges[0]))


for source_rate, start in ((18, 0), (21, half)):  # transients of 50 ms are left out
    some = (spikes.t > start + 50) & (spikes.t < start + half)
    rate = some.sum() / 1000 / (half - 50) * 1000
    print(f"sources at {source_rate} Hz     {rate:.2f} Hz, predicted {siegert(source_rate):.2f} Hz")
print(f"mean CV              {np.nanmean(spikes.cv()):.3f}")


def plot(path: str) -> None:
    """Draw the spikes of some neurons, and below them the rate of the population."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), layout="constrained")
    raster, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    some = spikes.i < 100
    raster.plot(spikes.t[some], spikes.i[some], ".", color="black", ms=2)
    raster.set(ylabel="neuron", title="A hundred of 1000 neurons, and the rate of all")
    nb.plot.rate(spikes, ax=below, bin="1 ms", smooth="5 ms")
    figure.align_ylabels()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
