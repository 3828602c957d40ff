"""Syntax tree to SymPy. Units leave here: every factor is an exact rational, folded away at once.

In: checked nodes. Out: SymPy expressions over symbols whose values are plain numbers in the declared
units. Nothing is ever built from text: each node makes its own SymPy node.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import sympy as sp

from numpybrain.errors import ModelError
from numpybrain.language import constants, unit_table
from numpybrain.language.definition import (
    MS,
    NOISE,
    NOTHING,
    SPECIAL,
    Definition,
    ModelVariable,
    OuterScope,
    is_noise,
)
from numpybrain.language.function_table import CONSTANTS, PHYSICAL, Function, called
from numpybrain.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    Name,
    Number,
    Quantity,
    Signed,
    looks_back,
)
from numpybrain.language.scope import BOOLEAN, Type, declared
from numpybrain.language.signatures import signature_of
from numpybrain.language.unit_check import constant_value
from numpybrain.language.unit_table import PLAIN, Unit
from numpybrain.language.write import write
from numpybrain.symbolic import singularities, special_functions
from numpybrain.symbolic.expression_bounds import Bounds, exact, folded, power
from numpybrain.symbolic.formula_printer import readable
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.program import RandomCall
from numpybrain.utils.naming import of_neurons, of_side
from numpybrain.utils.purity import is_stateless

MAX_EXACT_POWER = 64  # literal powers up to here stay exact


def symbol(name: str) -> sp.Symbol:
    """The SymPy symbol for a name of a model."""
    return sp.Symbol(name, real=True)


PAST = ("differential", "parameter", "definition")  # kinds of variables that texts look back at


@dataclass(frozen=True, slots=True)
class Scaled:
    """A SymPy expression whose numbers are in `unit`."""

    expr: Any
    unit: Type

    def in_unit(self, unit: Type) -> Any:
        """The expression for numbers in another unit of the same dimension; a condition becomes 0 or 1."""
        if isinstance(unit, str) or isinstance(self.unit, str):
            return self.expr if unit == self.unit else self.number.expr
        factor = self.unit.scale / unit.scale
        return self.expr if factor == 1 else exact(factor) * self.expr

    @property
    def number(self) -> Scaled:
        """The same in a calculation, where a condition is 0 or 1."""
        if self.unit != BOOLEAN:
            return self
        known = {sp.true: sp.Integer(1), sp.false: sp.Integer(0)}.get(self.expr)
        return Scaled(special_functions.OPAQUE["to_int"](self.expr) if known is None else known, PLAIN)


@dataclass(slots=True)
class Lowering:
    """Lowers the texts of one model.

    Attributes:
        around: what names mean beyond the variables of the definition.
        written_out: kinds of variables in whose place their right-hand sides stand.
        with_noise: whether white noise may occur: in differential equations.
        suffix: what the names of this definition end with, seen from a synapse.
        current: what names stand for at this point of a list of statements; changed by `assign` and
            `go_back` only, since subexpressions follow from it.
        draws: what is drawn anew at every call met so far.
        past: names of variables whose earlier values are read.
        aggregates: names of the aggregates over the group met so far.
        rewritten: what was rewritten on the way, for `explain`.
        single: whether what is drawn now is drawn once for the whole group.
    """

    definition: Definition
    around: OuterScope = NOTHING
    draws: dict[sp.Symbol, RandomCall] = field(default_factory=dict)
    past: set[str] = field(default_factory=set)
    aggregates: set[str] = field(default_factory=set)
    rewritten: list[singularities.Removed] = field(default_factory=list)
    current: dict[str, Scaled] = field(default_factory=dict)
    written_out: tuple[str, ...] = ("definition",)
    with_noise: bool = False
    suffix: str = ""
    bounds: Bounds = field(default_factory=Bounds)
    single: bool = False
    _sides: dict[str, Lowering] = field(default_factory=dict)
    _subexpressions: dict[str, Scaled] = field(default_factory=dict)
    _drawn_at: dict[tuple[str, int, RandomCall], sp.Symbol] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.current = {**self.around.standing, **self.current}

    def assign(self, name: str, value: Scaled) -> None:
        """From here on, a name stands for this."""
        self.go_back({**self.current, name: value})

    def go_back(self, current: dict[str, Scaled]) -> None:
        """Names stand for what they stood for at another point of the statements."""
        self.current = current
        self._sides.clear()
        self._subexpressions.clear()

    def lower(self, node: Expr | Quantity, unit: Type | None = None) -> Any:
        """The SymPy expression for `node`, in `unit` if given."""
        scaled = self.scaled(node)
        expr = scaled.expr if unit is None else self.bounds.checked(scaled.in_unit(unit), node.span)
        return singularities.remove(expr, self.rewritten)

    def scaled_for(self, node: Expr | Quantity, *, shared: bool) -> Scaled:
        """The same as `scaled`, for what has one value for the whole group if it is `shared`."""
        before, self.single = self.single, self.single or shared
        made = self.scaled(node)
        self.single = before
        return made

    def scaled(self, node: Expr | Quantity) -> Scaled:
        """The SymPy expression for `node` with its unit."""
        if isinstance(node, Quantity):
            return Scaled(exact(node.value), unit_table.from_node(node.unit))
        made: Scaled = _RULES[type(node)](self, node)
        return Scaled(self.bounds.checked(made.expr, node.span), made.unit)

    def name(self, node: Name) -> Scaled:
        name = self.around.aliases.get(node.id, node.id)
        if name in self.current:
            return self.current[name]
        variable = self.definition.variables.get(name)
        if variable is not None and variable.kind in self.written_out:
            return self.subexpression(variable)
        known = variable.symbol if variable else self.around.names.get(name) or SPECIAL.get(name)
        if known is not None and known.kind == "definition":
            return self._of_side(name)
        if name == "t_in_timesteps":
            return Scaled(whole_steps(symbol("t"), symbol("dt")), PLAIN)
        if known is not None:
            own = name not in ("t", "dt")  # which are the same for all groups
            return Scaled(symbol(of_neurons(name, self.suffix) if own else name), known.type)
        if name in CONSTANTS:
            named = {"pi": sp.pi, "e": sp.E, "True": sp.true, "False": sp.false}
            kind = BOOLEAN if name in ("True", "False") else PLAIN
            return Scaled(named.get(name, exact(CONSTANTS[name])), kind)
        if name in PHYSICAL and name not in self.definition.given:
            return Scaled(exact(PHYSICAL[name][0]), declared(PHYSICAL[name][1]))
        unit = unit_table.named(name)
        if unit is not None:
            return Scaled(sp.Integer(1), unit)
        if is_noise(name) and self.with_noise:
            return Scaled(symbol(name), NOISE)
        if is_noise(name):
            message = f"white noise '{name}' has no value at a point in time"
            raise ModelError(message, node.span, help="look at the variable that it drives")
        raise ModelError(f"unknown name '{name}'", node.span)

    def _of_side(self, name: str) -> Scaled:
        """A subexpression of the source or target, such as `I_syn_post`."""
        bare, _, side = name.rpartition("_")
        suffix = f"_{side}"
        if suffix not in self._sides:
            definition = self.around.sides[suffix]
            assigned = {
                n.removesuffix(suffix): value for n, value in self.current.items()
                if n.endswith(suffix) and n in self.around.names
            }  # fmt: skip
            self._sides[suffix] = Lowering(
                definition, draws=self.draws, rewritten=self.rewritten, current=assigned, suffix=suffix,
                bounds=self.bounds, _drawn_at=self._drawn_at,
            )  # fmt: skip
        lowering = self._sides[suffix]
        return lowering.subexpression(lowering.definition.variables[bare])

    def subexpression(self, variable: ModelVariable) -> Scaled:
        """The expression that a subexpression stands for at this point."""
        found = self._subexpressions.get(variable.name)
        if found is None:
            assert variable.expr is not None  # definitions have a right-hand side
            scaled = self.scaled_for(variable.expr, shared="shared" in variable.flags)
            if variable.dtype is int:  # whole numbers, as `int()` makes them
                scaled = Scaled(special_functions.OPAQUE["to_int"](scaled.in_unit(PLAIN)), PLAIN)
            expr = self.bounds.checked(scaled.in_unit(variable.unit), variable.expr.span)
            found = Scaled(singularities.remove(expr, self.rewritten), variable.unit)
            self._subexpressions[variable.name] = found
        return found

    def number(self, node: Number) -> Scaled:
        return Scaled(exact(node.value), PLAIN)

    def signed(self, node: Signed) -> Scaled:
        operand = self.scaled(node.operand)
        if node.op == "not":
            return Scaled(special_functions.OPAQUE["logical_not"](operand.expr), BOOLEAN)
        operand = operand.number
        return Scaled(-operand.expr if node.op == "-" else operand.expr, operand.unit)

    def binary(self, node: Binary) -> Scaled:
        if node.op == "**":
            return self.power(node)
        if node.op in ("and", "or"):
            return self._logical(node)
        chain = [node]  # from right to left; without recursion, since texts have long sums
        while isinstance(chain[-1].left, Binary) and chain[-1].left.op not in ("**", "and", "or"):
            chain.append(chain[-1].left)
        result = self.scaled(chain[-1].left)
        for part in reversed(chain):
            made = self._arithmetic(part, result, self.scaled(part.right))
            result = Scaled(self.bounds.checked(made.expr, part.span), made.unit)
        return result

    def _arithmetic(self, node: Binary, a: Scaled, b: Scaled) -> Scaled:
        a, b = a.number, b.number
        if node.op in ("*", "/"):
            left, right = _unit(a), _unit(b)
            if node.op == "*":
                return Scaled(a.expr * b.expr, left * right)
            if b.expr == 0:
                raise ModelError("division by zero", node.right.span)
            return Scaled(a.expr / b.expr, left / right)
        common = _common(node.left, a, b)
        left_expr, right_expr = a.in_unit(common), b.in_unit(common)
        if node.op == "+":
            return Scaled(left_expr + right_expr, common)
        if node.op == "-":
            return Scaled(left_expr - right_expr, common)
        if right_expr == 0:
            raise ModelError("division by zero", node.right.span)
        if node.op == "//":
            return Scaled(special_functions.OPAQUE["floor_divide"](left_expr, right_expr), PLAIN)
        return Scaled(special_functions.OPAQUE["mod"](left_expr, right_expr), common)

    def _logical(self, node: Binary) -> Scaled:
        """A chain of `and`, or of `or`."""
        parts: list[Expr] = [node.right]
        left = node.left
        while isinstance(left, Binary) and left.op == node.op:
            parts.append(left.right)
            left = left.left
        conditions = [self.scaled(part).expr for part in (left, *reversed(parts))]
        return Scaled(_paired(special_functions.OPAQUE[f"logical_{node.op}"], conditions), BOOLEAN)

    def power(self, node: Binary) -> Scaled:
        base, exponent = self.scaled(node.left).number, self.scaled(node.right).number
        literal = constant_value(node.right)
        if all(isinstance(x, sp.Number) and x.is_finite for x in (base.expr, exponent.expr)):
            number, unit = constants.raised(
                node, Fraction(base.expr), _unit(base), Fraction(exponent.expr), _unit(exponent)
            )
            return Scaled(exact(number), unit)
        if literal is not None and literal.denominator == 1 and abs(literal) <= MAX_EXACT_POWER:
            return Scaled(power(base.expr, exact(literal), node.span), _unit(base).power(literal))
        dimension = Unit(_unit(base).dimension)  # roots are taken of base units, which are exact
        unit = dimension.power(literal) if literal is not None else PLAIN
        exponent_expr = exact(literal) if literal is not None else exponent.in_unit(PLAIN)
        return Scaled(power(base.in_unit(dimension), exponent_expr, node.span), unit)

    def compare(self, node: Compare) -> Scaled:
        scaled = [self.scaled(operand) for operand in node.operands]
        parts = []
        for k, op in enumerate(node.ops):
            a, b = _of_one_kind(scaled[k], scaled[k + 1])
            common = _common(node.operands[k], a, b)
            function = special_functions.OPAQUE[special_functions.COMPARISONS[op]]
            parts.append(function(a.in_unit(common), b.in_unit(common)))
        return Scaled(_paired(special_functions.OPAQUE["logical_and"], parts), BOOLEAN)

    def conditional(self, node: Conditional) -> Scaled:
        condition = self.scaled(node.condition).expr
        return self._choose(condition, node.yes, node.no)

    def _choose(self, condition: Any, yes: Expr, no: Expr) -> Scaled:
        a, b = _of_one_kind(self.scaled(yes), self.scaled(no))
        common = _common(yes, a, b)
        return Scaled(
            special_functions.OPAQUE["where"](condition, a.in_unit(common), b.in_unit(common)), common
        )

    def call(self, node: Call) -> Scaled:
        name = node.function
        if name in self.definition.functions:
            return self._own_function(node, self.definition.functions[name])
        around = self.around
        is_known = name in self.definition.variables or name in around.names or name in around.aliases
        if is_known and looks_back(node):
            return self._past(node)
        function = called(name, len(node.arguments))
        if function is None:  # one that is given later
            numbers = [self.scaled(a).number.in_unit(PLAIN) for a in node.arguments]
            return Scaled(sp.Function(name, real=True)(*numbers), PLAIN)
        if function.rule == "where":
            return self._choose(self.scaled(node.arguments[0]).expr, *node.arguments[1:])
        arguments = [self.scaled(a).number for a in node.arguments]
        if function.aggregates:
            self._check_aggregate(node)
        made = self._random if function.draws else self._applied
        return made(node, function, arguments)

    def _check_aggregate(self, node: Call) -> None:
        """Note an aggregate; raise an error where it is not clear which elements it would be taken over."""
        message = f"'{node.function}' of one argument is taken over a group of neurons"
        self._check_of_neurons(node, message, f"{node.function}(v)")
        self.aggregates.add(node.function)

    def _check_of_neurons(self, node: Call, message: str, example: str) -> None:
        """Raise an error in a text of synapses, or one that is read by synapses."""
        if self.suffix or self.around.sides:
            advice = f"calculate it for the neurons in each step:  m = {example} : mV (constant over dt)"
            raise ModelError(f"{message}, not in synapses", node.span, help=advice)

    def _past(self, node: Call) -> Scaled:
        """The value of a variable at an earlier time, `x(t - d)`."""
        name = node.function
        message = f"'{write(node)}' is a value of neurons at an earlier time"
        self._check_of_neurons(node, message, "v(t - d)")
        variable = self.definition.variables.get(name)
        if variable is None or variable.kind not in PAST or variable.dtype is not float:
            message = f"'{name}' has no values of earlier times"
            advice = "variables with dx/dt, parameters and subexpressions that are numbers with a unit have"
            raise ModelError(message, node.span, help=advice)
        delay = symbol("t") - self.scaled(node.arguments[0]).number.in_unit(MS)
        fixed = {v.name for v in self.definition.of_kind("parameter")} | {"dt", "N", "i"}
        moving = sorted(s.name for s in delay.free_symbols if s.name not in fixed)
        if moving or (delay.is_number and not delay.is_positive):
            what = f"is {readable(delay, {})} ms"
            if moving:
                drawn = {s.name: f"{draw.function}()" for s, draw in self.draws.items()}
                what = f"depends on '{drawn.get(moving[0], moving[0])}', which changes by itself"
            message = f"how long ago that is {what}, in '{write(node)}'"
            advice = f"write {name}(t - d) with a parameter d, which is at least one dt"
            advice += "; a stage may assign to it" * bool(moving)
            raise ModelError(message, node.span, help=advice)
        self.past.add(name)
        return Scaled(special_functions.Past(made_up(name), delay, symbol("t")), variable.unit)

    def _applied(self, node: Call, function: Function, arguments: list[Scaled]) -> Scaled:
        """A function of the language, with its arguments in the units that its rule needs."""
        match function.rule:
            case "root":
                base = Unit(_unit(arguments[0]).dimension)
                root = power(arguments[0].in_unit(base), sp.S.Half, node.span)
                return Scaled(root, base.power(Fraction(1, 2)))
            case "keep" | "sign":
                unit = arguments[0].unit if function.rule == "keep" else PLAIN
                more = (symbol("N"),) if function.name == "sum" else ()
                return Scaled(special_functions.node(function)(arguments[0].expr, *more), unit)
            case "steps":
                return Scaled(whole_steps(*_same_unit(node, arguments)[1]), PLAIN)
            case "same":
                unit, same = _same_unit(node, arguments)
                made = special_functions.node(function)
                return Scaled(_paired(made, same) if function.more else made(*same), unit)
        made = special_functions.node(function)
        if function.rule == "whole" and isinstance(arguments[0].expr, special_functions.OPAQUE["to_int"]):
            return arguments[0]  # a condition, a whole number already
        numbers = [a.in_unit(PLAIN) for a in arguments]
        value = folded(function, numbers, node.span)
        return Scaled(made(*numbers) if value is None else value, PLAIN)

    def _own_function(self, node: Call, function: Callable[..., Any]) -> Scaled:
        """A call of a user's function, with numbers in the units of its signature."""
        signature = signature_of(function)
        arguments = [self.scaled(a) for a in node.arguments]
        wanted = signature.arguments if signature else (PLAIN,) * len(arguments)
        unit = signature.result if signature else PLAIN
        numbers = [a.in_unit(w) for a, w in zip(arguments, wanted, strict=True)]
        name = of_side(node.function, self.suffix)
        if is_stateless(function) is not False:
            return Scaled(sp.Function(name, real=True)(*numbers), unit)
        return Scaled(self._drawn(node, RandomCall(name, tuple(numbers), sized=False)), unit)

    def _random(self, node: Call, function: Function, arguments: list[Scaled]) -> Scaled:
        """A random number; many are made of standard ones: `normal(m, s)` is `m + s*randn()`."""
        unit: Type = PLAIN
        if function.rule == "same":
            unit, numbers = _same_unit(node, arguments)
        else:
            if function.rule == "keep":
                unit = arguments[function.carries].unit
            units = [unit if k == function.carries else PLAIN for k in range(len(arguments))]
            numbers = [a.in_unit(u) for a, u in zip(arguments, units, strict=True)]

        def draw(name: str, *of: Any) -> sp.Symbol:
            return self._drawn(node, RandomCall(name, of))

        if function.made_of is None:
            return Scaled(draw(function.name, *numbers), unit)
        return Scaled(function.made_of(special_functions.NODES, draw, *numbers), unit)

    def _drawn(self, node: Call, draw: RandomCall) -> sp.Symbol:
        """Give the symbol drawn at a call: the same for all uses of the subexpression that it stands in."""
        draw = replace(draw, single=self.single)
        key = self.suffix, id(node), draw
        if key not in self._drawn_at:
            made = made_up(f"{draw.function}()_{len(self.draws) + 1}")
            self._drawn_at[key] = made
            self.draws[made] = draw
        return self._drawn_at[key]


