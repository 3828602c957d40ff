"""Aggregates over a group in texts, against closed forms and loops in NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import numpybrain as nb

START = np.array([1.0, 2.0, 3.0, 10.0])
TO_MEAN = "dv/dt = (mean(v) - v)/tau : mV\ntau = 10*ms : ms\nw : 1"


@pytest.mark.parametrize("method", ["euler", "rk2", "rk4"])
def test_each_stage_takes_the_mean_of_its_own_values(method: str) -> None:
    cells = nb.Neurons(4, "dv/dt = (mean(v*v)/mV - v)/tau : mV\ntau = 10*ms : ms", method=method,
                       initial={"v": START / 10})  # fmt: skip
    nb.Network(cells, dt=0.5).run(5)

    def rate(v):
        return (np.mean(v * v) - v) / 10

    v, dt = START / 10, 0.5
    for _ in range(10):
        k1 = rate(v)
        if method == "euler":
            v = v + dt * k1
        elif method == "rk2":
            v = v + dt * rate(v + dt / 2 * k1)
        else:
            k2 = rate(v + dt / 2 * k1)
            k3 = rate(v + dt / 2 * k2)
            v = v + dt / 6 * (k1 + 2 * k2 + 2 * k3 + rate(v + dt * k3))
    assert np.allclose(cells.v, v, rtol=1e-13)


def test_the_default_method_has_the_closed_form() -> None:
    cells = nb.Neurons(4, TO_MEAN, initial={"v": START})
    nb.Network(cells, dt=0.1).run(10)
    assert np.allclose(cells.v, 4 + (START - 4) * np.exp(-1), atol=1e-8)
    assert cells.update.method == "rk4"


def test_refractory_neurons_count() -> None:
    cells = nb.Neurons(4, "dv/dt = (mean(v) - v)/tau : mV (unless refractory)\ntau = 10*ms : ms",
                       threshold="v > 9*mV", reset="v = 0*mV", refractory="2 ms",
                       initial={"v": START})  # fmt: skip
    assert cells.update.method == "euler"
    nb.Network(cells, dt=0.5).run(5)
    v, last = START.copy(), np.full(4, -100)
    for k in range(10):
        free = k - last >= 4
        v = np.where(free, v + 0.05 * (v.mean() - v), v)
        fired = (v > 9) & free
        v[fired], last[fired] = 0, k
    assert np.allclose(cells.v, v, rtol=1e-13)
    with pytest.raises(nb.MethodError, match="couple the neurons"):
        nb.Neurons(4, TO_MEAN.replace("mV\n", "mV (unless refractory)\n", 1), method="rk4",
                   threshold="v > 9*mV", refractory="2 ms")  # fmt: skip


def test_values_and_conditions() -> None:
    cells = nb.Neurons(4, TO_MEAN, initial={"v": START})
    cells.w = "sum(v/mV) + max(v/mV) + min(v/mV) + sum(1) + mean(v > 2*mV) + max(v/mV, 5)"
    assert np.array_equal(cells.w, 16 + 10 + 1 + 4 + 0.5 + np.maximum(START, 5))
    cells.v = "v - mean(v)"
    assert np.array_equal(cells.v, START - 4)
    one = nb.Neurons(1, "w : 1", initial={"w": "sum(3) + mean(4)"})
    assert one.w[0] == 7


def test_thresholds_and_parameters_that_change() -> None:
    cells = nb.Neurons(4, "dv/dt = mean(p)/ms : 1\np : 1", threshold="v > mean(v)", method="euler", p=START)
    cells.v = START
    spikes = nb.Monitor(cells, "spikes")
    net = nb.Network(cells, spikes, dt=1)
    net.run(1)
    assert list(spikes.i) == [3]
    cells.p = 0
    net.run(1)
    assert np.array_equal(cells.v, START + 4)


@pytest.mark.parametrize("method", ["exact", "exponential_euler", "backward_euler", "rk45"])
def test_methods_for_single_neurons_refuse(method: str) -> None:
    with pytest.raises(nb.MethodError, match="mean|couple"):
        nb.Neurons(4, TO_MEAN, method=method)


def test_what_sees_only_some_elements_refuses() -> None:
    with pytest.raises(nb.ModelError, match="over a whole group"):
        nb.Neurons(4, TO_MEAN, threshold="v > 1*mV", reset="v = mean(v)")
    cells = nb.Neurons(4, TO_MEAN)
    with pytest.raises(nb.ModelError, match="over a whole group"):
        nb.Synapses(cells, cells, "w : 1", on_pre="w += mean(w)", connect=nb.connect.all_to_all())


def test_own_names_keep_their_meaning() -> None:
    cells = nb.Neurons(2, "mean : 1\nsum = 2*mean : 1", mean=3)
    assert np.array_equal(cells.sum, [6, 6])
