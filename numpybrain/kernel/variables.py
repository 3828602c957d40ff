"""The values of one group: arrays that never move, and parameters that stay single numbers while they can.

A parameter with one value for all is stored as one number. Reading it as an attribute gives a
live array of one value per neuron, as for every variable; if the array turns out uniform at the next
run, the step still calculates with one number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from numpybrain.errors import (
    ArgumentError,
    ModelError,
    UnknownAttributeError,
    suggestion,
)

Array = np.ndarray[Any, Any]


class Changes:
    """Count of the changes after which a run must be prepared anew, in all groups.

    It grows when a variable is assigned or gets other storage, when an object outside gets an array for the
    first time, when functions come or synapses do. What steps write to arrays does not count.
    """

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """Something has changed."""
        self.count += 1


CHANGES = Changes()


def room(shape: tuple[int, ...], dtype: type) -> Array:
    """A new array of zeros.

    Raises:
        ArgumentError: if there is no memory for it.
    """
    try:
        return np.zeros(shape, dtype)
    except MemoryError as error:
        message = f"there is no memory for {math.prod(shape):,} values"
        raise ArgumentError(message, help="make groups smaller, or have fewer variables") from error


class Variable:
    """The storage of one variable.

    Attributes:
        kind: that of the variable of the model, or "special".
        value: one number, or an array of one value per element.
        shared: one value for the whole group, always.
        aliased: the array is held outside.
        fresh: what a special variable begins with that is part of the state; None for others.
        version: how often it has been assigned.
        constants: of a delay, what was given as a constant: it must lie on the grid of steps.
    """

    __slots__ = (
        "aliased", "constant", "constants", "dtype", "fresh", "kind", "name", "shared", "unit_text",
        "value", "version",
    )  # fmt: skip

    def __init__(
        self,
        name: str,
        kind: str,
        unit_text: str,
        dtype: type = float,
        value: Any = 0.0,
        *,
        shared: bool = False,
        constant: bool = False,
        aliased: bool = False,
        fresh: float | None = None,
    ) -> None:
        self.name = name
        self.kind = kind
        self.unit_text = unit_text
        self.dtype = dtype
        self.value = value
        self.shared = shared
        self.constant = constant
        self.aliased = aliased
        self.fresh = fresh
        self.version = 0
        self.constants: tuple[float, ...] = ()

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        CHANGES.count += 1

    @property
    def is_array(self) -> bool:
        """Whether there is one value per element by now."""
        return isinstance(self.value, np.ndarray)

    def array(self, n: int) -> Array:
        """The live array, made from the one number if need be."""
        value = self.value
        if isinstance(value, np.ndarray):
            return value
        self.value = made = room((1 if self.shared else n,), self.dtype)
        made[:] = value
        return made

    def uniform_value(self) -> Any:
        """The one number that all elements have, or None."""
        value = self.value
        if not isinstance(value, np.ndarray):
            return value
        if value.size == 1 or (value.size and value[0] == value[-1] and bool((value == value[0]).all())):
            return value[0].item()
        return None


@dataclass(slots=True, eq=False)
class Link:
    """A variable of a group, and which of its values each reader gets; make it with `nb.link`.

    Args:
        group: whose variable it is.
        state: the variables of the group.
        slot: the variable.
        index: for each reader, which value it gets; None if its own.
        label: how messages call the variable.
    """

    group: Any
    state: VariableStore
    slot: Variable
    index: Array | None
    label: str

    def only(self, keep: Array) -> Link:
        """The link of those readers that stay; `keep` says of each whether it does."""
        if self.slot.shared:
            return self
        index = keep.nonzero()[0] if self.index is None else self.index[keep]
        return Link(self.group, self.state, self.slot, index, self.label)

    def values(self) -> Any:
        """The present values, one for each reader."""
        array = self.slot.array(self.state.n)
        return array if self.index is None else array[self.index]


@dataclass(slots=True, eq=False)
class VariableStore:
    """The variables of a group of `n` elements.

    Attributes:
        owner: the name of the group, for messages.
        slots: the variables by name.
        rows, block: the variables whose arrays are rows of one array, and that array.
        changed: called in a run with a variable that is assigned; or `taken`, for the first time, as an
            array, by an object outside.
    """

    owner: str
    n: int
    slots: dict[str, Variable] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    block: Array | None = None
    changed: Callable[..., None] | None = None

    def add(self, *slots: Variable) -> Variable:
        """Add variables; gives the last."""
        CHANGES.note()
        self.slots.update({slot.name: slot for slot in slots})
        return slots[-1]

    def lay_out(self, names: Iterable[str]) -> None:
        """Make the arrays of these variables rows of one block: a sum over them is one product."""
        self.rows = tuple(names)
        self.block = room((len(self.rows), self.n), float)
        for name, row in zip(self.rows, self.block, strict=True):
            row[:] = self.slots[name].value
            self.slots[name].value = row

    def slot(self, name: str, where: str = "") -> Variable:
        """The storage of a variable; an error that knows its neighbours if there is none."""
        found = self.slots.get(name)
        if found is None:
            message = f"'{self.owner}' has no variable '{name}'{where}"
            raise UnknownAttributeError(message + suggestion(name, self.names()))
        return found

    def names(self) -> list[str]:
        """Names of all variables, special ones left out."""
        return [s.name for s in self.slots.values() if s.kind not in ("special", "delay")]

    def read(self, name: str) -> Any:
        """The live array of a variable; the number itself if it is shared."""
        slot = self.slot(name)
        if slot.kind == "linked":
            return self.linked(slot).values()
        if slot.shared:
            return slot.uniform_value()
        array = slot.array(self.n)
        if not slot.aliased:
            slot.aliased = True
            if self.changed is not None:  # somebody may write to the array in the rest of the run
                self.changed(slot, taken=True)
        return array

    def linked(self, slot: Variable) -> Link:
        """The link of a linked variable."""
        if not isinstance(slot.value, Link):
            message = f"'{slot.name}' of '{self.owner}' is linked to nothing"
            raise ModelError(message, help=f"assign {slot.name} = nb.link(group, 'variable')")
        return slot.value

    def links(self) -> list[Link]:
        """The links of all linked variables."""
        return [self.linked(slot) for slot in self.slots.values() if slot.kind == "linked"]

    def put(self, slot: Variable, value: Any) -> None:
        """Assign the whole storage of a variable."""
        slot.value = value
        self.written(slot)

    def written(self, slot: Variable, *, in_place: bool = False) -> None:
        """Note that a variable, or elements of its array, have been assigned."""
        slot.version += 1
        if self.changed is not None:
            self.changed(slot, in_place=in_place)


def variables_of(owner: str, n: int, values: Mapping[str, Any]) -> VariableStore:
    """A store of variables with these values, as rows of one block."""
    store = VariableStore(owner, n)
    for name, value in values.items():
        store.add(Variable(name, "differential", "1", float, value))
    store.lay_out(values)
    return store
