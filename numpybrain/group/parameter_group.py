"""Base of groups that have parameters but no equations, such as inputs."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import VariableReference
from numpybrain.group import models
from numpybrain.group.group import Group
from numpybrain.group.sampling import Sampling
from numpybrain.kernel.variables import Variable
from numpybrain.language import entry as language_entry
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.symbolic.program import Program

_QUANTITY = re.compile(r"\s*[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?\s*\*?\s*([A-Za-z]+)\s*")


class ParameterGroup(Group):
    """Base of groups whose variables are parameters, which users assign and which may follow the time.

    The language is asked only where a text or a function says more than a number with a unit.

    Args:
        kind: names the kind in names, such as "inputs"; its random streams are of this kind.
        name: for messages and the schedule.
        n: how many elements there are.
        units: name -> unit of the parameters.
    """

    units: dict[str, str]

    def __init__(self, kind: str, name: str | None, n: int, units: Mapping[str, str]) -> None:
        super().__init__(kind, name, n)
        self.units = dict(units)
        for variable, unit in units.items():
            self.state.add(Variable(variable, "parameter", unit))
        self.sampling = Sampling(self, always=True)

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
            object.__setattr__(self, "definition", _definition(tuple(self.units.items())))

    def statements_program(self, text: str, *, shielded: bool, some: bool = False) -> Program:
        """The program of statements about all elements, or some of them."""
        self.need_equations()
        return super().statements_program(text, shielded=shielded, some=some)

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """Where the values of a name live; `index` says with what values of the elements are gathered."""
        slot = self.state.slots.get(name) or self.special(name)
        if slot is None:
            return None
        return VariableReference(self.state, slot, None if slot.shared else index)

    def special(self, name: str) -> Variable | None:
        """A special variable, made when somebody asks for it."""
        if name != "i":
            return None
        indices = np.arange(self.size)
        indices.flags.writeable = False
        return self.state.add(Variable("i", "special", "1", int, indices, constant=True))

    def told(self) -> str:
        """What `repr` tells of the parameters."""
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

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"<{type(self).__name__} '{self.name}' n={self.size}{self.told()}>"


def _is_quantity(text: str) -> bool:
    """Whether a text is a number with a unit, such as "20 Hz": no equation needs to be read for that."""
    found = _QUANTITY.fullmatch(text)
    return found is not None and found[1] not in ("t", "i", "N", "dt")


@functools.cache
def _definition(units: tuple[tuple[str, str], ...]) -> Definition:
    """The equations of a group of parameters."""
    model = models.as_model("\n".join(f"{name} : {unit}" for name, unit in units))
    definition: Definition = model.close("parameters", {}, {})[0]
    return definition
