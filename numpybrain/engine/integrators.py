"""Loops that carry out a numerical method: explicit with a Python function, adaptive, implicit.

All work on the block of a group's state variables, shape (k, n), and ask for rates as often as they
like: `rates(t, block, out)` writes dx/dt per ms to `out`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from numpybrain.errors import MethodError
from numpybrain.kernel.contracts import Call, RunContext
from numpybrain.kernel.state import LONG, Form, State, Values
from numpybrain.kernel.variables import Array, VariableStore
from numpybrain.symbolic.tableaus import Tableau

Rates = Callable[[float, Array, Array], None]
Limits = Callable[[], tuple[Any, Any]]

SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0  # of the step size: as in Hairer, Norsett & Wanner I, section II.4
SMALLEST = 1e-9  # part of dt below which a step size is given up
FLOOR = 0.1  # of the largest value so far
TINY = 1e-300
ITERATIONS = 25  # of Newton's method
PRECISION = 1e-10  # relative change at which Newton's method ends
GAMMA = 1 - 1 / math.sqrt(2)  # of the Rosenbrock method: L-stable
NONE = np.zeros(0, dtype=bool)
AT_ONCE = 0.01  # part of dt: an upstroke that takes no longer from here to the threshold is over at once


class Peak:
    """The threshold at which a loop bounds a variable that would run to infinity at a spike.

    Attributes:
        row: of the variable in the block.
        limits: gives the threshold, at which rates bound the variable, and the value just above it where
            a step ends at most; one number or one for each neuron.
    """

    def __init__(self, row: int, limits: Limits) -> None:
        self.row = row
        self.limits = limits

    def top(self, values: Array) -> None:
        """Put what is above the threshold to just above it."""
        np.minimum(values[self.row], self.limits()[1], out=values[self.row])

    def lift(self, values: Array, which: Array) -> None:
        """Put some neurons to just above the threshold."""
        values[self.row, which] = np.broadcast_to(self.limits()[1], which.shape)[which]

    def arriving(self, values: Array, pace: Array, time: float) -> Array:
        """Tell for which elements the variable reaches the threshold in a time at its present growth."""
        found: Array = self.limits()[0] - values[self.row] <= pace[self.row] * time
        return found

    def lost(self, values: Array, change: Array, matrix: Array, h: float) -> Array:
        """Tell for which elements the variable rises to infinity within h; `matrix` is the Jacobian.

        While x grows as exp(k*x), that takes 1/(dx/dt)' from now.
        """
        row = self.row
        found: Array = (h * matrix[row, row] >= 1.0) & (change[row] > 0.0)
        found &= values[row] < self.limits()[0]
        return found


class Explicit:
    """A tableau with a fixed step."""

    def __init__(self, rates: Rates, block: Array, tableau: Tableau) -> None:
        self.rates = rates
        self.block = block
        self.a = [np.array([float(x) for x in row]) for row in tableau.a]
        self.b = np.array([float(x) for x in tableau.b])
        self.c = [float(x) for x in tableau.c]
        self.slopes = np.zeros((len(self.b), *block.shape))
        self.scratch = np.empty(block.shape)
        self._rows = self.slopes.reshape(len(self.b), -1)  # a row for each slope
        self._row = self.scratch.reshape(-1)

    def weighted(self, weights: Array, h: float) -> Array:
        """The step size times a weighted sum of the first slopes, in the scratch array."""
        # not np.dot: the threads of a BLAS wait for each other, for milliseconds if the cores are busy
        np.einsum("i,ij->j", weights, self._rows[: len(weights)], out=self._row)
        self.scratch *= h
        return self.scratch

    def stages(self, t: float, h: float, *, first: bool = True) -> None:
        """Calculate the slopes of a step; without `first` the first is there already."""
        block, slopes = self.block, self.slopes
        if first:
            self.rates(t, block, slopes[0])
        for k in range(1, len(self.b)):
            scratch = self.weighted(self.a[k], h)
            scratch += block
            self.rates(t + self.c[k] * h, scratch, slopes[k])

    def go_on(self, before: Explicit) -> None:
        """Take over what was learnt in an earlier run: nothing, with a fixed step."""

    def advance(self, t: float, dt: float) -> None:
        """Go from t to t + dt."""
        self.stages(t, dt)
        self.block += self.weighted(self.b, dt)

    def state(self) -> State | None:
        """State of what is adapted in runs: none."""
        return None


class Adaptive(Explicit):
    """An embedded pair: one step size for the group, such that no neuron exceeds the tolerance.

    The error of a variable may be relative*|x| + absolute. Without an absolute tolerance (NaN), a
    tenth of the largest value that the variable has had counts where x is near 0: a neuron whose v
    crosses 0 mV should not make the steps of all others short.

    Attributes:
        taken, rejected: how many steps were made, and how many tried in vain.
    """

    def __init__(
        self,
        rates: Rates,
        block: Array,
        tableau: Tableau,
        relative: float,
        absolute: Array | None,
        peak: Peak | None = None,
    ) -> None:
        super().__init__(rates, block, tableau)
        assert tableau.error is not None  # asked before
        self.estimate = np.array([float(x) for x in tableau.error])
        self.power = -1.0 / tableau.order_of_error
        self.reuse = tableau.ends_with_next
        self.relative = relative
        self.peak = peak
        self.over = np.zeros(block.shape[1], dtype=bool)  # whose upstroke is over in this step
        self.absolute = None if absolute is None else absolute[:, None]
        self.scale = np.zeros((len(block), 1))  # the largest value that each variable has had
        self.size = math.inf  # the step size that the last step asked for
        self.taken = self.rejected = 0

    def go_on(self, before: Explicit) -> None:
        """Take over what was learnt in an earlier run."""
        assert isinstance(before, Adaptive)  # of the same kind
        self.size, self.scale = before.size, before.scale
        self.taken, self.rejected = before.taken, before.rejected

    def state(self) -> State | None:
        """State of what is adapted in runs."""
        forms = {"size": Form(float), "scale": Form(float, (len(self.scale),))}
        forms |= {"taken": Form(int, limit=LONG), "rejected": Form(int, limit=LONG)}
        return State(forms, lambda: {**vars(self), "scale": self.scale[:, 0]}, self._put)

    def _put(self, values: Values) -> None:
        self.size, self.scale = values["size"], values["scale"][:, None]
        self.taken, self.rejected = values["taken"], values["rejected"]

    def _bound(self, size: Array, largest: Array) -> Array:
        """The error that is tolerated."""
        bound = self.relative * np.maximum(size, FLOOR * largest)
        if self.absolute is not None:
            given = self.relative * size + self.absolute
            bound = np.where(np.isnan(self.absolute), bound, given)
        return np.maximum(bound, TINY)

    def advance(self, t: float, dt: float) -> None:
        """Go from t to t + dt in as many steps as it takes."""
        block, slopes, peak = self.block, self.slopes, self.peak
        done, first = 0.0, True
        self.over[:] = False
        while done < dt:
            h = min(self.size, dt - done)
            whole = h == dt - done
            self.stages(t + done, h, first=first)
            if peak is not None:
                self._stop_upstrokes(peak, AT_ONCE * dt)
            new = block + self.weighted(self.b, h)
            if peak is not None:
                peak.top(new)
            size = np.maximum(np.abs(block), np.abs(new))
            largest = np.maximum(self.scale, size.max(axis=1, keepdims=True))
            bound = self._bound(size, largest)
            error = float(np.max(np.abs(self.weighted(self.estimate, h)) / bound, initial=0.0))
            factor = GROW if error == 0 else min(GROW, max(SHRINK, SAFETY * error**self.power))
            if error <= 1:  # which is false for NaN
                block[...] = new
                self.scale = largest  # only now: a step that is rejected may have gone anywhere
                done = dt if whole else done + h
                self.size = max(self.size, h * factor) if whole and factor >= 1 else h * factor
                self.taken += 1
                first = not self.reuse
                if self.reuse:
                    slopes[0] = slopes[-1]
            else:
                self.size = h * (factor if math.isfinite(error) else SHRINK)
                self.rejected += 1
                first = False
                if self.size < SMALLEST * dt:
                    message = f"the step size became too small at t = {t + done:g} ms"
                    advice = "the solution may grow without bound, or jump: see what it does there"
                    raise MethodError(message, help=advice)

    def _stop_upstrokes(self, peak: Peak, soon: float) -> None:
        """Neurons that are at the threshold, or are there soon, wait just above it for the end of the step.

        However steep an upstroke is, the step size need not follow it to its end.
        """
        arriving = peak.arriving(self.block, self.slopes[0], soon) & ~self.over
        if arriving.any():
            peak.lift(self.block, arriving)
            self.over |= arriving
        if self.over.any():
            self.slopes[:, :, self.over] = 0.0


class Implicit:
    """Backward Euler, the trapezoidal rule and a Rosenbrock method, with the Jacobian of each neuron.

    `rates(t, block, out)` gives k rates and then the k*k entries of the Jacobian, shape (k + k*k, n).
    Rosenbrock: ROS2, Verwer et al. (1999), doi:10.1137/S1064827597326651, equation 2.1. With rates that
    depend on t (`timed`) its derivatives by t are differences over the step: without them, the order
    falls to 1 where the equations are stiff.
    """

    def __init__(
        self, rates: Rates, block: Array, name: str, *, timed: bool = False, peak: Peak | None = None
    ) -> None:
        self.rates = rates
        self.peak = peak
        self.block = block
        k, n = block.shape
        self.both = np.zeros((k + k * k, n))
        self.slope = self.both[:k]
        self.matrix = self.both[k:].reshape(k, k, n)
        self.unit = np.eye(k)
        self.timed = timed
        self.scale = np.zeros((k, 1))  # the largest value that each variable has had
        self.advance: Callable[[float, float], None] = getattr(self, f"_{name}")

    def go_on(self, before: Implicit) -> None:
        """Take over what was learnt in an earlier run: two short runs are one long run, bit for bit."""
        self.scale = before.scale

    def state(self) -> State | None:
        """State of what is adapted in runs."""
        form = Form(float, (len(self.scale),))
        return State({"scale": form}, lambda: {"scale": self.scale[:, 0]}, self._put)

    def _put(self, values: Values) -> None:
        self.scale = values["scale"][:, None]

    def _solve(self, h: float, right: Array) -> Array:
        """(1 - h J)^-1 right, for all neurons at once."""
        matrices = self.unit - h * self.matrix.transpose(2, 0, 1)
        try:
            found = np.linalg.solve(matrices, right.T[:, :, None])
        except np.linalg.LinAlgError:
            raise MethodError(
                "the equations of an implicit step cannot be solved: try a smaller dt"
            ) from None
        solved: Array = found[:, :, 0].T
        return solved

    def _newton(self, t: float, fixed: Array, h: float) -> None:
        """Solve x = fixed + h f(t, x)."""
        x = self.block
        np.maximum(self.scale, np.max(np.abs(x), axis=1, keepdims=True), out=self.scale)
        for _ in range(ITERATIONS):
            self.rates(t, x, self.both)
            away = fixed + h * self.slope - x
            if self._lifted(x, away, h).any():  # below the threshold there is no solution
                continue
            change = self._solve(h, away)
            x += change
            if np.all(np.abs(change) <= PRECISION * (np.abs(x) + 1e-3 * self.scale)):
                if self.peak is not None:
                    self.peak.top(x)
                return
        message = f"an implicit step did not converge in {ITERATIONS} iterations, at t = {t:g} ms"
        raise MethodError(message, help="try a smaller dt, or method='rosenbrock', which does not iterate")

    def _lifted(self, x: Array, change: Array, h: float) -> Array:
        """Neurons that would run to infinity within h, now put to just above the threshold."""
        if self.peak is None:
            return NONE
        lost = self.peak.lost(x, change, self.matrix, h)
        if lost.any():
            self.peak.lift(x, lost)
        return lost

    def _backward_euler(self, t: float, dt: float) -> None:
        self._newton(t + dt, self.block.copy(), dt)

    def _trapezoidal(self, t: float, dt: float) -> None:
        self.rates(t, self.block, self.both)
        self._newton(t + dt, self.block + dt / 2 * self.slope, dt / 2)

    def _rosenbrock(self, t: float, dt: float) -> None:
        x = self.block
        self.rates(t, x, self.both)
        lost = self._lifted(x, self.slope, dt)
        over = x[:, lost]
        matrix = self.matrix.copy()
        slope: Array = self.slope.copy()
        moved: Array | float = 0.0
        if self.timed:
            self.rates(t + dt, x, self.both)
            moved = GAMMA * (self.slope - slope)
            self.matrix[...] = matrix
        first = self._solve(GAMMA * dt, slope + moved)
        self.rates(t + dt, x + dt * first, self.both)
        self.matrix[...] = matrix
        second = self._solve(GAMMA * dt, self.slope - 2 * first - moved)
        x += dt * (1.5 * first + 0.5 * second)
        x[:, lost] = over
        if self.peak is not None:
            self.peak.top(x)


Loop = Explicit | Implicit
MakeLoop = Callable[[Rates, Array, Peak | None], Loop]


class LoopRunner:
    """Runner of a loop over some variables: made anew for each run, the loop goes on with what was learnt.

    Args:
        method: name of the numerical method.
        state: the variables of the group.
        rows: gives the names of those that the loop takes, in its order.
        make: makes the loop from rates, the block of the variables, and perhaps a peak.

    Attributes:
        loop: that of the last run; None before the first.
    """

    def __init__(
        self, method: str, state: VariableStore, rows: Callable[[], Sequence[str]], make: MakeLoop
    ) -> None:
        self.loop: Loop | None = None
        self._method = method
        self._state = state
        self._rows = rows
        self._make = make

    @property
    def steps(self) -> int:
        """Number of steps that an adaptive method has taken so far; 0 for others."""
        return self.loop.taken if isinstance(self.loop, Adaptive) else 0

    def prepare(self, context: RunContext, rates: Rates, peak: Peak | None = None) -> Call:
        """The callable of a run: it takes all elements from t to t + dt."""
        clock = context.clock
        block, arrays = self._block()
        before, self.loop = self.loop, self._make(rates, block, peak)
        if before is not None:
            self.loop.go_on(before)  # type: ignore[arg-type]  # it is of the same kind
        loop = self.loop
        if not arrays:
            return lambda: loop.advance(clock.t, clock.dt)

        def copied() -> None:
            for row, array in zip(block, arrays, strict=True):
                row[:] = array
            loop.advance(clock.t, clock.dt)
            for row, array in zip(block, arrays, strict=True):
                array[:] = row

        return copied

    def _block(self) -> tuple[Array, list[Array]]:
        """Give the block of a loop: that of the group, or another one and the arrays copied there and back.

        Which variables of synapses live together changes with time.
        """
        state, names = self._state, tuple(self._rows())
        if state.block is not None and state.rows == names:
            return state.block, []
        arrays = [state.slots[name].array(state.n) for name in names]
        return np.empty((len(names), arrays[0].size)), arrays

    def declare_state(self) -> Iterable[State]:
        """What the method has adapted in runs, such as the size of its steps; another one starts afresh."""
        method = None if self.loop is None or self.loop.state() is None else self._method
        forget = lambda _: setattr(self, "loop", None)  # noqa: E731
        forms = {"method": Form(str, optional=True)}
        return [State(forms, lambda: {"method": method}, forget, then=self._learnt, is_loose=True)]

    def _learnt(self, values: Values, names: Collection[str] | None) -> Iterator[State]:
        if values["method"] != self._method:
            return

        def no_rates(_t: float, _block: Array, _out: Array) -> None:
            raise AssertionError  # the next run has them

        loop = self.loop if names is None else self._make(no_rates, self._block()[0], None)
        state = None if loop is None else loop.state()
        if state is None:
            return

        def put(learnt: Values) -> None:
            state.put(learnt)
            self.loop = loop

        yield replace(state, put=put)
