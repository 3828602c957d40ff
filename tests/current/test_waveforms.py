"""Steps, ramps, sines, pulses and chirps: closed forms, units, sums, and what they do in a network."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy.signal import chirp as scipy_chirp

import numpybrain as nb
from numpybrain import current
from numpybrain.units import ms, mV, nA, pA

T = np.arange(1000) * 0.1
CELL = "dv/dt = (I*R - v)/tau : mV\nR = 10*Mohm : Mohm\ntau = 10*ms : ms\nI : nA"


def pulse_train(t: np.ndarray) -> np.ndarray:
    k = np.rint(t / 0.1).astype(int) - 50
    return np.where((k >= 0) & (k < 600) & (k % 100 < 20), 3.0, 0.0)


COURSES: dict[str, tuple[Any, Any]] = {
    "steps": (current.steps({20: "2 nA", 80: 0}), lambda t: np.where((t > 20 - 1e-6) & (t < 80 - 1e-6), 2.0, 0.0)),
    "unsorted steps": (current.steps({"0.08 s": 1 * nA, 20 * ms: "2000 pA"}, before="1 nA"),
                       lambda t: np.where((t > 20 - 1e-6) & (t < 80 - 1e-6), 2.0, 1.0)),
    "ramp": (current.ramp({20: 0, 60: "2 nA", 80: "-1 nA"}), lambda t: np.interp(t, [20, 60, 80], [0, 2, -1])),
    "sine": (current.sine("2 nA", "40 Hz", phase=0.3, offset="500 pA"), lambda t: 0.5 + 2 * np.sin(2 * np.pi * 0.04 * t + 0.3)),
    "window": (current.sine(2 * nA, 40, start=25, stop="75 ms"),
               lambda t: np.where((t > 25 - 1e-6) & (t < 75 - 1e-6), 2 * np.sin(2 * np.pi * 0.04 * (t - 25)), 0)),
    "pulses": (current.pulses("3 nA", 2, 10, start=5, count=6), pulse_train),
    "pulses that are stopped": (current.pulses("3 nA", "2 ms", "10 ms", start=5, stop="65 ms"), pulse_train),
    "linear chirp": (current.chirp("2 nA", 5, "0.1 kHz", start=10, stop=90),
                     lambda t: np.where((t > 10 - 1e-6) & (t < 90 - 1e-6), 2 * scipy_chirp((t - 10) / 1000, 5, 0.08, 100, phi=-90), 0)),
    "exponential chirp": (current.chirp("2 nA", 5, 100, start=10, stop=90, form="exponential"),
                          lambda t: np.where((t > 10 - 1e-6) & (t < 90 - 1e-6),
                                             2 * scipy_chirp((t - 10) / 1000, 5, 0.08, 100, method="logarithmic", phi=-90), 0)),
    "sum": (current.steps({20: "2 nA"}) + 0.5 * current.sine("1000 pA", 40) - "1 nA",
            lambda t: 2.0 * (t > 20 - 1e-6) + 0.5 * np.sin(2 * np.pi * 0.04 * t) - 1),
    "product": (current.steps({20: 2}) * current.sine("1 nA", 40) / 4 + 0, lambda t: 0.5 * np.sin(2 * np.pi * 0.04 * t) * (t > 20 - 1e-6)),
    "difference": ("1 nA" - current.steps({20: "2 nA"}), lambda t: 1 - 2.0 * (t > 20 - 1e-6)),
    "negative": (-current.steps({20: 2 * nA}), lambda t: -2.0 * (t > 20 - 1e-6)),
}  # fmt: skip


@pytest.mark.parametrize("name", COURSES)
def test_closed_forms(name: str) -> None:
    course, wanted = COURSES[name]
    factor = 1e-3 if course.unit == "pA" else 1.0
    assert np.allclose([course(t) * factor for t in T], wanted(T), atol=1e-9)
    assert np.allclose(course(T) * factor, wanted(T), atol=1e-9)
    assert re.fullmatch(r"<.* in (nA|pA)>", repr(course))


@pytest.mark.parametrize("name", COURSES)
@pytest.mark.parametrize("late", [False, True])
def test_in_the_place_of_a_parameter(name: str, late: bool) -> None:
    """In each step the parameter has the value of its start; the cell follows as the closed form of the step says."""
    course, wanted = COURSES[name]
    cells = nb.Neurons(2, CELL) if late else nb.Neurons(2, CELL, I=course)
    if late:
        cells.I = course
    trace = nb.Monitor(cells, "v", "I")
    net = nb.Network(cells, trace)
    assert np.allclose(cells.I, wanted(np.array([0.0])), atol=1e-9)
    net.run(50)
    assert np.allclose(cells.I, wanted(np.array([50.0])), atol=1e-9)
    net.run(50)
    v, found = 0.0, []
    for value in wanted(T):
        found.append(v)
        v = 10 * value + (v - 10 * value) * np.exp(-0.1 / 10)
    assert np.allclose(trace.I, wanted(T)[:, None], atol=1e-9)
    assert np.allclose(trace.v, np.array(found)[:, None], atol=1e-9)
    cells.I = 3
    assert cells.I.tolist() == [3, 3]


def test_a_library_model_and_open_names() -> None:
    trains = []
    for value in (current.steps({20: "2 nA", 80: 0}), lambda t: 2 * nA * (199.5 < t / 0.1 < 799.5)):
        cells = nb.Neurons(3, "lif", I=value)
        spikes = nb.Monitor(cells, "spikes")
        nb.Network(cells, spikes).run(100)
        trains.append(spikes.t.tolist())
    assert trains[0] == trains[1]
    assert len(trains[0]) > 3
    opened = nb.Neurons(
        1, "dv/dt = (R*I_0 - v)/(10*ms) : mV\nR = 10*Mohm : Mohm", I_0=current.steps({1: "2 nA"})
    )
    nb.Network(opened).run(20)
    assert opened.v[0] == pytest.approx(20 * (1 - np.exp(-1.9)))
    bare = nb.Neurons(1, CELL, I=current.steps({1: 2}))
    nb.Network(bare).run(20)
    assert bare.v[0] == pytest.approx(opened.v[0])


def test_one_for_each_neuron() -> None:
    cells = nb.Neurons(
        3, CELL, I=current.steps({1: np.array([1, 2, 3]) * nA, 3: 0}) + np.array([0, 0, 1.0]) * nA
    )
    trace = nb.Monitor(cells, "I")
    nb.Network(cells, trace).run(4)
    assert trace.I[[0, 9, 10, 29, 30]].tolist() == [[0, 0, 1], [0, 0, 1], [1, 2, 4], [1, 2, 4], [0, 0, 1]]
    cells.I = current.sine([1, 2, 3], [10, 20, 30]) * 2
    assert np.allclose(cells.I, [2 * a * np.sin(2 * np.pi * a * 0.01 * 4) for a in (1, 2, 3)])
    with pytest.raises(nb.ShapeError, match="has 3 values"):
        nb.Network(nb.Neurons(3, CELL, I=current.steps({0: [1, 2]}))).run(1)


def test_as_a_rate_and_in_synapses() -> None:
    p = nb.inputs.Poisson(3, current.pulses("10 kHz", 1, 5))
    cells = nb.Neurons(3, "x : 1")
    syn = nb.Synapses(p, cells, "w : 1", on_pre="x_post += w", connect="i == j", w=current.steps({5: 2.0}))
    spikes = nb.Monitor(p, "spikes")
    net = nb.Network(p, cells, syn, spikes)
    net.run(10)
    assert np.rint(spikes.t[spikes.i == 0] * 10).tolist() == [*range(10), *range(50, 60)]
    assert cells.x.tolist() == [20.0] * 3
    drive = cells.poisson("x", 1, current.steps({12: "10 kHz"}), current.steps({13: 0.5}, before=1))
    net.run(5)
    assert cells.x.tolist() == pytest.approx([20.0 + 10 * 2 + 10 * 1 + 20 * 0.5] * 3)
    assert drive.weight.tolist() == [0.5] * 3


def test_units() -> None:
    with pytest.raises(nb.UnitError, match="'I' of 'cells'"):
        nb.Neurons(1, CELL, I=current.steps({1: "2 mV"}), name="cells")
    with pytest.raises(nb.UnitError, match="a level has no unit \\(got 3\\), where others are in nA"):
        current.steps({1: "2 nA", 2: 3})
    with pytest.raises(nb.UnitError, match="a level"):
        current.steps({1: "2 nA", 2: 3 * mV})
    with pytest.raises(nb.UnitError, match="has no unit, and is added to what is in nA"):
        current.steps({1: "2 nA"}) + 3
    with pytest.raises(nb.UnitError):
        current.steps({1: "2 nA"}) + current.sine("2 mV", 3)
    assert (current.steps({1: "2 nA"}) + 500 * pA)(2) == pytest.approx(2.5)
    product = current.steps({1: "2 nA"}) * current.sine("2 mV", 3)
    assert product.unit == "(nA)*(mV)"
    cells = nb.Neurons(1, "P : pW", P=current.steps({0: "2 nA"}) * current.steps({0: "3 mV"}))
    assert cells.P[0] == pytest.approx(6)


def test_what_is_refused() -> None:
    for act, words in (
        (lambda: current.steps(5), "steps are given as {time: value}"),
        (lambda: current.steps({}), "steps are given as {time: value}"),
        (lambda: current.steps({1: 2, "1 ms": 3}), "steps have two values at 1 ms"),
        (lambda: current.steps({"1 mV": 2}), "a time of steps"),
        (lambda: current.ramp({1: 2}), "a ramp has two points at least"),
        (lambda: current.ramp({1: [1, 2], 2: 3}), "one value for all"),
        (lambda: current.sine("1 nA", "3 mV"), "the frequency of a sine"),
        (lambda: current.sine("1 nA", 3, start=5, stop=5), "is not after its start"),
        (lambda: current.pulses("1 nA", 3, 2), "not longer than their period"),
        (lambda: current.pulses("1 nA", 1, 2, count=1.5), "the number of pulses is a whole number"),
        (lambda: current.chirp("1 nA", 0, 5, stop=10, form="exponential"), "above 0 Hz"),
        (lambda: current.chirp("1 nA", 0, 5, stop=10, form="x"), "'linear' or 'exponential'"),
        (lambda: current.chirp("1 nA", 0, 5, stop=None), "needs a stop"),
        (lambda: current.sine({}, 5), "the amplitude or offset of a sine is a number"),
        (lambda: current.steps({1: 2}) / current.steps({1: 2}), "is divided by numbers"),
    ):  # fmt: skip
        with pytest.raises(nb.NumpyBrainError, match=words):
            act()


def test_a_quantity_of_pint_comes_second():
    """It would take the course for a number, and lose its unit."""
    from numpybrain.units import nA

    wrong = 2 * nA * nb.current.sine(1, "40 Hz")
    cells = nb.Neurons(1, "dv/dt = I/nF : volt\nI : nA")
    for act in (
        lambda: setattr(cells, "I", wrong),
        lambda: nb.Neurons(1, "dv/dt = I/nF : volt\nI : nA", I=wrong),
    ):
        with pytest.raises(
            nb.ArgumentError, match=r"stands before a quantity of pint(.|\n)*course \* quantity"
        ):
            act()
    cells.I = nb.current.sine(1, "40 Hz") * 2 * nA
    nb.Network(cells).run(6.4)
    assert cells.I[0] == pytest.approx(2 * np.sin(2 * np.pi * 0.04 * 6.4))
