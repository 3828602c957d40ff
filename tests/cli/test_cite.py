"""`numpybrain cite`: the reference of NumpyBrain, and the sources of models, as text and in BibTeX."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import numpybrain as nb
from numpybrain.cli import cite

MODELS = Path(__file__).parents[2] / "models"
FILES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in MODELS.rglob("*.toml")}


def test_cites_itself_with_its_version(call):
    status, out, err = call("cite")
    assert (status, err) == (0, "")
    assert f"Version {nb.__version__}." in out
    assert "version = {" + nb.__version__ + "}" in call("cite", "--bibtex")[1]


def test_models_with_those_that_they_are_made_of(call):
    status, out, _ = call("cite", "wang_buzsaki", "adex", "adex")
    assert status == 0
    for name in ("wang_buzsaki", "na_wb", "k_wb", "leak", "adex"):
        references = FILES[name]["reference"]
        for reference in [references] if isinstance(references, str) else references:
            assert out.count(reference) == 1


def test_an_unknown_model_is_an_error_that_says_so(call):
    status, out, err = call("cite", "adx")
    assert (status, out) == (2, "")
    assert "did you mean 'adex'?" in err


def test_an_entry():
    text = "Brette R, Gerstner W (2005). A title: with a part? Journal of Things 94:3637-3642. doi:10.1152/jn.1"
    assert cite.in_bibtex(text).splitlines() == [
        "@article{brette2005,",
        "  author = {Brette, R. and Gerstner, W.},",
        "  year = {2005},",
        "  title = {A title: with a part?},",
        "  journal = {Journal of Things},",
        "  doi = {10.1152/jn.1},",
        "  volume = {94},",
        "  pages = {3637--3642}",
        "}",
    ]


@pytest.mark.parametrize("name", FILES)
def test_every_reference_of_the_library_can_be_written_in_bibtex(name):
    table = FILES[name]
    references = table["reference"]
    entries = [cite.in_bibtex(r) for r in ([references] if isinstance(references, str) else references)]
    for entry in entries:
        assert entry.count("{") == entry.count("}")
        assert re.match(r"@(article|misc)\{\w+,\n", entry)
    assert any(table["doi"] in entry for entry in entries)
