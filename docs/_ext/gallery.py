"""The gallery: examples/*.py as pages, each run in its quick mode, with warnings as errors.

An example is a script with a docstring and the options --quick and --plot. Here it gets a title that
Sphinx understands, the options, and its picture is fetched from the file that it writes.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx_gallery.scrapers import figure_rst

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PICTURE = Path(tempfile.gettempdir()) / f"numpybrain-gallery-{os.getpid()}.png"

HEADER = """\
Examples
========

The outputs and pictures here are those of the quick mode, `--quick`; the pictures are what `--plot FILE`
writes. What the examples print is compared with closed forms, with SciPy and with the same models as plain
NumPy loops, by `tests/test_examples.py`. `accuracy.py` needs SciPy, the others nothing but NumpyBrain.
"""


def titled(source: str) -> str:
    """The source of an example with a docstring that is reStructuredText with a title."""
    docstring = ast.get_docstring(ast.parse(source), clean=True) or ""
    first, *paragraphs = docstring.split("\n\n")
    title, colon, rest = " ".join(first.split()).partition(": ")
    if not colon:
        title, mark, rest = title.partition("? ")
        title += mark.strip()
    title = title.rstrip(".")
    lines = [title, "=" * len(title)]
    if rest:
        lines += ["", rest[0].upper() + rest[1:]]
    for paragraph in paragraphs:
        block = paragraph.strip("\n")
        is_literal = all(line.startswith("    ") for line in block.splitlines())
        lines += ["", f".. code-block:: none\n\n{block}" if is_literal else block]
    _, end = _docstring_lines(source)
    text = "\n".join(lines).replace("\\", "\\\\")
    return f'"""\n{text}\n"""\n' + "\n".join(source.splitlines()[end:]) + "\n"


def _docstring_lines(source: str) -> tuple[int, int]:
    statement = ast.parse(source).body[0]
    return statement.lineno - 1, statement.end_lineno or statement.lineno


def copy_examples(app: Sphinx) -> None:
    """Write docs/_examples: what the gallery is made of."""
    folder = Path(app.srcdir) / "_examples"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "GALLERY_HEADER.rst").write_text(HEADER, encoding="utf-8")
    for path in sorted(EXAMPLES.glob("*.py")):
        target = folder / path.name
        target.write_text(titled(path.read_text(encoding="utf-8")), encoding="utf-8")


class Order:
    """Sorts examples as the table in examples/README.md does."""

    def __init__(self, folder: str) -> None:
        text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
        self.names = re.findall(r"^\| \[(\w+\.py)\]", text, re.MULTILINE)

    def __call__(self, name: str) -> tuple[int, str]:
        """The place of an example."""
        return (self.names.index(name) if name in self.names else len(self.names), name)


def arguments(gallery_conf: dict[str, Any], script: dict[str, Any]) -> list[str]:
    """The command line of an example: the options that it has."""
    source = Path(script["src_file"]).read_text(encoding="utf-8")
    script["example_globals"]["__doc__"] = ast.get_docstring(ast.parse(source))  # the gallery takes it away
    options = ["--quick"] if '"--quick"' in source else []
    return [*options, "--plot", str(PICTURE)] if '"--plot"' in source else options


FILTERS = list(warnings.filters)
READERS = ("sympy", "lark", "pint")  # one example shows that it does without; other pages have loaded them
_aside: dict[str, Any] = {}


def strict(gallery_conf: dict[str, Any], name: str | None, when: str) -> None:
    """A warning of an example is an error, and no example sees figures or settings of another."""
    from matplotlib import pyplot as plt

    plt.close("all")
    plt.switch_backend("agg")
    plt.rcdefaults()
    if when == "before":
        warnings.simplefilter("error")
        if name is not None and "not in sys.modules" in (EXAMPLES / name).read_text(encoding="utf-8"):
            _aside.update((x, sys.modules.pop(x)) for x in READERS if x in sys.modules)
    else:
        sys.modules.update(_aside)
        _aside.clear()
        warnings.resetwarnings()
        for action, _, category, _, _ in reversed(FILTERS):
            warnings.simplefilter(action, category)


def pictures(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Take the picture that an example has written."""
    if not PICTURE.exists():
        return ""
    target = next(block_vars["image_path_iterator"])
    shutil.move(PICTURE, target)
    return str(figure_rst([target], gallery_conf["src_dir"]))


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("builder-inited", copy_examples, priority=100)
    return {"parallel_read_safe": True}
