"""Base of groups that have parameters but no equations, such as inputs."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.group import models
from numpybrain.group.group import Group, numbered
from numpybrain.group.random_streams import Streams
from numpybrain.group.time_following import Sampling
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.variables import Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.neurons.neuron_space import NeuronSpace
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.language.definition import Definition
    from numpybrain.symbolic.program import Program

_QUANTITY = re.compile(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*\*?\s*([A-Za-z]+)\s*")


class ParameterSpace(NeuronSpace):
    """Variables of a group of parameters; equations are made of them when a text needs them.

    Args:
        core: the elements, as the kernel knows them.
        kind: of the random streams.
        units: name -> unit of the parameters.
        shared: whether they have one value for all elements.
    """

    is_target = False

    def __init__(self, core: Neurons, kind: str, units: Mapping[str, str], *, shared: bool = False) -> None:
        super().__init__(core, Streams(kind))
        self.units = dict(units)
        for variable, unit in units.items():
            self.state.add(Variable(variable, "parameter", unit, shared=shared))
        self.sampling = Sampling(self, core.add_stage, always=True)

    def write(self, name: str, value: Any, where: Any = None) -> None:
        """Assign to a parameter: number(s) in its unit, a quantity, a text or a function, of t perhaps."""
        if isinstance(value, str) and _is_quantity(value) and name in self.units:
            value = language_entry.convert(value, self.units[name], f"'{name}' of '{self.name}'")
        if isinstance(value, str) or is_function(value):
            self.need_equations()
        super().write(name, value, where)

    def need_equations(self) -> None:
        """Texts and functions are about the parameters: the language must know these from now on."""
        if self.definition is None:
            shared = any(self.state.slots[name].shared for name in self.units)
            self.definition = _definition(tuple(self.units.items()), shared=shared)

    def statements_program(self, text: str, *, shielded: bool, some: bool = False) -> Program:
        """The program of statements about all elements, or some of them."""
        self.need_equations()
        return super().statements_program(text, shielded=shielded, some=some)

    def find_elements(self, key: Any) -> Any:
        """Give the elements that an index of an array means; the index itself, if NumPy knows it."""
        if isinstance(key, str):
            self.need_equations()
        return super().find_elements(key)

    def told(self) -> str:
        """Give the text about the parameters in `repr`."""
        found = ""
        for name, unit in self.units.items():
            slot = self.state.slots[name]
            value = slot.uniform_value()
            if slot.kind == "sampled":
                found += f" {name}=f(t)"
            else:
                low, high = (value, value) if value is not None else (slot.value.min(), slot.value.max())
                found += f" {name}={low:g}" if low == high else f" {name}={low:g}...{high:g}"
                found += "" if unit == "1" else f" {unit}"
        return found


class ParameterGroup(Group):
    """Base of groups whose variables are parameters, which users assign and which may follow the time.

    The language is used only where a text or a function says more than a number with a unit.

    Args:
        kind: names the kind in names, such as "inputs"; its random streams are of this kind.
        name: for messages and the schedule.
        n: how many elements there are.
        units: name -> unit of the parameters.
        shared: whether they have one value for all elements.
    """

    inspect: ParameterSpace
    _core: Neurons

    def __init__(
        self, kind: str, name: str | None, n: int, units: Mapping[str, str], *, shared: bool = False
    ) -> None:
        name = numbered(kind, name)
        core = Neurons(name, n, VariableStore(name, n))
        super().__init__(ParameterSpace(core, kind, units, shared=shared), core.stages)
        self._core = core

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Nothing is integrated."""
        return iter(())

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        found = {"kind": "inputs", "type": type(self).__name__, "size": self.size}
        return {**found, **super().fingerprint()}

    def _told(self) -> str:
        """Give the text in `repr` beside name and size."""
        return self.inspect.told()

    def __len__(self) -> int:
        return self.size

    def _repr_html_(self) -> str:
        from numpybrain.neurons import neurons_html

        return neurons_html.input_html(self, type(self).__name__, self.size)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' n={self.size}{self._told()}>"


def _is_quantity(text: str) -> bool:
    """Whether a text is a number with a unit, such as "20 Hz": no equation needs to be read for that."""
    found = _QUANTITY.fullmatch(text)
    return found is not None and found[1] not in ("t", "i", "N", "dt")


@functools.cache
def _definition(units: tuple[tuple[str, str], ...], *, shared: bool) -> Definition:
    """The equations of a group of parameters."""
    flag = " (shared)" if shared else ""
    model = models.as_model("\n".join(f"{name} : {unit}{flag}" for name, unit in units))
    definition: Definition = model.close("parameters", {}, {})[0]
    return definition
