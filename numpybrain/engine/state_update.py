"""State updates: how a group gets from t to t + dt. One class for each kind.

A program carries out a method step by step (`ProgramUpdate`); a loop calculates rates whenever needed
(`LoopUpdate`, in `loop_update`); or a Python function stands in their place (`FunctionUpdate`).
"""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from numpybrain.display.text import Text
from numpybrain.engine.binding import BoundProgram
from numpybrain.engine.python_function import PythonFunction
from numpybrain.kernel.contracts import Call, Operation, RunContext
from numpybrain.kernel.operations import Access, Composite
from numpybrain.kernel.state import State
from numpybrain.kernel.variables import Array
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.engine.binding import NameScope
    from numpybrain.engine.integrators import Explicit, Implicit, LoopRunner
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.kernel.variables import VariableStore
    from numpybrain.symbolic.program import Program
    from numpybrain.symbolic.programs import UpdatePlan


class Integrable(Protocol):
    """Object that a state update works on: its variables, and the scope of programs over them."""

    @property
    def name(self) -> str:
        """A name for messages."""

    @property
    def state(self) -> VariableStore:
        """The variables."""

    @property
    def environment(self) -> NameScope:
        """Scope of programs."""

    def present(self) -> RunContext:
        """The context of the network, or of time zero before there is one."""

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all elements; its callable gives the present values."""


class StateUpdate(Composite):
    """State update of a group from t to t + dt: base class, with what all kinds tell of themselves.

    Attributes:
        group: whose variables they are.
        is_needed: whether there is anything to do in a step.
        method: name of the numerical method; None if there is none.
        why: the reason for it.
        plan: the system and its program; None for a Python function.
        function: the Python function in place of the update, or that gives the derivatives, if any.
        bound: the program, if there are equations.
        go_on: takes what else is integrated in refractory neurons from t to t + dt, if anything is.
    """

    is_needed = True
    method: str | None = None
    why = "a Python function"
    plan: UpdatePlan | None = None
    function: Callable[..., Any] | None = None
    bound: BoundProgram | None = None
    go_on: BoundProgram | None = None
    _runner: LoopRunner | None = None

    def __init__(self, group: Integrable) -> None:
        self.group = group

    @abc.abstractmethod
    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""

    @property
    def names(self) -> list[str]:
        """The variables that equations take from t to t + dt."""
        return []

    @property
    def nonlinear(self) -> tuple[str, ...]:
        """The variables that may explode within a step; of one's own update that is not known."""
        return ()

    @property
    def description(self) -> str:
        """Description of the operation, for the schedule."""
        return "state update" if self.method is None else f"state update, {self.method}"

    @property
    def origin(self) -> str:
        """Origin of the operation in the program, for the schedule."""
        return "equations" if self.function is None else origin_of(self.function)

    @property
    def loop(self) -> Explicit | Implicit | None:
        """Loop that carries out the steps if the method is one, after the first run."""
        return None if self._runner is None else self._runner.loop

    @property
    def steps(self) -> int:
        """Number of steps that an adaptive method has taken so far; 0 for others."""
        return 0 if self._runner is None else self._runner.steps

    @property
    def formula(self) -> Text:
        """The update rule after the numerical method, in declared units and ms."""
        return Text()

    @property
    def source(self) -> Text:
        """The code that runs."""
        bound = self.bound
        if bound is None:
            return Text()
        if not bound.is_fitted:
            bound.fit(self.group.present())
        return Text(bound.source)

    def held(self) -> list[Array]:
        """The arrays whose values refractory neurons get back after an update."""
        return []

    def written(self, names: Iterable[str]) -> Access:
        """Give the access that writes some variables of the group."""
        slots = self.group.state.slots
        return Access(writes=[slots[name] for name in names if name in slots])

    def _repr_html_(self) -> str:
        from numpybrain.engine import update_html

        return update_html.update_html(self)

    def __repr__(self) -> str:
        return f"<{self.description} of '{self.group.name}'>"

    def declare_state(self) -> Iterable[State]:
        """Give what the method has adapted in runs; what another method had is of no use."""
        return [State({}, is_loose=True)] if self._runner is None else self._runner.declare_state()


