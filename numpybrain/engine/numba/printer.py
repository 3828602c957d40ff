"""SymPy to code for one number at a time."""

from __future__ import annotations

from typing import Any

from numpybrain.engine.numpy.printer import NumpyCode
from numpybrain.symbolic.identifiers import Identifiers

NAMES = {"Abs": "absolute", "Mod": "mod", "ceiling": "ceil", "Min": "minimum", "Max": "maximum"}
ALIKE = {"float_power": "power"}


class LoopCode(NumpyCode):
    """Prints expressions as the code of a loop, and notes which functions that calls."""

    def __init__(self, identifiers: Identifiers) -> None:
        super().__init__(identifiers)
        self.names = NAMES
        self.called: set[str] = set()

    def _print_Function(self, expr: Any) -> str:
        code = super()._print_Function(expr)
        name = code.partition("(")[0]
        if name:  # else a comparison
            self.called.add(name)
        return code

    def _print_Pow(self, expr: Any, rational: bool = False) -> str:
        code = super()._print_Pow(expr, rational)
        name, _, rest = code.partition("(")
        if name in ("power", "float_power"):
            self.called.add("power")
            return f"power({rest}"
        if name == "sqrt":
            self.called.add("sqrt")
        return code

    def _print_exp(self, expr: Any) -> str:
        self.called.add("exp")
        return super()._print_exp(expr)

    def _print_AppliedUndef(self, expr: Any) -> str:
        self.called.add(expr.func.__name__)
        return super()._print_AppliedUndef(expr)

    def _print_Infinity(self, expr: Any) -> str:
        return "float('inf')"
