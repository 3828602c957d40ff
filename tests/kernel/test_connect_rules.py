"""Each rule against its definition: by brute force on small groups, by statistics on larger ones."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pytest
import scipy.stats
from counting import Counted, calls, instructions, memory
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain import connect
from numpybrain.utils import sampling
from numpybrain.connect.rule import ConnectionContext

Pairs = list[tuple[int, int]]


def links(rule: Any, n: int, m: int, seed: int = 0, shift: int | None = 0) -> Pairs:
    """The pairs of a rule between two parts of one group, `shift` apart (None: of two groups)."""
    found = rule.links(ConnectionContext(n, m, np.random.default_rng(seed), shift))
    assert found.i.dtype == found.j.dtype == np.intp
    assert found.i.size == 0 or (found.i.min() >= 0 and found.j.min() >= 0)
    assert found.i.size == 0 or (found.i.max() < n and found.j.max() < m)
    return list(zip(found.i.tolist(), found.j.tolist(), strict=True))


sizes = st.integers(1, 9)
seeds = st.integers(0, 10_000)
shifts = st.one_of(st.none(), st.integers(-4, 4))


# ---- fixed numbers ---------------------------------------------------------------------------


@given(sizes, sizes, st.integers(0, 12), shifts, st.booleans(), st.booleans(), seeds, st.booleans())
@settings(max_examples=100, deadline=None)
def test_fixed_degrees(
    n: int, m: int, k: int, shift: int | None, autapses: bool, multiple: bool, seed: int, inward: bool
) -> None:
    make = connect.fixed_indegree if inward else connect.fixed_outdegree
    rule = make(k, autapses=autapses, multiple=multiple)
    allowed = [(i, j) for i, j in itertools.product(range(n), range(m)) if autapses or i - j != shift]
    partners = Counter(pair[inward] for pair in allowed)
    least = min(partners.get(r, 0) for r in range(m if inward else n))
    if k > least and not (multiple and least):
        with pytest.raises(nb.ShapeError, match="are wanted, but there are"):
            links(rule, n, m, seed, shift)
        return
    found = links(rule, n, m, seed, shift)
    assert found == sorted(found)
    assert set(found) <= set(allowed)
    degrees = Counter(pair[inward] for pair in found)
    assert all(degrees[r] == k for r in range(m if inward else n))
    assert multiple or len(set(found)) == len(found)


@given(sizes, sizes, st.integers(0, 90), shifts, st.booleans(), st.booleans(), seeds)
@settings(max_examples=70, deadline=None)
def test_fixed_total(
    n: int, m: int, total: int, shift: int | None, autapses: bool, multiple: bool, seed: int
) -> None:
    rule = connect.fixed_total(total, autapses=autapses, multiple=multiple)
    allowed = [(i, j) for i, j in itertools.product(range(n), range(m)) if autapses or i - j != shift]
    if total > len(allowed) and not (multiple and allowed):
        with pytest.raises(nb.ShapeError):
            links(rule, n, m, seed, shift)
        return
    found = links(rule, n, m, seed, shift)
    assert len(found) == total
    assert found == sorted(found)
    assert set(found) <= set(allowed)
    assert multiple or len(set(found)) == total


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("inward", [True, False])
def test_all_sets_of_partners_are_equally_likely(k: int, inward: bool) -> None:
    """Chi-square over all sets; so marginal and joint probabilities are right."""
    rule = (connect.fixed_indegree if inward else connect.fixed_outdegree)(k, autapses=False)
    rng = np.random.default_rng(k)
    found: Counter[tuple[int, ...]] = Counter()
    for _ in range(3000):
        i, j = rule.pairs(6, 6, rng)
        near, far = (j, i) if inward else (i, j)
        found[tuple(far[near == 2].tolist())] += 1
    sets = list(itertools.combinations([0, 1, 3, 4, 5], k))
    assert set(found) <= set(sets)
    assert scipy.stats.chisquare([found[s] for s in sets]).pvalue > 1e-4


def test_the_other_degrees_are_binomial() -> None:
    i, j = connect.fixed_indegree(20).pairs(500, 2000, np.random.default_rng(2))
    assert np.all(np.bincount(j, minlength=2000) == 20)
    out = np.bincount(i, minlength=500)
    expected = scipy.stats.binom(2000, 20 / 500)
    edges = expected.ppf(np.linspace(0.1, 0.9, 9))
    observed = np.bincount(np.searchsorted(edges, out), minlength=10)
    share = np.diff([0, *expected.cdf(edges), 1])
    assert scipy.stats.chisquare(observed, share * 500).pvalue > 1e-4


def test_multiple_synapses_come_as_often_as_they_should() -> None:
    i, j = connect.fixed_total(20_000, multiple=True).pairs(10, 10, np.random.default_rng(1))
    counts = np.zeros((10, 10))
    np.add.at(counts, (i, j), 1)
    assert scipy.stats.chisquare(counts.ravel()).pvalue > 1e-4


@given(st.lists(st.tuples(st.integers(0, 7), st.floats(0, 1)), min_size=1, max_size=12), seeds)
@settings(max_examples=70, deadline=None)
def test_choices_from_rows_of_different_length(rows: list[tuple[int, float]], seed: int) -> None:
    populations = np.array([n for n, _ in rows])
    wanted = np.array([int(n * share) for n, share in rows])
    row, number = sampling.choose(populations, wanted, np.random.default_rng(seed))
    assert np.array_equal(np.bincount(row, minlength=len(rows)), wanted)
    found = list(zip(row.tolist(), number.tolist(), strict=True))
    assert found == sorted(set(found))
    assert np.all((number >= 0) & (number < populations[row]))


# ---- autapses between parts of a group ---------------------------------------------------------


@pytest.mark.parametrize("parts", [((0, 6), (0, 6)), ((0, 4), (2, 6)), ((3, 6), (1, 5)), ((0, 3), (3, 6))])
def test_a_neuron_never_meets_itself_in_parts_of_one_group(parts: Any) -> None:
    cells = nb.Neurons(6, {"v": "1"})
    (a, b), (c, d) = parts
    rules = [connect.all_to_all(autapses=False), connect.probability(0.999999, autapses=False),
             connect.fixed_total(4, autapses=False), connect.fixed_indegree(2, autapses=False)]  # fmt: skip
    for rule in rules:
        made = nb.Synapses(cells[a:b], cells[c:d], connect=rule)
        assert not np.any(made.i + a == made.j + c)
    every = nb.Synapses(cells[a:b], cells[c:d], connect=rules[0])
    assert len(every) == sum(i != j for i in range(a, b) for j in range(c, d))


# ---- grids and rings ---------------------------------------------------------------------------

LIMITS = {
    "square": lambda y, x, r: max(y, x) <= r,
    "diamond": lambda y, x, r: y + x <= r,
    "circle": lambda y, x, r: y * y + x * x <= r * r,
}


def neighbours(rows: int, columns: int, radius: float, shape: str, periodic: bool, autapses: bool) -> Pairs:
    found = []
    for i, j in itertools.product(range(rows * columns), repeat=2):
        y, x = abs(i // columns - j // columns), abs(i % columns - j % columns)
        near = LIMITS[shape](y, x, radius)
        if periodic:
            near = any(LIMITS[shape](abs(y - a * rows), abs(x - b * columns), radius)
                       for a in range(-6, 7) for b in range(-6, 7))  # fmt: skip
        if near and (autapses or i != j):
            found.append((i, j))
    return found


@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.floats(0, 5),
    st.sampled_from(list(LIMITS)),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_grids(rows: int, columns: int, radius: float, shape: str, periodic: bool, autapses: bool) -> None:
    rule = connect.grid_n(rows, columns, radius, shape=shape, periodic=periodic, autapses=autapses)
    n = rows * columns
    assert links(rule, n, n) == neighbours(rows, columns, radius, shape, periodic, autapses)


@pytest.mark.parametrize("periodic", [False, True])
def test_the_four_and_the_eight_around(periodic: bool) -> None:
    assert links(connect.grid4(4, 5, periodic=periodic), 20, 20) == neighbours(
        4, 5, 1, "diamond", periodic, False
    )
    assert links(connect.grid8(4, 5, periodic=periodic), 20, 20) == neighbours(
        4, 5, 1, "square", periodic, False
    )


@given(st.integers(1, 12), st.integers(0, 14), st.booleans())
@settings(max_examples=40, deadline=None)
def test_rings(n: int, k: int, autapses: bool) -> None:
    def apart(i: int, j: int) -> int:
        return min((i - j) % n, (j - i) % n)

    every = itertools.product(range(n), repeat=2)
    expected = [(i, j) for i, j in every if apart(i, j) <= k and (autapses or i != j)]
    assert links(connect.ring(k, autapses=autapses), n, n) == expected


# ---- random graphs -----------------------------------------------------------------------------


@given(st.integers(1, 25), st.integers(0, 5), st.floats(0, 1), seeds)
@settings(max_examples=50, deadline=None)
def test_small_worlds(n: int, half: int, p: float, seed: int) -> None:
    rule = connect.small_world(2 * half, p)
    if n <= 2 * half:
        with pytest.raises(nb.ShapeError):
            links(rule, n, n)
        return
    found = links(rule, n, n, seed)
    assert found == sorted(set(found))
    assert len(found) == n * 2 * half
    assert all((j, i) in set(found) and i != j for i, j in found)
    degrees = Counter(i for i, _ in found)
    assert all(degrees[i] >= half for i in range(n))  # every neuron keeps one end of k/2 edges
    if p == 0:
        assert found == links(connect.ring(half), n, n)


@pytest.mark.parametrize("p", [0.05, 0.3, 1.0])
def test_small_worlds_are_those_of_networkx(p: float) -> None:
    """Clustering and kept edges, against networkx's own function of the same procedure."""
    ours, theirs, kept = [], [], []
    lattice = set(links(connect.ring(4), 150, 150))
    for seed in range(12):
        edges = links(connect.small_world(8, p), 150, 150, seed)
        graph = nx.Graph(edges)
        graph.add_nodes_from(range(150))
        ours.append(nx.average_clustering(graph))
        theirs.append(nx.average_clustering(nx.watts_strogatz_graph(150, 8, p, seed=seed)))
        kept.append(len(lattice & set(edges)) / len(edges))
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=4 * np.std(theirs) / math.sqrt(6) + 0.005)
    assert np.mean(kept) == pytest.approx(1 - p + p * 0.05, abs=0.06)


