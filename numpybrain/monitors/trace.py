"""Records of one neuron, or of one synapse, in a monitor: `monitor[3].v`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, IndexRangeError, UnknownAttributeError, suggestion
from numpybrain.kernel.variables import Array

if TYPE_CHECKING:
    from numpybrain.plot.monitors import Recorded

SHOWN = 8  # numbers of recorded neurons that an error lists


class Trace:
    """Records of one element: `t` and the variables, each of shape (n_times,); or `t` of its events."""

    __slots__ = ("_column", "_monitor", "number")

    def __init__(self, monitor: Recorded, number: int, column: int) -> None:
        self._monitor = monitor
        self.number = number
        self._column = column

    @property
    def t(self) -> Array:
        """Times of the records, or of the events of this neuron, in ms."""
        monitor = self._monitor
        return monitor.train(self._column) if monitor.records_spikes else monitor.t

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_"):
            raise AttributeError(name)
        monitor = self._monitor
        if name not in monitor.recorded_variables:
            known = ["t", *monitor.recorded_variables]
            message = f"'{monitor.name}' has not recorded '{name}'"
            raise UnknownAttributeError(message + suggestion(name, known))
        values: Array = monitor[name]
        if monitor.records_spikes:
            own: Array = values[monitor.i == self._column]
            return own
        return values if values.ndim == 1 else values[:, self._column]

    def __getitem__(self, name: str) -> Array:
        values: Array = getattr(self, name)
        return values

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self._monitor.recorded_variables})

    def __repr__(self) -> str:
        return f"<Trace of number {self.number} in '{self._monitor.name}'>"


def trace(monitor: Recorded, number: Any) -> Trace:
    """Give the records of one element; `number` counts in the source of the monitor.

    Raises:
        ArgumentError: if it is no whole number.
        IndexRangeError: if that element is not recorded.
    """
    source = monitor.source
    what = monitor.element
    if not isinstance(number, (int, np.integer)) or isinstance(number, bool):
        message = f"'{monitor.name}' is indexed by the number of a {what}, or the name of a variable"
        name = monitor.variables[0]
        advice = f'write {monitor.name}["{name}"][:, 2:5] for several'
        raise ArgumentError(message, detail=f"got {type(number).__name__}", help=advice)
    n = source.size
    if not -n <= number < n:
        message = f"index {number} is out of range: '{source.name}' has {n} {what}s (0..{n - 1})"
        raise IndexRangeError(message)
    number = int(number) % n
    recorded = monitor.numbers()
    found = np.flatnonzero(recorded == number)
    if not found.size:
        shown = ", ".join(map(str, recorded[:SHOWN].tolist()))
        message = f"'{monitor.name}' does not record {what} {number}"
        detail = f"it records {shown}{' ...' * (recorded.size > SHOWN)}"
        raise IndexRangeError(message, detail=detail)
    return Trace(monitor, number, int(found[0]))
