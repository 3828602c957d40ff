"""Values of neurons at earlier times: what `x(t - d)` in a text stands for.

What a variable was is recorded at the start of each step, and is linear in between. Before the first step,
the first value holds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import ModelError, TimeStepError
from numpybrain.group.value_history import ValueHistory, state_of
from numpybrain.kernel.clock import LONGEST, check_times
from numpybrain.kernel.operations import Access, Task
from numpybrain.kernel.state import Form, State
from numpybrain.kernel.variables import CHANGES, Array, Variable

if TYPE_CHECKING:
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import Call, Operation, RunContext
    from numpybrain.symbolic.past import PastValue

FIRST = -3  # order within the phase: before what is constant over dt, which may look back
CLOSE = 1e-9  # steps that a delay may be away from a whole number of them, by rounding


@dataclass(slots=True, eq=False)
class _Read:
    """A value of an earlier time that texts read: what it is, and where it is stored."""

    past: PastValue
    delay: BoundProgram
    slot: Variable


class _Lag:
    """How long ago values are looked up: whole steps, and the part of one by which they are older still.

    Args:
        back: steps, one number for all neurons or one for each.
    """

    __slots__ = ("_earlier", "_later", "_part")

    def __init__(self, back: Any) -> None:
        self._later, self._earlier = np.floor(back).astype(int), np.ceil(back).astype(int)
        part = back - self._later
        self._part: Any = part if np.any(part) else None

    def look_up(self, history: ValueHistory, now: int, out: Array) -> None:
        """Write the values of then; between two steps they are linear."""
        rows, part = history.rows, self._part
        each: Any = ...
        if self._later.ndim:
            each = np.arange(out.size) if rows.shape[1] > 1 else 0
        later = rows[(now - self._later) % len(rows), each]
        if part is None:
            out[:] = later
        else:
            out[:] = (1 - part) * later + part * rows[(now - self._earlier) % len(rows), each]


class PastValues:
    """Values of earlier times that the texts of a group read.

    Args:
        space: the variables of the group.
        add_stage: adds a stage of the group.
    """

    def __init__(self, space: VariableSpace, add_stage: Callable[..., Any]) -> None:
        self._space = space
        self._reads: dict[str, _Read] = {}
        self._programs: dict[str, BoundProgram] = {}  # of the subexpressions among what is read
        self.histories: dict[str, ValueHistory] = {}
        self._begun: int | None = None  # the step whose values have been recorded by the stage
        space.forgetting.append(self._forget)
        task = Task(self._prepare, self._parts)
        stage = add_stage("start", "values of earlier times", task, "equations", FIRST)
        network = space.network() if space.network is not None else None
        if network is not None:
            network.schedule.add(stage)

    def add(self, name: str, past: PastValue) -> None:
        """Make a variable of a name in texts, unless there is one."""
        if name in self._reads:
            return
        space = self._space
        assert space.definition is not None  # there is a text
        variable = space.definition.variables[past.variable]
        if past.variable not in {r.past.variable for r in self._reads.values()}:
            self._check_begin(past, variable.unit_text)
        slot = Variable(name, "special", variable.unit_text)
        slot.array(space.size)
        space.state.add(slot)
        self._reads[name] = _Read(past, BoundProgram(past.delay, space.environment, n=space.size), slot)
        if variable.kind == "definition" and past.variable not in self._programs:
            from numpybrain.symbolic.programs import subexpression_program

            program = subexpression_program(space.definition, past.variable)
            if program.past or program.draws:
                what = "values of earlier times" if program.past else "random numbers"
                message = f"'{past.shown}': '{past.variable}' is made of {what}, and has no past of its own"
                raise ModelError(message, help="give it a dx/dt, or read the past of its parts")
            self._programs[past.variable] = BoundProgram(program, space.environment, n=space.size)
        CHANGES.note()

    def _check_begin(self, past: PastValue, unit: str) -> None:
        """Raise an error if time has gone on without a record of a variable."""
        network = self._space.network() if self._space.network is not None else None
        if network is not None and self._space.present().clock.step:
            message = f"'{past.shown}': what '{past.variable}' of '{self._space.name}' was is not known"
            advice = f"let the model read it from the start:  earlier = {past.shown} : {unit}"
            raise ModelError(message, help=advice)

    # ---- steps ----

    def _parts(self) -> list[Operation]:
        """Give what is read and written: variables, delays, and what stands for values of earlier times."""
        slots = self._space.state.slots
        read = [slots[r.past.variable] for r in self._reads.values() if r.past.variable in slots]
        delays = [r.delay for r in self._reads.values()]
        return [Access(read, [r.slot for r in self._reads.values()]), *delays, *self._programs.values()]

    def _prepare(self, run: RunContext) -> Call:
        record = self._recorder(run, run.clock)

        def act() -> None:
            record()
            self._begun = run.clock.step

        return act

    def refresh(self) -> None:
        """Let the names stand for what they do now, between two steps or before there is a network.

        Within a step, they stay what they are at its start, and so does what is recorded.
        """
        run = self._space.present()
        if self._begun != run.clock.step:
            self._recorder(run, run.clock)()

    def _forget(self) -> None:
        """Time goes on elsewhere: values from now on have no past."""
        self.histories.clear()
        self._begun = None

    def _recorder(self, run: RunContext, clock: Clock) -> Call:
        """The callable of a run: records present values, and looks up those of earlier times."""
        names = dict.fromkeys(each.past.variable for each in self._reads.values())
        sources = [(name, self._source(name, run)) for name in names]
        outs = [each.slot.array(self._space.size) for each in self._reads.values()]
        calls = [each.delay.prepare(run) for each in self._reads.values()]
        steps = [self._steps(*each, clock) for each in zip(self._reads.values(), calls, strict=True)]
        self._check_known(steps, clock)
        fixed = all(each.delay.stays for each in self._reads.values())
        lags, longest = self._lags(steps), self._longest(steps)
        for name, source in sources:  # room is made before the first step
            if name not in self.histories:
                self.histories[name] = ValueHistory(source(), clock.step)
            self.histories[name].keep(longest[name])

        def act() -> None:
            nonlocal lags, longest
            if not fixed:
                steps = [
                    self._steps(*each, clock) for each in zip(self._reads.values(), calls, strict=True)
                ]
                self._check_known(steps, clock)
                lags, longest = self._lags(steps), self._longest(steps)
            now, histories = clock.step, self.histories
            for name, source in sources:
                values = source()
                if name not in histories:
                    histories[name] = ValueHistory(values, now)
                histories[name].record(now, values, longest[name])
            for (name, lag), out in zip(lags, outs, strict=True):
                lag.look_up(histories[name], now, out)

        return act

    def _lags(self, steps: list[Any]) -> list[tuple[str, _Lag]]:
        """Names of variables, and how far back in their histories values are, for delays in steps."""
        reads = zip(self._reads.values(), steps, strict=True)
        return [(read.past.variable, _Lag(back - read.past.offset)) for read, back in reads]

    def _longest(self, steps: list[Any]) -> dict[str, int]:
        """How many steps the histories of variables go back, by name."""
        found: dict[str, int] = {}
        for read, back in zip(self._reads.values(), steps, strict=True):
            found[read.past.variable] = max(found.get(read.past.variable, 1), math.ceil(np.max(back)))
        return found

    def _check_known(self, steps: list[Any], clock: Clock) -> None:
        """Raise a `TimeStepError` if histories do not go as far back as delays, in steps, want now."""
        for read, back in zip(self._reads.values(), steps, strict=True):
            history = self.histories.get(read.past.variable)
            if history is None or not history.lacks(clock.step, math.ceil(np.max(back))):
                continue
            kept, wanted = (len(history.rows) - 1) * clock.dt, np.max(back) * clock.dt
            message = f"'{read.past.shown}' of '{self._space.name}' looks back by {wanted:g} ms"
            message += f" at t = {clock.t:g} ms: values are kept for {kept:g} ms only"
            raise TimeStepError(message, help="let a delay be as long as the longest from the start")

    def _steps(self, read: _Read, delay: Callable[[], Any], clock: Clock) -> Any:
        """Delays in steps, not rounded: one for all neurons or one for each.

        Raises:
            TimeStepError: if one is shorter than a step, or no time.
        """
        times = np.asarray(delay(), dtype=float)
        check_times(times, f"delay in '{read.past.shown}' of '{self._space.name}'", clock.dt * LONGEST)
        steps = times / clock.dt
        whole = np.rint(steps)
        steps = np.where(np.abs(steps - whole) <= CLOSE * np.maximum(1, whole), whole, steps)
        if not (steps >= 1).all():
            message = f"'{read.past.shown}' of '{self._space.name}' looks back by {np.min(times):g} ms"
            advice = "take a smaller dt, or a longer delay"
            raise TimeStepError(
                f"{message}: that must be at least the step of {clock.dt:g} ms", help=advice
            )
        return steps[()]

    def _source(self, name: str, run: RunContext) -> Callable[[], Array]:
        """Give a callable of the present values of a variable, shape (n,) or (1,)."""
        space = self._space
        if name in self._programs:
            evaluate, shape = self._programs[name].prepare(run), (space.size,)
            return lambda: np.broadcast_to(evaluate(), shape)
        slot = space.state.slots[name]
        array = slot.array(1 if slot.shared else space.size)
        return lambda: array

    # ---- checkpoints ----

    def declare_state(self) -> Iterable[State]:
        """The values of the last steps, oldest first."""
        yield State({}, put=lambda _: self._forget())
        yield state_of(self.histories, self._form)

    def _form(self, name: str) -> Form | str:
        if name not in {r.past.variable for r in self._reads.values()}:
            return "is of a variable whose past is not read"
        slot = self._space.state.slots.get(name)
        return Form(float, (None, 1 if slot is not None and slot.shared else self._space.size))
