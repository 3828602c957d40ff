"""Poisson drive: what many independent Poisson sources add to each neuron, summed up in one draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.numpy.tabled_distributions import binomial
from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, shown, suggestion
from numpybrain.group.part_arrays import adder, reader
from numpybrain.kernel.operations import Access, Composite
from numpybrain.kernel.subgroup import Subgroup, Where, where_of, whole_of
from numpybrain.neurons.parameter_group import ParameterGroup
from numpybrain.neurons.step_probability import StepProbability

if TYPE_CHECKING:
    from numpybrain.group.group import Group
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.kernel.contracts import Call, Operation, RunContext
    from numpybrain.kernel.variables import Array, Variable

MOST = 2**53  # sources


class PoissonDrive(ParameterGroup):
    """Input that `n` independent Poisson sources of equal rate and weight add to each neuron.

    In each step, every neuron gets `weight` times a number from the binomial distribution of n trials with
    probability rate*dt: as many of its sources spike, each at most once in a step. Refractory neurons get
    nothing where the variable stands still in them `(unless refractory)`, as from synapses. It is the same,
    in distribution, as n spike sources for each neuron with synapses of that weight and no delay (as
    PoissonInput of Brian2), and costs one draw for each neuron.

    Args:
        neurons: a group, or a part of one.
        variable: what is added to, such as "v" or "g".
        n: how many sources each neuron has.
        rate: the rate of each source, in Hz if bare; in all the ways of `nb.inputs.Poisson`.
        weight: what a spike adds, in the unit of the variable if bare; likewise.
        name: a name for messages and the schedule.

    `rate` and `weight` are attributes, one value for each neuron, and may be assigned at any time.

    Raises:
        UnknownNameError, ModelError: if there is no such variable, or none that can be added to.
        TimeStepError: in a run, if a rate is above 1/dt.
    """

    neurons: Group
    n: int
    variable: str

    def __init__(
        self,
        neurons: Group | Subgroup,
        variable: str,
        n: int,
        rate: Any,
        weight: Any,
        *,
        name: str | None = None,
    ) -> None:
        group, where = whole_of(neurons), where_of(neurons)
        target = _target(group, variable)
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or not 0 <= n < MOST:
            raise ArgumentError(f"the number of Poisson sources is a whole number (got {shown(n)})")
        super().__init__("inputs", name, neurons.size, {"rate": "Hz", "weight": target.unit_text})
        self.neurons, self.variable, self.n = group, variable, int(n)
        self._core.events.clear()  # it has none
        space = self.inspect
        space.write("rate", rate)
        space.write("weight", weight)
        adding = Addition(self.n, space, group.inspect, target, where)
        words = f"{self.n} Poisson sources add to {variable} of {neurons.name}"
        self._core.add_stage("synapse", words, adding)
        self._is_made()

    def requires(self) -> dict[str, Any]:
        """The neurons."""
        return {f"which '{self.name}' drives": self.neurons}

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        own = {"drives": self.neurons, "variable": self.variable, "sources": self.n}
        return {**super().fingerprint(), **own}

    def _told(self) -> str:
        """Give the text in `repr` beside name and size."""
        return f" {self.n} sources onto {self.variable} of {self.neurons.name}{super()._told()}"


def _target(group: Group, variable: Any) -> Variable:
    """The storage of the variable that is added to."""
    if not isinstance(variable, str):
        message = f"a Poisson drive adds to a variable, by name (got {shown(variable)})"
        raise ArgumentError(
            message, help='such as cells.poisson("v", n=1000, rate="20 Hz", weight="0.1 mV")'
        )
    found = group.inspect.state.slots.get(variable)
    if found is not None and found.kind in ("differential", "parameter") and found.dtype is float:
        if found.shared or found.constant:
            what = "shared by all neurons" if found.shared else "constant"
            raise ModelError(f"'{variable}' of '{group.name}' is {what}: nothing can be added to it")
        return found
    if group.inspect.look_up(variable) is None and variable not in group.variables():
        message = f"'{group.name}' has no variable '{variable}' to add to"
        raise UnknownNameError(message + suggestion(variable, group.inspect.state.names()))
    message = f"'{variable}' of '{group.name}' is no variable that can be added to"
    raise ModelError(message, help="add to a variable with an equation dx/dt = ..., or to a parameter")


class Addition(Composite):
    """Operation that draws how many sources of each neuron spike, and adds that many weights.

    Args:
        n: number of sources of each neuron.
        space: the variables of the drive: rate and weight; and its random stream.
        neurons: the variables of the neurons.
        target: the variable that is added to.
        part: its neurons.
    """

    def __init__(
        self, n: int, space: VariableSpace, neurons: VariableSpace, target: Variable, part: Where
    ) -> None:
        self._n = n
        self._space = space
        self._neurons = neurons
        self._part = part
        self._target = target
        self._weight = space.state.slots["weight"]
        self._access = Access(reads=[self._weight], writes=[target])
        self._chance = StepProbability(space.state, f"the rate of '{space.name}'")

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self._access, self._chance)

    def prepare(self, run: RunContext) -> Call | None:
        """The callable of a run."""
        neurons = self._neurons
        if not self._n:
            return None
        put = adder(self._target.array(neurons.size), self._part)
        draw = self._counts(run)
        weight = None if run.varies(self._weight) else self._weight.uniform_value()
        if weight is None:
            weight = self._weight.array(self._space.size)
        refractoriness = neurons.refractoriness
        if self._target.name not in neurons.environment.shields:
            refractoriness = None
        free = None if refractoriness is None else reader(refractoriness.free, self._part)

        def add() -> None:
            added = draw() * weight
            if free is not None and refractoriness is not None and refractoriness.any():
                np.multiply(added, free(), out=added)
            put(added)

        return add

    def _counts(self, run: RunContext) -> Callable[[], Array]:
        """Give a callable that draws, for each neuron, the number of its sources that spike in a step."""
        chance, dt = self._chance, run.clock.dt
        n, size, rng = self._n, self._space.size, self._space.streams["run"]
        current = chance.prepare(run)
        if chance.stays and chance.is_settled(run):
            p = np.maximum(current(), 0.0)
            table = None if p.ndim else binomial(n, float(p))
            if table is not None:
                return lambda: table.draw_whole(rng, size)
            return lambda: rng.binomial(n, p, size)

        def draw() -> Array:
            p = current()
            if not p.max() <= 1:
                chance.check(p, dt)
            if p[0] == p[-1] and (p == p[0]).all():
                p = p[0]
            return rng.binomial(n, np.maximum(p, 0.0), size)

        return draw


def drive(
    neurons: Group | Subgroup, variable: str, n: int, rate: Any, weight: Any, *, name: str | None = None
) -> PoissonDrive:
    """A Poisson drive of some neurons, which comes with them to their network, or is there at once."""
    made = PoissonDrive(neurons, variable, n, rate, weight, name=name)
    group = made.neurons
    group.brings.append(made)
    network = group.network() if group.network is not None else None
    if network is not None:
        network.add(made)
    return made
