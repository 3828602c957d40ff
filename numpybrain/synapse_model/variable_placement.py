"""Placement of synaptic variables: one value per neuron, stored and updated once, or one per synapse.

The trace that a presynaptic spike leaves is the same in all synapses of a neuron. In: the closed texts and
what the kernel knows of values and delays. Out: variable -> "pre", "post", "shared" or "synapse".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from numpybrain.errors import ModelError
from numpybrain.language.definition import Definition, ModelVariable
from numpybrain.language.dependencies import Inputs, inputs
from numpybrain.language.function_table import CONSTANTS, PHYSICAL
from numpybrain.language.nodes import If, Statement, Statements
from numpybrain.source import Span

if TYPE_CHECKING:
    from numpybrain.synapse_model.name_resolution import ResolvedModel

SIDES = ("pre", "post")
TWINS = (("_pre", "_post"), ("_post", "_pre"))
WORDS = {"pre": "source", "post": "target"}


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of the kernel about synaptic variables, which decide where they can live.

    Attributes:
        near: pathway -> "pre" or "post", whose spikes it carries.
        common: pathways with one delay for all synapses.
        single: whether a variable has one value for all synapses now.
        blocked: variables of which one value per synapse is held outside.
    """

    near: Mapping[str, str]
    common: frozenset[str]
    single: Callable[[str], bool]
    blocked: frozenset[str]


def places(
    closed: ResolvedModel, written: Mapping[str, Mapping[str, Inputs]], facts: Facts
) -> dict[str, str]:
    """Give the place where each stored synaptic variable lives; `written`: what each pathway assigns.

    Raises:
        ModelError: if a variable that is declared (pre) or (post) depends on what differs among synapses.
    """
    return _Placing(closed, written, facts).places()


class _Placing:
    def __init__(
        self, closed: ResolvedModel, written: Mapping[str, Mapping[str, Inputs]], facts: Facts
    ) -> None:
        self.definition: Definition = closed.definition
        self.facts = facts
        self.closed = closed
        self.variables = closed.definition.variables.values()
        self.written = written
        self.assigned = {name for found in written.values() for name in found}

    def places(self) -> dict[str, str]:
        found = {
            v.name: next((f for f in ("pre", "post", "shared") if f in v.flags), "synapse")
            for v in self.variables
            if v.kind in ("differential", "parameter", "sampled")
        }
        tied, readers = coupled(self.definition), self._readers()
        for side in SIDES:
            declared = {n for n, place in found.items() if place == side}
            able = {
                v.name for v in self.variables
                if v.kind in ("differential", "sampled") and found[v.name] == "synapse"
                and v.name not in self.facts.blocked
            }  # fmt: skip
            before: set[str] = set()
            while able != before:
                before = set(able)
                here = able | declared
                able = {n for n in able if self._why_not(n, side, here) is None}
                able = {n for n in able if tied.get(n, {n}) <= able | declared}
                able = {n for n in able if readers.get(n, set()) <= able | declared}
            able = self._belonging(able, declared, side)
            for name in declared:
                self._check(name, side, able | declared)
            found.update(dict.fromkeys(able, side))
        for name, others in tied.items():
            apart = sorted(o for o in others if found[o] != found[name])
            if apart:
                message = f"'{name}' and '{apart[0]}' depend on each other, so they must be stored alike"
                raise ModelError(message, _place(self.definition.variables[name]),
                                 help="give both the same flag, (pre) or (post), or none")  # fmt: skip
        return found

    def _readers(self) -> dict[str, set[str]]:
        """Variables that are integrated -> those whose equations use them.

        They stay together: a numerical method is as good as it says only for all equations at once.
        """
        states = [v for v in self.variables if v.kind == "differential" and "event-driven" not in v.flags]
        found: dict[str, set[str]] = {v.name: set() for v in states}
        for variable in states:
            assert variable.expr is not None  # a differential equation has a right-hand side
            for name in inputs(variable.expr, self.definition, self.closed.around).names & found.keys():
                found[name].add(variable.name)
        return found

    def _check(self, name: str, side: str, here: set[str]) -> None:
        """Raise the error for a declared variable that cannot live on its side."""
        why = self._why_not(name, side, here)
        if why is not None:
            message = f"'{name}' has one value for each {WORDS[side]} neuron, but {why}"
            place = _place(self.definition.variables[name])
            raise ModelError(message, place, help=f"take the flag ({side}) away")

    def _why_not(self, name: str, side: str, here: set[str]) -> str | None:
        """Give the reason why a variable cannot have one value per neuron of a side; None if it can."""
        variable = self.definition.variables[name]
        if variable.expr is not None and variable.kind != "parameter":
            why = self._foreign(inputs(variable.expr, self.definition, self.closed.around), side, here)
            if why is not None:
                return f"its equation depends on {why}"
        declared = side in variable.flags
        for which, found in self.written.items():
            if name not in found:
                continue
            if self.facts.near[which] != side:
                if declared:  # what several synapses do to one neuron adds up
                    continue
                return f"{which} changes it"
            if which not in self.facts.common:
                return f"the delays of {which} differ among its synapses"
            why = self._foreign(found[name], side, here, self._changing(found))
            if why is not None:
                return f"{which} sets it from {why}"
        return None

    def _changing(self, found: Iterable[str]) -> set[str]:
        """Names whose values may differ from synapse to synapse, in a pathway that writes those found.

        What it writes as `x_post`, it reads as `x_pre` where both sides are one group.
        """
        if not self.closed.one_group:
            return self.assigned
        twins = {n[: -len(end)] + other for n in found for end, other in TWINS if n.endswith(end)}
        return self.assigned | twins

    def _foreign(
        self, found: Inputs, side: str, here: set[str], changing: set[str] | None = None
    ) -> str | None:
        """Find what a value depends on that is not the same for all synapses of a neuron."""
        changing = self.assigned if changing is None else changing
        if found.random:
            return "random numbers"
        for name in sorted(found.names):
            if name in here or name in ("t", "dt") or name in CONSTANTS:
                continue
            variable = self.definition.variables.get(name)
            if variable is None or variable.kind == "summed":
                known = name.endswith(f"_{side}") or self._is_global(name)
                if not known or name in changing:
                    return f"'{name}'"
            elif "shared" in variable.flags:
                continue
            elif name in changing or not self.facts.single(name):
                return f"'{name}', which differs among synapses"
        return None

    def _is_global(self, name: str) -> bool:
        from numpybrain.language import unit_table

        return name in PHYSICAL or (len(name) > 1 and unit_table.named(name) is not None)

    def _belonging(self, able: set[str], declared: set[str], side: str) -> set[str]:
        """Give the variables that a side drives in any way, with all that they read and that read them."""
        here = able | declared
        reads = {name: self._sources(name) for name in here}
        found = set(declared)
        for name in able:
            driven = any(name in w and self.facts.near[which] == side for which, w in self.written.items())
            if driven or any(source.endswith(f"_{side}") for source in reads[name]):
                found.add(name)
        before: set[str] = set()
        while found != before:
            before = set(found)
            found |= {n for n in able if not reads[n].isdisjoint(before)}
            found |= here & {source for n in before for source in reads[n]}
        return found & able

    def _sources(self, name: str) -> set[str]:
        """All names that a variable is calculated from, by its equation and by statements."""
        expr = self.definition.variables[name].expr
        found = [inputs(expr, self.definition, self.closed.around)] if expr is not None else []
        found += [written[name] for written in self.written.values() if name in written]
        return set().union(*(source.names for source in found)) - {name}


