"""Statistics of variables over time, without a record of their values."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.analysis.moments import RunningMoments
from numpybrain.errors import (
    ArgumentError,
    CheckpointError,
    ShapeError,
    UnknownAttributeError,
    suggestion,
)
from numpybrain.group.indexing import names_of
from numpybrain.kernel.contracts import Call, RunContext
from numpybrain.kernel.state import LONG, Form, State, Values, under
from numpybrain.kernel.variables import Array
from numpybrain.language import language_entry
from numpybrain.monitors.observer import Observer
from numpybrain.monitors.present_values import PresentValues
from numpybrain.utils.arrays import plain
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.quantities import carries_unit

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.neurons.subgroup import Subgroup
    from numpybrain.synapses.synapses import Synapses

SUMS = ("mean", "squares", "low", "high")  # of moments, for each element

_numbers = itertools.count(1)


@dataclass(frozen=True, eq=False, repr=False)
class VariableStatistics:
    """Statistics of one variable over time: copies, in its declared unit.

    Attributes:
        count: number of samples.
        mean: shape (n,), or a number for what is shared by the group; NaN before the first sample.
        variance: of the samples (divided by their number).
        minimum, maximum: the least and the largest sample.
        edges: of the bins of the histogram, shape (n_bins + 1,); empty without one.
        histogram: how many samples lie in each bin, shape (n_bins, n).
        unit: the declared unit.
    """

    count: int
    mean: Array
    variance: Array
    minimum: Array
    maximum: Array
    edges: Array
    histogram: Array
    unit: str

    @property
    def std(self) -> Array:
        """Standard deviation."""
        return np.sqrt(self.variance)

    def __repr__(self) -> str:
        return f"<VariableStatistics of {self.count} samples of shape {self.mean.shape} in {self.unit}>"


class RunningStatistics(Observer):
    """Count, mean, variance, extremes and histogram of variables over time, without a record of values.

    What it needs of memory does not grow with the time. `statistics.v.mean` is the mean of v of each
    neuron.

    Args:
        source: neurons, a part of them, or synapses.
        *variables: names of variables, parameters or subexpressions.
        histogram: edges of the bins in the declared unit, or as quantities; for several variables a
            dictionary {name: edges}. Samples outside are in no bin.
        every: the interval between two samples (ms if bare); by default every step.
        start: from when on (ms if bare); samples then are at start, start + every ...
        stop: until when, not included.
        phase: in which phase of the step: "start" (by default), "integrate", "threshold", "synapse",
            "reset" or "end".
        of: which neurons (or synapses): indices, a slice or a boolean array, relative to the source.
        name: a name for messages and the schedule.

    The statistics of each variable are attributes, such as `statistics.v`, with the attributes of
    `VariableStatistics`: `count`, `mean`, `variance`, `std`, `minimum`, `maximum`, `edges`, `histogram`.
    Those of synapses that were taken away are NaN.
    """

    @explains_arguments("RunningStatistics")
    def __init__(
        self,
        source: Neurons | Subgroup | Synapses,
        *variables: Any,
        histogram: Any = None,
        every: Any = None,
        start: Any = None,
        stop: Any = None,
        phase: str = "start",
        of: Any = None,
        name: str | None = None,
    ) -> None:
        subject, timing = "statistics are of neurons or synapses", (every, start, stop)
        super().__init__(source, name or f"statistics_{next(_numbers)}", subject, timing, of)
        self.variables = names_of(variables)
        if not self.variables:
            message = "statistics need to know of what"
            raise ArgumentError(message, help='such as RunningStatistics(cells, "v")')
        self._values = PresentValues(self.inspect, self.group.name)
        for variable in self.variables:
            if variable in self.inspect.events:
                message = f"'{variable}' is no variable, but an event"
                raise ArgumentError(message, help=f'Monitor(..., "{variable}") counts it')
            self._values.check(variable)
        self._edges = self._edges_of(histogram)
        self._moments: dict[str, RunningMoments] = {}
        self._clear()
        verb, parts = f"statistics of {', '.join(self.variables)}", self._values.operations.values
        self.stages = [self._stage(phase, verb, self._prepare, parts)]
        self._is_made()

    def _edges_of(self, histogram: Any) -> dict[str, Array]:
        """The edges of the bins of each variable that has a histogram, in its declared unit."""
        if histogram is None:
            return {}
        if not isinstance(histogram, Mapping):
            if len(self.variables) != 1:
                message = f"'histogram' of '{self.name}' is a dictionary, as there are several variables"
                raise ArgumentError(message, help=f"such as {{'{self.variables[0]}': edges}}")
            histogram = {self.variables[0]: histogram}
        found = {}
        for name, edges in histogram.items():
            if name not in self.variables:
                message = f"'{self.name}' has a histogram of '{name}', which is none of its variables"
                raise ArgumentError(message + suggestion(str(name), self.variables))
            what = f"the histogram of '{name}'"
            if carries_unit(edges) or (isinstance(edges, (list, tuple)) and any(map(_has_unit, edges))):
                edges = language_entry.convert(edges, self._values.unit(name), what)  # noqa: PLW2901
            array = plain(edges, what).astype(float)
            if array.ndim != 1 or array.size < 2 or not (np.diff(array) > 0).all():
                message = f"{what} needs ascending edges of bins (got shape {array.shape})"
                raise ShapeError(message, help="such as np.linspace(-80, -40, 81)")
            found[name] = array
        return found

    def _clear(self) -> None:
        """Begin anew."""
        n = self._width()
        for name in self.variables:
            shape = () if self.inspect.is_single(name) else (n,)
            self._moments[name] = RunningMoments(shape, self._edges.get(name))

    def _prepare(self, run: RunContext) -> Call:
        pairs = [
            (self._moments[name].add, self._values.reader(name, self.index)) for name in self.variables
        ]

        def add() -> None:
            for count, read in pairs:
                count(read())

        return self._steps.only(add, run.clock)

    # ---- what has come of it ----

    def __getitem__(self, name: str) -> VariableStatistics:
        """Statistics of a variable."""
        if name not in self._moments:
            message = f"'{self.name}' has no statistics of '{name}'"
            raise UnknownAttributeError(message + suggestion(str(name), self.variables))
        self._check_it_was_there()
        found = self._moments[name]
        nothing = np.full(found.mean.shape, np.nan)
        some = found.n > 0
        return VariableStatistics(
            found.n,
            found.mean.copy() if some else nothing,
            found.squares / found.n if some else nothing,
            found.low.copy() if some else nothing,
            found.high.copy() if some else nothing,
            np.empty(0) if found.edges is None else found.edges.copy(),
            found.counts.copy(),
            self._values.unit(name),
        )

    def __getattr__(self, name: str) -> VariableStatistics:
        if name.startswith("_") or "_moments" not in self.__dict__:
            raise AttributeError(name)
        return self[name]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.variables})

    def __repr__(self) -> str:
        return f"<RunningStatistics '{self.name}' {' '.join(self.variables)} of {self.source.name}>"

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back."""
        bins = {name: edges.tolist() for name, edges in self._edges.items()}
        more = {"statistics": self.variables, "every": self._timing.every, "histogram": bins}
        return self._structure("statistics", is_record=True, **more)

    def declare_state(self) -> Iterable[State]:
        """All sums and counts, and of which elements they are."""

        def put(values: Values) -> None:
            self.index = self._kept(values["index"])

        def follow(values: Values, _: Any) -> list[State]:
            n = values["index"].size
            return [state for x in self.variables for state in under(f"{x}/", [self._state_of(x, n)])]

        form, get = Form(int, (None,)), lambda: {"index": self._which()}
        return [State({"index": form}, get, put, self._check_index, follow)]

    def _check_index(self, values: Values) -> None:
        if self.inspect.events and not np.array_equal(values["index"], self._which()):
            message = f"'{self.name}' was about other neurons when the snapshot was taken"
            raise CheckpointError(message, detail="nothing has been changed", help="give the same 'of'")

    def _state_of(self, name: str, n: int) -> State:
        """State of the statistics of a variable of n elements."""
        single, edges = self.inspect.is_single(name), self._edges.get(name)
        bins, width = 0 if edges is None else edges.size - 1, 1 if single else n
        forms = {"n": Form(int, limit=LONG), **dict.fromkeys(SUMS, Form(float, (width,)))}

        def get() -> Values:
            found = self._moments[name]
            arrays = {key: np.atleast_1d(getattr(found, key)) for key in SUMS}
            return {"n": found.n, **arrays, "counts": found.counts.reshape(bins, width)}

        def put(values: Values) -> None:
            made = self._moments[name] = RunningMoments(() if single else (n,), edges)
            made.n, made.counts = values["n"], values["counts"].astype(np.int64).reshape(made.counts.shape)
            for key in SUMS:
                setattr(made, key, values[key].reshape(made.mean.shape))

        return State({**forms, "counts": Form(int, (bins, width))}, get, put)

    def _kept(self, index: Array) -> slice | Array:
        """The same elements as a slice, if they follow upon one another."""
        if index.size and np.array_equal(index, np.arange(index[0], index[0] + index.size)):
            return slice(int(index[0]), int(index[0]) + index.size)
        return index


def _has_unit(value: Any) -> bool:
    return isinstance(value, str) or carries_unit(value)
