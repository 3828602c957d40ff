"""Arrays of variables as users get them: conditions are an index, units and texts are values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from numpybrain.utils.arrays import plain
from numpybrain.utils.quantities import carries_unit

if TYPE_CHECKING:
    from numpybrain.kernel.variables import Array


class SynapticArray(np.ndarray):  # type: ignore[type-arg]
    """A live array of the values of one variable, one for each neuron or synapse.

    As an index it also takes a condition: `v["v > 0*mV"]`, and parts of the group; of synapses, pairs of
    neurons: `w[i, j]`, where i and j are numbers, slices, index arrays or parts of a group, relative to
    source and target. What is assigned is in the unit of the variable: quantities and texts are converted,
    `v[:5] = "-60 mV"`; in texts and functions `i` counts in the group, or in the part, whose array it is.
    Whatever is made of it is a plain array.

    Attributes:
        owner: neurons, a part of them, or synapses; None for what has been made of such an array.
        variable: the name of the variable.
        array: the same values as a plain array.
    """

    owner: Any = None
    variable: str = ""
    array: Array | None = None

    @classmethod
    def of(cls, array: Array, owner: Any, variable: str) -> Self:
        """A view of an array."""
        made = array.view(cls)
        made.owner, made.variable, made.array = owner, variable, array
        return made

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: Any = None) -> Any:
        single = return_scalar or (return_scalar is None and np.ndim(array) == 0)  # None: from NumPy 1
        return array[()] if single else np.asarray(array)

    def __getitem__(self, key: Any) -> Any:
        array = self.array
        if array is None or isinstance(key, (int, slice, np.ndarray)):
            return np.asarray(self)[key]
        return array[self.owner.find_elements(key)]

    def __setitem__(self, key: Any, value: Any) -> None:
        array = self.array
        if array is None:
            np.asarray(self)[key] = value
        else:
            index = key if isinstance(key, (int, slice)) else self.owner.find_elements(key)
            self.owner.put_values(self.variable, array, index, value)

    def __iadd__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.add, other)

    def __isub__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.subtract, other)

    def _changed_by(self, change: Callable[..., Any], other: Any) -> Self:
        """Add or subtract something in place; what has a unit, or is a text, in that of the variable."""
        if self.array is not None and (isinstance(other, str) or carries_unit(other)):
            other = self.owner.worth(self.variable, other)
        added = plain(other, f"what is added to '{self.variable}'" if self.variable else "what is added")
        change(np.asarray(self), added, out=np.asarray(self))
        return self

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()
