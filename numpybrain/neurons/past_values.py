"""Values of neurons at earlier times: what `x(t - d)` in a text stands for.

What a variable was is recorded at the start of each step, and is linear in between. Before the first step,
the first value holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import ModelError, TimeStepError
from numpybrain.group.value_history import ValueHistory, state_of
from numpybrain.kernel.operations import Access, Task
from numpybrain.kernel.state import Form, State
from numpybrain.kernel.variables import CHANGES, Array, Variable

if TYPE_CHECKING:
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import Call, Operation, RunContext
    from numpybrain.symbolic.past import PastValue

FIRST = (
    -3
)  # order within the phase: before what is constant over dt, which may read values of earlier times
CLOSE = 1e-9  # steps that a delay may be away from a whole number of them, by rounding


@dataclass(slots=True, eq=False)
class _Read:
    """A value of an earlier time that texts read: what it is, and where it is stored."""

    past: PastValue
    delay: BoundProgram
    slot: Variable


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
            self._check_begin(past)
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

    def _check_begin(self, past: PastValue) -> None:
        """Raise an error if time has gone on without a record of a variable."""
        network = self._space.network() if self._space.network is not None else None
        if network is not None and self._space.present().clock.step:
            message = f"'{past.shown}': what '{past.variable}' of '{self._space.name}' was is not known"
            advice = f"let the model read it from the start:  earlier = {past.shown} : 1"
            raise ModelError(message, help=advice)

    # ---- steps ----

    def _parts(self) -> list[Operation]:
        """Give what is read and written: variables, delays, and what stands for values of earlier times."""
        slots = self._space.state.slots
        read = [slots[r.past.variable] for r in self._reads.values() if r.past.variable in slots]
        delays = [r.delay for r in self._reads.values()]
        return [Access(read, [r.slot for r in self._reads.values()]), *delays, *self._programs.values()]

    def _prepare(self, run: RunContext) -> Call:
        return self._recorder(run, run.clock)

    def refresh(self) -> None:
        """Let the names stand for what they do now, between two runs or before there is a network."""
        run = self._space.present()
        self._recorder(run, run.clock)()

    def _recorder(self, run: RunContext, clock: Clock) -> Call:
        """The callable of a run: records present values, and looks up those of earlier times."""
        sources = {
            name: self._source(name, run) for name in {r.past.variable for r in self._reads.values()}
        }
        reads = []
        for each in self._reads.values():
            call = each.delay.prepare(run)
            fixed = self._steps(each, call(), clock) if each.delay.stays else None
            reads.append((each, each.slot.array(self._space.size), call, fixed))

        def act() -> None:
            now = clock.step
            found = [
                (each, out, self._steps(each, call(), clock) if fixed is None else fixed)
                for each, out, call, fixed in reads
            ]
            longest = dict.fromkeys(sources, 1)
            for each, _, steps in found:
                name = each.past.variable
                longest[name] = max(longest[name], int(np.max(steps)) + 1)
            for name, source in sources.items():
                self._record(name, source(), now, longest[name])
            for each, out, steps in found:
                _look_up(self.histories[each.past.variable], now, steps - each.past.offset, out)

        return act

    def _record(self, name: str, values: Array, now: int, longest: int) -> None:
        history = self.histories.get(name)
        if history is None:
            history = self.histories[name] = ValueHistory(values, now)
        if history.lacks(now - longest):
            message = f"'{name}' of '{self._space.name}' is not known for {longest} steps before"
            raise TimeStepError(message, help="let its delay be as long as that from the start")
        history.record(now, values, longest)

    def _steps(self, each: _Read, delay: Any, clock: Clock) -> Any:
        """Delays in steps, not rounded: one for all neurons or one for each.

        Raises:
            TimeStepError: if one is shorter than a step.
        """
        steps = np.asarray(delay, dtype=float) / clock.dt
        whole = np.rint(steps)
        steps = np.where(np.abs(steps - whole) <= CLOSE * np.maximum(1, whole), whole, steps)
        if not (steps >= 1).all() or not np.isfinite(steps).all():
            shortest = np.min(np.asarray(delay, dtype=float))
            message = f"'{each.past.shown}' of '{self._space.name}' looks back by {shortest:g} ms"
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
        return [state_of(self.histories, self._form)]

    def _form(self, name: str) -> Form | str:
        if name not in {r.past.variable for r in self._reads.values()}:
            return "is of a variable whose past is not read"
        slot = self._space.state.slots.get(name)
        return Form(float, (None, 1 if slot is not None and slot.shared else self._space.size))


def _look_up(history: ValueHistory, now: int, back: Any, out: Array) -> None:
    """Write the values of so many steps before; between two steps they are linear."""
    rows = history.rows
    whole = np.floor(back).astype(int)
    part = back - whole
    later, earlier = (now - whole) % len(rows), (now - whole - 1) % len(rows)
    if whole.ndim:
        each = np.arange(out.size) if rows.shape[1] > 1 else 0
        later, earlier = (later, each), (earlier, each)
    if not np.any(part):
        out[:] = rows[later]
    else:
        out[:] = (1 - part) * rows[later] + part * rows[earlier]
