"""Integer variables take whole numbers that they can hold, and refuse all others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

FINE = [
    3,
    -3,
    3.0,
    True,
    np.int8(-3),
    np.uint64(2**62),
    2.0**62,
    np.float32(4),
    [1, 2.0, -3],
    np.array([1, 2, 3], np.uint8),
    range(3),
]
WRONG = [
    2.5,
    [1, 2, 0.5],
    np.nan,
    np.inf,
    -np.inf,
    [1, np.nan, 2],
    2.0**63,
    -(2.0**70),
    1e300,
    10**30,
    np.uint64(2**63),
    "i/2",
]


@pytest.mark.parametrize("value", FINE, ids=str)
def test_what_fits(value: Any) -> None:
    cells = nb.Neurons(3, "k : integer")
    cells.k = value
    assert cells.k.dtype == np.int64
    assert [int(x) for x in cells.k] == [
        int(x) for x in np.broadcast_to(np.asarray(value, dtype=object), 3)
    ]


@pytest.mark.parametrize("value", WRONG, ids=str)
def test_what_does_not_fit(value: Any) -> None:
    """2**70 became -2**63, with no more than a warning of NumPy."""
    cells = nb.Neurons(3, "k : integer", k=7)
    with pytest.raises(nb.ArgumentError, match="'k' of 'neurons_.*' must be whole numbers"):
        cells.k = value
    assert cells.k.tolist() == [7, 7, 7]


@pytest.mark.parametrize(
    ("value", "got"), [(2.5, "2.5"), ([1, 2, 0.5], "0.5"), ("i/4", "0.25"), (np.nan, "nan")]
)
def test_the_number_that_does_not_fit_is_named(value: Any, got: str) -> None:
    cells = nb.Neurons(3, "k : integer")
    with pytest.raises(nb.ArgumentError, match=rf"must be whole numbers \(got {got}\)"):
        cells.k = value


@pytest.mark.parametrize("value", [2, 0.5, [0, 1, 3], -1, np.nan])
def test_conditions_are_0_or_1(value: Any) -> None:
    cells = nb.Neurons(3, "k : boolean")
    with pytest.raises(nb.ArgumentError, match="must be True or False"):
        cells.k = value
    cells.k = [0, 1.0, True]
    assert cells.k.tolist() == [False, True, True]


def test_statements_and_subexpressions_cut_off() -> None:
    """Towards zero at every assignment, as NumPy, C and Brian2 do."""
    cells = nb.Neurons(
        3, "x : 1\nk : integer\nm : integer\nf = 2*x : integer", initial={"x": [-2.7, 0.5, 2.7]}
    )
    cells.at("end", "k += x; m = x; m = m + 1.7")
    trace = nb.Monitor(cells, "f")
    nb.Network(cells, trace).run(0.3)
    k = [0, 0, 0]
    for _ in range(3):
        k = [int(a + b) for a, b in zip(k, (-2.7, 0.5, 2.7), strict=True)]
    assert cells.k.tolist() == k
    assert cells.m.tolist() == [int(int(x) + 1.7) for x in (-2.7, 0.5, 2.7)]
    assert trace.f[0].tolist() == [-5, 1, 5]
