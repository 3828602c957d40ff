"""Correlated Poisson trains: copies of a mother process, common input, and a common rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.current import ou
from numpybrain.errors import ArgumentError, TimeStepError, shown
from numpybrain.inputs.poisson import Poisson
from numpybrain.inputs.spike_input import SpikeInput
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.operations import Composite
from numpybrain.kernel.state import Form, State, Values, under
from numpybrain.language.times import milliseconds
from numpybrain.neurons.step_probability import StepProbability, trials
from numpybrain.utils.foreign_names import explains_arguments

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.kernel.variables import Array


class Pending:
    """Spikes that come in later steps, each neuron once in a step at most."""

    def __init__(self) -> None:
        self._due: dict[int, list[Array]] = {}

    def add(self, steps: Array, neurons: Array) -> None:
        """These neurons spike in these steps."""
        order = steps.argsort(kind="stable")
        found, first = np.unique(steps[order], return_index=True)
        for step, some in zip(found.tolist(), np.split(neurons[order], first[1:]), strict=True):
            self._due.setdefault(step, []).append(some)

    def take(self, step: int) -> Array:
        """The neurons that spike in this step, in ascending order."""
        found = self._due.pop(step, None)
        return NO_INDICES if found is None else np.unique(np.concatenate(found))

    def state(self, size: int) -> State:
        """State of all that is to come to so many neurons."""
        forms = {"steps": Form(int, ("n",)), "neurons": Form(int, ("n",), size)}
        return State(forms, self._get, self._put)

    def _get(self) -> Values:
        pairs = [(step, some) for step, parts in sorted(self._due.items()) for some in parts]
        steps = np.repeat([step for step, _ in pairs], [some.size for _, some in pairs]).astype(np.int64)
        return {"steps": steps, "neurons": np.concatenate([NO_INDICES, *(some for _, some in pairs)])}

    def _put(self, values: Values) -> None:
        self.clear()
        if values["steps"].size:
            self.add(values["steps"], values["neurons"])

    def clear(self) -> None:
        """Nothing is to come."""
        self._due.clear()


class Copies(Composite):
    """Operation that copies the spikes of a mother process, each with a probability, at once or later.

    Args:
        chance: gives the probability of a spike of the mother in a step, rate*dt/c.
        owner: gives the random stream and the number of neurons.
        c: the probability of a copy.
        tau: the mean delay of a copy in ms; 0 for none.
        pending: the copies that are delayed.
    """

    def __init__(
        self, chance: StepProbability, owner: SpikeInput, c: float, tau: float, pending: Pending
    ) -> None:
        self.chance = chance
        self._owner, self._c, self._tau, self._pending = owner, c, tau, pending

    def parts(self) -> Iterable[Operation]:
        """Give the operation that calculates the probability."""
        return (self.chance,)

    def prepare(self, run: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons in ascending order."""
        chance, n, rng, clock = self.chance, self._owner.size, self._owner.inspect.streams["run"], run.clock
        c, tau, pending = self._c, self._tau / clock.dt, self._pending
        current = chance.prepare(run)
        watched = not chance.stays

        def copies() -> Array:
            q = np.max(current())
            if watched and not q <= 1:
                chance.check(q, clock.dt)
            return trials(c, n, rng) if rng.random() < q else NO_INDICES

        def delayed() -> Array:
            found = copies()
            if found.size:
                later = np.floor(rng.random(found.size) + rng.exponential(tau, found.size))
                pending.add(clock.step + later.astype(np.int64), found)
            return pending.take(clock.step)

        return delayed if tau else copies


class MIP(SpikeInput):
    """Spike source of `n` Poisson trains that are copies of parts of one: a multiple interaction process.

    A mother process has the rate rate/c; each of its spikes is copied into each train with probability c,
    independently (Kuhn, Aertsen and Rotter 2003, doi:10.1162/089976603321043702). So each train is a
    Poisson process of this rate, each pair of trains has the correlation c, and triplets and larger groups
    spike together, too.

    Args:
        n: how many neurons.
        rate: the rate of each in Hz, one for all, in all the ways of `Poisson`. It may be assigned at any
            time.
        correlation: the correlation c of two trains, above 0 and at most 1.
        tau: the mean delay of a copy (ms if bare), each exponentially distributed: trains are then
            correlated over a time, as c*rate*exp(-abs(lag)/tau)/(2*tau) (Brette 2009, Neural Computation
            21:188-215). With 0, correlated spikes are in the same step.
        name: a name for messages and the schedule.

    Raises:
        ArgumentError: if the correlation is not above 0 and at most 1.
        TimeStepError: in a run, if rate/c is above 1/dt.

    Examples:
        >>> import numpybrain as nb
        >>> nb.inputs.MIP(100, "10 Hz", correlation=0.1, name="input")
        <MIP 'input' n=100 rate=10 Hz correlation=0.1>
    """

    correlation: float
    tau: float
    _pending: Pending

    @explains_arguments("MIP")
    def __init__(
        self, n: int, rate: Any, correlation: float, tau: Any = 0.0, *, name: str | None = None
    ) -> None:
        super().__init__(n, name, {"rate": "Hz"}, shared=True)
        self.inspect.write("rate", rate)
        self.correlation = _correlation(correlation, self.name, least=1e-12)
        self.tau = milliseconds(tau, f"the delay of copies of '{self.name}'")
        if self.tau < 0:
            raise TimeStepError(f"the delay of copies of '{self.name}' is negative (got {self.tau:g} ms)")
        self._pending = Pending()
        self.inspect.forgetting.append(self._pending.clear)
        what = f"the rate of '{self.name}', by its correlation,"
        chance = StepProbability(self.inspect.state, what, 1 / self.correlation)
        copies = Copies(chance, self, self.correlation, self.tau, self._pending)
        self._core.spike_where(copies, has_reset=False, description="copies of a mother process")
        self._is_made()

    def _told(self) -> str:
        """Give the text about the parameters in `repr`."""
        return f"{super()._told()} correlation={self.correlation:g}"

    def declare_state(self) -> Iterator[State]:
        """All that the next step depends on, and the last spikes."""
        yield from super().declare_state()
        yield from under("pending/", [self._pending.state(self.size)])


