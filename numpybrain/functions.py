"""Python functions for equations: with units, and time series as functions of time.

Equations call a function that is handed over by its name: `nb.Neurons(..., f=f)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError, TimeStepError, shown
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.utils.arrays import check_plain
from numpybrain.utils.purity import draws_numbers

ON_TIME = 1e-6  # of an interval: so close to the next one, a time belongs to it

F = TypeVar("F", bound=Callable[..., Any])


def function(signature: str, *, stateless: bool | None = None) -> Callable[[F], F]:
    """Declare the units of a Python function that equations call.

    Args:
        signature: units of the arguments and of the result, such as "mV, ms -> 1/ms". Numbers come
            and go in these units; "1" is a number without unit, "boolean" a condition.
        stateless: equal arguments give equal results, so a call whose arguments stay in a run is made once
            for the run. If not (False), every call in the equations is made once in every step, for each
            place where it stands. By default it is so, unless the function is seen to draw random numbers.

    A function without declaration is called in every step, since its effects are not known. If it is seen
    to draw random numbers, it is called as with `stateless=False`, and must give each neuron its own.
    Those of NumPy, `math` and `scipy.special` are known to be stateless.

    The function gets arrays (one value per neuron) or single numbers, and returns the same. Without a
    declaration, annotations that are all units (`def f(v: "mV") -> "1/ms"`) serve as one; without
    both, a function takes and gives plain numbers.

    Raises:
        ArgumentError, UnitError: if the signature cannot be read.
    """
    language_entry.check_signature(signature)

    def declare(made: F) -> F:
        try:
            made.signature = signature  # type: ignore[attr-defined]
            if stateless is not None or not draws_numbers(made):
                made.stateless = stateless is not False  # type: ignore[attr-defined]
        except AttributeError:  # one written in C, such as np.hypot
            message = f"{shown(made)} cannot carry a signature"
            raise ArgumentError(message, help="wrap it in a def or lambda") from None
        return made

    return declare


class Timed:
    """A time series as a function of time; make it with `nb.timed`.

    `series(t)`, or `series(t, i)` for one column per neuron, gives the value of the interval in which t
    (ms) lies; before the first and after the last interval it stays at the first and last value.
    """

    stateless = True
    held_over_dt = True  # `series(t)` in a differential equation keeps its value for the whole step

    def __init__(self, values: np.ndarray[Any, Any], dt: float, unit_text: str) -> None:
        self.values = values
        self.dt = dt
        self.unit = unit_text
        self.signature = f"ms -> {unit_text}" if values.ndim == 1 else f"ms, 1 -> {unit_text}"

    def __call__(self, t: Any, i: Any = None) -> Any:
        """The value at time t in ms; with several columns, that of column i."""
        position = np.floor(np.asarray(t) / self.dt + ON_TIME)
        row = np.clip(position, 0, len(self.values) - 1).astype(np.intp)
        if i is None:
            return self.values[row]
        column = np.asarray(i, dtype=np.intp)
        n = self.values.shape[1]
        if column.size and not 0 <= column.min() <= column.max() < n:
            wrong = column[(column < 0) | (column >= n)].flat[0]
            message = f"a time series of {n} columns has none of number {wrong}"
            raise IndexRangeError(
                message, help="give values of shape (n_times, n), a column for each neuron"
            )
        return self.values[row, column]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Timed):
            return NotImplemented
        same = (self.dt, self.unit) == (other.dt, other.unit)
        return same and np.array_equal(self.values, other.values, equal_nan=True)

    def __hash__(self) -> int:
        return hash((self.dt, self.unit, self.values.shape))

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.values.shape))
        return f"<Timed {shape} values in {self.unit}, every {self.dt:g} ms>"


def timed(values: Any, dt: Any, unit: str | None = None) -> Timed:
    """A time series that equations can call: `I = stimulus(t) : nA`, or `stimulus(t, i)`.

    Args:
        values: shape (n_times,), or (n_times, n) with one column for each neuron; numbers in `unit`,
            or quantities. Value k holds for k*dt <= t < (k + 1)*dt.
        dt: the interval (ms if bare).
        unit: the unit of the values; without it that of the quantities, or no unit.

    In differential equations a call with the time itself, `stimulus(t)`, keeps the value that it has
    at the start of a step for the whole step, so that linear equations stay exactly solvable.

    Raises:
        ShapeError: if there are no values, or more than two dimensions.
    """
    interval = milliseconds(dt, "the interval of a time series")
    if interval <= 0:
        raise TimeStepError(f"the interval of a time series must be positive (got {interval:g} ms)")
    if unit is None:
        values, unit = language_entry.magnitudes(values)
    else:
        values = language_entry.convert(values, unit, "the values of a time series")
    check_plain(values, "a time series")
    try:
        array = np.array(values, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise ArgumentError("the values of a time series are numbers or quantities") from None
    if array.ndim not in (1, 2) or not array.size:
        message = f"a time series has the shape (n_times,) or (n_times, n) (got {array.shape})"
        raise ShapeError(message)
    return Timed(array, interval, unit)
