"""The probability of an event in a time step, from a rate; and its draw in each step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import TimeStepError
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.operations import Composite
from numpybrain.neurons.bernoulli_spikes import RARE
from numpybrain.utils.sampling import successes

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.kernel.variables import Array, VariableStore

SECOND = 1000.0  # ms
DENSE = 4096  # neurons; of fewer, a number for each is faster than gaps between events


class StepProbability:
    """Operation that gives the probability of an event in a step, rate*dt, of each neuron.

    Args:
        state: the variables; "rate" is in Hz.
        times: the probability is that of so many rates.
        what: names the rate in messages.
    """

    is_open = False

    def __init__(self, state: VariableStore, what: str, times: float = 1.0) -> None:
        self._state = state
        self._slot = state.slots["rate"]
        self._what = what
        self._times = times
        self.stays = False
        self.reads = (self._slot,)
        self.writes = ()

    def is_settled(self, run: RunContext) -> bool:
        """Whether the rate is the same in every step, unless Python functions assign it."""
        return not run.is_written(self._slot)

    def prepare(self, run: RunContext) -> Callable[[], Any]:
        """The callable of a run: it gives one number, or an array of shape (n,)."""
        slot, factor = self._slot, self._times * run.clock.dt / SECOND
        self.stays = not run.varies(slot)
        rate = slot.uniform_value()
        if self.stays:
            p = factor * (slot.value if rate is None else rate)
            self.check(p, run.clock.dt)
            return lambda: p
        rates = slot.array(self._state.n)
        return lambda: rates * factor

    def check(self, p: Any, dt: float) -> None:
        """Raise an error unless no neuron would have more than one event in a step.

        Raises:
            TimeStepError: for a probability above 1, or one that is no number.
        """
        if np.max(p) <= 1:  # never so for NaN
            return
        wrong = int(np.flatnonzero(~(np.atleast_1d(p) <= 1))[0])
        rate = np.atleast_1d(p)[wrong] / dt * SECOND
        where = f" of neuron {wrong}" if np.ndim(p) else ""
        if np.isnan(rate):
            raise TimeStepError(f"{self._what}{where} is no number")
        message = f"{self._what}{where} is {rate:g} Hz: more than one spike in a step of {dt:g} ms"
        advice = f"Network(..., dt='{SECOND / rate:.3g} ms') or less; or several neurons of lower rate"
        raise TimeStepError(message, help=advice)


def trials(p: float, n: int, rng: np.random.Generator) -> Array:
    """Draw which of `n` independent trials with probability p succeed, in ascending order."""
    if p > RARE or n < DENSE:
        found: Array = (rng.random(n) < p).nonzero()[0]
        return found
    return successes(p, n, rng)


class Thinning(Composite):
    """Operation that draws the neurons with an event, afresh in each step: where the probability varies.

    Candidates are drawn for the largest probability, and thinned out (Lewis and Shedler 1979,
    doi:10.1002/nav.3800260304).

    Args:
        chance: gives the probability of each neuron.
        generator: gives the random stream.
        n: number of neurons.
    """

    def __init__(
        self, chance: StepProbability, generator: Callable[[], np.random.Generator], n: int
    ) -> None:
        self.chance = chance
        self._generator = generator
        self._n = n

    def parts(self) -> Iterable[Operation]:
        """Give the operation that calculates the probability."""
        return (self.chance,)

    def prepare(self, run: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons in ascending order."""
        chance, rng, n, dt = self.chance, self._generator(), self._n, run.clock.dt
        current = chance.prepare(run)

        def find() -> Array:
            p = current()
            single = not isinstance(p, np.ndarray)
            largest = p if single else p.max()
            if not largest <= 1:
                chance.check(p, dt)
            if largest <= 0:
                return NO_INDICES
            if largest > RARE or n < DENSE:
                found: Array = (rng.random(n) < p).nonzero()[0]
                return found
            neurons = successes(largest, n, rng)
            if single or not neurons.size:
                return neurons
            kept: Array = rng.random(neurons.size) * largest < p[neurons]
            return neurons[kept]

        return find
