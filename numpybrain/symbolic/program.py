"""A program: what a piece of model does, as an ordered list of SymPy assignments.

It is the station between mathematics and code: methods, statements, conditions and values all end
here, and engines start from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from numpybrain.symbolic.formula_printer import readable
from numpybrain.symbolic.special_functions import OPAQUE

BELOW = {  # the order in which arguments are such that the first is below the second
    OPAQUE["less"]: 1, OPAQUE["less_equal"]: 1, OPAQUE["greater"]: -1, OPAQUE["greater_equal"]: -1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Store:
    """Write `value` to the variable `name`. `op` is "=", "+=", "-=" or "*="."""

    name: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class RandomCall:
    """A function that gives something new at every call: `rand()`, `poisson(l)`, a user's own.

    `sized`: an argument says how many numbers are wanted. `single`: one for the whole group.
    """

    function: str
    arguments: tuple[Any, ...] = ()
    sized: bool = True
    single: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """Assignments in order, then stores, then perhaps a result.

    Attributes:
        label: what it is, for the heading of its source.
        names: SymPy symbol -> the name of the model that it stands for.
        steps: (symbol, expression), each symbol assigned once.
        stores: what is written at the end, each name once; all values are computed from the old state.
        result: what is returned, or None.
        draws: symbols that stand for something drawn anew in each call, from the old state.
        functions: names of Python functions that are called.
        aggregates: whether it takes a mean, a sum, and so on, over the group.
        past: names that stand for values of earlier times -> which (`past.PastValue`).
        rounds: index arguments that must not hold an index twice in one call, since the program
            assigns to what they point at.
        origins: stored name -> the equation that it comes from, for the reader of the code.
    """

    label: str
    names: Mapping[sp.Symbol, str]
    steps: tuple[tuple[sp.Symbol, Any], ...] = ()
    stores: tuple[Store, ...] = ()
    result: Any = None
    draws: Mapping[sp.Symbol, RandomCall] = field(default_factory=dict)
    functions: tuple[str, ...] = ()
    aggregates: bool = False
    past: Mapping[str, Any] = field(default_factory=dict)
    rounds: frozenset[str] = frozenset()
    origins: Mapping[str, str] = field(default_factory=dict)
    _reads: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    def labelled(self, label: str) -> Program:
        """The same under another label; what is known of it by now stays known."""
        made = replace(self, label=label)
        object.__setattr__(made, "_reads", self.reads)
        return made

    @property
    def expressions(self) -> list[Any]:
        """All right-hand sides."""
        values = [argument for draw in self.draws.values() for argument in draw.arguments]
        values += [value for _, value in self.steps] + [store.value for store in self.stores]
        return values if self.result is None else [*values, self.result]

    @property
    def called(self) -> frozenset[str]:
        """Names of the user's functions in the expressions; not of those that draw."""
        found = (e.atoms(AppliedUndef) for e in self.expressions if isinstance(e, sp.Basic))
        return frozenset(call.func.__name__ for calls in found for call in calls)

    @property
    def inputs(self) -> list[str]:
        """Names of the model that are read or written, in a fixed order."""
        return sorted(self.reads | {store.name for store in self.stores})

    @property
    def reads(self) -> frozenset[str]:
        """Names of the model whose values are used."""
        if self._reads is None:
            used = {s for e in self.expressions for s in getattr(e, "free_symbols", ())}
            found = frozenset(self.names[s] for s in used if s in self.names)
            object.__setattr__(self, "_reads", found)
        return self._reads  # type: ignore[return-value]  # it is known by now

    def divides_by_zero(self, values: Mapping[str, float]) -> bool:
        """Whether it divides by 0, with these values, where no condition chooses something else instead."""
        numbers = {s: sp.Float(values[name]) for s, name in self.names.items() if name in values}
        steps, seen = dict(self.steps), set()
        waiting = [store.value for store in self.stores] + [
            a for d in self.draws.values() for a in d.arguments
        ]
        waiting += [] if self.result is None else [self.result]
        while waiting:
            expr = waiting.pop()
            if expr in seen:
                continue
            seen.add(expr)
            if expr in steps:
                waiting.append(steps[expr])
            elif isinstance(expr, OPAQUE["where"]):
                waiting.append(expr.args[0])
            else:
                waiting.extend(expr.args)
            if expr.is_Pow and expr.exp.is_Number and expr.exp.is_negative:
                base = expr.base.xreplace(numbers)
                if base.is_zero or (base.is_zero is None and not base.free_symbols):
                    return True
        return False

    def needs(self, store: Store) -> set[str]:
        """Names of the model from whose values a stored value is calculated."""
        steps = dict(self.steps)
        found: set[sp.Symbol] = set()
        waiting = [store.value]
        while waiting:
            for s in getattr(waiting.pop(), "free_symbols", set()) - found:
                found.add(s)
                waiting += [steps[s]] if s in steps else self.draws[s].arguments if s in self.draws else []
        return {self.names[s] for s in found if s in self.names}

    @property
    def chance(self) -> Program | None:
        """Program of p, if this tells which elements have `rand() < p`, however written; else None."""
        order = BELOW.get(type(self.result))
        if self.steps or self.stores or order is None:
            return None
        drawn, limit = self.result.args[::order]
        factor, rest = drawn.as_coeff_Mul()
        draw = self.draws.get(rest)
        if draw is None or draw.function != "rand" or len(self.draws) > 1 or not factor.is_positive:
            return None
        if rest in limit.free_symbols:
            return None
        label = f"chance of the {self.label}"
        return Program(label, self.names, result=limit / factor, functions=self.functions)

    @property
    def formula(self) -> str:
        """The program as readable lines."""

        def text(expr: Any) -> str:
            return readable(expr, self.names)

        lines = [
            f"{text(s)} = {d.function}({', '.join(map(text, d.arguments))})" for s, d in self.draws.items()
        ]
        lines += [f"{text(target)} = {text(value)}" for target, value in self.steps]
        lines += [f"{store.name} {store.op} {text(store.value)}" for store in self.stores]
        if self.result is not None:
            lines.append(text(self.result))
        return "\n".join(lines)
