"""What a run tells about itself: its progress, and where its time went."""

from __future__ import annotations

import io
import sys
from typing import Any

import numpy as np
import pytest

import numpybrain as nb
from numpybrain.kernel import network as kernel_network


def group(name: str = "cells") -> nb.Neurons:
    return nb.Neurons(3, "dv/dt = -v/(10*ms) : 1", name=name, initial={"v": 1})


class Screen(io.StringIO):
    """Standard error of a terminal."""

    def isatty(self) -> bool:
        return True


def shown_after(text: str) -> str:
    """What is left of one line of a terminal after text that goes back to its start."""
    line: list[str] = []
    for part in text.split("\r"):
        line[: len(part)] = part
    return "".join(line).rstrip()


# ---- progress ----


def test_progress_true_shows_a_bar_of_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm")
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    nb.Network(group()).run("100 ms", progress=True)
    assert "100 %" in screen.getvalue()


def test_without_tqdm_there_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)  # as if it were not installed
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    nb.Network(group()).run("100 ms", progress=True)
    assert screen.getvalue().endswith("\n")
    assert shown_after(screen.getvalue()[:-1]).startswith("100 % 00:00")


def test_a_file_gets_a_line_for_each_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    nb.Network(group()).run("1000 ms", progress=True)
    percents = [int(line.partition("%")[0]) for line in written.getvalue().splitlines()]
    assert percents[-1] == 100
    assert len(percents) == len({p // 10 for p in percents}) == 11
    assert percents == sorted(percents)


def test_time_that_is_left_is_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    from numpybrain.network import progress

    now = [0.0]
    monkeypatch.setattr(progress, "perf_counter", lambda: now[0])
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    line = progress.Line(delay=1.0, keep=False)
    now[0] = 0.5
    line.show(0.01)
    assert screen.getvalue() == ""  # nothing is shown before the delay is over
    now[0] = 100.0
    line.show(0.25)
    assert shown_after(screen.getvalue()) == " 25 % 01:40 < 05:00"
    line.close()
    assert shown_after(screen.getvalue()) == ""


@pytest.mark.parametrize("with_tqdm", [True, False])
def test_an_interrupted_run_ends_its_line(monkeypatch: pytest.MonkeyPatch, with_tqdm: bool) -> None:
    if with_tqdm:
        pytest.importorskip("tqdm")
    else:
        monkeypatch.setitem(sys.modules, "tqdm", None)
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    cells = group()

    @cells.at("end")
    def stop(t: float) -> None:
        if t > 50:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        nb.Network(cells).run("100 ms", progress=True)
    assert screen.getvalue().endswith("\n")


def test_a_display_is_no_python_in_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What shows progress changes nothing, so a run is as fast, and as it is, without."""
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    seen = []
    for given in (None, True, False):
        cells = group()
        net = nb.Network(cells)
        net.run("10 ms", progress=given)
        seen.append((net._core.context.has_python, cells.v.tolist()))
    assert seen == [(False, pytest.approx([np.exp(-1)] * 3))] * 3


@pytest.mark.parametrize("given", [1, "text", 0.5, []])
def test_what_is_no_progress_is_refused(given: Any) -> None:
    net = nb.Network(group())
    with pytest.raises(nb.ArgumentError, match="progress is True, or a function"):
        net.run(1, progress=given)
    assert net.t == 0


# ---- seconds ----


@pytest.mark.parametrize("steps", [1, 63, 64, 65, 1000, 1024])
def test_seconds_are_those_of_the_whole_run(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    """Against a clock that goes on by known times: each call of one stage takes 2 s, of the other 5 s."""
    now = [0.0]
    monkeypatch.setattr(kernel_network, "perf_counter", lambda: now[0])
    cells = nb.Neurons(1, {"v": "1"}, name="cells")

    @cells.at("start")
    def two() -> None:
        now[0] += 2.0

    @cells.at("end")
    def five() -> None:
        now[0] += 5.0

    net = nb.Network(cells, dt=1)
    for _ in range(2):  # they are those of the last run
        net.run(steps)
        assert [stage.seconds for stage in net.schedule] == [2.0 * steps, 5.0 * steps]
    assert "28.6 %" in str(net.schedule)
