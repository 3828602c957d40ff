"""Sums of sines and cosines of phase differences, as products with a matrix, against the loop over pairs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

F: dict[str, Callable[..., Any]] = {  # (x of the source, x of the target, w, a, t)
    "sin(x_pre - x_post)": lambda x, y, w, a, t: np.sin(x - y),
    "w*sin(x_pre - x_post)": lambda x, y, w, a, t: w * np.sin(x - y),
    "cos(x_post - x_pre)/N_pre": lambda x, y, w, a, t: np.cos(y - x) / 24,
    "w*sin(x_pre - x_post - 0.3)": lambda x, y, w, a, t: w * np.sin(x - y - 0.3),
    "w*sin(x_pre - x_post - a)": lambda x, y, w, a, t: w * np.sin(x - y - a),
    "w*sin(2*(x_pre - x_post))": lambda x, y, w, a, t: w * np.sin(2 * (x - y)),
    "w*cos(1.5*x_pre + a - t/ms)": lambda x, y, w, a, t: w * np.cos(1.5 * x + a - t),
    "w*cos(0.5*(x_pre + x_post + a))": lambda x, y, w, a, t: w * np.cos(0.5 * (x + y + a)),
    "w*sin(x_pre - x_post)**2": lambda x, y, w, a, t: w * np.sin(x - y) ** 2,
    "cos(x_pre - x_post)**3": lambda x, y, w, a, t: np.cos(x - y) ** 3,
    "sin(x_pre - x_post - 0.2) + w*sin(2*(x_pre - x_post) - a)":
        lambda x, y, w, a, t: np.sin(x - y - 0.2) + w * np.sin(2 * (x - y) - a),
    "x_post*sin(x_pre - x_post)*cos(x_pre)": lambda x, y, w, a, t: y * np.sin(x - y) * np.cos(x),
    "w*(sin(x_pre - x_post) - 0.5)": lambda x, y, w, a, t: w * (np.sin(x - y) - 0.5),
}  # fmt: skip
APART = {
    "sin(w*x_pre - x_post)": lambda x, y, w, a, t: np.sin(w * x - y),
    "sin(x_pre*x_post)": lambda x, y, w, a, t: np.sin(x * y),
    "exp(x_pre - x_post)": lambda x, y, w, a, t: np.exp(x - y),
    "tanh(x_pre - x_post)": lambda x, y, w, a, t: np.tanh(x - y),
    "sin(x_pre - x_post)**7": lambda x, y, w, a, t: np.sin(x - y) ** 7,
    "abs(sin(x_pre - x_post))": lambda x, y, w, a, t: np.abs(np.sin(x - y)),
}
WAYS = {
    "all": (24, 24, "True"), "all others": (80, 80, "i != j"), "two groups": (24, 30, "(i + j) % 3 > 0"),
    "sparse": (24, 400, "(7*i + j) % 11 == 0"), "parts": (24, 24, "i != j"), "several": (24, 24, ([*range(24)] * 8, [*range(24)] * 8)),
}  # fmt: skip


def make(text: str, way: str, scale: float = 3.0, **given: Any) -> tuple[nb.Network, nb.Synapses, Any, Any]:
    n, m, connect = WAYS[way]
    equations = "dx/dt = s/ms : 1\ns : 1"
    source: Any = nb.Neurons(n, equations, method="euler", initial={"x": f"{scale}*(rand() - 0.5)"})
    target: Any = source if way in ("all", "all others", "several") else nb.Neurons(
        2 * m if way == "parts" else m, equations, method="euler", initial={"x": f"{scale}*(rand() - 0.5)"}
    )  # fmt: skip
    net = nb.Network(source, *([target] if target is not source else []), dt=0.1)
    if way == "parts":
        target = target[m // 2 : m // 2 + m]
    model = f"w : 1\na : 1\ns_post = {text} : 1 (summed)"
    synapses = nb.Synapses(source, target, model, connect=connect, **given)
    net.add(synapses)
    return net, synapses, source, target


def by_pairs(function: Any, synapses: nb.Synapses, x: np.ndarray, y: np.ndarray, w: Any, a: Any, t: float) -> np.ndarray:  # fmt: skip
    i, j = synapses.i, synapses.j
    terms = np.broadcast_to(function(x[i], y[j], w, a, t), i.shape)
    return np.bincount(j, terms, minlength=y.size)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("text", F)
@pytest.mark.parametrize("alike", [False, True])
def test_sums_are_those_of_all_pairs(text: str, way: str, alike: bool) -> None:
    nb.seed(1)
    net, synapses, source, target = make(text.replace("N_pre", "24"), way, w=0.5, a=0.25)
    w, a = 0.5, 0.25
    if not alike:
        rng = np.random.default_rng(2)
        w, a = rng.normal(size=synapses.size), rng.uniform(-3, 3, synapses.size)
        synapses.w, synapses.a = w, a
    assert "synapse by synapse" not in synapses.explain()
    for step in range(3):
        x, y = np.array(source.x), np.array(target.x)
        net.step()
        expected = by_pairs(F[text], synapses, x, y, w, a, step * 0.1)
        np.testing.assert_allclose(target.s, expected, rtol=0, atol=2e-15 * (synapses.size + 10))


@pytest.mark.parametrize("text", APART)
def test_what_does_not_fall_apart_goes_pair_by_pair(text: str) -> None:
    nb.seed(1)
    net, synapses, source, target = make(text, "two groups", scale=1.0)
    synapses.w = w = np.random.default_rng(2).uniform(1, 2, synapses.size)
    if "exp" in text:  # exp(800) is infinite, and differences are small
        source.x, target.x = source.x + 800, target.x + 800
    assert "synapse by synapse" in synapses.explain()
    x, y = np.array(source.x), np.array(target.x)
    net.step()
    expected = by_pairs(APART[text], synapses, x, y, w, 0.0, 0.0)
    np.testing.assert_allclose(target.s, expected, rtol=1e-10)


def test_a_few_synapses_go_pair_by_pair() -> None:
    nb.seed(1)
    cells = nb.Neurons(100, "dx/dt = s/ms : 1\ns : 1", initial={"x": "6*rand()"})
    ring = nb.Synapses(
        cells, cells, "s_post = sin(x_pre - x_post) : 1 (summed)", connect="(i + 1) % N_post"
    )
    assert "synapse by synapse" in ring.explain()
    net = nb.Network(cells, ring, dt=0.1)
    net.step()
    ring.connect("i != j")
    x = np.array(cells.x)
    net.step()
    assert "synapse by synapse" not in ring.explain()
    expected = np.bincount(ring.j, np.sin(x[ring.i] - x[ring.j]), minlength=100)
    np.testing.assert_allclose(cells.s, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("size", [1.0, 1e3, 1e6, 1e9])
def test_the_rounding_error_does_not_grow_with_the_phases(size: float) -> None:
    """It is about 1e-16 of the sum of |w|, where pair by pair it is so of each term."""
    nb.seed(1)
    net, synapses, cells, _ = make("w*sin(x_pre - x_post)", "all")
    synapses.w = w = np.random.default_rng(3).normal(size=synapses.size)
    cells.x = x = size + np.random.default_rng(4).integers(0, 2**20, 24) / 2**18  # differences are exact
    net.step()
    expected = by_pairs(F["w*sin(x_pre - x_post)"], synapses, x, x, w, 0.0, 0.0)
    assert np.abs(cells.s - expected).max() < 4 * 2.2e-16 * np.bincount(synapses.j, np.abs(w)).max()


def test_nothing_is_calculated_twice() -> None:
    """Both sides are one group: a sine and a cosine for each neuron and each harmonic."""
    counted = [0]

    def phase(x: Any) -> Any:
        counted[0] += np.size(x)
        return x

    cells = nb.Neurons(100, "dx/dt = s/ms : 1\ns : 1", method="euler", initial={"x": "6*rand()"})
    text = "w*sin(phase(x_pre) - phase(x_post)) + sin(2*(phase(x_pre) - phase(x_post)))"
    synapses = nb.Synapses(
        cells, cells, f"w : 1\ns_post = {text} : 1 (summed)", connect="i != j", phase=phase, w="rand()"
    )
    net = nb.Network(cells, synapses, dt=0.1)
    net.step()
    counted[0], x = 0, np.array(cells.x)
    net.step()
    assert counted[0] == 4 * 100
    w, d = np.array(synapses.w), x[synapses.i] - x[synapses.j]
    np.testing.assert_allclose(cells.s, np.bincount(synapses.j, w * np.sin(d) + np.sin(2 * d)), atol=1e-13)


def test_phase_oscillators_synchronise_as_those_of_a_loop() -> None:
    """The order parameter of Kuramoto's model (1975) against the same Euler steps with pairs."""
    n, k = 60, 1.5
    rng = np.random.default_rng(8)
    x, rate = rng.uniform(0, 2 * np.pi, n), rng.normal(0, 0.2, n)
    cells = nb.Neurons(
        n, "dx/dt = (rate + k*s)/ms : 1\nrate : 1\nk : 1\ns : 1", method="euler", rate=rate, k=k
    )
    cells.x = x
    synapses = nb.Synapses(cells, cells, "s_post = sin(x_pre - x_post)/N_pre : 1 (summed)", connect="True")
    net = nb.Network(cells, synapses, dt=0.1)
    net.run(20)
    for _ in range(200):
        x = x + 0.1 * (rate + k * np.sin(x[:, None] - x).mean(axis=0))
    order = [abs(np.exp(1j * phases).mean()) for phases in (x, cells.x)]
    assert order[0] > 0.9
    assert order[1] == pytest.approx(order[0], rel=1e-12)
