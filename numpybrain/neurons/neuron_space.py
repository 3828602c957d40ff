"""Variables of neurons: what names mean in a group, and for some neurons of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import NameScope, VariableReference
from numpybrain.engine.python_function import PythonFunction
from numpybrain.group.variable_space import VariableSpace, declare_special
from numpybrain.kernel.contracts import Call
from numpybrain.kernel.events import SPIKES
from numpybrain.kernel.variables import Variable
from numpybrain.neurons.part_space import PartSpace

if TYPE_CHECKING:
    from numpybrain.group.random_streams import Streams
    from numpybrain.kernel.events import EventBuffer
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.kernel.spiking import Threshold
    from numpybrain.neurons.past_values import PastValues
    from numpybrain.symbolic.past import PastValue
    from numpybrain.symbolic.program import Program

NEVER = -1e7  # ms; `lastspike` of a neuron that has not spiked yet


class NeuronSpace(VariableSpace):
    """Variables of a group of neurons.

    Args:
        core: the neurons, as the kernel knows them.
        streams: their random streams.
    """

    def __init__(self, core: Neurons, streams: Streams) -> None:
        super().__init__(core.name, core.size, core.stages, core.variables, streams)
        self._core = core
        self._at_spikes: NameScope | None = None
        self.past: PastValues | None = None  # values of earlier times, once a text reads some
        declare_special(core.variables)

    @property
    def events(self) -> Mapping[str, EventBuffer]:
        """Neurons with an event in this step, by name of the event; "spikes" first."""
        return self._core.events

    is_target = True

    @property
    def has_spikes(self) -> bool:
        """Whether there may be spikes: neurons without a threshold never have any."""
        return SPIKES in self._core.finders

    @property
    def refractoriness(self) -> Refractoriness | None:
        """Refractoriness of the neurons; None if none is ever refractory."""
        return self._core.refractoriness

    @property
    def threshold(self) -> Threshold | None:
        """Operation that finds the spikes of a step; None without one, or if they lie between steps."""
        return self._core.threshold

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """Give a reference to the values of a name; per-neuron values are gathered by `index`."""
        slot = self.state.slots.get(name)
        if slot is None:
            slot = self._special(name)
        if slot is None:
            return None
        return VariableReference(self.state, slot, None if slot.shared else index)

    def remember(self, name: str, past: PastValue) -> None:
        """Let a name in texts stand for a value of an earlier time."""
        if self.past is None:
            from numpybrain.neurons.past_values import PastValues

            self.past = PastValues(self, self._core.add_stage)
        self.past.add(name, past)

    def look_back(self) -> None:
        """Record from the start what subexpressions read of earlier times, whoever may look at them."""
        from numpybrain.symbolic.programs import subexpression_program

        assert self.definition is not None  # it has texts
        for variable in self.definition.of_kind("definition"):
            for name, past in subexpression_program(self.definition, variable.name).past.items():
                self.remember(name, past)

    def refresh(self, program: Program) -> None:
        """Bring values of earlier times up to the present one, if a program reads some."""
        if program.past and self.past is not None:
            self.past.refresh()

    def at_spikes(self) -> NameScope:
        """Give the scope of texts that are about some neurons only: values are gathered by `spikes`."""
        if self._at_spikes is None:
            functions = self.environment.functions
            self._at_spikes = self.scope("run", partial(self.look_up, index="spikes"), functions=functions)
        return self._at_spikes

    def _special(self, name: str) -> Variable | None:
        """Special variables are made when they are first looked up."""
        n = self.size
        if name == "i":
            indices = np.arange(n)
            indices.flags.writeable = False
            return self.state.add(Variable("i", "special", "1", int, indices, constant=True))
        if name == "lastspike":
            value = np.full(n, NEVER)
            return self.state.add(Variable(name, "special", "ms", float, value, fresh=NEVER))
        if name == "not_refractory":
            return self.state.add(Variable(name, "special", "boolean", bool, self._core.free))
        return None

    def find_elements(self, key: Any) -> Any:
        """Give the elements that an index of an array means; the index itself, if NumPy knows it."""
        return PartSpace(self, self.name, slice(0, self.size)).find_elements(key)

    def function_for(self, function: Callable[..., Any], changes: tuple[str, ...] | None) -> PythonFunction:
        """A stage function with the arrays of the group, and the neurons with events."""
        return PythonFunction(function, self.environment, tuple(self.events), changes=changes)

    def offering(self, call: Callable[..., Any]) -> Call:
        """The callable of a stage that hands over which neurons have events."""
        spikes, *custom = self.events.values()
        if not custom:
            return lambda: call(spikes.indices)
        return lambda: call(spikes.indices, *(buffer.indices for buffer in custom))
