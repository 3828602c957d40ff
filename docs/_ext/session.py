"""The Python of a page: blocks of what is typed after ">>>" and of what is printed.

All blocks of a page run in order, as one session. A block below `<!-- needs: pandas -->` is left out where
that package is not installed. `<!-- figure: what it shows -->` stands for the figure that the blocks above
it have made. The site runs pages with figures when it is built; the tests run all pages.
"""

from __future__ import annotations

import doctest
import re
from collections.abc import Callable
from importlib import util
from typing import Any

BLOCK = re.compile(
    r"(?:<!-- needs: (?P<needs>[\w, ]+) -->\n+)?^```python\n(?P<code>.*?)^```$"
    r"|^<!-- figure: (?P<alt>.*?) -->$",
    re.MULTILINE | re.DOTALL,
)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def is_there(packages: str | None) -> bool:
    """Whether all packages of a list with commas are installed."""
    return all(util.find_spec(name.strip()) is not None for name in (packages or "").split(",") if name)


def run_page(text: str, name: str, figure: Callable[[str], str]) -> tuple[str, str]:
    """Run a page.

    Args:
        text: of the page, in Markdown.
        name: for messages.
        figure: gets what a figure shows, and gives the text in its place.

    Returns:
        The text with figures, and what went wrong: nothing, or an account of all differences.
    """
    session: dict[str, Any] = {"__name__": "__main__"}
    runner = doctest.DocTestRunner(optionflags=FLAGS, verbose=False)
    told: list[str] = []

    def run(block: re.Match[str]) -> str:
        nonlocal session
        if block["alt"] is not None:
            return figure(block["alt"])
        if is_there(block["needs"]):
            line = text.count("\n", 0, block.start("code"))
            test = doctest.DocTestParser().get_doctest(block["code"], session, name, name, line)
            if ">>>" in block["code"] and not test.examples:
                told.append(f"{name}, line {line}: nothing in this block runs\n")
            runner.run(test, out=told.append, clear_globs=False)
            session = test.globs
        return block[0]

    return BLOCK.sub(run, text), "".join(told)
