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
