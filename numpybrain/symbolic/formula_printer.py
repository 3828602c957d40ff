"""SymPy expressions for people: names as in the model, unwieldy fractions as decimal numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.str import StrPrinter

from numpybrain.symbolic.identifiers import Identifiers, bare
from numpybrain.symbolic.special_functions import Past, function_of
from numpybrain.utils.naming import MARK

UNWIELDY = 10**6  # denominators from here on are those of floats
SUM = 40  # that of a sum
FACTOR = 50  # SymPy's precedence of a product


class _Readable(StrPrinter):
    def __init__(self, names: Mapping[sp.Symbol, str]) -> None:
        super().__init__()
        self.names = {s: name for s, name in names.items() if MARK not in name}
        self.made_up = Identifiers(self.names.values())

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self.names.get(expr) or self.made_up.symbol(expr)

    def _print_AppliedUndef(self, expr: Any) -> str:
        return f"{bare(expr.func.__name__)}({self.stringify(expr.args, ', ')})"

    def _print_Function(self, expr: Any) -> str:
        if isinstance(expr, Past):
            return self._print_past(*expr.args)
        function = function_of(expr)
        if function is None or not function.aggregates:
            return str(super()._print_Function(expr))
        return f"{function.name}({self.stringify(expr.args[:1], ', ')})"

    def _print_past(self, variable: Any, delay: Any, time: Any) -> str:
        """The value of an earlier time as it is written: `x(t - d)`, at a stage `x(t + dt/2 - d)`."""
        start = next(s for s in time.free_symbols if s.name == "t")
        stage = "" if time == start else f" + {self._print(time - start)}"
        number = f"{float(delay):.15g}*ms" if delay.is_number else ""
        back = number or self.parenthesize(delay, SUM, strict=False)
        return f"{bare(variable.name)}({start.name}{stage} - {back})"

    def _print_Rational(self, expr: Any) -> str:
        return f"{float(expr):.10g}" if expr.q > UNWIELDY else str(super()._print_Rational(expr))

    def _print_Mul(self, expr: Any) -> str:
        number, rest = expr.as_coeff_Mul()
        if not number.is_Rational or number.q <= UNWIELDY:
            return str(super()._print_Mul(expr))
        return f"{float(number):.10g}*{self.parenthesize(rest, FACTOR)}"


def readable(expr: Any, names: Mapping[sp.Symbol, str], level: int = 0) -> str:
    """The text of an expression; `names` are those of symbols that had to be called otherwise.

    It is in parentheses if it binds more loosely than `level`, as a sum does in a product (FACTOR).
    """
    return str(_Readable(names).parenthesize(expr, level, strict=True))
