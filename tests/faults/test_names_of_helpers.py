"""Functions, variables and symbols of users that are called like something else in generated code.

`tests/symbolic/test_names.py` tries all names of the code generator; here are roles that it does not have.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import sympy as sp

import numpybrain as nb


def seven(x: Any) -> Any:
    return 7.0 + 0 * x


def advanced(equations: str, n: int = 2, **more: Any) -> Any:
    """v after a step of 0.1 ms of dv/dt = EQUATIONS/ms from v = 1, by Euler's method."""
    cells = nb.Neurons(n, f"dv/dt = ({equations})/ms : 1", method="euler", initial={"v": 1}, **more)
    nb.Network(cells, dt=0.1).run(0.1)
    return cells.v


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize(
    ("name", "equations", "rate"),
    [
        ("minimum", "min(v, 3) + minimum(v)", 1 + 7),
        ("maximum", "max(v, 3) + maximum(v)", 3 + 7),
        ("floor_divide", "(v + 4)//2 + floor_divide(v)", 2 + 7),
        ("logical_or", "int(v > 1 or v > 0) + logical_or(v)", 1 + 7),
        ("to_int", "int(v > 0) + to_int(v)", 1 + 7),
        ("less", "int(v < 2) + less(v)", 1 + 7),
        ("add", "v + 2*add(v)", 1 + 14),
        ("v", "v + v(v)", 1 + 7),
        ("exprel_", "exprel(0*v) + exprel_(v)", 1 + 7),
        ("Add", "v + Add(v)", 1 + 7),
        ("Symbol", "v + Symbol(v)", 1 + 7),
    ],
)
def test_a_function_called_like_a_helper_is_another_one(
    name: str, equations: str, rate: float, n: int
) -> None:
    assert advanced(equations, n, functions={name: seven}) == pytest.approx([1 + 0.1 * rate] * n)


def test_a_function_called_like_a_comparison_decides_nothing_else() -> None:
    """Conditions are taken apart by what they are, not by what they are called."""
    function = nb.function("1, 1 -> boolean")(lambda a, b: a + b > 3)
    nb.seed(1)
    cells = nb.Neurons(200, "x = 1 : 1", threshold="less(rand(), 2.5)", functions={"less": function})
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes, dt=0.1).run(5)
    assert len(spikes) / (200 * 50) == pytest.approx(0.5, abs=0.03)


def test_drawing_functions_called_alike() -> None:
    calls: list[Any] = []

    def poisson_fixed(x: Any) -> Any:
        calls.append(x)
        return 100.0 + 0 * x

    poisson_fixed.stateless = False  # type: ignore[attr-defined]
    nb.seed(1)
    found = advanced("poisson(2) + poisson_fixed(v)", 300, functions={"poisson_fixed": poisson_fixed})
    assert len(calls) == 1
    assert np.mean(found) == pytest.approx(1 + 0.1 * 102, abs=0.1)
    assert len(set(found)) > 4


def test_functions_of_both_sides_and_of_the_synapses() -> None:
    """`f` of the source, `f` of the target, and `f_post` of the synapses themselves."""
    many = {name: {"f": lambda x, k=k: k + 0 * x} for k, name in ((1.0, "source"), (2.0, "target"))}
    source = nb.Neurons(1, "y = f(1) : 1", threshold="t < 0.05*ms", functions=many["source"])
    target = nb.Neurons(1, "y = f(1) : 1\nx : 1", functions=many["target"])
    synapses = nb.Synapses(
        source, target, on_pre="x_post += 100*y_pre + 10*y_post + f_post(1) + f(1)*1000",
        namespace={"f_post": lambda x: 3.0 + 0 * x, "f": lambda x: 4.0 + 0 * x}, connect="True",
    )  # fmt: skip
    nb.Network(source, target, synapses, dt=0.1).run(0.3)
    assert target.x.tolist() == [4123.0]


def test_indices_of_connections_and_names_of_the_user() -> None:
    """What programs of connections are given by the kernel is not what texts call `pre` or `synapse`."""
    cells = nb.Neurons(4, "pre : 1\nsynapse : 1")
    cells.pre, cells.synapse = [10, 20, 30, 40], [0, 1, 2, 3]
    text = "pre_pre + pre == 50 and synapse < post"
    synapses = nb.Synapses(cells, cells, connect=nb.connect.condition(text), namespace={"post": 3})
    assert sorted(zip(synapses.i.tolist(), synapses.j.tolist(), strict=True)) == [(1, 2), (2, 1), (3, 0)]
    text = "element for element in range(pre_pre/10) if element + place > 3"
    synapses = nb.Synapses(cells, cells, connect=text, namespace={"place": 1})
    assert sorted(zip(synapses.i.tolist(), synapses.j.tolist(), strict=True)) == [(3, 3)]


def heun_with(names: list[str]) -> Any:
    """Heun's method whose temporaries have these names, and no assumptions."""

    def method(system: Any, dt: Any) -> Any:
        first, second, moved = ([sp.Symbol(name) for _ in system.rates] for name in names)
        ((x, rate),) = system.rates.items()
        yield first[0], rate
        yield moved[0], x + dt * first[0]
        yield second[0], rate.xreplace({x: moved[0]})
        yield x, x + dt / 2 * (first[0] + second[0])

    return method


@pytest.mark.parametrize(
    "names", [["v", "k", "x0"], ["v_all", "c0", "n0"], ["tau", "dt", "v"], ["a b", "1", ""]]
)
def test_temporaries_of_ones_own_method(names: list[str]) -> None:
    found = [
        nb.Neurons(2, "dv/dt = (2 - v**2)/tau : 1\ntau = 3*ms : ms", method=method)
        for method in ("heun", heun_with(names))
    ]
    for cells in found:
        nb.Network(cells, dt=0.1).run(2)
    assert found[0].v == pytest.approx(found[1].v, rel=1e-12)


def test_symbols_are_named_as_in_the_model() -> None:
    model = nb.Model("dV_1/dt = (x0 - V_1*power)/ms : 1\nx0 = 2 : 1\npower = 3 : 1\nlambda : 1")
    assert str(model["V_1"].expr) in ("-V_1*power + x0", "x0 - V_1*power", "-power*V_1 + x0")
    cells = nb.Neurons(1, model)
    assert "x0_" not in cells.update.formula
    assert not re.search(r"\bV_1_\b", cells.update.source)


def test_recorded_variables_called_like_an_attribute_of_monitors() -> None:
    cells = nb.Neurons(1, "source = 2 : 1\nevery = 3 : 1")
    trace = nb.Monitor(cells, "source", "every")
    nb.Network(cells, trace, dt=0.1).run(0.2)
    assert trace["source"].tolist() == [[2], [2]]
    assert trace["every"].tolist() == [[3], [3]]
