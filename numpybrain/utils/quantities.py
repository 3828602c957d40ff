"""Values that carry a unit, of whatever package: their numbers, and their unit in SI base units.

In: a quantity or unit of pint (any registry), Brian2, astropy, unyt or quantities, a time difference of
NumPy or Python, or an array with a text `attrs["units"]`. Out: plain numbers, exponents and a scale, read
from the attributes of its own package; none of them is imported. What carries a unit in another way is
refused: its bare numbers would mean something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from numpybrain.errors import ArgumentError, NumpyBrainError, UnitError

if TYPE_CHECKING:
    from fractions import Fraction

BASE = ("meter", "kilogram", "second", "ampere", "kelvin", "mole", "candela")
SYMBOLS = {  # base units, by the names that packages have for them -> name here, scale
    "m": ("meter", 1), "meter": ("meter", 1), "(length)": ("meter", 1),
    "g": ("kilogram", 1e-3), "gram": ("kilogram", 1e-3),
    "kg": ("kilogram", 1), "kilogram": ("kilogram", 1), "(mass)": ("kilogram", 1),
    "s": ("second", 1), "second": ("second", 1), "(time)": ("second", 1),
    "A": ("ampere", 1), "ampere": ("ampere", 1), "(current_mks)": ("ampere", 1),
    "K": ("kelvin", 1), "kelvin": ("kelvin", 1), "Kelvin": ("kelvin", 1), "(temperature)": ("kelvin", 1),
    "mol": ("mole", 1), "mole": ("mole", 1),
    "cd": ("candela", 1), "candela": ("candela", 1), "(luminous_intensity)": ("candela", 1),
    "rad": (None, 1), "radian": (None, 1), "(angle)": (None, 1), "1": (None, 1),  # numbers, to us
}  # fmt: skip
OFFSET = {"Celsius", "Fahrenheit", "degC", "degF"}  # scales whose 0 is elsewhere

_PLAIN = frozenset({bool, int, float, str, list, tuple, dict, type(None), np.float64, np.int64, np.bool_})


class Quantity(NamedTuple):
    """Content of a value with a unit.

    Attributes:
        numbers: its numbers: one, or an array of whatever class.
        powers: the exponents of the base units in its unit.
        scale: one of its unit in these base units.
        text: its unit as it is written, or "" if that says no more.
    """

    numbers: Any
    powers: Mapping[str, Fraction]
    scale: float
    text: str


def is_quantity(value: Any) -> bool:
    """Whether a value carries a unit; also one that `read_quantity` refuses."""
    return _reader(value) is not None


def is_unit(value: Any) -> bool:
    """Whether a value is a unit itself, such as `ms`, and not a quantity that has been calculated."""
    if type(value) in _PLAIN or isinstance(value, _TIMES) or not is_quantity(value):
        return False
    if isinstance(value, np.ndarray):  # units of Brian2 and quantities are quantities too, with a name
        return hasattr(value, "dispname") or hasattr(value, "u_symbol")
    return not (hasattr(value, "magnitude") or hasattr(value, "unit"))


def is_function(value: Any) -> bool:
    """Whether a value is a function, and no unit that can be called."""
    return callable(value) and not is_quantity(value)


def is_one(value: Any) -> bool:
    """Whether a value is a single one, no array or list."""
    if isinstance(value, (list, tuple)):
        return False
    return np.ndim(read_quantity(value).numbers if is_quantity(value) else value) == 0


def carries_unit(value: Any) -> bool:
    """Whether a value is a quantity, or a list in which one stands."""
    value = unpacked(value)
    if isinstance(value, (list, tuple)):
        return any(carries_unit(each) for each in value)
    return is_quantity(value)


def unpacked(value: Any) -> Any:
    """An array of objects, such as quantities of pint, as a list of them; other values as they are."""
    return value.tolist() if isinstance(value, np.ndarray) and value.dtype == object else value


def read_quantity(value: Any) -> Quantity:
    """Numbers and unit of a quantity.

    Raises:
        UnitError: if its unit is not made of SI base units, or cannot be read.
    """
    reader = _reader(value)
    assert reader is not None  # it is a quantity
    try:
        return reader(value)
    except NumpyBrainError:
        raise
    except Exception as error:
        raise _unreadable(value) from error


def _reader(value: Any) -> Callable[[Any], Quantity] | None:
    """Give a callable that reads a value of this kind; None for one without a unit."""
    if type(value) in _PLAIN or (type(value) is np.ndarray and value.dtype.kind != "m"):
        return None
    return next((read for has, read in _READERS if has(value)), None)


def _made(numbers: Any, powers: Mapping[str, Any], scale: float, text: str = "") -> Quantity:
    """A quantity from the base units as their package calls them."""
    from fractions import Fraction

    found: dict[str, Fraction] = {}
    for name, power in powers.items():
        if name not in SYMBOLS:
            message = f"unit '{text or name}' is not made of SI base units"
            raise UnitError(message, help="use units of numpybrain.units")
        base, factor = SYMBOLS[name]
        exponent = Fraction(str(power)).limit_denominator(1000)
        scale *= float(factor) ** float(exponent)
        if base is not None and exponent:
            found[base] = found.get(base, Fraction(0)) + exponent
    return Quantity(_number(numbers), found, scale, text)


def _number(numbers: Any) -> Any:
    """A single number as one of Python; arrays as they are."""
    single = isinstance(numbers, np.generic) or (type(numbers) is np.ndarray and not numbers.ndim)
    return numbers.item() if single else numbers


def _unreadable(value: Any) -> UnitError:
    kind = type(value)
    message = f"the unit of a quantity of type {kind.__module__}.{kind.__qualname__} cannot be read"
    return UnitError(message, help="hand over its number, in the unit that is wanted, or a text: '5 ms'")


# ---- packages ----


def _pint(value: Any) -> Quantity:
    if not hasattr(value, "magnitude"):
        value = 1 * value
    if callable(value.magnitude):  # pint takes any object for a number
        message = "what follows the time stands before a quantity of pint, not behind it"
        raise ArgumentError(
            message, help="write course * quantity, such as nb.current.sine(1, '40 Hz') * 2*nA"
        )
    if not getattr(value, "_is_multiplicative", True):  # such as degrees Celsius
        value = value.to_root_units()
    factor, units = value._REGISTRY.get_root_units(value.units)
    return _made(value.magnitude, dict(units._units.items()), float(factor), f"{value.units:~C}")


def _brian2(value: Any) -> Quantity:
    names = ("m", "kg", "s", "A", "K", "mol", "cd")
    return _made(np.asarray(value), {name: value.dim.get_dimension(name) for name in names}, 1.0)


def _astropy(value: Any) -> Quantity:
    unit = getattr(value, "unit", value)
    base = unit.decompose()
    powers = {each.name: power for each, power in zip(base.bases, base.powers, strict=True)}
    return _made(getattr(value, "value", 1.0), powers, float(base.scale), str(unit))


def _unyt(value: Any) -> Quantity:
    units = getattr(value, "units", value)
    if units.base_offset:
        value = value.in_base("mks")
        units = value.units
    powers = {str(name): power for name, power in units.dimensions.as_powers_dict().items()}
    numbers = 1.0 if units is value else np.asarray(value)
    return _made(numbers, powers, float(units.base_value), str(units))


def _quantities(value: Any) -> Quantity:
    if any(unit.name in OFFSET for unit in value.dimensionality):
        raise UnitError(f"unit '{value.dimensionality}' is a scale with another zero", help="give kelvin")
    one = value.units.simplified
    powers = {unit.name: power for unit, power in one.dimensionality.items()}
    return _made(np.asarray(value.magnitude), powers, float(one.magnitude), value.dimensionality.string)


def _time(value: Any) -> Quantity:
    if isinstance(value, timedelta):
        return _made(value / timedelta(milliseconds=1), {"s": 1}, 1e-3, "ms")
    if np.datetime_data(value.dtype)[0] in ("generic", "Y", "M"):
        raise _unreadable(value)
    return _made(np.asarray(value) / np.timedelta64(1, "ns") / 1e6, {"s": 1}, 1e-3, "ms")


def _labelled(value: Any) -> Quantity:
    """An array whose attributes say in a text what its unit is, as those of xarray do."""
    text = value.attrs["units"]
    if not isinstance(text, str):
        raise _unreadable(value)
    return Quantity(_number(np.asarray(value)), {}, 0.0, text)


def _refuse(value: Any) -> Quantity:
    raise _unreadable(value)


# ---- by what they are recognised ----

_TIMES = (timedelta, np.timedelta64)


def _is_of_astropy(value: Any) -> bool:
    return hasattr(getattr(value, "unit", value), "decompose")


def _is_of_unyt(value: Any) -> bool:
    units = getattr(value, "units", value)
    return hasattr(units, "base_value") and hasattr(units, "dimensions")


def _is_time(value: Any) -> bool:
    return isinstance(value, _TIMES) or getattr(getattr(value, "dtype", None), "kind", "") == "m"


def _is_labelled(value: Any) -> bool:
    attributes = getattr(value, "attrs", None)
    return isinstance(attributes, Mapping) and "units" in attributes and hasattr(value, "__array__")


def _is_strange(value: Any) -> bool:
    """Whether something like a number or an array has a unit of an unknown kind."""
    kind = type(value)
    if not (hasattr(kind, "__float__") or hasattr(kind, "__array__")):
        return False
    own = getattr(value, "__dict__", {})
    for name in ("unit", "units", "dimensionality"):
        found = getattr(value, name, None) if hasattr(kind, name) or name in own else None
        if found is not None and not callable(found):
            return True
    return False


_READERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Quantity]], ...] = (
    (_is_time, _time),
    (lambda value: hasattr(value, "_REGISTRY"), _pint),
    (lambda value: hasattr(getattr(value, "dim", None), "get_dimension"), _brian2),
    (lambda value: hasattr(value, "dimensionality") and hasattr(value, "simplified"), _quantities),
    (_is_of_unyt, _unyt),
    (_is_of_astropy, _astropy),
    (_is_labelled, _labelled),
    (_is_strange, _refuse),
)
