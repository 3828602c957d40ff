"""Connection rules: their contract, their context and their result."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ParamSpec

import numpy as np

from numpybrain.errors import (
    ArgumentError,
    IndexRangeError,
    ShapeError,
    UnknownNameError,
    shown,
    suggestion,
)
from numpybrain.group.part_arrays import counting
from numpybrain.kernel.subgroup import in_whole
from numpybrain.kernel.variables import Array

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection
    from numpybrain.kernel.connectivity import Connectivity

Pairs = tuple[Array, Array]

MOST = 10**12  # neighbours, synapses of a neuron or of all


class ConnectionContext:
    """Context of a connection rule: the ends that it connects.

    Attributes:
        n_source, n_target: sizes of the source and the target.
        rng: the random stream of the synapses for connecting.
        shift: source neuron i and target neuron j are one and the same if i - j == shift: one number, or
            one for each j; None if that cannot be, since the groups differ.
        projection: whose ends these are, or None where a rule is tried on its own.
        values: values for names that texts leave open.
        used: names among `values` that a text has used.
    """

    __slots__ = ("n_source", "n_target", "projection", "rng", "shift", "used", "values")

    def __init__(
        self,
        n_source: int,
        n_target: int,
        rng: np.random.Generator,
        shift: int | Array | None = 0,
        projection: Projection | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self.n_source = n_source
        self.n_target = n_target
        self.rng = rng
        self.shift = shift
        self.projection = projection
        self.values: Mapping[str, Any] = {} if values is None else values
        self.used: set[str] = set()

    @classmethod
    def of(cls, projection: Projection, values: Mapping[str, Any]) -> ConnectionContext:
        """The ends of some synapses."""
        ends = projection.connectivity
        stream = projection.own.streams["connect"]
        return cls(ends.source.size, ends.target.size, stream, _shift(ends), projection, values)

    @property
    def name(self) -> str:
        """A name for messages."""
        return "synapses" if self.projection is None else self.projection.name

    def of_neurons(self, side: str, name: str) -> tuple[Array, str]:
        """Values of a variable on one side ("source" or "target"), shape (size of it,), and their unit."""
        if self.projection is None:
            raise ArgumentError(f"there are no neurons here that have a variable '{name}'")
        which = "pre" if side == "source" else "post"
        neurons, where = self.projection.space(which), self.projection.connectivity.where(which)
        slot = neurons.state.slots.get(name)
        if slot is not None and slot.kind in ("parameter", "differential"):
            value, unit_text = slot.value, slot.unit_text
        elif neurons.can_evaluate(name) and neurons.definition is not None:
            value, unit_text = neurons.evaluate(name), neurons.definition.variables[name].unit_text
        else:
            message = f"'{neurons.name}' has no variable '{name}'"
            raise UnknownNameError(message + suggestion(name, neurons.state.names()))
        return np.broadcast_to(np.asarray(value), (neurons.size,))[where], unit_text

    def one_size(self, what: str) -> int:
        """The size of both groups; a `ShapeError` if they differ."""
        if self.n_source != self.n_target:
            sizes = f"(got {self.n_source} and {self.n_target})"
            raise ShapeError(f"{what} needs groups of one size {sizes}")
        return self.n_source

    def drop_autapses(self, i: Array, j: Array) -> Pairs:
        """The pairs of two different neurons."""
        if self.shift is None:
            return i, j
        keep = ~self.are_one(i, j)
        return (i, j) if keep.all() else (i[keep], j[keep])

    def are_one(self, i: Array, j: Array) -> Array:
        """Tell which pairs are of a neuron with itself."""
        shift = self.shift.take(j) if isinstance(self.shift, np.ndarray) else self.shift
        found: Array = i - j == shift
        return found


def _shift(ends: Connectivity) -> int | Array | None:
    """How much larger the index of a neuron is as a source than as a target; see `ConnectionContext`."""
    if ends.source is ends.target:
        return 0
    source, target = ends.groups()
    if source is not target:
        return None
    here, there = ends.where("pre"), ends.where("post")
    if isinstance(here, slice) and isinstance(there, slice):
        return int(there.start - here.start)
    j, n = np.arange(ends.target.size, dtype=np.intp), ends.source.size
    i = counting(here, source.size)(in_whole(j, there))
    return np.where((i >= 0) & (i < n), i, n) - j


class Connections:
    """Result of a rule: index arrays of shape (n_synapses,), and perhaps values of synaptic variables.

    `values`: name -> array of shape (n_synapses,); under the name "" stand the values of a matrix that
    has no name. `units`: name -> unit of its values, if that is not the variable's own.
    """

    __slots__ = ("i", "j", "units", "values")

    def __init__(
        self,
        i: Array,
        j: Array,
        values: Mapping[str, Any] | None = None,
        units: Mapping[str, str] | None = None,
    ) -> None:
        self.i = np.ascontiguousarray(i, dtype=np.intp)
        self.j = np.ascontiguousarray(j, dtype=np.intp)
        self.values: dict[str, Any] = dict(values or {})
        self.units: dict[str, str] = dict(units or {})


class ConnectionRule:
    """A connection rule: a value that can be used for any number of synapses.

    Args:
        name: how it is called, for messages.
        make: takes the `ConnectionContext`, gives two index arrays, or `Connections`.
    """

    __slots__ = ("made_by", "make", "name")

    def __init__(self, name: str, make: Callable[[ConnectionContext], Pairs | Connections]) -> None:
        self.name = name
        self.make = make
        self.made_by: Callable[..., ConnectionRule] | None = None  # what makes the same rule again

    def __reduce__(self) -> tuple[Callable[..., ConnectionRule], tuple[Any, ...]]:
        if self.made_by is None:
            return ConnectionRule, (self.name, self.make)
        return self.made_by, ()

    def links(self, ends: ConnectionContext) -> Connections:
        """The synapses that the rule makes between two ends."""
        made = self.make(ends)
        return made if isinstance(made, Connections) else Connections(*made)

    def pairs(self, n_source: int, n_target: int, rng: np.random.Generator) -> Pairs:
        """Index arrays of sources and targets, each of shape (n_synapses,), for one group with itself."""
        found = self.links(ConnectionContext(n_source, n_target, rng))
        return found.i, found.j

    def __repr__(self) -> str:
        return f"connect.{self.name}"


Parameters = ParamSpec("Parameters")


def remembered(factory: Callable[Parameters, ConnectionRule]) -> Callable[Parameters, ConnectionRule]:
    """A factory whose rules remember how they were made: copies and pickles make them again."""

    @functools.wraps(factory)
    def make(*args: Parameters.args, **kwargs: Parameters.kwargs) -> ConnectionRule:
        made = factory(*args, **kwargs)
        made.made_by = functools.partial(make, *args, **kwargs)
        return made

    return make


def check_range(i: Array, j: Array, ends: ConnectionContext) -> None:
    """Raise an `IndexRangeError` that names the pair unless all indices are inside of their groups."""
    sides = ((i, ends.n_source, "source"), (j, ends.n_target, "target"))
    for index, n, what in sides:
        if index.size and (index.min() < 0 or index.max() >= n):
            k = int(((index < 0) | (index >= n)).argmax())
            message = f"{what} index {index[k]} of '{ends.name}' is out of range"
            detail = f"pair i = {i[k]}, j = {j[k]}; the {what} has {n} neurons (0..{n - 1})"
            raise IndexRangeError(message, detail=detail)


def is_number(value: Any) -> bool:
    """Whether a value is a single real number and no boolean."""
    return isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)


def whole_number(value: Any, what: str, least: int = 0) -> int:
    """A whole number of at least `least`, or an `ArgumentError`."""
    if not is_number(value) or value != value // 1 or value < least:
        raise ArgumentError(f"{what} is a whole number, at least {least} (got {shown(value)})")
    if value > MOST:
        raise ArgumentError(f"{what} is at most {MOST:,} (got {shown(value)})")
    return int(value)


def a_probability(value: Any, what: str = "a connection probability") -> float:
    """A number from 0 to 1, or an `ArgumentError`."""
    if not is_number(value) or not 0 <= value <= 1:
        raise ArgumentError(f"{what} is a number from 0 to 1 (got {shown(value)})")
    return float(value)
