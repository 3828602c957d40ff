"""Restoring of what objects declare as their state: all is checked before anything is changed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

import numpy as np

from numpybrain.errors import CheckpointError
from numpybrain.kernel.state import KINDS, Form, State, Values, matched

WORDS = {float: "numbers", int: "whole numbers", bool: "booleans"}
LONGEST = 2**16  # hexadecimal digits


def plan_restore(owner: str, states: Iterable[State], values: Values) -> list[Callable[[], Any]]:
    """Check values of an object against its state; the calls that are given then put them back.

    Raises:
        CheckpointError: if a value is missing, unknown, or not what the state says.
    """
    reader = StateReader(owner, values)
    found = list(matched(states, reader.read, values))
    reader.finish()
    return [functools.partial(state.put_back, own) for state, own in found]


class StateReader:
    """Reader of the values of one object in a snapshot, checked.

    Args:
        owner: the name of the object, for messages.
        values: its values.
    """

    def __init__(self, owner: str, values: Values) -> None:
        self._owner, self._values = owner, values
        self._known: set[str] = set()

    def read(self, state: State, start: str) -> Values:
        """The values of a state, whose names begin with `start`."""
        sizes: dict[str, int] = {}
        own = {name: self._value(start + name, form, sizes) for name, form in state.forms.items()}
        wrong = state.check(own)
        if wrong is not None:
            self.refuse(start + wrong[0], wrong[1])
        if state.is_loose:
            self._known |= {name for name in self._values if name.startswith(start)}
        return own

    def _value(self, key: str, form: Form, sizes: dict[str, int]) -> Any:
        if key not in self._values:
            return None if form.optional else self.refuse(key, "is missing")
        self._known.add(key)
        value = self._values[key]
        form = _nearest(form, value) if form.others else form
        if form.shape:
            self._check_array(key, value, form, sizes)
        elif form.kind is not object:
            self._check_single(key, value, form)
        return value

    def _check_array(self, key: str, value: Any, form: Form, sizes: dict[str, int]) -> None:
        if _kind(value) is not form.kind:
            self.refuse(key, f"is no array of {WORDS[form.kind]}")
        shape = [sizes.get(n) if isinstance(n, str) else n for n in form.shape]
        if value.ndim != len(shape) or any(n not in (None, m) for n, m in zip(shape, value.shape)):  # noqa: B905
            wanted = ", ".join("any" if n is None else str(n) for n in shape)
            self.refuse(key, f"has shape {value.shape} where ({wanted}) is expected")
        sizes |= {n: m for n, m in zip(form.shape, value.shape, strict=True) if isinstance(n, str)}
        if form.limit is not None and value.size and not 0 <= value.min() <= value.max() < form.limit:
            self.refuse(key, f"has an index that is not in 0..{form.limit - 1}")

    def _check_single(self, key: str, value: Any, form: Form) -> None:
        if type(value) is not form.kind and (form.kind, type(value)) != (float, int):
            self.refuse(key, f"is no single value of type {form.kind.__name__}")
        if form.limit is None:
            return
        if isinstance(value, str):
            if not 0 < len(value) <= LONGEST or not set(value) <= set("0123456789abcdef"):
                self.refuse(key, "is no hexadecimal number")
            if int(value, 16) >= form.limit:
                self.refuse(key, f"is longer than {form.limit.bit_length() - 1} bits")
        elif not 0 <= value < form.limit:
            self.refuse(key, f"is {value}, not in 0..{form.limit - 1}")

    # ---- errors ----

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise the error for a value that does not fit."""
        self._refuse(f"'{key}' {why}")

    def finish(self) -> None:
        """Raise an error if there are values of which no state is known."""
        left = sorted(set(self._values) - self._known)
        if left:
            self._refuse(f"it has '{left[0]}', which the object in the network does not")

    def _refuse(self, detail: str) -> NoReturn:
        message = f"the snapshot does not fit '{self._owner}'; nothing has been changed"
        advice = "make the object as it was made when the snapshot was taken"
        raise CheckpointError(message, detail=detail, help=advice)


def _kind(value: Any) -> type | None:
    """The kind of the values of an array; None of what is none."""
    return KINDS.get(value.dtype.kind) if isinstance(value, np.ndarray) else None


def _nearest(form: Form, value: Any) -> Form:
    """The form that a value has, or should have."""
    forms = form, *form.others
    alike = [form for form in forms if len(form.shape) == np.ndim(value)] or forms
    return next((form for form in alike if form.kind is _kind(value)), alike[0])
