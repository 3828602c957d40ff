"""Short-term plasticity: synapses that tire, and synapses that warm up.

The model of Tsodyks, Pawelzik & Markram (1998, doi:10.1162/089976698300017502), from the library. Each
spike first raises u, the share of resources that it uses, and then takes u*x of the resources x:

* U = 0.5, and 800 ms until resources are back: depression, between pyramidal cells.
* U = 0.03, and u stays for 530 ms: facilitation, from pyramidal cells to interneurons.

Eight spikes at 20 Hz and a ninth half a second later show one synapse of each kind; sixty trains from
0.5 to 100 Hz, until they no longer change, show what is transmitted. At high rates depressing synapses let
the same through, whatever the rate (the release falls as 1/rate); facilitating ones prefer some rates.
From spike to spike both variables follow in closed form, with which all is compared.

    python short_term_plasticity.py                 # about 4 s
    python short_term_plasticity.py --plot stp.png  # with potentials, u and x, and the curves over the rate
    python short_term_plasticity.py --quick         # fewer trains
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="fewer trains")
options = parser.parse_args()

KINDS = {
    "depression": {"U": 0.5, "tau_d": 800, "tau_f": 1, "A": 250},  # ms, pA
    "facilitation": {"U": 0.03, "tau_d": 130, "tau_f": 530, "A": 1540},
}

# The library says what a spike releases; what that does is added here.
plastic = nb.load_model("short_term_tsodyks_markram") + nb.Model(
    """
    A        : pA  # current if all resources were released
    released : 1   # by the last spike
    """,
    on_pre="released = release; I_syn_post += A*release",
)
cell = """
    dv/dt = (E_L - v + R*I_syn)/tau_m : mV
    dI_syn/dt = -I_syn/tau_s          : pA
    E_L   = -70*mV   : mV
    R     = 100*Mohm : Mohm
    tau_m = 40*ms    : ms
    tau_s = 3*ms     : ms
    """


def expected(kind: str, intervals: np.ndarray) -> np.ndarray:
    """What the spikes of a train release: the solution between spikes, and the jump at a spike."""
    U, tau_d, tau_f = (KINDS[kind][name] for name in ("U", "tau_d", "tau_f"))
    u, x, found = 0.0, 1.0, []
    for wait in [0, *intervals]:
        u *= np.exp(-wait / tau_f)
        x = 1 + (x - 1) * np.exp(-wait / tau_d)
        u += U * (1 - u)
        found.append(u * x)
        x -= u * x
    return np.array(found)


def stationary(kind: str, interval: np.ndarray) -> np.ndarray:
    """What each spike of a regular train releases at last, when u and x return to the same values."""
    U, tau_d, tau_f = (KINDS[kind][name] for name in ("U", "tau_d", "tau_f"))
    u = U / (1 - (1 - U) * np.exp(-interval / tau_f))  # right after a spike
    kept = np.exp(-interval / tau_d)
    return u * (1 - kept) / (1 - (1 - u) * kept)


# ---- nine spikes ----

TIMES = np.append(20 + 50 * np.arange(8), 20 + 350 + 500)  # ms
axon = nb.Neurons(1, {"x": "1"}, threshold=lambda t, x: (np.abs(TIMES - t).min() < 1e-6) & (x < 1))
cells = nb.Neurons(2, cell, initial={"v": "E_L"}, name="cells")
both = nb.Synapses(axon, cells, plastic, connect=nb.connect.all_to_all(), name="both")
for name in ("U", "tau_d", "tau_f", "A"):
    setattr(both, name, [values[name] for values in KINDS.values()])
synapse = nb.Monitor(both, "u", "x", "released", phase="end")  # after the spikes of a step
potential = nb.Monitor(cells, "v")
net = nb.Network(axon, cells, both, synapse, potential, dt="0.1 ms")
net.run("1 s")

at = np.rint(TIMES / net.dt).astype(int)  # the step of each spike
for column, kind in enumerate(KINDS):
    found, closed = synapse.released[at, column], expected(kind, np.diff(TIMES))
    heights = [potential.v[k + 1 : k + 401, column].max() + 70 for k in at[[0, -1]]]
    print(f"{kind + ':':<13} released " + " ".join(f"{r:.4f}" for r in found))
    print(f"{'':<13} first potential {heights[0]:.3f} mV, last peak {heights[1]:.3f} mV")
    print(f"{'':<13} largest difference to the closed form {np.abs(found - closed).max():.1e}")


# ---- many trains ----

steps = np.unique(np.rint(10_000 / np.geomspace(0.5, 100, 15 if options.quick else 60)))  # of 0.1 ms
rates = 10_000 / steps  # Hz
trains = nb.Neurons(
    steps.size,
    {"interval": "1"},  # in steps
    threshold=lambda t, interval: np.rint(t / 0.1) % interval == 0,
    name="trains",
)
trains.interval = steps
sinks = nb.Neurons(steps.size, cell, name="sinks")
curves = {}
for kind, values in KINDS.items():
    curves[kind] = nb.Synapses(trains, sinks, plastic, connect="i == j", name=kind, **values)
net = nb.Network(trains, sinks, *curves.values(), dt="0.1 ms")
net.run("12 s")

for kind, synapses in curves.items():
    share, closed = synapses.released, stationary(kind, steps * 0.1)
    best = np.argmax(share * rates) if kind == "depression" else np.argmax(share)
    what = "most resources per second" if kind == "depression" else "largest release"
    amount = f"{share[best] * rates[best]:.3f}" if kind == "depression" else f"{share[best]:.4f}"
    print(f"{kind + ':':<13} {what} {amount} at {rates[best]:.1f} Hz")
    print(f"{'':<13} largest difference to the stationary state {np.abs(share - closed).max():.1e}")


def plot(path: str) -> None:
    """Draw potentials, u and x of the nine spikes, and releases over the rate."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 7.5), layout="constrained")
    grid = figure.add_gridspec(3, 2, height_ratios=[1.2, 1, 1.2])
    blue, orange, green = nb.plot.COLOURS[:3]
    colours = {"depression": blue, "facilitation": orange}
    for column, kind in enumerate(KINDS):
        above = figure.add_subplot(grid[0, column])
        above.plot(potential.t, potential.v[:, column], color=colours[kind])
        above.plot(TIMES, np.full(TIMES.size, -70.4), "|", color="0.4")
        above.set(title=f"{kind}, U = {KINDS[kind]['U']}", ylabel="potential (mV)", xlim=(0, 1000))
        above.tick_params(labelbottom=False)
        below = figure.add_subplot(grid[1, column], sharex=above)
        below.plot(synapse.t, synapse.x[:, column], color="0.5", label="resources x")
        below.plot(synapse.t, synapse.u[:, column], color=green, label="share in use u")
        below.plot(TIMES, expected(kind, np.diff(TIMES)), "o", ms=4, color="black", label="released u·x")
        below.set(xlabel="time (ms)", ylabel="resources (of all)", ylim=(0, 1.05), xlim=(0, 1000))
        below.legend(loc="lower right", ncols=3, bbox_to_anchor=(1, 1), borderaxespad=0.1)
        axes = figure.add_subplot(grid[2, column])
        fine = np.geomspace(0.5, 100, 400)
        for other in KINDS:
            factor = fine if column else 1
            axes.plot(fine, stationary(other, 1000 / fine) * factor, color=colours[other], lw=1)
            factor = rates if column else 1
            axes.plot(rates, curves[other].released * factor, ".", color=colours[other], label=other)
        axes.set(xscale="log", xlabel="rate of a regular train (Hz)", ylim=(0, None), xlim=(0.5, 100))
        axes.set_xticks([1, 10, 100], ["1", "10", "100"])
        axes.set_ylabel(
            "resources released\nper second" if column else "resources released\nby a spike (of all)"
        )
        axes.legend()
    figure.align_ylabels()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
