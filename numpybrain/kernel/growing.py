"""How synapses come to be: from connection rules, at first and later on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, NetworkError, UnknownNameError, suggestion
from numpybrain.kernel import connect as rules
from numpybrain.kernel import door
from numpybrain.kernel.connect.rule import Links
from numpybrain.kernel.group import Group
from numpybrain.kernel.neurons import Neurons
from numpybrain.kernel.pathway import Pathway, Rows
from numpybrain.kernel.saved import Saved, Value, under
from numpybrain.kernel.state import Array
from numpybrain.kernel.subgroup import whole
from numpybrain.stage import Call, Stage


class Growing(Group):
    """Base of `Synapses`: pairs of neurons, to which more can be added before the first run."""

    source: Any
    target: Any
    pathways: dict[str, Pathway]
    _i: Array
    _j: Array
    _delay: float
    _acting: dict[Stage, str]  # the stages of pathways
    _defaults: dict[str, Any]  # what variables of further synapses begin with
    _given: dict[str, Any]  # values that the constructor was given

    def neurons(self) -> tuple[Neurons, Neurons]:
        """The groups of source and target."""
        return whole(self.source)[0], whole(self.target)[0]

    def _rows(self, which: str, i: Array, j: Array) -> Rows:
        if which == "on_pre":
            return Rows(i, j, self.source, self.target)
        return Rows(j, i, self.target, self.source)

    def _grow(self, links: Links) -> None:
        """Add synapses; their variables get values later."""
        more = links.i.size
        i, j = links.i, links.j
        if self.size:
            i, j = np.concatenate([self._i, i]), np.concatenate([self._j, j])
        self._set_pairs(i, j)
        for slot in self.state.slots.values():
            if slot.is_array and not slot.shared and slot.name not in ("i", "j"):
                slot.value = np.concatenate([slot.value, np.zeros(more, dtype=slot.dtype)])

    def _set_pairs(self, i: Array, j: Array) -> None:
        """Connect these neurons, whoever was connected before."""
        for name, value in (("_i", i), ("_j", j), ("size", int(i.size))):
            object.__setattr__(self, name, value)  # which nobody may assign, once the group is complete
        self.state.n = self.size
        for name, index in (("i", i), ("j", j)):
            if name in self.state.slots:
                self.state.slots[name].value = index
        self.state.slots["N"].value = self.size

    def connect(self, rule: Any, **values: Any) -> None:
        """Add synapses, before the first run: those that are there stay, the new ones come after them.

        Args:
            rule: whatever `connect=` of the constructor takes.
            **values: values of synaptic variables for the new synapses (one, or an array of shape
                (number of new synapses,)), and of names that a text leaves open. Without, variables
                get what the constructor was given for all synapses, else the default of the model,
                else 0.

        Arrays that were read before, such as `synapses.w`, are those of the synapses there were then; so
        is what monitors record that were made before.

        Raises:
            NetworkError: if the network has run already.
        """
        if self.present().clock.step > 0:
            message = f"'{self.name}' cannot get more synapses: its network has run already"
            raise NetworkError(message, help="connect before the first run")
        links, used = rules.links(rule, self, {**self._given, **values})
        known = [slot.name for slot in self.state.slots.values() if slot.kind == "parameter"]
        for name in values:
            if name not in used and name not in known:
                message = f"'{self.name}' has no variable '{name}'"
                raise UnknownNameError(message + suggestion(name, known))
        before = self.size
        if links.i.size:
            self._grow(links)
            new = slice(before, self.size)
            for name in known:
                self._start_new(name, values, new)
            self._take_weights(links, new, values)
        for pathway in self.pathways.values():
            pathway.rows = self._rows(pathway.which, self._i, self._j)
        self._describe_stages()

    def _describe_stages(self) -> None:
        for stage, which in self._acting.items():
            stage.does = f"{which} of {self.size} synapses"

    # ---- checkpoints ----

    def structure(self, place: Callable[[Any], int]) -> dict[str, Any]:
        """What must be the same where a snapshot is restored."""
        ends = {}
        for what in ("source", "target"):
            neurons, start, stop = whole(getattr(self, what))
            ends[what] = [place(neurons), start, stop]
        return {"kind": "synapses", **ends, "pathways": list(self.pathways), **super().structure(place)}

    def capture(self) -> dict[str, Value]:
        """Pairs, variables and what is under way."""
        values = {**super().capture(), "i": self._i, "j": self._j, "delay": self._delay}
        for name, pathway in self.pathways.items():
            values |= under(f"pathways/{name}", pathway.capture())
        return values

    def restorer(self, saved: Saved) -> list[Call]:
        """Read a snapshot of these synapses and check it; other pairs take the place of those there are."""
        i = saved.indices("i", self.source.size)
        j = saved.indices("j", self.target.size, i.size)
        acts = self._restorer(saved, i.size)
        delay = float(saved.number("delay", float))
        acts.append(lambda: object.__setattr__(self, "_delay", delay))
        for name, pathway in self.pathways.items():
            acts += pathway.restorer(saved.part(f"pathways/{name}"))
        if np.array_equal(i, self._i) and np.array_equal(j, self._j):
            return acts
        i, j = i.astype(np.intp), j.astype(np.intp)
        rows = {name: self._rows(pathway.which, i, j) for name, pathway in self.pathways.items()}

        def connect() -> None:
            self._set_pairs(i, j)
            for name, pathway in self.pathways.items():
                pathway.rows = rows[name]
            self._describe_stages()

        return [connect, *acts]

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

    def _find_defaults(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What variables of further synapses begin with."""
        self._given = dict(given)
        found = {}
        for slot in self.state.slots.values():
            value = given.get(slot.name)
            if isinstance(value, str) or (callable(value) and not door.has_unit(value)):
                found[slot.name] = value
            elif slot.kind == "parameter" and not slot.is_array:
                found[slot.name] = slot.value
        return found

    def _take_weights(self, links: Links, new: slice, given: Mapping[str, Any]) -> None:
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
                values = values * door.convert(f"1*({unit_text})", slot.unit_text, what)  # noqa: PLW2901
            self.state.write(name, values, None if new == slice(0, self.size) else new)

    def _the_weight(self, given: Mapping[str, Any]) -> str | None:
        """The one variable without a value, which is what a bare matrix means."""
        free = [
            slot.name
            for slot in self.state.slots.values()
            if slot.kind == "parameter" and slot.dtype is float and not slot.shared
            and slot.name not in given and not self._has_default(slot.name)
        ]  # fmt: skip
        if len(free) > 1:
            message = f"which variable of '{self.name}' gets the values of the matrix?"
            advice = f'say which: nb.connect.matrix(values, weight="{free[0]}")'
            raise ArgumentError(message, detail=f"there are {', '.join(free)}", help=advice)
        return free[0] if free else None

    def _has_default(self, name: str) -> bool:
        variable = self.definition.variables.get(name) if self.definition is not None else None
        return variable is not None and variable.expr is not None
