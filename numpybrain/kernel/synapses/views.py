"""Looking at the variables of synapses: by pairs of neurons, by a condition, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.arrays import plain
from numpybrain.errors import ArgumentError, IndexRangeError
from numpybrain.kernel import door
from numpybrain.kernel.choosing import indices_among
from numpybrain.kernel.neurons.subgroup import Subgroup, whole
from numpybrain.kernel.state import Array
from numpybrain.quantities import carries_unit

if TYPE_CHECKING:
    from numpybrain.kernel.synapses.growing import Growing

NAMES = ("source", "target")


class Values(np.ndarray):  # type: ignore[type-arg]
    """A live array of one value per synapse that also takes pairs of neurons, and conditions, as an index.

    `w[i, j]`: i and j are numbers, slices, index arrays or parts of a group, relative to source and target;
    `w["i < j"]` takes a condition. Quantities and texts that are assigned are converted to the unit of the
    variable. What is made of it knows nothing of synapses, and is as good as a plain array.
    """

    synapses: Growing | None
    variable: str

    @classmethod
    def of(cls, array: Array, synapses: Growing, variable: str) -> Values:
        """A view of an array."""
        made = array.view(cls)
        made.synapses, made.variable = synapses, variable
        return made

    def __array_finalize__(self, other: Any) -> None:
        self.synapses, self.variable = None, "an array"

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: Any = None) -> Any:
        return array[()] if return_scalar else np.asarray(array)

    def _index(self, key: Any) -> Any:
        pair = isinstance(key, tuple) and len(key) > 1 and all(k is not None and k is not ... for k in key)
        if self.synapses is not None and (pair or isinstance(key, str) or _is_group(key)):
            return self.synapses.select(key)
        return key

    def __getitem__(self, key: Any) -> Any:
        return np.asarray(self)[self._index(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        index = self._index(key)
        if self.synapses is not None:
            self.synapses.settle_for(self.variable)
        if self.synapses is not None and (isinstance(value, str) or carries_unit(value)):
            is_text = isinstance(value, str)
            value = self.synapses.worth(self.variable, value)
            value = value[index] if is_text and value.ndim else value
        np.asarray(self)[index] = plain(value, f"what is assigned to '{self.variable}'")

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()


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
    if _is_group(which):
        message = f"'{which.name}' are neurons: say whether they are the sources or the targets"
        raise ArgumentError(message, help=f"such as {synapses.name}.w[{which.name}, :]")
    if isinstance(which, tuple):
        if len(which) != 2:
            message = f"synapses of '{synapses.name}' are found by a pair (got {len(which)} indices)"
            raise ArgumentError(message, help=f"such as {synapses.name}.w[i, j]")
        return _between(synapses, *which)
    return np.unique(indices_among(which, synapses.size, f"'{synapses.name}'", "synapses"))


def _where(synapses: Growing, condition: str) -> Array:
    values = door.condition_values(synapses, condition)
    found: Array = np.broadcast_to(values, (synapses.size,)).nonzero()[0]
    return found


def _between(synapses: Growing, i: Any, j: Any) -> Array:
    """Synapses between some source and some target neurons."""
    sides = ((i, "pre", synapses.source), (j, "post", synapses.target))
    found = [_neurons(key, group, NAMES[k]) for k, (key, _, group) in enumerate(sides)]
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


def _is_group(key: Any) -> bool:
    """Whether an index is a group of neurons, or a part of one."""
    return isinstance(key, Subgroup) or hasattr(key, "spiking")


def _neurons(key: Any, group: Any, what: str) -> Array | None:
    """Indices of neurons relative to a group; None for all of them."""
    if isinstance(key, slice) and key == slice(None):
        return None
    if _is_group(key):
        neurons, start, stop = whole(key)
        mine, first, last = whole(group)
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
