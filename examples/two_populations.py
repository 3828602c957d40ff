"""Excitatory and inhibitory neurons that all differ, with delays that all differ.

Eighty excitatory and twenty inhibitory neurons have membrane time constants and inputs of their own, and
each synapse its own delay. Excitation makes the inhibitory neurons fire, which silences everybody for a
while: the population beats. Neurons that are alike beat together; heterogeneity spreads their spikes.

    python two_populations.py                   # 2 s of model time, about 2 s
    python two_populations.py --plot two.png    # with spikes and rates
    python two_populations.py --quick           # 0.5 s of model time
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)
cells = nb.Neurons(
    100,
    """
    dv/dt = (I - v + s) / tau : mV (unless refractory)
    ds/dt = -s / (4*ms)       : mV
    tau                       : ms
    I                         : mV
    """,
    threshold="v > 15*mV",
    reset="v = 0*mV",
    refractory="2 ms",
    initial={"v": "uniform(0*mV, 15*mV)"},
    tau="truncated_normal(20*ms, 4*ms, 10*ms, 40*ms)",
    I="normal(17*mV, 1*mV)",
)
excitatory, inhibitory = cells[:80], cells[80:]
some = nb.connect.probability(0.3)
excite = nb.Synapses(
    excitatory, cells, on_pre="s_post += 1.2*mV", connect=some, delay="uniform(1*ms, 4*ms)"
)
inhibit = nb.Synapses(
    inhibitory, cells, on_pre="s_post -= 6*mV", connect=some, delay="uniform(0.5*ms, 2*ms)"
)
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, excite, inhibit, spikes)
net.run("0.5 s" if options.quick else "2 s")

rates = spikes.count / net.t * 1000
print(f"excitatory rates     {rates[:80].mean():.2f} Hz, standard deviation {rates[:80].std():.2f} Hz")
print(f"inhibitory rates     {rates[80:].mean():.2f} Hz, standard deviation {rates[80:].std():.2f} Hz")
print(f"mean CV              {np.nanmean(spikes.cv()):.3f}")
print(f"mean delays          {excite.delay.mean():.2f} ms and {inhibit.delay.mean():.2f} ms")


def plot(path: str) -> None:
    """Draw the spikes of both populations in the last half second, and their rates."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 5), layout="constrained")
    raster, below = figure.subplots(2, 1, sharex=True, height_ratios=[2, 1])
    groups = {"excitatory": excitatory, "inhibitory": inhibitory}
    nb.plot.raster(spikes, ax=raster, groups=groups, t=(net.t - 500, net.t), rate=below, bin="5 ms")
    raster.set_title("Spikes, and rates in bins of 5 ms", loc="left")
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
