"""Docstrings as reStructuredText: they are written for terminals, with `code` in single backticks.

Also the names of the languages that pages of ours have blocks in.
"""

from __future__ import annotations

import functools
import re
from typing import Any

from gallery import EXAMPLES, titled
from pygments.lexers.python import PythonLexer
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from numpybrain.group.tab_names import for_users

MOST = 6  # examples that are named
USED = re.compile(r"\bnb\.(\w+(?:\.[a-z_]\w*)?)")
CODE = re.compile(r"(`[^`]*`)")


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape what reStructuredText would take for markup: the bars of absolute values."""
    parts = CODE.split("\n".join(lines))
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    lines[:] = "".join(parts).split("\n")


@functools.cache
def examples_by_name() -> dict[str, list[str]]:
    """Public name, such as `connect.probability` -> links to the examples that use it."""
    found: dict[str, list[str]] = {}
    for path in sorted(EXAMPLES.glob("*.py")):
        source = path.read_text(encoding="utf-8")
        title = titled(source).splitlines()[1]
        for name in sorted(set(USED.findall(source))):
            found.setdefault(name, []).append(f":doc:`{title} </auto_examples/{path.stem}>`")
    return found


def add_examples(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Say below a docstring which examples use the thing."""
    links = examples_by_name().get(name.removeprefix("numpybrain."), [])
    if links and what in {"class", "function"}:
        more = f" and {len(links) - MOST} more" if len(links) > MOST else ""
        lines += ["", f"Examples: {', '.join(links[:MOST])}{more}.", ""]


def leave_out(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:  # noqa: FBT001
    """Leave out of classes what Tab does not show either: their contract with the network."""
    return True if what == "class" and not for_users([name]) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("autodoc-process-docstring", prepare, priority=100)
    app.connect("autodoc-process-docstring", add_examples, priority=900)
    app.connect("autodoc-skip-member", leave_out)
    for language in ("equations", "expression", "statements", "quantity"):
        app.add_lexer(language, PythonLexer)
    app.add_lexer("error", TextLexer)
    return {"parallel_read_safe": True}
