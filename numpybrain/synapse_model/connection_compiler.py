"""The texts of connections, read and checked: conditions, probabilities and generators of indices.

In: a `Projection`, a text, and values for names that it leaves open. Out: the programs that the
kernel runs over pairs of neurons, in pieces. A program takes the indices `pre` and `post` of neurons
in their whole groups, `i` and `j` relative to source and target, and the element of a generator.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, UnitError, raise_all, suggestion
from numpybrain.language.definition import Definition, OuterScope, is_reserved
from numpybrain.language.dependencies import OF_EACH
from numpybrain.language.nodes import Binary, Call, Each, Expr, Name, Series
from numpybrain.language.reader import read_connection
from numpybrain.language.scope import BOOLEAN, OPEN, Scope, Symbol, Type, stored
from numpybrain.language.unit_check import check, check_fits
from numpybrain.language.unit_table import PLAIN
from numpybrain.model.given_values import from_values, functions_among
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.lower import Lowering, Scaled
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import symbol_names
from numpybrain.utils.naming import PAIR, of_neurons, of_side
from numpybrain.utils.quantities import is_function, is_quantity, read_quantity

if TYPE_CHECKING:
    from numpybrain.group.projection import Projection

HIDDEN = ("N", "dt", "lastspike", "not_refractory")  # which nobody asks for before a run
SERIES = {"range": (), "sample": ("p", "size")}  # name -> options, of which it takes one
EXAMPLE = "such as sample(N_post, p=0.1) or sample(N_post, size=10)"


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection text that has been checked.

    Attributes:
        kind: "condition", "probability" or "indices".
        programs: by what they calculate: "value"; or "element", "low", "high", "step", "p", "size" and
            "condition", those that the text has.
        parts: programs for the parts of a condition, if it is several that are joined by `and`.
        needs: for each program the names that it uses.
        numbers: values of names that the text leaves open: name -> number.
        units: name -> unit text of these.
        functions: functions that the text calls.
        pure: programs whose results follow from their arguments: without random numbers and functions.
    """

    kind: str
    programs: Mapping[str, Program]
    needs: Mapping[str, frozenset[str]]
    parts: tuple[str, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, Any] = field(default_factory=dict)
    pure: frozenset[str] = frozenset()


def connection(
    projection: Projection, text: str, given: Mapping[str, Any], kind: str, side: str
) -> Connection:
    """Read and check a text.

    Args:
        projection: source and target that it is about.
        text: what the user wrote.
        given: values for names that it leaves open.
        kind: what is wanted: "condition", "probability", "indices", or "" to take it as it comes: a
            condition, or else indices.
        side: "target" if indices are those of targets, calculated for each source; or "source".

    Raises:
        UnknownNameError: if a name is not known and not given.
        UnitError: if units do not fit.
    """
    what = {"condition": "connection condition", "probability": "connection probability"}.get(
        kind, "connection"
    )
    return _Reading(projection, read_connection(text, what), given, kind, side).done()


