"""A stage: one thing that happens in every step. Compiled strings and Python functions meet here.

A network knows nothing of a stage but its phase, its words for the schedule and its operation.

The kernel's classes are written out: `dataclasses` would add a tenth to the time of the import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation

PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")


class Stage:
    """One line of the schedule.

    Attributes:
        phase: one of `PHASES`.
        owner: name of the object the stage belongs to.
        description: what it does, in a few words.
        operation: what is done; see `Operation`.
        origin: "equations", "kernel" or the file and line of a Python function.
        order: order within the phase, before the order of objects.
        seconds: time spent in the stage in the last run, estimated from a sample of its steps.
    """

    __slots__ = ("description", "operation", "order", "origin", "owner", "phase", "seconds")

    def __init__(
        self,
        phase: str,
        owner: str,
        description: str,
        operation: Operation,
        origin: str = "equations",
        order: int = 0,
    ) -> None:
        self.phase = phase
        self.owner = owner
        self.description = description
        self.operation = operation
        self.origin = origin
        self.order = order
        self.seconds = 0.0

    @property
    def is_python(self) -> bool:
        """Whether a Python function runs in it, which may assign to anything through its object."""
        return self.origin not in ("equations", "kernel")
