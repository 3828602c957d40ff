"""Finds the two data folders, `grammar/` and `models/`.

In a checkout (and an editable install) they stand beside the package, in a wheel inside it. They are
data: nothing imports them.
"""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The data folder `name`, wherever this installation keeps it."""
    for parent in (PACKAGE, PACKAGE.parent):
        if (parent / name).is_dir():
            return parent / name
    message = f"NumpyBrain's data folder '{name}' is missing: the installation is incomplete"
    raise FileNotFoundError(message)


def text(*parts: str) -> str:
    """The content of one data file, for example `text("grammar", "units.txt")`."""
    return folder(parts[0]).joinpath(*parts[1:]).read_text(encoding="utf-8")
