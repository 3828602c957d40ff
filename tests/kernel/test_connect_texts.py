"""Connections written as texts and as Python functions of pairs."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain import connect

Pairs = list[tuple[int, int]]


def groups(n: int = 8, m: int = 6) -> tuple[Any, Any]:
    source, target = (
        nb.Neurons(n, "x : um\nk : 1\ny = 2*x : um"),
        nb.Neurons(m, "x : mm\npartner : integer"),
    )
    source.x, source.k = 10.0 * np.arange(n), np.arange(n) % 3
    target.x, target.partner = 0.01 * np.arange(m), np.arange(m)[::-1]
    return source, target


def pairs(rule: Any, ends: tuple[Any, Any] | None = None, **values: Any) -> Pairs:
    source, target = groups() if ends is None else ends
    made = nb.Synapses(source, target, connect=rule, **values)
    return list(zip(made.i.tolist(), made.j.tolist(), strict=True))


def where(test: Any, n: int = 8, m: int = 6) -> Pairs:
    return [(i, j) for i, j in itertools.product(range(n), range(m)) if test(i, j)]


CONDITIONS = {
    "i != j": lambda i, j: i != j,
    "True": lambda i, j: True,
    "False": lambda i, j: False,
    "abs(i - j) < 3 and x_pre > x_post": lambda i, j: abs(i - j) < 3 and i > j,
    "abs(x_pre - x) <= 15*um": lambda i, j: abs(i - j) < 2,
    "y_pre == 40*um": lambda i, j: i == 2,
    "k_pre == 1 or not j > 0": lambda i, j: i % 3 == 1 or j == 0,
    "i < N_pre - 2 and j == N_post - 1": lambda i, j: i < 6 and j == 5,
    "i == partner": lambda i, j: i == 5 - j,
    "i == partner_post": lambda i, j: i == 5 - j,
    "i < 1 < j": lambda i, j: i < 1 < j,
}  # fmt: skip


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions(text: str) -> None:
    expected = where(CONDITIONS[text])
    assert pairs(text) == pairs(connect.condition(text)) == expected
    assert (
        pairs(connect.probability(1, where=text)) == pairs(connect.probability("1", where=text)) == expected
    )


SERIES = {
    "i % N_post": lambda i: [i % 6],
    "(i + 1) % N_post": lambda i: [(i + 1) % 6],
    "int(i/2)": lambda i: [int(i / 2)],
    "int(i/2) if i % 2 == 0": lambda i: [i // 2] if i % 2 == 0 else [],
    "k_pre": lambda i: [i % 3],
    "i // 3 if j > 0": lambda i: [i // 3] if i // 3 > 0 else [],
    "k for k in range(0, N_post, 2)": lambda i: range(0, 6, 2),
    "k for k in range(N_post) if k != i": lambda i: [k for k in range(6) if k != i],
    "5 - m for m in range(int(k_pre))": lambda i: [5 - m for m in range(i % 3)],
    "k for k in range(5, -1, -2)": lambda i: range(5, -1, -2),
    "k for k in range(i, i)": lambda i: [],
    "k for k in range(N_post) if x_post < x_pre": lambda i: [k for k in range(6) if k < i],
    "k % N_post for k in range(2*i) if k % 5 == 1 or j == 0": lambda i: [k % 6 for k in range(2 * i) if k % 5 == 1 or k % 6 == 0],
    "n for n in range(3)": lambda i: range(3),
    "lambda for lambda in range(2)": lambda i: range(2),
    "k for k in sample(N_post, p=1)": lambda i: range(6),
    "k for k in sample(1, N_post, 2, size=3)": lambda i: range(1, 6, 2),
    "k for k in sample(N_post, p=0)": lambda i: [],
    "k for k in range(N_post)\n  # all but one\n  if k != 2": lambda i: [0, 1, 3, 4, 5],
}  # fmt: skip


@pytest.mark.parametrize("text", SERIES)
def test_series(text: str) -> None:
    expected = [(i, j) for i in range(8) for j in SERIES[text](i)]
    assert pairs(text) == pairs(connect.each(text)) == expected


def test_indices_outside_are_left_out_before_a_condition_looks_at_neurons() -> None:
    text = "k for k in range(-2, N_post + 3) if x_post < x_pre"
    assert pairs(connect.each(text, skip=True)) == where(lambda i, j: j < i)
    with pytest.raises(nb.IndexRangeError, match="target index -2"):
        pairs(text)


def test_sources_of_every_target() -> None:
    text = "k for k in range(j - 1, j + 2) if k != j"
    expected = [(i, j) for j in range(6) for i in (j - 1, j + 1) if i >= 0]
    assert pairs(connect.each(text, skip=True, of="target")) == expected
    found = pairs(connect.each("k for k in sample(N_pre, size=3)", of="target"))
    assert [j for _, j in found] == [j for j in range(6) for _ in range(3)]


@given(
    st.integers(1, 9),
    st.integers(1, 9),
    st.integers(-12, 12),
    st.integers(-12, 12),
    st.integers(-4, 4).filter(bool),
    st.integers(1, 3),
    st.integers(0, 2),
)
@settings(max_examples=25, deadline=None)
def test_ranges_are_those_of_python(
    n: int, m: int, low: int, high: int, step: int, by: int, slope: int
) -> None:
    text = f"k*{by} for k in range({low} + {slope}*i, {high} - i, {step}) if (k + i) % 2 == 0"
    expected = [
        (i, k * by) for i in range(n) for k in range(low + slope * i, high - i, step) if (k + i) % 2 == 0
    ]
    inside = [(i, j) for i, j in expected if 0 <= j < m]
    ends = groups(n, m)
    assert pairs(connect.each(text, skip=True), ends) == inside
    if inside == expected:
        assert pairs(text, ends) == expected
    else:
        i, j = next(pair for pair in expected if pair not in inside)
        with pytest.raises(nb.IndexRangeError, match=rf"i = {i}, j = {j};"):
            pairs(text, ends)


def test_subgroups_have_indices_and_values_of_their_own() -> None:
    cells = nb.Neurons(10, "x : 1")
    cells.x = np.arange(10) ** 2
    made = nb.Synapses(cells[2:6], cells[5:], connect="x_pre == x_post")
    assert (made.i.tolist(), made.j.tolist()) == ([3], [0])
    made = nb.Synapses(
        cells[2:6], cells[5:], connect="x_pre == 9 and x_post == 64 and N_pre == 4 and N_post == 5"
    )
    assert (made.i.tolist(), made.j.tolist()) == ([1], [3])
    made = nb.Synapses(cells[2:6], cells[5:], connect="k for k in range(N_post) if x_post - x_pre == 45")
    assert (made.i.tolist(), made.j.tolist()) == ([0], [2])
    made = nb.Synapses(
        cells[2:6], cells[5:], connect=connect.probability(lambda x_pre, x_post: x_pre == x_post)
    )
    assert (made.i.tolist(), made.j.tolist()) == ([3], [0])


def test_values_for_names_that_a_text_leaves_open() -> None:
    expected = where(lambda i, j: abs(i - j) < 2)
    assert (
        pairs("abs(x_pre - x_post) < r", r="15 um")
        == pairs("abs(x_pre - x_post) < r", r="0.015 mm")
        == expected
    )
    assert pairs("near(i, j) < 2", near=lambda i, j: abs(i - j)) == expected
    assert pairs("distance(i - j) < 2", distance=np.abs) == expected
    source, target = groups()
    made = nb.Synapses(
        source, target, "w : mV\nr : 1", on_pre="partner += 1", connect="i < n", n=2, w="3 mV"
    )
    assert made.i.max() == 1
    assert np.all(made.w == 3)
    with pytest.raises(nb.UnknownNameError, match="no variable 'q'"):
        pairs("i < n", n=2, q=3)
    with pytest.raises(nb.ArgumentError, match="one value"):
        pairs("i < n", n=[1, 2])


ONE_SERIES = "k for k in sample(N_post, p=0.1 + 0.2*(i % 2))"


def test_samples_have_their_statistics() -> None:
    source, target = nb.Neurons(400, "v : 1"), nb.Neurons(300, "v : 1")
    made = nb.Synapses(source, target, connect=ONE_SERIES)
    counts = np.bincount(made.i, minlength=400)
    for odd, p in ((0, 0.1), (1, 0.3)):
        assert scipy.stats.binomtest(int(counts[odd::2].sum()), 200 * 300, p).pvalue > 1e-4
        assert counts[odd::2].var() == pytest.approx(300 * p * (1 - p), rel=0.5)
    assert np.all(np.diff(made.i * 300 + made.j) > 0)
    assert (
        scipy.stats.chisquare(np.bincount(made.j, minlength=300).reshape(30, 10).sum(axis=1)).pvalue > 1e-4
    )
    made = nb.Synapses(source, target, connect="k for k in sample(10, N_post, 5, size=i % 7)")
    assert np.array_equal(np.bincount(made.i, minlength=400), np.arange(400) % 7)
    assert np.all((made.j % 5 == 0) & (made.j >= 10))
    assert scipy.stats.chisquare(np.bincount(made.j // 5 - 2, minlength=58)).pvalue > 1e-4
    for rule in ("rand() < 0.2", connect.probability("0.1 + 0.2*(i % 2)"), "k for k in range(N_post) if rand() < 0.2",
                 connect.probability(lambda i: 0.1 + 0.2 * (i % 2)), connect.probability(0.4, where="i % 2 == j % 2")):  # fmt: skip
        made = nb.Synapses(source, target, connect=rule)
        assert scipy.stats.binomtest(len(made), 120_000, 0.2).pvalue > 1e-4


def test_probability_of_each_pair() -> None:
    source, target = nb.Neurons(5, "x : 1"), nb.Neurons(4, "x : 1")
    source.x, target.x = np.arange(5), np.arange(4)
    counts = np.zeros((5, 4))
    for _ in range(150):
        made = nb.Synapses(source, target, connect=connect.probability("(x_pre + x_post)/6"))
        counts[made.i, made.j] += 1
    p = np.clip(np.add.outer(np.arange(5), np.arange(4)) / 6, 0, 1)
    assert np.all(np.abs(counts - 150 * p) <= 5 * np.sqrt(150 * p * (1 - p)))


ERRORS = {
    "i <": (nb.ModelSyntaxError, "expected a value"),
    "k for k": (nb.ModelSyntaxError, "expected 'in'"),
    "k for in": (nb.ModelSyntaxError, "expected 'in'"),
    "k for k in 3": (nb.ModelSyntaxError, r"expected range\(...\) or sample\(...\)"),
    "k for k in range(3": (nb.ModelSyntaxError, r"unclosed '\('"),
    "k for k in range(3) if": (nb.ModelSyntaxError, "expected a value"),
    "[k for k in range(3)]": (nb.ModelSyntaxError, "unexpected '\\['"),
    "": (nb.ModelSyntaxError, "empty"),
    "k for k in rang(3)": (nb.ModelError, "did you mean 'range'"),
    "k for k in range()": (nb.ModelError, "one to three limits"),
    "k for k in range(1, 2, 3, 4)": (nb.ModelError, "one to three limits"),
    "k for k in range(3, p=0.1)": (nb.ModelError, "'range' takes no 'p'"),
    "k for k in sample(3)": (nb.ModelError, "either p or size"),
    "k for k in sample(3, p=0.1, size=2)": (nb.ModelError, "either p or size"),
    "k for k in sample(3, sise=2)": (nb.ModelError, "did you mean 'size'"),
    "e for e in range(3)": (nb.ModelError, "'e' has a meaning already"),
    "i for i in range(3)": (nb.ModelError, "'i' has a meaning already"),
    "k for k in range(j)": (nb.ModelError, "'j' is not known here"),
    "k for k in range(3) if m > 2": (nb.UnknownNameError, "unknown name 'm'"),
    "k + x_post/um for k in range(3)": (nb.ModelError, "'x_post' is not known here"),
    "x_pre + 1": (nb.UnitError, "cannot add um and 1"),
    "x_pre": (nb.UnitError, "the index 'j' must be a number"),
    "x_pre > 3*mV": (nb.UnitError, "cannot compare"),
    "k for k in range(x_pre)": (nb.UnitError, "the end of a series must be a number"),
    "i > 2 for k in range(2)": (nb.UnitError, "a number, not a condition"),
    "i if j": (nb.UnitError, "must be a condition"),
    "xpre > 3": (nb.UnknownNameError, "did you mean 'x_pre'"),
    "all_to_al": (nb.ArgumentError, "did you mean 'all_to_all'"),
    "f(i) > 2": (nb.UnknownNameError, "unknown function 'f'"),
    "i/2": (nb.IndexRangeError, "whole number"),
    "1/(i - 3)": (nb.IndexRangeError, "whole number"),
    "i": (nb.IndexRangeError, "target index 6 "),
    "k for k in range(0, 3, i)": (nb.ArgumentError, "step of a series"),
    "k for k in sample(N_post, size=7)": (nb.IndexRangeError, "sample of 7 cannot be taken from 6"),
    "k for k in sample(N_post, size=-1)": (nb.IndexRangeError, "sample of -1"),
    "k for k in sample(N_post, p=2)": (nb.ArgumentError, "number from 0 to 1"),
    "__import__('os')": (nb.ModelSyntaxError, "quotes"),
    "w > 3": (nb.UnknownNameError, "unknown name 'w'"),
}  # fmt: skip


@pytest.mark.parametrize("text", ERRORS)
def test_errors(text: str) -> None:
    kind, words = ERRORS[text]
    with pytest.raises(kind, match=words):
        pairs(text)


def test_errors_show_the_place() -> None:
    with pytest.raises(nb.UnitError) as caught:
        pairs("k for k in range(N_post) if x_pre < 3*mV")
    assert caught.value.span is not None
    assert caught.value.span.text == "3*mV"
    with pytest.raises(nb.ModelError) as caught_series:
        pairs(connect.condition("k for k in range(3)"))
    assert "connect.each" in (caught_series.value.help or "")


def test_samples_that_are_too_large_are_cut_when_asked() -> None:
    assert pairs(connect.each("k for k in sample(N_post, size=9)", skip=True)) == where(lambda i, j: True)
    assert pairs(connect.each("k for k in sample(N_post, size=-2)", skip=True)) == []


FUNCTIONS = [
    (lambda z: z > 1, nb.UnknownNameError), (lambda x_prae: x_prae > 1, nb.UnknownNameError), (lambda q_pre: q_pre, nb.UnknownNameError),
    (lambda i: i[:2], nb.ShapeError), (lambda i: None, nb.ArgumentError), (lambda i: "a", nb.ArgumentError), (lambda i: i * np.nan, nb.ArgumentError),
]  # fmt: skip


@pytest.mark.parametrize(("function", "error"), FUNCTIONS)
def test_bad_functions_of_pairs(function: Any, error: Any) -> None:
    with pytest.raises(error):
        pairs(connect.probability(function))


def test_conditions_as_functions() -> None:
    assert pairs(connect.condition(lambda i, j: i == j)) == where(lambda i, j: i == j)
    assert pairs(connect.condition(lambda x_pre, x_post, N_pre: x_pre / 1000 > x_post)) == where(
        lambda i, j: i > j
    )
    assert pairs(connect.probability(1, where=lambda y_pre: y_pre == 40)) == where(lambda i, j: i == 2)
