"""Sums over synapses: in every step, a variable of neurons becomes the sum over their synapses."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.group.part_arrays import adder, setter
from numpybrain.kernel.connectivity import OTHER, Connectivity
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.kernel.operations import Access
from numpybrain.kernel.subgroup import Where
from numpybrain.kernel.variables import Array, Variable
from numpybrain.symbolic import symbolic_entry
from numpybrain.synapses.delayed_values import DelayedValues
from numpybrain.synapses.domain import VariableDomain
from numpybrain.synapses.synapse_matrix import SynapseMatrix, multiplier
from numpybrain.utils.remade import Remade

if TYPE_CHECKING:
    from numpybrain.group.variable_space import VariableSpace
    from numpybrain.symbolic.program import Program
    from numpybrain.synapse_model.summed_programs import Product, Sum
    from numpybrain.synapses.synapse_space import SynapseSpace

Factor = Callable[["Program", str], Callable[[], Any]]  # a program and its place -> what gives its values
PAYS = 2  # synapses for each neuron: from here on, to take sines of differences apart pays


class Summed:
    """One summed variable of some synapses.

    Args:
        space: the variables of the synapses.
        number: which of their summed variables.
    """

    def __init__(self, space: SynapseSpace, number: int) -> None:
        self._space = space
        self._ends = space.connectivity
        self._number = number
        assert space.model is not None  # there is a text
        self.late = DelayedValues(space, space.model.definition.of_kind("summed")[number].name)
        self._domains: dict[str, VariableDomain] = {}
        self._made = Remade(self._sum_follows_from, self._make_sum)
        self._readers: dict[int, BoundProgram] = {}  # of programs, by their id
        self._decays: dict[tuple[str, str], BoundProgram | None] = {}  # programs, by side and variable
        self._known: dict[int, Any] = {}  # matrices of the last run, by the program that gives weights
        self._slot = self._target()[0]
        self._present = np.empty(0)
        self._set: Callable[[Any], Any]
        self._add: Callable[[Any], Any]
        self._alone = True

    @property
    def sum(self) -> Sum:
        """The sum as programs, for the places in which variables live now."""
        return self._made()

    def _is_large(self) -> bool:
        """Whether there are so many synapses that it pays to take sines of differences apart."""
        ends = self._ends
        return bool(ends.size >= PAYS * (ends.source.size + ends.target.size))

    def _sum_follows_from(self) -> tuple[Any, ...]:
        delays = (self.late.differs(), self._ends.size) if self.late.differs() is not None else ()
        return self._is_large(), self._space.singles(), tuple(self._space.sides_of.items()), delays

    def _make_sum(self, is_large: bool, singles: frozenset[str], *others: Any) -> Sum:  # noqa: FBT001  # facts
        self.late.begin()
        self._domains.clear()
        self._readers.clear()
        self._decays.clear()
        self._known.clear()
        model, ends = self._space.model, self._ends
        assert model is not None  # there is a text
        same = _are_one(ends) and not any(others[1:])
        return model.sums(partial(self._kind, singles), angles=is_large, one_group=same)[self._number]

    def _kind(self, singles: frozenset[str], name: str) -> str:
        """Classify a name by what its values differ in: "one", "pre", "post" or "synapse"."""
        if self.late.knows(name):
            return "synapse" if self.late.differs() else self.late.side
        found = self._space.look_up(name)
        if found is None or found.index is None or name in singles:
            return "one"
        return {"source": "pre", "target": "post"}.get(found.index, found.index)

    @property
    def description(self) -> str:
        """Description of the operation, for the schedule."""
        last = self._last()
        return f"{last.target} of {self._ends.end(last.side).name} = {last.formula}"

    def _last(self) -> Sum:
        """The sum as it was made last, though variables may have moved since."""
        return self._made.last or self._made()

    def operations(self) -> list[Operation]:
        """Give the reads and writes of the sum."""
        return [Access(writes=(self._target()[0],)), *self._readers.values()]

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run. Several sums into one variable add up.

        All sums are calculated before the first is written: each sees those of the step before.
        """
        made = self.sum
        self._slot, neurons, where = self._target()
        array = self._slot.array(neurons.size)
        self._set, self._add = setter(array, where), adder(array, where)
        total = self._total(made, context)
        bring = self.late.prepare(context)
        sums = context.notes.setdefault("sums", [])
        if self not in sums:  # else it is only prepared anew
            self._alone = not any(other._slot is self._slot for other in sums)  # noqa: SLF001
            for other in sums:
                other._alone = other._alone and other._slot is not self._slot  # noqa: SLF001
            sums.append(self)

        def add_up() -> None:
            if bring is not None:
                bring()
            self._present = total()
            if sums[-1] is self:
                _write(sums)

        return add_up

    def _target(self) -> tuple[Variable, VariableSpace, Where]:
        """The variable that is a sum, and the part of the group that gets one."""
        made = self._last()
        neurons = self._space.projection.space(made.side)
        return neurons.state.slots[made.target], neurons, self._ends.where(made.side)

    def write(self, *, first: bool) -> None:
        """Set the variable, in two passes: a variable with several sums is set to 0 at `first`."""
        if self._alone:
            if not first:
                self._set(self._present)
        elif first:
            self._set(0.0)
        else:
            self._add(self._present)

    def _total(self, made: Sum, context: RunContext) -> Callable[[], Any]:
        """Give a callable of the sum for each neuron of the side that gets it."""
        coupling = self._matrix(made.side)
        if not made.products:
            return self._one_by_one(made, coupling, context)
        factor = self._factors(made, context)
        calls = [self._product(made.side, p, coupling, context, factor) for p in made.products]
        first = calls[0]
        others = [(call, p.minus) for call, p in zip(calls, made.products, strict=True)][1:]
        exact: Callable[[], Any] | None = None

        def total() -> Any:
            nonlocal exact
            found = first()
            for call, minus in others:
                found = found - call() if minus else found + call()
            if math.isfinite(found.dot(found)):  # the cheapest way to look at all
                return found
            if exact is None:
                exact = self._one_by_one(made, coupling, context)
            return exact()

        return total

    def _matrix(self, side: str) -> SynapseMatrix:
        """The synapses as a matrix whose rows are the neurons on a side."""
        found: SynapseMatrix = self._ends.derived(
            f"matrix {side}", lambda: SynapseMatrix.of(self._ends, side)
        )
        return found

    @property
    def target(self) -> tuple[VariableSpace, str]:
        """The variables of the neurons that get the sum, and the name of theirs."""
        return self._target()[1], self._last().target

    def decay(self, name: str) -> Array | None:
        """Give the rates at which the sum takes a variable of its neurons back to 0; None if not at all.

        That is d where the sum is b - d*x; each synapse gives its part, with the present values.
        """
        made, space = self.sum, self._space
        key = made.side, name
        if key not in self._decays:
            program = symbolic_entry.decay_of(made.program, f"{name}_{made.side}")
            self._decays[key] = None if program is None else space.domain("synapse").reader(program, "run")
        bound = self._decays[key]
        if bound is None:
            return None
        call = bound.prepare(space.present())
        _, neurons, where = self._target()
        found = np.zeros(neurons.size)
        coupling = self._matrix(made.side)
        parts = np.asarray(call(), dtype=float)
        found[where] = coupling.add_up(parts) if parts.ndim else parts * coupling.counts
        return found

    def _factors(self, made: Sum, context: RunContext) -> Factor:
        """Give a callable of the values of factors; the first product that needs one calculates it."""
        uses = Counter(id(f) for p in made.products for f in (p.far, p.near) if f is not None)
        seen: dict[int, Callable[[], Any]] = {}

        def factor(program: Program, place: str) -> Callable[[], Any]:
            key = id(program)
            if key in seen:
                return seen[key]
            call, _ = self._call(program, place, context)
            if uses[key] == 1:
                return call
            present: list[Any] = [None]
            seen[key] = lambda: present[0]

            def calculate() -> Any:
                present[0] = value = call()
                return value

            return calculate

        return factor

    def _one_by_one(self, made: Sum, coupling: SynapseMatrix, context: RunContext) -> Callable[[], Any]:
        """Give a callable that adds up the sum synapse by synapse.

        Products with a matrix are the same for finite numbers only: where there is no synapse they
        multiply by 0, and what they multiply or subtract afterwards may have become infinite before.
        """
        term, _ = self._call(made.program, "synapse", context)
        n = self._ends.size
        return lambda: coupling.add_up(_spread(term(), n))

    def _call(self, program: Program, place: str, context: RunContext) -> tuple[Callable[[], Any], bool]:
        """Give a callable of the present values of a factor, and whether they stay the same in this run."""
        part = self._domain(place)
        bound = self._readers.get(id(program)) or part.reader(program, "run")
        self._readers[id(program)] = bound
        call = bound.prepare(context)
        part.check(bound)
        if bound.stays:
            value = call()
            return lambda: value, True
        return call, False

    def _domain(self, place: str) -> VariableDomain:
        """What the programs of a place see: with a delay, the neurons of the far side as they were."""
        if self.late.differs() is None:
            return self._space.domain(place)
        if place not in self._domains:
            self._domains[place] = VariableDomain(self._space, self._ends, place, self.late.look_up)
        return self._domains[place]

    def _product(
        self,
        side: str,
        product: Product,
        coupling: SynapseMatrix,
        context: RunContext,
        factor: Factor,
    ) -> Callable[[], Any]:
        """Give a callable of one product: factor per neuron times matrix times factor of the far side."""
        weight: Callable[[], Any] = lambda: 1.0  # noqa: E731
        fixed = True
        if product.synapse is not None:
            weight, fixed = self._call(product.synapse, "synapse", context)
        key = id(product.synapse)
        multiply = self._remembered(key, coupling, weight()) if fixed else coupling.changing(weight)
        n = self._space.domain(OTHER[side]).count()
        if product.far is None:
            ones = np.ones(n)
            constant = multiply(ones) if fixed else None
            inner: Callable[[], Any] = (lambda: constant) if fixed else (lambda: multiply(ones))
        else:
            far = factor(product.far, OTHER[side])
            inner = lambda: multiply(_spread(far(), n))  # noqa: E731
        if product.near is None:
            return inner
        near = factor(product.near, product.near_place)
        return lambda: inner() * near()

    def _remembered(self, key: int, coupling: SynapseMatrix, weight: Any) -> Callable[[Array], Any]:
        """The multiplication with a matrix, made anew only if the weights are not those of the last run."""
        known = self._known.get(key)
        if known is not None and known[0] is coupling and np.array_equal(known[1], weight):
            made: Callable[[Array], Any] = known[2]
            return made
        multiply = multiplier(coupling, weight)
        self._known[key] = (coupling, np.copy(weight), multiply)
        return multiply


def _write(sums: list[Summed]) -> None:
    """Write all sums of a step."""
    for first in (True, False):
        for each in sums:
            each.write(first=first)


def _are_one(ends: Connectivity) -> bool:
    """Whether source and target are the same neurons in the same order."""
    source, target = ends.groups()
    here, there = ends.where("pre"), ends.where("post")
    return source is target and (here is there or np.array_equal(np.asarray(here), np.asarray(there)))


def _spread(value: Any, n: int) -> Array:
    """One value for each; much cheaper than NumPy's broadcasting where there are as many already."""
    return value if isinstance(value, np.ndarray) and value.ndim else np.full(n, value)
