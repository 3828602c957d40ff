"""Texts of several lines that are read, not quoted, where Python shows the value of an expression."""

from __future__ import annotations

from numpybrain.errors import visible


class Text(str):
    """A text that Python, IPython and notebooks show as it is printed; a string in all else."""

    __slots__ = ()

    def __repr__(self) -> str:
        return visible(str(self))
