"""Random numbers: the same seed gives the same bits, whatever else is in the program."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats

import numpybrain as nb


def simulate(seed: int | None, *, extra: bool = False, parts: tuple[float, ...] = (30.0,)) -> list[Any]:
    """Spikes, potentials, weights and connections of a network that draws wherever it can."""
    nb.seed(seed)
    cells = nb.Neurons(30, "dv/dt = (1.2 - v + 0.2*randn())/(5*ms) : 1", threshold="v > 1", reset="v = 0.5*rand()",
                       refractory="(1 + rand())*ms", initial={"v": "rand()"}, name="cells")  # fmt: skip
    synapses = nb.Synapses(
        cells, cells, "w : 1", on_pre="v_post += w*rand()", connect=nb.connect.probability(0.1)
    )
    synapses.w = "0.1*randn()"

    @cells.at("end")
    def jitter(rng: np.random.Generator, v: np.ndarray) -> None:
        v += 0.01 * rng.standard_normal(v.size)

    spikes = nb.Monitor(cells, "spikes")
    objects: list[Any] = [cells, synapses, spikes]
    if extra:
        other = nb.Neurons(5, "dv/dt = randn()/ms : 1", threshold="v > rand()", initial={"v": "rand()"})
        more = nb.Synapses(other, cells, on_pre="x = rand()", connect=nb.connect.probability(0.5))
        objects = [nb.Monitor(cells, "v"), other, *objects, more, nb.Monitor(other, "spikes")]
    net = nb.Network(objects)
    for part in parts:
        net.run(part)
    return [
        spikes.t.tolist(),
        spikes.i.tolist(),
        cells.v.tolist(),
        synapses.w.tolist(),
        synapses.i.tolist(),
        synapses.j.tolist(),
    ]


def test_the_same_seed_gives_the_same_bits() -> None:
    first = simulate(5)
    assert len(first[0]) > 30
    assert simulate(5) == first
    assert simulate(5, parts=(0.1, 10, 19.9)) == first
    other = simulate(6)
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_other_objects_change_nothing() -> None:
    assert simulate(5, extra=True) == simulate(5)


def test_without_a_seed_every_program_is_different() -> None:
    assert simulate(None) != simulate(None)


def test_objects_draw_independently_of_each_other() -> None:
    groups = [nb.Neurons(4000, "v : 1\nu : 1", initial={"v": "randn()", "u": "randn()"}) for _ in range(3)]
    samples = np.array([x for g in groups for x in (g.v, g.u)])
    assert np.abs(np.corrcoef(samples) - np.eye(6)).max() < 5 / 4000**0.5


def test_purposes_draw_independently_of_each_other() -> None:
    """Initial values, connections and runs; neurons and synapses."""
    n = 4000
    cells = nb.Neurons(n, "u : 1\nv : 1", threshold="u < 2", reset="v = rand()", initial={"u": "rand()"})
    synapses = nb.Synapses(
        cells, cells, "w : 1\nz : 1", on_pre="z = rand()",
        connect=lambda rng, N_pre: (np.arange(N_pre), np.argsort(rng.random(N_pre))), w="rand()",
    )  # fmt: skip
    nb.Network(cells, synapses).run(0.1)
    samples = np.array([cells.u, cells.v, synapses.w, synapses.z, np.argsort(synapses.j)])
    assert np.abs(np.corrcoef(samples) - np.eye(5)).max() < 5 / n**0.5


def test_draws_have_their_distributions() -> None:
    cells = nb.Neurons(
        20_000, "u : 1\nz : 1\na : 1\nb : 1\nd : 1", threshold="rand() < 0.01", reset="d = rand()",
        initial={"u": "rand()", "z": "randn()", "a": "rand() + rand()", "b": "rand()"},
    )  # fmt: skip
    assert scipy.stats.kstest(cells.u, "uniform").pvalue > 1e-3
    assert scipy.stats.kstest(cells.z, "norm").pvalue > 1e-3
    assert (
        scipy.stats.kstest(cells.a, scipy.stats.triang(0.5, 0, 2).cdf).pvalue > 1e-3
    )  # each call draws anew
    assert abs(np.corrcoef(cells.u, cells.b)[0, 1]) < 0.04
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, spikes).run(5)
    assert scipy.stats.binomtest(len(spikes), 50 * 20_000, 0.01).pvalue > 1e-3
    counts = np.bincount(np.rint(spikes.t / 0.1).astype(int))
    assert scipy.stats.chisquare(counts).pvalue > 1e-3
    reset = cells.d[np.unique(spikes.i)]
    assert scipy.stats.kstest(reset, "uniform").pvalue > 1e-3


def test_every_neuron_and_every_synapse_draws_for_itself() -> None:
    cells = nb.Neurons(300, "v : 1", threshold="v < 1e9", reset="v = rand()")
    synapses = nb.Synapses(cells, cells, "w : 1", on_pre="w = rand()", connect="one_to_one")
    nb.Network(cells, synapses).run(0.1)
    assert np.unique(cells.v).size == np.unique(synapses.w).size == 300


@pytest.mark.parametrize("value", [-1, 1.5, "1", True, [1]])
def test_bad_seeds(value: Any) -> None:
    with pytest.raises(nb.ArgumentError):
        nb.seed(value)
