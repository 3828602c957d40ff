"""One Hodgkin-Huxley neuron: action potentials, their gates, and two ways to integrate them.

The model is the library's "hodgkin_huxley", the squid giant axon of 1952. Two copies of it get the
same step of current, 10 uA/cm2 for 40 ms; one is integrated with exponential Euler, the other
with the classical Runge-Kutta method of fourth order, both at dt = 0.01 ms. Exponential Euler is
stable at steps where Runge-Kutta is not, but only of first order: its spikes come a little late.

    python hodgkin_huxley.py                 # about 4 s
    python hodgkin_huxley.py --plot hh.png   # with potential, gates and currents
    python hodgkin_huxley.py --quick         # a step of half that length
"""

import argparse

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

model = nb.load_model("hodgkin_huxley")
euler = nb.Neurons(1, model, method="exponential_euler", name="exponential_euler")
rk4 = nb.Neurons(1, model, method="rk4", name="rk4")

traces = [nb.Monitor(cell, "v", "m", "h", "n") for cell in (euler, rk4)]
spikes = [nb.Monitor(cell, "spikes") for cell in (euler, rk4)]
step = 20 if options.quick else 40  # ms
net = nb.Network(euler, rk4, traces, spikes, dt="0.01 ms")

net.run(5)
euler.I = rk4.I = "10 uA/cm**2"
net.run(step)
euler.I = rk4.I = 0
net.run(15)

for cell, trace, spike in zip((euler, rk4), traces, spikes, strict=True):
    v = trace.v[:, 0]
    times = " ".join(f"{t:.2f}" for t in spike.t)
    print(f"{cell.name:<17}  spikes at {times} ms")
    print(f"{'':<17}  v from {v.min():.3f} to {v.max():.3f} mV")
late = " ".join(f"{t:.2f}" for t in spikes[0].t - spikes[1].t)
print(f"exponential Euler is late by {late} ms")
approximate, exact = traces
for gate in "mhn":
    values = getattr(exact, gate)[:, 0]
    print(f"gate {gate}: {values[0]:.4f} at rest, from {values.min():.4f} to {values.max():.4f}")


def plot(path: str) -> None:
    """Draw potential, gating variables and ionic currents, and one spike close up."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 7.5), layout="constrained")
    axes = figure.subplots(3, 2, sharex="col", sharey="row", width_ratios=[2, 1])
    blue, orange, green, purple = nb.plot.COLOURS[:4]
    t, v, m, h, n = exact.t, *(getattr(exact, x)[:, 0] for x in "vmhn")
    sodium = rk4.g_Na * m**3 * h * (v - rk4.E_Na) / 1000
    potassium = rk4.g_K * n**4 * (v - rk4.E_K) / 1000
    for potential, gates, currents in axes.T:
        potential.plot(t, v, color="black", label="Runge-Kutta 4")
        potential.plot(t, approximate.v, "--", color=orange, label="exponential Euler")
        gates.plot(t, m, color=blue, label="m (sodium, opens)")
        gates.plot(t, h, color=orange, label="h (sodium, closes)")
        gates.plot(t, n, color=green, label="n (potassium)")
        currents.plot(t, sodium, color=blue, label="sodium")
        currents.plot(t, potassium, color=purple, label="potassium")
        currents.set_xlabel("time (ms)")
        for axis in (potential, gates, currents):
            label = "10 µA/cm² injected" if axis is potential else None
            axis.axvspan(5, 5 + step, color="0.92", lw=0, zorder=0, label=label)
    names = ("membrane potential (mV)", "gating variable", "ionic current (mA/cm²)")
    for axis, name in zip(axes[:, 0], names, strict=True):
        axis.set_ylabel(name)
        axis.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0.2, columnspacing=1.2)
    first = spikes[1].t[0]
    axes[0, 0].set_xlim(0, net.t)
    axes[0, 1].set(title="The first action potential", xlim=(first - 2.5, first + 5.5))
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
