"""Random connections under a condition: what the condition rules out is neither drawn nor kept in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
from counting import Counted, memory

import numpybrain as nb
from numpybrain.utils import sampling
from numpybrain.connect import allowed
from numpybrain.connect.rule import ConnectionContext

N_SOURCE, N_TARGET = 36, 30
KINDS = np.arange(N_SOURCE) % 3
ODD = np.array([0.0, -0.0, np.nan, 1.0, -1.0, np.inf])  # values that look alike, or unlike themselves


def groups() -> tuple[nb.Neurons, nb.Neurons]:
    model = "k : integer\nx : mV\nodd : 1\nhalf = x/2 : mV"
    source, target = nb.Neurons(N_SOURCE, model), nb.Neurons(N_TARGET, model)
    for group in (source, target):
        numbers = np.arange(group.size)
        group.k, group.x, group.odd = numbers % 3, numbers % 5, ODD[numbers % 6]
    return source, target


CONDITIONS: dict[str, Callable[[int, int], bool]] = {
    "k_pre == k_post": lambda i, j: i % 3 == j % 3,
    "k_pre == k_post and i != j": lambda i, j: i % 3 == j % 3 and i != j,
    "i != j and k != 1 and half_pre < 1*mV": lambda i, j: i != j and j % 3 != 1 and i % 5 < 2,
    "k_pre != k_post and x_pre <= x_post and k_post > 0": lambda i, j: i % 3 != j % 3 and i % 5 <= j % 5 and j % 3 > 0,
    "k_pre == k_post or i == j": lambda i, j: i % 3 == j % 3 or i == j,
    "1/odd_pre > 0": lambda i, j: i % 6 in (0, 3),
    "odd_pre <= 0 and odd_post < 1": lambda i, j: i % 6 in (0, 1, 4) and j % 6 in (0, 1, 4),
    "abs(i - j) < 4": lambda i, j: abs(i - j) < 4,
    "j < 7": lambda i, j: j < 7,
    "near(i, j) == 1 and k_pre == 2": lambda i, j: abs(i - j) < 9 and i % 3 == 2,
    "k_pre > 2": lambda i, j: False,
}  # fmt: skip


DRAWN = [
    "k_pre == k_post",
    "i != j and k != 1 and half_pre < 1*mV",
    "abs(i - j) < 4",
    "near(i, j) == 1 and k_pre == 2",
]
DRAWS = 25


@pytest.fixture(params=["as it is", "in small pieces", "without equal rows"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "in small pieces":
        monkeypatch.setattr(sampling, "CHUNK", 50)
    if request.param == "without equal rows":
        monkeypatch.setattr(allowed, "MOST", 0)


def near(i: Any, j: Any) -> Any:
    return 1.0 * (np.abs(i - j) < 9)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("text", CONDITIONS)
def test_pairs_are_those_of_a_loop(text: str) -> None:
    source, target = groups()
    holds = CONDITIONS[text]
    expected = [(i, j) for i in range(N_SOURCE) for j in range(N_TARGET) if holds(i, j)]
    given = {"near": near} if "near" in text else {}
    for rule in (text, nb.connect.condition(text), nb.connect.probability(1, where=text),
                 nb.connect.probability("1 + 0*i", where=text)):  # fmt: skip
        made = nb.Synapses(source, target, connect=rule, **given)
        assert list(zip(made.i.tolist(), made.j.tolist(), strict=True)) == expected


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("p", [0.04, 0.4, "0.4 + 0*i"])
@pytest.mark.parametrize("text", DRAWN)
def test_each_allowed_pair_is_drawn_with_its_probability(text: str, p: Any) -> None:
    source, target = groups()
    synapses = nb.Synapses(source, target, connect=([0], [0]))
    ends = ConnectionContext(
        N_SOURCE, N_TARGET, np.random.default_rng(1), None, synapses.inspect.projection, {"near": near}
    )
    rule, holds = nb.connect.probability(p, where=text), CONDITIONS[text]
    may = np.array([[holds(i, j) for j in range(N_TARGET)] for i in range(N_SOURCE)])
    counts, totals = np.zeros(may.shape), []
    for _ in range(DRAWS):
        i, j = rule.make(ends)
        assert np.all(np.diff(i * N_TARGET + j) > 0)
        counts[i, j] += 1
        totals.append(i.size)
    assert not counts[~may].any()
    p = 0.4 if isinstance(p, str) else p
    assert np.all(np.abs(counts[may] - DRAWS * p) <= 5.5 * np.sqrt(DRAWS * p * (1 - p)) + 2)
    assert scipy.stats.binomtest(int(counts.sum()), DRAWS * int(may.sum()), p).pvalue > 1e-5
    # as many as independent trials, no more regular and no more irregular
    spread = np.var(totals, ddof=1) / (may.sum() * p * (1 - p)) * (DRAWS - 1)
    assert 1e-5 < scipy.stats.chi2.sf(spread, DRAWS - 1) < 1 - 1e-5
    for axis in (0, 1):
        wanted, found = DRAWS * may.sum(axis) * p, counts.sum(axis)
        some = wanted > 0
        square = ((found - wanted)[some] ** 2 / (wanted * (1 - p))[some]).sum()
        assert scipy.stats.chi2.sf(square, some.sum()) > 1e-5


def test_parts_of_groups_and_links() -> None:
    source, target = groups()
    linked = nb.Neurons(N_SOURCE, "k : integer (linked)")
    linked.k = nb.link(source, "k")
    for ends, shift in ((source[4:30], 4), (linked[4:30], 4)):
        made = nb.Synapses(
            ends, target[2:20], connect=nb.connect.probability(1, where="k_pre == k_post and i < j")
        )
        expected = [
            (i, j) for i in range(26) for j in range(18) if (i + shift) % 3 == (j + 2) % 3 and i < j
        ]
        assert list(zip(made.i.tolist(), made.j.tolist(), strict=True)) == expected


def test_chance_within_a_condition() -> None:
    cells = nb.Neurons(400, "k : integer", k=np.arange(400) % 4)
    for rule in ("k_pre == k_post and rand() < 0.3", nb.connect.probability(0.6, where="rand() < 0.5 and k_pre == k_post"),
                 nb.connect.probability("rand()", where="k_pre == k_post and rand() < 0.6")):  # fmt: skip
        made = nb.Synapses(cells, cells, connect=rule)
        assert np.all(made.i % 4 == made.j % 4)
        assert scipy.stats.binomtest(len(made), 40_000, 0.3).pvalue > 1e-5


N = 1600


@pytest.mark.parametrize(
    "where", ["k_pre == k_post", "k_pre == k_post and i != j", "abs(i - j) < 3", "abs(k_pre - k_post) < 1"]
)
def test_only_allowed_pairs_are_drawn_and_kept(where: str) -> None:
    cells = nb.Neurons(N, "k : 1", k=np.arange(N) // 8)
    synapses = nb.Synapses(cells, cells, connect=([0], [0]))
    counted = Counted()
    ends = ConnectionContext(N, N, counted.generator, 0, synapses.inspect.projection)
    rule = nb.connect.probability(0.5, where=where)
    rule.make(ends)  # imports are not on the bill
    before, found = counted.drawn, []
    used = memory(lambda: found.append(rule.make(ends)))
    ((i, _),) = found
    assert 3 * N < 2 * i.size < 9 * N
    assert counted.drawn - before < 30 * N  # of N**2/2 = 800 N that are drawn if all pairs are
    assert used < 20e6  # in pieces of a million pairs; all drawn ones at once are 40 MB
