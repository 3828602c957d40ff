"""The variables of synapses, each in its place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.errors import ModelError, NumpyBrainError
from numpybrain.group.assignment import declare
from numpybrain.kernel.clock import check_times
from numpybrain.kernel.operations import Access
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.variables import CHANGES, Array, Variable, VariableStore
from numpybrain.synapse_model import entry as synapse_model_entry
from numpybrain.synapses.connectivity import Growing
from numpybrain.synapses.delays import is_constant
from numpybrain.synapses.domain import INDEX, VariableDomain
from numpybrain.synapses.instant_delivery import check_undelayed
from numpybrain.utils.quantities import is_function, is_one

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program
    from numpybrain.synapse_model.synapse_model import SynapseModel
    from numpybrain.synapses.pathway import Pathway

STORED = ("parameter", "differential", "sampled", "linked")


class Placed(Growing):
    """Base of `Integrated`: variables with one value per synapse, per neuron of a side, or for all.

    Attributes:
        meaning: the texts, read and checked; None if all is written in Python.
        parts: the places in use.
        sides_of: variable -> "pre" or "post", for those with one value per neuron.
        placed_unasked: those among them that no flag put there.
        blocked: variables of which somebody holds, or has given, one value per synapse.
    """

    meaning: SynapseModel | None
    parts: dict[str, VariableDomain]
    sides_of: dict[str, str]
    placed_unasked: set[str]
    blocked: set[str]
    pathways: dict[str, Pathway]
    _near: dict[str, str]  # pathway -> the side whose events it carries
    _facts: list[Any]  # what the present places follow from

    def __init__(self, kind: str, name: str | None, source: Any, target: Any) -> None:
        self.parts, self.sides_of, self.placed_unasked = {}, {}, set()
        super().__init__(kind, name, source, target)
        self.meaning = None
        self._near, self.blocked, self._facts = {}, set(), []

    # ---- places ----

    def part(self, place: str) -> VariableDomain:
        """The place of that name."""
        if place not in self.parts:
            self.parts[place] = VariableDomain(self, place)  # type: ignore[arg-type]  # made by `Synapses` only
        return self.parts[place]

    def place_of(self, name: str) -> str:
        """Where a variable lives."""
        side = self.sides_of.get(name)
        return side or ("shared" if self.state.slots[name].shared else "synapse")

    def singles(self) -> frozenset[str]:
        """Parameters that have one value for all synapses, in this run as well."""
        assigned: frozenset[str] = frozenset() if self.meaning is None else self.meaning.assigned
        return frozenset(
            s.name for s in self.state.slots.values()
            if s.kind in ("parameter", "delay") and s.name not in assigned
            and not self.is_moving(s) and s.uniform_value() is not None
        )  # fmt: skip

    def kind(self, name: str, side: str) -> str:
        """What the values of a name differ in, for an event on a side: "one", "near" or "far"."""
        found = self.look_up(name)
        if found is None or found.index is None:
            return "one"
        if found.index == "synapse":
            return "one" if name in self.singles() else "far"
        return "near" if found.index in (side, INDEX[side]) else "far"

    def _declare(self) -> None:
        """Make room for the variables of the equations; flags say where some of them live."""
        assert self.meaning is not None  # there is a text
        for variable in self.meaning.definition.variables.values():
            if variable.kind not in STORED:
                continue
            side = next((f for f in INDEX if f in variable.flags), None)
            if side is None:
                declare(self.state, variable)
            else:
                declare(self.part(side).state, variable)
                self.sides_of[variable.name] = side
        for group in self.meaning.tied:
            slot = Variable(group.since, "special", "ms", float, 0.0, fresh=0.0)
            side = self.sides_of.get(group.names[0])
            shared = side is None and self.state.slots[group.names[0]].shared
            slot.shared = shared
            (self.state if side is None else self.part(side).state).add(slot)
            if side is not None:
                self.sides_of[group.since] = side
        if self.meaning.needs_lastupdate:
            self.look_up("lastupdate")

    def place(self) -> bool:
        """Find out where variables can live, and move them; only at first into fewer values.

        Gives whether there was anything new to find out.
        """
        meaning = self.meaning
        if meaning is None:
            return False
        common = frozenset(name for name in self._near if self.has_common_delay(name))
        first = not self._facts
        if first:  # who gives one value per synapse wants to keep them
            states = (self.state.slots.get(v.name) for v in meaning.definition.of_kind("differential"))
            self.blocked |= {slot.name for slot in states if slot is not None and slot.is_array}
        known = (self.singles(), common, frozenset(self.blocked))
        if self._facts == [known]:
            return False
        self._facts[:] = [known]
        CHANGES.note()
        wanted = self._wanted(common, frozenset(self.blocked))
        for name, place in wanted.items():
            now = self.sides_of.get(name)
            # what is kept for the reset must fit the programs of later runs, too
            if first and now is None and place in INDEX and self.coincident != "kept":
                self._gather(name, place)
            elif now is not None and place not in INDEX:
                self.scatter(name)
        return True

    def _wanted(self, common: frozenset[str], blocked: frozenset[str]) -> dict[str, str]:
        """Where variables can live, if some pathways have common delays and some variables are blocked."""
        assert self.meaning is not None  # asked before
        facts = synapse_model_entry.facts(self._near, common, self.singles().__contains__, blocked)
        return self.meaning.places(facts)

    def _is_bound_to_stay(self, name: str) -> bool:
        """Whether a variable with a flag depends on this one, which so has to live in the neurons, too."""
        common = frozenset(which for which in self._near if self.has_common_delay(which))
        try:
            self._wanted(common, frozenset((*self.blocked, name)))
        except ModelError:
            return True
        return False

    def has_common_delay(self, pathway: str) -> bool:
        """Whether a pathway has one delay for all synapses, now and for the rest of a run."""
        slot = self.state.slots.get(f"delay_{pathway}", self.state.slots["delay"])
        return not self.is_moving(slot) and slot.uniform_value() is not None

    def is_moving(self, slot: Variable) -> bool:
        """Whether somebody may change the values of a variable in the middle of a run."""
        return self.present().varies(slot)

    def access(self, which: str) -> Access:
        """What the statements of a pathway, or others for all synapses, write.

        Event-driven variables are always among it: looking at them brings them up to the present time.
        """
        meaning = self.meaning
        assert meaning is not None  # there is a text
        names = [*meaning.written[which], *(name for group in meaning.tied for name in group.names)]
        found = [self.look_up(name) for name in names]
        return Access(writes={slot for each in found if each is not None for slot in each.touched()})

    def _together(self, name: str) -> tuple[str, ...]:
        """A variable, and those that are stored with it."""
        assert self.meaning is not None
        tied = next((g for g in self.meaning.tied if name in g.names), None)
        return (name,) if tied is None else (*tied.names, tied.since)

    def _gather(self, name: str, side: str) -> None:
        """From now on there is one value for each neuron of a side."""
        for each in self._together(name):
            if each in self.state.slots:
                slot = self.state.slots.pop(each)
                self.part(side).state.add(slot)
                self.sides_of[each] = side
                if not each.startswith("_since_"):
                    self.placed_unasked.add(each)

    def scatter(self, name: str) -> None:
        """From now on there is one value of a variable for each synapse."""
        part = self.parts[self.sides_of[name]]
        for each in self._together(name):
            if each in self.sides_of:
                slot = part.state.slots.pop(each)
                del self.sides_of[each]
                if slot.is_array:
                    slot.value = part.spread(slot.value)
                self.state.add(slot)
            self.placed_unasked.discard(each)

    def _part_company(self, given: Iterable[str]) -> None:
        self.settle(self.placed_unasked)
        expected = any(pathway.waiting for pathway in self.pathways.values())  # by those of now only
        for name in self.placed_unasked:
            slot = self.parts[self.sides_of[name]].state.slots[name]
            if expected or name in given or slot.uniform_value() != self._defaults.get(name, 0):
                self.blocked.add(name)
        self.place()

    def _is_handed_out(self, name: str) -> None:
        """A Python function gets the array of a variable: it holds one value per synapse."""
        self.blocked.add(name)
        if name in self.placed_unasked:
            self.scatter(name)

    # ---- values ----

    def is_stored(self, name: str) -> bool:
        """Whether the array of a variable holds its present values, one for each synapse."""
        event_driven = self.meaning is not None and name in self.meaning.event_driven
        return super().is_stored(name) and not event_driven

    def holder(self, name: str) -> VariableStore | None:
        """Where a variable is stored."""
        side = self.sides_of.get(name)
        if side is not None:
            return self.parts[side].state
        return self.state if name in self.state.slots else None

    def slots(self) -> list[Variable]:
        """The storage of all variables."""
        sides = (part.state.slots.values() for place, part in self.parts.items() if place in INDEX)
        return [*super().slots(), *(slot for side in sides for slot in side)]

    def reader_of(self, name: str, program: Program) -> BoundProgram:
        """A program that gives values for a variable, one for each element of its place."""
        if name in self.sides_of:
            return self.part(self.sides_of[name]).reader(program, "initial")
        return self.reader(program, "initial")

    def read(self, name: str) -> Any:
        """The live array of a variable: (n_synapses,) values, or (n_source,) or (n_target,) by its flag.

        Of one that a variable with a flag depends on there is only a copy, which cannot be written.
        """
        if name in self.placed_unasked and self._is_bound_to_stay(name):
            self.settle_for(name)
            part = self.parts[self.sides_of[name]]
            copied = part.spread(np.array(part.state.slots[name].array(part.count())))
            copied.flags.writeable = False
            return copied
        if name in self.placed_unasked:
            self.blocked.add(name)
            self.scatter(name)
        self.settle_for(name)
        return super().read(name)

    def _owner_of(self, name: str) -> Any:
        return self.parts[self.sides_of[name]] if name in self.sides_of else self

    def put_values(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of the array of a variable; event-driven ones go on from this time."""
        self.settle_for(name)
        slot = self.state.slots.get(name)
        if slot is None or slot.kind != "delay":
            super().put_values(name, array, index, value)
            return
        with self._keeping(slot):
            super().put_values(name, array, index, value)

    @contextlib.contextmanager
    def _keeping(self, slot: Variable) -> Iterator[None]:
        """Delays are assigned: they stay as they were if the new ones are wrong."""
        before, held = np.copy(slot.value), slot.value
        try:
            yield
            check_times(slot.value, self.called(slot))
            check_undelayed(self)
            self.check_delays()
        except NumpyBrainError:
            slot.value = held  # the same array, which somebody may hold
            if before.ndim:
                held[:] = before
            raise

    def write(self, name: str, value: Any, where: Any = None) -> None:
        """Assign to a variable; event-driven ones go on from the present time."""
        self.settle_for(name)
        if name in self.placed_unasked and not _is_single(value):
            self.blocked.add(name)
            self.scatter(name)
        slot = self.state.slots.get(name)
        if slot is None or slot.kind != "delay":
            super().write(name, value, where)
            return
        with self._keeping(slot):
            super().write(name, value, where)
        self._note_constant(slot, value, where)

    def _note_constant(self, slot: Variable, value: Any, where: Any) -> None:
        """Remember what a delay was given as a constant, for all synapses or for some more."""
        written = np.atleast_1d(slot.value)[... if where is None or not slot.is_array else where]
        if written.size == self.size or not slot.is_array:
            slot.constants = ()
        if written.size and is_constant(value, self.definition):
            slot.constants = (*slot.constants, float(written[0]))

    def called(self, delay: Variable) -> str:
        """What messages call a delay."""
        pathway = delay.name.removeprefix("delay").removeprefix("_")
        what = f"delay of {pathway}" if pathway else "delay"
        return f"{'dendritic delay' if delay.name == 'dendritic_delay' else what} of '{self.name}'"

    def settle_for(self, name: str) -> None:
        """Before a variable is read or changes: store the values of event-driven ones that depend on it."""
        for group in self.meaning.tied if self.meaning is not None else ():
            if name in group.names or name in group.inputs:
                self.settle(set(group.names))

    def settle(self, names: set[str]) -> None:
        """Store the values that event-driven variables have now."""
        meaning, context = self.meaning, self.present()
        if meaning is None:
            return
        for group in meaning.tied:
            if names.isdisjoint(group.names):
                continue
            part = self.part(self.place_of(group.names[0]))
            since = part.state.slots[group.since]
            if np.all(since.value == context.clock.t):
                continue
            bound = part.reader(meaning.settling([group.names[0]]), "initial")
            call = bound.prepare(context)
            with np.errstate(all="ignore"):
                call()

    def notice(self, slot: Variable) -> bool:
        """A variable, perhaps of neurons, has changed in a run: whether stages must be made anew."""
        sending = any(p.foresees(slot) for p in self.pathways.values())
        if sending:
            slot.aliased = True  # it may change again
        delayed = slot.kind == "delay" and slot is self.state.slots.get(slot.name)
        return self.place() or sending or delayed  # what is under way keeps its time of arrival

    # ---- the network ----

    def join(self, network: Any, context: RunContext) -> None:
        """Become part of a network; event-driven variables begin at its time."""
        super().join(network, context)
        for group in self.meaning.tied if self.meaning is not None else ():
            holder = self.holder(group.since)
            assert holder is not None
            slot = holder.slots[group.since]
            if not slot.is_array and not slot.value:
                slot.value = context.clock.t

    def forget(self) -> None:
        """Forget the spikes that are under way: in another network time starts anew."""
        if self.meaning is not None and self.meaning.tied:
            self.settle(self.meaning.event_driven)
            for group in self.meaning.tied:
                holder = self.holder(group.since)
                assert holder is not None
                slot = holder.slots[group.since]
                if isinstance(slot.value, np.ndarray):
                    slot.value[:] = 0.0
                else:
                    slot.value = 0.0
        for pathway in self.pathways.values():
            pathway.forget()
            pathway.kept.clear()

    def begin(self, steps: int) -> None:
        """Variables go to where they can live in this run."""
        self.place()

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Assignments from now on must be noticed at once; None when the run is over."""
        super().listen(changed)
        for part in self.parts.values():
            part.state.changed = changed


def _is_single(value: Any) -> bool:
    """Whether a value is one for all."""
    return not isinstance(value, str) and not is_function(value) and is_one(value)
