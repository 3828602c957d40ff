"""The values of one group: arrays that never move, and parameters that stay single numbers while they can.

A parameter with one value for all is stored as one number. Whoever reads it as an attribute gets a
live array of one value per neuron, as for every variable; if the array turns out uniform at the next
run, the step still calculates with one number.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.checkpoints.state_reader import StateReader, Value, under
from numpybrain.errors import (
    ArgumentError,
    ModelError,
    ShapeError,
    UnknownAttributeError,
    shown,
    suggestion,
)
from numpybrain.kernel import door
from numpybrain.neurons.linked_variable import Link
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.quantities import carries_unit

if TYPE_CHECKING:
    from numpybrain.language.definition import ModelVariable

Array = np.ndarray[Any, Any]


class Changes:
    """Count of the changes after which a run must be prepared anew, in all groups.

    It grows when a variable is assigned or gets other storage, when somebody outside gets an array for the
    first time, when functions come or synapses do. What steps write to arrays does not count.
    """

    __slots__ = ("count",)

    def __init__(self) -> None:
        self.count = 0

    def note(self) -> None:
        """Something has changed."""
        self.count += 1


CHANGES = Changes()


def _room(shape: tuple[int, ...], dtype: type) -> Array:
    """A new array of zeros."""
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
        aliased: somebody outside holds the array.
        fresh: what a special variable begins with that is part of the state; None for others.
        version: how often it has been assigned.
        constants: of a delay, what was given as a constant: it must lie on the grid of steps.
    """

    __slots__ = (
        "constant", "constants", "dtype", "aliased", "fresh", "kind", "name", "shared", "unit_text",
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
        self.value = made = _room((1 if self.shared else n,), self.dtype)
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


class VariableStore:
    """The variables of a group of `n` elements.

    `owner` is the name of the group, for messages. `changed` is told in a run which variable has been
    assigned; or `taken`, for the first time, as an array, by somebody outside.
    """

    __slots__ = ("block", "changed", "n", "owner", "rows", "slots")

    def __init__(
        self,
        owner: str,
        n: int,
        slots: dict[str, Variable] | None = None,
        rows: tuple[str, ...] = (),
        block: Array | None = None,
        changed: Callable[..., None] | None = None,
    ) -> None:
        self.owner = owner
        self.n = n
        self.slots: dict[str, Variable] = {} if slots is None else slots
        self.rows = rows
        self.block = block
        self.changed = changed

    def add(self, slot: Variable) -> Variable:
        """Add a variable."""
        CHANGES.note()
        self.slots[slot.name] = slot
        return slot

    def declare(self, variable: ModelVariable) -> None:
        """Add the storage of a variable of a model."""
        self.add(
            Variable(
                variable.name,
                variable.kind,
                variable.unit_text,
                variable.dtype,
                variable.dtype(),
                shared="shared" in variable.flags,
                constant="constant" in variable.flags,
            )
        )

    def lay_out(self, names: Iterable[str]) -> None:
        """Make the arrays of these variables rows of one block: a sum over them is one product."""
        self.rows = tuple(names)
        self.block = _room((len(self.rows), self.n), float)
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

    def write(self, name: str, value: Any, where: slice | None = None) -> None:
        """Assign number(s) in the declared unit, quantities or constant strings.

        Raises:
            ShapeError: if an array has the wrong length.
            UnitError: if a quantity has the wrong dimension.
        """
        slot = self.slot(name)
        what = f"'{name}' of '{self.owner}'"
        everywhere = where is None or len(range(*where.indices(self.n))) == self.n
        if slot.kind == "linked" and isinstance(value, Link):
            if not everywhere:
                raise ModelError(f"{what} is linked for the whole group, not for a part of it")
            value.check(self.n, slot.unit_text, what)
            slot.value = value
            self.written(slot)
            return
        self._check_kind(slot, what)
        number = self._fitting(slot, self._in_unit(slot, value, what), what, where)
        if slot.shared and not everywhere:
            raise ModelError(f"{what} is shared: it cannot be assigned for a part of the group")
        if everywhere and number.ndim == 0 and not slot.is_array:
            slot.value = number.item()  # one number for all stays one number
        else:
            slot.array(self.n)[... if everywhere else where] = number
        self.written(slot)

    def put(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of the array of a variable: number(s) in its unit, or quantities.

        Raises:
            ModelError: if the variable cannot be assigned.
            ShapeError: if there are not as many values as elements.
            UnitError: if a quantity has the wrong dimension.
        """
        slot, what = self.slot(name), f"'{name}' of '{self.owner}'"
        self._check_kind(slot, what)
        number = self._number(slot, self._in_unit(slot, value, what), what)
        try:
            array[index] = number
        except ValueError:  # NumPy's words for shapes say nothing of whose values they are
            wanted = np.shape(array[index])
            message = f"{what} needs 1 value here, or values of shape {wanted} (got shape {number.shape})"
            raise ShapeError(message) from None
        self.written(slot, in_place=True)

    def written(self, slot: Variable, *, in_place: bool = False) -> None:
        """Somebody has assigned to a variable, or to elements of its array."""
        slot.version += 1
        if self.changed is not None:
            self.changed(slot, in_place=in_place)

    def _check_kind(self, slot: Variable, what: str) -> None:
        if slot.kind not in ("differential", "parameter", "delay"):
            advice = "assign to the variable that it reads" if slot.kind == "linked" else None
            raise ModelError(f"{what} cannot be assigned", help=advice)

    def _in_unit(self, slot: Variable, value: Any, what: str) -> Any:
        is_text = slot.dtype is float and isinstance(value, str)
        if is_text or (slot.dtype is float and isinstance(value, (list, tuple))) or carries_unit(value):
            return door.convert(value, slot.unit_text, what)
        return value

    def _number(self, slot: Variable, value: Any, what: str) -> Array:
        """Number(s) of the type of a variable."""
        check_unmasked(value, what)
        try:
            number = np.asarray(value)
            if number.dtype == object or number.dtype.kind not in "biuf":
                raise TypeError
            with np.errstate(invalid="ignore"):
                fitting: Array = number.astype(slot.dtype)
            wrong = number[fitting != number]  # no whole numbers, or too large; no conditions
            if slot.dtype is not float and wrong.size:
                raise _UnfitError(wrong[0].item())
        except (TypeError, ValueError) as error:
            kind = {int: "whole numbers", bool: "True or False"}.get(slot.dtype, "numbers")
            got = shown(value) if isinstance(value, int) else type(value).__name__
            got = str(error) if isinstance(error, _UnfitError) else got
            has_point = slot.dtype is int and isinstance(error, _UnfitError)
            advice = "int(...) cuts off what is behind the point" if has_point else None
            raise ArgumentError(f"{what} must be {kind} (got {got})", help=advice) from None
        return fitting

    def _fitting(self, slot: Variable, value: Any, what: str, where: slice | None) -> Array:
        """Number(s) for all elements, or for some."""
        number = self._number(slot, value, what)
        n = self.n if where is None else len(range(*where.indices(self.n)))
        if slot.shared and number.size != 1:
            raise ShapeError(f"{what} is shared: it has one value (got {number.size})")
        if number.ndim and number.shape != (n,) and number.size != 1:
            wanted = "1 value" if n == 1 else f"1 or {n} values"
            message = f"{what} needs {wanted} (got shape {number.shape})"
            raise ShapeError(message)
        return number.reshape(()) if number.size == 1 and n != 1 else number

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, list[Any]]:
        """The variables that are stored: kind, unit, type, and whether it is shared."""
        return {
            slot.name: [slot.kind, slot.unit_text, slot.dtype.__name__, slot.shared]
            for slot in self.slots.values()
            if slot.kind != "special"
        }

    def get_state(self) -> dict[str, Value]:
        """All values, as they are stored; of a linked variable, which values are read."""
        values: dict[str, Value] = {}
        for slot in self.slots.values():
            if slot.kind == "linked":
                index = self.linked(slot).index
                if index is not None:
                    values[slot.name] = index
            elif slot.kind != "special" or slot.fresh is not None:
                values[slot.name] = slot.value
        aliased = " ".join(slot.name for slot in self.slots.values() if slot.aliased)
        return {**under("values", values), "exposed": aliased}

    def plan_restore(
        self, saved: StateReader, n: int, make: Callable[[str], Any]
    ) -> list[Callable[[], Any]]:
        """Take values back, for `n` elements; arrays stay where they are unless n changes.

        `make` is called with the names of special variables that were there and are not here yet.
        """
        values = saved.part("values")
        for name in [name for name in values if name not in self.slots]:
            make(name)  # as if somebody read it, which changes no state
            if name not in self.slots or self.slots[name].fresh is None:
                values.refuse(name, "is no variable of these")
        acts: list[Callable[[], Any]] = []
        for slot in self.slots.values():
            if slot.kind == "linked":
                acts.append(self._link_restorer(slot, values, n))
            elif slot.kind != "special" or slot.fresh is not None:
                acts.append(self._slot_restorer(slot, values, n))
        aliased = set(saved.text("exposed").split())

        def finish() -> None:
            self.n = n
            for slot in self.slots.values():
                slot.aliased = slot.aliased or slot.name in aliased

        return [*acts, finish]

    def _slot_restorer(self, slot: Variable, values: StateReader, n: int) -> Callable[[], Any]:
        """What writes one variable: one number may have become an array since, or the other way round."""
        moves = n != self.n and not slot.shared  # only synapses can become more or fewer
        if slot.name not in values and slot.fresh is not None:  # nobody had asked for it yet
            if moves:
                return functools.partial(setattr, slot, "value", np.full(n, slot.fresh))
            return functools.partial(slot.array(n).fill, slot.fresh)
        if not isinstance(values.value(slot.name), np.ndarray):
            number = values.number(slot.name, slot.dtype)
            if slot.is_array and not moves:
                return functools.partial(np.copyto, slot.value, number)
            return functools.partial(setattr, slot, "value", number)
        array = values.array(slot.name, slot.dtype, 1 if slot.shared else n)
        if slot.is_array and not moves:
            return functools.partial(np.copyto, slot.value, array)
        return functools.partial(setattr, slot, "value", array.astype(slot.dtype))

    def _link_restorer(self, slot: Variable, values: StateReader, n: int) -> Callable[[], Any]:
        """What links a variable as it was; only other synapses can read other values than before."""
        link = self.linked(slot)
        index = values.indices(slot.name, link.group.size) if slot.name in values else None
        if n != self.n and index is not None and index.size == n:
            link = Link(link.group, link.slot, index.astype(np.intp), link.label)
        elif (n != self.n and not link.slot.shared) or not _equal(index, link.index):
            values.refuse(slot.name, "was linked to other neurons")
        return functools.partial(setattr, slot, "value", link)


class _UnfitError(ValueError):
    """A number that a variable cannot hold."""


def _equal(one: Array | None, other: Array | None) -> bool:
    """Whether two arrays are the same, or there are none."""
    return one is other or (one is not None and other is not None and np.array_equal(one, other))
