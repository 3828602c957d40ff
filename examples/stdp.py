"""Spike-timing dependent plasticity: a neuron chooses among its inputs.

A hundred Poisson inputs drive one neuron through plastic synapses. An input that comes just before a spike
becomes stronger, one that comes just after it weaker, and a fifth more so. Song, Miller and Abbott (2000,
doi:10.1038/78829) saw that the weights drift to both ends of their range, until the neuron fires at a
modest rate that hardly depends on that of its inputs.

    python stdp.py                    # 40 s of model time, about 15 s
    python stdp.py --plot stdp.png    # with weights over time and their histogram
    python stdp.py --quick            # 2 s of model time: they are on their way
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)
inputs = nb.inputs.Poisson(100, "15 Hz")
cell = nb.Neurons(
    1,
    """
    dv/dt = (g*(0*mV - v) + (-74*mV - v)) / (10*ms) : mV
    dg/dt = -g / (5*ms)                             : 1
    """,
    threshold="v > -54*mV",
    reset="v = -60*mV",
    initial={"v": "-60 mV"},
    method="rk4",
)
synapses = nb.Synapses(
    inputs,
    cell,
    """
    w : 1
    dbefore/dt = -before / (20*ms) : 1 (event-driven)
    dafter/dt  = -after  / (20*ms) : 1 (event-driven)
    """,
    on_pre="g_post += w; before += 0.0016; w = clip(w + after, 0, 0.08)",
    on_post="after -= 0.00192; w = clip(w + before, 0, 0.08)",
    connect="all_to_all",
    w="uniform(0, 0.08)",
)
came, went = nb.Monitor(inputs, "spikes"), nb.Monitor(cell, "spikes")
weights = nb.Monitor(synapses, "w", every="100 ms")
net = nb.Network(inputs, cell, synapses, came, went, weights)
net.run("2 s" if options.quick else "40 s")

w = synapses.w / 0.08
late = went.t > net.t - 2000
print(f"output rate          {late.sum() / 2:.1f} Hz in the last 2 s")
print(f"mean weight          {w.mean():.3f} of the largest, {weights.w[0].mean() / 0.08:.3f} at the start")
print(f"at the ends          {np.mean((w < 0.1) | (w > 0.9)):.2f} of the weights")


def plot(path: str) -> None:
    """Draw all weights over time, and how they are distributed before and after."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(weights.t / 1000, weights.w / 0.08, color="black", lw=0.3, alpha=0.5)
    left.set(xlabel="time (s)", ylabel="weight / largest weight", title="Each weight over time")
    bins = np.linspace(0, 1, 21)
    both = [weights.w[0] / 0.08, w]
    right.hist(both, bins, label=["at the start", "at the end"], color=nb.plot.COLOURS[:2])
    right.set(xlabel="weight / largest weight", ylabel="synapses", title="Distribution")
    right.legend()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
