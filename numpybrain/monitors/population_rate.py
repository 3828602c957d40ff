"""Firing rate of a population over time, without a record of its spikes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.analysis import smooth
from numpybrain.errors import ArgumentError, CheckpointError
from numpybrain.kernel.contracts import Call, RunContext
from numpybrain.kernel.state import LONG, Form, State, Values
from numpybrain.kernel.variables import Array
from numpybrain.language.times import milliseconds
from numpybrain.monitors.observer import Observer
from numpybrain.monitors.spike_trains import Rates
from numpybrain.utils.foreign_names import explains_arguments

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons
    from numpybrain.neurons.subgroup import Subgroup

_numbers = itertools.count(1)


class PopulationRate(Observer):
    """Spikes per neuron and second in bins of time; the spikes themselves are not kept.

    Args:
        source: neurons, a part of them, or another source of spikes.
        event: "spikes", or another event.
        bin: width of the bins (ms if bare), a whole number of steps.
        start: when the first bin begins (ms if bare); by default when this joins the network.
        stop: until when, not included.
        of: which neurons: indices, a slice or a boolean array, relative to the source.
        name: a name for messages and the schedule.

    Bins that are not complete, at the end of the run or because this joined the network in the middle of
    one, have no rate yet.
    """

    @explains_arguments("PopulationRate")
    def __init__(
        self,
        source: Neurons | Subgroup,
        event: str = "spikes",
        bin: Any = "1 ms",
        start: Any = None,
        stop: Any = None,
        of: Any = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            source,
            name or f"rate_{next(_numbers)}",
            "a population rate is of neurons",
            (bin, start, stop),
            of,
        )
        space = self.inspect
        has = space.has_spikes if event == "spikes" else event in space.events
        if not has or not space.events:
            message = f"'{source.name}' has no event '{event}', of which there could be a rate"
            raise ArgumentError(
                message, help="give the neurons a threshold, such as threshold='v > -50*mV'"
            )
        self._event = event
        self._often = np.bincount(self._which(), minlength=space.size)  # how often each neuron counts
        self._first = 0  # step in which the first bin begins
        self._counts = np.zeros(0, dtype=np.int64)
        self.stages = [self._stage("threshold", f"rate of {event}", self._prepare, order=4)]
        self._is_made()

    # ---- the network ----

    def join(self, network: Any, run: RunContext) -> None:
        """Become part of a network; the first bin is the first whole one from now on.

        Back in its network, it goes on with its bins; in another one, with another time, it begins anew.
        """
        before = self._home
        super().join(network, run)
        if before is not run.clock:
            self._clear()

    def _clear(self) -> None:
        """Begin without counts; the first bin is the first whole one from now on."""
        self._counts = np.zeros(0, dtype=np.int64)
        steps, now = self._steps, self._clock.step
        self._first = now if self._timing.start is None else steps.first
        if self._first < now:
            self._first += -(-(now - self._first) // steps.interval) * steps.interval

    def begin(self, steps: int) -> None:
        """Make room for the bins of a run, and for some more of runs that go on from there."""
        missing = self._bins(steps) + 1 - self._counts.size
        if missing > 0:
            more = np.zeros(missing + self._counts.size, dtype=np.int64)
            self._counts = np.concatenate([self._counts, more])

    def is_ready(self, steps: int) -> bool:
        """Whether there is room for the bins of so many more steps."""
        return self._counts.size > self._bins(steps)

    def _bins(self, more: int = 0) -> int:
        """Give the number of bins that are complete, or will be after some more steps."""
        if self._home is None:
            return 0
        end = min(self._clock.step + more, self._steps.last)
        return max(0, (end - self._first) // self._steps.interval)

    def _prepare(self, run: RunContext) -> Call:
        clock, often = run.clock, self._often
        last, interval = self._steps.last, self._steps.interval
        buffer = self.inspect.events[self._event]
        all_once = bool((often == 1).all())

        def count() -> None:
            spikes = buffer.indices
            if spikes.size and self._first <= clock.step < last:
                n = spikes.size if all_once else often.take(spikes).sum()
                self._counts[(clock.step - self._first) // interval] += n

        return count

    # ---- what has come of it ----

    @property
    def _width_of_bins(self) -> float:
        """In ms."""
        return self._steps.interval * self._clock.dt

    @property
    def count(self) -> Array:
        """Number of spikes in each complete bin, shape (n_bins,)."""
        return self._counts[: len(self)].copy()

    @property
    def t(self) -> Array:
        """Middle of each complete bin in ms, shape (n_bins,)."""
        middles = self._steps.interval * (np.arange(len(self)) + 0.5)
        return (self._first + middles) * self._clock.dt

    @property
    def rate(self) -> Array:
        """Spikes per neuron and second in each complete bin, in Hz, shape (n_bins,)."""
        seconds = self._width_of_bins / 1000.0
        return self.count / (self._width() * seconds or np.nan)  # there is no rate of nobody

    def smooth(self, width: Any, kernel: str = "gaussian") -> Rates:
        """The rate, smoothed.

        Args:
            width: of the kernel, in ms or as a quantity or text: of a Gaussian its standard deviation, of
                an exponential its time constant, of a rectangle its whole width.
            kernel: "gaussian", "exponential" (of the past alone) or "rectangular".

        Returns:
            The pair `t, rate`, in ms and Hz, both of shape (n_bins,).
        """
        kernel_width = milliseconds(width, "the width")
        return Rates(self.t, smooth(self.rate, self._width_of_bins, kernel_width, kernel))

    def __len__(self) -> int:
        self._check_it_was_there()
        return self._bins()

    def _repr_html_(self) -> str:
        from numpybrain.monitors import monitors_html

        return monitors_html.rate_html(self, is_left_out=self._is_left_out)

    def __repr__(self) -> str:
        return f"<PopulationRate '{self.name}' of {self.source.name}>"

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back."""
        return self._structure("rate", is_record=True, event=self._event, bin=self._timing.every)

    def declare_state(self) -> Iterable[State]:
        """The counts until now, and when the first bin began."""
        forms = {"first": Form(int, limit=LONG), "of": Form(int, self._often.shape)}
        forms |= {"counts": Form(int, (None,))}

        def get() -> Values:
            return {"first": self._first, "of": self._often, "counts": self._counts[: self._bins() + 1]}

        def put(values: Values) -> None:
            self._first, self._counts = values["first"], values["counts"].astype(np.int64)

        return [State(forms, get, put, self._check)]

    def _check(self, values: Values) -> None:
        if not np.array_equal(values["of"], self._often):
            message = f"'{self.name}' was about other neurons when the snapshot was taken"
            raise CheckpointError(message, detail="nothing has been changed", help="give the same 'of'")
