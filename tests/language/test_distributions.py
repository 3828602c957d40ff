"""Random numbers of texts have the distributions that SciPy calculates."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import numpybrain as nb

N = 4000
DISTRIBUTIONS = {
    "uniform(-60*mV, -50*mV)": stats.uniform(-60, 10),
    "normal(-1*mV, 2*mV)": stats.norm(-1, 2),
    "exponential(3*mV)": stats.expon(0, 3),
    "gamma(2.5, 3*mV)": stats.gamma(2.5, 0, 3),
    "gamma(0.4, 3*mV)": stats.gamma(0.4, 0, 3),
    "lognormal(2*mV, 0.7)": stats.lognorm(0.7, 0, 2),
    "truncated_normal(1*mV, 2*mV, 0*mV, 3*mV)": stats.truncnorm(-0.5, 1, 1, 2),
    "truncated_normal(0*mV, 2*mV, -inf, 1*mV)": stats.truncnorm(-np.inf, 0.5, 0, 2),
    "truncated_normal(0*mV, 1*mV, 0.6*mV, inf)": stats.truncnorm(0.6, np.inf),
    "truncated_normal(0*mV, 1*mV, 8*mV, inf)": stats.truncnorm(8, np.inf),
    "truncated_normal(0*mV, 1*mV, -30*mV, -5*mV)": stats.truncnorm(-30, -5),
    "truncated_normal(0*mV, 1*mV, 6*mV, 6.01*mV)": stats.truncnorm(6, 6.01),
    "truncated_normal(0*mV, 1*mV, -0.1*mV, 0.1*mV)": stats.truncnorm(-0.1, 0.1),
    "truncated_normal(0*mV, 1*mV, -3*mV, 9*mV)": stats.truncnorm(-3, 9),
}


@pytest.fixture(scope="module")
def cells():
    return nb.Neurons(N, "v : mV\na : 1\ngamma : 1\nchoice : 1", gamma=1.0)


@pytest.mark.parametrize("text", DISTRIBUTIONS)
def test_values_have_the_distribution(cells, text):
    cells.v = text
    assert stats.kstest(cells.v, DISTRIBUTIONS[text].cdf).pvalue > 1e-3


def test_one_of_several(cells):
    cells.v = "choice(1*mV, 2*mV, 4*volt/1000)"
    values, counts = np.unique(cells.v, return_counts=True)
    assert values.tolist() == [1, 2, 4]
    assert stats.chisquare(counts).pvalue > 1e-3


def test_parameters_may_differ_and_have_names_of_distributions(cells):
    """A variable may be called like a function that draws: the parentheses tell."""
    cells.a = "0.5 + i/N"
    cells.choice = "gamma(4, a) * gamma"
    assert stats.kstest(cells.choice / cells.a, stats.gamma(4).cdf).pvalue > 1e-3
    own = nb.Neurons(2, "v = exponential(3) : 1", functions={"exponential": lambda x: 2 * x})
    assert own.v.tolist() == [6, 6]
    given = nb.Neurons(2, "v = uniform(3) : 1", uniform=lambda x: 3 * x)
    assert given.v.tolist() == [9, 9]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("exponential(3)", nb.UnitError, "must be a voltage"),
        ("gamma(2*mV, 3*mV)", nb.UnitError, "'gamma' takes a number"),
        ("lognormal(2*mV, 1*mV)", nb.UnitError, "'lognormal' takes a number"),
        ("uniform(1*mV, 2)", nb.UnitError, "a voltage.*a number|a number.*a voltage"),
        ("uniform(1*mV)", nb.ModelError, "takes 2 arguments"),
        ("choice(1*mV)", nb.ModelError, "takes 2 or more arguments"),
        ("gamma(-1, 2*mV)", nb.ArgumentError, "a shape that is not negative"),
        ("truncated_normal(0*mV, 1*mV, 2*mV, 1*mV)", nb.ArgumentError, "low <= high"),
        ("exponential", nb.ModelError, "'exponential' is a function"),
    ],
)
def test_errors(cells, text, error, words):
    with pytest.raises(error, match=words):
        cells.v = text


def test_everywhere():
    """In resets, thresholds, stages, weights and delays, repeatable, and new in every step."""

    def run():
        nb.seed(3)
        group = nb.Neurons(
            500,
            "dv/dt = uniform(0, 2)/ms : 1\nx : 1",
            threshold="v > exponential(20)",
            reset="v = gamma(2, 0.1)",
        )
        group.at("end", "x = choice(1, 2)")
        synapses = nb.Synapses(group, group, "w : 1", on_pre="v_post += 0", connect="i == j",
                               w="lognormal(1, 0.5)", delay="truncated_normal(2*ms, 1*ms, 0.5*ms, 3*ms)")  # fmt: skip
        net = nb.Network(group, synapses)
        net.run(1)
        first = group.x.copy()
        net.run(9)
        return group.v.copy(), first, group.x.copy(), synapses.w.copy(), synapses.delay.copy()

    v, first, x, w, delays = run()
    assert all(np.array_equal(a, b) for a, b in zip(run(), (v, first, x, w, delays), strict=True))
    assert set(x) == {1, 2}
    assert not np.array_equal(first, x)
    assert stats.kstest(w, stats.lognorm(0.5).cdf).pvalue > 1e-3
    assert stats.kstest(delays, stats.truncnorm(-1.5, 1, 2, 1).cdf).pvalue > 1e-3


def test_drift_of_uniform_numbers():
    """Sums of 100 uniform numbers are normal."""
    group = nb.Neurons(N, "dv/dt = uniform(-1, 3)/ms : 1", method="euler")
    nb.Network(group).run(10)
    assert stats.kstest(group.v, stats.norm(10, np.sqrt(16 / 12 / 100) * 10 * 0.1 * 10).cdf).pvalue > 1e-4