def _paired(function: Callable[[Any, Any], Any], parts: list[Any]) -> Any:
    """A function of two arguments for many, in pairs of pairs: not nested as deep as there are parts."""
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        parts = [function(a, b) for a, b in pairs] + parts[len(parts) // 2 * 2 :]
    return parts[0]


def whole_steps(time: Any, dt: Any) -> Any:
    """Give the number of whole steps in a time, with the tolerance of Brian's `timestep`."""
    return special_functions.OPAQUE["to_int"]((time + dt / 1000) / dt)


def _same_unit(node: Call, arguments: list[Scaled]) -> tuple[Type, list[Any]]:
    """The unit that all arguments share, and the arguments in it."""
    unit = arguments[0].unit
    for have in arguments[1:]:
        unit = _common(node.arguments[0], Scaled(None, unit), have)
    return unit, [a.in_unit(unit) for a in arguments]


_RULES: dict[type, Callable[[Lowering, Any], Scaled]] = {
    Number: Lowering.number,
    Name: Lowering.name,
    Signed: Lowering.signed,
    Binary: Lowering.binary,
    Compare: Lowering.compare,
    Conditional: Lowering.conditional,
    Call: Lowering.call,
}


def _of_one_kind(a: Scaled, b: Scaled) -> tuple[Scaled, Scaled]:
    """Two conditions, or two numbers."""
    return (a, b) if a.unit == b.unit == BOOLEAN else (a.number, b.number)


def _unit(scaled: Scaled) -> Unit:
    return scaled.unit if isinstance(scaled.unit, Unit) else PLAIN


def _common(a_node: Expr, a: Scaled, b: Scaled) -> Type:
    """The unit in which to calculate with two terms; a bare 0 or inf takes the other's."""
    left, right = a.unit, b.unit
    if isinstance(left, str) or isinstance(right, str):
        return left
    return left if left.fits(right) else right if _is_bare(a_node) else left


def _is_bare(node: Expr) -> bool:
    while isinstance(node, Signed):
        node = node.operand
    return isinstance(node, Number) or (isinstance(node, Name) and node.id == "inf")
