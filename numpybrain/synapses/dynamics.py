"""Dynamics of synapses: the stages that calculate their variables in every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from numpybrain.engine.state_update import StateUpdate
from numpybrain.engine.updates import equation_update
from numpybrain.kernel.contracts import Call, Operation, Stage
from numpybrain.kernel.operations import Access, Task
from numpybrain.synapses.domain import PLACES
from numpybrain.synapses.summed import Summed
from numpybrain.utils.python_functions import all_of

if TYPE_CHECKING:
    from numpybrain.engine.binding import BoundProgram
    from numpybrain.kernel.contracts import RunContext
    from numpybrain.kernel.variables import VariableStore
    from numpybrain.synapse_model.synapse_model import SynapseModel
    from numpybrain.synapses.synapse_space import SynapseSpace

ELEMENTS = {"pre": "source neuron", "post": "target neuron"}  # whose values they are


class SynapseDynamics:
    """State updates, sums, and what is constant over a step.

    Args:
        space: the variables of the synapses.
        model: the texts, read and checked.
        method: numerical method of the differential equations; None chooses.
        interpretation: what products of noise and variables mean.

    Attributes:
        updates: place -> the state update of the variables there.
        sums: the variables that are sums over the synapses.
    """

    def __init__(self, space: SynapseSpace, model: SynapseModel, method: Any, interpretation: str) -> None:
        self._space = space
        self._model = model
        self._method = method
        self._interpretation = interpretation
        self.updates: dict[str, StateUpdate] = {}
        self.sums = [Summed(space, k) for k in range(len(model.definition.of_kind("summed")))]
        self._sampled: dict[str, BoundProgram] = {}

    def stages(self) -> Iterator[Stage]:
        """The stages of a step."""
        name, sampled = self._space.name, self._model.definition.of_kind("sampled")
        if sampled:
            task = Task(self._prepare_sampled, lambda: (self._access(), *self._sampled.values()))
            yield Stage("start", name, "what is constant over dt", task, order=-2)
        for each in self.sums:
            task = Task(each.prepare, each.operations)
            yield Stage("integrate", name, each.description, task, order=-1)
        names = self._model.clock_driven
        if not names:
            return
        for place in PLACES:
            here = [n for n in names if self._space.place_of(n) == place]
            if here and place != "shared":
                self._space.domain(place).state.lay_out(here)
        updates = self.present_updates().values()
        description = " and ".join(
            dict.fromkeys(u.description.removeprefix("state update, ") for u in updates)
        )
        task = Task(self._prepare_update, self._parts)
        yield Stage("integrate", name, f"state update, {description}", task, order=1)

    def _access(self) -> Access:
        """Give the access that writes what is constant over a step, wherever it lives."""
        names = [v.name for v in self._model.definition.of_kind("sampled")]
        holders = [(self._space.holder(name), name) for name in names]
        return Access(writes=[holder.slots[name] for holder, name in holders if holder is not None])

    def _parts(self) -> Iterable[Operation]:
        return [part for update in self.updates.values() for part in update.parts()]

    def present_updates(self) -> dict[str, StateUpdate]:
        """The state update of each place; made anew if variables have moved."""
        for place in PLACES:
            names = [n for n in self._model.clock_driven if self._space.place_of(n) == place]
            update = self.updates.get(place)
            if update is not None and update.names == names:
                continue
            self.updates.pop(place, None)
            if names:
                plan = self._model.update_plan(names, self._method, self._interpretation)
                part = self._space.domain(place)
                self.updates[place] = equation_update(part, part.count, plan)
        return self.updates

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Give each store with states, its update from step to step, and whose values these are."""
        for place, update in self.updates.items():
            yield self._space.domain(place).state, update, ELEMENTS.get(place, "synapse")

    def _prepare_update(self, run: RunContext) -> Call | None:
        updates, calls = self.present_updates(), []
        for place in reversed(PLACES):  # synapses read what neurons have, so all see the state of the start
            update = updates.get(place)
            if update is None:
                continue
            calls.append(update.prepare(run))
            assert update.bound is not None  # there are equations
            self._space.domain(place).check(update.bound)
        return all_of(calls)

    def _prepare_sampled(self, run: RunContext) -> Call | None:
        names = [v.name for v in self._model.definition.of_kind("sampled")]
        calls = []
        for place in PLACES:
            here = [n for n in names if self._space.place_of(n) == place]
            if not here:
                continue
            domain = self._space.domain(place)
            if place not in self._sampled:
                self._sampled[place] = domain.reader(self._model.sampled(here), "run")
            bound = self._sampled[place]
            calls.append(bound.prepare(run))
            domain.check(bound)
        return all_of(calls)
