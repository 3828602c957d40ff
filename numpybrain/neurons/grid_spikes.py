"""Stages of neurons whose spikes lie at time steps: state update, threshold and reset."""

from __future__ import annotations

from typing import Any

from numpybrain.kernel.events import SPIKES
from numpybrain.kernel.spiking import HeldUpdate, Reaction, Threshold


def stages_on_the_grid(group: Any) -> None:
    """Add the stages to a group of neurons."""
    spiking, update, spikes = group.spiking, group.update, group.events[SPIKES]
    refractoriness = spiking.refractoriness
    releasing = None
    if refractoriness is not None:
        advance = update if update.is_needed else None
        held = HeldUpdate(refractoriness, advance, update.held, update.go_on)
        does = update.description if update.is_needed else "refractoriness"
        origin = update.origin if update.is_needed else "kernel"
        releasing = group.add_stage("integrate", does, held, origin)
    elif update.is_needed:
        releasing = group.add_stage("integrate", update.description, update, update.origin)
    if spiking.above is not None:
        threshold = Threshold(
            spiking.above, spikes, group.state, refractoriness, has_reset=spiking.reset is not None
        )
        threshold.releasing = releasing
        spiking.detection = threshold
        stage = group.add_stage("threshold", "threshold", threshold, spiking.threshold_origin)
        spiking.finders[SPIKES] = stage
    if spiking.check is not None:
        reset = Reaction(spiking.check, spikes, refractoriness)
        group.add_stage("reset", "reset", reset, spiking.reset_origin)