class NoUpdate(StateUpdate):
    """State update of a group in which nothing is integrated."""

    is_needed = False

    def parts(self) -> Iterable[Operation]:
        """Give the operations that take the variables from t to t + dt: none."""
        return ()

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run, which does nothing."""
        return lambda: None


class FunctionUpdate(StateUpdate):
    """State update by a Python function that writes the variables."""

    def __init__(self, group: Integrable, function: Callable[..., Any]) -> None:
        super().__init__(group)
        self.function = function
        self._python = PythonFunction(function, group.environment)

    def parts(self) -> Iterable[Operation]:
        """Give the operations that take the variables from t to t + dt."""
        return (self._python,)

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        return self._python.prepare(context)


class EquationUpdate(StateUpdate):
    """Base class of state updates from equations.

    Args:
        group: whose variables they are.
        n: the number of elements, or a callable that gives it.
        plan: the system, the method and its program.
        dynamic: the arguments of the program in each call.
        refractoriness: which neurons are refractory; None if none ever is.
    """

    plan: UpdatePlan
    bound: BoundProgram

    def __init__(
        self,
        group: Integrable,
        n: int | Callable[[], int],
        plan: UpdatePlan,
        dynamic: tuple[str, ...],
        refractoriness: Refractoriness | None,
    ) -> None:
        super().__init__(group)
        self.plan = plan
        self.method, self.why = plan.method.name, plan.why
        self.refractoriness = refractoriness
        self.bound = BoundProgram(plan.program, group.environment, n=n, dynamic=dynamic)

    @property
    def names(self) -> list[str]:
        """The variables that equations take from t to t + dt."""
        return [self.plan.system.names[x] for x in self.plan.system.variables]

    @property
    def nonlinear(self) -> tuple[str, ...]:
        """The variables that may explode within a step."""
        return self.plan.nonlinear

    @property
    def formula(self) -> Text:
        """The update rule after the numerical method, in declared units and ms."""
        return Text(self.plan.program.formula)

    def held(self) -> list[Array]:
        """The arrays whose values refractory neurons get back after an update."""
        if self.refractoriness is None:
            return []
        held = {self.plan.system.names[x] for x in self.plan.system.held}
        state = self.group.state
        return [state.slots[name].array(state.n) for name in self.given_back(held)]

    @abc.abstractmethod
    def given_back(self, held: set[str]) -> list[str]:
        """The variables that refractory neurons get back, where the `held` ones stand still."""


class ProgramUpdate(EquationUpdate):
    """State update by a program that takes all elements from t to t + dt.

    `at_spikes` is what the program of refractory neurons sees, where they need one of their own.
    """

    def __init__(
        self,
        group: Integrable,
        n: int | Callable[[], int],
        plan: UpdatePlan,
        refractoriness: Refractoriness | None = None,
        at_spikes: NameScope | None = None,
    ) -> None:
        super().__init__(group, n, plan, (), refractoriness)
        if plan.held is not None:
            assert at_spikes is not None  # only neurons hold variables
            self.go_on = BoundProgram(plan.held, at_spikes, dynamic=("spikes",), size="spikes")

    def parts(self) -> Iterable[Operation]:
        """Give the operations that take the variables from t to t + dt."""
        return (self.bound, self.written(self.names))

    def prepare(self, context: RunContext) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        return self.bound.prepare(context)

    def given_back(self, held: set[str]) -> list[str]:
        """Give the variables that stand still; all, if `go_on` then takes the others on."""
        written = [s.name for s in self.plan.program.stores]
        return written if self.go_on is not None else [n for n in written if n in held]
