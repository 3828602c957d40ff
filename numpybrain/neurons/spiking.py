"""What users say about spikes as operations: threshold, reset and refractoriness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import ModelError
from numpybrain.kernel.functions import origin_of
from numpybrain.kernel.refractory import FixedPeriod, Refractoriness
from numpybrain.neurons.bernoulli_spikes import BernoulliSpikes
from numpybrain.neurons.conditions import BoundText, Condition, condition_of, statements_of
from numpybrain.neurons.explosion import ExplosionCheck
from numpybrain.neurons.refractory_period import RefractoryPeriod
from numpybrain.neurons.release_time import POLICIES, fresh_policy
from numpybrain.utils.state_reader import StateReader, Value, under

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpybrain.kernel.contracts import Operation
    from numpybrain.kernel.spiking import Threshold
    from numpybrain.kernel.stage import Stage
    from numpybrain.kernel.variables import Array
    from numpybrain.neurons.neurons import Neurons

NEVER = -1e7  # ms; `lastspike` of a neuron that has not spiked yet


class Spiking:
    """Threshold, reset and refractoriness of a group, as operations.

    Attributes:
        free: false for refractory neurons (the variable `not_refractory`), shape (n,).
        threshold: tells for whom the threshold condition holds; None if there is none.
        reset: acts on the neurons that fired; None if there is none.
        period: the refractory period, as given; None if there is none.
        refractoriness: which neurons are refractory; None if nobody ever is.
        threshold_origin, reset_origin: where they come from, for the schedule.
        chances: finds the spikes where they are due to chance alone; else None.
        detection: finds the spikes of a step; None if there are none, or if they lie between time steps.
        finders: name of an event -> the stage that finds the neurons that have it.
        check: the reset with a look at what may have exploded.
    """

    def __init__(self, group: Neurons, free: Array, threshold: Any, reset: Any, refractory: Any) -> None:
        for text, what in ((reset, "reset"), (refractory, "refractory period")):
            if text is not None and threshold is None:
                raise ModelError(f"'{group.name}' has a {what} but no threshold")
        self._group = group
        self.free = free
        self.detection: Threshold | None = None
        self.finders: dict[str, Stage] = {}
        self.threshold_origin, self.reset_origin = origin_of(threshold), origin_of(reset)
        at_spikes = group.at_spikes()
        self.threshold: BoundText | None = None
        self.reset: BoundText | None = None
        self.period: RefractoryPeriod | None = None
        self.refractoriness: Refractoriness | None = None
        self.chances: BernoulliSpikes | None = None
        self.above: Operation | None = None
        self.check: ExplosionCheck | None = None
        if threshold is not None:
            self.threshold = condition_of(group, threshold, f"threshold of {group.name}")
            self.above = self._finding(self.threshold)
        if reset is not None:
            self.reset = statements_of(group, reset, f"reset of {group.name}", at_spikes)
            self.check = ExplosionCheck(self.reset, group.state, ())
        if refractory is not None:
            self.period = RefractoryPeriod(group, refractory, at_spikes)
            self.refractoriness = Refractoriness(free, self.period.choose, self.period.parts)

    def _finding(self, threshold: BoundText) -> Operation:
        """What finds the neurons above the threshold."""
        group = self._group
        condition = Condition(threshold, group.size, f"threshold function of '{group.name}'")
        chance = threshold.program.chance if isinstance(threshold, BoundProgram) else None
        if chance is None:
            return condition
        bound = BoundProgram(chance, group.environment, n=group.size)
        self.chances = BernoulliSpikes(bound, condition, lambda: group.streams["run"], group.size)
        group.streams.renewals.append(self.chances.renew)
        return self.chances

    def forget(self) -> None:
        """Let everybody go: time starts anew in another network."""
        if self.refractoriness is not None:
            self.refractoriness.forget()
        if self.chances is not None:
            self.chances.forget()

    # ---- checkpoints ----

    def get_state(self) -> dict[str, Value]:
        """Which neurons are refractory, and until when."""
        policy = None if self.refractoriness is None else self.refractoriness.policy
        values: dict[str, Value] = {"free": self.free}
        if policy is not None:
            values["rule"] = policy.name
            values["held"], values["until"] = policy.until()
        if isinstance(policy, FixedPeriod):
            values["steps"] = policy.steps
        return values if self.chances is None else values | under("chances", self.chances.get_state())

    def plan_restore(self, saved: StateReader) -> list[Callable[[], Any]]:
        """Take refractory neurons back; the next run gives the policy its period or condition."""
        group = self._group
        n = group.size
        free, policy = saved.array("free", bool, n), None
        if "rule" in saved:
            name = saved.text("rule", POLICIES)
            held = saved.indices("held", n).astype(np.intp)
            until = saved.array("until", float if name in ("until", "while") else int, held.size)
            steps = saved.whole("steps") if name == "fixed" else 0
            if np.unique(held).size < held.size or (name == "fixed" and (until[1:] < until[:-1]).any()):
                saved.refuse("held", "is in no order that these neurons can have")
            located = group.spike_times is not None
            possible = () if self.period is None else self.period.policies(located=located)
            if held.size and name not in possible:
                saved.refuse("rule", f"is '{name}': these neurons become refractory in another way")
            policy = fresh_policy(name, self.free, steps)
        by_chance = None if self.chances is None else self.chances.plan_restore(saved.part("chances"))

        def restore() -> None:
            if by_chance is not None:
                by_chance()
            self.free[:] = free
            if self.refractoriness is not None:
                self.refractoriness.policy = policy
            if policy is not None:
                policy.resume(held, until)

        return [restore]
