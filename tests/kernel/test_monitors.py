"""Monitors: what is recorded, when, of whom; and that recording changes nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb

DECAY = "dv/dt = -v/(5*ms) : mV\nx = 2*v + b : uV\nb = 3*mV : mV"  # x is a subexpression


def decaying(n: int = 4) -> nb.Neurons:
    return nb.Neurons(n, DECAY, initial={"v": "(i + 1)*mV"}, name="cells")


def exact(t: np.ndarray, n: int = 4) -> np.ndarray:
    return np.exp(-t[:, None] / 5) * np.arange(1, n + 1)


def test_the_first_sample_is_the_value_at_time_zero() -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "v")
    nb.Network(cells, trace, dt=0.5).run(2)
    assert trace.t.tolist() == [0.0, 0.5, 1.0, 1.5]  # the value at 2 ms belongs to the next run
    np.testing.assert_allclose(trace.v, exact(trace.t), rtol=1e-14)


def test_several_variables_subexpressions_and_parameters() -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "v, x", "b")
    nb.Network(cells, trace, dt=0.5).run(10)
    np.testing.assert_allclose(trace.x, 1000 * (2 * exact(trace.t) + 3), rtol=1e-14)
    assert np.array_equal(trace.b, np.full((20, 4), 3.0))
    assert {"t", "v", "x", "b"} <= set(dir(trace))


@pytest.mark.parametrize(
    ("every", "dt", "steps"),
    [("1 ms", 0.1, 10), (0.1, 0.1, 1), ("0.3 ms", 0.1, 3), (7, 0.5, 14), ("1 s", 0.1, 10_000)],
)
def test_every(every: Any, dt: float, steps: int) -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "v", every=every)
    net = nb.Network(cells, trace, dt=dt)
    for run in (3, 20, 0.5, 1.5):  # runs do not shift the records
        net.run(run)
    expected = [k * dt for k in range(0, round(25 / dt), steps)]
    assert trace.t.tolist() == expected
    np.testing.assert_allclose(trace.v, exact(trace.t), rtol=1e-12)


SELECTIONS = {
    "indices": ([3, 1], [3, 1]), "one": (2, [2]), "slice": (slice(1, 3), [1, 2]), "every other": (slice(None, None, 2), [0, 2]),
    "booleans": (np.array([True, False, False, True]), [0, 3]), "twice": ([1, 1], [1, 1]), "none": (np.flatnonzero(np.zeros(4)), []),
}  # fmt: skip


@pytest.mark.parametrize("name", SELECTIONS)
def test_of(name: str) -> None:
    of, chosen = SELECTIONS[name]
    cells = decaying()
    trace = nb.Monitor(cells, "v", "x", "b", of=of)
    nb.Network(cells, trace, dt=0.5).run(2)
    assert trace.v.shape == (4, len(chosen))
    np.testing.assert_allclose(trace.v, exact(trace.t)[:, chosen], rtol=1e-14)
    np.testing.assert_allclose(trace.x, 1000 * (2 * exact(trace.t)[:, chosen] + 3), rtol=1e-14)


def test_parts_of_a_group() -> None:
    cells = decaying(6)
    part, chosen = nb.Monitor(cells[2:5], "v"), nb.Monitor(cells[2:5], "v", "x", of=[2, 0])
    nb.Network(cells, part, chosen, dt=0.5).run(2)
    np.testing.assert_allclose(part.v, exact(part.t, 6)[:, 2:5], rtol=1e-14)
    np.testing.assert_allclose(chosen.v, exact(part.t, 6)[:, [4, 2]], rtol=1e-14)
    np.testing.assert_allclose(chosen.x, 1000 * (2 * exact(part.t, 6)[:, [4, 2]] + 3), rtol=1e-14)


# ---- spikes ----------------------------------------------------------------------------------------

STEPS = {0: [0, 5], 3: [1], 4: [0, 1, 2, 3, 4, 5], 9: [5]}


def spiking() -> nb.Neurons:
    return nb.Neurons(6, {"v": "1"}, threshold=lambda t: np.array(STEPS.get(round(t / 0.5), []), dtype=int))


def expected(chosen: list[int]) -> tuple[list[float], list[int]]:
    """Times and positions in `chosen` of its neurons' spikes."""
    found = [(step * 0.5, chosen.index(k)) for step, who in STEPS.items() for k in who if k in chosen]
    return [t for t, _ in found], [k for _, k in found]


