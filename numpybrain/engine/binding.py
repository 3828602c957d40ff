"""Brings programs together with their data.

A program is compiled for the way its data look at the start of a run (one number or one per neuron?
can it change in the run?), its prologue is evaluated, and the body is called with live arrays in every
step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.engine import entry as engine_entry
from numpybrain.engine.numpy.random_calls import drawing
from numpybrain.errors import ArgumentError, ModelError, UnknownNameError, suggestion
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.functions import origin_of
from numpybrain.kernel.variables import CHANGES, Array, Variable, VariableStore
from numpybrain.utils.arrays import returning_plain
from numpybrain.utils.naming import ARRAY, MARK, SCALAR, SINGLETON, is_made_up
from numpybrain.utils.purity import is_stateless

if TYPE_CHECKING:
    from numpybrain.engine.data_layout import CompiledProgram
    from numpybrain.symbolic.program import Program


class VariableReference:
    """Where the values of a name live, and with which index argument they are gathered, if any.

    `through`: for each element of the group, which of the values it reads: for linked variables, and for
    what synapses read of their neurons; a function where that may change.
    """

    __slots__ = ("index", "link_index", "slot", "state")

    def __init__(
        self,
        state: VariableStore,
        slot: Variable,
        index: str | None = None,
        link_index: Array | Callable[[], Array] | None = None,
    ) -> None:
        self.state = state
        self.slot = slot
        self.index = index
        self.link_index = link_index

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
        """Which of the values each element reads now; None if its own."""
        return self.link_index() if callable(self.link_index) else self.link_index

    def access(self, name: str) -> str:
        """The index argument with which a program gathers the values of `name`, or WHOLE."""
        if self.link_index is None:
            return self.index or ARRAY
        return f"link_{name}.take({self.index})" if self.index else f"link_{name}"


class NameScope:
    """What the texts and functions of one object can see.

    Attributes:
        look_up: name -> its reference, or None.
        generator: gives the random stream of the object.
        functions: the user's own functions.
        names: gives the names of variables, for suggestions.
        shields: name -> function that writes a variable except where neurons are refractory.
        exposing: is told the names of variables whose arrays Python functions get.
    """

    __slots__ = ("exposing", "functions", "generator", "look_up", "names", "shields")

    def __init__(
        self,
        look_up: Callable[[str], VariableReference | None],
        generator: Callable[[], np.random.Generator],
        names: Callable[[], Iterable[str]],
        functions: dict[str, Callable[..., Any]] | None = None,
        shields: dict[str, Callable[..., Any]] | None = None,
        exposing: Callable[[str], None] | None = None,
    ) -> None:
        self.look_up = look_up
        self.generator = generator
        self.names = names
        self.functions: dict[str, Callable[..., Any]] = {} if functions is None else functions
        self.shields: dict[str, Callable[..., Any]] = {} if shields is None else shields
        self.exposing = exposing

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
        self.closure: CompiledProgram | None = None
        self.arguments: list[Any] = []
        self._compiled: dict[Any, CompiledProgram] = {}
        self._share = True
        self._single = False  # one element, which is calculated with numbers
        self._called = program.called if program.functions else frozenset()
        self._access: dict[str, str] = {}
        self._varying: set[str] = set()
        self._found = {
            name: self._reference(name)
            for name in program.inputs
            if name != "t" and not (is_made_up(name) and name in dynamic)
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
        """The user's functions in the program of which nobody knows that they keep to their values."""
        return frozenset(n for n in self._called if is_stateless(self.environment.functions[n]) is None)

    @property
    def is_fitted(self) -> bool:
        """Whether it has been compiled for its data."""
        return self.closure is not None

    @property
    def indices(self) -> set[str]:
        """The index arguments that the body uses."""
        gathered = {n for n, access in self._access.items() if access not in (SCALAR, ARRAY, SINGLETON)}
        used = {r.index for n, r in self._found.items() if n in gathered and r.index is not None}
        return used | ({self.size} if self.program.draws and self.size != "N" else set())

    @property
    def is_constant(self) -> bool:
        """Whether the present body depends on nothing that differs or changes (after `prepare`)."""
        closure = self.closure
        assert closure is not None  # prepare comes first
        return not (closure.uses_t or self._fresh) and all(kind != "value" for kind, _ in closure.arguments)

    @property
    def stays(self) -> bool:
        """Whether the present body gives the same in every step of a run (after `prepare`)."""
        closure = self.closure
        assert closure is not None  # prepare comes first
        return not (closure.uses_t or self._varying or self.program.draws or self._fresh)

    def is_settled(self, context: RunContext) -> bool:
        """Whether the present body gives the same in every step, unless Python functions assign."""
        assert self.closure is not None  # prepare comes first
        changes = any(context.is_written(r.slot) for r in self.references.values())
        return not (self.closure.uses_t or self.program.draws or self._fresh or changes)

    def prepare(self, context: RunContext) -> Callable[..., Any]:
        """Compile for this run if the data look different from last time, and bind.

        Gives the callable of the run: it takes the dynamic arguments.
        """
        self.fit(context)
        closure = self.closure
        assert closure is not None  # it has been compiled
        body = functools.partial(closure.body, *self.arguments)
        clock = context.clock
        return (lambda *indices: body(clock.t, *indices)) if closure.uses_t else body

    def fit(self, context: RunContext) -> None:
        """Compile for data that look as they do now, and bind the arguments."""
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
                access[name] = reference.access(name)
        self._access, self._varying = access, varying
        self._single = self._is_single(access)
        if self._single:
            access |= {n: SINGLETON for n, a in access.items() if a == ARRAY or self._is_live(n)}
        layout = engine_entry.layout(
            access,
            frozenset(varying),
            dynamic=self.dynamic,
            size=self.size,
            shielded=frozenset(t for t in targets if t in self.environment.shields),
            rows=self._rows(access),
            share=self._share,
            aliased=frozenset(n for n in varying if not context.is_written(self.references[n].slot)),
            fresh=self._fresh,
            aliases=self._aliases(targets),
        )
        closure = self._compiled.get(layout.key)
        if closure is None:
            closure = self._compiled[layout.key] = engine_entry.compile_program(self.program, layout)
        self.closure = closure
        self._bind(context)

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
        """Whether there is one element, and nobody's own function that may expect an array."""
        if self.size != "N" or self.dynamic or self.program.functions:
            return False
        if any(self._found[store.name].slot.dtype is int for store in self.program.stores):
            return False  # arrays of whole numbers take what is no number without an error
        n = self.n() if callable(self.n) else self.n
        return n == 1 and all(a in (SCALAR, ARRAY) for a in access.values())

    def _aliases(self, targets: set[str]) -> dict[str, tuple[str, ...]]:
        """Stored name -> the other names of its array: `x_pre` and `x_post` of one group, and links."""
        found = {}
        for name in targets:
            slot = self.references[name].slot
            others = sorted(n for n, r in self.references.items() if r.slot is slot and n != name)
            if others:
                found[name] = tuple(others)
        return found

    def _is_live(self, name: str) -> bool:
        """Whether a name has one value for all elements, which changes."""
        return self.references[name].slot.shared and name in self._varying

    def _divides_by_zero(self, given: list[Any]) -> bool:
        """Whether a division by 0 is for everybody, and not the other branch of a condition."""
        assert self.closure is not None  # it has been tried
        pairs = zip(self.closure.prologue_inputs, given, strict=True)
        known = {name: value for (_, name), value in pairs if isinstance(value, (int, float))}
        return self.program.divides_by_zero(known)

    def _division_by_zero(self, given: list[Any]) -> ModelError:
        """The error for a parameter that is 0 and must not be."""
        assert self.closure is not None  # it has been tried
        pairs = zip(self.closure.prologue_inputs, given, strict=True)
        zero = [name for (_, name), value in pairs if isinstance(value, (int, float)) and value == 0]
        message = f"division by zero in the {self.program.label}"
        if not zero:
            return ModelError(message)
        message += f": 0 is the value of {', '.join(zero)}"
        return ModelError(message, help=f"give a value, such as {zero[0]}=...")

    def _rows(self, access: Mapping[str, str]) -> tuple[str, ...]:
        """The names that are rows of one block of arrays, if the program uses whole arrays."""
        states = {id(r.state): r.state for n, r in self.references.items() if access.get(n) == ARRAY}
        return next(iter(states.values())).rows if len(states) == 1 else ()

    def _bind(self, context: RunContext) -> None:
        """Evaluate the prologue and bind its results."""
        closure = self.closure
        assert closure is not None  # prepare comes first
        given = [self._argument(kind, name, context) for kind, name in closure.prologue_inputs]
        with np.errstate(all="ignore"):
            try:
                values = closure.prologue(*given)
            except ZeroDivisionError:
                if self._divides_by_zero(given):
                    raise self._division_by_zero(given) from None
                values = closure.prologue(*map(_as_numpy, given))  # of which a condition takes none
        constants = dict(zip(closure.constants, values, strict=True))
        factors = [np.abs(constants[name]) for name in closure.factors]
        if not all(np.all((f > 0) & (f < np.inf)) for f in factors):
            self._share = False
            self.fit(context)
            return
        arguments = [
            constants[name] if kind == "constant" else self._argument(kind, name, context)
            for kind, name in closure.arguments
        ]
        if self.size == "N":
            # Beside arrays, NumPy takes 0-dimensional ones 0.3 us faster than numbers.
            number: Callable[[float], Any] = np.float64 if self._single else np.asarray
            arguments = [number(a) if isinstance(a, float) else a for a in arguments]
        self.arguments[:] = arguments

    def _value(self, name: str, context: RunContext) -> Any:
        if name == "dt":
            return context.clock.dt
        slot = self.references[name].slot
        if self._is_live(name):
            return slot.array(1)
        return slot.uniform_value() if self._access.get(name) == SCALAR else slot.value

    def _argument(self, kind: str, name: str, context: RunContext) -> Any:
        if kind == "call":
            return returning_plain(self._function(name), name)
        if kind == "draw":
            return drawing(self.environment.generator(), name)
        if kind == "size":
            return self.n() if callable(self.n) else self.n
        if kind == "block":
            first, last = name.split(":")
            state = self.references[first].state
            assert state.block is not None  # it has rows
            return state.block[state.rows.index(first) : state.rows.index(last) + 1]
        if kind == "shield":
            return self.environment.shields[name]
        if kind == "link":
            return self.references[name].chosen()
        return self._value(name, context)

    def _function(self, name: str) -> Callable[..., Any]:
        """A function of the user; one that is seen to draw numbers may not draw one for all, unasked."""
        function = self.environment.functions[name]
        n = self.n() if callable(self.n) else self.n
        if n == 1 or hasattr(function, "stateless") or is_stateless(function) is not False:
            return function

        def apart(*arguments: Any) -> Any:
            found = function(*arguments)
            if np.ndim(found) == 0 and not any(map(np.ndim, arguments)):
                raise _one_number_for_all(name, function)
            return found

        return apart

    @property
    def source(self) -> str:
        """The NumPy code that runs."""
        return self.closure.source if self.closure is not None else ""


def _one_number_for_all(name: str, function: Callable[..., Any]) -> ModelError:
    """The error for a random number that all elements would share."""
    name = name.partition(MARK)[0]
    message = f"'{name}' draws a random number, and all for whom it is called would get the same one"
    advice = f"give it an argument that differs, such as {name}(i), and return a number for each value"
    meant = "or, if that is meant, declare it: @nb.function(..., stateless=False)"
    return ModelError(message, detail=origin_of(function), help=f"{advice}; {meant}")


def _as_numpy(value: Any) -> Any:
    """A number of NumPy, which is infinite where one of Python raises an error."""
    return np.float64(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
