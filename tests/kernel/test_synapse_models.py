"""Synapses made of a model: what it says about pathways, delays, events and values, and what is given instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

DT = 0.1  # ms
MODEL = nb.Model(
    "w = 2 : 1\nx : 1\ndz/dt = -z*k/ms : 1 (clock-driven)", on_pre={"fast": "g_post += w*q", "slow": "x += 1"},
    on_post="x += 10", delay={"fast": "d", "slow": 0.4}, on_event={"on_post": "low"},
    parameters={"q": 3, "d": "2*ms/10", "k": 1}, initial={"z": "w + 1"}, method="euler", name="mine",
)  # fmt: skip


def neurons() -> tuple[nb.Neurons, nb.Neurons]:
    """A neuron that spikes in step 0, and one that has an event "low" in step 1."""
    source = nb.Neurons(1, {"v": "1"}, threshold=lambda t: np.array([0] if t < DT / 2 else [], int))
    target = nb.Neurons(
        1, "g : 1", events={"low": lambda t: np.array([0] if DT / 2 < t < 1.5 * DT else [], int)}
    )
    return source, target


def steps(model: Any, names: tuple[str, str] = ("g", "x"), n: int = 7, **given: Any) -> list[list[float]]:
    """The values at the start of each step: of the target neuron, and of the synapse."""
    source, target = neurons()
    synapses = nb.Synapses(source, target, model, connect="one_to_one", **given)
    cell, own = nb.Monitor(target, names[0]), nb.Monitor(synapses, names[1])
    nb.Network(source, target, synapses, cell, own, dt=DT).run(n * DT)
    return [getattr(cell, names[0])[:, 0].tolist(), getattr(own, names[1])[:, 0].tolist()]


def test_a_model_brings_pathways_delays_events_and_values() -> None:
    g, x = steps(MODEL)
    assert g == [0, 0, 0, 6, 6, 6, 6]  # w*q, after the delay d of 2 steps
    assert x == [0, 0, 10, 10, 10, 11, 11]  # "low" in step 1, the spike 4 steps later
    assert steps(MODEL, d="0.3 ms", q=1)[0] == [0, 0, 0, 0, 2, 2, 2]


def test_the_method_and_initial_values_of_a_model() -> None:
    euler = steps(MODEL, ("g", "z"), n=2)[1]
    assert euler == pytest.approx([3, 3 * (1 - DT)])
    assert steps(MODEL, ("g", "z"), n=2, method="exact")[1] == pytest.approx([3, 3 * np.exp(-DT)])
    source, target = neurons()
    synapses = nb.Synapses(source, target, MODEL, connect="one_to_one", w=[4.0])
    assert synapses.z.tolist() == [5]
    synapses.connect("one_to_one", w=7)
    assert synapses.z.tolist() == [5, 8]


def test_given_statements_replace_those_of_the_model() -> None:
    """As a whole: delays and events of pathways that are gone are gone too."""
    g, x = steps(MODEL, on_pre="g_post += 1")
    assert (g, x) == ([0, 1, 1, 1, 1, 1, 1], [0, 0, 10, 10, 10, 10, 10])
    assert steps(MODEL, on_pre={"slow": "x += 2"})[1] == [0, 0, 10, 10, 10, 12, 12]
    assert steps(MODEL, on_post={"late": "x += 5"})[1] == [
        0,
        0,
        0,
        0,
        0,
        1,
        1,
    ]  # at spikes, of which are none


def test_given_delays_and_events_replace_those_of_the_model() -> None:
    g, x = steps(MODEL, delay=0.1)
    assert (g, x) == ([0, 0, 6, 6, 6, 6, 6], [0, 0, 11, 11, 11, 11, 11])
    g, x = steps(MODEL, delay={"slow": 0, "on_post": "0.2 ms"})
    assert (g, x) == ([0, 0, 0, 6, 6, 6, 6], [0, 1, 1, 1, 11, 11, 11])
    assert steps(MODEL, on_event={"on_post": "spikes"})[1] == [0, 0, 0, 0, 0, 1, 1]
    plain = nb.Model(
        "x : 1", on_pre="x += 1", on_post="x += 10", delay="0.3 ms", on_event={"on_post": "low"}
    )
    assert steps(plain, delay={"on_post": 0.1})[1] == [0, 0, 0, 10, 11, 11, 11]


def test_functions_of_a_model_can_be_replaced() -> None:
    model = nb.Model(
        "x : 1", on_pre="x += f(1)", functions={"f": nb.function("1 -> 1")(lambda a: a + 1)}
    )  # fmt: skip
    assert steps(model, n=2)[1] == [0, 2]
    assert steps(model, n=2, functions={"f": nb.function("1 -> 1")(lambda a: a + 5)})[1] == [0, 6]


def test_pathways_of_a_model_may_be_functions() -> None:
    def push(g_post: Any, post: Any) -> None:
        np.add.at(g_post, post, 1)

    assert steps(nb.Model("x : 1", on_pre=push, delay=0.1), n=4)[0] == [0, 0, 1, 1]
    assert steps({"x": "1"}, n=4, on_pre=push, delay="0.1*ms + 0.1*ms")[0] == [0, 0, 0, 1]


def test_names_that_only_a_delay_uses() -> None:
    model = nb.Model("x : 1", on_pre="x += 1", delay="d + 0*ms*i")
    assert steps(model, n=4, d="0.2 ms")[1] == [0, 0, 0, 1]
    with pytest.raises(nb.UnknownNameError, match="unknown name 'd'"):
        steps(model)
    with pytest.raises(nb.UnknownNameError, match="has no variable 'e'"):
        steps(model, d=1, e=1)
    with pytest.raises(nb.UnitError, match="left side is a voltage, right side is a time"):
        steps(model, d="1 mV")


def test_names_files_and_wrong_models(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'title = "Mine"\n{MODEL}\n', encoding="utf-8")
    assert steps(path) == steps(str(path)) == steps(MODEL)
    source, target = neurons()
    synapses = nb.Synapses(source, target, "stdp_pair", connect="one_to_one")
    assert list(synapses.pathways) == ["on_pre", "on_post"]
    for wrong in ("lif", nb.Model("x : 1", events={"high": "x > 1"}, on_event={"high": "x = 0"})):
        with pytest.raises(nb.ModelError, match="is a model of neurons: it has"):
            nb.Synapses(source, target, wrong, connect="one_to_one")
    with pytest.raises(nb.ModelError, match="'mine' is a model of synapses: it has on_pre"):
        nb.Neurons(1, MODEL)
    with pytest.raises(nb.ArgumentError, match="on_event says which event starts which pathway"):
        nb.Synapses(source, target, MODEL, connect="one_to_one", on_event="low")
