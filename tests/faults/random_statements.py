"""Random lists of statements in small networks, and a plain loop that carries them out one by one.

Statements have the syntax of Python, so the loop lets Python carry them out: neuron by neuron, synapse by
synapse, each name looked up where the description says that it lives. Nothing here uses the simulator but
`simulated`, which builds the same network for it. Spikes come from the clock, so that many of them meet.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

import numpy as np

import numpybrain as nb

DT = 0.1
PHASES = ("start", "integrate", "threshold", "synapse", "reset", "end")
CELLS = """
    dv/dt = 0/ms : 1{flag}
    a : 1
    b : 1
    n : integer
    q : boolean
    every : integer
    first : integer
    z = 0.5*a - v : 1
    y = z + b if q else z - b : 1
"""
SYNAPSES = """
    w : 1
    x : 1
    s = w - 0.25*a_post : 1
    r = s + z_pre : 1
    dc/dt = -c/(2*ms) : 1{flag}
"""
OF_CELLS = {"z": "0.5*a - v", "y": "z + b if q else z - b"}
OF_SYNAPSES = {"s": "w - 0.25*a_post", "r": "s + z_pre"}


class Doubt(Exception):
    """A comparison that rounding decides, or numbers that grow beyond all bounds."""


class Careful(float):
    """A number whose comparisons raise `Doubt` where rounding may decide; `exact` ones have none behind them."""

    exact: bool

    def __new__(cls, value: float, *made_of: float) -> Careful:
        made = super().__new__(cls, value)
        made.exact = (
            all(getattr(x, "exact", True) for x in (value, *made_of)) and (float(made) * 2**30).is_integer()
        )
        return made

    def sure(self, other: float) -> None:
        if self is other:  # a copy has all digits
            return
        if abs(float(self) - float(other)) < 1e-7 and not (self.exact and getattr(other, "exact", True)):
            raise Doubt


def _calculating(name: str) -> Any:
    plain = getattr(float, f"__{name}__")
    return lambda self, *other: Careful(plain(self, *map(float, other)), self, *other)


def _comparing(name: str) -> Any:
    plain = getattr(float, f"__{name}__")
    return lambda self, other: (self.sure(other), plain(self, other))[1]


for _name in ("add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "neg"):
    setattr(Careful, f"__{_name}__", _calculating(_name))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Careful, f"__{_name}__", _comparing(_name))

FUNCTIONS = {
    "min": lambda a, b: Careful(min(float(a), float(b)), a, b),
    "max": lambda a, b: Careful(max(float(a), float(b)), a, b),
    "abs": lambda a: Careful(abs(float(a)), a),
    "clip": lambda a, low, high: Careful(min(max(float(a), low), high), a),
    "tanh": lambda a: Careful(math.tanh(a)),
}


# ---- what is drawn ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GroupPlan:
    n: int
    start: dict[str, tuple[Any, ...]]
    held: bool
    refractory: int  # steps; 0 is none
    reset: str | None
    event: str  # the condition of the event "low"
    on_low: str | None
    at: tuple[tuple[str, str], ...]  # phase, statements


@dataclass(frozen=True)
class Way:
    name: str
    side: str
    event: str
    text: str
    delay: int | tuple[int, ...]


@dataclass(frozen=True)
class Bundle:
    source: tuple[int, int, int]  # group, first and last neuron
    target: tuple[int, int, int]
    pairs: tuple[tuple[int, int], ...]
    start: dict[str, tuple[float, ...]]
    kind: str  # of the equation of c
    ways: tuple[Way, ...]
    at: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    groups: tuple[GroupPlan, ...]
    bundles: tuple[Bundle, ...]
    runs: tuple[int, ...]

    def texts(self) -> Iterator[str]:
        for group in self.groups:
            yield from filter(None, (group.reset, group.on_low, *(text for _, text in group.at)))
        for bundle in self.bundles:
            yield from (
                *(f"{way.name}: {way.text}" for way in bundle.ways),
                *(text for _, text in bundle.at),
            )


class Writer:
    """Writes random statements over some names."""

    def __init__(self, rng: random.Random, numbers: list[str], flags: list[str], targets: list[str],
                 whole: list[str], switches: list[str]) -> None:  # fmt: skip
        self.rng, self.numbers, self.flags = rng, numbers, flags
        # few targets, so that the same one comes several times
        self.targets = rng.sample(targets, k=min(len(targets), rng.randint(1, 4)))
        self.whole, self.switches, self.count = whole, switches, 0

    def value(self, known: list[str], depth: int = 1) -> str:
        rng = self.rng
        one, other = rng.choice(known), rng.choice([*known, *self.targets])
        if depth and rng.random() < 0.4:
            one = f"({self.value(known, depth - 1)})"
        return rng.choice([
            one, other, f"0.5*{one} - {other}", f"{one} + {other}", f"clip({one}*{other}, -4, 4)", f"-{one}",
            f"min({one}, {other})", f"max({one}, 0.5)", f"abs({one})", f"{rng.randint(-9, 9)}/8", "0.25", "0",
            f"{one} if {self.condition(known)} else {other}", f"0.5*tanh({one})", f"{one}/4 + t/ms",
        ])  # fmt: skip

    def condition(self, known: list[str]) -> str:
        rng = self.rng
        one, other = rng.choice(known), rng.choice(known)
        return rng.choice([
            f"{one} > {other}", f"{one} > 0.25", f"{one} < 0.5 and {other} > -1", f"not {rng.choice(self.flags)}",
            rng.choice(self.flags), f"-1 < {one} <= 1 or {rng.choice(self.flags)}",
        ])  # fmt: skip

    def lines(self, known: list[str], indent: str = "", depth: int = 1) -> list[str]:
        rng, made = self.rng, []
        for _ in range(rng.randint(1, 3 + 2 * depth)):
            fate = rng.random()
            if depth and fate < 0.2:
                made.append(f"{indent}if {self.condition(known)}:")
                made += self.lines(list(known), indent + "    ", depth - 1)
                if rng.random() < 0.6:
                    made.append(f"{indent}else:")
                    made += self.lines(list(known), indent + "    ", depth - 1)
            elif fate < 0.3 and not indent:
                self.count += 1
                made.append(f"new{self.count} = {self.value(known)}")
                known.append(f"new{self.count}")
            elif fate < 0.38 and self.whole:
                made.append(
                    f"{indent}{rng.choice(self.whole)} {rng.choice(['+=', '+=', '-=', '='])} {rng.randint(0, 3)}"
                )
            elif fate < 0.44 and self.switches:
                made.append(f"{indent}{rng.choice(self.switches)} = {self.condition(known)}")
            else:
                op = rng.choice(["=", "+=", "+=", "+=", "-=", "-=", "*="])
                value = rng.choice(["0.5", "-1", "0.25", "tanh({})"]) if op == "*=" else self.value(known)
                made.append(f"{indent}{rng.choice(self.targets)} {op} {value.format(rng.choice(known))}")
        return made


def statements(rng: random.Random, kind: str) -> str:
    """A list of statements of a neuron ("cell") or a synapse."""
    if kind == "cell":
        names = ["v", "a", "b", "z", "y", "0.125*n", "0.125*i"]
        writer = Writer(rng, names, ["q", "(n > 2)"], ["v", "a", "b"], ["n"], ["q"])
    else:
        names = ["w", "x", "s", "r", "c", "0.125*i", "0.125*j", "0.25*n_post", "a", "b", "v", "z"]
        names += [f"{n}_{side}" for n in "vabzy" for side in ("pre", "post")]
        targets = ["w", "x", "c", "a", "v"] + [f"{n}_{side}" for n in "vab" for side in ("pre", "post")]
        writer = Writer(
            rng, names, ["q_pre", "q_post", "(n_pre > 2)"], targets, ["n_post", "n_pre"], ["q_post"]
        )
    known = rng.sample(names, k=rng.randint(2, 6))
    lines = writer.lines(known)
    plain = not any(line.startswith(("if", " ", "else")) for line in lines)
    return "; ".join(lines) if plain and rng.random() < 0.5 else "\n".join(lines)


def draw(seed: int) -> Plan:
    rng = random.Random(seed)
    groups = tuple(_group(rng) for _ in range(rng.choice([1, 2])))
    bundles = tuple(_bundle(rng, groups) for _ in range(rng.choice([1, 1, 1, 2])))
    return Plan(groups, bundles, rng.choice([(7,), (3, 4), (1, 5, 1)]))


def _some(rng: random.Random, n: int) -> tuple[float, ...]:
    return tuple(rng.choice([-1.0, -0.5, 0.0, 0.125, 0.5, 0.75, 1.5]) for _ in range(n))


def _at(rng: random.Random, kind: str) -> tuple[tuple[str, str], ...]:
    count = rng.choice([0, 0, 1, 2])
    return tuple((rng.choice(PHASES), statements(rng, kind)) for _ in range(count))


def _group(rng: random.Random) -> GroupPlan:
    n = rng.randint(1, 4)
    start: dict[str, tuple[Any, ...]] = {name: _some(rng, n) for name in "vab"}
    start |= {"n": tuple(rng.choices(range(4), k=n)), "q": tuple(rng.choices([False, True], k=n))}
    start |= {"every": tuple(rng.choices([1, 1, 2, 3], k=n)), "first": tuple(rng.choices(range(3), k=n))}
    held = rng.random() < 0.5
    return GroupPlan(
        n, start, held, rng.choice([1, 2, 3]) if held or rng.random() < 0.3 else 0,
        statements(rng, "cell") if rng.random() < 0.6 else None,
        rng.choice(["a > 0.25", "q", "t_in_timesteps % 2 == 0 and b < 1", "v > 0 or first == 1"]),
        statements(rng, "cell") if rng.random() < 0.4 else None,
        _at(rng, "cell"),
    )  # fmt: skip


def _bundle(rng: random.Random, groups: tuple[GroupPlan, ...]) -> Bundle:
    ends = []
    for _ in range(2):
        k = rng.randrange(len(groups))
        whole = (0, groups[k].n - 1)
        first, last = sorted(rng.choices(range(groups[k].n), k=2)) if rng.random() < 0.3 else whole
        ends.append((k, first, last))
    source, target = ends
    sizes = [last - first + 1 for _, first, last in ends]
    count = rng.randint(1, 8)
    pairs = tuple((rng.randrange(sizes[0]), rng.randrange(sizes[1])) for _ in range(count))
    ways = []
    for side, most in (("pre", 2), ("post", 1)):
        for k in range(rng.randint(1 if side == "pre" else 0, most)):
            each = rng.random() < 0.3
            delay = tuple(rng.choices([0, 1, 2, 3], k=count)) if each else rng.choice([0, 0, 1, 2])
            event = rng.choice(["spikes", "spikes", "low"])
            ways.append(Way(f"{side}_{k}", side, event, statements(rng, "synapse"), delay))
    start = {name: _some(rng, count) for name in ("w", "x")}
    start["c"] = _some(rng, count) if rng.random() < 0.3 else (0.0,) * count
    kind = rng.choice([" (event-driven)", " (event-driven)", " (clock-driven)"])
    return Bundle(source, target, pairs, start, kind, tuple(ways), _at(rng, "synapse"))


# ---- the loop -----------------------------------------------------------------------------------------


@dataclass
class Cell:
    values: dict[str, Any]
    shielded: bool = False  # whether v is, when the neuron is refractory
    refractory: bool = False
    until: int = 0


@dataclass
class Group:
    plan: GroupPlan
    cells: list[Cell]
    events: dict[str, list[int]] = field(default_factory=dict)


@dataclass
class Synapse:
    values: dict[str, Any]
    source: Cell
    target: Cell
    i: int
    j: int
    ends: tuple[int, int]  # in the whole groups


class Names:
    """What names mean for one neuron or one synapse; temporaries live here.

    Args:
        values: name -> the dictionary that holds it, and the name there.
        derived: name -> the code of a subexpression and the names that this sees.
        fixed: name -> value.
        shielded: whether a name must not be written now.
    """

    def __init__(self, values: dict[str, tuple[dict[str, Any], str]], derived: dict[str, Any],
                 fixed: dict[str, Any], shielded: Callable[[str], bool]) -> None:  # fmt: skip
        self.values, self.derived, self.fixed, self.shielded = values, derived, fixed, shielded
        self.temporary: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name in self.values:
            home, key = self.values[name]
            return home[key]
        if name in self.derived:
            code, names = self.derived[name]
            return eval(code, dict(FUNCTIONS), names or self)
        return self.fixed[name] if name in self.fixed else self.temporary[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name not in self.values:
            self.temporary[name] = value
            return
        home, key = self.values[name]
        if self.shielded(name):
            return
        kind = type(home[key])
        home[key] = value if isinstance(value, kind) else kind(value)


def of_cell(cell: Cell, fixed: dict[str, Any], *, shield: bool) -> Names:
    values = {name: (cell.values, name) for name in cell.values}
    derived = {name: (code(text), None) for name, text in OF_CELLS.items()}
    return Names(values, derived, fixed, lambda name: shield and name == "v" and held(cell))


def held(cell: Cell) -> bool:
    return cell.shielded and cell.refractory


def of_synapse(synapse: Synapse, now: dict[str, Any]) -> Names:
    values = {name: (synapse.values, name) for name in synapse.values}
    derived: dict[str, Any] = {name: (code(text), None) for name, text in OF_SYNAPSES.items()}
    sides = {"_pre": synapse.source, "_post": synapse.target, "": synapse.target}
    for suffix, cell in sides.items():
        values |= {
            name + suffix: (cell.values, name) for name in cell.values if name + suffix not in values
        }
        names = of_cell(cell, now, shield=False)
        derived |= {name + suffix: (code(text), names) for name, text in OF_CELLS.items()}
    fixed = {**now, "i": synapse.i, "j": synapse.j}

    def shielded(name: str) -> bool:
        return {"v_pre": held(synapse.source)}.get(name, name in ("v", "v_post") and held(synapse.target))

    return Names(values, derived, fixed, shielded)


_codes: dict[str, CodeType] = {}


def code(text: str) -> CodeType:
    if text not in _codes:
        _codes[text] = compile(
            text, text, "eval" if text in {*OF_CELLS.values(), *OF_SYNAPSES.values()} else "exec"
        )
    return _codes[text]


def carry_out(text: str, names: Names) -> None:
    names.temporary.clear()
    exec(code(text), dict(FUNCTIONS), names)


class World:
    """Groups and bundles of synapses, in the order in which the network holds them."""

    def __init__(self, plan: Plan) -> None:
        self.step = 0
        self.groups = []
        for group in plan.groups:
            cells = [
                Cell({n: Careful(x[k]) if isinstance(x[k], float) else x[k] for n, x in group.start.items()}, group.held)
                for k in range(group.n)
            ]  # fmt: skip
            self.groups.append(Group(group, cells))
        self.bundles = []
        for bundle in plan.bundles:
            (g, first, _), (h, second, _) = bundle.source, bundle.target
            synapses = [
                Synapse({n: Careful(x[k]) for n, x in bundle.start.items()},
                        self.groups[g].cells[i + first], self.groups[h].cells[j + second], i, j, (i + first, j + second))
                for k, (i, j) in enumerate(bundle.pairs)
            ]  # fmt: skip
            waiting: list[Any] = [defaultdict(list) for _ in bundle.ways]
            self.bundles.append((bundle, synapses, waiting))

    def run(self, steps: int) -> None:
        for _ in range(steps):
            for phase in PHASES:
                getattr(self, phase)()
                self.users_stages(phase)
            self.step += 1
            for bundle, synapses, _ in self.bundles:
                if "event" in bundle.kind:
                    self.decay(synapses)
        for thing in (
            *(c for g in self.groups for c in g.cells),
            *(y for _, all_, _ in self.bundles for y in all_),
        ):
            if not all(abs(value) < 1e6 for value in thing.values.values()):
                raise Doubt

    def now(self) -> dict[str, Any]:
        return {"t": Careful(self.step * DT), "ms": 1.0, "t_in_timesteps": self.step}

    def cells(self, group: Group, text: str | None, which: list[int], *, shield: bool = False) -> None:
        for k in which if text is not None else []:
            assert text is not None
            carry_out(text, of_cell(group.cells[k], {**self.now(), "i": k}, shield=shield))

    def users_stages(self, phase: str) -> None:
        for group in self.groups:
            for when, text in group.plan.at:
                if when == phase:
                    self.cells(group, text, list(range(group.plan.n)), shield=True)
        for bundle, synapses, _ in self.bundles:
            for when, text in bundle.at:
                if when == phase:
                    for synapse in synapses:
                        carry_out(text, of_synapse(synapse, self.now()))

    def start(self) -> None:
        pass

    def integrate(self) -> None:
        for group in self.groups:
            for cell in group.cells:
                cell.refractory = cell.refractory and self.step < cell.until
        for bundle, synapses, _ in self.bundles:
            if "clock" in bundle.kind:
                self.decay(synapses)

    def decay(self, synapses: list[Synapse]) -> None:
        for synapse in synapses:
            synapse.values["c"] *= math.exp(-DT / 2)

    def threshold(self) -> None:
        for group in self.groups:
            fired = []
            for k, cell in enumerate(group.cells):
                if (self.step + cell.values["first"]) % cell.values["every"] == 0 and not cell.refractory:
                    fired.append(k)
                    cell.refractory, cell.until = (
                        group.plan.refractory > 0,
                        self.step + group.plan.refractory,
                    )
            group.events = {"spikes": fired}
        for group in self.groups:
            names = [of_cell(cell, self.now(), shield=False) for cell in group.cells]
            condition = compile(group.plan.event, "event", "eval")
            group.events["low"] = [
                k for k, each in enumerate(names) if eval(condition, dict(FUNCTIONS), each)
            ]

    def synapse(self) -> None:
        for side in ("pre", "post"):
            for bundle, synapses, waiting in self.bundles:
                group = self.groups[bundle.source[0] if side == "pre" else bundle.target[0]]
                for way, due in zip(bundle.ways, waiting, strict=True):
                    if way.side == side:
                        self.deliver(way, group.events[way.event], synapses, due)

    def deliver(self, way: Way, neurons: list[int], synapses: list[Synapse], due: Any) -> None:
        """Spikes are sent neuron by neuron; what was sent first acts first."""
        for neuron in neurons:
            for k, synapse in enumerate(synapses):
                if synapse.ends[0 if way.side == "pre" else 1] == neuron:
                    delay = way.delay if isinstance(way.delay, int) else way.delay[k]
                    due[self.step + delay].append(synapse)
        for synapse in due.pop(self.step, []):
            carry_out(way.text, of_synapse(synapse, self.now()))

    def reset(self) -> None:
        for group in self.groups:
            self.cells(group, group.plan.reset, group.events["spikes"])
        for group in self.groups:
            self.cells(group, group.plan.on_low, group.events["low"])

    def end(self) -> None:
        pass

    def state(self) -> dict[str, list[Any]]:
        """All values now, under names such as "group 0, v"."""
        found = {}
        for k, group in enumerate(self.groups):
            found |= {f"group {k}, {n}": [c.values[n] for c in group.cells] for n in "vabnq"}
        for k, (_, synapses, _) in enumerate(self.bundles):
            found |= {f"synapses {k}, {n}": [y.values[n] for y in synapses] for n in "wxc"}
        return found


def expected(plan: Plan) -> list[dict[str, list[Any]]]:
    """All values after each run."""
    world, found = World(plan), []
    for steps in plan.runs:
        world.run(steps)
        found.append(world.state())
    return found


# ---- the simulator ------------------------------------------------------------------------------------


def simulated(plan: Plan) -> list[dict[str, list[Any]]]:
    """The same values from the simulator."""
    groups = []
    for group in plan.groups:
        made = nb.Neurons(
            group.n, CELLS.format(flag=" (unless refractory)" if group.held else ""),
            threshold="(t_in_timesteps + first) % every == 0", reset=group.reset,
            refractory=group.refractory * DT if group.refractory else None,
            events={"low": group.event}, on_event={"low": group.on_low} if group.on_low is not None else None,
        )  # fmt: skip
        for name, values in group.start.items():
            setattr(made, name, np.array(values))
        for phase, text in group.at:
            made.at(phase, text)
        groups.append(made)
    bundles = []
    for bundle in plan.bundles:
        (g, first, last), (h, second, end) = bundle.source, bundle.target
        whole = last - first + 1 == plan.groups[g].n, end - second + 1 == plan.groups[h].n
        source = groups[g] if whole[0] else groups[g][first : last + 1]
        target = groups[h] if whole[1] else groups[h][second : end + 1]
        on = {
            side: {way.name: way.text for way in bundle.ways if way.side == side}
            for side in ("pre", "post")
        }
        delay = {
            w.name: w.delay * DT if isinstance(w.delay, int) else np.array(w.delay) * DT
            for w in bundle.ways
        }
        given = {f"on_{side}": texts for side, texts in on.items() if texts}
        synapses = nb.Synapses(
            source, target, SYNAPSES.format(flag=bundle.kind), connect=np.transpose(bundle.pairs).tolist(),
            delay=delay, on_event={way.name: way.event for way in bundle.ways}, **given,
        )  # fmt: skip
        for name, values in bundle.start.items():
            if any(values):  # an array of one value per synapse keeps c from living in the neurons
                setattr(synapses, name, np.array(values))
        for phase, text in bundle.at:
            synapses.at(phase, text)
        bundles.append(synapses)
    net = nb.Network(groups, bundles, dt=DT, check_finite=False)
    found = []
    for number, steps in enumerate(plan.runs):
        net.run(steps * DT)
        last = number == len(plan.runs) - 1
        values = {f"group {k}, {n}": getattr(g, n).tolist() for k, g in enumerate(groups) for n in "vabnq"}
        if last:  # to read c gives it one value per synapse
            values |= {
                f"synapses {k}, {n}": getattr(s, n).tolist() for k, s in enumerate(bundles) for n in "wxc"
            }
        found.append(values)
    return found
