"""Gap junctions between interneurons: coupling coefficient, spikelets, synchronisation.

An electrical synapse is a conductance between two cells; what leaves one enters the other. The cells are
Wang-Buzsaki interneurons (1996) of the library, here with 20000 um**2, so that a junction in nS can be
added to them.

* At rest: -10 pA into one cell of a pair. The other follows by the coupling coefficient; for small currents
  g/(g + g_m), where g_m is the slope of the cell's own stationary current at rest.
* A spike is too fast for the other membrane: as a spikelet a much smaller part of it arrives.
* Two cells that fire at 59.7 and 61.2 Hz, and start out of phase: weak junctions only delay the slip of
  their phases, strong ones lock them, the faster cell a little ahead.

Spikes are located between the steps ("interpolated"), to less than a step. The current of a junction is
that at the start of a step: the rates below are exact to 0.2 %, and with half the step to 0.1 %.

    python gap_junction.py                       # 1 s of model time, about 8 s
    python gap_junction.py --plot gap_junction.png  # with traces, coefficients and phases
    python gap_junction.py --quick               # 0.4 s of model time
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

interneuron = nb.load_model("wang_buzsaki").extend(
    """
    I = (I_app + I_syn)/area : uA/cm**2
    area = 20000*um**2       : um**2
    I_app                    : pA  # 200 pA are 1 uA/cm**2
    I_syn                    : pA  # of gap junctions
    """,
    spike_times="interpolated",
)


def own_current(v: np.ndarray) -> np.ndarray:
    """The stationary current of a cell in pA at a potential in mV: the paper's formulas."""
    am, bm = -0.1 * (v + 35) / np.expm1(-0.1 * (v + 35)), 4 * np.exp(-(v + 60) / 18)
    ah, bh = 0.07 * np.exp(-(v + 58) / 20), 1 / (1 + np.exp(-0.1 * (v + 28)))
    an, bn = -0.01 * (v + 34) / np.expm1(-0.1 * (v + 34)), 0.125 * np.exp(-(v + 44) / 80)
    m, h, n = am / (am + bm), ah / (ah + bh), an / (an + bn)
    return 200 * (35 * m**3 * h * (v - 55) + 9 * n**4 * (v + 90) + 0.1 * (v + 65))


# ---- at rest: the last pair is one cell that fires, and one that does not ----

conductances = np.array([1, 2, 5, 10, 20, 2.0])  # nS
n = conductances.size
cells = nb.Neurons(2 * n, interneuron, name="cells")
gap = nb.Synapses(cells[:n], cells[n:], "gap_junction", connect="i == j", g_max=conductances, name="gap")
trace = nb.Monitor(cells, "v")
net = nb.Network(cells, gap, trace, dt="0.05 ms")
net.run("100 ms")
rest = cells.v[0]
cells.I_app = np.array([*[-10.0] * (n - 1), 200, *[0.0] * n])  # pA
net.run("150 ms")

moved = cells.v - rest
coefficients = moved[n : 2 * n - 1] / moved[: n - 1]
g_m = (own_current(rest + 0.01) - own_current(rest - 0.01)) / 0.02
print(f"rest {rest:.4f} mV, slope conductance {g_m:.3f} nS")
for g, first, coefficient in zip(conductances, moved, coefficients, strict=False):
    print(
        f"{g:4g} nS: -10 pA move the cell by {first:.4f} mV, its partner by {coefficient:.4f} of that, "
        f"g/(g + g_m) = {g / (g + g_m):.4f}"
    )
late = trace.t >= 150
spike, spikelet = np.ptp(trace.v[late, n - 1]), np.ptp(trace.v[late, 2 * n - 1])
print(
    f"a spike of {spike:.1f} mV is a spikelet of {spikelet:.3f} mV: {spikelet / spike:.4f} of it, at 2 nS"
)


# ---- both fire ----

strengths = np.array([0, 1, 2, 5.0])  # nS
k = strengths.size
pairs = nb.Neurons(2 * k, interneuron, name="pairs", I_app=np.repeat([200.0, 206.0], k))
pairs.v = np.repeat([-64.0, -55.0], k)
pairs.h_Na = "alpha_h_Na/(alpha_h_Na + beta_h_Na)"
pairs.n_K = "alpha_n_K/(alpha_n_K + beta_n_K)"
junctions = nb.Synapses(
    pairs[:k], pairs[k:], "gap_junction", connect="i == j", g_max=strengths, name="junctions"
)
spikes = nb.Monitor(pairs, "spikes")
voltage = nb.Monitor(pairs, "v")
firing = nb.Network(pairs, junctions, spikes, voltage, dt="0.05 ms")
firing.run("400 ms" if options.quick else "1 s")


