"""Pathways that are delivered together: they add to the same variables, and nothing in between minds.

Each pathway keeps its row in the schedule; the first one of a bundle does the work of all.
"""

from __future__ import annotations

from collections.abc import Callable

from numpybrain.kernel.contracts import Call, RunContext, Stage
from numpybrain.kernel.variables import Variable
from numpybrain.synapses.scheduled_additions import MOST, PathwayAdditions, ScheduledAdditions, span_of_all
from numpybrain.utils.python_functions import all_of

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
            or first.target is not part.target
        ):
            return False
        parts = [*self.parts, part]
        start, stop = span_of_all(parts)
        return 2 * (stop - start) * (max(p.longest for p in parts) + 1) <= MOST

    def add(self, part: PathwayAdditions, alone: Callable[[], Call]) -> None:
        """Add a pathway; `alone` gives what it calls if it has one delay and stays by itself."""
        self.parts.append(part)
        self._alone.append(alone)

    def complete(self) -> None:
        """All pathways are there."""
        if self._act is None:
            self._act = self._made()

    def call(self) -> None:
        """Act for all pathways of the bundle: called by the first one in every step."""
        if self._act is None:  # it has been prepared by itself, in the middle of a run
            self.complete()
        assert self._act is not None
        self._act()

    def _made(self) -> Call:
        """Make the callable of the bundle, as soon as all pathways are there."""
        parts, n = self.parts, self.parts[0].target.size
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


class Bundles:
    """The bundles of a run, made while its stages are prepared."""

    def __init__(self) -> None:
        self._open: dict[Variable, Bundle] = {}  # that others may join, by what they add to
        self._joined: Bundle | None = None  # that of the stage which has just been prepared
        self._made: list[Bundle] = []

    @classmethod
    def of(cls, context: RunContext) -> Bundles:
        """Give the bundles of a run."""
        if cls not in context.notes:
            context.notes[cls] = made = cls()
            context.watchers.append(made)
        found: Bundles = context.notes[cls]
        return found

    def join(self, part: PathwayAdditions, context: RunContext, alone: Callable[[], Call]) -> Call | None:
        """Join a bundle, or make one; gives what its first pathway calls."""
        bundle = self._open.get(next(iter(part.slots)))
        if bundle is not None and bundle.takes(part):
            bundle.add(part, alone)
            self._joined = bundle
            return None
        made = self._joined = Bundle(context)
        self._made.append(made)
        made.add(part, alone)
        return made.call

    def passed(self, stage: Stage) -> None:
        """A stage has been prepared: nothing is joined across it to what it reads or writes."""
        joined, self._joined = self._joined, None
        if joined is None and not self._open:
            return
        operation = stage.operation
        if stage.phase != "synapse" or stage.is_python or operation.is_open:
            self._open.clear()
            return
        for variable in (*operation.reads, *operation.writes):
            self._open.pop(variable, None)
        if joined is not None:
            self._open.update(dict.fromkeys(joined.parts[0].slots, joined))

    def complete(self) -> None:
        """All stages have been prepared."""
        self._open.clear()
        for bundle in self._made:
            bundle.complete()
        self._made.clear()


def join(part: PathwayAdditions, context: RunContext, alone: Callable[[], Call]) -> Call | None:
    """Give the callable of a pathway for every step: None, if it joins others.

    Args:
        part: what it adds.
        context: of the network, which knows what can be joined.
        alone: gives what it calls if it has one delay and stays by itself.
    """
    return Bundles.of(context).join(part, context, alone)
