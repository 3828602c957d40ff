"""Stages that act at certain times: every so often, from a start, until a stop; of groups and of their parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.errors import ArgumentError, TimeStepError
from numpybrain.kernel.contracts import PHASES

DT = 0.5
TIMES: list[dict[str, Any]] = [
    {},
    {"every": "2 ms"},
    {"every": 1.5, "start": "1 ms"},
    {"start": 3},
    {"stop": 4.5},
    {"every": "2500 us", "start": 2.5, "stop": "0.0125 s"},
    {"every": 1, "start": 2, "stop": 2.5},
    {"every": 100},
    {"start": 100},
]


def steps(n: int, every: float = DT, start: float = 0, stop: float = 1e9) -> list[int]:
    """Step by step: in which of n steps something is done, by times in ms."""
    found, due = [], start
    for k in range(n):
        t = k * DT
        if t >= due and t < stop:
            found.append(k)
        if t >= due:
            due += every
    return found


def in_ms(times: dict[str, Any]) -> dict[str, float]:
    factors = {"ms": 1, "us": 1e-3, "s": 1e3}
    pairs = {k: v.split() if isinstance(v, str) else (v, "ms") for k, v in times.items()}
    return {k: float(number) * factors[unit] for k, (number, unit) in pairs.items()}


def group(n: int = 4) -> nb.Neurons:
    return nb.Neurons(n, "dx/dt = 0/ms : 1\nk : integer", name="cells")


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("times", TIMES)
def test_statements_and_functions_act_in_these_steps(phase: str, times: dict[str, Any]) -> None:
    cells, found = group(), []
    cells.at(phase, "x += 1", **times)
    cells[1:3].at(phase, "k += 1", **times)

    @cells.at(phase, **times)
    def note(t):
        found.append(t)

    nb.Network(cells, dt=DT).run(20)
    expected = steps(40, **in_ms(times))
    assert found == [k * DT for k in expected]
    assert cells.x.tolist() == [len(expected)] * 4
    assert cells.k.tolist() == [0, len(expected), len(expected), 0]


@pytest.mark.parametrize("times", TIMES)
def test_runs_in_parts_are_one_run(times: dict[str, Any]) -> None:
    cells = group()
    cells.at("start", "x = 2*x + t/ms", **times)
    net = nb.Network(cells, dt=DT)
    for duration in (0.5, 3, 0, 7.3, 0.7, 8.5):
        net.run(duration)
    x = 0.0
    for k in steps(40, **in_ms(times)):
        x = 2 * x + k * DT
    assert cells.x[0] == x


def test_checkpoints_in_the_middle_of_an_interval() -> None:
    cells = group()
    cells.at("end", "x = 0.5*x + rand()", every=2, start=1, stop=15)
    net = nb.Network(cells, dt=DT)
    net.run(5.5)
    before = net.snapshot()
    net.run(20)
    once = cells.x.copy()
    net.restore(before)
    net.run(20)
    assert (cells.x == once).all()


def test_synapses_and_parts_by_decorator() -> None:
    cells = group()
    synapses = nb.Synapses(cells, cells, "w : 1", connect=([0, 2], [1, 3]))
    synapses.at("start", "w += 1", every=4)

    @cells[2:].at("end", every=3, start=1, changes="x")
    def fill(x):
        x += 1

    nb.Network(cells, synapses, dt=DT).run(10)
    assert synapses.w.tolist() == [len(steps(20, every=4))] * 2
    n = len(steps(20, every=3, start=1))
    assert cells.x.tolist() == [0, 0, n, n]


def test_the_schedule_says_when() -> None:
    cells = group()
    cells.at("start", "x += 1", every="0.05 s", start=100, stop="1 s")
    cells[:2].at("start", lambda x: None, every=50)
    cells.at("end", "x = 0")
    lines = str(nb.Network(cells).schedule).splitlines()
    assert "run 'x += 1' every 50 ms from 100 ms until 1000 ms" in lines[1]
    assert "<lambda> every 50 ms" in lines[2]
    assert "every" not in lines[-1]


def test_what_one_sees_of_a_value_that_changes_now_and_then() -> None:
    """A parameter that a stage changes is looked at in every step, not calculated with once."""
    cells = nb.Neurons(1, "dv/dt = I/ms : 1\nI : 1", name="cells", method="euler")
    cells.at("start", "I += 1", every=2, start=1)
    nb.Network(cells, dt=1).run(10)
    v = drive = 0.0
    for k in range(10):
        drive += k in (1, 3, 5, 7, 9)
        v += drive
    assert cells.v[0] == pytest.approx(v, rel=1e-14)


@pytest.mark.parametrize("late", [False, True])
def test_times_between_two_steps(late: bool) -> None:
    cells, net = group(), nb.Network(dt=DT)
    if late:
        net.add(cells)
        with pytest.raises(TimeStepError, match=r"'every' of a stage of 'cells\[1:3\]' of 0.7 ms"):
            cells[1:3].at("start", "x += 1", every=0.7)
        assert "run" not in str(net.schedule)
        net.run(1)
    else:
        cells[1:3].at("start", "x += 1", every=0.7)
        with pytest.raises(TimeStepError, match=r"'every' of a stage of 'cells\[1:3\]' of 0.7 ms"):
            net.add(cells)
        assert net.objects == []
        nb.Network(cells, dt=DT, rounding="nearest").run(2)
        assert cells.x.tolist() == [0, 4, 4, 0]


@pytest.mark.parametrize(
    ("times", "error"),
    [
        ({"every": 0}, TimeStepError), ({"every": -1}, TimeStepError), ({"start": -1}, TimeStepError),
        ({"start": 5, "stop": 5}, TimeStepError), ({"stop": 0}, TimeStepError), ({"every": "5 mV"}, nb.UnitError),
        ({"every": True}, ArgumentError), ({"every": [1, 2]}, ArgumentError), ({"every": np.inf}, ArgumentError),
    ],
)  # fmt: skip
def test_bad_times(times: dict[str, Any], error: type[Exception]) -> None:
    cells = group()
    for member in (cells, cells[:2]):
        with pytest.raises(error):
            member.at("start", "x += 1", **times)
    assert len(cells.stages) == len(group().stages)


def test_synapses_find_times_between_steps_too() -> None:
    cells = group()
    synapses = nb.Synapses(cells, cells, "w : 1", connect=([0], [1]), name="syn")
    synapses.at("start", "w += 1", every=0.7)
    with pytest.raises(TimeStepError, match="a stage of 'syn'"):
        nb.Network(cells, synapses, dt=DT)
