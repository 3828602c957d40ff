"""What is integrated together stays together: reading synapses, or giving them values, changes no result."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

CHAIN = "dp/dt = -p/tau_p : 1\nds/dt = (p - s)/tau_s : 1\ntau_p = 1*ms : ms\ntau_s = 2*ms : ms"


def one(model: str, method: str) -> tuple[nb.Network, nb.Synapses]:
    source = nb.Neurons(2, "v : mV", threshold=lambda t, v: np.full(v.shape, round(t / 0.1) == 10))
    target = nb.Neurons(3, "v : mV")
    synapses = nb.Synapses(
        source, target, model, on_pre="p += 1", method=method, connect=nb.connect.all_to_all()
    )
    return nb.Network(source, target, synapses, dt=0.1), synapses


def look(synapses: nb.Synapses) -> None:
    assert synapses.s.shape == (6,)


def give(synapses: nb.Synapses) -> None:
    synapses.tau_s = np.linspace(2, 2, 6)


@pytest.mark.parametrize("what", [None, look, give])
@pytest.mark.parametrize("method", ["euler", "rk4", "exact"])
def test_a_chain_of_equations(method: str, what: Any) -> None:
    net, synapses = one(CHAIN, method)
    if what is not None:
        what(synapses)
    net.run(3)
    steps = 19  # after the step of the spike, of 30
    p = s = 0.0
    if method == "euler":
        p = 1.0
        for _ in range(steps):
            p, s = p - 0.1 * p, s + 0.1 * (p - s) / 2
    else:  # s = exp(-t/2) - exp(-t)
        s = math.exp(-steps * 0.1 / 2) - math.exp(-steps * 0.1)
    assert synapses.s == pytest.approx(np.full(6, s), rel=1e-5 if method == "rk4" else 1e-12)


def test_synapses_see_the_neurons_of_the_start_of_the_step() -> None:
    """q cannot live in the neurons, since both sides write to it, p can: Euler takes both at once."""
    source = nb.Neurons(1, "v : mV", threshold=lambda t, v: np.full(v.shape, round(t / 0.1) == 2))
    synapses = nb.Synapses(
        source, source, "dp/dt = -p/ms : 1\ndq/dt = p/ms : 1", on_pre="p += 1", on_post="q += 0",
        method="euler", connect=nb.connect.all_to_all(),
    )  # fmt: skip
    nb.Network(source, synapses, dt=0.1).run(1)
    assert synapses.q[0] == pytest.approx(sum(0.1 * 0.9**k for k in range(7)), rel=1e-12)


@pytest.mark.parametrize("w", [np.arange(6.0), np.ones(6), "rand()", "i + 0.5*j"])
def test_who_gives_values_per_synapse_keeps_them(w: Any) -> None:
    """All synapses of a target change alike, so one value for each target would do, but for the start."""
    nb.seed(1)
    source, target = (
        nb.Neurons(2, "v : mV", threshold="v > 1*mV"),
        nb.Neurons(3, "v : mV", threshold="v > 1*mV"),
    )
    synapses = nb.Synapses(
        source, target, "dw/dt = -a*w/(10*ms) : 1\nda/dt = -a/ms : 1", on_post="a += 1", w=w, a=1,
        method="euler", connect=nb.connect.all_to_all(),
    )  # fmt: skip
    start = synapses.w.copy()
    nb.Network(source, target, synapses, dt=0.1).run(2)
    factor = np.prod([1 - 0.01 * 0.9**k for k in range(20)])
    np.testing.assert_allclose(synapses.w, start * factor, rtol=1e-12)
    assert synapses.inspect.sides_of == {}  # what w is integrated with stays with it
