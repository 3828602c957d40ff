"""Variables of a part of a group: in texts and functions `i` counts in the part, and `N` is its size."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import IndexRangeError
from numpybrain.group.assignment import assign_some, numbers
from numpybrain.group.group import is_neurons
from numpybrain.group.part_arrays import counting
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.kernel.operations import Task
from numpybrain.kernel.subgroup import Where, in_whole, size_of, where_of, whole_of
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.symbolic import symbolic_entry
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.symbolic.program import Program


class PartSpace:
    """Variables of some neurons of a group, as texts, functions and indices see them.

    Args:
        group: the variables of the whole group.
        name: of the part, for messages.
        where: its neurons, as an index of the arrays of the group: a slice from start to stop, or indices.
    """

    def __init__(self, group: VariableSpace, name: str, where: Where) -> None:
        self.group = group
        self.name = name
        self.where = where

    @property
    def size(self) -> int:
        """The number of neurons in the part."""
        return size_of(self.where)

    @property
    def numbers(self) -> Array:
        """The indices of its neurons in the group."""
        return in_whole(np.arange(self.size), self.where)

    @functools.cached_property
    def counted(self) -> Callable[[Array], Array]:
        """Counts neurons of the group in the part: -1 or less, or beyond its end, are others."""
        return counting(self.where, self.group.size)

    def among(self, neurons: Array) -> tuple[Array, Array]:
        """Those of some neurons of the group that are in the part, as counted there, ascending.

        The first array says which of the given ones these are.
        """
        places = self.counted(neurons)
        found = ((places >= 0) & (places < self.size)).nonzero()[0]
        if isinstance(self.where, np.ndarray):
            found = found[places.take(found).argsort(kind="stable")]
        return found, places.take(found)

    def part(self, which: slice) -> PartSpace:
        """Variables of some neurons of the part."""
        where = in_whole(np.arange(self.size)[which], self.where)
        return PartSpace(self.group, self.name, where)

    # ---- values ----

    def worth(self, name: str, value: Any) -> Any:
        """A text, function or quantity for a variable: one number, or one for each neuron of the part."""
        group = self.group
        slot, what = group.state.slot(name), f"'{name}' of '{self.name}'"
        group.refuse_time_course(name, value)
        if not isinstance(value, str):
            if is_function(value):
                environment = self._scope("initial", self._look_up_now)
                value = PythonFunction(value, environment, may_write=False).prepare(group.present())()
            return numbers(value, slot, self.size, what)
        if group.definition is None:
            return language_entry.convert(value, slot.unit_text, what)
        from numpybrain.symbolic import programs

        node = language_entry.read_value(group.definition, value, slot.unit_text, what, {})
        unit = language_entry.unit(slot.unit_text)
        return self._now(programs.value_program(group.definition, node, unit, what))

    def find_elements(self, key: Any) -> Any:
        """Give the elements of the part that an index means: a condition, or neurons among these."""
        if isinstance(key, str):
            holds = self._now(symbolic_entry.condition(self.group.definition, self.group.name, key))
            return np.broadcast_to(holds, (self.size,)).nonzero()[0]
        if is_neurons(key):
            return self._within(key)
        return key

    def _within(self, part: Any) -> slice | Array:
        """The elements that are the neurons of another part."""
        where = where_of(part)
        if whole_of(part).inspect is self.group:
            if isinstance(where, slice) and isinstance(self.where, slice):
                first, stop = where.start - self.where.start, where.stop - self.where.start
                if first >= 0 and stop <= self.size:
                    return slice(first, stop)
            else:
                places = self.counted(in_whole(np.arange(part.size), where))
                if not ((places < 0) | (places >= self.size)).any():
                    return places
        raise IndexRangeError(f"'{part.name}' is no part of '{self.name}'")

    def put_values(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of the array of a variable: numbers, quantities, texts or functions."""
        group = self.group
        if group.holder(name) is None:
            raise group.why_not(name)
        if isinstance(value, str) or is_function(value):
            value = self.worth(name, value)
            value = value[index] if np.ndim(value) else value
        if isinstance(self.where, slice):
            assign_some(group.state, name, array, index, value)
            return
        whole = group.state.slot(name).array(group.size)  # `array` is a copy of a part of it
        assign_some(group.state, name, whole, self.where[index], value)
        array[...] = whole[self.where]

    def _now(self, program: Program) -> Any:
        """The result of a program over the part, at the present time."""
        bound = BoundProgram(program, self._scope("initial", self._look_up_now), n=self.size)
        self.group.refresh(program)
        call = bound.prepare(self.group.present())
        with np.errstate(all="ignore"):
            return call()

    def _scope(self, purpose: str, look_up: Callable[[str], VariableReference | None]) -> NameScope:
        return self.group.scope(purpose, look_up, functions=self.group.environment.functions)

    def _look_up_now(self, name: str) -> VariableReference | None:
        """Give a reference to the present values of a name, one for each neuron of the part."""
        group = self.group
        found = group.look_up(name)
        if found is None:
            return None
        slot, values = found.slot, found.slot.value
        if name == "i":
            values = np.arange(self.size)
        elif name == "N":
            values = self.size
        elif slot.kind == "linked":
            values = group.state.linked(slot).values()
        if name != "i" and np.shape(values) == (group.size,) and not slot.shared:
            values = values[self.where]
        made = Variable(name, "special", slot.unit_text, slot.dtype, values, shared=slot.shared)
        return VariableReference(VariableStore(self.name, self.size), made)

    # ---- stages ----

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Operation that carries out statements for the neurons of the part."""
        program = self.group.statements_program(text, shielded=shielded, some=True)
        scope = self._scope("run", self._look_up_at)
        bound = BoundProgram(program, scope, dynamic=("spikes",), size="spikes")
        neurons = self.numbers

        def prepare(run: RunContext) -> Call:
            act = bound.prepare(run)
            bound.check_shared()
            return lambda: act(neurons)

        return Task(prepare, lambda: (bound,))

    def function_for(self, function: Callable[..., Any], changes: tuple[str, ...] | None) -> PythonFunction:
        """A stage function with the arrays of the part."""
        return PythonFunction(
            function,
            self._scope("run", self._look_up_at),
            tuple(self.group.events),
            changes=changes,
            window=self.where,
        )

    def offering(self, call: Callable[..., Any]) -> Call:
        """The callable of a stage that hands over which neurons of the part have events."""
        buffers = tuple(self.group.events.values())
        if not isinstance(self.where, slice):
            return lambda: call(*(self.among(buffer.indices)[1] for buffer in buffers))
        start, bounds = self.where.start, np.array([self.where.start, self.where.stop])

        def own(neurons: Array) -> Array:
            first, last = neurons.searchsorted(bounds)
            found: Array = neurons[first:last] - start
            return found

        return lambda: call(*(own(buffer.indices) for buffer in buffers))

    def _look_up_at(self, name: str) -> VariableReference | None:
        """Give a reference to the values of a name, gathered for the neurons of the part."""
        n = self.group.size
        if name == "i":  # of every neuron of the group, as counted from the first one of the part
            slot = Variable("i", "special", "1", int, self.counted(np.arange(n)), constant=True)
            return VariableReference(VariableStore(self.name, n), slot, "spikes")
        if name == "N":
            made = Variable("N", "special", "1", int, self.size, shared=True, constant=True)
            return VariableReference(VariableStore(self.name, n), made)
        return self.group.look_up(name, "spikes")
