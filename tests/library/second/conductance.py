"""Neurons with ion channels, a second time."""

from __future__ import annotations

from collections.abc import Callable
from math import exp

from tests.library.second import Cell, linoid, sigmoid


def steady(alpha: float, beta: float) -> float:
    return alpha / (alpha + beta)


# Hindmarsh & Rose (1984)
def hindmarsh_rose(a=1.0, b=3.0, c=1.0, d=5.0, r=0.001, s=4.0, x_R=-1.6, tau=1.0, I=0.0) -> Cell:
    def rhs(_t, y):
        x, fast, slow = y
        slopes = fast - a * x**3 + b * x * x - slow + I, c - d * x * x - fast, r * (s * (x - x_R) - slow)
        return [slope / tau for slope in slopes]

    return Cell({"x": -1.6, "y": -11.8, "z": 0.0}, rhs, lambda y: y[0] - 1)


# Connor, Walter & McKown (1977), in the form of Dayan & Abbott (2001), section 6.1 and its appendix
def connor_stevens(
    C=1.0, g_L=0.3, g_Na=120.0, g_K=20.0, g_A=47.7, E_L=-17.0, E_Na=55.0, E_K=-72.0, E_A=-75.0, I=0.0
) -> Cell:
    def gates(v):
        return {
            "m": (3.8 * linoid((v + 29.7) / 10), 15.2 * exp(-0.0556 * (v + 54.7))),
            "h": (0.266 * exp(-0.05 * (v + 48)), 3.8 / (1 + exp(-0.1 * (v + 18)))),
            "n": (0.2 * linoid((v + 45.7) / 10), 0.25 * exp(-0.0125 * (v + 55.7))),
        }

    def a_inf(v):
        return (0.0761 * exp(0.0314 * (v + 94.22)) / (1 + exp(0.0346 * (v + 1.17)))) ** (1 / 3)

    def b_inf(v):
        return (1 / (1 + exp(0.0688 * (v + 53.3)))) ** 4

    def rhs(_t, y):
        v, m, h, n, a, b = y
        current = (
            I
            - g_L * (v - E_L)
            - g_Na * m**3 * h * (v - E_Na)
            - g_K * n**4 * (v - E_K)
            - g_A * a**3 * b * (v - E_A)
        )
        slopes = [
            alpha * (1 - x) - beta * x
            for x, (alpha, beta) in zip((m, h, n), gates(v).values(), strict=True)
        ]
        tau_a = 0.3632 + 1.158 / (1 + exp(0.0497 * (v + 55.96)))
        tau_b = 1.24 + 2.678 / (1 + exp(0.0624 * (v + 50)))
        return [current / C, *slopes, (a_inf(v) - a) / tau_a, (b_inf(v) - b) / tau_b]

    start = {x: steady(*rates) for x, rates in gates(-68.0).items()}
    return Cell({"v": -68.0, **start, "a": a_inf(-68.0), "b": b_inf(-68.0)}, rhs, lambda y: y[0])


# Rubin & Terman (2004), appendix: thalamic cells
def thalamic_relay(
    C=1.0, g_L=0.05, g_Na=3.0, g_K=5.0, g_T=5.0, E_L=-70.0, E_Na=50.0, E_K=-90.0, E_T=0.0, I=0.0
) -> Cell:
    def h_inf(v):
        return sigmoid(-(v + 41) / 4)

    def r_inf(v):
        return sigmoid(-(v + 84) / 4)

    def rhs(_t, y):
        v, h, r = y
        sodium = g_Na * sigmoid((v + 37) / 7) ** 3 * h * (v - E_Na)
        potassium = g_K * (0.75 * (1 - h)) ** 4 * (v - E_K)
        calcium = g_T * sigmoid((v + 60) / 6.2) ** 2 * r * (v - E_T)
        rate_h = 0.128 * exp(-(v + 46) / 18) + 4 / (1 + exp(-(v + 23) / 5))
        return [
            (I - g_L * (v - E_L) - sodium - potassium - calcium) / C, (h_inf(v) - h) * rate_h,
            (r_inf(v) - r) / (28 + exp(-(v + 25) / 10.5)),
        ]  # fmt: skip

    return Cell({"v": -65.0, "h": h_inf(-65.0), "r": r_inf(-65.0)}, rhs, lambda y: y[0] + 20)


