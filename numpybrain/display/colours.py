"""Colours for text on a terminal. Anywhere else (a file, a pipe, NO_COLOR) text stays as it is."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import TextIO

BOLD, DIM, RED, GREEN, CYAN = ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[36m")
OFF = "\033[0m"

MODEL = [  # what to look for in the text about a model, and its colour; the first that fits wins
    (re.compile(r"#.*$", re.MULTILINE), DIM),
    (re.compile(r"^\S[^\n]*:$", re.MULTILINE), BOLD),  # a heading
    (re.compile(r"(?<= : )[A-Za-z0-9*/()-]+"), CYAN),  # the unit of an equation
    (re.compile(r"\bd\w+/dt\b"), BOLD),
    (
        re.compile(r"\((?:unless refractory|shared|constant[ a-z]*|[a-z]+-driven|linked|summed)\b[^)]*\)"),
        GREEN,
    ),
]
ERROR = [
    (re.compile(r"^\w+Error(?=:)", re.MULTILINE), RED),
    (re.compile(r"^ +[~^][~^ ]*(?=$|  \()", re.MULTILINE), RED),
    (re.compile(r"(?<=^    )help: .*$", re.MULTILINE), GREEN),
]


Rules = Sequence[tuple[re.Pattern[str], str]]


def wanted(stream: TextIO) -> bool:
    """Whether a stream is a terminal that shows colours (see no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def paint(text: str, rules: Rules) -> str:
    """The text with colours."""
    found: list[tuple[int, int, str]] = []
    for pattern, colour in rules:
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= a or start >= b for a, b, _ in found):
                found.append((start, end, colour))
    for start, end, colour in sorted(found, reverse=True):
        text = f"{text[:start]}{colour}{text[start:end]}{OFF}{text[end:]}"
    return text


def for_stream(text: str, rules: Rules, stream: TextIO) -> str:
    """The text as it should be written to a stream."""
    return paint(text, rules) if wanted(stream) else text
