"""Synapses without any delay: spikes that act at once, and set off others in the same step.

Behind the thresholds of a step comes a cascade. The spikes go through all instant synapses of the network;
then the neurons that they have reached are tested again; those that spike now send spikes in turn, until
no more do. A neuron spikes once at most in a step. What follows in the step finds all of its spikes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from numpybrain.errors import ArgumentError, shown, suggestion
from numpybrain.kernel.contracts import Call, Operation, RunContext, Stage
from numpybrain.kernel.events import NO_INDICES, SPIKES
from numpybrain.kernel.operations import Task
from numpybrain.kernel.variables import Array
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.synapses.pathway import Pathway
    from numpybrain.synapses.synapse_space import SynapseSpace


class InstantSynapses(Protocol):
    """Synapses that deliver at once: their variables, and their pathways by name."""

    @property
    def inspect(self) -> SynapseSpace:
        """The variables."""

    @property
    def pathways(self) -> Mapping[str, Pathway]:
        """The pathways."""


class InstantDelivery:
    """Coordinator of the instant synapses of a network: the stages in which they act."""

    def __init__(self) -> None:
        self._members: list[InstantSynapses] = []  # in order
        self._routes: list[Route] = []  # of this run
        self._stages: dict[str, Stage] = {}

    def include(self, member: InstantSynapses) -> None:
        """Instant synapses become part of the network."""
        self._members.append(member)

    def exclude(self, member: InstantSynapses) -> list[Stage]:
        """Instant synapses leave the network."""
        self._members[:] = [m for m in self._members if m is not member]
        self._routes.clear()
        self.new_stages()  # which describes those that stay
        keeping = any(s.inspect.keeps for s in self._members)
        over = [p for p, needed in (("threshold", self._members), ("reset", keeping)) if not needed]
        return [self._stages.pop(phase) for phase in over if phase in self._stages]

    def new_stages(self) -> list[Stage]:
        """The stages that are needed since objects have come; what there was gets its new description."""
        found = self._members
        kept = [s for s in found if s.inspect.keeps]
        before = list(self._stages.values())
        for phase, text, synapses, prepare in (
            ("threshold", "instant on_pre", found, self.prepare),
            ("reset", "kept on_pre", kept, self.prepare_kept),
        ):
            if not synapses:
                continue
            functions = [
                origin_of(p.text) for s in synapses for p in instant(s.pathways) if callable(p.text)
            ]
            made = Stage(phase, "network", "", Task(prepare, self.operations), order=1)
            stage = self._stages.setdefault(phase, made)
            stage.description = f"{text} of {', '.join(s.inspect.name for s in synapses)}"
            stage.origin = ", ".join(dict.fromkeys(functions)) or "equations"
        return [stage for stage in self._stages.values() if stage not in before]

    def operations(self) -> list[Operation]:
        """Give the operations of instant pathways, and of the thresholds that are tested again."""
        found: list[Operation] = []
        for synapses in self._members:
            found += [op for pathway in instant(synapses.pathways) for op in pathway.operations()]
            threshold = synapses.inspect.projection.target.threshold
            found += () if threshold is None else threshold.parts()
        return found

    # ---- stages ----

    def prepare(self, run: RunContext) -> Call | None:
        """Deliver, test again, deliver again, until no further neuron spikes."""
        members: dict[int, Member] = {}
        self._routes[:] = routes = [
            Route(pathway, synapses.inspect, members, run)
            for synapses in self._members
            if synapses.inspect.size
            for pathway in instant(synapses.pathways)
        ]
        if not routes:
            return None
        everybody = list(members.values())
        sources = [m.spikes for m in everybody if any(r.source is m for r in routes)]

        keeping = [r.kept for r in routes if r.keeps]

        def cascade() -> None:
            for kept in keeping:  # an error may have ended a run in the middle of a step
                if kept:
                    kept.clear()
            for spikes in sources:
                if spikes.indices.size:
                    _all_rounds(everybody, routes)
                    return

        return cascade

    def prepare_kept(self, run: RunContext) -> Call:
        """Deliver what has reached neurons at the instant of their own spikes, in the order of pathways."""
        routes = self._routes

        def deliver() -> None:
            for route in routes:
                if route.kept:
                    for events in route.kept:
                        route.act(events)
                    route.kept.clear()

        return deliver


class Member:
    """A group of neurons within a cascade.

    Attributes:
        new: who has spiked in the present round, and has not sent that spike yet.
        fired: who has spiked in this step.
    """

    def __init__(self, neurons: VariableSpace) -> None:
        self._threshold = neurons.threshold
        self.spikes = neurons.events[SPIKES]
        self.new = NO_INDICES
        self.fired = np.zeros(neurons.size, dtype=bool)
        self._reached = np.zeros(neurons.size, dtype=bool)
        self._touched = False
        self._rounds: list[Array] = []
        self._tested = False

    def watch(self, run: RunContext) -> None:
        """Spikes reach this group, so its thresholds are tested again."""
        if self._threshold is not None and not self._tested:
            self._above, self._fire = self._threshold.detection(run)
            self._tested = True

    def begin(self) -> None:
        """The first round: what the thresholds of this step have found."""
        self.new = self.spikes.indices
        self.fired[self.new] = True
        self._rounds = [self.new]

    def reach(self, neurons: Array | slice) -> None:
        """These are to be tested at the end of the round."""
        if self._tested:
            self._reached[neurons] = True
            self._touched = True

    def next_round(self) -> bool:
        """Whether a neuron spikes that has been reached in this round, and has not spiked in this step."""
        self.new = NO_INDICES
        if not self._touched:
            return False
        self._touched = False
        new = self._above()
        if new.size:
            new = new[self._reached.take(new) & ~self.fired.take(new)]
        self._reached[:] = False
        if not new.size:
            return False
        self._fire(new)
        self.fired[new] = True
        self._rounds.append(new)
        self.new = new
        return True

    def end(self) -> None:
        """Hand on all spikes of the step, in order."""
        if len(self._rounds) > 1:
            spikes = np.concatenate(self._rounds)
            spikes.sort()
            self.spikes.indices = spikes
        self.fired[self.spikes.indices] = False


class Route:
    """An instant pathway within a cascade: the way of spikes from one member to another.

    Args:
        pathway: the pathway.
        space: the variables of its synapses.
        members: the groups of the cascade by identity; those of the pathway are added.
        run: what is known of the run.
    """

    def __init__(
        self, pathway: Pathway, space: SynapseSpace, members: dict[int, Member], run: RunContext
    ) -> None:
        check_undelayed(space, [pathway])
        source, target = space.projection.spaces
        for group, neurons in zip(space.connectivity.groups(), (source, target), strict=True):
            if id(group) not in members:
                members[id(group)] = Member(neurons)
        self.source, self.target = (members[id(group)] for group in space.connectivity.groups())
        self.target.watch(run)
        self._find, self.act = pathway.prepare_instant(run)
        self.kept, self.keeps = pathway.kept, space.keeps
        # a function writes where it likes, so everybody in the group is tested again
        self._everywhere = callable(pathway.text)

    def deliver(self, spikes: Array) -> None:
        """Spikes act on targets that have not spiked in this step."""
        events = self._find(spikes, None)
        post = events.found["post"]
        if not post.size:
            return
        late = self.target.fired.take(post)
        if late.any():
            if self.keeps:
                self.kept.append(events.only(late))
            events = events.only(~late)
            post = events.found["post"]
            if not post.size:
                return
        self.act(events)
        self.target.reach(slice(None) if self._everywhere else post)


def _all_rounds(members: list[Member], routes: list[Route]) -> None:
    """Spikes set off others, and these still others."""
    for member in members:
        member.begin()
    going_on = True
    while going_on:
        for route in routes:
            if route.source.new.size:
                route.deliver(route.source.new)
        going_on = False
        for member in members:  # all that this round sends has arrived
            if member.next_round():
                going_on = True
    for member in members:
        member.end()


def instant(pathways: Mapping[str, Pathway]) -> list[Pathway]:
    """The pathways of instant synapses that act at once."""
    return [pathway for pathway in pathways.values() if pathway.side == "pre"]


def check_delivery(
    projection: Projection,
    delivery: Any,
    coincident: Any,
    texts: Mapping[str, tuple[str, Any]],
    events: Mapping[str, str],
) -> tuple[Any, Any]:
    """Give the checked ways of delivery and of coincident events; None where it is the ordinary way.

    Args:
        projection: source and target of the synapses.
        delivery: as given.
        coincident: as given.
        texts: pathway -> side and what it does.
        events: pathway -> event, where that is not "spikes".

    Raises:
        ArgumentError: if there is no such way, or if these synapses cannot be instant.
    """
    name = projection.name
    for value, keyword, choices in (
        (delivery, "delivery", ["instant"]), (coincident, "coincident", ["lost", "kept"]),
    ):  # fmt: skip
        if value is not None and value not in choices:
            message = f"'{keyword}' of '{name}' is {' or '.join(map(repr, choices))} (got {shown(value)})"
            raise ArgumentError(message + (suggestion(value, choices) if isinstance(value, str) else ""))
    if delivery is None:
        if coincident is not None:
            message = f"'{name}' has coincident={coincident!r}, but no instant delivery"
            raise ArgumentError(
                message, help="add delivery='instant'; other spikes wait for the reset anyway"
            )
        return None, None
    ours = [pathway for pathway, (side, _) in texts.items() if side == "pre"]
    if not ours:
        message = f"'{name}' has instant delivery, but no on_pre: there is nothing to deliver"
        raise ArgumentError(message, help="say what a spike does: on_pre='v_post += 0.5*mV'")
    for pathway in ours:
        if events.get(pathway, SPIKES) != SPIKES:
            message = f"'{name}' has instant delivery, which is for spikes, but {pathway} is for"
            raise ArgumentError(
                f"{message} the event '{events[pathway]}'", help="give it synapses of its own"
            )
    for neurons, what in zip(projection.spaces, ("source", "target"), strict=True):
        spikes = neurons.events.get(SPIKES)
        if spikes is not None and spikes.times is not None:
            message = f"'{name}' has instant delivery, but the spikes of its {what} lie between time steps"
            advice = f"make '{neurons.name}' without spike_times='interpolated'"
            raise ArgumentError(message, help=advice)
    return delivery, coincident or "lost"


def check_undelayed(space: SynapseSpace, pathways: Iterable[Pathway]) -> None:
    """Raise an `ArgumentError` if instant pathways have delays."""
    for pathway in pathways:
        slot, words = pathway.slot, None
        if np.any(slot.value):
            words = f"a {slot.name.replace('_', ' of ', 1)} of {np.max(slot.value):g} ms"
        elif "dendritic_delay" in space.state.slots:
            words = "a dendritic delay"
        if words is not None:
            message = f"'{space.name}' has instant delivery, and {words}"
            raise ArgumentError(message, help="leave out one of both")
