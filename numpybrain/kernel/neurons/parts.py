"""What is assigned to a part of a group: in texts and functions `i` counts in the part, `N` is its size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel import door
from numpybrain.kernel.binding import Bound, Environment, Reference
from numpybrain.kernel.neurons.subgroup import Subgroup
from numpybrain.kernel.python_function import PythonFunction
from numpybrain.kernel.state import Slot, State


def worth(part: Subgroup, name: str, text: str | Callable[..., Any]) -> Any:
    """The value of a text or function for a variable of a part: one number, or one for each neuron."""
    group = part.neurons
    functions = group.environment.functions
    environment = Environment(
        lambda wanted: look_up(part, wanted),
        lambda: group.streams["initial"],
        names=group.state.names,
        functions=functions,
    )
    clock = group.present().clock
    if not isinstance(text, str):
        return PythonFunction(text, environment, may_write=False).call(clock)()
    slot, what = group.state.slot(name), f"'{name}' of '{part.name}'"
    if group.definition is None:
        return door.convert(text, slot.unit_text, what)
    from numpybrain.symbolic import pieces

    node = door.read_value(group.definition, text, slot.unit_text, what, {})
    program = pieces.value_program(group.definition, node, door.unit(slot.unit_text), what)
    bound = Bound(program, environment, n=part.size)
    bound.prepare(group.present())
    with np.errstate(all="ignore"):
        return bound.call(clock)()


def look_up(part: Subgroup, name: str) -> Reference | None:
    """Where the values of a name live, one for each neuron of the part."""
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
    made = Slot(name, "special", slot.unit_text, slot.dtype, values, shared=slot.shared)
    return Reference(State(part.name, part.size), made)
