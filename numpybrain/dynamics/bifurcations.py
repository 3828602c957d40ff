"""Bifurcations of equilibria: where, along a parameter, rest appears, vanishes, or changes its stability.

Branches of equilibria are followed by pseudo-arclength continuation (Keller 1977), also round their folds.
Folds and Hopf points are found where a test function changes its sign, and refined on the branch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from numpybrain.dynamics.equilibria import found_at, scanned, span, system_of
from numpybrain.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpybrain.symbolic.dynamical_system import DynamicalSystem

STARTS = 9  # values of the parameter at which branches are looked for
STEP, SMALLEST = 1e-2, 1e-7  # along a branch, of the ranges
MOST = 20_000  # steps along one branch
REFINED = 60  # bisections
SAME = 1e-5  # of the ranges: points that are nearer are one
LEAST = 1e-3  # size of a variable
WIDTH = 1e-3  # of the ranges, of differences that give the criticality


@dataclass(frozen=True)
class Bifurcation:
    """Point at which an equilibrium changes.

    Attributes:
        parameter: name of the parameter.
        value: of the parameter, in its declared unit.
        kind: "saddle-node", where two equilibria meet and vanish, or "hopf", where one begins to oscillate.
        state: name of a variable -> its value there, in its declared unit.
        criticality: of a Hopf bifurcation "supercritical" (the oscillation is small and stable) or
            "subcritical"; else None.
        frequency: of the oscillation in Hz, at a Hopf bifurcation; else 0.
    """

    parameter: str
    value: float
    kind: str
    state: Mapping[str, float]
    criticality: str | None = None
    frequency: float = 0.0


def bifurcation(
    model: Any,
    parameter: str,
    low: Any,
    high: Any,
    *,
    within: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> list[Bifurcation]:
    """All bifurcations of all branches of equilibria between two values of a parameter, ascending.

    Args:
        model: a model or its name.
        parameter: the name of the parameter.
        low: its lowest value; a bare number is in its declared unit.
        high: its highest value.
        within: name of the potential -> (lowest, highest) value at which equilibria are looked for.
        **parameters: values of others in place of their defaults.
    """
    system = system_of(model, (parameter,), parameters)
    first, last = (system.number(parameter, x) for x in (low, high))
    if not first < last:
        raise ArgumentError(f"the range of '{parameter}' goes from the lowest to the highest value")
    limits = span(system, within)
    found: list[Bifurcation] = []
    for branch in branches(system, first, last, limits):
        for point in branch.special():
            if not any(p.kind == point.kind and _near(p, point, branch.scale, system) for p in found):
                found.append(point)
    return sorted(found, key=lambda point: point.value)


def branches(system: DynamicalSystem, low: float, high: float, limits: tuple[float, float]) -> list[Branch]:
    """Branches of equilibria over a range of the free parameter, each once."""
    at = np.linspace(low, high, STARTS)
    starts = [np.append(x, p) for p in at for x in found_at(system, np.array([p]), limits).T]
    if not starts:
        return []
    scale = np.maximum(
        np.abs(starts).max(axis=0), LEAST
    )  # of the potential and the parameter it is the range
    scale[scanned(system)], scale[-1] = limits[1] - limits[0], high - low
    found: list[Branch] = []
    for point in starts:
        if not any(branch.holds(point) for branch in found):
            found.append(Branch(system, point, low, high, limits, scale))
    return found


class Branch:
    """Branch of equilibria: points (state, parameter), in both directions from where it was found."""

    def __init__(
        self,
        system: DynamicalSystem,
        start: Any,
        low: float,
        high: float,
        limits: tuple[float, float],
        scale: Any,
    ) -> None:
        self.system, self.low, self.high, self.limits, self.scale = system, low, high, limits, scale
        self.main = scanned(system)
        there, back = (self._followed(start, sign) for sign in (1.0, -1.0))
        self.points = np.array([*back[:0:-1], *there])

    def holds(self, point: Any) -> bool:
        """Whether a point is on the branch."""
        off = np.abs(self.points - point) / self.scale
        near = off.max(axis=1) < 2 * STEP
        if not near.any():
            return False
        index = int(np.argmin(off.max(axis=1)))
        at = self._at(point[-1], self.points[index])
        return at is not None and bool((np.abs(at - point) / self.scale).max() < 1e-4)

    def _at(self, p: float, guess: Any) -> Any:
        """The point of the branch near a guess at a value of the parameter, or None."""
        direction = np.zeros(len(guess))
        direction[-1] = 1.0
        target = guess.copy()
        target[-1] = p
        return self._corrected(target, direction)

    def _tangent(self, point: Any, before: Any) -> Any:
        """The unit vector along the branch, in the direction of the last one."""
        matrix, _ = self._matrix(point)
        tangent = np.linalg.svd(matrix)[2][-1]
        return tangent if tangent @ before > 0 else -tangent

    def _matrix(self, point: Any) -> tuple[Any, Any]:
        """Derivatives of the rates in units of the ranges, with rows divided by their sizes; and these."""
        x, p = point[:-1], point[-1:]
        whole = np.hstack([self.system.jacobian_at(x, p), self.system.sensitivity_at(x, p)]) * self.scale
        size = np.maximum(np.abs(whole).max(axis=1), 1e-300)
        return whole / size[:, None], size

    def _corrected(self, guess: Any, direction: Any) -> Any:
        """The point of the branch in the plane through a guess across a direction, or None."""
        point = guess.copy()
        for _ in range(20):
            rows, size = self._matrix(point)
            matrix = np.vstack([rows, direction])
            right = np.append(
                self.system(point[:-1], point[-1:]) / size, direction @ ((point - guess) / self.scale)
            )
            if not np.isfinite(matrix).all() or not np.isfinite(right).all():
                return None
            try:
                step = np.linalg.solve(matrix, right)
            except np.linalg.LinAlgError:
                return None
            point = point - step * self.scale
            if np.abs(step).max() < 1e-13:
                return point
        return point if np.abs(step).max() < 1e-9 else None

    def _followed(self, start: Any, sign: float) -> list[Any]:
        """Points from the start on in one direction, until the range ends or the branch comes back."""
        direction = np.zeros(len(start))
        direction[-1] = sign
        points, step = [start], STEP
        tangent = self._tangent(start, direction)
        while len(points) < MOST:
            guess = points[-1] + step * tangent * self.scale
            point = self._corrected(guess, tangent)
            ahead = None if point is None else self._tangent(point, tangent)
            if (
                point is None
                or ahead @ tangent < 0.98
                or np.abs(point - guess).max() > 10 * (step * self.scale).max()
            ):
                step /= 2
                if step < SMALLEST:
                    break
                continue
            points.append(point)
            tangent, step = ahead, min(1.3 * step, STEP)
            if not self._inside(point) or (len(points) > 10 and self._is_back(points)):
                break
        return points

    def _inside(self, point: Any) -> bool:
        reach = self.limits[1] - self.limits[0]
        first = self.limits[0] - reach <= point[self.main] <= self.limits[1] + reach
        return bool(self.low <= point[-1] <= self.high and first)

    def _is_back(self, points: list[Any]) -> bool:
        return bool((np.abs(points[-1] - points[0]) / self.scale).max() < STEP / 2)

    def special(self) -> list[Bifurcation]:
        """The bifurcations on the branch."""
        found = []
        tests = (("saddle-node", self._determinants), ("hopf", self._pairs))
        for kind, test in tests:
            signs = np.sign(test(self.points))
            for k in (signs[1:] * signs[:-1] < 0).nonzero()[0]:
                point = self._refined(self.points[k], self.points[k + 1], test)
                made = None if point is None else self._made(kind, point)
                if made is not None and self.low <= made.value <= self.high:
                    found.append(made)
        return found

    def _determinants(self, points: Any) -> Any:
        """Signs of the determinants of the Jacobian at points of shape (m, n + 1)."""
        return np.linalg.slogdet(self._jacobian(points))[0]

    def _pairs(self, points: Any) -> Any:
        """Product of the sums of all pairs of eigenvalues, which is 0 at a Hopf point."""
        eigenvalues = np.linalg.eigvals(self._jacobian(points))
        first, second = np.triu_indices(eigenvalues.shape[-1], 1)
        size = np.abs(eigenvalues).max(axis=-1, keepdims=True)
        return ((eigenvalues[..., first] + eigenvalues[..., second]) / size).prod(axis=-1).real

    def _jacobian(self, points: Any) -> Any:
        return self.system.jacobian_at(points[..., :-1].T, points[..., -1:].T)

    def _refined(self, before: Any, after: Any, test: Callable[[Any], Any]) -> Any:
        """The point between two at which a test function changes its sign, by bisection."""
        sign = np.sign(test(before))
        direction = (after - before) / self.scale
        direction = direction / np.linalg.norm(direction)
        low, high = 0.0, 1.0
        point = before
        for _ in range(REFINED):
            middle = (low + high) / 2
            point = self._corrected(before + middle * (after - before), direction)
            if point is None:
                return None
            low, high = (middle, high) if np.sign(test(point)) == sign else (low, middle)
            if high - low < 1e-13:
                break
        return point

    def _made(self, kind: str, point: Any) -> Bifurcation | None:
        """The bifurcation at a point; None where two real eigenvalues add up to 0, which is none."""
        name, state = self.system.free[0], self.system.state(point[:-1])
        if kind == "saddle-node":
            return Bifurcation(name, float(point[-1]), kind, state)
        eigenvalues = np.linalg.eigvals(self._jacobian(point))
        pairs = [k for k, e in enumerate(eigenvalues) if e.imag > 0]
        if not pairs:
            return None
        k = min(pairs, key=lambda k: abs(eigenvalues[k].real))
        turn = float(eigenvalues[k].imag)
        if abs(eigenvalues[k].real) > 1e-5 * max(turn, np.abs(eigenvalues).max() * 1e-3):
            return None
        slope = lyapunov_coefficient(self.system, point, self.scale[:-1], turn)
        criticality = "supercritical" if slope < 0 else "subcritical"
        return Bifurcation(name, float(point[-1]), kind, state, criticality, 1000 * turn / (2 * np.pi))


def lyapunov_coefficient(system: DynamicalSystem, point: Any, scale: Any, turn: float) -> float:
    """First Lyapunov coefficient of a Hopf point (Kuznetsov 2004), below 0 if supercritical."""
    x, p = point[:-1], point[-1:]

    def jacobian(y: Any) -> Any:
        """In units of the ranges, at a state that is y of them away."""
        return system.jacobian_at(x + y * scale, p) * scale / scale[:, None]

    a = jacobian(np.zeros(len(x)))
    values, vectors = np.linalg.eig(a)
    q = vectors[:, np.argmin(np.abs(values - 1j * turn))]
    q = q / np.linalg.norm(q)
    values, vectors = np.linalg.eig(a.T)
    left = vectors[:, np.argmin(np.abs(values + 1j * turn))]
    left = left / np.conj(np.vdot(left, q))
    h = WIDTH

    def second(u: Any, v: Any) -> Any:
        def real(w: Any) -> Any:
            return (jacobian(h * w) - jacobian(-h * w)) / (2 * h)

        return (real(u.real) + 1j * real(u.imag)) @ v

    def third(u: Any, w: Any, v: Any) -> Any:
        def real(s: Any, r: Any) -> Any:
            corners = (
                jacobian(h * (s + r))
                - jacobian(h * (s - r))
                - jacobian(h * (r - s))
                + jacobian(-h * (s + r))
            )
            return corners / (4 * h * h)

        both = (
            real(u.real, w.real) - real(u.imag, w.imag) + 1j * (real(u.real, w.imag) + real(u.imag, w.real))
        )
        return both @ v

    bar, eye = np.conj(q), np.eye(len(x))
    inner = third(q, q, bar) - 2 * second(q, np.linalg.solve(a, second(q, bar)))
    inner = inner + second(bar, np.linalg.solve(2j * turn * eye - a, second(q, q)))
    return float(np.vdot(left, inner).real / (2 * turn))


def _near(a: Bifurcation, b: Bifurcation, scale: Any, system: DynamicalSystem) -> bool:
    off = [a.value - b.value, *(a.state[n] - b.state[n] for n in system.variables)]
    return bool((np.abs(off) / np.roll(scale, 1)).max() < SAME)
