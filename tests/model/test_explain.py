"""What `explain`, `dependencies`, `print` and `tree` say about a model."""

from __future__ import annotations

import json
from fractions import Fraction

import networkx as nx
import pytest

import numpybrain as nb

MODEL = nb.Model(
    """
    dv/dt = (E - v + R*I)/tau - u*v**2/ms/mV : mV  (unless refractory)  # potential
    du/dt = (a*v/mV - u)/tau_u : 1
    a = 0.2/(1 - exp(-x)) * x : 1
    x : 1 (shared)
    E = -70*mV : mV
    R = 10*Mohm : Mohm
    tau = 10*ms : ms
    tau_u = 100*ms : ms
    """,
    threshold="v > E + 20*mV", reset="if u > 2: v = E\nu += 1", refractory="tau/5",
)  # fmt: skip


def test_dependencies() -> None:
    found = MODEL.dependencies()
    assert found.uses["v"] == ("E", "v", "R", "I", "tau", "u")
    assert found.uses["a"] == ("x",)
    assert found.uses["threshold"] == ("v", "E")
    assert found.uses["reset"] == ("u", "E")
    assert found.uses["refractory"] == ("tau",)
    assert found.kinds["I"] == "open"
    assert "u <- a, v, u, tau_u" in str(found)
    graph = found.to_networkx()
    assert nx.has_path(graph, "x", "u")
    assert set(graph.predecessors("v")) == {"E", "v", "R", "I", "tau", "u"}
    assert not list(graph.predecessors("tau"))
    dot = found.to_dot()
    assert '"x" -> "a";' in dot
    assert dot.count("->") == graph.number_of_edges()


def test_functions_and_special_names_are_nodes() -> None:
    found = nb.Model("x = f(t) + i : 1").dependencies()
    assert found.uses["x"] == ("f", "t", "i")
    assert (found.kinds["f"], found.kinds["t"]) == ("function", "special")


def test_open_names_come_first() -> None:
    text = MODEL.explain()
    assert "open names:\n    I: their units decide" in text
    assert "replace(I=...)" in text
    assert "method" not in text


def test_explanation() -> None:
    text = MODEL.replace(I="1 nA").explain()
    lines = [line.split() for line in text.splitlines()]
    assert ["dv/dt", "u;", "not", "in", "v"] in lines
    assert ["du/dt", "v,", "u"] in lines
    assert "method rk4:" in text
    assert "not exponential_midpoint: 'dv/dt' is not linear in 'v' because of" in text
    assert "x/(1 - exp(-x)) at x = 0" in text
    once = text.partition("calculated once per run, not in every step:")[2].partition("\n\n")[0]
    assert "exp" in once  # a does not change in a run
    assert "stands still while a neuron is refractory" in text
    assert "potential" in text


def test_linear_models_and_models_without_equations() -> None:
    text = nb.Model("dx/dt = (y - x)/ms : 1\ndy/dt = x*z/ms : 1\ndz/dt = -z/ms : 1").explain()
    lines = [line.split() for line in text.splitlines()]
    assert ["dy/dt", "x,", "z;", "each", "alone,", "not", "together"] in lines
    assert ["dx/dt", "x,", "y"] in lines
    assert "method" not in nb.Model("x : 1").explain()
    assert "no method" in nb.Model("dx/dt = xi*second**-0.5 : 1", method="rk4").explain()


def test_a_text_reads_back() -> None:
    again = nb.Model.parse(str(MODEL))
    assert again == MODEL
    assert hash(again) == hash(MODEL)
    assert again != MODEL.replace(E="-60 mV")
    assert nb.Model.parse("v : 1") == nb.Model("v  :  1  # comment")
    values = nb.Model(
        "v = a : 1\nb : mV", parameters={"a": 1.5, "b": [1, 2]}, initial={"b": "2 mV"}, name="m"
    )
    assert nb.Model.parse(str(values)) == values
    with pytest.raises(nb.ModelSyntaxError, match="no equations"):
        nb.Model.parse('threshold = "v > 1"')


def test_functions_are_named_in_the_text_but_not_read_back() -> None:
    model = nb.Model("v = f(2) : 1", threshold=lambda v: v > 1, functions={"f": abs})
    text = str(model)
    assert "# threshold: <lambda> (test_explain.py:" in text
    assert "# function f: abs" in text
    assert nb.Model.parse(text).open_names == ("f",)
    assert nb.Model.parse(text) != model


def test_comments_with_quotes_survive() -> None:
    model = nb.Model('v : 1  # "the" \\ end """')
    assert nb.Model.parse(str(model))["v"].comment == '"the" \\ end """'


def test_tree_as_dictionaries_and_text() -> None:
    tree = MODEL.tree
    data = json.loads(json.dumps(tree.to_dict()))
    assert data["equations"][0]["name"] == "v"
    assert data["reset"][0]["node"] == "if"
    assert data["threshold"][0]["node"] == "compare"
    assert "      name u" in str(tree)
    assert "  then" in str(tree)


def test_items() -> None:
    item = MODEL["v"]
    assert (item.kind, item.unit, item.comment) == ("differential", "mV", "potential")
    assert item.depends == ("E", "v", "R", "I", "tau", "u")
    assert MODEL["E"].expr == -70
    assert nb.Model("x = 1*ms/(3*second) : 1 (constant over dt)")["x"].expr == Fraction(1, 3000)
