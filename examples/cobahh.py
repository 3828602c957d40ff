"""COBAHH: 4000 Hodgkin-Huxley neurons with conductance-based synapses.

Benchmark 3 of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6): the network of cuba.py with
neurons of sodium and potassium channels (after Traub and Miles), synapses that open conductances,
and no reset: an action potential repolarises by itself. Integrated with exponential Euler.

The rates are written as in textbooks. At v - V_T = 13, 15 or 40 mV one of them reads 0/0; that
needs no care: the simulator recognises the form and uses its limit.

    python cobahh.py                        # 0.5 s of model time, about 5 s
    python cobahh.py --plot cobahh.png      # with a raster plot and one action potential
    python cobahh.py --quick                # 0.1 s of model time, about 3 s
"""

import argparse

import numpy as np

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)

cells = nb.Neurons(
    4000,
    """
    dv/dt = (g_L*(E_L - v) + ge*(E_e - v) + gi*(E_i - v)
             + g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v)) / C : mV
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    dge/dt = -ge/tau_e : nS
    dgi/dt = -gi/tau_i : nS

    u = v - V_T : mV
    alpha_m = 0.32*(13*mV - u)/mV / (exp((13*mV - u)/(4*mV)) - 1) / ms  : 1/ms
    beta_m  = 0.28*(u - 40*mV)/mV / (exp((u - 40*mV)/(5*mV)) - 1) / ms  : 1/ms
    alpha_h = 0.128*exp((17*mV - u)/(18*mV)) / ms                       : 1/ms
    beta_h  = 4/(1 + exp((40*mV - u)/(5*mV))) / ms                      : 1/ms
    alpha_n = 0.032*(15*mV - u)/mV / (exp((15*mV - u)/(5*mV)) - 1) / ms : 1/ms
    beta_n  = 0.5*exp((10*mV - u)/(40*mV)) / ms                         : 1/ms

    area = 20000*um**2           : um**2
    C    = 1*uF/cm**2 * area     : pF
    g_L  = 0.05*mS/cm**2 * area  : nS
    g_Na = 100*mS/cm**2 * area   : nS
    g_K  = 30*mS/cm**2 * area    : nS
    E_L = -60*mV : mV
    E_Na = 50*mV : mV
    E_K = -90*mV : mV
    V_T = -63*mV : mV            # shifts the rates, and with them the threshold
    E_e = 0*mV   : mV
    E_i = -80*mV : mV
    tau_e = 5*ms : ms
    tau_i = 10*ms : ms
    """,
    threshold="v > -20*mV",
    refractory="3 ms",  # one action potential is one spike
    method="exponential_euler",
    initial={
        "v": "E_L - 5*mV + 5*mV*randn()",
        "ge": "(4 + 1.5*randn()) * 10*nS",
        "gi": "(20 + 12*randn()) * 10*nS",
    },
)

random = nb.connect.probability(0.02)
exc = nb.Synapses(cells[:3200], cells, on_pre="ge += 6*nS", connect=random)
inh = nb.Synapses(cells[3200:], cells, on_pre="gi += 67*nS", connect=random)

spikes = nb.Monitor(cells, "spikes")
trace = nb.Monitor(cells[:100], "v", "ge", "gi")
net = nb.Network(cells, exc, inh, spikes, trace, dt="0.1 ms")
net.run("100 ms" if options.quick else "500 ms")

print(f"synapses          {len(exc) + len(inh)}")
print(f"spikes            {len(spikes)} in {net.t:g} ms")
print(f"firing rate       {spikes.rate:.2f} Hz")
print(f"range of v        {trace.v.min():.1f} to {trace.v.max():.1f} mV")
print(f"conductances      {trace.ge.mean():.1f} nS excitatory, {trace.gi.mean():.1f} nS inhibitory")


def plot(path: str) -> None:
    """Draw a raster of every tenth neuron with the rate of all, and potential and conductances of one."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 7.5), layout="constrained")
    raster, rate, potential, conductance = figure.subplots(
        4, 1, sharex=True, height_ratios=[3, 1, 1.5, 1.5]
    )
    blue, orange = nb.plot.COLOURS[:2]
    excitatory = spikes.i < 3200
    for which, color, name in ((excitatory, blue, "excitatory"), (~excitatory, orange, "inhibitory")):
        some = which & (spikes.i % 10 == 0)
        raster.plot(spikes.t[some], spikes.i[some], ".", ms=3, mew=0, color=color)
        raster.plot([], [], "o", ms=5, color=color, label=name)
    raster.set(ylabel="neuron (every tenth)", ylim=(0, 4000), title="COBAHH network")
    raster.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.1)
    groups = {"excitatory": cells[:3200], "inhibitory": cells[3200:]}
    nb.plot.rate(spikes, ax=rate, groups=groups, legend=False)

    one = int(np.argmin(np.abs(spikes.count[:100] - 15)))  # fires, but not all the time
    nb.plot.traces(trace, "v", of=one, ax=potential, colours=["black"], legend=False)
    potential.set(ylabel="potential of\none neuron (mV)", ylim=(-95, 60))
    conductance.plot(trace.t, trace.ge[:, one], color=blue)
    conductance.plot(trace.t, trace.gi[:, one], color=orange)
    conductance.set(
        ylabel="its synaptic\nconductance (nS)", xlabel="time (ms)", xlim=(0, net.t), ylim=(0, None)
    )
    for axes in (raster, rate, potential):
        axes.set_xlabel("")
    figure.align_ylabels()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
