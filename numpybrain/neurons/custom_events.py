"""Custom events of neurons, which a condition and perhaps statements define."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.kernel.events import EventBuffer
from numpybrain.kernel.functions import origin_of
from numpybrain.kernel.spiking import Detection, Reaction
from numpybrain.kernel.stage import Stage
from numpybrain.neurons.conditions import Condition, condition_of, statements_of
from numpybrain.utils.naming import check_events

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons

# Order within the phase: after thresholds, resets and instant spikes, before stages of users and monitors.
TEST, REACT = 2, 2


def events_of(group: Any) -> tuple[str, ...]:
    """The names of the events of neurons, "spikes" first; none for other objects."""
    return tuple(getattr(group, "events", ()))


def has_spikes(group: Any) -> bool:
    """Whether there may be spikes: neurons without a threshold never have any."""
    return not hasattr(group, "spiking") or group.spiking.threshold is not None


def add_events(group: Neurons, events: Mapping[str, Any], on_event: Mapping[str, Any]) -> dict[str, Stage]:
    """Give a group its events, in the order of their conditions: name -> the stage that finds them.

    Neurons have an event in each step in which its condition holds, also when they are refractory.
    Conditions are asked after the threshold; the statements run after the reset, for the neurons that had
    the event, and like a reset they also change what is held in refractory neurons.

    Raises:
        ArgumentError, ModelError, UnknownNameError: if they are not sound.
    """
    if not (events or on_event):
        return {}
    if group.definition is None:  # else it has been checked, and more
        check_events(events, on_event, group.state.slots)
    at_events, stages = group.at_spikes(), {}
    for name, text in events.items():
        buffer = group.events[name] = EventBuffer()
        holds = condition_of(group, text, f"event '{name}' of {group.name}")
        condition = Condition(holds, group.size, f"function of the event '{name}' of '{group.name}'")
        test = Detection(condition, buffer)
        stages[name] = group.add_stage("threshold", f"event {name}", test, origin_of(text), TEST)
        statements = on_event.get(name)
        if statements is not None:
            label = f"statements of the event '{name}' of {group.name}"
            act = Reaction(statements_of(group, statements, label, at_events, name), buffer)
            group.add_stage("reset", f"on_event {name}", act, origin_of(statements), REACT)
    return stages
