"""SymPy to NumPy code with as few array passes as possible: `a - b` instead of `-b + a`, `1/x` last."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from numpybrain.engine.numpy.runtime_functions import reserved
from numpybrain.symbolic import special_functions
from numpybrain.symbolic.identifiers import Identifiers

INFIX = {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=",
         "equal": "==", "not_equal": "!="}  # fmt: skip

NAMES = {"Abs": "absolute"}  # which SymPy may make of a root
NUMBERS = {"minimum": "smaller", "maximum": "larger"}  # five times as fast for a number


class NumpyCode(StrPrinter):
    """Prints expressions of `nodes` and of elementary functions.

    With `named`, numbers print as names, which `literals` collects: bound to 0-dimensional arrays they
    save NumPy a conversion at every operation. `identifiers` are what symbols and functions are called.
    `single`: the code calculates with single numbers.
    """

    def __init__(
        self, identifiers: Identifiers | None = None, *, named: bool = False, single: bool = False
    ) -> None:
        super().__init__()
        self.identifiers = Identifiers(reserved()) if identifiers is None else identifiers
        self.named = named
        self.names = {**NAMES, **NUMBERS} if single else NAMES
        self.literals: dict[str, str] = {}  # number -> its name

    def number(self, value: Any) -> str:
        """Code for a number: always a float, since integers in float arithmetic cost NumPy a cast."""
        text = repr(float(value))
        if self.named and text not in self.literals:
            self.literals[text] = self.identifiers.of("number", text, f"n{len(self.literals)}")
        return self.literals[text] if self.named else text

    def doprint(self, expr: Any) -> str:
        """Code for an expression; text stays text."""
        return expr if isinstance(expr, str) else str(super().doprint(expr))

    def _print_Symbol(self, expr: sp.Symbol) -> str:
        return self.identifiers.symbol(expr)

    def _print_Number(self, expr: Any) -> str:
        return self.number(expr)

    _print_Rational = _print_Half = _print_Integer = _print_Float = _print_Number
    _print_Zero = _print_One = _print_NegativeOne = _print_Pi = _print_Exp1 = _print_Number

    def _print_Infinity(self, expr: Any) -> str:
        return "inf"

    def _print_NegativeInfinity(self, expr: Any) -> str:
        return "(-inf)"

    def _print_BooleanTrue(self, expr: Any) -> str:
        return "True"

    def _print_BooleanFalse(self, expr: Any) -> str:
        return "False"

    def _print_NoneType(self, expr: Any) -> str:
        return "None"

    def _inside(self, expr: Any, level: int) -> str:
        """Code in parentheses where it needs them; numbers print as plain floats."""
        if expr.is_Rational and not expr.is_negative:
            return self.doprint(expr)
        return str(self.parenthesize(expr, level))

    def terms(self, expr: sp.Add) -> list[tuple[str, str]]:
        """(sign, code) of the terms of a sum, a positive one first if there is one."""
        found = []
        for term in expr.args:
            coefficient, _ = term.as_coeff_Mul()
            negative = bool(coefficient.is_negative)
            positive = -term if negative else term
            code = self._inside(positive, PRECEDENCE["Add"] + 1)
            found.append(("-" if negative else "+", code, bool(positive.is_number)))
        found.sort(key=lambda f: (f[0] == "-", f[2]))  # numbers late: arrays meet arrays first
        return [(sign, code) for sign, code, _ in found]

    def _print_Add(self, expr: sp.Add, order: Any = None) -> str:
        terms = self.terms(expr)
        first = terms[0][1] if terms[0][0] == "+" else f"-{terms[0][1]}"
        return first + "".join(f" {sign} {code}" for sign, code in terms[1:])

    def factors(self, expr: sp.Mul) -> tuple[bool, list[str], list[str]]:
        """Whether negative, codes of the numerator's factors, codes of the denominator's."""
        coefficient, rest = expr.as_coeff_Mul()
        negative = bool(coefficient.is_negative)
        above, below = [], []
        for factor in (-coefficient if negative else coefficient, *sp.Mul.make_args(rest)):
            if factor == 1:
                continue
            if factor.is_Pow and factor.args[1].is_Number and factor.args[1].is_negative:
                below.append(self._inside(factor.args[0] ** -factor.args[1], PRECEDENCE["Mul"] + 1))
            else:
                above.append(self._inside(factor, PRECEDENCE["Mul"]))
        return negative, above, below

    def _print_Mul(self, expr: sp.Mul) -> str:
        negative, above, below = self.factors(expr)
        code = "*".join(above) or self.number(1)
        for factor in below:
            code += f"/{factor}"
        return f"-{code}" if negative else code

    def _print_Pow(self, expr: sp.Pow, rational: bool = False) -> str:
        base, exponent = expr.args
        if exponent == sp.Rational(1, 2):
            return f"sqrt({self._print(base)})"
        if exponent == -1:
            return f"{self.number(1)}/{self._inside(base, PRECEDENCE['Mul'] + 1)}"
        if exponent.is_Number and exponent.is_negative:
            return f"{self.number(1)}/{self._inside(base**-exponent, PRECEDENCE['Mul'] + 1)}"
        # NumPy refuses negative integer powers of integers; all powers here are of floats
        name = "power" if exponent.is_Number else "float_power"
        return f"{name}({self._print(base)}, {self._exponent(exponent)})"

    def _exponent(self, exponent: Any) -> str:
        return repr(float(exponent)) if exponent.is_Integer else str(self._print(exponent))

    def _print_Function(self, expr: Any) -> str:
        name = expr.func.__name__
        if name in INFIX:
            left, right = (self.parenthesize(a, PRECEDENCE["Add"]) for a in expr.args)
            return f"({left} {INFIX[name]} {right})"
        arguments = ", ".join(self._print(a) for a in expr.args)
        function = special_functions.function_of(expr)
        name = name if function is None else function.code_name
        return f"{self.names.get(name, name)}({arguments})"

    def _print_AppliedUndef(self, expr: Any) -> str:
        """A call of a user's function, whatever it is called."""
        arguments = ", ".join(self._print(a) for a in expr.args)
        return f"{self.identifiers.function(expr.func.__name__)}({arguments})"

    def _print_exp(self, expr: Any) -> str:
        if expr.args[0].is_Number:
            return self.number(expr)
        return f"exp({self._print(expr.args[0])})"

    def _print_entry(self, expr: Any) -> str:
        which, *indices = expr.args
        return f"{self._print(which)}[{', '.join(str(i) for i in indices)}]"

    def into(self, target: str, expr: Any) -> str:
        """Code that writes an expression into the array `target` without a copy where it can."""
        if isinstance(expr, sp.Add):
            *first, (sign, last) = self.terms(expr)
            head = first[0][1] if first[0][0] == "+" else f"-{first[0][1]}"
            head += "".join(f" {s} {code}" for s, code in first[1:])
            return f"{'add' if sign == '+' else 'subtract'}({head}, {last}, out={target})"
        if isinstance(expr, sp.Mul):
            negative, above, below = self.factors(expr)
            if negative:
                return f"negative({self._print(-expr)}, out={target})"
            if len(below) == 1:
                return f"divide({'*'.join(above) or self.number(1)}, {below[0]}, out={target})"
            if len(above) > 1 and not below:
                return f"multiply({'*'.join(above[:-1])}, {above[-1]}, out={target})"
        if isinstance(
            expr,
            (
                special_functions.approach,
                special_functions.OPAQUE["minimum"],
                special_functions.OPAQUE["maximum"],
            ),
        ):
            return f"{self._print(expr)[:-1]}, out={target})"
        return ""