def boltzmann(v: float, theta: float, sigma: float) -> float:
    """How Terman & Rubin write all their gates."""
    return 1 / (1 + exp(-(v - theta) / sigma))


# Terman et al. (2002), Rubin & Terman (2004)
def subthalamic_nucleus(
    C=1.0, g_L=2.25, g_Na=37.5, g_K=45.0, g_T=0.5, g_Ca=0.5, g_AHP=9.0, E_L=-60.0, E_Na=55.0, E_K=-80.0, E_Ca=140.0,
    phi_h=0.75, phi_n=0.75, phi_r=0.5, epsilon=5e-5, k_Ca=22.5, k_1=15.0, I=0.0,
) -> Cell:  # fmt: skip
    def infinity(v):
        return boltzmann(v, -39, -3.1), boltzmann(v, -32, 8), boltzmann(v, -67, -2)

    def rhs(_t, y):
        v, h, n, r, calcium = y
        b = 1 / (1 + exp((r - 0.25) / 0.07)) - 1 / (1 + exp(-0.25 / 0.07))
        i_t = g_T * boltzmann(v, -63, 7.8) ** 3 * b**2 * (v - E_Ca)
        i_ca = g_Ca * boltzmann(v, -39, 8) ** 2 * (v - E_Ca)
        others = (
            g_L * (v - E_L) + g_Na * boltzmann(v, -30, 15) ** 3 * h * (v - E_Na) + g_K * n**4 * (v - E_K)
        )
        ahp = g_AHP * (v - E_K) * calcium / (calcium + k_1)
        h_inf, n_inf, r_inf = infinity(v)
        return [
            (I - others - i_t - i_ca - ahp) / C,
            phi_h * (h_inf - h) / (1 + 500 * boltzmann(v, -57, -3)),
            phi_n * (n_inf - n) / (1 + 100 * boltzmann(v, -80, -26)),
            phi_r * (r_inf - r) / (7.1 + 17.5 * boltzmann(v, 68, -2.2)),
            epsilon * (-i_ca - i_t - k_Ca * calcium),
        ]

    h, n, r = infinity(-60.0)
    return Cell({"v": -60.0, "h": h, "n": n, "r": r, "Ca": 0.1}, rhs, lambda y: y[0] + 10)


def globus_pallidus(
    C=1.0, g_L=0.1, g_Na=120.0, g_K=30.0, g_T=0.5, g_Ca=0.15, g_AHP=30.0, E_L=-55.0, E_Na=55.0, E_K=-80.0, E_Ca=120.0,
    phi_h=0.05, phi_n=0.1, phi_r=1.0, tau_r=30.0, epsilon=1e-4, k_Ca=15.0, k_1=30.0, I=0.0,
) -> Cell:  # fmt: skip
    def infinity(v):
        return boltzmann(v, -58, -12), boltzmann(v, -50, 14), boltzmann(v, -70, -2)

    def rhs(_t, y):
        v, h, n, r, calcium = y
        i_t = g_T * boltzmann(v, -57, 2) ** 3 * r * (v - E_Ca)
        i_ca = g_Ca * boltzmann(v, -35, 2) ** 2 * (v - E_Ca)
        others = (
            g_L * (v - E_L) + g_Na * boltzmann(v, -37, 10) ** 3 * h * (v - E_Na) + g_K * n**4 * (v - E_K)
        )
        ahp = g_AHP * (v - E_K) * calcium / (calcium + k_1)
        h_inf, n_inf, r_inf = infinity(v)
        tau = 0.05 + 0.27 * boltzmann(v, -40, -12)
        return [
            (I - others - i_t - i_ca - ahp) / C, phi_h * (h_inf - h) / tau, phi_n * (n_inf - n) / tau,
            phi_r * (r_inf - r) / tau_r, epsilon * (-i_ca - i_t - k_Ca * calcium),
        ]  # fmt: skip

    h, n, r = infinity(-60.0)
    return Cell({"v": -60.0, "h": h, "n": n, "r": r, "Ca": 0.1}, rhs, lambda y: y[0] + 10)


# Pospischil et al. (2008)


def traub(u: float) -> dict[str, tuple[float, float]]:
    """(alpha, beta) of Traub & Miles at u = v - V_T."""
    return {
        "m_Na": (0.32 * 4 * linoid((u - 13) / 4), 0.28 * 5 * linoid((40 - u) / 5)),
        "h_Na": (0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5))),
        "n_K": (0.032 * 5 * linoid((u - 15) / 5), 0.5 * exp((10 - u) / 40)),
    }


