"""Carries out events that have arrived at synapses: programs for each spike, and for each synapse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.python_function import PythonFunction
from numpybrain.group.part_arrays import counting
from numpybrain.kernel.connectivity import OTHER, Connectivity
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.events import NO_INDICES
from numpybrain.kernel.subgroup import in_whole
from numpybrain.kernel.synapses import Deliver
from numpybrain.kernel.variables import Array
from numpybrain.synapses.rounds import in_rounds
from numpybrain.synapses.row_values import gathering

# What programs of pathways may gather with: neurons in whole groups, synapses, neurons relative to source
# and target, and places in what is under way.
INDICES = ("pre", "post", "synapse", "source", "target", "place")
RELATIVE = {"pre": "source", "post": "target"}

Places = Callable[[Array, Array], Array]


class Events:
    """Events at synapses.

    Attributes:
        found: for each of `INDICES` one for each event; empty if the program does not want it.
        handed: what was calculated for their spikes: arrays with a value for each event, or single numbers.
    """

    __slots__ = ("found", "handed")

    def __init__(self, found: dict[str, Array], handed: Sequence[Any] = ()) -> None:
        self.found = found
        self.handed = handed

    def only(self, which: Array) -> Events:
        """Some of them, by a boolean array."""
        found = {name: index[which] if index.size else index for name, index in self.found.items()}
        many = [isinstance(value, np.ndarray) and value.ndim for value in self.handed]
        return Events(found, [v[which] if m else v for v, m in zip(self.handed, many, strict=True)])


NOTHING = Events(dict.fromkeys(INDICES, NO_INDICES))


class Delivery:
    """Delivery of the events that have arrived, by what a pathway does with them.

    Args:
        connectivity: which neurons are connected.
        side: "pre" or "post": where these neurons are.
        near: the program for each spike, if there is one.
        far: the program or function for each synapse, if there is one.
        passed: names of what the first hands to the second.
        places: gives the places of events in what is under way, from synapses and far neurons (relative).
    """

    def __init__(
        self,
        connectivity: Connectivity,
        side: str,
        near: BoundProgram | None,
        far: BoundProgram | PythonFunction | None,
        passed: tuple[str, ...],
        *,
        places: Places | None = None,
    ) -> None:
        self.rows = connectivity.table(side)
        self.side, self.other = side, OTHER[side]
        self.near, self.far = near, far
        self.passed = passed
        self.index_of = connectivity.index_of
        source, target = connectivity.groups()
        self._where = {each: connectivity.where(each) for each in OTHER}
        self._relative = {
            each: counting(self._where[each], whole.size)
            for each, whole in (("pre", source), ("post", target))
        }
        self._is_part = not connectivity.is_whole(side)
        self.one_group = source is target
        self.places = places
        self._wanted: frozenset[str] | set[str] = frozenset()
        self._rounds: frozenset[str] = frozenset()

    def prepare(self, context: RunContext) -> Deliver:
        """Give a callable that carries out a batch in a run: spikes, synapses that they reach, or both."""
        find, act = self.parts(context)
        usual = self.near is None and self._wanted == {self.other} and isinstance(self.far, BoundProgram)
        if usual and not self._rounds:
            return self._adding(callable_of(self.far, context))

        def deliver(spikes: Array | None, synapses: Array | None) -> None:
            act(find(spikes, synapses))

        return deliver

    def parts(
        self, context: RunContext, *also: str
    ) -> tuple[Callable[[Array | None, Array | None], Events], Callable[[Events], None]]:
        """Give two callables: one does what is done once per spike and finds the events, one acts on them.

        Args:
            context: of the network.
            also: further indices that the events shall tell.
        """
        near, far = callable_of(self.near, context), callable_of(self.far, context)
        self._rounds = rounds = frozenset[str]()
        self._wanted = {"pre", "post", "synapse"}
        if isinstance(self.far, BoundProgram):
            self._rounds = rounds = self.far.program.rounds
            self._wanted = self.far.indices | rounds
        self._wanted = self._wanted | set(also)

        indices = self._indices()
        telling = next(iter(self._wanted), "synapse")  # the same for all: how many events there are
        within = self._chosen() if near is not None and self._is_part else None

        def find(spikes: Array | None, synapses: Array | None) -> Events:
            if within is not None and spikes is not None:  # others than those of a part have no values here
                spikes = within(spikes)
                if not spikes.size:
                    return NOTHING
            handed = () if near is None or spikes is None else near(*self._of_spikes(spikes))
            if far is None:
                return NOTHING
            found, belongs = indices(spikes, synapses)
            if self.passed:
                counted = synapses is None
                return Events(found, [_spread(value, belongs, counted=counted) for value in handed])
            return Events(found)

        def act(events: Events) -> None:
            if not events.found[telling].size:
                return
            arguments = [*events.found.values(), *events.handed]
            if rounds:
                in_rounds(far, arguments, events.found, rounds, one_group=self.one_group)
            else:
                far(*arguments)

        return find, act

    def _adding(self, far: Callable[..., Any]) -> Deliver:
        """The usual case: far neurons get something."""
        before = INDICES.index(self.other)
        head, tail = (NO_INDICES,) * before, (NO_INDICES,) * (len(INDICES) - before - 1)
        gather = gathering(self.rows, self.rows.far)
        far_index, where = self.index_of(RELATIVE[self.other]), self._where[self.other]

        def add(spikes: Array | None, synapses: Array | None) -> None:
            if synapses is not None:
                reached = in_whole(far_index.take(synapses), where)
            else:
                assert spikes is not None  # a batch has one of both
                reached = gather(spikes)
            if reached.size:
                far(*head, reached, *tail)

        return add

    def _chosen(self) -> Callable[[Array], Array]:
        """Give a callable that finds those of some neurons which are in the part whose events these are."""
        where = self._where[self.side]
        if isinstance(where, slice):
            bounds = where.start, where.stop
            return lambda spikes: spikes[slice(*spikes.searchsorted(bounds))]
        chosen = np.zeros(self.rows.neurons.size, dtype=bool)
        chosen[where] = True
        return lambda spikes: spikes[chosen.take(spikes)]

    def _of_spikes(self, spikes: Array) -> tuple[Array, ...]:
        """The indices for a program that acts once for each spike."""
        relative = self._relative[self.side](spikes)
        if self.side == "pre":
            return spikes, NO_INDICES, NO_INDICES, relative, NO_INDICES, NO_INDICES
        return NO_INDICES, spikes, NO_INDICES, NO_INDICES, relative, NO_INDICES

    def _indices(self) -> Callable[[Array | None, Array | None], tuple[dict[str, Array], Array]]:
        """Give a callable that finds the indices of events at synapses, and the spike of each.

        If synapses are given, that is a number for each of them; else it is how many events each spike has.
        """
        rows, wanted, side, other = self.rows, self._wanted, self.side, self.other
        with_place = "place" in wanted and self.places is not None
        of_far = with_place or not wanted.isdisjoint((other, RELATIVE[other]))
        of_near = not wanted.isdisjoint((side, RELATIVE[side]))
        of_synapse = with_place or not wanted or "synapse" in wanted
        where, relative = self._where, self._relative
        shifted = [w for w in (side, other) if RELATIVE[w] in wanted or (w == other and with_place)]
        counting = of_near or bool(self.passed)
        empty = dict.fromkeys(INDICES, NO_INDICES)

        def find(spikes: Array | None, synapses: Array | None) -> tuple[dict[str, Array], Array]:
            found, belongs = empty.copy(), NO_INDICES
            if synapses is None:
                assert spikes is not None  # a batch has one of both
                found[other], found["synapse"] = rows.reached(spikes, far=of_far, synapses=of_synapse)
                if counting:
                    belongs = rows.counts.take(spikes)
                if of_near:
                    found[side] = spikes.repeat(belongs)
            else:
                found["synapse"] = synapses
                for which, part in where.items():
                    found[which] = in_whole(self.index_of(RELATIVE[which]).take(synapses), part)
                if spikes is not None:
                    belongs = spikes.searchsorted(found[side])
            for which in shifted:
                found[RELATIVE[which]] = relative[which](found[which])
            if with_place:
                assert self.places is not None  # asked before
                found["place"] = self.places(found["synapse"], found[RELATIVE[other]])
            return found, belongs

        return find


def callable_of(piece: BoundProgram | PythonFunction | None, context: RunContext) -> Any:
    """Give the callable of a run, which takes all `INDICES` and what is passed."""
    if piece is None:
        return None
    if isinstance(piece, PythonFunction):
        act = piece.prepare(context)
        return lambda pre, post, synapse, *_: act(pre, post, synapse)
    return piece.prepare(context)


def _spread(value: Any, belongs: Array, *, counted: bool) -> Any:
    """Spread what was calculated for each spike to each of its synapses."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return value.repeat(belongs) if counted else value.take(belongs)
