"""The differential equations of a model as a SymPy system: dx/dt in declared units per millisecond."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from numpybrain.language.definition import MS, NOTHING, SPECIAL, Definition, OuterScope, is_noise
from numpybrain.language.nodes import Name
from numpybrain.language.unit_table import Unit
from numpybrain.symbolic.formula_printer import readable
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import Lowering, symbol
from numpybrain.symbolic.program import RandomCall
from numpybrain.symbolic.singularities import Removed
from numpybrain.symbolic.special_functions import Aggregate

DT = symbol("dt")
T = symbol("t")


@dataclass(frozen=True, slots=True)
class System:
    """`rates[x]` is dx/dt for every differential variable x, in definition order.

    Attributes:
        held: variables that stand still while a neuron is refractory.
        noise: names of the white noises, in the order in which they occur.
        interpretation: "ito" or "stratonovich", how products with noise are read.
        draws: random draws that occur; they are drawn once per step.
        once: what has one value for the whole step, such as time series, as (symbol, expression).
        rewritten: the removable singularities that were removed.
        past: names of variables whose earlier values occur.
        changing: what is no variable of the system, but differs from step to step.
    """

    rates: Mapping[sp.Symbol, Any]
    names: Mapping[sp.Symbol, str]
    held: frozenset[sp.Symbol]
    noise: tuple[str, ...]
    draws: Mapping[sp.Symbol, RandomCall]
    once: tuple[tuple[sp.Symbol, Any], ...]
    functions: tuple[str, ...]
    rewritten: tuple[Removed, ...]
    interpretation: str = "stratonovich"
    changing: frozenset[sp.Symbol] = frozenset()
    past: frozenset[str] = frozenset()

    @property
    def variables(self) -> tuple[sp.Symbol, ...]:
        """The symbols of the differential variables."""
        return tuple(self.rates)

    def show(self, expr: Any) -> str:
        """An expression as text, with the names of the model."""
        return readable(expr, self.names)

    def held_still(self) -> System:
        """The system of a refractory neuron: held variables have no rate."""
        rates = {x: sp.Integer(0) if x in self.held else f for x, f in self.rates.items()}
        return replace(self, rates=rates, held=frozenset())

    @property
    def aggregates(self) -> set[Aggregate]:
        """Means, sums and so on over the group, in the rates."""
        return {a for f in self.rates.values() for a in f.atoms(Aggregate)}

    @property
    def couples(self) -> bool:
        """Whether the rates of an element depend on the variables of others, by a mean or the like."""
        return any(not a.args[0].free_symbols.isdisjoint(self.rates) for a in self.aggregates)

    @property
    def depends_on_time(self) -> bool:
        """Whether a rate depends on t."""
        return any(T in f.free_symbols for f in self.rates.values())

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


def lower_system(
    definition: Definition,
    interpretation: str = "stratonovich",
    around: OuterScope = NOTHING,
    only: Collection[str] | None = None,
) -> System:
    """Lower the differential equations of a definition, or `only` those of some variables."""
    chosen = [v for v in definition.of_kind("differential") if only is None or v.name in only]
    standing = {n: e for n, e in around.standing.items() if only is None or n not in only}
    lowering = Lowering(definition, replace(around, standing=standing), with_noise=True)
    rates: dict[sp.Symbol, Any] = {}
    held = set()
    for variable in chosen:
        assert variable.expr is not None  # a differential equation has a right-hand side
        assert isinstance(variable.unit, Unit)  # and is neither boolean nor integer
        x = symbol(variable.name)
        rates[x] = lowering.lower(variable.expr, variable.unit / MS)
        if "unless refractory" in variable.flags:
            held.add(x)
    rates, once = _hold_series(rates, definition)
    used = {s.name for f in rates.values() for s in f.free_symbols}
    trees = (v.expr for v in definition.variables.values() if v.expr is not None)
    names = dict.fromkeys(n.id for tree in trees for n in tree.walk() if isinstance(n, Name))
    noise = tuple(n for n in names if is_noise(n) and symbol(n).name in used)
    return System(
        rates,
        symbol_names(definition, around.names),
        frozenset(held),
        noise,
        lowering.draws,
        once,
        tuple(definition.functions),
        tuple(lowering.rewritten),
        interpretation,
        frozenset(_changing(definition, around, rates)),
        frozenset(lowering.past),
    )


def _changing(definition: Definition, around: OuterScope, rates: Mapping[sp.Symbol, Any]) -> set[sp.Symbol]:
    """Symbols of what others change from step to step."""
    own = definition.of_kind("differential", "sampled")
    outside = (n for n, s in around.names.items() if s.kind in ("differential", "sampled", "summed"))
    return {symbol(n) for n in (*(v.name for v in own), *outside)} - set(rates)


def _hold_series(
    rates: dict[sp.Symbol, Any], definition: Definition
) -> tuple[dict[sp.Symbol, Any], tuple[tuple[sp.Symbol, Any], ...]]:
    """Replace calls of time series at the time t by names for their value in this step."""
    series = {n for n, f in definition.functions.items() if getattr(f, "held_over_dt", False)}
    if not series:
        return rates, ()
    calls: dict[Any, sp.Symbol] = {}
    for rate in rates.values():
        for call in sorted(rate.atoms(AppliedUndef), key=sp.default_sort_key):
            at_t = call.func.__name__ in series and call.args[0] == T
            if at_t and call.free_symbols.isdisjoint(rates):
                calls.setdefault(call, made_up(f"{call.func.__name__}_{len(calls) + 1}_now"))
    return {x: rate.xreplace(calls) for x, rate in rates.items()}, tuple((s, c) for c, s in calls.items())
