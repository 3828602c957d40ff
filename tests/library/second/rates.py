"""Rate units, masses and oscillators, a second time."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, tanh

from tests.library.second import Cell, Course, at, sigmoid

# Hahne et al. (2017): rate units, here without noise


def unit(tau: float, lam: float, mu: float, drive: float) -> Cell:
    return Cell({"x": 0.0}, lambda _t, y: [(drive + mu - lam * y[0]) / tau])


def rate_linear(tau=10.0, lam=1.0, mu=0.0, sigma=0.0, g=1.0, I=0.0) -> Cell:
    del sigma
    return unit(tau, lam, mu, g * I)


def rate_output_noise(tau=10.0, lam=1.0, mu=0.0, sigma=0.0, g=1.0, I=0.0) -> Cell:
    del sigma
    return unit(tau, lam, mu, g * I)


def rate_tanh(tau=10.0, lam=1.0, mu=0.0, sigma=0.0, g=1.0, theta=0.0, I=0.0) -> Cell:
    del sigma
    return unit(tau, lam, mu, tanh(g * (I - theta)))


def rate_threshold_linear(tau=10.0, lam=1.0, mu=0.0, sigma=0.0, g=1.0, theta=0.0, I=0.0) -> Cell:
    del sigma
    return unit(tau, lam, mu, g * max(I - theta, 0.0))


def rate_sigmoid(tau=10.0, lam=1.0, mu=0.0, sigma=0.0, g=1.0, beta=1.0, theta=0.0, I=0.0) -> Cell:
    del sigma
    return unit(tau, lam, mu, g * sigmoid(beta * (I - theta)))


# Vitay et al. (2015)
def leaky_integrator(tau=10.0, B=0.0, T=0.0, I=0.0) -> Cell:
    del T
    return Cell({"v": 0.0}, lambda _t, y: [(I + B - y[0]) / tau])


# Wilson & Cowan (1972), equations 11, 12 and 15
def wilson_cowan(
    c_1=16.0, c_2=12.0, c_3=15.0, c_4=3.0, a_e=1.3, theta_e=4.0, a_i=2.0, theta_i=3.7, r_e=1.0, r_i=1.0, tau_e=8.0,
    tau_i=8.0, P=0.0, Q=0.0,
) -> Cell:  # fmt: skip
    def s(x, a, theta):
        return sigmoid(a * (x - theta)) - sigmoid(-a * theta)

    def rhs(_t, y):
        e, i = y
        k_e, k_i = 1 - sigmoid(-a_e * theta_e), 1 - sigmoid(-a_i * theta_i)
        return [
            (-e + (k_e - r_e * e) * s(c_1 * e - c_2 * i + P, a_e, theta_e)) / tau_e,
            (-i + (k_i - r_i * i) * s(c_3 * e - c_4 * i + Q, a_i, theta_i)) / tau_i,
        ]

    return Cell({"E": 0.1, "I": 0.05}, rhs)


# Jansen & Rit (1995), equation 6
def jansen_rit(A=3.25, B=22.0, a=0.1, b=0.05, C=135.0, e_0=0.0025, v_0=6.0, r=0.56, p=0.12) -> Cell:
    def fires(v):
        return 2 * e_0 * sigmoid(r * (v - v_0))

    def rhs(_t, y):
        y0, y1, y2, y3, y4, y5 = y
        return [
            y3, y4, y5,
            A * a * fires(y1 - y2) - 2 * a * y3 - a * a * y0,
            A * a * (p + 0.8 * C * fires(C * y0)) - 2 * a * y4 - a * a * y1,
            B * b * 0.25 * C * fires(0.25 * C * y0) - 2 * b * y5 - b * b * y2,
        ]  # fmt: skip

    return Cell({"y_0": 0.1, "y_1": 15.0, "y_2": 10.0, "y_3": 0.0, "y_4": 0.0, "y_5": 0.0}, rhs)


# Kuramoto (1975)
def kuramoto(omega=0.1, pull=0.0) -> Cell:
    return Cell(
        {"theta": 0.0}, lambda _t, _y: [omega + pull], lambda y: y[0] - 2 * pi, lambda y: [y[0] - 2 * pi]
    )


# Stuart-Landau: dz/dt = (a + i*w - |z|**2)*z
def stuart_landau(a=0.25, w=0.2, tau=1.0, I=0.0) -> Cell:
    def rhs(_t, y):
        z = complex(*y)
        slope = (complex(a, w) - abs(z) ** 2) * z + I
        return [slope.real / tau, slope.imag / tau]

    return Cell({"x": 0.1, "y": 0.0}, rhs)


# Montbrio, Pazo & Roxin (2015), equation 12
def qif_population(Delta=1.0, eta=-5.0, J=15.0, tau=10.0, I: float | Course = 0.0) -> Cell:
    drive = at(I)

    def rhs(t, y):
        r, v = y[0] * tau, y[1]
        return [
            (Delta / pi + 2 * r * v) / tau / tau,
            (v * v + eta + J * r + drive(t) - (pi * r) ** 2) / tau,
        ]

    return Cell({"r": 0.0, "v": -2.0}, rhs)


CELLS: dict[str, Callable[..., Cell]] = {
    make.__name__: make
    for make in (
        rate_linear, rate_output_noise, rate_tanh, rate_threshold_linear, rate_sigmoid, leaky_integrator, wilson_cowan,
        jansen_rit, kuramoto, stuart_landau, qif_population,
    )
}  # fmt: skip
