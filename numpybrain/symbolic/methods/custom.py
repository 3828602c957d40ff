"""A user's own method: a function from a system to assignments.

def f(system, dt):                          # Euler's method
return {x: x + dt*rate for x, rate in system.rates.items()}
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sympy as sp

from numpybrain.errors import MethodError, shown
from numpybrain.symbolic.expression_bounds import exact
from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.methods.base import Method, refuses_noise, update
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import DT, System, T
from numpybrain.utils.naming import MARK
from numpybrain.utils.python_functions import origin_of


def own(function: Callable[..., Any]) -> Method:
    """The method that a function writes: it gets the system and dt, symbols and SymPy expressions.

    It returns assignments, a dictionary or pairs (symbol, expression): a variable of the system gets its
    new value, any other symbol is a temporary that those after it may use.
    """
    name = origin_of(function)
    return Method(name, None, "asked for", refuses_noise, functools.partial(_make, function, name))


def _expression(value: Any, name: str) -> Any:
    if isinstance(value, sp.Basic):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return exact(value)
    raise MethodError(f"the method {name} must assign SymPy expressions (got {type(value).__name__})")


def _make(function: Callable[..., Any], name: str, system: System) -> Program:
    found = function(system, DT)
    returned = found.items() if isinstance(found, Mapping) else found
    pairs = list(returned) if isinstance(returned, Iterable) else [found]
    steps: list[tuple[sp.Symbol, Any]] = []
    temporaries: dict[sp.Symbol, sp.Symbol] = {}  # the function's symbols -> ours, which are no variables
    assigned: Counter[str] = Counter()
    new: dict[sp.Symbol, Any] = {}
    known = {*system.names, *system.draws, *(s for s, _ in system.once), DT, T}
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], sp.Symbol)):
            message = f"the method {name} must return assignments: pairs (symbol, expression)"
            raise MethodError(message, detail=f"got {shown(pair)}")
        target, value = pair[0], _expression(pair[1], name)
        unknown = sorted(str(s) for s in value.free_symbols - known)
        if unknown:
            raise MethodError(f"the method {name} uses '{unknown[0]}' before it is assigned")
        value = value.xreplace(temporaries)
        if target in system.rates:
            new[target] = value
        else:
            assigned[target.name] += 1
            temporaries[target] = made_up(target.name + MARK * assigned[target.name])
            steps.append((temporaries[target], value))
            known.add(target)
    missing = [system.names[x] for x in system.variables if x not in new]
    if missing:
        raise MethodError(f"the method {name} assigns no new value to '{missing[0]}'")
    return update(system, name, steps, [new[x] for x in system.variables])
