"""Runge-Kutta tableaus: their conditions, and one step of the test equation dx/dt = z*x/dt."""

from __future__ import annotations

from fractions import Fraction as F
from math import factorial
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.symbolic.methods import METHODS
from numpybrain.symbolic.tableaus import TABLEAUS, order_of

Z = np.array([-3.0, -1.0, -0.1, 0.0, 0.5, 2.0])


@pytest.mark.filterwarnings("ignore::numpybrain.StabilityWarning")  # one step, with z beyond the limits
@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("rk2", 2), ("rk4", 4)])
def test_one_step_is_the_exponential_series_up_to_the_order(method: str, order: int) -> None:
    cells = nb.Neurons(Z.size, "dx/dt = z*x/(0.25*ms) : 1\nz : 1", method=method, z=Z, initial={"x": "1"})
    nb.Network(cells, dt=0.25).step()
    assert cells.x == pytest.approx(sum(Z**k / factorial(k) for k in range(order + 1)), rel=1e-14)
    assert METHODS[method].order == order


@pytest.mark.parametrize(("method", "nodes"), [("euler", {0}), ("rk2", {0, 0.5}), ("rk4", {0, 0.5, 1})])
def test_where_in_the_step_the_stages_look(method: str, nodes: set[float]) -> None:
    asked: set[float] = set()

    def f(t: float) -> float:
        asked.add(float(np.round(t, 12)))
        return 0.0

    cells = nb.Neurons(1, "dx/dt = (1 + f(t/ms)*x)/ms : 1", method=method, functions={"f": f})
    nb.Network(cells, dt=0.5).run(1)
    assert asked == {start + c * 0.5 for start in (0.0, 0.5) for c in nodes}


def test_integrals_of_powers_of_t() -> None:
    """A method of order p integrates t**(p - 1) without error: its quadrature conditions."""
    for method, degree in (("euler", 0), ("rk2", 1), ("rk4", 3)):
        cells = nb.Neurons(
            1, f"dx/dt = (t/ms)**{degree}/ms : 1\ndy/dt = (t/ms)**{degree + 1}/ms : 1", method=method
        )
        nb.Network(cells, dt=1).step()
        assert cells.x[0] == pytest.approx(1 / (degree + 1), rel=1e-15)
        assert cells.y[0] != pytest.approx(1 / (degree + 2), rel=1e-3)


def test_nodes_are_row_sums() -> None:
    made = nb.tableau([[], ["1/3"], ["-1/3", 1]], ["1/8", "3/8", "1/2"])
    assert made.c == (0, F(1, 3), F(2, 3))


def test_zeros_of_a_square_matrix_are_left_out() -> None:
    made = nb.tableau([[0, 0], [0.5, 0]], [0, 1.0], c=[0, "1/2"])
    assert made.a == ((), (F(1, 2),))
    assert made.order == 2


@pytest.mark.parametrize("name", TABLEAUS)
def test_orders_from_the_order_conditions(name: str) -> None:
    """Hairer, Norsett & Wanner I, table 2.1; the fifth order of Dormand and Prince is measured elsewhere."""
    expected = {"euler": 1, "midpoint": 2, "rk2": 2, "heun2": 2, "ralston2": 2, "rk3": 3, "ssprk3": 3, "rk4": 4,
                "rk4_38": 4, "rk23": 3, "rk45": 4}  # fmt: skip
    made = TABLEAUS[name]
    assert order_of(made) == expected[name]
    assert sum(made.b) == 1
    assert made.error is None or sum(made.error) == 0


@pytest.mark.parametrize(
    ("a", "b", "more", "message"),
    [([[]], ["1/2"], {}, "must add up to 1"), ([[1]], [1], {}, "row 1 of a has 0 entries"),
     ([[], [1, 1]], ["1/2", "1/2"], {}, "row 2 of a has 1 entries"), ([[]], ["1/2", "1/2"], {}, "as many rows"),
     ([[]], ["x"], {}, "numbers or texts"), ([[], [1]], [0, 1], {"c": [0, 0.5]}, "must be the row sums of a"),
     ([[]], [1], {"error": [1]}, "add up to 0"), ([[]], [1], {"order": 2}, "of order 1, not 2")],
)  # fmt: skip
def test_wrong_tableaus_are_refused(a: Any, b: Any, more: Any, message: str) -> None:
    with pytest.raises(nb.MethodError, match=message):
        nb.tableau(a, b, **more)
