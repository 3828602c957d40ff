"""Statements of `at` leave alone what stands still in refractory neurons, as synapses do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import erfcx

import numpybrain as nb

LIF = "dv/dt = -v/(20*ms) : mV (unless refractory)"


def rate(text: Any, **given: Any) -> float:
    """Spikes per second and neuron of leaky integrate-and-fire neurons that get Poisson input."""
    nb.seed(3)
    cells = nb.Neurons(1000, LIF, threshold="v > 20*mV", reset="v = 10*mV", refractory="2 ms", name="cells")
    cells.at("synapse", text, **given)
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=0.1)
    net.run(200)
    before = len(spikes)
    net.run(400)
    return (len(spikes) - before) / 1000 / 0.4


def siegert(refractory: float) -> float:
    """The rate of Siegert (1951) for 18 inputs of 0.1 mV per ms, in the diffusion approximation."""
    mean, spread = 0.1 * 18 * 20, 0.1 * np.sqrt(18 * 20)
    low, high = (10 - mean) / spread, (20 - mean) / spread
    return 1000 / (refractory + 20 * np.sqrt(np.pi) * quad(lambda u: erfcx(-u), low, high)[0])


def test_poisson_input_by_statements_gives_the_rate_of_the_formula() -> None:
    assert rate("v += 0.1*mV*poisson(1.8)") == pytest.approx(siegert(2.0), rel=0.03)
    assert rate("v += 0.1*mV*poisson(1.8)", shielded=False) > 1.25 * siegert(2.0)


def make(n: int, refractory: Any = "1 ms") -> nb.Neurons:
    """Neuron 0 spikes at once, and v of it stands still from then on; u does not."""
    return nb.Neurons(
        n, "dv/dt = 0/ms : 1 (unless refractory)\nu : 1", threshold="v > 1", reset="v = 0",
        refractory=refractory, initial={"v": "2*int(i == 0)"},
    )  # fmt: skip


@pytest.mark.parametrize("phase", ["start", "integrate", "threshold", "synapse", "reset", "end"])
@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("refractory", ["0.5 ms", "(0.5 + 0*i)*ms", "u < 3.5"])
def test_a_refractory_neuron_is_shielded_in_every_phase(phase: str, n: int, refractory: str) -> None:
    cells, free = make(n, refractory), make(n, refractory)
    trace = nb.Monitor(cells, "v, u")
    cells.at(phase, "v += 0.125; u += v")
    free.at(phase, "v += 0.125; u += v", shielded=False)
    nb.Network(cells, free, trace, dt=0.1).run(0.5)
    early = phase in ("start", "integrate")  # in the step of the spike, it comes before it
    assert cells.v[0] == 0
    assert trace.u[1, 0] == (2.125 if early else 2.0 if phase in ("threshold", "synapse") else 0.0)
    assert free.v[0] > 0.4
    if n == 2:
        assert cells.v[1] == free.v[1] == 0.625


def test_statements_read_the_value_that_stands() -> None:
    cells = make(2)
    cells.at("end", "v = 0.5; u = v\nif u > 0.25:\n    v += 0.25")
    nb.Network(cells, dt=0.1).run(0.1)
    assert cells.v.tolist() == [0, 0.75]
    assert cells.u.tolist() == [0, 0.5]


def test_functions_write_to_the_arrays_as_they_like() -> None:
    cells = make(2)

    @cells.at("end")
    def push(v: np.ndarray) -> None:
        v += 0.25

    nb.Network(cells, dt=0.1).run(0.1)
    assert cells.v.tolist() == [0.25, 0.25]


@pytest.mark.parametrize(("given", "expected"), [({}, [0, 0.75]), ({"shielded": False}, [0.5, 0.75])])
def test_statements_of_synapses(given: dict[str, Any], expected: list[float]) -> None:
    cells = make(2)
    synapses = nb.Synapses(cells, cells, "w : 1", connect=([0, 0, 1, 1, 1], [0, 0, 1, 1, 1]), w=0.25)
    synapses.at("end", "v_post += w", **given)
    nb.Network(cells, synapses, dt=0.1).run(0.1)
    assert cells.v.tolist() == expected


def test_events_change_what_stands_still_as_a_reset_does() -> None:
    cells = nb.Neurons(
        1, "dv/dt = 0/ms : 1 (unless refractory)", threshold="v > 1", refractory="1 ms", initial={"v": 2},
        events={"high": "v > 1"}, on_event={"high": "v -= 0.5"},
    )  # fmt: skip
    nb.Network(cells, dt=0.1).run(0.2)
    assert cells.v[0] == 1


def test_one_value_for_all_reaches_those_who_are_not_refractory() -> None:
    """A shared variable of synapses has an array of one value, which was cut to the neurons that are free."""
    cells = make(4)
    syn = nb.Synapses(
        cells, cells, "D : 1 (shared)\nw : 1", on_pre="v += D*w", connect="i == 0", D=3, w=0.125
    )
    changing = nb.Synapses(cells, syn, on_pre="D += 0", connect="i == 0")  # it may, so it is an array
    nb.Network(cells, syn, changing, dt=0.1).run(0.3)
    assert cells.v.tolist() == [0, 0.375, 0.375, 0.375]
