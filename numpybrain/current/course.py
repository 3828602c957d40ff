"""Base of values that follow the time, with their units, sums and products."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, UnitError, shown
from numpybrain.kernel.state import State, under
from numpybrain.language import language_entry
from numpybrain.utils.arrays import plain
from numpybrain.utils.quantities import carries_unit


class Course(abc.ABC):
    """A value that follows the time. `course(t)` is its value at a time in ms.

    Courses are added to each other and to quantities, and multiplied with each other, numbers and
    quantities: `nb.current.steps({20: "1 nA"}) + 0.1*nb.current.sine("1 nA", "40 Hz")`. A quantity comes
    second, since its own package does not know courses: `course + 1*nA`; a text is fine on both sides.

    Attributes:
        unit: the unit of its values, as a text; None for bare numbers, which are in the unit of whatever
            parameter they are given to.
    """

    __array_ufunc__ = None  # arrays leave sums and products to us
    unit: str | None = None
    is_random = False  # whether it has a state, and draws random numbers

    @abc.abstractmethod
    def value(self, t: Any, n: int) -> Any:
        """The value at a time in ms: one number, or one for each of n elements."""

    def __call__(self, t: Any) -> Any:
        """The value at time t in ms; at many times, for one value at a time, an array of these."""
        return self.value(t, 1)

    @property
    def signature(self) -> str | None:
        """The unit of the result, for equations; None for bare numbers."""
        return None if self.unit is None else f"ms -> {self.unit}"

    def begin(self) -> Course:
        """The course with a state of its own, for one more parameter that follows it."""
        return self

    # ---- sums and products ----

    def __add__(self, other: Any) -> Course:
        return combined("+", self, other)

    def __radd__(self, other: Any) -> Course:
        return combined("+", other, self)

    def __sub__(self, other: Any) -> Course:
        return combined("-", self, other)

    def __rsub__(self, other: Any) -> Course:
        return combined("-", other, self)

    def __mul__(self, other: Any) -> Course:
        return combined("*", self, other)

    def __rmul__(self, other: Any) -> Course:
        return combined("*", other, self)

    def __truediv__(self, other: Any) -> Course:
        if isinstance(other, Course) or carries_unit(other) or isinstance(other, str):
            raise ArgumentError("a course is divided by numbers", help="multiply it by what is to be there")
        return self * (1.0 / plain(other, "the divisor of a course"))

    def __neg__(self) -> Course:
        return self * -1.0

    def __repr__(self) -> str:
        return f"<{self.words()}{'' if self.unit is None else f' in {self.unit}'}>"

    @abc.abstractmethod
    def words(self) -> str:
        """Give the words for the course in messages."""


class Constant(Course):
    """One value, or one for each element, at all times."""

    def __init__(self, value: Any, unit: str | None) -> None:
        self._value = value
        self.unit = unit

    def value(self, t: Any, n: int) -> Any:
        """The value."""
        return self._value

    def words(self) -> str:
        """Give the words for the course in messages."""
        return shown(self._value)


class Combination(Course):
    """The sum, difference or product of two courses."""

    def __init__(self, op: str, left: Course, right: Course, factor: Any, unit: str | None) -> None:
        self._op, self._left, self._right = op, left, right
        self._factor = factor  # by which values of the right one are in the unit of the left one
        self.unit = unit

    def value(self, t: Any, n: int) -> Any:
        """The value at a time in ms."""
        left, right = self._left.value(t, n), self._right.value(t, n)
        if self._op == "*":
            return left * right
        right = right * self._factor
        return left + right if self._op == "+" else left - right

    def words(self) -> str:
        """Give the words for the course in messages."""
        return f"({self._left.words()} {self._op} {self._right.words()})"

    def sides(self) -> dict[str, Course]:
        """The two courses."""
        return {"left": self._left, "right": self._right}

    def begun(self) -> Combination:
        """The same of courses with states of their own."""
        left, right = self._left.begin(), self._right.begin()
        return Combination(self._op, left, right, self._factor, self.unit)


class RandomCourse(Course):
    """Base of courses that have a state, and draw random numbers: a step calls them once."""

    is_random = True

    def __call__(self, t: Any, N: int) -> Any:  # type: ignore[override]  # who asks says how many
        """The value at time t in ms, one for each of N elements."""
        return self.value(t, N)

    @abc.abstractmethod
    def declare_state(self) -> Iterator[State]:
        """Give the state that its values of later times follow from."""


class RandomCombination(RandomCourse):
    """The sum, difference or product of two courses of which one is random at least."""

    def __init__(self, combination: Combination) -> None:
        self._combination = combination
        self.unit = combination.unit

    def begin(self) -> Course:
        """The course with states of its own."""
        return RandomCombination(self._combination.begun())

    def value(self, t: Any, n: int) -> Any:
        """The value at a time in ms."""
        return self._combination.value(t, n)

    def words(self) -> str:
        """Give the words for the course in messages."""
        return self._combination.words()

    def declare_state(self) -> Iterator[State]:
        """The states of its parts."""
        for side, part in self._combination.sides().items():
            if isinstance(part, RandomCourse):
                yield from under(f"{side}/", part.declare_state())


def combined(op: str, left: Any, right: Any) -> Course:
    """The sum, difference or product of two courses, or of one and something constant.

    Raises:
        UnitError: for sums of different units, or of bare numbers and a unit.
    """
    left, right = _course(left, right, op), _course(right, left, op)
    factor: Any = 1.0
    if op == "*":
        units = [unit for unit in (left.unit, right.unit) if unit not in (None, "1")]
        unit = "*".join(f"({unit})" for unit in units) if len(units) > 1 else (units[0] if units else None)
    else:
        unit = left.unit
        if (left.unit is None) != (right.unit is None):
            bare, other = (left, right) if left.unit is None else (right, left)
            message = f"{bare.words()} has no unit, and is added to what is in {other.unit}"
            raise UnitError(message, help=f"give it one, such as '1 {other.unit}'")
        if unit is not None and right.unit is not None and unit != right.unit:
            factor = language_entry.factor(right.unit, unit, right.words())
    made = Combination(op, left, right, factor, unit)
    return RandomCombination(made) if left.is_random or right.is_random else made


def _course(value: Any, other: Any, op: str) -> Course:
    """A course out of a course or something constant."""
    if isinstance(value, Course):
        return value
    (found,), unit = amounts([value], "what is combined with a course")
    if unit is None and op != "*" and not np.any(found) and isinstance(other, Course):
        unit = other.unit  # nothing is nothing in any unit
    return Constant(found, unit)


def amounts(values: list[Any], what: str) -> tuple[list[Any], str | None]:
    """Number(s) of several values in one unit, and that unit: None if all are bare.

    A bare 0 is 0 in any unit.

    Raises:
        ArgumentError: if a value is no number, quantity or text.
        UnitError: if units differ in dimension, or some values have one and others do not.
    """
    unit: str | None = None
    for value in values:
        if isinstance(value, str) or carries_unit(value):
            unit = language_entry.magnitudes(value)[1]
            break
    found = []
    for value in values:
        number = value
        if unit is not None and (isinstance(value, str) or carries_unit(value)):
            number = language_entry.convert(value, unit, what)
        array = plain(number, what)
        if array.dtype.kind not in "biuf" or array.ndim > 1:
            message = (
                f"{what} is a number, a quantity or a text, or one for each neuron (got {shown(value)})"
            )
            raise ArgumentError(message)
        if unit is not None and number is value and array.any():
            message = f"{what} has no unit (got {shown(value)}), where others are in {unit}"
            raise UnitError(message, help=f"write '{shown(value)} {unit}'")
        found.append(array.astype(float) if array.ndim else float(array))
    return found, unit


def hertz(value: Any, what: str) -> Any:
    """A frequency in Hz, or one for each element; bare numbers are in Hz."""
    if isinstance(value, str) or carries_unit(value):
        value = language_entry.convert(value, "Hz", what)
    array = plain(value, what)
    if array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise ArgumentError(f"{what} is a number in Hz, a quantity or a text (got {shown(value)})")
    return array.astype(float) if array.ndim else float(array)
