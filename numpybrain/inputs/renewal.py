"""Renewal processes: regular trains, gamma processes, and those of any distribution of intervals.

Intervals are drawn in operational time, in which the rate is one: a neuron spikes when the integral of its
rate since its last spike has reached the interval. So the rate may change at any time, and the intervals
keep their form (Brown et al. 2002, doi:10.1162/08997660252741149).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, ShapeError, shown
from numpybrain.inputs.spike_input import SpikeInput
from numpybrain.kernel.clock import NEAR
from numpybrain.kernel.operations import Access, Composite
from numpybrain.kernel.state import State, in_place
from numpybrain.neurons.step_probability import SECOND, StepProbability
from numpybrain.utils.arrays import plain
from numpybrain.utils.foreign_names import explains_arguments
from numpybrain.utils.python_functions import function_arguments, origin_of

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.kernel.variables import Array

Intervals = Callable[["Array"], "Array"]  # neurons -> their next intervals, in operational time


class RenewalSpikes(Composite):
    """Operation that finds the neurons whose interval is over.

    Args:
        chance: gives rate*dt, by which operational time goes on in a step.
        left: what is left of the interval of each neuron, in operational time; shape (n,).
        intervals: draws the next ones.
        reads: what else is read.
    """

    def __init__(self, chance: StepProbability, left: Array, intervals: Intervals, reads: Access) -> None:
        self.chance = chance
        self.left = left
        self._intervals = intervals
        self._reads = reads

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self.chance, self._reads)

    def prepare(self, run: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons in ascending order."""
        chance, left, intervals, dt = self.chance, self.left, self._intervals, run.clock.dt
        current = chance.prepare(run)
        watched = not chance.stays
        p = np.maximum(current(), 0.0)
        bound = p * (1 - NEAR)

        def find() -> Array:
            nonlocal p, bound
            if watched:
                p = current()
                if not np.max(p) <= 1:
                    chance.check(p, dt)
                p = np.maximum(p, 0.0)
                bound = p * (1 - NEAR)
            due: Array = (left < bound).nonzero()[0]
            if due.size:
                left[due] += intervals(due)
            np.subtract(left, p, out=left)
            return due

        return find


class RenewalInput(SpikeInput):
    """Base of inputs with independent intervals, whose rate may follow the time."""

    renewal: RenewalSpikes

    def _begin(self, left: Array, intervals: Intervals, description: str, *reads: str) -> None:
        """The constructor is done, but for the stage: these are the first and the next intervals."""
        chance = StepProbability(self.inspect.state, f"the rate of '{self.name}'")
        access = Access(reads=[self.inspect.state.slots[name] for name in reads])
        self.renewal = RenewalSpikes(chance, left, intervals, access)
        self._core.spike_where(self.renewal, description=description, has_reset=False)
        self._is_made()

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        yield in_place({"left": self.renewal.left})


class Renewal(RenewalInput):
    """Spike source of `n` independent renewal processes with any distribution of intervals.

    Args:
        n: how many neurons.
        rate: the rate in Hz, in all the ways of `Poisson`. It may be assigned at any time.
        intervals: a function of `rng` and `size` that draws so many intervals with the mean 1, such as
            `lambda rng, size: rng.wald(1, 2, size)`.
        name: a name for messages and the schedule.

    All neurons begin as if they had spiked just before the start. A neuron spikes once in a step at most;
    of two spikes in one step, the later one comes in the next.

    Raises:
        ArgumentError, ShapeError: if the function does not take these arguments or gives other numbers.
    """

    @explains_arguments("Renewal")
    def __init__(
        self, n: int, rate: Any, intervals: Callable[..., Any], *, name: str | None = None
    ) -> None:
        super().__init__(n, name, {"rate": "Hz"})
        self.inspect.write("rate", rate)
        if not callable(intervals) or sorted(function_arguments(intervals)) != ["rng", "size"]:
            message = (
                f"the intervals of '{self.name}' are a function of rng and size (got {shown(intervals)})"
            )
            raise ArgumentError(message, help="such as lambda rng, size: rng.wald(1, 2, size)")
        rng = self.inspect.streams["run"]

        def draw(neurons: Array) -> Array:
            what = f"intervals of '{self.name}'"
            found = plain(intervals(rng=rng, size=neurons.size), f"what {origin_of(intervals)} returned")
            if found.shape != neurons.shape:
                raise ShapeError(f"{what} needs {neurons.size} values (got shape {found.shape})")
            if found.dtype.kind not in "fiu" or not (found >= 0).all():
                raise ModelError(f"the {what} are not negative (got {shown(found.min())})")
            return found

        self._begin(draw(np.arange(self.size)), draw, "renewal spikes")


