"""Links: a variable of a group that reads those of another group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ShapeError, UnitError

if TYPE_CHECKING:
    from numpybrain.kernel.variables import Variable, VariableStore

Array = np.ndarray[Any, Any]


class Link:
    """A variable of a group, and which of its values each reader gets; make it with `nb.link`.

    Args:
        group: whose variable it is.
        state: the variables of the group.
        slot: the variable.
        index: for each reader, which value it gets; None if its own.
        label: how messages call the variable.
    """

    def __init__(
        self, group: Any, state: VariableStore, slot: Variable, index: Array | None, label: str
    ) -> None:
        self.group = group
        self.state = state
        self.slot = slot
        self.index = index
        self.label = label

    def check(self, n: int, unit_text: str, what: str) -> None:
        """Raise an error unless the link fits a variable of `n` neurons in a unit."""
        if self.slot.unit_text != unit_text:
            message = f"{what} is in {unit_text}, but {self.label} is in {self.slot.unit_text}"
            raise UnitError(message, help=f"declare it as  : {self.slot.unit_text} (linked)")
        size = self.state.n if self.index is None else self.index.size
        if size != n and not self.slot.shared:
            message = f"{what} needs {n} values, but {self.label} has {size}"
            raise ShapeError(message, help="say which each neuron gets: link(..., index=...)")

    def only(self, keep: Array) -> Link:
        """The link of those readers that stay; `keep` says of each whether it does."""
        if self.slot.shared:
            return self
        index = keep.nonzero()[0] if self.index is None else self.index[keep]
        return Link(self.group, self.state, self.slot, index, self.label)

    def values(self) -> Any:
        """The present values, one for each reader."""
        array = self.slot.array(self.state.n)
        return array if self.index is None else array[self.index]
