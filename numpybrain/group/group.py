"""Common base of neurons and synapses: variables as attributes, and stages of users."""

from __future__ import annotations

import functools
import gc
import itertools
import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import (
    ArgumentError,
    LeftOutWarning,
    ModelError,
    NetworkError,
    UnknownAttributeError,
    UnknownNameError,
    suggestion,
    warn,
)
from numpybrain.group import models, stored_values
from numpybrain.group.tab_names import for_users
from numpybrain.group.timing import Timed, Timing
from numpybrain.group.variable_space import SPECIAL, VariableSpace
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import PHASES, DeclaringObject, RunContext, Stage
from numpybrain.kernel.operations import Task
from numpybrain.kernel.state import State, under
from numpybrain.kernel.subgroup import Subgroup
from numpybrain.kernel.variables import CHANGES
from numpybrain.utils.live import lives_once
from numpybrain.utils.naming import by_names
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.engine.state_update import StateUpdate
    from numpybrain.kernel.variables import VariableStore
    from numpybrain.language.definition import Definition

UNSEEN = ("special", "delay")  # kinds of variables that are no attributes
OWN = ("network", "spikes", "spike_times", "_complete")  # may change in a complete group

_counters: dict[str, Iterator[int]] = {}


def numbered(kind: str, name: str | None) -> str:
    """The name of an object: the given one, or its kind and a number."""
    return name or f"{kind}_{next(_counters.setdefault(kind, itertools.count(1)))}"


