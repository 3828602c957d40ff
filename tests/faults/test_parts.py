"""Parts of groups: what is assigned to them, and read from them, counts in the part."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

MODEL = "v : mV\nx : 1\nk : integer\nf : boolean\nc = 2 : 1\ny = x*i : 1\nq : 1 (shared)\nl : 1 (linked)"


def group() -> nb.Neurons:
    cells = nb.Neurons(6, MODEL, c=7.0, q=3.0)
    others = nb.Neurons(2, "u : 1", initial={"u": [10.0, 20.0]})
    cells.l = nb.link(others, "u", index=[0, 1, 1, 0, 0, 1])
    cells.x = [1, 2, 3, 4, 5, 6]
    return cells


def test_texts_count_in_the_part() -> None:
    """As in Brian2: `G[1:4].v = 'i*mV'` gives 0, 1, 2 mV."""
    cells = group()
    cells[1:4].v = "10*mV*(i + 1)"
    assert cells.v.tolist() == [0, 10, 20, 30, 0, 0]
    cells[2:5][1:].v = "i*mV + N*mV"  # a part of a part: neurons 3 and 4
    assert cells.v.tolist() == [0, 10, 20, 2, 3, 0]
    cells[4].k = "N + 1"
    cells[1:3].f = "i == 1"
    assert cells.k.tolist() == [0, 0, 0, 0, 2, 0]
    assert cells.f.tolist() == [False, False, True, False, False, False]


def test_texts_read_the_values_of_the_part() -> None:
    cells = group()
    cells[1:4].v = "(x*c + q + l)*mV"
    assert cells.v.tolist() == [0, 2 * 7 + 3 + 20, 3 * 7 + 3 + 20, 4 * 7 + 3 + 10, 0, 0]
    cells[2:4].x = "x*2 + x"
    assert cells.x.tolist() == [1, 2, 9, 12, 5, 6]
    cells.c = [1, 2, 3, 4, 5, 6]
    cells[4:].x = "c"
    assert cells.x.tolist() == [1, 2, 9, 12, 5, 6]
    cells[:2].x = "max(c, 1.5)"
    assert cells.x.tolist() == [1.5, 2, 9, 12, 5, 6]


def test_draws_are_those_of_the_part() -> None:
    cells = group()
    cells[1:5].x = "rand()"
    drawn = cells.x[1:5].copy()
    assert cells.x[[0, 5]].tolist() == [1, 6]
    assert len(set(drawn)) == 4
    nb.seed(20250101)
    again = group()
    again[1:3].x = "rand()"  # nobody draws for neurons that are not meant
    again[3:5].x = "rand()"
    assert again.x[1:5].tolist() == drawn.tolist()


def test_functions_get_the_part() -> None:
    cells = group()
    seen = []

    def values(x: np.ndarray, i: np.ndarray, N: int, l: np.ndarray, c: np.ndarray) -> np.ndarray:  # noqa: E741
        seen.append((x.tolist(), i.tolist(), N, l.tolist(), np.broadcast_to(c, 3).tolist()))
        return x + 100 * i

    cells[2:5].x = values
    assert seen == [([3, 4, 5], [0, 1, 2], 3, [20, 10, 10], [7, 7, 7])]
    assert cells.x.tolist() == [1, 2, 3, 104, 205, 6]
    cells[2:5].x = lambda rng, N: rng.random(N)
    assert len(set(cells.x[2:5])) == 3
    python = nb.Neurons(4, {"v": "1"})
    python[1:3].v = lambda i: i + 5
    python[3].v = "2"
    assert python.v.tolist() == [0, 5, 6, 2]


def test_an_array_must_be_as_long_as_the_part() -> None:
    cells = group()
    for values in (np.arange(6.0), [1, 2], np.arange(4.0), lambda x: np.arange(6.0)):
        with pytest.raises(nb.ShapeError, match=r"needs 1 or 3 values"):
            cells[1:4].x = values
    assert cells.x.tolist() == [1, 2, 3, 4, 5, 6]
    cells[1:4].x = np.arange(3.0)
    cells[:].x = np.arange(6.0)
    assert cells.x.tolist() == [0, 1, 2, 3, 4, 5]


def test_errors_name_the_part() -> None:
    cells = group()
    with pytest.raises(nb.UnitError, match=r"cells\[1:4\]|neurons_\d+\[1:4\]"):
        cells[1:4].v = "3*nA"
    with pytest.raises(nb.UnknownNameError):
        cells[1:4].v = "3*w"


def test_indices_and_sizes_of_a_part() -> None:
    cells = group()
    part = cells[2:5]
    assert (part.i.tolist(), part.N, part.size, len(part)) == ([0, 1, 2], 3, 3, 3)
    assert part.y.tolist() == [6, 12, 20]  # what the model calculates is about the group
    assert (cells.i.tolist(), cells.N) == ([0, 1, 2, 3, 4, 5], 6)


@pytest.mark.parametrize("spike_times", ["grid", "interpolated"])
def test_spikes_of_a_part(spike_times: str) -> None:
    """All six at once too: the array of the spikes looks like one of values then."""
    cells = nb.Neurons(6, "dv/dt = 1/ms : 1", threshold="v > 0.95", reset="v = 0", spike_times=spike_times)
    net = nb.Network(cells)
    for start in ([0.0] * 6, [0.0, 0.5, 0, 0.5, 0, 0], [0.5] * 6):
        cells.v = start
        net.run(1)
        fired = [k for k in range(6) if start[k] == 0]
        assert cells.spikes.tolist() == fired
        for a, b in ((0, 6), (1, 4), (3, 4), (4, 6)):
            assert cells[a:b].spikes.tolist() == [k - a for k in fired if a <= k < b]
            times = cells[a:b].spike_times
            if spike_times == "grid":
                assert times is None
            else:
                np.testing.assert_allclose(times, net.t - 0.05 + 0 * cells[a:b].spikes)
