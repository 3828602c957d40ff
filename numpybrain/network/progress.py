"""Text that shows how far a run has come: a bar of tqdm where that is installed, else a line of its own.

It goes to standard error, and changes nothing in the network.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any, Protocol

from numpybrain.errors import ArgumentError
from numpybrain.kernel.network import nothing

FORM = "{percentage:3.0f} %|{bar}| {elapsed} < {remaining}"  # of tqdm's bar
PART = 10  # percent: where there is no terminal, a line is written for each so much


class Progress(Protocol):
    """Display of the progress of a run."""

    def show(self, done: float) -> None:
        """Show that this fraction of the run is done."""

    def close(self) -> None:
        """The run is over, or was interrupted."""


def shown(*, delay: float = 0.0, keep: bool = True) -> Progress:
    """The display for a run that begins.

    Args:
        delay: seconds after which something is shown: shorter runs show nothing.
        keep: whether the text stays when the run is over.
    """
    try:
        import tqdm
    except ImportError:
        return Line(delay, keep=keep)
    return Bar(tqdm.tqdm(total=100, delay=delay, leave=keep, bar_format=FORM, file=sys.stderr))


def telling(progress: Any) -> tuple[Callable[[float], Any] | None, Callable[[], None]]:
    """Give a callable for the progress of a run, and one that ends it; a display changes nothing."""
    if progress is None or progress is False:
        return None, nothing
    if progress is True:
        progress = shown()
    if hasattr(progress, "show") and hasattr(progress, "close"):
        return progress.show, progress.close
    if not callable(progress):
        message = f"progress is True, or a function of the part that is done (got {progress!r})"
        raise ArgumentError(message, help="such as progress=True or progress=print")
    return progress, nothing


class Bar:
    """Progress as a bar of tqdm."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def show(self, done: float) -> None:
        """Show that this fraction of the run is done."""
        self._bar.update(int(100 * done) - self._bar.n)

    def close(self) -> None:
        """The run is over, or was interrupted."""
        self._bar.close()


class Line:
    """Progress as percents and times: in one line of a terminal, or in a line for each tenth of a run."""

    def __init__(self, delay: float, *, keep: bool) -> None:
        self._start, self._delay, self._keep = perf_counter(), delay, keep
        self._percent, self._length = -1, 0  # of what has been shown
        self._in_place = sys.stderr.isatty()

    def show(self, done: float) -> None:
        """Show that this fraction of the run is done."""
        elapsed, percent = perf_counter() - self._start, int(100 * done)
        step = 1 if self._in_place else PART
        if elapsed < self._delay or percent // step <= self._percent // step:
            return
        left = f" < {_clock(elapsed / done - elapsed)}" if 0 < done < 1 else ""
        text = f"{percent:3d} % {_clock(elapsed)}{left}"
        sys.stderr.write(f"\r{text.ljust(self._length)}" if self._in_place else f"{text}\n")
        sys.stderr.flush()
        self._percent, self._length = percent, len(text)

    def close(self) -> None:
        """The run is over, or was interrupted."""
        if self._in_place and self._length:
            sys.stderr.write("\n" if self._keep else f"\r{' ' * self._length}\r")
            sys.stderr.flush()


def _clock(seconds: float) -> str:
    """Minutes and seconds, as in "02:05"."""
    return f"{int(seconds) // 60:02d}:{int(seconds) % 60:02d}"
