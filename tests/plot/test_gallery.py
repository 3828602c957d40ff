"""The gallery docs/plots.md shows every plot function, and its pictures are those of the folder."""

import re
from pathlib import Path

import numpybrain as nb

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "plots.md").read_text(encoding="utf-8")
FIGURES = {"check_path", "monitor", "pretty_unit", "style", "synapses"}  # of other names


def test_every_function_is_shown():
    shown = set(re.findall(r"nb\.plot\.(\w+)\(", PAGE))
    assert {name for name in nb.plot.__all__ if name.islower()} - FIGURES <= shown


def test_pictures_are_those_of_the_page():
    named = re.findall(r"^!\[.+\]\((plots/\w+\.png)\)$", PAGE, re.MULTILINE)
    assert sorted(named) == sorted(f"plots/{path.name}" for path in (DOCS / "plots").iterdir())
