"""Projection: source and target of synapses, as connection rules and texts about synapses see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpybrain.group.variable_space import VariableSpace
from numpybrain.kernel.connectivity import Connectivity


class Projection:
    """Source and target of synapses, with the variables that texts find on both sides.

    Args:
        name: of the synapses.
        connectivity: who is connected to whom.
        source, target: the variables of the whole groups on both sides.
        hidden: variables of a target that spikes cannot reach, and why.
        modulates: whether the target are synapses, whose shared variables spikes change.

    Attributes:
        own: the variables of the synapses themselves.
        spaces: those of source and target.
        is_recurrent: whether source and target are one group, or parts of one.
        neighbours: what texts know of the variables on both sides, and what that has been made of.
    """

    own: VariableSpace

    def __init__(
        self,
        name: str,
        connectivity: Connectivity,
        source: VariableSpace,
        target: VariableSpace,
        hidden: Mapping[str, str],
        *,
        modulates: bool = False,
    ) -> None:
        self.name = name
        self.connectivity = connectivity
        self.source = source
        self.target = target
        self.hidden = hidden
        self.modulates = modulates
        self.spaces = source, target
        self.is_recurrent = source is target
        self.neighbours: Any = None

    def space(self, side: str) -> VariableSpace:
        """The variables of the group on a side, "pre" or "post"."""
        return self.source if side == "pre" else self.target
