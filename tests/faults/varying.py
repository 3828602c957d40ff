"""Random programs of writers and readers: whoever changes a parameter, everybody who uses it must see it.

A program is a network of three groups and some synapses. Its *readers* use the parameters `p`, `q` (of neurons),
`w`, `a` (of synapses) in every way there is; its *writers* change them in every way there is. `run` gives all
that can be observed. What the engine takes for constant must not make a difference: see `hoisting_nothing`.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import numpy as np

import numpybrain as nb
from numpybrain.kernel.contracts import RunContext

STORED = ("parameter", "differential", "sampled")
DT, N_SOURCE, N = 0.1, 3, 4
DELAYS = [0.3, 0.7, 0.5, 1.1, 0.3, 0.9, 0.2, 0.4, 0.6, 0.8, 1.0, 0.1]

# name -> the lines, threshold or reset that it adds to the model of the target neurons
NEURON_READERS = {
    "update": {"lines": "dx1/dt = p/ms : 1"},
    "update, two": {"lines": "dx2/dt = (p*q - x2)/(2*ms) : 1"},
    "subexpression": {"lines": "z = 2*p + q : 1\ndx3/dt = z/ms : 1", "record": "z"},
    "sampled": {"lines": "z2 = p*q : 1 (constant over dt)\ndx4/dt = z2/ms : 1"},
    "threshold": {"lines": "dv/dt = 0.6/ms : 1", "threshold": "v > p + 0.5", "reset": "v = 0"},
    "reset": {"lines": "dv/dt = 0.6/ms : 1", "threshold": "v > 1", "reset": "v = 0.1*q"},
    "refractory": {
        "lines": "dv/dt = 2/ms : 1 (unless refractory)", "threshold": "v > 0.5", "reset": "v = 0",
        "refractory": "0.3*ms + 0.1*ms*int(p > 1.02)",
    },
    "chance": {"lines": "k : 1", "threshold": "rand() < int(p > 1.05)", "reset": "k += 1"},
    "exact": {"lines": "dx5/dt = (q - x5)/(p*ms) : 1"},
}  # fmt: skip
# name -> keyword arguments of synapses from sources to targets
SYNAPSE_READERS: dict[str, dict[str, Any]] = {
    "on_pre": {"model": "w : 1", "on_pre": "y1_post += w"},
    "on_pre, of targets": {"model": "w : 1", "on_pre": "y1_post += w*p_post", "delay": 0.4},
    "on_pre, delays": {"model": "w : 1", "on_pre": "y1_post += w*q_post", "delay": DELAYS},
    "on_pre, delays of neurons": {"on_pre": "y1_post += p_post", "delay": DELAYS},
    "assigned": {"model": "w : 1", "on_pre": "y2_post = w"},
    "trace": {
        "model": "a : 1\nw : 1\ndtr/dt = -a*tr/ms : 1 (event-driven)", "on_pre": "tr += w; y1_post += tr",
    },
    "trace of targets": {
        "model": "a : 1\ndtr/dt = -tr/(a*ms) : 1 (event-driven)", "on_pre": "y1_post += tr",
        "on_post": "tr += a",
    },
    "clock-driven": {"model": "a : 1\nds/dt = (a - s)/ms : 1 (clock-driven)", "on_pre": "y1_post += s"},
    "summed": {"model": "w : 1\ny3_post = w*g_pre : 1 (summed)"},
    "summed, of targets": {"model": "w : 1\ny3_post = w*p_post*g_pre : 1 (summed)"},
    "dendrite": {"model": "w : 1", "on_pre": "y1_post += w*p_post", "dendritic_delay": 0.3},
    "dendrites": {"model": "w : 1", "on_pre": "y1_post += w", "dendritic_delay": DELAYS},
    "instant": {"model": "w : 1", "on_pre": "y1_post += w*q_post", "delivery": "instant"},
    "on_post": {"model": "w : 1\ny5 : 1", "on_post": "y5 += w*p_post"},
    "delays themselves": {"on_pre": "y1_post += 1", "delay": 0.2},
}  # fmt: skip
NEURON_WRITERS = (
    "text", "text, end", "function", "attribute", "held array", "element", "on_pre", "on_pre, delays",
    "dendrite", "dendrites", "summed", "reset", "event", "link", "between runs", "stage between runs",
    "text between runs", "progress", "changes", "instant", "integrated function",
)  # fmt: skip
SYNAPSE_WRITERS = (
    "text", "text, end", "function", "attribute", "held array", "element", "on_pre", "on_post",
    "between runs", "stage between runs", "text between runs", "progress", "changes", "pathway",
)  # fmt: skip


@dataclass
class Plan:
    """A random program: which readers, and who writes what."""

    neurons: list[str]
    synapses: list[str]
    writers: list[tuple[str, str]] = field(default_factory=list)  # parameter, kind
    arrays: list[str] = field(default_factory=list)  # parameters that begin as arrays
    looked_at: list[str] = field(
        default_factory=list
    )  # parameters whose arrays are read before the first run
    looked_at_later: list[str] = field(default_factory=list)  # and between the runs
    runs: tuple[float, ...] = (3.0,)


def random_plan(seed: int) -> Plan:
    """A program of two to six writers and readers."""
    r = random.Random(seed)
    readers = r.randint(1, 3)
    of_neurons = r.sample(sorted(NEURON_READERS), r.randint(0, readers))
    spiking = [name for name in of_neurons if "threshold" in NEURON_READERS[name]]
    of_neurons = [name for name in of_neurons if name not in spiking[1:]]
    of_synapses = r.sample(sorted(SYNAPSE_READERS), max(readers - len(of_neurons), 0 if of_neurons else 1))
    plan = Plan(of_neurons, of_synapses)
    names = [p for p in ("p", "q") if of_neurons or of_synapses]
    names += [p for p in ("w", "a") if any(_has(name, p) for name in of_synapses)] * 2
    if "delays themselves" in of_synapses:
        names.append("delay")
    for _ in range(r.randint(1, 3)):
        name = r.choice(names)
        kinds = NEURON_WRITERS if name in ("p", "q") else SYNAPSE_WRITERS
        if name == "delay":
            kinds = ("attribute", "held array", "between runs", "progress")
        plan.writers.append((name, r.choice(kinds)))
    plan.arrays = [n for n in set(names) - {"delay"} if r.random() < 0.4]
    plan.looked_at = [n for n in sorted(set(names)) if r.random() < 0.3]
    plan.looked_at_later = [n for n in sorted(set(names)) if r.random() < 0.3]
    plan.runs = r.choice([(3.0,), (1.5, 2.0), (0.8, 0.05, 1.9)])
    plan.arrays.sort()
    return plan


def _has(reader: str, name: str) -> bool:
    return f"{name} : 1" in SYNAPSE_READERS[reader].get("model", "")


@contextlib.contextmanager
def hoisting_nothing() -> Iterator[None]:
    """An engine that takes nothing for constant: it looks everything up in every step."""

    def varies(self: RunContext, slot: Any) -> bool:
        return not slot.constant

    with (
        mock.patch.object(RunContext, "varies", varies),
        mock.patch.object(RunContext, "is_written", varies),
    ):
        yield


def run(plan: Plan) -> dict[str, Any]:
    """All that can be observed after a program has run, or the error that it raises."""
    try:
        return _Program(plan).run()
    except nb.NumpyBrainError as error:
        return {"error": type(error).__name__}


class _Program:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        nb.seed(3)
        self.sources = nb.Neurons(
            N_SOURCE, "du/dt = 1/ms : 1\nlimit : 1\ng = sin(u) : 1", threshold="u > limit", reset="u = 0",
            limit=[0.45, 0.95, 0.65], method="euler", name="sources",
        )  # fmt: skip
        parts = [NEURON_READERS[name] for name in plan.neurons]
        lines = ["p : 1", "q : 1", "y1 : 1", "y2 : 1", "y3 : 1", *(part["lines"] for part in parts)]
        texts = {
            key: part[key] for part in parts for key in ("threshold", "reset", "refractory") if key in part
        }
        kinds = [kind for _, kind in plan.writers]
        if "threshold" not in texts:  # somebody has to spike for on_post, resets and events
            lines.append("dv/dt = 0.9/ms : 1")
            texts = {"threshold": "v > 1", "reset": "v = 0"}
        for name, kind in plan.writers:
            if kind == "reset":
                texts["reset"] += f"; {name} += 0.07"
        if "event" in kinds:
            texts["events"] = {"odd": "timestep(t, 0.1*ms) % 7 == 3"}
            texts["on_event"] = {"odd": "; ".join(f"{n} += 0.05" for n, k in plan.writers if k == "event")}
        self.cells = nb.Neurons(
            N, "\n".join(lines), **texts, p=self._start("p", N), q=self._start("q", N), method=None, name="cells",
        )  # fmt: skip
        self.synapses = [
            nb.Synapses(
                self.sources, self.cells, connect="all_to_all", name=f"s{k}", **self._keywords(name)
            )
            for k, name in enumerate(plan.synapses)
        ]
        self.objects: list[Any] = [self.sources, self.cells, *self.synapses]
        recorded = [part["record"] for part in parts if "record" in part]
        self.monitors = [nb.Monitor(self.cells, "spikes"), nb.Monitor(self.cells, "p", "q", *recorded)]
        self.progress: list[Callable[[], None]] = []
        self.between: list[Callable[[], None]] = []
        self.held: list[Callable[[], None]] = []
        for number, (name, kind) in enumerate(plan.writers):
            self._write(name, kind, number)
        self.net = nb.Network(*self.objects, *self.monitors, dt=DT)
        for act in self.held:
            self.net.schedule.insert(act, after="cells: threshold")

    def _start(self, name: str, n: int) -> Any:
        value = {"p": 1.0, "q": 0.8, "w": 0.5, "a": 0.7}[name]
        return value * (1 + 0.1 * np.arange(n)) if name in self.plan.arrays else value

    def _keywords(self, reader: str) -> dict[str, Any]:
        keywords = dict(SYNAPSE_READERS[reader])
        pathways = [(n, k) for n, k in self.plan.writers if _has(reader, n)]
        for name, kind in pathways:
            where = {"on_pre": "on_pre", "on_post": "on_post"}.get(kind)
            if where is not None:
                more = f"{name} *= 0.95"
                keywords[where] = f"{keywords[where]}; {more}" if where in keywords else more
            elif kind == "pathway" and not keywords.get("delivery") and "dendritic_delay" not in keywords:
                before = keywords.get("on_pre")
                keywords["on_pre"] = {
                    **({"main": before} if before else {}),
                    f"more_{name}": f"{name} += 0.02",
                }
        values = {n: self._start(n, N_SOURCE * N) for n in ("w", "a") if _has(reader, n)}
        return {**keywords, **values}

    def _holders(self, name: str) -> list[Any]:
        if name in ("p", "q"):
            return [self.cells]
        if name == "delay":
            return [
                s
                for s, r in zip(self.synapses, self.plan.synapses, strict=True)
                if r == "delays themselves"
            ]
        return [s for s, r in zip(self.synapses, self.plan.synapses, strict=True) if _has(r, name)]

    def _write(self, name: str, kind: str, number: int) -> None:
        for group in self._holders(name):
            self._write_to(group, name, kind, number)

    def _write_to(self, group: Any, name: str, kind: str, number: int) -> None:
        def now() -> int:
            return round(self.net.t / DT)

        def assign() -> None:
            if now() % 9 == 4:
                setattr(group, name, 0.5 + 0.01 * now() + 0.1 * number)

        def multiply(factor: float = 1.03) -> Callable[[], None]:
            array = np.asarray(getattr(group, name))

            def act() -> None:
                array[1:] *= factor

            return act

        if kind == "text":
            group.at("start", f"{name} *= 1.02")
        elif kind == "text, end":
            group.at("end", f"{name} += 0.01*{number + 1}")
        elif kind in ("function", "integrated function"):
            where = "integrate" if kind == "integrated function" else "synapse"
            group.at(where, _function(name, f"{name}[::2] *= 1.04"))
        elif kind == "attribute":
            group.at("end", lambda t: assign())
        elif kind == "held array":
            self.held.append(multiply())
        elif kind == "element":
            group.at("end", lambda t: getattr(group, name).__setitem__(0, 0.6 + 0.01 * now()))
        elif kind == "changes":
            act = multiply()
            group.at("reset", lambda t: act(), changes=[name])
        elif (
            kind in ("on_pre", "on_pre, delays", "dendrite", "dendrites", "instant") and group is self.cells
        ):
            more = {
                "on_pre": {}, "on_pre, delays": {"delay": DELAYS}, "dendrite": {"dendritic_delay": 0.4},
                "dendrites": {"dendritic_delay": DELAYS}, "instant": {"delivery": "instant"},
            }[kind]  # fmt: skip
            self.objects.append(
                nb.Synapses(
                    self.sources, group, on_pre=f"{name}_post += 0.05", connect="all_to_all", **more
                )
            )
        elif kind == "summed":
            text = f"{name}_post = 0.4 + 0.1*g_pre : 1 (summed)"
            self.objects.append(nb.Synapses(self.sources, group, text, connect="all_to_all"))
        elif kind == "link":
            other = nb.Neurons(N, f"{name} : 1 (linked)", name=f"other_{number}")
            setattr(other, name, nb.link(group, name))
            text = f"{name}_post += 0.06"
            self.objects += [other, nb.Synapses(self.sources, other, on_pre=text, connect="all_to_all")]
        elif kind == "between runs":
            self.between.append(lambda: setattr(group, name, 1.3 + 0.1 * number))
        elif kind == "stage between runs":
            self.between.append(lambda: group.at("start", _function(name, f"{name} *= 0.97")) and None)
        elif kind == "text between runs":
            self.between.append(lambda: group.at("end", f"{name} *= 0.98") and None)
        elif kind == "progress":
            self.progress.append(lambda: setattr(group, name, 0.9 + 0.02 * now()))

    def run(self) -> dict[str, Any]:
        for k, duration in enumerate(self.plan.runs):
            for name in self.plan.looked_at_later if k else self.plan.looked_at:
                for group in self._holders(name):
                    getattr(group, name)
            if k:
                for act in self.between:
                    act()
            progress = (lambda _: [act() for act in self.progress]) if self.progress else None
            self.net.run(duration, progress=progress)
        spikes, trace = self.monitors
        found = {"t": spikes.t, "i": spikes.i} | {f"trace {n}": trace[n] for n in trace.variables}
        for group in (self.cells, *self.synapses):
            stored = [v.name for v in group.definition.variables.values() if v.kind in STORED]
            found |= {f"{group.name}.{name}": np.array(getattr(group, name)) for name in stored}
        return found


def _function(name: str, text: str) -> Callable[..., None]:
    """A stage function with an argument of that name."""
    made: dict[str, Any] = {}
    exec(f"def change({name}):\n    {text}", {}, made)
    return made["change"]
