"""Vector field of a neuron: the derivatives of two variables as a function of these, all else as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ArgumentError, ModelError, ShapeError, UnknownNameError, suggestion
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language.definition import is_noise
from numpybrain.language.nodes import Name
from numpybrain.language.reader import read_expression
from numpybrain.language.rewrite import replaced


class VectorField:
    """Derivatives (dx/dt, dy/dt) of two variables of a neuron, in units per ms, as a function of both.

    Other variables and parameters have the values of the neuron at the time when this was made. Noise,
    thresholds, resets and refractoriness have no part in it.

    Args:
        cells: neurons with equations.
        x, y: names of the two variables.
        neuron: which of the neurons.

    Attributes:
        names: of the two variables.
        units: their declared units.
        now: the values that they had in the neuron.
    """

    def __init__(self, cells: Any, x: str, y: str, neuron: int) -> None:
        space, definition = cells.inspect, cells.definition
        if definition is None:
            message = f"'{cells.name}' has no equations, of which there could be a vector field"
            raise ModelError(message, help="give a phase plane the function (x, y) -> (dx/dt, dy/dt)")
        from numpybrain.symbolic.system import lower_system

        system = lower_system(definition.equations)
        if system.aggregates or system.past:
            what = "look at all neurons" if system.aggregates else "look back in time"
            message = f"'{cells.name}' has no vector field of one neuron: its equations {what}"
            raise ModelError(message, help="give a phase plane the function (x, y) -> (dx/dt, dy/dt)")
        variables = definition.variables
        states = [v.name for v in variables.values() if v.kind == "differential"]
        for name in (x, y):
            if name not in states:
                message = f"'{name}' is no variable of '{cells.name}' with a differential equation"
                raise UnknownNameError(message + suggestion(name, states))
        if x == y:
            raise ArgumentError(f"a vector field is about two variables (got '{x}' twice)")
        self.names = (x, y)
        self.units = tuple(variables[name].unit_text for name in self.names)
        self._make = type(cells)
        fixed = {v.name: v.unit_text for v in variables.values() if v.kind in ("linked", "sampled")}
        self._model = cells.model.extend("\n".join(f"{name} : {unit}" for name, unit in fixed.items()))
        values = {name: _one(space.get(name), neuron) for name in space.state.slots if name in variables}
        self.now = tuple(float(values[name]) for name in self.names)
        self._states = {name: values[name] for name in states}
        given = self._model.definition.variables
        self._parameters = {
            name: value
            for name, value in values.items()
            if name not in given or given[name].kind == "parameter"
        }
        self._texts = [without_noise(variables[name].expr) for name in self.names]
        self._copies: dict[int, Any] = {}  # by size

    def __call__(self, x: Any, y: Any) -> tuple[Array, Array]:
        """The derivatives at points.

        Args:
            x: values of the first variable, in its declared unit, of any shape.
            y: values of the second one, of the same shape.

        Returns:
            dx/dt and dy/dt, in the units per ms, of this shape.

        Raises:
            ShapeError: if the shapes differ.
        """
        x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        if x.shape != y.shape:
            raise ShapeError(f"a vector field needs as many x as y (got {x.shape} and {y.shape})")
        if not x.size:
            return np.zeros(x.shape), np.zeros(x.shape)
        space = self._copy(x.size).inspect
        for name, values in zip(self.names, (x, y), strict=True):
            space.write(name, values.ravel())
        found = []
        for name, unit, text in zip(self.names, self.units, self._texts, strict=True):
            slot = Variable(name, "parameter", "1/ms" if unit == "1" else f"{unit}/ms")
            rates = space.calculate(text, slot, f"the derivative of '{name}'")
            found.append(np.broadcast_to(rates, x.size).reshape(x.shape).copy())
        return found[0], found[1]

    def _copy(self, n: int) -> Any:
        """So many neurons that are like the one of this field."""
        if n not in self._copies:
            self._copies.clear()  # sizes seldom come again
            made = self._copies[n] = self._make(n, self._model, **self._parameters)
            for name, value in self._states.items():
                made.inspect.write(name, value)
        return self._copies[n]


def without_noise(expression: Any) -> Any:
    """The same with white noise that is 0."""
    noise = {node.id for node in expression.walk() if isinstance(node, Name) and is_noise(node.id)}
    return (
        replaced(expression, dict.fromkeys(noise, read_expression("0/second**0.5")))
        if noise
        else expression
    )


def _one(values: Any, neuron: int) -> Any:
    """The value of one neuron."""
    found = np.asarray(values)
    return found[neuron] if found.ndim else found[()]
