"""Neurons that start in the steady state of their equations, against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import fsolve

import numpybrain as nb

HH = """
dv/dt = (I - 120*m**3*h*(v - 50) - 36*n**4*(v + 77) - 0.3*(v + 54.4))/ms : 1
dm/dt = (0.1*(v + 40)/(1 - exp(-(v + 40)/10))*(1 - m) - 4*exp(-(v + 65)/18)*m)/ms : 1
dh/dt = (0.07*exp(-(v + 65)/20)*(1 - h) - h/(1 + exp(-(v + 35)/10)))/ms : 1
dn/dt = (0.01*(v + 55)/(1 - exp(-(v + 55)/10))*(1 - n) - 0.125*exp(-(v + 65)/80)*n)/ms : 1
I : 1
"""


def gates(v: float) -> np.ndarray:
    alpha = np.array([
        0.1 * (v + 40) / (1 - np.exp(-(v + 40) / 10)), 0.07 * np.exp(-(v + 65) / 20),
        0.01 * (v + 55) / (1 - np.exp(-(v + 55) / 10)),
    ])  # fmt: skip
    beta = np.array([
        4 * np.exp(-(v + 65) / 18), 1 / (1 + np.exp(-(v + 35) / 10)), 0.125 * np.exp(-(v + 65) / 80),
    ])  # fmt: skip
    return alpha / (alpha + beta)


def current(v: float) -> float:
    m, h, n = gates(v)
    return 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.4)


def test_gates_of_hodgkin_and_huxley() -> None:
    drives = [-3.0, 0.0, 4.0]
    cells = nb.Neurons(3, nb.Model(HH, initial={"v": -65}), I=drives, initial="steady")
    for k, drive in enumerate(drives):
        v = fsolve(lambda v, drive=drive: current(v[0]) - drive, [-65.0], xtol=1e-13)[0]
        assert cells.v[k] == pytest.approx(v, rel=1e-9)
        assert [cells.m[k], cells.h[k], cells.n[k]] == pytest.approx(gates(v), rel=1e-7)
    with pytest.raises(nb.ModelError, match=r"unstable in neuron 1"):
        nb.Neurons(2, nb.Model(HH, initial={"v": -65}), I=[0, 30], initial="steady")


def test_noise_is_off_and_inputs_are_as_at_the_start() -> None:
    text = (
        "dv/dt = (w + I - v)/tau + xi/ms**0.5 : 1 (unless refractory)\nI : 1\nw = 2*i : 1\ntau = 10*ms : ms"
    )
    cells = nb.Neurons(2, text, I=lambda t: 3.0 if t < 5 else 9.0, initial="steady")
    assert cells.v == pytest.approx([3, 5], rel=1e-12)
    two = nb.Neurons(
        1,
        "dv/dt = (5 - v)/(2*ms) : volt\ndx/dt = (v/volt - x)/ms : 1".replace("5", "5*volt"),
        initial="steady",
    )
    assert [two.v[0], two.x[0]] == pytest.approx([5, 5], rel=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dv/dt = 1/ms : 1", "no steady state of 'cells' was found: 'v' in all neurons"),
        ("dv/dt = v*(1 - v**2)/ms : 1", "is unstable in all neurons"),
        ("dv/dt = rand()/ms : 1", "draws random numbers"),
    ],
)
def test_where_there_is_none(text: str, words: str) -> None:
    with pytest.raises(nb.ModelError, match=words):
        nb.Neurons(2, text, initial="steady", name="cells")


def test_without_equations() -> None:
    with pytest.raises(nb.ModelError, match="no equations"):
        nb.Neurons(2, {"v": "1"}, initial="steady")
    assert nb.Neurons(2, "a = 3 : 1", initial="steady").a == pytest.approx([3, 3])
