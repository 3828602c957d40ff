"""A contiguous part of a group of neurons: a view, with the same attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, shown
from numpybrain.kernel.live import Live

if TYPE_CHECKING:
    from numpybrain.kernel.neurons.neurons import Neurons
    from numpybrain.kernel.state import Array


def contiguous(item: Any, n: int, name: str) -> tuple[int, int]:
    """Start and stop of an index or slice.

    Raises:
        IndexRangeError: if it is outside of the group or empty.
    """
    if isinstance(item, (int, np.integer)) and not isinstance(item, bool):
        index = int(item) + (n if item < 0 else 0)
        if not 0 <= index < n:
            message = f"index {shown(item)} is out of range: '{name}' has {n} neurons (0..{n - 1})"
            raise IndexRangeError(message)
        return index, index + 1
    if not isinstance(item, slice):
        message = f"'{name}' takes a slice or an index (got {type(item).__name__})"
        raise ArgumentError(message, help=f"such as {name}[:10]; for values: {name}.v[[1, 4]]")
    try:
        start, stop, step = item.indices(n)
    except TypeError:
        raise ArgumentError(f"a slice of '{name}' needs whole numbers (got {shown(item)})") from None
    if step != 1:
        raise ArgumentError(f"a part of '{name}' must be contiguous (got step {shown(step)})")
    for given in (item.start, item.stop):
        if given is not None and not -n <= given <= n:
            message = f"index {shown(given)} is out of range: '{name}' has {n} neurons (0..{n - 1})"
            raise IndexRangeError(message)
    if stop <= start:
        raise IndexRangeError(f"the part {start}:{stop} of '{name}' is empty")
    return start, stop


class Subgroup(Live):
    """Neurons `start` to `stop` of a group. `part.v` is a live view, and can be assigned.

    In what is assigned to it, as everywhere with parts, `i` counts in the part, and `N` is its size.
    """

    __slots__ = ("neurons", "start", "stop")

    neurons: Neurons
    start: int
    stop: int

    def __init__(self, neurons: Neurons, start: int, stop: int) -> None:
        for name, value in (("neurons", neurons), ("start", start), ("stop", stop)):
            object.__setattr__(self, name, value)

    @property
    def size(self) -> int:
        """The number of neurons in the part."""
        return self.stop - self.start

    @property
    def N(self) -> int:  # noqa: N802 - as in texts
        """The same."""
        return self.size

    @property
    def i(self) -> Array:
        """The indices of the neurons, in the part."""
        return np.arange(self.size)

    @property
    def spikes(self) -> Array:
        """The indices, in the part, of its neurons that fired in the last step."""
        return self.neurons.spikes[self._fired()] - self.start

    @property
    def spike_times(self) -> Array | None:
        """When these fired, in ms, if that is between time steps."""
        times = self.neurons.spike_times
        return None if times is None else times[self._fired()]

    def _fired(self) -> slice:
        return slice(*self.neurons.spikes.searchsorted([self.start, self.stop]))

    @property
    def name(self) -> str:
        """A name for messages: "cells[0:10]"."""
        return f"{self.neurons.name}[{self.start}:{self.stop}]"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = getattr(self.neurons, name)
        sliced = isinstance(value, np.ndarray) and value.shape == (self.neurons.size,)
        return value[self.start : self.stop] if sliced else value

    def __setattr__(self, name: str, value: Any) -> None:
        self.neurons.write_part(self, name, value)

    def __getitem__(self, item: Any) -> Subgroup:
        start, stop = contiguous(item, self.size, self.name)
        return Subgroup(self.neurons, self.start + start, self.start + stop)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"<Subgroup '{self.name}' n={self.size}>"


def whole(group: Any) -> tuple[Neurons, int, int]:
    """Neurons, start and stop of a group or a part of one."""
    if isinstance(group, Subgroup):
        return group.neurons, group.start, group.stop
    return group, 0, group.size
