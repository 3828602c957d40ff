"""Electrical synapses between integrate-and-fire neurons: why the order within a step matters.

A hundred neurons on a grid of 10 by 10 are coupled to their neighbours by gap junctions. Between spikes
a current w*(v_pre - v_post) flows. A spike of such a neuron is an event without a shape, so what it would
send through the junction is a "spikelet": v of the neighbours jumps by 0.5 mV, at once.

In the ordinary order of a step (integrate, find spikes, deliver, reset), a neuron that a spikelet has
pushed above the threshold is tested in the next step only. By then current has flowed from its neighbour,
which is at rest now, and some of these neurons are below the threshold again: v was above, and no spike
came. Shorter steps make that rarer, but how many spikes there are in all changes with the step.

With delivery="instant", spikelets arrive before the step looks who spikes in all: those who are pushed
above the threshold spike in the same step, and push others in turn. One question remains that the model
leaves open: what becomes of a spikelet that reaches a neuron at the instant of its own spike? It is "lost"
in the reset, or "kept" until after it. Both converge when dt gets smaller, to different networks; without
a time step there are 552 spikes if such spikelets are lost, and 586 if they are kept.

    python gap_junction_lif.py                 # a few seconds
    python gap_junction_lif.py --plot gap.png  # with v of one neuron, and the spikes over dt
    python gap_junction_lif.py --quick         # shorter runs, fewer steps
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="shorter runs, fewer steps")
options = parser.parse_args()

# what is handed to Synapses, by the name it has below
ORDERS = {
    "ordinary": {},
    "instant, lost": {"delivery": "instant", "coincident": "lost"},
    "instant, kept": {"delivery": "instant", "coincident": "kept"},
}
STEPS = [0.1, 0.05, 0.02] if options.quick else [0.1, 0.05, 0.02, 0.01, 0.005]  # ms

NEURON = """
    dv/dt = (I - v + I_gap + noise*sqrt(ms)*xi) / tau : mV
    I     = 12*mV  : mV   # all currents times the resistance
    tau   = 10*ms  : ms
    noise = 0*mV   : mV
    I_gap          : mV   # through the gap junctions, which calculate it
    """
JUNCTION = """
    w          = 1                  : 1
    I_gap_post = w*(v_pre - v_post) : mV (summed)
    """

Run = tuple[nb.Network, nb.Monitor, nb.Monitor]


def simulate(
    start: np.ndarray, connect: object, order: str, dt: float, duration: float, noise: float = 0.0
) -> Run:
    """Return the network, a monitor of its spikes, and one of v."""
    cells = nb.Neurons(
        len(start),
        NEURON,
        threshold="v > 10*mV",
        reset="v = 0*mV",
        method="euler",
        initial={"v": start},
        noise=noise,
        name="cells",
    )
    gap = nb.Synapses(
        cells,
        model=JUNCTION,
        on_pre="v_post += w * 0.5*mV",
        connect=connect,
        name="gap",
        **ORDERS[order],
    )
    spikes, trace = nb.Monitor(cells, "spikes", name="spikes"), nb.Monitor(cells, "v", name="trace")
    net = nb.Network(cells, gap, spikes, trace, dt=dt)
    net.run(duration)
    return net, spikes, trace


def silent(net: nb.Network, spikes: nb.Monitor, trace: nb.Monitor) -> np.ndarray:
    """Where v was above the threshold at the start of a step and no spike came: shape of the trace."""
    above = trace.v > 10
    above[np.rint(spikes.t / net.dt).astype(int), spikes.i] = False
    return above


# Pairs: the first neuron spikes in the first step, the second is below the threshold by half a mV at most.
print("100 pairs of neurons, of which one pushes the other across the threshold; dt 0.1 ms")
start, first = np.repeat(9.9999, 200), np.arange(0, 200, 2)
start[first + 1] = np.linspace(9.5, 9.999, 100)
both = np.concatenate([first, first + 1]), np.concatenate([first + 1, first])
for order in ORDERS:
    spikes = simulate(start, both, order, 0.1, 0.2)[1]
    print(f"  {order:<15} the other one spikes in {np.count_nonzero(spikes.count[first + 1])} of them")

# The grid without noise: what changes with dt?
start = np.random.RandomState(12345).rand(100) * 10
grid = nb.connect.grid4(10, 10)
print("a grid of 100 neurons, 100 ms: spikes (and v above the threshold without one)")
print(f"  {'dt (ms)':<15}" + "".join(f"{dt:>13}" for dt in STEPS))
counts = {}
for order in ORDERS:
    runs = [simulate(start, grid, order, dt, 100) for dt in STEPS]
    counts[order] = [len(spikes) for _, spikes, _ in runs]
    cells = [f"{len(run[1])} ({silent(*run).sum()})" for run in runs]
    print(f"  {order:<15}" + "".join(f"{cell:>13}" for cell in cells))

# The grid with noise, the same for all three.
duration = 100 if options.quick else 500
noisy = {}
print(f"the same with noise, {duration} ms, dt 0.1 ms")
for order in ORDERS:
    nb.seed(1)
    noisy[order] = simulate(start, grid, order, 0.1, duration, noise=1)
    lost = silent(*noisy[order]).sum()
    print(f"  {order:<15} {len(noisy[order][1])} spikes, {lost} times above without one")

print()
print(noisy["instant, kept"][0].schedule)


def plot(path: str) -> None:
    """Draw v of one neuron in both orders, and the spikes of the grid without noise over dt."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 8), layout="constrained")
    *traces, below = figure.subplots(3, 1, height_ratios=[1, 1, 1.3])
    blue, orange, green = nb.plot.COLOURS[:3]
    names = {
        "ordinary": "ordinary order of a step",
        "instant, lost": "spikelets arrive at once; those at a neuron that spikes are lost",
        "instant, kept": "spikelets arrive at once; those at a neuron that spikes are kept",
    }
    who = int(silent(*noisy["ordinary"])[:1000].sum(axis=0).argmax())
    for panel, order in zip(traces, ORDERS, strict=False):
        net, spikes, trace = noisy[order]
        nb.plot.traces(
            trace,
            "v",
            of=who,
            spikes=spikes,
            peak=14,
            t=(0, 100),
            ax=panel,
            colours=["black"],
            legend=False,
        )
        lost = silent(net, spikes, trace)[:, who] & (trace.t < 100)
        later = np.append(spikes.train(who), np.inf)  # does a spike come a little late?
        lost &= later[np.searchsorted(later, trace.t)] - trace.t > 1
        if lost.any():
            where = trace.t[lost], np.full(lost.sum(), 15.2)
            label = "above the threshold, but no spike follows"
            panel.plot(*where, "v", ms=6, color=orange, mew=0, clip_on=False, label=label)
        panel.axhline(10, color="0.6", ls=":", lw=1, label="threshold")
        panel.set(
            title=f"One neuron, {names[order].partition(';')[0]}", ylabel="potential (mV)", ylim=(0, 15.5)
        )
    traces[0].set_xlabel("")
    traces[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    for order, style, colour in zip(ORDERS, ("o--", "s-", "^-"), (orange, blue, green), strict=True):
        below.semilogx(STEPS, counts[order], style, ms=5, color=colour, label=names[order])
    for truth, label in ((552, "without a time step"), (586, None)):
        below.axhline(truth, color="0.6", ls=":", lw=1, zorder=0, label=label)
    below.set(
        xlabel="time step (ms)", ylabel="spikes in 100 ms", title="All hundred neurons, without noise"
    )
    below.set_xticks(STEPS, [str(dt) for dt in STEPS])
    below.minorticks_off()
    low, high = below.get_ylim()
    below.set_ylim(low, high + 0.55 * (high - low))
    below.legend(loc="upper right")
    figure.align_ylabels()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
