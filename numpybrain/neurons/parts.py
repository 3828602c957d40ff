"""Texts and functions about a part of a group: in them `i` counts in the part, and `N` is its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import IndexRangeError, ModelError, ShapeError
from numpybrain.kernel.contracts import Call, Operation
from numpybrain.kernel.operations import Task
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.language import entry as language_entry
from numpybrain.neurons.custom_events import events_of
from numpybrain.neurons.subgroup import Subgroup, parent_range
from numpybrain.symbolic import entry as symbolic_entry
from numpybrain.utils.arrays import plain
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program


# ---- values ----


def worth(part: Subgroup, name: str, value: Any) -> Any:
    """A text, function or quantity for a variable of a part: one number, or one for each neuron."""
    group = part.neurons
    slot, what = group.state.slot(name), f"'{name}' of '{part.name}'"
    group.refuse_time_course(name, value)
    if not isinstance(value, str):
        if is_function(value):
            environment = _environment(part, "initial", look_up)
            value = PythonFunction(value, environment, may_write=False).prepare(group.present())()
        value = (
            language_entry.convert(value, slot.unit_text, what)
            if slot.dtype is float
            else plain(value, what)
        )
        if np.ndim(value) and np.shape(value) != (part.size,):
            raise ShapeError(f"{what} needs 1 or {part.size} values (got shape {np.shape(value)})")
        return value
    if group.definition is None:
        return language_entry.convert(value, slot.unit_text, what)
    from numpybrain.symbolic import programs

    node = language_entry.read_value(group.definition, value, slot.unit_text, what, {})
    return _now(
        part, programs.value_program(group.definition, node, language_entry.unit(slot.unit_text), what)
    )


def elements(part: Subgroup, key: Any) -> Any:
    """What an index of an array of a part, or of a group, means: a condition, or neurons among these."""
    if isinstance(key, str):
        neurons = part.neurons
        if neurons.definition is None:
            message = f"'{neurons.name}' is written in Python: it knows no conditions"
            raise ModelError(message, help=f"give booleans, such as {neurons.name}.v[{neurons.name}.v > 0]")
        program = symbolic_entry.condition(neurons.definition, key, f"condition on {neurons.name}")
        holds = _now(part, program)
        return np.broadcast_to(holds, (part.size,)).nonzero()[0]
    if isinstance(key, Subgroup) or hasattr(key, "events"):
        neurons, start, stop = parent_range(key)
        if neurons is not part.neurons or start < part.start or stop > part.stop:
            raise IndexRangeError(f"'{key.name}' is no part of '{part.name}'")
        return slice(start - part.start, stop - part.start)
    return key


def _now(part: Subgroup, program: Program) -> Any:
    """The result of a program over the part, at the present time."""
    group = part.neurons
    bound = BoundProgram(program, _environment(part, "initial", look_up), n=part.size)
    call = bound.prepare(group.present())
    with np.errstate(all="ignore"):
        return call()


def _environment(
    part: Subgroup, purpose: str, find: Callable[[Subgroup, str], VariableReference | None]
) -> NameScope:
    group = part.neurons
    return NameScope(
        lambda name: find(part, name),
        lambda: group.streams[purpose],
        names=group.state.names,
        functions=group.environment.functions,
    )


def look_up(part: Subgroup, name: str) -> VariableReference | None:
    """Where the present values of a name live, one for each neuron of the part."""
    found = part.neurons.look_up(name)
    if found is None:
        return None
    slot, values = found.slot, found.slot.value
    if name in ("i", "N"):
        values = getattr(part, name)
    elif slot.kind == "linked":
        values = part.neurons.state.linked(slot).values()
    if np.shape(values) == (part.neurons.size,) and not slot.shared:
        values = values[part.start : part.stop]
    made = Variable(name, "special", slot.unit_text, slot.dtype, values, shared=slot.shared)
    return VariableReference(VariableStore(part.name, part.size), made)


# ---- stages ----


class Stages:
    """What the stages of a part work with: programs and functions that see its neurons only."""

    def __init__(self, part: Subgroup) -> None:
        self.part = part
        self.name = part.name
        self.environment = _environment(part, "run", look_up_at)

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Statements for the neurons of the part."""
        part, group = self.part, self.part.neurons
        program = group.statements_program(text, shielded=shielded, some=True)
        bound = BoundProgram(program, self.environment, dynamic=("spikes",), size="spikes")
        neurons = np.arange(part.start, part.stop)

        def prepare(run: RunContext) -> Call:
            act = bound.prepare(run)
            bound.check_shared()
            return lambda: act(neurons)

        return Task(prepare, lambda: (bound,))

    def function_for(self, function: Callable[..., Any], changes: tuple[str, ...] | None) -> PythonFunction:
        """A stage function with the arrays of the part."""
        part = self.part
        return PythonFunction(
            function,
            self.environment,
            events_of(part.neurons),
            changes=changes,
            window=(part.start, part.stop),
        )

    def offering(self, call: Callable[..., Any]) -> Call:
        """The callable of a stage that hands over which neurons of the part have events."""
        group, part = self.part.neurons, self.part
        buffers = tuple(group.events.values())
        bounds = np.array([part.start, part.stop])

        def own(neurons: Array) -> Array:
            first, last = neurons.searchsorted(bounds)
            found: Array = neurons[first:last] - part.start
            return found

        return lambda: call(*(own(buffer.indices) for buffer in buffers))


def look_up_at(part: Subgroup, name: str) -> VariableReference | None:
    """Where the values of a name live, gathered for the neurons of the part."""
    n = part.neurons.size
    if name == "i":  # of every neuron of the group, as counted from the first one of the part
        slot = Variable("i", "special", "1", int, np.arange(n) - part.start, constant=True)
        return VariableReference(VariableStore(part.name, n), slot, "spikes")
    if name == "N":
        return VariableReference(
            VariableStore(part.name, n),
            Variable("N", "special", "1", int, part.size, shared=True, constant=True),
        )
    return part.neurons.look_up(name, "spikes")
