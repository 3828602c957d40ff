"""Random small networks with synapses: drawn from a seed, and built for the slow loop and for the simulator."""

from __future__ import annotations

import functools
import random
import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import numpybrain as nb

from . import tables
from .reference import Group, Item, Neuron, Pathway, Projection, World

DT = 0.1
N_CELLS, N_INPUTS = 5, 3
TAU, TAU_U = 2.0, 3.0

CELLS = """
    dv/dt = (p - v + 0.5*u + I)/tau : 1{flag}
    du/dt = (0.25*v - u)/tau_u : 1
    p : 1
    I : 1
    ref : ms
    tau = 2*ms : ms
    tau_u = 3*ms : ms
"""
INPUTS = """
    dv/dt = (p - v + I)/tau : 1
    p : 1
    I : 1
    tau = 2*ms : ms
"""


@dataclass(frozen=True)
class Part:
    """Neurons a, ..., b - 1 of a group."""

    group: str
    a: int
    b: int


@dataclass(frozen=True)
class Way:
    """A pathway: its name, side, statements, delays in steps (one, or one per synapse) and those of later runs."""

    name: str
    side: str
    text: str
    delay: int | tuple[int, ...] = 0
    later: tuple[int | tuple[int, ...] | None, ...] = ()


@dataclass(frozen=True)
class Plan:
    method: str
    held: bool
    refractory: str | None
    drive: dict[str, tuple[float, ...]]
    start: dict[str, tuple[float, ...]]
    periods: tuple[int, ...]
    synapses: tuple[Bundle, ...]
    runs: tuple[int, ...]


@dataclass(frozen=True)
class Bundle:
    """What one `Synapses` object is made of."""

    source: Part
    target: Part
    pairs: tuple[tuple[int, int], ...]
    values: dict[str, tuple[float, ...]]
    ways: tuple[Way, ...]
    traces: str | None = None
    clocked: str | None = None
    method: str = "exact"
    sums: tuple[str, ...] = ()
    dendritic: int = 0
    sided: bool = False

    def model(self) -> str:
        extra = [self.traces, self.clocked, *self.sums]
        return "\n".join(["w : 1", *(text for text in extra if text is not None)])


# ---- drawing -------------------------------------------------------------------------------------------


@dataclass
class Kit:
    """Which texts a kind of network is drawn from."""

    on_pre: dict[str, Any]
    on_post: dict[str, Any]
    traces: dict[str, Any] = field(default_factory=dict)
    clocked: dict[str, Any] = field(default_factory=dict)
    sums: dict[str, Any] = field(default_factory=dict)
    per_synapse: bool = True  # delays differ from synapse to synapse
    dendritic: bool = False
    sided: bool = False


PLAIN = Kit(tables.ON_PRE, tables.ON_POST)
TRACES = Kit(tables.TRACES_ON_PRE, tables.TRACES_ON_POST, traces=tables.TRACES)
CLOCKED = Kit(
    tables.CLOCKED_ON_PRE,
    tables.CLOCKED_ON_POST,
    clocked=tables.CLOCKED,
    sums=tables.SUMS,
    per_synapse=False,
)
SIDED = Kit(tables.SIDED_ON_PRE, tables.SIDED_ON_POST, traces=tables.SIDED, per_synapse=False, sided=True)
SIDED_WITH_CLOCK = Kit(
    tables.SIDED_ON_PRE,
    tables.SIDED_ON_POST,
    clocked=tables.SIDED_WITH_CLOCK,
    per_synapse=False,
    sided=True,
)
DENDRITIC = Kit(tables.DENDRITIC, tables.DENDRITIC_ON_POST, traces=tables.TRACES, dendritic=True)
ALL = Kit(
    {**tables.ON_PRE, **tables.TRACES_ON_PRE, **tables.CLOCKED_ON_PRE},
    {**tables.ON_POST, **tables.TRACES_ON_POST, **tables.CLOCKED_ON_POST},
    tables.TRACES, tables.CLOCKED, tables.SUMS,
)  # fmt: skip


