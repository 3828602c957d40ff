"""Spike trains and their statistics: of a monitor, of a part of its time, or from a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Self, overload

import numpy as np

from numpybrain import analysis
from numpybrain.analysis.binned import MS_PER_S, bin_centres
from numpybrain.errors import ArgumentError, ShapeError
from numpybrain.export.exportable import Exportable
from numpybrain.group.indexing import indices_among
from numpybrain.kernel.variables import Array
from numpybrain.language.times import milliseconds
from numpybrain.monitors.interval import Interval
from numpybrain.monitors.traces import Spectrum, Traces
from numpybrain.utils.places import Places


class Rates(NamedTuple):
    """Firing rates in bins of time: `t`, the middle of each bin in ms, and `rate` in Hz."""

    t: Array
    rate: Array


class CrossCorrelation(NamedTuple):
    """Correlation of two spike trains by `lag` in ms: positive where the second fires after the first."""

    lag: Array
    correlation: Array


class TriggeredAverage(NamedTuple):
    """Mean of a signal around spikes by `lag` in ms, negative before the spike."""

    lag: Array
    average: Array


@dataclass(frozen=True, eq=False, repr=False)
class SpikeTrains(Exportable):
    """Spikes of n neurons, and when these were observed: in [start, stop).

    All that is said of spikes of monitors can be asked of these: `spikes.cv()` is
    `spikes.between().cv()`. Times are in ms, and may be given as numbers, quantities or texts ("10 ms").
    What is not defined, such as the CV of a neuron with two spikes, is NaN.

    Attributes:
        i: neuron of each spike, 0..n-1, shape (n_spikes,).
        t: time of each spike in ms, shape (n_spikes,).
        n: number of neurons.
        start: from when on they were observed, in ms.
        stop: until when, in ms.
        neurons: their numbers in what was recorded, shape (n,).
        name: of the monitor, or of the file.
        info: what else is known: the model, dt, the seed, versions.
    """

    i: Array
    t: Array
    n: int
    start: float
    stop: float
    neurons: Array
    name: str = "spikes"
    info: Mapping[str, Any] = field(default_factory=dict)

    # ---- parts ----

    def record(self) -> Self:
        """Itself: what is exported."""
        return self

    def between(self, start: Any = None, stop: Any = None) -> Self:
        """Spikes of a part of the time: those at t with start <= t < stop.

        Args:
            start: in ms, or as a quantity or text; by default when the recording began.
            stop: in ms, or as a quantity or text; by default the end.

        Returns:
            Spike trains with the same methods, observed in the part of the interval in which there is a
            recording. Times stay those of the network.

        Raises:
            TimeStepError: if the interval ends before it begins, or was not recorded at all.
        """
        if start is None and stop is None:
            return self
        part = Interval(self.start, self.stop, self.name).part(start, stop)
        inside = part.contains(self.t).nonzero()[0]
        i, t = self.i.take(inside), self.t.take(inside)
        return replace(self, i=i, t=t, start=part.start, stop=part.stop)

    # ---- trains and intervals ----

    @property
    def count(self) -> Array:
        """Number of spikes of each neuron, shape (n,)."""
        return np.bincount(self.i, minlength=self.n)

    @property
    def rate(self) -> float:
        """Mean firing rate of the neurons, in Hz."""
        seconds = self.n * (self.stop - self.start) / MS_PER_S
        return len(self) / seconds if seconds else 0.0

    def trains(self) -> list[Array]:
        """Spike times of each neuron in ms: n arrays, each in ascending order."""
        return analysis.trains(self.i, self.t, self.n)

    def isi(self, of: Any = None) -> Array:
        """Intervals between successive spikes of the same neuron, in ms.

        Args:
            of: which of the neurons, as `i` counts them: an index, a slice, indices or booleans.

        Returns:
            Intervals of all these neurons, one neuron after the other, shape (n_intervals,).
        """
        part = _chosen(self, of)
        return analysis.isi(part.i, part.t, part.n)[1]

    def cv(self) -> Array:
        """Coefficient of variation of the intervals of each neuron, shape (n,).

        Standard deviation divided by mean: 0 for periodic firing, 1 for a Poisson process. NaN for
        neurons with fewer than three spikes.
        """
        return analysis.cv(self.i, self.t, self.n)

    def cv2(self) -> Array:
        """Local variation CV2 of each neuron, shape (n,): like the CV, but blind to slow changes.

        The mean of 2 |a - b| / (a + b) over successive intervals a and b. NaN for neurons with fewer than
        three spikes. doi:10.1152/jn.1996.75.5.1806.
        """
        return analysis.cv2(self.i, self.t, self.n)

    def lv(self) -> Array:
        """Local variation LV of each neuron, shape (n,): blind to slow changes of the rate.

        Three times the mean of ((a - b) / (a + b))**2 over successive intervals a and b. NaN for neurons
        with fewer than three spikes. doi:10.1162/089976603322518759.
        """
        return analysis.lv(self.i, self.t, self.n)

    def latency(self, after: Any = None) -> Array:
        """Time from `after` to the first spike of each neuron in ms, shape (n,); NaN if there is none.

        Args:
            after: the onset of a stimulus, in ms, or as a quantity or text; by default the start.
        """
        onset = self.start if after is None else milliseconds(after, "'after'")
        return analysis.latency(self.i, self.t, self.n, onset)

    # ---- rates ----

    @overload
    def rates(self, bin: None = None, after: Any = None, of: Any = None) -> Array: ...

    @overload
    def rates(self, bin: Any, after: Any = None, of: Any = None) -> Rates: ...

    def rates(self, bin: Any = None, after: Any = None, of: Any = None) -> Array | Rates:
        """Firing rate of each neuron in Hz, over the whole time or in bins.

        Args:
            bin: width of the bins, in ms or as a quantity or text; None for one rate over the whole time.
                What remains at the end after the last whole bin is left out.
            after: from when on, to leave out a transient; by default from the start of the recording.
            of: which of the neurons, as `i` counts them: an index, a slice, indices or booleans.

        Returns:
            Without `bin` the rates, shape (n,). With it the pair `t, rate`: the middle of each bin in ms,
            shape (n_bins,), and the rates, shape (n_bins, n).
        """
        part = _chosen(self.between(after), of)
        if bin is None:
            return part.count / ((part.stop - part.start) / MS_PER_S or np.nan)
        width = milliseconds(bin, "the width of bins")
        options = {"start": part.start, "stop": part.stop, "width": width}
        rate = analysis.rates(part.i, part.t, part.n, **options)
        return Rates(bin_centres(**options), rate)

    def population_rate(
        self, bin: Any = "1 ms", smooth: Any = None, kernel: str = "gaussian", of: Any = None
    ) -> Rates:
        """Firing rate of the neurons together, over time: spikes per neuron and second.

        Args:
            bin: width of the bins, in ms or as a quantity or text.
            smooth: width of the kernel that the rate is smoothed with: of a Gaussian its standard
                deviation, of an exponential its time constant, of a rectangle its whole width. None for
                none.
            kernel: "gaussian", "exponential" (of the past alone) or "rectangular". Near the ends, where a
                part of the kernel has no data, the rest counts for more: the rate does not sink there.
            of: which of the neurons, as `i` counts them: an index, a slice, indices or booleans.

        Returns:
            The pair `t, rate`: the middle of each bin in ms, and the rate in Hz, both of shape (n_bins,).
        """
        part = _chosen(self, of)
        width = milliseconds(bin, "the width of bins")
        options = {"start": part.start, "stop": part.stop, "width": width}
        smoothing = None if smooth is None else milliseconds(smooth, "'smooth'")
        rate = analysis.population_rate(part.t, part.n, **options, smoothing=smoothing, kernel=kernel)
        return Rates(bin_centres(**options), rate)

    def fano(self, window: Any = "100 ms") -> Array:
        """Fano factor of each neuron: variance of its spike counts in windows, divided by their mean.

        Shape (n,); 1 for a Poisson process. NaN for neurons without a spike, and if there are fewer than
        two windows.

        Args:
            window: length of the windows, which follow upon one another, in ms or as a quantity or text.
        """
        length = milliseconds(window, "the window")
        return analysis.fano(self.i, self.t, self.n, start=self.start, stop=self.stop, window=length)

    # ---- together ----

    def correlation(self, bin: Any = "5 ms", of: Any = None) -> Array:
        """Pearson's correlation coefficient of the spike counts of each pair of neurons, shape (n, n).

        NaN for pairs of which a neuron has the same count in all bins, as neurons without a spike have.

        Args:
            bin: width of the bins, in ms or as a quantity or text.
            of: which of the neurons, as `i` counts them: a slice, indices or booleans.
        """
        part = _chosen(self, of)
        width = milliseconds(bin, "the width of bins")
        return analysis.correlation_matrix(
            part.i, part.t, part.n, start=part.start, stop=part.stop, width=width
        )

    def cross_correlation(
        self,
        a: Any = None,
        b: Any = None,
        bin: Any = "1 ms",
        max_lag: Any = "50 ms",
        norm: str = "coefficient",
    ) -> CrossCorrelation:
        """Cross-correlation of two neurons, or of the spikes of two sets of neurons.

        Args:
            a: a neuron, as `i` counts them, a slice, indices or booleans; by default all.
            b: the same; by default `a`, for the autocorrelation.
            bin: width of the bins, in ms or as a quantity or text.
            max_lag: the largest lag.
            norm: "coefficient", of correlation; "covariance", of the counts; "rate", in Hz: how fast b
                fires after a spike of a; "count": the number of pairs. A spike is no pair with itself.

        Returns:
            The pair `lag, correlation`, in ms and as `norm` says, both of shape (n_lags,). At a positive
            lag b fires after a.
        """
        first = _chosen(self, a)
        second = first if b is None else _chosen(self, b)
        shared = _chosen(first, np.isin(first.neurons, second.neurons))
        lag, found = analysis.cross_correlation(
            first.t,
            second.t,
            start=self.start,
            stop=self.stop,
            width=milliseconds(bin, "the width of bins"),
            max_lag=milliseconds(max_lag, "the largest lag"),
            norm=norm,
            shared=shared.t,
        )
        return CrossCorrelation(lag, found)

    def synchrony(self, bin: Any = "1 ms", of: Any = None) -> float:
        """Coherence kappa of the neurons: coincidences of spikes, averaged over all pairs that fired.

        1 if all fire together; for independent neurons about rate times bin (Wang and Buzsaki 1996,
        doi:10.1523/JNEUROSCI.16-20-06402.1996). NaN if fewer than two neurons fired. Of traces,
        `trace.synchrony()` gives the variance ratio chi.

        Args:
            bin: width of the bins, in ms or as a quantity or text; the longer, the more is coincidence.
            of: which of the neurons, as `i` counts them: a slice, indices or booleans.
        """
        part = _chosen(self, of)
        width = milliseconds(bin, "the width of bins")
        return analysis.kappa(part.i, part.t, part.n, start=part.start, stop=part.stop, width=width)

    def spectrum(self, bin: Any = "1 ms", segment: Any = None, of: Any = None) -> Spectrum:
        """Power spectral density of the population rate, by Welch's method.

        Args:
            bin: width of the bins of the rate, in ms or as a quantity or text; the spectrum reaches 1/(2
                bin).
            segment: length of the segments, whose inverse is the resolution; by default a quarter of the
                time.
            of: which of the neurons, as `i` counts them: an index, a slice, indices or booleans.

        Returns:
            The pair `frequency, power`, in Hz and Hz**2/Hz, both of shape (n_frequencies,). Independent
            Poisson processes of rate r have 2 r/n everywhere.
        """
        part = _chosen(self, of)
        width = milliseconds(bin, "the width of bins")
        length = None if segment is None else milliseconds(segment, "the segment")
        rate = part.population_rate(width).rate
        return Spectrum(*analysis.spectrum(rate, width, length))

    def sta(
        self,
        signal: Any,
        name: str | None = None,
        before: Any = "50 ms",
        after: Any = 0.0,
        of: Any = None,
    ) -> TriggeredAverage:
        """Spike-triggered average: the mean of a signal around the spikes.

        Args:
            signal: a monitor of a variable, or a pair (t, values) of times in ms and values, shape
                (n_times,) or (n_times, n). With one column for each neuron, the spikes of a neuron count
                in its own; one column is for all. Of a monitor, columns are found by the numbers of the
                neurons.
            name: which variable, if the monitor records several.
            before: how far to look back from a spike, in ms or as a quantity or text.
            after: how far to look ahead.
            of: which of the neurons, as `i` counts them: an index, a slice, indices or booleans.

        Returns:
            The pair `lag, average`, in ms and in the unit of the signal, both of shape (n_lags,). Spikes
            whose surroundings were not wholly recorded do not count; NaN if none is left.
        """
        part = _chosen(self, of)
        traces = signal.between() if hasattr(signal, "between") else _as_traces(signal, self.neurons)
        if not isinstance(traces, Traces):
            raise ArgumentError("a signal is a monitor of a variable, or a pair (t, values)")
        values = traces.values_of(name)
        if values.ndim == 2:
            values = _columns(values, traces, part)
        step = traces.sampling_step()
        lag, found, _ = analysis.sta(
            part.i,
            part.t,
            part.n,
            values,
            start=float(traces.t[0]),
            step=step,
            before=milliseconds(before, "'before'"),
            after=milliseconds(after, "'after'"),
        )
        return TriggeredAverage(lag, found)

    def __len__(self) -> int:
        return int(self.t.size)

    def _repr_html_(self) -> str:
        from numpybrain.monitors import monitors_html

        return monitors_html.spike_trains_html(self)

    def __repr__(self) -> str:
        where = f"{self.start:g}..{self.stop:g} ms"
        return f"<SpikeTrains of '{self.name}': {len(self)} spikes of {self.n} neurons in {where}>"


def _chosen(trains: SpikeTrains, of: Any) -> SpikeTrains:
    """Spikes of some of the neurons, numbered anew in the order in which they are given."""
    if of is None:
        return trains
    index = indices_among(of, trains.n, f"'{trains.name}'", "neurons")
    found, places = Places(index, trains.n).of(trains.i)
    t, neurons = trains.t.take(found), trains.neurons.take(index)
    return replace(trains, i=places, t=t, n=index.size, neurons=neurons)


def _as_traces(pair: Any, neurons: Array) -> Traces:
    """A pair (t, values) as traces, with one column for all or one for each neuron."""
    try:
        t, values = (np.asarray(part, dtype=float) for part in pair)
    except (TypeError, ValueError):
        message = "a signal is a monitor of a variable, or a pair (t, values)"
        raise ArgumentError(message, detail=f"got {type(pair).__name__}") from None
    if t.ndim != 1 or values.shape[:1] != t.shape:
        raise ShapeError(f"a signal has one row for each time (got t {t.shape}, values {values.shape})")
    if values.ndim > 2 or (values.ndim == 2 and values.shape[1] not in (1, neurons.size)):
        message = f"a signal has one column, or one for each of the {neurons.size} neurons"
        raise ShapeError(f"{message} (got shape {values.shape})")
    return Traces(t, {"values": values}, {"values": "1"}, neurons, name="signal")


def _columns(values: Array, traces: Traces, part: SpikeTrains) -> Array:
    """The column of each neuron, or the one that is for all."""
    if values.shape[1] == 1:
        return values[:, 0]
    order = traces.neurons.argsort(kind="stable")
    place = np.searchsorted(traces.neurons, part.neurons, sorter=order)
    column = order.take(np.minimum(place, order.size - 1))
    missing = part.neurons[traces.neurons.take(column) != part.neurons]
    if missing.size:
        message = f"'{traces.name}' has not recorded neuron {missing[0]}, of which '{part.name}' has spikes"
        raise ShapeError(message, help="record the same neurons, or choose some with of=")
    return values if np.array_equal(column, np.arange(values.shape[1])) else values[:, column]