class _Reading:
    """One text on its way from syntax tree to programs."""

    def __init__(
        self, projection: Projection, node: Any, given: Mapping[str, Any], kind: str, side: str
    ) -> None:
        self.name, self.node, self.given = projection.name, node, given
        self.near, self.far = ("i", "j") if side == "target" else ("j", "i")
        self.names, self.around = _surroundings(projection)
        open_names: dict[str, Any] = {}
        calls: dict[str, Any] = {}
        if isinstance(node, Each):
            self._check_series(node)
        functions = dict(projection.own.environment.functions)
        empty = Scope(self.names, functions, open_names, calls, frozenset(given))
        self.kind = self._kind(kind, empty)
        self._check(empty)
        used = {name: given[name] for name in open_names if name in given}
        for name, value in used.items():
            numbers = read_quantity(value).numbers if is_quantity(value) else value
            if is_function(value) or np.size(numbers) != 1:
                message = f"'{name}' in the connection of '{projection.name}' must be one value"
                raise ArgumentError(message)
        extra, self.numbers = from_values(used, projection.name)
        functions |= functions_among(given, calls)
        self.definition = Definition(extra, functions=functions, given=frozenset(given))
        names = {**self.names, **{n: v.symbol for n, v in extra.items()}}
        scope = Scope(names, functions, given=frozenset(given), where="in the connection")
        self.kind = self._kind(kind, scope)
        self._check(scope)
        raise_all(scope.errors)

    def done(self) -> Connection:
        """The programs."""
        parts: dict[str, tuple[Expr, Type | None]] = {}
        if self.kind != "indices":
            unit: Type | None = PLAIN if self.kind == "probability" else None
            pieces: dict[str, tuple[Expr, Type | None]] = {"value": (self.node, unit)}
            if self.kind == "condition":
                joined = list(_joined_by_and(self.node))
                parts = (
                    {f"part {k}": (part, None) for k, part in enumerate(joined)} if len(joined) > 1 else {}
                )
                pieces |= parts
        else:
            pieces = {key: (node, PLAIN) for key, node, _ in _pieces(self._as_each())}
            if "condition" in pieces:
                pieces["condition"] = (pieces["condition"][0], None)
        variables = self.definition.variables
        programs = {key: self._program(key, *piece) for key, piece in pieces.items()}
        return Connection(
            self.kind,
            programs,
            {key: frozenset(self._used(node)) for key, (node, _) in pieces.items()},
            tuple(parts),
            self.numbers,
            {name: variable.unit_text for name, variable in variables.items()},
            self.definition.functions,
            frozenset(k for k, (node, _) in pieces.items() if not (programs[k].draws or self._calls(node))),
        )

    def _calls(self, node: Expr) -> bool:
        """Whether an expression calls functions of the user, perhaps in a subexpression of neurons."""
        if any(
            isinstance(part, Call) and part.function in self.definition.functions for part in node.walk()
        ):
            return True
        calling = [suffix for suffix, side in self.around.sides.items() if side.functions]
        return any(name.endswith(suffix) for name in self._used(node) for suffix in calling)

    def _as_each(self) -> Each:
        return self.node if isinstance(self.node, Each) else Each(self.node.span, self.node)

    def _kind(self, wanted: str, scope: Scope) -> str:
        """Give the kind of the text; an error if that is not what is wanted."""
        if isinstance(self.node, Each):
            found = "indices"
        elif wanted:
            return wanted
        else:
            found = "condition" if check(self.node, replace(scope, errors=[])) == BOOLEAN else "indices"
        if wanted not in ("", found):
            message = f"a {wanted} is one expression, not a series of indices"
            raise ModelError(message, self.node.span, help="connect.each(...) takes a series")
        return found

    def _check(self, scope: Scope) -> None:
        """Check names and units of all parts."""
        if self.kind == "condition":
            check(self.node, scope, BOOLEAN, "the condition")
        elif self.kind == "probability":
            check(self.node, scope, PLAIN, "a connection probability")
        else:
            self._check_indices(self._as_each(), scope)

    def _check_indices(self, node: Each, scope: Scope) -> None:
        element = {node.variable: Symbol(PLAIN, "special")} if node.variable else {}
        if is_reserved(node.variable) or node.variable in ("i", "j", "N_pre", "N_post"):
            message = f"'{node.variable}' has a meaning already"
            scope.fail(ModelError(message, node.span, help="write k for k in ..."))
        far = f"_{'post' if self.far == 'j' else 'pre'}"
        for key, part, with_element in _pieces(node):
            inner = replace(scope, names={**scope.names, **element}) if with_element else scope
            if key == "condition":
                check(part, inner, BOOLEAN, "the condition")
                continue
            names = {n: s for n, s in inner.names.items() if n != self.far and not self._is_far(n, far)}
            for name in part.walk():
                hidden = isinstance(name, Name) and name.id in scope.names and name.id not in names
                if isinstance(name, Name) and hidden:
                    message = f"'{name.id}' is not known here: this says what '{self.far}' is"
                    scope.fail(ModelError(message, name.span, help="a condition may use it: ... if ..."))
                    break
            else:
                have = check(part, replace(inner, names=names))
                if have == BOOLEAN:
                    scope.fail(UnitError(f"'{self.far}' is a number, not a condition", part.span))
                elif have != OPEN:
                    check_fits(part, have, PLAIN, _WHAT.get(key, f"the index '{self.far}'"), scope)

    def _is_far(self, name: str, suffix: str) -> bool:
        if name in ("N_pre", "N_post"):
            return False
        return self.around.aliases.get(name, name).endswith(suffix)

    def _check_series(self, node: Each) -> None:
        series = node.series
        if series is None:
            return
        name, span = series.function, series.span
        if name not in SERIES:
            message = f"unknown series '{name}'{suggestion(name, SERIES)}"
            raise ModelError(message, span, help="write range(...) or sample(...)")
        if not 1 <= len(series.arguments) <= 3:
            message = f"'{name}' takes one to three limits (got {len(series.arguments)})"
            raise ModelError(
                message, span, help=f"{name}(stop), {name}(start, stop) or {name}(start, stop, step)"
            )
        unknown = [option for option in series.options if option not in SERIES[name]]
        if unknown:
            message = f"'{name}' takes no '{unknown[0]}'"
            raise ModelError(message + suggestion(unknown[0], SERIES[name]), span)
        if SERIES[name] and len(series.options) != 1:
            raise ModelError(f"'{name}' takes either p or size", span, help=EXAMPLE)

    def _used(self, node: Expr) -> Iterable[str]:
        """Names that an expression uses, with the short ones written out."""
        for part in node.walk():
            if isinstance(part, Name):
                yield self.around.aliases.get(part.id, part.id)

    def _program(self, key: str, node: Expr, unit: Type | None) -> Program:
        variable = self.node.variable if isinstance(self.node, Each) else ""
        i, j, element = map(made_up, PAIR)
        lowering = Lowering(self.definition, self.around)
        lowering.current |= {"i": Scaled(i, PLAIN), "j": Scaled(j, PLAIN)}
        if variable and key in ("element", "condition"):
            lowering.current[variable] = Scaled(element, PLAIN)
        result = lowering.lower(node, unit)
        within = [of_neurons(name, suffix) for name in OF_EACH for suffix in self.around.sides]
        known = symbol_names(self.definition, [*self.around.names, *within])
        names = {**known, **{s: s.name for s in (i, j, element)}}
        label = f"connection of {self.name}"
        functions = tuple(self.definition.functions)
        return Program(label, names, result=result, draws=lowering.draws, functions=functions)


