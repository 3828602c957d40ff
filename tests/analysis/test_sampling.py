"""When monitors record: start, stop, every and the phase of the step; in which type; through runs and checkpoints."""

from __future__ import annotations

import math

import numpy as np
import pytest

import numpybrain as nb


def neurons():
    """Two neurons whose v is the time in ms; the second one fires in every step."""
    return nb.Neurons(2, "v = t/ms : 1", threshold=lambda t: [1], name="cells")


def clock(**options):
    cells = neurons()
    return cells, nb.Monitor(cells, "v", name="trace", **options)


def run(objects, lengths, dt="0.1 ms"):
    net = nb.Network(*objects, dt=dt)
    for length in lengths:
        net.run(length)
    return net


def times(every, start, stop, end):
    """When records are due, one step of 0.1 ms after the other."""
    every, start, stop = (None if x is None else round(x * 10) for x in (every, start, stop))
    found = []
    for step in range(round(end * 10)):
        after = step - (start or 0)
        if after >= 0 and after % (every or 1) == 0 and (stop is None or step < stop):
            found.append(step / 10)
    return found


@pytest.mark.parametrize("lengths", [[40], [13.7, 0.1, 0.1, 10, 16.1], [0.1] * 400])
@pytest.mark.parametrize("every", [None, 0.3, 5])
@pytest.mark.parametrize(
    ("start", "stop"), [(None, None), (7.4, None), (None, 21), (7.4, 30.1), (50, None), (0, 1000)]
)
def test_times_of_records(every, start, stop, lengths):
    cells, trace = clock(every=every, start=start, stop=stop)
    run((cells, trace), lengths)
    np.testing.assert_allclose(trace.t, times(every, start, stop, 40), atol=1e-12)
    np.testing.assert_allclose(trace.v, np.array(2 * [trace.t]).T)


@pytest.mark.parametrize(("start", "stop"), [("10 ms", None), (None, "25 ms"), ("10 ms", "25 ms")])
def test_spikes_and_their_rates(start, stop):
    cells = neurons()
    spikes = nb.Monitor(cells, "spikes", start=start, stop=stop)
    run((cells, spikes), [5, 35])
    low, high = (10 if start else 0), (25 if stop else 40)
    np.testing.assert_allclose(spikes.t, np.arange(low * 10, high * 10) / 10)
    assert spikes.rate == pytest.approx(5000)
    np.testing.assert_allclose(spikes.rates(), [0, 10_000])
    part = spikes.between()
    assert (part.start, part.stop) == (low, high)
    assert spikes.between(0, 12).rate == pytest.approx(5000)


def test_a_monitor_that_joins_after_its_start():
    cells = neurons()
    net = run((cells,), ["20 ms"])
    late = nb.Monitor(cells, "spikes", start=5)
    values = nb.Monitor(cells, "v", start=5, every=10)
    net.add(late, values)
    net.run("30 ms")
    assert (late.between().start, late.between().stop) == (20, 50)
    assert values.t.tolist() == [25, 35, 45]


def test_before_it_begins_there_is_nothing():
    cells = neurons()
    spikes = nb.Monitor(cells, "spikes", start=50)
    run((cells, spikes), [20])
    assert len(spikes) == 0
    assert spikes.rate == 0
    assert np.isnan(spikes.rates()).all()


@pytest.mark.parametrize(
    ("phase", "expected"),
    [("start", 0), ("integrate", 0), ("threshold", 1), ("synapse", 1), ("reset", 1), ("end", 7)],
)
def test_phases(phase, expected):
    """v is 0, the update makes it 1 in each step, and the reset 7 in the first."""
    cells = nb.Neurons(
        1, {"v": "1"}, integrate=lambda v: v.__setitem__(0, 1), threshold=lambda t: [0] if t == 0 else [],
        reset=lambda v, spikes: v.__setitem__(spikes, 7),
    )  # fmt: skip
    trace = nb.Monitor(cells, "v", phase=phase)
    net = nb.Network(trace, cells, dt="1 ms")  # in a phase, in the order in which they are given
    net.run(2)
    assert trace.t.tolist() == [0, 1]
    assert trace.v[0, 0] == expected


def test_types():
    cells = nb.Neurons(3, "v = t/(3*ms) : 1\non = v > 0.5 : boolean\ns = 1/3 : 1 (shared)")
    half = nb.Monitor(cells, "v, on, s", dtype="float32")
    full = nb.Monitor(cells, "v, on, s")
    empty = nb.Monitor(cells, "v", dtype=np.float32)
    assert empty.v.dtype == np.float32
    net = run((cells, half, full, empty), [1, 1])
    assert (half.v.dtype, half.on.dtype, half.s.dtype, half.t.dtype) == (
        np.float32,
        bool,
        np.float32,
        float,
    )
    np.testing.assert_array_equal(half.v, full.v.astype(np.float32))
    snapshot = net.snapshot()
    net.run(1)
    net.restore(snapshot)
    assert half.v.dtype == np.float32
    net.run(1)
    np.testing.assert_array_equal(half.v, full.v.astype(np.float32))
    assert half.fluctuation("v").dtype == float


@pytest.mark.parametrize(("start", "stop"), [(None, None), (10, 45)])
def test_checkpoints(start, stop, tmp_path):
    def make():
        cells, trace = clock(every=3, start=start, stop=stop)
        spikes = nb.Monitor(cells, "spikes", start=start, stop=stop, name="spikes")
        return nb.Network(cells, trace, spikes), trace, spikes

    net, trace, spikes = make()
    net.run(33.3)
    net.save(tmp_path / "half.npz")
    net.run(33.3)
    again, other, others = make()
    again.load(tmp_path / "half.npz")
    again.run(33.3)
    np.testing.assert_array_equal(other.t, trace.t)
    np.testing.assert_array_equal(others.t, spikes.t)
    assert others.rate == spikes.rate


def test_a_snapshot_of_other_bounds_is_refused():
    cells, trace = clock(start=3)
    net = nb.Network(cells, trace)
    snapshot = net.snapshot()
    cells, trace = clock(start=4)
    with pytest.raises(nb.CheckpointError):
        nb.Network(cells, trace).restore(snapshot)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"start": 5, "stop": 5}, nb.TimeStepError), ({"stop": 0}, nb.TimeStepError), ({"start": -1}, nb.TimeStepError),
        ({"start": "3 mV"}, nb.UnitError), ({"start": math.nan}, nb.ArgumentError), ({"phase": "begin"}, nb.NetworkError),
        ({"phase": 3}, nb.NetworkError), ({"dtype": int}, nb.ArgumentError), ({"dtype": "words"}, nb.ArgumentError),
        ({"every": 0}, nb.TimeStepError),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(options, error):
    with pytest.raises(error):
        clock(**options)


def test_times_between_steps_are_refused():
    cells, trace = clock(start=0.25)
    with pytest.raises(nb.TimeStepError, match="'start' of 'trace'"):
        run((cells, trace), [1])


@pytest.mark.parametrize("options", [{"every": 1}, {"phase": "end"}, {"dtype": "float32"}])
def test_spikes_take_bounds_only(options):
    cells = neurons()
    with pytest.raises(nb.ArgumentError, match="every spike"):
        nb.Monitor(cells, "spikes", **options)