def suits(text: str, source: Part, target: Part) -> bool:
    """Whether source and target have the variables; `inputs` have no u."""
    names = set(re.findall(r"[A-Za-z_]\w*", text))
    missing_pre = source.group == "inputs" and "u_pre" in names
    return not missing_pre and not (target.group == "inputs" and names & {"u", "u_post"})


def draw_part(rng: random.Random) -> Part:
    group, n = rng.choice([("cells", N_CELLS), ("cells", N_CELLS), ("inputs", N_INPUTS)])
    a, b = sorted(rng.choices(range(n), k=2)) if rng.random() < 0.6 else (0, n - 1)
    return Part(group, a, b + 1)


def draw_delay(rng: random.Random, n: int, *, per_synapse: bool) -> int | tuple[int, ...]:
    if per_synapse and rng.random() < 0.6:
        return tuple(rng.choice([0, 1, 2, 3, 7, 12]) for _ in range(n))
    return rng.choice([0, 0, 1, 2, 9])


def draw_ways(rng: random.Random, kit: Kit, n: int, runs: int, ends: tuple[Part, Part]) -> tuple[Way, ...]:
    ways = []
    for side, table, most in (("pre", kit.on_pre, 3), ("post", kit.on_post, 2)):
        texts = sorted(text for text in table if suits(text, *ends))
        several = rng.random() < 0.4
        count = rng.randint(1, most) if several else 1 if side == "pre" or rng.random() < 0.7 else 0
        for k in range(count):
            name = f"on_{side}" if not several else rng.choice(["", "z_", "A"]) + f"{side}{k}"
            delayed = side == "pre" or several
            draw = functools.partial(draw_delay, rng, n, per_synapse=kit.per_synapse)
            delay = draw() if delayed and not (kit.dendritic and side == "post") else 0
            later = tuple(
                draw() if delayed and not kit.dendritic and rng.random() < 0.3 else None
                for _ in range(runs - 1)
            )
            ways.append(Way(name, side, rng.choice(texts), delay, later))
    if kit.sided and any(
        way.text.startswith("v_pre") for way in ways
    ):  # then v_pre may differ among synapses
        ways = [
            replace(way, text="a += 0.125") if way.text.startswith("a += 0.125*v_pre") else way
            for way in ways
        ]
    return tuple(ways)


def draw_bundle(rng: random.Random, kit: Kit, runs: int) -> Bundle:
    source, target = draw_part(rng), draw_part(rng)
    n = rng.randint(1, 10)
    pairs = tuple(
        (rng.randrange(source.b - source.a), rng.randrange(target.b - target.a)) for _ in range(n)
    )
    traces = rng.choice(sorted(kit.traces)) if kit.traces else None
    clocked = (
        rng.choice(sorted(t for t in kit.clocked if suits(t, source, target))) if kit.clocked else None
    )
    sums = sorted(t for t in kit.sums if suits(t, source, target))
    chosen = [rng.choice([t for t in sums if t.startswith(side)]) for side in ("I_post", "I_pre")
              if rng.random() < (0.7 if side == "I_post" else 0.3) and any(t.startswith(side) for t in sums)]  # fmt: skip
    by_source, by_target = ([rng.choice([0.0, 0.5, -0.25]) for _ in range(N_CELLS)] for _ in range(2))
    values = {"w": tuple(rng.choice([-0.5, -0.125, 0.0625, 0.25, 0.5]) for _ in pairs)}
    text = "\n".join(filter(None, (traces, clocked)))
    for name, choices in (("c", [0.0, 0.5, 1.0]), ("tau_c", [1.0, 2.0, 5.0]), ("tau_y", [1.0, 2.0, 5.0]),
                          ("a", [0.0, 0.5, -0.25]), ("b", [0.0, 0.5, -0.25]), ("x", [0.0, 0.5]), ("z", [0.0, 0.5])):  # fmt: skip
        if re.search(rf"^(d{name}/dt|{name} :)", text, re.MULTILINE):
            values[name] = tuple(rng.choice(choices) for _ in pairs)
    if kit.sided:
        values["a"] = tuple(by_source[i] for i, _ in pairs)
        values["b"] = tuple(by_target[j] for _, j in pairs)
    ways = draw_ways(rng, kit, n, runs, (source, target))
    method, dendritic = rng.choice(["euler", "exact"]), rng.choice([1, 2, 6]) if kit.dendritic else 0
    return Bundle(
        source, target, pairs, values, ways, traces, clocked, method, tuple(chosen), dendritic, kit.sided
    )


