"""Butcher tableaus: explicit Runge-Kutta methods as data.

    k_i = f(t + c_i dt, x + dt sum_j a_ij k_j),    x(t + dt) = x + dt sum_i b_i k_i

Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, section II.1. Plain fractions: the
kernel uses them for derivatives that are Python functions, `symbolic.methods` for equations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from numpybrain.errors import MethodError

Row = tuple[Fraction, ...]

LARGEST = 10**12  # coefficient
MAX_ORDER = 4  # up to which the order conditions are checked


@dataclass(frozen=True, slots=True)
class Tableau:
    """Coefficients of an explicit method.

    Attributes:
        name: of the method.
        order: order of convergence.
        a: the strictly lower triangle, row by row.
        b: the weights of the result.
        error: the weights of the error estimate, the difference to an embedded method; or None.
    """

    name: str
    order: int
    a: tuple[Row, ...]
    b: Row
    error: Row | None = None

    @property
    def c(self) -> Row:
        """Times in the step at which each stage is evaluated: the row sums of `a`."""
        return tuple(sum(row, Fraction(0)) for row in self.a)

    @property
    def damping(self) -> tuple[float, ...]:
        """The coefficients of the factor R(-z) of a step of dx/dt = -d*x, lowest power first; z = d*dt.

        R(-z) = 1 - z b.(1 - z A 1 + z**2 A**2 1 - ...).
        """
        coefficients, powers = [Fraction(1)], [Fraction(1)] * len(self.b)
        for k in range(len(self.b)):
            coefficients.append((-1) ** (k + 1) * _dot(self.b, powers))
            powers = [_dot(row, powers) for row in self.a]
        return tuple(float(c) for c in coefficients)

    @property
    def stable(self) -> float:
        """Up to which z = d*dt the factor R(-z) is between -1 and 1; at the limit it is 1 or -1."""
        change = self.damping[:0:-1]
        roots = [*np.roots(change), *np.roots([*change, 2.0])]  # R = 1 (but for z = 0) and R = -1
        return float(min(r.real for r in roots if abs(r.imag) < 1e-6 * abs(r) and r.real > 0))

    @property
    def order_of_error(self) -> int:
        """The power of the step size with which the error estimate of a step goes to 0."""
        assert self.error is not None  # asked before
        other = tuple(b - e for b, e in zip(self.b, self.error, strict=True))
        return 1 + min(order_of(self), order_of(replace(self, b=other)))

    @property
    def ends_with_next(self) -> bool:
        """Whether the last slope is the one that the next step begins with."""
        return self.b[-1] == 0 and self.a[-1] == self.b[:-1]


def _dot(row: Iterable[Fraction], values: Iterable[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(row, values, strict=False)), Fraction(0))


def fractions(values: Iterable[Any], what: str) -> Row:
    """Numbers or texts such as "1/6" as fractions."""
    try:
        found = tuple(Fraction(value) for value in values)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        message = f"{what} of a tableau are numbers or texts such as '1/6'"
        raise MethodError(message) from None
    if any(abs(f) > LARGEST for f in found):
        raise MethodError(f"{what} of a tableau are at most {LARGEST:,}")
    return tuple(f.limit_denominator(10**12) for f in found)


def tableau(
    a: Sequence[Sequence[Any]],
    b: Sequence[Any],
    *,
    name: str = "tableau",
    c: Sequence[Any] | None = None,
    error: Sequence[Any] | None = None,
    order: int | None = None,
) -> Tableau:
    """An explicit Runge-Kutta method, for `method=`.

    Args:
        a: the lower triangle, row by row, with or without zeros; the first row is empty.
        b: the weights, which add up to 1.
        name: a name for messages.
        c: the nodes; they must be the row sums of `a`, as for any method that treats time like the rest.
        error: weights of an error estimate, for step size control; they add up to 0.
        order: the order, if it is above 4; up to 4 it is found from the order conditions.

    Raises:
        MethodError: if the coefficients make no consistent explicit method.
    """
    weights = fractions(b, "the weights b")
    rows = [fractions(row, f"row {k + 1} of a") for k, row in enumerate(a)]
    if len(rows) != len(weights):
        message = f"a tableau has as many rows of a as weights b (got {len(rows)} and {len(weights)})"
        raise MethodError(message)
    lower = []
    for k, row in enumerate(rows):
        if any(x != 0 for x in row[k:]) or len(row) < k:
            message = f"row {k + 1} of a has {k} entries, then zeros (got {len(row)} entries)"
            raise MethodError(message, help="implicit tableaus are not supported")
        lower.append(row[:k])
    if sum(weights) != 1:
        message = f"the weights b of a tableau must add up to 1 (got {float(sum(weights)):g})"
        raise MethodError(message)
    estimate = None if error is None else fractions(error, "the error weights")
    if estimate is not None and (len(estimate) != len(weights) or sum(estimate) != 0):
        raise MethodError("the error weights of a tableau are as many as b, and add up to 0")
    made = Tableau(name, 0, tuple(lower), weights, estimate)
    if c is not None and fractions(c, "the nodes c") != made.c:
        shown = ", ".join(map(str, made.c))
        raise MethodError("the nodes c must be the row sums of a", detail=f"which are {shown}")
    found = order_of(made)
    if order is not None and (order < found or (found < MAX_ORDER and order > found)):
        raise MethodError(f"the coefficients make a method of order {found}, not {order}")
    return replace(made, order=order or found)


def order_of(method: Tableau) -> int:
    """The order of a tableau, up to 4, from the order conditions (section II.2 of the book)."""
    b, c = method.b, method.c
    a = [[*row, *[Fraction(0)] * (len(b) - len(row))] for row in method.a]

    ac = [_dot(row, c) for row in a]
    c2 = [x * x for x in c]
    conditions = [
        [_dot(b, c) - Fraction(1, 2)],
        [_dot(b, c2) - Fraction(1, 3), _dot(b, ac) - Fraction(1, 6)],
        [
            _dot(b, [x**3 for x in c]) - Fraction(1, 4),
            _dot(b, [x * y for x, y in zip(c, ac, strict=True)]) - Fraction(1, 8),
            _dot(b, [_dot(row, c2) for row in a]) - Fraction(1, 12),
            _dot(b, [_dot(row, ac) for row in a]) - Fraction(1, 24),
        ],
    ]
    order = 1
    for group in conditions:
        if any(abs(value) > Fraction(1, 10**9) for value in group):
            break
        order += 1
    return order


def _named(name: str, order: int, a: str, b: str, error: str = "") -> Tableau:
    """A tableau from texts, as it is: that of a book needs no checks (the tests make them)."""

    def row(text: str) -> Row:
        return tuple(map(Fraction, text.split()))

    return Tableau(name, order, tuple(map(row, a.split(";"))), row(b), row(error) or None)


TABLEAUS: dict[str, Tableau] = {
    made.name: made
    for made in (
        _named("euler", 1, "", "1"),
        _named("midpoint", 2, "; 1/2", "0 1"),
        _named("rk2", 2, "; 1/2", "0 1"),  # the same, under the name that Brian2 gives it
        _named("heun2", 2, "; 1", "1/2 1/2"),
        _named("ralston2", 2, "; 2/3", "1/4 3/4"),  # Ralston (1962), doi:10.2307/2003133
        _named("rk3", 3, "; 1/2; -1 2", "1/6 2/3 1/6"),  # Kutta's method of order 3
        # Shu & Osher (1988), doi:10.1016/0021-9991(88)90177-5, equation 2.18
        _named("ssprk3", 3, "; 1; 1/4 1/4", "1/6 1/6 2/3"),
        _named("rk4", 4, "; 1/2; 0 1/2; 0 0 1", "1/6 1/3 1/3 1/6"),
        _named("rk4_38", 4, "; 1/3; -1/3 1; 1 -1 1", "1/8 3/8 3/8 1/8"),  # Kutta's 3/8 rule
        # Bogacki & Shampine (1989), doi:10.1016/0893-9659(89)90079-7
        _named("rk23", 3, "; 1/2; 0 3/4; 2/9 1/3 4/9", "2/9 1/3 4/9 0", "-5/72 1/12 1/9 -1/8"),
        # Dormand & Prince (1980), doi:10.1016/0771-050X(80)90013-3
        _named(
            "rk45",
            5,
            "; 1/5; 3/40 9/40; 44/45 -56/15 32/9; 19372/6561 -25360/2187 64448/6561 -212/729;"
            " 9017/3168 -355/33 46732/5247 49/176 -5103/18656; 35/384 0 500/1113 125/192 -2187/6784 11/84",
            "35/384 0 500/1113 125/192 -2187/6784 11/84 0",
            "71/57600 0 -71/16695 71/1920 -17253/339200 22/525 -1/40",
        ),
    )
}  # fmt: skip
