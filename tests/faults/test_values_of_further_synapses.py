"""What variables of synapses begin with that `connect` adds: as its docstring says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.units import ms

MODEL = "tau = 2*ms : ms\nw : 1\ndx/dt = -x/tau : 1 (clock-driven)"


def grown(given: dict[str, Any], model: Any = MODEL, **more: Any) -> nb.Synapses:
    """Two synapses, and two more."""
    cells = nb.Neurons(5, "v : 1", threshold="False")
    synapses = nb.Synapses(cells, cells, model, on_pre="v_post += w", connect=([0, 1], [1, 2]), **given)
    synapses.connect(([2, 3], [3, 4]), **more)
    return synapses


@pytest.mark.parametrize(
    ("name", "given", "first", "later"),
    [
        ("tau", [5, 6], [5, 6], 2),  # the default of the model
        ("tau", np.array([5.0, 6.0]) * ms, [5, 6], 2),
        ("tau", 5, [5, 5], 5),  # what was given for all
        ("tau", "7 ms", [7, 7], 7),
        ("tau", None, [2, 2], 2),
        ("w", [5, 6], [5, 6], 0),
        ("w", 5, [5, 5], 5),
        ("x", [5, 6], [5, 6], 0),
        ("x", 3, [3, 3], 3),
        ("delay", [1, 2], [1, 2], 0),
        ("delay", 1, [1, 1], 1),
    ],
)  # fmt: skip
def test_what_was_given_for_all_else_the_default_else_nothing(
    name: str, given: Any, first: list[float], later: float
) -> None:
    synapses = grown({} if given is None else {name: given})
    assert getattr(synapses, name).tolist() == [*first, later, later]
    synapses = grown({} if given is None else {name: given}, **{name: [8, 9]})
    assert getattr(synapses, name).tolist() == [*first, 8, 9]


def test_an_expression_for_all_is_calculated_for_further_ones() -> None:
    assert grown({"tau": "(1 + i)*ms"}).tau.tolist() == [1, 2, 3, 4]


def test_what_a_model_brings_is_its_default() -> None:
    model = nb.Model(
        MODEL, on_pre="v_post += w", parameters={"tau": "3 ms", "w": 0.5}, initial={"x": 0.25}, delay="2 ms"
    )
    synapses = grown({"tau": [5, 6], "w": [1, 2], "x": [3, 4], "delay": [0.5, 1]}, model)
    assert synapses.tau.tolist() == [5, 6, 3, 3]
    assert synapses.w.tolist() == [1, 2, 0.5, 0.5]
    assert synapses.x.tolist() == [3, 4, 0.25, 0.25]
    assert synapses.delay.tolist() == [0.5, 1, 2, 2]


def test_weights_of_a_matrix_are_those_of_its_pairs() -> None:
    cells = nb.Neurons(3, "v : 1", threshold="False")
    synapses = nb.Synapses(cells, cells, "w = 0.5 : 1\ntau = 2*ms : ms", on_pre="v_post += w",
                           connect=nb.connect.matrix(np.diag([1.0, 2.0, 3.0]), weight="w"), tau=[1, 2, 3])  # fmt: skip
    synapses.connect(([0], [2]))
    assert synapses.w.tolist() == [1, 2, 3, 0.5]
    assert synapses.tau.tolist() == [1, 2, 3, 2]
