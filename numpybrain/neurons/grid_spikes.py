"""Stages of neurons whose spikes lie at time steps: state update, threshold and reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.neurons.neuron_space import NeuronSpace
    from numpybrain.neurons.threshold_and_reset import Spiking


def stages_on_the_grid(
    neurons: Neurons, _space: NeuronSpace, spiking: Spiking, update: StateUpdate
) -> None:
    """Add the stages to neurons."""
    advance = update if update.is_needed else None
    neurons.integrate(advance, update.description, update.origin, held=update.held, go_on=update.go_on)
    if spiking.above is not None:
        origin, has_reset = spiking.threshold_origin, spiking.reset is not None
        neurons.spike_where(spiking.above, origin, has_reset=has_reset)
    if spiking.check is not None:
        neurons.reset(spiking.check, spiking.reset_origin)
