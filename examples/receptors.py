"""Four receptors: AMPA, NMDA, GABA-A and GABA-B, after one spike and after a burst.

Each receptor of the library meets the same four cells: two hear one spike, two a burst of ten spikes at
200 Hz, and of both one rests at -65 mV and one at -40 mV. Once they are held there (voltage clamp),
which shows the current, and once they are free, which shows the postsynaptic potential. All have 1 nS.

* AMPA and GABA-A are fast; GABA-A does little at -65 mV, because its reversal potential is near.
* NMDA is slow, and the only one that gains as the driving force shrinks: magnesium leaves the channel.
* GABA-B needs four G proteins for a channel: one spike does nothing, a burst a lot, and late.

    python receptors.py                      # 0.8 s of model time, about 8 s
    python receptors.py --plot receptors.png # with currents and potentials
    python receptors.py --quick              # 0.25 s of model time
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

START, INTERVAL, BURST = 10, 5, 10  # ms, ms, number of spikes
PULSE = {"T_max": "1 mM", "T_dur": "1 ms"}  # GABA-B gets the transmitter that AMPA and GABA-A have
RECEPTORS = {"ampa": {}, "nmda": {}, "gaba_a": {}, "gaba_b": PULSE}
REST = np.array([-65.0, -40.0])  # mV


def fires(t: float, n_spikes: np.ndarray) -> np.ndarray:
    """Spikes at START, START + INTERVAL ..., as many as a neuron has."""
    k = (t - START) / INTERVAL
    now = k > -0.5 and abs(k - round(k)) < 1e-6
    return now & (k < n_spikes - 0.5)


axons = nb.Neurons(2, {"n_spikes": "1"}, threshold=fires, name="axons")
axons.n_spikes = [1, BURST]
pairs = (np.array([0, 0, 1, 1]), np.arange(4))  # targets: one spike twice, then the burst twice

held, free, synapses, records = {}, {}, {}, {}
for name, values in RECEPTORS.items():
    held[name] = nb.Neurons(4, "v : mV\nI_syn : pA", name=f"held_{name}")
    held[name].v = np.tile(REST, 2)
    free[name] = nb.Neurons(
        4,
        """
        dv/dt = (g_L*(E_L - v) + I_syn)/C : mV
        g_L = 10*nS  : nS
        C   = 200*pF : pF
        E_L          : mV
        I_syn        : pA  # the sum over the synapses of a cell
        """,
        E_L=np.tile(REST, 2),
        initial={"v": "E_L"},
        name=f"free_{name}",
    )
    for kind, cells in (("clamp", held[name]), ("psp", free[name])):
        made = nb.Synapses(axons, cells, name, connect=pairs, name=f"{name}_{kind}", **values)
        synapses[name, kind] = made
    records[name] = [
        nb.Monitor(synapses[name, "clamp"], "s"),
        nb.Monitor(held[name], "I_syn"),
        nb.Monitor(free[name], "v"),
    ]

monitors = [monitor for some in records.values() for monitor in some]
net = nb.Network(axons, *held.values(), *free.values(), *synapses.values(), *monitors, dt="0.05 ms")
net.run("250 ms" if options.quick else "800 ms")


def peak(traces: np.ndarray) -> np.ndarray:
    """The largest deviation from the start in each column, with its sign."""
    away = traces - traces[0]
    return away[np.abs(away).argmax(axis=0), np.arange(away.shape[1])]


print(f"{'':<9}{'channels open':>18}{'current (pA)':>30}{'potential (mV)':>34}")
print(
    f"{'':<9}{'one':>10}{'burst':>8}"
    + f"{'one, -65/-40':>17}{'burst, -65/-40':>17}" * 2
    + f"{'peak at':>12}"
)
for name, (opened, current, potential) in records.items():
    s, i, v = peak(opened.s), peak(current.I_syn), peak(potential.v)
    late = potential.t[np.abs(potential.v - potential.v[0])[:, 2].argmax()] - START
    print(f"{name:<9}{s[0]:10.5f}{s[2]:8.4f}", end="")
    for x in (i, v):
        one, burst = f"{x[0]:.3f} {x[1]:.3f}", f"{x[2]:.2f} {x[3]:.2f}"
        print(f"{one:>17}{burst:>17}", end="")
    print(f"{late:9.2f} ms")

# What can be said without a simulation: the state after one pulse of transmitter, and the magnesium block.
for name, alpha, beta in (("ampa", 1.1, 0.19), ("gaba_a", 5, 0.18)):
    open_then = alpha / (alpha + beta) * (1 - np.exp(-(alpha + beta) * 1))
    print(f"{name}: open after one pulse {peak(records[name][0].s)[0]:.6f}, closed form {open_then:.6f}")
drive = REST / (1 + np.exp(-0.062 * REST) / 3.57)
currents = peak(records["nmda"][1].I_syn)
print(
    f"nmda: current at -40 mV is {currents[1] / currents[0]:.5f} times that at -65 mV, "
    f"closed form {drive[1] / drive[0]:.5f}"
)


def plot(path: str) -> None:
    """Draw currents above and potentials below, one column for each receptor."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    panels = figure.subplots(2, 4)
    colours = nb.plot.COLOURS[:2]
    titles = {"ampa": "AMPA", "gaba_a": "GABA$_A$", "nmda": "NMDA", "gaba_b": "GABA$_B$"}
    for (name, title), (above, below) in zip(titles.items(), panels.T, strict=True):
        _, current, potential = records[name]
        for column in range(4):
            where, burst = REST[column % 2], column > 1
            style = {"color": colours[column % 2], "lw": 1.6 if burst else 1, "ls": "-" if burst else "--"}
            label = f"{'ten spikes' if burst else 'one spike'}, cell at {where:g} mV"
            above.plot(current.t, current.I_syn[:, column], label=label, **style)
            below.plot(potential.t, potential.v[:, column] - where, **style)
        spikes = START + INTERVAL * np.arange(BURST)
        above.plot(spikes, np.full(BURST, 1.03), "|", color="0.4", transform=above.get_xaxis_transform())
        above.set_title(title, pad=14)
        above.lines[-1].set_clip_on(False)
        fast = name in ("ampa", "gaba_a")  # two time axes: 0.1 s, and as long as the run
        for axes in (above, below):
            axes.set(xlim=(0, 120 if fast else net.t), xlabel="time (ms)")
            axes.axhline(0, color="0.8", lw=0.8, zorder=0)
    panels[0, 0].set_ylabel("current into a cell\nunder voltage clamp (pA)")
    panels[1, 0].set_ylabel("potential of a free cell,\nfrom rest (mV)")
    figure.align_ylabels(panels[:, 0])
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
