"""Rules written as texts or Python functions: conditions, probabilities and series of indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.connect import allowed
from numpybrain.connect.allowed import Condition, Part
from numpybrain.connect.rule import ConnectionContext, ConnectionRule, Pairs, remembered
from numpybrain.engine.binding import BoundProgram, NameScope, VariableReference
from numpybrain.errors import (
    ArgumentError,
    IndexRangeError,
    ShapeError,
    UnknownNameError,
    shown,
    suggestion,
)
from numpybrain.kernel.subgroup import in_whole
from numpybrain.kernel.variables import Array, Variable, VariableStore
from numpybrain.synapse_model import synapse_model_entry
from numpybrain.utils.arrays import plain
from numpybrain.utils.naming import PAIR
from numpybrain.utils.python_functions import function_arguments
from numpybrain.utils.sampling import blocks, choose, counts_between, ranges, successes

if TYPE_CHECKING:
    from numpybrain.synapse_model.connection_compiler import Connection

MOST = 10**11  # elements of all series of one text: hours, and a terabyte
ARGUMENTS = ("pre", "post", *PAIR)  # of the programs


@remembered
def condition(text: str | Callable[..., Any]) -> ConnectionRule:
    """Every pair for which a condition holds, ordered by source.

    Args:
        text: a condition such as "i != j" or "abs(x_pre - x_post) < 100*um and rand() < 0.1"; or a
            function of `i`, `j`, `x_pre`, `x_post` ... that gets arrays of one length and returns as
            many booleans. `i` and `j` are relative to source and target; a name without suffix is
            the target's. The same as the bare string.

    Pairs are looked at in pieces, so that memory stays bounded. What a part of the condition rules out
    that depends on few values of the source neurons is not looked at (parts are joined by `and`).

    Raises:
        UnknownNameError, UnitError, ModelSyntaxError: when it is used, if the text is wrong.
    """

    def make(ends: ConnectionContext) -> Pairs:
        return allowed.pairs(_condition(text, ends), ends)

    return ConnectionRule(f"condition({text!r})", make)


@remembered
def each(text: str, *, skip: bool = False, of: str = "source") -> ConnectionRule:
    """Rule that gives every source neuron the targets that a text says, ordered by source.

    Args:
        text: an expression for j, such as "(i + 1) % N_post" or "int(i/2) if i % 2 == 0"; or a series:
            "k for k in range(i - 3, i + 4) if k != i", "k for k in sample(N_post, p=0.1)",
            "k for k in sample(0, N_post, 2, size=10)" (without repetition). `range` and `sample` take
            stop, or start and stop, or start, stop and step.
        skip: leave out indices outside of the target, and take all where a sample is larger than
            what there is to choose from. By default both are errors.
        of: "source"; or "target": the text says the sources `i` of every target `j`, in order of j.

    Raises:
        IndexRangeError: when it is used, if an index is outside of its group; it names the pair.
        UnknownNameError, UnitError, ModelSyntaxError: likewise, if the text is wrong.
    """
    if of not in ("source", "target"):
        raise ArgumentError(f"'of' is 'source' or 'target' (got {shown(of)})")
    if not isinstance(text, str):
        raise ArgumentError(f"connect.each takes a text (got {type(text).__name__})")

    def make(ends: ConnectionContext) -> Pairs:
        side = "target" if of == "source" else "source"
        return _Series(_read(text, ends, "indices", side), ends, side, skip=skip).pairs()

    return ConnectionRule(f"each({text!r})", make)


def from_text(text: str, ends: ConnectionContext) -> Pairs:
    """The pairs that a bare text means: a condition, or else indices of targets."""
    found = _read(text, ends, "", "target")
    if found.kind == "condition":
        return allowed.pairs(_Calls(found, ends).condition(), ends)
    return _Series(found, ends, "target", skip=False).pairs()


def per_pair(
    p: str | Callable[..., Any], ends: ConnectionContext, where: str | Callable[..., Any] | None = None
) -> Pairs:
    """All pairs, each with its own probability (and only `where` a condition holds)."""
    chance = _test(p, ends, "probability")

    def hit(i: Array, j: Array) -> Array:
        probability = np.asarray(chance(i, j))
        if np.isnan(probability).any():
            raise ArgumentError("a connection probability is not a number (nan)")
        return np.asarray(ends.rng.random(np.broadcast_shapes(i.shape, j.shape)) < probability)

    if where is None:
        return allowed.pairs(Condition(hit), ends)
    return allowed.passing(hit, _condition(where, ends), ends)


def sampled(p: float, where: str | Callable[..., Any], ends: ConnectionContext) -> Pairs:
    """Pairs for which a condition holds, all with one probability."""
    return allowed.sampled(p, _condition(where, ends), ends)


def _read(text: str, ends: ConnectionContext, kind: str, side: str) -> Connection:
    if ends.projection is None:
        raise ArgumentError("a connection text needs synapses", help="give it as connect=...")
    found = synapse_model_entry.connection(ends.projection, text, ends.values, kind, side)
    ends.used |= {*found.numbers, *found.functions} & set(ends.values)
    return found


def _condition(rule: Any, ends: ConnectionContext) -> Condition:
    """A text or function as a condition on pairs."""
    if isinstance(rule, str):
        return _Calls(_read(rule, ends, "condition", "target"), ends).condition()
    return Condition(_test(rule, ends, "condition"))


def _test(rule: Any, ends: ConnectionContext, kind: str) -> Callable[[Array, Array], Any]:
    """A text or function as a function of source and target indices."""
    if isinstance(rule, str):
        return _Calls(_read(rule, ends, kind, "target"), ends).over("value")
    if not callable(rule):
        raise ArgumentError(f"a connection {kind} is a text or a function (got {type(rule).__name__})")
    return _of_function(rule, ends)


def _of_function(function: Callable[..., Any], ends: ConnectionContext) -> Callable[[Array, Array], Any]:
    """A Python function of `i`, `j`, `N_pre`, `N_post`, `rng`, `x_pre`, `x_post`."""
    fixed: dict[str, Any] = {"N_pre": ends.n_source, "N_post": ends.n_target, "rng": ends.rng}
    names = function_arguments(function)
    sides: dict[str, tuple[Array, str]] = {}
    for name in names:
        bare, _, suffix = name.rpartition("_")
        if name in fixed or name in ("i", "j"):
            continue
        if not bare or suffix not in ("pre", "post"):
            offered = ["i", "j", *fixed, "x_pre", "x_post"]
            message = f"unknown argument '{name}' of a connection function{suggestion(name, offered)}"
            raise UnknownNameError(message, help="values of neurons end in _pre or _post")
        sides[name] = ends.of_neurons("source" if suffix == "pre" else "target", bare)[0], suffix

    def call(i: Array, j: Array) -> Any:
        shape = np.broadcast_shapes(i.shape, j.shape)
        source, target = (np.broadcast_to(index, shape).ravel() for index in (i, j))
        given = {"i": source, "j": target, **fixed}
        given |= {n: v[source if suffix == "pre" else target] for n, (v, suffix) in sides.items()}
        returned = function(**{name: given[name] for name in names})
        found = plain(returned, "what a connection function returned")
        if found.ndim and found.shape != source.shape:
            message = "a connection function returns one value for each pair"
            raise ShapeError(message, detail=f"got shape {found.shape} for {source.size} pairs")
        if found.dtype.kind not in "biuf":
            raise ArgumentError(f"a connection function returned {found.dtype}")
        return found.reshape(shape) if found.ndim else found

    return call


class _Calls:
    """The programs of a text, bound to the neurons of both sides."""

    def __init__(self, connection: Connection, ends: ConnectionContext) -> None:
        assert ends.projection is not None  # texts are read for synapses
        self.connection, self.ends = connection, ends
        self._space = ends.projection.own
        self.own = VariableStore(ends.projection.name, 1)
        for name, number in connection.numbers.items():
            unit_text = connection.units[name]
            self.own.add(
                Variable(name, "parameter", unit_text, float, _single(number), shared=True, constant=True)
            )
        sides = ends.projection.connectivity
        self.source, self.target = sides.where("pre"), sides.where("post")
        self._calls: dict[str, Callable[..., Any]] = {}

    def _look_up(self, name: str) -> VariableReference | None:
        slot = self.own.slots.get(name)
        return VariableReference(self.own, slot) if slot is not None else self._space.look_up(name)

    def _call(self, key: str) -> Callable[..., Any]:
        if key in self._calls:
            return self._calls[key]
        program = self.connection.programs[key]
        functions = dict(self._space.environment.functions) | dict(self.connection.functions)
        environment = NameScope(self._look_up, lambda: self.ends.rng, self._space.state.names, functions)
        bound = BoundProgram(program, environment, dynamic=ARGUMENTS, size="pre")
        context = self._space.present()
        call = bound.prepare(context)
        # where a program reads no neurons of a side, it gets numbers that need not be any of them
        source = self.source if "pre" in bound.indices else slice(0, 0)
        target = self.target if "post" in bound.indices else slice(0, 0)

        def among_all(i: Array, j: Array, element: Array) -> Any:
            return call(in_whole(i, source), in_whole(j, target), i, j, element)

        self._calls[key] = among_all
        return among_all

    def __call__(self, key: str, i: Array, j: Array, element: Array) -> Any:
        """Values of one of the programs."""
        call = self._call(key)
        with np.errstate(all="ignore"):
            return call(i, j, element)

    def over(self, key: str) -> Callable[[Array, Array], Any]:
        """One of the programs as a function of a column of sources and a row of targets."""
        program = self.connection.programs[key]
        whole_arrays = bool(program.draws or self.connection.functions)

        def call(i: Array, j: Array) -> Any:
            shape = np.broadcast_shapes(i.shape, j.shape)
            if whole_arrays:  # as many draws as pairs
                i, j = (np.broadcast_to(index, shape).ravel() for index in (i, j))
            found = np.asarray(self(key, i, j, i))
            return found.reshape(shape) if whole_arrays and found.ndim else found

        return call

    def condition(self) -> Condition:
        """The text as a condition on pairs, in parts."""
        keys = self.connection.parts or ("value",)
        return Condition(self.over("value"), [self._part(key) for key in keys])

    def _part(self, key: str) -> Part:
        pure = key in self.connection.pure
        return Part(self.over(key), self._of_source(key) if pure else None, pure=pure)

    def _of_source(self, key: str) -> list[Array] | None:
        """The values of source neurons that a program reads; None if it tells all of them apart."""
        found = []
        for name in self.connection.programs[key].inputs:
            if name == PAIR[1]:  # the target
                continue
            if name in ARGUMENTS:
                return None
            if name == "t":
                continue
            reference = self._look_up(name)
            assert reference is not None  # the text has been checked
            reference = reference.resolve_link()
            if reference.index != "pre" or reference.slot.shared:
                continue
            values = np.broadcast_to(np.asarray(reference.slot.value), (reference.state.n,))
            chosen = reference.chosen()
            found.append((values if chosen is None else values[chosen])[self.source])
        return found


class _Series:
    """Runs the programs of a text for indices: `near` is given, `far` is calculated."""

    def __init__(self, connection: Connection, ends: ConnectionContext, side: str, *, skip: bool) -> None:
        self.calls, self.ends, self.skip = _Calls(connection, ends), ends, skip
        self.connection, self.programs = connection, connection.programs
        self.outward = side == "target"
        sizes = ends.n_source, ends.n_target
        self.n_near, self.n_far = sizes if self.outward else sizes[::-1]
        self.names = ("i", "j") if self.outward else ("j", "i")

    def pairs(self) -> Pairs:
        """The pairs, ordered by the index that is given."""
        near = np.arange(self.n_near, dtype=np.intp)
        parts = [self._finish(rows, element) for rows, element in self._elements(near)]
        none = np.empty(0, dtype=np.intp)
        found = tuple(np.concatenate([none, *(part[k] for part in parts)]) for k in (0, 1))
        return (found[0], found[1]) if self.outward else (found[1], found[0])

    def _finish(self, near: Array, element: Array) -> Pairs:
        """The far indices, with the condition and the limits applied."""
        far = self._whole(self._value("element", near, near, element), near, f"'{self.names[1]}'")
        if "condition" in self.programs:
            needed = "_post" if self.outward else "_pre"
            if any(
                name.endswith(needed) and name != f"N{needed}"
                for name in self.connection.needs["condition"]
            ):
                near, far, element = self._limited(near, far, element)
            keep = np.broadcast_to(self._value("condition", near, far, element), near.shape).astype(bool)
            near, far, element = near[keep], far[keep], element[keep]
        near, far, _ = self._limited(near, far, element)
        return near, far

    def _value(self, key: str, near: Array, far: Array, element: Array) -> Array:
        i, j = (near, far) if self.outward else (far, near)
        found = self.calls(key, i, j, element)
        return np.broadcast_to(np.asarray(found), near.shape)

    def _whole(self, value: Array, near: Array, what: str) -> Array:
        """Numbers as whole ones; an error that says where they are not."""
        if value.dtype.kind != "f":
            return value.astype(np.intp)
        wrong = ~(np.abs(value) < 2.0**62) | (value != np.floor(value))
        if wrong.any():
            k = int(wrong.argmax())
            message = f"{what} of '{self.ends.name}' must be a whole number"
            detail = f"it is {value[k]:g} for {self.names[0]} = {near[k]}"
            raise IndexRangeError(message, detail=detail, help="int(...) makes it one")
        return value.astype(np.intp)

    def _limited(self, near: Array, far: Array, element: Array) -> tuple[Array, Array, Array]:
        inside = (far >= 0) & (far < self.n_far)
        if inside.all():
            return near, far, element
        if self.skip:
            return near[inside], far[inside], element[inside]
        k = int((~inside).argmax())
        (a, b), group = self.names, "target" if self.outward else "source"
        raise IndexRangeError(
            f"{group} index {far[k]} of '{self.ends.name}' is out of range",
            detail=f"for {a} = {near[k]}, {b} = {far[k]}; the {group} has {self.n_far} neurons",
            help="nb.connect.each(text, skip=True) leaves such pairs out",
        )

    # ---- elements of the series ----

    def _elements(self, near: Array) -> Iterator[tuple[Array, Array]]:
        """Rows and elements, in pieces of bounded size."""
        if "high" not in self.programs:
            yield near, near
            return
        low, high, step = (self._limit(key, near, default) for key, default in _LIMITS)
        if (step == 0).any():
            raise ArgumentError(f"the step of a series of '{self.ends.name}' is 0")
        counts = np.maximum(-((low - high) // step), 0)
        if counts.sum(dtype=float) > MOST:
            k = int(counts.argmax())
            message = f"a series of '{self.ends.name}' has {counts[k]} elements for {self.names[0]} = {k}"
            raise ArgumentError(message, help=f"connect at most {MOST:,} pairs at once")
        if "p" in self.programs or "size" in self.programs:
            rows, places = self._sample(near, counts)
            pieces = blocks(np.bincount(rows, minlength=counts.size)) if rows.size else iter(())
            ends = np.cumsum(np.bincount(rows, minlength=counts.size))
            for piece in pieces:
                part = slice(int(ends[piece.start - 1]) if piece.start else 0, int(ends[piece.stop - 1]))
                yield rows[part], low[rows[part]] + places[part] * step[rows[part]]
            return
        for piece in blocks(counts):
            rows, places = ranges(counts[piece])
            rows += piece.start
            yield rows, low[rows] + places * step[rows]

    def _limit(self, key: str, near: Array, default: int) -> Array:
        if key not in self.programs:
            return np.full(near.size, default, dtype=np.intp)
        value = self._value(key, near, near, near)
        return self._whole(value, near, {"size": "a size"}.get(key, "a limit of a series"))

    def _sample(self, near: Array, counts: Array) -> Pairs:
        rng = self.ends.rng
        if "size" in self.programs:
            sizes = self._limit("size", near, 0)
            wrong = (sizes < 0) | (sizes > counts)
            if wrong.any() and not self.skip:
                k = int(wrong.argmax())
                message = f"a sample of {sizes[k]} cannot be taken from {counts[k]} ('{self.ends.name}')"
                raise IndexRangeError(
                    message,
                    detail=f"for {self.names[0]} = {k}",
                    help="nb.connect.each(text, skip=True) takes all",
                )
            return choose(counts, np.clip(sizes, 0, counts), rng)
        p = self._value("p", near, near, near)
        if not ((p >= 0) & (p <= 1)).all():
            bad = p[int((~((p >= 0) & (p <= 1))).argmax())]
            raise ArgumentError(f"a probability is a number from 0 to 1 (got {bad:g})")
        if (p == p[0]).all():
            flat = successes(float(p[0]), int(counts.sum()), rng)
            ends = np.cumsum(counts)
            here = counts_between(flat, ends)
            rows = np.repeat(near, here)
            return rows, flat - (ends - counts)[rows]
        return choose(counts, rng.binomial(counts, p), rng)


def _single(number: Any) -> float:
    return float(np.asarray(number).reshape(()))


_LIMITS = (("low", 0), ("high", 0), ("step", 1))
