"""Differential equations of a model as plain SymPy, and as fast functions of arrays.

In: a closed definition, and which parameters stay free. Out: rates and Jacobian in declared units per ms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

from numpybrain.errors import ModelError, UnknownNameError, suggestion
from numpybrain.language import unit_table
from numpybrain.language import values as quantities
from numpybrain.language.definition import Definition
from numpybrain.symbolic import numpy_functions
from numpybrain.symbolic.plain import presented
from numpybrain.symbolic.system import lower_system

NUMERICAL = ("exprel", "exprel_derivative", "quotient", "slope", "heaviside")  # what SymPy does not have


class DynamicalSystem:
    """Differential equations of a model: dx/dt = f(x, p), without noise, thresholds and resets.

    Attributes:
        name: of the model.
        variables: names of the variables, in the order of the equations.
        free: names of the parameters that stay free.
        units: name of a variable or free parameter -> its declared unit.
        values: values of the other parameters, in their declared units.
        rates: name of a variable -> SymPy expression of its derivative, in its declared unit per ms.
            Symbols are `sympy.Symbol("v")` and so on.
        given: the values that the free parameters have in the model, shape (k,).
    """

    def __init__(
        self, name: str, definition: Definition, values: Mapping[str, Any], free: Iterable[str]
    ) -> None:
        self.name = name
        system = lower_system(definition)
        if not system.rates:
            raise ModelError(f"'{name}' has no differential equations")
        if system.draws or system.aggregates or system.past or system.depends_on_time:
            message = f"the equations of '{name}' draw, follow the time, look back or at other neurons"
            raise ModelError(
                message, help="a dynamical system depends on its variables and parameters alone"
            )
        self.free = tuple(free)
        for each in self.free:
            if each not in values:
                message = f"'{name}' has no parameter '{each}' that could stay free"
                raise UnknownNameError(message + suggestion(each, values))
        names = {*system.names.values(), *definition.variables}
        numbers = {sp.Symbol(n): float(v) for n, v in values.items() if n not in self.free}
        quiet = {sp.Symbol(n): 0 for n in system.noise}
        self.variables = tuple(system.names[x] for x in system.rates)
        self.units = {n: definition.variables[n].unit_text for n in (*self.variables, *self.free)}
        self._dimensions = {n: definition.variables[n].unit for n in self.units}
        self.values = {n: float(v) for n, v in values.items() if n not in self.free}
        self.given = np.array([float(values[n]) for n in self.free])
        functions = definition.functions
        plain = {x: presented(f, names, functions).subs(quiet) for x, f in system.rates.items()}
        self.rates = {system.names[x]: f.subs(numbers) for x, f in plain.items()}
        self._functions = dict(functions)

    @cached_property
    def jacobian(self) -> Any:
        """The matrix of derivatives of the rates, as SymPy; rows are rates, columns variables."""
        rates = sp.Matrix([self.rates[n] for n in self.variables])
        return rates.jacobian(sp.Matrix([sp.Symbol(n) for n in self.variables]))

    @cached_property
    def sensitivity(self) -> Any:
        """The matrix of derivatives of the rates with respect to the free parameters, as SymPy."""
        rates = sp.Matrix([self.rates[n] for n in self.variables])
        return rates.jacobian(sp.Matrix([sp.Symbol(n) for n in self.free]))

    def __call__(self, x: Any, p: Any = None) -> Any:
        """Rates at states x, shape (n, ...), and values p of the free parameters, shape (k, ...)."""
        x = np.asarray(x, dtype=float)
        return self._stacked(self._rates, x, self._with(p))

    def jacobian_at(self, x: Any, p: Any = None) -> Any:
        """Jacobian matrices at states of shape (n, ...): shape (..., n, n)."""
        return self._matrix(self._jacobian, len(self.variables), x, p)

    def sensitivity_at(self, x: Any, p: Any = None) -> Any:
        """Derivatives of the rates by the free parameters: shape (..., n, k)."""
        return self._matrix(self._sensitivity, len(self.free), x, p)

    def number(self, name: str, value: Any) -> float:
        """A value of a variable or free parameter as a number in its declared unit, as bare numbers are."""
        unit = self._dimensions[name]
        if not isinstance(unit, unit_table.Unit):
            return float(value)
        return float(quantities.convert(value, unit, f"'{name}' of '{self.name}'", self.units[name]))

    def is_gate(self, name: str, of: str) -> bool:
        """Whether the rate of a variable is a straight line in itself, and depends on one other at most."""
        rate, own = self.rates[name], sp.Symbol(name)
        return bool(rate.free_symbols <= {own, sp.Symbol(of)} and sp.diff(rate, own, 2).expand() == 0)

    def state(self, x: Any) -> dict[str, float]:
        """A state by the names of the variables."""
        return {n: float(v) for n, v in zip(self.variables, x, strict=True)}

    def _with(self, p: Any) -> Any:
        return self.given if p is None else np.asarray(p, dtype=float)

    def _stacked(self, function: Callable[..., Any], x: Any, p: Any) -> Any:
        shape = np.broadcast_shapes(x.shape[1:], p.shape[1:])
        with np.errstate(all="ignore"):
            found = function(*x, *p)
        return np.stack([np.broadcast_to(np.asarray(f, dtype=float), shape) for f in found])

    def _matrix(self, function: Callable[..., Any], columns: int, x: Any, p: Any) -> Any:
        flat = self._stacked(function, np.asarray(x, dtype=float), self._with(p))
        shape = (*flat.shape[1:], len(self.variables), columns)
        return np.moveaxis(flat, 0, -1).reshape(shape)

    @cached_property
    def _rates(self) -> Callable[..., Any]:
        return self._fast([self.rates[n] for n in self.variables])

    @cached_property
    def _jacobian(self) -> Callable[..., Any]:
        return self._fast(list(self.jacobian))

    @cached_property
    def _sensitivity(self) -> Callable[..., Any]:
        return self._fast(list(self.sensitivity))

    def _fast(self, expressions: list[Any]) -> Callable[..., Any]:
        """A function of all variables and free parameters; names of the model do not reach its code."""
        names = [*self.variables, *self.free]
        arguments = sp.symbols(f"x0:{len(names)}")
        put = dict(zip(map(sp.Symbol, names), arguments, strict=True))
        own = {name: getattr(numpy_functions, name) for name in NUMERICAL}
        code: Callable[..., Any] = sp.lambdify(
            arguments,
            [e.xreplace(put) for e in expressions],
            modules=[own | self._functions, "numpy"],
            cse=True,
        )
        return code

    def __repr__(self) -> str:
        free = f"; free {', '.join(self.free)}" if self.free else ""
        return f"<DynamicalSystem of '{self.name}': {', '.join(self.variables)}{free}>"
