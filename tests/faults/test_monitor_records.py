"""What monitors give: one value of what is shared, records of one neuron, parts in plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import numpybrain as nb

MODEL = """
    dv/dt = (k - v)/(10*ms) : 1
    k : 1 (shared)
    twice = 2*k : 1 (shared)
    kept = 3*k : 1 (shared, constant over dt)
    on : boolean (shared)
    z : 1 (linked)
    """


def network(n: int = 5, **options: Any) -> tuple[nb.Neurons, nb.Network]:
    cells = nb.Neurons(n, MODEL, threshold="v > 0.5", name="cells", **options)
    cells.z = nb.link(cells, "k")
    cells.at("start", "k = t/ms")
    return cells, nb.Network(cells, dt=1)


# ---- shared ----


@pytest.mark.parametrize(
    ("name", "factor"),
    [("k", 1), ("twice", 2), ("kept", 3), ("z", 1), ("N", None), ("dt", None), ("on", None)],
)
@pytest.mark.parametrize("of", [None, [3, 1], slice(1, 2)])
def test_shared_variables_have_one_value_at_a_time(name: str, factor: int | None, of: Any) -> None:
    cells, net = network()
    monitor = nb.Monitor(cells, name, of=of)
    net.add(monitor)
    net.run(4)
    net.run(2)
    # the monitor comes before the stage that sets k: it sees the value of the step before
    past = np.array([0, 0, 1, 2, 3, 4.0])
    right = factor * past if factor is not None else np.full(6, {"N": 5, "dt": 1, "on": False}[name])
    if name == "kept":
        right = 3 * past
    assert monitor[name].shape == (6,)
    np.testing.assert_array_equal(monitor[name], right)
    assert monitor[3 if of != slice(1, 2) else 1][name].tolist() == right.tolist()


def test_shared_variables_beside_others_and_of_synapses() -> None:
    cells, net = network()
    made = nb.Synapses(
        cells, cells, "dD/dt = -D/(10*ms) : 1 (shared)\nw : 1", on_pre="w += 1", connect="i != j"
    )
    made.D = 4
    both, of_synapses = nb.Monitor(cells, "v, k"), nb.Monitor(made, "D, w", every=2)
    net.add(made, both, of_synapses)
    assert (both.v.shape, both.k.shape) == ((0, 5), (0,))
    net.run(4)
    assert (both.v.shape, both.k.shape) == ((4, 5), (4,))
    assert (of_synapses.D.shape, of_synapses.w.shape) == ((2,), (2, 20))
    assert of_synapses.D == pytest.approx([4, 4 * np.exp(-0.2)])


def test_shared_records_in_checkpoints() -> None:
    def made() -> tuple[nb.Network, nb.Monitor]:
        cells, net = network()
        monitor = nb.Monitor(cells, "k, v")
        net.add(monitor)
        return net, monitor

    (one, first), (other, second) = made(), made()
    one.run(3)
    snapshot = one.snapshot()
    other.restore(snapshot)
    for net, monitor in ((one, first), (other, second)):
        net.run(2)
        assert monitor.k.tolist() == [0, 0, 1, 2, 3]
        assert monitor.v.shape == (5, 5)


def test_checkpoints_of_before_had_a_copy_for_each_neuron() -> None:
    cells, net = network()
    monitor = nb.Monitor(cells, "k")
    net.add(monitor)
    net.run(3)
    snapshot = net.snapshot()
    values = snapshot._parts[-1].values
    values["records/k"] = np.repeat(values["records/k"][:, None], 5, axis=1)
    net.restore(snapshot)
    assert monitor.k.tolist() == [0, 0, 1]


def test_shared_variables_are_plotted(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    cells, net = network()
    monitor = nb.Monitor(cells, "k, v, on")
    net.add(monitor)
    net.run(5)
    figure = monitor.plot(tmp_path / "k.png", of=[0, 3])
    lines = [axes.get_lines()[0].get_ydata() for axes in figure.axes]
    np.testing.assert_array_equal(np.ravel(lines[0]), monitor.k)


# ---- one neuron ----


def spread() -> tuple[nb.Neurons, nb.Network]:
    cells = nb.Neurons(6, "dv/dt = a/ms : 1\na : 1", threshold="v > 3", reset="v = 0", name="cells")
    cells.a = np.arange(6)
    return cells, nb.Network(cells, dt=1)


ORDERS: dict[str, Any] = {"all": None, "slice": slice(1, 5), "list": [4, 1, 2], "step": slice(0, 6, 2)}


@pytest.mark.parametrize("which", ORDERS)
@pytest.mark.parametrize("part", [False, True])
def test_records_of_one_neuron(which: str, part: bool) -> None:
    """The number counts in the source, whichever of its neurons are recorded."""
    cells, net = spread()
    source = cells[1:] if part else cells
    of = ORDERS[which]
    monitor, spikes = nb.Monitor(source, "v, a", of=of), nb.Monitor(source, "spikes", of=of)
    everything = nb.Monitor(cells, "spikes")
    net.add(monitor, spikes, everything)
    net.run(6)
    recorded = np.arange(source.size)[slice(None) if of is None else of].tolist()
    for number in range(source.size):
        neuron = number + part
        if number not in recorded:
            for each in (monitor, spikes):
                with pytest.raises(nb.IndexRangeError, match=f"does not record neuron {number}\\n"):
                    each[number]
            continue
        for k in (number, np.int64(number), number - source.size):
            trace = monitor[k]
            np.testing.assert_array_equal(trace.a, [neuron] * 6)
            np.testing.assert_array_equal(trace["v"], monitor.v[:, recorded.index(number)])
            np.testing.assert_array_equal(trace.t, np.arange(6))
            assert spikes[k].t.tolist() == everything.t[everything.i == neuron].tolist()


def test_records_of_one_synapse() -> None:
    cells, net = spread()
    made = nb.Synapses(cells, cells, "w : 1", connect="i == j + 1", w="i")
    monitor = nb.Monitor(made, "w", of="i > 2")
    net.add(made, monitor)
    net.run(2)
    assert monitor[2].w.tolist() == [3, 3]
    with pytest.raises(nb.IndexRangeError, match="does not record synapse 0"):
        monitor[0]


@pytest.mark.parametrize("key", [slice(0, 2), [0, 1], 1.5, None, True, (0, 1)])
def test_bad_numbers(key: Any) -> None:
    cells, net = spread()
    monitor = nb.Monitor(cells, "v", name="m")
    net.add(monitor)
    with pytest.raises(nb.ArgumentError, match="'m' is indexed by the number of a neuron"):
        monitor[key]
    for number in (6, -7):
        with pytest.raises(nb.IndexRangeError, match=r"'cells' has 6 neurons \(0..5\)"):
            monitor[number]
    with pytest.raises(nb.UnknownAttributeError, match="'m' has not recorded 'u'"):
        monitor[0].u
    assert "v" in dir(monitor[0])
    assert repr(monitor[0]) == "<Trace of number 0 in 'm'>"


def test_variables_with_names_that_monitors_use() -> None:
    cells = nb.Neurons(3, "rate = 2 : 1\ncount = 3 : 1\nsource = 4 : 1\ntrain = 5 : 1")
    monitor = nb.Monitor(cells, "rate, count, source, train, i")
    nb.Network(cells, monitor).step()
    assert [monitor[x].tolist() for x in ("rate", "count", "source", "train")] == [
        [[k] * 3] for k in (2, 3, 4, 5)
    ]
    assert monitor.rate.tolist() == [[2] * 3]
    assert monitor.count.tolist() == [[3] * 3]
    assert monitor.i.tolist() == monitor["i"].tolist() == [[0, 1, 2]]


# ---- parts ----


def test_parts_in_a_raster_are_found_in_what_is_recorded() -> None:
    pytest.importorskip("matplotlib")
    cells = nb.Neurons(30, {"v": "1"}, threshold=lambda t: np.arange(30), name="cells")
    monitor = nb.Monitor(cells, "spikes", of=slice(10, 20))
    nb.Network(cells, monitor, dt=1).run(2)
    figure = monitor.plot(groups={"a": cells[12:15]}, rate=False)
    drawn = [line.get_ydata() for line in figure.axes[0].get_lines() if len(line.get_ydata())]
    assert sorted(set(np.concatenate(drawn).tolist())) == [
        2,
        3,
        4,
    ]  # of what is recorded, neuron 12 is the third
    for outside in (cells[2:5], cells[18:22]):
        with pytest.raises(nb.ArgumentError, match="has not recorded all of"):
            monitor.plot(groups={"a": outside})
