"""Functions that generated code calls: of NumPy, those that NumPy lacks, and those of the language."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from numpybrain.engine.numpy.error_function import erf
from numpybrain.language.function_table import Function, every
from numpybrain.symbolic import numpy_functions as numeric
from numpybrain.symbolic import special_functions
from numpybrain.symbolic.special_functions import COMPARISONS

if TYPE_CHECKING:
    from numpybrain.symbolic.program import Program

OPERATORS = (
    *COMPARISONS.values(), "logical_and", "logical_or", "logical_not", "floor_divide", "negative", "power",
    "float_power", "add", "subtract", "multiply", "divide", "copyto", "array", "dot", "float64", "inf",
    "nan",
)  # fmt: skip
HELPERS: dict[str, Any] = {
    **{name: getattr(np, name) for name in OPERATORS},
    **{
        name: getattr(numeric, name)
        for name in (
            "exprel", "expm1_ratio", "exprel_derivative", "relax", "quotient", "slope", "approach",
            "propagator", "noise_root", "smaller", "larger", "heaviside", "to_int", "clip", "where",
        )
    },
    "erf": erf, "add_at": np.add.at, "subtract_at": np.subtract.at, "multiply_at": np.multiply.at,
}  # fmt: skip


def namespace() -> dict[str, Any]:
    """Give the namespace of generated code: name -> what it means."""
    return _namespace(every())


def reserved() -> frozenset[str]:
    """Give the names that nothing else may have in generated code."""
    return _reserved(every())


def lacking(program: Program) -> str | None:
    """A function of the language in a program that arrays have no implementation of; None as a rule."""
    unknown = _unknown(every())
    if not unknown:
        return None
    calls = (call for e in program.expressions for call in e.atoms(sp.Function))
    functions = (special_functions.function_of(call) for call in calls)
    return next((f.name for f in functions if f is not None and f.name in unknown), None)


@functools.lru_cache(maxsize=2)
def _namespace(functions: tuple[Function, ...]) -> dict[str, Any]:
    found = dict(HELPERS)
    for function in functions:
        name = function.code_name
        if "numpy" in function.engines:
            found[name] = function.engines["numpy"]
        elif not function.draws and name not in found and hasattr(np, name):
            found[name] = getattr(np, name)
    return found


@functools.lru_cache(maxsize=2)
def _unknown(functions: tuple[Function, ...]) -> frozenset[str]:
    known = _namespace(functions)
    return frozenset(f.name for f in functions if f.is_node and f.code_name not in known)


@functools.lru_cache(maxsize=2)
def _reserved(functions: tuple[Function, ...]) -> frozenset[str]:
    return frozenset(_namespace(functions))
