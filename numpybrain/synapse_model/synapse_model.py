"""Model of some synapses: one object that knows all their texts, for the kernel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from numpybrain.language.definition import OuterScope
from numpybrain.language.dependencies import in_order, initial_order
from numpybrain.language.nodes import Statement
from numpybrain.language.number_bounds import unnested
from numpybrain.symbolic import programs
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.programs import UpdatePlan
from numpybrain.symbolic.statement_programs import statements_program
from numpybrain.synapse_model import event_driven
from numpybrain.synapse_model.name_resolution import close, read_more
from numpybrain.synapse_model.pathway_programs import FAR, PathwayPrograms, pathway_programs
from numpybrain.synapse_model.summed_programs import Sum, read_sum
from numpybrain.synapse_model.synaptic_scope import surroundings
from numpybrain.synapse_model.variable_placement import Facts, places, written
from numpybrain.utils.memory import uncollected

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.model import Model


class SynapseModel:
    """The texts of synapses, read and checked.

    Attributes:
        definition: the equations.
        values: what the synaptic variables begin with.
        defaults: those of parameters whose value is not given.
        statements: those of each pathway that is a text.
        written: names that the statements of each pathway assign.
        tied: event-driven variables that are solved together.
        is_continuous: whether there are equations or sums, which act in every step.
        reads_delay: whether a text reads the delay.
    """

    @uncollected
    @unnested
    def __init__(
        self,
        projection: Projection,
        model: Model,
        texts: Mapping[str, Any],
        given: Mapping[str, Any],
        strict: set[str],
        delays: Mapping[str, Any],
        reserves: Callable[[Iterable[str]], set[str]],
    ) -> None:
        closed = close(projection, model, texts, given, strict, delays, reserves)
        self._projection = projection
        self._closed = closed
        self.definition = closed.definition
        self.values = closed.values
        self.defaults = closed.defaults
        self.statements = closed.statements
        self.written = {which: written(s, closed) for which, s in closed.statements.items()}
        self.tied = event_driven.components(closed.definition)
        others = closed.names.difference(closed.definition.variables)
        self.needs_lastupdate = "lastupdate" in others
        kinds = {variable.kind for variable in closed.definition.variables.values()}
        self.is_continuous = not kinds.isdisjoint(("differential", "summed", "sampled"))
        self.reads_delay = "delay" in others
        self._standing: dict[str, Any] | None = None
        self._around: tuple[Any, OuterScope] | None = None  # what it follows from, and the scope

    @property
    def assigned(self) -> frozenset[str]:
        """Names that some statements assign."""
        return frozenset(name for found in self.written.values() for name in found)

    @property
    def event_driven(self) -> set[str]:
        """Variables that are stored as of their last event."""
        return {name for group in self.tied for name in group.names}

    @property
    def clock_driven(self) -> list[str]:
        """Variables that are integrated in every step."""
        return [v.name for v in self.definition.of_kind("differential") if v.name not in self.event_driven]

    def starting(self) -> list[tuple[str, Any]]:
        """Start values that come with the model, each after those that it is calculated from."""
        initial = {n: v for n, v in self.definition.initial.items() if n not in self.values}
        if not initial:
            return []
        return [(name, initial[name]) for name in initial_order(initial, self.definition.variables)]

    def places(self, facts: Facts) -> dict[str, str]:
        """Give the place where each stored variable lives."""
        return places(self._closed, self.written, facts)

    def around(self) -> OuterScope:
        """Give the scope of names that the texts see beside the synapses' own variables."""
        key = [(tuple(space.state.slots), space.definition) for space in self._projection.spaces]
        if self._around is not None and self._around[0] == key:
            return self._around[1]
        found = surroundings(self._projection, self.definition)
        if self.tied:
            found = replace(found, names={**found.names, **event_driven.times(self.tied)})
            if self._standing is None:
                self._standing = event_driven.values_now(self.definition, found, self.tied)
            found = replace(found, standing=self._standing)
        self._around = key, found
        return found

    @uncollected
    def pathway(
        self,
        which: str,
        kind: Callable[[str], str],
        sides_of: Mapping[str, str],
        shields: Iterable[str] = (),
        *,
        late: bool = False,
    ) -> PathwayPrograms:
        """The programs of a pathway; see `pathway_programs`."""
        around, tied = self.around(), tuple(self.tied)
        return pathway_programs(
            self._projection,
            around,
            self.statements[which],
            which,
            tied,
            kind,
            sides_of,
            shields,
            late=late,
        )

    def add(self, text: str) -> str:
        """Read further statements, for all synapses; gives the name that they get."""
        statements = read_more(self._projection, self.definition, text)
        which = f"statements {len(self.statements) + 1}"
        self.statements = {**self.statements, which: statements}
        self._closed = replace(self._closed, statements=self.statements)
        self.written[which] = written(statements, self._closed)
        return which

    def everywhere(self, which: str, sides_of: Mapping[str, str], shields: Iterable[str]) -> Program:
        """The program of such statements, for one synapse."""
        program = self.pathway(which, lambda _: FAR, sides_of, shields).synapses
        assert program is not None  # nothing is left to spikes
        events = "lastupdate" not in self.definition.variables  # which these are not
        stores = tuple(s for s in program.stores if not (events and s.name == "lastupdate"))
        return replace(program, stores=stores)

    def update_plan(self, only: Collection[str], method: Any, interpretation: str) -> UpdatePlan | None:
        """Give the plan by which some variables are integrated."""
        return programs.update_plan(self.definition, method, interpretation, self.around(), only)

    def sums(self, kind: Callable[[str], str], *, angles: bool, one_group: bool) -> list[Sum]:
        """The summed variables; see `read_sum`."""
        around = self.around()
        label = self._projection.name
        return [
            read_sum(
                self.definition, around, v, f"{v.name} of {label}", kind, angles=angles, one_group=one_group
            )
            for v in self.definition.of_kind("summed")
        ]

    def sampled(self, names: Collection[str]) -> Program:
        """A program that calculates variables that are constant over a step."""
        chosen = [self.definition.variables[n] for n in in_order(self.definition.variables) if n in names]
        statements = tuple(
            Statement(v.expr.span, v.name, "=", v.expr) for v in chosen if v.expr is not None
        )
        label = f"start of {self._projection.name}"
        return statements_program(self.definition, statements, label, self.around())

    def settling(self, names: Collection[str]) -> Program:
        """A program that brings event-driven variables up to the present time."""
        groups = [group for group in self.tied if group.names[0] in names]
        label = f"present values of {self._projection.name}"
        return event_driven.settling_program(self.definition, self.around(), groups, label)
