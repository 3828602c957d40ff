"""Display of neurons in notebooks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from numpybrain.display.html import count, math, own_names, page, plain, show, spiking, strong
from numpybrain.group.variables_html import variables
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.group.group import Group
    from numpybrain.kernel.subgroup import Subgroup
    from numpybrain.neurons.threshold_and_reset import Spiking

SPIKING = ("threshold", "reset", "event", "on_event")  # how stages are called that are about spikes


def neurons_html(group: Group, size: int, update: StateUpdate, spikes: Spiking) -> str:
    """A table of a group: the equations with present values, and what makes a spike."""
    title = [f"Neurons {strong(group.name)}", count(size, "neuron")]
    if update.method is not None:
        title.append(plain(f"method {update.method}"))
    below = []
    if update.function is not None:
        below.append(("state update", plain(origin_of(update.function))))
    if group.inspect.definition is not None:
        below += spiking(group.inspect.definition, own_names(group.inspect.definition), math, plain)
    else:
        stages = [s for s in group.stages if s.description.split()[0] in SPIKING]
        below += [(s.description, plain(s.origin)) for s in stages]
        if spikes.period is not None:
            below.append(("refractory", show(spikes.period.given, "ms", (), math, plain)))
    return page(title, *variables(group), below)


def input_html(group: Group, kind: str, size: int) -> str:
    """A table of a group of inputs, or of a drive: its parameters with present values."""
    return page([f"{plain(kind)} {strong(group.name)}", plain(f"n={size}")], *variables(group), [])


def part_html(part: Subgroup, read: Callable[[str], Any]) -> str:
    """A table of a part of a group: its variables, with the values that `read` gives."""
    group = part.neurons
    title = [f"Neurons {strong(part.name)}", f"{part.size} of {count(group.size, 'neuron')}"]
    return page(title, *variables(group, read), [])