@given(st.integers(1, 30), st.integers(1, 6), seeds)
@settings(max_examples=40, deadline=None)
def test_scale_free_networks(n: int, m: int, seed: int) -> None:
    rule = connect.scale_free(m)
    if n <= m:
        with pytest.raises(nb.ShapeError):
            links(rule, n, n)
        return
    found = links(rule, n, n, seed)
    assert found == sorted(set(found))
    assert len(found) == 2 * m * (n - m)
    older = Counter(i for i, j in found if j < i)
    assert all(older[i] == m for i in range(m, n))
    assert all((j, i) in set(found) for i, j in found)


def test_scale_free_networks_have_the_degrees_of_the_theory() -> None:
    """P(k) = 2 m (m + 1)/(k (k + 1)(k + 2)), exact for large n (Dorogovtsev et al. 2000, Bollobas et al. 2001)."""
    n, m = 20_000, 3
    i, _ = connect.scale_free(m).pairs(n, n, np.random.default_rng(5))
    degrees = np.bincount(i, minlength=n)
    assert degrees.min() == m
    for k in range(3, 9):
        expected = n * 2 * m * (m + 1) / (k * (k + 1) * (k + 2))
        assert np.count_nonzero(degrees == k) == pytest.approx(
            expected, abs=5 * math.sqrt(expected) + 0.01 * expected
        )
    assert degrees.max() > 20 * m  # hubs


