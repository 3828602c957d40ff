"""Refractory periods as users give them: a time, times for some neurons, or a condition."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import TimeStepError
from numpybrain.kernel.clock import LONGEST, Clock, nearest
from numpybrain.kernel.events import NO_INDICES
from numpybrain.language import language_entry
from numpybrain.language.times import milliseconds
from numpybrain.neurons.neuron_conditions import OfWholeGroup, values_of
from numpybrain.utils.arrays import check_unmasked
from numpybrain.utils.quantities import carries_unit, is_function

if TYPE_CHECKING:
    from numpybrain.engine.binding import NameScope
    from numpybrain.kernel.contracts import Operation, RunContext
    from numpybrain.kernel.refractory import Refractoriness, RefractoryPolicy, WhileCondition
    from numpybrain.kernel.variables import Array
    from numpybrain.neurons.neuron_space import NeuronSpace


class RefractoryPeriod:
    """Refractory period of a group; it chooses the policy of a run.

    Attributes:
        given: what the user gave: a number, a text, a tree or a function.
        period: a time in ms, or what gives times or a condition for some neurons.
    """

    def __init__(self, space: NeuronSpace, given: Any, at_spikes: NameScope) -> None:
        self.given = given
        self._what = f"the refractory period of '{space.name}'"
        self._owner = space.name
        definition = space.definition
        self._is_condition = definition is not None and isinstance(definition.refractory_type, str)
        self.period: float | BoundProgram | PythonFunction | OfWholeGroup
        if is_function(given):
            self.period = PythonFunction(given, space.environment, ("spikes",), may_write=False)
        elif definition is None or not language_entry.is_node(given):
            self.period = self._positive(milliseconds(given, self._what))
        else:
            from numpybrain.symbolic import expression_bounds, programs

            unit = None if self._is_condition else language_entry.unit("ms")
            program = programs.value_program(definition, given, unit, f"refractoriness of {space.name}")
            number = math.nan
            if unit is not None and not program.inputs and not program.draws:
                number = expression_bounds.number(program.result, given.span)
            if math.isnan(number):
                self.period = values_of(space, program, at_spikes)
            else:
                self.period = self._positive(number)

    def _positive(self, period: float) -> float:
        if period < 0:
            raise TimeStepError(f"{self._what} is negative (got {period:g} ms)")
        return period

    def parts(self) -> Iterable[Operation]:
        """Give the operation that calculates the times or the condition, if there is one."""
        return () if isinstance(self.period, float) else (self.period,)

    def choose(self, refractoriness: Refractoriness, run: RunContext) -> RefractoryPolicy:
        """The policy of a run."""
        period, clock = self.period, run.clock
        if isinstance(period, float):
            period = min(period, 0.5 * LONGEST * clock.dt)  # which never ends
            return refractoriness.fixed(clock.steps(period, self._what.removeprefix("the ")))
        condition = self.condition(refractoriness, run)
        if condition is not None:
            return condition
        call = period.prepare(run)
        if isinstance(period, BoundProgram) and not period.program.draws and period.is_constant:
            first = np.zeros(1, dtype=np.intp)
            return refractoriness.fixed(int(self._in_steps(call(first), clock).max()))
        return refractoriness.per_neuron(
            lambda spikes: np.broadcast_to(self._in_steps(call(spikes), clock), spikes.shape)
        )

    def condition(self, refractoriness: Refractoriness, run: RunContext) -> WhileCondition | None:
        """The policy of a run if neurons are refractory while a condition holds; else None."""
        period = self.period
        if isinstance(period, float):
            return None
        if not isinstance(period, PythonFunction):
            return refractoriness.while_(period.prepare(run)) if self._is_condition else None
        call = period.prepare(run)
        gives_booleans = np.asarray(call(NO_INDICES)).dtype == bool
        return refractoriness.while_(call) if gives_booleans else None

    def _in_steps(self, periods: Any, clock: Clock) -> Array:
        """Refractory periods in steps; negative ones are short, infinite ones endless."""
        if type(periods) is not np.ndarray:  # of a Python function
            check_unmasked(periods, self._what)
            if carries_unit(periods):
                periods = language_entry.convert(periods, "ms", self._what)
        times = np.asarray(periods, dtype=float)
        if np.isnan(times).any():
            raise TimeStepError(f"{self._what} is not a number (nan)")
        found: Array = np.maximum(1, nearest(np.clip(times, 0.0, LONGEST * clock.dt), clock.dt))
        return found

    def policies(self, *, located: bool) -> tuple[str, ...]:
        """The names of the policies that may come out of it; `located` if spikes lie between steps."""
        timed = ("until",) if located else ("fixed", "per neuron")
        if isinstance(self.period, PythonFunction):
            return (*timed, "while")
        return ("while",) if self._is_condition and not isinstance(self.period, float) else timed
