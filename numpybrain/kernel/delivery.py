"""Carries out events that have arrived at synapses: programs for each spike, and for each synapse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numpybrain.kernel.binding import Bound, Context, PythonFunction
from numpybrain.kernel.refractory import NOBODY
from numpybrain.kernel.rows import Rows, in_rounds
from numpybrain.kernel.state import Array

# What programs of pathways may gather with: neurons in whole groups, synapses, neurons relative to source
# and target, and places in what is under way.
INDICES = ("pre", "post", "synapse", "source", "target", "place")
OTHER = {"pre": "post", "post": "pre"}
RELATIVE = {"pre": "source", "post": "target"}

Deliver = Callable[[Array | None, Array | None], None]
Places = Callable[[Array, Array], Array]


class Delivery:
    """What a pathway does with the events that have arrived.

    Args:
        rows: the synapses by the neurons whose events these are.
        side: "pre" or "post": where these neurons are.
        near: the program for each spike, if there is one.
        far: the program or function for each synapse, if there is one.
        passed: names of what the first hands to the second.
        index_of: gives for each synapse the index "source" or "target".
        one_group: whether both sides are one group of neurons.
        places: gives the places of events in what is under way, from synapses and far neurons (relative).
    """

    def __init__(
        self,
        rows: Rows,
        side: str,
        near: Bound | None,
        far: Bound | PythonFunction | None,
        passed: tuple[str, ...],
        index_of: Callable[[str], Array],
        *,
        one_group: bool,
        places: Places | None = None,
    ) -> None:
        self.rows = rows
        self.side, self.other = side, OTHER[side]
        self.near, self.far = near, far
        self.passed = passed
        self.index_of = index_of
        self.one_group = one_group
        self.places = places
        self._wanted: frozenset[str] | set[str] = frozenset()

    def prepare(self, context: Context) -> Deliver:
        """What carries out a batch in a run: spikes, or synapses that they reach, or both."""
        near, far = callable_of(self.near, context), callable_of(self.far, context)
        rounds: frozenset[str] = frozenset()
        self._wanted = {"pre", "post", "synapse"}
        if isinstance(self.far, Bound):
            rounds = self.far.program.rounds
            self._wanted = self.far.indices | rounds
        if near is None and self._wanted == {self.other} and not rounds and isinstance(self.far, Bound):
            return self._adding(far)

        def deliver(spikes: Array | None, synapses: Array | None) -> None:
            handed = () if near is None or spikes is None else near(*self._of_spikes(spikes))
            if far is None:
                return
            found, belongs = self._indices(spikes, synapses)
            if not any(index.size for index in found.values()):
                return
            arguments = list(found.values())
            if self.passed:
                arguments += [_spread(value, belongs, counted=synapses is None) for value in handed]
            if rounds:
                in_rounds(far, arguments, found, rounds, one_group=self.one_group)
            else:
                far(*arguments)

        return deliver

    def _adding(self, far: Callable[..., Any]) -> Deliver:
        """The usual case: far neurons get something."""
        before = INDICES.index(self.other)
        head, tail = (NOBODY,) * before, (NOBODY,) * (len(INDICES) - before - 1)
        gather, targets = self.rows.gather, self.rows.far

        def add(spikes: Array | None, synapses: Array | None) -> None:
            if synapses is not None:
                reached = self.index_of(RELATIVE[self.other]).take(synapses) + self.rows.far_start
            else:
                assert spikes is not None  # a batch has one of both
                reached = gather(targets, spikes)
            if reached.size:
                far(*head, reached, *tail)

        return add

    def _of_spikes(self, spikes: Array) -> list[Array]:
        """The indices for a program that acts once for each spike."""
        found = dict.fromkeys(INDICES, NOBODY)
        start = self.rows.start
        found[self.side] = spikes
        found[RELATIVE[self.side]] = spikes - start if start else spikes
        return list(found.values())

    def _indices(self, spikes: Array | None, synapses: Array | None) -> tuple[dict[str, Array], Any]:
        """The indices of events at synapses, and which of the spikes each belongs to."""
        rows, wanted, side, other = self.rows, self._wanted, self.side, self.other
        found = dict.fromkeys(INDICES, NOBODY)
        far_wanted = not wanted.isdisjoint((other, RELATIVE[other], "place"))
        if synapses is None:
            assert spikes is not None  # a batch has one of both
            positions, belongs = rows.events(spikes)
            if far_wanted:
                found[other] = rows.far.take(positions)
            if side in wanted or RELATIVE[side] in wanted:
                found[side] = spikes.repeat(belongs)
            if not wanted or "synapse" in wanted or "place" in wanted:
                found["synapse"] = rows.synapses(positions)
        else:
            found["synapse"] = synapses
            for which, start in ((side, rows.start), (other, rows.far_start)):
                found[which] = self.index_of(RELATIVE[which]).take(synapses) + start
            belongs = NOBODY if spikes is None else spikes.searchsorted(found[side])
        for which, start in ((side, rows.start), (other, rows.far_start)):
            if RELATIVE[which] in wanted or (which == other and "place" in wanted):
                found[RELATIVE[which]] = found[which] - start if start else found[which]
        if "place" in wanted and self.places is not None:
            found["place"] = self.places(found["synapse"], found[RELATIVE[other]])
        return found, belongs


def callable_of(piece: Bound | PythonFunction | None, context: Context) -> Any:
    """What a run calls, with all `INDICES` and what is passed."""
    if piece is None:
        return None
    if isinstance(piece, PythonFunction):
        act = piece.acting(context.clock)
        return lambda pre, post, synapse, *_: act(pre, post, synapse)
    piece.prepare(context)
    return piece.call(context.clock)


def _spread(value: Any, belongs: Array, *, counted: bool) -> Any:
    """What was calculated for each spike, for each of its synapses."""
    if not isinstance(value, np.ndarray) or not value.ndim:
        return value
    return value.repeat(belongs) if counted else value.take(belongs)
