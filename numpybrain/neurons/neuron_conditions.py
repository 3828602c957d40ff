"""Conditions and statements of neurons as operations: from trees, or Python functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ArgumentError, IndexRangeError, ShapeError
from numpybrain.kernel.events import NO_INDICES, SPIKES
from numpybrain.kernel.operations import Composite
from numpybrain.kernel.variables import Array
from numpybrain.utils.arrays import plain
from numpybrain.utils.naming import MARK

if TYPE_CHECKING:
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.neurons.neuron_space import NeuronSpace
    from numpybrain.symbolic.program import Program

BoundText = BoundProgram | PythonFunction
CHOSEN = f"chosen{MARK}"  # argument of programs: whether an element is one of those


class Condition(Composite):
    """Operation that finds the neurons for which a condition holds.

    Args:
        holds: gives booleans, one for each neuron or one for all; a Python function may give indices.
        n: number of neurons.
        what: names it in messages.
    """

    def __init__(self, holds: BoundText, n: int, what: str) -> None:
        self.holds = holds
        self._n = n
        self._what = what

    def parts(self) -> Iterable[Operation]:
        """Give the operation that calculates the booleans."""
        return (self.holds,)

    def prepare(self, run: RunContext) -> Callable[[], Array]:
        """The callable of a run: it gives the neurons in ascending order."""
        condition, n = self.holds.prepare(run), self._n
        if isinstance(self.holds, PythonFunction):
            condition = _checked(condition, n, self._what)
        everybody = np.arange(n, dtype=np.intp)
        everybody.setflags(write=False)  # the same array, step after step

        def find() -> Array:
            holds = condition()
            if np.ndim(holds) == 0 or holds.size != n:  # one answer for all
                return everybody if holds else NO_INDICES
            found: Array = holds.nonzero()[0]
            return found

        return find


class OfWholeGroup(Composite):
    """Operation about some neurons that looks at all of them: carries statements out, or gives values.

    Args:
        bound: the text for all neurons; statements have an argument that tells which are to change.
        n: number of neurons.
    """

    def __init__(self, bound: BoundProgram, n: int) -> None:
        self._bound = bound
        self._n = n

    def parts(self) -> Iterable[Operation]:
        """Give the text for all neurons."""
        return (self._bound,)

    def prepare(self, run: RunContext) -> Callable[[Array], Any]:
        """The callable of a run: it takes the indices of neurons, changes these or gives their values."""
        act, shape = self._bound.prepare(run), (self._n,)
        if self._bound.program.result is not None:
            return lambda neurons: np.broadcast_to(act(), shape)[neurons]
        chosen = np.zeros(shape, dtype=bool)

        def change(neurons: Array) -> None:
            chosen[:] = False
            chosen[neurons] = True
            act(chosen)

        return change


def sees_all(operation: Any) -> bool:
    """Whether an operation about some neurons takes a mean, a sum and so on over all of them."""
    is_text = isinstance(operation, BoundProgram)
    return operation.program.aggregates if is_text else isinstance(operation, OfWholeGroup)


def condition_of(space: NeuronSpace, text: Any, label: str) -> BoundText:
    """Bind a condition, a tree or a Python function, which tells for which of all neurons it holds."""
    if callable(text):
        return PythonFunction(text, space.environment, may_write=False)
    from numpybrain.symbolic import programs

    assert space.definition is not None  # texts come with a model
    program = programs.value_program(space.definition, text, None, label)
    return BoundProgram(program, space.environment, n=space.size)


def values_of(space: NeuronSpace, program: Program, at_spikes: NameScope) -> BoundProgram | OfWholeGroup:
    """Values of a program for some neurons, whose indices it takes."""
    if program.aggregates:
        return OfWholeGroup(BoundProgram(program, space.environment, n=space.size), space.size)
    return BoundProgram(program, at_spikes, dynamic=("spikes",), size="spikes")


def statements_of(
    space: NeuronSpace, text: Any, label: str, at_spikes: NameScope, argument: str = SPIKES
) -> BoundText | OfWholeGroup:
    """Statements for some neurons: a tree, or a function that may take their indices as `argument`."""
    if callable(text):
        return PythonFunction(text, space.environment, (argument,))
    from numpybrain.symbolic.lower import symbol
    from numpybrain.symbolic.statement_programs import statements_program

    assert space.definition is not None  # texts come with a model
    program = statements_program(space.definition, text, label)
    if not program.aggregates:
        return BoundProgram(program, at_spikes, dynamic=("spikes",), size="spikes")
    shields = dict.fromkeys((store.name for store in program.stores), CHOSEN)
    program = statements_program(space.definition, text, label, shields=shields)
    program = replace(program, names={**program.names, symbol(CHOSEN): CHOSEN})
    scope = space.scope("run", space.look_up, functions=space.environment.functions)
    return OfWholeGroup(BoundProgram(program, scope, dynamic=(CHOSEN,), n=space.size), space.size)


def _checked(condition: Callable[..., Any], n: int, what: str) -> Callable[[], Array]:
    """A Python condition: it may return a boolean array or indices."""
    returned = f"what the {what} returned"

    def call() -> Array:
        found = plain(condition(), returned)
        if found.shape == (0,):  # an empty list has no type
            return np.zeros(n, dtype=bool)
        if found.dtype == bool and found.shape in ((n,), ()):
            return np.broadcast_to(found, (n,))
        if found.dtype.kind in "iu" and found.ndim == 1:
            mask = np.zeros(n, dtype=bool)
            wrong = found[(found < 0) | (found >= n)]
            if wrong.size:
                message = f"the {what} returned index {wrong[0]}"
                raise IndexRangeError(message, detail=f"there are {n} neurons (0..{n - 1})")
            mask[found] = True
            return mask
        message = f"the {what} must return {n} booleans, or indices"
        kind = ShapeError if found.dtype == bool else ArgumentError
        raise kind(message, detail=f"got {found.dtype} of shape {found.shape}")

    return call
