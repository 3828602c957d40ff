"""The strings of connections mean what they mean in Brian2."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

from . import brian2
from numpybrain import connect

b2 = brian2()

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore")]

N, M = 12, 9


def ours(rule: Any) -> list[tuple[int, int]]:
    cells = nb.Neurons(N + 3, "x : 1"), nb.Neurons(M + 2, "x : 1")
    for group in cells:
        group.x = np.arange(len(group)) % 5
    made = nb.Synapses(cells[0][3:], cells[1][1 : M + 1], connect=rule)
    return list(zip(made.i.tolist(), made.j.tolist(), strict=True))


def theirs(**arguments: Any) -> list[tuple[int, int]]:
    b2.prefs.codegen.target = "numpy"
    cells = b2.NeuronGroup(N + 3, "x : 1"), b2.NeuronGroup(M + 2, "x : 1")
    for group in cells:
        group.x = np.arange(len(group)) % 5
    made = b2.Synapses(cells[0][3:], cells[1][1 : M + 1])
    made.connect(**arguments)
    return list(zip(made.i[:].tolist(), made.j[:].tolist(), strict=True))


CONDITIONS = [
    "i != j",
    "abs(i - j) < 3",
    "x_pre > x_post",
    "i == j or x_pre == 2",
    "(i + j) % 4 == 1 and x_post < 3",
    "i*i > j**2",
    "int(i/2) == j",
]


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions(text: str) -> None:
    assert ours(text) == theirs(condition=text)


SERIES = [
    "i % N_post", "(i + 1) % N_post", "int(i/2)", "int(i/2) if i % 2 == 0", "k for k in range(0, N_post, 2)", "k for k in range(N_post) if k != i",
    "k for k in range(N_post) if x_post > x_pre", "k for k in range(i % 3, N_post - 1)", "(k + i) % N_post for k in range(3)", "k for k in range(8, -1, -3)",
    "k for k in sample(N_post, p=1)", "k for k in sample(0, N_post, 2, size=5)", "k for k in range(i - 3, i + 4) if k >= 0 and k < N_post",
]  # fmt: skip


@pytest.mark.parametrize("text", SERIES)
def test_series(text: str) -> None:
    assert ours(text) == theirs(j=text)


SKIPPING = [
    "k for k in range(i - 3, i + 4) if k != i",
    "i + 1",
    "k for k in range(-2, 30, 5)",
    "i - 2 if i % 2 == 0",
]


@pytest.mark.parametrize("text", SKIPPING)
def test_indices_outside(text: str) -> None:
    assert ours(connect.each(text, skip=True)) == theirs(j=text, skip_if_invalid=True)
    with pytest.raises(nb.IndexRangeError):
        ours(text)
    with pytest.raises(Exception, match="outside allowed range|Error"):
        theirs(j=text)


@pytest.mark.parametrize(
    "text", ["k for k in range(0, N_pre, 3)", "j", "k for k in range(N_pre) if x_pre == x_post"]
)
def test_sources_of_every_target(text: str) -> None:
    assert ours(connect.each(text, of="target")) == theirs(i=text)
