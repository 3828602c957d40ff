"""SymPy expressions for people: names as in the model, unwieldy fractions as decimal numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

UNWIELDY = 10**6  # denominators from here on are those of floats


class _Readable(StrPrinter):
    def __init__(self, names: Mapping[sp.Symbol, str]) -> None:
        super().__init__()
        self.names = names

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self.names.get(expr, str(expr.name))

    def _print_Rational(self, expr: Any) -> str:
        return f"{float(expr):.10g}" if expr.q > UNWIELDY else str(super()._print_Rational(expr))

    def _print_Mul(self, expr: Any) -> str:
        number, rest = expr.as_coeff_Mul()
        if not number.is_Rational or number.q <= UNWIELDY:
            return str(super()._print_Mul(expr))
        return f"{float(number):.10g}*{self.parenthesize(rest, 50)}"  # 50 is the precedence of a product


def readable(expr: Any, names: Mapping[sp.Symbol, str]) -> str:
    """The text of an expression; `names` are those of symbols that had to be called otherwise."""
    return str(_Readable(names).doprint(expr))
