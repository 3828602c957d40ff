"""How exact are the methods? The time of the second spike of four neurons, by method and time step.

Four models of the library get a constant current, and nine methods integrate them with steps from 0.2
to 0.025 ms. The table shows by how many ms the second spike is late (+) or early (-), compared with
SciPy at a tolerance of 1e-12 and the equations written a second time, below. What to look for:

- Half the step halves the error of a method of order 1, and divides that of order 4 by 16.
- A method of high order is no use where it is unstable: "x" is no second spike anywhere near. The
  exponential and implicit methods do not mind long steps, but are not exact with them.
- rk45 takes shorter steps where it needs them, so a long dt does no harm.
- In adex a reset waits for the end of the step, which adds an error of up to dt whatever the method.

In which step a spike falls, NumpyBrain says; where in the step, SciPy finds by going on from the state
at its beginning. So the errors are those of the methods and not those of reading the clock.

    python accuracy.py                       # half a minute; needs SciPy
    python accuracy.py --plot accuracy.png   # with the errors over dt
    python accuracy.py --quick               # four methods, two steps
"""

import argparse
import warnings
from collections.abc import Sequence
from math import cosh, exp, tanh

import numpy as np
from scipy.integrate import solve_ivp

import numpybrain as nb

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--plot", metavar="FILE", help="write a picture to FILE")
parser.add_argument("--quick", action="store_true", help="four methods, two steps")
options = parser.parse_args()

# orders, by family
EXPLICIT = {"euler": 1, "rk2": 2, "rk3": 3, "rk4": 4, "rk45": 5}
EXPONENTIAL = {"exponential_euler": 1, "exponential_midpoint": 2}
IMPLICIT = {"backward_euler": 1, "rosenbrock": 2}
ORDERS = EXPLICIT | EXPONENTIAL | IMPLICIT
STEPS = [0.2, 0.1, 0.05, 0.025]  # ms
METHOD_NAMES = {
    "euler": "forward Euler",
    "rk2": "Runge-Kutta 2",
    "rk3": "Runge-Kutta 3",
    "rk4": "Runge-Kutta 4",
    "rk45": "Runge-Kutta 4(5), adaptive",
    "exponential_euler": "exponential Euler",
    "exponential_midpoint": "exponential midpoint",
    "backward_euler": "backward Euler",
    "rosenbrock": "Rosenbrock",
}
MODEL_NAMES = {
    "hodgkin_huxley": "Hodgkin-Huxley",
    "morris_lecar": "Morris-Lecar",
    "fitzhugh_nagumo": "FitzHugh-Nagumo",
    "adex": "AdEx (resets on the time grid)",
}
if options.quick:
    ORDERS = {name: ORDERS[name] for name in ("euler", "rk4", "rk45", "exponential_euler")}
    STEPS = STEPS[1:3]

State = Sequence[float]


# The equations a second time, in units that need no factors: ms, mV, and uF/cm2 with mS/cm2 or pF with nS


def hodgkin_huxley(t: float, y: State) -> State:
    v, m, h, n = y
    a_m, b_m = 0.1 * (v + 40) / (1 - exp(-(v + 40) / 10)), 4 * exp(-(v + 65) / 18)
    a_n, b_n = 0.01 * (v + 55) / (1 - exp(-(v + 55) / 10)), 0.125 * exp(-(v + 65) / 80)
    a_h, b_h = 0.07 * exp(-(v + 65) / 20), 1 / (1 + exp(-(v + 35) / 10))
    dv = 10 - 120 * m**3 * h * (v - 50) - 36 * n**4 * (v + 77) - 0.3 * (v + 54.387)
    return dv, a_m * (1 - m) - b_m * m, a_h * (1 - h) - b_h * h, a_n * (1 - n) - b_n * n


def morris_lecar(t: float, y: State) -> State:
    v, w = y
    m_inf, w_inf = (1 + tanh((v + 1.2) / 18)) / 2, (1 + tanh((v - 2) / 30)) / 2
    dv = (100 - 2 * (v + 60) - 4.4 * m_inf * (v - 120) - 8 * w * (v + 84)) / 20
    return dv, 0.04 * cosh((v - 2) / 60) * (w_inf - w)


def fitzhugh_nagumo(t: float, y: State) -> State:
    v, w = y
    return v - v**3 / 3 - w + 0.5, (v + 0.7 - 0.8 * w) / 12.5


warnings.simplefilter("ignore", nb.StabilityWarning)  # what happens then is what the table shows


