"""Random numbers in child processes: equal with a seed, and different without one."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from tests.faults.test_killed_saves import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")


def everything() -> tuple[nb.Network, Callable[[], list[Any]]]:
    """A network that draws wherever it can: one function tells what has come of it."""
    cells = nb.Neurons(30, "dv/dt = (1.2 - v + 0.2*xi*ms**0.5)/(5*ms) : 1", threshold="v > 1",
                       reset="v = 0.5*rand()", initial={"v": "rand()"})  # fmt: skip
    source = nb.Neurons(40, "p = 0.02 : 1", threshold="rand() < p")  # found without drawing for each
    synapses = nb.Synapses(
        source, cells, "w : 1", on_pre="v_post += w", connect=nb.connect.probability(0.3), w="0.1*rand()"
    )
    seen = []
    cells.at("end", lambda rng: seen.append(rng.integers(1 << 40)) or None)
    spikes, inputs = nb.Monitor(cells, "spikes"), nb.Monitor(source, "spikes")
    net = nb.Network(cells, source, synapses, spikes, inputs)

    def result() -> list[Any]:
        return [
            cells.v.tolist(), np.rint(spikes.t / 0.1).tolist(), inputs.i.tolist(), np.rint(inputs.t / 0.1).tolist(),
            [int(x) for x in seen], synapses.i.tolist(), synapses.w.tolist(),
        ]  # fmt: skip

    return net, result


def children(n: int, work: Callable[[], Any]) -> list[Any]:
    """What some forked children find, one after another."""
    found = []
    for _ in range(n):
        ours, its = os.pipe()
        child = os.fork()
        if not child:
            try:
                with os.fdopen(its, "w") as end:
                    json.dump(work(), end)
                os._exit(0)
            finally:
                os._exit(1)
        os.close(its)
        with os.fdopen(ours) as end:
            found.append(json.load(end))
        assert os.waitpid(child, 0)[1] == 0
    return found


def fresh() -> list[Any]:
    net, result = everything()
    net.run(20)
    return result()


def all_differ(found: list[list[Any]]) -> None:
    """Each number of each network."""
    for parts in zip(*found, strict=True):
        for k, one in enumerate(parts):
            assert one not in parts[:k]


def unseeded_children() -> None:
    for before in (lambda: None, fresh):  # whether the parent has drawn, or not
        before()
        all_differ([*children(2, fresh), fresh()])
    nb.seed()
    all_differ([*children(2, fresh), fresh()])


def a_network_of_the_parent() -> None:
    """It goes on with other numbers in each child; in the parent as it would have gone on."""
    net, result = everything()
    net.run(20)
    start, begun = net.snapshot(), result()

    def go_on() -> list[Any]:
        net.run(20)
        return [
            part[len(b) :] if k in (1, 2, 3, 4) else part
            for k, (part, b) in enumerate(zip(result(), begun))
        ]

    found = [*children(3, go_on), go_on()]
    for part in found:
        part[5:] = []  # which synapses there are, is known
    all_differ(found)
    net.restore(start)
    again = result()
    net.run(20)
    assert again[0] == begun[0]
    assert found[-1][0] == net.objects[0].v.tolist()
    # what follows after restoring is determined, so it is the same in all processes
    net.restore(start)

    def restored() -> Any:
        net.run(20)
        return net.objects[0].v.tolist()

    for values in children(2, restored):
        assert values == found[-1][0]
    net.run(5)

    def take_back() -> Any:
        net.restore(start)
        return restored()

    for values in children(2, take_back):
        assert values == found[-1][0]


def a_fork_in_the_middle_of_a_run() -> None:
    net, result = everything()
    parts: list[int] = []

    def split() -> None:
        if net.clock.step == 50:
            parts.append(os.fork())

    net.schedule.insert(split, before=0)
    ours, its = os.pipe()
    net.run(20)
    if parts == [0]:
        with os.fdopen(its, "w") as end:
            json.dump(result(), end)
        os._exit(0)
    os.close(its)
    with os.fdopen(ours) as end:
        one, other = json.load(end), result()
    assert os.waitpid(parts[0], 0)[1] == 0
    until = np.searchsorted(one[3], 50), np.searchsorted(other[3], 50)
    assert until[0] == until[1] > 10
    assert one[2][: until[0]] == other[2][: until[1]]
    assert one[2][until[0] :] != other[2][until[1] :]
    later = np.searchsorted(one[3], 51), np.searchsorted(other[3], 51)  # at once, not with the next block
    assert list(zip(one[2], one[3]))[later[0] :][:20] != list(zip(other[2], other[3]))[later[1] :][:20]
    assert one[4][:50] == other[4][:50]
    assert not set(one[4][50:]) & set(other[4][50:])


def seeded_children() -> None:
    nb.seed(7)
    net, result = everything()
    net.run(20)
    pool = children(3, lambda: (net.run(20), result())[1])
    net.run(20)
    assert pool == [result()] * 3
    nb.seed(7)
    found = children(2, fresh)
    assert found == [fresh()] * 2
    nb.seed(7)
    assert found[0] == fresh()

    def with_its_own_seed() -> list[Any]:
        nb.seed(7)
        return fresh()

    nb.seed()
    assert children(2, with_its_own_seed) == found[:2]


@pytest.mark.parametrize(
    "work",
    [unseeded_children, a_network_of_the_parent, a_fork_in_the_middle_of_a_run, seeded_children],
    ids=lambda work: work.__name__,
)
def test_forks(work: Callable[[], None]) -> None:
    """In a process of its own, which has no other threads."""
    run(f"import tests.faults.test_forks as here\nhere.{work.__name__}()")


# ---- multiprocessing -------------------------------------------------------------------------------

_net: nb.Network | None = None


def one(seed: int | None) -> list[Any]:
    if seed is not None:
        nb.seed(seed)
    return fresh()[:3]


def of_the_parent(_: int) -> list[float]:
    assert _net is not None
    _net.run(20)
    values: list[float] = _net.objects[0].v.tolist()
    return values


def pools(kind: str) -> None:
    global _net
    context = multiprocessing.get_context(kind)
    with context.Pool(2, maxtasksperchild=1 if kind == "fork" else None) as pool:
        found = pool.map(one, [None, None, None, 5, 5], chunksize=1)
    all_differ(found[:4])
    assert found[3] == found[4]
    nb.seed(5)
    assert fresh()[:3] == found[3]
    if kind == "spawn":
        return
    with context.Pool(2, maxtasksperchild=1) as pool:
        first, second = pool.map(one, [None] * 2, chunksize=1)
    assert first == second != found[3]  # the seed here holds there; something has been drawn from it
    nb.seed()
    _net = everything()[0]
    with context.Pool(2, maxtasksperchild=1) as pool:
        found = pool.map(of_the_parent, range(3), chunksize=1)
    assert found[0] != found[1] != found[2] != found[0]


@pytest.mark.parametrize("kind", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_pools(kind: str, tmp_path: Path) -> None:
    script = (
        f"import tests.faults.test_forks as here\nif __name__ == '__main__':\n    here.pools({kind!r})\n"
    )
    (tmp_path / "script.py").write_text(script)
    run(f"import runpy, sys\nrunpy.run_path({str(tmp_path / 'script.py')!r}, run_name='__main__')")
    assert sys.platform != "win32"
