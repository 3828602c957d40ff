"""Objects that cannot be put together: a clear error, and everything stays usable afterwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import numpybrain as nb


def group(n: int = 3, **options: Any) -> nb.Neurons:
    return nb.Neurons(n, "dv/dt = (2 - v)/(5*ms) : 1", threshold="v > 1", reset="v = 0", **options)


def synapses(a: Any, b: Any, **options: Any) -> nb.Synapses:
    return nb.Synapses(a, b, **{"on_pre": "v += 1", "connect": "all_to_all", **options})


NUMBERS = [0, -1, 2.5, True, "3", None, [1]]


@pytest.mark.parametrize("n", NUMBERS, ids=repr)
def test_numbers_of_neurons(n: Any) -> None:
    with pytest.raises(nb.ArgumentError):
        nb.Neurons(n, "v : 1")


PARTS: list[Any] = [
    3,
    -4,
    slice(0, 4),
    slice(-4, 2),
    slice(2, 2),
    slice(2, 1),
    slice(0.0, 2),
    1.5,
    "v",
    None,
    True,
]


@pytest.mark.parametrize("item", PARTS, ids=repr)
def test_parts(item: Any) -> None:
    cells = group()
    with pytest.raises(nb.NumpyBrainError):
        cells[item]
    with pytest.raises(nb.NumpyBrainError):
        cells[:][item]


ALONE: dict[str, tuple[Any, type[Exception]]] = {
    "no model": (lambda: nb.Neurons(1, None), nb.ArgumentError), "number as model": (lambda: nb.Model(3), nb.ArgumentError),
    "unknown model": (lambda: nb.Neurons(1, "hodgkin_huxly"), nb.LibraryError), "missing file": (lambda: nb.Neurons(1, "none.toml"), nb.LibraryError),
    "unknown keyword": (lambda: group(treshold="v > 1"), nb.UnknownNameError), "unknown method": (lambda: group(method="rk5"), nb.MethodError),
    "reset without threshold": (lambda: nb.Neurons(1, "v : 1", reset="v = 0"), nb.ModelError),
    "refractory without threshold": (lambda: nb.Neurons(1, "v : 1", refractory="1 ms"), nb.ModelError),
    "negative refractory period": (lambda: group(refractory=-1), nb.TimeStepError),
    "target missing": (lambda: synapses(group(), 3), nb.ArgumentError), "source missing": (lambda: synapses("v", group()), nb.ArgumentError),
    "negative delay": (lambda: synapses(group(), group(), delay=-0.1), nb.TimeStepError),
    "delay in volts": (lambda: synapses(group(), group(), delay="1 mV"), nb.UnitError),
    "delay is text": (lambda: synapses(group(), group(), delay="soon"), nb.NumpyBrainError),
    "weights": (lambda: synapses(group(), group(), model="w : 1", w=[1, 2]), nb.ShapeError),
    "unknown weight": (lambda: synapses(group(), group(), w=1), nb.UnknownNameError),
    "unknown target variable": (lambda: synapses(group(), group(), on_pre="u_post += 1"), nb.UnknownNameError),
    "unknown source variable": (lambda: synapses(group(), group(), on_pre="v += u_pre"), nb.UnknownNameError),
    "unit of a statement": (lambda: synapses(group(), group(), on_pre="v += 1*mV"), nb.UnitError),
    "index assigned": (lambda: synapses(group(), group(), on_pre="i = 1"), nb.ModelError),
    "number as statement": (lambda: synapses(group(), group(), on_pre=1), nb.ArgumentError),
    "dt zero": (lambda: nb.Network(dt=0), nb.TimeStepError), "dt negative": (lambda: nb.Network(dt="-0.1 ms"), nb.TimeStepError),
    "dt in volts": (lambda: nb.Network(dt="1 mV"), nb.UnitError), "dt not finite": (lambda: nb.Network(dt=float("inf")), nb.ArgumentError),
    "dt not a number": (lambda: nb.Network(dt=float("nan")), nb.ArgumentError), "dt of a wrong type": (lambda: nb.Network(dt=[1, 2]), nb.ArgumentError),
    "number in a network": (lambda: nb.Network(group(), 3), nb.ArgumentError), "unknown attribute": (lambda: nb.Neuron, nb.UnknownAttributeError),
}  # fmt: skip


@pytest.mark.parametrize("name", ALONE)
def test_objects_that_cannot_be(name: str) -> None:
    make, error = ALONE[name]
    with pytest.raises(error):
        make()


DURATIONS = [-1, "1 mV", None, [1, 2], float("nan"), float("inf"), "-1 ms", "a while", True]


@pytest.mark.parametrize("duration", DURATIONS, ids=repr)
def test_durations(duration: Any) -> None:
    cells = group()
    net = nb.Network(cells)
    with pytest.raises(nb.NumpyBrainError):
        net.run(duration)
    assert net.t == 0
    net.run(1)
    assert net.t == 1


# ---- networks that are refused leave their objects free ------------------------------------------------


def missing_source(a: nb.Neurons, b: nb.Neurons, s: nb.Synapses, m: nb.Monitor) -> Any:
    return nb.Network(b, s, m)


def missing_recorded(a: nb.Neurons, b: nb.Neurons, s: nb.Synapses, m: nb.Monitor) -> Any:
    return nb.Network(b, m)


def part_of_a_group(a: nb.Neurons, b: nb.Neurons, s: nb.Synapses, m: nb.Monitor) -> Any:
    return nb.Network(a[:2], b, s, m)


def uneven_delay(a: nb.Neurons, b: nb.Neurons, s: nb.Synapses, m: nb.Monitor) -> Any:
    return nb.Network(a, b, s, m, dt=0.7)


def number(a: nb.Neurons, b: nb.Neurons, s: nb.Synapses, m: nb.Monitor) -> Any:
    return nb.Network(a, b, s, m, 3)


REFUSED = {missing_source: nb.NetworkError, missing_recorded: nb.NetworkError, part_of_a_group: nb.NetworkError,
           uneven_delay: nb.TimeStepError, number: nb.ArgumentError}  # fmt: skip


@pytest.mark.parametrize("make", REFUSED)
def test_a_refused_network_leaves_its_objects_free(make: Any) -> None:
    a, b = group(), group()
    s, m = synapses(a, b, delay=1), nb.Monitor(a, "v", every=1)
    with pytest.raises(REFUSED[make]) as caught:
        make(a, b, s, m)
    net = nb.Network(a, b, s, m, dt=0.1)
    net.run(5)
    assert m.v[:, 0] == pytest.approx(
        [2 - 2 * np.exp(-t / 5) if t < 3.4 else 0.0 for t in range(4)] + [m.v[4, 0]]
    )
    assert caught.value.__traceback__ is not None  # the refused network is still alive here


def test_an_object_belongs_to_one_network() -> None:
    a, b = group(), group()
    s, m = synapses(a, b), nb.Monitor(a, "v")
    first = nb.Network(a, b, s, m)
    for objects in ([a], [a, b], [m, a], [s, a, b]):
        with pytest.raises(nb.NetworkError):
            nb.Network(objects)
    first.add(a)  # again is no harm
    first.run(1)
    assert len(first.objects) == 4
    assert m.t.size == 10
    with pytest.raises(nb.NetworkError):
        first.add(nb.Monitor(group(), "v"))
    first.run(1)
    assert len(first.objects) == 4


def test_objects_of_a_network_that_is_gone_are_free() -> None:
    cells = group()
    nb.Network(cells).run(1)
    again = nb.Network(cells)
    again.run(1)
    assert cells.v == pytest.approx([2 - 2 * np.exp(-0.4)] * 3)


def test_time_starts_anew_in_a_new_network() -> None:
    cells = nb.Neurons(1, "g : 1", threshold="g < 1e9", refractory="5 ms")
    echo = synapses(cells, cells, on_pre="g += 1", delay=3)
    net = nb.Network(cells, echo)
    net.run(101)  # a spike every 5 ms, the last at 100 ms, to be delivered at 103 ms
    assert cells.g.tolist() == [20.0]
    del net
    spikes = nb.Monitor(cells, "spikes")
    nb.Network(cells, echo, spikes).run(20)
    assert spikes.t[0] <= 4.05  # refractory for the 4 ms that are left, or no longer
    assert np.diff(spikes.t) == pytest.approx([5.0] * (len(spikes) - 1))
    after = [t + 3 for t in spikes.t if t < 16.95]
    assert cells.g[0] in (20 + len(after), 21 + len(after))  # with the spike under way, or without


def test_refractory_period_and_dt_are_checked_when_the_run_starts() -> None:
    cells = group(refractory="0.15 ms")
    net = nb.Network(cells, dt=0.1)
    with pytest.raises(nb.TimeStepError, match="no whole number of steps"):
        net.run(1)
    assert net.t == 0


def test_a_run_inside_a_run_is_refused() -> None:
    cells = group()
    net = nb.Network(cells)
    cells.at("end", lambda: net.run(1))
    with pytest.raises(nb.NetworkError, match="running already"):
        net.run(1)


def test_messages_name_the_object() -> None:
    cells = group(name="excitatory")
    with pytest.raises(
        nb.IndexRangeError, match=r"index 7 is out of range: 'excitatory' has 3 neurons \(0..2\)"
    ):
        cells[7]
    with pytest.raises(
        nb.ShapeError, match=r"'v' of 'excitatory' needs 1 or 3 values \(got shape \(2,\)\)"
    ):
        cells.v = [1, 2]
    with pytest.raises(nb.NetworkError, match="'excitatory', which 'watch' records, is not in the network"):
        nb.Network(nb.Monitor(cells, "v", name="watch"))


def test_names_and_representations() -> None:
    cells = group(name="cells")
    s = synapses(cells, cells[1:], name="syn")
    m = nb.Monitor(cells[:2], "v", name="watch")
    net = nb.Network(cells, s, m)
    assert repr(cells) == "<Neurons 'cells' n=3 v>"
    assert repr(cells[1:]) == "<Subgroup cells[1:3], 2 of 3>"
    assert repr(s) == "<Synapses 'syn' n=6 cells -> cells[1:3]>"
    assert repr(m) == "<Monitor 'watch' v of cells[0:2]>"
    assert repr(net) == "<Network t=0 ms dt=0.1 ms 'cells' 'syn' 'watch'>"
    first, second = group().name, group().name
    assert first != second


def test_errors_can_be_sent_between_processes() -> None:
    import pickle

    with pytest.raises(nb.UnitError) as caught:
        nb.Neurons(1, "dv/dt = (v + 1)/ms : mV")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is nb.UnitError
    assert str(copy) == str(caught.value)
    assert "^" in str(copy)
