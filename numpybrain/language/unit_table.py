"""Units: a dimension and an exact scale. `grammar/units.txt` defines them.

In: unit names, unit nodes. Out: `Unit` values, conversions and words for errors.
The file has pint's format: pint reads it where quantities are used. Only then is pint imported,
which takes a fifth of the time of a first model.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain import resources
from numpybrain.errors import UnitError, nearest
from numpybrain.language.nodes import UnitNode
from numpybrain.utils.quantities import BASE

if TYPE_CHECKING:
    import pint

NONE = (Fraction(0),) * len(BASE)
MAX_EXPONENT = 1000  # of a dimension
MAX_SCALE = 1000  # of the scale, as an exponent of 2: roots of it are those of floats

FACTOR = re.compile(r"([*/]?)\s*(\d[\d.]*(?:e-?\d+)?|\w+)\s*(?:\*\*\s*(\d+))?")  # of a product of units

POWERS = (*map(Fraction, (1, -1, 2, -2, 3)), Fraction(1, 2))  # of named units in products
ELECTRICAL = ("volt", "ampere", "siemens", "ohm", "farad", "coulomb", "molar")
KINDS = {  # dimension in terms of named units -> what people call it
    "volt": "a voltage",
    "ampere": "a current",
    "second": "a time",
    "hertz": "a rate (1/time)",
    "siemens": "a conductance",
    "ohm": "a resistance",
    "farad": "a capacitance",
    "coulomb": "a charge",
    "meter": "a length",
    "meter**2": "an area",
    "ampere/meter**2": "a current density",
    "siemens/meter**2": "a conductance density",
    "farad/meter**2": "a capacitance density",
    "volt/second": "a voltage per time",
    "ampere/second": "a current per time",
    "siemens/second": "a conductance per time",
    "volt*second": "a voltage times time",
    "volt**2": "a squared voltage",
    "1/volt": "an inverse voltage",
    "molar": "a concentration",
    "kelvin": "a temperature",
    "mole": "an amount of substance",
    "kilogram": "a mass",
    "joule": "an energy",
    "watt": "a power",
}


@dataclass(frozen=True, slots=True)
class Unit:
    """`dimension`: exponents of `BASE`; `scale`: this unit in base units, exact."""

    dimension: tuple[Fraction, ...] = NONE
    scale: Fraction = Fraction(1)
    content: Any = field(default=None, init=False, repr=False, compare=False)  # see `memory.Content`

    def __mul__(self, other: Unit) -> Unit:
        dimension = tuple(a + b for a, b in zip(self.dimension, other.dimension, strict=True))
        return Unit(dimension, self.scale * other.scale).bounded()

    def __truediv__(self, other: Unit) -> Unit:
        dimension = tuple(a - b for a, b in zip(self.dimension, other.dimension, strict=True))
        return Unit(dimension, self.scale / other.scale).bounded()

    def power(self, exponent: Fraction) -> Unit:
        """Raise the unit to a rational power; the scale of a root is that of a float."""
        if abs(self._size() * exponent) > MAX_SCALE:
            raise _out_of_range()
        dimension = tuple(d * exponent for d in self.dimension)
        if exponent.denominator == 1 or self.scale == 1:
            return Unit(dimension, self.scale**exponent.numerator).bounded()
        return Unit(dimension, Fraction(float(self.scale) ** float(exponent))).bounded()

    def bounded(self) -> Unit:
        """The unit itself.

        Raises:
            UnitError: if its exponents or its scale are too large for any calculation.
        """
        if abs(self._size()) > MAX_SCALE or any(abs(d) > MAX_EXPONENT for d in self.dimension if d):
            raise _out_of_range()
        return self

    def _size(self) -> int:
        """The scale as a power of 2, nearly."""
        return self.scale.numerator.bit_length() - self.scale.denominator.bit_length()

    @property
    def is_plain(self) -> bool:
        """Whether the unit has no dimension."""
        return self.dimension == NONE

    def fits(self, other: Unit) -> bool:
        """Whether both measure the same kind of thing."""
        return self.dimension == other.dimension

    def __str__(self) -> str:
        """The dimension in words: "a voltage", "a number", or in base units."""
        if self.is_plain:
            return "a number"
        known = kinds().get(self.dimension)
        return known[1] if known else self.name

    @property
    def name(self) -> str:
        """A name of the dimension: "volt", "siemens/meter**2", "1" or base units."""
        if self.is_plain:
            return "1"
        known = kinds().get(self.dimension)
        return known[0] if known else _spelled(self.dimension)


PLAIN = Unit()
GRAM = Unit(tuple(Fraction(base == "kilogram") for base in BASE), Fraction(1, 1000))


def _out_of_range() -> UnitError:
    message = f"unit out of range: exponents go up to {MAX_EXPONENT}, and scales from 1e-300 to 1e300"
    return UnitError(message, help="divide by units first, and calculate with numbers")


@dataclass(frozen=True, slots=True)
class Known:
    """A unit that has a name: "millivolt", whose symbol is "mV"."""

    unit: Unit
    name: str
    symbol: str

    def prefixed(self, prefix: Known) -> Known:
        """The unit with a prefix."""
        return Known(prefix.unit * self.unit, prefix.name + self.name, prefix.symbol + self.symbol)


@functools.cache
def _definitions() -> tuple[dict[str, Known], dict[str, Known]]:
    """The prefixes and the units of `grammar/units.txt`, by each of their names."""
    prefixes: dict[str, Known] = {}
    units: dict[str, Known] = {}
    for line in resources.text("grammar", "units.txt").splitlines():
        name, *meaning = (part.strip() for part in line.partition("#")[0].split("="))
        if not meaning:
            continue
        value, *others = meaning
        found, names = prefixes if name.endswith("-") else units, [name, *others]
        name, *names = (each.removesuffix("-") for each in names if each != "_")
        if value.startswith("["):  # a dimension of its own, or none
            unit = GRAM if name == "gram" else Unit(tuple(Fraction(base == name) for base in BASE))
        else:
            unit = _product(value, prefixes, units)
        known = Known(unit, name, others[0].removesuffix("-") if others and others[0] != "_" else name)
        found.update(dict.fromkeys([name, *names], known))
    return prefixes, units


def _find(name: str, prefixes: dict[str, Known], units: dict[str, Known]) -> Known | None:
    """The unit of that name, with a prefix or without, in the singular or plural."""
    for word, shortest in ((name, 1), (name.removesuffix("s"), 2)):  # "Vs" is no plural
        if word in units and len(word) >= shortest:
            return units[word]
        for start, prefix in prefixes.items():
            rest = word.removeprefix(start)
            if rest != word and rest in units and len(rest) >= shortest:
                return units[rest].prefixed(prefix)
    return None


def _product(text: str, prefixes: dict[str, Known], units: dict[str, Known]) -> Unit:
    """A product such as "1e-3 * meter ** 3" or "siemens/meter**2"."""
    result = PLAIN
    for sign, word, power in FACTOR.findall(text):
        known = None if word[0].isdigit() else _find(word, prefixes, units)
        factor = known.unit if known is not None else Unit(scale=Fraction(word))
        result *= factor.power(Fraction(power or 1) * (-1 if sign == "/" else 1))
    return result


@functools.lru_cache(maxsize=1024)
def _known(name: str) -> Known | None:
    return _find(name, *_definitions())


@functools.cache
def kinds() -> dict[tuple[Fraction, ...], tuple[str, str]]:
    """Dimensions that people have words for -> name of a unit, words."""
    return {_product(name, *_definitions()).dimension: (name, words) for name, words in KINDS.items()}


@functools.cache
def _spelled(dimension: tuple[Fraction, ...]) -> str:
    """A dimension as a short product of units: "volt/second**(1/2)" rather than kilograms and so on."""
    products = [list(zip(BASE, dimension, strict=True))]
    for known, (name, _) in kinds().items():
        for power in POWERS if name in ELECTRICAL else ():
            rest = (d - k * power for d, k in zip(dimension, known, strict=True))
            products.append([(name, power), *zip(BASE, rest, strict=True)])
    factors = [[(name, power) for name, power in product if power] for product in products]

    def length(product: list[tuple[str, Fraction]]) -> tuple[int, bool]:
        unusual = "kilogram" in dict(product) and len(product) > 1
        return len(product) + 2 * unusual, product[0][1] < 0

    best = min(factors, key=length)
    best.sort(key=lambda factor: factor[1] < 0)
    text = "".join(f"{'*' if power > 0 else '/'}{name}{_exponent(abs(power))}" for name, power in best)
    return text.removeprefix("*") if best[0][1] > 0 else f"1{text}"


def _exponent(power: Fraction) -> str:
    if power == 1:
        return ""
    return f"**{power}" if power.denominator == 1 else f"**({power})"


def named(name: str) -> Unit | None:
    """The unit of that name, prefixes included; None if there is none."""
    known = _known(name)
    return None if known is None else known.unit


def symbol(name: str) -> str:
    """The short name of a unit: "mV" of "millivolt"; what is no unit ("boolean") stays as it is."""
    known = _known(name)
    return name if known is None else known.symbol


def long_name(name: str) -> str:
    """The name of a unit that expressions know: "volt" of "V"; longer ones stay as they are."""
    known = _known(name) if len(name) == 1 else None
    return name if known is None else known.name


@functools.cache
def registry() -> pint.UnitRegistry[Any]:
    """The units of `grammar/units.txt`, as a pint registry."""
    import pint

    lines = resources.text("grammar", "units.txt").splitlines()
    return pint.UnitRegistry(lines)


def of_base_units(powers: Mapping[str, Fraction], scale: float) -> Unit:
    """The unit with these exponents of base units; scales have few digits, noise of floats is cut off."""
    return Unit(tuple(powers.get(base, Fraction(0)) for base in BASE), Fraction(f"{scale:.12g}"))


def from_node(node: UnitNode) -> Unit:
    """The unit that was written, or a `UnitError` at its place."""
    result = PLAIN
    for name, exponent in node.factors:
        if name[0].isdigit() or name[0] == ".":
            if Fraction(name) != 1:
                message = f"a unit has no factor other than 1 (got {name})"
                raise UnitError(message, node.span, help="use a prefix: mV, uS, pF")
            continue
        unit = named(name)
        if unit is None:
            hint = {"bool": "boolean", "int": "integer", "float": "1"}.get(name)
            near = hint or nearest(name, common())
            message = f"unknown unit '{name}'" + (f": did you mean '{near}'?" if near else "")
            raise UnitError(message, node.span, help="units are mV, nA, ms, uF/cm**2 ..., or 1")
        try:
            result *= unit.power(exponent)
        except UnitError as error:
            raise UnitError(error.message, node.span, help=error.help) from None
    return result


def spelled_out(name: str) -> str:
    """The full name of a unit: "centimeter" of "cm"."""
    known = _known(name)
    return name if known is None else known.name


@functools.cache
def common() -> tuple[str, ...]:
    """Names of units that people use, for suggestions."""
    units = ("V", "A", "s", "S", "F", "ohm", "Hz", "m", "M", "mol", "C")
    names = [p + u for p in ("", "m", "u", "n", "p", "k", "M", "c") for u in units]
    names += [
        p + u for p in ("m", "u", "n", "p", "k") for u in ("volt", "amp", "siemens", "farad", "second")
    ]
    return (
        *names,
        "volt",
        "amp",
        "ampere",
        "second",
        "siemens",
        "farad",
        "hertz",
        "meter",
        "kelvin",
    )


def rescale(value: Any, have: Unit, want: Unit) -> Any:
    """Numbers in unit `have` as numbers in unit `want` (same dimension)."""
    factor = have.scale / want.scale
    if factor == 1:
        return value
    if factor.numerator == 1:  # dividing by 1000 rounds once, multiplying by 0.001 twice
        return np.divide(value, float(factor.denominator))
    return np.multiply(value, float(factor))
