"""Removable singularities, removed: `x/(1 - exp(-x))`, `sin(x)/x` and their relatives.

A Hodgkin-Huxley rate such as `0.1*(v + 40)/(1 - exp(-(v + 40)/10))` is 0/0 at v = -40. Written with
`exprel(u) = (exp(u) - 1)/u` it is finite, exact and smooth there; `quotient(sin(u), u)` does the same for
the functions that are like u near u = 0. So everything that goes through 0 is written as a power of what
it is 0 with, times a rest that is not 0, and SymPy cancels the powers.

In: a SymPy expression. Out: an equal one without the singularity, and notes of what was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from numpybrain.symbolic.expression_bounds import is_short, is_zero
from numpybrain.symbolic.formula_printer import readable
from numpybrain.symbolic.special_functions import OPAQUE, THROUGH_ZERO, exprel, quotient

expm1, log1p = OPAQUE["expm1"], OPAQUE["log1p"]

KINDS = {sp.exp, expm1, sp.log, sp.cos, sp.cosh}  # beside those that go through 0 as x does

# So many pairs of factors are compared, and so many more for each function in an expression: more than
# equations with a meaning have, where few functions stand in one product.
FEW_PAIRS, PAIRS = 50, 3

# (u, n, rest): an expression is u**n * rest, where rest is neither 0 nor infinite at u = 0
Zero = tuple[Any, int, Any]


@dataclass(frozen=True, slots=True)
class Removed:
    """A part of a product that was 0/0 where `zero` is 0.

    It becomes text when it is asked for: printing costs more than all the rest here.
    """

    part: Any
    zero: Any

    def __str__(self) -> str:
        return self.text({})

    def text(self, names: Mapping[sp.Symbol, str]) -> str:
        """Find the part that was 0/0 and where, with the names of the model."""
        where = f"{readable(self.zero, names)} = 0"
        if len(self.zero.free_symbols) == 1:
            (x,) = self.zero.free_symbols
            rate = sp.diff(self.zero, x)
            if rate.is_number:
                where = f"{readable(x, names)} = {readable(-self.zero.subs(x, 0) / rate, names)}"
        return f"{readable(self.part, names)} at {where}"


def remove(expr: Any, notes: list[Removed]) -> Any:
    """`expr` with every removable singularity of these kinds rewritten; notes are added once each."""
    if not isinstance(expr, sp.Expr):
        return expr
    many = sum(e.func in KINDS or e.func in THROUGH_ZERO for e in sp.preorder_traversal(expr))
    return _Search(notes, FEW_PAIRS + PAIRS * many).walk(expr) if many else expr


class _Search:
    """The search for what goes through 0 in one expression.

    What two factors have to do with each other is asked once for every pair, and at most `n_pairs` times.
    """

    def __init__(self, notes: list[Removed], n_pairs: int) -> None:
        self.notes = notes
        self.n_pairs = n_pairs
        self._walked: dict[Any, Any] = {}
        self._zeros: dict[Any, Zero | None] = {}
        self._ratios: dict[tuple[Any, Any], Any | None] = {}
        self._slopes: dict[tuple[Any, sp.Symbol], Any | None] = {}

    def walk(self, expr: Any) -> Any:
        """The expression, with its products rewritten from the innermost ones on."""
        if not expr.args:
            return expr
        found = self._walked.get(expr)
        if found is None:
            args = [self.walk(arg) for arg in expr.args]
            found = expr if all(a is b for a, b in zip(args, expr.args, strict=True)) else expr.func(*args)
            while found.is_Mul:
                simpler = self._rewritten(found)
                if simpler is found:
                    break
                found = simpler
            self._walked[expr] = found
        return found

    def _rewritten(self, product: Any) -> Any:
        """Pair what goes through 0 in a product with what does so on the other side, if there is such."""
        factors = [_base_and_power(f) for f in product.args]
        if len({power > 0 for _, power in factors}) == 1:
            return product
        zeros = [self._zero_of(base, power) for base, power in factors]
        for k, zero in enumerate(zeros):
            if zero is None:
                continue
            u, n, rest = zero
            for j, (base, power) in enumerate(factors):
                if n * power >= 0:
                    continue
                for w, m, its_rest in _forms(base, power, zeros[j]):
                    ratio = self._ratio(w, u)
                    if ratio is None:
                        continue
                    _note(self.notes, (*factors[k], n), (base, power, m), w)
                    others = (f for i, f in enumerate(product.args) if i not in (j, k))
                    # u is w/ratio: written with w on both sides, the powers cancel
                    return sp.Mul(*others, rest, its_rest, ratio**-n, w ** (n + m))
        return product

    def _zero_of(self, base: Any, power: int) -> Zero | None:
        """`base**power` as a power of what it is 0 with, times a rest; None if that is not known."""
        if base not in self._zeros:
            self._zeros[base] = self._find_zero(base)
        found = self._zeros[base]
        return None if found is None else (found[0], found[1] * power, found[2] ** power)

    def _find_zero(self, base: Any) -> Zero | None:
        if base.func in THROUGH_ZERO:
            u, n, rest = base.args[0], 1, quotient(base, base.args[0])
        elif isinstance(base, expm1):
            u, n, rest = base.args[0], 1, exprel(base.args[0])
        elif isinstance(base, sp.log):
            u = base.args[0] - 1
            n, rest = 1, quotient(log1p(u), u)
        else:
            found = self._difference(base)
            if found is None:
                return None
            u, n, rest = found
        inner = self._zero_of(u, n)  # exp(tanh(x)) - 1 is 0 with tanh(x), and that with x
        if inner:
            u, n, its_rest = inner
            rest *= its_rest
        return u, n, rest

    def _difference(self, expr: Any) -> Zero | None:
        """The same for c*(exp(a) - exp(b)), c*(exp(u) - 1), c*(cos(u) - 1) and c*(cosh(u) - 1)."""
        if not (expr.is_Add and len(expr.args) == 2):
            return None
        (c, f), (d, g) = (_coefficient(term) for term in expr.args)
        if c != -d:
            return None
        if f == 1:
            c, f, g = d, g, f
        if isinstance(f, (sp.cos, sp.cosh)) and g == 1:
            half = f.args[0] / 2
            if isinstance(f, sp.cos):  # cos(u) - 1 = -2*sin(u/2)**2
                return half, 2, -2 * c * quotient(sp.sin(half), half) ** 2
            return half, 2, 2 * c * quotient(sp.sinh(half), half) ** 2
        if not (isinstance(f, sp.exp) and (g == 1 or isinstance(g, sp.exp))):
            return None
        if g == 1:
            return f.args[0], 1, c * exprel(f.args[0])
        a, b = f.args[0], g.args[0]
        ratio = self._ratio(b, a)
        if ratio == -1:  # as 2*sinh(a), which overflows no earlier
            return a, 1, 2 * c * quotient(sp.sinh(a), a)
        if ratio is not None and ratio.is_number and abs(ratio) > 1:  # less likely to overflow like this
            c, a, b, g = d, b, a, f
        return a - b, 1, c * g * exprel(a - b)

    def _ratio(self, x: Any, u: Any) -> Any | None:
        """The k with x = k*u and k free of what varies in u, or None."""
        key = (x, u)
        if key not in self._ratios and len(self._ratios) < self.n_pairs:
            k = self._find_ratio(x, u)
            self._ratios[key] = None if k is None or k.is_zero or k.is_infinite else k  # as in a*inf
        return self._ratios.get(key)

    def _find_ratio(self, x: Any, u: Any) -> Any | None:
        shared = u.free_symbols & x.free_symbols
        if not shared:
            return None
        k = x / u
        if not k.free_symbols & shared:
            return k
        for s in sorted(shared, key=str):  # linear in one of them will do
            du, dx = self._slope(u, s), self._slope(x, s)
            if du is None or dx is None:
                continue
            k = dx / du
            if is_zero(x - k * u):
                return k
        return None

    def _slope(self, expr: Any, s: sp.Symbol) -> Any | None:
        """The derivative of an expression that is linear in a symbol; None if it is not."""
        key = (expr, s)
        if key not in self._slopes:
            found = sp.diff(expr, s) if is_short(expr) else sp.Integer(0)
            self._slopes[key] = None if found == 0 or s in found.free_symbols else found
        return self._slopes[key]


def _note(notes: list[Removed], one: tuple[Any, int, int], other: tuple[Any, int, int], zero: Any) -> None:
    """Tell which part of a product was 0/0, in as many powers as both sides have: (base, power, order)."""
    shared = min(abs(one[2]), abs(other[2]))
    parts = []
    for base, power, order in (one, other):
        whole = max(1, shared * abs(power) // abs(order))
        parts.append(base ** (whole if power > 0 else -whole))
    found = Removed(sp.Mul(*parts), zero)
    if found not in notes:
        notes.append(found)


def _base_and_power(expr: Any) -> tuple[Any, int]:
    """The base and exponent of a whole power; anything else is its own base."""
    if expr.is_Pow and expr.args[1].is_Integer:
        return expr.args[0], int(expr.args[1])
    if expr.is_Pow and expr.args[1].is_negative:
        return 1 / expr, -1
    return expr, 1


def _forms(base: Any, power: int, zero: Zero | None) -> list[Zero]:
    """All that `base**power` can be 0 with: itself, and as a whole, like x**2 in sin(x**2)/x**2."""
    forms = [zero] if zero else []
    forms.append((base, power, sp.Integer(1)))
    if abs(power) > 1:
        forms.append((base ** abs(power), 1 if power > 0 else -1, sp.Integer(1)))
    return forms


def _coefficient(term: Any) -> tuple[Any, Any]:
    """(c, f) with term = c*f, where f is an exponential or a cosine, or 1."""
    factors = sp.Mul.make_args(term)
    for f in factors:
        if isinstance(f, (sp.exp, sp.cos, sp.cosh)):
            return sp.Mul(*(other for other in factors if other is not f)), f
    return term, sp.Integer(1)