def written(statements: Statements, closed: ResolvedModel) -> dict[str, Inputs]:
    """Give the inputs of the values that statements assign, conditions and temporaries included."""
    definition = closed.definition
    found: dict[str, Inputs] = {}
    _collect(statements, closed, Inputs(), found)
    for _ in range(len(found)):  # temporaries stand for what they were made of
        for value in found.values():
            for name in [n for n in value.names if n in found and n not in definition.variables]:
                value.add(found[name])
    temporaries = {n for n in found if n not in definition.variables}
    for value in found.values():
        value.names -= {n for n in temporaries if not n.endswith(("_pre", "_post"))}
    return {n: v for n, v in found.items() if n in definition.variables or n.endswith(("_pre", "_post"))}


def _collect(
    items: Iterable[Statement | If], closed: ResolvedModel, given: Inputs, found: dict[str, Inputs]
) -> None:
    for item in items:
        if isinstance(item, If):
            here = inputs(item.condition, closed.definition, closed.around)
            here.add(given)
            for block in (item.yes, item.no):
                _collect(block, closed, here, found)
            continue
        value = inputs(item.expr, closed.definition, closed.around)
        value.add(given)
        name = closed.around.aliases.get(item.name, item.name)
        if item.op != "=":
            value.names.add(name)
        found.setdefault(name, Inputs()).add(value)


def coupled(definition: Definition) -> dict[str, set[str]]:
    """Event-driven variables -> those that are solved together with them, themselves included."""
    names = [v.name for v in definition.variables.values() if "event-driven" in v.flags]
    groups: dict[str, set[str]] = {n: {n} for n in names}
    for name in names:
        expr = definition.variables[name].expr
        assert expr is not None  # a differential equation has a right-hand side
        for other in inputs(expr, definition).names & set(names):
            together = groups[name] | groups[other]
            groups.update(dict.fromkeys(together, together))
    return groups


def _place(variable: ModelVariable) -> Span | None:
    return variable.equation.span if variable.equation is not None else None