def slow(v: float, tau_max: float) -> tuple[float, float]:
    """Steady state and time constant of the M current."""
    return 1 / (1 + exp(-(v + 35) / 10)), tau_max / (3.3 * exp((v + 35) / 20) + exp(-(v + 35) / 20))


def long_lasting(v: float) -> dict[str, tuple[float, float]]:
    """(alpha, beta) of the L current of Reuveni et al. (1993)."""
    return {
        "q_CaL": (0.055 * 3.8 * linoid((27 + v) / 3.8), 0.94 * exp((-75 - v) / 17)),
        "r_CaL": (0.000457 * exp((-13 - v) / 50), 0.0065 / (exp((-15 - v) / 28) + 1)),
    }


def pospischil_ib(
    C=1.0, I=0.0, g_Na=50.0, E_Na=50.0, V_T=-56.2, g_K=5.0, E_K=-90.0, g_M=0.03, E_M=-90.0, tau_max_M=608.0,
    g_CaL=0.1, E_CaL=120.0, g_leak=0.01, E_leak=-70.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, m, h, n, p, q, r = y
        current = (
            g_Na * m**3 * h * (v - E_Na) + g_K * n**4 * (v - E_K) + g_M * p * (v - E_M)
            + g_CaL * q * q * r * (v - E_CaL) + g_leak * (v - E_leak)
        )  # fmt: skip
        pairs = [*traub(v - V_T).values(), *long_lasting(v).values()]
        fast = [a * (1 - x) - b * x for x, (a, b) in zip((m, h, n, q, r), pairs, strict=True)]
        p_inf, tau = slow(v, tau_max_M)
        return [(I - current) / C, *fast[:3], (p_inf - p) / tau, *fast[3:]]

    v = -71.4
    gates = {x: steady(*rates) for x, rates in traub(v - V_T).items()}
    late = {x: steady(*rates) for x, rates in long_lasting(v).items()}
    return Cell({"v": v, **gates, "p_M": slow(v, 1.0)[0], **late}, rhs, lambda y: y[0])


def pospischil_fs(
    C=1.0, I=0.0, g_Na=58.0, E_Na=50.0, V_T=-57.9, g_K=3.9, E_K=-90.0, g_M=0.0787, E_M=-90.0, tau_max_M=502.0,
    g_leak=0.038, E_leak=-70.4,
) -> Cell:  # fmt: skip
    both = pospischil_ib(C, I, g_Na, E_Na, V_T, g_K, E_K, g_M, E_M, tau_max_M, 0.0, 120.0, g_leak, E_leak)
    start = dict(list(both.start.items())[:5])
    return Cell(start, lambda t, y: both.rhs(t, [*y, 0.0, 0.0])[:5], lambda y: y[0])


# Rothman & Manis (2003)
def rothman_manis(
    C=12.0, g_L=2.0, g_Na=1000.0, g_KHT=150.0, g_KLT=0.0, g_A=0.0, g_h=0.5, E_L=-65.0, E_Na=50.0, E_K=-70.0, E_h=-43.0,
    phi=0.85, zeta=0.5, celsius=22.0, q10=3.0, I=0.0,
) -> Cell:  # fmt: skip
    def gates(v):
        x = v + 60
        blocked = (1 + exp((v + 66) / 7)) ** -0.5
        return {
            "m": (1 / (1 + exp(-(v + 38) / 7)), 10 / (5 * exp(x / 18) + 36 * exp(-x / 25)) + 0.04),
            "h": (1 / (1 + exp((v + 65) / 6)), 100 / (7 * exp(x / 11) + 10 * exp(-x / 25)) + 0.6),
            "n": ((1 + exp(-(v + 15) / 5)) ** -0.5, 100 / (11 * exp(x / 24) + 21 * exp(-x / 23)) + 0.7),
            "p": (1 / (1 + exp(-(v + 23) / 6)), 100 / (4 * exp(x / 32) + 5 * exp(-x / 22)) + 5),
            "w": ((1 + exp(-(v + 48) / 6)) ** -0.25, 100 / (6 * exp(x / 6) + 16 * exp(-x / 45)) + 1.5),
            "z": (zeta + (1 - zeta) / (1 + exp((v + 71) / 10)), 1000 / (exp(x / 20) + exp(-x / 8)) + 50),
            "a": ((1 + exp(-(v + 31) / 6)) ** -0.25, 100 / (7 * exp(x / 14) + 29 * exp(-x / 24)) + 0.1),
            "b": (blocked, 1000 / (14 * exp(x / 27) + 29 * exp(-x / 24)) + 1),
            "c": (blocked, 90 / (1 + exp((-66 - v) / 17)) + 10),
            "r": (1 / (1 + exp((v + 76) / 7)), 1e5 / (237 * exp(x / 12) + 17 * exp(-x / 14)) + 25),
        }

    def rhs(_t, y):
        v, m, h, n, p, w, z, a, b, c, r = y
        potassium = g_KHT * (phi * n * n + (1 - phi) * p) + g_KLT * w**4 * z + g_A * a**4 * b * c
        current = (
            g_L * (v - E_L) + g_Na * m**3 * h * (v - E_Na) + potassium * (v - E_K) + g_h * r * (v - E_h)
        )
        faster = q10 ** ((celsius - 22) / 10)
        return [
            (I - current) / C,
            *(faster * (inf - x) / tau for x, (inf, tau) in zip(y[1:], gates(v).values(), strict=True)),
        ]

    return Cell({"v": -64.0, **{x: inf for x, (inf, _) in gates(-64.0).items()}}, rhs, lambda y: y[0] + 20)


# Pinsky & Rinzel (1994), appendix; u and x in mV from rest at -60 mV
def pinsky_rinzel(
    C=3.0, g_L=0.1, g_Na=30.0, g_KDR=15.0, g_Ca=10.0, g_AHP=0.8, g_KC=15.0, g_c=2.1, p=0.5, E_L=-60.0, E_Na=60.0,
    E_K=-75.0, E_Ca=80.0, beta_q=0.001, I_s=0.0, I_d=0.0,
) -> Cell:  # fmt: skip
    def rhs(_t, y):
        v, v_d, h, n, s, c, q, calcium = y
        u, x = v + 60, v_d + 60
        m = steady(0.32 * 4 * linoid((u - 13.1) / 4), 0.28 * 5 * linoid((40.1 - u) / 5))
        i_ca = g_Ca * s * s * (v_d - E_Ca)
        soma = -g_L * (v - E_L) - g_Na * m * m * h * (v - E_Na) - g_KDR * n * (v - E_K)
        dendrite = -g_L * (v_d - E_L) - i_ca - (g_AHP * q + g_KC * c * min(calcium / 250, 1)) * (v_d - E_K)
        slow = 2 * exp((6.5 - x) / 27)
        rise = exp((x - 10) / 11 - (x - 6.5) / 27) / 18.975 if x <= 50 else slow
        rates = {
            "h": (h, 0.128 * exp((17 - u) / 18), 4 / (1 + exp((40 - u) / 5))),
            "n": (n, 0.016 * 5 * linoid((u - 35.1) / 5), 0.25 * exp(0.5 - 0.025 * u)),
            "s": (s, 1.6 / (1 + exp(-0.072 * (x - 65))), 0.02 * 5 * linoid((51.1 - x) / 5)),
            "c": (c, rise, slow - rise if x <= 50 else 0.0),
            "q": (q, min(2e-5 * calcium, 0.01), beta_q),
        }
        return [
            (soma + (g_c * (v_d - v) + I_s) / p) / C, (dendrite + (g_c * (v - v_d) + I_d) / (1 - p)) / C,
            *(alpha * (1 - gate) - beta * gate for gate, alpha, beta in rates.values()), -0.13 * i_ca - 0.075 * calcium,
        ]  # fmt: skip

    start = {"v": -64.6, "v_d": -64.5, "h": 0.999, "n": 0.001, "s": 0.009, "c": 0.007, "q": 0.01, "Ca": 0.2}
    return Cell(start, rhs, lambda y: y[0] + 20)


CELLS: dict[str, Callable[..., Cell]] = {
    make.__name__: make
    for make in (
        hindmarsh_rose, connor_stevens, thalamic_relay, subthalamic_nucleus, globus_pallidus, pospischil_fs,
        pospischil_ib, rothman_manis, pinsky_rinzel,
    )
}  # fmt: skip
