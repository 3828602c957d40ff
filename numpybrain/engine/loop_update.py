"""State updates by loops: adaptive and implicit methods, and derivatives from a Python function.

A loop (`integrators`) calculates rates as often as it needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.integrators import Adaptive, Explicit, Implicit, LoopRunner, MakeLoop, Peak, Rates
from numpybrain.engine.python_function import PythonFunction
from numpybrain.engine.state_update import EquationUpdate, StateUpdate
from numpybrain.errors import ArgumentError, MethodError, shown, suggestion
from numpybrain.language import language_entry
from numpybrain.symbolic.tableaus import TABLEAUS, Tableau
from numpybrain.utils.arrays import check_plain
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.engine.state_update import Integrable
    from numpybrain.kernel.contracts import Call, Operation, RunContext
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.kernel.variables import Array, VariableStore
    from numpybrain.symbolic.programs import UpdatePlan

RELATIVE = 1e-6  # tolerance of adaptive methods


def make_loop(
    state: VariableStore, rows: Callable[[], Sequence[str]], tableau: Tableau, options: Mapping[str, Any]
) -> MakeLoop:
    """Give a callable that makes loops of a tableau: with a fixed step, or with one that is adapted."""
    if tableau.error is None:
        return lambda rates, block, _peak: Explicit(rates, block, tableau)

    def adaptive(rates: Rates, block: Array, peak: Peak | None) -> Adaptive:
        absolute = absolute_tolerances(state, rows(), options.get("absolute"))
        return Adaptive(rates, block, tableau, options.get("relative", RELATIVE), absolute, peak)

    return adaptive


class LoopUpdate(EquationUpdate):
    """State update by a loop that gets rates from equations."""

    _runner: LoopRunner

    def __init__(
        self,
        group: Integrable,
        n: int | Callable[[], int],
        plan: UpdatePlan,
        refractoriness: Refractoriness | None = None,
    ) -> None:
        super().__init__(group, n, plan, plan.arguments, refractoriness)
        method = plan.method
        self._limits = None if plan.limits is None else BoundProgram(plan.limits, group.environment, n=n)
        if method.tableau is None:
            timed = plan.system.depends_on_time
            make: MakeLoop = lambda rates, block, peak: Implicit(  # noqa: E731
                rates, block, method.name, timed=timed, peak=peak
            )
        else:
            make = make_loop(group.state, lambda: self.names, method.tableau, method.options)
        self._runner = LoopRunner(method.name, group.state, lambda: self.names, make)

    def parts(self) -> Iterable[Operation]:
        """Give the operations that take the variables from t to t + dt."""
        limits = () if self._limits is None else (self._limits,)
        return (self.bound, *limits, self.written(self.names))

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        rates = self._stopping(self._rates(context))
        return self._runner.prepare(context, rates, self._peak(context))

    def given_back(self, held: set[str]) -> list[str]:
        """Give the variables that stand still, whose rates are 0."""
        return [n for n in self.group.state.rows if n in held]

    def _rates(self, context: RunContext) -> Rates:
        """Give a callable that writes the rates at given values of the variables."""
        call = self.bound.prepare(context)

        def from_equations(t: float, block: Array, out: Array) -> None:
            for row, value in zip(out, call(*block, t), strict=True):
                row[...] = value

        return from_equations

    def _peak(self, context: RunContext) -> Peak | None:
        """The threshold at which a loop bounds a variable that would run to infinity at a spike."""
        if self._limits is None:
            return None
        upstroke = self.plan.upstroke
        assert upstroke is not None  # it has the limits
        return Peak(self.plan.system.variables.index(upstroke.variable), self._limits.prepare(context))

    def _stopping(self, rates: Rates) -> Rates:
        """Rates that are 0 for variables that stand still, where neurons are refractory."""
        refractoriness, system = self.refractoriness, self.plan.system
        if refractoriness is None or not system.held:
            return rates
        k = len(system.variables)
        held = [j for j, x in enumerate(system.variables) if x in system.held]
        implicit = self.plan.method.tableau is None
        jacobian = [k + j * k + i for j in held for i in range(k)] if implicit else []
        rows = np.array([*held, *jacobian])[:, None]

        def stopped(t: float, block: Array, out: Array) -> None:
            rates(t, block, out)
            if refractoriness.held.size:
                out[rows, refractoriness.held] = 0.0

        return stopped


class DerivativeUpdate(StateUpdate):
    """State update by a loop that gets rates from a Python function.

    `method` is a tableau, a `Method` that has one, or a name; None is "rk4".
    """

    function: Callable[..., Any]
    _runner: LoopRunner

    def __init__(self, group: Integrable, derivative: Callable[..., Any], method: Any) -> None:
        super().__init__(group)
        tableau, options = _tableau_of(method)
        self.function = derivative
        self.method = tableau.name
        offered = (*group.state.rows, "t")
        self._python = PythonFunction(derivative, group.environment, offered, may_write=False)
        make = make_loop(group.state, lambda: group.state.rows, tableau, options)
        self._runner = LoopRunner(tableau.name, group.state, lambda: group.state.rows, make)

    def parts(self) -> Iterable[Operation]:
        """Give the operations that take the variables from t to t + dt."""
        return (self._python, self.written(self.group.state.rows))

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        return self._runner.prepare(context, self._rates(context))

    @property
    def nonlinear(self) -> tuple[str, ...]:
        """The variables that may explode within a step: all, since it is not known."""
        return self.group.state.rows

    def _rates(self, context: RunContext) -> Rates:
        """Give a callable that writes the rates at given values of the variables."""
        give, names = self._python.prepare(context), self.group.state.rows
        origin = origin_of(self.function)

        def from_python(t: float, block: Array, out: Array) -> None:
            values = _rates_of(give(*block, t), names, origin)
            for name, row, value in zip(names, out, values, strict=True):
                _put(row, value, name, origin)

        return from_python


def absolute_tolerances(state: VariableStore, rows: Sequence[str], given: Any) -> Array | None:
    """The absolute tolerance of each variable that a loop takes, in its unit; None if nothing is given."""
    if given is None:
        return None
    values = given if isinstance(given, Mapping) else dict.fromkeys(rows, given)
    for name in values:
        if name not in rows:
            message = f"no variable '{name}' to tolerate errors of{suggestion(name, rows)}"
            raise MethodError(message, help=f"there are {', '.join(rows)}")
    what = "the absolute tolerance of '{}'"
    found = np.full(len(rows), np.nan)
    for name, value in values.items():
        tolerated = np.asarray(
            language_entry.convert(value, state.slots[name].unit_text, what.format(name))
        )
        if tolerated.ndim or not tolerated > 0:
            raise ArgumentError(f"{what.format(name)} must be one number above 0 (got {shown(value)})")
        found[rows.index(name)] = tolerated
    return found


def _rates_of(found: Any, names: Sequence[str], origin: str) -> Sequence[Any]:
    """The rates in what a Python function has returned, in the order of the variables."""
    if isinstance(found, Mapping):  # variables that are not named stand still
        strange = [name for name in found if name not in names]
        if strange:
            message = f"{origin} returned a rate for '{strange[0]}'"
            raise ArgumentError(message + suggestion(str(strange[0]), names))
    values = [found.get(n, 0.0) for n in names] if isinstance(found, Mapping) else found
    if isinstance(values, np.ndarray) and len(names) > 1:
        values = tuple(values) if values.ndim else ()  # one array, a row for each variable
    elif not isinstance(values, (tuple, list)):
        values = (found,) if len(names) == 1 else ()
    if len(values) != len(names) or any(value is None for value in values):
        message = f"{origin} must return a rate for each of {', '.join(names)}"
        raise ArgumentError(message, help="in their units per ms, in this order or by name")
    return values


def _tableau_of(method: Any) -> tuple[Tableau, Mapping[str, Any]]:
    """The tableau with which derivatives from a Python function are integrated, and its options."""
    if isinstance(method, Tableau):
        return method, {}
    tableau = getattr(method, "tableau", None)  # of a `Method`
    if tableau is not None:
        return tableau, method.options
    name = "rk4" if method is None else getattr(method, "name", method)
    if not isinstance(name, str) or name not in TABLEAUS:
        message = f"derivatives from a Python function need an explicit method (got {shown(name)})"
        raise MethodError(message + suggestion(str(name), TABLEAUS))
    return TABLEAUS[name], {}


def _put(row: Array, value: Any, name: str, origin: str) -> None:
    """Write a rate that a Python function has returned."""
    if type(value) not in (np.ndarray, float):
        check_plain(value, f"what {origin} returned for '{name}'")
    try:
        row[...] = value
    except (TypeError, ValueError):
        message = f"{origin} must return for '{name}' one number or one for each neuron"
        raise ArgumentError(message, detail=f"got {_shown(value)}") from None


def _shown(value: Any) -> str:
    """Describe the value that a function returned, for a message."""
    shape = getattr(value, "shape", None)
    return repr(value)[:60] if shape is None else f"an array of shape {shape}"
