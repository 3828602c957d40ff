"""What a numerical method is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.symbolic.program import Program, Store
from numpybrain.symbolic.system import System


@dataclass(frozen=True, slots=True)
class Method:
    """A numerical method.

    Attributes:
        order: order of convergence; None if the method is exact.
        suits: the kind of system it is chosen for.
        refuses: why it cannot do a system, or None if it can.
        make: the program that takes a system from t to t + dt.
        stable: dx/dt = -d*x stays bounded up to this d*dt; None if there is no limit.
    """

    name: str
    order: int | None
    suits: str
    refuses: Callable[[System], str | None]
    make: Callable[[System], Program]
    stable: float | None = None


def update(system: System, method: str, steps: list[tuple[sp.Symbol, Any]], new: list[Any]) -> Program:
    """The program that ends by writing the values `new` to the variables of a system."""
    stores = tuple(
        Store(system.names[x], "=", value)
        for x, value in zip(system.variables, new, strict=True)
        if value != x  # a variable that stands still is not written
    )
    return Program(
        f"state update, {method}", system.names, (*system.once, *steps), stores,
        draws=system.draws, functions=system.functions,
        origins={system.names[x]: f"d{system.names[x]}/dt" for x in system.variables},
    )  # fmt: skip


def refuses_noise(system: System) -> str | None:
    """The answer of every deterministic method to white noise."""
    if system.noise:
        return f"the equations contain noise ({system.noise[0]}), and this method is deterministic"
    return None
