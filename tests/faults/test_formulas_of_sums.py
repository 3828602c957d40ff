"""The formula of a summed variable, in the schedule and in `explain`, says what is calculated."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

TERMS = [
    "w*(-v_post - 75)",
    "w*(v_post + 75)*v_pre",
    "w*(v_pre - v_post - 75)",
    "(w + 1)*(v_pre + 2)*(v_post + 3)",
    "w*(v_post - 1)*(v_post + 2)",
    "w*(1 + v_post)**2*v_pre",
    "w*(v_post - 0.1234567)*v_pre/3",
    "w*exp(-v_post)*(v_pre - 2)",
    "-w*v_pre/(v_post + 5)",
    "w*v_pre**2",
]


@pytest.mark.parametrize("term", TERMS)
def test_formulas_are_what_is_calculated(term: str) -> None:
    """Read as Python, with the synapses of one neuron after the other, against the sum of the terms."""
    rng = np.random.default_rng(1)
    v, w = rng.uniform(0.5, 2, 4), rng.uniform(0.5, 2, 12)
    cells = nb.Neurons(4, "v : 1\nI : 1", name="cells", initial={"v": v})
    made = nb.Synapses(cells, cells, f"w : 1\nI_post = {term} : 1 (summed)", connect="i != j", w=w)
    net = nb.Network(cells, made)
    start, formula = "I of cells = ", made._dynamics.sums[0].sum.formula
    assert start + formula in str(net.schedule)
    assert formula in made.explain()
    net.step()
    for j in range(4):
        mine = made.j == j
        known = {"v_pre": v[made.i[mine]], "v_post": v[j], "w": w[mine], "exp": np.exp, "sum": np.sum}
        right = np.sum(eval(term, known))
        assert eval(formula, known) == pytest.approx(right, rel=1e-12)
        assert cells.I[j] == pytest.approx(right, rel=1e-12)
