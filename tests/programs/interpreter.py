"""A slow interpreter of networks: every neuron, synapse and statement by itself, in the order of the description.

Expressions and statements are Python's own; names stand for the values of one neuron or one synapse.
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

DT = 0.1
FUNCTIONS = {
    "exp": math.exp, "sin": math.sin, "tanh": math.tanh, "abs": abs, "ms": 1.0,
    "clip": lambda x, low, high: min(max(x, low), high),
}  # fmt: skip
PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")

compiled = functools.cache(compile)


class Names(dict):
    """The names that a text sees: variables, functions, and what statements have assigned on their way."""

    def __init__(self, get: Callable[[str], Any], put: Callable[[str, Any], bool] | None = None) -> None:
        super().__init__()
        self._get, self._put = get, put
        self._own: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        return FUNCTIONS[name] if name in FUNCTIONS else self._get(name)

    def __setitem__(self, name: str, value: Any) -> None:
        assert self._put is not None
        if not self._put(name, value):
            self._own[name] = value


def value_of(text: str, get: Callable[[str], Any]) -> Any:
    return eval(compiled(text, "text", "eval"), {}, Names(get))


class Cells:
    """Neurons. `spec` has texts: odes, subs, sampled, threshold, reset, events, on_event, start, end; held; period."""

    def __init__(self, n: int, spec: Mapping[str, Any]) -> None:
        self.n, self.spec = n, spec
        self.v = {name: np.zeros(n) for name in (*spec["odes"], *spec["sampled"], *spec["others"])}
        self.until, self.last, self.free = np.zeros(n, int), np.full(n, -1e7), np.ones(n, bool)
        self.events: dict[str, list[int]] = {name: [] for name in ("spikes", *spec["events"])}
        self.record: dict[str, list[tuple[int, int]]] = {name: [] for name in self.events}
        self.links: dict[str, tuple[Cells, str, list[int]]] = {}


class Projection:
    """Synapses: ends are (cells, first, number); `paths` have a name, a side, a text, an event and delays in steps."""

    def __init__(self, source: Any, target: Any, i: np.ndarray, j: np.ndarray) -> None:
        self.ends = {"pre": source, "post": target}
        self.i, self.j = i, j
        self.v: dict[str, np.ndarray] = {}
        self.decaying: dict[str, float] = {}  # name -> time constant
        self.odes: dict[str, str] = {}
        self.summed: list[tuple[str, str, str]] = []  # target, side, term
        self.paths: list[dict[str, Any]] = []
        self.end: list[str] = []

    def neuron(self, k: int, side: str) -> tuple[Cells, int]:
        cells, first, _ = self.ends[side]
        return cells, first + int((self.i if side == "pre" else self.j)[k])

    def where(self, k: int, name: str) -> tuple[Cells, int, str]:
        side = "pre" if name.endswith("_pre") else "post"
        return (*self.neuron(k, side), name.removesuffix("_" + side))


class Interpreter:
    def __init__(self, order: tuple[str, ...] = PHASES) -> None:
        self.order, self.step, self.within = order, 0, 0.0
        self.cells: list[Cells] = []
        self.synapses: list[Projection] = []
        self.traces: list[Trace] = []

    # ---- names ----

    def of_cell(self, cells: Cells, k: int, name: str) -> Any:
        if name in cells.v:
            return cells.v[name][k]
        if name in cells.links:
            other, variable, index = cells.links[name]
            return other.v[variable][index[k]]
        if name in cells.spec["subs"]:
            return value_of(cells.spec["subs"][name], lambda inner: self.of_cell(cells, k, inner))
        known = {"t": self.step * DT + self.within, "i": k, "N": cells.n, "lastspike": cells.last[k]}
        return known[name]

    def of_synapse(self, one: Projection, k: int, name: str) -> Any:
        if name in one.v:
            return one.v[name][k]
        if name in ("t", "i", "j"):
            return {"t": self.step * DT, "i": one.i[k], "j": one.j[k]}[name]
        return self.of_cell(*one.where(k, name))

    def run_cell(self, cells: Cells, k: int, text: str, *, shielded: bool) -> None:
        def put(name: str, value: Any) -> bool:
            if name in cells.v and not (shielded and name in cells.spec["held"] and not cells.free[k]):
                cells.v[name][k] = value
            return name in cells.v

        exec(compiled(text, "text", "exec"), {}, Names(lambda name: self.of_cell(cells, k, name), put))

    def run_synapse(self, one: Projection, k: int, text: str) -> None:
        def put(name: str, value: Any) -> bool:
            if name in one.v:
                one.v[name][k] = value
                return True
            if not name.endswith(("_pre", "_post")):
                return False
            cells, neuron, bare = one.where(k, name)
            if not (bare in cells.spec["held"] and not cells.free[neuron]):
                cells.v[bare][neuron] = value
            return True

        exec(compiled(text, "text", "exec"), {}, Names(lambda name: self.of_synapse(one, k, name), put))

    # ---- a step ----

    def advance(self) -> None:
        for phase in self.order:
            getattr(self, phase)()
        for one in self.synapses:
            for name, tau in one.decaying.items():
                one.v[name] *= math.exp(-DT / tau)
        self.step += 1

    def start(self) -> None:
        for trace in self.traces:
            trace.look(self)
        for cells in self.cells:
            for name, text in cells.spec["sampled"].items():
                cells.v[name] = self.each(cells, text)
        self.statements("start")

    def statements(self, phase: str) -> None:
        for cells in self.cells:
            for text in cells.spec[phase]:
                for k in range(cells.n):
                    self.run_cell(cells, k, text, shielded=True)

    def each(self, cells: Cells, text: str) -> np.ndarray:
        return np.array([value_of(text, functools.partial(self.of_cell, cells, k)) for k in range(cells.n)])

    def integrate(self) -> None:
        sums: dict[tuple[int, str], np.ndarray] = {}
        for one in self.synapses:
            for target, side, text in one.summed:
                cells = one.ends[side][0]
                total = sums.setdefault((id(cells), target), np.zeros(cells.n))
                for k in range(one.i.size):
                    total[one.neuron(k, side)[1]] += value_of(
                        text, functools.partial(self.of_synapse, one, k)
                    )
        for cells in self.cells:
            cells.v |= {name: total for (which, name), total in sums.items() if which == id(cells)}
            cells.free = self.step >= cells.until
            self.update(cells)
        for one in self.synapses:
            new = {
                name: one.v[name] + DT * np.array(
                    [value_of(text, functools.partial(self.of_synapse, one, k)) for k in range(one.i.size)]
                )
                for name, text in one.odes.items()
            }  # fmt: skip
            one.v |= new

    def update(self, cells: Cells) -> None:
        odes, begin = cells.spec["odes"], {name: cells.v[name].copy() for name in cells.spec["odes"]}

        def slopes(after: float, before: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
            for name in odes:
                cells.v[name] = begin[name] + after * before.get(name, 0)
            self.within = after
            found = {
                name: np.where(cells.free | (name not in cells.spec["held"]), self.each(cells, text), 0)
                for name, text in odes.items()
            }
            self.within = 0.0
            return found

        total = k1 = slopes(0, {})
        if cells.spec["method"] == "rk4":
            k2 = slopes(DT / 2, k1)
            k3 = slopes(DT / 2, k2)
            k4 = slopes(DT, k3)
            total = {name: (k1[name] + 2 * k2[name] + 2 * k3[name] + k4[name]) / 6 for name in odes}
        for name in odes:
            cells.v[name] = begin[name] + DT * total[name]

    def threshold(self) -> None:
        for cells in self.cells:
            above = self.each(cells, cells.spec["threshold"])
            spikes = cells.events["spikes"] = [k for k in range(cells.n) if cells.free[k] and above[k]]
            for k in spikes:
                cells.last[k], cells.until[k] = self.step * DT, self.step + 1
            if cells.spec["period"] is not None:
                cells.free[spikes] = False
        for cells in self.cells:
            for name, text in cells.spec["events"].items():
                cells.events[name] = np.flatnonzero(self.each(cells, text)).tolist()
            for name, neurons in cells.events.items():
                cells.record[name] += [(self.step, k) for k in neurons]

    def synapse(self) -> None:
        for side in ("pre", "post"):
            for one in self.synapses:
                cells, first, n = one.ends[side]
                for path in (p for p in one.paths if p["side"] == side):
                    ends = one.i if side == "pre" else one.j
                    for neuron in cells.events[path["event"]]:
                        if first <= neuron < first + n:
                            for k in np.flatnonzero(ends == neuron - first):
                                path["due"][self.step + int(path["delay"][k])].append(int(k))
                    for k in path["due"].pop(self.step, []):
                        self.run_synapse(one, k, path["text"])

    def reset(self) -> None:
        for cells in self.cells:
            for k in cells.events["spikes"]:
                self.run_cell(cells, k, cells.spec["reset"], shielded=False)
            period = cells.spec["period"]
            for k in cells.events["spikes"] if period is not None else ():  # as it is after the reset
                time = value_of(str(period), functools.partial(self.of_cell, cells, k))
                cells.until[k] = round(cells.last[k] / DT) + max(1, int(time / DT + 0.5 + 1e-9))
        for cells in self.cells:
            for name, text in cells.spec["on_event"].items():
                for k in cells.events[name]:
                    self.run_cell(cells, k, text, shielded=False)

    def end(self) -> None:
        self.statements("end")
        for one in self.synapses:
            for text in one.end:
                for k in range(one.i.size):
                    self.run_synapse(one, k, text)


class Trace:
    """What a monitor of a variable of neurons records."""

    def __init__(self, cells: Cells, name: str, every: int) -> None:
        self.cells, self.name, self.every = cells, name, every
        self.t: list[float] = []
        self.rows: list[np.ndarray] = []

    def look(self, interpreter: Interpreter) -> None:
        if interpreter.step % self.every == 0:
            self.t.append(interpreter.step * DT)
            self.rows.append(interpreter.each(self.cells, self.name).astype(float))


def path(name: str, side: str, text: str, event: str, delay: np.ndarray) -> dict[str, Any]:
    """A pathway."""
    return {
        "name": name,
        "side": side,
        "text": text,
        "event": event,
        "delay": delay,
        "due": defaultdict(list),
    }