# ---- distance ----------------------------------------------------------------------------------


def chance(name: str, d: np.ndarray) -> np.ndarray:
    if name == "gaussian":
        return 0.8 * np.exp(-(d**2) / (2 * 3.0**2))
    if name == "exponential":
        return 0.8 * np.exp(-d / 3.0)
    return np.clip(0.9 * np.exp(-(d**2) / (2 * 2.0**2)) - 0.4 * np.exp(-(d**2) / (2 * 4.0**2)), 0, 1)


SPATIAL = {
    "gaussian": lambda *a, **k: connect.gaussian(*a[:1], 3.0, p=0.8, **k),
    "exponential": lambda *a, **k: connect.exponential(*a[:1], 3.0, p=0.8, **k),
    "dog": lambda *a, **k: connect.difference_of_gaussians(*a[:1], 2.0, 4.0, p=0.9, p_surround=0.4, **k),
}


@pytest.mark.parametrize("name", SPATIAL)
@pytest.mark.parametrize("dimensions", [1, 2, 3])
@pytest.mark.parametrize("periodic", [None, 11.0])
def test_distance_rules_have_the_probability_of_every_pair(
    name: str, dimensions: int, periodic: Any
) -> None:
    rng = np.random.default_rng(dimensions)
    here, there = rng.uniform(-2, 12, (70, dimensions)), rng.uniform(-2, 12, (60, dimensions))
    away = np.abs(here[:, None] - there[None])
    if periodic:
        away = np.minimum(away % periodic, periodic - away % periodic)
    p = chance(name, np.sqrt((away**2).sum(axis=2)))
    rule = SPATIAL[name](here, target=there, periodic=periodic)
    counts, trials = np.zeros(p.shape), 400
    for _ in range(trials):
        found = rule.links(ConnectionContext(70, 60, rng, None))
        assert np.all(np.diff(found.i * 60 + found.j) > 0)
        counts[found.i, found.j] += 1
    sure = p * (1 - p) * trials > 4
    z = (counts - p * trials)[sure] / np.sqrt(p * (1 - p) * trials)[sure]
    assert abs(z.mean()) < 6 / math.sqrt(z.size)
    assert z.var() == pytest.approx(1, abs=6 * math.sqrt(2.3 / z.size))
    assert np.abs(z).max() < 6
    assert counts[~sure].sum() == pytest.approx(
        (p * trials)[~sure].sum(), abs=6 * math.sqrt((p * trials)[~sure].sum() + 1)
    )


