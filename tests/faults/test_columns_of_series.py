"""A time series with a column for each neuron: a column that is not there is refused, not another one."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

VALUES = np.arange(12.0).reshape(4, 3)


@pytest.mark.parametrize(("column", "wrong"), [("i - 1", -1), ("i + 1", 3), ("2*i", 4), ("i - 3", -3)])
def test_a_column_that_is_not_there(column: str, wrong: int) -> None:
    """-1 was the last column, as NumPy counts; 3 was an IndexError of NumPy."""
    series = nb.timed(VALUES, "0.3 ms")
    cells = nb.Neurons(3, f"dv/dt = I(t, {column})/ms : 1", I=series)
    with pytest.raises(nb.IndexRangeError, match=f"a time series of 3 columns has none of number {wrong}"):
        nb.Network(cells).run(1)
    with pytest.raises(nb.IndexRangeError):
        series(0.5, wrong)


def test_columns_that_are_there() -> None:
    series = nb.timed(VALUES, "0.3 ms")
    cells = nb.Neurons(3, "dv/dt = I(t, 2 - i)/ms : 1", I=series)
    nb.Network(cells).run(2)
    rows = [min(3, step // 3) for step in range(20)]
    np.testing.assert_allclose(cells.v, 0.1 * VALUES[rows][:, ::-1].sum(axis=0))
    assert series(0.5, 2) == 5
    np.testing.assert_array_equal(series(0.5, [0, 2, 0]), [3, 5, 3])
    assert series(0.5, np.empty(0)).size == 0
