"""What `explain` and the schedule print is what is calculated: the text, read as Python, gives the same number."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy as sp

import numpybrain as nb
from numpybrain.symbolic.formula_printer import readable

SUMS = ["w*(E_post - v_post)*v_pre", "(-v_post - 75)*w*v_pre", "-v_post*(v_pre - 1)*w", "w*v_pre", "w*v_pre - v_post*w*2 + 3",
        "abs(v_pre - v_post)", "(v_pre - v_post)**2", "(v_post + E_post)/(E_post - 3)*w", "-(w - 1)*(v_post + 1)**2*(v_pre - v_post)"]  # fmt: skip


@pytest.mark.parametrize("text", SUMS)
def test_a_sum_reads_as_it_is_calculated(text: str) -> None:
    cells = nb.Neurons(3, "dv/dt = -v/ms : 1\nI : 1\nE : 1")
    syn = nb.Synapses(cells, cells, f"w : 1\nI_post = {text} : 1 (summed)", connect="True", name="syn")
    rng = np.random.default_rng(2)
    one_target = {"v_post": 0.7, "E_post": 0.2, "v_pre": rng.normal(size=5), "w": rng.normal(size=5)}
    want = np.broadcast_to(eval(text, {"abs": np.abs}, one_target), 5).sum()  # noqa: S307 - from above
    names = {"sum": lambda x: np.broadcast_to(x, 5).sum(), "absolute": np.abs}
    row = next(line for line in str(nb.Network(cells, syn).schedule).splitlines() if " I of " in line)
    shown = row.partition(" = ")[2].removesuffix("equations").strip()
    for formula in (shown, syn.explain().partition("sum into I_post:\n")[2].splitlines()[0]):
        assert eval(formula, names, one_target) == pytest.approx(want)  # noqa: S307 - our own formulas


def test_random_expressions_read_back() -> None:
    """With fractions of all sizes, powers and signs: unwieldy ones are printed as decimals."""
    rng = random.Random(3)
    x, y = sp.symbols("x y", real=True)

    def make(depth: int) -> sp.Expr:
        if not depth or rng.random() < 0.2:
            fraction = sp.Rational(rng.randint(-9, 9), rng.choice([1, 7, 3 * 10**7 + 1]))
            return rng.choice([x, y, fraction, -x])
        a, b = make(depth - 1), make(depth - 1)
        return rng.choice(
            [a + b, a - b, a * b, -(a * b), a / (2 + b**2), (1 + a**2) ** rng.choice([-1, 2, -2])]
        )

    for _ in range(200):
        expr = make(3)
        text = readable(expr, {})
        values = {"x": 0.3, "y": -0.8, "sqrt": np.sqrt}
        want = complex(expr.subs({x: sp.Rational("0.3"), y: sp.Rational("-0.8")}).evalf(20))
        found = complex(eval(text, {"__builtins__": {}}, values))  # noqa: S307 - our own text
        assert found == pytest.approx(want, rel=1e-6, abs=1e-9), text


def test_singularities_are_told_with_the_names_of_the_model() -> None:
    model = nb.Model("dm/dt = V_1/(1 - exp(-V_1))*(1 - m)/ms : 1\nV_1 : 1")
    assert "V_1/(1 - exp(-V_1)) at V_1 = 0" in model.explain()
    assert "V_1_" not in model.explain()
