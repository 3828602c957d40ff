"""Names and units, checked on the syntax tree (SymPy simplifies on construction and has no places).

In: nodes and a `Scope`. Out: the type of every expression, or errors that point at the fault.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from numpybrain.errors import (
    ModelError,
    NumpyBrainError,
    UnitError,
    UnknownNameError,
    nearest,
    short,
    suggested,
    suggestion,
)
from numpybrain.language import unit_hints, unit_table
from numpybrain.language.definition import MS, is_noise
from numpybrain.language.function_table import FUNCTIONS, Function, called
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
    Statement,
    looks_back,
)
from numpybrain.language.number_bounds import kept
from numpybrain.language.scope import BOOLEAN, OPEN, Scope, Type
from numpybrain.language.signatures import n_arguments, signature_of
from numpybrain.language.unit_table import PLAIN, Unit


def check(node: Expr, scope: Scope, want: Type | None = None, what: str = "") -> Type:
    """The type of an expression; with `want`, also that it is of that type."""
    before = len(scope.errors)
    have = _type(node, scope)
    if want is not None:
        check_fits(node, have, want, what, scope)
    if len(scope.errors) > before:
        _unhide_units(node, scope, want, what, scope.errors[before:])
    return have


def _unhide_units(
    node: Expr, scope: Scope, want: Type | None, what: str, errors: list[NumpyBrainError]
) -> None:
    """Say so in the first error of units if names of the model were meant as the units of that name."""
    hidden = unit_hints.hidden_units([n.id for n in node.walk() if isinstance(n, Name)], scope)
    error = next((e for e in errors if isinstance(e, UnitError)), None)
    if not hidden or error is None:
        return
    others = {n: symbol for n, symbol in scope.names.items() if n not in hidden}
    trial = replace(scope, names=others, given=scope.given - set(hidden), letters=True, errors=[])
    have = _type(node, trial)
    if want is not None:
        check_fits(node, have, want, what, trial)
    long = [name for name in hidden if len(name) > 1]
    if not trial.errors:
        error.help = unit_hints.unhide(hidden)
    elif error.help is None and long:
        error.help = unit_hints.unhide(long)


def check_fits(node: Expr, have: Type, want: Type, what: str, scope: Scope) -> None:
    """Note an error unless an expression of type `have` can stand where `want` is wanted."""
    if not fit(have, want) and not _is_neutral(node, want):
        scope.fail(_mismatch(node, have, want, what))


def check_quantity(node: Quantity | Expr, scope: Scope) -> Type:
    """The type of "1.5 ms" or "2*nS + 10*pS"."""
    if isinstance(node, Quantity):
        return unit_table.from_node(node.unit)
    return check(node, scope)


def constant_value(node: Expr) -> Fraction | None:
    """The exact value of an expression of literal numbers only, such as `-1/2`."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Signed) and node.op != "not":
        value = constant_value(node.operand)
        return None if value is None else -value if node.op == "-" else value
    if isinstance(node, Binary) and node.op in ARITHMETIC:
        left, right = constant_value(node.left), constant_value(node.right)
        try:
            return None if left is None or right is None else kept(ARITHMETIC[node.op](left, right))
        except ArithmeticError:
            return None
    return None


ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
}  # fmt: skip


# ---- types -----------------------------------------------------------------------------------


def _type(node: Expr, scope: Scope) -> Type:
    try:
        return _RULES[type(node)](node, scope)
    except UnitError as error:  # of a unit that exponents have made too large
        return scope.fail(UnitError(error.message, error.span or node.span, help=error.help))


def _number(node: Number, scope: Scope) -> Type:
    return PLAIN


def _name(node: Name, scope: Scope) -> Type:
    symbol = scope.look_up(node.id)
    if symbol is None:
        return unknown(node.id, node, scope)
    if symbol.kind == "partial":
        message = f"'{node.id}' is set in one branch of an 'if' only"
        return scope.fail(ModelError(message, node.span, help="set it before, or in every branch"))
    return symbol.type


def unknown(name: str, node: Any, scope: Scope) -> str:
    """Note an unknown name: as open, or as an error with advice."""
    if is_noise(name):
        return scope.fail(
            ModelError(f"noise '{name}' stands outside of a differential equation", node.span)
        )
    if scope.open_names is not None:
        scope.open_names.setdefault(name, node.span)
        return OPEN
    where = f" {scope.where}" if scope.where else ""
    span = node.span.source.span(node.span.start, node.span.start + len(name))
    if name in FUNCTIONS or name in scope.functions:
        return scope.fail(ModelError(f"'{name}' is a function", span, help=f"call it: {name}(...)"))
    is_statement = isinstance(node, Statement)
    unit = unit_table.named(name) if len(name) == 1 and not is_statement else None
    known = sorted(n for n, s in scope.names.items() if s.kind != "special")

    def advise() -> tuple[str, str | None]:
        if unit is not None:
            variant = any(n.lower() == name.lower() for n in known)
            word = unit_table.long_name(name)
            advised = f"for the unit write {word}: one-letter units are not known in expressions"
            return suggestion(name, known) if variant else "", advised
        near = nearest(name, known)
        if is_statement:
            return suggested(near, known), f"define it in the equations:  {name} : 1"
        words = None if near is not None else unit_hints.give(short(name))
        return suggested(near, known), words

    return scope.fail(UnknownNameError(f"unknown name '{short(name)}'{where}", span, advise=advise))


