"""Places in the user's text. Everything made from text carries a `Span`, so every error can point at it.

In: a string and where it came from. Out: spans, and lines with `^^^` and `~~~` under them.
"""

from __future__ import annotations

from dataclasses import dataclass

INDENT = "    "
MAX_WIDTH = 100  # of a quoted line; longer ones are cut around the fault


@dataclass(frozen=True, slots=True)
class Source:
    """A piece of user text and what it is ("equations", "reset", a file name ...)."""

    text: str
    what: str = "text"

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """The place from `start` to `end` (default: all of it)."""
        return Span(self, start, len(self.text) if end is None else end)


@dataclass(frozen=True, slots=True)
class Span:
    """The half-open range `start:end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The text of the place itself."""
        return self.source.text[self.start : self.end]

    @property
    def line(self) -> int:
        """Number of the line in which the place starts, from 1."""
        return self.source.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        """Number of the column in which the place starts, from 1."""
        return self.start - self._line_start() + 1

    def to(self, other: Span) -> Span:
        """The place from the start of this to the end of `other`."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))

    def _line_start(self) -> int:
        return self.source.text.rfind("\n", 0, self.start) + 1

    def marked(self, also: Span | None = None) -> str:
        """The line of the place with `^` under it (and `~` under `also`, if on the same line)."""
        text, first = self.source.text, self._line_start()
        last = text.find("\n", first)
        last = len(text) if last < 0 else last
        marks = [" "] * (max(last, self.start + 1) - first)

        def mark(span: Span, sign: str) -> None:
            for k in range(max(span.start, first), max(min(span.end, last), span.start + 1)):
                if 0 <= k - first < len(marks):
                    marks[k - first] = sign

        if also is not None and also.source is self.source:
            mark(also, "~")
        mark(self, "^")
        line = "".join(c if c.isprintable() or c == "\t" else "?" for c in text[first:last])
        under = "".join(
            "\t" if c == "\t" else m for c, m in zip(line.ljust(len(marks)), marks, strict=False)
        )
        indent = len(line) - len(line.lstrip())
        cut = max(indent, self.start - first - MAX_WIDTH // 2) if len(line) > MAX_WIDTH else indent
        line, under = line[cut : cut + MAX_WIDTH], under[cut : cut + MAX_WIDTH]
        where = f"  (line {self.line} of the {self.source.what})" if "\n" in text.strip() else ""
        return f"{INDENT}{line.rstrip()}\n{INDENT}{under.rstrip()}{where}"
