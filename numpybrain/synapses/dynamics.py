"""The stages that calculate the variables of synapses in every step."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.state_update import StateUpdate
from numpybrain.engine.updates import equation_update
from numpybrain.errors import ArgumentError, ModelError
from numpybrain.kernel.contracts import Call, Operation
from numpybrain.kernel.operations import Access, Task, all_of
from numpybrain.kernel.run import RunContext
from numpybrain.synapses.bulk_statements import Everywhere
from numpybrain.synapses.domain import PLACES
from numpybrain.synapses.placement import Placed
from numpybrain.synapses.summed import Summed

if TYPE_CHECKING:
    from numpybrain.language.definition import ModelVariable


class Integrated(Placed):
    """Base of `Synapses`: state updates, sums, and what is constant over a step.

    Attributes:
        updates: place -> the state update of the variables there.
        sums: the variables that are sums over the synapses.
    """

    updates: dict[str, StateUpdate]
    sums: list[Summed]
    method: Any
    interpretation: str
    _sampled: dict[str, BoundProgram]

    def __init__(self, kind: str, name: str | None, source: Any, target: Any) -> None:
        super().__init__(kind, name, source, target)
        self.updates, self.sums, self._sampled = {}, [], {}

    def _set_up_stages(self) -> None:
        """The stages that calculate variables in every step."""
        meaning = self.meaning
        if meaning is None:
            return
        if meaning.definition.of_kind("sampled"):
            sampled = meaning.definition.of_kind("sampled")
            task = Task(self._prepare_sampled, lambda: (self._access(sampled), *self._sampled.values()))
            self.add_stage("start", "what is constant over dt", task, order=-2)
        self.sums.extend(Summed(self, k) for k in range(len(meaning.definition.of_kind("summed"))))  # type: ignore[arg-type]
        for each in self.sums:
            self.add_stage("integrate", each.description, Task(each.prepare, each.operations), order=-1)
        names = meaning.clock_driven
        if not names:
            return
        for place in PLACES:
            here = [n for n in names if self.place_of(n) == place]
            if here and place != "shared":
                self.part(place).state.lay_out(here)
        updates = self.present_updates().values()
        description = " and ".join(
            dict.fromkeys(u.description.removeprefix("state update, ") for u in updates)
        )
        task = Task(
            self._prepare_update,
            lambda: [part for update in self.updates.values() for part in update.parts()],
        )
        self.add_stage("integrate", f"state update, {description}", task, order=1)

    def _access(self, variables: Iterable[ModelVariable]) -> Access:
        """That some variables are written, wherever they live."""
        holders = [(self.holder(v.name), v.name) for v in variables]
        return Access(writes=[holder.slots[name] for holder, name in holders if holder is not None])

    def check_delays(self) -> None:
        """Raise an `ArgumentError` if there is a delay that nothing has: sums and equations know none."""
        meaning = self.meaning
        if "_complete" not in self.__dict__ or not (self.pathways or (meaning and meaning.is_continuous)):
            return  # what connects only may carry a delay as a number of its own
        used = {pathway.slot.name for pathway in self.pathways.values()}
        if self.pathways:
            used.add("dendritic_delay")
        if meaning is not None and meaning.reads_delay:
            used.add("delay")
        for slot in self.state.slots.values():
            if slot.kind != "delay" or slot.name in used or not np.any(slot.value):
                continue
            message = f"'{self.name}' has a {slot.name.replace('_', ' ')}, but "
            if self.pathways:
                message += "no on_pre: that is the delay of presynaptic spikes"
                raise ArgumentError(message, help="for those of the other side: delay={'on_post': '1 ms'}")
            message += "what its equations and sums read of the neurons is not delayed"
            raise ArgumentError(message, help=f"leave {slot.name}=... out")

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Statements for all synapses."""
        if self.meaning is None:
            raise ModelError(f"'{self.name}' is written in Python: hand over a function")
        which = self.meaning.add(text)
        self._near[which] = "synapse"
        self._facts[:] = [None]  # what they change may have to move
        self.place()
        made = Everywhere(self, which, shielded=shielded)  # type: ignore[arg-type]  # made by `Synapses` only
        return Task(made.prepare, made.operations)

    def present_updates(self) -> dict[str, StateUpdate]:
        """The state update of each place; made anew if variables have moved."""
        meaning = self.meaning
        for place in PLACES if meaning is not None else ():
            assert meaning is not None
            names = [n for n in meaning.clock_driven if self.place_of(n) == place]
            update = self.updates.get(place)
            if update is not None and update.names == names:
                continue
            self.updates.pop(place, None)
            if names:
                plan = meaning.update_plan(names, self.method, self.interpretation)
                part = self.part(place)
                self.updates[place] = equation_update(part, part.count, plan)
        return self.updates

    def _prepare_update(self, run: RunContext) -> Call | None:
        updates, calls = self.present_updates(), []
        for place in reversed(PLACES):  # synapses read what neurons have, so all see the state of the start
            update = updates.get(place)
            if update is None:
                continue
            calls.append(update.prepare(run))
            assert update.bound is not None  # there are equations
            self.part(place).check(update.bound)
        return all_of(calls)

    def _prepare_sampled(self, run: RunContext) -> Call | None:
        meaning = self.meaning
        assert meaning is not None
        names = [v.name for v in meaning.definition.of_kind("sampled")]
        calls = []
        for place in PLACES:
            here = [n for n in names if self.place_of(n) == place]
            if not here:
                continue
            if place not in self._sampled:
                self._sampled[place] = self.part(place).reader(meaning.sampled(here), "run")
            bound = self._sampled[place]
            calls.append(bound.prepare(run))
            self.part(place).check(bound)
        return all_of(calls)
