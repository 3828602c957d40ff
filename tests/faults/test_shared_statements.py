"""One value for the group: what is drawn for it is drawn once, and it cannot come from values that differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

MODEL = """
    dv/dt = 0/ms : 1
    k : 1 (shared)
    m = 5 : 1 (shared)
    g = 2 : 1
    h = 3 : 1 (shared, constant)
    x = 2*v : 1
    y = 3*m : 1 (shared)
    z : 1 (linked)
    kept = m : 1 (constant over dt, shared)
    """


def group(n: int = 4, **options: Any) -> nb.Neurons:
    cells = nb.Neurons(n, MODEL, threshold="v > 100", initial={"v": "i"}, name="cells", **options)
    cells.z = nb.link(cells, "m")
    return cells


# ---- what is drawn ----


@pytest.mark.parametrize("n", [1, 4, 1000])
@pytest.mark.parametrize("phase", ["start", "end"])
def test_a_shared_variable_gets_one_random_number(n: int, phase: str) -> None:
    cells = group(n)
    cells.at(phase, "k = rand()")
    seen = []
    cells.at("end", lambda k: seen.append(k.tolist()))
    nb.Network(cells).run(20)
    assert all(len(values) == 1 for values in seen)
    drawn = np.ravel(seen)
    assert len(set(drawn)) == 200
    assert abs(drawn.mean() - 0.5) < 5 * (1 / 12 / 200) ** 0.5
    assert cells.v.tolist() == list(range(n))


STATISTICS = {  # text -> mean, variance
    "k = rand()": (0.5, 1 / 12), "k = randn()": (0, 1), "k = normal(3, 2)": (3, 4), "k = poisson(4)": (4, 4),
    "k = binomial(10, 0.3)": (3, 2.1), "k = m + 2*rand()": (6, 1 / 3), "k = g*rand()": (1, 1 / 3), "k = 1 if rand() < 0.25 else 0": (0.25, 0.1875),
    "k = 0; k += rand(); k += rand()": (1, 1 / 6), "k = rand() - rand()": (0, 1 / 6), "k = max(rand(), 0.5)": (0.625, 5 / 192),
    "if m > 4:\n    k = rand()\nelse:\n    k = 7": (0.5, 1 / 12), "k = rand()*z": (2.5, 25 / 12),
}  # fmt: skip


@pytest.mark.parametrize("text", STATISTICS)
def test_numbers_have_the_right_statistics(text: str) -> None:
    cells = group()
    cells.at("start", text)
    monitor = nb.Monitor(cells, "k")
    nb.Network(cells, monitor, dt=1).run(2001)
    mean, variance = STATISTICS[text]
    values = monitor.k[1:]
    assert abs(values.mean() - mean) < 5 * (variance / 2000) ** 0.5
    assert values.var() == pytest.approx(variance, rel=0.25)


def test_others_draw_for_themselves() -> None:
    cells = group(1000)
    cells.at("start", "k = rand(); v = k; v += rand()")
    nb.Network(cells).step()
    own = cells.v - cells.k
    assert len(set(own.tolist())) == 1000
    assert 0 < own.min() < own.max() < 1


def test_shared_subexpressions_draw_once() -> None:
    """`r` has one value for the group wherever it is used, and so has what follows from it."""
    cells = nb.Neurons(
        50,
        "dv/dt = r/ms : 1\nw : 1\nu : 1\nr = rand() : 1 (shared)\nk : 1 (shared)",
        threshold="v > 0", reset="w = r", method="euler",
    )  # fmt: skip
    cells.at("end", "u = r; k = r")
    made = nb.Synapses(cells, cells, "q : 1\nc = rand() : 1 (shared)", on_pre="q = c", connect="i == j")
    net = nb.Network(cells, made, dt=1)
    net.run(2)
    for values in (cells.v, cells.w, cells.u, made.q):
        assert len(set(values.tolist())) == 1
        assert values[0] > 0
    assert cells.u[0] == cells.k  # one statement list, one draw
    assert 0 < cells.r < 1


# ---- what differs ----


DIFFERENT = {
    "k = v": "'v'", "k += v": "'v'", "k = x": "'v'", "k = i": "'i'", "k = lastspike/ms": "'lastspike'", "a = v; k = a": "'a'",
    "a = rand(); k = a": "'a'", "a = 1; a += v; k = 2*a": "'a'", "if v > 1:\n    k = 5": "the condition", "if rand() < 0.5:\n    k = 1": "the condition",
    "if m > 1:\n    if v > 1:\n        k = 5": "the condition", "if v > 1:\n    a = 1\nelse:\n    a = 2\nk = a": "'a'", "k = 1 if not_refractory else 0": "'not_refractory'",
}  # fmt: skip


@pytest.mark.parametrize("text", DIFFERENT)
@pytest.mark.parametrize("n", [1, 4])
def test_values_that_differ_are_refused(text: str, n: int) -> None:
    """Before anything runs, whatever the size of the group: it was NumPy's error about shapes."""
    with pytest.raises(
        nb.ModelError, match=f"'k' is shared by the group, {DIFFERENT[text]} is not"
    ) as caught:
        group(n).at("start", text)
    assert "^" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("k = m", 5), ("k = y", 15), ("k = h*g", 6), ("k = N", 4), ("k = z", 5), ("k = kept", 5), ("a = m; k = a + 1", 6),
     ("if m > 4:\n    k = 2\nelse:\n    k = 3", 2), ("k = 1; k = 2*k + 1", 3), ("k = t/ms + dt/ms", 1), ("k = int(m > 4)", 1)],
)  # fmt: skip
def test_what_is_the_same_for_all_may_be_used(text: str, value: float) -> None:
    cells = group()
    cells.at("start", text)
    nb.Network(cells, dt=1).step()
    assert cells.k == value


def test_parameters_may_be_used_while_they_have_one_value() -> None:
    for text in ("k = 2*g", "if g > 1:\n    k = 4", "a = g; k = a*2", "k = poisson(g) + 4"):
        cells = group()
        cells.at("start", text)
        net = nb.Network(cells)
        net.step()
        assert cells.k >= 4
        cells.g = [1, 2, 3, 4]
        with pytest.raises(nb.ModelError, match="'k' of 'cells' is shared by the group, 'g' is not"):
            net.step()


def test_parts_do_not_assign_for_all() -> None:
    cells = group()
    for text in ("k = 1", "k = rand()"):
        with pytest.raises(
            nb.ModelError, match="'k' is shared by the group and cannot be assigned for some neurons"
        ):
            cells[1:3].at("start", text)
    cells[1:3].at("start", "v = k + 1")
    nb.Network(cells).step()
    assert cells.v.tolist() == [0, 1, 1, 3]
