"""Variables of synapses that live together: a value per synapse, per neuron of a side, or one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.errors import ModelError
from numpybrain.group.assignment import in_unit
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.subgroup import parent_range
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.synapse_model import entry as synapse_model_entry
from numpybrain.synapses.synaptic_array import NAMES, is_group, neurons_among

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.symbolic.program import Program
    from numpybrain.synapses.synapses import Synapses

PLACES = ("shared", "pre", "post", "synapse")
INDEX = {"pre": "source", "post": "target"}  # with what the values of a side are gathered
OWN_INDEX = {"pre": "i", "post": "j"}  # what the elements of a side are counted by


class VariableDomain:
    """The variables of synapses that live in one place, with what programs over them see.

    Args:
        synapses: whose variables they are.
        place: "synapse", "shared", "pre" or "post".

    Attributes:
        state: where they are stored; that of the synapses themselves for "synapse" and "shared".
        environment: what programs see that calculate one value for each element of the place.
    """

    def __init__(self, synapses: Synapses, place: str) -> None:
        self.synapses = synapses
        self.place = place
        self.state = synapses.state
        if place in INDEX:
            self.state = VariableStore(synapses.name, self.count(), convert=in_unit)
        self.environment: NameScope = synapses.environment_of(self.look_up)

    def _near(self) -> Any:
        return self.synapses.source if self.place == "pre" else self.synapses.target

    def count(self) -> int:
        """How many elements there are."""
        if self.place == "shared":
            return 1
        return self.synapses.size if self.place == "synapse" else self._near().size

    @property
    def name(self) -> str:
        """The name of the synapses."""
        return self.synapses.name

    @property
    def definition(self) -> Definition | None:
        """The equations of the synapses."""
        return self.synapses.definition

    def present(self) -> RunContext:
        """The context of the network."""
        return self.synapses.present()

    def look_up(self, name: str) -> VariableReference | None:
        """Where the values of a name live, seen from the elements of the place."""
        if name == OWN_INDEX.get(self.place):
            n = self.count()
            return VariableReference(
                VariableStore(self.name, n),
                Variable(name, "special", "1", int, np.arange(n), constant=True),
            )
        found = self.synapses.look_up(name)
        if found is None or found.index is None:
            return found
        if self.place == "synapse":
            index = found.index
            if index == "synapse":
                return VariableReference(found.state, found.slot)
            return VariableReference(found.state, found.slot, None, lambda: self.synapses.index_of(index))
        if self.place in INDEX:
            if found.index == INDEX[self.place]:
                return VariableReference(found.state, found.slot)
            if found.index == self.place:
                neurons, start, stop = parent_range(self._near())
                if stop - start == neurons.size:
                    return VariableReference(found.state, found.slot)
                part = np.arange(start, stop)
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
            if reference.state is self.synapses.state and not slot.shared and slot.uniform_value() is None:
                message = f"'{name}' of '{self.name}' differs among synapses, but its values are used where"
                message += " there is one value " + _WORDS[self.place]
                raise ModelError(message, help=f"give {name} one value, or the flag ({self.place})")

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program that gives one value for each element."""
        environment = self.synapses.environment_of(self.look_up, purpose)
        return BoundProgram(program, environment, n=self.count)

    # ---- arrays, as users get them ----

    def find_elements(self, key: Any) -> Any:
        """What an index of an array with one value for each neuron of a side means."""
        if isinstance(key, str):
            bound = self.reader(synapse_model_entry.synaptic_condition(self.synapses, key), "initial")
            call = bound.prepare(self.present())
            self.check(bound)
            return np.broadcast_to(call(), (self.count(),)).nonzero()[0]
        return neurons_among(key, self._near(), NAMES[self.place]) if is_group(key) else key

    def put_values(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of such an array."""
        self.synapses.put_values(name, array, index, value)

    def worth(self, name: str, value: Any) -> Any:
        """A quantity, text or function in the unit of a variable."""
        return self.synapses.worth(name, value)

    def spread(self, values: Array) -> Array:
        """One value for each synapse, from those of the elements."""
        if self.place in INDEX:
            return values.take(self.synapses.index_of(INDEX[self.place]))
        return values


_WORDS = {"shared": "for all", "pre": "for each source neuron", "post": "for each target neuron"}
