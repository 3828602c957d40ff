"""Base of inputs: spike sources with variables as attributes, parts, random streams and checkpoints."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import numpy as np

from numpybrain.errors import ArgumentError, shown
from numpybrain.group import models
from numpybrain.group.group import Group, numbered
from numpybrain.group.sampling import Sampling
from numpybrain.kernel.contracts import Call
from numpybrain.kernel.events import SPIKES, EventBuffer
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.random_streams import Streams
from numpybrain.kernel.variables import Variable, VariableStore
from numpybrain.language import entry as language_entry
from numpybrain.neurons.neuron_space import NeuronSpace
from numpybrain.neurons.subgroup import Subgroup, contiguous
from numpybrain.utils.quantities import is_function
from numpybrain.utils.state_reader import StateReader, Value

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.kernel.variables import Array
    from numpybrain.language.definition import Definition
    from numpybrain.symbolic.program import Program

MOST = 10**12  # neurons of an input
_QUANTITY = re.compile(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*\*?\s*([A-Za-z]+)\s*")


class InputSpace(NeuronSpace):
    """Variables of an input: its parameters, for which equations are made when a text asks for them.

    Args:
        core: the neurons, as the kernel knows them.
        parameters: name -> unit.
    """

    is_target = False

    def __init__(self, core: Neurons, parameters: Mapping[str, str]) -> None:
        super().__init__(core, Streams("inputs"))
        self.parameters = parameters
        for variable, unit in parameters.items():
            self.state.add(Variable(variable, "parameter", unit))
        self.sampling = Sampling(self, core.add_stage, always=True)

    @property
    def has_spikes(self) -> bool:
        """Whether there may be spikes: that is what it is for."""
        return True

    def write(self, name: str, value: Any, where: Any = None) -> None:
        """Assign to a parameter: number(s) in its unit, a quantity, a text or a function, of t perhaps."""
        if isinstance(value, str) and _is_quantity(value) and name in self.parameters:
            value = language_entry.convert(value, self.parameters[name], f"'{name}' of '{self.name}'")
        if isinstance(value, str) or is_function(value):
            self._need_equations()
        super().write(name, value, where)

    def _need_equations(self) -> None:
        """Texts and functions are about the parameters: the language must know these from now on."""
        if self.definition is None:
            self.definition = _definition(tuple(self.parameters.items()))

    def statements_program(self, text: str, *, shielded: bool, some: bool = False) -> Program:
        """The program of statements about all neurons, or some of them."""
        self._need_equations()
        return super().statements_program(text, shielded=shielded, some=some)

    def find_elements(self, key: Any) -> Any:
        """What an index of an array of this input means; itself, if NumPy knows it."""
        if isinstance(key, str):
            self._need_equations()
        return super().find_elements(key)


class SpikeInput(Group):
    """Base of spike sources that have no equations: who spikes is drawn, or given.

    It is a source of synapses as neurons are: parts (`p[:10]`), monitors of spikes and variables, links,
    `lastspike` in texts of synapses, stages with `at`, checkpoints. It draws from a random stream of the
    kind "inputs", so that it shifts nobody else's random numbers.

    Args:
        n: number of neurons.
        name: for messages and the schedule.
        located: whether spikes lie between time steps.

    Attributes:
        parameters: name -> unit of the parameters that users see; of each class.
        events: who spikes in this step.
    """

    parameters: ClassVar[dict[str, str]] = {}
    inspect: InputSpace
    events: dict[str, EventBuffer]
    _core: Neurons

    def __init__(self, n: int, name: str | None, *, located: bool = False) -> None:
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 1 <= n <= MOST:
            message = f"the number of neurons is a whole number, at least 1 and at most {MOST:,}"
            advice = f"the number comes first: {type(self).__name__}(100, ...)"
            raise ArgumentError(f"{message} (got {shown(n)})", help=advice)
        name = numbered("inputs", name)
        core = Neurons(name, int(n), VariableStore(name, int(n)))
        core.events[SPIKES] = EventBuffer(located=located)
        super().__init__(InputSpace(core, self.parameters), core.stages)
        self._core = core
        self.events = core.events

    # ---- spikes and parts ----

    @property
    def spikes(self) -> Array:
        """The indices of the neurons that fired in the last step."""
        return self.events[SPIKES].indices

    @property
    def spike_times(self) -> Array | None:
        """When these fired, in ms, if that is between time steps."""
        return self.events[SPIKES].times

    def __getitem__(self, item: Any) -> Subgroup:
        start, stop = contiguous(item, self.size, self.name)
        return Subgroup(cast("Any", self), start, stop)  # it has what a part needs of neurons

    def __len__(self) -> int:
        return self.size

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Nothing is integrated."""
        return iter(())

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' n={self.size}{self._told()}>"

    def _told(self) -> str:
        """What `repr` tells of the parameters."""
        found = ""
        for name, unit in self.parameters.items():
            slot = self.inspect.state.slots[name]
            value = slot.uniform_value()
            if slot.kind == "sampled":
                found += f" {name}=f(t)"
            elif value is None:
                found += f" {name}={slot.value.min():g}...{slot.value.max():g} {unit}"
            else:
                found += f" {name}={value:g} {unit}"
        return found.replace(" 1>", ">")

    # ---- checkpoints ----

    def fingerprint(self, place: Callable[[Any], int]) -> dict[str, Any]:
        """What must be the same where a snapshot is restored."""
        found = {"kind": "inputs", "type": type(self).__name__, "size": self.size}
        found["spike_times"] = "grid" if self.spike_times is None else "interpolated"
        return {**found, **super().fingerprint(place)}

    def get_state(self) -> dict[str, Value]:
        """All that the next step depends on, and the last spikes."""
        values = {**super().get_state(), SPIKES: self.spikes}
        return values if self.spike_times is None else {**values, "spike_times": self.spike_times}

    def plan_restore(self, saved: StateReader) -> list[Call]:
        """Read a snapshot of this input and check it; the calls that are given then restore it."""
        buffer = self.events[SPIKES]
        indices = saved.indices(SPIKES, self.size).astype(np.intp)
        times = None if buffer.times is None else saved.array("spike_times", float, indices.size).copy()

        def restore() -> None:
            buffer.indices, buffer.times = indices, times

        return [*super().plan_restore(saved), restore]


def _is_quantity(text: str) -> bool:
    """Whether a text is a number with a unit, such as "20 Hz": no equation needs to be read for that."""
    found = _QUANTITY.fullmatch(text)
    return found is not None and found[1] not in ("t", "i", "N", "dt")


@functools.cache
def _definition(variables: Iterable[tuple[str, str]]) -> Definition:
    """The equations of an input: its parameters."""
    model = models.as_model("\n".join(f"{name} : {unit}" for name, unit in variables))
    definition: Definition = model.close("input", {}, {})[0]
    return definition