def draw(kit: Kit, seed: int) -> Plan:
    rng = random.Random(seed)
    runs = rng.choice([(60,), (1, 59), (20, 7, 33)])
    sizes = {"cells": N_CELLS, "inputs": N_INPUTS}
    return Plan(
        method=rng.choice(["euler", "exact"]),
        held=rng.random() < 0.6,
        refractory=rng.choice([None, "0.5 ms", "ref", "u > 0.3"]),
        drive={g: tuple(rng.choices([0.3, 1.05, 1.7, 2.6, 4.1], k=n)) for g, n in sizes.items()},
        start={g: tuple(rng.choices([-0.3, 0.0, 0.45, 0.9], k=n)) for g, n in sizes.items()},
        periods=tuple(rng.choices(range(1, 13), k=N_CELLS)),
        synapses=tuple(draw_bundle(rng, kit, len(runs)) for _ in range(rng.randint(1, 3))),
        runs=runs,
    )


# ---- for the slow loop ----------------------------------------------------------------------------------


def stays(refractory: str) -> Any:
    from .reference import doubt

    def by_condition(c: Neuron, step: int) -> bool:
        doubt(c.u - 0.3)
        return c.u > 0.3

    return by_condition if refractory == "u > 0.3" else lambda c, step: step < c.until


def reference_world(plan: Plan) -> tuple[World, dict[str, Group]]:
    def neurons(group: str, **more: Any) -> list[Neuron]:
        pairs = zip(plan.start[group], plan.drive[group], strict=True)
        return [
            Neuron(v=v, p=p, I=0.0, **{n: x[k] for n, x in more.items()}) for k, (v, p) in enumerate(pairs)
        ]

    fixed = plan.refractory == "0.5 ms"
    cells = Group(
        neurons("cells", u=[0.0] * N_CELLS, period=plan.periods), ("v", "u"),
        [[-1 / TAU, 0.5 / TAU], [0.25 / TAU_U, -1 / TAU_U]], lambda c: ((c.p + c.I) / TAU, 0.0),
        lambda c: c.__dict__.update(v=0.0, u=c.u + 0.1), plan.method,
        stays=None if plan.refractory is None else stays(plan.refractory),
        period=(lambda c: 5) if fixed else (lambda c: c.period), held=plan.held,
    )  # fmt: skip
    inputs = Group(
        neurons("inputs"), ("v",), [[-1 / TAU]], lambda c: ((c.p + c.I) / TAU,), lambda c: c.__dict__.update(v=0.0), plan.method,
    )  # fmt: skip
    groups = {"cells": cells, "inputs": inputs}
    projections = [reference_projection(bundle, groups) for bundle in plan.synapses]
    world = World([cells, inputs], projections, DT)
    for bundle, projection in zip(plan.synapses, projections, strict=True):
        for way, pathway in zip(bundle.ways, projection.pathways, strict=True):
            if bundle.dendritic and way.side == "pre":
                pathway.act = functools.partial(
                    pathway.act, later=functools.partial(world.later, bundle.dendritic)
                )
    return world, groups


def spread(delay: int | tuple[int, ...], n: int) -> list[int]:
    return [delay] * n if isinstance(delay, int) else list(delay)


