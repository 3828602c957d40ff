"""The state update of a group: from equations and a method, or a Python function in their place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.integrators import Adaptive, Explicit, Implicit, Peak, Rates
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ArgumentError, MethodError, shown, suggestion
from numpybrain.kernel.contracts import Call, Operation
from numpybrain.kernel.functions import origin_of
from numpybrain.kernel.operations import Access, Composite
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.variables import Array
from numpybrain.language import entry as language_entry
from numpybrain.symbolic.tableaus import TABLEAUS, Tableau
from numpybrain.utils.arrays import check_plain
from numpybrain.utils.state_reader import StateReader, Value

if TYPE_CHECKING:
    from numpybrain.engine.binding import NameScope
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.kernel.variables import VariableStore
    from numpybrain.symbolic.program import Program
    from numpybrain.symbolic.programs import UpdatePlan


RELATIVE = 1e-6  # tolerance of adaptive methods


class Integrable(Protocol):
    """What a state update works on: variables, and what programs over them see."""

    @property
    def name(self) -> str:
        """A name for messages."""

    @property
    def state(self) -> VariableStore:
        """The variables."""

    @property
    def environment(self) -> NameScope:
        """What programs see."""

    def present(self) -> RunContext:
        """The context of the network, or of time zero before there is one."""

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all elements; its callable gives the present values."""


