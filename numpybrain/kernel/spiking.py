"""Spikes at time steps: the update that holds refractory neurons, the threshold, and the reset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from numpybrain.kernel.contracts import Call, Operation, RunContext, Stage
from numpybrain.kernel.events import EventBuffer
from numpybrain.kernel.operations import Composite, Task
from numpybrain.kernel.refractory import PerNeuronPeriod, Refractoriness
from numpybrain.kernel.variables import Array, VariableStore


class HeldUpdate(Composite):
    """Operation that lets go of refractory neurons, and takes all others from t to t + dt.

    Args:
        refractoriness: which neurons are refractory.
        update: takes all neurons from t to t + dt; None if there is nothing to integrate.
        held: gives the arrays whose values refractory neurons get back after the update.
        go_on: takes what else is integrated in refractory neurons from t to t + dt: its callable gets them.
    """

    def __init__(
        self,
        refractoriness: Refractoriness,
        update: Operation | None,
        held: Callable[[], list[Array]] = list,
        go_on: Operation | None = None,
    ) -> None:
        self.refractoriness = refractoriness
        self.update = update
        self.held = held
        self.go_on = go_on

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        found = (self.update, self.go_on, *self.refractoriness.parts())
        return [part for part in found if part is not None]

    def prepare(self, run: RunContext) -> Call | None:
        """The callable of a run."""
        clock, refractoriness = run.clock, self.refractoriness
        advance = None if self.update is None else self.update.prepare(run)
        policy = refractoriness.policy_of(run)
        if policy is None:
            return advance
        arrays = self.held() if advance is not None else []

        def release() -> Array:
            refractoriness.held = held = policy.release(clock.step)
            return held

        if advance is None:
            return release
        if not arrays:
            return lambda: (release(), advance())
        go_on = None if self.go_on is None else self.go_on.prepare(run)
        return _holding(advance, arrays, release, go_on)


def _holding(
    advance: Call, arrays: list[Array], release: Callable[[], Array], go_on: Callable[[Array], Any] | None
) -> Call:
    """Advance all neurons, then give the refractory ones their old values back."""
    if len(arrays) == 1 and go_on is None:  # one held variable, the usual case
        array, take = arrays[0], arrays[0].take

        def update_one() -> None:
            refractory = release()
            if refractory.size:
                saved = take(refractory)
                advance()
                array[refractory] = saved
            else:
                advance()

        return update_one

    def update() -> None:
        refractory = release()
        if not refractory.size:
            advance()
            return
        saved = [a.take(refractory) for a in arrays]
        advance()
        for array, values in zip(arrays, saved, strict=True):
            array[refractory] = values
        if go_on is not None:
            go_on(refractory)

    return update


class Threshold(Composite):
    """Operation that finds the spikes of a step: neurons above the threshold that are not refractory.

    Args:
        above: its callable gives the neurons above the threshold, in ascending order.
        spikes: where the spikes of a step are kept.
        variables: those of the group; `lastspike` is kept up if it is among them.
        refractoriness: which neurons are refractory; None if none ever is.
        has_reset: whether neurons are reset, after which their refractory periods are found out.

    Attributes:
        releasing: the stage that lets go of refractory neurons, the state update as a rule. Where it is not
            in the schedule, they are let go of here.
    """

    def __init__(
        self,
        above: Operation,
        spikes: EventBuffer,
        variables: VariableStore,
        refractoriness: Refractoriness | None = None,
        *,
        has_reset: bool = False,
    ) -> None:
        self.above = above
        self.spikes = spikes
        self.variables = variables
        self.refractoriness = refractoriness
        self.has_reset = has_reset
        self.releasing: Stage | None = None

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self.above, *(() if self.refractoriness is None else self.refractoriness.parts()))

    def detection(self, run: RunContext) -> tuple[Callable[[], Array], Callable[[Array], None]]:
        """Give two callables: one finds the neurons that may spike now, the other notes that some spike."""
        clock, refractoriness = run.clock, self.refractoriness
        policy = None if refractoriness is None else refractoriness.policy_of(run)
        above = self.above.prepare(run)
        assert above is not None  # there always is an answer
        last = self.variables.slots.get("lastspike")
        last_spike = None if last is None else last.array(self.variables.n)
        settles = policy.settle if isinstance(policy, PerNeuronPeriod) and not self.has_reset else None
        releases = policy is not None and self.releasing not in run.stages  # nobody else does
        free = None if refractoriness is None else refractoriness.free

        def find() -> Array:
            if releases and policy is not None:
                policy.release(clock.step)
            crossed: Array = above()
            if crossed.size and policy is not None and policy.any():
                assert free is not None  # there is a policy
                crossed = crossed[free.take(crossed)]
            return crossed

        def fire(spikes: Array) -> None:
            if policy is not None:
                policy.add(spikes, clock.step)
                if settles is not None:
                    settles()
            if last_spike is not None:
                last_spike[spikes] = clock.t

        return find, fire

    def prepare(self, run: RunContext) -> Call:
        """The callable of a run."""
        find, fire = self.detection(run)
        spikes = self.spikes

        def threshold() -> None:
            found = find()
            if found.size:
                fire(found)
            spikes.indices = found

        return threshold


def detection(holds: Operation, events: EventBuffer) -> Task:
    """Operation that finds the neurons that have an event in a step, whether they are refractory or not.

    The callable of `holds` gives them, in ascending order; they are kept in `events`.
    """

    def prepare(run: RunContext) -> Call:
        find = holds.prepare(run)
        assert find is not None  # there always is an answer

        def detect() -> None:
            events.indices = find()

        return detect

    return Task(prepare, lambda: (holds,))


class Reaction(Composite):
    """Operation that acts on the neurons that have an event in this step.

    Args:
        statements: its callable gets the neurons.
        events: who has the event.
        refractoriness: whose periods are found out afterwards, since a reset may change them; None if the
            event has nothing to do with them.
    """

    def __init__(
        self, statements: Operation, events: EventBuffer, refractoriness: Refractoriness | None = None
    ) -> None:
        self.statements = statements
        self.events = events
        self.refractoriness = refractoriness

    def parts(self) -> Iterable[Operation]:
        """Give the operations that it consists of."""
        return (self.statements,)

    def prepare(self, run: RunContext) -> Call:
        """The callable of a run."""
        act, events = self.statements.prepare(run), self.events
        assert act is not None  # there are statements

        def react() -> None:
            if events.indices.size:
                act(events.indices)

        policy = None if self.refractoriness is None else self.refractoriness.policy_of(run)
        if not isinstance(policy, PerNeuronPeriod):
            return react
        settle = policy.settle

        def react_and_settle() -> None:
            react()
            settle()

        return react_and_settle