def _signed(node: Signed, scope: Scope) -> Type:
    have = _type(node.operand, scope)
    if node.op == "not":
        return _need_boolean(node.operand, have, "not", scope)
    return as_number(have)


def _need_boolean(node: Expr, have: Type, word: str, scope: Scope) -> Type:
    if have not in (BOOLEAN, OPEN):
        scope.fail(
            UnitError(
                f"'{word}' needs a condition (got {have})",
                node.span,
                help=unit_hints.compare(node, _unit(have)),
            )
        )
    return BOOLEAN


def as_number(have: Type) -> Type:
    """The type of something in a calculation, where a condition counts as 0 or 1."""
    return PLAIN if have == BOOLEAN else have


def _binary(node: Binary, scope: Scope) -> Type:
    left, right = _type(node.left, scope), _type(node.right, scope)
    if node.op in ("and", "or"):
        _need_boolean(node.left, left, node.op, scope)
        return _need_boolean(node.right, right, node.op, scope)
    left, right = as_number(left), as_number(right)
    if node.op in ("+", "-", "%"):
        return _agree(node.left, left, node.right, right, node.op, scope)
    if node.op == "**":
        return _power(node, left, right, scope)
    if isinstance(left, str) or isinstance(right, str):
        return OPEN
    if node.op == "//":
        if not left.fits(right):
            return _agree(node.left, left, node.right, right, node.op, scope)
        return PLAIN
    return left * right if node.op == "*" else left / right


def _power(node: Binary, left: Type, right: Type, scope: Scope) -> Type:
    if isinstance(right, Unit) and not right.is_plain:
        return scope.fail(UnitError(f"an exponent is a number (got {right})", node.right.span))
    if isinstance(left, str) or left.is_plain:
        return left
    exponent = constant_value(node.right)
    if exponent is None or abs(exponent) > 100:
        return scope.fail(
            UnitError(
                f"the exponent of {left} must be a literal number",
                node.right.span,
                help="divide the base by its unit first",
            )
        )
    return left.power(exponent)


_VERBS = {
    "+": "add", "-": "subtract", "%": "take the remainder of", "//": "divide (with //)",
}  # fmt: skip


def _agree(a: Expr, left: Type, b: Expr, right: Type, op: str, scope: Scope) -> Type:
    """Both operands measure the same; gives that."""
    if left == right == BOOLEAN:
        return left
    left, right = as_number(left), as_number(right)
    if isinstance(left, str):
        return right
    if isinstance(right, str) or left.fits(right) or _is_neutral(b, left):
        return left
    if _is_neutral(a, right):
        return right
    in_a = unit_hints.is_noisy(a) and not unit_hints.is_noisy(b)
    mend = unit_hints.convert(a, right, left) if in_a else unit_hints.convert(b, left, right)
    words = "choose between" if op == "if" else _VERBS.get(op, "compare")
    shown = f"{unit_hints.unit_of(a, left, scope)} and {unit_hints.unit_of(b, right, scope)}"
    return scope.fail(
        UnitError(
            f"cannot {words} {shown}",
            b.span,
            also=a.span,
            detail=f"left side is {left}, right side is {right}",
            help=mend,
        )
    )


def _compare(node: Compare, scope: Scope) -> Type:
    types = [_type(operand, scope) for operand in node.operands]
    pairs = zip(node.operands, types, node.operands[1:], types[1:], node.ops, strict=False)
    for a, left, b, right, op in pairs:
        _agree(a, left, b, right, op, scope)
    return BOOLEAN


def _conditional(node: Conditional, scope: Scope) -> Type:
    _need_boolean(node.condition, _type(node.condition, scope), "if", scope)
    yes, no = _type(node.yes, scope), _type(node.no, scope)
    return _agree(node.yes, yes, node.no, no, "if", scope)


def _call(node: Call, scope: Scope) -> Type:
    types = [_type(argument, scope) for argument in node.arguments]
    if node.function in scope.functions:
        return _own_function(node, types, scope)
    known = scope.names.get(node.function)
    if known is not None and known.kind != "special" and looks_back(node):
        check_fits(node.arguments[0], types[0], MS, f"the time of '{node.function}'", scope)
        scope.past.add(node.function)
        return known.type
    function = called(node.function, len(node.arguments))
    is_given = node.function in scope.given and node.function not in scope.names
    if function is None or (function.yields and is_given):
        return _unknown_function(node, types, scope)
    least, n = function.n_arguments, len(types)
    if n < least or (n > least and not function.more):
        _wrong_number(node, f"{least} or more" if function.more else least, scope)
        return OPEN
    return _apply(function, node, types, scope)