def phases(pair: int) -> tuple[np.ndarray, np.ndarray]:
    """Times of the spikes of the second cell, and by how much of a cycle it is ahead of the first."""
    first, second = spikes.train(pair), spikes.train(pair + k)
    second = second[(second >= first[0]) & (second < first[-1])]
    before = np.searchsorted(first, second, side="right") - 1
    cycles = before + (second - first[before]) / np.diff(first)[before]
    return second, np.arange(second.size) - (cycles - cycles[0])


for pair, g in enumerate(strengths):
    first, second = spikes.train(pair), spikes.train(pair + k)
    rates = [1000 / np.diff(train[-6:]).mean() for train in (first, second)]
    distance = second[-1] - first[np.abs(first - second[-1]).argmin()]
    locked = abs(rates[1] - rates[0]) < 0.01
    print(
        f"{g:4g} nS: {rates[0]:.3f} and {rates[1]:.3f} Hz at the end, {'' if locked else 'not '}locked, "
        f"the second cell {-distance:.3f} ms ahead"
    )


def plot(path: str) -> None:
    """Draw spikelets, coupling coefficients, phases, and two cells that get into step."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7.5), layout="constrained")
    grid = figure.add_gridspec(3, 2, height_ratios=[1, 1, 2])
    blue, orange, green, purple = nb.plot.COLOURS[:4]
    above, below = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0])
    below.sharex(above)
    above.plot(trace.t, trace.v[:, n - 1], color=blue, lw=1)
    above.set(
        title="Spikes and spikelets, junction of 2 nS", ylabel="cell that\nfires (mV)", xlim=(80, 200)
    )
    above.tick_params(labelbottom=False)
    below.plot(trace.t, trace.v[:, 2 * n - 1], color=orange, lw=1)
    below.set(xlabel="time (ms)", ylabel="its partner\n(mV)")

    axes = figure.add_subplot(grid[:2, 1])
    fine = np.linspace(0, 22, 200)
    axes.plot(fine, fine / (fine + g_m), color="0.6", lw=1, label="closed form, g/(g + g$_m$)")
    axes.plot(conductances[:-1], coefficients, "o", color="black", label="steady currents at rest")
    axes.plot(2, spikelet / spike, "s", color=orange, label="spikelet over spike", clip_on=False)
    axes.set(xlabel="conductance g of the junction (nS)", ylim=(0, None), xlim=(0, 22))
    axes.set(title="How much reaches the partner", ylabel="potential of the partner / cell")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.12))

    axes = figure.add_subplot(grid[2, 0])
    for pair, colour in enumerate(("0.6", green, purple, "black")):
        times, slip = phases(pair)
        label = f"{strengths[pair]:g} nS" if strengths[pair] else "no junction"
        axes.plot(times, slip, ".-", ms=3, lw=1, color=colour, label=label)
    axes.set(xlabel="time (ms)", ylabel="lead of the faster cell (cycles)", xlim=(0, firing.t))
    axes.set_title("Cells of 59.7 and 61.2 Hz: slipping and locking")
    axes.legend()

    axes = figure.add_subplot(grid[2, 1])
    for cell, colour in ((0, blue), (k, orange)):
        for pair, lift in ((0, 160), (k - 1, 0)):
            label = ("59.7 Hz alone", "61.2 Hz alone")[cell > 0] if lift else None
            axes.plot(voltage.t, voltage.v[:, cell + pair] + lift, color=colour, lw=1, label=label)
    axes.text(2, 160 + 42, "no junction", va="bottom")
    axes.text(2, 42, f"{strengths[-1]:g} nS", va="bottom")
    axes.plot([206, 206], [0, 50], color="black", lw=2, clip_on=False)
    axes.text(209, 25, "50 mV", rotation=90, va="center")
    axes.set(xlabel="time (ms)", xlim=(0, 200), yticks=[], ylim=(-85, 245))
    axes.set_title("The same two cells, without and with")
    axes.legend(loc="lower right", bbox_to_anchor=(1, 0.93), ncols=2)
    axes.spines["left"].set_visible(False)
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
