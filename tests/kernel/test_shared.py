"""Shared variables have one value per group; constants do not change in a run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

MODEL = "dv/dt = (s - v)/tau : 1\ns = 2 : 1 (shared)\ntau = 5*ms : ms (shared, constant)\nk = 3 : 1 (constant)\nx = s*k : 1"


def group(**options: Any) -> nb.Neurons:
    return nb.Neurons(3, MODEL, **options)


def test_one_value_for_all() -> None:
    cells = group(s="4")
    assert (cells.s, cells.x.tolist()) == (4.0, [12.0] * 3)
    cells.s = "N + 2"
    net = nb.Network(cells)
    net.run(3)
    assert cells.v == pytest.approx([5 * (1 - np.exp(-0.6))] * 3)
    cells.s = [0]
    cells.tau = "1 ms"  # between runs
    net.run(1)
    assert cells.v == pytest.approx([5 * (1 - np.exp(-0.6)) * np.exp(-1)] * 3)
    for wrong in ([1, 2, 3], "i", np.ones(2)):
        with pytest.raises(nb.NumpyBrainError):
            cells.s = wrong


@pytest.mark.parametrize("how", ["statement", "function", "attribute"])
def test_shared_values_can_change_in_a_run(how: str) -> None:
    cells = group(initial={"v": "2"})
    if how == "statement":
        cells.at("start", "s = 2 if t < 0.95*ms else 0")
    elif how == "function":

        @cells.at("start")
        def change(s: Any, t: float) -> None:
            s[...] = 2 if t < 0.95 else 0

    else:
        cells.at("start", lambda t: setattr(cells, "s", 2 if t < 0.95 else 0))
    nb.Network(cells).run(3)
    assert cells.v == pytest.approx([2 * np.exp(-2 / 5)] * 3)


@pytest.mark.parametrize("text", ["s_post += 1", "s += 1", "s_pre = s_pre + 1"])
def test_synapses_count_every_event_or_refuse(text: str) -> None:
    cells = group(threshold="v < 1")
    try:
        synapses = nb.Synapses(cells, on_pre=text, connect="all_to_all")
    except nb.NumpyBrainError:
        return
    nb.Network(cells, synapses).run(0.1)
    assert cells.s == 2 + 9


def test_resets_count_every_spike_or_refuse() -> None:
    try:
        cells = group(threshold="v < 1", reset="s += 1")
    except nb.NumpyBrainError:
        return
    nb.Network(cells).run(0.1)
    assert cells.s == 2 + 3


def test_parts_set_shared_values_or_refuse() -> None:
    cells = group()
    try:
        cells[1:].s = 3
    except nb.NumpyBrainError:
        return
    assert cells.s == 3.0


def test_shared_values_can_be_read_in_statements() -> None:
    cells = group(threshold="v < s", reset="v = s*k")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="w += s_pre + s_post + s", connect="one_to_one")
    nb.Network(cells, synapses).run(0.1)
    assert cells.v.tolist() == [6.0] * 3
    assert synapses.w.tolist() == [6.0] * 3


@pytest.mark.parametrize("text", ["k_post += 1", "k = 2", "k_pre *= 2"])
def test_constants_of_neurons_cannot_be_written_by_synapses(text: str) -> None:
    cells = group(threshold="v < 1")
    with pytest.raises(nb.ModelError, match="constant"):
        nb.Synapses(cells, on_pre=text, connect="all_to_all")


@pytest.mark.parametrize("options", [{"reset": "k = 1"}, {"reset": "tau = 1*ms"}, {"reset": "x = 1"}])
def test_constants_cannot_be_written_by_resets(options: dict[str, str]) -> None:
    with pytest.raises(nb.ModelError, match="cannot be assigned"):
        group(threshold="v < 1", **options)


def test_constants_cannot_be_written_by_stages() -> None:
    cells = group()
    with pytest.raises(nb.ModelError):
        cells.at("start", "k = 1")
