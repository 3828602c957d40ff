"""Pathways that are delivered together: they add to the same variables, and nothing in between minds.

Each pathway keeps its row in the schedule; the first one of a bundle does the work of all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpybrain.kernel.contracts import Call, RunContext
from numpybrain.kernel.operations import all_of
from numpybrain.synapses.scheduled_additions import MOST, PathwayAdditions, ScheduledAdditions

PAYS = 4000  # neurons for each pathway with one delay: up to here a ring for all costs less


class Bundle:
    """Pathways that share a ring in a run, and the call of the first one.

    Attributes:
        parts: what they add.
    """

    def __init__(self, context: RunContext) -> None:
        self.parts: list[PathwayAdditions] = []
        self._alone: list[Callable[[], Call]] = []
        self._context = context
        self._act: Call | None = None

    def takes(self, part: PathwayAdditions) -> bool:
        """Whether a further pathway fits in."""
        first = self.parts[0]
        if (
            self._act is not None
            or first.slots.keys() != part.slots.keys()
            or first.target[0] is not part.target[0]
        ):
            return False
        parts = [*self.parts, part]
        n = max(p.target[2] for p in parts) - min(p.target[1] for p in parts)
        return 2 * n * (max(p.longest for p in parts) + 1) <= MOST

    def add(self, part: PathwayAdditions, alone: Callable[[], Call]) -> None:
        """Add a pathway; `alone` gives what it calls if it has one delay and stays by itself."""
        self.parts.append(part)
        self._alone.append(alone)

    def complete(self) -> None:
        """All pathways are there."""
        if self._act is None:
            self._act = self._made()

    def call(self) -> None:
        """What the first one does in every step."""
        if self._act is None:  # it has been prepared by itself, in the middle of a run
            self.complete()
        assert self._act is not None
        self._act()

    def _made(self) -> Call:
        """What is called, as soon as all pathways are there."""
        parts, n = self.parts, self.parts[0].target[0].size
        if all(part.is_even for part in parts) and (len(parts) == 1 or n > PAYS * len(parts)):
            for part in parts:
                if part.effects is not None:
                    part.effects.release()
            call = all_of([alone() for alone in self._alone])
            assert call is not None  # there is a pathway
            return call
        effects = parts[0].effects
        if effects is None or effects.parts != parts:
            for part in parts:
                if part.effects is not None:
                    part.effects.release()
            effects = ScheduledAdditions(parts)
        return effects.prepare(self._context)


def join(part: PathwayAdditions, context: RunContext, alone: Callable[[], Call]) -> Call | None:
    """What a pathway calls in every step: nothing, if it joins others.

    Args:
        part: what it adds.
        context: of the network, which knows what can be joined.
        alone: gives what it calls if it has one delay and stays by itself.
    """
    bundle: Any = context.bundles.get(next(iter(part.slots)))
    if bundle is not None and bundle.takes(part):
        bundle.add(part, alone)
        context.joined = bundle
        return None
    made = context.joined = Bundle(context)
    context.made.append(made)
    made.add(part, alone)
    return made.call
