"""Save a network in the middle of its life, and go on later: with a trained synapse, as often as you like.

A neuron gets input from 100 others that fire regularly, some often, some rarely, through synapses with
spike-timing-dependent plasticity. When it has learnt for a while, the network is saved to a file. The
same script then makes the network anew, as another program would on another day, and loads the file:
it goes on as if nothing had happened, bit for bit, with the spikes that were on their way. And from the
same file it goes on differently: without plasticity, or with weights that have changed places.

    python checkpoint.py                     # 8 s of model time in all, a few seconds
    python checkpoint.py --plot trained.png  # with the weights before and after
    python checkpoint.py --quick             # 3 s of model time
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="shorter runs")
options = parser.parse_args()

INPUTS = 100
RATES = 5 + 30 * np.sqrt((np.arange(INPUTS) + 0.5) / INPUTS)  # Hz
FIRST, SECOND = (1000, 500) if options.quick else (6000, 2000)  # ms


def make() -> tuple[nb.Network, nb.Synapses, nb.Monitor]:
    """The network, always the same way: a checkpoint holds its state, not its equations."""
    inputs = nb.Neurons(
        INPUTS,
        "dp/dt = rate : 1\nrate : Hz",
        threshold="p >= 1",
        reset="p -= 1",
        rate=RATES,
        initial={"p": np.sqrt(np.arange(INPUTS)) % 1},
    )
    cell = nb.Neurons(
        1, "dv/dt = (g - v)/(10*ms) : mV\ndg/dt = -g/(5*ms) : mV", threshold="v > 10*mV", reset="v = 0*mV"
    )
    synapses = nb.Synapses(
        inputs,
        cell,
        """
        w                         : mV
        learning = 1              : 1
        da/dt = -a/(20*ms)        : mV (event-driven)
        db/dt = -b/(20*ms)        : mV (event-driven)
        """,
        on_pre="g_post += w; a += 0.05*mV; w = clip(w + learning*b, 0*mV, 3*mV)",
        on_post="b -= 0.0525*mV; w = clip(w + learning*a, 0*mV, 3*mV)",
        connect="all_to_all",
        delay="3 ms",
        w=1.5,
    )
    spikes = nb.Monitor(cell, "spikes")
    return nb.Network(inputs, cell, synapses, spikes), synapses, spikes


weights, later = {}, {}  # of each run: weights at its end, times of its spikes


def report(label: str, synapses: nb.Synapses, spikes: nb.Monitor, since: float) -> None:
    """Print what has become of the weights, and how many spikes there were since a time (ms)."""
    w = weights[label] = synapses.w.copy()
    later[label] = spikes.t[spikes.t >= since]
    print(f"{label:<19}{np.sum(spikes.t >= since)} spikes, weights {w.mean():.9f} +- {w.std():.9f} mV")


net, synapses, spikes = make()
net.run(FIRST)
report("trained", synapses, spikes, 0)

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "trained.npz"
    net.save(path)  # in one piece or not at all; net.snapshot() keeps the same in memory

    net.run(SECOND)
    report("uninterrupted", synapses, spikes, FIRST)

    again, resumed, recorded = make()
    snapshot = nb.load(path)  # every byte is checked; it can be looked at, and saved again
    print(f"the file            t = {snapshot.t:g} ms, {len(snapshot.names)} objects")
    again.restore(snapshot)  # or at once: again.load(path)
    again.run(SECOND)
    report("resumed", resumed, recorded, FIRST)
    same = np.array_equal(resumed.w, synapses.w) and np.array_equal(recorded.t, spikes.t)
    print(f"  bit for bit      {same}")

    again.restore(snapshot)  # back in time
    resumed.learning = 0
    again.run(SECOND)
    report("without learning", resumed, recorded, FIRST)

    again.load(path)
    resumed.w = resumed.w[::-1].copy()
    resumed.learning = 0
    again.run(SECOND)
    report("turned round", resumed, recorded, FIRST)


def plot(target: str) -> None:
    """Draw how one file has three futures, of which one is that of the run that was never interrupted."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.5, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    blue, orange, green, purple = nb.plot.COLOURS[:4]
    saved = snapshot[snapshot.names[2]]["state/values/w"]
    left.plot(RATES, saved, ".", ms=5, color="0.6", label="in the file")
    left.plot(RATES, synapses.w, "o", ms=6, mfc="none", color=blue, label="later, uninterrupted")
    left.plot(RATES, weights["resumed"], ".", ms=3, color=orange, label="later, resumed from the file")
    left.set(xlabel="firing rate of the input (Hz)", ylabel="weight (mV)")
    left.set_title("Learning goes on as if never interrupted")
    left.set_ylim(0, 1.4 * max(saved.max(), synapses.w.max()))
    left.legend(loc="upper left")
    futures = {
        "uninterrupted": ("uninterrupted", blue, 4),
        "resumed": ("resumed", orange, 1.5),
        "without learning": ("resumed without learning", green, 1.5),
        "turned round": ("resumed, weights in reverse order", purple, 1.5),
    }
    for label, (name, colour, width) in futures.items():
        times = np.append(later[label], FIRST + SECOND)
        alpha = 0.4 if width > 2 else 1
        right.step(
            times, np.arange(times.size), where="post", color=colour, lw=width, alpha=alpha, label=name
        )
    right.set(xlabel="time (ms)", ylabel="spikes since the file was saved", xlim=(FIRST, FIRST + SECOND))
    right.set(ylim=(0, None), title="One file, three futures")
    right.legend(loc="upper left")
    figure.savefig(target, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