@pytest.mark.parametrize(("part", "of", "chosen"), [
    (slice(None), None, [0, 1, 2, 3, 4, 5]), (slice(1, 4), None, [1, 2, 3]), (slice(4, None), None, [4, 5]),
    (slice(None), [1, 5], [1, 5]), (slice(1, None), slice(0, 2), [1, 2]), (slice(1, None), slice(0, None, 2), [1, 3, 5]),
    (slice(2, 3), None, [2]),
])  # fmt: skip
def test_spikes_of_a_group_or_a_part(part: slice, of: Any, chosen: list[int]) -> None:
    cells = spiking()
    spikes = nb.Monitor(cells[part], "spikes", of=of)
    net = nb.Network(cells, spikes, dt=0.5)
    net.run(2)
    net.run(3)
    times, who = expected(chosen)
    assert spikes.t.tolist() == times
    assert spikes.i.tolist() == who
    assert len(spikes) == len(times)
    assert spikes.count.tolist() == [who.count(k) for k in range(len(chosen))]
    for k in range(len(chosen)):
        assert spikes.train(k).tolist() == [t for t, w in zip(times, who, strict=True) if w == k]
    assert spikes.rate == pytest.approx(len(times) / len(chosen) / 0.005)


def test_no_spikes() -> None:
    cells = nb.Neurons(3, "v : 1", threshold="v > 1")
    spikes = nb.Monitor(cells, "spikes")
    assert (spikes.t.shape, spikes.i.shape, len(spikes)) == ((0,), (0,), 0)
    nb.Network(cells, spikes).run(1)
    assert (spikes.t.dtype, spikes.i.dtype.kind) == (np.dtype(float), "i")
    assert (spikes.count.tolist(), spikes.rate) == ([0, 0, 0], 0.0)


# ---- synapses, types, copies -------------------------------------------------------------------------


def test_synaptic_variables() -> None:
    cells = nb.Neurons(2, "v : 1", threshold="v < 1")
    synapses = nb.Synapses(
        cells, cells, "w : 1\nr = 2*w + v_pre : 1", on_pre="w += 1 + i", connect="all_to_all"
    )
    trace, some = nb.Monitor(synapses, "w"), nb.Monitor(synapses, "w", "r", of=[3])
    nb.Network(cells, synapses, trace, some).run(0.3)
    assert trace.w.tolist() == [[0, 0, 0, 0], [1, 1, 2, 2], [2, 2, 4, 4]]
    assert some.w.tolist() == [[0], [2], [4]]
    assert some.r.tolist() == [[0], [4], [8]]


def test_booleans_whole_numbers_and_shared_values() -> None:
    cells = nb.Neurons(
        2,
        "b : boolean\nn : integer\ns : mV (shared)\nv : 1",
        threshold="v < 1",
        reset="b = not b; n += 2*i",
    )
    cells.at("end", "s += 1.5*mV")
    trace = nb.Monitor(cells, "b", "n", "s")
    nb.Network(cells, trace).run(0.3)
    assert trace.b.tolist() == [[False, False], [True, True], [False, False]]
    assert trace.b.dtype == bool
    assert trace.n.tolist() == [[0, 0], [0, 2], [0, 4]]
    assert np.unique(trace.s).tolist() == [0.0, 1.5, 3.0]


def test_records_are_copies() -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "v")
    net = nb.Network(cells, trace, dt=0.5)
    net.run(1)
    first = trace.v
    kept = first.copy()
    cells.v = 100
    net.run(1)
    assert np.array_equal(first, kept)
    assert np.array_equal(trace.v[:2], kept)
    assert trace.v[2].tolist() == [100.0] * 4


def test_values_assigned_between_runs_are_seen() -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "b", "x")
    net = nb.Network(cells, trace, dt=0.5)
    net.run(0.5)
    cells.b = [1, 2, 3, 4]
    net.run(0.5)
    assert trace.b.tolist() == [[3, 3, 3, 3], [1, 2, 3, 4]]
    np.testing.assert_allclose(trace.x[1], 1000 * (2 * exact(trace.t)[1] + [1, 2, 3, 4]), rtol=1e-14)


