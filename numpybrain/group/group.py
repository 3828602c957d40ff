"""What neurons and synapses have in common: named values as attributes, and stages of their own."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.engine.python_function import PythonFunction
from numpybrain.errors import (
    ArgumentError,
    ModelError,
    NetworkError,
    NumpyBrainError,
    ShapeError,
    UnknownAttributeError,
    UnknownNameError,
    suggestion,
)
from numpybrain.group import models, stored_values, stream_positions
from numpybrain.group.assignment import in_unit
from numpybrain.group.views import SynapticArray
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import Call, Operation, SimulationObject
from numpybrain.kernel.functions import origin_of
from numpybrain.kernel.live import Live
from numpybrain.kernel.operations import Task
from numpybrain.kernel.random_streams import Streams
from numpybrain.kernel.run import RunContext
from numpybrain.kernel.stage import PHASES, Stage
from numpybrain.kernel.variables import CHANGES, Variable, VariableStore
from numpybrain.language import entry as language_entry
from numpybrain.utils.arrays import plain
from numpybrain.utils.naming import follows_time
from numpybrain.utils.quantities import is_function
from numpybrain.utils.state_reader import StateReader, Value, under

if TYPE_CHECKING:
    from numpybrain.group.sampling import Sampling
    from numpybrain.language.definition import Definition, OuterScope
    from numpybrain.symbolic.program import Program

SPECIAL = ("i", "j", "N", "dt", "lastspike", "not_refractory")  # variables nobody has to declare
OWN = (
    "network",
    "spikes",
    "spike_times",
    "_context",
    "_alone",
    "_complete",
)  # may change in a complete group

_counters: dict[str, Iterator[int]] = {}


class Group(Live, SimulationObject):
    """Base of `Neurons` and `Synapses`: `group.x` reads, and `group.x = value` writes, variable x."""

    name: str
    size: int
    state: VariableStore
    streams: Streams
    environment: NameScope
    definition: Definition | None
    sampling: Sampling | None  # what is calculated at the start of each step; None before there is any
    stages: list[Stage]
    network: Any  # weak reference to the network, once there is one
    _views: dict[str, SynapticArray]  # of the arrays of variables, as they have been read
    attachments: list[Attachment]  # synapses and monitors that were made for this group
    _context: RunContext | None
    _alone: RunContext | None  # what the group sees without a network
    _complete: bool  # set at the end of the constructor

    def __init__(self, kind: str, name: str | None, n: int) -> None:
        counter = _counters.setdefault(kind, itertools.count(1))
        self.name = name or f"{kind}_{next(counter)}"
        self.size = n
        self.state = VariableStore(self.name, n, convert=in_unit)
        self.streams = Streams(kind)
        self.definition = self.sampling = None
        self.stages = []
        self.network = None
        self.attachments, self._views = [], {}
        self._context = self._alone = None
        self.environment = self._environment("run", self.look_up)
        self.state.add(Variable("N", "special", "1", int, n, shared=True, constant=True))
        self.state.add(Variable("dt", "special", "ms", float, 0.0, shared=True, constant=True))

    def is_stored(self, name: str) -> bool:
        """Whether the array of a variable holds its present values, one for each element of the group."""
        reference = self.look_up(name)
        return reference is not None and reference.state is self.state and reference.slot.kind != "linked"

    def _environment(
        self, purpose: str, look_up: Callable[[str], VariableReference | None], **fields: Any
    ) -> NameScope:
        """What texts and functions of this group can see, with a random stream of the group."""
        return NameScope(look_up, lambda: self.streams[purpose], names=self.state.names, **fields)

    def around(self) -> OuterScope:
        """What texts may use beside the group's own variables."""
        return language_entry.nothing_around()

    def look_up(self, name: str) -> VariableReference | None:
        """Where the values of a name live; None if it is unknown here."""
        raise NotImplementedError

    # ---- values as attributes ----

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "state" not in self.__dict__:
            raise AttributeError(name)
        if name in self.state.slots or name in SPECIAL:
            self.look_up(name)  # special variables are made when somebody asks for them
        holder = self.holder(name)
        if holder is not None:
            if holder.slots[name].kind == "sampled" and not self._is_calculated(name):
                return self._calculated(name)
            return self.read(name)
        if self.can_evaluate(name):
            return self._calculated(name)
        if name in self.__dict__.get("events", ()):
            message = f"'{name}' of '{self.name}' is an event, which has no value"
            raise UnknownAttributeError(message, help=f"record it: nb.Monitor(group, '{name}')")
        names = (n for n in (*dir(type(self)), *self.__dict__) if not n.startswith("_"))
        message = f"'{self.name}' has no variable '{name}'"
        raise UnknownAttributeError(message + suggestion(name, [*self.variables(), *names]))

    def _is_calculated(self, name: str) -> bool:
        """Whether what is calculated at the start of each step has the value that belongs to this time."""
        if self.is_running():
            return True
        if self.sampling is not None and self.sampling.is_text(name):
            return False
        definition = self.definition
        assert definition is not None  # there is an equation
        return self.present().clock.step > 0 and not models.is_repeatable(definition, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if "state" in self.__dict__ and self.holder(name) is not None:
            self.write(name, value)
        elif (
            name in OWN or self._may_add(name) or (self._is_own(name) and "_complete" not in self.__dict__)
        ):
            object.__setattr__(self, name, value)
        else:
            raise self.why_not(name)

    def why_not(self, name: str) -> NumpyBrainError:
        """The error for an assignment to a name that is no stored variable."""
        what = f"'{name}' of '{self.name}'"
        if name in SPECIAL or self._is_own(name):
            return ModelError(f"{what} cannot be assigned")
        if self.definition is not None and name in self.definition.variables:
            return ModelError(f"{what} is a subexpression and cannot be assigned")
        if self.can_evaluate(name):
            return ModelError(f"{what} cannot be assigned", help="assign to the variable of the neurons")
        message = f"'{self.name}' has no variable '{name}'"
        return UnknownAttributeError(message + suggestion(name, self.variables()))

    def is_attribute(self, name: str) -> bool:
        """Whether a name is that of an attribute or method, so that no variable can have it."""
        return hasattr(type(self), name) or self._is_own(name) or name in self.__dict__

    def _is_own(self, name: str) -> bool:
        return any(
            name in vars(kind).get("__annotations__", ()) or isinstance(vars(kind).get(name), property)
            for kind in _shipped(type(self))
        )

    def _may_add(self, name: str) -> bool:
        """Whether a name is free for an attribute of a class that somebody derives from this one."""
        if next(_shipped(type(self))) is type(self) or name in SPECIAL or self._is_own(name):
            return False
        if any(name in vars(kind) for kind in _shipped(type(self))):
            return False
        return self.__dict__.get("definition") is None or name not in self.definition.variables  # type: ignore[union-attr]

    def _is_made(self) -> None:
        """The constructor is done: attributes of the group itself stay from now on."""
        for name in self.state.names():
            if name in self.__dict__:  # which would hide the variable
                message = f"'{name}' is a variable of '{self.name}', and an attribute of its class"
                raise ModelError(message, help="rename one of them")
        self._complete = True

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *self.state.names()})

    def holder(self, name: str) -> VariableStore | None:
        """Where a variable is stored; None if there is no such variable."""
        return self.state if name in self.state.slots else None

    def slots(self) -> list[Variable]:
        """The storage of all variables."""
        return list(self.state.slots.values())

    def variables(self) -> list[str]:
        """Names of all variables, parameters and subexpressions."""
        stored = (slot.name for slot in self.slots() if slot.kind not in ("special", "delay"))
        defined = () if self.definition is None else self.definition.variables
        return list(dict.fromkeys((*stored, *defined)))

    def read(self, name: str) -> Any:
        """The live array of a variable, as a `SynapticArray`; the number itself if it is shared."""
        found = (self.holder(name) or self.state).read(name)
        if not isinstance(found, np.ndarray):
            return found
        owner, known = self._owner_of(name), self._views.get(name)
        if known is None or known.array is not found or known.owner is not owner:
            known = self._views[name] = SynapticArray.of(found, owner, name)
        return known

    def _owner_of(self, name: str) -> Any:
        """Who finds elements for an index of the array of a variable, and knows its texts."""
        return self

    def _calculated(self, name: str) -> Any:
        """The present values of a name that is not stored, or not yet, as a view; one if it is shared."""
        found = self.evaluate(name)
        return SynapticArray.of(np.array(found), self, name) if np.ndim(found) else found

    def find_elements(self, key: Any) -> Any:
        """What an index of an array of this group means; itself, if NumPy knows it."""
        return key

    def put_values(self, name: str, array: np.ndarray[Any, Any], index: Any, value: Any) -> None:
        """Assign to some elements of the array of a variable: numbers, quantities, texts or functions."""
        holder = self.holder(name)
        if holder is None:
            raise self.why_not(name)
        if isinstance(value, str) or is_function(value):
            value = self.worth(name, value)
            value = value[index] if np.ndim(value) else value
        holder.put(name, array, index, value)

    def worth(self, name: str, value: Any) -> Any:
        """A quantity, text or function in the unit of a variable: one number, or one for each element."""
        self.refuse_time_course(name, value)
        holder = self.holder(name) or self.state
        slot, what = holder.slot(name), f"'{name}' of '{self.name}'"
        if isinstance(value, str):
            return self._value_of(name, value)
        if not is_function(value):
            return language_entry.convert(value, slot.unit_text, what)
        found = self._value_from(value)
        found = (
            language_entry.convert(found, slot.unit_text, what)
            if slot.dtype is float
            else plain(found, what)
        )
        if np.ndim(found) and np.shape(found) != (holder.n,):
            raise ShapeError(f"{what} needs 1 or {holder.n} values (got shape {np.shape(found)})")
        return found

    def write(self, name: str, value: Any, where: Any = None) -> None:
        """Assign to a variable: number(s) in its unit, a quantity, a string or a function."""
        holder = self.holder(name) or self.state
        if self.sampling is not None and where is None and self.sampling.take(name, value):
            return
        if isinstance(value, str) or is_function(value):
            self.refuse_time_course(name, value)
            value = self._value_of(name, value) if isinstance(value, str) else self._value_from(value)
            if isinstance(value, np.ndarray) and where is not None and value.shape == (holder.n,):
                value = value[where]
        holder.write(name, value, where)

    def refuse_time_course(self, name: str, value: Any) -> None:
        """Raise an error for a function of time that is assigned: only its present value would be used."""
        if follows_time(value):
            now = f"{self.present().clock.t:g} ms"
            message = f"'{name}' of '{self.name}' would keep the value of this time, {now}"
            advice = "only parameters of a whole group follow it; or set it in each step: at('start', f)"
            raise ModelError(message, help=advice)

    def is_running(self) -> bool:
        """Whether a run of the network is going on."""
        network = self.network() if self.network is not None else None
        return network is not None and network.is_running

    def can_evaluate(self, name: str) -> bool:
        """Whether `evaluate` knows a name: a subexpression, or what synapses see around them."""
        definition = self.definition
        return definition is not None and (name in definition.variables or name in self.around().names)

    def evaluate(self, name: str) -> np.ndarray[Any, Any]:
        """The present values of a name that is not stored here, shape (n,); one value if it is shared."""
        from numpybrain.symbolic import programs

        assert self.definition is not None  # only models have subexpressions
        program = programs.subexpression_program(self.definition, name, self.around())
        variable = self.definition.variables.get(name)
        shared = variable is not None and "shared" in variable.flags
        return np.broadcast_to(self._run_once(program), (self.size,))[0 if shared else slice(None)]

    def _value_of(self, name: str, text: str) -> Any:
        """The value of a string: an expression over the variables of the group."""
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

    def _value_from(self, function: Callable[..., Any]) -> Any:
        """The value that a function returns; it may ask for other variables, `N`, `i` and `rng`."""
        environment = self._environment("initial", self.look_up)
        bound = PythonFunction(function, environment, may_write=False)
        return bound.prepare(self.present())()

    def _run_once(self, program: Program, variable: str | None = None) -> Any:
        """The result of a program now (for a variable), with draws from the stream for initial values."""
        bound = self.reader(program, "initial") if variable is None else self.reader_of(variable, program)
        call = bound.prepare(self.present())
        with np.errstate(all="ignore"):
            return call()

    def reader(self, program: Program, purpose: str) -> BoundProgram:
        """A program over all elements; its callable gives the present values."""
        environment = self._environment(purpose, self.look_up, functions=self.environment.functions)
        return BoundProgram(program, environment, n=self.size)

    def reader_of(self, name: str, program: Program) -> BoundProgram:
        """The same for a program that gives start values for a variable."""
        return self.reader(program, "initial")

    def present(self) -> RunContext:
        """The context of the network, or of time zero and this group alone before there is one."""
        if self._context is not None:
            return self._context
        if self._alone is None:
            self._alone = RunContext(Clock(0.1))
            self._alone.note(self.stages)
        return self._alone

    # ---- stages ----

    def add_stage(
        self,
        phase: str,
        description: str,
        operation: Operation,
        origin: str = "equations",
        order: int = 0,
    ) -> Stage:
        """Add a stage of this group."""
        stage = Stage(phase, self.name, description, operation, origin, order)
        self.stages.append(stage)
        self._alone = None
        return stage

    def at(
        self,
        phase: str,
        function: Any = None,
        *,
        before: bool = False,
        changes: Iterable[str] | None = None,
        shielded: bool = True,
    ) -> Callable[..., Any]:
        """Add a stage: a Python function, or statements for all elements, in every step.

        Args:
            phase: "start", "integrate", "threshold", "synapse", "reset" or "end".
            function: the function or the statements; without it, `at` is a decorator. The arguments
                of a function are names of variables, `t`, `dt` and `rng`; its arrays are live.
            before: put it before, not after, what the phase holds already.
            changes: names of the variables whose arrays a function changes. Without, these are all that it
                gets, and all arrays that anybody has read, such as `cells.v`: they are then calculated with
                in every step, not once per run. Assignments (`cells.v = 1`) are noticed in any case.
            shielded: whether statements leave alone, in refractory neurons, the variables that stand still
                `(unless refractory)`, as synapses do. Functions write to the arrays as they like.

        A stage that is added in the middle of a run begins with the next one.

        `cells[10:20].at(...)` is about these neurons: functions get their part of the arrays; `i`, `N`
        and `spikes` count in the part.
        """
        if function is None:
            return lambda f: self.at(phase, f, before=before, changes=changes, shielded=shielded)
        self.add_user_stage(phase, function, self, before=before, changes=changes, shielded=shielded)
        return function  # type: ignore[no-any-return]

    def add_user_stage(
        self,
        phase: str,
        function: Any,
        scope: Any,
        *,
        before: bool,
        changes: Iterable[str] | None,
        shielded: bool,
    ) -> None:
        """Add a function or statements about `scope`: this group, or a part of it."""
        if phase not in PHASES:
            raise NetworkError(f"unknown phase '{phase}'{suggestion(phase, PHASES)}")
        if isinstance(function, str):
            if changes is not None:
                raise ArgumentError("what statements change is known: 'changes' is for functions")
            operation = scope.statements_for(function, shielded=shielded)
            stage = Stage(phase, scope.name, f"run '{function}'", operation, order=3)
        else:
            stage = self._stage_of(phase, function, scope, changes)
        if before:
            stage.order = -1
        self.stages.append(stage)
        self._alone = None
        network = self.network() if self.network is not None else None
        if network is not None:
            network.schedule.add(stage)

    def _stage_of(self, phase: str, function: Any, scope: Any, changes: Iterable[str] | None) -> Stage:
        names = None if changes is None else (changes,) if isinstance(changes, str) else tuple(changes)
        for each in names or ():
            if self.look_up(each) is None:
                message = f"'{self.name}' has no variable '{each}' to change"
                raise UnknownNameError(message + suggestion(each, self.state.names()))
        bound = scope.function_for(function, names)
        name = getattr(function, "__name__", "function")

        task = Task(lambda run: scope.offering(bound.prepare(run)), lambda: (bound,))
        return Stage(phase, scope.name, name, task, origin_of(function), order=3)

    def function_for(self, function: Callable[..., Any], changes: tuple[str, ...] | None) -> PythonFunction:
        """A stage function with the arrays of this group."""
        return PythonFunction(function, self.environment, self._offered(), changes=changes)

    def _offered(self) -> tuple[str, ...]:
        """Further argument names that a stage function may have."""
        return ()

    def offering(self, call: Callable[..., Any]) -> Call:
        """The callable of a stage that hands over what is offered."""
        return call

    def statements_for(self, text: str, *, shielded: bool) -> Operation:
        """Statements for all elements."""
        program = self.statements_program(text, shielded=shielded)
        bound = BoundProgram(program, self.environment, n=self.size)

        def prepare(run: RunContext) -> Call:
            call = bound.prepare(run)
            bound.check_shared()
            return call

        return Task(prepare, lambda: (bound,))

    def statements_program(self, text: str, *, shielded: bool, some: bool = False) -> Program:
        """The program of statements about all elements of this group, or some of them."""
        from numpybrain.symbolic.statement_programs import statements_program

        if self.definition is None:
            raise ModelError(f"'{self.name}' is written in Python: hand over a function")
        what = f"statements of '{self.name}'"
        statements = language_entry.read_statements(self.definition, text, what, some=some)
        shields = dict.fromkeys(self.environment.shields, "not_refractory") if shielded else {}
        return statements_program(
            self.definition, statements, f"statements of {self.name}", shields=shields
        )

    # ---- the network ----

    def requires(self) -> dict[str, Any]:
        """The groups that linked variables read."""
        return {f"which '{self.name}' is linked to": link.group for link in self.state.links()}

    def join(self, network: Any, context: RunContext) -> None:
        """Become part of a network."""
        if self._context is not None and self._context.clock is not context.clock:
            self.forget()
        self.network = network
        self._context = context
        self.state.slots["dt"].value = context.clock.dt

    def forget(self) -> None:
        """Forget what waits for a certain time: in another network time starts anew."""

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Assignments from now on must be noticed at once; None when the run is over."""
        self.state.changed = changed

    # ---- checkpoints ----

    def fingerprint(self, place: Callable[[Any], int]) -> dict[str, Any]:
        """What must be the same where a snapshot is restored; `place` numbers the groups of the network."""
        links = {
            slot.name: [place(link.group), link.slot.name]
            for slot in self.slots()
            if slot.kind == "linked"
            for link in (self.state.linked(slot),)
        }
        return {"name": self.name, "variables": stored_values.fingerprint(self.state), "links": links}

    def get_state(self) -> dict[str, Value]:
        """The values of all variables, and where the random streams are; arrays are the live ones."""
        values = {
            **under("state", stored_values.get_state(self.state)),
            **under("stream", stream_positions.get_state(self.streams)),
        }
        for name, course in models.random_courses(self.definition).items():
            values |= under(f"courses/{name}", course.get_state())
        return values

    def plan_restore(self, saved: StateReader) -> list[Call]:
        """Read a snapshot of this group and check it; the calls that are given then restore it."""
        return self._plan_restore(saved, self.size)

    def _plan_restore(self, saved: StateReader, n: int) -> list[Call]:
        """The same for a group that gets `n` elements."""
        state = stored_values.plan_restore(self.state, saved.part("state"), n, self.look_up)
        acts = [*state, *stream_positions.plan_restore(self.streams, saved.part("stream"))]
        for name, course in models.random_courses(self.definition).items():
            acts += course.plan_restore(saved.part(f"courses/{name}"))
        return acts


def _shipped(kind: type) -> Iterator[type]:
    """The classes of this package that a class derives from, itself included."""
    return (base for base in kind.__mro__ if base.__module__.startswith("numpybrain."))


class Attachment:
    """Synapses or a monitor, as the groups know them that they are made for: without keeping them alive."""

    __slots__ = ("missed", "object")

    def __init__(self, made: Any, groups: Iterable[Group]) -> None:
        self.object = weakref.ref(made)
        self.missed = False  # whether a warning has been given
        CHANGES.note()  # the next run looks whether it is left out
        for group in {id(g): g for g in groups}.values():
            group.attachments.append(self)

    def renumber(self, new: np.ndarray[Any, Any]) -> None:
        """Element k of the group is now `new[k]`, or gone if that is -1."""
        made = self.object()
        if made is not None:
            made.renumber(new)

    def is_left_out(self) -> bool:
        """Whether it is there, but in no network."""
        made = self.object()
        return made is not None and (made.network is None or made.network() is None)