_WHAT = {
    "low": "the start of a series", "high": "the end of a series", "step": "the step of a series",
    "p": "a probability", "size": "a size",
}  # fmt: skip


def _pieces(node: Each) -> Iterable[tuple[str, Expr, bool]]:
    """The expressions of a text: what they are, and whether they may use the element."""
    yield "element", node.element, True
    if isinstance(node.series, Series):
        limits = node.series.arguments
        if len(limits) > 1:
            yield "low", limits[0], False
        yield "high", limits[0 if len(limits) == 1 else 1], False
        if len(limits) > 2:
            yield "step", limits[2], False
        for option, value in zip(node.series.options, node.series.values, strict=True):
            yield option, value, False
    if node.condition is not None:
        yield "condition", node.condition, True


def _joined_by_and(node: Expr) -> Iterable[Expr]:
    """The conditions that a condition is made of, all of which must hold."""
    if isinstance(node, Binary) and node.op == "and":
        yield from _joined_by_and(node.left)
        yield from _joined_by_and(node.right)
    else:
        yield node


def is_known(projection: Projection, name: str, given: Mapping[str, Any]) -> bool:
    """Whether a single word means a value in texts about connections."""
    names, _ = _surroundings(projection)
    return name in given or Scope(names).look_up(name) is not None


def _surroundings(projection: Projection) -> tuple[dict[str, Symbol], OuterScope]:
    """Give the names in texts: variables of both sides as `x_pre` and `x_post`, of the target bare too."""
    found: dict[str, Symbol] = {}
    sides: dict[str, Definition] = {}
    for group, suffix in zip(projection.spaces, ("_pre", "_post"), strict=True):
        for slot in group.state.slots.values():
            if slot.name not in (*HIDDEN, "i"):
                found[slot.name + suffix] = stored(slot.kind, slot.unit_text)
        if group.definition is not None:
            sides[suffix] = group.definition
            for variable in group.definition.of_kind("definition"):
                found[variable.name + suffix] = variable.symbol
            functions = {of_side(n, suffix): f for n, f in group.definition.functions.items()}
            projection.own.environment.add_functions(functions)
    plain = Symbol(PLAIN, "special", "1")
    own = {"i", "j", "N_pre", "N_post"}
    bare = {n.removesuffix("_post"): n for n in found if n.endswith("_post")}
    aliases = {short: full for short, full in bare.items() if short not in own}
    names = {
        **{short: found[full] for short, full in aliases.items()},
        **found,
        **dict.fromkeys(sorted(own), plain),
    }
    return names, OuterScope(names, aliases, sides)
