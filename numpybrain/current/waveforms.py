"""Courses of known form: steps, ramps, sines, pulses and chirps."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.current.course import Course, amounts, hertz
from numpybrain.errors import ArgumentError, TimeStepError, shown
from numpybrain.language.times import milliseconds

ON_TIME = 1e-9  # ms: so close to a point in time, a time step is at it
SECOND = 1000.0  # ms


class Waveform(Course):
    """A course that a function of t gives, within a window of time; 0 outside.

    Args:
        function: t in ms -> value; one at a time, or as an array.
        words: what it is, for messages.
        unit: of its values.
        start, stop: the window, in ms: start <= t < stop.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        words: str,
        unit: str | None,
        start: float = -math.inf,
        stop: float = math.inf,
    ) -> None:
        self._function = function
        self._words = words
        self.unit = unit
        self._start, self._stop = start - ON_TIME, stop - ON_TIME

    def value(self, t: Any, n: int) -> Any:
        """The value at a time in ms."""
        if type(t) is float or not np.ndim(t):
            return self._function(t) if self._start <= t < self._stop else 0.0
        t = np.asarray(t, dtype=float)
        return np.where((self._start <= t) & (t < self._stop), self._function(t), 0.0)

    def words(self) -> str:
        """Give the words for the course in messages."""
        return self._words


def steps(levels: Mapping[Any, Any], *, before: Any = 0.0) -> Course:
    """A value that jumps: `steps({20: "2 nA", 80: 0})`.

    Args:
        levels: time (ms if bare) -> the value from that time on, up to the next one: a number, quantity or
            text, or one for each neuron.
        before: the value before the first of these times.

    Examples:
        >>> import numpybrain as nb
        >>> current = nb.current.steps({20: "2 nA", 80: 0})
        >>> [current(t) for t in (0, 20, 79.9, 80)]
        [0.0, 2.0, 2.0, 0.0]
    """
    times, values = _points(levels, "steps")
    (first, *values), unit = amounts([before, *values], "a level")
    table = np.array(np.broadcast_arrays(first, *values))
    ends, levels_one_by_one = times.tolist(), table.tolist() if table.ndim == 1 else list(table)

    def at(t: Any) -> Any:
        if type(t) is float:  # as in every step
            return levels_one_by_one[bisect.bisect_right(ends, t + ON_TIME)]
        found = table[times.searchsorted(np.asarray(t) + ON_TIME, side="right")]
        return found if np.ndim(found) else float(found)

    return Waveform(at, f"steps at {_listed(times)} ms", unit)


def ramp(points: Mapping[Any, Any]) -> Course:
    """A value that goes straight from point to point: `ramp({20: 0, 80: "2 nA"})`.

    Args:
        points: time (ms if bare) -> value, a number, quantity or text; before the first and after the last
            of these times the value stays.

    Examples:
        >>> import numpybrain as nb
        >>> nb.current.ramp({20: 0, 80: "3 nA"})(40)
        1.0
    """
    times, values = _points(points, "a ramp")
    if times.size < 2:
        raise ArgumentError("a ramp has two points at least", help='such as {20: 0, 80: "2 nA"}')
    numbers, unit = amounts(values, "a point of a ramp")
    if any(np.ndim(number) for number in numbers):
        message = "a point of a ramp is one value for all"
        raise ArgumentError(message, help="multiply the ramp: nb.current.ramp(...) * np.array([1, 2, 3])")

    def at(t: Any) -> Any:
        found = np.interp(t, times, numbers)
        return found if np.ndim(found) else float(found)

    return Waveform(at, f"a ramp over {_listed(times)} ms", unit)


def sine(
    amplitude: Any,
    frequency: Any,
    phase: Any = 0.0,
    offset: Any = 0.0,
    *,
    start: Any = 0.0,
    stop: Any = None,
) -> Course:
    """A sine: offset + amplitude*sin(2*pi*frequency*(t - start) + phase), and 0 outside start ... stop.

    Args:
        amplitude: a number, quantity or text, or one for each neuron.
        frequency: in Hz if bare; one for all or one for each neuron.
        phase: in radians; likewise.
        offset: likewise, in the unit of the amplitude.
        start: when it begins (ms if bare).
        stop: when it ends; None for never.

    Examples:
        >>> import numpybrain as nb
        >>> current = nb.current.sine("2 nA", "10 Hz", offset="1 nA")
        >>> round(current(25), 6)
        3.0
    """
    (a, b), unit = amounts([amplitude, offset], "the amplitude or offset of a sine")
    f = hertz(frequency, "the frequency of a sine")
    (shift,), _ = amounts([phase], "the phase of a sine")
    first, last = _window(start, stop)
    omega = 2 * np.pi * f / SECOND
    words = f"a sine of {_told(f)} Hz"
    return Waveform(lambda t: b + a * np.sin(omega * (t - first) + shift), words, unit, first, last)