def adex(t: float, y: State) -> State:
    v, w = y
    spike = 30 * 2 * exp((min(v, -40.4) + 50.4) / 2)
    return (-30 * (v + 70.6) + spike - w + 1000) / 281, (4 * (v + 70.6) - w) / 144


# model: rates, variables, threshold, current in the unit of the library
MODELS = {
    "hodgkin_huxley": (hodgkin_huxley, "vmhn", 0, 10),
    "morris_lecar": (morris_lecar, "vw", 0, 100),
    "fitzhugh_nagumo": (fitzhugh_nagumo, "vw", 1, 0.5),
    "adex": (adex, "vw", -40.4, 1000),
}


def crossings(model: str, begin: float, y: State, end: float) -> tuple[np.ndarray, list]:
    """Times and states at which v rises above the threshold, from SciPy."""
    rates, _, threshold, _ = MODELS[model]

    def above(t: float, y: State) -> float:
        return y[0] - threshold

    above.direction = 1
    found = solve_ivp(rates, (begin, end), y, "DOP853", events=above, rtol=1e-12, atol=1e-12)
    return found.t_events[0], found.y_events[0]


def second_spike(model: str) -> float:
    """The true time of the second spike."""
    rest = nb.Neurons(1, model)
    times, states = crossings(model, 0, [getattr(rest, x)[0] for x in MODELS[model][1]], 150)
    if model == "adex":  # the only one with a reset: start again after the first spike
        reset = [-70.6, states[0][1] + 80.5]
        return crossings(model, times[0], reset, 150)[0][0]
    return times[1]


def error(model: str, method: str, dt: float, truth: float) -> float | str:
    """How late the second spike is; "-" if the method cannot do the model, "x" if it fails."""
    _, names, _, current = MODELS[model]
    try:
        cell = nb.Neurons(1, model, method=method, I=current)
    except nb.MethodError:
        return "-"
    trace, spikes = nb.Monitor(cell, *names), nb.Monitor(cell, "spikes")
    net = nb.Network(cell, trace, spikes, dt=dt)
    try:
        net.run(dt * np.ceil(1.25 * truth / dt))
    except nb.DivergenceError:
        return "x"
    if len(spikes) < 2 or abs(spikes.t[1] - truth) > truth / 4:
        return "x"
    begin = spikes.t[1]  # of the step
    state = [getattr(trace, x)[round(begin / dt), 0] for x in names]
    times, _ = crossings(model, begin, state, begin + 10 * dt)
    return times[0] - truth if times.size else "x"


errors = {}
for model in MODELS:
    truth = second_spike(model)
    print(f"{model}: the second spike is at {truth:.6f} ms; errors in ms")
    print(f"  {'dt (ms)':<20}" + "".join(f"{dt:>10}" for dt in STEPS))
    for method in ORDERS:
        row = errors[model, method] = [error(model, method, dt, truth) for dt in STEPS]
        print(f"  {method:<20}" + "".join(f"{e if isinstance(e, str) else f'{e:+.2g}':>10}" for e in row))
print("-: the method cannot do this model; x: there is no second spike near; adex: resets on the time grid")


def plot(path: str) -> None:
    """Draw the errors over dt: a panel for each model, a colour for each order, a style for each family."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 6.5), layout="constrained")
    panels = figure.subplots(2, 2, sharex=True, sharey=True).ravel()
    blue, vermilion, _, purple, orange = nb.plot.COLOURS[:5]
    colours = [None, vermilion, orange, purple, blue, "black"]
    for panel, model in zip(panels, MODELS, strict=True):
        for method, order in sorted(ORDERS.items(), key=lambda item: item[1]):
            sizes = [np.nan if isinstance(e, str) else abs(e) for e in errors[model, method]]
            style = "o-" if method in EXPLICIT else "s--" if method in EXPONENTIAL else "^:"
            label = f"{METHOD_NAMES[method]} ({order})"
            panel.loglog(STEPS, sizes, style, ms=5, color=colours[order], mfc="white", label=label)
        panel.set_title(MODEL_NAMES[model])
        panel.set_xticks(STEPS, [str(dt) for dt in STEPS])
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    figure.supxlabel("time step (ms); no mark: unstable, or no method for this model", fontsize=9)
    figure.supylabel("error of the time of the second spike (ms)", fontsize=9)
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside right upper", title="method (order)")
    figure.savefig(path, dpi=150)


if options.plot:
    with nb.plot.style():
        plot(options.plot)
