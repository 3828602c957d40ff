"""Courses that are drawn: Ornstein-Uhlenbeck noise, with random streams of their own."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np

from numpybrain.current.course import Course, RandomCourse, amounts
from numpybrain.errors import ArgumentError, TimeStepError, shown
from numpybrain.group.random_streams import Streams
from numpybrain.kernel.state import Form, State, Values, under
from numpybrain.language.times import milliseconds


class OrnsteinUhlenbeck(RandomCourse):
    """Noise with an exponential autocorrelation; see `ou`."""

    def __init__(
        self, mean: Any, sd: Any, tau: float, unit: str | None, *, shared: bool, streams: Streams
    ) -> None:
        self._mean, self._sd, self._tau = mean, sd, tau
        self.unit = unit
        self._shared = shared
        self.streams = streams
        self._is_used = False
        self._x: Any = None  # in standard deviations from the mean
        self._t = -math.inf

    def begin(self) -> Course:
        """The course with a state of its own: itself at first, then others of the same law."""
        if not self._is_used:
            self._is_used = True
            return self
        made = OrnsteinUhlenbeck(
            self._mean, self._sd, self._tau, self.unit, shared=self._shared, streams=Streams("inputs")
        )
        made._is_used = True
        return made

    def value(self, t: Any, n: int) -> Any:
        """The value at a time that is not before the last one; at the last one, it is the same again.

        From one time to a later one it moves by the exact transition of the process (Gillespie 1996,
        doi:10.1103/PhysRevE.54.2084), x' = x*exp(-d/tau) + sqrt(1 - exp(-2*d/tau))*N(0, 1).
        """
        size = 1 if self._shared else n
        rng = self.streams["run"]
        if self._x is None or self._x.size != size or t < self._t:
            self._x = rng.standard_normal(size)
        elif t > self._t:
            past = (t - self._t) / self._tau
            self._x = self._x * math.exp(-past) + math.sqrt(-math.expm1(-2 * past)) * rng.standard_normal(
                size
            )
        self._t = float(t)
        found = self._mean + self._sd * self._x
        return np.broadcast_to(found, (n,)) if self._shared and n > 1 else found

    def words(self) -> str:
        """Give the words for the course in messages."""
        return f"Ornstein-Uhlenbeck noise of {self._tau:g} ms"

    def declare_state(self) -> Iterator[State]:
        """The present values, their time, and where the random stream is."""
        forms = {"x": Form(float, (None,), optional=True), "t": Form(float, optional=True)}

        def put(values: Values) -> None:
            self._x = values["x"]
            self._t = -math.inf if self._x is None else values["t"]

        def streams(_: Values, names: Collection[str] | None) -> Iterable[State]:
            if names is None or "stream/entropy" in names:  # else it is of before there was this noise
                return under("stream/", [self.streams.state()])
            return ()

        def check(values: Values) -> tuple[str, str] | None:
            return ("t", "is missing") if values["t"] is None and values["x"] is not None else None

        get = lambda: {} if self._x is None else {"x": self._x, "t": self._t}  # noqa: E731
        yield State(forms, get, put, check, streams)


def ou(mean: Any, sd: Any, tau: Any, *, shared: bool = False) -> Course:
    """Ornstein-Uhlenbeck noise: dx/dt = (mean - x)/tau + sd*sqrt(2/tau)*xi.

    Its values are normal with this mean and standard deviation, from the first step on, and their
    autocorrelation is sd**2*exp(-lag/tau), exactly, whatever the time step (Uhlenbeck and Ornstein 1930,
    doi:10.1103/PhysRev.36.823). It draws from a random stream of its own.

    Args:
        mean: a number, quantity or text, or one for each neuron.
        sd: the standard deviation, likewise.
        tau: the correlation time (ms if bare).
        shared: whether all neurons get the same noise; by default each gets its own.

    Given to several parameters, it is independent noise in each.

    Examples:
        >>> import numpybrain as nb
        >>> nb.current.ou("0.5 nA", "0.1 nA", tau="5 ms")
        <Ornstein-Uhlenbeck noise of 5 ms in nA>
    """
    (centre, spread), unit = amounts([mean, sd], "the mean or standard deviation of noise")
    if np.any(np.asarray(spread) < 0):
        raise ArgumentError(f"the standard deviation of noise is not negative (got {shown(sd)})")
    time = milliseconds(tau, "the correlation time of noise")
    if time <= 0:
        raise TimeStepError(f"the correlation time of noise must be positive (got {time:g} ms)")
    return OrnsteinUhlenbeck(centre, spread, time, unit, shared=bool(shared), streams=Streams("inputs"))
