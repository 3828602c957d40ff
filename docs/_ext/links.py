"""Links that are right on a checkout, `../examples/cuba.py`, lead to pages of the site.

Files that have no page are shown by their names. Files that a page includes are put in, with their links.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")
EMPTY_END = re.compile(r"\n\n```$", re.MULTILINE)  # ends the output of a test, and is not to be seen
INCLUDE = re.compile(r"^```\{include\} (?P<path>\S+)\n(?::start-line: (?P<start>\d+)\n)?```$", re.MULTILINE)
PAGES = {
    "grammar/README.md": "reference/language",
    "models/README.md": "library/index",
    "README.md": "index",
}


def page_of(path: str) -> str | None:
    """The page of a file that lies outside of docs/."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/").removesuffix(".md")
    example = re.fullmatch(r"examples/(\w+)\.py", path)
    if example:
        return f"auto_examples/{example[1]}"
    return "auto_examples/index" if path in {"examples", "examples/README.md"} else PAGES.get(path)


def rewrite(text: str, folder: Path) -> str:
    """A text of a file in `folder` with the links that it has on the site."""

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found.group(1), found.group(2), found.group(3) or ""
        if target.startswith(("http", "mailto:", "/")):
            return found[0]
        path = os.path.relpath(os.path.normpath(folder / target), ROOT)
        if path.startswith("docs/") and not path.endswith((".md", ".rst")):
            return found[0] if folder.is_relative_to(ROOT / "docs") else f"{words}"
        page = page_of(path)
        if page is None:
            return (
                words if words.startswith("`") else f"`{path}`" if words == path else f"{words} (`{path}`)"
            )
        return f"[{words}](/{page}{anchor})"

    return LINK.sub(link, text)


def included(text: str, folder: Path) -> str:
    """A text with the files that it includes, whose links are seen from where they are."""

    def content(found: re.Match[str]) -> str:
        path = Path(os.path.normpath(folder / found["path"]))
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        return rewrite("".join(lines[int(found["start"] or 0) :]), path.parent)

    return INCLUDE.sub(content, text)


def on_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Mend the links of a page in Markdown."""
    path = Path(app.env.doc2path(name))
    if path.suffix == ".md":
        source[0] = EMPTY_END.sub("\n```", included(rewrite(source[0], path.parent), path.parent))


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("source-read", on_source, priority=900)
    return {"parallel_read_safe": True}
