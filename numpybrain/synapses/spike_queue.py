"""What is under way: spikes that wait for their time, and what will be added to target neurons."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.kernel.clock import Clock
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language import entry as language_entry
from numpybrain.language.times import is_plain_time, milliseconds
from numpybrain.utils.quantities import is_function, is_one

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition

# What arrives together: spikes, or None; the synapses that they reach, or None for all of theirs; and the
# step in which it was sent, or None if that does not matter.
Batch = tuple[Array | None, Array | None, int | None]


class SpikeQueue:
    """Batches by the step in which they arrive. Those sent earlier act first; survives from run to run."""

    __slots__ = ("due",)

    def __init__(self) -> None:
        self.due: dict[int, list[Batch]] = {}

    def send(
        self, step: int, spikes: Array | None, synapses: Array | None = None, sent: int | None = None
    ) -> None:
        """Something arrives in a step."""
        batch = (spikes, synapses, sent)
        if step in self.due:
            self.due[step].append(batch)
        else:
            self.due[step] = [batch]

    def send_each(self, step: int, delays: Array, synapses: Array, sent: int | None = None) -> None:
        """Synapses get their spikes after delays of their own, in steps."""
        if not synapses.size:
            return
        order = delays.argsort(kind="stable")
        sorted_delays = delays[order]
        cuts = (sorted_delays[1:] != sorted_delays[:-1]).nonzero()[0] + 1
        synapses = synapses[order]
        for first, last in itertools.pairwise((0, *cuts.tolist(), synapses.size)):
            self.send(step + int(sorted_delays[first]), None, synapses[first:last], sent)

    def take_all(self, first: int) -> dict[int, list[Batch]]:
        """Take out what arrives from a step on, by step, in order."""
        return {step: self.due.pop(step) for step in list(self.due) if step >= first}

    def __bool__(self) -> bool:
        return bool(self.due)


class RingBuffer:
    """What will be added to variables of neurons in coming steps: one row for each step.

    Two blocks of rows: what is added lands in the present block or the next; when the present one is
    used up, the next takes its place. So no index has to wrap around.

    Attributes:
        span: rows of a block; delays are shorter than that.
        n: how many neurons there are.
        rows: variable -> array of shape (2*span, n).
        last: nothing is due after this step.
    """

    __slots__ = ("_first", "last", "n", "rows", "span")

    def __init__(self, names: list[str], span: int, n: int) -> None:
        self.span = span
        self.n = n
        self.rows = {name: np.zeros((2 * span, n)) for name in names}
        self.last = -1
        self._first = 0  # the step of the first row

    def flat(self, name: str) -> Array:
        """What is under way to a variable, in one dimension: place row*n + neuron."""
        return self.rows[name].reshape(-1)

    def turn(self, step: int) -> int:
        """The row of a step; what is past is dropped."""
        row = step - self._first
        if 0 <= row < self.span:
            return row
        next_block = 0 <= row < 2 * self.span
        for rows in self.rows.values():
            rows[: self.span] = rows[self.span :] if next_block else 0.0
            rows[self.span :] = 0.0
        self._first = self._first + self.span if next_block else step  # else nothing happened for long
        return step - self._first

    def deliver(self, step: int, writers: Mapping[str, Callable[[Array], Any]]) -> None:
        """Add what is due in a step to the variables; nobody comes back to it."""
        row = self.turn(step)
        for name, write in writers.items():
            write(self.rows[name][row])

    def clear(self) -> None:
        """Forget everything; time starts anew."""
        for rows in self.rows.values():
            rows[:] = 0.0
        self._first, self.last = 0, -1

    def extend(self, span: int, step: int) -> None:
        """Make room for longer delays."""
        if span <= self.span:
            return
        row = self.turn(step)
        for name, rows in self.rows.items():
            kept = rows[row : row + self.span]
            self.rows[name] = np.zeros((2 * span, self.n))
            self.rows[name][: len(kept)] = kept
        self.span, self._first = span, step


def steps_of(delay: Variable, clock: Clock, what: str, *, common: bool) -> Any:
    """A delay in steps: one number if it is common to all, or an array.

    Raises:
        TimeStepError: if it is negative or not finite, or was given as a constant between two steps.
    """
    for time in delay.constants:
        clock.steps(time, what)
    return int(clock.nearest(delay.uniform_value(), what)) if common else clock.nearest(delay.value, what)


def as_delay(value: Any, what: str) -> Any:
    """A delay as the user gives it; a quantity or a text such as "5 ms" becomes a number in ms."""
    if isinstance(value, str):
        return milliseconds(value, what) if is_plain_time(value) else value
    if is_function(value) or not is_one(value):  # one for each synapse
        return value
    return milliseconds(value, what)


def is_constant(delay: Any, definition: Definition | None) -> bool:
    """Whether a delay is one time that no variable and no random number has a part in."""
    if isinstance(delay, str):
        return definition is None or is_plain_time(delay) or language_entry.is_constant(delay, definition)
    return not is_function(delay) and is_one(delay)


def common_and_each(model: Any, given: Any, pathways: Container[str]) -> tuple[Any, dict[str, Any]]:
    """The delay of all pathways, and those of single ones: as given, else as the model says.

    A delay that is given for all replaces all of the model. What a model says about a pathway that is
    not there (since other statements were given) counts for nothing.
    """
    if given is not None and not isinstance(given, Mapping):
        return given, {}
    if isinstance(model, Mapping):
        common, each = 0.0, {name: delay for name, delay in model.items() if name in pathways}
    else:
        common, each = (0.0 if model is None else model), {}
    return common, {**each, **(given or {})}
