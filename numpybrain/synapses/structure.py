"""Structure of synapses: how they come to be, change and go, from connection rules, at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from numpybrain import connect as rules
from numpybrain.connect.rule import ConnectionContext, Connections, check_range
from numpybrain.errors import ArgumentError, UnknownNameError, suggestion
from numpybrain.group.assignment import assign
from numpybrain.kernel.variables import Array, Link, Variable
from numpybrain.language import language_entry
from numpybrain.synapses import synaptic_array
from numpybrain.synapses.pathway import Pathway
from numpybrain.synapses.synapse_space import SynapseSpace
from numpybrain.utils.arrays import plain
from numpybrain.utils.foreign_names import argument_here

VALUES = ("parameter", "delay", "differential")  # kinds of variables that new synapses are given


class Structure:
    """Pairs of neurons, which can be added, taken away and moved, with the variables of their synapses.

    Args:
        space: the variables of the synapses.
        pathways: by name: what is under way in them goes with the synapses.
        changed: called when there are other synapses; with `new` if synapse k is now `new[k]`.
    """

    def __init__(
        self,
        space: SynapseSpace,
        pathways: Mapping[str, Pathway],
        changed: Callable[[Array | None], None],
    ) -> None:
        self._space = space
        self._projection = space.projection
        self._ends = space.connectivity
        self._state = space.state
        self._name = space.name
        self._pathways = pathways
        self._changed = changed
        self._given: dict[str, Any] = {}  # values that the constructor was given
        self._defaults: dict[str, Any] = {}  # what variables of further synapses begin with

    # ---- change ----

    def begin(self, links: Connections, rule: Any, named: str | None) -> None:
        """Make the first synapses, by a rule, of a model with this name."""
        self._space.named, self._space.rules = named, [rules.described(rule)]
        self.grow(links)

    def connect(self, rule: Any, values: Mapping[str, Any]) -> Array:
        """Add synapses; gives their numbers. See `Synapses.connect`."""
        links, used = rules.links(rule, self._projection, {**self._given, **values})
        if links.i.size:
            self._part_company(values)
        known = [slot.name for slot in self._space.slots() if slot.kind in VALUES]
        for name in values:
            if name in known and name not in self._state.slots and links.i.size:
                message = (
                    f"'{name}' of '{self._name}' has one value for each neuron: new synapses have none"
                )
                raise ArgumentError(message, help=f"leave {name}=... out, or take its flag away")
            if name not in used and name not in known:
                message, advice = (
                    f"'{self._name}' has no variable '{name}'",
                    argument_here("Synapses", name),
                )
                raise UnknownNameError(message + ("" if advice else suggestion(name, known)), help=advice)
        before = self._ends.size
        if links.i.size:
            self._detach()
            linked = [(slot, slot.value) for slot in self._state.slots.values() if slot.kind == "linked"]
            self.grow(links)
            new = slice(before, self._ends.size)
            try:
                for name in known:
                    if name in self._state.slots:
                        self._start_new(name, values, new)
                self.take_weights(links, new, values)
            except BaseException:
                self.remove(new)
                for slot, link in linked:
                    slot.value = link
                raise
            self._space.rules.append(rules.described(rule))
            self._changed(None)
        return np.arange(before, self._ends.size)

    def remove(self, which: Any) -> None:
        """Take synapses away; what is under way to them is lost. See `Synapses.remove`."""
        gone = synaptic_array.select(self._projection, which)
        if not gone.size:
            return
        self._detach()
        keep = np.ones(self._ends.size, dtype=bool)
        keep[gone] = False
        new = np.where(keep, np.cumsum(keep) - 1, -1)
        self._set_ends(self._ends.i[keep], self._ends.j[keep])
        for slot in self._state.slots.values():
            if isinstance(slot.value, Link):
                slot.value = slot.value.only(keep)
                continue
            known = slot.kind == "special" and slot.constant  # such as i and N_incoming: set already
            if slot.is_array and not slot.shared and not known:
                slot.value = slot.value[keep]
        self.settle_layout()
        for pathway in self._pathways.values():
            pathway.renumber(new)
        self._changed(new)

    def rewire(self, which: Any, *, i: Any = None, j: Any = None) -> None:
        """Move synapses to other neurons. See `Synapses.rewire`."""
        moved = synaptic_array.select(self._projection, which)
        if not moved.size or (i is None and j is None):
            return
        ends = []
        for old, value, name in ((self._ends.i, i, "i"), (self._ends.j, j, "j")):
            made = old.copy()
            if value is not None:
                index = plain(value, f"'{name}'")
                if index.dtype.kind not in "iu" or index.shape not in ((), (moved.size,)):
                    message = f"'{name}' must be one whole number, or one for each of {moved.size} synapses"
                    raise ArgumentError(message, detail=f"got {index.dtype} of shape {index.shape}")
                made[moved] = index
            ends.append(made)
        check_range(ends[0], ends[1], ConnectionContext.of(self._projection, {}))
        self._part_company(())
        self._detach()
        new = np.arange(self._ends.size)
        new[moved] = -1
        self._set_ends(*ends)
        for pathway in self._pathways.values():
            pathway.renumber(new)
        self._changed(None)

    def _part_company(self, given: Iterable[str]) -> None:
        """Synapses come or move: their variables may differ from those of others at the same neuron now."""
        expected = any(pathway.waiting for pathway in self._pathways.values())
        self._space.part_company(given, self._defaults, expected=expected)

    def _detach(self) -> None:
        """Spikes under way are from now on those of the synapses that they were sent to."""
        for pathway in self._pathways.values():
            pathway.detach()

    def _set_ends(self, i: Array, j: Array) -> None:
        self._ends.set(i, j)
        self._space.follow()

    def grow(self, links: Connections) -> None:
        """Add synapses; their variables get values later."""
        more = links.i.size
        i, j = links.i, links.j
        if self._ends.size:
            i, j = np.concatenate([self._ends.i, i]), np.concatenate([self._ends.j, j])
        self._set_ends(i, j)
        now = self._space.present().clock.t
        for slot in self._state.slots.values():
            if slot.is_array and not slot.shared and slot.value.size < self._ends.size:
                since = now if slot.name.startswith("_since_") else 0
                slot.value = np.concatenate([slot.value, np.full(more, since, dtype=slot.dtype)])
            elif slot.name.startswith("_since_") and not slot.shared and slot.value != now:
                old = slot.value
                slot.array(self._ends.size)[-more:] = now
                slot.value[:-more] = old
            elif isinstance(slot.value, Link) and not slot.value.slot.shared:
                slot.value = 0  # of a linked variable, which says what new synapses read?
        self.settle_layout()

    def reconnect(self, i: Array, j: Array) -> None:
        """Connect these neurons, whichever were connected before; variables are set right later."""
        for pathway in self._pathways.values():
            pathway.settle()
        self._set_ends(i, j)
        self._changed(None)

    def settle_layout(self) -> None:
        """Variables that are integrated together lie in one block."""
        if self._state.rows:
            self._state.lay_out(n for n in self._state.rows if n in self._state.slots)

    # ---- values of new synapses ----

    def _start_new(self, name: str, values: Mapping[str, Any], new: slice) -> None:
        """Give the variable of new synapses its value."""
        slot = self._state.slots[name]
        if slot.shared:
            if name in values:
                self._space.write(name, values[name])
            return
        value = values.get(name, self._defaults.get(name, 0))
        same = not slot.is_array and not callable(value) and not isinstance(value, (str, np.ndarray))
        if not (same and name not in values and slot.value == value):
            self._space.write(name, value, new)

    def find_defaults(self, given: Mapping[str, Any], of_model: Mapping[str, Any]) -> None:
        """Find out what further synapses begin with: what holds for all, else what the model says."""
        self._given = dict(given)
        found = {name: value for name, value in of_model.items() if not isinstance(value, np.ndarray)}
        for slot in self._state.slots.values():
            value = given.get(slot.name)
            if isinstance(value, str) or callable(value):
                found[slot.name] = value
            elif slot.kind in VALUES and not slot.is_array:
                found[slot.name] = slot.value
        self._defaults = found

    def take_weights(self, links: Connections, new: slice, given: Mapping[str, Any]) -> None:
        """Write the values that came with the connections."""
        for weight, values in links.values.items():
            name = weight or self._the_weight(given)
            if name is None:
                continue
            if name in given:
                message = f"values of '{name}' come with the connections already"
                raise ArgumentError(message, help=f"leave {name}=... out")
            slot = self._state.slot(name)
            unit_text = links.units.get(weight)
            if unit_text is not None:
                what = f"'{name}' of '{self._name}'"
                values = values * language_entry.factor(unit_text, slot.unit_text, what)  # noqa: PLW2901
            assign(self._state, name, values, None if new == slice(0, self._ends.size) else new)

    def _the_weight(self, given: Mapping[str, Any]) -> str | None:
        """The one variable without a value, which is what a bare matrix means."""
        free = [slot.name for slot in self._state.slots.values() if self._is_free(slot, given)]
        if len(free) > 1:
            message = f"which variable of '{self._name}' gets the values of the matrix?"
            advice = f'say which: nb.connect.matrix(values, weight="{free[0]}")'
            raise ArgumentError(message, detail=f"there are {', '.join(free)}", help=advice)
        return free[0] if free else None

    def _is_free(self, slot: Variable, given: Mapping[str, Any]) -> bool:
        """Whether a variable is a parameter that was given no value."""
        variable = (
            self._space.definition.variables.get(slot.name) if self._space.definition is not None else None
        )
        has_default = variable is not None and variable.expr is not None
        plain = slot.kind == "parameter" and slot.dtype is float and not slot.shared
        return plain and slot.name not in given and not has_default
