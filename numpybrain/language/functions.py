"""The functions and constants of the language: how many arguments, which units, and what they are.

One visible table. `symbolic` gives each name its SymPy node, `symbolic.numeric` its NumPy function.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Function:
    """What the checks need to know of a function.

    `rule` says what happens to units:

    "plain": numbers to a number. "keep": any unit, the same comes out. "sign": any unit to a number.
    "same": all arguments of one unit, which comes out. "where": a condition, then as "same".
    "root": the square root of the unit. "whole": a number or a condition to a number. "steps": two
    arguments of one unit to a number.

    With `more`, further arguments of the same kind may follow.
    """

    name: str
    n_arguments: int
    rule: str = "plain"
    more: bool = False


_PLAIN = (
    "sin cos tan sinh cosh tanh arcsin arccos arctan exp log log10 log2 expm1 log1p exprel floor ceil erf"
)

FUNCTIONS: dict[str, Function] = {
    **{name: Function(name, 1) for name in _PLAIN.split()},
    "abs": Function("abs", 1, "keep"),
    "sign": Function("sign", 1, "sign"),
    "heaviside": Function("heaviside", 1, "sign"),
    "sqrt": Function("sqrt", 1, "root"),
    "int": Function("int", 1, "whole"),
    "min": Function("min", 2, "same", more=True),
    "max": Function("max", 2, "same", more=True),
    "mod": Function("mod", 2, "same"),
    "clip": Function("clip", 3, "same"),
    "where": Function("where", 3, "where"),
    "timestep": Function("timestep", 2, "steps"),
    "rand": Function("rand", 0),
    "randn": Function("randn", 0),
    "poisson": Function("poisson", 1),
    "binomial": Function("binomial", 2),
    "normal": Function("normal", 2, "same"),
}

RANDOM = frozenset({"rand", "randn", "poisson", "binomial", "normal"})  # every call draws anew
TABLED = ("binomial", "poisson")  # those for which a table of the distribution pays

CONSTANTS: dict[str, float | Fraction] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "True": Fraction(1),
    "False": Fraction(0),
}

# Tiesinga et al. (2021), CODATA recommended values of the fundamental physical constants: 2018,
# doi:10.1103/RevModPhys.93.025010. A model's own name comes before these.
PHYSICAL: dict[str, tuple[Fraction, str]] = {
    "avogadro_constant": (Fraction("6.02214076e23"), "1/mole"),
    "boltzmann_constant": (Fraction("1.380649e-23"), "joule/kelvin"),
    "electric_constant": (Fraction("8.8541878128e-12"), "farad/meter"),
    "electron_mass": (Fraction("9.1093837015e-31"), "kilogram"),
    "elementary_charge": (Fraction("1.602176634e-19"), "coulomb"),
    "faraday_constant": (Fraction("6.02214076e23") * Fraction("1.602176634e-19"), "coulomb/mole"),
    "gas_constant": (Fraction("6.02214076e23") * Fraction("1.380649e-23"), "joule/mole/kelvin"),
    "magnetic_constant": (Fraction("1.25663706212e-6"), "newton/ampere**2"),
    "molar_mass_constant": (Fraction("0.99999999965e-3"), "kilogram/mole"),
    "zero_celsius": (Fraction("273.15"), "kelvin"),
}
