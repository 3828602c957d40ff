"""Sums over synapses of numbers that are infinite, or of very different sizes, against a loop over synapses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

TERMS: dict[str, Callable[..., float]] = {
    "w*g_pre": lambda w, a, b: w * a,
    "g_pre": lambda w, a, b: a,
    "w*(g_pre - g_post)": lambda w, a, b: w * (a - b),
    "w*g_pre*g_post": lambda w, a, b: w * a * b,
    "w*h_pre*(1 + g_post)": lambda w, a, b: w * (1 + b),
    "w*h_pre + g_post": lambda w, a, b: w + b,
    "h_pre/g_post": lambda w, a, b: 1 / b,
    "exp(-g_pre)*w": lambda w, a, b: w * math.exp(-a),
    "w*max(g_pre, g_post)": lambda w, a, b: w * max(a, b),
}
CONNECTED = [
    "i != 1 and j != 1",
    "i != j",
    "i != 1",
    "j != 1",
    "abs(i - j) == 1 and i != 1 and j != 1",
    "i == 0",
]


def summed(
    term: str, n: int, connect: str, g: Any, w: Any = "0.1 + 0.01*i"
) -> tuple[nb.Neurons, nb.Synapses]:
    cells = nb.Neurons(n, "s : 1\ng : 1\nh = 1 : 1", g=g)
    synapses = nb.Synapses(cells, cells, f"w : 1\ns_post = {term} : 1 (summed)", connect=connect, w=w)
    nb.Network(cells, synapses, check_finite=False).step()
    return cells, synapses


def by_hand(term: str, synapses: nb.Synapses, g: np.ndarray) -> np.ndarray:
    found = [0.0] * g.size
    for i, j, w in zip(synapses.i, synapses.j, synapses.w, strict=True):
        found[j] += TERMS[term](float(w), float(g[i]), float(g[j]))
    return np.array(found)


@pytest.mark.parametrize("n", [3, 40, 70])  # from 64 on, with a matrix
@pytest.mark.parametrize("connect", CONNECTED)
def test_infinite_values_act_where_there_are_synapses(connect: str, n: int) -> None:
    """0 times infinity is no number: a neuron without synapses got it from its own value."""
    g = np.linspace(1, 2, n)
    g[1] = np.inf
    for term in TERMS:
        cells, synapses = summed(term, n, connect, g)
        np.testing.assert_allclose(cells.s, by_hand(term, synapses, g), err_msg=term, rtol=1e-12)


@pytest.mark.parametrize("n", [5, 80])
def test_what_is_infinite_for_some_steps(n: int) -> None:
    cells = nb.Neurons(n, "s : 1\ng : 1")
    cells.at("start", lambda t, g: g.__setitem__(slice(1, 3), np.inf if 0.15 < t < 0.35 else t))
    synapses = nb.Synapses(
        cells, cells, "s_post = g_pre - g_post + 1 : 1 (summed)", connect="i != 1 and j != 2"
    )
    trace = nb.Monitor(cells, "s")
    nb.Network(cells, synapses, trace, check_finite=False).run(0.7)
    for step, found in enumerate(trace.s[1:]):
        g = np.zeros(n)
        g[1:3] = np.inf if step in (2, 3) else 0.1 * step
        wanted = np.zeros(n)
        with np.errstate(invalid="ignore"):
            np.add.at(wanted, synapses.j, g[synapses.i] - g[synapses.j] + 1)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("n", [5, 64, 100])
@pytest.mark.parametrize("large", [0, 3, -1])
def test_one_value_that_is_much_larger_than_all_others(n: int, large: int) -> None:
    """All to all: the sum of the others is not lost in the difference to one's own."""
    v = np.linspace(-3, 1, n)
    v[large] = 80
    cells = nb.Neurons(n, "s : 1\nv : 1\nf = exp(v) : 1", v=v)
    synapses = nb.Synapses(cells, cells, "s_post = 0.5*f_pre : 1 (summed)", connect="i != j")
    nb.Network(cells, synapses).step()
    wanted = [0.5 * math.fsum(math.exp(v[i]) for i in range(n) if i != j) for j in range(n)]
    np.testing.assert_allclose(cells.s, wanted, rtol=1e-12)
