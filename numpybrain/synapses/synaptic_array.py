"""Looking at the variables of synapses: by pairs of neurons, by a condition, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError
from numpybrain.group.group import is_neurons
from numpybrain.group.indexing import indices_among
from numpybrain.group.part_arrays import counting
from numpybrain.kernel.subgroup import in_whole, where_of, whole_of
from numpybrain.kernel.variables import Array
from numpybrain.synapse_model import synapse_model_entry

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.synapses.domain import VariableDomain

NAMES = {"pre": "source", "post": "target"}


def find(projection: Projection, key: Any) -> Any:
    """The synapses that an index of an array means; the index itself, if NumPy knows it."""
    pair = isinstance(key, tuple) and len(key) > 1 and all(k is not None and k is not ... for k in key)
    return select(projection, key) if pair or isinstance(key, str) or is_neurons(key) else key


def select(projection: Projection, which: Any) -> Array:
    """The synapses that are meant, in creation order.

    Args:
        projection: source and target of the synapses.
        which: a condition, a pair (i, j) of what says which source and target neurons, or numbers of
            synapses: one, a slice, an index array or a boolean array.

    Raises:
        IndexRangeError: if a neuron or synapse is out of range.
    """
    name, size = projection.name, projection.connectivity.size
    if isinstance(which, str):
        bound = projection.own.reader(synapse_model_entry.synaptic_condition(projection, which), "initial")
        values = bound.prepare(projection.own.present())()
        found: Array = np.broadcast_to(values, (size,)).nonzero()[0]
        return found
    if is_neurons(which):
        message = f"'{which.name}' are neurons: say whether they are the sources or the targets"
        raise ArgumentError(message, help=f"such as {name}.w[{which.name}, :]")
    if isinstance(which, tuple):
        if len(which) != 2:
            message = f"synapses of '{name}' are found by a pair (got {len(which)} indices)"
            raise ArgumentError(message, help=f"such as {name}.w[i, j]")
        return _between(projection, *which)
    return np.unique(indices_among(which, size, f"'{name}'", "synapses"))


def _between(projection: Projection, i: Any, j: Any) -> Array:
    """Synapses between some source and some target neurons."""
    ends = projection.connectivity
    sides = ((i, "pre", ends.source), (j, "post", ends.target))
    found = [neurons_among(key, group, NAMES[side]) for key, side, group in sides]
    if found[0] is None and found[1] is None:
        return np.arange(ends.size)
    known = [(f.size, k) for k, f in enumerate(found) if f is not None]
    by = min(known)[1]  # look up the rows of the side with fewer neurons
    neurons, other = found[by], found[1 - by]
    assert neurons is not None
    table = ends.table("pre" if by == 0 else "post")
    if not neurons.size:
        return np.empty(0, dtype=np.intp)
    positions = table.events(in_whole(neurons, ends.where("pre" if by == 0 else "post")))
    selected = table.synapses(positions)
    if other is not None:
        wanted = np.zeros(sides[1 - by][2].size, dtype=bool)
        wanted[other] = True
        selected = selected[wanted[(ends.i, ends.j)[1 - by].take(selected)]]
    return np.sort(selected)


class SideArrays:
    """Owner of the arrays with one value for each neuron of a side, as users get and assign them.

    Args:
        projection: source and target of the synapses.
        domain: where the variables live.
        side: "pre" or "post".
    """

    def __init__(self, projection: Projection, domain: VariableDomain, side: str) -> None:
        self._projection = projection
        self._domain = domain
        self._side = side

    def find_elements(self, key: Any) -> Any:
        """Give the elements that an index means: a condition, neurons of the side, or what NumPy knows."""
        if isinstance(key, str):
            domain = self._domain
            program = synapse_model_entry.synaptic_condition(self._projection, key)
            bound = domain.reader(program, "initial")
            call = bound.prepare(domain.present())
            domain.check(bound)
            return np.broadcast_to(call(), (domain.count(),)).nonzero()[0]
        group = self._projection.connectivity.end(self._side)
        return neurons_among(key, group, NAMES[self._side]) if is_neurons(key) else key

    def put_values(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of an array."""
        self._projection.own.put_values(name, array, index, value)

    def worth(self, name: str, value: Any) -> Any:
        """A quantity, text or function in the unit of a variable."""
        return self._projection.own.worth(name, value)


def neurons_among(key: Any, group: Any, what: str) -> Array | None:
    """Indices of neurons relative to a group; None for all of them."""
    if isinstance(key, slice) and key == slice(None):
        return None
    if is_neurons(key):
        whole = whole_of(group)
        if whole_of(key) is whole:
            found = counting(where_of(group), whole.size)(in_whole(np.arange(key.size), where_of(key)))
            if not ((found < 0) | (found >= group.size)).any():
                return found
        raise IndexRangeError(f"'{key.name}' is no part of the {what} '{group.name}'")
    return np.unique(indices_among(key, group.size, f"the {what} '{group.name}'", "neurons"))


def matrix(projection: Projection, values: Array, *, sparse: bool = False) -> Any:
    """Values of synapses as a matrix of shape (n_source, n_target); several synapses add up."""
    values, ends = np.asarray(values, dtype=float), projection.connectivity
    shape = (ends.source.size, ends.target.size)
    if sparse:
        from numpybrain.export.matrices import sparse_matrix

        return sparse_matrix(values, ends.i, ends.j, shape)
    found = np.zeros(shape)
    np.add.at(found, (ends.i, ends.j), values)
    return found
