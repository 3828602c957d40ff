"""Subgroups: parts of spike sources, by a slice or by the indices of their neurons."""

from __future__ import annotations

from typing import Any

from numpybrain.kernel.variables import Array

Where = slice | Array  # neurons among those of a source: from start to stop, or indices, each once


class Subgroup:
    """Neurons of a spike source, counted in the part.

    Attributes:
        neurons: the source that it is a part of.
        where: which of its neurons, as an index of its arrays.
        name: for messages: "cells[0:10]".
    """

    __slots__ = ("name", "neurons", "where")

    name: str
    neurons: Any
    where: Where

    def __init__(self, neurons: Any, where: Where, name: str = "") -> None:
        shown = f"{where.start}:{where.stop}" if isinstance(where, slice) else "..."
        name = name or f"{neurons.name}[{shown}]"
        for attribute, value in (("neurons", neurons), ("where", where), ("name", name)):
            object.__setattr__(self, attribute, value)

    @property
    def size(self) -> int:
        """The number of neurons in the part."""
        return size_of(self.where)


def whole_of(source: Any) -> Any:
    """The whole source that a spike source is, or is a part of."""
    return source.neurons if isinstance(source, Subgroup) else source


def where_of(source: Any) -> Where:
    """The neurons of a spike source, or of a part of one, among those of the whole source."""
    return source.where if isinstance(source, Subgroup) else slice(0, source.size)


def size_of(where: Where) -> int:
    """The number of neurons."""
    return where.stop - where.start if isinstance(where, slice) else where.size


def in_whole(numbers: Array, where: Where) -> Array:
    """Indices in the whole source, of neurons counted in a part."""
    if isinstance(where, slice):
        return numbers + where.start if where.start else numbers
    return where.take(numbers)
