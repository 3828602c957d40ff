"""Quantities of other packages: stand-ins with the attributes of theirs, for tests without the packages.

A `Package` makes quantities from numbers and the name of a unit. Those with a real package behind them are in
`REAL`; they are tried where the package is installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

# name -> scale in SI, exponents of m, kg, s, A, K, mol, cd
UNITS: dict[str, tuple[float, tuple[float, ...]]] = {
    "ms": (1e-3, (0, 0, 1, 0, 0, 0, 0)),
    "s": (1.0, (0, 0, 1, 0, 0, 0, 0)),
    "us": (1e-6, (0, 0, 1, 0, 0, 0, 0)),
    "mV": (1e-3, (2, 1, -3, -1, 0, 0, 0)),
    "V": (1.0, (2, 1, -3, -1, 0, 0, 0)),
    "nA": (1e-9, (0, 0, 0, 1, 0, 0, 0)),
    "pA": (1e-12, (0, 0, 0, 1, 0, 0, 0)),
    "nS": (1e-9, (-2, -1, 3, 2, 0, 0, 0)),
    "um": (1e-6, (1, 0, 0, 0, 0, 0, 0)),
    "Hz": (1.0, (0, 0, -1, 0, 0, 0, 0)),
    "1": (1.0, (0,) * 7),
}
SYMBOLS = ("m", "kg", "s", "A", "K", "mol", "cd")


# ---- Brian2: an array in SI units with `dim` ---------------------------------------------------------


class Dimension:
    def __init__(self, powers) -> None:
        self._dims = tuple(powers)

    def get_dimension(self, name) -> float:
        return self._dims[SYMBOLS.index(name)]


class BrianLike(np.ndarray):
    dim = Dimension((0,) * 7)

    def __array_finalize__(self, other) -> None:
        self.dim = getattr(other, "dim", BrianLike.dim)


def brian_like(numbers, name) -> Any:
    scale, powers = UNITS[name]
    made = np.asarray(np.multiply(numbers, scale), dtype=float).view(BrianLike)
    made.dim = Dimension(powers)
    return made


# ---- astropy: an array with `unit`, which `decompose` takes apart -------------------------------------


@dataclass
class Named:
    name: str


class AstropyLikeUnit:
    def __init__(self, name, scale, powers) -> None:
        self.name, self.scale, self._powers = name, scale, powers

    def decompose(self):
        made = AstropyLikeUnit("", self.scale, self._powers)
        made.bases = [Named(s) for s, p in zip(SYMBOLS, self._powers, strict=True) if p]
        made.powers = [p for p in self._powers if p]
        return made

    def __str__(self) -> str:
        return self.name


class AstropyLike(np.ndarray):
    def __array_finalize__(self, other) -> None:
        self.unit = getattr(other, "unit", None)

    @property
    def value(self):
        return self.view(np.ndarray) if self.ndim else self.view(np.ndarray).item()


def astropy_like(numbers, name) -> Any:
    made = np.asarray(numbers, dtype=float).view(AstropyLike)
    made.unit = AstropyLikeUnit(name, *UNITS[name])
    return made


# ---- unyt: an array with `units`, which have a value and dimensions -----------------------------------


class Powers:
    NAMES = (
        "(length)",
        "(mass)",
        "(time)",
        "(current_mks)",
        "(temperature)",
        "(mole)",
        "(luminous_intensity)",
    )

    def __init__(self, powers) -> None:
        self._powers = powers

    def as_powers_dict(self):
        return {n: p for n, p in zip(self.NAMES, self._powers, strict=True) if p} or {"1": 1}


class UnytLikeUnit:
    base_offset = 0.0

    def __init__(self, name, scale, powers) -> None:
        self._name, self.base_value, self.dimensions = name, scale, Powers(powers)

    def __str__(self) -> str:
        return self._name


class UnytLike(np.ndarray):
    def __array_finalize__(self, other) -> None:
        self.units = getattr(other, "units", None)


def unyt_like(numbers, name) -> Any:
    made = np.asarray(numbers, dtype=float).view(UnytLike)
    made.units = UnytLikeUnit(name, *UNITS[name])
    return made


# ---- quantities: an array with `units`, `dimensionality` and `simplified` -----------------------------


class Exponents(dict):
    def __init__(self, powers, string) -> None:
        names = ("meter", "kilogram", "second", "ampere", "Kelvin", "mole", "candela")
        super().__init__({k: p for k, p in enumerate(powers) if p})
        self.string, self._names = string, names

    def items(self):
        return [(Named(self._names[k]), p) for k, p in super().items()]

    def __iter__(self):
        return iter([Named(self.string)])


class QuantitiesLike(np.ndarray):
    def __array_finalize__(self, other) -> None:
        self.name = getattr(other, "name", "1")

    @property
    def magnitude(self):
        return self.view(np.ndarray)

    @property
    def units(self):
        return quantities_like(1.0, self.name)

    @property
    def simplified(self):
        made = np.asarray(np.asarray(self) * UNITS[self.name][0]).view(QuantitiesLike)
        made.name = self.name
        return made

    @property
    def dimensionality(self):
        return Exponents(UNITS[self.name][1], self.name)


def quantities_like(numbers, name) -> Any:
    made = np.asarray(numbers, dtype=float).view(QuantitiesLike)
    made.name = name
    return made


# ---- others -------------------------------------------------------------------------------------------


def other_pint(numbers, name) -> Any:
    """A quantity of a registry of pint that is not ours."""
    import pint

    if "pint" not in _registries:  # to make one takes a third of a second
        _registries["pint"] = pint.UnitRegistry()
    registry = _registries["pint"]
    return registry.Quantity(np.asarray(numbers)[()], "" if name == "1" else name)


class Labelled:
    """An array with attributes, as those of xarray are."""

    def __init__(self, numbers, name) -> None:
        self._numbers, self.attrs = np.asarray(numbers, dtype=float), {"units": name}

    def __array__(self, dtype=None, copy=None):
        return self._numbers.astype(dtype or float)


_registries: dict[str, Any] = {}

LIKE = {
    "brian2": brian_like, "astropy": astropy_like, "unyt": unyt_like, "quantities": quantities_like,
    "pint": other_pint, "xarray": Labelled,
}  # fmt: skip


# ---- the packages themselves ---------------------------------------------------------------------------


def real_brian2(numbers, name) -> Any:
    import brian2

    return (
        np.asarray(numbers)[()]
        * getattr(brian2, {"V": "volt", "s": "second", "1": "Hz"}.get(name, name))
        * (brian2.second if name == "1" else 1)
    )


def real_astropy(numbers, name) -> Any:
    from astropy import units

    return np.asarray(numbers)[()] * units.Unit("" if name == "1" else name)


def real_unyt(numbers, name) -> Any:
    import unyt

    return np.asarray(numbers)[()] * unyt.Unit({"1": "", "nS": "nA/V"}.get(name, name))


def real_quantities(numbers, name) -> Any:
    import quantities

    return quantities.Quantity(np.asarray(numbers, dtype=float), "dimensionless" if name == "1" else name)


REAL = {
    "brian2": real_brian2, "astropy": real_astropy, "unyt": real_unyt, "quantities": real_quantities,
}  # fmt: skip
