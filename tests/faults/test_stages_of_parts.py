"""Stages of a part of a group act on the part, and whatever else a part hands on is about the part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import numpybrain as nb
from numpybrain.kernel.contracts import PHASES

N = 7
MODEL = """
    dv/dt = 0*mV/ms : mV (unless refractory)
    u : 1
    k : integer
    f : boolean
    s : 1 (shared)
    c = 2 : 1
    x = 3*u : 1
    z : 1 (linked)
    """


def group(**options: Any) -> nb.Neurons:
    cells = nb.Neurons(N, MODEL, name="cells", threshold="v > 100*mV", refractory="3 ms", **options)
    others = nb.Neurons(2, "w : 1", name="others", initial={"w": [10, 20]})
    cells.z = nb.link(others, "w", index=[0, 1, 0, 1, 0, 1, 0])
    cells.u = np.arange(N)
    return cells


def run(cells: nb.Neurons, steps: int = 1, *more: Any) -> nb.Network:
    net = nb.Network(cells, cells.inspect.state.linked(cells.inspect.state.slots["z"]).group, *more, dt=1)
    net.run(steps)
    return net


# ---- statements ----


TEXTS: dict[str, Callable[[Any, int, int], dict[str, Any]]] = {  # (values of the group, neuron, in the part)
    "v = 5*mV": lambda g, k, i: {"v": 5},
    "v += u*mV; u = 0": lambda g, k, i: {"v": g["u"][k], "u": 0},
    "u = i": lambda g, k, i: {"u": i},
    "u = 10*i + N": lambda g, k, i: {"u": 10 * i + g["size"]},
    "u = x + c + s + z": lambda g, k, i: {"u": 3 * g["u"][k] + 2 + 4 + (20 if k % 2 else 10)},
    "k = i; f = u > 3": lambda g, k, i: {"k": i, "f": g["u"][k] > 3},
    "w = u*2; u = w + 1": lambda g, k, i: {"u": 2 * g["u"][k] + 1},
    "if i > 0:\n    u = -1\nelse:\n    u = -2": lambda g, k, i: {"u": -1 if i > 0 else -2},
}  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=12)
@given(start=st.integers(0, N - 1), size=st.integers(1, N))
def test_statements_act_on_the_part(text: str, start: int, size: int) -> None:
    cells = group()
    cells.s = 4
    part = cells[start : min(start + size, N)]
    right = {name: np.array(getattr(cells, name)) for name in ("v", "u", "k", "f")}
    known = {"u": np.arange(N), "size": part.size}
    for i, k in enumerate(range(part.start, part.stop)):
        for name, value in TEXTS[text](known, k, i).items():
            right[name][k] = value
    part.at("start", text)
    run(cells)
    for name, values in right.items():
        np.testing.assert_array_equal(getattr(cells, name), values)


def test_draws_are_as_many_as_neurons() -> None:
    cells = group()
    cells[2:5].at("start", "u = rand()")
    run(cells)
    drawn = cells.u[2:5].tolist()
    assert cells.u[[0, 1, 5, 6]].tolist() == [0, 1, 5, 6]
    assert len(set(drawn)) == 3
    nb.seed(20250101)
    again = nb.Neurons(3, MODEL, threshold="v > 100*mV", refractory="3 ms")
    again.z = nb.link(again, "u")
    again.at("start", "u = rand()")
    nb.Network(again, dt=1).run(1)
    assert again.u.tolist() == drawn  # as those of a group of that size


def test_refractory_neurons_are_shielded() -> None:
    for shielded in (True, False):
        cells = group()
        cells.v = [200, 0, 200, 0, 0, 0, 0]
        cells[1:4].at("end", "v += 1*mV", shielded=shielded)
        run(cells, 2)
        assert cells.v.tolist() == [200, 2, 200 if shielded else 202, 2, 0, 0, 0]


def test_groups_in_python_take_functions() -> None:
    cells = nb.Neurons(4, {"v": "1"}, name="cells")
    with pytest.raises(nb.ModelError, match="is written in Python: hand over a function"):
        cells[:2].at("start", "v = 1")
    cells[:2].at("start", lambda v: v.__setitem__(slice(None), 3))
    nb.Network(cells).step()
    assert cells.v.tolist() == [3, 3, 0, 0]


# ---- functions ----


@settings(max_examples=12)
@given(start=st.integers(0, N - 1), size=st.integers(1, N), phase=st.sampled_from(PHASES))
def test_functions_get_the_part(start: int, size: int, phase: str) -> None:
    cells = group(initial={"v": 200 * (np.arange(N) % 3 == 0)})
    part = cells[start : min(start + size, N)]
    seen: list[Any] = []

    @part.at(phase)
    def look(
        v: Any, u: Any, s: Any, i: Any, N: int, t: float, dt: float, spikes: Any, not_refractory: Any
    ) -> None:
        seen.append(
            (v.shape, u.tolist(), s.shape, i.tolist(), N, t, dt, spikes.tolist(), not_refractory.size)
        )
        u[:] = -1 - i

    run(cells)
    fired = [k - part.start for k in range(part.start, part.stop) if k % 3 == 0]
    spikes = fired if PHASES.index(phase) >= 2 else []
    n = part.size
    right = [((n,), list(range(part.start, part.stop)), (1,), list(range(n)), n, 0, 1, spikes, n)]
    assert seen == right
    assert cells.u.tolist() == [part.start - 1 - k if part.start <= k < part.stop else k for k in range(7)]


def test_functions_may_return_what_they_changed() -> None:
    cells = group()
    cells[2:4].at("start", lambda u: np.add(u, 1, out=u))
    run(cells)
    assert cells.u.tolist() == [0, 1, 3, 4, 4, 5, 6]


def test_events_count_in_the_part() -> None:
    cells = group(events={"odd": "u % 2 == 1"})
    seen: list[Any] = []
    cells[2:6].at("end", lambda odd: seen.append(odd.tolist()))
    run(cells)
    assert seen == [[1, 3]]


def test_functions_say_what_they_change() -> None:
    cells = group()

    @cells[1:3].at("start", changes=["u"])
    def change(u: Any, c: Any) -> None:
        u += c

    run(cells)
    assert cells.u.tolist() == [0, 3, 4, 3, 4, 5, 6]
    with pytest.raises(nb.UnknownNameError, match="has no variable 'w' to change"):
        cells[1:3].at("start", change, changes=["w"])


def test_what_a_part_changes_is_looked_at_in_every_step() -> None:
    """`c` is calculated with once per run, unless a stage writes to it."""
    for how in ("c = t/ms", lambda c, t: c.__setitem__(slice(None), t)):
        cells = nb.Neurons(3, "dv/dt = c/ms : 1\nc : 1", method="euler")
        cells[1:].at("start", how)
        nb.Network(cells, dt=1).run(4)
        assert cells.v.tolist() == [0, 6, 6]


# ---- the stage itself ----


def test_stages_are_in_the_schedule_as_those_of_the_part() -> None:
    cells = group()
    cells.at("start", "u = 1")
    cells[1:3].at("start", "u += 1", before=True)

    @cells[3:].at("start")
    def last(u: Any) -> None:
        u *= 2

    net = run(cells)
    rows = [line.split()[1:3] for line in str(net.schedule).splitlines() if " start " in line]
    assert rows == [["start", "cells[1:3]"], ["start", "cells"], ["start", "cells[3:7]"]]
    assert cells.u.tolist() == [1, 1, 1, 2, 2, 2, 2]
    assert net.schedule["cells[3:7]: last"].origin.startswith("last (")
    cells[0].at("end", "u = 8")  # also in a network
    net.run(1)
    assert cells.u[0] == 8
    with pytest.raises(nb.NetworkError, match="unknown phase 'begin'"):
        cells[1:3].at("begin", "u = 1")


def test_parts_of_parts() -> None:
    cells = group()
    cells[1:6][1:3].at("start", "u = 100 + i")
    run(cells)
    assert cells.u.tolist() == [0, 1, 100, 101, 4, 5, 6]


def test_rebound_arguments_are_found_here_too() -> None:
    def wrong(u):
        u = 3

    with pytest.raises(nb.ArgumentError, match="assigns to the argument 'u'"):
        group()[1:3].at("start", wrong)


# ---- whatever else a part hands on ----


def test_reading() -> None:
    cells = group()
    part = cells[2:5]
    assert (part.size, len(part), part.N, part.name, part.dt) == (3, 3, 3, "cells[2:5]", 0)
    assert part.i.tolist() == [0, 1, 2]
    assert part.u.tolist() == part.read("u").tolist() == [2, 3, 4]
    assert part.x.tolist() == part.evaluate("x").tolist() == [6, 9, 12]
    assert part.z.tolist() == [10, 20, 10]
    assert part.lastspike.shape == part.not_refractory.shape == (3,)
    assert part.s == 0
    assert part.model is cells.model
    assert part.update is cells.update
    part.write("u", "i*2")
    assert cells.u.tolist() == [0, 1, 0, 2, 4, 5, 6]
    assert {"u", "x", "at", "size", "name"} <= set(dir(part))
    assert repr(part) == "<Subgroup cells[2:5], 3 of 7>"
    assert "cells[2:5]</b>, 3 of 7 neurons" in part._repr_html_()  # that of the group is about all of it


@pytest.mark.parametrize("name", ["stages", "spiking", "join", "get_state", "fingerprint", "brings", "integrated", "requires"])  # fmt: skip
def test_what_is_of_the_whole_group_is_not_handed_on(name: str) -> None:
    with pytest.raises(nb.UnknownAttributeError, match=f"'{name}' is of the whole group") as caught:
        getattr(group()[2:5], name)
    assert f"write  cells.{name}" in str(caught.value)


def test_writing_what_cannot_be() -> None:
    cells = group()
    part = cells[2:5]
    for name, value, message in (
        ("x", 1, "'x' of 'cells' is a subexpression"),
        ("s", 1, "'s' of 'cells' is shared"),
        ("z", nb.link(cells, "u", index=[0, 1, 2]), "'z' of 'cells' is linked for the whole group"),
        ("i", 1, "'i' of 'cells' cannot be assigned"),
        ("name", "a", "'name' of 'cells' cannot be assigned"),
        ("spikes", [1], "'spikes' of 'cells' cannot be assigned"),
        ("uu", 1, "'cells' has no variable 'uu': did you mean 'u'"),
    ):
        with pytest.raises(nb.NumpyBrainError, match=message):
            setattr(part, name, value)
    with pytest.raises(nb.ModelError):
        part.i[0] = 3


def test_monitors_and_synapses_of_parts_count_in_the_part() -> None:
    cells = group(initial={"v": [200, 0, 200, 200, 0, 0, 0]})
    part = cells[2:5]
    spikes, trace = nb.Monitor(part, "spikes"), nb.Monitor(part, "u", of=[2, 0], every=2)
    made = nb.Synapses(part, cells[1:3], on_pre="u_post += 100", connect=([0, 2], [1, 0]))
    run(cells, 2, spikes, trace, made)
    assert spikes.i.tolist() == [0, 1]
    assert trace.u.tolist() == [[4, 2]]
    assert trace[2].u.tolist() == [4]
    assert cells.u.tolist() == [0, 1, 102, 3, 4, 5, 6]
