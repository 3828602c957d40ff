"""Brings Python functions together with their data: the live arrays whose names their arguments have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from numpybrain.engine.binding import NameScope, VariableReference
from numpybrain.engine.rebinding import rebound
from numpybrain.errors import ArgumentError, UnknownNameError, suggestion
from numpybrain.kernel.clock import Clock
from numpybrain.kernel.contracts import RunContext
from numpybrain.kernel.variables import Array, Variable
from numpybrain.utils.python_functions import function_arguments, origin_of


class PythonFunction:
    """A Python function with the arrays that its argument names ask for.

    Beside variables, arguments may be called `t`, `dt`, `rng` (the random stream of the object) and
    whatever the caller offers (`spikes`, `pre`, `post`, `synapses`).

    Attributes:
        window: the elements whose values it gets, if it is about a part: a slice, or indices, of which it
            gets copies, which are written back.
        is_open: whether it may write to any array that is held outside; not if it says what it `changes`.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        environment: NameScope,
        offered: Iterable[str] = (),
        *,
        may_write: bool = True,
        changes: Iterable[str] | None = None,
        window: slice | Array | None = None,
    ) -> None:
        self.function = function
        self.environment = environment
        self.offered = tuple(offered)
        self.window = window
        self.names = function_arguments(function)
        self.references: dict[str, VariableReference] = {}
        self.is_open = changes is None
        self.gives = not may_write  # a value, and changes nothing
        self.changes = () if not may_write else None if changes is None else tuple(changes)
        for name in self.names:
            if name in ("t", "dt", "rng", *self.offered):
                continue
            if environment.exposing is not None:
                environment.exposing(name)
            found = environment.look_up(name)
            if found is None:
                choices = [*environment.names(), "t", "dt", "rng", *self.offered]
                message = f"unknown argument '{name}' of {origin_of(function)}"
                raise UnknownNameError(message + suggestion(name, choices))
            self.references[name] = found
        if may_write:
            self._check_assignments()

    @property
    def reads(self) -> set[Variable]:
        """The variables whose arrays it gets."""
        return {slot for found in self.references.values() for slot in found.touched()}

    @property
    def writes(self) -> set[Variable]:
        """The variables that it may change: those whose arrays it gets, if it does not say which."""
        names = self.references if self.changes is None else self.changes
        found = [self.references.get(name) or self.environment.look_up(name) for name in names]
        return {slot for each in found if each is not None for slot in each.touched()}

    def _check_assignments(self) -> None:
        """Raise an error if the function assigns to an argument in place of its array."""
        for name, value in rebound(self.function, self.references):
            chosen = next((o for o in self.offered if o in self.names and _fits(o, name)), ":")
            message = f"{origin_of(self.function)} assigns to the argument '{name}', which changes no array"
            raise ArgumentError(message, help=f"write  {name}[{chosen}] = {value}")

    def prepare(self, context: RunContext) -> Callable[..., Any]:
        """The callable of a run: it takes what is offered, in that order.

        One that may write must not return anything.
        """
        arrays = self._arrays()
        call = self._call(context.clock, arrays)
        if self.window is not None and not isinstance(self.window, slice):
            call = self._copying(call, self.window, arrays)
        return call if self.gives else self._acting(call, list(arrays.values()))

    def _arrays(self) -> dict[str, Any]:
        return {name: self._array(reference) for name, reference in self.references.items()}

    def _call(self, clock: Clock, arrays: dict[str, Any]) -> Callable[..., Any]:
        fixed = dict(arrays)
        if "dt" in self.names:
            fixed["dt"] = clock.dt
        if "rng" in self.names:
            fixed["rng"] = self.environment.generator()
        function, wanted = self.function, [o for o in self.offered if o in self.names]
        with_t = "t" in self.names and "t" not in self.offered
        if not wanted:
            if with_t:
                return lambda *_: function(t=clock.t, **fixed)
            return lambda *_: function(**fixed)
        positions = [(name, self.offered.index(name)) for name in wanted]

        def run(*values: Any) -> Any:
            given = {name: values[k] for name, k in positions}
            if with_t:
                given["t"] = clock.t
            return function(**given, **fixed)

        return run

    def _copying(
        self, call: Callable[..., Any], where: Array, copies: dict[str, Any]
    ) -> Callable[..., Any]:
        """The callable of a function that gets copies of some elements, which are written back."""
        pairs = []
        for name, reference in self.references.items():
            found = reference.resolve_link()
            if found.slot.name != "N" and not found.slot.shared:
                may_write = self.changes is None or name in self.changes
                pairs.append((found.slot.array(found.state.n), copies[name], may_write))

        def act(*values: Any) -> Any:
            before = [array.take(where) for array, _, _ in pairs]
            for (_, copy, _), values_before in zip(pairs, before, strict=True):
                copy[:] = values_before
            returned = call(*values)
            for (array, copy, may_write), values_before in zip(pairs, before, strict=True):
                if may_write and array.flags.writeable:  # what it wrote to the whole group stays
                    changed = _differ(copy, values_before)
                    array[where[changed]] = copy[changed]
            return returned

        return act

    def _acting(self, call: Callable[..., Any], arrays: list[Any]) -> Callable[..., Any]:
        """The callable of a function that changes arrays in place; np.add(v, 1, out=v) returns one."""

        def act(*values: Any) -> None:
            returned = call(*values)
            if returned is not None and not any(returned is a for a in arrays):
                message = f"{origin_of(self.function)} returned a value, which nobody takes"
                raise ArgumentError(message, help="change the arrays in place: v[:] = ...")

        return act

    def _array(self, reference: VariableReference) -> Array | Any:
        reference = reference.resolve_link()
        slot = reference.slot
        if reference.link_index is not None:
            message = f"a function cannot take '{slot.name}' through a link with an index"
            raise ArgumentError(message, help=f"take it from '{reference.state.owner}' itself")
        if slot.name == "N":
            return slot.value
        array = slot.array(reference.state.n)
        return array if self.window is None or slot.shared else array[self.window]


def _differ(a: Array, b: Array) -> Array:
    """Tell where two arrays differ; NaN is the same as NaN."""
    found: Array = (a != b) & ((a == a) | (b == b))  # noqa: PLR0124  # what is not itself is NaN
    return found


def _fits(index: str, name: str) -> bool:
    """Whether the indices that a function is offered are those of the array of a variable."""
    side = {"pre": name.endswith("_pre"), "post": name.endswith("_post")}
    return side.get(index, not any(side.values()))
