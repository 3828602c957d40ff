"""Values assigned to variables, as numbers in their units; and storage of the variables of models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, ShapeError, UnitError, shown
from numpybrain.kernel.variables import Array, Link, Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.utils.arrays import check_unmasked, plain
from numpybrain.utils.quantities import carries_unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpybrain.language.definition import ModelVariable


def in_unit(value: Any, variable: Variable, what: str) -> Any:
    """Number(s) in the unit of a variable, out of numbers, quantities or constant strings.

    Raises:
        ArgumentError: if values are masked.
        UnitError: if a quantity has the wrong dimension.
    """
    if type(value) is float:
        return value
    is_text = isinstance(value, (str, list, tuple)) and variable.dtype is float
    if is_text or carries_unit(value):
        value = language_entry.convert(value, variable.unit_text, what)
    check_unmasked(value, what)
    return value


def numbers(value: Any, variable: Variable, n: int, what: str) -> Any:
    """Number(s) in the unit of a variable: one, or one for each of `n` elements.

    Raises:
        ShapeError: if there are not as many.
        UnitError: if a quantity has the wrong dimension.
    """
    is_float = variable.dtype is float
    found = language_entry.convert(value, variable.unit_text, what) if is_float else plain(value, what)
    if np.ndim(found) and np.shape(found) != (n,):
        raise ShapeError(f"{what} needs 1 or {n} values (got shape {np.shape(found)})")
    return found


def assign(store: VariableStore, name: str, value: Any, where: slice | Array | None = None) -> None:
    """Assign to a variable: number(s), a quantity or constant text; or its link, to a linked one.

    Raises:
        ModelError: if the variable cannot be assigned.
        ShapeError: if an array has the wrong length.
    """
    slot = store.slots.get(name) or store.slot(name)
    what = f"'{name}' of '{store.owner}'"
    everywhere = where is None or (isinstance(where, slice) and _count(where, store.n) == store.n)
    if slot.kind == "linked" and isinstance(value, Link):
        if not everywhere:
            raise ModelError(f"{what} is linked for the whole group, not for a part of it")
        _check_link(value, store.n, slot.unit_text, what)
        store.put(slot, value)
        return
    _check_kind(slot, what)
    number = _fitting(slot, in_unit(value, slot, what), what, where, store.n)
    if slot.shared and not everywhere:
        raise ModelError(f"{what} is shared: it cannot be assigned for a part of the group")
    if everywhere and number.ndim == 0 and not isinstance(slot.value, np.ndarray):
        store.put(slot, number.item())  # one number for all stays one number
        return
    slot.array(store.n)[... if everywhere else where] = number
    store.written(slot)


def assign_some(store: VariableStore, name: str, array: Array, index: Any, value: Any) -> None:
    """Assign to some elements of the array of a variable.

    Raises:
        ModelError: if the variable cannot be assigned.
        ShapeError: if there are not as many values as elements.
    """
    slot, what = store.slot(name), f"'{name}' of '{store.owner}'"
    _check_kind(slot, what)
    number = _number(slot, in_unit(value, slot, what), what)
    try:
        array[index] = number
    except ValueError:  # NumPy's words for shapes say nothing of whose values they are
        wanted = np.shape(array[index])
        message = f"{what} needs 1 value here, or values of shape {wanted} (got shape {number.shape})"
        raise ShapeError(message) from None
    store.written(slot, in_place=True)


def _check_kind(slot: Variable, what: str) -> None:
    if slot.kind not in ("differential", "parameter", "delay"):
        advice = "assign to the variable that it reads" if slot.kind == "linked" else None
        raise ModelError(f"{what} cannot be assigned", help=advice)


def _number(slot: Variable, value: Any, what: str) -> Array:
    """Number(s) of the type of a variable."""
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


def _fitting(slot: Variable, value: Any, what: str, where: slice | Array | None, n: int) -> Array:
    """Number(s) for all elements, or for some."""
    number = _number(slot, value, what)
    n = _count(where, n)
    if slot.shared and number.size != 1:
        raise ShapeError(f"{what} is shared: it has one value (got {number.size})")
    if number.ndim and number.shape != (n,) and number.size != 1:
        wanted = "1 value" if n == 1 else f"1 or {n} values"
        message = f"{what} needs {wanted} (got shape {number.shape})"
        raise ShapeError(message)
    return number.reshape(()) if number.size == 1 and n != 1 else number


def _count(where: slice | Array | None, n: int) -> int:
    """The number of elements, among n, that an index means."""
    if where is None:
        return n
    return len(range(*where.indices(n))) if isinstance(where, slice) else int(where.size)


def _check_link(link: Link, n: int, unit_text: str, what: str) -> None:
    """Raise an error unless the link fits a variable of `n` neurons in a unit."""
    if link.slot.unit_text != unit_text:
        message = f"{what} is in {unit_text}, but {link.label} is in {link.slot.unit_text}"
        raise UnitError(message, help=f"declare it as  : {link.slot.unit_text} (linked)")
    size = link.state.n if link.index is None else link.index.size
    if size != n and not link.slot.shared:
        message = f"{what} needs {n} values, but {link.label} has {size}"
        raise ShapeError(message, help="say which each neuron gets: link(..., index=...)")


class _UnfitError(ValueError):
    """A number that a variable cannot hold."""


def declare(store: VariableStore, variables: Iterable[ModelVariable]) -> None:
    """Add the storage of variables of a model; subexpressions have none."""
    made = [
        Variable(
            v.name, v.kind, v.unit_text, dtype, dtype(),
            shared="shared" in v.flags, constant="constant" in v.flags,
        )
        for v, dtype in ((v, v.dtype) for v in variables if v.kind != "definition")
    ]  # fmt: skip
    if made:
        store.add(*made)