@lives_once
class Group(DeclaringObject):
    """Base of `Neurons` and `Synapses`: `group.x` reads, and `group.x = value` writes, variable x.

    Attributes:
        inspect: the inner life: `inspect.state` is the storage of the variables, `inspect.look_up(name)`
            tells where the values of a name live, `inspect.streams` are the random streams.
        stages: what is done in each step.
    """

    name: str
    inspect: VariableSpace
    stages: list[Stage]
    brings: list[Any]  # further objects that come to a network with it
    _complete: bool  # set at the end of the constructor

    def __init__(self, inspect: VariableSpace, stages: list[Stage]) -> None:
        self.inspect = inspect
        self.name = inspect.name
        self.stages = stages
        self.brings = []

    @property
    def size(self) -> int:
        """The number of neurons, or of synapses."""
        return self.inspect.size

    @property
    def network(self) -> Any:
        """A weak reference to the network; None before there is one."""
        return self.inspect.network

    @network.setter
    def network(self, network: Any) -> None:
        if network is None:
            self.inspect.leave()
        else:
            self.inspect.network = network

    @property
    def definition(self) -> Definition | None:
        """The equations as they have been read; None for a group written in Python."""
        return self.inspect.definition

    # ---- values as attributes ----

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or "inspect" not in self.__dict__:
            raise AttributeError(name)
        if self.inspect.knows(name):
            return self.inspect.get(name)
        if name in self.__dict__.get("events", ()):
            message = f"'{name}' of '{self.name}' is an event, which has no value"
            raise UnknownAttributeError(message, help=f"record it: nb.Monitor(group, '{name}')")
        names = (n for n in (*dir(type(self)), *self.__dict__) if not n.startswith("_"))
        message = f"'{self.name}' has no variable '{name}'"
        raise UnknownAttributeError(message + suggestion(name, [*self.variables(), *names]))

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if "_complete" not in own and ("inspect" not in own or name not in own["inspect"].state.slots):
            object.__setattr__(self, name, value)
        elif self.inspect.holder(name) is not None:
            self.inspect.write(name, value)
        elif name in OWN or self._may_add(name):
            object.__setattr__(self, name, value)
        else:
            raise self.inspect.why_not(name, is_own=self._is_own(name))

    def _attributes(self, names: Iterable[str]) -> set[str]:
        """Those names that attributes or methods have, so that no variable can have them."""
        kind, own = type(self), self.__dict__
        return {name for name in names if hasattr(kind, name) or _owns(kind, name) or name in own}

    def _is_own(self, name: str) -> bool:
        return _owns(type(self), name)

    def _may_add(self, name: str) -> bool:
        """Whether a name is free for an attribute of a class that users derive from this one."""
        if _is_shipped(type(self)) or name in SPECIAL or self._is_own(name):
            return False
        if any(name in vars(kind) for kind in _shipped(type(self))):
            return False
        space = self.__dict__.get("inspect")
        return space is None or space.definition is None or name not in space.definition.variables

    def _is_made(self) -> None:
        """The constructor is done: attributes of the group itself stay from now on."""
        for name, slot in self.inspect.state.slots.items():
            if name in self.__dict__ and slot.kind not in UNSEEN:
                message = f"'{name}' is a variable of '{self.name}', and an attribute of its class"
                raise ModelError(message, help="rename one of them")
        self._complete = True

    def __dir__(self) -> list[str]:
        return sorted({*for_users(super().__dir__()), *self.inspect.state.names()})

    def variables(self) -> list[str]:
        """Names of all variables, parameters and subexpressions."""
        return self.inspect.names()

    def evaluate(self, name: str) -> np.ndarray[Any, Any]:
        """The present values of a subexpression, shape (n,); one value if it is shared."""
        return self.inspect.evaluate(name)

    # ---- stages ----

    def at(
        self,
        phase: str,
        function: Any = None,
        *,
        every: Any = None,
        start: Any = None,
        stop: Any = None,
        before: bool = False,
        changes: Iterable[str] | None = None,
        shielded: bool = True,
    ) -> Callable[..., Any]:
        """Add a stage: a Python function, or statements for all elements, in every step or in some.

        Args:
            phase: "start", "integrate", "threshold", "synapse", "reset" or "end".
            function: the function or the statements; without it, `at` is a decorator. The arguments
                of a function are names of variables, `t`, `dt` and `rng`; its arrays are live.
            every: the interval between two steps in which it acts (ms if bare); by default every step.
            start: from when on it acts (ms if bare); then at start, start + every ...
            stop: until when, not included.
            before: put it before, not after, what the phase holds already.
            changes: names of the variables whose arrays a function changes. Without, these are all that it
                gets, and all arrays that have been read, such as `cells.v`: they are then calculated with
                in every step, not once per run. Assignments (`cells.v = 1`) are noticed in any case.
            shielded: whether statements leave alone, in refractory neurons, the variables that stand still
                `(unless refractory)`, as synapses do. Functions write to the arrays as they like.

        A stage that is added in the middle of a run begins with the next one.

        `cells[10:20].at(...)` is about these neurons: functions get their part of the arrays; `i`, `N`
        and `spikes` count in the part.
        """
        scope, timing = self.inspect, Timing.of(every, start, stop, f"a stage of '{self.name}'")

        def add(f: Any) -> Any:
            add_user_stage(self, phase, f, scope, timing, before=before, changes=changes, shielded=shielded)
            return f

        return add if function is None else add(function)  # type: ignore[no-any-return]

    def _add_stages(self, *given: Mapping[str, Any] | None) -> None:
        """Add the stages of a model, and those beside it: phase -> statements or function."""
        for at in filter(None, given):
            for phase, acts in by_names(at, "at").items():
                self.at(phase, acts)

    # ---- the network ----

    def requires(self) -> dict[str, Any]:
        """The groups that linked variables read."""
        return {f"which '{self.name}' is linked to": link.group for link in self.inspect.state.links()}

    def check(self, clock: Clock) -> None:
        """Raise an error unless the times of stages fit the time step."""
        for stage in self.stages:
            if isinstance(stage.operation, Timed):
                stage.operation.timing.steps(clock)

    def join(self, network: Any, context: RunContext) -> None:
        """Become part of a network."""
        self.inspect.join(network, context)

    def listen(self, changed: Callable[..., None] | None) -> None:
        """Assignments from now on must be noticed at once; None when the run is over."""
        self.inspect.listen(changed)

    def integrated(self) -> Iterator[tuple[VariableStore, StateUpdate, str]]:
        """Give each store with states, its update from step to step, and whose values these are."""
        raise NotImplementedError

    # ---- checkpoints ----

    def fingerprint(self) -> dict[str, Any]:
        """Give what must be the same where a snapshot is put back; groups stand for their numbers."""
        state = self.inspect.state
        linked = {s.name: state.linked(s) for s in self.inspect.slots() if s.kind == "linked"}
        return {
            "name": self.name,
            "variables": stored_values.fingerprint(state),
            "links": {name: [link.group, link.slot.name] for name, link in linked.items()},
        }

    def declare_state(self) -> Iterator[State]:
        """The values of all variables, and where the random streams are."""
        yield from self._declare_values(self.size)

    def _declare_values(self, n: int, elsewhere: Collection[str] = ()) -> Iterator[State]:
        """The same for a group that has `n` elements then; some variables have their values elsewhere."""
        space = self.inspect
        variables = stored_values.state_of_variables(space.state, n, space.look_up, elsewhere)
        yield from under("state/", variables)
        yield from under("stream/", [space.streams.state()])
        for name, course in models.random_courses(space.definition).items():
            yield from under(f"courses/{name}/", course.declare_state())


