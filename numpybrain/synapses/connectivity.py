"""How synapses come to be, change and go: from connection rules, at first and at any later time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from numpybrain import connect as rules
from numpybrain.connect.rule import ConnectionContext, Connections, check_range
from numpybrain.errors import ArgumentError, UnknownNameError, suggestion
from numpybrain.group.group import Group
from numpybrain.kernel.csr import CSRTable
from numpybrain.kernel.linked_variable import Link
from numpybrain.kernel.stage import Stage
from numpybrain.kernel.subgroup import parent_range
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language import entry as language_entry
from numpybrain.neurons.neurons import Neurons
from numpybrain.synapses import synaptic_array
from numpybrain.synapses.delivery import INDICES
from numpybrain.synapses.modulation_target import Modulated
from numpybrain.synapses.synapse_matrix import SynapseMatrix
from numpybrain.utils.arrays import plain
from numpybrain.utils.foreign_names import argument_here
from numpybrain.utils.quantities import is_function

VALUES = ("parameter", "delay", "differential")  # kinds of variables that new synapses are given
TAKEN = {"i", "j", "delay", "dendritic_delay", "N_pre", "N_post", "N_incoming", "N_outgoing"}


class Growing(Group):
    """Base of `Synapses`: pairs of neurons, which can be added, taken away and moved."""

    source: Any
    target: Any
    delivery: str | None
    coincident: str | None
    pathways: dict[str, Any]
    _i: Array
    _j: Array
    _acting: dict[Stage, str]  # the stages of pathways
    _defaults: dict[str, Any]  # what variables of further synapses begin with
    _given: dict[str, Any]  # values that the constructor was given
    _made: dict[str, Any]  # rows and matrices, by what they are for

    def __init__(self, kind: str, name: str | None, source: Any, target: Any) -> None:
        self.source, self.target = source, target
        super().__init__(kind, name, 0)
        self._i = self._j = np.empty(0, dtype=np.intp)
        self.pathways, self._acting, self._made = {}, {}, {}

    def neurons(self) -> tuple[Neurons, Neurons]:
        """The groups of source and target."""
        return parent_range(self.source)[0], parent_range(self.target)[0]

    def reserves(self, name: str, pathways: Iterable[str] = ()) -> bool:
        """Whether a name means something else in synapses, so that no variable can have it."""
        delays = (f"delay_{pathway}" for pathway in pathways)
        return self.is_attribute(name) or name in TAKEN or name in INDICES or name in delays

    @property
    def out_of_reach(self) -> Mapping[str, str]:
        """Variables of modulated synapses that spikes cannot reach, and why."""
        return self.target.hidden if isinstance(self.target, Modulated) else {}

    # ---- structure ----

    def rows(self, side: str) -> CSRTable:
        """The synapses by the neuron on a side, "pre" or "post"."""
        if side not in self._made:
            ends = (self._i, self._j, self.source, self.target)
            if side == "post":
                ends = (self._j, self._i, self.target, self.source)
            self._made[side] = CSRTable(*ends)
        found: CSRTable = self._made[side]
        return found

    def coupling(self, side: str) -> SynapseMatrix:
        """The synapses as a matrix whose rows are the neurons on a side."""
        key = f"coupling {side}"
        if key not in self._made:
            ends = (self.target, self.source) if side == "post" else (self.source, self.target)
            self._made[key] = SynapseMatrix(self.rows(side), *ends)
        found: SynapseMatrix = self._made[key]
        return found

    def index_of(self, index: str) -> Array:
        """For each synapse the neuron: "pre", "post" in the whole group, "source", "target" relative."""
        if index in ("source", "target"):
            return self._i if index == "source" else self._j
        start = parent_range(self.source if index == "pre" else self.target)[1]
        relative = self._i if index == "pre" else self._j
        if not start:
            return relative
        key = f"index {index}"
        if key not in self._made:
            self._made[key] = relative + start
        found: Array = self._made[key]
        return found

    @property
    def outdegree(self) -> Array:
        """How many synapses each source neuron has, shape (n_source,)."""
        return np.bincount(self._i, minlength=self.source.size)

    @property
    def indegree(self) -> Array:
        """How many synapses each target neuron has, shape (n_target,)."""
        return np.bincount(self._j, minlength=self.target.size)

    def select(self, which: Any) -> Array:
        """The numbers of some synapses, in creation order.

        Args:
            which: a pair (i, j) that says which source and target neurons (numbers, slices, index arrays,
                parts of the groups), a condition ("i < j and w > 0.5"), or numbers of synapses: one, a
                slice, an index array, or a boolean array of shape (n_synapses,).
        """
        return synaptic_array.select(self, which)

    def matrix(self, name: str, *, sparse: bool = False) -> Any:
        """The values of a variable, shape (n_source, n_target), 0 where no synapse is; several add up.

        Args:
            name: a variable, parameter or subexpression of the synapses.
            sparse: give a sparse matrix of SciPy (CSR).
        """
        return synaptic_array.matrix(self, name, sparse=sparse)

    def plot(self, path: Any = None, **options: Any) -> Any:
        """Draw the connectivity and a variable with matplotlib; with `path` write it to that file."""
        from numpybrain import plot

        return plot.synapses(self, path, **options)  # type: ignore[arg-type]  # made by `Synapses` only

    def values_of(self, name: str) -> Array:
        """The present values of a name for each synapse, shape (n_synapses,)."""
        if not (self.can_evaluate(name) or self.look_up(name) is not None):
            message = f"'{self.name}' has no variable '{name}'"
            raise UnknownNameError(message + suggestion(name, self.state.names()))
        if self.definition is None:
            found = self.state.read(name)
            return np.broadcast_to(np.asarray(found), (self.size,))
        return np.broadcast_to(self.evaluate(name), (self.size,))

    def find_elements(self, key: Any) -> Any:
        """What an index of an array means: pairs of neurons, conditions; itself, if NumPy knows it."""
        return synaptic_array.find(self, key)

    def settle_for(self, name: str) -> None:
        """Before a variable changes: store what follows from its present value."""

    # ---- change ----

    def connect(self, rule: Any = None, **values: Any) -> Array:
        """Add synapses: those that are there stay, the new ones come after them; gives their numbers.

        Args:
            rule: whatever `connect=` of the constructor takes.
            **values: values of synaptic variables for the new synapses (one, or an array of shape
                (number of new synapses,)), their `delay`, and names that a text leaves open. Without,
                variables get what the constructor was given for all synapses, else the default of the
                model, else 0.

        A linked variable is linked to nothing afterwards: assign a link for all synapses.
        It may be called at any time, also by a Python stage in a run: the new synapses carry the spikes
        from now on. Arrays that were read before, such as `synapses.w`, are those of the synapses there
        were then; monitors go on recording those.
        """
        links, used = rules.links(rule, self, {**self._given, **values})
        if links.i.size:
            self._part_company(values)
        known = [slot.name for slot in self.slots() if slot.kind in VALUES]
        for name in values:
            if name in known and name not in self.state.slots and links.i.size:
                message = f"'{name}' of '{self.name}' has one value for each neuron: new synapses have none"
                raise ArgumentError(message, help=f"leave {name}=... out, or take its flag away")
            if name not in used and name not in known:
                message, advice = f"'{self.name}' has no variable '{name}'", argument_here("Synapses", name)
                raise UnknownNameError(message + ("" if advice else suggestion(name, known)), help=advice)
        before = self.size
        if links.i.size:
            self._detach()
            linked = [(slot, slot.value) for slot in self.state.slots.values() if slot.kind == "linked"]
            self._grow(links)
            new = slice(before, self.size)
            try:
                for name in known:
                    if name in self.state.slots:
                        self._start_new(name, values, new)
                self._take_weights(links, new, values)
            except BaseException:
                self.remove(new)
                for slot, link in linked:
                    slot.value = link
                raise
            self._changed()
        return np.arange(before, self.size)

    def remove(self, which: Any) -> None:
        """Take synapses away; what is under way to them is lost. Those that stay are numbered anew.

        Args:
            which: see `select`.
        """
        gone = self.select(which)
        if not gone.size:
            return
        self._detach()
        keep = np.ones(self.size, dtype=bool)
        keep[gone] = False
        new = np.where(keep, np.cumsum(keep) - 1, -1)
        self._set_ends(self._i[keep], self._j[keep])
        for slot in self.state.slots.values():
            if isinstance(slot.value, Link):
                slot.value = slot.value.only(keep)
                continue
            known = slot.kind == "special" and slot.constant  # such as i and N_incoming: set already
            if slot.is_array and not slot.shared and not known:
                slot.value = slot.value[keep]
        self.settle_layout()
        for pathway in self.pathways.values():
            pathway.renumber(new)
        self._changed(new)

    def rewire(self, which: Any, *, i: Any = None, j: Any = None) -> None:
        """Move synapses to other neurons; their variables go with them, what is under way to them is lost.

        Args:
            which: see `select`.
            i: new source neurons, relative to the group: one, or one for each of these synapses; None
                leaves them.
            j: new target neurons, likewise.

        Raises:
            IndexRangeError: if a neuron is out of range.
        """
        moved = self.select(which)
        if not moved.size or (i is None and j is None):
            return
        ends = []
        for old, value, name in ((self._i, i, "i"), (self._j, j, "j")):
            made = old.copy()
            if value is not None:
                index = plain(value, f"'{name}'")
                if index.dtype.kind not in "iu" or index.shape not in ((), (moved.size,)):
                    message = f"'{name}' must be one whole number, or one for each of {moved.size} synapses"
                    raise ArgumentError(message, detail=f"got {index.dtype} of shape {index.shape}")
                made[moved] = index
            ends.append(made)
        check_range(ends[0], ends[1], ConnectionContext.of(self, {}))
        self._part_company(())
        self._detach()
        new = np.arange(self.size)
        new[moved] = -1
        self._set_ends(*ends)
        for pathway in self.pathways.values():
            pathway.renumber(new)
        self._changed()

    def _part_company(self, given: Iterable[str]) -> None:
        """Synapses come or move: their variables may differ from those of others at the same neuron now.

        `given` are names of variables that the new ones get values for.
        """

    def _detach(self) -> None:
        """Spikes under way are from now on those of the synapses that they were sent to."""
        for pathway in self.pathways.values():
            pathway.detach()

    def _set_ends(self, i: Array, j: Array) -> None:
        i, j = i.view(), j.view()
        i.flags.writeable = j.flags.writeable = False  # to write to them would move no synapse
        for name, value in (("_i", i), ("_j", j), ("size", int(i.size))):
            object.__setattr__(self, name, value)  # which nobody may assign, once the group is complete
        self.state.n = self.size
        self._made.clear()
        slots = self.state.slots
        slots["N"].value = self.size
        for name in ("i", "j"):
            if name in slots:
                slots[name].value = i if name == "i" else j
        for name, degrees, end in (("N_outgoing", "outdegree", i), ("N_incoming", "indegree", j)):
            if name in slots:
                slots[name].value = getattr(self, degrees).take(end)

    def _grow(self, links: Connections) -> None:
        """Add synapses; their variables get values later."""
        more = links.i.size
        i, j = links.i, links.j
        if self.size:
            i, j = np.concatenate([self._i, i]), np.concatenate([self._j, j])
        self._set_ends(i, j)
        now = self.present().clock.t
        for slot in self.state.slots.values():
            if slot.is_array and not slot.shared and slot.value.size < self.size:
                since = now if slot.name.startswith("_since_") else 0
                slot.value = np.concatenate([slot.value, np.full(more, since, dtype=slot.dtype)])
            elif slot.name.startswith("_since_") and not slot.shared and slot.value != now:
                old = slot.value
                slot.array(self.size)[-more:] = now
                slot.value[:-more] = old
            elif isinstance(slot.value, Link) and not slot.value.slot.shared:
                slot.value = 0  # of a linked variable, which says what new synapses read?
        self.settle_layout()

    def reconnect(self, i: Array, j: Array) -> None:
        """Connect these neurons, whoever was connected before; variables are set right later."""
        for pathway in self.pathways.values():
            pathway.settle()
        self._set_ends(i, j)
        self._say_what_stages_do()

    def check_delays(self) -> None:
        """Raise an error if there is a delay that nothing has."""

    def settle_layout(self) -> None:
        """Variables that are integrated together lie in one block."""
        if self.state.rows:
            self.state.lay_out(n for n in self.state.rows if n in self.state.slots)

    def _changed(self, new: Array | None = None) -> None:
        """There are other synapses now; if numbers have changed, synapse k is `new[k]`."""
        self._say_what_stages_do()
        if new is not None:
            for attachment in self.attachments:
                attachment.renumber(new)
        network = self.network() if self.network is not None else None
        if network is not None:
            network.follow()

    def _say_what_stages_do(self) -> None:
        for stage, which in self._acting.items():
            stage.description = f"{which} of {self.size} synapses"

    # ---- values of new synapses ----

    def _start_new(self, name: str, values: Mapping[str, Any], new: slice) -> None:
        """Give the variable of new synapses its value."""
        slot = self.state.slots[name]
        if slot.shared:
            if name in values:
                self.write(name, values[name])
            return
        value = values.get(name, self._defaults.get(name, 0))
        same = not slot.is_array and not callable(value) and not isinstance(value, (str, np.ndarray))
        if not (same and name not in values and slot.value == value):
            self.write(name, value, new)

    def _find_defaults(self, given: Mapping[str, Any], of_model: Mapping[str, Any]) -> dict[str, Any]:
        """What variables of further synapses begin with: what holds for all, else what the model says."""
        self._given = dict(given)
        found = {name: value for name, value in of_model.items() if not isinstance(value, np.ndarray)}
        for slot in self.state.slots.values():
            value = given.get(slot.name)
            if isinstance(value, str) or is_function(value):
                found[slot.name] = value
            elif slot.kind in VALUES and not slot.is_array:
                found[slot.name] = slot.value
        return found

    def _take_weights(self, links: Connections, new: slice, given: Mapping[str, Any]) -> None:
        """Write the values that came with the connections."""
        for weight, values in links.values.items():
            name = weight or self._the_weight(given)
            if name is None:
                continue
            if name in given:
                message = f"values of '{name}' come with the connections already"
                raise ArgumentError(message, help=f"leave {name}=... out")
            slot = self.state.slot(name)
            unit_text = links.units.get(weight)
            if unit_text is not None:
                what = f"'{name}' of '{self.name}'"
                values = values * language_entry.factor(unit_text, slot.unit_text, what)  # noqa: PLW2901
            self.state.write(name, values, None if new == slice(0, self.size) else new)

    def _the_weight(self, given: Mapping[str, Any]) -> str | None:
        """The one variable without a value, which is what a bare matrix means."""
        free = [slot.name for slot in self.state.slots.values() if self._is_free(slot, given)]
        if len(free) > 1:
            message = f"which variable of '{self.name}' gets the values of the matrix?"
            advice = f'say which: nb.connect.matrix(values, weight="{free[0]}")'
            raise ArgumentError(message, detail=f"there are {', '.join(free)}", help=advice)
        return free[0] if free else None

    def _is_free(self, slot: Variable, given: Mapping[str, Any]) -> bool:
        """Whether a variable is a parameter that nobody gave a value."""
        variable = self.definition.variables.get(slot.name) if self.definition is not None else None
        has_default = variable is not None and variable.expr is not None
        plain = slot.kind == "parameter" and slot.dtype is float and not slot.shared
        return plain and slot.name not in given and not has_default
