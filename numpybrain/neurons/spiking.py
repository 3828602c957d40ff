"""Threshold, reset and refractoriness of a group of neurons."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.checkpoints.state_reader import StateReader, Value, under
from numpybrain.engine.binding import BoundProgram, RunContext
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ModelError, TimeStepError
from numpybrain.kernel import door
from numpybrain.kernel.clock import LONGEST, Clock, milliseconds, nearest
from numpybrain.kernel.stage import Call, Operation, Stage, origin_of
from numpybrain.kernel.variables import Array
from numpybrain.neurons.bernoulli_spikes import BernoulliSpikes
from numpybrain.neurons.custom_events import (
    Operation_,
    condition_piece,
    indices_where,
    run_statements,
    statements_piece,
)
from numpybrain.neurons.refractory import (
    NO_INDICES,
    POLICIES,
    FixedPeriod,
    PerNeuronPeriod,
    RefractoryPolicy,
    ReleaseTime,
    WhileCondition,
    fresh_policy,
)
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.naming import SPIKES
from numpybrain.utils.quantities import carries_unit, is_function

if TYPE_CHECKING:
    from numpybrain.neurons.neurons import Neurons

EXPLODED = 1e100  # a value of a neuron that spikes beyond which the method has lost the solution
NEVER = -1e7  # ms; `lastspike` of a neuron that has not spiked yet


class Spiking:
    """Detects spikes, resets the neurons that fired, and keeps them refractory.

    Attributes:
        free: the variable `not_refractory`.
        threshold, reset, period: what detects and resets, and gives refractory periods or a condition.
        rule: who is refractory, from the first run on.
        stage: what finds the spikes of a step.
        releasing: the stage that lets go of refractory neurons, the state update as a rule.
        watched: the variables that are looked at before a reset, which may hide that they exploded.
        exploded: which of them did first: its name, the neurons and their values; or None.
    """

    def __init__(self, group: Neurons, threshold: Any, reset: Any, refractory: Any) -> None:
        for text, what in ((reset, "reset"), (refractory, "refractory period")):
            if text is not None and threshold is None:
                raise ModelError(f"'{group.name}' has a {what} but no threshold")
        self.group = group
        self.free = np.ones(group.size, dtype=bool)
        self.rule: RefractoryPolicy | ReleaseTime | None = None
        self.watched: tuple[str, ...] = ()
        self.exploded: tuple[str, Array, Array] | None = None
        self.refractory = refractory
        self._at_spikes = group.at_spikes()
        self.threshold: Operation_ | None = None
        self.reset: Operation_ | None = None
        self.chances: BernoulliSpikes | None = None
        if threshold is not None:
            self.threshold = condition_piece(group, threshold, f"threshold of {group.name}")
            self.chances = self._by_chance()
        if reset is not None:
            self.reset = statements_piece(group, reset, f"reset of {group.name}", self._at_spikes)
        self.period: Any = self._refractory_piece()
        self.stage: Stage | None = None
        self.releasing: Stage | None = None
        if threshold is not None:
            self.stage = group.add_stage(
                "threshold", "threshold", self.prepare_threshold, origin_of(threshold),
                operations=self.operations,
            )  # fmt: skip
        if reset is not None:
            group.add_stage(
                "reset", "reset", self.prepare_reset, origin_of(reset),
                operations=lambda: () if self.reset is None else (self.reset,),
            )  # fmt: skip

    def operations(self) -> list[Operation]:
        """What finds spikes and tells who is refractory."""
        chance = None if self.chances is None else self.chances.chance
        found = (self.threshold, chance, self.period)
        return [piece for piece in found if isinstance(piece, (BoundProgram, PythonFunction))]

    def _by_chance(self) -> BernoulliSpikes | None:
        chance = self.threshold.program.chance if isinstance(self.threshold, BoundProgram) else None
        if chance is None:
            return None
        n, streams = self.group.size, self.group.streams
        chances = BernoulliSpikes(BoundProgram(chance, self.group.environment, n=n), n)
        streams.renewals.append(lambda: chances.renew(streams["run"]))
        return chances

    def _refractory_piece(self) -> Any:
        """A time in ms, or what gives times or a condition for some neurons."""
        text, group = self.refractory, self.group
        if text is None:
            return None
        if is_function(text):
            return PythonFunction(text, group.environment, ("spikes",), may_write=False)
        if group.definition is None or not door.is_node(text):
            period = milliseconds(text, f"the refractory period of '{group.name}'")
            return self._positive(period)
        from numpybrain.symbolic import expression_bounds, programs

        kind = group.definition.refractory_type
        unit = None if isinstance(kind, str) else door.unit("ms")
        label = f"refractoriness of {group.name}"
        program = programs.value_program(group.definition, text, unit, label)
        if unit is not None and not program.inputs and not program.draws:
            period = expression_bounds.number(program.result, text.span)
            if not math.isnan(period):
                return self._positive(period)
        return BoundProgram(program, self._at_spikes, dynamic=("spikes",), size="spikes")

    def _positive(self, period: float) -> float:
        if period < 0:
            message = f"the refractory period of '{self.group.name}' is negative (got {period:g} ms)"
            raise TimeStepError(message)
        return period

    # ---- refractoriness ----

    def prepare_rule(self, context: RunContext) -> RefractoryPolicy | None:
        """The rule of this run."""
        period, clock = self.period, context.clock
        if period is None:
            return None
        if isinstance(period, float):
            period = min(period, 0.5 * LONGEST * clock.dt)  # which never ends
            return self._fixed(clock.steps(period, f"refractory period of '{self.group.name}'"))
        condition = self.prepare_condition(context)
        if condition is not None:
            return condition
        if isinstance(period, BoundProgram):
            period.prepare(context)
        call = period.call(context.clock)
        if isinstance(period, BoundProgram) and not period.program.draws and period.is_constant:
            first = np.zeros(1, dtype=np.intp)
            return self._fixed(int(self._in_steps(call(first), clock).max()))
        return self._per_neuron(lambda s: np.broadcast_to(self._in_steps(call(s), clock), s.shape))

    def _in_steps(self, periods: Any, clock: Clock) -> Array:
        """Refractory periods in steps; negative ones are short, infinite ones endless."""
        what = f"the refractory period of '{self.group.name}'"
        if type(periods) is not np.ndarray:  # of a Python function
            check_unmasked(periods, what)
            periods = door.convert(periods, "ms", what) if carries_unit(periods) else periods
        times = np.asarray(periods, dtype=float)
        if np.isnan(times).any():
            raise TimeStepError(f"{what} is not a number (nan)")
        found: Array = np.maximum(1, nearest(np.clip(times, 0.0, LONGEST * clock.dt), clock.dt))
        return found

    def prepare_condition(self, context: RunContext) -> WhileCondition | None:
        """The rule of this run if neurons are refractory while a condition holds; else None."""
        period, definition = self.period, self.group.definition
        if isinstance(period, PythonFunction):
            call = period.call(context.clock)
            holds = np.asarray(call(NO_INDICES)).dtype == bool
        else:
            holds = definition is not None and isinstance(definition.refractory_type, str)
            if holds:
                period.prepare(context)
                call = period.call(context.clock)
        if not holds:
            return None
        if not isinstance(self.rule, WhileCondition):
            self.rule = WhileCondition(self.free, call)
        self.rule.holds = call
        return self.rule

    def _fixed(self, steps: int) -> RefractoryPolicy:
        # one step at least: a neuron is refractory for the rest of the step in which it fired
        rule, steps = self.rule, max(1, steps)
        if isinstance(rule, FixedPeriod) and (rule.steps == steps or not rule.any()):
            rule.steps = steps
        elif rule is None or not rule.any():
            rule = self.rule = FixedPeriod(self.free, steps)
        else:  # the period has changed while some wait for the end of the old one
            rule = self._per_neuron(lambda spikes: np.full(spikes.shape, steps))
        return rule

    def _per_neuron(self, steps: Callable[[Array], Array]) -> RefractoryPolicy:
        """The rule with a period for each spike; it takes over who is refractory now."""
        if not isinstance(self.rule, PerNeuronPeriod):
            rule = PerNeuronPeriod(self.free, steps)
            if isinstance(self.rule, FixedPeriod):
                rule.resume(*self.rule.until())
            self.rule = rule
        self.rule.steps = steps
        return self.rule

    def forget(self) -> None:
        """Let everybody go: time starts anew in another network."""
        self.rule = None
        self.free[:] = True
        if self.chances is not None:
            self.chances.forget()

    # ---- checkpoints ----

    def get_state(self) -> dict[str, Value]:
        """Who is refractory, and until when."""
        values: dict[str, Value] = {"free": self.free}
        if self.rule is not None:
            values["rule"] = self.rule.name
            values["held"], values["until"] = self.rule.until()
        if isinstance(self.rule, FixedPeriod):
            values["steps"] = self.rule.steps
        return values if self.chances is None else values | under("chances", self.chances.get_state())

    def plan_restore(self, saved: StateReader) -> list[Callable[[], Any]]:
        """Take refractory neurons back; the next run gives the rule its period or condition."""
        n = self.group.size
        free, rule = saved.array("free", bool, n), None
        if "rule" in saved:
            name = saved.text("rule", POLICIES)
            held = saved.indices("held", n).astype(np.intp)
            until = saved.array("until", float if name in ("until", "while") else int, held.size)
            steps = saved.whole("steps") if name == "fixed" else 0
            if np.unique(held).size < held.size or (name == "fixed" and (until[1:] < until[:-1]).any()):
                saved.refuse("held", "is in no order that these neurons can have")
            if held.size and name not in self._possible():
                saved.refuse("rule", f"is '{name}': these neurons become refractory in another way")
            rule = fresh_policy(name, self.free, steps)
        by_chance = None if self.chances is None else self.chances.plan_restore(saved.part("chances"))

        def restore() -> None:
            if by_chance is not None:
                by_chance()
            self.free[:] = free
            self.rule = rule
            if rule is not None:
                rule.resume(held, until)

        return [restore]

    def _possible(self) -> tuple[str, ...]:
        """The names of the rules that may come out of what was given as the refractory period."""
        timed = ("fixed", "per neuron") if self.group.spike_times is None else ("until",)
        if isinstance(self.period, PythonFunction):
            return (*timed, "while")
        if self.period is None:
            return ()
        definition = self.group.definition
        asked = definition is not None and isinstance(definition.refractory_type, str)
        return ("while",) if asked and not isinstance(self.period, float) else timed

    def shielded(self, array: Array, index: Array, value: Any, op: str) -> None:
        """Write to a held variable, except where a neuron is refractory."""
        rule = self.rule
        if rule is not None and rule.any():
            allowed = self.free.take(index)
            if not allowed.all():
                index = index[allowed]
                if isinstance(value, np.ndarray) and value.ndim:
                    value = value[allowed]
        _WRITE[op](array, index, value)

    # ---- stages ----

    def prepare_threshold(self) -> Call:
        """Find the spikes of this step: above threshold and not refractory."""
        above, fire = self.detection()
        spikes_of = self.group.__dict__

        def threshold() -> None:
            crossed = above()
            if crossed.size:
                fire(crossed)
            spikes_of["spikes"] = crossed

        return threshold

    def detection(self) -> tuple[Callable[[], Array], Callable[[Array], None]]:
        """What finds who is above threshold and not refractory, and what notes that neurons spike."""
        group, context = self.group, self.group.present()
        clock, free, rule = context.clock, self.free, self.prepare_rule(context)
        piece, chances = self.threshold, self.chances
        assert piece is not None
        what = f"threshold function of '{group.name}'"

        def ask() -> Callable[[], Array]:
            return indices_where(piece, context, group.size, what)

        above = None if chances is None else chances.prepare(context, group.environment.generator(), ask)
        above = ask() if above is None else above
        last = group.state.slots.get("lastspike")
        last_spike = None if last is None else last.array(group.size)

        settles = rule.settle if isinstance(rule, PerNeuronPeriod) and self.reset is None else None
        releases = rule is not None and self.releasing not in context.stages  # nobody else does

        def find() -> Array:
            if releases and rule is not None:
                rule.release(clock.step)
            crossed: Array = above()
            if crossed.size and rule is not None and rule.any():
                crossed = crossed[free.take(crossed)]
            return crossed

        def fire(spikes: Array) -> None:
            if rule is not None:
                rule.add(spikes, clock.step)
                if settles is not None:
                    settles()
            if last_spike is not None:
                last_spike[spikes] = clock.t

        return find, fire

    def _settling(self, reset: Call) -> Call:
        """A reset after which refractory periods are found out, since it may have changed them."""
        rule = self.prepare_rule(self.group.present())
        if not isinstance(rule, PerNeuronPeriod):
            return reset
        settle = rule.settle

        def reset_and_settle() -> None:
            reset()
            settle()

        return reset_and_settle

    def prepare_reset(self) -> Call:
        """Carry out the reset for the neurons that fired."""
        assert self.reset is not None
        reset = self._settling(run_statements(self.reset, self.group, SPIKES))
        if not self.watched:
            return reset
        values, slots = self.group.__dict__, self.group.state.slots
        watched = [(name, slots[name].array(self.group.size)) for name in self.watched]

        def look_and_reset() -> None:
            spikes = values[SPIKES]
            if not spikes.size:
                return
            for name, array in watched:
                found = array.take(spikes)
                if not found.dot(found) < EXPLODED**2 and self.exploded is None:  # so it is for NaN
                    bad = ~(np.abs(found) < EXPLODED)
                    self.exploded = name, spikes[bad], found[bad]
            reset()

        return look_and_reset


def _assign(array: Array, index: Array, value: Any) -> None:
    array[index] = value


_WRITE: dict[str, Callable[..., None]] = {
    "=": _assign, "+=": np.add.at, "-=": np.subtract.at, "*=": np.multiply.at,
}  # fmt: skip
