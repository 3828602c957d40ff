"""Values that users hand over, as numbers in a wanted unit: 3, "1.5 ms", 2*nS, arrays.

In: a number, an array, a quantity of any package or a string that is constant. Out: floats or arrays. All
that carries a unit is converted here.
"""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, NumpyBrainError, UnitError, raise_all
from numpybrain.language import constants, unit_table
from numpybrain.language.nodes import Name, Quantity
from numpybrain.language.number_bounds import LARGEST, RANGE
from numpybrain.language.reader import read_quantity as read_text
from numpybrain.language.reader import read_unit
from numpybrain.language.scope import Scope
from numpybrain.language.unit_check import check_quantity
from numpybrain.language.unit_table import PLAIN, Unit
from numpybrain.language.write import write
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.quantities import carries_unit, is_quantity, read_quantity, unpacked

SHORT = 100  # characters of a text that is read once,
KEPT = 256  # and how many of these are kept


def convert(value: Any, unit: Unit, what: str, unit_text: str = "") -> Any:
    """`value` as plain number(s) in `unit`; bare numbers are in that unit already.

    Raises:
        UnitError: if the value has another dimension; `what` names it in the message.
    """
    if isinstance(value, str):
        number, have, _ = _read(value, what)
    elif is_quantity(value):
        number, have, _ = split(value)
    elif isinstance(value, (bool, int, float, list, tuple)) or hasattr(value, "__array__"):
        check_unmasked(value, what)
        return _numbers(unpacked(value), unit, what, unit_text)
    else:
        message = f"{what} must be a number, a quantity or a string (got {type(value).__name__})"
        raise ArgumentError(message)
    if have.fits(unit):
        if isinstance(number, Fraction):
            return _to_float(number * have.scale / unit.scale, what)
        check_unmasked(number, what)
        return unit_table.rescale(number, have, unit)
    message = f"{what} must be {unit} (got {have})"
    wanted = f"write '20 {unit_text}', for example" if unit_text not in ("", "1") else "give a bare number"
    place = read_text(value, what).span if isinstance(value, str) else None
    raise UnitError(message, place, help=wanted)


def constant(text: str, unit: Any, dtype: type) -> Any:
    """The number in a unit that a text such as "10 ms" stands for; the text itself if it is another one."""
    try:
        node = read_text(text, "a value")
    except NumpyBrainError:  # who assigns it says what is wrong, and where
        return text
    if dtype is not float or not isinstance(unit, Unit) or not isinstance(node, Quantity):
        return text
    have = unit_table.from_node(node.unit)
    return float(node.value * have.scale / unit.scale) if have.fits(unit) else text


def _numbers(value: Any, unit: Unit, what: str, unit_text: str) -> Any:
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ArgumentError(f"{what} is out of range", help=RANGE)
    return np.array([convert(v, unit, what, unit_text) for v in value]) if _is_mixed(value) else value


def _is_mixed(value: Any) -> bool:
    """Whether a value is a list in which texts or quantities stand."""
    return isinstance(value, (list, tuple)) and any(isinstance(v, str) or carries_unit(v) for v in value)


def split(value: Any) -> tuple[Any, Unit, str]:
    """Numbers of a quantity, their unit, and that unit as a text that can be read."""
    found = read_quantity(value)
    text, unit = found.text, _unit_of_text(found.text)
    if not found.scale:  # the text is all there is
        if unit is None:
            advice = "units are mV, nA, ms, uF/cm**2 ..., or 1"
            raise UnitError(f"unit '{text}' cannot be read", help=advice)
        return found.numbers, unit, text
    have = unit_table.of_base_units(found.powers, found.scale)
    if unit == have:
        return found.numbers, have, text
    named = _unit_of_text(have.name)
    assert named is not None  # it is our own name
    return unit_table.rescale(found.numbers, have, named), named, have.name


def as_text(value: Any) -> str:
    """A quantity of one number as a text that is read as the same: "5 mV"."""
    number, _, text = split(value)
    return repr(number) if text in ("", "1") else f"{number!r} {text}"


def _unit_of_text(text: str) -> Unit | None:
    """The unit that a text means in our language; None if it means none."""
    try:
        return unit_table.from_node(read_unit(text or "1"))
    except NumpyBrainError:
        return None


def interpret(value: Any, what: str) -> tuple[Any, Unit, str]:
    """Number(s), unit and unit text of a value whose unit is not known beforehand."""
    if isinstance(value, str):
        number, have, text = _read(value, what)
        unit = unit_table.from_node(read_unit(text))
        if isinstance(number, Fraction):
            return _to_float(number * have.scale / unit.scale, what), unit, text
        return unit_table.rescale(number, have, unit), unit, text
    if is_quantity(value):
        number, have, text = split(value)
        check_unmasked(number, what)
        return number, have, text or "1"
    check_unmasked(value, what)
    value = unpacked(value)
    if _is_mixed(value):  # all in the unit of the first
        unit, text = interpret(value[0], what)[1:]
        return convert(value, unit, what, text), unit, text
    return convert(value, PLAIN, what), PLAIN, "1"


def _read(text: str, what: str) -> tuple[Fraction | float, Unit, str]:
    """The value of a text, its unit, and that unit as a text; what a short text means is found out once."""
    if len(text) > SHORT:
        return _read_anew(text, what)
    try:
        return _read_once(text)
    except NumpyBrainError:  # which shall name what it is about
        return _read_anew(text, what)


def _read_anew(text: str, what: str = "value") -> tuple[Fraction | float, Unit, str]:
    node = read_text(text, what)
    scope = Scope({}, where=f"in {what}", letters=True)
    check_quantity(node, scope)
    raise_all(scope.errors[:1])
    number, have = constants.evaluate(node)
    if isinstance(node, Quantity):
        return number, have, write(node.unit)
    found = [n.id for n in node.walk() if isinstance(n, Name) and unit_table.named(n.id)]
    fitting = [n for n in found if unit_table.named(n).fits(have)]  # type: ignore[union-attr]
    return number, have, fitting[0] if fitting else have.name


_read_once = functools.lru_cache(maxsize=KEPT)(_read_anew)


def _to_float(value: Fraction, what: str) -> float:
    try:
        return float(value)
    except OverflowError:
        raise ArgumentError(f"{what} is out of range", help=RANGE) from None
