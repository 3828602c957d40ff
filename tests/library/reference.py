"""Reference solutions of the library's neuron models, computed without NumpyBrain.

Each right-hand side is written by hand from the paper named above it, in plain Python numbers,
and is never derived from the TOML file it checks. Every number is in the unit given in ``units``
and time is in ms; the units are chosen so that no conversion factor is needed: nS*mV = pA,
pA/pF = mV/ms, Mohm*nA = mV, mS/cm**2*mV = uA/cm**2, uA/uF = mV/ms.

There are two ways to run a model:

``solve``
    the mathematics: SciPy's adaptive DOP853 at tight tolerance, every threshold crossing located
    by root finding, the solver restarted after every reset and every refractory period.
``on_grid``
    the same equations on the simulator's time grid, with textbook Runge-Kutta and the simulator's
    order within a step (integrate, test the threshold, reset). The simulator has to give the very
    same steps, so an error of the order of dt cannot hide in the tolerance.

Run as a program, this file prints the numbers for the ``[check]`` table of every model.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import cosh, exp, log, tanh
from pathlib import Path
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import root

NEURONS = Path(__file__).resolve().parents[2] / "models" / "neurons"

RTOL = 1e-10
ATOL = 1e-12

Values = Mapping[str, float]
Rhs = Callable[[Sequence[float], Values], list[float]]


@dataclass(frozen=True)
class Reference:
    """One model. The first state is the one whose threshold is watched.

    A model with ``reset`` spikes whenever the threshold is crossed; ``refractory`` is the time
    for which the first state then stays where the reset put it. A model without ``reset`` spikes
    at each upward crossing, that is, it is refractory while it is above the threshold.
    """

    units: Mapping[str, str]
    parameters: Values
    initial: Values
    rhs: Rhs
    threshold: Callable[[Values], float]
    reset: Callable[[list[float], Values], list[float]] | None = None
    refractory: Callable[[Values], float] | None = None

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.initial)


@dataclass(frozen=True)
class Solution:
    """Spike times in ms, and the values of all states at the end of the run."""

    spike_times: list[float]
    final: dict[str, float]


# -- integrate and fire ---------------------------------------------------------------------------

# Dayan & Abbott (2001), Theoretical Neuroscience, section 5.4, equation 5.8 and figure 5.5.


def lif_rhs(y: Sequence[float], p: Values) -> list[float]:
    (v,) = y
    return [(p["E_L"] - v + p["R"] * p["I"]) / p["tau_m"]]


LIF = Reference(
    units={
        "v": "mV", "E_L": "mV", "V_th": "mV", "V_reset": "mV",
        "R": "Mohm", "tau_m": "ms", "t_ref": "ms", "I": "nA",
    },
    parameters={
        "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0,
        "R": 10.0, "tau_m": 10.0, "t_ref": 2.0, "I": 0.0,
    },
    initial={"v": -65.0},
    rhs=lif_rhs,
    threshold=lambda p: p["V_th"],
    reset=lambda _y, p: [p["V_reset"]],
    refractory=lambda p: p["t_ref"],
)  # fmt: skip


def lif_closed_form(parameters: Values, v: float, *, run: float) -> Solution:
    """The exact solution for constant current: v relaxes exponentially towards E_L + R*I."""
    p = {**LIF.parameters, **parameters}
    v_inf = p["E_L"] + p["R"] * p["I"]
    spikes: list[float] = []
    start = 0.0  # the time at which v starts, or starts again, to move
    while v_inf > p["V_th"]:
        crossing = start + p["tau_m"] * log((v_inf - v) / (v_inf - p["V_th"]))
        if crossing > run:
            break
        spikes.append(crossing)
        start, v = crossing + p["t_ref"], p["V_reset"]
    elapsed = max(run - start, 0.0)  # zero when the run ends within the refractory period
    return Solution(spikes, {"v": v_inf + (v - v_inf) * exp(-elapsed / p["tau_m"])})


# Fourcaud-Trocme et al. (2003), the model with the parameters fitted to the Wang-Buzsaki neuron.
# Only voltages up to the cutoff matter, so the exponential is evaluated no further.


def exponential_if_rhs(y: Sequence[float], p: Values) -> list[float]:
    (v,) = y
    spike = p["Delta_T"] * exp((min(v, p["V_cut"]) - p["V_T"]) / p["Delta_T"])
    return [(p["g_L"] * (p["E_L"] - v + spike) + p["I"]) / p["C"]]


EXPONENTIAL_IF = Reference(
    units={
        "v": "mV", "C": "uF/cm**2", "g_L": "mS/cm**2", "E_L": "mV", "V_T": "mV", "Delta_T": "mV",
        "V_cut": "mV", "V_reset": "mV", "t_ref": "ms", "I": "uA/cm**2",
    },
    parameters={
        "C": 1.0, "g_L": 0.1, "E_L": -65.0, "V_T": -59.9, "Delta_T": 3.48,
        "V_cut": -30.0, "V_reset": -68.0, "t_ref": 1.7, "I": 0.0,
    },
    initial={"v": -65.0},
    rhs=exponential_if_rhs,
    threshold=lambda p: p["V_cut"],
    reset=lambda _y, p: [p["V_reset"]],
    refractory=lambda p: p["t_ref"],
)  # fmt: skip


# Brette & Gerstner (2005). The cutoff is lower than theirs, and the exponential ends there too.


def adex_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, w = y
    spike = p["g_L"] * p["Delta_T"] * exp((min(v, p["V_cut"]) - p["V_T"]) / p["Delta_T"])
    return [
        (-p["g_L"] * (v - p["E_L"]) + spike - w + p["I"]) / p["C"],
        (p["a"] * (v - p["E_L"]) - w) / p["tau_w"],
    ]


ADEX = Reference(
    units={
        "v": "mV", "w": "pA", "C": "pF", "g_L": "nS", "E_L": "mV", "V_T": "mV", "Delta_T": "mV",
        "tau_w": "ms", "a": "nS", "b": "pA", "V_cut": "mV", "V_reset": "mV", "I": "pA",
    },
    parameters={
        "C": 281.0, "g_L": 30.0, "E_L": -70.6, "V_T": -50.4, "Delta_T": 2.0,
        "tau_w": 144.0, "a": 4.0, "b": 80.5, "V_cut": -40.4, "V_reset": -70.6, "I": 0.0,
    },
    initial={"v": -70.6, "w": 0.0},
    rhs=adex_rhs,
    threshold=lambda p: p["V_cut"],
    reset=lambda y, p: [p["V_reset"], y[1] + p["b"]],
)  # fmt: skip


# Izhikevich (2003), equations 1 to 3, regular spiking (figure 2, RS).


def izhikevich_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, u = y
    return [0.04 * v * v + 5 * v + 140 - u + p["I"], p["a"] * (p["b"] * v - u)]


IZHIKEVICH = Reference(
    units={
        "v": "mV", "u": "mV/ms", "a": "1/ms", "b": "1/ms", "c": "mV", "d": "mV/ms",
        "V_peak": "mV", "I": "mV/ms",
    },
    parameters={"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "V_peak": 30.0, "I": 0.0},
    initial={"v": -70.0, "u": -14.0},  # the resting state: 0.04*70**2 - 5*70 + 140 + 14 = 0
    rhs=izhikevich_rhs,
    threshold=lambda p: p["V_peak"],
    reset=lambda y, p: [p["c"], y[1] + p["d"]],
)  # fmt: skip


# -- two-dimensional oscillators ------------------------------------------------------------------

# FitzHugh (1961) in the form and with the parameters of Izhikevich & FitzHugh (2006), where
# dw/dt = 0.08*(v + 0.7 - 0.8*w), and 0.08 is 1/12.5.


def fitzhugh_nagumo_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, w = y
    return [
        (v - v * v * v / 3 - w + p["I"]) / p["tau"],
        (v + p["a"] - p["b"] * w) / p["tau_w"],
    ]


FITZHUGH_NAGUMO = Reference(
    units={"v": "1", "w": "1", "a": "1", "b": "1", "tau": "ms", "tau_w": "ms", "I": "1"},
    parameters={"a": 0.7, "b": 0.8, "tau": 1.0, "tau_w": 12.5, "I": 0.0},
    initial={"v": -1.2, "w": -0.625},
    rhs=fitzhugh_nagumo_rhs,
    threshold=lambda _p: 1.0,
)


# Morris & Lecar (1981), the reduced system, with the parameters of Rinzel & Ermentrout (1989).


def morris_lecar_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, w = y
    m_inf = 0.5 * (1 + tanh((v - p["V_1"]) / p["V_2"]))
    w_inf = 0.5 * (1 + tanh((v - p["V_3"]) / p["V_4"]))
    rate = p["phi"] * cosh((v - p["V_3"]) / (2 * p["V_4"]))
    current = (
        p["I"]
        - p["g_L"] * (v - p["E_L"])
        - p["g_Ca"] * m_inf * (v - p["E_Ca"])
        - p["g_K"] * w * (v - p["E_K"])
    )
    return [current / p["C"], rate * (w_inf - w)]


MORRIS_LECAR = Reference(
    units={
        "v": "mV", "w": "1", "C": "uF/cm**2", "I": "uA/cm**2", "phi": "1/ms",
        **dict.fromkeys(("g_L", "g_Ca", "g_K"), "mS/cm**2"),
        **dict.fromkeys(("E_L", "E_Ca", "E_K", "V_1", "V_2", "V_3", "V_4"), "mV"),
    },
    parameters={
        "C": 20.0, "g_L": 2.0, "g_Ca": 4.4, "g_K": 8.0, "E_L": -60.0, "E_Ca": 120.0, "E_K": -84.0,
        "V_1": -1.2, "V_2": 18.0, "V_3": 2.0, "V_4": 30.0, "phi": 0.04, "I": 0.0,
    },
    initial={"v": -60.0, "w": 0.5 * (1 + tanh((-60 - 2) / 30))},
    rhs=morris_lecar_rhs,
    threshold=lambda _p: 0.0,
)  # fmt: skip


# -- Hodgkin-Huxley type --------------------------------------------------------------------------


def linoid(x: float) -> float:
    """x/(1 - exp(-x)) with its limit 1 + x/2 + x**2/12 - ... near zero."""
    return 1 + x / 2 + x * x / 12 if abs(x) < 1e-4 else x / (1 - exp(-x))


# Hodgkin & Huxley (1952), equations 26 and 12, 13, 15, 16, 20, 21, 23, 24. The paper measures the
# displacement from rest, V = E_rest - v with E_rest = -65 mV, positive for hyperpolarisation.


def hodgkin_huxley_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, m, h, n = y
    displacement = -65.0 - v
    alpha_m = linoid(-(displacement + 25) / 10)
    beta_m = 4 * exp(displacement / 18)
    alpha_h = 0.07 * exp(displacement / 20)
    beta_h = 1 / (exp((displacement + 30) / 10) + 1)
    alpha_n = 0.1 * linoid(-(displacement + 10) / 10)
    beta_n = 0.125 * exp(displacement / 80)
    current = (
        p["I"]
        - p["g_Na"] * m * m * m * h * (v - p["E_Na"])
        - p["g_K"] * n * n * n * n * (v - p["E_K"])
        - p["g_L"] * (v - p["E_L"])
    )
    return [
        current / p["C"],
        alpha_m * (1 - m) - beta_m * m,
        alpha_h * (1 - h) - beta_h * h,
        alpha_n * (1 - n) - beta_n * n,
    ]


HODGKIN_HUXLEY = Reference(
    units={
        "v": "mV", "m": "1", "h": "1", "n": "1", "C": "uF/cm**2", "I": "uA/cm**2",
        **dict.fromkeys(("g_Na", "g_K", "g_L"), "mS/cm**2"),
        **dict.fromkeys(("E_Na", "E_K", "E_L"), "mV"),
    },
    parameters={
        "C": 1.0, "g_Na": 120.0, "g_K": 36.0, "g_L": 0.3,
        "E_Na": 50.0, "E_K": -77.0, "E_L": -54.387, "I": 0.0,
    },
    # alpha/(alpha + beta) at v = -65 mV, where the displacement is zero
    initial={
        "v": -65.0,
        "m": linoid(-2.5) / (linoid(-2.5) + 4),
        "h": 0.07 / (0.07 + 1 / (exp(3) + 1)),
        "n": 0.1 * linoid(-1) / (0.1 * linoid(-1) + 0.125),
    },
    rhs=hodgkin_huxley_rhs,
    threshold=lambda _p: 0.0,
)  # fmt: skip


# Brette et al. (2007), benchmark 3: the kinetics of Traub & Miles (1991) with the voltage measured
# from V_T, and two synaptic conductances that decay exponentially.


def traub_miles_gates(u: float) -> dict[str, tuple[float, float]]:
    """(alpha, beta) of each gate in 1/ms at u = v - V_T in mV."""
    return {
        "m": (0.32 * 4 * linoid((u - 13) / 4), 0.28 * 5 * linoid((40 - u) / 5)),
        "h": (0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5))),
        "n": (0.032 * 5 * linoid((u - 15) / 5), 0.5 * exp((10 - u) / 40)),
    }


def traub_miles_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, m, h, n, g_e, g_i = y
    gates = traub_miles_gates(v - p["V_T"])
    current = (
        p["I"]
        + p["g_L"] * (p["E_L"] - v)
        + g_e * (p["E_e"] - v)
        + g_i * (p["E_i"] - v)
        + p["g_Na"] * m * m * m * h * (p["E_Na"] - v)
        + p["g_K"] * n * n * n * n * (p["E_K"] - v)
    )
    gate_rates = [
        alpha * (1 - x) - beta * x for x, (alpha, beta) in zip((m, h, n), gates.values(), strict=True)
    ]
    return [current / p["C"], *gate_rates, -g_e / p["tau_e"], -g_i / p["tau_i"]]


TRAUB_MILES_HH = Reference(
    units={
        "v": "mV", "m": "1", "h": "1", "n": "1", "C": "pF", "I": "pA", "tau_e": "ms", "tau_i": "ms",
        **dict.fromkeys(("g_e", "g_i", "g_Na", "g_K", "g_L"), "nS"),
        **dict.fromkeys(("E_Na", "E_K", "E_L", "E_e", "E_i", "V_T"), "mV"),
    },
    parameters={
        "C": 200.0, "g_Na": 20000.0, "g_K": 6000.0, "g_L": 10.0,
        "E_Na": 50.0, "E_K": -90.0, "E_L": -60.0, "V_T": -63.0,
        "E_e": 0.0, "E_i": -80.0, "tau_e": 5.0, "tau_i": 10.0, "I": 0.0,
    },
    # the gates are in equilibrium at v = E_L, that is at u = 3 mV
    initial={
        "v": -60.0,
        **{gate: a / (a + b) for gate, (a, b) in traub_miles_gates(3.0).items()},
        "g_e": 0.0,
        "g_i": 0.0,
    },
    rhs=traub_miles_rhs,
    threshold=lambda _p: -20.0,
)  # fmt: skip


# Wang & Buzsaki (1996), equations 2.1 to 2.4: sodium activation is in equilibrium.


def wang_buzsaki_gates(v: float) -> dict[str, tuple[float, float]]:
    """(alpha, beta) of each gate in 1/ms."""
    return {
        "m_Na": (linoid((v + 35) / 10), 4 * exp(-(v + 60) / 18)),
        "h_Na": (0.07 * exp(-(v + 58) / 20), 1 / (exp(-0.1 * (v + 28)) + 1)),
        "n_K": (0.1 * linoid((v + 34) / 10), 0.125 * exp(-(v + 44) / 80)),
    }


def wang_buzsaki_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, h, n = y
    gates = wang_buzsaki_gates(v)
    m = gates["m_Na"][0] / sum(gates["m_Na"])
    current = (
        p["I"]
        - p["g_Na"] * m**3 * h * (v - p["E_Na"])
        - p["g_K"] * n**4 * (v - p["E_K"])
        - p["g_leak"] * (v - p["E_leak"])
    )
    (alpha_h, beta_h), (alpha_n, beta_n) = gates["h_Na"], gates["n_K"]
    return [
        current / p["C"],
        p["phi"] * (alpha_h * (1 - h) - beta_h * h),
        p["phi"] * (alpha_n * (1 - n) - beta_n * n),
    ]


WANG_BUZSAKI = Reference(
    units={
        "v": "mV", "h_Na": "1", "n_K": "1", "C": "uF/cm**2", "I": "uA/cm**2", "phi": "1",
        **dict.fromkeys(("g_Na", "g_K", "g_leak"), "mS/cm**2"),
        **dict.fromkeys(("E_Na", "E_K", "E_leak"), "mV"),
    },
    parameters={
        "C": 1.0, "g_Na": 35.0, "g_K": 9.0, "g_leak": 0.1,
        "E_Na": 55.0, "E_K": -90.0, "E_leak": -65.0, "phi": 5.0, "I": 0.0,
    },
    initial={
        "v": -64.0,
        **{x: a / (a + b) for x, (a, b) in wang_buzsaki_gates(-64.0).items() if x != "m_Na"},
    },
    rhs=wang_buzsaki_rhs,
    threshold=lambda _p: 0.0,
)  # fmt: skip


# Pospischil et al. (2008), a regular spiking cell: the kinetics of Traub & Miles and an M current.


def pospischil_rs_rhs(y: Sequence[float], p: Values) -> list[float]:
    v, m, h, n, w = y
    (a_m, b_m), (a_h, b_h), (a_n, b_n) = traub_miles_gates(v - p["V_T"]).values()
    current = (
        p["I"]
        - p["g_Na"] * m**3 * h * (v - p["E_Na"])
        - p["g_K"] * n**4 * (v - p["E_K"])
        - p["g_M"] * w * (v - p["E_M"])
        - p["g_leak"] * (v - p["E_leak"])
    )
    tau = p["tau_max_M"] / (3.3 * exp((v + 35) / 20) + exp(-(v + 35) / 20))
    return [
        current / p["C"],
        a_m * (1 - m) - b_m * m,
        a_h * (1 - h) - b_h * h,
        a_n * (1 - n) - b_n * n,
        (1 / (1 + exp(-(v + 35) / 10)) - w) / tau,
    ]


POSPISCHIL_RS = Reference(
    units={
        "v": "mV", "C": "uF/cm**2", "I": "uA/cm**2", "tau_max_M": "ms",
        **dict.fromkeys(("m_Na", "h_Na", "n_K", "p_M"), "1"),
        **dict.fromkeys(("g_Na", "g_K", "g_M", "g_leak"), "mS/cm**2"),
        **dict.fromkeys(("E_Na", "E_K", "E_M", "E_leak", "V_T"), "mV"),
    },
    parameters={
        "C": 1.0, "g_Na": 56.0, "g_K": 6.0, "g_M": 0.075, "g_leak": 0.0205, "tau_max_M": 608.0,
        "E_Na": 50.0, "E_K": -90.0, "E_M": -90.0, "E_leak": -70.3, "V_T": -56.2, "I": 0.0,
    },
    initial={
        "v": -71.9,
        **{
            name: a / (a + b)
            for name, (a, b) in zip(
                ("m_Na", "h_Na", "n_K"), traub_miles_gates(-71.9 + 56.2).values(), strict=True
            )
        },
        "p_M": 1 / (1 + exp(36.9 / 10)),
    },
    rhs=pospischil_rs_rhs,
    threshold=lambda _p: 0.0,
)  # fmt: skip


REFERENCES: dict[str, Reference] = {
    "lif": LIF,
    "exponential_if": EXPONENTIAL_IF,
    "adex": ADEX,
    "izhikevich": IZHIKEVICH,
    "fitzhugh_nagumo": FITZHUGH_NAGUMO,
    "morris_lecar": MORRIS_LECAR,
    "hodgkin_huxley": HODGKIN_HUXLEY,
    "traub_miles_hh": TRAUB_MILES_HH,
    "wang_buzsaki": WANG_BUZSAKI,
    "pospischil_rs": POSPISCHIL_RS,
}


# -- solving --------------------------------------------------------------------------------------


def start(
    reference: Reference, parameters: Values, initial: Values
) -> tuple[dict[str, float], list[float]]:
    """All parameter values, and the state at time zero; an unknown name is an error."""
    unknown = set(parameters) - set(reference.parameters) | set(initial) - set(reference.initial)
    if unknown:
        raise KeyError(f"the reference has no {sorted(unknown)}")
    return (
        {**reference.parameters, **parameters},
        list({**reference.initial, **initial}.values()),
    )


def solve(
    reference: Reference,
    parameters: Values,
    initial: Values,
    *,
    run: float,
    method: str = "DOP853",
) -> Solution:
    """Integrate to ``run`` (ms) with located threshold crossings."""
    p, y = start(reference, parameters, initial)
    level = reference.threshold(p)
    spikes: list[float] = []

    def free(_t: float, y: np.ndarray) -> list[float]:
        return reference.rhs(y.tolist(), p)

    def held(_t: float, y: np.ndarray) -> list[float]:
        return [0.0, *reference.rhs(y.tolist(), p)[1:]]

    def crossing(_t: float, y: np.ndarray) -> float:
        return float(y[0]) - level

    crossing.direction = 1  # type: ignore[attr-defined]
    crossing.terminal = reference.reset is not None  # type: ignore[attr-defined]

    def integrate(
        rhs: Callable[[float, np.ndarray], list[float]], begin: float, end: float, y: list[float]
    ) -> Any:
        events = crossing if rhs is free else None
        result = solve_ivp(rhs, (begin, end), y, method, events=events, rtol=RTOL, atol=ATOL)
        if not result.success:
            raise ArithmeticError(result.message)
        return result

    t = 0.0
    while t < run:
        result = integrate(free, t, run, y)
        t, y = float(result.t[-1]), result.y[:, -1].tolist()
        spikes += result.t_events[0].tolist()
        if reference.reset is None or not result.t_events[0].size:
            break
        y = reference.reset(y, p)
        hold_until = min(t + (reference.refractory(p) if reference.refractory else 0.0), run)
        if hold_until > t:
            y = integrate(held, t, hold_until, y).y[:, -1].tolist()
            t = hold_until
    return Solution(spikes, dict(zip(reference.states, y, strict=True)))


def on_grid(
    reference: Reference, parameters: Values, initial: Values, *, run: float, dt: float
) -> Solution:
    """Classical Runge-Kutta with step ``dt`` and the simulator's rules for spikes.

    In step k the state goes from k*dt to (k + 1)*dt; a neuron that is then above the threshold has
    spiked at time k*dt and is reset. After a spike at step k it can spike again at step k + R,
    where R = refractory/dt, and its first state does not move in between.
    """
    p, y = start(reference, parameters, initial)
    level = reference.threshold(p)
    wait = round(reference.refractory(p) / dt) if reference.refractory else 0
    spikes: list[float] = []
    last, free = -wait, True

    for step in range(round(run / dt)):
        if reference.reset is None:
            free = free or y[0] <= level
            held = False
        else:
            free = step - last >= wait
            held = not free
        y = rk4_step(reference.rhs, y, p, dt, held=held)
        if free and y[0] > level:
            spikes.append(step * dt)
            last, free = step, False
            if reference.reset is not None:
                y = reference.reset(y, p)
    return Solution(spikes, dict(zip(reference.states, y, strict=True)))


def rk4_step(rhs: Rhs, y: list[float], p: Values, dt: float, *, held: bool) -> list[float]:
    def slope(y: list[float]) -> list[float]:
        k = rhs(y, p)
        return [0.0, *k[1:]] if held else k

    def moved(k: list[float], h: float) -> list[float]:
        return [x + h * d for x, d in zip(y, k, strict=True)]

    k1 = slope(y)
    k2 = slope(moved(k1, dt / 2))
    k3 = slope(moved(k2, dt / 2))
    k4 = slope(moved(k3, dt))
    mean = [(a + 2 * b + 2 * c + d) / 6 for a, b, c, d in zip(k1, k2, k3, k4, strict=True)]
    return moved(mean, dt)


def equilibrium(reference: Reference, parameters: Values, guess: Values) -> np.ndarray:
    """The state near ``guess`` at which nothing moves."""
    p, y = start(reference, parameters, guess)
    result = root(lambda y: reference.rhs(y.tolist(), p), y, tol=1e-12)
    if not result.success:
        raise ArithmeticError(result.message)
    return np.asarray(result.x)


def growth_rate(reference: Reference, parameters: Values, guess: Values) -> float:
    """Largest real part of the eigenvalues (1/ms) at an equilibrium: above zero it is unstable."""
    p, _ = start(reference, parameters, guess)
    y = equilibrium(reference, parameters, guess)
    columns = []
    for k in range(len(y)):
        h = 1e-5 * max(1.0, abs(y[k]))
        up, down = y.copy(), y.copy()
        up[k] += h
        down[k] -= h
        difference = np.subtract(reference.rhs(up.tolist(), p), reference.rhs(down.tolist(), p))
        columns.append(difference / (2 * h))
    return float(np.linalg.eigvals(np.column_stack(columns)).real.max())


# -- the [check] tables ---------------------------------------------------------------------------


def number(text: str, unit: str) -> float:
    """``"1.5 nA"`` in the unit ``nA``; any other unit is an error, so nothing is converted here."""
    value, _, found = text.partition(" ")
    if (found or "1") != unit:
        raise ValueError(f"{text!r} should be in {unit}, the unit of the reference")
    return float(value)


def conditions(reference: Reference, check: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments ``parameters``, ``initial`` and ``run`` for ``solve``, from a check table."""

    def values(table: str) -> dict[str, float]:
        items = check.get(table, {}).items()
        return {name: number(text, reference.units[name]) for name, text in items}

    return {
        "parameters": values("parameters"),
        "initial": values("initial"),
        "run": number(check["run"], "ms"),
    }


def main() -> None:
    for path in sorted(NEURONS.glob("*.toml")):
        check = tomllib.loads(path.read_text(encoding="utf-8"))["check"]
        reference = REFERENCES[path.stem]
        solution = solve(reference, **conditions(reference, check))
        times = ", ".join(f"{t:.6f}" for t in solution.spike_times)
        print(f"{path.stem}: {len(solution.spike_times)} spikes\n  spike_times = [{times}]")
        for name, value in solution.final.items():
            print(f"  final {name} = {value:.9g} {reference.units[name]}")


if __name__ == "__main__":
    main()
