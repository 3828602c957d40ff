"""Neurons of the integrate-and-fire family, a second time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import cos, exp, pi

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


# NEST's models iaf_psc_*: Rotter & Diesmann (1999)


def iaf(synapses, v, threshold, reset, refractory):
    """A membrane that is held after a spike, with states of synapses behind v."""
    start, rhs = synapses
    return Cell({"v": v, **start}, rhs, lambda y: y[0] - threshold, lambda y: [reset, *y[1:]], refractory)


def iaf_psc_delta(C_m=250.0, tau_m=10.0, E_L=-70.0, V_th=-55.0, V_reset=-70.0, t_ref=2.0, I=0.0) -> Cell:
    return iaf(({}, lambda _t, y: [(E_L - y[0]) / tau_m + I / C_m]), E_L, V_th, V_reset, t_ref)


def iaf_psc_exp(
    C_m=250.0, tau_m=10.0, E_L=-70.0, V_th=-55.0, V_reset=-70.0, t_ref=2.0, I=0.0, tau_ex=2.0, tau_in=2.0
) -> Cell:
    def rhs(_t, y):
        v, e, i = y
        return [(E_L - v) / tau_m + (e + i + I) / C_m, -e / tau_ex, -i / tau_in]

    return iaf(({"I_ex": 0.0, "I_in": 0.0}, rhs), E_L, V_th, V_reset, t_ref)


def iaf_psc_alpha(
    C_m=250.0, tau_m=10.0, E_L=-70.0, V_th=-55.0, V_reset=-70.0, t_ref=2.0, I=0.0, tau_ex=2.0, tau_in=2.0
) -> Cell:
    def rhs(_t, y):
        v, e, de, i, di = y
        current = (E_L - v) / tau_m + (e + i + I) / C_m
        return [current, de - e / tau_ex, -de / tau_ex, di - i / tau_in, -di / tau_in]

    start = dict.fromkeys(("I_ex", "y_ex", "I_in", "y_in"), 0.0)
    return iaf((start, rhs), E_L, V_th, V_reset, t_ref)


# NEST's models iaf_cond_*: Meffin et al. (2004), Rotter & Diesmann (1999)


def iaf_cond_exp(
    C_m=250.0, g_L=16.6667, E_L=-70.0, E_ex=0.0, E_in=-85.0, V_th=-55.0, V_reset=-60.0, t_ref=2.0, I=0.0,
    tau_ex=0.2, tau_in=2.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, e, i = y
        current = -g_L * (v - E_L) - e * (v - E_ex) - i * (v - E_in) + I
        return [current / C_m, -e / tau_ex, -i / tau_in]

    return iaf(({"g_ex": 0.0, "g_in": 0.0}, rhs), E_L, V_th, V_reset, t_ref)


def iaf_cond_beta(
    C_m=250.0, g_L=16.6667, E_L=-70.0, E_ex=0.0, E_in=-85.0, V_th=-55.0, V_reset=-60.0, t_ref=2.0, I=0.0,
    tau_rise_ex=0.2, tau_decay_ex=2.0, tau_rise_in=0.2, tau_decay_in=2.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, e, de, i, di = y
        current = -g_L * (v - E_L) - e * (v - E_ex) - i * (v - E_in) + I
        return [
            current / C_m, de - e / tau_rise_ex, -de / tau_decay_ex, di - i / tau_rise_in, -di / tau_decay_in,
        ]  # fmt: skip

    start = dict.fromkeys(("g_ex", "y_ex", "g_in", "y_in"), 0.0)
    return iaf((start, rhs), E_L, V_th, V_reset, t_ref)


def iaf_cond_alpha(
    C_m=250.0, g_L=16.6667, E_L=-70.0, E_ex=0.0, E_in=-85.0, V_th=-55.0, V_reset=-60.0, t_ref=2.0, I=0.0,
    tau_ex=0.2, tau_in=2.0,
) -> Cell:  # fmt: skip
    """An alpha function is a beta function with two equal time constants."""
    return iaf_cond_beta(C_m, g_L, E_L, E_ex, E_in, V_th, V_reset, t_ref, I, tau_ex, tau_ex, tau_in, tau_in)


# Muller et al. (2007)
def iaf_cond_exp_sfa_rr(
    C_m=289.5, g_L=28.95, E_L=-70.0, E_ex=0.0, E_in=-75.0, E_sfa=-70.0, E_rr=-70.0, V_th=-57.0, V_reset=-70.0,
    t_ref=0.5, tau_ex=1.5, tau_in=10.0, tau_sfa=110.0, tau_rr=1.97, q_sfa=14.48, q_rr=3214.0, I=0.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, e, i, s, r = y
        current = -g_L * (v - E_L) - e * (v - E_ex) - i * (v - E_in) - s * (v - E_sfa) - r * (v - E_rr) + I
        return [current / C_m, -e / tau_ex, -i / tau_in, -s / tau_sfa, -r / tau_rr]

    return Cell(
        {"v": E_L, "g_ex": 0.0, "g_in": 0.0, "g_sfa": 0.0, "g_rr": 0.0},
        rhs,
        lambda y: y[0] - V_th,
        lambda y: [V_reset, y[1], y[2], y[3] + q_sfa, y[4] + q_rr],
        t_ref,
    )


# Latham et al. (2000)
def quadratic_if(
    c=0.07, V_rest=-65.0, V_c=-50.0, V_th=-30.0, V_reset=-68.0, tau=10.0, R=1.0, I=0.0
) -> Cell:
    return Cell(
        {"v": V_rest},
        lambda _t, y: [(c * (y[0] - V_rest) * (y[0] - V_c) + R * I) / tau],
        lambda y: y[0] - V_th,
        lambda _y: [V_reset],
    )


# Izhikevich (2007), sections 8.2 and 8.3
def izhikevich_2007(
    C=100.0,
    k=0.7,
    v_r=-60.0,
    v_t=-40.0,
    v_peak=35.0,
    a=0.03,
    b=-2.0,
    c=-50.0,
    d=100.0,
    I=0.0,
    recovery=None,
) -> Cell:
    def rhs(_t, y):
        v, u = y
        target = recovery(v) if recovery else b * (v - v_r)
        return [(k * (v - v_r) * (v - v_t) - u + I) / C, a * (target - u)]

    return Cell({"v": v_r, "u": 0.0}, rhs, lambda y: y[0] - v_peak, lambda y: [c, y[1] + d])


# Kobayashi et al. (2009)
def mat2(
    C_m=100.0, tau_m=5.0, E_L=-70.0, omega=-51.0, alpha_1=37.0, alpha_2=2.0, tau_1=10.0, tau_2=200.0, t_ref=2.0,
    tau_ex=1.0, tau_in=3.0, I=0.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, e, i, fast, slow = y
        slope = -(v - E_L) / tau_m + (e + i + I) / C_m
        return [slope, -e / tau_ex, -i / tau_in, -fast / tau_1, -slow / tau_2]

    return Cell(
        {"v": E_L, "I_ex": 0.0, "I_in": 0.0, "theta_1": 0.0, "theta_2": 0.0},
        rhs,
        lambda y: y[0] - (omega + y[3] + y[4]),
        lambda y: [*y[:3], y[3] + alpha_1, y[4] + alpha_2],
        t_ref,
        held=(),
    )


# Teeter et al. (2018), the model GLIF5
def glif(
    C=58.72, g=9.43, E_L=-78.85, theta_inf=-51.68, t_ref=3.75, f_v=0.2, v_add=18.51, asc_1=-9.18, asc_2=-198.94,
    k_1=0.003, k_2=0.1, theta_add=0.37, b_s=0.009, a_v=0.005, b_v=0.09, I=0.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, first, second, spiking, following = y
        return [
            (I + first + second - g * (v - E_L)) / C, -k_1 * first, -k_2 * second, -b_s * spiking,
            a_v * (v - E_L) - b_v * following,
        ]  # fmt: skip

    def reset(y):
        v, first, second, spiking, following = y
        return [
            E_L + f_v * (v - E_L) + v_add, first * exp(-k_1 * t_ref) + asc_1, second * exp(-k_2 * t_ref) + asc_2,
            spiking * exp(-b_s * t_ref) + theta_add, following,
        ]  # fmt: skip

    start = {"v": E_L, "ASC_1": 0.0, "ASC_2": 0.0, "theta_s": 0.0, "theta_v": 0.0}
    return Cell(start, rhs, lambda y: y[0] - (theta_inf + y[3] + y[4]), reset, t_ref, held=(0, 1, 2, 3, 4))


# Bellec et al. (2020)
def adaptive_threshold(V_rest=-70.0, V_th=-60.0, beta=1.6, tau=20.0, tau_a=2000.0, R=1.0, I=0.0) -> Cell:
    return Cell(
        {"v": V_rest, "a": 0.0},
        lambda _t, y: [(R * I - (y[0] - V_rest)) / tau, -y[1] / tau_a],
        lambda y: y[0] - V_th - beta * y[1],
        lambda y: [y[0] - V_th + V_rest, y[1] + 1],
    )


# Mihalas & Niebur (2009), table 1
def mihalas_niebur(
    E_L=-70.0, V_reset=-70.0, theta_inf=-50.0, theta_reset=-60.0, tau=20.0, a=0.0, b=0.01, k_1=0.2, k_2=0.02,
    R_1=0.0, R_2=1.0, A_1=0.0, A_2=0.0, I=0.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, first, second, theta = y
        slope = I + first + second - (v - E_L) / tau
        return [slope, -k_1 * first, -k_2 * second, a * (v - E_L) - b * (theta - theta_inf)]

    return Cell(
        {"v": E_L, "I_1": 0.0, "I_2": 0.0, "theta": theta_inf},
        rhs,
        lambda y: y[0] - y[3],
        lambda y: [V_reset, R_1 * y[1] + A_1, R_2 * y[2] + A_2, max(theta_reset, y[3])],
    )


# Izhikevich (2001): dz/dt = (b + i*omega)*z + I, a spike where the imaginary part passes 1, reset to i
def resonate_and_fire(b=-1.0, omega=10.0, tau=10.0, I=0.0) -> Cell:
    def rhs(_t, y):
        slope = complex(b, omega) * complex(*y) + I
        return [slope.real / tau, slope.imag / tau]

    return Cell({"x": 0.0, "y": 0.0}, rhs, lambda y: y[1] - 1, lambda _y: [0.0, 1.0])


# Ermentrout & Kopell (1986)
def theta(tau=10.0, I=0.0) -> Cell:
    return Cell(
        {"theta": -pi / 2},
        lambda _t, y: [(1 - cos(y[0]) + (1 + cos(y[0])) * I) / tau],
        lambda y: y[0] - pi,
        lambda y: [y[0] - 2 * pi],
    )


# Jolivet et al. (2006)
def escape_rate(C_m=250.0, tau_m=10.0, c_1=0.0, c_2=1.238, c_3=0.25, t_ref=1.0, I=0.0) -> Cell:
    return Cell(
        {"v": 0.0},
        lambda _t, y: [-y[0] / tau_m + I / C_m],
        refractory=t_ref,
        hazard=lambda y: max(c_1 * y[0] + c_2 * exp(c_3 * y[0]), 0.0) / 1000,
    )


# Schwalger et al. (2017); a renewal process without the rise of the threshold
def gif(
    C=250.0, tau_m=10.0, V_rest=-65.0, V_reset=-65.0, V_th=-50.0, tau_theta=1000.0, J_theta=1000.0, c=10.0, Delta=5.0,
    I=0.0,
) -> Cell:  # fmt: skip
    del V_reset, J_theta
    return Cell(
        {"v": V_rest, "theta": V_th},
        lambda _t, y: [-(y[0] - V_rest) / tau_m + I / C, -(y[1] - V_th) / tau_theta],
        hazard=lambda y: c * exp((y[0] - y[1]) / Delta) / 1000,
    )


# Brette & Gerstner (2005), with NEST's synapses
def aeif_cond_exp(
    E_ex=0.0, E_in=-85.0, tau_ex=0.2, tau_in=2.0, C=281.0, g_L=30.0, E_L=-70.6, V_T=-50.4, Delta_T=2.0, tau_w=144.0,
    a=4.0, b=80.5, V_cut=-40.4, V_reset=-70.6, I=0.0,
) -> Cell:  # fmt: skip
    alone = adex(C, g_L, E_L, V_T, Delta_T, tau_w, a, b, V_cut, V_reset, I)

    def rhs(t, y):
        v, w, e, i = y
        dv, dw = alone.rhs(t, [v, w])
        return [dv + (e * (E_ex - v) + i * (E_in - v)) / C, dw, -e / tau_ex, -i / tau_in]

    return Cell(
        {"v": E_L, "w": 0.0, "g_ex": 0.0, "g_in": 0.0},
        rhs,
        lambda y: y[0] - V_cut,
        lambda y: [V_reset, y[1] + b, *y[2:]],
    )


CELLS: dict[str, Callable[..., Cell]] = {
    make.__name__: make
    for make in (
        adex, izhikevich, iaf_psc_delta, iaf_psc_exp, iaf_psc_alpha, iaf_cond_exp, iaf_cond_alpha, iaf_cond_beta,
        iaf_cond_exp_sfa_rr, quadratic_if, izhikevich_2007, mat2, glif, adaptive_threshold, mihalas_niebur,
        resonate_and_fire, theta, escape_rate, gif, aeif_cond_exp,
    )
}  # fmt: skip
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
} | {
    "izhikevich_2007:fast_spiking": partial(
        izhikevich_2007, C=20.0, k=1.0, v_r=-55.0, v_t=-40.0, v_peak=25.0, a=0.2, c=-45.0, d=0.0,
        recovery=lambda v: 0.0 if v < -55 else 0.025 * (v + 55) ** 3,
    ),
}  # fmt: skip
