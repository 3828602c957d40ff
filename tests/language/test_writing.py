"""What is written can be read: trees become text and the same trees again, with no needless parentheses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain import units as nb_units
from numpybrain.language import reader, values, write
from numpybrain.language.nodes import Equation, Expr, Node, Quantity, Statements, UnitNode

from . import trees


@given(trees.expressions)
@settings(max_examples=200)
def test_expressions(tree: Expr) -> None:
    text = write.write(tree)
    again = reader.read_expression(text)
    assert again == tree
    assert write.write(again) == text


def without_pairs(text: str) -> list[str]:
    """The texts that lack one pair of parentheses."""
    found, open_ones = [], []
    for k, char in enumerate(text):
        if char == "(":
            open_ones.append(k)
        elif char == ")":
            start = open_ones.pop()
            found.append(text[:start] + " " + text[start + 1 : k] + " " + text[k + 1 :])
    return found


def read_or_none(text: str) -> Expr | None:
    try:
        return reader.read_expression(text)
    except nb.ModelSyntaxError:
        return None


@given(trees.small)
@settings(max_examples=200)
def test_every_pair_of_parentheses_is_needed(tree: Expr) -> None:
    for text in without_pairs(write.write(tree)):
        assert read_or_none(text) != tree


@given(trees.statements)
@settings(max_examples=40)
def test_statements(tree: Statements) -> None:
    text = write.write_statements(tree)
    again = reader.read_statements(text)
    assert again == tree
    assert write.write_statements(again) == text


@given(st.lists(trees.equations, min_size=1, max_size=4))
@settings(max_examples=120)
def test_equations(tree: list[Equation]) -> None:
    text = "\n".join(map(write.write_equation, tree))
    again = reader.read_equations(text)
    assert again == tuple(tree)
    assert [e.comment for e in again] == [e.comment for e in tree]
    assert "\n".join(map(write.write_equation, again)) == text


@given(trees.units)
@settings(max_examples=120)
def test_units(tree: UnitNode) -> None:
    assert reader.read_unit(write.write(tree)) == tree


@given(trees.quantities)
@settings(max_examples=120)
def test_quantities(tree: Quantity) -> None:
    text = write.write(tree)
    again = reader.read_quantity(text)
    assert again == tree
    assert write.write(again) == text


# ---- models ----------------------------------------------------------------------------------


def same(model: nb.Model) -> None:
    text = str(model)
    again = nb.Model.parse(text)
    assert again == model
    assert hash(again) == hash(model)
    assert str(again) == text
    assert again.definition == model.definition
    assert again.open_names == model.open_names


@pytest.mark.parametrize("name", nb.list_models(None))
def test_library_models(name: str) -> None:
    same(nb.load_model(name))


LINES = (
    'dv/dt = (E - v)/tau : mV (unless refractory)  # a potential, "v"',
    "E = -65*mV : mV",
    "du/dt = -u/(20*ms) + 0.1*xi/sqrt(ms) : 1",
    "w = 3/7 : 1 (constant, shared)",
    "\u03bc_x = u**2 if u > 1 else -(u - 1)**-2 : 1",
    "n : integer  # a count",
    "k = not (u > 1 and n == 2) : boolean",
    "c : uF/cm**(3/2)",
    "p, q : mV",
)
TEXTS = {
    "threshold": ["u > 1", "u > 1 and not (u < 0 or n > 2)"],
    "reset": ["u = 0", "if u > 1:\n    u -= 1\nelif n > 2:\n    u = 0; n = 0\nelse: u **= 2\nn += 1"],
    "refractory": ["5 ms", "u > 0", "1.5*ms + 2*ms"],
    "method": ["euler", None],
    "name": ["m", 'a "name" \\ with all', "two\nlines", "tab\t"],
    "parameters": [{"tau": "20 ms"}, {"w": 1.5}, {"tau": 3.0, "q": "2*mV + 1*mV"}, {"w": [1.0, 2.0]}],
    "initial": [{"u": "rand()", "v": "-60 mV"}, {"\u03bc_x": 1}, {"u": 2, "n": 3}],
    "open_names": [("ms",), ("tau",)],
}


@st.composite
def models(draw: st.DrawFn) -> nb.Model:
    lines = draw(st.lists(st.sampled_from(LINES), min_size=1, unique=True))
    texts = {what: draw(st.none() | st.sampled_from(several)) for what, several in TEXTS.items()}
    given_texts = {what: text for what, text in texts.items() if text is not None}
    try:
        return nb.Model("\n".join(lines), **given_texts)
    except nb.NumpyBrainError:  # texts that do not go together
        return nb.Model("\n".join(lines))


@given(models())
@settings(max_examples=60)
def test_models(model: nb.Model) -> None:
    same(model)


@given(models(), models())
def test_sums_of_models(a: nb.Model, b: nb.Model) -> None:
    try:
        total = a + b
    except nb.NumpyBrainError:  # they do not go together
        return
    same(total)
    assert [*total] == [*a, *(name for name in b if name not in a)]


@pytest.mark.parametrize(
    "value",
    [2, 1.5, np.float64(1.5), np.int64(3), np.True_, (1.0, 2.0), np.array([1.0, 2.0]), 3 * nb_units.mV]
    + [np.float64(2.5) * nb_units.nS, np.array([1.0, 2.0]) * nb_units.mV, "2*mV + 1*mV", "1 +\n 2"],
    ids=repr,
)
def test_values_of_parameters(value: object) -> None:
    model = nb.Model("dv/dt = p*q/ms : 1\nq : 1", parameters={"p": value})
    again = nb.Model.parse(str(model))
    assert str(again) == str(model)
    old, new = (values.interpret(m.values["p"], "p") for m in (model, again))
    assert np.array_equal(old[0], new[0])
    assert old[1:] == new[1:]


@pytest.mark.parametrize("text", ["a\rb", "a\fb", "\\u0041", '"""', "tab\tx"])
def test_any_comment_and_name(text: str) -> None:
    model = nb.Model(f"x : 1  # {text}", name=text)
    again = nb.Model.parse(str(model))
    assert (again.name, again["x"].comment) == (text, text)


FILLED = {
    "2": 2, "1.5": np.float64(1.5), "3": np.int64(3), "2*mV": 2 * nb_units.mV,
    "5*volt": "5 V", "-5*mV/ms": "- 5mV / ms", "1e-30*ms**(1/2)": "1e-30 ms**(1/2)", "(a - b)": "a - b",
}  # fmt: skip


@pytest.mark.parametrize("text", FILLED)
def test_values_in_the_place_of_names(text: str) -> None:
    found = nb.Statements("v += 2*k", k=FILLED[text])
    assert reader.read_statements(found) == reader.read_statements(f"v += 2*({text})")


def test_open_names_of_a_model_file(tmp_path: Path) -> None:
    model = nb.Model("v = 2*nA : 1", open_names=["nA"])
    assert model.open_names == ("nA",)
    for name, text in {"whole": str(model), "based": 'base = "whole.toml"\nopen_names = "ms"'}.items():
        (tmp_path / f"{name}.toml").write_text(f'name = "{name}"\ntitle = ""\n{text}', encoding="utf-8")
    assert nb.load_model(tmp_path / "whole.toml").open_names == ("nA",)
    based = nb.load_model(tmp_path / "based.toml").extend("w = 3*ms : 1")
    assert based.open_names == ("nA", "ms")
