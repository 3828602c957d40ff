"""Threshold, reset and refractoriness, as users give them, made into operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.explosion import ExplosionCheck
from numpybrain.errors import ModelError
from numpybrain.kernel.events import SPIKES
from numpybrain.kernel.refractory import FixedPeriod, Refractoriness
from numpybrain.neurons.bernoulli_spikes import BernoulliSpikes
from numpybrain.neurons.neuron_conditions import (
    BoundText,
    Condition,
    WholeStatements,
    condition_of,
    statements_of,
)
from numpybrain.neurons.refractory_period import RefractoryPeriod
from numpybrain.neurons.release_time import POLICIES, fresh_policy
from numpybrain.utils.python_functions import origin_of
from numpybrain.utils.state_reader import StateReader, Value, under

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpybrain.kernel.contracts import Operation
    from numpybrain.kernel.variables import Array
    from numpybrain.neurons.neuron_space import NeuronSpace


class Spiking:
    """Threshold, reset and refractoriness of a group, as operations.

    Attributes:
        free: false for refractory neurons (the variable `not_refractory`), shape (n,).
        threshold: tells for whom the threshold condition holds; None if there is none.
        reset: acts on the neurons that fired; None if there is none.
        period: the refractory period, as given; None if there is none.
        refractoriness: which neurons are refractory; None if none ever is.
        threshold_origin, reset_origin: where they come from, for the schedule.
        chances: finds the spikes where they are due to chance alone; else None.
        check: the reset with a look at what may have exploded.
    """

    def __init__(
        self, space: NeuronSpace, free: Array, threshold: Any, reset: Any, refractory: Any
    ) -> None:
        for text, what in ((reset, "reset"), (refractory, "refractory period")):
            if text is not None and threshold is None:
                raise ModelError(f"'{space.name}' has a {what} but no threshold")
        self._space = space
        self.free = free
        self.threshold_origin, self.reset_origin = (
            origin_of(text) if callable(text) else "equations" for text in (threshold, reset)
        )
        at_spikes = space.at_spikes()
        self.threshold: BoundText | None = None
        self.reset: BoundText | WholeStatements | None = None
        self.period: RefractoryPeriod | None = None
        self.refractoriness: Refractoriness | None = None
        self.chances: BernoulliSpikes | None = None
        self.above: Operation | None = None
        self.check: ExplosionCheck | None = None
        if threshold is not None:
            self.threshold = condition_of(space, threshold, f"threshold of {space.name}")
            self.above = self._finding(self.threshold)
        if reset is not None:
            self.reset = statements_of(space, reset, f"reset of {space.name}", at_spikes)
            self.check = ExplosionCheck(self.reset, space.state, ())
        if refractory is not None:
            self.period = RefractoryPeriod(space, refractory, at_spikes)
            self.refractoriness = Refractoriness(free, self.period.choose, self.period.parts)
            space.forgetting.append(self.refractoriness.forget)

    def _finding(self, threshold: BoundText) -> Operation:
        """Give the operation that finds the neurons above the threshold."""
        space = self._space
        condition = Condition(threshold, space.size, f"threshold function of '{space.name}'")
        chance = threshold.program.chance if isinstance(threshold, BoundProgram) else None
        if chance is None:
            return condition
        bound = BoundProgram(chance, space.environment, n=space.size)
        self.chances = BernoulliSpikes(bound, condition, lambda: space.streams["run"], space.size)
        space.streams.renewals.append(self.chances.renew)
        space.forgetting.append(self.chances.forget)
        return self.chances

    # ---- checkpoints ----

    def get_state(self) -> dict[str, Value]:
        """Refractoriness of neurons: which are refractory, and until when."""
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
        space = self._space
        n = space.size
        free, policy = saved.array("free", bool, n), None
        if "rule" in saved:
            name = saved.text("rule", POLICIES)
            held = saved.indices("held", n).astype(np.intp)
            until = saved.array("until", float if name in ("until", "while") else int, held.size)
            steps = saved.whole("steps") if name == "fixed" else 0
            if np.unique(held).size < held.size or (name == "fixed" and (until[1:] < until[:-1]).any()):
                saved.refuse("held", "is in no order that these neurons can have")
            located = space.events[SPIKES].times is not None
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
