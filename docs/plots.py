"""Draws the pictures of docs/plots.md from the code of that page: `python docs/plots.py`.

The blocks run in order; the figure that is there after a block is written to the picture that follows it,
in docs/plots/.
"""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

import numpybrain as nb

PAGE = Path(__file__).parent / "plots.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$\s*(?:!\[[^\]]*\]\(([^)]+)\))?", re.MULTILINE | re.DOTALL)
DPI = 90


def draw(folder: Path) -> list[Path]:
    """Run the page, and write its pictures to a folder; gives their paths."""
    session: dict[str, Any] = {"__name__": "__main__"}
    written = []
    with nb.plot.style():
        for code, picture in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
            for example in doctest.DocTestParser().get_examples(code):
                exec(compile(example.source, PAGE.name, "exec"), session)  # noqa: S102  # our own page
            if picture:
                path = folder / picture
                path.parent.mkdir(exist_ok=True)
                plt.gcf().savefig(path, dpi=DPI, metadata={"Software": None})
                written.append(path)
            plt.close("all")
    return written


if __name__ == "__main__":
    for made in draw(PAGE.parent):
        sys.stdout.write(f"{made}\n")
