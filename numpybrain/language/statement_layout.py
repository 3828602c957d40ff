"""Lines and blocks of statements, made visible for a parser to which line ends mean nothing.

In: the text of statements. Out: the same text in which every statement ends with `;` and the block
of an `if` stands between two marks that cannot be typed; and the way back to places in the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from numpybrain.errors import ModelSyntaxError
from numpybrain.source import Source, Span

INDENT, DEDENT = "\ue000", "\ue001"  # of the private use area, which the reader lets nobody write
TAB = 8  # columns


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A text for the parser; `inserted` are the places of the marks in it."""

    text: str
    inserted: tuple[int, ...] = ()

    def back(self, place: int) -> int:
        """The place in the user's text."""
        return place - bisect_left(self.inserted, place)


@dataclass(slots=True)
class _Block:
    """A block of lines: deeper than its `if`, all in one column (None until the first line)."""

    header: int
    column: int | None = None


def lay_out(source: Source) -> LaidOut:
    """End every statement with `;`, and mark where the blocks of `if` begin and end."""
    out: list[str] = []
    inserted: list[int] = []
    length = 0

    def put(text: str, *, new: bool = False) -> None:
        nonlocal length
        if new:
            inserted.extend(range(length, length + len(text)))
        out.append(text)
        length += len(text)

    blocks: list[_Block] = []
    for start, line in _lines(source.text):
        if not line.strip():
            put(line)
            continue
        column = _column(line)
        while blocks and column <= blocks[-1].header:
            blocks.pop()
            put(DEDENT, new=True)
        if blocks:
            _check_column(blocks[-1], column, source.span(start, start + len(line)))
        opened, last = 0, 0
        for colon in _colons(line):
            put(line[last : colon + 1])
            put(INDENT, new=True)
            opened, last = opened + 1, colon + 1
        code = line[last:].rstrip()
        put(code)
        if opened and not code:  # the block is the lines that follow
            blocks += [_Block(column) for _ in range(opened)]
        else:
            put(";" + DEDENT * opened, new=True)
        put(line[last + len(code) :])
    put(DEDENT * len(blocks), new=True)
    return LaidOut("".join(out), tuple(inserted))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of each line, comments and line ends blank; it goes on in open parentheses."""
    plain = re.sub(r"#[^\n]*", lambda comment: " " * len(comment[0]), text)
    start = depth = 0
    for mark in re.finditer(r"[()\n]", plain):
        k, char = mark.start(), mark[0]
        depth += (char == "(") - (char == ")")
        if char == "\n" and depth <= 0:
            yield start, plain[start:k] + " "
            start, depth = k + 1, 0
    yield start, plain[start:]


def _column(line: str) -> int:
    """Find the column in which the code of a line starts."""
    spaces = line[: len(line) - len(line.lstrip())]
    return len(spaces.expandtabs(TAB))


def _colons(code: str) -> Iterator[int]:
    """Places of the colons outside of parentheses."""
    depth = 0
    for mark in re.finditer(r"[():]", code):
        char = mark[0]
        depth += (char == "(") - (char == ")")
        if char == ":" and depth <= 0:
            yield mark.start()


def _check_column(block: _Block, column: int, line: Span) -> None:
    """All lines of a block stand in one column."""
    if block.column is None:
        block.column = column
    elif column != block.column:
        message = "this line stands neither in the block of the 'if' nor outside of it"
        raise ModelSyntaxError(message, line, help="line it up with the others")