class Union(Composite):
    """Operation that finds the spikes of common input, in all neurons, and those of each neuron's own.

    Args:
        chance: gives the probability p of a spike of a neuron in a step.
        owner: gives the random stream and the number of neurons.
        c: which part of the rate is common.
    """

    def __init__(self, chance: StepProbability, owner: SpikeInput, c: float) -> None:
        self.chance = chance
        self._owner, self._c = owner, c

    def parts(self) -> Iterable[Operation]:
        """Give the operation that calculates the probability."""
        return (self.chance,)

    def prepare(self, run: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons in ascending order."""
        chance, n, rng, dt = self.chance, self._owner.size, self._owner.inspect.streams["run"], run.clock.dt
        everybody, c = np.arange(n, dtype=np.intp), self._c
        everybody.setflags(write=False)
        current = chance.prepare(run)
        watched = not chance.stays

        def find() -> Array:
            p = float(np.max(current()))
            if watched and not p <= 1:
                chance.check(p, dt)
            p = max(p, 0.0)
            common = c * p
            if rng.random() < common:
                return everybody
            # with it, 1 - (1 - own)*(1 - common) = p, exactly
            return trials((p - common) / (1 - common), n, rng) if common < p else NO_INDICES

        return find


class CommonInput(SpikeInput):
    """Spike source of `n` Poisson trains that share a part of their spikes: a single interaction process.

    A part c of the spikes is common to all trains, the others are each train's own (Kuhn, Aertsen and
    Rotter 2003, doi:10.1162/089976603321043702). Each train is a Poisson process of this rate, and each
    pair has the correlation c, as with `MIP`; but either two trains spike together by chance, or all do.

    Args:
        n: how many neurons.
        rate: the rate of each in Hz, one for all, in all the ways of `Poisson`. It may be assigned at any
            time.
        correlation: which part of the spikes is common, from 0 to 1.
        name: a name for messages and the schedule.

    Raises:
        ArgumentError: if the correlation is not from 0 to 1.
        TimeStepError: in a run, if the rate is above 1/dt.
    """

    correlation: float

    @explains_arguments("CommonInput")
    def __init__(self, n: int, rate: Any, correlation: float, *, name: str | None = None) -> None:
        super().__init__(n, name, {"rate": "Hz"}, shared=True)
        self.inspect.write("rate", rate)
        self.correlation = _correlation(correlation, self.name)
        chance = StepProbability(self.inspect.state, f"the rate of '{self.name}'")
        self._core.spike_where(
            Union(chance, self, self.correlation), has_reset=False, description="common and own spikes"
        )
        self._is_made()

    def _told(self) -> str:
        """Give the text about the parameters in `repr`."""
        return f"{super()._told()} correlation={self.correlation:g}"


def cox(n: int, rate: Any, sd: Any, tau: Any, *, name: str | None = None) -> Poisson:
    """A spike source of `n` Poisson trains with one rate that fluctuates: a Cox process.

    The rate is Ornstein-Uhlenbeck noise, the same for all neurons; given the rate they are independent (Cox
    1955, doi:10.1111/j.2517-6161.1955.tb00188.x). Where it is below 0, none spikes; if that is rare, the
    covariance of the counts of two neurons in a window W is 2*sd**2*tau**2*(W/tau - 1 + exp(-W/tau)).

    Args:
        n: how many neurons.
        rate: the mean rate in Hz.
        sd: the standard deviation of the rate in Hz.
        tau: its correlation time (ms if bare).
        name: a name for messages and the schedule.

    For other rates, `Poisson(n, rate)` takes any course, such as `nb.current.ou(..., shared=True)` times
    another.
    """
    given = [f"{value} Hz" if isinstance(value, (int, float)) else value for value in (rate, sd)]
    return Poisson(n, ou(given[0], given[1], tau, shared=True), name=name)


def _correlation(value: Any, name: str, least: float = 0.0) -> float:
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not least <= value <= 1:
        bounds = "above 0 and at most 1" if least else "from 0 to 1"
        message = f"the correlation of '{name}' is a number {bounds} (got {shown(value)})"
        raise ArgumentError(message, help="for independent trains: nb.inputs.Poisson(n, rate)")
    return float(value)
