"""The f-I curve of a leaky integrate-and-fire neuron: one run instead of two hundred.

Two hundred neurons that differ only in their input current run side by side. Their rates are
compared with the closed form

    f(I) = 1 / (t_ref + tau * ln(R*I / (R*I - theta)))    for R*I > theta, otherwise 0

where theta is the distance from rest to threshold. The membrane equation is linear and integrated
exactly; what remains is that a simulated spike falls on a time step. An interval between spikes is
up to dt shorter than it should be, and the rate too high by up to f*f*dt / (1 - f*dt).

    python f_i_curve.py                      # 2 s of model time, about 3 s
    python f_i_curve.py --plot f_i.png       # with the curve and its deviation
    python f_i_curve.py --quick              # 20 neurons, 0.5 s of model time
"""

import argparse

import numpy as np

import numpybrain as nb
from numpybrain.units import nA

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="fewer neurons, a shorter run")
options = parser.parse_args()

n = 20 if options.quick else 200
cells = nb.Neurons(
    n,
    """
    dv/dt = (E_L - v + R*I) / tau : mV (unless refractory)
    E_L = -70*mV   : mV
    R   = 50*Mohm  : Mohm
    tau = 20*ms    : ms
    I              : nA
    """,
    threshold="v > V_T",
    reset="v = E_L",
    refractory="t_ref",
    initial={"v": "E_L"},
    I=np.linspace(0, 2, n) * nA,  # one value for each neuron
    V_T="-50 mV",  # names that the model leaves open
    t_ref="3 ms",
)
spikes = nb.Monitor(cells, "spikes")
net = nb.Network(cells, spikes, dt="0.1 ms")
net.run("0.5 s" if options.quick else "2 s")


def measured() -> np.ndarray:
    """Rates in Hz from the mean interval between spikes; 0 where there are fewer than two."""
    rates = np.zeros(n)
    for k in np.flatnonzero(spikes.count >= 2):
        rates[k] = 1000 / np.diff(spikes.train(k)).mean()
    return rates


def closed_form() -> np.ndarray:
    """Rates in Hz from the equation above."""
    rates, drive, theta = np.zeros(n), cells.R * cells.I, 20.0  # in mV
    fires = drive > theta
    times = 3 + cells.tau[fires] * np.log(drive[fires] / (drive[fires] - theta))  # in ms
    rates[fires] = 1000 / times
    return rates


rates, expected = measured(), closed_form()
deviation = np.abs(rates - expected)
worst = int(np.argmax(deviation))
dt = net.dt / 1000  # in seconds
bound = expected**2 * dt / (1 - expected * dt)
print(f"neurons that fire    {np.count_nonzero(rates)} of {n}, predicted {(expected > 0).sum()}")
print(f"highest rate         {rates.max():.3f} Hz, predicted {expected.max():.3f} Hz")
print(f"largest deviation    {deviation[worst]:.3f} Hz at {cells.I[worst]:.3f} nA")
print(f"what a step allows   {bound[worst]:.3f} Hz there, {bound.max():.3f} Hz at most")


def plot(path: str) -> None:
    """Draw the curve, and below it the deviation with its bound."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 5.5), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[2.5, 1])

    def curve(current: np.ndarray) -> np.ndarray:
        return nb.analysis.lif_rate(50 * current, threshold=20, tau=20, refractory=3)  # from rest, in mV

    nb.plot.f_i(cells.I, rates, ax=above, curve=curve, legend=False, xlabel="")
    above.axvline(0.4, color="0.6", ls=":", lw=1, zorder=0, label="rheobase")
    above.legend(loc="lower right")
    above.set_title("Leaky integrate-and-fire neuron with constant input")
    below.axhline(0, color="0.6", lw=0.8, zorder=0)
    below.plot(cells.I, rates - expected, ".", color=nb.plot.COLOURS[0], ms=5, clip_on=False)
    below.plot(cells.I, bound, color=nb.plot.COLOURS[1], label="largest that the time step allows")
    below.set(xlabel="input current (nA)", ylabel="deviation (Hz)", xlim=(0, 2))
    below.legend(loc="upper left")
    figure.align_ylabels()
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
