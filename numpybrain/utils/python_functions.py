"""Python functions of users: where they come from, and what they ask for."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from numpybrain.errors import ArgumentError


def origin_of(function: Any) -> str:
    """`function_name (file.py:12)` for a Python function, "equations" for a text; never fails."""
    if not callable(function):
        return "equations"
    import inspect

    while isinstance(function, functools.partial):
        function = function.func
    name = getattr(function, "__name__", type(function).__name__)
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        method = vars(type(function)).get("__call__")  # an object that can be called
        code = getattr(method, "__code__", None)
    if code is None:
        return str(name)
    return f"{name} ({_file_name(code.co_filename)}:{code.co_firstlineno})"


def function_arguments(function: Callable[..., Any]) -> list[str]:
    """The argument names of a Python function, without those that have a default."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        message = f"the argument names of {function!r} cannot be read"
        raise ArgumentError(message, help="wrap it in a def or lambda") from None
    names = []
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            message = f"a stage function takes arguments by name, not *{parameter.name}"
            raise ArgumentError(message, help="name the variables it uses: def f(v, t): ...")
        if parameter.default is parameter.empty:
            names.append(parameter.name)
    return names


def _file_name(path: str) -> str:
    """The last part of a path."""
    return path.replace("\\", "/").rpartition("/")[2]


def all_of(calls: list[Callable[[], Any]]) -> Callable[[], Any] | None:
    """One callable that calls several."""
    if len(calls) < 2:
        return calls[0] if calls else None
    if len(calls) == 2:
        first, second = calls
        return lambda: (first(), second())
    return lambda: [call() for call in calls]
