"""Space of variables: where the variables of one object live, and what texts about them see."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import ModelError, NumpyBrainError, UnknownAttributeError, suggestion
from numpybrain.group import models
from numpybrain.group.assignment import assign, assign_some, numbers
from numpybrain.group.views import SynapticArray
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Operation, RunContext
from numpybrain.kernel.operations import Task
from numpybrain.kernel.subgroup import Where
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.language import language_entry
from numpybrain.utils.live import lives_once
from numpybrain.utils.naming import follows_time
from numpybrain.utils.quantities import is_function

if TYPE_CHECKING:
    from numpybrain.engine.explosion import ExplosionCheck
    from numpybrain.group.random_streams import Streams
    from numpybrain.kernel.contracts import Call, Stage
    from numpybrain.kernel.events import EventBuffer
    from numpybrain.kernel.refractory import Refractoriness
    from numpybrain.kernel.spiking import Threshold
    from numpybrain.language.definition import Definition, OuterScope
    from numpybrain.symbolic.past import PastValue
    from numpybrain.symbolic.program import Program

SPECIAL = ("i", "j", "N", "dt", "lastspike", "not_refractory")  # variables nobody has to declare


class FollowsTime(Protocol):
    """Handler that lets parameters follow the time when something of that kind is assigned to them."""

    def take(self, name: str, value: Any) -> bool:
        """Let a parameter follow the time, or end that; gives whether the value has been taken."""

    def take_part(self, name: str, value: Any, where: Where, part: Any) -> bool:
        """The same for some elements."""

    def would_take(self, name: str, text: str) -> bool:
        """Whether a text would make a parameter follow the time, if it were for the whole group."""

    def is_text(self, name: str) -> bool:
        """Whether a parameter follows a text, which gives its value at any time."""


@lives_once
class VariableSpace:
    """Variables of neurons or synapses, by name: their storage, their values, and programs over them.

    Args:
        name: of the owner, for messages.
        size: the number of elements.
        stages: those of the owner, from which follows what varies as long as there is no network.
        state: the storage of the variables, one value per element or one for all.
        streams: the random streams of the owner.

    Attributes:
        definition: the equations; None if all is written in Python.
        environment: what texts and functions of the owner see, drawing from its stream for runs.
        network: a weak reference to the network, once there is one.
        element: what one element is called.
        is_target: whether spikes can change the variables.
        sampling: what is calculated at the start of each step, with the parameters that follow the time.
        explosions: looks for variables that explode within a step, if anything does.
        forgetting: called when it comes to another network, or back at another time.
        attachments: synapses and monitors that were made for the owner.
    """

    element = "neuron"
    is_target = False

    def __init__(
        self, name: str, size: int, stages: list[Stage], state: VariableStore, streams: Streams
    ) -> None:
        self.name = name
        self.size = size
        self.state = state
        self.streams = streams
        self.definition: Definition | None = None
        self.environment: NameScope = self.scope("run", self.look_up)
        self.network: Callable[[], Any] | None = None
        self._context: RunContext | None = None
        self._left: int | None = None  # the step in which it left that network
        self._alone: tuple[int, RunContext] | None = None  # what is seen without a network
        self.attachments: list[Any] = []
        self.sampling: FollowsTime | None = None
        self.explosions: ExplosionCheck | None = None
        self.forgetting: list[Callable[[], None]] = []
        self._stages = stages
        self._views: dict[str, SynapticArray] = {}  # of the arrays of variables, as they have been read

    # ---- events ----

    @property
    def events(self) -> Mapping[str, EventBuffer]:
        """Neurons with an event in a step, by name of the event; empty for a group without events."""
        return {}

    @property
    def has_spikes(self) -> bool:
        """Whether there may ever be spikes."""
        return False

    @property
    def refractoriness(self) -> Refractoriness | None:
        """Refractoriness of the elements; None if none is ever refractory."""
        return None

    @property
    def threshold(self) -> Threshold | None:
        """Operation that finds the spikes of a step; None without one, or if they lie between steps."""
        return None

    # ---- names ----

    def look_up(self, name: str, index: str | None = None) -> VariableReference | None:
        """Give a reference to the values of a name; None if it is unknown here.

        `index` says with what per-element values are gathered by programs about some elements only.
        """
        raise NotImplementedError

    def scope(
        self, purpose: str, look_up: Callable[[str], VariableReference | None], **fields: Any
    ) -> NameScope:
        """Give a scope for texts and functions: names found by `look_up`, a random stream of the owner."""
        return NameScope(
            look_up, lambda: self.streams[purpose], names=self.state.names, remember=self.remember, **fields
        )

    def remember(self, name: str, past: PastValue) -> None:
        """Let a name in texts stand for a value of an earlier time."""
        message = f"'{past.shown}': '{self.name}' has no values of earlier times"
        raise ModelError(message, help="read them in equations of neurons")

    def around(self) -> OuterScope:
        """Give the scope of names that texts may use beside the variables."""
        return language_entry.nothing_around()

    def holder(self, name: str) -> VariableStore | None:
        """Give the store of a variable; None if there is no such variable."""
        return self.state if name in self.state.slots else None

    def slots(self) -> list[Variable]:
        """The storage of all variables."""
        return list(self.state.slots.values())

    def names(self) -> list[str]:
        """Names of all variables, parameters and subexpressions."""
        stored = (slot.name for slot in self.slots() if slot.kind not in ("special", "delay"))
        defined = () if self.definition is None else self.definition.variables
        return list(dict.fromkeys((*stored, *defined)))

    def is_stored(self, name: str) -> bool:
        """Whether the array of a variable holds its present values, one for each element."""
        reference = self.look_up(name)
        return reference is not None and reference.state is self.state and reference.slot.kind != "linked"

    def can_evaluate(self, name: str) -> bool:
        """Whether `evaluate` knows a name: a subexpression, or what synapses see around them."""
        definition = self.definition
        return definition is not None and (name in definition.variables or name in self.around().names)

    def is_single(self, name: str) -> bool:
        """Whether a name has one value for all elements."""
        variable = None if self.definition is None else self.definition.variables.get(name)
        if variable is not None and "shared" in variable.flags:
            return True
        reference = self.look_up(name)
        return reference is not None and reference.resolve_link().slot.shared

    # ---- the run ----

    def present(self) -> RunContext:
        """The context of the network, or of time zero and the owner alone before there is one."""
        if self._context is not None:
            return self._context
        if self._alone is None or self._alone[0] != len(self._stages):
            context = RunContext(Clock(0.1))
            context.note(self._stages)
            self._alone = len(self._stages), context
        return self._alone[1]

    def join(self, network: Any, context: RunContext) -> None:
        """Become part of a network."""
        before = self._context
        if before is not None and before.clock is not context.clock:
            self.begin_anew()
        elif self._left is not None and self._left != context.clock.step:
            self.forget()
        self._left = None
        self.network, self._context = network, context
        self.state.slots["dt"].value = context.clock.dt

    def leave(self) -> None:
        """Be no part of the network any more, which may go on without it."""
        self.network = None
        self._left = None if self._context is None else self._context.clock.step

    def begin_anew(self) -> None:
        """Start time anew, in another network."""
        self.forget()

    def forget(self) -> None:
        """Forget what waits for a certain time, which may have passed or not come yet."""
        for forget in self.forgetting:
            forget()

    def all_streams(self) -> list[Streams]:
        """The random streams of the owner, and of noise that its parameters follow."""
        courses = models.random_courses(self.definition).values()
        return [self.streams, *(course.streams for course in courses)]

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Assignments from now on must be noticed at once; None when the run is over."""
        self.state.changed = changed

    def is_running(self) -> bool:
        """Whether a run of the network is going on."""
        network = self.network() if self.network is not None else None
        return network is not None and network.is_running

    # ---- values ----

    def knows(self, name: str) -> bool:
        """Whether a name has a value: a variable, a special one or a subexpression."""
        if name in self.state.slots or name in SPECIAL:
            self.look_up(name)  # special variables are made when somebody asks for them
        return self.holder(name) is not None or self.can_evaluate(name)

    def get(self, name: str) -> Any:
        """The value of a name that is known: a live array, or what has been calculated."""
        holder = self.holder(name)
        if holder is None or (holder.slots[name].kind == "sampled" and not self._is_calculated(name)):
            return self._calculated(name)
        return self.read(name)

    def _is_calculated(self, name: str) -> bool:
        """Whether what is calculated at the start of each step has the value that belongs to this time."""
        if self.is_running():
            return True
        if self.sampling is not None and self.sampling.is_text(name):
            return False
        definition = self.definition
        assert definition is not None  # there is an equation
        return self.present().clock.step > 0 and not models.is_repeatable(definition, name)

    def read(self, name: str) -> Any:
        """The live array of a variable, as a `SynapticArray`; the number itself if it is shared."""
        found = (self.holder(name) or self.state).read(name)
        if not isinstance(found, np.ndarray):
            return found
        owner, known = self.owner_of(name), self._views.get(name)
        if known is None or known.array is not found or known.owner is not owner:
            known = self._views[name] = SynapticArray.of(found, owner, name)
        return known

    def owner_of(self, name: str) -> Any:
        """Give the object that finds elements for an index of a variable's array, and knows its texts."""
        return self

    def _calculated(self, name: str) -> Any:
        """The present values of a name that is not stored, or not yet, as a view; one if it is shared."""
        found = self.evaluate(name)
        return SynapticArray.of(np.array(found), self, name) if np.ndim(found) else found

    def find_elements(self, key: Any) -> Any:
        """Give the elements that an index of an array means; the index itself, if NumPy knows it."""
        return key

    def put_values(self, name: str, array: Array, index: Any, value: Any) -> None:
        """Assign to some elements of the array of a variable: numbers, quantities, texts or functions."""
        holder = self.holder(name)
        if holder is None:
            raise self.why_not(name)
        if isinstance(value, str) or is_function(value):
            value = self.worth(name, value)
            value = value[index] if np.ndim(value) else value
        assign_some(holder, name, array, index, value)

    def worth(self, name: str, value: Any) -> Any:
        """A quantity, text or function in the unit of a variable: one number, or one for each element."""
        self.refuse_time_course(name, value)
        holder = self.holder(name) or self.state
        slot, what = holder.slot(name), f"'{name}' of '{self.name}'"
        if isinstance(value, str):
            return self.value_of(name, value)
        if not is_function(value):
            return language_entry.convert(value, slot.unit_text, what)
        return numbers(self.value_from(value), slot, holder.n, what)

    def write(self, name: str, value: Any, where: Any = None) -> None:
        """Assign to a variable: number(s) in its unit, a quantity, a string or a function."""
        holder = self.holder(name) or self.state
        if self.sampling is not None and where is None and self.sampling.take(name, value):
            return
        if isinstance(value, str) or (callable(value) and is_function(value)):
            self.refuse_time_course(name, value)
            value = self.value_of(name, value) if isinstance(value, str) else self.value_from(value)
            if isinstance(value, np.ndarray) and where is not None and value.shape == (holder.n,):
                value = value[where]
        assign(holder, name, value, where)

    def need_equations(self) -> None:
        """A text or a function is about the variables: where there are no equations yet, they are made."""

    def refuse_time_course(self, name: str, value: Any) -> None:
        """Raise an error for a function of time that is assigned: only its present value would be used."""
        sampling = self.sampling if isinstance(value, str) else None
        if follows_time(value) or (sampling is not None and sampling.would_take(name, value)):
            now = f"{self.present().clock.t:g} ms"
            message = f"'{name}' of '{self.name}' would keep the value of this time, {now}"
            advice = "only parameters of a whole group follow it; or set it in each step: at('start', f)"
            raise ModelError(message, help=advice)

    def why_not(self, name: str, *, is_own: bool = False) -> NumpyBrainError:
        """The error for an assignment to a name that is no stored variable, but perhaps an attribute."""
        what = f"'{name}' of '{self.name}'"
        if name in SPECIAL or is_own:
            return ModelError(f"{what} cannot be assigned")
        if self.definition is not None and name in self.definition.variables:
            variable = self.definition.variables[name]
            written, value = variable.equation, variable.expr
            if written is None or (value is not None and value.span.source is not written.span.source):
                message = (
                    f"{what} was given as a text that follows the time, so it is part of the equations"
                )
                advice = (
                    f"leave it out where the group is made, and assign it after that:  group.{name} = ..."
                )
                return ModelError(message, help=advice)
            advice = "what is assigned later must be a parameter, without an equation before"
            return ModelError(f"{what} is a subexpression and cannot be assigned", help=advice)
        if self.can_evaluate(name):
            return ModelError(f"{what} cannot be assigned", help="assign to the variable of the neurons")
        message = f"'{self.name}' has no variable '{name}'"
        return UnknownAttributeError(message + suggestion(name, self.names()))

    # ---- programs ----

    def evaluate(self, name: str) -> Array:
        """The present values of a name that is not stored here, shape (n,); one value if it is shared."""
        from numpybrain.symbolic import programs

        assert self.definition is not None  # only models have subexpressions
        program = programs.subexpression_program(self.definition, name, self.around())
        variable = self.definition.variables.get(name)
        shared = variable is not None and "shared" in variable.flags
        return np.broadcast_to(self._run_once(program), (self.size,))[0 if shared else slice(None)]

    def value_of(self, name: str, text: str) -> Any:
        """The value of a string for a variable: an expression over the variables."""
        slot = (self.holder(name) or self.state).slot(name)
        what = f"'{name}' of '{self.name}'"
        if self.definition is None:
            return language_entry.convert(text, slot.unit_text, what)
        node = language_entry.read_value(self.definition, text, slot.unit_text, what, self.around().names)
        return self.calculate(node, slot, what)

    def calculate(self, node: Any, slot: Variable, what: str) -> Any:
        """The value of a checked expression, with draws from the stream for initial values."""
        from numpybrain.symbolic import programs

        definition = self.definition
        assert definition is not None
        program = programs.value_program(
            definition, node, language_entry.unit(slot.unit_text), what, self.around()
        )
        return self._run_once(program, slot.name)

    def value_from(self, function: Callable[..., Any]) -> Any:
        """The value that a function returns; it may ask for other variables, `N`, `i` and `rng`."""
        bound = PythonFunction(function, self.scope("initial", self.look_up), may_write=False)
        return bound.prepare(self.present())()

    def _run_once(self, program: Program, variable: str | None = None) -> Any:
        """The result of a program now (for a variable), with draws from the stream for initial values."""
        bound = self.reader(program, "initial") if variable is None else self.reader_of(variable, program)
        self.refresh(program)
        call = bound.prepare(self.present())
        with np.errstate(all="ignore"):
            return call()

    def refresh(self, program: Program) -> None:
        """Bring what a program reads beside variables up to the present time."""

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all elements; its callable gives the present values."""
        environment = self.scope(purpose, self.look_up, functions=self.environment.functions)
        return BoundProgram(program, environment, n=self.size)

    def reader_of(self, name: str, program: Program) -> BoundProgram:
        """The same for a program that gives start values for a variable."""
        return self.reader(program, "initial")

    # ---- stages of users ----

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Operation that carries out statements for all elements."""
        bound = BoundProgram(
            self.statements_program(text, shielded=shielded), self.environment, n=self.size
        )

        def prepare(run: RunContext) -> Call:
            call = bound.prepare(run)
            bound.check_shared()
            return call

        return Task(prepare, lambda: (bound,))

    def statements_program(self, text: str, *, shielded: bool, some: bool = False) -> Program:
        """The program of statements about all elements, or some of them."""
        from numpybrain.symbolic.statement_programs import statements_program

        if self.definition is None:
            raise ModelError(f"'{self.name}' is written in Python: hand over a function")
        what = f"statements of '{self.name}'"
        statements = language_entry.read_statements(self.definition, text, what, some=some)
        shields = dict.fromkeys(self.environment.shields, "not_refractory") if shielded else {}
        return statements_program(
            self.definition, statements, f"statements of {self.name}", shields=shields
        )

    def function_for(self, function: Callable[..., Any], changes: tuple[str, ...] | None) -> PythonFunction:
        """A stage function with the arrays of the variables."""
        return PythonFunction(function, self.environment, changes=changes)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of '{self.name}': {' '.join(self.names())}>"

    def offering(self, call: Callable[..., Any]) -> Call:
        """The callable of a stage that hands over what is offered beside variables."""
        return call


def declare_special(state: VariableStore) -> None:
    """Add the variables that every group has: its size N, and dt."""
    state.add(
        Variable("N", "special", "1", int, state.n, shared=True, constant=True),
        Variable("dt", "special", "ms", float, 0.0, shared=True, constant=True),
    )
