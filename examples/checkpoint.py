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


def report(label: str, synapses: nb.Synapses, spikes: nb.Monitor, since: float) -> None:
    """Print what has become of the weights, and how many spikes there were since a time (ms)."""
    w = synapses.w
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
    """Draw the weights at the time of the checkpoint, and at the end."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    before, after = snapshot[snapshot.names[2]]["state/values/w"], synapses.w
    for weights, label in ((before, "when it was saved"), (after, "at the end")):
        axes.plot(RATES, weights, ".", label=label)
    axes.set(xlabel="rate of the input (Hz)", ylabel="weight (mV)", title="Weights of a trained neuron")
    axes.legend()
    figure.savefig(target, dpi=150)


if options.plot:
    plot(options.plot)
