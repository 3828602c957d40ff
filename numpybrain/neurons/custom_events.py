"""Custom events of neurons, which a condition and perhaps statements define."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpybrain.neurons.neuron_conditions import Condition, condition_of, statements_of
from numpybrain.utils.naming import check_events
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.neurons.neuron_space import NeuronSpace


def add_events(
    neurons: Neurons, space: NeuronSpace, events: Mapping[str, Any], on_event: Mapping[str, Any]
) -> None:
    """Give neurons their events, in the order of their conditions.

    Neurons have an event in each step in which its condition holds, also when they are refractory.
    Conditions are tested after the threshold; the statements run after the reset, for the neurons that had
    the event, and like a reset they also change what is held in refractory neurons.

    Raises:
        ArgumentError, ModelError, UnknownNameError: if they are not sound.
    """
    if space.definition is None:  # else it has been checked, and more
        check_events(events, on_event, space.state.slots)
    at_events = space.at_spikes()
    for name, text in events.items():
        holds = condition_of(space, text, f"event '{name}' of {space.name}")
        condition = Condition(holds, space.size, f"function of the event '{name}' of '{space.name}'")
        neurons.add_event(name, condition, origin_of(text))
        statements = on_event.get(name)
        if statements is not None:
            label = f"statements of the event '{name}' of {space.name}"
            act = statements_of(space, statements, label, at_events, name)
            neurons.on_event(name, act, origin_of(statements))
