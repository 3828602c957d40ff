"""Brings programs together with their data.

A program is compiled for the way its data look at the start of a run (one number or one per neuron?
can it change in the run?), its prologue is evaluated, and the body is called with live arrays in every
step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine import engine_table
from numpybrain.engine.contract import LINK, WHOLE, DataLayout
from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, suggestion
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.variables import CHANGES, Array, Variable, VariableStore
from numpybrain.utils.naming import ARRAY, MARK, SCALAR, SINGLETON, is_made_up
from numpybrain.utils.purity import is_stateless
from numpybrain.utils.python_functions import origin_of

if TYPE_CHECKING:
    from numpybrain.engine.contract import CompiledProgram, Executable, ProgramData
    from numpybrain.symbolic.program import Program


@dataclass(slots=True, eq=False)
class VariableReference:
    """Reference to the values of a name, with the index argument they are gathered with, if any.

    `through`: for each element of the group, which of the values it reads: for linked variables, and for
    what synapses read of their neurons; a function where that may change.
    """

    state: VariableStore
    slot: Variable
    index: str | None = None
    link_index: Array | Callable[[], Array] | None = None

    def resolve_link(self) -> VariableReference:
        """The reference itself; for a linked variable that to the values in the other group."""
        if self.slot.kind != "linked":
            return self
        link = self.state.linked(self.slot)
        if link.slot.shared:
            return VariableReference(link.state, link.slot)
        outer, inner = self.link_index, link.index
        link_index: Any = inner if outer is None else outer
        if outer is not None and inner is not None:
            link_index = inner[outer() if callable(outer) else outer]
        return VariableReference(link.state, link.slot, self.index, link_index)

    def touched(self) -> set[Variable]:
        """The storage of the variable, and of the one that it is linked to."""
        link = self.slot.value if self.slot.kind == "linked" else None
        return {self.slot} if link is None or not hasattr(link, "slot") else {self.slot, link.slot}

    def chosen(self) -> Array | None:
        """Indices of the values that the elements read now; None if each reads its own."""
        return self.link_index() if callable(self.link_index) else self.link_index

    @property
    def access(self) -> str:
        """Way in which a program accesses the values: see `DataLayout`."""
        return self.index or ARRAY if self.link_index is None else f"{LINK}{self.index or ''}"


@dataclass(slots=True, eq=False)
class NameScope:
    """Scope of the texts and functions of one object: the names that they can see.

    Attributes:
        look_up: name -> its reference, or None.
        generator: gives the random stream of the object.
        functions: the user's own functions.
        names: gives the names of variables, for suggestions.
        shields: name -> function that writes a variable except where neurons are refractory.
        exposing: called with the names of variables whose arrays Python functions get.
        remember: makes a variable of the name of a value of an earlier time; see `symbolic.past.PastValue`.
        engine: name of the engine that the object asks for; None for that of its network.
    """

    look_up: Callable[[str], VariableReference | None]
    generator: Callable[[], np.random.Generator]
    names: Callable[[], Iterable[str]]
    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    shields: dict[str, Callable[..., Any]] = field(default_factory=dict)
    exposing: Callable[[str], None] | None = None
    remember: Callable[[str, Any], None] | None = None
    engine: str | None = None

    def add_functions(self, functions: Mapping[str, Callable[..., Any]]) -> None:
        """Add functions to those that texts may call."""
        for name, function in functions.items():
            if not callable(function):
                raise ArgumentError(f"'{name}' is no function (got {type(function).__name__})")
        if any(self.functions.get(name) is not function for name, function in functions.items()):
            CHANGES.note()
        self.functions.update(functions)


class BoundProgram:
    """A program with its data. `prepare` it at the start of a run, and again after an assignment in it."""

    is_open = False

    def __init__(
        self,
        program: Program,
        environment: NameScope,
        *,
        dynamic: tuple[str, ...] = (),
        size: str = "N",
        n: int | Callable[[], int] = 0,
    ) -> None:
        self.program = program
        self.environment = environment
        self.dynamic = dynamic
        self.size = size
        self.n = n
        self.executable: Executable | None = None
        self.fitted: tuple[DataLayout, ProgramData] | None = None  # what it has been compiled for
        self.carried_out: tuple[str, str | None] = ("", None)  # by which engine, why not by that asked for
        self._compiled: dict[Any, tuple[CompiledProgram, tuple[str, str | None]]] = {}
        self._called = program.called if program.functions else frozenset()
        self._access: dict[str, str] = {}
        for name, past in program.past.items():
            assert environment.remember is not None  # others refuse before
            environment.remember(name, past)
        self._varying: set[str] = set()
        self._found = {
            name: self._reference(name)
            for name in program.inputs
            if name != "t" and not (name in dynamic and is_made_up(name))
        }
        self.references: dict[str, VariableReference] = {}  # with links followed, from `prepare` on

    def _reference(self, name: str) -> VariableReference:
        found = self.environment.look_up(name)
        if found is None:
            raise UnknownNameError(f"unknown name '{name}'{suggestion(name, self.environment.names())}")
        return found

    @property
    def reads(self) -> set[Variable]:
        """The variables whose values the program uses."""
        names = self.program.reads
        return {s for name, found in self._found.items() if name in names for s in found.touched()}

    @property
    def writes(self) -> set[Variable]:
        """The variables that the program assigns or adds to."""
        return {s for store in self.program.stores for s in self._found[store.name].touched()}

    @property
    def _fresh(self) -> frozenset[str]:
        """The user's functions in the program that are not known to keep to their values."""
        return frozenset(n for n in self._called if is_stateless(self.environment.functions[n]) is None)

    @property
    def is_fitted(self) -> bool:
        """Whether it has been compiled for its data."""
        return self.executable is not None

    @property
    def indices(self) -> set[str]:
        """The index arguments that the program uses (after `prepare`)."""
        gathered = {n for n, access in self._access.items() if access not in WHOLE}
        used = {r.index for n, r in self._found.items() if n in gathered and r.index is not None}
        return used | ({self.size} if self.program.draws and self.size != "N" else set())

    @property
    def is_constant(self) -> bool:
        """Whether it depends on nothing that differs or changes (after `prepare`)."""
        executable = self.executable
        assert executable is not None  # prepare comes first
        return not (executable.uses_t or executable.reads_values or self._fresh)

    @property
    def stays(self) -> bool:
        """Whether it gives the same in every step of a run (after `prepare`)."""
        assert self.executable is not None  # prepare comes first
        return not (self.executable.uses_t or self._varying or self.program.draws or self._fresh)

    def is_settled(self, context: RunContext) -> bool:
        """Whether it gives the same in every step, unless Python functions assign (after `prepare`)."""
        assert self.executable is not None  # prepare comes first
        changes = any(context.is_written(r.slot) for r in self.references.values())
        return not (self.executable.uses_t or self.program.draws or self._fresh or changes)

    def prepare(self, context: RunContext) -> Callable[..., Any]:
        """Compile for this run if the data look different from last time, and bind.

        Gives the callable of the run: it takes the dynamic arguments.
        """
        return self.fit(context).call(context.clock)

    def fit(self, context: RunContext) -> Executable:
        """Compile for data that look as they do now, and bind these."""
        targets = {store.name for store in self.program.stores}
        self.references = {name: found.resolve_link() for name, found in self._found.items()}
        access: dict[str, str] = {}
        varying: set[str] = set()
        for name, reference in self.references.items():
            slot = reference.slot
            if name in targets or context.varies(slot):
                varying.add(name)
            is_single = slot.shared or (name not in varying and slot.uniform_value() is not None)
            if is_single and name not in targets:
                access[name] = SCALAR
            else:
                slot.array(reference.state.n)
                access[name] = reference.access
        self._access, self._varying = access, varying
        is_single = self._is_single(access)
        if is_single:
            access |= {n: SINGLETON for n, a in access.items() if a == ARRAY or self.is_live(n)}
        layout = DataLayout(
            access,
            frozenset(varying),
            dynamic=self.dynamic,
            size=self.size,
            shielded=frozenset(t for t in targets if t in self.environment.shields),
            rows=self._rows(access),
            aliased=frozenset(n for n in varying if not context.is_written(self.references[n].slot)),
            fresh=self._fresh,
            aliases=self._aliases(targets),
        )
        engine = self.environment.engine or context.engine
        key = engine, layout.key
        if key not in self._compiled:
            chosen = engine_table.choose(self.program, layout, engine)
            self._compiled[key] = engine_table.compile_program(self.program, layout, chosen[0]), chosen
        compiled, self.carried_out = self._compiled[key]
        self.fitted = layout, _Data(self, context, access, is_single=is_single)
        self.executable = compiled.bind(self.fitted[1])
        return self.executable

    def is_live(self, name: str) -> bool:
        """Whether a name has one value for all elements, which changes (after `prepare`)."""
        return self.references[name].slot.shared and name in self._varying

    def check_shared(self) -> None:
        """Raise an error if a shared variable comes from values that may differ (after `prepare`)."""
        for store in self.program.stores:
            if not self.references[store.name].slot.shared:
                continue
            for name in sorted(self.program.needs(store)):
                found = self.references.get(name)
                if found is None or found.slot.shared or self._access.get(name, SCALAR) == SCALAR:
                    continue
                message = f"'{store.name}' of '{found.state.owner}' is shared by the group, '{name}' is not"
                message += ", and its values may differ"
                raise ModelError(message, help=f"give '{name}' the flag (shared), or take it from both")

    def _is_single(self, access: Mapping[str, str]) -> bool:
        """Whether there is one element, and no function of a user that may expect an array."""
        if self.size != "N" or self.dynamic or self.program.functions:
            return False
        if any(self._found[store.name].slot.dtype is int for store in self.program.stores):
            return False  # arrays of whole numbers take what is no number without an error
        return self.n_elements == 1 and all(a in (SCALAR, ARRAY) for a in access.values())

    def _aliases(self, targets: set[str]) -> dict[str, tuple[str, ...]]:
        """Stored name -> the other names of its array: `x_pre` and `x_post` of one group, and links."""
        found = {}
        for name in targets:
            slot = self.references[name].slot
            others = sorted(n for n, r in self.references.items() if r.slot is slot and n != name)
            if others:
                found[name] = tuple(others)
        return found

    def _rows(self, access: Mapping[str, str]) -> tuple[str, ...]:
        """The names that are rows of one block of arrays, if the program uses whole arrays."""
        states = {id(r.state): r.state for n, r in self.references.items() if access.get(n) == ARRAY}
        return next(iter(states.values())).rows if len(states) == 1 else ()

    @property
    def source(self) -> str:
        """The code that runs."""
        return self.executable.source if self.executable is not None else ""

    @property
    def n_elements(self) -> int:
        """Number of elements that the group has now."""
        return self.n() if callable(self.n) else self.n


