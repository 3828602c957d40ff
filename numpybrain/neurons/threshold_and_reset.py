"""Threshold, reset and refractoriness, as users give them, made into operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.explosion import ExplosionCheck
from numpybrain.errors import ModelError
from numpybrain.kernel.events import SPIKES
from numpybrain.kernel.refractory import FixedPeriod, Refractoriness, WhileCondition
from numpybrain.kernel.state import LONG, Form, State, Values, in_place, under
from numpybrain.neurons.bernoulli_spikes import BernoulliSpikes
from numpybrain.neurons.neuron_conditions import (
    BoundText,
    Condition,
    OfWholeGroup,
    condition_of,
    statements_of,
)
from numpybrain.neurons.refractory_period import RefractoryPeriod
from numpybrain.neurons.release_time import POLICIES, ReleaseTime, fresh_policy
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
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
        self.reset: BoundText | OfWholeGroup | None = None
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

    def declare_state(self) -> Iterator[State]:
        """Refractoriness of neurons: which are refractory, and until when."""
        yield in_place({"free": self.free})
        rule = Form(str, optional=True)
        yield State({"rule": rule}, self._rule, self._forget_policy, _check_rule, self._policy_state)
        if self.chances is not None:
            yield from under("chances/", [self.chances.state()])

    def _rule(self) -> Values:
        policy = None if self.refractoriness is None else self.refractoriness.policy
        return {} if policy is None else {"rule": policy.name}

    def _forget_policy(self, _: Values) -> None:
        if self.refractoriness is not None:
            self.refractoriness.policy = None

    def _policy_state(self, values: Values, _: Any) -> Iterator[State]:
        """State of a policy; the next run gives it its period or condition."""
        name, n = values.get("rule"), self._space.size
        if name is None:
            return
        kind = float if name in (ReleaseTime.name, WhileCondition.name) else int
        is_fixed = name == FixedPeriod.name
        forms = {"held": Form(int, ("held",), n), "until": Form(kind, ("held",))}
        forms |= {"steps": Form(int, limit=LONG)} if is_fixed else {}

        def get() -> Values:
            assert self.refractoriness is not None  # it has a policy
            policy = self.refractoriness.policy
            held, until = policy.until()
            return {"held": held, "until": until, "steps": getattr(policy, "steps", None)}

        def check(values: Values) -> tuple[str, str] | None:
            held, until = values["held"], values["until"]
            if np.unique(held).size < held.size or (is_fixed and (until[1:] < until[:-1]).any()):
                return "held", "is in no order that these neurons can have"
            located = self._space.events[SPIKES].times is not None
            possible = () if self.period is None else self.period.policies(located=located)
            if held.size and name not in possible:
                return "rule", f"is '{name}': these neurons become refractory in another way"
            return None

        def put(values: Values) -> None:
            if self.refractoriness is not None:
                policy = fresh_policy(name, self.free, values.get("steps", 0))
                self.refractoriness.policy = policy
                policy.resume(values["held"], values["until"])

        yield State(forms, get, put, check)


def _check_rule(values: Values) -> tuple[str, str] | None:
    name = values["rule"]
    if name is None or name in POLICIES:
        return None
    return "rule", f"is '{name[:40]}', not one of {', '.join(POLICIES)}"
