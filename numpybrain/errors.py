"""All errors of NumpyBrain: what is wrong, where, and what to write instead.

Every class is also the builtin a caller would expect, so `except ValueError` works. The pieces stay
readable as fields (`span`, `help`, ...); the text is put together only when it is printed.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpybrain.source import Span

MAX_ERRORS = 5  # one model reports at most so many mistakes at once
MAX_NAME = 60  # longer names are cut in messages and not searched for
MAX_LISTED = 8  # longer lists of choices are not printed


def visible(text: str) -> str:
    """A text without characters that do something to a terminal: those are written out, as in repr().

    What a stranger has written (in a model file) goes through here before it is shown.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else _written_out(c) for c in text)


def _written_out(char: str) -> str:
    if char.isspace():
        return " "
    return ascii(char)[1:-1]


class NumpyBrainError(Exception):
    """Base of all errors raised on purpose by NumpyBrain.

    Args:
        message: what is wrong, in one line.
        span: the place in the user's text, if there is one; it is marked with `^`.
        also: a second place, marked with `~`.
        detail: what was expected and what came.
        help: what to write instead.
        advise: gives an end of the message, and the help, once it is known that they will be read: to
            look for similar names takes long, and of many errors few are shown.
    """

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        *,
        also: Span | None = None,
        detail: str | None = None,
        help: str | None = None,  # noqa: A002 - the word users read
        advise: Callable[[], tuple[str, str | None]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.also = also
        self.detail = detail
        self.help = help
        self.others: tuple[NumpyBrainError, ...] = ()
        self._advise = advise

    def complete(self) -> None:
        """Look for the advice that is still missing; before the error is raised."""
        advise, self._advise = self._advise, None
        if advise is not None:
            end, self.help = advise()
            self.message += end
            self.args = (self.message,)

    def __str__(self) -> str:
        self.complete()
        parts = [self.message]
        if self.span is not None:
            parts.append(self.span.marked(self.also))
        if self.detail:
            parts.append(f"    {self.detail}")
        if self.help:
            parts.append(f"    help: {self.help}")
        parts += [f"{type(other).__name__}: {other}" for other in self.others]
        return visible("\n".join(parts))

    def _render_traceback_(self) -> list[str]:
        """Give what IPython and notebooks show: the lines of the user that led here, and the message."""
        shown, ipython = _without_inner_frames(self.__traceback__), sys.modules.get("IPython")
        shell: Any = ipython.get_ipython() if ipython is not None else None
        if shell is None:
            import traceback

            return traceback.format_exception(type(self), self, shown)
        formatter = shell.InteractiveTB
        if formatter.mode == "Verbose":  # asked for by `%xmode Verbose`
            shown = self.__traceback__
        found: list[str] = formatter.structured_traceback(type(self), self, shown, tb_offset=0)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        self.complete()
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(kind: type[NumpyBrainError], fields: dict[str, Any]) -> NumpyBrainError:
    """Make a pickled error again (process pools send errors home as pickles)."""
    error = kind(fields["message"])
    error.__dict__.update(fields)
    return error


class ModelSyntaxError(NumpyBrainError, ValueError):
    """The text is not an equation, statement, expression, quantity or unit of the language."""


class ModelError(NumpyBrainError, ValueError):
    """The text is well formed but makes no sound model: double names, cycles, wrong flags."""


class UnitError(NumpyBrainError, ValueError):
    """Units that do not fit together."""


class UnknownNameError(NumpyBrainError, ValueError):
    """A name that is not defined where it is used."""


class UnknownAttributeError(UnknownNameError, AttributeError):
    """An attribute that a group, a monitor or a module does not have."""


class MethodError(NumpyBrainError, ValueError):
    """A numerical method that does not exist or cannot solve the given equations."""


class ShapeError(NumpyBrainError, ValueError):
    """An array whose length does not fit."""


class IndexRangeError(NumpyBrainError, IndexError, ValueError):
    """An index outside of a group."""


class TimeStepError(NumpyBrainError, ValueError):
    """A time that does not fit the time step."""


class NetworkError(NumpyBrainError, ValueError):
    """Objects that cannot be put together or scheduled as asked."""


class LibraryError(NumpyBrainError, ValueError):
    """A model file that is missing, is not TOML or lacks a table."""


class ArgumentError(NumpyBrainError, TypeError, ValueError):
    """An argument of a wrong kind."""


class CheckpointError(NumpyBrainError, OSError, ValueError):
    """A checkpoint that cannot be written, is damaged or foreign, or does not fit the network."""


class DivergenceError(NumpyBrainError, ArithmeticError):
    """A state variable that is no finite number any more.

    The states of all groups are set back to the last time at which all was well; the clock is not, and
    monitors keep what they have recorded.

    Attributes:
        group: name of the object.
        variable: name of the variable.
        neurons: indices of the neurons, shape (n_neurons,).
        t: the time in ms at which it was found.
        t_good: the time in ms that the states belong to now.
    """

    group: str
    variable: str
    neurons: Any
    t: float
    t_good: float


class StabilityWarning(UserWarning):
    """The time step is too large for the method or the coupling: values grow where they should decay."""


class LeftOutWarning(UserWarning):
    """Synapses or a monitor in no network, while the neurons run that they belong to: they do nothing."""


def too_deep() -> ModelError:
    """The error for what a user wrote that is nested deeper than Python can walk through."""
    message = "the text is nested too deep to be worked on here"
    return ModelError(message, help="store parts of it in variables of their own")


def raise_all(errors: Sequence[NumpyBrainError]) -> None:
    """Raise the first error in source order, carrying up to four more; nothing if there are none."""
    if not errors:
        return
    sources = [id(e.span.source) if e.span is not None else 0 for e in errors]
    order = {source: k for k, source in reversed(list(enumerate(sources)))}  # texts in order of check

    def place(error: NumpyBrainError) -> tuple[int, int]:
        span = error.span
        return (order[id(span.source)], span.start) if span is not None else (order[0], -1)

    ordered = sorted(errors, key=place)
    first = ordered[0]
    first.others = tuple(ordered[1:MAX_ERRORS])
    for error in ordered[:MAX_ERRORS]:
        error.complete()
    raise first


HERE = __file__.removesuffix("errors.py")  # the folder of this package


def _without_inner_frames(place: TracebackType | None) -> TracebackType | None:
    """Give a traceback without the frames of this package, of code that it has written, and of IPython."""
    if place is None:
        return None
    rest = _without_inner_frames(place.tb_next)
    file, name = place.tb_frame.f_code.co_filename, place.tb_frame.f_globals.get("__name__", "")
    if file.startswith((HERE, "<lambdify")) or name.split(".")[0] == "IPython":
        return rest
    return TracebackType(rest, place.tb_frame, place.tb_lasti, place.tb_lineno)


def warn(message: str, category: type[Warning]) -> None:
    """Warn about the line outside of this package that led here, however many calls lie between."""
    frame, level = sys._getframe(1), 2  # noqa: SLF001 - what `warnings` itself uses
    while frame.f_back is not None and frame.f_code.co_filename.startswith(HERE):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


def shown(value: Any) -> str:
    """A value from the user as text, of a length that fits a message."""
    try:
        return short(repr(value))
    except Exception:  # noqa: BLE001 - of a stranger's class, or a number of too many digits
        is_long = isinstance(value, int)
        return "a number of thousands of digits" if is_long else f"some {type(value).__name__}"


def short(text: str) -> str:
    """A text from the user, cut to a length that fits a message."""
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 3] + "..."


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The most similar of `choices`, or None."""
    if len(name) > MAX_NAME:
        return None
    from difflib import get_close_matches

    options = list(choices)
    exact = [c for c in options if c.lower() == name.lower()]
    found = exact or get_close_matches(name, options, n=1, cutoff=0.6)
    return found[0] if found else None


def suggestion(name: str, choices: Iterable[str]) -> str:
    """`: did you mean 'x'?`, else a short list of the choices, else nothing."""
    options = sorted(set(choices))
    return suggested(nearest(name, options), options)


def suggested(near: str | None, options: Sequence[str]) -> str:
    """The same for what was found, among these."""
    if near is not None:
        return f": did you mean '{near}'?"
    if 0 < len(options) <= MAX_LISTED:
        return ": there are " + ", ".join(f"'{c}'" for c in options)
    return ""
