"""Neurons: variables, events, and the stages in which operations change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from numpybrain.kernel.contracts import DeclaringObject, Operation, Stage
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.refractory import Refractoriness
from numpybrain.kernel.spiking import HeldUpdate, Reaction, Threshold, detection
from numpybrain.kernel.state import State, in_place
from numpybrain.kernel.variables import Array, VariableStore, room, variables_of

EVENTS = 2  # order of custom events in their phase: after spikes and resets, before users and monitors


class Neurons(DeclaringObject):
    """Group of neurons.

    Args:
        name: for messages and the schedule.
        size: the number of neurons.
        variables: a store of variables; or name -> what they begin with, one number or an array of shape
            (size,): these become the rows of one block.

    Attributes:
        events: who has which event in a step; "spikes" first.
        free: false for refractory neurons, shape (size,).
        finders: name of an event -> the stage that finds the neurons that have it.
        releasing: the stage that lets go of refractory neurons.
        threshold: the operation that finds the spikes of a step.
    """

    def __init__(self, name: str, size: int, variables: VariableStore | Mapping[str, Any]) -> None:
        self.name = name
        self.size = size
        if not isinstance(variables, VariableStore):
            variables = variables_of(name, size, variables)
        self.variables = variables
        self.events: dict[str, EventBuffer] = {SPIKES: EventBuffer()}
        self.free: Array = room((size,), bool)
        self.free[:] = True
        self.refractoriness: Refractoriness | None = None
        self.stages: list[Stage] = []
        self.finders: dict[str, Stage] = {}
        self.releasing: Stage | None = None
        self.threshold: Threshold | None = None

    def __getitem__(self, name: str) -> Array:
        """The live array of a variable, shape (size,)."""
        found: Array = self.variables.read(name)
        return found

    def add_stage(
        self, phase: str, description: str, operation: Operation, origin: str = "kernel", order: int = 0
    ) -> Stage:
        """Add what is done in a phase of every step."""
        stage = Stage(phase, self.name, description, operation, origin, order)
        self.stages.append(stage)
        return stage

    def integrate(
        self,
        update: Operation | None,
        description: str = "state update",
        origin: str = "kernel",
        *,
        held: Callable[[], list[Array]] = list,
        go_on: Operation | None = None,
    ) -> None:
        """Take all neurons from t to t + dt by an operation; refractory ones keep the arrays `held`."""
        operation: Operation | None = update
        if self.refractoriness is not None:
            operation = HeldUpdate(self.refractoriness, update, held, go_on)
            description, origin = (
                (description, origin) if update is not None else ("refractoriness", "kernel")
            )
        if operation is not None:
            self.releasing = self.add_stage("integrate", description, operation, origin)

    def spike_where(
        self,
        above: Operation,
        origin: str = "kernel",
        *,
        has_reset: bool = True,
        description: str = "threshold",
    ) -> None:
        """Neurons spike that an operation finds, unless they are refractory."""
        self.threshold = made = Threshold(
            above, self.events[SPIKES], self.variables, self.refractoriness, has_reset=has_reset
        )
        made.releasing = self.releasing
        self.finders[SPIKES] = self.add_stage("threshold", description, made, origin)

    def reset(self, statements: Operation, origin: str = "kernel") -> None:
        """Neurons that have spiked are changed by an operation, which gets their indices."""
        reaction = Reaction(statements, self.events[SPIKES], self.refractoriness)
        self.add_stage("reset", "reset", reaction, origin)

    def add_event(
        self, name: str, holds: Operation, origin: str = "kernel", order: int = EVENTS
    ) -> EventBuffer:
        """Neurons have an event in each step in which an operation finds them, refractory or not."""
        buffer = self.events[name] = EventBuffer()
        test = detection(holds, buffer)
        self.finders[name] = self.add_stage("threshold", f"event {name}", test, origin, order)
        return buffer

    def on_event(
        self, name: str, statements: Operation, origin: str = "kernel", order: int = EVENTS
    ) -> None:
        """Neurons that have an event are changed by an operation, which gets their indices."""
        reaction = Reaction(statements, self.events[name])
        self.add_stage("reset", f"on_event {name}", reaction, origin, order)

    def declare_state(self) -> Iterator[State]:
        """The variables, the events of the last step, and which neurons are refractory."""
        yield in_place({name: slot.value for name, slot in self.variables.slots.items()})
        for name, buffer in self.events.items():
            yield buffer.state(f"event {name}", self.size)
        if self.refractoriness is not None:
            yield self.refractoriness.state()
