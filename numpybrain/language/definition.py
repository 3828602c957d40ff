"""Definition of a model, read from its text: its variables and its other texts. Data only.

`define` makes a `Definition` of strings, `checking` checks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from numpybrain.language.function_table import CONSTANTS, FUNCTIONS
from numpybrain.language.nodes import Equation, Expr, Quantity, Statements, expressions
from numpybrain.language.scope import BOOLEAN, Scope, Symbol, Type
from numpybrain.language.unit_table import PLAIN, Unit, named

MS = Unit(named("ms").dimension, named("ms").scale)  # type: ignore[union-attr]
NOISE = Unit(tuple(-d * Fraction(1, 2) for d in MS.dimension))  # of white noise: 1/sqrt(time)
SPECIAL: dict[str, Symbol] = {  # names that every group knows
    "t": Symbol(MS, "special", "ms"),
    "dt": Symbol(MS, "special", "ms"),
    "t_in_timesteps": Symbol(PLAIN, "special", "1"),
    "i": Symbol(PLAIN, "special", "1"),
    "N": Symbol(PLAIN, "special", "1"),
    "lastspike": Symbol(MS, "special", "ms"),
    "not_refractory": Symbol(BOOLEAN, "special"),
}
WORDS = frozenset(("xi", "and", "or", "not", "if", "elif", "else", "spikes"))

Python = Callable[..., Any]


def is_reserved(name: str) -> bool:
    """Whether a name means something in the language, so that nothing else may be called so."""
    function = FUNCTIONS.get(name)
    is_function = function is not None and not function.yields
    return is_function or name in SPECIAL or name in CONSTANTS or name in WORDS


def is_noise(name: str) -> bool:
    """Whether a name means white noise."""
    return name == "xi" or name.startswith("xi_")


@dataclass(frozen=True, slots=True)
class ModelVariable:
    """One name of a model.

    `kind`: "differential"; "parameter"; "definition", a subexpression that is written out where it is
    used; "sampled", one that is calculated and stored at the start of each step (constant over dt);
    "summed", the sum of an expression over synapses; "linked", a variable of another group.
    `expr`: the right-hand side; for a parameter its default, or None.
    """

    name: str
    kind: str
    unit: Type
    unit_text: str
    flags: frozenset[str] = frozenset()
    expr: Expr | None = None
    comment: str = field(default="", compare=False)
    equation: Equation | None = field(default=None, compare=False, repr=False)

    @property
    def dtype(self) -> type:
        """The NumPy type of the stored values."""
        return {"boolean": bool, "integer": int}.get(self.unit_text, float)

    @property
    def symbol(self) -> Symbol:
        """Symbol that the name stands for in expressions."""
        return Symbol(self.unit, self.kind, self.unit_text)


@dataclass(frozen=True, slots=True)
class Definition:
    """A checked model.

    `open_names` are used but defined nowhere, `open_functions` are called but not known: they must be
    given later. `given` are names that mean such a value even if there is a unit of that name. `past` are
    variables whose values of earlier times are read. `closed` is what the definition becomes with variables
    for its open names, as far as that has been asked.
    """

    variables: Mapping[str, ModelVariable]
    threshold: Expr | Python | None = None
    reset: Statements | Python | None = None
    refractory: Expr | Quantity | Python | None = None
    refractory_type: Type | None = None
    events: Mapping[str, Expr | Python] = field(default_factory=dict)
    on_event: Mapping[str, Statements | Python] = field(default_factory=dict)
    at: Mapping[str, Statements | Python] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, Python] = field(default_factory=dict)
    open_names: tuple[str, ...] = ()
    open_functions: tuple[str, ...] = ()
    past: frozenset[str] = field(default=frozenset(), compare=False)
    given: frozenset[str] = field(default=frozenset(), compare=False, hash=True)
    content: Any = field(default=None, init=False, repr=False, compare=False)  # see `memory.Content`
    _equations: Any = field(default=None, init=False, repr=False, compare=False)
    _spiking: Any = field(default=None, init=False, repr=False, compare=False)
    closed: dict[Any, Definition] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def equations(self) -> Definition:
        """The same with nothing but the equations."""
        if self._equations is None:
            made = Definition(self.variables, functions=self.functions, given=self.given)
            object.__setattr__(self, "_equations", made)
        return self._equations  # type: ignore[no-any-return]

    @property
    def spiking(self) -> Definition:
        """The same with nothing but the equations, the threshold and the reset."""
        if self._spiking is None:
            made = replace(self.equations, threshold=self.threshold, reset=self.reset)
            object.__setattr__(self, "_spiking", made)
        return self._spiking  # type: ignore[no-any-return]

    def of_kind(self, *kinds: str) -> list[ModelVariable]:
        """The variables of these kinds, in definition order."""
        return [v for v in self.variables.values() if v.kind in kinds]

    def texts(self) -> dict[str, Any]:
        """Give the texts of spikes, events and stages, if any: what -> tree or function.

        Events are called "event NAME", their statements "on_event NAME", those of stages "at PHASE".
        """
        found = {what: getattr(self, what) for what in ("threshold", "reset", "refractory")}
        found = {what: value for what, value in found.items() if value is not None}
        found |= {f"event {name}": value for name, value in self.events.items()}
        found |= {f"on_event {name}": value for name, value in self.on_event.items()}
        return found | {f"at {phase}": value for phase, value in self.at.items()}

    def expressions(self) -> Iterator[Expr]:
        """The expressions of all texts, equations first."""
        yield from (v.expr for v in self.variables.values() if v.expr is not None)
        for text in (*self.texts().values(), *self.initial.values()):
            if isinstance(text, tuple):
                yield from expressions(text)
            elif isinstance(text, Expr):
                yield text

    def scope(self, where: str = "") -> Scope:
        """The names that further texts about this model may use."""
        names = {**SPECIAL, **{n: v.symbol for n, v in self.variables.items()}}
        return Scope(names, self.functions, where=where, given=self.given)


@dataclass(frozen=True, slots=True)
class OuterScope:
    """Scope of names that texts of synapses may use beside the synapses' own variables.

    `names`: name -> what it means. `aliases`: short names (`x`) -> full names (`x_post`). `sides`:
    "_pre" and "_post" -> the model on that side, whose subexpressions may be used. `standing`: name -> what
    stands for it in every expression (lowered): the present value of a variable that is stored as of an
    earlier time.
    """

    names: Mapping[str, Symbol] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    sides: Mapping[str, Definition] = field(default_factory=dict)
    standing: Mapping[str, Any] = field(default_factory=dict)
    content: Any = field(default=None, init=False, repr=False, compare=False)  # see `memory.Content`


NOTHING = OuterScope()