def is_neurons(key: Any) -> bool:
    """Whether something is a group of neurons, or a part of one."""
    return isinstance(key, Subgroup) or (isinstance(key, Group) and bool(key.inspect.events))


def add_user_stage(
    group: Group,
    phase: str,
    function: Any,
    scope: Any,
    timing: Timing,
    *,
    before: bool,
    changes: Iterable[str] | None,
    shielded: bool,
) -> None:
    """Add a function or statements about `scope`: the variables of a group, or of a part of it."""
    network = group.network() if group.network is not None else None
    if phase not in PHASES:
        raise NetworkError(f"unknown phase '{phase}'{suggestion(phase, PHASES)}")
    if isinstance(function, str):
        if changes is not None:
            raise ArgumentError("what statements change is known: 'changes' is for functions")
        operation = scope.statements_for(function, shielded=shielded)
        stage = Stage(phase, scope.name, f"run '{function}'", operation, order=3)
    else:
        stage = _stage_of(group, phase, function, scope, changes)
    if before:
        stage.order = -1
    timing.apply_to(stage)
    if network is not None:
        timing.steps(network.clock)  # raises an error unless its times fit
    group.stages.append(stage)
    if network is not None:
        network.schedule.add(stage)


def _stage_of(group: Group, phase: str, function: Any, scope: Any, changes: Iterable[str] | None) -> Stage:
    names = None if changes is None else (changes,) if isinstance(changes, str) else tuple(changes)
    for each in names or ():
        if group.inspect.look_up(each) is None:
            message = f"'{group.name}' has no variable '{each}' to change"
            raise UnknownNameError(message + suggestion(each, group.inspect.state.names()))
    bound = scope.function_for(function, names)
    name = getattr(function, "__name__", "function")

    task = Task(lambda run: scope.offering(bound.prepare(run)), lambda: (bound,))
    return Stage(phase, scope.name, name, task, origin_of(function), order=3)


def _shipped(kind: type) -> Iterator[type]:
    """The classes of this package that a class derives from, itself included."""
    return filter(_is_shipped, kind.__mro__)


def _is_shipped(kind: type) -> bool:
    """Whether a class is one of this package."""
    return kind.__module__.startswith("numpybrain.")


@functools.lru_cache(maxsize=1024)
def _owns(kind: type, name: str) -> bool:
    """Whether a name is that of an attribute of a class of this package, or of a base of it."""
    return any(
        name in vars(base).get("__annotations__", ()) or isinstance(vars(base).get(name), property)
        for base in _shipped(kind)
    )


class Attachment:
    """Synapses or a monitor, as the groups know them that they are made for: without keeping them alive."""

    __slots__ = ("missed", "object")

    def __init__(self, made: Any, groups: Iterable[Group]) -> None:
        self.object = weakref.ref(made)
        self.missed = False  # whether a warning has been given
        CHANGES.note()  # the next run looks whether it is left out
        for group in {id(g): g for g in groups}.values():
            group.inspect.attachments.append(self)

    def renumber(self, new: np.ndarray[Any, Any]) -> None:
        """Element k of the group is now `new[k]`, or gone if that is -1."""
        made = self.object()
        if made is not None:
            made.renumber(new)

    def is_left_out(self) -> bool:
        """Whether it is there, but in no network."""
        made = self.object()
        return made is not None and (made.network is None or made.network() is None)


def warn_of_what_is_left_out(groups: Iterable[Group]) -> None:
    """Warn, once for each, of synapses and monitors of some groups that are in no network."""
    found = [a for group in groups for a in group.inspect.attachments if not a.missed and a.is_left_out()]
    if found:
        gc.collect()  # what nobody holds any more is only waiting for this
    for attachment in found:
        if attachment.missed or not attachment.is_left_out():  # of two groups it is found twice
            continue
        attachment.missed = True
        message = f"{attachment.object()!r} is in no network, so it does nothing"
        warn(f"{message}: give it to Network(...), or to net.add(...)", LeftOutWarning)
