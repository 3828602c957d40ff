"""Values of synapses, gathered by the rows of the neurons that spike."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from numpybrain.kernel.csr import Ranges
from numpybrain.kernel.variables import Array

FEW = 16  # spikes: up to here joining slices of rows beats index arithmetic


def gathering(rows: Ranges, values: Array) -> Callable[[Array], Array]:
    """Give a callable that gathers, for spikes, the values of their synapses; `values` are in rows."""
    found: dict[int, Array] = {}  # of neurons that have spiked: cheaper than to cut them out again

    def gather(spikes: Array) -> Array:
        if spikes.size > FEW:
            return values.take(rows.events(spikes))
        parts = []
        for neuron in spikes.tolist():
            row = found.get(neuron)
            if row is None:
                row = found[neuron] = values[rows.first[neuron] : rows.last[neuron]]
            parts.append(row)
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    return gather
