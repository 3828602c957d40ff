"""Linked variables: a group reads a variable of another group as if it were its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, ModelError
from numpybrain.group.group import Group
from numpybrain.kernel.subgroup import in_whole, where_of, whole_of
from numpybrain.kernel.variables import Link
from numpybrain.neurons.neuron_space import NeuronSpace
from numpybrain.utils.arrays import plain

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.neurons.subgroup import Subgroup


def link(source: Neurons | Subgroup, name: str, index: Any = None) -> Link:
    """Make the link that a variable declared `(linked)` reads: `cells.x = nb.link(others, "v")`.

    Args:
        source: neurons, or a part of them.
        name: a variable or parameter of the source.
        index: for each reader, which neuron of the source it reads, shape (n,); without it the two
            groups have the same size.

    Raises:
        IndexRangeError: if an index is outside of the source.
    """
    group = whole_of(source)
    if not isinstance(group, Group):
        raise ArgumentError(f"a link reads neurons (got {type(source).__name__})")
    group.inspect.look_up(name)
    state = group.inspect.state
    slot = state.slot(name)
    label = f"'{name}' of '{source.name}'"
    if not isinstance(group.inspect, NeuronSpace) and not slot.shared:
        message = f"a link reads neurons, or what is shared by synapses (got {label}, which are synapses)"
        raise ArgumentError(message, help="let statements or a (summed) variable write to the neurons")
    if slot.kind == "linked":
        raise ModelError(f"{label} is linked itself", help="link to where its values are")
    if index is None:
        where = where_of(source)
        everybody = isinstance(where, slice) and source.size == group.size
        part = None if everybody else in_whole(np.arange(source.size), where)
        return Link(group, state, slot, part, label)
    chosen = plain(index, "the index of a link")
    if chosen.ndim == 0:
        chosen = chosen.reshape(1)
    if chosen.dtype.kind not in "iu" or chosen.ndim != 1:
        raise ArgumentError("the index of a link holds whole numbers, one for each reader")
    wrong = chosen[(chosen < 0) | (chosen >= source.size)]
    if wrong.size:
        message = f"index {wrong[0]} is out of range: '{source.name}' has {source.size} neurons"
        raise IndexRangeError(message)
    return Link(group, state, slot, in_whole(chosen.astype(np.intp), where_of(source)), label)
