"""Neurons of the integrate-and-fire family, a second time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import exp

from tests.library.second import Cell, Course, at


# Brette & Gerstner (2005), Naud et al. (2008); the exponential ends at V_cut.
def adex(
    C=281.0, g_L=30.0, E_L=-70.6, V_T=-50.4, Delta_T=2.0, tau_w=144.0, a=4.0, b=80.5, V_cut=-40.4,
    V_reset=-70.6, I: float | Course = 0.0,
) -> Cell:  # fmt: skip
    current = at(I)

    def rhs(t, y):
        v, w = y
        spike = g_L * Delta_T * exp((min(v, V_cut) - V_T) / Delta_T)
        return [(-g_L * (v - E_L) + spike - w + current(t)) / C, (a * (v - E_L) - w) / tau_w]

    return Cell({"v": E_L, "w": 0.0}, rhs, lambda y: y[0] - V_cut, lambda y: [V_reset, y[1] + b])


# Naud et al. (2008), table 1: C, g_L, E_L, a, tau_w, b, V_r, I
NAUD = {
    "tonic_spiking": (200, 10, -70, 2, 30, 0, -58, 500),
    "adaptation": (200, 12, -70, 2, 300, 60, -58, 500),
    "initial_burst": (130, 18, -58, 4, 150, 120, -50, 400),
    "regular_bursting": (200, 10, -58, 2, 120, 100, -46, 210),
    "delayed_accelerating": (200, 12, -70, -10, 300, 0, -58, 300),
    "delayed_regular_bursting": (100, 10, -65, -10, 90, 30, -47, 110),
    "transient_spiking": (100, 10, -65, 10, 90, 100, -47, 180),
    "irregular_spiking": (100, 12, -60, -11, 130, 30, -48, 160),
}


# Izhikevich (2003, 2004). p and q: the two coefficients that the integrators of 2004 have otherwise.
def izhikevich(a=0.02, b=0.2, c=-65.0, d=8.0, p=5.0, q=140.0, V_peak=30.0, I: float | Course = 0.0, v_0=-70.0,
               u_0=None, accommodates=False) -> Cell:  # fmt: skip
    current = at(I)

    def rhs(t, y):
        v, u = y
        recovery = b * (v + 65) if accommodates else b * v - u
        return [0.04 * v * v + p * v + q - u + current(t), a * recovery]

    u_0 = b * v_0 if u_0 is None else u_0
    return Cell({"v": v_0, "u": u_0}, rhs, lambda y: y[0] - V_peak, lambda y: [c, y[1] + d])


# Izhikevich (2004), the program of figure 1: a, b, c, d, v at the start
IZHIKEVICH = {
    "tonic_spiking": (0.02, 0.2, -65, 6, -70),
    "phasic_spiking": (0.02, 0.25, -65, 6, -64),
    "tonic_bursting": (0.02, 0.2, -50, 2, -70),
    "phasic_bursting": (0.02, 0.25, -55, 0.05, -64),
    "mixed_mode": (0.02, 0.2, -55, 4, -70),
    "frequency_adaptation": (0.01, 0.2, -65, 8, -70),
    "class_1": (0.02, -0.1, -55, 6, -60),
    "class_2": (0.2, 0.26, -65, 0, -64),
    "spike_latency": (0.02, 0.2, -65, 6, -70),
    "subthreshold_oscillations": (0.05, 0.26, -60, 0, -62),
    "resonator": (0.1, 0.26, -60, -1, -62),
    "integrator": (0.02, -0.1, -55, 6, -60),
    "rebound_spike": (0.03, 0.25, -60, 4, -64),
    "rebound_burst": (0.03, 0.25, -52, 0, -64),
    "threshold_variability": (0.03, 0.25, -60, 4, -64),
    "bistability": (0.1, 0.26, -60, 0, -61),
    "depolarizing_afterpotential": (1, 0.2, -60, -21, -70),
    "accommodation": (0.02, 1, -55, 4, -65),
    "inhibition_induced_spiking": (-0.02, -1, -60, 8, -63.8),
    "inhibition_induced_bursting": (-0.026, -1, -45, 0, -63.8),
}

CELLS: dict[str, Callable[..., Cell]] = {"adex": adex, "izhikevich": izhikevich}
OTHERWISE = {  # what differs in the equations, or in the start
    "class_1": {"p": 4.1, "q": 108.0},
    "integrator": {"p": 4.1, "q": 108.0},
    "accommodation": {"accommodates": True, "u_0": -16.0},
}
VARIANTS: dict[str, Callable[..., Cell]] = {
    f"adex:{name}": partial(adex, C=C, g_L=g, E_L=E, V_T=-50.0, tau_w=tau, a=a, b=b, V_cut=-40.0, V_reset=V)
    for name, (C, g, E, a, tau, b, V, _) in NAUD.items()
} | {
    f"izhikevich:{name}": partial(izhikevich, a=a, b=b, c=c, d=d, v_0=v, **OTHERWISE.get(name, {}))
    for name, (a, b, c, d, v) in IZHIKEVICH.items()
}
