"""The page of the language tells the truth: its examples run, and it names everything that there is."""

from __future__ import annotations

import re
from typing import Any

import pytest

import numpybrain as nb
from numpybrain import resources
from numpybrain.language import reader
from numpybrain.language.definition import SPECIAL
from numpybrain.language.flags import FLAGS
from numpybrain.language.function_table import CONSTANTS, FUNCTIONS, PHYSICAL
from numpybrain.language.short_texts import read_statements, read_value
from numpybrain.language.write import BINARY

from .trees import ASSIGN

PAGE = resources.text("grammar", "README.md")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
MODEL = nb.Model(next(text for kind, text in BLOCKS if kind == "equations"))  # what statements are about


def run_equations(text: str) -> None:
    nb.Model(text)


def run_statements(text: str) -> None:
    read_statements(MODEL.definition, text, "statements")
    given: dict[str, Any] = {"f": "10 Hz", "R": "1 Mohm"}
    cells = nb.Neurons(2, MODEL, threshold="v > 0*mV", reset=text, initial={"v": 10}, **given)
    nb.Network(cells, dt=0.1).run(0.1)


def run_expression(text: str) -> None:
    read_value(MODEL.definition, text.strip(), "mV", "the example")


def run_quantity(text: str) -> None:
    for line in text.splitlines():
        reader.read_quantity(line)
        cells = nb.Neurons(1, "x = int(p != 0*p) : 1", p=line)
        assert cells.x[0] == 1


def run_python(text: str) -> None:
    names: dict[str, Any] = {"nb": nb}
    exec(compile(text, "page.py", "exec"), names)
    nb.Network(names["cells"], dt=0.1).run(1)


def run_error(text: str) -> None:
    bad, _, message = text.partition("\n---\n")
    with pytest.raises(nb.NumpyBrainError) as caught:
        nb.Model(bad)
    assert f"{type(caught.value).__name__}: {caught.value}" == message.rstrip("\n")


RUN = {
    "equations": run_equations, "statements": run_statements, "expression": run_expression,
    "quantity": run_quantity, "python": run_python, "error": run_error,
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), BLOCKS, ids=[f"{k} {n}" for n, (k, _) in enumerate(BLOCKS)])
def test_example(kind: str, text: str) -> None:
    RUN[kind](text)


def test_connections() -> None:
    line = next(part for part in PAGE.split("\n\n") if part.startswith("Connections"))
    texts = [text for text in re.findall("`([^`]+)`", line) if text != "j"]
    assert len(texts) == 5
    cells = nb.Neurons(12, "x : um", initial={"x": "i*um"})
    for text in texts:
        assert len(nb.Synapses(cells, cells, connect=text)) > 0


def test_there_is_an_example_of_each_kind() -> None:
    assert {kind for kind, _ in BLOCKS} == set(RUN)
    assert PAGE.count("```") == 2 * len(BLOCKS)


def test_it_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 130


SPANS = " ".join(
    re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL))
)
WORDS = {*re.findall(r"[^\W\d]\w*", SPANS)}
SIGNS = {*SPANS.split()}


@pytest.mark.parametrize("name", [*FUNCTIONS, *CONSTANTS, *PHYSICAL, *SPECIAL, "boolean", "integer", "xi"])
def test_every_name_is_on_the_page(name: str) -> None:
    assert name in WORDS


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_on_the_page(flag: str) -> None:
    assert f"`{flag}`" in PAGE


@pytest.mark.parametrize("sign", [*BINARY, *ASSIGN, "<", "<=", ">", ">=", "==", "!=", "not", "if", "else"])
def test_every_operator_is_on_the_page(sign: str) -> None:
    assert sign in SIGNS


@pytest.mark.parametrize("word", ["elif", "nb.function", "nb.timed", "_pre`", "_post`"])
def test_the_rest_is_on_the_page(word: str) -> None:
    assert word in PAGE
