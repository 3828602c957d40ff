"""f-I curves: firing rates of neurons with constant inputs, and a closed form of integrate-and-fire."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.analysis.binned import MS_PER_S
from numpybrain.analysis.intervals import isi
from numpybrain.analysis.spike_arrays import Array, ratio
from numpybrain.errors import ArgumentError


def steady_rates(i: Any, t: Any, n: int, *, last: int | None = None) -> Array:
    """Firing rate of each neuron from the intervals between its spikes: one over their mean.

    Unlike the number of spikes over the time, this does not depend on when the observation begins and ends.

    Args:
        i: neuron of each spike, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        last: how many intervals count, from the last spike back; by default all. `last=1` is the rate that
            an adapting neuron has come to.

    Returns:
        Shape (n,), in Hz; 0 for neurons with fewer than two spikes.

    Raises:
        ArgumentError: if `last` is less than 1.
    """
    neurons, intervals = isi(i, t, n)
    if last is not None:
        if last < 1:
            raise ArgumentError(f"'last' is a number of intervals, at least 1 (got {last})")
        count = np.bincount(neurons, minlength=n)
        behind = np.cumsum(count)[neurons] - np.arange(neurons.size)  # intervals from this one to the last
        neurons, intervals = neurons[behind <= last], intervals[behind <= last]
    mean = ratio(np.bincount(neurons, intervals, n), np.bincount(neurons, minlength=n))
    return np.nan_to_num(ratio(MS_PER_S, mean))


def lif_rate(
    drive: Any, *, threshold: float, reset: float = 0.0, tau: float, refractory: float = 0.0
) -> Array:
    """Firing rate of a leaky integrate-and-fire neuron with constant input, in closed form.

    1/(refractory + tau*log((drive - reset)/(drive - threshold))) where the drive is above the threshold,
    else 0 (Lapicque 1907; e.g. Dayan and Abbott 2001, equation 5.11).

    Args:
        drive: potential to which the membrane goes without a threshold, E_L + R*I, in mV; any shape.
        threshold: in mV.
        reset: in mV.
        tau: membrane time constant in ms.
        refractory: refractory period in ms.

    Returns:
        The rate in Hz, in the shape of the drive.

    Raises:
        ArgumentError: if the reset is not below the threshold, or `tau` is not positive.
    """
    if not reset < threshold or not tau > 0 or refractory < 0:
        message = "an integrate-and-fire neuron has reset < threshold, tau > 0 and refractory >= 0"
        raise ArgumentError(message, detail=f"got {reset:g}, {threshold:g}, {tau:g} and {refractory:g}")
    drive = np.asarray(drive, dtype=float)
    rate = np.zeros(drive.shape)
    fires = drive > threshold
    up = drive[fires]
    rate[fires] = MS_PER_S / (refractory + tau * np.log1p((threshold - reset) / (up - threshold)))
    return rate
