"""Traces of variables and their statistics: of a monitor, or of a part of its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self

import numpy as np

from numpybrain import analysis
from numpybrain.errors import ArgumentError, TimeStepError, UnknownAttributeError, suggestion
from numpybrain.export.exportable import Exportable
from numpybrain.kernel.variables import Array
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.monitors.interval import Interval

UNEVEN = 1e-6  # ms by which samples may be off the grid of equal distances


class Spectrum(NamedTuple):
    """Power spectral density: `frequency` in Hz, and `power` in unit**2/Hz."""

    frequency: Array
    power: Array


@dataclass(frozen=True, eq=False, repr=False)
class Traces(Exportable):
    """Variables over time, as a monitor has recorded them: `traces.v`, or `traces["v"]`.

    Attributes:
        t: times of the records in ms, shape (n_times,).
        values: name -> what was recorded, shape (n_times, n), or (n_times,) of what is shared by the
            group.
        units: name -> declared unit.
        neurons: numbers of the neurons (or synapses) in what was recorded, shape (n,).
        element: what the columns are, "neuron" or "synapse".
        name: of the monitor.
        info: what else is known: the model, dt, the seed, versions.
    """

    t: Array
    values: Mapping[str, Array]
    units: Mapping[str, str]
    neurons: Array
    element: str = "neuron"
    name: str = "traces"
    info: Mapping[str, Any] = field(default_factory=dict)

    def record(self) -> Self:
        """Itself: what is exported."""
        return self

    def between(self, start: Any = None, stop: Any = None) -> Self:
        """Records of a part of the time: those at t with start <= t < stop.

        Args:
            start: in ms, or as a quantity or text; by default the first record.
            stop: in ms, or as a quantity or text; by default until after the last.

        Returns:
            Traces with the same methods. Times stay those of the network.

        Raises:
            TimeStepError: if the interval ends before it begins, or nothing was recorded in it.
        """
        if start is None and stop is None:
            return self
        first, last = (float(self.t[0]), float(self.t[-1])) if self.t.size else (0.0, 0.0)
        end = np.nextafter(last, np.inf) + (self.sampling_step() if self.t.size > 1 else UNEVEN)
        part = Interval(first, float(end) if self.t.size else 0.0, self.name).part(start, stop)
        found = part.contains(self.t).nonzero()[0]
        rows = slice(found[0], found[-1] + 1) if found.size else slice(0, 0)  # views, no copies
        values = {name: array[rows] for name, array in self.values.items()}
        return replace(self, t=self.t[rows], values=values)

    def fluctuation(self, name: str | None = None) -> Array:
        """Standard deviation over time of each trace, in the unit of the variable, shape (n,).

        Args:
            name: which variable, if there are several.
        """
        return analysis.fluctuation(self.values_of(name))

    def synchrony(self, name: str | None = None) -> float:
        """Synchrony chi of the traces: 1 if all are equal, about 1/sqrt(n) if they are independent.

        Standard deviation over time of the mean of all traces, divided by that of the single ones (root
        of their mean variance; Golomb and Rinzel 1994, doi:10.1016/0167-2789(94)90214-3). NaN if nothing
        changes.

        Args:
            name: which variable, if there are several.
        """
        return analysis.chi(self.values_of(name))

    def spectrum(self, name: str | None = None, segment: Any = None) -> Spectrum:
        """Power spectral density of each trace, by Welch's method.

        Args:
            name: which variable, if there are several.
            segment: length of the segments, in ms or as a quantity or text, whose inverse is the
                resolution; by default a quarter of the time.

        Returns:
            The pair `frequency, power`: in Hz, shape (n_frequencies,), and in unit**2/Hz, (n_frequencies,
            n).
        """
        length = None if segment is None else milliseconds(segment, "the segment")
        return Spectrum(*analysis.spectrum(self.values_of(name), self.sampling_step(), length))

    def values_of(self, name: str | None = None) -> Array:
        """Give the records of a variable; of the only one without a name.

        Raises:
            ArgumentError: if there are several, and no name.
            UnknownAttributeError: if it was not recorded.
        """
        if name is None:
            if len(self.values) != 1:
                message = f"'{self.name}' has recorded {', '.join(self.values)}: say which"
                raise ArgumentError(message, help=f"such as '{next(iter(self.values), 'v')}'")
            name = next(iter(self.values))
        if name not in self.values:
            message = f"'{self.name}' has not recorded '{name}'"
            raise UnknownAttributeError(message + suggestion(str(name), self.values))
        return self.values[name]

    def sampling_step(self) -> float:
        """Distance of the records in ms.

        Raises:
            TimeStepError: if there are fewer than two, or their distances differ.
        """
        if self.t.size < 2:
            raise TimeStepError(f"'{self.name}' has fewer than two records")
        step = float(self.t[-1] - self.t[0]) / (self.t.size - 1)
        if np.abs(np.diff(self.t) - step).max() > UNEVEN:
            message = f"the records of '{self.name}' are not at equal distances"
            raise TimeStepError(message, help="take a part, with between(start, stop)")
        return float(f"{step:.12g}")  # 0.1 and not 0.09999999999999999

    def si_unit(self, name: str) -> tuple[float, str]:
        """Give the factor that converts a variable to its SI unit, and the name of that unit."""
        unit = self.units[name]
        if unit in ("1", "boolean", "integer"):
            return 1.0, "1"
        found = language_entry.unit(unit)
        return float(found.scale), str(found.name)

    def __getitem__(self, name: str) -> Array:
        return self.values_of(name)

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or "values" not in self.__dict__:
            raise AttributeError(name)
        return self.values_of(name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.values})

    def __len__(self) -> int:
        return int(self.t.size)

    def _repr_html_(self) -> str:
        from numpybrain.monitors import monitors_html

        return monitors_html.traces_html(self)

    def __repr__(self) -> str:
        size = f"{len(self)} records of {self.neurons.size}"
        return f"<Traces of '{self.name}': {' '.join(self.values)}, {size}>"
