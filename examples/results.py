"""From a run to tables and files: pandas, Neo, HDF5 and NWB, with the statistics that go along.

A noisy population is simulated, its spikes and some traces are recorded, and what was recorded goes to the
formats of other tools, with units and the text of the model (pip install 'numpybrain[export]'). What is not
installed is left out, and said.

    python results.py                  # prints statistics, writes nothing
    python results.py --out FOLDER     # also spikes.csv, spikes.h5 (SONATA) and run.nwb
    python results.py --plot isi.png   # the distribution of intervals, and correlations
    python results.py --quick          # 1 s of model time instead of 5 s
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--out", metavar="FOLDER", help="write the results to files in FOLDER")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)
cells = nb.Neurons(
    50,
    "dv/dt = (I - v)/(20*ms) + 4*mV*xi/sqrt(10*ms) : mV\nI : mV",
    threshold="v > 15*mV",
    reset="v = 0*mV",
    refractory="3 ms",
    initial={"v": "uniform(0*mV, 15*mV)"},
    I=np.linspace(11, 15, 50),
    name="population",
)
spikes, traces = nb.Monitor(cells, "spikes"), nb.Monitor(cells[:3], "v", every="1 ms")
net = nb.Network(cells, spikes, traces)
net.run("1 s" if options.quick else "5 s")

correlation = spikes.correlation(bin="20 ms")
print(f"mean rate            {spikes.count.mean() / net.t * 1000:.2f} Hz")
print(f"mean CV              {np.nanmean(spikes.cv()):.3f}")
print(f"mean correlation     {np.nanmean(correlation[np.triu_indices(50, 1)]):.4f} in bins of 20 ms")

if find_spec("pandas"):
    table = spikes.to_pandas()
    print(f"pandas               {len(table)} rows with {', '.join(map(str, table.columns))}")
if find_spec("neo"):
    segment = spikes.to_neo()
    print(f"Neo                  {type(segment).__name__}")
missing = [name for name in ("pandas", "neo", "h5py", "pynwb") if not find_spec(name)]
if missing:
    print(f"not installed        {', '.join(missing)}")
if options.out:
    folder = Path(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    spikes.to_csv(folder / "spikes.csv")
    if find_spec("h5py"):
        spikes.to_sonata(folder / "spikes.h5")
    if find_spec("pynwb"):
        nb.export.to_nwb(folder / "run.nwb", spikes, traces)
    print(f"written              {', '.join(sorted(path.name for path in folder.iterdir()))}")


def plot(path: str) -> None:
    """Draw the intervals between spikes, and the correlations of all pairs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    nb.plot.isi(spikes, ax=left, title="Intervals of all neurons")
    right.hist(correlation[np.triu_indices(50, 1)], 30, color=nb.plot.COLOURS[0])
    right.set(xlabel="correlation of spike counts", ylabel="pairs", title="Correlations in bins of 20 ms")
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
