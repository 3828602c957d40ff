"""Events of neurons: spikes, and custom ones that a condition and perhaps statements define.

The indices of the neurons that have an event in this step lie in the `__dict__` of their group, where
monitors and synapses find them: `group.__dict__[event_key(name)]`, always an array.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, RunContext
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError
from numpybrain.kernel.stage import Call, origin_of
from numpybrain.kernel.variables import Array
from numpybrain.neurons.refractory import NO_INDICES
from numpybrain.utils.arrays import plain
from numpybrain.utils.naming import SPIKES, check_events

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons

# Ranks: after thresholds, resets and instant spikes, before stages of users and monitors.
TEST, REACT = 2, 2

Operation_ = BoundProgram | PythonFunction


def event_key(name: str) -> str:
    """The key under which a group keeps who has an event in this step: "spikes", "event low"."""
    return name if name == SPIKES else f"event {name}"


def events_of(group: Any) -> tuple[str, ...]:
    """The names of the events of neurons, "spikes" first; none for other objects."""
    return (SPIKES, *group.__dict__.get("_events", ())) if SPIKES in group.__dict__ else ()


def has_spikes(group: Any) -> bool:
    """Whether neurons have a threshold, without which they never spike."""
    return group.spiking.threshold is not None


class Event:
    """One kind of event: neurons have it in each step in which the condition holds, also when refractory.

    Conditions are asked after the threshold; the statements run after the reset, for the neurons that
    had the event, and like a reset they also change what is held in refractory neurons.
    """

    def __init__(
        self, group: Neurons, name: str, condition: Any, statements: Any, at_events: NameScope
    ) -> None:
        self.group = group
        self.name = name
        self.key = event_key(name)
        group.__dict__[self.key] = NO_INDICES
        self._condition = condition_piece(group, condition, f"event '{name}' of {group.name}")
        testing = (self._condition,)
        self.stage = group.add_stage(
            "threshold", f"event {name}", self.prepare_test, origin_of(condition), TEST,
            operations=lambda: testing,
        )  # fmt: skip
        if statements is None:
            return
        label = f"statements of the event '{name}' of {group.name}"
        self._statements = statements_piece(group, statements, label, at_events, name)
        acting = (self._statements,)
        group.add_stage(
            "reset", f"on_event {name}", self.prepare_statements, origin_of(statements), REACT,
            operations=lambda: acting,
        )  # fmt: skip

    def prepare_test(self) -> Call:
        """Find who has the event in this step."""
        group, key = self.group, self.key
        what = f"function of the event '{self.name}' of '{group.name}'"
        found = indices_where(self._condition, group.present(), group.size, what)
        values = group.__dict__

        def test() -> None:
            values[key] = found()

        return test

    def prepare_statements(self) -> Call:
        """Carry out the statements for the neurons that have the event."""
        return run_statements(self._statements, self.group, self.key)


def add_events(group: Neurons, events: Mapping[str, Any], on_event: Mapping[str, Any]) -> dict[str, Event]:
    """Give a group its events, in the order of their conditions: name -> event.

    Raises:
        ArgumentError, ModelError, UnknownNameError: if they are not sound.
    """
    if not (events or on_event):
        return {}
    if group.definition is None:  # else it has been checked, and more
        check_events(events, on_event, group.state.slots)
    at_events = group.at_spikes()
    return {name: Event(group, name, c, on_event.get(name), at_events) for name, c in events.items()}


# ---- conditions and statements, of spikes and of other events ---------------------------------------


def condition_piece(group: Neurons, text: Any, label: str) -> Operation_:
    """A condition over all neurons: of a tree, or a Python function."""
    if callable(text):
        return PythonFunction(text, group.environment, may_write=False)
    from numpybrain.symbolic import programs

    assert group.definition is not None  # texts come with a model
    program = programs.value_program(group.definition, text, None, label)
    return BoundProgram(program, group.environment, n=group.size)


def statements_piece(
    group: Neurons, text: Any, label: str, at_spikes: NameScope, argument: str = SPIKES
) -> Operation_:
    """Statements for some neurons: a tree, or a function that may take their indices as `argument`."""
    if callable(text):
        return PythonFunction(text, group.environment, (argument,))
    from numpybrain.symbolic import statement_programs

    assert group.definition is not None  # texts come with a model
    program = statement_programs.statements_program(group.definition, text, label)
    return BoundProgram(program, at_spikes, dynamic=("spikes",), size="spikes")


def evaluate_condition(piece: Operation_, context: RunContext, n: int, what: str) -> Callable[[], Any]:
    """What tells in a run for whom a condition holds: booleans, perhaps one for all."""
    if isinstance(piece, BoundProgram):
        piece.prepare(context)
        return piece.call(context.clock)
    return _checked(piece.call(context.clock), n, what)


def indices_where(piece: Operation_, context: RunContext, n: int, what: str) -> Callable[[], Array]:
    """What finds in a run the neurons for which a condition holds."""
    condition, everybody = evaluate_condition(piece, context, n, what), np.arange(n, dtype=np.intp)
    everybody.setflags(write=False)  # the same array, step after step

    def find() -> Array:
        holds = condition()
        if np.ndim(holds) == 0 or holds.size != n:  # one answer for all
            return everybody if holds else NO_INDICES
        found: Array = holds.nonzero()[0]
        return found

    return find


def run_statements(piece: Operation_, group: Neurons, key: str) -> Call:
    """What carries out statements in a run, for the neurons that are found under a key."""
    context, values = group.present(), group.__dict__
    if isinstance(piece, BoundProgram):
        piece.prepare(context)
    act = piece.call(context.clock) if isinstance(piece, BoundProgram) else piece.acting(context.clock)

    def react() -> None:
        neurons = values[key]
        if neurons.size:
            act(neurons)

    return react


def _checked(condition: Callable[..., Any], n: int, what: str) -> Callable[[], Array]:
    """A Python condition: it may return a boolean array or indices."""
    returned = f"what the {what} returned"

    def call() -> Array:
        found = plain(condition(), returned)
        if found.shape == (0,):  # an empty list has no type
            return np.zeros(n, dtype=bool)
        if found.dtype == bool and found.shape in ((n,), ()):
            return np.broadcast_to(found, (n,))
        if found.dtype.kind in "iu" and found.ndim == 1:
            mask = np.zeros(n, dtype=bool)
            wrong = found[(found < 0) | (found >= n)]
            if wrong.size:
                message = f"the {what} returned index {wrong[0]}"
                raise IndexRangeError(message, detail=f"there are {n} neurons (0..{n - 1})")
            mask[found] = True
            return mask
        message = f"the {what} must return {n} booleans, or indices"
        kind = ShapeError if found.dtype == bool else ArgumentError
        raise kind(message, detail=f"got {found.dtype} of shape {found.shape}")

    return call
