"""Binomial and Poisson counts with fixed parameters, beside SciPy's inverse distribution functions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb
from numpybrain.engine.numpy import tabled_distributions
from numpybrain.engine.numpy.random_calls import drawing

BINOMIAL = [(1000, 0.002), (1, 0.5), (1000, 0.5), (10**6, 1e-6), (10**9, 4e-7), (5, 0.3), (0, 0.2), (7, 0.0), (300, 0.33),
            (10**12, 1e-10)]  # fmt: skip
POISSON = [0.002, 2.0, 0.0, 1e-10, 30.0, 499.0]


class Uniform:
    """A generator that draws given numbers."""

    def __init__(self) -> None:
        self.numbers = np.random.default_rng(1).random(300_000)
        self.numbers[:6] = [0.0, 1 - 2.0**-53, 1 - 2.0**-52, 0.5, 1e-300, 2.0**-53]

    def random(self, size: int) -> np.ndarray:
        return self.numbers[:size]


def check(table: tabled_distributions.Counts | None, frozen: Any) -> None:
    assert table is not None
    uniform = Uniform()
    found = table.draw(uniform, 300_000)  # type: ignore[arg-type]
    expected = np.maximum(frozen.ppf(uniform.numbers), 0)
    different = found != expected
    assert different.sum() <= 2  # in the last digits of a probability
    beyond = frozen.sf(found[different] - 1)  # of such a count or a larger one
    np.testing.assert_allclose(beyond, 1 - uniform.numbers[different], atol=1e-14)
    assert found.max() < frozen.mean() + 10 * frozen.std() + 10


@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_binomial_counts_are_the_inverse_of_the_distribution(n: int, p: float) -> None:
    check(tabled_distributions.binomial(float(n), p), stats.binom(n, p))


@pytest.mark.parametrize("mean", POISSON)
def test_poisson_counts_are_the_inverse_of_the_distribution(mean: float) -> None:
    check(tabled_distributions.poisson(mean), stats.poisson(mean) if mean else stats.binom(0, 0.5))


@pytest.mark.parametrize(
    "given",
    [(10, 0.9), (1e9, 0.4), (-1, 0.2), (2.5, 0.2), (3, -0.1), (np.nan, 0.1), (3, np.nan), (np.inf, 0.0)],
)
def test_where_a_table_does_not_serve(given: tuple[float, float]) -> None:
    assert tabled_distributions.binomial(*given) is None
    assert tabled_distributions.poisson(given[0]) is None or 0 <= given[0] <= 500


@pytest.mark.parametrize("name", ["binomial_fixed", "poisson_fixed"])
def test_bad_parameters_are_refused(name: str) -> None:
    draw = drawing(np.random.default_rng(1), name)
    for bad in (
        ((-1.0, 0.5), (0.5, 2.0), (np.nan, 0.1)) if name == "binomial_fixed" else ((-1.0,), (np.nan,))
    ):
        with pytest.raises(nb.ArgumentError, match="needs"):
            draw(*bad, 3)


TEXTS = {  # text, distribution of the first neuron, whether by a table
    "binomial(1000, 0.002)": (stats.binom(1000, 0.002), True), "poisson(mean)": (stats.poisson(1.5), True),
    "poisson(2*mean*dt/ms)": (stats.poisson(0.3), True), "binomial(4, 0.9)": (stats.binom(4, 0.9), True),
    "poisson(800)": (stats.poisson(800), True), "poisson(each)": (stats.poisson(0.5), True),
    "poisson(1 + 0*v + 1e-12*t/ms)": (stats.poisson(1), False), "binomial(3, 0.25 + 1e-12*v)": (stats.binom(3, 0.25), False),
}  # fmt: skip


@pytest.mark.parametrize("n", [1, 400])
@pytest.mark.parametrize("text", TEXTS)
def test_counts_in_a_model(text: str, n: int) -> None:
    nb.seed(21)
    distribution, tabled = TEXTS[text]
    cells = nb.Neurons(
        n, "dv/dt = 1/ms : 1\nc : 1\nmean : 1\neach : 1", mean=1.5, each=np.linspace(0.5, 0.5 + 1e-9, n)
    )
    cells.at("start", f"c = {text}")
    found: list[float] = []
    cells.at("end", lambda c: found.extend(c))
    nb.Network(cells, dt=0.1).run(0.1 * (20_000 // n))
    edges = np.unique(distribution.ppf(np.linspace(0, 1, 8)[1:-1]))
    edges = edges[distribution.cdf(edges) < 1]
    observed = np.histogram(found, [-0.5, *(edges + 0.5), np.inf])[0]
    expected = np.diff([0, *distribution.cdf(edges), 1]) * len(found)
    assert stats.chisquare(observed, expected).pvalue > 1e-3
    assert np.mean(found) == pytest.approx(
        distribution.mean(), abs=5 * distribution.std() / np.sqrt(len(found))
    )
    operations = [part for stage in cells.stages for part in stage.operation.parts()]
    sources = [operation.source for operation in operations if hasattr(operation, "source")]
    assert any("_fixed(" in source for source in sources) == tabled


@pytest.mark.parametrize("each", [False, True])
def test_who_looks_changes_nothing(*, each: bool) -> None:
    """One number, an array of equal ones, an array that was handed out, with Python functions or without."""
    found = []
    for look in (False, True):
        for stage in (False, True):
            nb.seed(5)
            rate = np.linspace(1, 2, 100) if each else 1.5
            cells = nb.Neurons(
                100, "dv/dt = (poisson(l) + binomial(100, l/100) - v)/ms : 1\nl : 1", l=rate, method="euler"
            )
            if look:
                assert cells.l.size == 100
            if stage:
                cells.at("start", lambda: None)
            net = nb.Network(cells)
            net.run(1)
            net.run(2)
            found.append(cells.v.copy())
    for values in found[1:]:
        np.testing.assert_array_equal(values, found[0])


def test_a_mean_that_is_assigned_in_a_run() -> None:
    nb.seed(6)
    cells = nb.Neurons(500, "l : 1\nc : 1", l=0.5)
    cells.at("start", lambda t: setattr(cells, "l", 0.5 + t))
    cells.at("start", "c = poisson(l)")
    means: list[float] = []
    cells.at("end", lambda c: means.append(c.mean()))
    nb.Network(cells, dt=0.1).run(5)
    expected = 0.5 + np.arange(50) * 0.1
    np.testing.assert_allclose(means, expected, atol=6 * np.sqrt(expected.max() / 500))
    assert stats.ttest_1samp((means - expected) / np.sqrt(expected / 500), 0).pvalue > 1e-3


class Words:
    """A generator that notes what it draws; the first 16 bits of each uniform number come from a word."""

    def __init__(self) -> None:
        self.rng = np.random.Generator(np.random.PCG64DXSM(5))
        self.bit_generator = self
        self.words = self.rest = np.empty(0)

    def random_raw(self, size: int) -> np.ndarray:
        raw = self.rng.bit_generator.random_raw(size)
        self.words = raw.view(np.uint16).copy()
        return raw

    def random(self, size: int) -> np.ndarray:
        self.rest = self.rng.random(size)
        return self.rest


@pytest.mark.parametrize(("n", "p"), BINOMIAL)
def test_whole_counts_are_the_inverse_of_the_distribution(n: int, p: float) -> None:
    """Where 16 bits decide, every number with these gives the count; else the rest of its bits does."""
    table, words, size = tabled_distributions.binomial(float(n), p), Words(), 100_001
    assert table is not None
    found = table.draw_whole(words, size)  # type: ignore[arg-type]
    assert found.shape == (size,)
    assert found.dtype.kind == "i"
    frozen, first = stats.binom(n, p), words.words[:size] / 65536
    low, high = (np.maximum(frozen.ppf(u), 0) for u in (first + 1e-12, first + 1 / 65536 - 1e-12))
    decided = low == high
    assert np.array_equal(found[decided], low[decided])
    assert decided.mean() > 0.97
    assert words.rest.size >= (~decided).sum()
    open_ = np.flatnonzero(~decided)
    assert ((low[open_] <= found[open_]) & (found[open_] <= high[open_])).all()
    if words.rest.size == open_.size and open_.size:
        uniform = first[open_] + words.rest / 65536
        assert (found[open_] != np.maximum(frozen.ppf(uniform), 0)).sum() <= 1
