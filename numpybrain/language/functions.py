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
    "root": the square root of the unit. "whole": a number or a condition to a number.
    """

    name: str
    n_arguments: int
    rule: str = "plain"


_PLAIN = [
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
    "arcsin",
    "arccos",
    "arctan",
    "exp",
    "log",
    "log10",
    "log2",
    "expm1",
    "log1p",
    "exprel",
    "floor",
    "ceil",
    "erf",
]

FUNCTIONS: dict[str, Function] = {
    **{name: Function(name, 1) for name in _PLAIN},
    "abs": Function("abs", 1, "keep"),
    "sign": Function("sign", 1, "sign"),
    "heaviside": Function("heaviside", 1, "sign"),
    "sqrt": Function("sqrt", 1, "root"),
    "int": Function("int", 1, "whole"),
    "min": Function("min", 2, "same"),
    "max": Function("max", 2, "same"),
    "mod": Function("mod", 2, "same"),
    "clip": Function("clip", 3, "same"),
    "where": Function("where", 3, "where"),
    "rand": Function("rand", 0),
    "randn": Function("randn", 0),
}

RANDOM = frozenset({"rand", "randn"})

CONSTANTS: dict[str, float | Fraction] = {
    "pi": math.pi,
    "e": math.e,
    "inf": math.inf,
    "True": Fraction(1),
    "False": Fraction(0),
}
