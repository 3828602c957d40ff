"""Whether Python functions give equal results for equal arguments.

What is declared counts. Of NumPy's own it is known; and of a function that draws random numbers it can be
seen that it does not.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

PURE_MODULES = ("builtins", "math", "numpy", "scipy.special")
DEPTH = 3  # of functions that call functions


def is_stateless(function: Callable[..., Any]) -> bool | None:
    """Whether equal arguments give equal results; None if unknown."""
    declared = getattr(function, "stateless", None)
    if isinstance(declared, bool):
        return declared
    if isinstance(function, np.ufunc) or getattr(function, "__module__", None) in PURE_MODULES:
        return True
    return False if draws_numbers(function) else None


def draws_numbers(function: Any, depth: int = DEPTH) -> bool:
    """Whether a function can be seen to draw random numbers, by itself or through others."""
    while isinstance(function, functools.partial):
        function = function.func
    if _is_generator(getattr(function, "__self__", None)):
        return True
    if getattr(function, "__module__", None) in PURE_MODULES:
        return False
    owner = getattr(function, "__self__", function)  # of a method, or of a call
    function = getattr(function, "__func__", function)
    if not isinstance(function, types.FunctionType):
        function = getattr(type(function), "__call__", None)  # noqa: B004 - where it is defined
    if not isinstance(function, types.FunctionType):
        return False
    used = [*_used(function), *getattr(owner, "__dict__", {}).values()]
    random = sys.modules.get("random", np.random)  # which a function that uses it has imported
    if any(value is random or value is np.random or _is_generator(value) for value in used):
        return True
    return depth > 0 and any(draws_numbers(value, depth - 1) for value in used if callable(value))


def _is_generator(value: Any) -> bool:
    """Whether something gives random numbers when its methods are called."""
    random = sys.modules.get("random")
    if random is not None and isinstance(value, random.Random):
        return True
    return isinstance(value, (np.random.Generator, np.random.RandomState))


def _used(function: types.FunctionType) -> Iterator[Any]:
    """Give the objects outside that the names in a function's code mean, as far as they are known."""
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # nothing is in it yet
            continue
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        codes += [const for const in code.co_consts if isinstance(const, types.CodeType)]
        for name in code.co_names:
            value = function.__globals__.get(name)
            if value is np and "random" in code.co_names:
                yield np.random
            yield value
