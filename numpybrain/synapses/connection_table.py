"""Synapses as a table: source and target neuron, and the values of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from numpybrain.export.exportable import Tabular
from numpybrain.group.provenance import provenance
from numpybrain.kernel.variables import Array


@dataclass(frozen=True, eq=False, repr=False)
class Connections(Tabular):
    """Source and target neuron of every synapse at a moment, with the values of all synapses then.

    Attributes:
        i: source neuron of each synapse, shape (n_synapses,).
        j: target neuron of each synapse, shape (n_synapses,).
        values: name -> value of each synapse, shape (n_synapses,); also of variables that have one value
            for each source or target neuron, or one for all.
        units: name -> declared unit.
        ends: names of the source and the target.
        sizes: how many neurons these have.
        name: of the synapses.
        info: what else is known: the model, dt, the seed, versions.
    """

    i: Array
    j: Array
    values: Mapping[str, Array]
    units: Mapping[str, str]
    ends: tuple[str, str]
    sizes: tuple[int, int]
    name: str = "synapses"
    info: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> Self:
        """Itself: what is exported."""
        return self

    def __getitem__(self, name: str) -> Array:
        return self.values[name]

    def __len__(self) -> int:
        return int(self.i.size)

    def __repr__(self) -> str:
        return f"<Connections '{self.name}': {len(self)} from {self.ends[0]} to {self.ends[1]}>"


def connections(synapses: Any) -> Connections:
    """The present connections of `Synapses`, and their values; everything is copied."""
    i, j, n = synapses.i.copy(), synapses.j.copy(), synapses.size
    values, units = {}, {}
    names = [*synapses.variables(), *(["delay"] if "delay" in synapses.inspect.state.slots else [])]
    definition = synapses.inspect.definition
    declared = {} if definition is None else definition.variables
    for name in names:
        value = np.asarray(getattr(synapses, name))
        flags = declared[name].flags if name in declared else ()
        if value.ndim == 0:
            value = np.full(n, value)
        elif "pre" in flags or "post" in flags:
            value = value.take(i if "pre" in flags else j)
        values[name], units[name] = np.array(value), _unit(synapses, name)
    ends = synapses.source.name, synapses.target.name
    info = provenance(synapses.inspect, synapses.name, str(synapses.explain()))
    sizes = synapses.source.size, synapses.target.size
    return Connections(i, j, values, units, ends, sizes, synapses.name, info)


def _unit(synapses: Any, name: str) -> str:
    """The declared unit of a variable."""
    space = synapses.inspect
    if space.definition is not None and name in space.definition.variables:
        return str(space.definition.variables[name].unit_text)
    return str(space.state.slots[name].unit_text) if name in space.state.slots else "ms"
