"""Docstrings as reStructuredText: they are written for terminals, with `code` in single backticks.

Also the names of the languages that pages of ours have blocks in.
"""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.python import PythonLexer
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from numpybrain.group.tab_names import for_users

CODE = re.compile(r"(`[^`]*`)")


def prepare(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Escape what reStructuredText would take for markup: the bars of absolute values."""
    parts = CODE.split("\n".join(lines))
    parts[::2] = [part.replace("|", r"\|") for part in parts[::2]]
    lines[:] = "".join(parts).split("\n")


def leave_out(app: Sphinx, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:  # noqa: FBT001
    """Leave out of classes what Tab does not show either: their contract with the network."""
    return True if what == "class" and not for_users([name]) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("autodoc-process-docstring", prepare, priority=100)
    app.connect("autodoc-skip-member", leave_out)
    for language in ("equations", "expression", "statements", "quantity"):
        app.add_lexer(language, PythonLexer)
    app.add_lexer("error", TextLexer)
    return {"parallel_read_safe": True}
