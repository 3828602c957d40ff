"""Pulse packets: spikes of many neurons around some times."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, TimeStepError, shown
from numpybrain.inputs.spike_times import SpikeTimes
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.utils.arrays import plain
from numpybrain.utils.quantities import carries_unit


def pulse_packets(
    n: int,
    times: Any,
    spread: Any,
    *,
    spikes: int | None = None,
    spike_times: str | None = None,
    name: str | None = None,
) -> SpikeTimes:
    """A spike source that sends pulse packets, volleys of nearly synchronous spikes.

    Around each of the times, some neurons spike once each, at normally distributed times (Diesmann,
    Gewaltig and Aertsen 1999, doi:10.1038/990101).

    Args:
        n: how many neurons.
        times: when the centres of the packets are: one or several, in ms if bare.
        spread: the standard deviation of the spikes of a packet (ms if bare).
        spikes: how many neurons take part in a packet, chosen anew for each; None for all.
        spike_times: see `SpikeTimes`.
        name: a name for messages and the schedule.

    The spikes are drawn when the source is made (`source.given` tells them); those before 0 ms do not come.

    Raises:
        ArgumentError: if more neurons are to take part than there are.
        TimeStepError: if the spread or a time is negative; in a network, if packets are so close that a
            neuron has two spikes in one step.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.pulse_packets(100, [50, 150], spread="2 ms", spikes=60, name="volley")
        <SpikeTimes 'volley' n=100 spikes=120>
    """
    made = SpikeTimes((), (), n, spike_times=spike_times, name=name)
    sigma = milliseconds(spread, f"the spread of '{made.name}'")
    if sigma < 0:
        raise TimeStepError(f"the spread of '{made.name}' is negative (got {sigma:g} ms)")
    if isinstance(times, (str, list, tuple)) or carries_unit(times):
        times = language_entry.convert(times, "ms", f"the times of '{made.name}'")
    centres = np.atleast_1d(plain(times, f"the times of '{made.name}'")).astype(float).ravel()
    if not ((centres >= 0) & np.isfinite(centres)).all():
        raise TimeStepError(f"a packet of '{made.name}' is at a negative time, or at none")
    taking = made.size if spikes is None else spikes
    if (
        isinstance(taking, bool)
        or not isinstance(taking, (int, np.integer))
        or not 0 <= taking <= made.size
    ):
        message = f"as many of the {made.size} neurons take part as there are at most (got {shown(spikes)})"
        raise ArgumentError(message)
    rng = made.inspect.streams["initial"]
    chosen = [np.sort(rng.choice(made.size, taking, replace=False)) for _ in centres]
    i = np.concatenate([np.empty(0, dtype=np.int64), *chosen])
    t = rng.normal(np.repeat(centres, taking), sigma)
    made.set(i[t >= 0], t[t >= 0])
    return made
