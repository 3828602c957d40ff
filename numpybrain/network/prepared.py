"""Conditions that a run was prepared for: they tell whether the next one can use the same calls."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpybrain.group.group import Group
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.variables import CHANGES
from numpybrain.network.user_schedule import Schedule

MOST = 10_000  # values that others may write to, and that are compared before each run


class Prepared:
    """The schedule, and all that calls follow from, when a run was prepared.

    What is assigned, and what moves, is counted wherever it happens. Arrays that are held outside are
    written to without a trace, so those that a step takes for constant are compared.

    Args:
        schedule: the stages.
        objects: the members of the network.
        context: what varies in the run.
        check_finite: whether states are looked after.
    """

    def __init__(
        self, schedule: Schedule, objects: Iterable[Any], context: RunContext, *, check_finite: bool
    ) -> None:
        self._stages = list(schedule)
        self._operations = [stage.operation for stage in schedule]
        self._objects = list(objects)
        self._check_finite = check_finite
        slots = [slot for group in objects if isinstance(group, Group) for slot in group.inspect.slots()]
        held = [slot for slot in slots if slot.aliased and slot.is_array and not context.varies(slot)]
        self._can_tell = sum(slot.value.size for slot in held) <= MOST
        self._held = [(slot.value, slot.value.tobytes()) for slot in held] if self._can_tell else []
        self._count = CHANGES.count

    def holds(self, schedule: Schedule, steps: int, *, check_finite: bool) -> bool:
        """Whether a run of so many steps needs nothing else."""
        if self._count != CHANGES.count or check_finite != self._check_finite or not self._can_tell:
            return False
        stages = schedule.stages
        if self._stages != stages or self._operations != [stage.operation for stage in stages]:
            return False
        for array, before in self._held:
            if array.tobytes() != before:
                return False
        return all(member.is_ready(steps) for member in self._objects)
