"""Steady state of neurons: where all derivatives are 0, found from the start values."""

from __future__ import annotations

from typing import Any

import numpy as np

from numpybrain.errors import ModelError
from numpybrain.kernel.variables import Array, Variable
from numpybrain.language import language_entry
from numpybrain.neurons.vector_field import without_noise

STEPS = 200
LONGEST = 1e8  # ms
GROWTH = 3.0  # of implicit Euler steps, from one to the next
CLOSE = 1e-10  # relative to the largest value of a variable on the way
NEAR = 1e-6  # the same, for differences that give derivatives
UNSTABLE = 1e-6  # rate in 1/ms at which a deviation grows, beyond the error of differences


def settle(space: Any) -> None:
    """Write the steady state into the variables with differential equations.

    Implicit Euler steps, each longer than the last, go with the equations at first and become Newton's
    method. Noise is 0; thresholds, resets and refractoriness have no part in it.

    Raises:
        ModelError: if there are no equations, or none of their fixed points is reached, or it is unstable.
    """
    if space.definition is None:
        raise ModelError(f"'{space.name}' has no equations, of which there could be a steady state")
    names = [v.name for v in space.definition.variables.values() if v.kind == "differential"]
    if not names:
        return
    from numpybrain.symbolic.system import lower_system

    system = lower_system(space.definition.equations)
    if system.couples or system.past:
        what = "couple its neurons" if system.couples else "look back in time"
        message = (
            f"the equations of '{space.name}' {what}, and a steady state is that of a neuron by itself"
        )
        raise ModelError(message, help="give start values by name:  initial={'v': '-65 mV'}")
    for variable in space.definition.variables.values():
        if variable.kind == "sampled":  # what follows the time: as at the start
            slot = space.state.slot(variable.name)
            slot.array(space.state.n)[...] = space.get(variable.name)
    rates = _Rates(space, names)
    start = np.array([np.broadcast_to(space.get(name), space.size) for name in names], dtype=float)
    with np.errstate(all="ignore"):
        x, left, jacobian = _found(rates, start)
    moving = ~(left <= CLOSE)
    if moving.any():
        rates.write(start)
        message = f"no steady state of '{space.name}' was found: {_told(moving, names)} would still change"
        raise ModelError(message, help="give start values near one: initial={'v': '-65 mV'}")
    growing = np.linalg.eigvals(jacobian).real.max(axis=1) > UNSTABLE
    if growing.any():
        rates.write(start)
        message = f"the steady state of '{space.name}' is unstable in {_neurons(growing)}"
        raise ModelError(message, help="these would not stay there; give start values by name instead")
    rates.write(x)


def _found(rates: _Rates, x: Array) -> tuple[Array, Array, Array]:
    """A fixed point, what a Newton step would still change relatively, and the Jacobian there."""
    scale = np.maximum(np.abs(x).max(axis=1, keepdims=True), NEAR)
    step = np.full(x.shape[1], 0.01)
    for _ in range(STEPS):
        change, jacobian = _step(rates, x, scale, step)
        left = np.abs(change) / scale
        if (step >= LONGEST).all() and (left <= CLOSE).all():
            break
        x = x + change
        scale = np.maximum(scale, np.abs(x).max(axis=1, keepdims=True))
        step = np.minimum(step * GROWTH, LONGEST)
    return x, left, jacobian


def _step(rates: _Rates, x: Array, scale: Array, step: Array) -> tuple[Array, Array]:
    """The change over an implicit Euler step of each neuron, linearised, and the Jacobian (n, m, m)."""
    m, n = x.shape
    jacobian = np.empty((n, m, m))
    for k in range(m):
        apart = np.zeros((m, 1))
        apart[k] = NEAR * scale[k]
        jacobian[:, :, k] = ((rates(x + apart) - rates(x - apart)) / (2 * apart[k])).T
    if not np.isfinite(jacobian).all():
        return np.full_like(x, np.nan), np.zeros_like(jacobian)
    matrix = np.eye(m) / step[:, None, None] - jacobian
    try:
        return np.linalg.solve(matrix, rates(x).T[:, :, None])[:, :, 0].T, jacobian
    except np.linalg.LinAlgError:
        return np.full_like(x, np.nan), jacobian


class _Rates:
    """The derivatives of all variables, shape (m, n), in their units per ms, as a function of these."""

    def __init__(self, space: Any, names: list[str]) -> None:
        from numpybrain.symbolic import programs

        self._space, self._names = space, names
        readers = []
        for name in names:
            variable = space.definition.variables[name]
            unit = "1/ms" if variable.unit_text == "1" else f"({variable.unit_text})/ms"
            what = f"the derivative of '{name}'"
            slot = Variable(name, "parameter", unit)
            program = programs.value_program(
                space.definition, without_noise(variable.expr), language_entry.unit(slot.unit_text), what,
                space.around(),
            )  # fmt: skip
            if program.draws:
                message = (
                    f"'{space.name}' has no steady state: the equation for '{name}' draws random numbers"
                )
                raise ModelError(message, help="give start values by name: initial={'v': '-65 mV'}")
            readers.append(space.reader(program, "initial"))
        now = space.present()  # in which steps write to the variables: what is prepared reads their arrays
        self._calls = [reader.prepare(now) for reader in readers]

    def __call__(self, x: Array) -> Array:
        self.write(x)
        return np.array([np.broadcast_to(call(), x.shape[1]) for call in self._calls])

    def write(self, x: Array) -> None:
        """Give the variables these values."""
        for name, values in zip(self._names, x, strict=True):
            shared = self._space.state.slot(name).shared
            self._space.write(name, values[0] if shared else values)


def _told(moving: Array, names: list[str]) -> str:
    """The variables that move, and in which neurons."""
    which = [f"'{name}'" for name, row in zip(names, moving, strict=True) if row.any()]
    return f"{', '.join(which)} in {_neurons(np.any(moving, axis=0, keepdims=True)[0])}"


def _neurons(chosen: Array) -> str:
    found = np.flatnonzero(chosen)
    if found.size == chosen.size:
        return "all neurons" if found.size > 1 else "the neuron"
    shown = ", ".join(map(str, found[:5]))
    return f"neuron{'s' if found.size > 1 else ''} {shown}{', ...' if found.size > 5 else ''}"
