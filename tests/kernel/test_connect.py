"""Who is connected to whom."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.stats

import numpybrain as nb


def pairs(connect: Any, n: int = 4, m: int = 3) -> list[tuple[int, int]]:
    source, target = nb.Neurons(n, "v : 1"), nb.Neurons(m, "v : 1")
    synapses = nb.Synapses(source, target, on_pre="v += 1", connect=connect)
    assert len(synapses) == synapses.i.size == synapses.j.size
    return list(zip(synapses.i.tolist(), synapses.j.tolist(), strict=True))


def test_rules() -> None:
    every = list(itertools.product(range(4), range(3)))
    assert (
        pairs("all_to_all") == pairs(nb.connect.all_to_all()) == pairs(nb.connect.probability(1)) == every
    )
    assert pairs(nb.connect.all_to_all(autapses=False)) == every  # two groups: nobody meets itself
    assert pairs(nb.connect.all_to_all(self_connections=False)) == every
    assert pairs("one_to_one", 3, 3) == pairs(nb.connect.one_to_one, 3, 3) == [(0, 0), (1, 1), (2, 2)]
    assert pairs(nb.connect.probability(0)) == []


def test_arrays_and_functions() -> None:
    assert pairs(([3, 0], [1, 1])) == [(3, 1), (0, 1)]
    assert pairs(([3, 0], 1)) == pairs((np.array([3, 0], dtype=np.uint8), [1])) == [(3, 1), (0, 1)]
    assert pairs(([], [])) == []
    assert pairs(lambda N_pre, N_post: (np.arange(N_pre), np.arange(N_pre) % N_post)) == [
        (0, 0),
        (1, 1),
        (2, 2),
        (3, 0),
    ]
    assert pairs(lambda: nb.connect.all_to_all()) == list(itertools.product(range(4), range(3)))
    nb.seed(1)
    first = pairs(lambda rng: (rng.integers(0, 4, 5), rng.integers(0, 3, 5)))
    nb.seed(1)
    assert pairs(lambda rng: (rng.integers(0, 4, 5), rng.integers(0, 3, 5))) == first


@pytest.mark.parametrize("p", [1e-5, 0.02, 0.3, 0.95])
def test_probability_has_the_statistics_of_independent_trials(p: float) -> None:
    n, m = 600, 500
    rng = np.random.default_rng(7)
    i, j = nb.connect.probability(p).pairs(n, m, rng)
    assert scipy.stats.binomtest(i.size, n * m, p).pvalue > 1e-3
    flat = i * m + j
    assert np.all(np.diff(flat) > 0)  # sorted, no pair twice
    assert flat.min(initial=0) >= 0
    assert flat.max(initial=0) < n * m
    if i.size > 1000:  # evenly spread over rows and columns
        for index, size in ((i, n), (j, m)):
            counts = np.bincount(index, minlength=size)
            assert scipy.stats.chisquare(counts[:480].reshape(16, -1).sum(axis=1)).pvalue > 1e-3
            assert counts.var() == pytest.approx(n * m / size * p * (1 - p), rel=0.3)


def test_probability_reaches_the_first_and_the_last_pair() -> None:
    rng = np.random.default_rng(3)
    found = np.zeros((4, 3))
    for _ in range(400):
        np.add.at(found, nb.connect.probability(0.5).pairs(4, 3, rng), 1)
    assert np.abs(found - 200).max() < 5 * 10  # binomial: the standard deviation is 10


def test_probability_without_self_connections() -> None:
    i, j = nb.connect.probability(0.5, self_connections=False).pairs(200, 200, np.random.default_rng(1))
    assert not np.any(i == j)
    assert scipy.stats.binomtest(i.size, 200 * 199, 0.5).pvalue > 1e-3


BAD = {
    "no rule": (None, nb.ArgumentError), "misspelt": ("all_to_al", nb.ArgumentError), "too large": (([4], [0]), nb.IndexRangeError),
    "too large target": (([0], [3]), nb.IndexRangeError), "negative": (([-1], [0]), nb.IndexRangeError),
    "lengths": (([0, 1], [0, 1, 2]), nb.ShapeError), "floats": (([0.0], [0]), nb.ArgumentError),
    "two dimensions": ((np.zeros((2, 2), int), [0]), nb.ArgumentError), "booleans": (([True], [0]), nb.ArgumentError),
    "sizes": ("one_to_one", nb.ShapeError), "three arrays": (([0], [0], [0]), nb.ArgumentError), "number": (3, nb.ArgumentError),
    "argument": (lambda n_pre: ([0], [0]), nb.ArgumentError), "returns": (lambda: 3, nb.ArgumentError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_connections(name: str) -> None:
    connect, error = BAD[name]
    with pytest.raises(error):
        pairs(connect)


@pytest.mark.parametrize("p", [-0.1, 1.1, None, True, float("nan"), [0.1]])
def test_bad_probabilities(p: Any) -> None:
    with pytest.raises(nb.ArgumentError):
        nb.connect.probability(p)