class _Data:
    """The data of a program in a run: see `contract.ProgramData`."""

    __slots__ = ("_access", "_bound", "_context", "is_single")

    def __init__(
        self, bound: BoundProgram, context: RunContext, access: Mapping[str, str], *, is_single: bool
    ) -> None:
        self._bound = bound
        self._context = context
        self._access = access
        self.is_single = is_single

    def value(self, name: str) -> Any:
        if name == "dt":
            return self._context.clock.dt
        slot = self._bound.references[name].slot
        if self._bound.is_live(name):
            return slot.array(1)
        return slot.uniform_value() if self._access.get(name) == SCALAR else slot.value

    def size(self) -> int:
        return self._bound.n_elements

    def generator(self) -> np.random.Generator:
        return self._bound.environment.generator()

    def shield(self, name: str) -> Callable[..., None]:
        return self._bound.environment.shields[name]

    def link(self, name: str) -> Any:
        return self._bound.references[name].chosen()

    def block(self, first: str, last: str) -> Any:
        state = self._bound.references[first].state
        assert state.block is not None  # it has rows
        return state.block[state.rows.index(first) : state.rows.index(last) + 1]

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the user; one that is seen to draw numbers may not draw one for all, unasked."""
        function = self._bound.environment.functions[name]
        known = self._bound.n_elements == 1 or hasattr(function, "stateless")
        if known or is_stateless(function) is not False:
            return function

        def apart(*arguments: Any) -> Any:
            found = function(*arguments)
            if np.ndim(found) == 0 and not any(map(np.ndim, arguments)):
                raise _one_number_for_all(name, function)
            return found

        return apart


def _one_number_for_all(name: str, function: Callable[..., Any]) -> ModelError:
    """The error for a random number that all elements would share."""
    name = name.partition(MARK)[0]
    message = f"'{name}' draws a random number, and all for whom it is called would get the same one"
    advice = f"give it an argument that differs, such as {name}(i), and return a number for each value"
    meant = "or, if that is meant, declare it: @nb.function(..., stateless=False)"
    return ModelError(message, detail=origin_of(function), help=f"{advice}; {meant}")
