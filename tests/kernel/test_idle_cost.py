"""What a step costs when there is nothing to do, in instructions of Python: some thirty take a microsecond."""

from __future__ import annotations

from typing import Any

from counting import instructions

import numpybrain as nb

STEPS = 640  # of which one in 64 is timed stage by stage


def quiet(n_stages: int) -> nb.Network:
    """A network in which nothing happens, with some stages that could do something."""
    cells = nb.Neurons(1, {"v": "1"}, threshold=None)
    idle = [nb.Synapses(cells, on_pre=lambda post: None, connect="one_to_one") for _ in range(n_stages)]
    return nb.Network(cells, idle)


def of_a_step(net: nb.Network) -> float:
    """The instructions of a step, in the mean over a run that goes on from another one."""
    net.run(STEPS * net.dt)
    return (
        instructions(lambda: net.run(2 * STEPS * net.dt)) - instructions(lambda: net.run(STEPS * net.dt))
    ) / STEPS


def test_a_run_of_no_steps_costs_little() -> None:
    net = quiet(10)
    net.run(1)
    assert instructions(lambda: net.run(0)) < 3000
    net.schedule.move(0, after=1)  # all is prepared anew
    assert instructions(lambda: net.run(0)) < 35_000


def test_an_idle_stage_costs_under_a_third_of_a_microsecond() -> None:
    without, with_stages = quiet(0), quiet(50)
    assert len(with_stages.schedule) - len(without.schedule) == 50
    assert (of_a_step(with_stages) - of_a_step(without)) / 50 < 30


def test_instant_synapses_cost_little_when_nobody_spikes() -> None:
    def network(**options: Any) -> nb.Network:
        cells = nb.Neurons(1000, "v : 1", threshold="v > 1", reset="v = 0")
        return nb.Network(cells, nb.Synapses(cells, on_pre="v_post += 1", connect="j == i + 1", **options))

    assert of_a_step(network(delivery="instant", coincident="kept")) - of_a_step(network()) < 60


def test_an_empty_step_costs_little() -> None:
    assert of_a_step(quiet(0)) < 50


def test_the_second_run_of_equations_starts_at_once() -> None:
    cells = nb.Neurons(
        10, "dv/dt = (1 - v)/(5*ms) : 1\ndu/dt = -u/(2*ms) : 1", threshold="v > 2", reset="v = 0; u += 1"
    )
    synapses = nb.Synapses(cells, on_pre="u_post += 1", connect="all_to_all")
    net = nb.Network(cells, synapses, nb.Monitor(cells, "spikes"), nb.Monitor(cells, "v"))
    net.run(1)
    net.run(2)  # there is room for more records
    assert instructions(net.step) < 2500
    cells.u = 0.1  # all is prepared anew
    assert instructions(net.step) < 22_000
