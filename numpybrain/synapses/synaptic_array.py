"""Looking at the variables of synapses: by pairs of neurons, by a condition, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError
from numpybrain.group.indexing import indices_among
from numpybrain.kernel.variables import Array
from numpybrain.neurons.subgroup import Subgroup, parent_range
from numpybrain.synapse_model import entry as synapse_model_entry

if TYPE_CHECKING:
    from numpybrain.synapses.connectivity import Growing

NAMES = {"pre": "source", "post": "target"}


def find(synapses: Growing, key: Any) -> Any:
    """The synapses that an index of an array means; the index itself, if NumPy knows it."""
    pair = isinstance(key, tuple) and len(key) > 1 and all(k is not None and k is not ... for k in key)
    return synapses.select(key) if pair or isinstance(key, str) or is_group(key) else key


def select(synapses: Growing, which: Any) -> Array:
    """The synapses that are meant, in creation order.

    Args:
        synapses: the synapses.
        which: a condition, a pair (i, j) of what says which source and target neurons, or numbers of
            synapses: one, a slice, an index array or a boolean array.

    Raises:
        IndexRangeError: if a neuron or synapse is out of range.
    """
    if isinstance(which, str):
        return _where(synapses, which)
    if is_group(which):
        message = f"'{which.name}' are neurons: say whether they are the sources or the targets"
        raise ArgumentError(message, help=f"such as {synapses.name}.w[{which.name}, :]")
    if isinstance(which, tuple):
        if len(which) != 2:
            message = f"synapses of '{synapses.name}' are found by a pair (got {len(which)} indices)"
            raise ArgumentError(message, help=f"such as {synapses.name}.w[i, j]")
        return _between(synapses, *which)
    return np.unique(indices_among(which, synapses.size, f"'{synapses.name}'", "synapses"))


def _where(synapses: Growing, condition: str) -> Array:
    bound = synapses.reader(synapse_model_entry.synaptic_condition(synapses, condition), "initial")
    values = bound.prepare(synapses.present())()
    found: Array = np.broadcast_to(values, (synapses.size,)).nonzero()[0]
    return found


def _between(synapses: Growing, i: Any, j: Any) -> Array:
    """Synapses between some source and some target neurons."""
    sides = ((i, "pre", synapses.source), (j, "post", synapses.target))
    found = [neurons_among(key, group, NAMES[side]) for key, side, group in sides]
    if found[0] is None and found[1] is None:
        return np.arange(synapses.size)
    known = [(f.size, k) for k, f in enumerate(found) if f is not None]
    by = min(known)[1]  # look up the rows of the side with fewer neurons
    neurons, other = found[by], found[1 - by]
    assert neurons is not None
    rows = synapses.rows("pre" if by == 0 else "post")
    if not neurons.size:
        return np.empty(0, dtype=np.intp)
    positions = rows.events(neurons + rows.start)
    selected = rows.synapses(positions)
    if other is not None:
        wanted = np.zeros(sides[1 - by][2].size, dtype=bool)
        wanted[other] = True
        far = rows.far.take(positions) - rows.far_start
        selected = selected[wanted[far]]
    return np.sort(selected)


def is_group(key: Any) -> bool:
    """Whether an index is a group of neurons, or a part of one."""
    return isinstance(key, Subgroup) or hasattr(key, "events")


def neurons_among(key: Any, group: Any, what: str) -> Array | None:
    """Indices of neurons relative to a group; None for all of them."""
    if isinstance(key, slice) and key == slice(None):
        return None
    if is_group(key):
        neurons, start, stop = parent_range(key)
        mine, first, last = parent_range(group)
        if neurons is not mine or start < first or stop > last:
            raise IndexRangeError(f"'{key.name}' is no part of the {what} '{group.name}'")
        return np.arange(start - first, stop - first)
    return np.unique(indices_among(key, group.size, f"the {what} '{group.name}'", "neurons"))


def matrix(synapses: Growing, name: str, *, sparse: bool = False) -> Any:
    """The values of a variable as a matrix of shape (n_source, n_target); several synapses add up."""
    values = np.asarray(synapses.values_of(name), dtype=float)
    shape = (synapses.source.size, synapses.target.size)
    i, j = synapses.index_of("source"), synapses.index_of("target")
    if sparse:
        from numpybrain.export.matrices import sparse_matrix

        return sparse_matrix(values, i, j, shape)
    found = np.zeros(shape)
    np.add.at(found, (i, j), values)
    return found
