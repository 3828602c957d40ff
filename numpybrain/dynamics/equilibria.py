"""Equilibria of a model: where nothing changes, and whether what is near comes nearer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.errors import ArgumentError, UnknownNameError, suggestion
from numpybrain.library import as_model

if TYPE_CHECKING:
    from numpybrain.symbolic.dynamical_system import DynamicalSystem

RANGES = {"mV": (-150.0, 100.0), "V": (-0.15, 0.1), "volt": (-0.15, 0.1)}
RANGE = (-20.0, 20.0)  # of a variable that is no voltage
POINTS = 1201  # of the scanned variable
ITERATIONS = 40
CLOSE = 1e-6  # relative: equilibria that are nearer are one
STILL = 1e-8


@dataclass(frozen=True)
class Equilibrium:
    """State in which nothing changes.

    Attributes:
        state: name of a variable -> its value, in its declared unit.
        eigenvalues: of the Jacobian matrix there, in 1/ms.
    """

    state: Mapping[str, float]
    eigenvalues: Any

    @property
    def is_stable(self) -> bool:
        """Whether what is near comes nearer."""
        return bool(self.eigenvalues.real.max() < 0)

    @property
    def kind(self) -> str:
        """The kind: "node", "focus" or "saddle"."""
        real = self.eigenvalues.real
        if real.min() < 0 < real.max() and abs(self.eigenvalues.imag[np.argmax(real)]) == 0:
            return "saddle"
        return "focus" if abs(self.eigenvalues.imag).max() > 0 else "node"


def system_of(model: Any, free: tuple[str, ...], parameters: Mapping[str, Any]) -> DynamicalSystem:
    """The system of a model, a name or a system; a parameter that stays free must be one."""
    if hasattr(model, "jacobian_at"):
        if parameters or model.free != free:
            raise ArgumentError("a dynamical system has its parameters already", help="give the model")
        return model  # type: ignore[no-any-return]
    return as_model(model).system(free, **parameters)


def equilibria(
    model: Any, *, within: Mapping[str, Any] | None = None, **parameters: Any
) -> list[Equilibrium]:
    """All equilibria of a model, from low to high potential.

    One variable, the potential if there is one, is held at many values, and the others are brought to
    rest; where its own
    rate then changes its sign, Newton's method finds the equilibrium.

    Args:
        model: a model or its name.
        within: name of that variable -> (lowest, highest) value at which it is looked for.
        **parameters: values in place of defaults: `I="10 uA/cm**2"`.
    """
    system = system_of(model, (), parameters)
    found = found_at(system, np.zeros(0), span(system, within))
    return [Equilibrium(system.state(x), np.linalg.eigvals(system.jacobian_at(x))) for x in found.T]


def jacobian(model: Any, state: Mapping[str, Any], **parameters: Any) -> Any:
    """Jacobian matrix of a model at a state, in the order of its equations: d(rate)/d(variable), per ms."""
    system = system_of(model, (), parameters)
    return system.jacobian_at(numbers(system, state))


def stability(model: Any, state: Mapping[str, Any], **parameters: Any) -> Equilibrium:
    """The equilibrium next to a state, by Newton's method, with its eigenvalues."""
    system = system_of(model, (), parameters)
    x, still = newton(system, numbers(system, state)[:, None], np.zeros((0, 1)))
    if not still[0]:
        raise ArgumentError(f"no equilibrium of '{system.name}' was found near this state")
    return Equilibrium(system.state(x[:, 0]), np.linalg.eigvals(system.jacobian_at(x[:, 0])))


def numbers(system: DynamicalSystem, state: Mapping[str, Any]) -> Any:
    """A state as numbers in declared units."""
    for name in state:
        if name not in system.variables:
            message = f"'{system.name}' has no variable '{name}'{suggestion(name, system.variables)}"
            raise UnknownNameError(message)
    missing = [n for n in system.variables if n not in state]
    if missing:
        raise ArgumentError(f"the state lacks {', '.join(missing)}")
    return np.array([system.number(n, state[n]) for n in system.variables])


