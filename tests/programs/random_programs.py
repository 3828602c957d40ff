"""Random programs: two groups, up to three projections, and what a user does between runs."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import numpybrain as nb
from tests.programs.interpreter import DT, Cells, Interpreter, Projection, Trace, path

PRE = [
    "v_post += w", "v_post += w; w *= 0.97", "w = clip(w - 0.1*b, 0, 3); a += 0.5; v_post += 0.1*w",
    "v_post = v_post*0.9 + 0.1*w", "u_post *= 1.05", "v_pre -= 0.01*w", "x_pre += 1; v_post += 0.01*x_pre",
    "if v_post > 0.5:\n    u_post += w\nelse:\n    v_post += w", "y1 = w*u_post; v_post += 0.1*y1; u_post = y1",
    "n_post += 1; v_post += w/n_post", "v_post += 0.1*w*sub_pre", "v_post += gain_post*w*0.1", "k += 1; u_post += 0.01*k",
    "v_post += 0.02*w*(v_pre - v_post)", "a = a*0.5 + 0.2; v_post += a*w", "z += w; u_post += 0.01*z",
    "v_post += 0.1*i - 0.05*j; w += 0.01*(i - j)", "r += 0.1; v_post += 0.1*r*w",
    "u_post += 0.1*exp(-(t - lastspike_pre)/(5*ms))", "v_post += sub_post*0.01; u_post += v_post*0.01",
    "x_post += 0.1; x_pre += 0.01*x_post", "h = h + w; v_post += 0.02*h",
]  # fmt: skip
POST = [
    "w += 0.02", "b += 0.3; w = clip(w + 0.1*a, 0, 3)", "u_pre += 0.05*w", "w = w*0.9 + 0.01*v_pre", "x_pre += 1",
    "v_pre += 0.01*w; w += 0.01*v_pre", "r -= 0.05*r", "w += 0.01*sub_post",
]  # fmt: skip
ANY_ORDER = {
    "v_post += w",
    "u_post *= 1.05",
    "v_pre -= 0.01*w",
}  # may have delays that let events overtake others
ORDERS: list[tuple[str, ...] | None] = [
    None, None, None, ("start", "integrate", "threshold", "reset", "synapse", "end"),
    ("start", "synapse", "integrate", "threshold", "reset", "end"),
    ("reset", "start", "integrate", "threshold", "synapse", "end"),
    ("start", "synapse", "reset", "integrate", "threshold", "end"),
]  # fmt: skip
OTHERS = ("x", "n", "I", "gain", "s", "ref")
RECORDED = ("v", "u", "x", "n", "s", "sub")

THRESHOLDS: dict[str, Any] = {
    "v > 1": lambda v: v > 1, "v > 0.8 + 0.1*u": lambda v, u: np.flatnonzero(v > 0.8 + 0.1 * u),
}  # fmt: skip


def resets() -> dict[str, Any]:
    def zero(v: Any, spikes: Any) -> None:
        v[spikes] = 0

    def adapt(v: Any, u: Any, spikes: Any) -> None:
        v[spikes] = 0
        u[spikes] += 0.2

    def lower(v: Any, spikes: Any) -> None:
        v[spikes] -= 0.7

    def mixed(v: Any, u: Any, x: Any, spikes: Any) -> None:
        v[spikes] = 0.1 * u[spikes]
        x[spikes] *= 0.5

    return {"v = 0": zero, "v = 0; u += 0.2": adapt, "v -= 0.7": lower, "v = 0.1*u; x *= 0.5": mixed}


def _group(draw: random.Random, which: int) -> dict[str, Any]:
    period = draw.choice([None, None, 0.5, 1.0, "ref", "ref*(1 + abs(u))"])
    held = draw.choice([[], ["v"], ["v", "u"], ["u"]]) if period is not None else []
    v = draw.choice(
        [
            "(I - v + 0.3*u)/(3*ms)",
            "(I - v)/(3*ms) + sub/(10*ms)",
            "(I*sin(t/(2*ms)) - v)/(2*ms)",
            "(1.5 - v + s)/(4*ms)",
        ]
    )
    if draw.random() < 0.5:
        v = v.replace("I - v", "I + 0.2*sm - v")
    u = draw.choice(["-u/(5*ms)", "(0.5*v - u)/(4*ms)", "(lk - u)/(4*ms)" if which else "-u/(3*ms)"])
    events = {"low": draw.choice(["v < 0.1", "u > 0.3", "v > 0.7"])} if draw.random() < 0.4 else {}
    return {
        "odes": {"v": v, "u": u}, "held": held, "period": period, "others": OTHERS, "events": events,
        "subs": {"sub": draw.choice(["0.5*u + 0.1*x", "u*u - 0.2", "0.3*v - 0.1*n"])},
        "sampled": {"sm": draw.choice(["0.1*v + sin(t/ms)", "0.2*x", "u*gain"])},
        "threshold": draw.choice(list(THRESHOLDS)), "reset": draw.choice(list(resets())),
        "on_event": {"low": draw.choice(["x += 1", "v += 0.02", "u *= 0.9"])} if events and draw.random() < 0.5 else {},
        "start": draw.choice([[], [], ["x += 0.05*n"]]), "end": draw.choice([[], [], ["x *= 0.95"], ["n += 0.1*u"]]),
        "method": draw.choice(["euler", "rk4"]), "in_python": draw.random() < 0.15,
    }  # fmt: skip


def _projection(draw: random.Random, sizes: list[int], groups: list[dict[str, Any]]) -> dict[str, Any]:
    def part(which: int) -> tuple[int, int, int]:
        if draw.random() < 0.6:
            return which, 0, sizes[which]
        low = draw.randrange(sizes[which])
        return which, low, draw.randrange(low + 1, sizes[which] + 1) - low

    ends = [part(draw.randrange(2)), part(draw.randrange(2))]
    chance = draw.choice([0.0, 0.5, 0.9])
    pairs = [(i, j) for i in range(ends[0][2]) for j in range(ends[1][2]) if draw.random() < chance]
    if pairs and draw.random() < 0.2:
        pairs.append(draw.choice(pairs))
    draw.shuffle(pairs)
    mode = draw.choice(["pre", "pre", "both", "both", "named", "sum", "sum and pre"])
    paths = {"pre": {}, "post": {}}
    if mode in ("pre", "both", "sum and pre"):
        paths["pre"]["on_pre"] = draw.choice(PRE)
    if mode == "both":
        paths["post"]["on_post"] = draw.choice(POST)
    if mode == "named":
        paths = {
            "pre": {"one": draw.choice(PRE), "two": draw.choice(PRE)},
            "post": {"three": draw.choice(POST)},
        }
    terms = ["w*v_pre", "w*(v_pre - v_post)", "0.1*w*tanh(u_pre)", "0.05*w*(v_post - v_pre)**2", "h*w"]
    events, delays = {}, {}
    for side, (which, _, _) in zip(("pre", "post"), ends, strict=True):
        for name, text in paths[side].items():
            if groups[which]["events"] and draw.random() < 0.5:
                events[name] = "low"
            kind = draw.choice(["none", "one", "each"] if text in ANY_ORDER else ["none", "none", "one"])
            delays[name] = (
                [draw.randrange(8) for _ in pairs]
                if kind == "each"
                else draw.choice([1, 3, 7]) * (kind == "one")
            )
    w = [0.2] * len(pairs) if draw.random() < 0.3 else [round(draw.uniform(0, 0.4), 2) for _ in pairs]
    return {
        "ends": ends, "pairs": pairs, "w": w, "paths": paths, "events": events, "delays": delays,
        "summed": [("s", draw.choice(["post", "post", "pre"]), draw.choice(terms))] if "sum" in mode else [],
        "h": draw.choice([None, "-h/(6*ms)", "(v_pre - h)/(5*ms)", "0.1*(sub_post - h)/ms"]),
        "end": [draw.choice(["w *= 0.999", "w += 0.001*v_pre", "h += 0.01*u_post"])] if draw.random() < 0.25 else [],
    }  # fmt: skip


def program(seed: int) -> dict[str, Any]:
    """A program as plain data."""
    draw = random.Random(seed)
    sizes = [draw.choice([1, 2, 3, 5]), draw.choice([1, 3, 4])]
    groups = [_group(draw, which) for which in range(2)]
    values: list[dict[str, Any]] = [
        {
            "I": [draw.choice([1.3, 1.6, 2.0]) for _ in range(n)], "v": [round(draw.random(), 2) for _ in range(n)],
            "ref": draw.choice([[0.7] * n, [draw.choice([0.3, 0.5, 1.0, 2.0]) for _ in range(n)]]),
            "gain": draw.choice([[1.0] * n, [draw.choice([0.5, 1.0, 2.0]) for _ in range(n)]]),
        }
        for n in sizes
    ]  # fmt: skip
    acts: list[tuple[Any, ...]] = []
    for _ in range(draw.choice([1, 2, 3, 4])):
        acts += [("run", draw.choice([1, 7, 13, 20])), (draw.choice(list(ACTS)),)]
    if not any(act == ("monitor",) for act in acts) and draw.random() < 0.5:
        acts.insert(draw.randrange(1, len(acts)), ("fresh",))
    return {
        "seed": seed, "sizes": sizes, "groups": groups, "values": values, "every": draw.choice([1, 1, 3]),
        "link": [draw.randrange(sizes[0]) for _ in range(sizes[1])], "order": draw.choice(ORDERS),
        "synapses": [_projection(draw, sizes, groups) for _ in range(draw.choice([1, 2, 2, 3]))],
        "acts": [*acts, ("run", 20)],
    }  # fmt: skip


# ---- both sides ----------------------------------------------------------------------------------


class Both:
    """A program as a network and in the interpreter."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.draw = random.Random(plan["seed"] + 1)
        self.slow = Interpreter(plan["order"] or Interpreter().order)
        self._interpreted()
        self._simulated()

    def _interpreted(self) -> None:
        plan, slow = self.plan, self.slow
        for n, spec, values in zip(plan["sizes"], plan["groups"], plan["values"], strict=True):
            cells = Cells(n, spec)
            cells.v |= {name: np.array(value, float) for name, value in values.items()}
            slow.cells.append(cells)
            slow.traces += [Trace(cells, name, plan["every"]) for name in RECORDED]
        slow.cells[1].links["lk"] = slow.cells[0], "v", plan["link"]
        for one in plan["synapses"]:
            ends = [(slow.cells[which], first, size) for which, first, size in one["ends"]]
            i, j = (np.array([pair[k] for pair in one["pairs"]], int) for k in range(2))
            made = Projection(*ends, i, j)
            made.v = {name: np.zeros(i.size) for name in "krzhab"} | {"w": np.array(one["w"], float)}
            made.decaying, made.summed, made.end = {"a": 5.0, "b": 7.0}, one["summed"], one["end"]
            made.odes = {"h": one["h"]} if one["h"] else {}
            for side in ("pre", "post"):
                for name, text in one["paths"][side].items():
                    delay = np.broadcast_to(np.array(one["delays"][name], int), i.shape).copy()
                    made.paths.append(path(name, side, text, one["events"].get(name, "spikes"), delay))
            slow.synapses.append(made)

    def _simulated(self) -> None:
        """The network; again for a fresh one."""
        plan = self.plan
        self.cells = [
            self._neurons(*given)
            for given in zip("ab", plan["sizes"], plan["groups"], plan["values"], strict=True)
        ]
        self.cells[1].lk = nb.link(self.cells[0], "v", index=plan["link"])
        self.synapses = [self._synapses(one) for one in plan["synapses"]]
        self.traces = [
            nb.Monitor(c, name, every=plan["every"] * DT) for c in self.cells for name in RECORDED
        ]
        self.spikes = [nb.Monitor(c, "spikes") for c in self.cells]
        self.low = [
            nb.Monitor(c, "low")
            for c, spec in zip(self.cells, plan["groups"], strict=True)
            if spec["events"]
        ]
        self.net = nb.Network(
            self.cells, self.synapses, self.traces, self.spikes, self.low, schedule=plan["order"]
        )

    def _neurons(self, name: str, n: int, spec: dict[str, Any], values: dict[str, Any]) -> nb.Neurons:
        lines = [
            f"d{x}/dt = {text} : 1{' (unless refractory)' if x in spec['held'] else ''}"
            for x, text in spec["odes"].items()
        ]
        lines += [f"{x} = {text} : 1" for x, text in spec["subs"].items()]
        lines += [f"{x} = {text} : 1 (constant over dt)" for x, text in spec["sampled"].items()]
        lines += [
            "x, n, I, s : 1",
            "gain = 1 : 1",
            "ref : ms",
            *(["lk : 1 (linked)"] if name == "b" else []),
        ]
        period = f"{spec['period']} ms" if isinstance(spec["period"], float) else spec["period"]
        threshold, reset = spec["threshold"], spec["reset"]
        if spec["in_python"]:
            threshold, reset = THRESHOLDS[threshold], resets()[reset]
        cells = nb.Neurons(n, "\n".join(lines), threshold=threshold, reset=reset, refractory=period, events=spec["events"],
                           on_event=spec["on_event"], method=spec["method"], name=name)  # fmt: skip
        for phase in ("start", "end"):
            for text in spec[phase]:
                cells.at(phase, text)
        for variable, value in values.items():
            setattr(cells, variable, value[0] if len(set(value)) == 1 else value)
        return cells

    def _synapses(self, one: dict[str, Any]) -> nb.Synapses:
        lines = [
            "w, r, z : 1",
            "k : integer",
            "da/dt = -a/(5*ms) : 1 (event-driven)",
            "db/dt = -b/(7*ms) : 1 (event-driven)",
        ]
        lines.append(f"dh/dt = {one['h']} : 1 (clock-driven)" if one["h"] else "h : 1")
        lines += [f"{target}_{side} = {text} : 1 (summed)" for target, side, text in one["summed"]]
        options: dict[str, Any] = {"on_event": one["events"]} if one["events"] else {}
        if any(np.any(delay) for delay in one["delays"].values()):
            options["delay"] = {name: np.array(delay) * DT for name, delay in one["delays"].items()}
        if one["h"]:
            options["method"] = "euler"
        w = one["w"]
        parts = [self.cells[which][first : first + size] for which, first, size in one["ends"]]
        made = nb.Synapses(
            *parts, "\n".join(lines), on_pre=one["paths"]["pre"] or None, on_post=one["paths"]["post"] or None,
            connect=tuple(np.array([pair[k] for pair in one["pairs"]], int) for k in range(2)),
            w=(w[0] if len(set(w)) == 1 else w) if w else 0.0, **options,
        )  # fmt: skip
        for text in one["end"]:
            made.at("end", text)
        return made

    # ---- what is done between runs ----

    def numbers(self, n: int, low: float, high: float) -> list[float]:
        return [round(self.draw.uniform(low, high), 2) for _ in range(n)]

    def run(self, number: int) -> None:
        self.net.run(number * DT)
        for _ in range(number):
            self.slow.advance()

    def step(self) -> None:
        for _ in range(3):
            self.net.step()
            self.slow.advance()

    def assign(self, name: str) -> None:
        which = self.draw.randrange(2)
        n = self.plan["sizes"][which]
        value: Any = self.draw.choice([1.4, self.numbers(n, 0.8, 2)])
        setattr(self.cells[which], name, value)
        self.slow.cells[which].v[name] = np.broadcast_to(np.array(value, float), n).copy()

    def in_place(self) -> None:
        which, value = self.draw.randrange(2), round(self.draw.uniform(1, 2), 2)
        for values in (self.cells[which].I, self.slow.cells[which].v["I"]):
            values[0] = value
        for values in (self.cells[which].gain, self.slow.cells[which].v["gain"]):
            values[-1] = value

    def start_values(self) -> None:
        which = self.draw.randrange(2)
        cells = self.slow.cells[which]
        self.cells[which].v = "0.1*i + 0.2*u"
        cells.v["v"] = 0.1 * np.arange(cells.n) + 0.2 * cells.v["u"]

    def weights(self) -> None:
        for synapses, one in zip(self.synapses, self.slow.synapses, strict=True):
            value: Any = self.draw.choice([0.1, self.numbers(one.i.size, 0, 0.4)])
            if one.i.size:
                synapses.w = value
                one.v["w"] = np.broadcast_to(np.array(value, float), one.i.shape).copy()

    def delays(self) -> None:
        steps = self.draw.choice([0, 2, 5])
        for synapses, one in zip(self.synapses, self.slow.synapses, strict=True):
            for each in one.paths:
                synapses.pathways[each["name"]].delay = steps * DT
                each["delay"][:] = steps

    def read(self) -> None:
        for synapses in self.synapses:
            assert len(synapses.w) == len(synapses.a) == len(synapses.h)
        for cells in self.cells:
            assert len(cells.v) == len(cells.I) == len(cells.gain) == len(cells.sub)

    def there_and_back(self) -> None:
        snapshot = self.net.snapshot()
        self.net.run(0.7)
        self.net.restore(snapshot)

    def fresh(self) -> None:
        snapshot = self.net.snapshot()
        self._simulated()
        self.net.run(self.draw.choice([0, 0.4]))
        self.net.restore(snapshot)

    def monitor(self) -> None:
        self.traces.append(nb.Monitor(self.cells[0], "v", every=0.2))
        self.net.add(self.traces[-1])
        self.slow.traces.append(Trace(self.slow.cells[0], "v", 2))

    def remove(self) -> None:
        for synapses, one in zip(self.synapses, self.slow.synapses, strict=True):
            keep = np.array([self.draw.random() < 0.7 for _ in one.i], bool)
            if keep.all():
                continue
            synapses.remove(~keep)
            new = np.cumsum(keep) - 1
            for each in one.paths:
                for step, events in each["due"].items():
                    each["due"][step] = [int(new[k]) for k in events if keep[k]]
                each["delay"] = each["delay"][keep]
            one.i, one.j = one.i[keep], one.j[keep]
            one.v = {name: values[keep] for name, values in one.v.items()}

    def connect(self) -> None:
        """One more synapse, with the delays that the others were given at first."""
        if ("delays",) in self.plan["acts"]:
            return
        for synapses, one, plan in zip(
            self.synapses, self.slow.synapses, self.plan["synapses"], strict=True
        ):
            if any(not isinstance(delay, int) for delay in plan["delays"].values()):
                continue
            i, j = (self.draw.randrange(end[2]) for end in plan["ends"])
            synapses.connect(([i], [j]), w=0.25)
            one.i, one.j = np.append(one.i, i), np.append(one.j, j)
            one.v = {name: np.append(values, 0.25 * (name == "w")) for name, values in one.v.items()}
            for each in one.paths:
                each["delay"] = np.append(each["delay"], plan["delays"][each["name"]])

    # ---- comparison ----

    def compare(self) -> None:
        for trace, wanted in zip(self.traces, self.slow.traces, strict=True):
            np.testing.assert_allclose(trace.t, wanted.t, atol=1e-9)
            np.testing.assert_allclose(trace[wanted.name], np.array(wanted.rows).reshape(len(wanted.t), -1),
                                       rtol=1e-8, atol=1e-8, err_msg=wanted.name)  # fmt: skip
        with_events = [cells for cells in self.slow.cells if cells.spec["events"]]
        for monitors, name, groups in (
            (self.spikes, "spikes", self.slow.cells),
            (self.low, "low", with_events),
        ):
            for monitor, cells in zip(monitors, groups, strict=True):
                found = zip(np.rint(monitor.t / DT).astype(int).tolist(), monitor.i.tolist(), strict=True)
                assert list(found) == cells.record[name]
        for synapses, one in zip(self.synapses, self.slow.synapses, strict=True):
            for name, values in one.v.items():
                np.testing.assert_allclose(
                    getattr(synapses, name), values, rtol=1e-7, atol=1e-8, err_msg=name
                )


ACTS: dict[str, Any] = {
    "nothing": lambda both: None, "I": lambda both: both.assign("I"), "gain": lambda both: both.assign("gain"),
    "ref": lambda both: both.assign("ref"), "v": Both.start_values, "in place": Both.in_place, "weights": Both.weights,
    "delays": Both.delays, "read": Both.read, "there and back": Both.there_and_back, "monitor": Both.monitor,
    "remove": Both.remove, "connect": Both.connect, "step": Both.step,
}  # fmt: skip


def check(seed: int) -> None:
    """Run a program both ways, and compare all that can be seen."""
    plan = program(seed)
    both = Both(plan)
    for act, *arguments in plan["acts"]:
        if act in ("run", "fresh"):
            getattr(both, act)(*arguments)
        else:
            ACTS[act](both)
    both.compare()
