"""A dt that is too large for coupling by sums over synapses is warned of, exactly from where values grow.

A sum is held for a step. On dx/dt = -d*x - c*x, where a sum gives the second term, a step multiplies x by
R - (1 - R)*c/d, with the factor R that the method has on -d*x; that is -1 where c*dt = z*(1 + R)/(1 - R), z = d*dt.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

N, DT = 80, 0.1
FACTORS: dict[str, Callable[[float], float]] = {
    "euler": lambda z: 1 - z,
    "midpoint": lambda z: 1 - z + z**2 / 2,
    "rk4": lambda z: 1 - z + z**2 / 2 - z**3 / 6 + z**4 / 24,
    "exact": lambda z: exp(-z),
    "exponential_euler": lambda z: exp(-z),
    "exponential_midpoint": lambda z: exp(-z),
    "backward_euler": lambda z: 1 / (1 + z),
}
PAIRS = "x_post = w*(v_pre - v_post) : 1/ms (summed)\nw : 1/ms"


def neurons(d: float = 0, n: int = N, **more: Any) -> nb.Neurons:
    cells = nb.Neurons(n, "dv/dt = x - d*v : 1\nx : 1/ms\nd : Hz", d=1000 * d, name="cells", **more)
    cells.v = np.linspace(0, 1, n)
    return cells


def warned(*members: Any, steps: int = 1000, dt: float = DT) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        nb.Network(*members, dt=dt, check_finite=False).run(steps * dt)
    assert {w.category for w in caught} <= {nb.StabilityWarning}
    return [str(w.message) for w in caught]


def test_300_neurons_coupled_all_to_all() -> None:
    cells = nb.Neurons(300, "dv/dt = -v/(10*ms) + x : 1\nx : 1/ms", name="cells", initial={"v": "rand()"})
    gap = nb.Synapses(cells, cells, "x_post = 0.1/ms*(v_pre - v_post) : 1/ms (summed)", connect="True")
    (message,) = warned(cells, gap)
    assert message.startswith("dt = 0.1 ms is too large for the coupling of 'cells': ")
    assert "'x', which are held for a step, 'v' decays with a time constant of 0.03333 ms" in message
    assert np.ptp(cells.v) > 1e16
    bound = float(message.split("below ")[1].split()[0])
    assert bound == pytest.approx(2 / 30.1, rel=1e-3)
    cells.v = "rand()"
    assert warned(cells, gap, dt=0.99 * bound) == []
    assert np.ptp(cells.v) < 1


@pytest.mark.parametrize("d", [0, 1, 15])
@pytest.mark.parametrize("method", FACTORS)
def test_the_limit_is_where_differences_begin_to_grow(method: str, d: float) -> None:
    z = d * DT
    limit = z * (1 + FACTORS[method](z)) / (1 - FACTORS[method](z)) / DT if d else 2 / DT
    for c, expected in ((0.97 * limit, 0), (1.03 * limit, 1)):
        cells = neurons(d, method=method)
        gap = nb.Synapses(cells, cells, PAIRS, connect="True", w=f"{c / N}/ms")
        assert len(warned(cells, gap)) == expected
        assert (np.ptp(cells.v) > 1000) == bool(expected)


def test_sums_add_up_and_act_through_subexpressions() -> None:
    equations = "dv/dt = I/C : 1\nI = 2*x + y - k : 1/ms\nx : 1/ms\ny : 1/ms\nk : 1/ms\nC = 4 : 1"
    pairs = {
        "x": "x_post = 2*w*(v_pre - v_post) : 1/ms (summed)\nw : 1/ms",
        "y": "y_post = w*(v_pre - v_post)/2 : 1/ms (summed)\nw : 1/ms",
    }
    for scale, expected in ((0.97, 0), (1.03, 1)):
        w = scale * 20 / N / (4 / 4 + 4 / 4 + 0.5 / 4)  # two sums into x, and one into y
        cells = nb.Neurons(N, equations, name="cells", initial={"v": "rand()"})
        gaps = [nb.Synapses(cells, cells, pairs[x], connect="True", w=f"{w}/ms") for x in "xxy"]
        assert len(warned(cells, *gaps, steps=1)) == expected


def test_each_neuron_has_its_own_weights() -> None:
    rng = np.random.default_rng(3)
    i, j = np.nonzero(rng.random((N, N)) < 0.3)
    w = rng.random(i.size)
    worst = np.bincount(j, w).max()
    for scale, expected in ((0.97, 0), (1.03, 1)):
        cells = neurons()
        gap = nb.Synapses(cells, cells, PAIRS, connect=(i, j), w=scale * 20 / worst * w)
        assert len(warned(cells, gap, steps=1)) == expected


def test_sums_over_targets_and_into_parts() -> None:
    for c, expected in ((19, 0), (21, 1)):
        for text in (PAIRS, "x_pre = w*(v_post - v_pre) : 1/ms (summed)\nw : 1/ms"):
            cells = neurons()
            gap = nb.Synapses(cells[20:60], cells[20:60], text, connect="True", w=f"{c / 40}/ms")
            assert len(warned(cells, gap, steps=1)) == expected


def test_present_values_count() -> None:
    cells = neurons()
    gap = nb.Synapses(cells, cells, PAIRS, connect="True", w=f"{19 / N}/ms")
    net = nb.Network(cells, gap, dt=DT)
    net.run(1)
    gap.w = f"{21 / N}/ms"
    with pytest.warns(nb.StabilityWarning, match="coupling of 'cells'"):
        net.run(1)


@pytest.mark.parametrize(
    "term", ["w*v_pre", "w*(v_post - v_pre)/4", "w*tanh(v_pre - v_post)/1e9", "w*rand()", "w*d_post*ms"]
)
def test_what_does_not_pull_a_variable_back(term: str) -> None:
    cells = neurons()
    text = f"x_post = {term} : 1/ms (summed)\nw : 1/ms"
    assert warned(cells, nb.Synapses(cells, cells, text, connect="True", w="1/ms"), steps=1) == []


def test_who_is_too_fast_alone_is_told_so_once() -> None:
    cells = neurons(25, method="euler")
    gap = nb.Synapses(cells, cells, PAIRS, connect="True", w="1/ms")
    (message,) = warned(cells, gap, steps=1)
    assert "too large for method 'euler'" in message
