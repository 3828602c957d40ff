"""Subgroups: contiguous parts of spike sources."""

from __future__ import annotations

from typing import Any


class Subgroup:
    """Neurons `start` to `stop` of a spike source, counted from `start`.

    Attributes:
        neurons: the source that it is a part of.
        start, stop: its first neuron, and the one behind its last.
    """

    __slots__ = ("neurons", "start", "stop")

    neurons: Any
    start: int
    stop: int

    def __init__(self, neurons: Any, start: int, stop: int) -> None:
        for name, value in (("neurons", neurons), ("start", start), ("stop", stop)):
            object.__setattr__(self, name, value)

    @property
    def size(self) -> int:
        """The number of neurons in the part."""
        return self.stop - self.start

    @property
    def name(self) -> str:
        """A name for messages: "cells[0:10]"."""
        return f"{self.neurons.name}[{self.start}:{self.stop}]"


def whole_of(source: Any) -> Any:
    """The whole source that a spike source is, or is a part of."""
    return source.neurons if isinstance(source, Subgroup) else source


def parent_range(source: Any) -> tuple[Any, int, int]:
    """The whole source, start and stop of a spike source or a part of one."""
    if isinstance(source, Subgroup):
        return source.neurons, source.start, source.stop
    return source, 0, source.size
