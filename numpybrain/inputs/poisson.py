"""Poisson spike trains: in each step, each neuron spikes with probability rate*dt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpybrain.inputs.spike_input import SpikeInput
from numpybrain.kernel.state import State, under
from numpybrain.neurons.bernoulli_spikes import BernoulliSpikes
from numpybrain.neurons.step_probability import StepProbability, Thinning
from numpybrain.utils.foreign_names import explains_arguments


class Poisson(SpikeInput):
    """Spike source of `n` independent Poisson processes, at most one spike of each in a time step.

    In each step a neuron spikes with probability p = rate*dt, independently of all others: a Bernoulli
    process with the rate that is asked for, which is a Poisson process in the limit of small dt. The number
    of spikes in a window has the Fano factor 1 - p.

    Args:
        n: how many neurons.
        rate: the rate of each in Hz: one number, quantity or text ("20 Hz") for all; an array of shape
            (n,); a text of i, N and t ("10*Hz*(1 + sin(2*pi*t/(100*ms)))"); a function of any of these; a
            time series (`nb.timed`) in Hz or with a unit; or a current in Hz. Below 0 it counts as 0.
        name: a name for messages and the schedule.

    `rate` is an attribute like a parameter of neurons, shape (n,) in Hz: it may be assigned at any time, in
    each of these ways; texts of synapses read it as `rate_pre`, stages may change it, monitors record it.

    The draws are those of a random stream of its own. Where the rates stay for a while, the gaps between
    spikes are drawn, so that a step costs little more than its spikes.

    Raises:
        TimeStepError: in a run, if a rate is above 1/dt: more than one spike in a step.
        UnitError: if the rate is none.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.Poisson(1000, "20 Hz", name="noise")
        <Poisson 'noise' n=1000 rate=20 Hz>
    """

    _chances: BernoulliSpikes

    @explains_arguments("Poisson")
    def __init__(self, n: int, rate: Any = 0.0, *, name: str | None = None) -> None:
        super().__init__(n, name, {"rate": "Hz"})
        space = self.inspect
        space.write("rate", rate)
        chance = StepProbability(space.state, f"the rate of '{self.name}'")
        thinning = Thinning(chance, lambda: space.streams["run"], self.size)
        self._chances = BernoulliSpikes(chance, thinning, lambda: space.streams["run"], self.size)
        space.streams.renewals.append(self._chances.renew)
        space.forgetting.append(self._chances.forget)
        self._core.spike_where(self._chances, description="Poisson spikes", has_reset=False)
        self._is_made()

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        yield from under("chances/", [self._chances.state()])
