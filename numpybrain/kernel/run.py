"""Context of a run: the clock, and which variables change while it goes on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numpybrain.kernel.clock import Clock
from numpybrain.kernel.stage import Stage
from numpybrain.kernel.variables import Variable


class RunContext:
    """The run as its objects see it: the clock, and which variables can change while it goes on.

    Attributes:
        engine: name of the engine that calculates what it can.
        has_python: whether Python functions run in its steps, which may assign to anything.
        is_open: whether some of them may also write to every array that somebody outside holds.
        stages: all stages of a step.
        written: the variables that stages write.
        sums: the sums over synapses of this run, in the order in which they are calculated.
        bundles: variable -> bundle of pathways that add to it, which a further one may join.
        joined: the bundle that the stage belongs to which has just been prepared.
        made: all bundles of pathways.
    """

    __slots__ = (
        "_progress", "bundles", "clock", "engine", "has_python", "is_open", "joined", "made", "stages",
        "sums", "written",
    )  # fmt: skip

    def __init__(self, clock: Clock, engine: str = "numpy") -> None:
        self.clock = clock
        self.engine = engine
        self.has_python = self.is_open = self._progress = False
        self.stages: frozenset[Stage] = frozenset()
        self.written: frozenset[Variable] = frozenset()
        self.sums: list[Any] = []
        self.bundles: dict[Variable, Any] = {}
        self.joined: Any = None
        self.made: list[Any] = []

    def begin(self) -> None:
        """All stages are going to be prepared."""
        self.sums.clear()
        self.bundles.clear()
        self.made.clear()

    def complete(self) -> None:
        """All stages have been prepared."""
        self.bundles.clear()
        for bundle in self.made:
            bundle.complete()
        self.made.clear()

    def passed(self, stage: Stage) -> None:
        """A stage has been prepared: nothing is joined across it to what it reads or writes."""
        joined, self.joined = self.joined, None
        if joined is None and not self.bundles:
            return
        operation = stage.operation
        if stage.phase != "synapse" or stage.is_python or operation.is_open:
            self.bundles.clear()
            return
        for slot in (*operation.reads, *operation.writes):
            self.bundles.pop(slot, None)
        if joined is not None:
            self.bundles.update(dict.fromkeys(joined.parts[0].slots, joined))

    def note(self, stages: Iterable[Stage], *, progress: bool = False) -> None:
        """Find out what varies, from what all stages declare.

        `progress`: whether a function of the user is called beside them.
        """
        self._progress = progress
        self.note_again(stages)

    def note_again(self, stages: Iterable[Stage]) -> None:
        """The same in the middle of a run, whose function of progress is that of its beginning."""
        stages, progress = list(stages), self._progress
        self.stages = frozenset(stages)
        operations = [stage.operation for stage in stages]
        self.written = frozenset(slot for operation in operations for slot in operation.writes)
        self.has_python = progress or any(stage.is_python for stage in stages)
        self.is_open = progress or any(operation.is_open for operation in operations)

    def is_written(self, slot: Variable) -> bool:
        """Whether steps change a variable: their stages declare it, or the kernel keeps it up."""
        return slot in self.written or (slot.kind == "special" and not slot.constant)

    def varies(self, slot: Variable) -> bool:
        """Whether a variable may change in the run without an assignment that is noticed."""
        return self.is_written(slot) or (self.is_open and slot.aliased and not slot.constant)
