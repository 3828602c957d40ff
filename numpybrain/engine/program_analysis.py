"""Analysis of a program with its data, for engines: what is calculated when, in which order, of what.

A program is split into what cannot change in a run, which is calculated once, and the body of a step. Which
values can change, and which are single numbers, arrays or have to be gathered by index, is in the layout.
Nothing here depends on the engine.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.core.function import AppliedUndef

from numpybrain.symbolic import optimise
from numpybrain.symbolic.lower import symbol
from numpybrain.symbolic.program import Program, RandomCall, Store
from numpybrain.utils.naming import SCALAR

if TYPE_CHECKING:
    from numpybrain.engine.contract import DataLayout


class Analysis:
    """A program, taken apart for one layout of its data.

    Args:
        program: what is to be done.
        layout: how it meets its data.
        share: compute several exponentials from one, where that is possible.

    Attributes:
        once: what is calculated once per run, in order: (symbol, expression).
        factors: those of them that lie between exponentials which are computed from one; if one is 0 or
            infinite (offsets of more than 700 apart), only an analysis without `share` will do.
        definitions: what is calculated in each step and has a name: symbol -> expression.
        draws: what is drawn in each step, in this order.
        stores: what is written at the end of a step; where possible, none reads what has been
            overwritten.
        result: what is returned, or None.
    """

    def __init__(self, program: Program, layout: DataLayout, *, share: bool = True) -> None:
        self.program = program
        self.layout = layout
        self._steps = dict(program.steps)
        self._moving: set[sp.Symbol] = set(program.draws)  # steps that vary
        for target, value in program.steps:
            if any(self.is_varying(s) for s in value.free_symbols) or self._is_fresh_in(value):
                self._moving.add(target)
        fixed = [(t, v) for t, v in program.steps if t not in self._moving]
        moving = [(t, v) for t, v in program.steps if t in self._moving]
        values = [v for _, v in moving] + [s.value for s in program.stores]
        results = [] if program.result is None else [program.result]
        results += [a for draw in program.draws.values() for a in draw.arguments]
        share = share and not any(map(self._is_fresh_in, values + results))
        factors, shared, left = optimise.share_exponentials(
            values + results, self.is_varying if share else lambda _: False
        )
        self.factors = tuple(name for name, _ in factors)
        count = len(shared)
        for name, _ in shared:
            self._moving.add(name)
        hoisted, left = optimise.hoist([v for _, v in shared] + left, self.is_varying, self.is_fresh)
        common, left = optimise.share(left)
        common, left = optimise.powers(common, left)
        self.definitions: dict[sp.Symbol, Any] = dict(common)
        names = [name for name, _ in shared] + [name for name, _ in moving]
        self.definitions |= dict(zip(names, left, strict=False))
        left = left[count + len(moving) :]
        stores = [Store(s.name, s.op, v) for s, v in zip(program.stores, left, strict=False)]
        rest = iter(left[len(stores) :])
        self.result = None if program.result is None else next(rest)
        self.draws = {
            s: RandomCall(d.function, tuple(next(rest) for _ in d.arguments), d.sized, d.single)
            for s, d in program.draws.items()
        }
        self.once: list[tuple[sp.Symbol, Any]] = [*fixed, *factors, *hoisted]
        self.stores = self._ordered(stores)

    # ---- what varies ----

    def is_varying(self, s: sp.Symbol) -> bool:
        """Whether what a symbol stands for may change in a run, or differs from call to call."""
        if s in self._moving:
            return True
        name = self.program.names.get(s)
        if name is None:
            return False
        layout = self.layout
        return name == "t" or name in layout.varying or name in layout.given or layout.is_gathered(name)

    def is_fresh(self, expr: Any) -> bool:
        """Whether this is a call that may give something else in each step."""
        return isinstance(expr, AppliedUndef) and expr.func.__name__ in self.layout.fresh

    def _is_fresh_in(self, value: Any) -> bool:
        return bool(self.layout.fresh) and any(map(self.is_fresh, value.atoms(AppliedUndef)))

    def is_fixed(self, expr: Any) -> bool:
        """Whether an expression stays the same in a run, unless Python functions assign to names."""
        steps, names = self._steps, self.program.names
        return not self._is_fresh_in(expr) and all(
            self.is_fixed(steps[s]) if s in steps else s in names and self.layout.keeps(names[s])
            for s in expr.free_symbols
        )

    # ---- what is needed for what ----

    def parts(self, s: sp.Symbol) -> tuple[Any, ...]:
        """Give the expressions that a name follows from: its definition, or the arguments of its draw."""
        if s in self.definitions:
            return (self.definitions[s],)
        return self.draws[s].arguments if s in self.draws else ()

    def reads(self, expr: Any) -> set[sp.Symbol]:
        """All symbols that an expression needs, through its definitions."""
        found: set[sp.Symbol] = set()
        stack = list(getattr(expr, "free_symbols", ()))
        while stack:
            s = stack.pop()
            if s not in found:
                found.add(s)
                for part in self.parts(s):
                    stack.extend(getattr(part, "free_symbols", ()))
        return found

    def count_uses(self) -> Counter[sp.Symbol]:
        """Count how often each definition is used by what is calculated in a step."""
        uses: Counter[sp.Symbol] = Counter()
        seen: set[sp.Symbol] = set()
        stack = [s.value for s in self.stores] + ([self.result] if self.result is not None else [])
        while stack:
            expr = stack.pop()
            for s in getattr(expr, "free_symbols", ()):
                if s in self.definitions:
                    uses[s] += 1
                if s not in seen:
                    seen.add(s)
                    stack.extend(self.parts(s))
        return uses

    # ---- the order of stores ----

    def _ordered(self, stores: list[Store]) -> list[Store]:
        """Stores so ordered that, where possible, none reads what has been overwritten."""
        assert len({s.name for s in stores}) == len(stores)  # each name is stored once
        written: dict[sp.Symbol, list[int]] = {}  # symbol -> stores that overwrite it
        for k, store in enumerate(stores):
            for name in self.names_of(store):
                written.setdefault(name, []).append(k)
        reads = [self.reads(s.value) for s in stores]
        read = [{j for x in found for j in written.get(x, ())} - {k} for k, found in enumerate(reads)]
        readers = [0] * len(stores)  # how many of those that are left read it
        for k in itertools.chain(*read):
            readers[k] += 1
        free = [k for k, n in enumerate(readers) if not n]  # a heap: the first of them comes first
        greedy = sorted(range(len(stores)), key=lambda k: (len(reads[k]), -k))  # the last one reads most
        left, ordered = set(range(len(stores))), []
        while left:
            # if nobody is free, take one that reads many: it is kept aside, and others become free
            chosen = heapq.heappop(free) if free else greedy.pop()
            if chosen not in left:
                continue
            left.remove(chosen)
            ordered.append(chosen)
            for k in read[chosen]:
                readers[k] -= 1
                if not readers[k]:
                    heapq.heappush(free, k)
        self._last_read = {x: n for n, k in enumerate(ordered) for x in reads[k]}
        self._place = {stores[k].name: n for n, k in enumerate(ordered)}
        return [stores[k] for k in ordered]

    def names_of(self, store: Store) -> list[sp.Symbol]:
        """The symbols for what a store overwrites, whose array may have several names."""
        return [symbol(name) for name in (store.name, *self.layout.aliases.get(store.name, ()))]

    def is_read_later(self, name: sp.Symbol, store: Store) -> bool:
        """Whether stores that come after one read a name."""
        return self._last_read.get(name, -1) > self._place[store.name]

    # ---- numbers and arrays ----

    def is_array_like(self, value: Any, arrays: set[sp.Symbol]) -> bool:
        """Whether a value of `once` may differ between elements; `arrays` are those before it that do."""
        needs: set[sp.Symbol] = getattr(value, "free_symbols", set())
        names = [self.program.names.get(n) for n in needs]
        return bool(arrays & needs) or any(self.layout.access.get(n or "", SCALAR) != SCALAR for n in names)
