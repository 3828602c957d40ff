"""Measure what recording and inputs cost, as ratios, in one process.

    python examples/benchmarks/recording.py              # all ratios
    python examples/benchmarks/recording.py --stream run.h5   # memory of a long record in a file

Each ratio is the median over pairs of runs that alternate, so that a busy machine slows both alike.
"""

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpybrain as nb

CUBA = """
dv/dt  = (ge + gi - (v - E_L)) / tau_m : mV (unless refractory)
dge/dt = -ge / tau_e                   : mV
dgi/dt = -gi / tau_i                   : mV
E_L   = -49*mV : mV
tau_m = 20*ms  : ms
tau_e = 5*ms   : ms
tau_i = 10*ms  : ms
"""


def seconds(call: Callable[[], object]) -> float:
    """Give the time of the processor that a call takes."""
    before = time.process_time()  # others may be busy on the machine
    call()
    return time.process_time() - before


def ratio(a: Callable[[], object], b: Callable[[], object], pairs: int) -> float:
    """Give the median of the time of a, divided by that of b, over pairs in alternating order."""
    a(), b()
    found = []
    for k in range(pairs):
        if k % 2:
            time_b, time_a = seconds(b), seconds(a)
        else:
            time_a, time_b = seconds(a), seconds(b)
        found.append(time_a / time_b)
    return statistics.median(found)


def cuba(*, monitored: bool) -> nb.Network:
    """Make the CUBA network of 4000 neurons."""
    nb.seed(1)
    cells = nb.Neurons(
        4000, CUBA, threshold="v > -50*mV", reset="v = -60*mV", refractory="5 ms",
        initial={"v": "-60*mV + 10*mV*rand()"},
    )  # fmt: skip
    rule = nb.connect.probability(0.02)
    exc = nb.Synapses(cells[:3200], cells, on_pre="ge += 1.62*mV", connect=rule)
    inh = nb.Synapses(cells[3200:], cells, on_pre="gi -= 9*mV", connect=rule)
    monitors = [nb.Monitor(cells, "spikes")] if monitored else []
    return nb.Network(cells, exc, inh, *monitors, dt="0.1 ms")


def spikes_of_cuba(pairs: int, length: float) -> float:
    """Give the time of CUBA with its spikes recorded, divided by that without."""
    with_, without = cuba(monitored=True), cuba(monitored=False)
    return ratio(lambda: with_.run(length), lambda: without.run(length), pairs)


def variable(pairs: int, length: float) -> float:
    """Give what a record of 100 values costs in each step, divided by what `a[k] = b` costs.

    Both write to new memory: to get that from the system takes longer than to write to it.
    """
    cells = [nb.Neurons(100, {"v": "1"}, integrate=still) for _ in range(2)]
    with_ = nb.Network(cells[0], nb.Monitor(cells[0], "v"), dt=0.1)
    without = nb.Network(cells[1], dt=0.1)
    steps = round(length / 0.1)
    b = np.zeros(100)

    def assign() -> None:
        a = np.empty((steps, 100))
        for k in range(steps):
            a[k] = b

    with_.run(length), without.run(length), assign()
    found = []
    for _ in range(pairs):
        recorded, bare = seconds(lambda: with_.run(length)), seconds(lambda: without.run(length))
        found.append((recorded - bare) / seconds(assign))
    return statistics.median(found)


def poisson_group(pairs: int, length: float) -> float:
    """Give the time of 1000 Poisson sources, divided by that of an empty group with a threshold."""
    with_ = nb.Network(nb.inputs.Poisson(1000, "10 Hz"), dt="0.1 ms")
    without = nb.Network(nb.Neurons(1000, "v : 1", threshold="v > 1"), dt="0.1 ms")
    return ratio(lambda: with_.run(length), lambda: without.run(length), pairs)


def poisson_drive(pairs: int, length: float) -> float:
    """Give the time of `cells.poisson` on 4000 neurons, divided by that of `rng.random(4000)`."""
    cells = nb.Neurons(4000, "v : mV")
    drive = cells.poisson("v", n=1000, rate="20 Hz", weight="0.1 mV")
    net, rng, steps = nb.Network(cells, drive, dt="0.1 ms"), np.random.default_rng(1), round(length / 0.1)

    def draw() -> None:
        for _ in range(steps):
            rng.random(4000)

    return ratio(lambda: net.run(length), draw, pairs)


def still(v: object) -> None:
    """Leave the values of a group as they are."""


def megabytes() -> float:
    """Give the largest memory that this process has had."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def stream(path: str, length: float) -> None:
    """Print what memory a record of 10,000 neurons needs that goes to a file."""
    model = {"v": "1"}
    cells = nb.Neurons(10_000, model, integrate=still)
    bare = nb.Network(cells, dt=0.1)
    bare.run(length / 10)
    before = megabytes()
    others = nb.Neurons(10_000, model, integrate=still)
    net = nb.Network(others, nb.Monitor(others, "v", every=1, to=path, overwrite=True), dt=0.1)
    net.run(length)
    print(f"10,000 neurons, {length:g} records to {path}: {megabytes() - before:.0f} MB above the network")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--stream", metavar="FILE", help="measure the memory of a record in this file")
    parser.add_argument("--quick", action="store_true", help="short runs, to see that it works")
    given = parser.parse_args()
    pairs, length = (3, 20.0) if given.quick else (given.pairs, 200.0)
    if given.stream:
        stream(given.stream, 50.0 if given.quick else 1000.0)
        return
    for words, measure, time_of_run, limit in (
        ("spikes of CUBA, with / without monitor", spikes_of_cuba, length, 1.05),
        ("variable of 100 neurons, / a[k] = b", variable, 5 * length, 3),
        ("Poisson(1000), / empty group with a threshold", poisson_group, length, 2),
        ("cells.poisson, / rng.random(4000)", poisson_drive, length, 2.7),
    ):
        print(f"{words:48} {measure(pairs, time_of_run):6.3f}   (at most {limit:g})")


if __name__ == "__main__":
    main()
