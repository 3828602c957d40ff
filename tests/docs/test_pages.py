"""The pages in docs/ tell the truth: what stands after ">>>" runs, and prints what stands below it.

All blocks of a page run in order, as one session, in an empty folder (docs/_ext/session.py). Pages that begin
with `<!-- slow -->` take long, and have the mark.
"""

from __future__ import annotations

import re
from importlib import util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
MADE = ("auto_examples", "library")  # when the site is built
PAGES = sorted(
    path
    for path in DOCS.rglob("*.md")
    if not any(part.startswith("_") or part in MADE for part in path.relative_to(DOCS).parts)
)

spec = util.spec_from_file_location("session", DOCS / "_ext" / "session.py")
session = util.module_from_spec(spec)
spec.loader.exec_module(session)


def page_id(path):
    return str(path.relative_to(DOCS))


def marked(path):
    is_slow = path.read_text(encoding="utf-8").startswith("<!-- slow -->")
    return pytest.param(path, id=page_id(path), marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize("page", [marked(path) for path in PAGES])
def test_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    try:
        _, told = session.run_page(text, str(page), lambda alt: "")
    finally:
        if ".plot" in text and session.is_there("matplotlib"):
            from matplotlib import pyplot as plt

            plt.close("all")
    assert not told, told


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target