def scanned(system: DynamicalSystem) -> int:
    """Position of the variable over which equilibria are looked for: the potential, else the first one."""
    for k, name in enumerate(system.variables):
        if system.units[name] in RANGES:
            return k
    return next((k for k, name in enumerate(system.variables) if name.lower() == "v"), 0)


def span(system: DynamicalSystem, within: Mapping[str, Any] | None) -> tuple[float, float]:
    """The range in which equilibria are looked for."""
    first = system.variables[scanned(system)]
    unit = system.units[first]
    if not within:
        return RANGES.get(unit, RANGE)
    if set(within) != {first}:
        raise ArgumentError(f"'within' is the range of '{first}'", help=f"within={{'{first}': (-100, 50)}}")
    low, high = (system.number(first, v) for v in within[first])
    if not low < high:
        raise ArgumentError(f"the range of '{first}' goes from the lowest to the highest value")
    return low, high


def found_at(system: DynamicalSystem, p: Any, limits: tuple[float, float]) -> Any:
    """Equilibria at values p of the free parameters, shape (n, number), ascending."""
    n = len(system.variables)
    p = np.asarray(p, dtype=float)
    grid = np.linspace(*limits, POINTS)
    x = np.zeros((n, POINTS))
    main = scanned(system)
    x[main] = grid
    column = np.repeat(p[:, None], POINTS, axis=1)
    x = settled(system, x, column)
    slope = system(x, column)[main]
    change = np.isfinite(slope[:-1]) & np.isfinite(slope[1:]) & (np.sign(slope[:-1]) != np.sign(slope[1:]))
    at = change.nonzero()[0]
    if not at.size:
        return np.zeros((n, 0))
    part = slope[at] / (slope[at] - slope[at + 1])
    guess = x[:, at] + part * (x[:, at + 1] - x[:, at])
    points, still = newton(system, guess, column[:, : at.size])
    points = points[:, still]
    points = points[:, np.argsort(points[main], kind="stable")]
    scale = np.maximum(np.abs(points), 1e-3).max(axis=1, initial=1e-3)
    keep: list[int] = []
    for k in range(points.shape[1]):
        if all(np.abs((points[:, k] - points[:, j]) / scale).max() > CLOSE for j in keep):
            keep.append(k)
    return points[:, keep]


def settled(system: DynamicalSystem, x: Any, p: Any) -> Any:
    """States with all but the scanned variable at rest, by Newton's method from where they are."""
    x = x.copy()
    others = [k for k in range(len(system.variables)) if k != scanned(system)]
    if not others:
        return x
    for _ in range(ITERATIONS):
        matrices = system.jacobian_at(x, p)[..., others, :][..., others]
        step = solved(matrices, system(x, p)[others])
        x[others] -= np.where(np.isfinite(step), step, 0)
    return x


def newton(system: DynamicalSystem, x: Any, p: Any) -> tuple[Any, Any]:
    """Equilibria near states of shape (n, m), and which of them were found."""
    x = x.copy()
    step = np.zeros_like(x)
    for _ in range(ITERATIONS):
        step = solved(system.jacobian_at(x, p), system(x, p))
        x -= np.where(np.isfinite(step), step, 0)
    still = np.isfinite(step).all(axis=0) & (np.abs(step) <= STILL * (1 + np.abs(x))).all(axis=0)
    return x, still


def solved(matrices: Any, right: Any) -> Any:
    """Solutions of systems of equations, shape (n, m); NaN where there is none."""
    right = np.moveaxis(right, 0, -1)[..., None]
    good = np.isfinite(matrices).all(axis=(-2, -1)) & (np.abs(np.linalg.det(np.nan_to_num(matrices))) > 0)
    safe = np.where(good[..., None, None], matrices, np.eye(matrices.shape[-1]))
    found = np.linalg.solve(safe, right)[..., 0]
    return np.moveaxis(np.where(good[..., None], found, np.nan), -1, 0)
