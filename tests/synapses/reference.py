"""Networks with synapses as a slow and obvious loop, written from the description of a step.

Nothing here uses the simulator: neurons and synapses are Python objects, and every step visits each of
them. What a spike does is a Python function `(s, y, t)` of source neuron, synapse and target neuron.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.linalg


class Doubt(Exception):
    """A comparison that rounding decides."""


def doubt(difference: float) -> None:
    if abs(difference) < 1e-9:
        raise Doubt


class Item:
    """Something with values: `put` is how statements of synapses write them."""

    def __init__(self, **values: float) -> None:
        self.__dict__.update(values)

    def put(self, **values: float) -> None:
        self.__dict__.update(values)


class Neuron(Item):
    """A neuron; while it is refractory, `shielded` variables ignore what synapses write."""

    shielded: tuple[str, ...] = ()
    refractory = False
    until = 0  # the first step in which it may spike again

    def put(self, **values: float) -> None:
        for name, value in values.items():
            if not (self.refractory and name in self.shielded):
                setattr(self, name, value)


def propagators(rates: Any, method: str, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """P, Q such that x(t + dt) = P x + Q input solves dx/dt = rates x + input; the input stands still."""
    return _propagators(tuple(tuple(map(float, row)) for row in rates), method, dt)


@functools.lru_cache(maxsize=4096)
def _propagators(
    rates: tuple[tuple[float, ...], ...], method: str, dt: float
) -> tuple[np.ndarray, np.ndarray]:
    n = len(rates)
    whole = np.zeros((2 * n, 2 * n))
    whole[:n, :n], whole[:n, n:] = rates, np.eye(n)
    step = np.eye(2 * n) + dt * whole if method == "euler" else scipy.linalg.expm(dt * whole)
    return step[:n, :n], step[:n, n:]


@dataclass
class Group:
    """Neurons with linear equations d(names)/dt = rates (names) + drive; v > 1 is the threshold.

    `stays(neuron, step)` says whether a refractory neuron remains so; None: there is no refractoriness.
    `period(neuron)` is how many steps it lasts where time decides. Held neurons keep v meanwhile.
    """

    neurons: list[Neuron]
    names: tuple[str, ...]
    rates: Any
    drive: Callable[[Neuron], Sequence[float]]
    reset: Callable[[Neuron], None]
    method: str = "exact"
    stays: Callable[[Neuron, int], bool] | None = None
    period: Callable[[Neuron], int] = lambda neuron: 0
    held: bool = False
    fired: list[int] = field(default_factory=list)
    spikes: list[tuple[int, int]] = field(default_factory=list)
    trace: list[list[list[float]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for neuron in self.neurons:
            neuron.shielded = ("v",) if self.held else ()

    def prepare(self, dt: float) -> None:
        free, still = np.array(self.rates, dtype=float), np.array(self.rates, dtype=float)
        still[0] = 0.0  # v is the first name
        self._free, self._still = propagators(free, self.method, dt), propagators(still, self.method, dt)

    def advance(self, step: int) -> None:
        for neuron in self.neurons:
            if neuron.refractory:
                assert self.stays is not None
                neuron.refractory = self.stays(neuron, step)
            stands = self.held and neuron.refractory
            x, drive = np.array([getattr(neuron, n) for n in self.names]), np.array(self.drive(neuron))
            if stands:
                drive[0] = 0.0
            p, q = self._still if stands else self._free
            for name, value in zip(self.names, p @ x + q @ drive, strict=True):
                setattr(neuron, name, float(value))

    def detect(self, step: int) -> None:
        self.fired = []
        for k, neuron in enumerate(self.neurons):
            doubt(neuron.v - 1)
            if neuron.v > 1 and not neuron.refractory:
                self.fired.append(k)
                if self.stays is not None:
                    neuron.refractory, neuron.until = True, step + self.period(neuron)
        self.spikes += [(step, k) for k in self.fired]


@dataclass
class Pathway:
    """What spikes of one side do, each after the delay of its synapse (in steps)."""

    side: str  # "pre" or "post"
    act: Callable[[Neuron, Item, Neuron], Any]
    delay: list[int]
    waiting: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))


@dataclass
class Linear:
    """Linear equations of one synapse: d(names)/dt = rates(y) (names) + drive(s, y, t)."""

    names: tuple[str, ...]
    rates: Callable[[Item], Any]
    drive: Callable[[Neuron, Item, Neuron], Sequence[float]]
    method: str = "exact"


@dataclass
class Projection:
    """Synapses from some neurons to others.

    Args:
        source, target: the whole groups on both sides.
        ends: for each synapse the indices of its two neurons in the whole groups.
        traces: equations solved exactly from event to event.
        clocked: equations stepped with the clock.
        summed: (side, variable of that side, function (s, y, t)).
        covered: side -> which neurons the sums are for.
    """

    source: Group
    target: Group
    ends: list[tuple[int, int]]
    synapses: list[Item]
    pathways: list[Pathway]
    traces: Linear | None = None
    clocked: Linear | None = None
    summed: list[tuple[str, str, Callable[[Neuron, Item, Neuron], float]]] = field(default_factory=list)
    covered: dict[str, range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for y in self.synapses:
            y.put(last=0, lastupdate=None)  # the step up to which traces are known
        self.rows = {
            "pre": [[k for k, (a, _) in enumerate(self.ends) if a == n] for n in range(len(self.source.neurons))],
            "post": [[k for k, (_, b) in enumerate(self.ends) if b == n] for n in range(len(self.target.neurons))],
        }  # fmt: skip

    def parts(self, k: int) -> tuple[Neuron, Item, Neuron]:
        a, b = self.ends[k]
        return self.source.neurons[a], self.synapses[k], self.target.neurons[b]

    def prepare(self, dt: float) -> None:
        if self.clocked is not None:
            equations = self.clocked
            self._steps = [propagators(equations.rates(y), equations.method, dt) for y in self.synapses]

    def advance(self) -> None:
        if self.clocked is not None:
            for k in range(len(self.synapses)):
                s, y, t = self.parts(k)
                p, q = self._steps[k]
                x = np.array([getattr(y, n) for n in self.clocked.names])
                new = p @ x + q @ np.array(self.clocked.drive(s, y, t))
                y.put(**dict(zip(self.clocked.names, new.tolist(), strict=True)))

    def bring(self, k: int, step: int, dt: float) -> None:
        """The traces of a synapse, exactly solved up to the beginning of a step."""
        s, y, t = self.parts(k)
        if self.traces is not None and step > y.last:
            p, q = propagators(self.traces.rates(y), "exact", (step - y.last) * dt)
            x = np.array([getattr(y, n) for n in self.traces.names])
            new = p @ x + q @ np.array(self.traces.drive(s, y, t))
            y.put(**dict(zip(self.traces.names, new.tolist(), strict=True)))
        y.put(last=step)

    def deliver(self, pathway: Pathway, step: int, dt: float) -> None:
        """Queue the spikes of this step, then act for those that are due, in the order of queueing."""
        fired = (self.source if pathway.side == "pre" else self.target).fired
        for n in fired:
            for k in self.rows[pathway.side][n]:
                pathway.waiting[step + pathway.delay[k]].append(k)
        for k in pathway.waiting.pop(step, []):
            self.bring(k, step, dt)
            pathway.act(*self.parts(k))
            self.synapses[k].put(lastupdate=step * dt)


class World:
    """Groups and projections, in the order in which the network holds them."""

    def __init__(self, groups: Sequence[Group], projections: Sequence[Projection], dt: float = 0.1) -> None:
        self.groups, self.projections, self.dt, self.step = groups, projections, dt, 0
        self.arrivals: dict[int, list[Callable[[], None]]] = defaultdict(list)  # from the dendrites
        for thing in (*groups, *projections):
            thing.prepare(dt)

    def later(self, steps: int, neuron: Neuron, **changes: float) -> None:
        """Add to a neuron some steps from now."""

        def add() -> None:
            neuron.put(**{n: getattr(neuron, n) + change for n, change in changes.items()})

        if steps:
            self.arrivals[self.step + steps].append(add)
        else:
            add()

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self._step()

    def _step(self) -> None:
        for group in self.groups:
            group.trace.append([[getattr(c, n) for n in group.names] for c in group.neurons])
        self._sum()
        for thing in self.groups:
            thing.advance(self.step)
        for projection in self.projections:
            projection.advance()
        for group in self.groups:
            group.detect(self.step)
        for add in self.arrivals.pop(self.step, []):
            add()
        for side in ("pre", "post"):
            for projection in self.projections:
                for pathway in projection.pathways:
                    if pathway.side == side:
                        projection.deliver(pathway, self.step, self.dt)
        for group in self.groups:
            for k in group.fired:
                group.reset(group.neurons[k])
        self.step += 1

    def _sum(self) -> None:
        """Sums over synapses, from the state of the beginning of the step."""
        sums: dict[tuple[int, str], list[Any]] = {}  # (neuron, variable) -> neuron and terms
        for projection in self.projections:
            for side, variable, value in projection.summed:
                group = projection.target if side == "post" else projection.source
                for n in projection.covered[side]:
                    sums.setdefault((id(group.neurons[n]), variable), [group.neurons[n]])
                for k in range(len(projection.synapses)):
                    s, y, t = projection.parts(k)
                    sums[id(t if side == "post" else s), variable].append(value(s, y, t))
        for (_, variable), (neuron, *terms) in sums.items():
            setattr(neuron, variable, sum(terms))

    def bring_traces(self) -> None:
        """Bring all traces to the present."""
        for projection in self.projections:
            for k in range(len(projection.synapses)):
                projection.bring(k, self.step, self.dt)
