"""What a step costs when there is nothing to do. The limits are three times those of the design."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpybrain as nb

NOISE = 3  # other programs run on the same machine


def fastest(call: Callable[[], Any], times: int = 7) -> float:
    """Seconds of the fastest of several calls."""
    found = []
    for _ in range(times):
        began = perf_counter()
        call()
        found.append(perf_counter() - began)
    return min(found)


def quiet(n_stages: int) -> nb.Network:
    """A network in which nothing happens, with some stages that could do something."""
    cells = nb.Neurons(1, {"v": "1"}, threshold=None)
    idle = [nb.Synapses(cells, on_pre=lambda post: None, connect="one_to_one") for _ in range(n_stages)]
    return nb.Network(cells, idle)


def test_a_run_of_no_steps_costs_under_a_millisecond() -> None:
    net = quiet(10)
    net.run(1)
    assert fastest(lambda: net.run(0), 20) < NOISE * 1e-3


def test_an_idle_stage_costs_under_a_third_of_a_microsecond() -> None:
    steps = 2000
    without, with_stages = quiet(0), quiet(50)
    assert len(with_stages.schedule) - len(without.schedule) == 50
    cost = fastest(lambda: with_stages.run(steps * 0.1)) - fastest(lambda: without.run(steps * 0.1))
    assert cost / steps / 50 < NOISE * 0.3e-6


def test_instant_synapses_cost_little_when_nobody_spikes() -> None:
    steps = 2000

    def network(**options: Any) -> nb.Network:
        cells = nb.Neurons(1000, "v : 1", threshold="v > 1", reset="v = 0")
        return nb.Network(cells, nb.Synapses(cells, on_pre="v_post += 1", connect="j == i + 1", **options))

    ordinary, instant = network(), network(delivery="instant", coincident="kept")
    cost = fastest(lambda: instant.run(steps * 0.1), 20) - fastest(lambda: ordinary.run(steps * 0.1), 20)
    assert cost / steps < NOISE * 1e-6


def test_an_empty_step_costs_little() -> None:
    net = quiet(0)
    assert fastest(lambda: net.run(2000 * 0.1)) < NOISE * (1e-3 + 2000 * 0.3e-6)


def test_the_second_run_of_equations_starts_at_once() -> None:
    cells = nb.Neurons(
        10, "dv/dt = (1 - v)/(5*ms) : 1\ndu/dt = -u/(2*ms) : 1", threshold="v > 2", reset="v = 0; u += 1"
    )
    synapses = nb.Synapses(cells, on_pre="u_post += 1", connect="all_to_all")
    net = nb.Network(cells, synapses, nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v"))
    net.run(1)
    assert fastest(net.step, 20) < NOISE * 1e-3
