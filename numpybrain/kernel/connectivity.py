"""Connectivity: source and target neuron of every synapse, and what follows from these alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.csr import CSRTable
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.subgroup import Where, in_whole, size_of, where_of, whole_of
from numpybrain.kernel.variables import Array

OTHER = {"pre": "post", "post": "pre"}


class Connectivity:
    """Source and target neuron of every synapse, in the order in which the synapses were created.

    Args:
        source, target: spike sources, or parts of these.

    Attributes:
        i, j: indices of the source and target neurons, relative to `source` and `target`; shape
            (n_synapses,), for reading only.
    """

    def __init__(self, source: Any, target: Any) -> None:
        self.source = source
        self.target = target
        self._derived: dict[Any, Any] = {}
        self.set(NO_INDICES, NO_INDICES)

    def set(self, i: Array, j: Array) -> None:
        """Connect these neurons, whichever were connected before."""
        self.i, self.j = i.view(), j.view()
        self.i.flags.writeable = self.j.flags.writeable = False  # to write to them would move no synapse
        self._derived.clear()

    @property
    def size(self) -> int:
        """The number of synapses."""
        return int(self.i.size)

    def end(self, side: str) -> Any:
        """Source ("pre") or target ("post"), as given."""
        return self.source if side == "pre" else self.target

    def groups(self) -> tuple[Any, Any]:
        """The whole groups that source and target are, or are parts of."""
        return whole_of(self.source), whole_of(self.target)

    def derived(self, key: Any, make: Callable[[], Any]) -> Any:
        """Give a value derived from the connectivity: made once, until synapses come, go or move."""
        found = self._derived.get(key)
        if found is None:
            found = self._derived[key] = make()
        return found

    def where(self, side: str) -> Where:
        """The neurons of a side, "pre" or "post", among those of the whole group."""
        return where_of(self.end(side))

    def is_whole(self, side: str) -> bool:
        """Whether a side is a whole group."""
        where = self.where(side)
        return isinstance(where, slice) and size_of(where) == whole_of(self.end(side)).size

    def table(self, side: str) -> CSRTable:
        """The synapses by the neuron on a side, "pre" or "post"."""
        neurons, other = whole_of(self.end(side)), OTHER[side]
        found: CSRTable = self.derived(
            side, lambda: CSRTable(neurons, self._in_whole(side), self._in_whole(other))
        )
        return found

    def index_of(self, index: str) -> Array:
        """Give each synapse's neuron: "pre", "post" in the whole group, "source", "target" relative."""
        if index in ("source", "target"):
            return self.i if index == "source" else self.j
        found: Array = self.derived(f"index {index}", lambda: self._in_whole(index))
        return found

    def _in_whole(self, side: str) -> Array:
        return in_whole(self.i if side == "pre" else self.j, self.where(side))

    def degree(self, side: str) -> Array:
        """Number of synapses of each neuron on a side, shape (n,)."""
        return np.bincount(self.i if side == "pre" else self.j, minlength=self.end(side).size)