def _own_function(node: Call, types: list[Type], scope: Scope) -> Type:
    """A function of the user: its units are declared, or it takes and gives plain numbers."""
    function = scope.functions[node.function]
    signature = signature_of(function)
    if signature is None:
        limits = n_arguments(function)
        if limits is not None and not limits[0] <= len(types) <= limits[1]:
            return _wrong_number(node, limits[0], scope)
        for argument, have in zip(node.arguments, types, strict=True):
            _need_plain(node, argument, have, scope)
        return PLAIN
    if len(types) != len(signature.arguments):
        return _wrong_number(node, len(signature.arguments), scope)
    for k, (argument, have, want) in enumerate(
        zip(node.arguments, types, signature.arguments, strict=True)
    ):
        check_fits(argument, have, want, f"argument {k + 1} of '{node.function}'", scope)
    return signature.result


def _wrong_number(node: Call, wanted: int | str, scope: Scope) -> Type:
    plural = "" if wanted == 1 else "s"
    message = f"'{node.function}' takes {wanted} argument{plural} (got {len(node.arguments)})"
    return scope.fail(ModelError(message, node.span))


def _unknown_function(node: Call, types: list[Type], scope: Scope) -> Type:
    name = node.function
    head = node.span.source.span(node.span.start, node.span.start + len(name))
    here = unit_hints.called_here(node)
    if scope.look_up(name) is not None and (here is None or name in scope.names):
        message, advice = f"'{name}' is not a function", "write * to multiply"
        has_past = name in scope.names and scope.names[name].kind != "special"
        if has_past and types and types[0] != OPEN and fit(types[0], MS):
            advice += f", or {name}(t - 5*ms) for the value of an earlier time"
        elif not has_past and looks_back(node):
            message = f"'{name}' has no values of earlier times"
            advice = "variables with dx/dt, parameters and subexpressions that are numbers with a unit have"
        return scope.fail(ModelError(message, head, help=advice))
    if scope.open_functions is not None:
        scope.open_functions.setdefault(name, node.span)
        return OPEN
    known = [*FUNCTIONS, *scope.functions]
    message = f"unknown function '{short(name)}'"
    if here is not None:
        return scope.fail(UnknownNameError(message, head, help=f"write {here}"))
    message += suggestion(name, known)
    return scope.fail(UnknownNameError(message, head, help=f"hand it over: {short(name)}=..."))


def _apply(function: Function, node: Call, types: list[Type], scope: Scope) -> Type:
    arguments, rule = node.arguments, function.rule
    if rule == "plain":
        for argument, have in zip(arguments, types, strict=True):
            _need_plain(node, argument, have, scope)
        return PLAIN
    if rule == "whole":
        return _need_plain(node, arguments[0], types[0], scope)
    if rule == "where":
        _need_boolean(arguments[0], types[0], node.function, scope)
        return _agree(arguments[1], types[1], arguments[2], types[2], "if", scope)
    types = [as_number(t) for t in types]
    if rule == "keep":
        for k, (argument, have) in enumerate(zip(arguments, types, strict=True)):
            if k != function.carries:
                _need_plain(node, argument, have, scope)
        return types[function.carries]
    if rule == "sign":
        return PLAIN
    if rule == "steps":
        _agree(arguments[0], types[0], arguments[1], types[1], "compare", scope)
        return PLAIN
    if rule == "root":
        return types[0] if isinstance(types[0], str) else types[0].power(Fraction(1, 2))
    result = types[0]
    for argument, have in zip(arguments[1:], types[1:], strict=True):
        result = _agree(arguments[0], result, argument, have, "compare", scope)
    return result


def _need_plain(node: Call, argument: Expr, have: Type, scope: Scope) -> Type:
    have = as_number(have)
    if isinstance(have, Unit) and not have.is_plain:
        scope.fail(
            UnitError(
                f"'{node.function}' takes a number (got {have})",
                argument.span,
                help="divide it by its unit or scale",
            )
        )
    return PLAIN


_RULES: dict[type, Callable[[Any, Scope], Type]] = {
    Number: _number,
    Name: _name,
    Signed: _signed,
    Binary: _binary,
    Compare: _compare,
    Conditional: _conditional,
    Call: _call,
}


def fit(have: Type, want: Type) -> bool:
    """Whether something of type `have` can stand where `want` is wanted."""
    if OPEN in (have, want) or have == want:
        return True
    have = as_number(have)
    return isinstance(have, Unit) and isinstance(want, Unit) and have.fits(want)


def _unit(have: Type) -> Unit | None:
    return have if isinstance(have, Unit) else None


def _is_neutral(node: Expr, want: Type) -> bool:
    """0 and infinity are the same in every unit."""
    if want == BOOLEAN:
        return False
    if isinstance(node, Signed):
        return _is_neutral(node.operand, want)
    return (isinstance(node, Number) and node.value == 0) or (isinstance(node, Name) and node.id == "inf")


def _mismatch(node: Expr, have: Type, want: Type, what: str) -> UnitError:
    mend = None
    number = as_number(have)
    if want == BOOLEAN:
        mend = unit_hints.compare(node, _unit(have))
    elif isinstance(want, Unit) and isinstance(number, Unit):
        mend = unit_hints.convert(node, want, number)
    return UnitError(f"{what or 'this'} must be {want} (got {have})", node.span, help=mend)
