"""Variables of synapses: each has one value per synapse, per neuron of a side, or for all, and may move."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.errors import ModelError, NumpyBrainError, UnknownNameError, suggestion
from numpybrain.group.assignment import declare
from numpybrain.group.projection import Projection
from numpybrain.group.random_streams import Streams
from numpybrain.group.variable_space import VariableSpace, declare_special
from numpybrain.kernel.clock import check_times
from numpybrain.kernel.connectivity import OTHER
from numpybrain.kernel.contracts import Operation
from numpybrain.kernel.operations import Access, Task
from numpybrain.kernel.variables import CHANGES, Array, Variable, VariableStore
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.synapses import synaptic_array
from numpybrain.synapses.bulk_statements import SIDE, BulkStatements
from numpybrain.synapses.delays import called, is_constant
from numpybrain.synapses.delivery import INDICES
from numpybrain.synapses.domain import INDEX, VariableDomain
from numpybrain.utils.naming import MARK
from numpybrain.utils.quantities import is_function, is_one
from numpybrain.utils.remade import Remade

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import RunContext, Stage
    from numpybrain.language.definition import OuterScope
    from numpybrain.symbolic.program import Program
    from numpybrain.synapse_model.synapse_model import SynapseModel

STORED = ("parameter", "differential", "sampled", "linked")


class SynapseSpace(VariableSpace):
    """Variables of synapses, each in its place.

    Args:
        projection: source and target.
        stages: those of the synapses.
        keeps: whether instant events that coincide with a spike of the neuron act after its reset.

    Attributes:
        connectivity: which neurons are connected.
        model: the texts, read and checked; None if all is written in Python.
        sides_of: variable -> "pre" or "post", for those with one value per neuron of a side.
        placed_unasked: those among them that no flag put there.
        blocked: variables of which one value per synapse is held outside, or has been given.
        named: how the model is called.
        rules: by which the synapses were connected, in words.
        pathway_sides: pathway -> the side whose events it carries.
        check_delays: raises an error if delays are not as they have to be.
        delays_sums: whether the delay is that of what sums read of the source neurons.
    """

    element = "synapse"
    is_target = True  # their shared variables

    def __init__(self, projection: Projection, stages: list[Stage], *, keeps: bool) -> None:
        state = VariableStore(projection.name, 0)
        super().__init__(projection.name, 0, stages, state, Streams("synapses"))
        declare_special(state)
        projection.own = self
        self.projection = projection
        self.connectivity = projection.connectivity
        self.keeps = keeps
        self.model: SynapseModel | None = None
        self.sides_of: dict[str, str] = {}
        self.placed_unasked: set[str] = set()
        self.blocked: set[str] = set()
        self.pathway_sides: dict[str, str] = {}
        self.check_delays: Callable[[], None] = lambda: None
        self.delays_sums = False
        self.named: str | None = None
        self.rules: list[str] = []
        self._domains: dict[str, VariableDomain] = {}
        self._facts: list[Any] = []  # what the present places follow from
        self._arrays: dict[str, synaptic_array.SideArrays] = {}
        self.environment.exposing = self._is_handed_out

    def follow(self) -> None:
        """There are other synapses now, or they are connected otherwise."""
        ends = self.connectivity
        self.size = self.state.n = ends.size
        slots = self.state.slots
        slots["N"].value = self.size
        for name, index in (("i", ends.i), ("j", ends.j)):
            if name in slots:
                slots[name].value = index
        if "N_outgoing" in slots:
            slots["N_outgoing"].value = ends.degree("pre").take(ends.i)
        if "N_incoming" in slots:
            slots["N_incoming"].value = ends.degree("post").take(ends.j)

    # ---- names ----

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """Give a reference to a name: here, or in the source (`_pre`) or target (`_post`, or bare)."""
        side = self.sides_of.get(name)
        if side is not None:
            state = self._domains[side].state
            return VariableReference(state, state.slots[name], INDEX[side])
        slot = self.state.slots.get(name) or self._special(name)
        if slot is not None:
            return VariableReference(self.state, slot, None if slot.shared else "synapse")
        source, target = self.projection.spaces
        modulates = self.projection.modulates
        if name.endswith("_pre"):
            return _indexed(source.look_up(name.removesuffix("_pre").removesuffix(MARK)), "pre")
        if name.endswith("_post"):
            found = target.look_up(name.removesuffix("_post").removesuffix(MARK))
            return _indexed(found, "post", always=modulates)
        return _indexed(target.look_up(name), "post", always=modulates)

    def _special(self, name: str) -> Variable | None:
        """Special variables are made when they are first looked up."""
        if name == "lastupdate":
            return self.state.add(Variable(name, "special", "ms", float, 0.0, fresh=0.0))
        ends = self.connectivity
        made: dict[str, Callable[[], Any]] = {
            "i": lambda: ends.i,
            "j": lambda: ends.j,
            "N_pre": lambda: ends.source.size,
            "N_post": lambda: ends.target.size,
            "N_outgoing": lambda: ends.degree("pre").take(ends.i),
            "N_incoming": lambda: ends.degree("post").take(ends.j),
        }
        if name not in made:
            return None
        value = made[name]()
        shared = not isinstance(value, np.ndarray)
        return self.state.add(Variable(name, "special", "1", int, value, shared=shared, constant=True))

    def around(self) -> OuterScope:
        """The variables of source and target, and the special names of synapses."""
        return super().around() if self.model is None else self.model.around()

    def shielded(self, shields: Mapping[str, Callable[..., Any]] | None = None) -> NameScope:
        """Give the scope of programs of pathways; refractory neurons keep what `shields` write."""
        return self.scope(
            "run", self.look_up, functions=self.environment.functions, shields=dict(shields or {})
        )

    def shields(self) -> dict[str, Callable[..., Any]]:
        """Variables that refractory neurons protect, as `x_pre` or `x_post`, and their writers."""
        found = {}
        for suffix, space in zip(("_pre", "_post"), self.projection.spaces, strict=True):
            for variable, shield in space.environment.shields.items():
                found[variable + suffix] = shield
        return found

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all synapses: values of their neurons are gathered."""
        return self.domain("synapse").reader(program, purpose)

    def values_of(self, name: str) -> Array:
        """The present values of a name for each synapse, shape (n_synapses,).

        Raises:
            UnknownNameError: if it is unknown.
        """
        if not (self.can_evaluate(name) or self.look_up(name) is not None):
            message = f"'{self.name}' has no variable '{name}'"
            raise UnknownNameError(message + suggestion(name, self.state.names()))
        found = self.state.read(name) if self.definition is None else self.evaluate(name)
        return np.broadcast_to(np.asarray(found), (self.size,))

    def find_elements(self, key: Any) -> Any:
        """Give the elements of an index: pairs, a condition; the index itself, if NumPy knows it."""
        return synaptic_array.find(self.projection, key)

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Operation that carries out statements for all synapses."""
        if self.model is None:
            raise ModelError(f"'{self.name}' is written in Python: hand over a function")
        which = self.model.add(text)
        self.pathway_sides[which] = "synapse"
        self._facts[:] = [None]  # what they change may have to move
        self.place()
        shields = self.shields() if shielded else {}

        def program(*_: Any) -> BoundProgram:
            assert self.model is not None  # asked before
            made = self.model.everywhere(which, self.sides_of, shields)
            return BoundProgram(made, self.shielded(shields), dynamic=INDICES, size=OTHER[SIDE])

        bound = Remade(lambda: (tuple(self.sides_of.items()), self.singles()), program)
        made = BulkStatements(self.connectivity, bound, lambda: self.access(which))
        return Task(made.prepare, made.operations)

    # ---- places ----

    def domain(self, place: str) -> VariableDomain:
        """The variables that live in a place."""
        if place not in self._domains:
            self._domains[place] = VariableDomain(self, self.connectivity, place)
        return self._domains[place]

    def sides_in_use(self) -> list[str]:
        """The sides on which variables may live."""
        return [place for place in INDEX if place in self._domains]

    def place_of(self, name: str) -> str:
        """Give the place where a variable lives."""
        side = self.sides_of.get(name)
        return side or ("shared" if self.state.slots[name].shared else "synapse")

    def singles(self) -> frozenset[str]:
        """Parameters that have one value for all synapses, in this run as well."""
        assigned: frozenset[str] = frozenset() if self.model is None else self.model.assigned
        kinds = ("parameter", "delay")
        able = [s for s in self.state.slots.values() if s.kind in kinds and s.name not in assigned]
        return frozenset(slot.name for slot in self.present().uniform(able))

    def declare(self) -> None:
        """Make room for the variables of the equations; flags say where some of them live."""
        assert self.model is not None  # there is a text
        for variable in self.model.definition.variables.values():
            if variable.kind not in STORED:
                continue
            side = next((f for f in INDEX if f in variable.flags), None)
            declare(self.state if side is None else self.domain(side).state, [variable])
            if side is not None:
                self.sides_of[variable.name] = side
        for group in self.model.tied:
            slot = Variable(group.since, "special", "ms", float, 0.0, fresh=0.0)
            side = self.sides_of.get(group.names[0])
            shared = side is None and self.state.slots[group.names[0]].shared
            slot.shared = shared
            (self.state if side is None else self.domain(side).state).add(slot)
            if side is not None:
                self.sides_of[group.since] = side
        if self.model.needs_lastupdate:
            self.look_up("lastupdate")

    def place(self) -> bool:
        """Find out where variables can live, and move them; only at first into fewer values.

        Gives whether there was anything new to find out.
        """
        model = self.model
        if model is None:
            return False
        singles = self.singles()
        common = self._with_common_delays(singles)
        first = not self._facts
        if first:  # who gives one value per synapse wants to keep them
            variables = model.definition.variables.values()
            states = (self.state.slots.get(v.name) for v in variables if v.kind == "differential")
            self.blocked |= {slot.name for slot in states if slot is not None and slot.is_array}
        blocked = frozenset(self.blocked)
        known = (singles, common, blocked)
        if self._facts == [known]:
            return False
        self._facts[:] = [known]
        CHANGES.note()
        wanted = self._wanted(singles, common, blocked)
        for name, place in wanted.items():
            now = self.sides_of.get(name)
            # what is kept for the reset must fit the programs of later runs, too
            if first and now is None and place in INDEX and not self.keeps:
                self._gather(name, place)
            elif now is not None and place not in INDEX:
                self.scatter(name)
        return True

    def _wanted(
        self, singles: frozenset[str], common: frozenset[str], blocked: frozenset[str]
    ) -> dict[str, str]:
        """Give places of variables, if some pathways have common delays and some variables are blocked."""
        assert self.model is not None  # asked before
        facts = synapse_model_entry.facts(self.pathway_sides, common, singles.__contains__, blocked)
        return self.model.places(facts)

    def _is_bound_to_stay(self, name: str) -> bool:
        """Whether a variable with a flag depends on this one, which so has to live in the neurons, too."""
        singles = self.singles()
        try:
            self._wanted(singles, self._with_common_delays(singles), frozenset((*self.blocked, name)))
        except ModelError:
            return True
        return False

    def _with_common_delays(self, singles: frozenset[str]) -> frozenset[str]:
        """The pathways that have one delay for all synapses, now and for the rest of a run."""
        own = {name: f"delay_{name}" for name in self.pathway_sides}
        slots = self.state.slots
        return frozenset(n for n, delay in own.items() if (delay if delay in slots else "delay") in singles)

    def is_moving(self, slot: Variable) -> bool:
        """Whether an object outside may change the values of a variable in the middle of a run."""
        return self.present().varies(slot)

    def access(self, which: str) -> Access:
        """Give the access of the statements of a pathway, or others for all synapses: what they write.

        Event-driven variables are always among it: looking at them brings them up to the present time.
        """
        model = self.model
        assert model is not None  # there is a text
        names = [*model.written[which], *(name for group in model.tied for name in group.names)]
        found = [self.look_up(name) for name in names]
        return Access(writes={slot for each in found if each is not None for slot in each.touched()})

    def _together(self, name: str) -> tuple[str, ...]:
        """A variable, and those that are stored with it."""
        assert self.model is not None
        tied = next((g for g in self.model.tied if name in g.names), None)
        return (name,) if tied is None else (*tied.names, tied.since)

    def _gather(self, name: str, side: str) -> None:
        """From now on there is one value for each neuron of a side."""
        for each in self._together(name):
            if each in self.state.slots:
                slot = self.state.slots.pop(each)
                self.domain(side).state.add(slot)
                self.sides_of[each] = side
                if not each.startswith("_since_"):
                    self.placed_unasked.add(each)

    def scatter(self, name: str) -> None:
        """From now on there is one value of a variable for each synapse."""
        part = self._domains[self.sides_of[name]]
        for each in self._together(name):
            if each in self.sides_of:
                slot = part.state.slots.pop(each)
                del self.sides_of[each]
                if slot.is_array:
                    slot.value = part.spread(slot.value)
                self.state.add(slot)
            self.placed_unasked.discard(each)

    def part_company(self, given: Iterable[str], defaults: Mapping[str, Any], *, expected: bool) -> None:
        """Synapses come or move: their variables may differ from those of others at the same neuron now.

        Args:
            given: names of variables that the new ones get values for.
            defaults: what variables of new synapses begin with.
            expected: whether spikes are under way, which only the synapses of now expect.
        """
        self.settle(self.placed_unasked)
        for name in self.placed_unasked:
            slot = self._domains[self.sides_of[name]].state.slots[name]
            if expected or name in given or slot.uniform_value() != defaults.get(name, 0):
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
        event_driven = self.model is not None and name in self.model.event_driven
        return super().is_stored(name) and not event_driven

    def holder(self, name: str) -> VariableStore | None:
        """Give the store of a variable; None if there is no such variable."""
        side = self.sides_of.get(name)
        if side is not None:
            return self._domains[side].state
        return self.state if name in self.state.slots else None

    def slots(self) -> list[Variable]:
        """The storage of all variables."""
        sides = (part.state.slots.values() for place, part in self._domains.items() if place in INDEX)
        return [*super().slots(), *(slot for side in sides for slot in side)]

    def reader_of(self, name: str, program: Program) -> BoundProgram:
        """A program that gives values for a variable, one for each element of its place."""
        if name in self.sides_of:
            return self.domain(self.sides_of[name]).reader(program, "initial")
        return self.reader(program, "initial")

    def read(self, name: str) -> Any:
        """The live array of a variable: (n_synapses,) values, or (n_source,) or (n_target,) by its flag.

        Of one that a variable with a flag depends on there is only a copy, which cannot be written.
        """
        if name in self.placed_unasked and self._is_bound_to_stay(name):
            self.settle_for(name)
            part = self._domains[self.sides_of[name]]
            copied = part.spread(np.array(part.state.slots[name].array(part.count())))
            copied.flags.writeable = False
            return copied
        if name in self.placed_unasked:
            self.blocked.add(name)
            self.scatter(name)
        self.settle_for(name)
        return super().read(name)

    def owner_of(self, name: str) -> Any:
        """Give the object that finds elements for an index of the array of a variable."""
        side = self.sides_of.get(name)
        if side is None:
            return self
        if side not in self._arrays:
            self._arrays[side] = synaptic_array.SideArrays(self.projection, self.domain(side), side)
        return self._arrays[side]

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
            check_times(slot.value, called(slot, self.name))
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

    def settle_for(self, name: str) -> None:
        """Before a variable is read or changes: store the values of event-driven ones that depend on it."""
        for group in self.model.tied if self.model is not None else ():
            if name in group.names or name in group.inputs:
                self.settle(set(group.names))

    def settle(self, names: set[str]) -> None:
        """Store the values that event-driven variables have now."""
        model, context = self.model, self.present()
        if model is None:
            return
        for group in model.tied:
            if names.isdisjoint(group.names):
                continue
            part = self.domain(self.place_of(group.names[0]))
            since = part.state.slots[group.since]
            if np.all(since.value == context.clock.t):
                continue
            bound = part.reader(model.settling([group.names[0]]), "initial")
            call = bound.prepare(context)
            with np.errstate(all="ignore"):
                call()

    # ---- the run ----

    def join(self, network: Any, context: RunContext) -> None:
        """Become part of a network; event-driven variables begin at its time."""
        super().join(network, context)
        for slot in self._since():
            if not slot.is_array and not slot.value:
                slot.value = context.clock.t

    def _since(self) -> Iterator[Variable]:
        """The storage of the times as of which event-driven variables are stored."""
        for group in self.model.tied if self.model is not None else ():
            holder = self.holder(group.since)
            assert holder is not None
            yield holder.slots[group.since]

    def begin_anew(self) -> None:
        """Start time anew in another network: event-driven variables are stored as of its start."""
        if self.model is not None and self.model.tied:
            self.settle(self.model.event_driven)
        for slot in self._since():
            if isinstance(slot.value, np.ndarray):
                slot.value[:] = 0.0
            else:
                slot.value = 0.0
        super().begin_anew()

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Assignments from now on must be noticed at once; None when the run is over."""
        super().listen(changed)
        for part in self._domains.values():
            part.state.changed = changed


def _indexed(
    found: VariableReference | None, index: str, *, always: bool = False
) -> VariableReference | None:
    """The reference, with what its values are gathered; those of shared variables need no index."""
    if found is None:
        return None
    return VariableReference(found.state, found.slot, index if always or not found.slot.shared else None)


def _is_single(value: Any) -> bool:
    """Whether a value is one for all."""
    return not isinstance(value, str) and not is_function(value) and is_one(value)