class Update(Composite):
    """How a group gets from t to t + dt.

    Attributes:
        why: the reason for the method.
        plan: the system and its program; None for a Python function.
        function: the Python function in place of the update, or that gives the derivatives, if any.
        loop: what carries out the steps if the method is a loop (after the first run).
        go_on: takes what else is integrated in refractory neurons from t to t + dt, if anything is.
    """

    def __init__(
        self,
        group: Integrable,
        n: int | Callable[[], int],
        plan: UpdatePlan | None = None,
        *,
        integrate: Callable[..., Any] | None = None,
        derivative: Callable[..., Any] | None = None,
        method: Any = None,
        refractoriness: Refractoriness | None = None,
        at_spikes: NameScope | None = None,
    ) -> None:
        self.group = group
        self._refractoriness = refractoriness
        self.function = integrate or derivative
        self.plan = plan
        self.loop: Explicit | Implicit | None = None
        self._python: PythonFunction | None = None
        self._bound: BoundProgram | None = None
        self.go_on: BoundProgram | None = None
        self._limits: BoundProgram | None = None
        self._tableau: Tableau | None = None
        self._options: Mapping[str, Any] = {}
        if integrate is not None:
            self._python = PythonFunction(integrate, group.environment)
        elif derivative is not None:
            self._tableau, self._options = _tableau_of(method)
            offered = (*group.state.rows, "t")
            self._python = PythonFunction(derivative, group.environment, offered, may_write=False)
        elif plan is not None:
            self._tableau, self._options = plan.method.tableau, plan.method.options
            dynamic = () if plan.method.loop is None else plan.arguments
            self._bound = BoundProgram(plan.program, group.environment, n=n, dynamic=dynamic)
            if plan.limits is not None:
                self._limits = BoundProgram(plan.limits, group.environment, n=n)
            if plan.held is not None:
                assert at_spikes is not None  # only neurons hold variables
                self.go_on = BoundProgram(plan.held, at_spikes, dynamic=("spikes",), size="spikes")

    @property
    def names(self) -> list[str]:
        """The variables that equations take from t to t + dt."""
        return [] if self.plan is None else [self.plan.system.names[x] for x in self.plan.system.variables]

    @property
    def nonlinear(self) -> tuple[str, ...]:
        """The variables that may explode within a step; of one's own update that is not known."""
        if self.plan is not None:
            return self.plan.nonlinear
        return self.group.state.rows if self._tableau is not None else ()

    @property
    def bound(self) -> BoundProgram | None:
        """The program, if there are equations."""
        return self._bound

    def parts(self) -> Iterable[Operation]:
        """What takes the variables from t to t + dt."""
        pieces: list[Any] = [self._python, self._bound, self._limits]
        slots = self.group.state.slots
        rows = self._python is not None and self._tableau is not None
        names = self.group.state.rows if rows else self.names
        written = Access(writes=[slots[name] for name in names if name in slots])
        return [*(piece for piece in pieces if piece is not None), written]

    @property
    def is_needed(self) -> bool:
        """Whether there is anything to do in a step."""
        return self.function is not None or self.plan is not None

    @property
    def description(self) -> str:
        """What it does, for the schedule."""
        return "state update" if self.method is None else f"state update, {self.method}"

    @property
    def origin(self) -> str:
        """Where it comes from, for the schedule."""
        return origin_of(self.function)

    @property
    def method(self) -> str | None:
        """Name of the numerical method."""
        if self.plan is not None:
            return self.plan.method.name
        return self._tableau.name if self._tableau is not None else None

    @property
    def steps(self) -> int:
        """How many steps an adaptive method has taken so far; 0 for others."""
        return self.loop.taken if isinstance(self.loop, Adaptive) else 0

    @property
    def why(self) -> str:
        """Why this method."""
        return self.plan.why if self.plan is not None else "a Python function"

    @property
    def formula(self) -> str:
        """The update rule after the numerical method, in declared units and ms."""
        return self.plan.program.formula if self.plan is not None else ""

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        if self._bound is None:
            return ""
        if self._bound.closure is None:
            self._bound.fit(self.group.present())
        return self._bound.source

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        clock = context.clock
        looping = self._tableau is not None if self.plan is None else self.plan.method.loop is not None
        if not looping:
            if self._python is not None:
                return self._python.prepare(context)
            assert self._bound is not None  # there is no stage without an update
            return self._bound.prepare(context)
        block, arrays = self._block()
        before, self.loop = self.loop, self._make_loop(self._rates(context), block, self._peak(context))
        if before is not None:
            self.loop.go_on(before)  # type: ignore[arg-type]  # it is of the same kind
        loop = self.loop
        if not arrays:
            return lambda: loop.advance(clock.t, clock.dt)

        def copied() -> None:
            for row, array in zip(block, arrays, strict=True):
                row[:] = array
            loop.advance(clock.t, clock.dt)
            for row, array in zip(block, arrays, strict=True):
                array[:] = row

        return copied

    def _block(self) -> tuple[Array, list[Array]]:
        """What a loop works on: the block of the group, or another one and what is copied there and back.

        Which variables of synapses live together changes with time.
        """
        state, names = self.group.state, self._rows
        if state.block is not None and state.rows == names:
            return state.block, []
        arrays = [state.slots[name].array(state.n) for name in names]
        return np.empty((len(names), arrays[0].size)), arrays

    @property
    def _rows(self) -> tuple[str, ...]:
        """The variables that a loop takes, in its order."""
        return self.group.state.rows if self.plan is None else tuple(self.names)

    def _peak(self, context: RunContext) -> Peak | None:
        """The threshold at which a loop bounds a variable that would run to infinity at a spike."""
        if self._limits is None or self.plan is None:
            return None
        upstroke = self.plan.upstroke
        assert upstroke is not None  # it has the limits
        return Peak(self.plan.system.variables.index(upstroke.variable), self._limits.prepare(context))

    def _make_loop(self, rates: Rates, block: Array, peak: Peak | None = None) -> Explicit | Implicit:
        """What carries out the steps of a method that is a loop."""
        rates, tableau = self._stopping(rates), self._tableau
        if tableau is None:
            assert self.plan is not None  # derivatives in Python have a tableau
            timed = self.plan.system.depends_on_time
            return Implicit(rates, block, self.plan.method.name, timed=timed, peak=peak)
        if tableau.error is None:
            return Explicit(rates, block, tableau)
        options = self._options
        return Adaptive(rates, block, tableau, options.get("relative", RELATIVE),
                        self._absolute(options.get("absolute")), peak)  # fmt: skip

    def _stopping(self, rates: Rates) -> Rates:
        """Rates that are 0 for variables that stand still, where neurons are refractory."""
        refractoriness = self._refractoriness
        if self.plan is None or not self.plan.system.held or refractoriness is None:
            return rates
        variables = self.plan.system.variables
        k = len(variables)
        held = [j for j, x in enumerate(variables) if x in self.plan.system.held]
        jacobian = [k + j * k + i for j in held for i in range(k)] if self._tableau is None else []
        rows = np.array([*held, *jacobian])[:, None]

        def stopped(t: float, block: Array, out: Array) -> None:
            rates(t, block, out)
            if refractoriness.held.size:
                out[rows, refractoriness.held] = 0.0

        return stopped

    def _absolute(self, given: Any) -> Array | None:
        """The absolute tolerance of each variable, in its unit."""
        state = self.group.state
        if given is None:
            return None
        rows = self._rows
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

    def _rates(self, context: RunContext) -> Rates:
        """What writes the rates at given values of the variables."""
        python, bound = self._python, self._bound
        if python is None:
            assert bound is not None  # one of both
            call = bound.prepare(context)

            def from_equations(t: float, block: Array, out: Array) -> None:
                for row, value in zip(out, call(*block, t), strict=True):
                    row[...] = value

            return from_equations
        give, names = python.prepare(context), self.group.state.rows
        origin = origin_of(python.function)

        def from_python(t: float, block: Array, out: Array) -> None:
            found = give(*block, t)
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
            for name, row, value in zip(names, out, values, strict=True):
                _put(row, value, name, origin)

        return from_python

    # ---- checkpoints ----

    def get_state(self) -> dict[str, Value]:
        """What the method has learnt in runs, such as the size of its steps."""
        learnt = {} if self.loop is None else self.loop.get_state()
        return {"method": self.method, **learnt} if learnt else {}

    def plan_restore(self, saved: StateReader) -> list[Callable[[], Any]]:
        """Take back what was learnt; another method than before starts afresh."""

        def no_rates(_t: float, _block: Array, _out: Array) -> None:
            raise AssertionError  # the next run has them

        loop: Explicit | Implicit | None = None
        if "method" in saved and saved.text("method") == self.method:
            loop = self._make_loop(no_rates, self._block()[0])
            loop.restore(saved)
        for key in saved:
            saved.value(key)  # taken or not needed
        return [functools.partial(setattr, self, "loop", loop)]

    def held(self) -> list[Array]:
        """The arrays whose values refractory neurons get back after an update."""
        if self.plan is None or self._refractoriness is None:
            return []
        held = {self.plan.system.names[x] for x in self.plan.system.held}
        if self.plan.method.loop is not None:
            names = [n for n in self.group.state.rows if n in held]
        else:
            written = [s.name for s in self.plan.program.stores]
            names = written if self.go_on is not None else [n for n in written if n in held]
        return [self.group.state.slots[name].array(self.group.state.n) for name in names]


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
    """What a function returned, for a message."""
    shape = getattr(value, "shape", None)
    return repr(value)[:60] if shape is None else f"an array of shape {shape}"