def pulses(
    amplitude: Any, width: Any, period: Any, *, start: Any = 0.0, stop: Any = None, count: int | None = None
) -> Course:
    """Rectangular pulses: `amplitude` for a time `width` at the beginning of each period, 0 between.

    Args:
        amplitude: a number, quantity or text, or one for each neuron.
        width: how long a pulse is (ms if bare).
        period: the time from one pulse to the next (ms if bare).
        start: when the first one begins (ms if bare).
        stop: when they end, in the middle of a pulse perhaps; None for never.
        count: how many there are; None for no end.

    Examples:
        >>> import numpybrain as nb
        >>> current = nb.current.pulses("1 nA", width=2, period=10, start=5, count=2)
        >>> [current(t) for t in (4, 5, 6.9, 7, 15, 25)]
        [0.0, 1.0, 1.0, 0.0, 1.0, 0.0]
    """
    (a,), unit = amounts([amplitude], "the amplitude of pulses")
    long = milliseconds(width, "the width of pulses")
    every = milliseconds(period, "the period of pulses")
    if not 0 < long <= every:
        message = "pulses are longer than 0, and not longer than their period"
        raise TimeStepError(message, detail=f"got a width of {long:g} ms and a period of {every:g} ms")
    first, last = _window(start, stop)
    if count is not None:
        if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 0:
            raise ArgumentError(f"the number of pulses is a whole number (got {shown(count)})")
        last = min(last, first + every * int(count))

    def at(t: Any) -> Any:
        within = np.mod(t - first + ON_TIME, every)
        found = a * (within < long)
        return found if np.ndim(found) else float(found)

    return Waveform(at, f"pulses of {long:g} ms every {every:g} ms", unit, first, last)


def chirp(
    amplitude: Any, low: Any, high: Any, *, start: Any = 0.0, stop: Any, form: str = "linear"
) -> Course:
    """A sine whose frequency goes from `low` to `high`, which shows resonances (ZAP current).

    Its phase is the integral of the frequency (Puil, Gimbarzevsky and Miura 1986,
    doi:10.1152/jn.1986.55.5.995): linear, f = low + (high - low)*s with s from 0 to 1; or exponential,
    f = low*(high/low)**s. It is 0 outside.

    Args:
        amplitude: a number, quantity or text, or one for each neuron.
        low: the frequency at the start, in Hz if bare.
        high: the frequency at the stop.
        start: when it begins (ms if bare).
        stop: when it ends (ms if bare).
        form: "linear" or "exponential".

    Examples:
        >>> import numpybrain as nb
        >>> nb.current.chirp("1 nA", 0, "20 Hz", stop="10 s")
        <a chirp from 0 to 20 Hz in nA>
    """
    (a,), unit = amounts([amplitude], "the amplitude of a chirp")
    f, g = hertz(low, "the frequency of a chirp"), hertz(high, "the frequency of a chirp")
    first, last = _window(start, stop)
    if form not in ("linear", "exponential"):
        raise ArgumentError(f"the form of a chirp is 'linear' or 'exponential' (got {shown(form)})")
    if form == "exponential" and not (np.all(np.asarray(f) > 0) and np.all(np.asarray(g) > 0)):
        raise ArgumentError("the frequencies of an exponential chirp are above 0 Hz")
    duration = last - first
    if math.isinf(duration):
        raise ArgumentError("a chirp needs a stop, when it reaches the second frequency")

    def at(t: Any) -> Any:
        s = (t - first) / duration
        if form == "linear" or np.all(f == g):
            turns = duration * (f * s + (g - f) * s**2 / 2)
        else:
            rate = np.log(g / f)
            turns = duration * f * np.expm1(rate * s) / rate
        return a * np.sin(2 * np.pi * turns / SECOND)

    return Waveform(at, f"a chirp from {_told(f)} to {_told(g)} Hz", unit, first, last)


def _points(given: Any, what: str) -> tuple[Any, list[Any]]:
    """Times in ms, ascending, and their values."""
    if not isinstance(given, Mapping) or not given:
        message = f"{what} are given as {{time: value}} (got {shown(given)})"
        raise ArgumentError(message, help='such as {20: "2 nA", 80: 0}')
    times = [milliseconds(time, f"a time of {what}") for time in given]
    order = np.argsort(times, kind="stable")
    found = np.array(times)[order]
    if (np.diff(found) <= 0).any():
        twice = found[1:][np.diff(found) <= 0][0]
        raise ArgumentError(f"{what} have two values at {twice:g} ms")
    values = list(given.values())
    return found, [values[k] for k in order]


def _window(start: Any, stop: Any) -> tuple[float, float]:
    first = milliseconds(start, "the start of a course")
    last = math.inf if stop is None else milliseconds(stop, "the stop of a course")
    if last <= first:
        raise TimeStepError(f"the stop of a course at {last:g} ms is not after its start at {first:g} ms")
    return first, last


def _listed(times: Any) -> str:
    shown_times = ", ".join(f"{time:g}" for time in times[:4])
    return shown_times if len(times) <= 4 else f"{shown_times} ..."


def _told(f: Any) -> str:
    return f"{np.min(f):g}" if np.min(f) == np.max(f) else f"{np.min(f):g}...{np.max(f):g}"
