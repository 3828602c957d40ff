"""Inputs of the command line: `--input "I = 2 nA from 20 ms to 80 ms"` becomes a course of `nb.current`.

    NAME = SHAPE [from TIME] [to TIME]
    SHAPE:  VALUE
            ramp to VALUE                      from 0, straight, over the time given; 0 afterwards
            sine VALUE at FREQUENCY            its amplitude
            pulses VALUE of TIME every TIME    each so long, one in each period
            noise VALUE over TIME              Ornstein-Uhlenbeck: standard deviation, correlation time

It is 0 before and afterwards. Several inputs of one name are added. Values and times are texts of the
language, or bare numbers in the declared unit and in ms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpybrain import current
from numpybrain.errors import ArgumentError, NumpyBrainError, suggestion
from numpybrain.language.times import milliseconds
from numpybrain.source import Source, Span

EXAMPLE = 'write  --input "I = 2 nA from 20 ms to 80 ms"'
SHAPES: Mapping[str, tuple[str, ...]] = {  # name -> the words between its values
    "ramp": (),
    "sine": ("at",),
    "pulses": ("of", "every"),
    "noise": ("over",),
}
WORD = re.compile(r"(?<![\w.])(from|to|at|of|every|over)(?![\w.])")


@dataclass(frozen=True, slots=True)
class Input:
    """One `--input`: which parameter, its shape and its values, and from when to when.

    Attributes:
        name: of the parameter.
        place: of that name, for errors.
        shape: a key of `SHAPES`, or "" for a constant value.
        values: word before the value ("" for the first) -> its text.
        start, stop: in ms; None if not given.
    """

    name: str
    place: Span
    shape: str
    values: Mapping[str, Any] = field(default_factory=dict)
    start: float | None = None
    stop: float | None = None

    def course(self) -> current.Course:
        """The value that follows the time.

        Raises:
            NumpyBrainError: if a value is none, or times do not fit.
        """
        value, start, stop = self.values[""], self.start or 0.0, self.stop
        if self.shape == "sine":
            return current.sine(value, self.values["at"], start=start, stop=stop)
        if self.shape == "pulses":
            width, period = self.values["of"], self.values["every"]
            return current.pulses(value, width, period, start=start, stop=stop)
        if self.shape == "noise":
            return current.ou(0, value, self.values["over"]) * self._within()
        if self.shape == "ramp":
            return current.ramp({start: 0, stop: value}) * self._within()
        return current.steps(self._edges(value))

    def _edges(self, value: Any) -> dict[float, Any]:
        start = self.start or 0.0
        return {start: value} if self.stop is None else {start: value, self.stop: 0}

    def _within(self) -> current.Course:
        return current.steps(self._edges(1.0))


def read_input(text: str) -> Input:
    """Read one input.

    Raises:
        ArgumentError: if it does not keep to the grammar; shows the place.
    """
    source = Source(text, "--input")
    name, equals, _ = text.partition("=")
    place = _stripped(source, 0, len(name))
    if not equals or not name.strip().isidentifier():
        raise ArgumentError("an input begins with the name of a parameter and '='", place, help=EXAMPLE)
    pieces = _pieces(source, len(name) + 1)
    word, first = pieces.pop(0)
    shape = first.text.split(" ", 1)[0] if first.text else ""
    if shape in SHAPES:
        first = _stripped(source, first.start + len(shape), first.end)
        if shape == "ramp" and not first.text and pieces and pieces[0][0] == "to":
            first = pieces.pop(0)[1]
    else:
        shape = ""
    values = {"": _value(first, f"the value of '{name.strip()}'")}
    given: dict[str, Span] = {}
    for word, piece in pieces:
        allowed = (*SHAPES.get(shape, ()), "from", "to")
        if word not in allowed or word in given:
            what = f"a {shape}" if shape else "a constant input"
            problem = f"'{word}' is there twice" if word in given else f"{what} has no '{word}'"
            if shape == "noise" and word not in given:
                problem = f"noise has no '{word}'"
            raise ArgumentError(problem, _before(piece, word), help=_form(shape))
        given[word] = piece
    for word in SHAPES.get(shape, ()):
        if word not in given:
            raise ArgumentError(f"'{shape}' lacks '{word} ...'", first, help=_form(shape))
        values[word] = _value(given[word], f"what stands after '{word}'")
    start, stop = (_time(given.get(word), word) for word in ("from", "to"))
    if stop is not None and stop <= (start or 0.0):
        raise ArgumentError(f"the input ends at {stop:g} ms, before it begins", given["to"], help=EXAMPLE)
    if shape == "ramp" and stop is None:
        raise ArgumentError("a ramp needs an end", first, help=_form(shape))
    return Input(name.strip(), place, shape, values, start, stop)


def courses(texts: Iterable[str], parameters: Iterable[str]) -> dict[str, current.Course]:
    """Name of a parameter -> the sum of its inputs.

    Raises:
        ArgumentError: if one cannot be read, or there is no such parameter.
    """
    known = list(parameters)
    found: dict[str, current.Course] = {}
    for text in texts:
        each = read_input(text)
        if each.name not in known:
            message = f"the model has no parameter '{each.name}'{suggestion(each.name, known)}"
            raise ArgumentError(message, each.place)
        try:
            course = each.course()
        except NumpyBrainError as error:
            error.add_note(f'in  --input "{text}"')
            raise
        found[each.name] = found[each.name] + course if each.name in found else course
    return found


def _pieces(source: Source, start: int) -> list[tuple[str, Span]]:
    """What stands after each word, and after the "=" at first."""
    found, word, begin = [], "", start
    for match in WORD.finditer(source.text, start):
        found.append((word, _stripped(source, begin, match.start())))
        word, begin = match[1], match.end()
    found.append((word, _stripped(source, begin, len(source.text))))
    return found


def _stripped(source: Source, start: int, end: int) -> Span:
    """A piece of the text without the blanks around."""
    piece = source.text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return source.span(first, max(first, start + len(piece.rstrip())))


def _before(piece: Span, word: str) -> Span:
    start = piece.source.text.rindex(word, 0, piece.start + 1 if not piece.text else piece.start)
    return piece.source.span(start, start + len(word))


def _form(shape: str) -> str:
    forms = {
        "ramp": "ramp to 2 nA from 20 ms to 80 ms",
        "sine": "sine 1 nA at 40 Hz from 20 ms to 80 ms",
        "pulses": "pulses 2 nA of 5 ms every 20 ms",
        "noise": "noise 0.5 nA over 5 ms",
    }
    return f'write  --input "I = {forms[shape]}"' if shape in forms else EXAMPLE


def _value(place: Span, what: str) -> Any:
    """A number, or a text that is a quantity."""
    if not place.text:
        raise ArgumentError(f"{what} is missing", place, help=EXAMPLE)
    try:
        number = float(place.text)
    except ValueError:
        _checked(lambda: current.steps({0.0: place.text}), place)
        return place.text
    return number if math.isfinite(number) else place.text


def _time(place: Span | None, word: str) -> float | None:
    if place is None:
        return None
    if not place.text:
        raise ArgumentError(f"the time after '{word}' is missing", _before(place, word), help=EXAMPLE)
    try:
        bare: Any = float(place.text)
    except ValueError:
        bare = place.text
    found: float = _checked(lambda: milliseconds(bare, f"the time after '{word}'"), place)
    return found


def _checked(read: Callable[[], Any], place: Span) -> Any:
    """What can be read; an error about it shows the place in the whole input."""
    try:
        return read()
    except NumpyBrainError as error:
        help_text = error.help or EXAMPLE
        raise ArgumentError(error.message, place, detail=error.detail, help=help_text) from None
