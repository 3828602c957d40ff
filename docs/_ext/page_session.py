"""Pages with figures run when they are read, and get the figures that they have made.

What they print is compared with what stands there; a difference is a warning, and an error of the build.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from session import run_page
from sphinx.application import Sphinx
from sphinx.util import logging

FOLDER = "_figures"
logger = logging.getLogger(__name__)


def on_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Run the page, and put its figures in."""
    if "<!-- figure:" not in source[0]:
        return
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    import numpybrain as nb

    folder = Path(app.srcdir) / FOLDER / name.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []

    def figure(alt: str) -> str:
        if not plt.get_fignums():
            logger.warning("no figure for '%s'", alt, location=name)
            return ""
        made.append(folder / f"{len(made) + 1}.png")
        plt.gcf().savefig(made[-1], dpi=140, bbox_inches="tight", metadata={"Software": None})
        plt.close("all")
        return f"![{alt}](/{FOLDER}/{folder.name}/{made[-1].name})"

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as place, nb.plot.style():
        os.chdir(place)
        try:
            source[0], told = run_page(source[0], name, figure)
        finally:
            os.chdir(here)
            plt.close("all")
    if told:
        logger.warning("the page does not print what it says:\n%s", told, location=name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Say what this extension does, and when."""
    app.connect("source-read", on_source, priority=100)
    return {"parallel_read_safe": True}
