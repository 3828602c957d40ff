"""Present values of variables of some elements of a group, stored or calculated when they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import UnknownAttributeError, suggestion
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.contracts import Call
from numpybrain.kernel.variables import Array


class PresentValues:
    """Present values that monitors read: variables, parameters and subexpressions of a group.

    Args:
        space: the variables of the group.
        owner: name of the group, for messages.

    Attributes:
        operations: the programs of what is calculated, by name.
    """

    def __init__(self, space: VariableSpace, owner: str) -> None:
        self._space = space
        self._owner = owner
        self.operations: dict[str, BoundProgram] = {}

    def check(self, name: str) -> None:
        """Raise an error unless there is a variable of that name."""
        space = self._space
        if not space.can_evaluate(name) and space.look_up(name) is None:
            message = f"'{self._owner}' has no variable '{name}' to record"
            known = [*space.names(), *space.events]
            raise UnknownAttributeError(message + suggestion(name, known))

    def is_boolean(self, name: str) -> bool:
        """Whether its values are true or false."""
        space = self._space
        reference = space.look_up(name)
        if reference is not None:
            is_boolean: bool = reference.slot.dtype is bool
            return is_boolean
        assert space.definition is not None  # `check` has looked
        variable = space.definition.variables.get(name)
        meaning = variable.symbol if variable is not None else space.around().names[name]
        return bool(meaning.unit_text == "boolean")

    def unit(self, name: str) -> str:
        """The declared unit."""
        definition, reference = self._space.definition, self._space.look_up(name)
        if definition is not None and name in definition.variables:
            return str(definition.variables[name].unit_text)
        return "1" if reference is None else str(reference.slot.unit_text)

    def reader(self, name: str, index: slice | Array) -> Callable[[], Any]:
        """Give a callable of the present values of these elements; of one if the variable is shared."""
        space = self._space
        reference = space.look_up(name)
        if reference is not None and space.is_stored(name) and reference.slot.shared:
            shared: Callable[[], Any] = reference.slot.uniform_value
            return shared
        if not space.is_single(name):
            return self._known_only(self._reader_of_each(name, index), name, index)
        call = self._calculated(name)
        return lambda: np.ravel(call())[0]

    def _known_only(self, read: Callable[[], Any], name: str, index: slice | Array) -> Callable[[], Any]:
        """Synapses that were taken away have no values any more: NaN, or False."""
        gone = None if isinstance(index, slice) else index < 0
        if gone is None or not gone.any():
            return read
        nothing = False if self.is_boolean(name) else np.nan
        if gone.all():
            return lambda: nothing
        return lambda: np.where(gone, nothing, read())

    def source(self, name: str, index: slice | Array) -> Array | Callable[[], Any]:
        """The live array of the present values, if they are stored one beside the other, or a reader."""
        view = self._view(name, index)
        return self.reader(name, index) if view is None else view

    def _view(self, name: str, index: slice | Array) -> Array | None:
        space = self._space
        reference = space.look_up(name)
        if reference is None or not space.is_stored(name) or not isinstance(index, slice):
            return None
        return None if reference.slot.shared else reference.slot.array(space.size)[index]

    def _reader_of_each(self, name: str, index: slice | Array) -> Callable[[], Any]:
        space = self._space
        view = self._view(name, index)
        if view is not None:
            return lambda: view
        reference = space.look_up(name)
        if reference is not None and space.is_stored(name):
            array = reference.slot.array(space.size)
            return lambda: array[index]
        call, n = self._calculated(name), space.size
        return lambda: np.broadcast_to(call(), (n,))[index]

    def _calculated(self, name: str) -> Call:
        """Give a callable that calculates the present values of what is not stored."""
        from numpybrain.symbolic import programs

        space = self._space
        assert space.definition is not None  # `check` has looked
        if name not in self.operations:
            program = programs.subexpression_program(space.definition, name, space.around())
            self.operations[name] = space.reader(program, "monitor")
        return self.operations[name].prepare(space.present())
