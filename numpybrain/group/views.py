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

    Of neurons by their indices (`cells[[0, 5]].v`) it is a copy, through which one assigns all the same: to
    elements, and with operators such as `v *= 2`. Functions of NumPy may not write to it (`out=v`), which
    would change nothing but the copy.

    Attributes:
        owner: neurons, a part of them, or synapses; None for what has been made of such an array.
        variable: the name of the variable.
        array: the same values as a plain array.
        is_copy: whether they are not those of the group itself.
    """

    owner: Any = None
    variable: str = ""
    array: Array | None = None
    is_copy: bool = False

    @classmethod
    def of(cls, array: Array, owner: Any, variable: str, *, is_copy: bool = False) -> Self:
        """A view of an array."""
        made = array.view(cls)
        made.owner, made.variable, made.array, made.is_copy = owner, variable, array, is_copy
        made.flags.writeable = array.flags.writeable and not is_copy
        return made

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: Any = None) -> Any:
        single = return_scalar or (return_scalar is None and np.ndim(array) == 0)  # None: from NumPy 1
        return array[()] if single else np.asarray(array)

    def __getitem__(self, key: Any) -> Any:
        array = self.array
        if array is not None and self.is_copy and (key is ... or isinstance(key, slice)):
            some = slice(None) if key is ... else key
            return type(self).of(array[some], self.owner.part(some), self.variable, is_copy=True)
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
        return self._changed_by(np.add, self._added(other))

    def __isub__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.subtract, self._added(other))

    def _added(self, other: Any) -> Any:
        """What is added in place; what has a unit, or is a text, in that of the variable."""
        if self.array is not None and (isinstance(other, str) or carries_unit(other)):
            other = self.owner.worth(self.variable, other)
        return plain(other, f"what is added to '{self.variable}'" if self.variable else "what is added")

    def _changed_by(self, change: Callable[..., Any], other: Any) -> Self:
        """Carry out an operator in place, in the group."""
        if self.array is not None and self.is_copy:
            self.owner.put_values(self.variable, self.array, slice(None), change(self.array, other))
        else:
            change(np.asarray(self), other, out=np.asarray(self))
        return self

    def __imul__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.multiply, other)

    def __itruediv__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.true_divide, other)

    def __ifloordiv__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.floor_divide, other)

    def __imod__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.remainder, other)

    def __ipow__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.power, other)

    def __iand__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.bitwise_and, other)

    def __ior__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.bitwise_or, other)

    def __ixor__(self, other: Any) -> Self:  # type: ignore[override,misc]
        return self._changed_by(np.bitwise_xor, other)

    def __repr__(self) -> str:
        return repr(np.asarray(self))

    def __reduce__(self) -> Any:
        return np.asarray(self).__reduce__()
