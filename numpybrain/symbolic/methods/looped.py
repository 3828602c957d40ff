"""Methods that are loops in the kernel: adaptive step sizes, and implicit methods with their iterations.

A loop needs rates at places of its choice: the program is one that takes the variables (and t) as
arguments `x_at` and returns the rates, and for implicit methods the entries of the Jacobian.
"""

from __future__ import annotations

import functools
from typing import Any

import sympy as sp

from numpybrain.symbolic.identifiers import made_up
from numpybrain.symbolic.methods.base import Method, has_derivatives, refuses_noise, too_long
from numpybrain.symbolic.program import Program
from numpybrain.symbolic.system import System, T
from numpybrain.symbolic.tableaus import TABLEAUS, Tableau
from numpybrain.utils.naming import MARK

TIME = f"t_at{MARK}"


def argument(name: str) -> str:
    """Give the name in the rates for the value of a variable that they are given."""
    return f"{name}_at{MARK}"


def _refuses(system: System) -> str | None:
    if system.draws:
        name = next(iter(system.draws.values())).function
        return f"the equations call {name}(), which must keep its value for a step (constant over dt)"
    return refuses_noise(system)


def _refuses_implicit(system: System) -> str | None:
    return (
        _refuses(system)
        or too_long(system.rates.values(), system)
        or has_derivatives(e for row in jacobian(system) for e in row)
    )


def jacobian(system: System) -> list[list[Any]]:
    """The derivatives of all rates by all variables, row by row."""
    read = [rate.free_symbols for rate in system.rates.values()]  # SymPy takes its time to find a 0
    return [
        [sp.diff(rate, x) if x in free else sp.Integer(0) for x in system.variables]
        for rate, free in zip(system.rates.values(), read, strict=True)
    ]


def _rates(system: System, label: str, *, with_jacobian: bool = False) -> Program:
    """The program that returns the rates at given values of the variables."""
    given: dict[Any, Any] = {x: made_up(argument(x.name)) for x in system.variables}
    given[T] = made_up(TIME)
    results = list(system.rates.values())
    if with_jacobian:
        results += [e for row in jacobian(system) for e in row]
    names = {**system.names, **{s: s.name for s in given.values()}}
    return Program(
        f"rates, {label}", names, system.once, result=sp.Tuple(*(r.xreplace(given) for r in results)),
        functions=system.functions,
    )  # fmt: skip


def adaptive(tableau: Tableau) -> Method:
    """The method of a tableau with an error estimate."""
    return Method(
        tableau.name,
        tableau.order,
        "equations of changing pace",
        _refuses,
        functools.partial(_rates, label=tableau.name),
        loop="adaptive",
        tableau=tableau,
    )


def _implicit(name: str, order: int) -> Method:
    make = functools.partial(_rates, label=name, with_jacobian=True)
    return Method(name, order, "stiff equations", _refuses_implicit, make, loop="implicit")


LOOPS = [
    *(adaptive(tableau) for tableau in TABLEAUS.values() if tableau.error is not None),
    _implicit("backward_euler", 1),
    _implicit("trapezoidal", 2),
    _implicit("rosenbrock", 2),
]
