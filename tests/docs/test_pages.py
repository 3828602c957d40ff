"""The pages in docs/ tell the truth: what stands after ">>>" runs, and prints what stands below it.

All blocks of a page run in order, as one session, in an empty folder. A block below `<!-- needs: pandas -->` is
left out where that package is not installed.
"""

from __future__ import annotations

import doctest
import re
from importlib import util
from pathlib import Path

import pytest

PAGES = sorted((Path(__file__).parents[2] / "docs").glob("*.md"))
BLOCK = re.compile(r"(?:<!-- needs: ([\w, ]+) -->\n+)?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_page(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    session = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    told: list[str] = []
    for block in BLOCK.finditer(text):
        needs, code = block.groups()
        if any(util.find_spec(package.strip()) is None for package in (needs or "").split(",") if needs):
            continue
        line = text.count("\n", 0, block.start(2))
        test = doctest.DocTestParser().get_doctest(code, session, page.name, str(page), line)
        assert test.examples or ">>>" not in code
        runner.run(test, out=told.append, clear_globs=False)
        session = test.globs
    assert runner.failures == 0, "".join(told)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target
