"""Spikes between time steps: where in a step a neuron crosses the threshold, and what comes after.

A neuron that crosses is taken back to the start of the step and, by the numerical method itself, to the
crossing; it is reset there and goes on to the end of the step. So spike times have the order of the method.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import MethodError, ModelError, NetworkError
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.kernel.events import NO_INDICES, SPIKES
from numpybrain.kernel.operations import Task
from numpybrain.kernel.refractory import WhileCondition
from numpybrain.kernel.variables import Array
from numpybrain.neurons.neuron_conditions import sees_all
from numpybrain.neurons.release_time import ReleaseTime
from numpybrain.neurons.root_finding import find_root, guess_root

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.kernel.contracts import Stage
    from numpybrain.kernel.neurons import Neurons
    from numpybrain.neurons.neuron_space import NeuronSpace
    from numpybrain.neurons.threshold_and_reset import Spiking

AHEAD = 1e-5  # part of a step over which a slope is measured that cannot be calculated

Move = Callable[[Array, Array, Array], Any]  # these neurons, over these times, from these times


def _stay(_neurons: Array, _length: Array, _time: Array) -> None:
    """Integrate nothing: a group without differential equations."""


def interpolated_stages(
    neurons: Neurons, space: NeuronSpace, spiking: Spiking, update: StateUpdate
) -> None:
    """Add the stages of neurons whose spikes lie between time steps.

    Raises:
        MethodError, ModelError: if the method or the threshold is not of a kind for that.
    """
    _check(space.name, spiking, update)
    made = InterpolatedSpikes(space, spiking, update)
    updating, does = Task(made.prepare_update, made.parts), "start of the step"
    if update.is_needed:
        does = update.description
    elif spiking.refractoriness is not None:
        does = "refractoriness"
    origin = update.origin if update.is_needed else "kernel"
    made.updating = neurons.add_stage("integrate", does, updating, origin)
    does = "threshold, interpolated" if spiking.reset is None else "threshold and reset, interpolated"
    origin = spiking.threshold_origin if spiking.reset is None else spiking.reset_origin
    locating = Task(made.prepare_threshold, made.parts)
    neurons.finders[SPIKES] = neurons.add_stage("threshold", does, locating, origin)


class InterpolatedSpikes:
    """StateUpdate, threshold and reset of a group whose spikes lie between time steps.

    Attributes:
        updating: the stage of the update.
    """

    def __init__(self, space: NeuronSpace, spiking: Spiking, update: StateUpdate) -> None:
        from numpybrain.symbolic import substeps

        assert isinstance(spiking.threshold, BoundProgram)  # it has been checked
        assert space.state.block is not None  # models lay it out
        self._space, self._spiking, self._update = space, spiking, update
        self.updating: Stage | None = None
        self._block = space.state.block
        self._saved = self._block.copy()  # at the start of the step; of `late` ones, at their release
        self._begin = np.zeros(space.size)  # ms from the start of the step to what is saved
        self._late = NO_INDICES  # who was released within this step
        self._hot = NO_INDICES  # who was above the threshold at that start already
        self._t, self._dt = 0.0, 0.0
        plan = update.plan
        condition = spiking.threshold.program
        here = space.at_spikes()

        def bound(program: Any, *dynamic: str) -> BoundProgram:
            return BoundProgram(program, here, dynamic=("spikes", *dynamic, substeps.TIME), size="spikes")

        level = substeps.level(condition, plan)
        self._has_slope = level.slope
        self._is_above = np.greater_equal if level.inclusive else np.greater
        self._level = bound(level.program)
        self._steep = None if level.steep is None else space.state.rows.index(level.steep)
        self._at_level = None if level.at is None else bound(level.at)
        self._at_start = spiking.threshold
        self._at_end = BoundProgram(substeps.at_end(condition), space.environment, n=space.size)
        self._free = self._still = None
        self._held_rows: tuple[str, ...] = ()
        self._goes_on = False  # whether what is not held must be calculated anew for refractory neurons
        if plan is not None:
            parts = substeps.substeps(plan)
            self._free = self._still = bound(parts.free, substeps.LENGTH)
            if spiking.refractoriness is not None and plan.system.held:
                self._still = bound(parts.still, substeps.LENGTH)
                self._goes_on = plan.held is not None
                held = {plan.system.names[x] for x in plan.system.held}
                self._held_rows = tuple(n for n in space.state.rows if self._goes_on or n in held)

        def at_spike(piece: Any) -> Any:
            if isinstance(piece, BoundProgram):
                return bound(substeps.at_time(piece.program))
            if isinstance(piece, PythonFunction):
                offered = ("spikes", "t")
                return PythonFunction(piece.function, space.environment, offered, may_write=not piece.gives)
            return piece

        period = spiking.period
        self._reset = at_spike(spiking.reset)
        self._period = None if period is None else at_spike(period.period)
        space.events[SPIKES].times = np.empty(0)

    def parts(self) -> list[Operation]:
        """Give the operations of update, threshold and reset; both stages use nearly all of them."""
        period = None if isinstance(self._period, float) else self._period
        own = (
            self._level, self._at_level, self._at_end, self._free, self._still, self._reset, period,
        )  # fmt: skip
        spiking = self._spiking
        asked = () if spiking.period is None else spiking.period.parts()
        pieces = (piece for piece in own if piece is not None)
        return [*self._update.parts(), self._at_start, *asked, *pieces]

    # ---- what a run needs ----

    def _policy(self, run: RunContext) -> ReleaseTime | WhileCondition | None:
        spiking = self._spiking
        refractoriness = spiking.refractoriness
        if refractoriness is None or spiking.period is None:
            return None
        policy: Any = spiking.period.condition(refractoriness, run)
        if policy is None:
            policy = refractoriness.policy
            if not isinstance(policy, ReleaseTime):
                policy = ReleaseTime(refractoriness.free)
        refractoriness.policy = policy
        return policy  # type: ignore[no-any-return]

    def _moves(self, context: RunContext) -> tuple[Move, Move]:
        """Give the callables that take free and refractory neurons a part of a step further."""
        if self._free is None or self._still is None:
            return _stay, _stay
        free = self._free.prepare(context)
        if self._still is self._free:
            return free, free
        return free, self._still.prepare(context)

    def _distance(self, context: RunContext) -> Callable[[Array, Array], tuple[Array, Any]]:
        """Give a callable: distances of neurons above the threshold at some times, and their slopes."""
        call, has_slope = self._level.prepare(context), self._has_slope

        def distance(neurons: Array, times: Array) -> tuple[Array, Any]:
            found = call(neurons, times)
            far = found[0]
            if not isinstance(far, np.ndarray) or far.shape != neurons.shape:
                far = np.full(neurons.shape, far)
            return far, found[1] if has_slope else None

        return distance

    def _above(self, condition: BoundProgram, context: RunContext) -> Callable[[], Array]:
        """Give a callable that finds the neurons above the threshold."""
        call, n = condition.prepare(context), self._space.size

        def above() -> Array:
            found: Any = call()
            if not isinstance(found, np.ndarray) or found.size != n:  # one answer for all
                found = np.broadcast_to(found, (n,))
            indices: Array = found.nonzero()[0]
            return indices

        return above

    # ---- the update ----

    def prepare_update(self, context: RunContext) -> Call:
        """From t to t + dt; refractory neurons go on from when their time is over."""
        space = self._space
        clock, dt = context.clock, context.clock.dt
        advance = self._update.prepare(context) if self._update.plan is not None else lambda: None
        above = self._above(self._at_start, context)
        rule = self._policy(context)
        block, saved, free = self._block, self._saved, self._spiking.free
        self._dt = dt
        if rule is None:

            def plain() -> None:
                self._t = clock.t
                self._hot = above()
                np.copyto(saved, block)
                advance()

            return plain
        move, still = self._moves(context)
        distance = self._distance(context)
        rows = [(block[k], saved[k]) for k, n in enumerate(space.state.rows) if n in self._held_rows]

        def update() -> None:
            t = self._t = clock.t
            late = left = NO_INDICES
            if isinstance(rule, ReleaseTime):
                held, late, left = rule.release(t, dt)
            else:
                held = rule.release(clock.step)
            hot = above()
            if hot.size and rule.any():
                hot = hot[free.take(hot)]
            np.copyto(saved, block)
            advance()
            if held.size:
                for row, old in rows:
                    row[held] = old.take(held)
                if self._goes_on:
                    still(held, np.full(held.size, dt), np.full(held.size, t))
            if self._late.size:
                self._begin[self._late] = 0.0
            self._late, self._hot = late, hot
            if late.size and isinstance(rule, ReleaseTime):
                block[:, late] = saved.take(late, axis=1)
                still(late, left, np.full(late.size, t))
                saved[:, late] = block.take(late, axis=1)
                self._begin[late] = left
                rule.let_go(late)
                found = late[self._is_above(distance(late, t + left)[0], 0.0)]
                if found.size:
                    self._hot = np.concatenate((hot, found))
                move(late, dt - left, t + left)

        return update

    # ---- the threshold ----

    def prepare_threshold(self, context: RunContext) -> Call:
        """Find the neurons that crossed the threshold, and when; reset them there and finish the step."""
        space = self._space
        if self.updating not in context.stages:
            message = (
                f"the state update of '{space.name}' is not in the schedule: it finds spikes between steps"
            )
            raise NetworkError(message, help="leave it there, or make the neurons with spike_times='grid'")
        above = self._above(self._at_end, context)
        rule, free = self._policy(context), self._spiking.free
        locate = self._prepare_locate(context)
        go_on = self._prepare_rest(context)
        last = space.state.slots.get("lastspike")
        last_spike = None if last is None else last.array(space.size)
        buffer, block = space.events[SPIKES], self._block

        def threshold() -> None:
            crossed = above()
            if rule is not None and crossed.size and rule.any():
                crossed = crossed[free.take(crossed)]
            hot = self._hot
            if hot.size:
                crossed = np.union1d(crossed, hot)
            elif not crossed.size:
                buffer.clear()
                return
            times = locate(crossed, hot)
            lost = np.isnan(block.take(crossed, axis=1))
            if lost.any():  # a solution that is NaN from the start of the step on has crossed nothing
                sound = ~lost.any(axis=0)
                crossed, times = crossed[sound], times[sound]
                if not crossed.size:
                    buffer.clear()
                    return
            if last_spike is not None:
                last_spike[crossed] = times
            go_on(crossed, times)
            buffer.indices, buffer.times = crossed, times

        return threshold

    def _prepare_locate(self, context: RunContext) -> Callable[[Array, Array], Array]:
        """Give a callable that puts neurons to where they reached the threshold, and gives the times."""
        move, _ = self._moves(context)
        distance = self._distance(context)
        block, saved, begin, row = self._block, self._saved, self._begin, self._steep
        at_level = None
        if self._at_level is not None:
            at_level = self._at_level.prepare(context)

        def search(neurons: Array) -> Array:
            first = begin.take(neurons)
            start, time = saved.take(neurons, axis=1), self._t + first
            length = self._dt - first
            high = distance(neurons, time + length)
            block[:, neurons] = start
            low = distance(neurons, time)

            def at(after: Array) -> tuple[Array, Array]:
                block[:, neurons] = start
                move(neurons, after, time)
                found, slope = distance(neurons, time + after)
                return found, slope

            def measured(after: Array) -> tuple[Array, Array]:
                ahead = at(after + AHEAD * length)[0]
                here = at(after)[0]
                return here, (ahead - here) / (AHEAD * length)

            guess = guess_root(low, high, length)
            after = find_root(at if self._has_slope else measured, guess, length, self._dt)
            block[:, neurons] = start
            move(neurons, after, time)
            crossing: Array = time + after
            if at_level is not None:
                block[row, neurons] = at_level(neurons, crossing)
            return crossing

        def locate(neurons: Array, hot: Array) -> Array:
            if not hot.size:
                return search(neurons)
            block[:, hot] = saved.take(hot, axis=1)
            times = self._t + begin.take(neurons)
            cold = np.isin(neurons, hot, invert=True).nonzero()[0]
            if cold.size:
                times[cold] = search(neurons[cold])
            return times

        return locate

    def _prepare_rest(self, context: RunContext) -> Callable[[Array, Array], None]:
        """Give a callable that resets neurons at their spikes and takes them to the end of the step."""
        move, still = self._moves(context)
        reset = self._prepare_reset(context)
        rule, clock = self._policy(context), context.clock
        if rule is None:

            def free(neurons: Array, times: Array) -> None:
                reset(neurons, times)
                move(neurons, np.maximum(self._t + self._dt - times, 0.0), times)

            return free
        if isinstance(rule, WhileCondition):

            def until_released(neurons: Array, times: Array) -> None:
                rule.add(neurons, clock.step)
                reset(neurons, times)
                still(neurons, np.maximum(self._t + self._dt - times, 0.0), times)

            return until_released
        period = self._prepare_period(context)

        def for_a_time(neurons: Array, times: Array) -> None:
            rule.add(neurons, times)
            reset(neurons, times)
            wait = np.maximum(np.broadcast_to(period(neurons, times), neurons.shape), 0.0)
            rule.put_off(neurons, times + wait)
            rest = np.maximum(self._t + self._dt - times, 0.0)
            wait = np.minimum(wait, rest)
            still(neurons, wait, times)
            over = (wait < rest).nonzero()[0]
            if over.size:  # released in the same step
                rule.let_go(neurons[over])
                move(neurons[over], (rest - wait)[over], (times + wait)[over])

        return for_a_time

    def _prepare_reset(self, context: RunContext) -> Callable[[Array, Array], Any]:
        piece = self._reset
        if piece is None:
            return lambda _neurons, _times: None
        act: Callable[..., Any] = piece.prepare(context)
        return act

    def _prepare_period(self, context: RunContext) -> Callable[[Array, Array], Any]:
        piece = self._period
        if isinstance(piece, float):
            return lambda _neurons, _times: piece
        assert piece is not None  # asked where there is one
        call: Callable[..., Any] = piece.prepare(context)
        return call


def _check(name: str, spiking: Spiking, update: StateUpdate) -> None:
    """Raise an error unless neurons have the parts from which a crossing can be calculated."""
    threshold = spiking.threshold
    if threshold is None:
        raise ModelError(f"'{name}' has interpolated spike times but no threshold")
    if not isinstance(threshold, BoundProgram):
        message = f"spikes cannot be located between steps: the threshold of '{name}' is a function"
        raise ModelError(message, help="write a threshold such as 'v > v_th'")
    period = None if spiking.period is None else spiking.period.period
    for what, piece in (("threshold", threshold), ("reset", spiking.reset), ("refractory period", period)):
        if sees_all(piece):
            message = f"spikes cannot be located between steps: the {what} of '{name}' looks at all neurons"
            raise ModelError(
                message, help="calculate it in each step:  m = mean(v) : mV (constant over dt)"
            )
    if update.plan is not None and update.plan.system.couples:
        message = f"spikes cannot be located between steps: the equations of '{name}' couple its neurons"
        raise ModelError(message, help="leave out spike_times='interpolated'")
    if update.function is not None:
        message = f"spikes cannot be located between steps: the update of '{name}' is a function"
        raise MethodError(message, help="write equations")
