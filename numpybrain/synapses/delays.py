"""Delays of synapses: as users give them, and in steps."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.variables import Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.language.times import is_plain_time, milliseconds
from numpybrain.utils.quantities import is_function, is_one

if TYPE_CHECKING:
    from numpybrain.language.definition import Definition
    from numpybrain.synapse_model.synapse_model import SynapseModel


NO_DELAY = 0.0  # ms; the delay of spikes where nothing is said of any


def called(delay: Variable, name: str) -> str:
    """Give the words for a delay of synapses with a name, in messages."""
    pathway = delay.name.removeprefix("delay").removeprefix("_")
    what = f"delay of {pathway}" if pathway else "delay"
    return f"{'dendritic delay' if delay.name == 'dendritic_delay' else what} of '{name}'"


def steps_of(delay: Variable, clock: Clock, what: str, *, common: bool) -> Any:
    """A delay in steps: one number if it is common to all, or an array.

    Raises:
        TimeStepError: if it is negative or not finite, or was given as a constant between two steps.
    """
    for time in delay.constants:
        clock.steps(time, what)
    return int(clock.nearest(delay.uniform_value(), what)) if common else clock.nearest(delay.value, what)


def as_delay(value: Any, what: str) -> Any:
    """A delay as the user gives it; a quantity or a text such as "5 ms" becomes a number in ms."""
    if isinstance(value, str):
        return milliseconds(value, what) if is_plain_time(value) else value
    if is_function(value) or not is_one(value):  # one for each synapse
        return value
    return milliseconds(value, what)


def is_constant(delay: Any, definition: Definition | None) -> bool:
    """Whether a delay is one time that no variable and no random number has a part in."""
    if isinstance(delay, str):
        return definition is None or is_plain_time(delay) or language_entry.is_constant(delay, definition)
    return not is_function(delay) and is_one(delay)


def common_and_each(model: Any, given: Any, pathways: Container[str]) -> tuple[Any, dict[str, Any]]:
    """The delay of all pathways, and those of single ones and of sums: as given, else as the model says.

    A delay that is given for all replaces all of the model. What a model says about a pathway that is
    not there (since other statements were given) counts for nothing.
    """
    if given is not None and not isinstance(given, Mapping):
        return given, {}
    if isinstance(model, Mapping):
        common, each = NO_DELAY, {name: delay for name, delay in model.items() if name in pathways}
    else:
        common, each = (NO_DELAY if model is None else model), {}
    return common, {**each, **(given or {})}


def all_delays(
    owner: str,
    model: Any,
    given: Any,
    dendritic: Any,
    texts: Mapping[str, tuple[str, Any]],
    sums: Sequence[str] = (),
) -> dict[str, Any]:
    """The delays of pathways and sums: name of a variable of the synapses -> value in ms, or a text.

    Args:
        owner: the name of the synapses.
        model: what the model says.
        given: what was given.
        dendritic: the dendritic delay, if any.
        texts: pathway -> its side and text.
        sums: names of summed variables.

    Raises:
        ArgumentError: if there is no pathway and no sum of a name.
    """
    names = (*texts, *sums)
    common, each = common_and_each(model, given, names)
    for name in each:
        if name not in names:
            what = "pathway or sum" if sums else "pathway"
            message = f"'{owner}' has no {what} '{name}' to delay"
            raise ArgumentError(message, help=f"there are {', '.join(names) or 'none'}")
    values = {"delay": common}
    if dendritic is not None:
        values["dendritic_delay"] = dendritic
    for pathway, (side, _) in texts.items():
        if pathway in each or side == "post":
            values[f"delay_{pathway}"] = each.get(pathway, NO_DELAY if dendritic is None else dendritic)
    values |= {f"delay_{name}": each[name] for name in sums if name in each}
    return {
        slot: as_delay(value, f"the {slot} of '{owner}'") if value is not NO_DELAY else NO_DELAY
        for slot, value in values.items()
    }


def sums_of(model: Any) -> list[str]:
    """Names of the summed variables of a model, as it was given."""
    plain = model is None or isinstance(model, Mapping)
    return [] if plain else [v.name for v in model.definition.of_kind("summed")]


def delays_sums(pathways: Mapping[str, Any], model: SynapseModel | None) -> bool:
    """Whether `delay` is that of what sums read of the far side: there are sums alone."""
    if pathways or model is None or model.reads_delay:
        return False
    definition = model.definition
    return bool(definition.of_kind("summed")) and not definition.of_kind("differential", "sampled")


def check_delays(
    state: VariableStore, pathways: Mapping[str, Any], model: SynapseModel | None, name: str
) -> None:
    """Raise an `ArgumentError` if there is a delay that nothing has: sums and equations know none."""
    if not (pathways or (model is not None and model.is_continuous)):
        return  # what connects only may carry a delay as a number of its own
    used = {pathway.slot.name for pathway in pathways.values()}
    if pathways:
        used.add("dendritic_delay")
    if model is not None and model.reads_delay:
        used.add("delay")
    if delays_sums(pathways, model):
        used.add("delay")
    if model is not None:
        used |= {f"delay_{variable.name}" for variable in model.definition.of_kind("summed")}
    for slot in state.slots.values():
        if slot.kind != "delay" or slot.name in used or not np.any(slot.value):
            continue
        message = f"'{name}' has a {slot.name.replace('_', ' ')}, but "
        if pathways:
            message += "no on_pre: that is the delay of presynaptic spikes"
            raise ArgumentError(message, help="for those of the other side: delay={'on_post': '1 ms'}")
        message += "what its equations read of the neurons is not delayed"
        sums = [v.name for v in model.definition.of_kind("summed")] if model is not None else []
        advice = f"for that of a sum:  delay={{'{sums[0]}': ...}}" if sums else f"leave {slot.name}=... out"
        raise ArgumentError(message, help=advice)
