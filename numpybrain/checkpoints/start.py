"""The start: what the objects of a network were like when its first run began, to go back to."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from numpybrain.checkpoints.checkpoint import Value, kept, state_of, take_back
from numpybrain.errors import CheckpointError
from numpybrain.kernel.contracts import DeclaringObject

if TYPE_CHECKING:
    from numpybrain.kernel.clock import Clock
    from numpybrain.kernel.contracts import SimulationObject

MOST = 256 << 20  # bytes; more than that is not kept unasked


class Start:
    """State of the objects of a network when its first run began.

    Objects that come later are kept as they are then; records that come later begin anew.

    Args:
        clock: of the network.
        members: its objects.
    """

    def __init__(self, clock: Clock, members: Iterable[SimulationObject]) -> None:
        self._step, self._left = clock.step, clock.left
        self._kept: dict[int, tuple[SimulationObject, Mapping[str, Value] | None]] = {}
        self._removed: dict[int, tuple[weakref.ref[SimulationObject], Mapping[str, Value] | None]] = {}
        self._bytes = 0
        for member in members:
            self._keep(member)

    def add(self, members: Iterable[SimulationObject]) -> None:
        """Keep what further objects are like now."""
        for member in members:
            before = self._removed.pop(id(member), None)
            if before is not None and before[0]() is member:  # it comes back: its start is what it was
                self._kept[id(member)] = member, before[1]
            elif member.is_record and isinstance(member, DeclaringObject):
                self._kept[id(member)] = member, None
            else:
                self._keep(member)

    def _keep(self, member: SimulationObject) -> None:
        values = state_of(member)
        self._bytes += sum(v.nbytes for v in values.values() if isinstance(v, np.ndarray))
        if self._bytes <= MOST:
            values = {key: kept(value, copy=True) for key, value in values.items()}
            self._kept[id(member)] = member, values

    def remove(self, members: Iterable[SimulationObject]) -> None:
        """Objects are no part of the network any more; those that come back have their start again."""
        removed = self._removed

        def end(key: int) -> None:
            removed.pop(key, None)

        for member in members:
            found = self._kept.pop(id(member), None)
            if found is not None and hasattr(member, "__weakref__"):
                reference = weakref.ref(member)
                weakref.finalize(member, end, id(member)).atexit = False
                removed[id(member)] = reference, found[1]

    def restore(self, clock: Clock, members: Iterable[SimulationObject]) -> None:
        """Take everything back to the start; all is checked before anything is changed.

        Raises:
            CheckpointError: if the state was too large to be kept.
        """
        if self._bytes > MOST:
            message = f"the state at the start is too large to be kept unasked ({self._bytes >> 20:,} MB)"
            advice = "before the first run, start = net.snapshot(); then net.restore(start, records=False)"
            raise CheckpointError(message, help=advice)
        take_back(clock, self._step, self._left, [self._kept[id(member)] for member in members])
