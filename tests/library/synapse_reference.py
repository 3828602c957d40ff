"""Reference solutions of the library's models of synapses, computed without NumpyBrain.

One synapse, with given spikes of its source and target, and with potentials that are held. Each rule is written by
hand from the paper named above it, in plain numbers: ms, mV, nS, pA, mM; `units` says where it differs. `solve` is
the mathematics: SciPy's adaptive DOP853 from event to event, stopped where a right-hand side has a step.

Run as a program, this file prints the numbers for the `[check]` table of every model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import e, exp
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

SYNAPSES = Path(__file__).resolve().parents[2] / "models" / "synapses"

RTOL = 1e-11
ATOL = 1e-14

State = dict[str, float]  # the variables of the synapse, and v_pre, v_post
Values = Mapping[str, float]
Action = Callable[[State, Values], None]


@dataclass(frozen=True)
class Reference:
    """One model.

    `rhs` gives the slopes of the variables in `initial`; `on_pre` and `on_post` change the state at a spike,
    `later` changes it some time after a spike of the source; `kinks` are zero where a slope jumps;
    `outputs` are what else can be asked for.
    """

    units: Mapping[str, str]
    parameters: Values
    initial: Callable[[State, Values], State]
    rhs: Callable[[State, Values], State] = lambda _y, _p: {}
    on_pre: Action | None = None
    on_post: Action | None = None
    later: tuple[Callable[[Values], float], Action] | None = None
    delay: Callable[[Values], float] = lambda _p: 0.0
    kinks: Sequence[Callable[[State, Values], float]] = ()
    outputs: Mapping[str, Callable[[State, Values], float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """What happens: spike times, potentials as steps (time, mV), and amounts added to a variable (time, name, by)."""

    pre: Sequence[float] = ()
    post: Sequence[float] = ()
    v_pre: Sequence[tuple[float, float]] = ((0.0, 0.0),)
    v_post: Sequence[tuple[float, float]] = ((0.0, 0.0),)
    add: Sequence[tuple[float, str, float]] = ()


# -- receptors ------------------------------------------------------------------------------------


def conductance(y: State, p: Values) -> float:
    return p["w"] * p["g_max"] * y["s"] * (p["E"] - y["v_post"])


RECEPTOR = {"w": "1", "g_max": "nS", "E": "mV", "s": "1", "I_syn": "pA"}


def add_to(name: str, amount: float) -> Action:
    def act(y: State, p: Values) -> None:
        y[name] += amount

    return act


# Fourcaud & Brunel (2002): a current that decays.
EXPONENTIAL_CURRENT = Reference(
    units={"w": "1", "I_max": "pA", "tau": "ms", "s": "1", "I_syn": "pA"},
    parameters={"w": 1.0, "I_max": 10.0, "tau": 5.0},
    initial=lambda y, p: {"s": 0.0},
    rhs=lambda y, p: {"s": -y["s"] / p["tau"]},
    on_pre=add_to("s", 1.0),
    outputs={"I_syn": lambda y, p: p["w"] * p["I_max"] * y["s"]},
)

# Vogels & Abbott (2005): a conductance that decays, 6 nS and 5 ms for excitation.
EXPONENTIAL_CONDUCTANCE = Reference(
    units={**RECEPTOR, "tau": "ms"},
    parameters={"w": 1.0, "g_max": 6.0, "E": 0.0, "tau": 5.0},
    initial=lambda y, p: {"s": 0.0},
    rhs=lambda y, p: {"s": -y["s"] / p["tau"]},
    on_pre=add_to("s", 1.0),
    outputs={"I_syn": conductance},
)

# Rall (1967): each spike adds (t/tau)*exp(1 - t/tau), that is s'' + 2 s'/tau + s/tau**2 = (e/tau)*delta(t). Here
# with the slope r as second variable, unlike the model file.
ALPHA = Reference(
    units={**RECEPTOR, "tau": "ms"},
    parameters={"w": 1.0, "g_max": 1.0, "E": 0.0, "tau": 2.0},
    initial=lambda y, p: {"s": 0.0, "slope": 0.0},
    rhs=lambda y, p: {"s": y["slope"], "slope": -2 * y["slope"] / p["tau"] - y["s"] / p["tau"] ** 2},
    on_pre=lambda y, p: y.update(slope=y["slope"] + e / p["tau"]),
    outputs={"I_syn": conductance},
)


def peak_of_two(p: Values) -> float:
    """The peak of exp(-t/tau_decay) - exp(-t/tau_rise), where its slope vanishes."""
    rise, decay = p["tau_rise"], p["tau_decay"]
    t = rise * decay / (decay - rise) * np.log(decay / rise)
    return exp(-t / decay) - exp(-t / rise)


# Roth & van Rossum (2009): the difference of two exponentials over its peak, as two independent decays.
DOUBLE_EXPONENTIAL = Reference(
    units={**RECEPTOR, "tau_rise": "ms", "tau_decay": "ms"},
    parameters={"w": 1.0, "g_max": 1.0, "E": 0.0, "tau_rise": 0.5, "tau_decay": 5.0},
    initial=lambda y, p: {"late": 0.0, "early": 0.0},
    rhs=lambda y, p: {"late": -y["late"] / p["tau_decay"], "early": -y["early"] / p["tau_rise"]},
    on_pre=lambda y, p: y.update(late=y["late"] + 1, early=y["early"] + 1),
    outputs={
        "s": lambda y, p: (y["late"] - y["early"]) / peak_of_two(p),
        "I_syn": lambda y, p: conductance({**y, "s": (y["late"] - y["early"]) / peak_of_two(p)}, p),
    },
)


def kinetic(alpha: float, beta: float, reversal: float) -> Reference:
    """Destexhe et al. (1994, 1998): ds/dt = alpha*[T]*(1 - s) - beta*s, [T] a pulse of 1 mM for 1 ms."""
    return Reference(
        units={**RECEPTOR, "alpha": "1/mM/ms", "beta": "1/ms", "T_max": "mM", "T_dur": "ms"},
        parameters={
            "w": 1.0, "g_max": 1.0, "E": reversal, "alpha": alpha, "beta": beta, "T_max": 1.0, "T_dur": 1.0,
        },
        initial=lambda y, p: {"s": 0.0, "T": 0.0},
        rhs=lambda y, p: {"s": p["alpha"] * y["T"] * (1 - y["s"]) - p["beta"] * y["s"], "T": 0.0},
        on_pre=lambda y, p: y.update(T=p["T_max"]),
        later=(lambda p: p["T_dur"], lambda y, p: y.update(T=0.0)),
        outputs={"I_syn": conductance},
    )  # fmt: skip


AMPA = kinetic(1.1, 0.19, 0.0)
GABA_A = kinetic(5.0, 0.18, -80.0)

# Destexhe & Sejnowski (1995), Destexhe et al. (1998); ModelDB 18198, gabab.mod: K1 = 0.52 /mM/ms, K2 = 0.0013 /ms,
# K3 = 0.098 /ms, K4 = 0.033 /ms, Kd = 100 uM**4, four binding sites; a pulse of 0.5 mM for 0.3 ms.


def gaba_b_open(y: State, p: Values) -> float:
    return y["G"] ** p["n"] / (y["G"] ** p["n"] + p["K_d"])


GABA_B = Reference(
    units={
        **RECEPTOR, "K_1": "1/mM/ms", "K_2": "1/ms", "K_3": "1/ms", "K_4": "1/ms", "K_d": "1", "n": "1",
        "T_max": "mM", "T_dur": "ms", "r": "1", "G": "1",
    },
    parameters={
        "w": 1.0, "g_max": 1.0, "E": -95.0, "K_1": 0.52, "K_2": 0.0013, "K_3": 0.098, "K_4": 0.033,
        "K_d": 100.0, "n": 4.0, "T_max": 0.5, "T_dur": 0.3,
    },
    initial=lambda y, p: {"r": 0.0, "G": 0.0, "T": 0.0},
    rhs=lambda y, p: {
        "r": p["K_1"] * y["T"] * (1 - y["r"]) - p["K_2"] * y["r"],
        "G": p["K_3"] * y["r"] - p["K_4"] * y["G"],
        "T": 0.0,
    },
    on_pre=lambda y, p: y.update(T=p["T_max"]),
    later=(lambda p: p["T_dur"], lambda y, p: y.update(T=0.0)),
    outputs={
        "s": gaba_b_open,
        "I_syn": lambda y, p: conductance({**y, "s": gaba_b_open(y, p)}, p),
    },
)  # fmt: skip

# Wang (1999), with the values of Brunel & Wang (2001); Jahr & Stevens (1990) for the block:
# 1/(1 + exp(-0.062 V)*[Mg]/3.57).


def unblocked(v: float, magnesium: float) -> float:
    return 1 / (1 + exp(-0.062 * v) * magnesium / 3.57)


NMDA = Reference(
    units={**RECEPTOR, "Mg": "mM", "alpha": "1/ms", "tau_rise": "ms", "tau_decay": "ms", "x": "1", "B": "1"},
    parameters={
        "w": 1.0, "g_max": 1.0, "E": 0.0, "Mg": 1.0, "alpha": 0.5, "tau_rise": 2.0, "tau_decay": 100.0,
    },
    initial=lambda y, p: {"s": 0.0, "x": 0.0},
    rhs=lambda y, p: {
        "s": -y["s"] / p["tau_decay"] + p["alpha"] * y["x"] * (1 - y["s"]),
        "x": -y["x"] / p["tau_rise"],
    },
    on_pre=add_to("x", 1.0),
    outputs={
        "B": lambda y, p: unblocked(y["v_post"], p["Mg"]),
        "I_syn": lambda y, p: conductance(y, p) * unblocked(y["v_post"], p["Mg"]),
    },
)  # fmt: skip

# Stein (1965): a step of the potential.
DELTA = Reference(
    units={"w": "1", "J": "mV", "v_post": "mV"},
    parameters={"w": 1.0, "J": 1.0},
    initial=lambda y, p: {},
    on_pre=lambda y, p: y.update(v_post=y["v_post"] + p["w"] * p["J"]),
    outputs={"v_post": lambda y, p: y["v_post"]},
)

# Connors & Long (2004): Ohm's law.
GAP_JUNCTION = Reference(
    units={"w": "1", "g_max": "nS", "I_syn": "pA", "I_syn_pre": "pA"},
    parameters={"w": 1.0, "g_max": 1.0},
    initial=lambda y, p: {},
    outputs={
        "I_syn": lambda y, p: p["w"] * p["g_max"] * (y["v_pre"] - y["v_post"]),
        "I_syn_pre": lambda y, p: -p["w"] * p["g_max"] * (y["v_pre"] - y["v_post"]),
    },
)


# Gutierrez & Marder (2013): g = g_min + (g_max - g_min)/(1 + exp((V_1 - V_2)/nu)) with nu < 0 on the side from
# which current passes well.


def rectifying(y: State, p: Values) -> float:
    g = p["g_min"] + (p["g_max"] - p["g_min"]) / (1 + exp((y["v_pre"] - y["v_post"]) / -p["nu"]))
    return p["w"] * g * (y["v_pre"] - y["v_post"])


GAP_JUNCTION_RECTIFYING = Reference(
    units={"w": "1", "g_min": "nS", "g_max": "nS", "nu": "mV", "I_syn": "pA", "I_syn_pre": "pA"},
    parameters={"w": 1.0, "g_min": 0.1, "g_max": 1.0, "nu": 8.0},
    initial=lambda y, p: {},
    outputs={"I_syn": rectifying, "I_syn_pre": lambda y, p: -rectifying(y, p)},
)

# -- plasticity -----------------------------------------------------------------------------------


def decay(**taus: str) -> Callable[[State, Values], State]:
    """Slopes of traces; w stays."""
    return lambda y, p: {"w": 0.0, **{x: -y[x] / p[tau] for x, tau in taus.items()}}


def zero(*names: str) -> Callable[[State, Values], State]:
    """A weight as given, or 1, and traces of nothing."""
    return lambda _y, p: {"w": p.get("w", 1.0), **dict.fromkeys(names, 0.0)}


def bounded(w: float, p: Values) -> float:
    return min(max(w, 0.0), p["w_max"])


# Song, Miller & Abbott (2000): A_+ = 0.005, A_-/A_+ = 1.05, tau_+ = tau_- = 20 ms, in units of the largest weight.
PAIR = {"w": 1.0, "w_max": 1.0, "A_plus": 0.005, "A_minus": 0.00525, "tau_plus": 20.0, "tau_minus": 20.0}
PAIR_UNITS = {
    **dict.fromkeys(("w", "w_max", "A_plus", "A_minus", "x", "y"), "1"), "tau_plus": "ms", "tau_minus": "ms",
}  # fmt: skip


def pair(*, nearest: bool) -> Reference:
    """With traces that add up (all pairs) or start anew (Morrison et al. 2008, nearest neighbours)."""

    def on_pre(y: State, p: Values) -> None:
        y["w"] = bounded(y["w"] - p["A_minus"] * y["y"], p)
        y["x"] = 1.0 if nearest else y["x"] + 1

    def on_post(y: State, p: Values) -> None:
        y["w"] = bounded(y["w"] + p["A_plus"] * y["x"], p)
        y["y"] = 1.0 if nearest else y["y"] + 1

    rhs = decay(x="tau_plus", y="tau_minus")
    return Reference(PAIR_UNITS, PAIR, zero("x", "y"), rhs, on_pre, on_post)


# Pfister & Gerstner (2006), equations 3 and 4, table 4: visual cortex, all-to-all, full model. Times in ms.


def triplet_pre(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"] - y["y"] * (p["A_2_minus"] + p["A_3_minus"] * y["x_slow"]), p)
    y["x"] += 1
    y["x_slow"] += 1


def triplet_post(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"] + y["x"] * (p["A_2_plus"] + p["A_3_plus"] * y["y_slow"]), p)
    y["y"] += 1
    y["y_slow"] += 1


TRIPLET = Reference(
    units={
        **dict.fromkeys(("w", "w_max", "A_2_plus", "A_3_plus", "A_2_minus", "A_3_minus"), "1"),
        **dict.fromkeys(("x", "x_slow", "y", "y_slow"), "1"),
        **dict.fromkeys(("tau_plus", "tau_x", "tau_minus", "tau_y"), "ms"),
    },
    parameters={
        "w": 1.0, "w_max": 2.0, "A_2_plus": 5e-10, "A_3_plus": 6.2e-3, "A_2_minus": 7e-3,
        "A_3_minus": 2.3e-4, "tau_plus": 16.8, "tau_x": 101.0, "tau_minus": 33.7, "tau_y": 125.0,
    },
    initial=zero("x", "x_slow", "y", "y_slow"),
    rhs=decay(x="tau_plus", x_slow="tau_x", y="tau_minus", y_slow="tau_y"),
    on_pre=triplet_pre,
    on_post=triplet_post,
)  # fmt: skip

# Clopath et al. (2010), equations 1 to 3, table 1, visual cortex. The trace of the source is a rate: a spike adds
# 1/tau_x, since the spike train is a sum of delta functions.


def clopath_rhs(y: State, p: Values) -> State:
    high = max(y["v_post"] - p["theta_plus"], 0.0) * max(y["u_plus"] - p["theta_minus"], 0.0)
    return {
        "w": p["A_LTP"] * y["x"] * high,
        "x": -y["x"] / p["tau_x"],
        "u_minus": (y["v_post"] - y["u_minus"]) / p["tau_minus"],
        "u_plus": (y["v_post"] - y["u_plus"]) / p["tau_plus"],
    }


def clopath_pre(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"] - p["A_LTD"] * max(y["u_minus"] - p["theta_minus"], 0.0), p)
    y["x"] += 1 / p["tau_x"]


CLOPATH = Reference(
    units={
        "w": "1", "w_max": "1", "A_LTD": "1/mV", "A_LTP": "1/mV**2", "theta_minus": "mV", "theta_plus": "mV",
        "tau_x": "ms", "tau_minus": "ms", "tau_plus": "ms", "x": "1/ms", "u_minus": "mV", "u_plus": "mV",
    },
    parameters={
        "w_max": 2.0, "A_LTD": 14e-5, "A_LTP": 8e-5, "theta_minus": -70.6, "theta_plus": -45.3,
        "tau_x": 15.0, "tau_minus": 10.0, "tau_plus": 7.0,
    },
    initial=lambda y, p: {"w": 1.0, "x": 0.0, "u_minus": y["v_post"], "u_plus": y["v_post"]},
    rhs=clopath_rhs,
    on_pre=clopath_pre,
    kinks=(lambda y, p: y["u_plus"] - p["theta_minus"],),
)  # fmt: skip

# Graupner & Brunel (2012), equations 1 and 2 and table S1 (DP); times in ms, tau in seconds. Without noise.


def calcium_rhs(y: State, p: Values) -> State:
    rho, c = y["rho"], y["c"]
    slope = -rho * (1 - rho) * (p["rho_star"] - rho)
    slope += p["gamma_p"] * (1 - rho) * (c > p["theta_p"]) - p["gamma_d"] * rho * (c > p["theta_d"])
    return {"rho": slope / (1000 * p["tau"]), "c": -c / p["tau_Ca"]}


CALCIUM = Reference(
    units={
        "tau": "second", "tau_Ca": "ms", "D": "ms",
        **dict.fromkeys(("w_0", "w_1", "rho_star", "gamma_d", "gamma_p", "theta_d", "theta_p", "sigma"), "1"),
        **dict.fromkeys(("C_source", "C_target", "rho", "c", "strength"), "1"),
    },
    parameters={
        "w_0": 1.0, "w_1": 5.0, "tau": 150.0, "rho_star": 0.5, "gamma_d": 200.0, "gamma_p": 321.808,
        "theta_d": 1.0, "theta_p": 1.3, "sigma": 2.8284, "tau_Ca": 20.0, "C_source": 1.0, "C_target": 2.0,
        "D": 13.7,
    },
    initial=lambda y, p: {"rho": 0.5, "c": 0.0},
    rhs=calcium_rhs,
    on_pre=lambda y, p: y.update(c=y["c"] + p["C_source"]),
    on_post=lambda y, p: y.update(c=y["c"] + p["C_target"]),
    delay=lambda p: p["D"],
    kinks=(lambda y, p: y["c"] - p["theta_p"], lambda y, p: y["c"] - p["theta_d"]),
    outputs={"strength": lambda y, p: p["w_0"] + y["rho"] * (p["w_1"] - p["w_0"])},
)  # fmt: skip

# Vogels et al. (2011): dw = eta*(x_post - alpha) at a spike of the source, eta*x_pre at one of the target,
# alpha = 2*rho_0*tau.


def vogels_pre(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"] + p["eta"] * (y["y"] - 2 * p["rho_0"] * p["tau"] / 1000), p)
    y["x"] += 1


def vogels_post(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"] + p["eta"] * y["x"], p)
    y["y"] += 1


VOGELS = Reference(
    units={**dict.fromkeys(("w", "w_max", "eta", "x", "y"), "1"), "rho_0": "Hz", "tau": "ms"},
    parameters={"w": 1.0, "w_max": 10.0, "eta": 0.001, "rho_0": 5.0, "tau": 20.0},
    initial=zero("x", "y"),
    rhs=decay(x="tau", y="tau"),
    on_pre=vogels_pre,
    on_post=vogels_post,
)

# Izhikevich (2007): ds/dt = c*d, dc/dt = -c/tau_c + STDP(tau)*delta, dd/dt = -d/tau_d + DA(t). In seconds: tau_c = 1,
# tau_d = 0.2; the window has 20 ms on both sides, weakening 1.5 times as strong. D in 1/second.


def reward_pre(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"], p)
    y["c"] -= p["A_minus"] * y["y"]
    y["x"] += 1


def reward_post(y: State, p: Values) -> None:
    y["w"] = bounded(y["w"], p)
    y["c"] += p["A_plus"] * y["x"]
    y["y"] += 1


REWARD = Reference(
    units={
        **dict.fromkeys(("w_max", "A_plus", "A_minus", "w", "c", "x", "y"), "1"), "D": "1/second",
        "tau_plus": "ms", "tau_minus": "ms", "tau_c": "second", "tau_D": "second",
    },
    parameters={
        "w_max": 4.0, "A_plus": 0.1, "A_minus": 0.15, "tau_plus": 20.0, "tau_minus": 20.0,
        "tau_c": 1.0, "tau_D": 0.2,
    },
    initial=zero("c", "D", "x", "y"),
    rhs=lambda y, p: {
        "w": y["c"] * y["D"] / 1000,
        "c": -y["c"] / (1000 * p["tau_c"]),
        "D": -y["D"] / (1000 * p["tau_D"]),
        "x": -y["x"] / p["tau_plus"],
        "y": -y["y"] / p["tau_minus"],
    },
    on_pre=reward_pre,
    on_post=reward_post,
)  # fmt: skip

# van Rossum, Bi & Turrigiano (2000): dw/dt = beta*w*(a_goal - a) + gamma*w*integral of (a_goal - a),
# tau*da/dt = -a + spikes, with tau = 100 s, beta = 4e-5 /s/Hz, gamma = 1e-7 /s**2/Hz. Rates in Hz, slopes per ms.
SCALING = Reference(
    units={
        "a_goal": "Hz",
        "tau_a": "second",
        "beta": "1",
        "gamma": "1/second",
        "w": "1",
        "a": "Hz",
        "E": "1",
    },
    parameters={"a_goal": 10.0, "tau_a": 100.0, "beta": 4e-5, "gamma": 1e-7},
    initial=lambda y, p: {"w": 1.0, "a": p["a_goal"], "E": 0.0},
    rhs=lambda y, p: {
        "w": y["w"] * (p["beta"] * (p["a_goal"] - y["a"]) + p["gamma"] * y["E"]) / 1000,
        "a": -y["a"] / (1000 * p["tau_a"]),
        "E": (p["a_goal"] - y["a"]) / 1000,
    },
    on_post=lambda y, p: y.update(a=y["a"] + 1 / p["tau_a"]),
)

# -- short-term plasticity ------------------------------------------------------------------------


def released(y: State, p: Values) -> None:
    """u jumps, then u*x is released (Tsodyks, Pawelzik & Markram 1998, equations 2.1 and 2.2)."""
    y["u"] += p["U"] * (1 - y["u"])
    y["release"] = y["u"] * y["x"]
    y["x"] -= y["release"]


def short_term(rest: Callable[[Values], float], parameters: Values) -> Reference:
    return Reference(
        units={"U": "1", "tau_f": "ms", "tau_d": "ms", "u": "1", "x": "1"},
        parameters=parameters,
        initial=lambda y, p: {"u": rest(p), "x": 1.0},
        rhs=lambda y, p: {"u": (rest(p) - y["u"]) / p["tau_f"], "x": (1 - y["x"]) / p["tau_d"]},
        on_pre=released,
    )


# Tsodyks, Pawelzik & Markram (1998), facilitating: U = 0.03, tau_facil = 530 ms, tau_rec = 130 ms.
TSODYKS_MARKRAM = short_term(lambda p: 0.0, {"U": 0.03, "tau_f": 530.0, "tau_d": 130.0})
# Mongillo, Barak & Tsodyks (2008): U = 0.2, tau_F = 1.5 s, tau_D = 0.2 s; u relaxes to U.
MONGILLO = short_term(lambda p: p["U"], {"U": 0.2, "tau_f": 1500.0, "tau_d": 200.0})

# Abbott & Nelson (2000), figure 1: windows of other shapes, with the sizes of Song, Miller & Abbott.
SYMMETRIC = Reference(
    units={**dict.fromkeys(("w", "w_max", "A", "A_alone", "x", "y"), "1"), "tau": "ms"},
    parameters={"w": 1.0, "w_max": 1.0, "A": 0.005, "A_alone": 0.001, "tau": 20.0},
    initial=zero("x", "y"),
    rhs=decay(x="tau", y="tau"),
    on_pre=lambda y, p: y.update(w=bounded(y["w"] + p["A"] * y["y"] - p["A_alone"], p), x=y["x"] + 1),
    on_post=lambda y, p: y.update(w=bounded(y["w"] + p["A"] * y["x"], p), y=y["y"] + 1),
)
PAIRS = pair(nearest=False)
ANTI_HEBBIAN = replace(PAIRS, parameters={**PAIR, "A_plus": -0.005, "A_minus": -0.00525})


# Tsodyks, Uziel & Markram (2000), equations 3 and 4, onto interneurons: U = 0.04, tau_facil = 1 s, tau_rec = 0.1 s.
def activated(y: State, p: Values) -> None:
    y["u"] += p["U"] * (1 - y["u"])
    moved = y["u"] * y["x"]
    y["x"] -= moved
    y["y"] += moved


THREE_STATE = Reference(
    units={"U": "1", "tau_f": "ms", "tau_rec": "ms", "tau_psc": "ms", "u": "1", "x": "1", "y": "1"},
    parameters={"U": 0.04, "tau_f": 1000.0, "tau_rec": 100.0, "tau_psc": 3.0},
    initial=lambda y, p: {"x": 1.0, "y": 0.0, "u": 0.0},
    rhs=lambda y, p: {
        "x": (1 - y["x"] - y["y"]) / p["tau_rec"], "y": -y["y"] / p["tau_psc"], "u": -y["u"] / p["tau_f"],
    },
    on_pre=activated,
)  # fmt: skip

# Oja (1982), Bienenstock, Cooper & Munro (1982), of rates that are traces of spikes.
OJA = Reference(
    units={**dict.fromkeys(("w", "x", "y", "alpha"), "1"), "eta": "1/ms", "tau": "ms"},
    parameters={"eta": 0.01, "alpha": 1.0, "tau": 20.0},
    initial=lambda y, p: {"w": 0.5, "x": 0.0, "y": 0.0},
    rhs=lambda y, p: {
        "w": p["eta"] * y["y"] * (y["x"] - p["alpha"] * y["y"] * y["w"]),
        "x": -y["x"] / p["tau"], "y": -y["y"] / p["tau"],
    },
    on_pre=add_to("x", 1.0),
    on_post=add_to("y", 1.0),
)  # fmt: skip
BCM = Reference(
    units={**dict.fromkeys(("w", "x", "y", "theta"), "1"), "eta": "1/ms", "tau": "ms", "tau_theta": "ms"},
    parameters={"eta": 0.01, "tau": 20.0, "tau_theta": 2000.0},
    initial=lambda y, p: {"w": 0.5, "x": 0.0, "y": 0.0, "theta": 0.0},
    rhs=lambda y, p: {
        "w": p["eta"] * y["x"] * y["y"] * (y["y"] - y["theta"]),
        "x": -y["x"] / p["tau"], "y": -y["y"] / p["tau"], "theta": (y["y"] ** 2 - y["theta"]) / p["tau_theta"],
    },
    on_pre=add_to("x", 1.0),
    on_post=add_to("y", 1.0),
)  # fmt: skip


# Prinz, Bucher & Marder (2004): s_inf = 1/(1 + exp((V_th - V_pre)/Delta)), tau_s = (1 - s_inf)/k_minus.
def released_at(y: State, p: Values) -> float:
    return 1 / (1 + exp((p["V_half"] - y["v_pre"]) / p["Delta"]))


GRADED = Reference(
    units={**RECEPTOR, "tau": "ms", "V_half": "mV", "Delta": "mV"},
    parameters={"w": 1.0, "g_max": 1.0, "E": -70.0, "tau": 40.0, "V_half": -35.0, "Delta": 5.0},
    initial=lambda y, p: {"s": 0.0},
    rhs=lambda y, p: {"s": (released_at(y, p) - y["s"]) / ((1 - released_at(y, p)) * p["tau"])},
    outputs={"I_syn": conductance},
)


REFERENCES: dict[str, Reference] = {
    "bcm": BCM,
    "graded": GRADED,
    "oja": OJA,
    "short_term_three_state": THREE_STATE,
    "stdp_anti_hebbian": ANTI_HEBBIAN,
    "stdp_symmetric": SYMMETRIC,
    "alpha": ALPHA,
    "ampa": AMPA,
    "calcium_graupner_brunel": CALCIUM,
    "delta": DELTA,
    "double_exponential": DOUBLE_EXPONENTIAL,
    "exponential_conductance": EXPONENTIAL_CONDUCTANCE,
    "exponential_current": EXPONENTIAL_CURRENT,
    "gaba_a": GABA_A,
    "gaba_b": GABA_B,
    "gap_junction": GAP_JUNCTION,
    "gap_junction_rectifying": GAP_JUNCTION_RECTIFYING,
    "homeostatic_scaling": SCALING,
    "nmda": NMDA,
    "short_term_mongillo": MONGILLO,
    "short_term_tsodyks_markram": TSODYKS_MARKRAM,
    "stdp_clopath": CLOPATH,
    "stdp_inhibitory_vogels": VOGELS,
    "stdp_nearest": pair(nearest=True),
    "stdp_pair": pair(nearest=False),
    "stdp_reward": REWARD,
    "stdp_triplet": TRIPLET,
}

# -- solving --------------------------------------------------------------------------------------


def solve(
    reference: Reference,
    protocol: Protocol,
    at: Sequence[float],
    parameters: Values | None = None,
    *,
    late: float = 0.0,
) -> dict[str, np.ndarray]:
    """All variables and outputs at the times `at`, in ms; spikes act `late` after their time.

    What happens at one of the times is over by then.
    """
    p = {**reference.parameters, **(parameters or {})}
    y: State = {"v_pre": protocol.v_pre[0][1], "v_post": protocol.v_post[0][1]}
    y |= reference.initial(y, p)
    names = [n for n in y if n not in ("v_pre", "v_post")]
    slopes = list(reference.rhs(y, p))
    events = _events(reference, protocol, p, late)
    found: dict[str, list[float]] = {n: [] for n in (*names, *reference.outputs)}
    t = 0.0
    for end in sorted({*(time for time, _, _ in events), *at}):
        _advance(reference, y, p, slopes, t, end)
        t = end
        for time, _, act in events:
            if time == t:
                act(y, p)
        for _ in range(at.count(t) if isinstance(at, list) else sum(t == s for s in at)):
            for name in names:
                found[name].append(y[name])
            for name, output in reference.outputs.items():
                found[name].append(output(y, p))
    return {name: np.array(values) for name, values in found.items()}


def _events(
    reference: Reference, protocol: Protocol, p: Values, late: float
) -> list[tuple[float, int, Action]]:
    """Time, rank among those of the same time, action."""
    events: list[tuple[float, int, Action]] = []
    for name in ("v_pre", "v_post"):
        for time, value in getattr(protocol, name)[1:]:
            events.append((time, 0, lambda y, p, name=name, value=value: y.update({name: value})))
    if reference.later is not None:
        length, act = reference.later
        ends = [time + length(p) for time in protocol.pre]
        for k, end in enumerate(ends):  # a pulse that starts anew does not end
            if k + 1 == len(ends) or protocol.pre[k + 1] > end:
                events.append((end + late, 1, act))
    if reference.on_pre is not None:
        events += [(time + reference.delay(p) + late, 2, reference.on_pre) for time in protocol.pre]
    if reference.on_post is not None:
        events += [(time + late, 3, reference.on_post) for time in protocol.post]
    events += [(time, 4, add_to(name, by)) for time, name, by in protocol.add]
    return sorted(events, key=lambda event: event[:2])


def _advance(
    reference: Reference, y: State, p: Values, names: Sequence[str], start: float, end: float
) -> None:
    """Integrate from start to end in place; again from each kink on."""
    held = {n: v for n, v in y.items() if n not in names}

    def rhs(_t: float, values: Sequence[float]) -> list[float]:
        return list(reference.rhs({**held, **dict(zip(names, values, strict=True))}, p).values())

    def event(kink: Callable[[State, Values], float]) -> Any:
        def root(_t: float, values: Sequence[float]) -> float:
            return kink({**held, **dict(zip(names, values, strict=True))}, p)

        root.terminal = True  # type: ignore[attr-defined]
        return root

    t = start
    while names and t < end:
        kinks = [event(k) for k in reference.kinks]
        solution = solve_ivp(
            rhs, (t, end), [y[n] for n in names], "DOP853", rtol=RTOL, atol=ATOL, events=kinks or None
        )
        assert solution.success
        y.update(zip(names, map(float, solution.y[:, -1]), strict=True))
        t = float(solution.t[-1])
        if t < end:  # a tiny step over the kink
            step = min(1e-9, end - t)
            for n, slope in zip(names, rhs(t, [y[n] for n in names]), strict=True):
                y[n] += step * slope
            t += step


# -- the checks of the files ----------------------------------------------------------------------


def protocol_of(check: Mapping[str, Any]) -> Protocol:
    """What a `[check]` table lets happen."""
    steps = {key: [tuple(step) for step in check[key]] for key in ("v_pre", "v_post") if key in check}
    add = [tuple(item) for item in check.get("add", ())]
    return Protocol(check.get("pre", ()), check.get("post", ()), **steps, add=add)


def magnitude(text: str) -> float:
    return float(text.split()[0])


def print_checks() -> None:
    """For every file: the numbers that its check has to hold."""
    for name, reference in REFERENCES.items():
        check = tomllib.loads((SYNAPSES / f"{name}.toml").read_text(encoding="utf-8")).get("check")
        if check is None:
            print(f"{name}: no check")
            continue
        given = {key: magnitude(text) for key, text in check.get("parameters", {}).items()}
        found = solve(reference, protocol_of(check), check["at"], given)
        print(f"{name}:")
        for key in check["values"]:
            unit = reference.units[key]
            texts = (f'"{value:.9g}{"" if unit == "1" else " " + unit}"' for value in found[key])
            print(f"{key} = [{', '.join(texts)}]")


if __name__ == "__main__":
    print_checks()