def reference_projection(bundle: Bundle, groups: dict[str, Group]) -> Projection:
    source, target = bundle.source, bundle.target
    n = len(bundle.pairs)
    synapses = [Item(**{name: values[k] for name, values in bundle.values.items()}) for k in range(n)]
    pathways = []
    for way in bundle.ways:
        table = (
            ALL if not bundle.dendritic and not bundle.sided else DENDRITIC if bundle.dendritic else SIDED
        )
        act = (table.on_pre if way.side == "pre" else table.on_post)[way.text]
        late = bundle.dendritic if way.side == "post" else 0
        pathways.append(Pathway(way.side, act, [d + late for d in spread(way.delay, n)]))
    clocked = None
    if bundle.clocked is not None:
        equations = {**tables.CLOCKED, **tables.SIDED_WITH_CLOCK}[bundle.clocked]
        clocked = type(equations)(equations.names, equations.rates, equations.drive, bundle.method)
    traces = None if bundle.traces is None else {**tables.TRACES, **tables.SIDED}[bundle.traces]
    return Projection(
        groups[source.group], groups[target.group],
        [(i + source.a, j + target.a) for i, j in bundle.pairs], synapses, pathways, traces, clocked,
        [tables.SUMS[text] for text in bundle.sums],
        {"pre": range(source.a, source.b), "post": range(target.a, target.b)},
    )  # fmt: skip


def run_reference(plan: Plan) -> tuple[World, dict[str, Group]]:
    world, groups = reference_world(plan)
    for number, steps in enumerate(plan.runs):
        for bundle, projection in zip(plan.synapses, world.projections, strict=True):
            for way, pathway in zip(bundle.ways, projection.pathways, strict=True):
                if number and way.later[number - 1] is not None:
                    pathway.delay = spread(way.later[number - 1], len(bundle.pairs))
        world.run(steps)
    return world, groups


# ---- for the simulator -----------------------------------------------------------------------------------


def in_ms(delay: int | tuple[int, ...]) -> Any:
    return delay * DT if isinstance(delay, int) else np.array(delay) * DT


def simulator_synapses(bundle: Bundle, groups: dict[str, nb.Neurons]) -> nb.Synapses:
    source, target = (groups[p.group][p.a : p.b] for p in (bundle.source, bundle.target))
    given: dict[str, Any] = {
        "delay": {
            way.name: in_ms(way.delay) for way in bundle.ways if way.side == "pre" or not bundle.dendritic
        }
    }
    for side in ("pre", "post"):
        texts = {way.name: way.text for way in bundle.ways if way.side == side}
        if texts:
            given[f"on_{side}"] = texts.get(f"on_{side}", texts)
    ways = bundle.ways
    if (
        all(way.name == "on_pre" or way.delay == 0 for way in ways)
        and "on_pre" in given
        and isinstance(given["on_pre"], str)
    ):
        given["delay"] = in_ms(ways[0].delay)  # a plain value is for all that on_pre does
    if bundle.dendritic:
        given["dendritic_delay"] = bundle.dendritic * DT
    if bundle.clocked is not None:
        given["method"] = bundle.method
    flags = {
        name: flag
        for name in "abxz"
        for flag in ("pre", "post")
        if re.search(rf"d{name}/dt.*\b{flag}\)", bundle.model())
    }
    parameters = {n: list(x) for n, x in bundle.values.items() if n not in ("a", "b", "x", "z")}
    synapses = nb.Synapses(
        source, target, bundle.model(), connect=np.transpose(bundle.pairs).tolist(), **given, **parameters
    )
    for name in ("a", "b", "x", "z"):
        if name in bundle.values:
            values = np.array(bundle.values[name])
            if name in flags:  # one value for each neuron
                index, size = (
                    (synapses.i, source.size) if flags[name] == "pre" else (synapses.j, target.size)
                )
                each = np.zeros(size)
                each[index] = values
                setattr(synapses, name, each)
            else:
                setattr(synapses, name, values)
    return synapses


def value(synapses: nb.Synapses, bundle: Bundle, name: str) -> np.ndarray:
    """A variable for every synapse, even where there is one for each neuron."""
    flags = re.search(rf"d{name}/dt.*\b(pre|post)\)", bundle.model())
    values = np.asarray(getattr(synapses, name))
    if flags is None:
        return values
    return values[synapses.i if flags[1] == "pre" else synapses.j]