def test_positions_have_names_and_units() -> None:
    cells = nb.Neurons(50, "x : mm\ny = 2*x : um\nv : 1")
    cells.x = np.arange(50) * 0.01
    assert len(nb.Synapses(cells, cells, connect=connect.gaussian("x", "1 um", autapses=False))) == 0
    assert len(nb.Synapses(cells, cells, connect=connect.gaussian("x", "1 km"))) > 2490
    assert len(nb.Synapses(cells, cells, connect=connect.gaussian(["x", "y"], "1 um"))) == 50
    made = nb.Synapses(cells[10:30], cells[20:], connect=connect.exponential("x", "0.1 um"))
    assert np.array_equal(made.i, made.j + 10)  # only neurons that are at one place
    from numpybrain.units import um

    assert len(nb.Synapses(cells, cells, connect=connect.gaussian(np.arange(50) * um, "1 nm"))) == 50
    assert len(nb.Synapses(cells, cells, connect=connect.gaussian(np.arange(50), 1e-3, periodic=49))) == 52
    with pytest.raises(nb.UnitError):
        nb.Synapses(cells, cells, connect=connect.gaussian("x", "1 ms"))
    with pytest.raises(nb.UnknownNameError):
        nb.Synapses(cells, cells, connect=connect.gaussian("z", "1 mm"))
    for bad in (connect.gaussian(np.zeros((50, 4)), 1), connect.gaussian(np.zeros(49), 1), connect.gaussian(np.full(50, np.nan), 1),
                connect.gaussian(np.zeros(50), 0), connect.gaussian(np.zeros(50), 1, periodic=[1, 2])):  # fmt: skip
        with pytest.raises((nb.ShapeError, nb.ArgumentError)):
            nb.Synapses(cells, cells, connect=bad)