class Gamma(RenewalInput):
    """Spike source of `n` independent gamma processes.

    Intervals have the gamma distribution with this shape and the mean 1/rate: a coefficient of variation of
    1/sqrt(shape). Shape 1 is a Poisson process, a larger one is more regular, a smaller one more bursty.
    The process is stationary from the start: the first spike comes after the rest of an interval that was
    under way, which is U*G with U uniform in 0...1 and G gamma distributed with shape + 1 (Cox 1962,
    Renewal Theory).

    Args:
        n: how many neurons.
        rate: the rate in Hz, in all the ways of `Poisson`.
        shape: the shape, one for all or one for each neuron.
        name: a name for messages and the schedule.

    `rate` and `shape` may be assigned at any time. A neuron spikes once in a step at most; of two spikes in
    one step, the later one comes in the next.

    Raises:
        ModelError: if a shape is not positive.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.Gamma(100, "20 Hz", shape=4, name="input")
        <Gamma 'input' n=100 rate=20 Hz shape=4>
    """

    @explains_arguments("Gamma")
    def __init__(self, n: int, rate: Any, shape: Any, *, name: str | None = None) -> None:
        super().__init__(n, name, {"rate": "Hz", "shape": "1"})
        self.inspect.write("rate", rate)
        self.inspect.write("shape", shape)
        slot, rng = self.inspect.state.slots["shape"], self.inspect.streams["run"]
        first = self._shapes(np.arange(self.size))
        left = rng.random(self.size) * rng.gamma(first + 1, 1 / first)

        def draw(neurons: Array) -> Array:
            one = slot.value if not isinstance(slot.value, np.ndarray) else None
            shapes = self._shapes(neurons) if one is None or not one > 0 else one
            drawn: Array = rng.gamma(shapes, 1 / shapes, neurons.size)
            return drawn

        self._begin(left, draw, "gamma spikes", "shape")

    def _shapes(self, neurons: Array) -> Array:
        """The shapes of some neurons."""
        found = np.broadcast_to(self.inspect.state.slots["shape"].value, (self.size,))[neurons]
        wrong = np.flatnonzero(~((found > 0) & (found < np.inf)))
        if wrong.size:
            message = f"the shape of '{self.name}' is not positive (got {found[wrong[0]]:g}"
            raise ModelError(f"{message} for neuron {neurons[wrong[0]]})")
        return found


class Regular(RenewalInput):
    """Spike source of `n` regular trains.

    Args:
        n: how many neurons.
        rate: the rate in Hz, in all the ways of `Poisson`.
        phase: where in its interval each neuron begins, from 0 to 1: with the phase x it spikes first at
            (1 - x)/rate; a number, an array of shape (n,), or "random".
        jitter: the standard deviation (ms if bare) by which each spike lies beside its regular time,
            independently of others; one for all or one for each neuron.
        name: a name for messages and the schedule.

    `rate` and `jitter` may be assigned at any time. A neuron spikes once in a step at most, and its spikes
    keep their order: one that jitter brings before the one before it comes right behind that.

    Raises:
        ArgumentError: if a phase is not between 0 and 1.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.Regular(10, "40 Hz", phase="random", name="clock")
        <Regular 'clock' n=10 rate=40 Hz jitter=0 ms>
    """

    _shift: Array  # of the last spike, by jitter, in operational time

    @explains_arguments("Regular")
    def __init__(
        self, n: int, rate: Any, phase: Any = 0.0, jitter: Any = 0.0, *, name: str | None = None
    ) -> None:
        super().__init__(n, name, {"rate": "Hz", "jitter": "ms"})
        self.inspect.write("rate", rate)
        self.inspect.write("jitter", jitter)
        self._shift = np.zeros(self.size)
        everybody = np.arange(self.size)
        left = 1 - self._phases(phase) + self._displaced(everybody)
        draw = lambda neurons: 1.0 + self._displaced(neurons)  # noqa: E731
        self._begin(left, draw, "regular spikes", "jitter")

    def _phases(self, phase: Any) -> Array:
        if isinstance(phase, str) and phase == "random":
            return self.inspect.streams["initial"].random(self.size)
        found = plain(phase, f"the phase of '{self.name}'")
        if found.dtype.kind not in "fiub" or not ((found >= 0) & (found <= 1)).all():
            message = (
                f"the phase of '{self.name}' is a number from 0 to 1, or 'random' (got {shown(phase)})"
            )
            raise ArgumentError(message)
        if found.shape not in ((), (self.size,)):
            raise ShapeError(f"the phase of '{self.name}' needs 1 or {self.size} values (got {found.size})")
        return np.broadcast_to(found, (self.size,)).astype(float)

    def _displaced(self, neurons: Array) -> Array:
        """Give the time by which jitter makes the next intervals of some neurons longer."""
        slot, n = self.inspect.state.slots["jitter"], self.size
        if not isinstance(slot.value, np.ndarray) and slot.value == 0:
            shift: Any = 0.0
            if not self._shift.any():
                return np.zeros(neurons.size)
        else:
            sd = np.broadcast_to(slot.value, (n,))[neurons]
            if not (sd >= 0).all():
                raise ModelError(f"the jitter of '{self.name}' is not negative (got {sd.min():g} ms)")
            rates = np.maximum(np.broadcast_to(self.inspect.state.slots["rate"].value, (n,))[neurons], 0.0)
            shift = self.inspect.streams["run"].standard_normal(neurons.size) * sd * rates / SECOND
        longer: Array = shift - self._shift[neurons]
        self._shift[neurons] = shift
        return longer

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        yield in_place({"shift": self._shift})
