"""CUBA: 4000 integrate-and-fire neurons with current-based synapses, excitation against inhibition.

Benchmark 2 of Brette et al. 2007 (doi:10.1007/s10827-007-0038-6), after Vogels and Abbott: 3200
excitatory and 800 inhibitory neurons, connected at random with probability 0.02. Without any noise
or input but a resting potential above threshold, the network settles in an asynchronous irregular
state of about 5.5 spikes per neuron and second, which it generates itself.

    python cuba.py                       # 1 s of model time, about 3 s
    python cuba.py --plot cuba.png       # with a raster plot
    python cuba.py --quick               # 0.3 s of model time, about 2 s
"""

import argparse

import numpy as np

import numpybrain as nb
from numpybrain.units import ms, second

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="a shorter run")
options = parser.parse_args()

nb.seed(1)  # everything that follows is reproducible, bit for bit

cells = nb.Neurons(
    4000,
    """
    dv/dt  = (ge + gi - (v - E_L)) / tau_m : mV (unless refractory)
    dge/dt = -ge / tau_e                   : mV
    dgi/dt = -gi / tau_i                   : mV
    E_L   = -49*mV : mV   # a constant right-hand side is a parameter with a default
    tau_m = 20*ms  : ms
    tau_e = 5*ms   : ms
    tau_i = 10*ms  : ms
    """,
    threshold="v > -50*mV",
    reset="v = -60*mV",
    refractory="5 ms",
    initial={"v": "-60*mV + 10*mV*rand()"},
)

random = nb.connect.probability(0.02)
exc = nb.Synapses(cells[:3200], cells, on_pre="ge += 1.62*mV", connect=random)
inh = nb.Synapses(cells[3200:], cells, on_pre="gi -= 9*mV", connect=random)

spikes = nb.Monitor(cells, "spikes")
trace = nb.Monitor(cells[:100], "v", "ge", "gi", every="1 ms")
net = nb.Network(cells, exc, inh, spikes, trace, dt="0.1 ms")
net.run(300 * ms if options.quick else 1 * second)

print(f"synapses          {len(exc) + len(inh)}")
print(f"spikes            {len(spikes)} in {net.t:g} ms")
print(f"firing rate       {spikes.rate:.3f} Hz")
print(f"silent neurons    {np.mean(spikes.count == 0):.1%}")
print(f"mean potential    {trace.v.mean():.1f} mV, standard deviation {trace.v.std():.1f} mV")
print(f"mean input        {trace.ge.mean():.2f} mV excitatory, {trace.gi.mean():.2f} mV inhibitory")

if options.plot:
    groups = {"excitatory": cells[:3200], "inhibitory": cells[3200:]}
    spikes.plot(options.plot, groups=groups)
