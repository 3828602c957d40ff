"""Sums over synapses, in every form in which they are calculated, against NumPy's `bincount`."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

STAYS = "w : 1"
CHANGES = "dw/dt = -w/(5*ms) : 1 (clock-driven)"
RULES = {
    "few, uneven": (300, nb.connect.probability(0.1)),
    "all": (70, nb.connect.all_to_all()),
    "all others": (70, nb.connect.all_to_all(autapses=False)),
    "most": (100, nb.connect.probability(0.5)),
    "layers of one length": (1000, nb.connect.fixed_indegree(3)),
    "layers, some without": (4000, nb.connect.fixed_outdegree(2)),
    "none": (500, nb.connect.probability(0)),
}


def cells(n):
    return nb.Neurons(n, "dv/dt = (g - v)/(10*ms) : 1\ng : 1", method="euler", initial={"v": "rand()"})


@pytest.mark.parametrize("model", [STAYS, CHANGES])
@pytest.mark.parametrize("name", RULES)
def test_sum_of_differences(name, model):
    n, rule = RULES[name]
    nb.seed(3)
    group = cells(n)
    gaps = nb.Synapses(group, group, f"{model}\ng_post = w*(v_pre - v_post) : 1 (summed)", connect=rule)
    gaps.w = "rand()"
    net = nb.Network(group, gaps, dt=0.1)
    for _ in range(2):
        v, w = group.v.copy(), np.array(gaps.w)
        net.step()
        expected = np.bincount(gaps.j, w * (v[gaps.i] - v[gaps.j]), minlength=n)
        np.testing.assert_allclose(group.g, expected, rtol=1e-12, atol=1e-12)


def test_synapses_made_backwards():
    """In whatever order synapses are created, also where sums go layer by layer."""
    n = 900
    group = cells(n)
    i = np.arange(2 * n)[::-1] % n
    j = np.arange(2 * n)[::-1] * 7 % n
    w = np.linspace(0, 1, 2 * n)
    gaps = nb.Synapses(group, group, "w : 1\ng_post = w*v_pre : 1 (summed)", connect=(i, j), w=w)
    v = group.v.copy()
    nb.Network(group, gaps, dt=0.1).step()
    np.testing.assert_allclose(group.g, np.bincount(j, w * v[i], minlength=n), rtol=1e-12)


def test_weights_that_stay_in_a_run_may_change_between_runs():
    group = cells(300)
    gaps = nb.Synapses(
        group, group, "w : 1\ng_post = w*v_pre : 1 (summed)", connect=nb.connect.fixed_indegree(2), w=1
    )
    net = nb.Network(group, gaps, dt=0.1)
    for weight in (1.0, 2.0, np.linspace(0, 1, 600)):
        gaps.w = weight
        if isinstance(weight, np.ndarray):
            gaps.w[0] = 5.0  # in place, too
        net.run(0.3)
        v, w = group.v.copy(), np.array(gaps.w)
        net.step()
        expected = np.bincount(gaps.j, w * v[gaps.i], minlength=300)
        np.testing.assert_allclose(group.g, expected, rtol=1e-12)
