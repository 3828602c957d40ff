"""Random expressions over 0, huge, tiny and infinite numbers: the right value, or an error of ours.

The value is that of plain floats and of a hundred digits more, where the two agree and small changes of all
numbers change it little; elsewhere rounding decides. Nothing of NumpyBrain or SymPy is used for it.
"""

from __future__ import annotations

import ast
import math
import operator
import random
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import numpybrain as nb

NUMBERS = [
    "0",
    "inf",
    "-inf",
    "1e308",
    "1e5",
    "1e-308",
    "2",
    "0.5",
    "1e300",
    "1e16",
    "64",
    "3",
    "1e-300",
    "1",
    "0.1",
]
VALUES = {"v": 0.7, "w": 1.0, "a": -3.0}
ONE = """sin cos tan sinh cosh tanh arcsin arccos arctan exp log log10 log2 expm1 log1p exprel floor ceil erf abs sign
    heaviside sqrt""".split()  # fmt: skip
N_SEEDS, N_SOON = 500, 60
DIGITS = mpmath.mp.clone()
DIGITS.dps = 400


def expression(rng: random.Random, depth: int) -> str:
    kind = rng.random()
    if depth == 0 or kind < 0.1:
        return rng.choice(NUMBERS) if rng.random() < 0.5 else rng.choice([*VALUES])
    a, b = expression(rng, depth - 1), expression(rng, depth - 1)
    if kind < 0.6:
        return f"({a} {rng.choice(['+', '-', '*', '/', '**', '//', '%'])} {b})"
    if kind < 0.85:
        return f"{rng.choice(ONE)}({a})"
    if kind < 0.92:
        return f"{rng.choice(['min', 'max'])}({a}, {b})"
    return f"({a} if {b} {rng.choice(['<', '>=', '=='])} {expression(rng, depth - 1)} else {b})"


def of_floats() -> dict[str, Callable[..., Any]]:
    """The functions of the language, by Python's `math`."""
    names = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "fabs"}
    found = {name: getattr(math, names.get(name, name), None) for name in ONE}
    return found | odd(math.expm1, 1.0, 0.0)


def of_digits() -> dict[str, Callable[..., Any]]:
    """The same with many digits."""
    m = DIGITS
    names = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "abs": "fabs"}
    found = {name: getattr(m, names.get(name, name), None) for name in ONE}
    found["log2"] = lambda x: m.log(x) / m.log(2)
    return found | odd(m.expm1, m.mpf(1), m.mpf(0))


def odd(expm1: Callable[..., Any], one: Any, zero: Any) -> dict[str, Callable[..., Any]]:
    """What neither of them has."""

    def sign(x: Any) -> Any:
        return one * ((x > 0) - (x < 0)) if x == x else x  # noqa: PLR0124 - NaN

    return {
        "sign": sign,
        "heaviside": lambda x: (sign(x) + 1) / 2,
        "exprel": lambda x: expm1(x) / x if x else one + zero,
        "min": lambda x, y: x + y if x != x or y != y else min(x, y),  # noqa: PLR0124
        "max": lambda x, y: x + y if x != x or y != y else max(x, y),  # noqa: PLR0124
    }


FLOATS, MANY = of_floats(), of_digits()
OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Pow: operator.pow,
    ast.FloorDiv: lambda x, y: MANY["floor"](x / y), ast.Mod: lambda x, y: x - y * MANY["floor"](x / y),
    ast.Lt: operator.lt, ast.GtE: operator.ge, ast.Eq: operator.eq,
}  # fmt: skip
FLOAT_OPERATORS = {**OPERATORS, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod}


class Calculation:
    """Calculates an expression, with floats or with many digits."""

    def __init__(self, number: Callable[[Any], Any], *, exact: bool) -> None:
        self.number = number
        self.functions = MANY if exact else FLOATS
        self.operators = OPERATORS if exact else FLOAT_OPERATORS

    def value(self, text: str) -> Any:
        """The value; None if there is no real number, or an error, on the way to it."""
        try:
            return self.of(ast.parse(text, mode="eval").body)
        except (ArithmeticError, ValueError, TypeError, RecursionError):
            return None

    def of(self, node: Any) -> Any:
        found = self._of(node)
        if isinstance(found, (complex, DIGITS.mpc)) or found != found:  # noqa: PLR0124 - NaN
            raise ValueError
        if found not in (0, math.inf, -math.inf) and not 1e-320 < abs(found) < 1e320:
            raise OverflowError  # many digits have no limits: what comes of it may take for ever
        return found

    def _of(self, node: Any) -> Any:
        match node:
            case ast.Constant():
                return self.number(ast.unparse(node))
            case ast.Name(id="inf"):
                return self.number("inf")
            case ast.Name():
                return self.number(VALUES[node.id])
            case ast.UnaryOp():
                return -self.of(node.operand)
            case ast.BinOp():
                return self.operators[type(node.op)](self.of(node.left), self.of(node.right))
            case ast.Compare():
                return self.operators[type(node.ops[0])](self.of(node.left), self.of(node.comparators[0]))
            case ast.IfExp():
                return self.of(node.body if self._of(node.test) else node.orelse)
            case ast.Call():
                return self.functions[node.func.id](*map(self.of, node.args))
        raise AssertionError(node)


def right(text: str) -> float | None:
    """The value of an expression if rounding has no part in it."""
    rng = random.Random(text)

    def moved(x: Any) -> float:
        return float(x) * (1 + 1e-12 * rng.uniform(-1, 1))

    plain = Calculation(float, exact=False).value(text)
    if plain is None:
        return None
    others = [Calculation(moved, exact=False).value(text) for _ in range(4)]
    if all(x is not None for x in others):
        others.append(Calculation(DIGITS.mpf, exact=True).value(text))
    return float(plain) if all(x is not None and same(float(x), plain, 1e-7) for x in others) else None


def same(x: float, y: float, relative: float) -> bool:
    return x == y or abs(x - y) <= relative * abs(y) + 1e-290


def seen(text: str, n: int) -> float:
    """The value in a group of neurons."""
    given = "\n".join(f"{name} : 1" for name in VALUES)
    cells = nb.Neurons(n, f"x = {text} : 1\n{given}", initial=VALUES)
    found = np.broadcast_to(cells.x, (n,))
    assert len(set(found.tolist())) == 1 or np.isnan(found).all()
    return float(found[0])


def check(seed: int) -> bool:
    """Whether the value of a random expression is known; it must be the right one then."""
    rng = random.Random(f"value {seed}")
    text = expression(rng, rng.randint(1, 4))
    try:
        found = seen(text, rng.choice([1, 3]))
    except nb.NumpyBrainError as error:
        assert 0 < len(str(error)) < 3000
        return False
    expected = right(text)
    assert expected is None or same(found, expected, 1e-6), (text, found, expected)
    return expected is not None


@pytest.mark.parametrize(
    "seed", [*range(N_SOON), *(pytest.param(s, marks=pytest.mark.slow) for s in range(N_SOON, N_SEEDS))]
)
def test_a_value_is_the_right_one(seed: int) -> None:
    """Each seed is ten expressions."""
    for k in range(10):
        check(10 * seed + k)


def test_many_values_are_known() -> None:
    """Else nothing would be compared."""
    assert sum(check(seed) for seed in range(100_000, 100_200)) > 60