def test_an_interrupted_run_keeps_its_records() -> None:
    cells = decaying()
    trace = nb.Monitor(cells, "v")

    @cells.at("end")
    def fail(t: float) -> None:
        if t > 1.4:
            raise RuntimeError("stop here")

    net = nb.Network(cells, trace, dt=0.5)
    with pytest.raises(RuntimeError, match="stop here") as caught:
        net.run(10)
    assert "cells: fail" in " ".join(caught.value.__notes__)
    assert "t = 1.5 ms" in " ".join(caught.value.__notes__)
    assert trace.t.tolist() == [0.0, 0.5, 1.0, 1.5]
    np.testing.assert_allclose(trace.v, exact(trace.t), rtol=1e-14)


def test_monitors_change_no_spike() -> None:
    found = []
    for watch in (False, True):
        nb.seed(11)
        cells = nb.Neurons(
            20,
            "dv/dt = (1.5 + 0.1*i - v)/(5*ms) : 1\ny = rand() + v : 1",
            threshold="v > 0.5 + rand()",
            reset="v = 0",
        )
        cells.v = "rand()"
        spikes = nb.Monitor(cells, "spikes")
        more = (
            [nb.Monitor(cells, "v", "y"), nb.Monitor(cells[:3], "spikes"), nb.Monitor(cells, "i", every=1)]
            if watch
            else []
        )
        synapses = nb.Synapses(cells, on_pre="v += 0.1*rand()", connect=nb.connect.probability(0.2))
        nb.Network(more, cells, spikes, synapses).run(50)
        found.append((spikes.t.tolist(), spikes.i.tolist(), cells.v.tolist()))
    assert len(found[0][0]) > 100
    assert found[0] == found[1]


BAD: dict[str, tuple[Any, type[Exception]]] = {
    "unknown": (lambda c: nb.Monitor(c, "vv"), nb.UnknownAttributeError),
    "nothing": (lambda c: nb.Monitor(c), nb.ArgumentError),
    "both": (lambda c: nb.Monitor(c, "v", "spikes"), nb.ArgumentError),
    "number": (lambda c: nb.Monitor(c, 3), nb.ArgumentError),
    "no group": (lambda c: nb.Monitor("v", c), nb.ArgumentError),
    "spikes every": (lambda c: nb.Monitor(c, "spikes", every=1), nb.ArgumentError),
    "every zero": (lambda c: nb.Monitor(c, "v", every=0), nb.TimeStepError),
    "every negative": (lambda c: nb.Monitor(c, "v", every="-1 ms"), nb.TimeStepError),
    "every voltage": (lambda c: nb.Monitor(c, "v", every="1 mV"), nb.UnitError),
    "every uneven": (lambda c: nb.Network(c, nb.Monitor(c, "v", every=0.25), dt=0.1), nb.TimeStepError),
    "index": (lambda c: nb.Monitor(c, "v", of=[4]), nb.IndexRangeError),
    "negative index": (lambda c: nb.Monitor(c, "v", of=-9), nb.IndexRangeError),
    "float index": (lambda c: nb.Monitor(c, "v", of=[0.5]), nb.ArgumentError),
    "booleans": (lambda c: nb.Monitor(c, "v", of=[True, False]), nb.ShapeError),
    "not recorded": (lambda c: nb.Monitor(c, "v").b, nb.UnknownAttributeError),
    "no spikes": (lambda c: nb.Monitor(c, "v").i, nb.UnknownAttributeError),
    "iterated": (lambda c: list(nb.Monitor(c, "v")), TypeError),
    "spikes of synapses": (lambda c: nb.Monitor(nb.Synapses(c, on_pre="v += 1*mV", connect="one_to_one"), "spikes"), nb.ArgumentError),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_monitors(name: str) -> None:
    make, error = BAD[name]
    cells = decaying()
    with pytest.raises(error):
        make(cells)
    nb.Network(cells).run(1)  # the group stays usable
