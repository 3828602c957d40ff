"""Many projections onto one target cost what one costs, and do what each does by itself."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from counting import calls

import numpybrain as nb
from numpybrain.synapses import bundles
from numpybrain.synapses.bundles import Bundle

Networks = tuple[nb.Network, list[nb.Neurons], list[nb.Synapses], nb.Monitor]


def projections(k: int, *, delayed: bool, spiking: bool = True) -> nb.Network:
    """Synapses of equal number in `k` projections between two groups."""
    nb.seed(1)
    source = nb.Neurons(40, "x = 0.0 : 1", threshold="rand() < 0.1" if spiking else "x > 1", reset="")
    target = nb.Neurons(30, "g : 1")
    pairs = np.arange(320) % 40, np.arange(320) % 30
    delay: dict[str, Any] = {"delay": "0.3*ms + 0.5*ms*rand()"} if delayed else {}
    several = [
        nb.Synapses(source, target, "w : 1", on_pre="g += w", w="rand()", **delay,
                    connect=(pairs[0][first::k], pairs[1][first::k]))
        for first in range(k)
    ]  # fmt: skip
    return nb.Network(source, target, several)


@pytest.mark.parametrize("spiking", [True, False])
@pytest.mark.parametrize("delayed", [True, False])
def test_a_step_costs_what_it_costs_with_one(*, delayed: bool, spiking: bool) -> None:
    found = []
    for k in (1, 32):
        net = projections(k, delayed=delayed, spiking=spiking)
        net.run(5)
        short, long = calls(lambda: net.run(2)), calls(lambda: net.run(22))
        found.append(max(1.0, (long - short) / 200))  # in a step
        assert sum(stage.phase == "synapse" for stage in net.schedule) == k  # a row for each
    assert found[1] < 2 * found[0]


# ---- the same as each by itself ----------------------------------------------------------------


SUMS = ("v += w", "v += w", "v -= w", "v += 2*w")
OTHERS = ("w = floor(v)", "v = w", "u = v", "u += 2*w; v += 1", "v += w; u += w", "k += 1", "v_pre += w", "v += u_pre/64", "u = w", "v += w; w += 1")  # fmt: skip


def build(seed: int) -> Networks:
    """Random groups, parts of groups, projections and statements between them; all numbers are exact."""
    nb.seed(seed)
    draw = random.Random(seed)
    cells = [
        nb.Neurons(
            draw.choice([1, 5, 8]),
            "dv/dt = 0/second : 1 (unless refractory)\nu : 1\nk : integer",
            threshold="v > 3", reset="v = 0; u += 1", refractory=draw.choice(["0.3 ms", "0 ms"]),
            initial={"v": "floor(8*rand())/2"},
        )
        for _ in range(3)
    ]  # fmt: skip
    for group in cells:
        group.at("start", "v += 0.5*int(rand() < 0.3)")
        if draw.random() < 0.2:
            group.at("synapse", draw.choice(["v = floor(v)", "u = floor(v)", "u += 1", "v = min(v, 20)"]))
    wires, sums = [], draw.choice([0.6, 0.9, 1])
    for _ in range(draw.choice([5, 12])):
        groups = [draw.choice(cells), cells[0] if draw.random() < 0.7 else draw.choice(cells)]
        ends = [draw.choice([c, c, c[: max(1, c.size // 2)], c[c.size // 2 :]]) for c in groups]
        text = draw.choice(SUMS if draw.random() < sums else OTHERS)
        delay = draw.choice(["0 ms", "0 ms", "0.3 ms", "0.1*ms*floor(8*rand())", "0.1*ms*floor(8*rand())"])
        kind = draw.choice(["on_pre", "on_pre", "on_pre", "on_post"])
        wires.append(
            nb.Synapses(
                *ends, "w : 1", w=draw.choice(["floor(4*rand())/4", 0.25]), delay={kind: delay},
                connect=draw.choice(["rand() < 0.5", "i != j", "i == j or rand() < 0.2"]), **{kind: text},
            )
        )  # fmt: skip
    if draw.random() < 0.2:
        cells[0].at("end", lambda: None)
    objects: list[Any] = [*cells, *wires]
    draw.shuffle(objects)
    spikes = nb.Monitor(cells[0], "spikes")
    net = nb.Network(objects, spikes)
    acting = [stage for stage in net.schedule if stage.phase == "synapse"]
    if acting[-1].owner in [c.name for c in cells]:  # a statement, behind all synapses by itself
        net.schedule.move(acting[-1], before=draw.choice(acting[:-1]))
    return net, cells, wires, spikes


def state(found: Networks) -> list[Any]:
    net, cells, wires, spikes = found
    values = [np.asarray(x).tolist() for c in cells for x in (c.v, c.u, c.k)]
    return [net.t, values, [np.asarray(w.w).tolist() for w in wires], spikes.t.tolist(), spikes.i.tolist()]


def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bundle, "takes", lambda *_: False)


@pytest.mark.parametrize("pays", [0, 4000])
@pytest.mark.parametrize("seed", range(40))
def test_results_are_those_of_projections_by_themselves(
    seed: int, pays: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "PAYS", pays)
    draw = random.Random(seed)
    changes = [draw.choice(["", "", "w", "delay", "connect", "remove", "read"]) for _ in range(4)]
    times = [0.1 * draw.randrange(1, 30) for _ in range(5)]

    def live() -> list[Any]:
        found, seen = build(seed), []
        net, _, wires, _ = found
        which = random.Random(seed + 1)
        for change, time in zip([*changes, ""], times, strict=True):
            net.run(time)
            wire = which.choice(wires)
            if change == "w":
                wire.w = 0.5
            elif change == "delay":
                next(iter(wire.pathways.values())).delay = "0.2 ms"
            elif change == "connect":
                wire.connect(([0], [0]), w=0.75)
            elif change == "remove" and wire.size:
                wire.remove([0])
            elif change == "read":
                seen.append(wire.w[:2].tolist())
        return [*seen, *state(found)]

    together = live()
    apart(monkeypatch)
    assert together == live()


@pytest.mark.parametrize("seed", range(20))
def test_what_is_shared_goes_on_after_a_checkpoint(seed: int, tmp_path: Path) -> None:
    """Bit for bit, with weights that sums round."""

    def made() -> Networks:
        found = build(seed + 100)
        nb.seed(seed)
        for wire in found[2]:
            wire.w = "rand()/3"
        return found

    whole, parted, loaded = made(), made(), made()
    whole[0].run(12)
    parted[0].run(5)
    parted[0].save(tmp_path / "file")
    loaded[0].load(tmp_path / "file")
    for each in (parted, loaded):
        each[0].run(7)
        assert state(each) == state(whole)


def test_checkpoints_of_before_are_loaded() -> None:
    """They do not say when was sent what is under way."""
    found = []
    for older in (False, True):
        net = projections(8, delayed=True)
        net.run(5)
        snapshot = net.snapshot()
        if older:
            for part in snapshot._parts:
                for key in [k for k in part.values if k.endswith("/sent")]:
                    del part.values[key]
        net.restore(snapshot)
        net.run(5)
        found.append(net.objects[1].g.copy())
    np.testing.assert_allclose(found[0], found[1], rtol=1e-13)
    assert found[0].any()


def test_memory_stays_that_of_the_longest_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """What has no room in one ring is not put together."""
    monkeypatch.setattr(bundles, "MOST", 1)
    net = projections(4, delayed=True)
    net.run(5)
    alone = net.objects[1].g.copy()
    monkeypatch.undo()
    net = projections(4, delayed=True)
    net.run(5)
    np.testing.assert_allclose(alone, net.objects[1].g, rtol=1e-13)


@pytest.mark.parametrize("text", ["seen = g", "g = 5", "g *= 2"])
def test_what_minds_in_between_finds_what_has_arrived(text: str) -> None:
    """Two projections of one neuron, and a statement between them."""
    source = nb.Neurons(1, "x : 1", threshold="True", reset="")
    target = nb.Neurons(1, "g : 1\nseen : 1")
    target.at("synapse", text)
    several = [
        nb.Synapses(source, target, on_pre=f"g += {k}", connect="True", name=f"s{k}") for k in (1, 10)
    ]
    net = nb.Network(source, target, several)
    stage = next(s for s in net.schedule if s.phase == "synapse" and s.owner == target.name)
    last = next(s for s in net.schedule if s.owner == "s10")
    net.schedule.move(stage, before=last)
    net.run(0.1)
    wanted = {"seen = g": (11, 1), "g = 5": (15, 0), "g *= 2": (12, 0)}
    assert (*target.g, *target.seen) == wanted[text]
