"""Variables of synapses that live together: a value per synapse, per neuron of a side, or one for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.errors import ModelError
from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.connectivity import Connectivity
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.subgroup import in_whole
from numpybrain.kernel.variables import Array, Variable, VariableStore

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program

PLACES = ("shared", "pre", "post", "synapse")
INDEX = {"pre": "source", "post": "target"}  # with what the values of a side are gathered
OWN_INDEX = {"pre": "i", "post": "j"}  # what the elements of a side are counted by


class VariableDomain:
    """The variables of synapses that live in one place, with what programs over them see.

    Args:
        space: all variables of the synapses.
        connectivity: which neurons are connected.
        place: "synapse", "shared", "pre" or "post".
        first: looks up names that mean something else to some programs; None for those that do not.

    Attributes:
        name: of the synapses.
        state: where they are stored; that of the synapses themselves for "synapse" and "shared".
        environment: what programs see that calculate one value for each element of the place.
    """

    def __init__(
        self,
        space: VariableSpace,
        connectivity: Connectivity,
        place: str,
        first: Callable[[str, str], VariableReference | None] | None = None,
    ) -> None:
        self.name = space.name
        self.place = place
        self._space = space
        self._connectivity = connectivity
        self._first = first
        self.state = space.state
        if place in INDEX:
            self.state = VariableStore(space.name, self.count())
        self.environment: NameScope = self._scope("run")

    def _scope(self, purpose: str) -> NameScope:
        return self._space.scope(purpose, self.look_up, functions=self._space.environment.functions)

    def count(self) -> int:
        """Give the number of elements."""
        if self.place == "shared":
            return 1
        if self.place == "synapse":
            return self._connectivity.size
        return int(self._connectivity.end(self.place).size)

    def present(self) -> RunContext:
        """The context of the network."""
        return self._space.present()

    def look_up(self, name: str) -> VariableReference | None:
        """Give a reference to the values of a name, seen from the elements of the place."""
        if name == OWN_INDEX.get(self.place):
            n = self.count()
            return VariableReference(
                VariableStore(self.name, n),
                Variable(name, "special", "1", int, np.arange(n), constant=True),
            )
        special = None if self._first is None else self._first(self.place, name)
        if special is not None:
            return special
        found = self._space.look_up(name)
        if found is None or found.index is None:
            return found
        if self.place == "synapse":
            index, index_of = found.index, self._connectivity.index_of
            if index == "synapse":
                return VariableReference(found.state, found.slot)
            return VariableReference(found.state, found.slot, None, lambda: index_of(index))
        if self.place in INDEX:
            if found.index == INDEX[self.place]:
                return VariableReference(found.state, found.slot)
            if found.index == self.place:
                if self._connectivity.is_whole(self.place):
                    return VariableReference(found.state, found.slot)
                part = in_whole(np.arange(self.count()), self._connectivity.where(self.place))
                return VariableReference(found.state, found.slot, None, lambda: part)
        if found.index != "synapse":
            return None
        return VariableReference(found.state, found.slot)  # one number for all; `check` makes sure

    def check(self, bound: BoundProgram) -> None:
        """Raise an error if a program uses values that differ among the synapses of an element."""
        if self.place == "synapse":
            return
        for name, reference in bound.references.items():
            slot = reference.slot
            if reference.state is self._space.state and not slot.shared and slot.uniform_value() is None:
                message = f"'{name}' of '{self.name}' differs among synapses, but its values are used where"
                message += " there is one value " + _WORDS[self.place]
                raise ModelError(message, help=f"give {name} one value, or the flag ({self.place})")

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program that gives one value for each element."""
        return BoundProgram(program, self._scope(purpose), n=self.count)

    def spread(self, values: Array) -> Array:
        """One value for each synapse, from those of the elements."""
        if self.place in INDEX:
            spread: Array = values.take(self._connectivity.index_of(INDEX[self.place]))
            return spread
        return values


_WORDS = {"shared": "for all", "pre": "for each source neuron", "post": "for each target neuron"}
