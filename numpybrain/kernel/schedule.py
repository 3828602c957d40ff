"""The schedule: every stage of a step, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from numpybrain.errors import NetworkError
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import PHASES, Stage


class Schedule:
    """The stages of a network in the order in which they run: by phase, order, and as they came."""

    def __init__(self, clock: Clock, phases: Sequence[str] | None = None) -> None:
        order = tuple(PHASES if phases is None else phases)
        if sorted(order) != sorted(PHASES):
            message = f"a schedule holds each of the phases {', '.join(PHASES)} once"
            raise NetworkError(message, detail=f"got {', '.join(map(str, order))}")
        self.clock = clock
        self._phases = order
        self.stages: list[Stage] = []

    def add(self, stage: Stage) -> None:
        """Put a stage behind those of its phase and rank."""
        key = self._key(stage)
        place = len(self.stages)
        while place and self._key(self.stages[place - 1]) > key:
            place -= 1
        self.stages.insert(place, stage)

    def extend(self, stages: Iterable[Stage]) -> None:
        """Add several stages."""
        for stage in stages:
            self.add(stage)

    def _key(self, stage: Stage) -> tuple[int, int]:
        return self._phases.index(stage.phase), stage.order

    def __iter__(self) -> Iterator[Stage]:
        return iter(self.stages)

    def __len__(self) -> int:
        return len(self.stages)
