"""The differential equations of a model as a SymPy system: dx/dt in declared units per millisecond."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.language.definition import MS, SPECIAL, Definition
from numpybrain.language.units import Unit
from numpybrain.symbolic.lower import Lowering, symbol

DT = symbol("dt")
T = symbol("t")


@dataclass(frozen=True, slots=True)
class System:
    """`rates[x]` is dx/dt for every differential variable x, in definition order.

    Attributes:
        held: variables that stand still while a neuron is refractory.
        noise: the white noise symbols that occur.
        draws: random draws that occur; they are drawn once per step.
        rewritten: the removable singularities that were removed.
    """

    rates: Mapping[sp.Symbol, Any]
    names: Mapping[sp.Symbol, str]
    held: frozenset[sp.Symbol]
    noise: tuple[str, ...]
    draws: Mapping[sp.Symbol, str]
    functions: tuple[str, ...]
    rewritten: tuple[str, ...]

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The symbols of the differential variables."""
        return tuple(self.rates)

    def held_still(self) -> System:
        """The system of a refractory neuron: held variables have no rate."""
        rates = {x: sp.Integer(0) if x in self.held else f for x, f in self.rates.items()}
        return System(
            rates, self.names, frozenset(), self.noise, self.draws, self.functions, self.rewritten
        )

    @property
    def depends_on_held(self) -> bool:
        """Whether a variable that goes on depends on one that stands still."""
        return any(
            not f.free_symbols.isdisjoint(self.held) for x, f in self.rates.items() if x not in self.held
        )


def symbol_names(definition: Definition, extra: Iterable[str] | None = None) -> dict[sp.Symbol, str]:
    """SymPy symbol -> name, for all names that a model stores, that every group knows, and `extra`."""
    names = [v.name for v in definition.variables.values() if v.kind != "definition"]
    return {symbol(n): n for n in (*names, *SPECIAL, *(extra or ()))}


def lower_system(definition: Definition) -> System:
    """Lower all differential equations of a definition."""
    lowering = Lowering(definition)
    rates: dict[sp.Symbol, Any] = {}
    held = set()
    for variable in definition.of_kind("differential"):
        assert variable.expr is not None  # a differential equation has a right-hand side
        assert isinstance(variable.unit, Unit)  # and is neither boolean nor integer
        x = symbol(variable.name)
        rates[x] = lowering.lower(variable.expr, variable.unit / MS)
        if "unless refractory" in variable.flags:
            held.add(x)
    used = {s.name for f in rates.values() for s in f.free_symbols}
    noise = tuple(sorted(n for n in used if n == "xi" or n.startswith("xi_")))
    return System(
        rates,
        symbol_names(definition),
        frozenset(held),
        noise,
        dict(lowering.draws),
        tuple(definition.functions),
        tuple(lowering.rewritten),
    )
