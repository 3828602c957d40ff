"""Events of one step: which neurons spike, or have an event of another kind, and when."""

from __future__ import annotations

import numpy as np

from numpybrain.kernel.state import Array, Form, State, Values

SPIKES = "spikes"  # the event that the threshold makes
NO_INDICES = np.empty(0, dtype=np.intp)


class EventBuffer:
    """Neurons that have one kind of event in this step.

    The operation that finds the events of a step puts other arrays in; those that are there never change.

    Attributes:
        indices: the neurons, in ascending order, each at most once; shape (n_events,).
        times: when they have it, in ms, shape (n_events,); None if that is the time of the step.
    """

    __slots__ = ("indices", "times")

    def __init__(self, *, located: bool = False) -> None:
        self.indices: Array = NO_INDICES
        self.times: Array | None = np.empty(0) if located else None

    def state(self, name: str, size: int) -> State:
        """State of the buffer, by a name: who of `size` neurons had an event last, and when."""
        forms = {name: Form(int, ("events",), size)}
        if self.times is not None:
            forms["spike_times"] = Form(float, ("events",))

        def put(values: Values) -> None:
            self.indices, self.times = values[name], values.get("spike_times")

        return State(forms, lambda: {name: self.indices, "spike_times": self.times}, put)

    def clear(self) -> None:
        """Clear the events: no neuron has one."""
        self.indices = NO_INDICES
        if self.times is not None:
            self.times = np.empty(0)
