"""A figure of four panels for a paper, each drawn into axes of its own: `ax=` of the functions in nb.plot.

* a: a network of excitation against inhibition (cuba.py with a quarter of the neurons, and as many synapses
  for each), as a raster of both populations over their firing rates;
* b: three of its neurons, with their spikes drawn up to 0 mV;
* c: the phase plane of a FitzHugh-Nagumo neuron with constant input: nullclines, fixed point, limit cycle;
* d: the f-I curve of a leaky integrate-and-fire neuron, against its closed form.

`nb.plot.style()` sets sizes and colours, which colour-blind readers can tell apart.

    python paper_figure.py                   # prints a few numbers
    python paper_figure.py --plot paper.pdf  # with the figure, 17 cm wide
    python paper_figure.py --quick           # shorter runs
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write the figure to FILE")
parser.add_argument("--quick", action="store_true", help="shorter runs")
options = parser.parse_args()

nb.seed(3)
duration = 200 if options.quick else 500  # ms

# a, b: a network
cells = nb.Neurons(
    1000,
    """
    dv/dt  = (ge + gi - (v + 49*mV)) / (20*ms) : mV (unless refractory)
    dge/dt = -ge / (5*ms)                      : mV
    dgi/dt = -gi / (10*ms)                     : mV
    """,
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory="5 ms",
    initial={"v": "-60*mV + 10*mV*rand()"},
)
random = nb.connect.probability(0.08)
exc = nb.Synapses(cells[:800], cells, on_pre="ge += 1.62*mV", connect=random)
inh = nb.Synapses(cells[800:], cells, on_pre="gi -= 9*mV", connect=random)
spikes = nb.Monitor(cells, "spikes")
nb.Network(cells, exc, inh, spikes, trace := nb.Monitor(cells[:3], "v")).run(duration)

# c: an oscillator
neuron = nb.Neurons(1, "fitzhugh_nagumo", I=0.5)
nb.Network(neuron, cycle := nb.Monitor(neuron, "v", "w")).run("150 ms")

# d: many neurons with inputs of their own
lif = nb.Neurons(
    61, "dv/dt = (100*Mohm*I - v)/(20*ms) : mV (unless refractory)\nI : nA",
    threshold="v > 20*mV", reset="v = 0*mV", refractory="2 ms", I=np.linspace(0, 0.6, 61),
)  # fmt: skip
nb.Network(lif, firing := nb.Monitor(lif, "spikes"), dt="0.05 ms").run(2 * duration)


def closed_form(current: np.ndarray) -> np.ndarray:
    return nb.analysis.lif_rate(100 * current, threshold=20, tau=20, refractory=2)


point = nb.analysis.fixed_points(
    neuron.vector_field("v", "w"), np.linspace(-2.5, 2.5, 50), np.linspace(-2, 2, 50)
)[0]
rates = nb.analysis.steady_rates(firing.i, firing.t, len(lif))
print(f"network       {len(spikes)} spikes, {spikes.rate:.2f} Hz")
stable = "stable" if point.is_stable else "unstable"
print(f"fixed point   v = {point.x:.6f}, w = {point.y:.6f}, {stable} {point.kind}")
print(f"largest rate  {rates.max():.2f} Hz, closed form {closed_form(lif.I).max():.2f} Hz")


def plot(path: str) -> None:
    """Draw the figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.7, 5.6), layout="constrained")
    axes = figure.subplots(2, 2)
    groups = {"excitatory": cells[:800], "inhibitory": cells[800:]}
    nb.plot.raster(spikes, ax=axes[0, 0], groups=groups, rate=True, bin="5 ms", title="a")
    late = (duration - 200, duration)
    nb.plot.traces(trace, ax=axes[0, 1], spikes=spikes, peak="0 mV", t=late, legend=False, title="b")
    nb.plot.phase_plane(neuron, "v", "w", ax=axes[1, 0], trajectory=cycle, title="c")
    nb.plot.f_i(lif.I, firing, ax=axes[1, 1], curve=closed_form, title="d")
    figure.savefig(path, dpi=200)


if options.plot:
    with nb.plot.style(axes_titleweight="bold"):
        plot(options.plot)