# ---- reproducible, fast, small ------------------------------------------------------------------

RANDOM = [connect.probability(0.3), connect.fixed_indegree(3), connect.fixed_outdegree(3), connect.fixed_total(30), connect.small_world(4, 0.5),
          connect.scale_free(3), connect.gaussian(np.arange(20), 3), "rand() < 0.5", "k for k in sample(N_post, size=4)",
          connect.probability("0.3"), "k for k in sample(i, p=i/20)"]  # fmt: skip


@pytest.mark.parametrize("rule", RANDOM, ids=str)
def test_draws_come_from_the_stream_for_connecting(rule: Any) -> None:
    found = []
    for _ in range(2):
        nb.seed(3)
        cells = nb.Neurons(20, "v : 1")
        synapses = nb.Synapses(cells, cells, "w : 1", connect=rule)
        synapses.w = "rand()"  # another stream
        found.append((synapses.i.tolist(), synapses.j.tolist(), synapses.w.tolist()))
    assert found[0] == found[1]


FAST = {"probability": connect.probability(0.01), "indegree": connect.fixed_indegree(100), "outdegree": connect.fixed_outdegree(100),
        "total": connect.fixed_total(1_000_000), "ring": connect.ring(50), "grid": connect.grid_n(100, 100, 5, periodic=True),
        "small world": connect.small_world(100, 0.1), "scale free": connect.scale_free(50), "autapses": connect.fixed_indegree(100, autapses=False)}  # fmt: skip


BY_NEURON = ("small world", "scale free")  # where the pairs of one neuron depend on those before


@pytest.mark.parametrize("name", FAST)
def test_a_million_synapses_are_fast(name: str) -> None:
    """No rule visits the 100 million pairs, and none but two has a loop in Python over neurons or synapses."""
    counted, rule = Counted(), FAST[name]

    def make() -> None:
        rule.pairs(10_000, 10_000, counted.generator)

    assert memory(make) < 120e6  # 120 bytes for a synapse; one for each pair would be 100 MB more
    assert counted.drawn < 6e6
    if name in BY_NEURON:
        assert calls(make) < 200 * 10_000
    else:
        assert instructions(make) < 10_000


def test_memory_stays_bounded() -> None:
    """9 million pairs, of which few are connected: looked at in pieces of about a million."""
    import tracemalloc

    cells = nb.Neurons(3000, "x : 1")
    rules = ["i == j", connect.probability("0.0001*int(i < 10)"), "k for k in range(N_post) if k == i",
             connect.probability(lambda i, j: 1e-6 * (i + j))]  # fmt: skip
    for rule in rules:
        nb.Synapses(cells, cells, connect=rule)
        tracemalloc.start()
        nb.Synapses(cells, cells, connect=rule)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (
            peak < 70e6
        )  # one array of 8 bytes for every pair would have 72 MB, and there would be several


@pytest.mark.parametrize("make", [lambda: connect.fixed_indegree(-1), lambda: connect.fixed_total(1.5), lambda: connect.fixed_outdegree(True), lambda: connect.ring("2"),
    lambda: connect.small_world(3, 0.1), lambda: connect.small_world(4, 2), lambda: connect.scale_free(0), lambda: connect.grid_n(0, 3, 1), lambda: connect.grid_n(3, 3, -1),
    lambda: connect.grid_n(3, 3, 1, shape="hexagon"), lambda: connect.gaussian("x", 1, p=2), lambda: connect.each(3), lambda: connect.each("i", of="here"), lambda: connect.graph(3),
    lambda: connect.matrix([[1]], weight=3), lambda: connect.matrix([[1]], unit="mV"), lambda: connect.all_to_all(autapses=None)])  # fmt: skip
def test_bad_arguments(make: Any) -> None:
    with pytest.raises(nb.ArgumentError):
        make()
