"""Values that are calculated at the start of each step and hold for it; parameters that follow the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import NetworkError
from numpybrain.group import models
from numpybrain.group.partial_course import PartialCourse
from numpybrain.kernel.operations import Task
from numpybrain.kernel.subgroup import Where
from numpybrain.kernel.variables import CHANGES
from numpybrain.utils.naming import follows_time
from numpybrain.utils.python_functions import all_of

if TYPE_CHECKING:
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.kernel.contracts import Call, RunContext, Stage

FIRST = -2  # order within the phase: before what users add, and before monitors


class PartSpace(Protocol):
    """Variables of a part of a group."""

    def worth(self, name: str, value: Any) -> Any:
        """A text, function or quantity for a variable: one number, or one for each element of the part."""


class Sampling:
    """The stage that calculates what holds for a step, and the parameters that follow the time.

    A parameter follows the time when a function of t, a time series or a text with t is assigned to it. Its
    equation then is one of those that the stage calculates, until something else is assigned.

    Args:
        space: the variables whose values they are.
        add_stage: adds a stage of their owner.
        always: whether there is a stage although there is nothing to calculate yet: so that parameters may
            begin to follow the time in the middle of a run.
    """

    def __init__(
        self, space: VariableSpace, add_stage: Callable[..., Stage], *, always: bool = False
    ) -> None:
        self._space = space
        self._new_stage = add_stage
        self._bounds: list[BoundProgram] = []
        self._assigned: set[str] = set()  # parameters that follow the time since they were assigned
        self._stage: Stage | None = None
        if always:
            self._add_stage("what follows the time")
        self._renew()

    def _renew(self) -> None:
        """There may be other equations than before."""
        space, definition = self._space, self._space.definition
        self._bounds = []
        if definition is None or all(v.kind != "sampled" for v in definition.variables.values()):
            return
        from numpybrain.symbolic.statement_programs import sampled_program

        for shared in (True, False):
            program = sampled_program(definition, f"start of {space.name}", shared=shared)
            if program is not None:
                n = 1 if shared else space.size
                self._bounds.append(BoundProgram(program, space.environment, n=n))
        if self._stage is None:
            self._add_stage("what is constant over dt")

    def _add_stage(self, description: str) -> None:
        space, task = self._space, Task(self._prepare, lambda: self._bounds)
        self._stage = self._new_stage("start", description, task, "equations", FIRST)
        network = space.network() if space.network is not None else None
        if network is not None:
            network.schedule.add(self._stage)

    def _prepare(self, run: RunContext) -> Call | None:
        return all_of([bound.prepare(run) for bound in self._bounds])

    # ---- assignment ----

    def take(self, name: str, value: Any) -> bool:
        """Let a parameter follow the time if its new value does; else it does not follow it any more.

        Gives whether the value has been taken.

        Raises:
            NetworkError: in the middle of a run that has no stage for it.
        """
        space = self._space
        variable = None if space.definition is None else space.definition.variables.get(name)
        if variable is None or space.definition is None:
            return False
        followed = variable.kind == "sampled" and (
            name in self._assigned or models.course_of(space.definition, name) is not None
        )
        if variable.kind != "parameter" and not followed:
            return False
        made = None
        if isinstance(value, str) or callable(value):
            made = models.following(space.definition, name, value, space.name)
        if made is None:
            if followed:
                self._stop(name)
            return False
        if self._stage is None and space.is_running():
            message = f"'{name}' of '{space.name}' cannot begin to follow the time in the middle of a run"
            raise NetworkError(message, help="assign it between two runs, or where the group is made")
        self._assigned.add(name)
        self._set(name, made, "sampled")
        return True

    def take_part(self, name: str, value: Any, where: Where, part: PartSpace) -> bool:
        """Let a parameter follow the time in some elements; gives whether the value has been taken.

        What they follow, or the values that they get, takes the place of what they followed before.

        Raises:
            as `take` does.
        """
        space, is_course = self._space, follows_time(value)
        if is_course:
            space.need_equations()
        variable = None if space.definition is None else space.definition.variables.get(name)
        if variable is None or space.definition is None or "shared" in variable.flags:
            return False
        before = models.course_of(space.definition, name)
        if before is None and (not is_course or variable.kind != "parameter"):
            return False
        slot, what = space.state.slots[name], f"'{name}' of '{space.name}'"
        if isinstance(before, PartialCourse):
            course = before
        else:
            everything: Any = slot.array(space.size).copy() if before is None else before
            course = PartialCourse(space.size, slot.unit_text, what, ((slice(None), everything),))
        piece = value if is_course else np.array(part.worth(name, value), dtype=float)
        return self.take(name, course.with_piece(where, piece))

    def would_take(self, name: str, text: str) -> bool:
        """Whether a text would make a parameter follow the time, if it were for the whole group."""
        definition = self._space.definition
        variable = None if definition is None else definition.variables.get(name)
        if definition is None or variable is None or variable.kind not in ("parameter", "sampled"):
            return False
        return models.reads_time(definition, text)

    def _stop(self, name: str) -> None:
        space = self._space
        assert space.definition is not None  # there is something to stop
        self._assigned.discard(name)
        self._set(name, models.stopped(space.definition, name), "parameter")

    def _set(self, name: str, definition: Any, kind: str) -> None:
        """Go on with these equations."""
        space = self._space
        space.definition = definition
        space.environment.functions.update(definition.functions)
        models.bind_time_functions(
            definition, lambda flags: 1 if "shared" in flags else space.size, lambda: space.streams["run"]
        )
        space.state.slots[name].kind = kind
        self._renew()
        CHANGES.note()
        network = space.network() if space.network is not None else None
        if network is not None:
            network.follow()

    def is_text(self, name: str) -> bool:
        """Whether a parameter follows a text that was assigned to it, which gives its value at any time."""
        definition = self._space.definition
        if name not in self._assigned or definition is None:
            return False
        return models.course_of(definition, name) is None
